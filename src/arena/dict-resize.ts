/**
 * How a dict grows and shrinks: always by one table, so that no single operation moves more than
 * the 1,024 slots of one.
 *
 * While a dict has a single table, that table doubles from 8 slots up to 1,024 and halves again.
 * From then on a full table splits into two of the same capacity by the next bit of the hash, and
 * two buddies (tables that differ in their last bit only) merge when little is left in them. So a
 * table of local depth above 0 always has 1,024 slots.
 *
 * Thresholds: room is made at 7/8 of the slots used, by a rebuild in place if at least 1/8 are
 * tombstones, else by growth, which leaves about 7/16 in each table. A single table halves below
 * 1/8; buddies merge below 3/8 of one table together. So there is a factor of more than two between
 * growing and shrinking at every size.
 *
 * Entries on the move wait in arrays outside the arena, as does the hash of each: a merge or a
 * rebuild needs no memory and cannot fail.
 */
import { type Address, NULL, OFFSET_MASK, SEGMENT_SHIFT } from './address.ts'
import type { Dict } from './dict.ts'
import {
  addRootField,
  assignTable,
  doubleDirectory,
  ROOT_DEEPEST,
  ROOT_DEPTH,
  ROOT_DIRECTORY,
  ROOT_TABLES,
  rootField,
  setRootField,
  shrinkDirectory,
  tableAt,
  tableOf,
} from './dict-directory.ts'
import {
  clearTable,
  loadLimit,
  MAX_CAPACITY,
  MAX_LOG2_CAPACITY,
  MIN_LOG2_CAPACITY,
  placeEntry,
  slotAt,
  TABLE_COUNT,
  TABLE_DEPTH,
  TABLE_LOG2_CAPACITY,
  TABLE_TOMBSTONES,
  TAG_DELETED,
  tableBytes,
  tagAt,
} from './dict-table.ts'

/** Two buddies merge when they hold fewer entries than this together: 3/8 of a table. */
const MERGE_BELOW = (MAX_CAPACITY * 3) >>> 3

/** The entries on the move: address, tag and hash of each. Used within one call only. */
const movedEntries = new Int32Array(MAX_CAPACITY)
const movedTags = new Uint8Array(MAX_CAPACITY)
const movedHashes = new Int32Array(MAX_CAPACITY)

/**
 * Makes sure that the table for `hash` has a free slot, growing it when it is full to the limit.
 *
 * @returns the table to insert into, or NULL when it has no free slot and memory is short
 */
export function makeRoom(dict: Dict, root: Address, hash: number): Address {
  const arena = dict.arena
  for (;;) {
    const table = tableOf(arena, root, hash)
    const view = arena.views[table >>> SEGMENT_SHIFT]!
    const base = (table & OFFSET_MASK) << 3
    const header = view.getInt32(base, true)
    const log2Capacity = (header >>> 8) & 0xff
    const count = header >>> 16
    const tombstones = view.getUint16(base + TABLE_TOMBSTONES, true)
    if (count + tombstones < loadLimit(log2Capacity)) return table
    if (tombstones << 3 >= 1 << log2Capacity) {
      rebuild(dict, table)
      return table
    }
    const grown =
      log2Capacity < MAX_LOG2_CAPACITY
        ? resize(dict, root, log2Capacity + 1)
        : split(dict, root, hash, table)
    if (!grown) return count < 1 << log2Capacity ? table : NULL
  }
}

/** Shrinks what can be shrunk after an entry with this hash has been removed. Cannot fail. */
export function shrinkAfterRemoval(dict: Dict, root: Address, hash: number): void {
  const arena = dict.arena
  for (;;) {
    const table = tableOf(arena, root, hash)
    const view = arena.views[table >>> SEGMENT_SHIFT]!
    const header = view.getInt32((table & OFFSET_MASK) << 3, true)
    const localDepth = header & 0xff
    const log2Capacity = (header >>> 8) & 0xff
    const count = header >>> 16
    if (localDepth === 0) {
      // The directory may still be there, if memory was short when it was to shrink.
      shrinkDirectory(arena, root)
      if (rootField(arena, root, ROOT_DEPTH) > 0) return
      if (log2Capacity === MIN_LOG2_CAPACITY || count << 3 >= 1 << log2Capacity) return
      if (!resize(dict, root, log2Capacity - 1)) return
    } else {
      // If the two hold less than the threshold, then one of them holds less than half of it.
      if (count >= MERGE_BELOW >>> 1) return
      if (!merge(dict, root, hash, table)) return
    }
  }
}

/** Puts all entries of a table back where they belong, which removes its tombstones. */
function rebuild(dict: Dict, table: Address): void {
  const view = dict.arena.views[table >>> SEGMENT_SHIFT]!
  const base = (table & OFFSET_MASK) << 3
  const moved = gather(dict, table, 0)
  clearTable(
    view,
    base,
    view.getUint8(base + TABLE_DEPTH),
    view.getUint8(base + TABLE_LOG2_CAPACITY),
  )
  for (let i = 0; i < moved; i++) {
    placeEntry(view, base, movedHashes[i]!, movedTags[i]!, movedEntries[i] as Address)
  }
}

