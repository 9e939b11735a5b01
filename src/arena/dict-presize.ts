/**
 * Gives a small dict the tables that a known number of entries will need. A dict that grows one by
 * one splits every table some ten times on its way to a million entries and hashes each key anew
 * every time: a fifth of the time that loading a file takes.
 */
import { type Address, NULL, OFFSET_MASK, SEGMENT_SHIFT } from './address.ts'
import type { Dict } from './dict.ts'
import {
  MAX_DEPTH,
  PLACE_DEPTH,
  ROOT_DEEPEST,
  ROOT_DEPTH,
  ROOT_DIRECTORY,
  ROOT_TABLES,
  rootField,
  setRootField,
  tableOf,
} from './dict-directory.ts'
import {
  clearTable,
  groupAt,
  homeGroup,
  MAX_LOG2_CAPACITY,
  placeEntry,
  slotAt,
  TABLE_LOG2_CAPACITY,
  TAG_DELETED,
  tableBytes,
  tagAt,
} from './dict-table.ts'

const PLACE_BYTES = 8
/** Entries that a table is made for: so few that hardly one has to split for having got more. */
const ENTRIES_PER_TABLE = 800

/**
 * Makes tables for `count` entries, if the dict has a single table yet. Where memory is short it is
 * left as it is.
 */
export function presize(dict: Dict, root: Address, count: number): void {
  const { arena } = dict
  if (rootField(arena, root, ROOT_DEPTH) > 0) return
  const depth = Math.min(MAX_DEPTH, Math.ceil(Math.log2(count / ENTRIES_PER_TABLE)))
  if (!(depth > 0)) return
  const directory = arena.allocate(PLACE_BYTES << depth)
  if (directory === NULL) return
  const view = arena.views[directory >>> SEGMENT_SHIFT]!
  const base = (directory & OFFSET_MASK) << 3
  for (let i = 0; i < 1 << depth; i++) {
    const table = arena.allocate(tableBytes(MAX_LOG2_CAPACITY))
    if (table === NULL) {
      for (let j = 0; j < i; j++) {
        arena.free(view.getInt32(base + j * PLACE_BYTES, true) as Address)
      }
      arena.free(directory)
      return
    }
    const tableView = arena.views[table >>> SEGMENT_SHIFT]!
    clearTable(tableView, (table & OFFSET_MASK) << 3, depth, MAX_LOG2_CAPACITY)
    view.setInt32(base + i * PLACE_BYTES, table, true)
    view.setInt32(base + i * PLACE_BYTES + PLACE_DEPTH, depth, true)
  }
  const old = rootField(arena, root, ROOT_DIRECTORY) as Address
  setRootField(arena, root, ROOT_DIRECTORY, directory)
  setRootField(arena, root, ROOT_DEPTH, depth)
  setRootField(arena, root, ROOT_TABLES, 1 << depth)
  setRootField(arena, root, ROOT_DEEPEST, 1 << depth)
  moveEntries(dict, root, old)
  arena.free(old)
}

/** Puts the entries of the table that was the only one where they belong now. */
function moveEntries(dict: Dict, root: Address, table: Address): void {
  const { arena } = dict
  const view = arena.views[table >>> SEGMENT_SHIFT]!
  const base = (table & OFFSET_MASK) << 3
  const capacity = 1 << view.getUint8(base + TABLE_LOG2_CAPACITY)
  for (let slot = 0; slot < capacity; slot++) {
    const tag = view.getUint8(tagAt(base, slot))
    if (tag <= TAG_DELETED) continue
    const entry = view.getInt32(slotAt(base, slot), true) as Address
    const hash = dict.entryHash(entry)
    const target = tableOf(arena, root, hash)
    const targetView = arena.views[target >>> SEGMENT_SHIFT]!
    placeEntry(targetView, (target & OFFSET_MASK) << 3, hash, tag, entry)
  }
}

/**
 * Reads where entries of these hashes will be, and nothing else: so the processor waits for many
 * cache misses at a time, instead of one by one when they are inserted.
 *
 * @returns a number of no meaning, for the reads not to be left out
 */
export function touchHomes(dict: Dict, root: Address, hashes: Int32Array, count: number): number {
  const { arena } = dict
  const depth = rootField(arena, root, ROOT_DEPTH)
  if (depth === 0) return 0
  const { views } = arena
  const directory = rootField(arena, root, ROOT_DIRECTORY) as Address
  const view = views[directory >>> SEGMENT_SHIFT]!
  const base = (directory & OFFSET_MASK) << 3
  let touched = 0
  for (let i = 0; i < count; i++) {
    const hash = hashes[i]
    const place = base + ((hash >>> (32 - depth)) << 3)
    const table = view.getInt32(place, true)
    const group = homeGroup(hash, view.getInt32(place + PLACE_DEPTH, true), MAX_LOG2_CAPACITY)
    const tableView = views[table >>> SEGMENT_SHIFT]!
    const at = (table & OFFSET_MASK) << 3
    // The count at the head of the table, and the group.
    touched ^= tableView.getInt32(at, true) ^ tableView.getInt32(groupAt(at, group), true)
  }
  return touched
}
