/**
 * Random entries of a dict: for RANDOMKEY, SRANDMEMBER and the samples of eviction.
 *
 * A random position in the hash space gives a table, in proportion to the part of the hash space
 * that it covers; a random slot of it gives the entry. That alone would favour the entries of
 * tables that happen to hold few, so a table is accepted with a probability in proportion to its
 * count over the count that its part of the hash space lets expect. Up to 1.25 times the expected
 * count this is exactly uniform, and beyond that it is rare for a table to be; an acceptance takes
 * 1.25 tries on average.
 *
 * After a bounded number of tries, which only a dict with almost empty tables uses up, the next
 * table with anything in it is taken.
 */
import type { Random } from '../platform/random.ts'
import { type Address, NULL, OFFSET_MASK, SEGMENT_SHIFT } from './address.ts'
import type { Dict } from './dict.ts'
import {
  hashPrefix,
  ROOT_COUNT,
  ROOT_DEPTH,
  ROOT_FLAGGED,
  rootField,
  tableAt,
} from './dict-directory.ts'
import {
  flaggedTags,
  groupAt,
  slotAt,
  TABLE_COUNT,
  TABLE_DEPTH,
  TABLE_FLAGGED,
  TABLE_LOG2_CAPACITY,
  TAG_DELETED,
  TAG_FLAG,
  tagAt,
  usedTags,
} from './dict-table.ts'

const TABLE_TRIES = 24
const SLOT_TRIES = 32

/** A table this many times over its expected count is as likely as one that is more so. */
const HEADROOM = 1.25

/** Any entry, all about equally likely; NULL if there is none. */
export function randomEntry(dict: Dict, root: Address, random: Random): Address {
  const count = rootField(dict.arena, root, ROOT_COUNT)
  if (count === 0) return NULL
  return choose(dict, root, random, count, TABLE_COUNT, TAG_DELETED + 1)
}

/**
 * Any flagged entry; NULL if there is none. They are about equally likely if there are many; where
 * most tables have none, an entry in a table of its own is more likely than one of several.
 */
export function randomFlagged(dict: Dict, root: Address, random: Random): Address {
  const count = rootField(dict.arena, root, ROOT_FLAGGED)
  if (count === 0) return NULL
  return choose(dict, root, random, count, TABLE_FLAGGED, TAG_FLAG)
}

/**
 * Several entries at once, for whoever needs a good many: they are neighbours in one table, which
 * chance has put side by side, so that only the first of them costs the search for a table. An
 * entry may come twice if it takes more than one table to find them.
 *
 * @param wanted how many, at most as many as `samples` has room for
 * @param flagged whether only flagged entries are wanted
 * @param samples where they are put
 * @returns how many were found: fewer than wanted only if there are fewer
 */
export function sampleEntries(
  dict: Dict,
  root: Address,
  random: Random,
  wanted: number,
  flagged: boolean,
  samples: Int32Array,
): number {
  const { arena } = dict
  const total = rootField(arena, root, flagged ? ROOT_FLAGGED : ROOT_COUNT)
  const countField = flagged ? TABLE_FLAGGED : TABLE_COUNT
  const enough = Math.min(wanted, total)
  if (enough === 1) {
    samples[0] = choose(dict, root, random, total, countField, flagged ? TAG_FLAG : TAG_DELETED + 1)
    return 1
  }
  let found = 0
  while (found < enough) {
    const table = chooseTable(dict, root, random, total, countField)
    const view = arena.views[table >>> SEGMENT_SHIFT]!
    const base = (table & OFFSET_MASK) << 3
    const groups = 1 << (view.getUint8(base + TABLE_LOG2_CAPACITY) - 2)
    const place = random.int32()
    let group = place & (groups - 1)
    // It begins within a group, downwards, and ends with the rest of that group.
    const firstTags = -1 >>> ((place >>> 27) & 24)
    for (let left = groups; left >= 0 && found < enough; left--) {
      const tags = view.getInt32(groupAt(base, group), true)
      let chosen = flagged ? flaggedTags(tags) : usedTags(tags)
      if (left === groups) chosen &= firstTags
      else if (left === 0) chosen &= ~firstTags
      while (chosen !== 0 && found < enough) {
        const bit = 31 - Math.clz32(chosen)
        samples[found++] = view.getInt32(slotAt(base, (group << 2) + (bit >>> 3)), true)
        chosen ^= 1 << bit
      }
      group = (group + 1) & (groups - 1)
    }
  }
  return found
}

/**
 * Chooses among the entries whose tag is at least `minTag`.
 *
 * @param total how many there are in the dict, at least 1
 * @param countField the field of a table's header that says how many there are in it
 */
function choose(
  dict: Dict,
  root: Address,
  random: Random,
  total: number,
  countField: number,
  minTag: number,
): Address {
  const table = chooseTable(dict, root, random, total, countField)
  const view = dict.arena.views[table >>> SEGMENT_SHIFT]!
  const base = (table & OFFSET_MASK) << 3
  return chooseInTable(view, base, random, view.getUint16(base + countField, true), minTag)
}

/** Chooses a table that has such entries, in proportion to how many it has. */
function chooseTable(
  dict: Dict,
  root: Address,
  random: Random,
  total: number,
  countField: number,
): Address {
  const arena = dict.arena
  const depth = rootField(arena, root, ROOT_DEPTH)
  for (let tries = 0; tries < TABLE_TRIES; tries++) {
    const table = tableAt(arena, root, hashPrefix(random.int32(), depth))
    const view = arena.views[table >>> SEGMENT_SHIFT]!
    const base = (table & OFFSET_MASK) << 3
    const count = view.getUint16(base + countField, true)
    if (count === 0) continue
    const accepted = HEADROOM * total * random.fraction()
    if (count * (1 << view.getUint8(base + TABLE_DEPTH)) >= accepted) return table
  }
  let index = hashPrefix(random.int32(), depth)
  for (;;) {
    const table = tableAt(arena, root, index)
    const view = arena.views[table >>> SEGMENT_SHIFT]!
    const base = (table & OFFSET_MASK) << 3
    if (view.getUint16(base + countField, true) > 0) return table
    // On to the first place behind this table, round the end of the directory.
    const places = 1 << (depth - view.getUint8(base + TABLE_DEPTH))
    index = ((index & -places) + places) & ((1 << depth) - 1)
  }
}

/** Chooses evenly among the `count` entries of a table whose tag is at least `minTag`. */
function chooseInTable(
  view: DataView,
  base: number,
  random: Random,
  count: number,
  minTag: number,
): Address {
  const log2Capacity = view.getUint8(base + TABLE_LOG2_CAPACITY)
  for (let tries = 0; tries < SLOT_TRIES; tries++) {
    const slot = random.int32() >>> (32 - log2Capacity)
    if (view.getUint8(tagAt(base, slot)) >= minTag) {
      return view.getInt32(slotAt(base, slot), true) as Address
    }
  }
  let left = random.below(count)
  for (let slot = 0; ; slot++) {
    if (view.getUint8(tagAt(base, slot)) >= minTag && left-- === 0) {
      return view.getInt32(slotAt(base, slot), true) as Address
    }
  }
}