/** Gives the only table of a dict another capacity; false when there is no memory for it. */
function resize(dict: Dict, root: Address, log2Capacity: number): boolean {
  const arena = dict.arena
  const old = tableAt(arena, root, 0)
  const table = arena.allocate(tableBytes(log2Capacity))
  if (table === NULL) return false
  const moved = gather(dict, old, 0)
  const view = arena.views[table >>> SEGMENT_SHIFT]!
  const base = (table & OFFSET_MASK) << 3
  clearTable(view, base, 0, log2Capacity)
  for (let i = 0; i < moved; i++) {
    placeEntry(view, base, movedHashes[i]!, movedTags[i]!, movedEntries[i] as Address)
  }
  setRootField(arena, root, ROOT_DIRECTORY, table)
  arena.free(old)
  return true
}

/** Splits a table of full capacity in two by the next bit of the hash; false if memory is short. */
function split(dict: Dict, root: Address, hash: number, table: Address): boolean {
  const arena = dict.arena
  const right = arena.allocate(tableBytes(MAX_LOG2_CAPACITY))
  if (right === NULL) return false
  const view = arena.views[table >>> SEGMENT_SHIFT]!
  const base = (table & OFFSET_MASK) << 3
  const depth = view.getUint8(base + TABLE_DEPTH)
  if (depth === rootField(arena, root, ROOT_DEPTH) && !doubleDirectory(arena, root)) {
    arena.free(right)
    return false
  }
  const moved = gather(dict, table, 0)
  const rightView = arena.views[right >>> SEGMENT_SHIFT]!
  const rightBase = (right & OFFSET_MASK) << 3
  clearTable(view, base, depth + 1, MAX_LOG2_CAPACITY)
  clearTable(rightView, rightBase, depth + 1, MAX_LOG2_CAPACITY)
  for (let i = 0; i < moved; i++) {
    const movedHash = movedHashes[i]!
    const entry = movedEntries[i] as Address
    if (movedHash << depth < 0) placeEntry(rightView, rightBase, movedHash, movedTags[i]!, entry)
    else placeEntry(view, base, movedHash, movedTags[i]!, entry)
  }
  // The right one takes over the upper half: the hashes whose bit after `depth` is set.
  const nextBit = 1 << (31 - depth)
  assignTable(arena, root, hash & ~nextBit, depth + 1, table)
  assignTable(arena, root, hash | nextBit, depth + 1, right)
  addRootField(arena, root, ROOT_TABLES, 1)
  if (depth + 1 === rootField(arena, root, ROOT_DEPTH)) addRootField(arena, root, ROOT_DEEPEST, 2)
  return true
}

/** Merges a table with its buddy if that is not deeper and the two hold little; else false. */
function merge(dict: Dict, root: Address, hash: number, table: Address): boolean {
  const arena = dict.arena
  const view = arena.views[table >>> SEGMENT_SHIFT]!
  const base = (table & OFFSET_MASK) << 3
  const depth = view.getUint8(base + TABLE_DEPTH)
  const buddy = tableOf(arena, root, hash ^ (1 << (32 - depth)))
  const buddyView = arena.views[buddy >>> SEGMENT_SHIFT]!
  const buddyBase = (buddy & OFFSET_MASK) << 3
  if (buddyView.getUint8(buddyBase + TABLE_DEPTH) !== depth) return false
  const together =
    view.getUint16(base + TABLE_COUNT, true) + buddyView.getUint16(buddyBase + TABLE_COUNT, true)
  if (together >= MERGE_BELOW) return false

  const moved = gather(dict, buddy, gather(dict, table, 0))
  clearTable(view, base, depth - 1, MAX_LOG2_CAPACITY)
  for (let i = 0; i < moved; i++) {
    placeEntry(view, base, movedHashes[i]!, movedTags[i]!, movedEntries[i] as Address)
  }
  assignTable(arena, root, hash, depth - 1, table)
  arena.free(buddy)
  addRootField(arena, root, ROOT_TABLES, -1)
  if (depth === rootField(arena, root, ROOT_DEPTH)) addRootField(arena, root, ROOT_DEEPEST, -2)
  shrinkDirectory(arena, root)
  return true
}

/**
 * Collects the entries of a table, behind the `moved` that are there, and hashes their keys.
 *
 * @returns how many are there now
 */
function gather(dict: Dict, table: Address, moved: number): number {
  const views = dict.arena.views
  const view = views[table >>> SEGMENT_SHIFT]!
  const base = (table & OFFSET_MASK) << 3
  const capacity = 1 << view.getUint8(base + TABLE_LOG2_CAPACITY)
  let end = moved
  for (let slot = 0; slot < capacity; slot++) {
    const tag = view.getUint8(tagAt(base, slot))
    if (tag <= TAG_DELETED) continue
    movedTags[end] = tag
    movedEntries[end++] = view.getInt32(slotAt(base, slot), true)
  }
  // Reading one word of every entry first lets the processor wait for many cache misses at a time;
  // hashing right away would wait for them one by one.
  let touched = 0
  for (let i = moved; i < end; i++) {
    const entry = movedEntries[i]!
    touched ^= views[entry >>> SEGMENT_SHIFT]!.getInt32((entry & OFFSET_MASK) << 3, true)
  }
  if (end > moved) movedHashes[moved] = touched
  for (let i = moved; i < end; i++) movedHashes[i] = dict.entryHash(movedEntries[i] as Address)
  return end
}
