/**
 * One table of a dict: an open-addressed array of entry addresses with a byte of tag each, in one
 * block of the arena.
 *
 * | offset       | bytes | meaning                                                             |
 * |--------------|-------|---------------------------------------------------------------------|
 * | 0            | 1     | local depth: how many top bits of the hash all entries share        |
 * | 1            | 1     | log2 of the capacity (in slots), 3 to 10                            |
 * | 2            | 2     | count of entries                                                    |
 * | 4            | 2     | count of tombstones (slots with the tag "deleted")                  |
 * | 6            | 2     | count of flagged entries                                            |
 * | 8 + 20 * g   | 4     | the tags of the four slots of group g                               |
 * | 12 + 20 * g  | 16    | the addresses of their entries; of no meaning where the tag is 0, 1 |
 *
 * Tags and addresses of a group stand together, so that a lookup mostly waits for one cache line.
 *
 * A tag is 0 for an empty slot, 1 for a deleted one; else bits 0-6 are a fingerprint from 2 to 127
 * out of the low bits of the hash, and bit 7 is the entry's flag. So a lookup reads an entry only
 * when its fingerprint fits, and flagged entries are found without reading any entry.
 *
 * Slots are probed in groups of four, whose tags are one 32-bit word: a few integer operations
 * compare all four. The home group of an entry is given by the hash bits that follow the local
 * depth, so that groups lie in the order of the hash; that order is what makes SCAN's cursor
 * independent of the table sizes. Probing goes on from group to group, round the end of the table,
 * up to the first group that has an empty slot.
 *
 * Invariants: no group between an entry's home and its own group has an empty slot; a table that
 * has no empty slot at all is legal (memory was short), so every probe is bounded by the groups.
 */
import type { Address } from './address.ts'

const TABLE_HEADER_BYTES = 8
const GROUP_BYTES = 20
export const MIN_LOG2_CAPACITY = 3
export const MAX_LOG2_CAPACITY = 10
export const MAX_CAPACITY = 1 << MAX_LOG2_CAPACITY

export const TAG_EMPTY = 0
export const TAG_DELETED = 1
export const TAG_FLAG = 0x80

/** Offsets of the header's fields. */
export const TABLE_DEPTH = 0
export const TABLE_LOG2_CAPACITY = 1
export const TABLE_COUNT = 2
export const TABLE_TOMBSTONES = 4
export const TABLE_FLAGGED = 6

const LOW_BITS = 0x7f7f7f7f
const HIGH_BITS = 0x80808080 | 0

/** The offset of the four tags of a group. */
export function groupAt(base: number, group: number): number {
  return base + TABLE_HEADER_BYTES + group * GROUP_BYTES
}

/** The offset of the tag of a slot. */
export function tagAt(base: number, slot: number): number {
  return base + TABLE_HEADER_BYTES + (slot >>> 2) * GROUP_BYTES + (slot & 3)
}

/** The offset of the address of the entry in a slot. */
export function slotAt(base: number, slot: number): number {
  return base + TABLE_HEADER_BYTES + 4 + (slot >>> 2) * GROUP_BYTES + ((slot & 3) << 2)
}

/** Bytes of a table of 2^log2Capacity slots. */
export function tableBytes(log2Capacity: number): number {
  return TABLE_HEADER_BYTES + 5 * (1 << log2Capacity)
}

/** How many slots may be used, tombstones included, before a table must make room: 7/8. */
export function loadLimit(log2Capacity: number): number {
  return (1 << log2Capacity) - (1 << (log2Capacity - 3))
}

/** The fingerprint of a hash: 2 to 127. */
export function fingerprint(hash: number): number {
  const low = hash & 0x7f
  return low < 2 ? low + 2 : low
}

/** The group at which probing for a hash starts. */
export function homeGroup(hash: number, localDepth: number, log2Capacity: number): number {
  return (hash << localDepth) >>> (34 - log2Capacity)
}

/*
 * Tests on the four tags of a group. With the flag bits masked off a byte is at most 0x7f, so
 * adding 0x7f (or 0x7e) to each carries into its own top bit and never into its neighbour: unlike
 * the usual test by subtraction they are exact. Each returns a word in which the top bit of a byte
 * is set where the test holds.
 */

/** Which tags have this fingerprint, flagged or not. */
export function matchingTags(tags: number, print: number): number {
  return ~(((tags & LOW_BITS) ^ Math.imul(print, 0x01010101)) + LOW_BITS) & HIGH_BITS
}

/** Which tags are empty. */
export function emptyTags(tags: number): number {
  return ~((tags & LOW_BITS) + LOW_BITS) & HIGH_BITS
}

/** Which tags are empty or deleted. */
export function freeTags(tags: number): number {
  return ~((tags & LOW_BITS) + 0x7e7e7e7e) & HIGH_BITS
}

/** Which tags are entries, flagged or not. */
export function usedTags(tags: number): number {
  return ((tags & LOW_BITS) + 0x7e7e7e7e) & HIGH_BITS
}

/** Which tags are flagged entries. */
export function flaggedTags(tags: number): number {
  return tags & HIGH_BITS
}

/** Writes the header of an empty table and empties all its slots. */
export function clearTable(
  view: DataView,
  base: number,
  localDepth: number,
  log2Capacity: number,
): void {
  view.setInt32(base, localDepth | (log2Capacity << 8), true)
  view.setInt32(base + TABLE_TOMBSTONES, 0, true)
  const end = groupAt(base, 1 << (log2Capacity - 2))
  for (let at = groupAt(base, 0); at < end; at += GROUP_BYTES) view.setInt32(at, 0, true)
}

/**
 * Puts an entry whose key is not in the table into the first free slot on its path, and counts it.
 * The table must have a slot that is empty or deleted.
 */
export function placeEntry(
  view: DataView,
  base: number,
  hash: number,
  tag: number,
  entry: Address,
): void {
  const header = view.getInt32(base, true)
  const log2Capacity = (header >>> 8) & 0xff
  const groupMask = (1 << (log2Capacity - 2)) - 1
  let group = homeGroup(hash, header & 0xff, log2Capacity)
  let free = freeTags(view.getInt32(groupAt(base, group), true))
  while (free === 0) {
    group = (group + 1) & groupMask
    free = freeTags(view.getInt32(groupAt(base, group), true))
  }
  const slot = (group << 2) + ((31 - Math.clz32(free)) >>> 3)
  const at = tagAt(base, slot)
  if (view.getUint8(at) === TAG_DELETED) {
    view.setUint16(base + TABLE_TOMBSTONES, view.getUint16(base + TABLE_TOMBSTONES, true) - 1, true)
  }
  view.setUint8(at, tag)
  view.setInt32(slotAt(base, slot), entry, true)
  view.setUint16(base + TABLE_COUNT, (header >>> 16) + 1, true)
  if (tag >= TAG_FLAG) {
    view.setUint16(base + TABLE_FLAGGED, view.getUint16(base + TABLE_FLAGGED, true) + 1, true)
  }
}
