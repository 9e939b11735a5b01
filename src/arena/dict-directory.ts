/**
 * The root block of a dict and its directory: which table holds which part of the hash space.
 *
 * Root:
 *
 * | offset | bytes | meaning                                                                |
 * |--------|-------|------------------------------------------------------------------------|
 * | 0      | 4     | address of the directory; at global depth 0, of the only table         |
 * | 4      | 4     | global depth                                                           |
 * | 8      | 4     | count of entries                                                       |
 * | 12     | 4     | count of flagged entries                                               |
 * | 16     | 4     | count of tables                                                        |
 * | 20     | 4     | count of tables whose local depth is the global depth                  |
 *
 * The directory is an array of 2^depth places, indexed by the top `depth` bits of the hash. A table
 * of local depth d stands in 2^(depth - d) neighbouring places of it. A place repeats the local
 * depth, for a lookup to find the group without waiting for the table's header:
 *
 * | offset    | bytes | meaning                                       |
 * |-----------|-------|-----------------------------------------------|
 * | 8 * index | 4     | address of the table                          |
 * | + 4       | 4     | its local depth; its capacity is the largest  |
 */
import { type Address, NULL, OFFSET_MASK, SEGMENT_SHIFT } from './address.ts'
import type { Arena } from './arena.ts'

export const ROOT_BYTES = 24
export const ROOT_DIRECTORY = 0
export const ROOT_DEPTH = 4
export const ROOT_COUNT = 8
export const ROOT_FLAGGED = 12
export const ROOT_TABLES = 16
export const ROOT_DEEPEST = 20

/** Size of a place of the directory, and where in it the local depth is. */
const PLACE_BYTES = 8
export const PLACE_DEPTH = 4

/** Deepest directory: 32 MB, for some three thousand million entries. */
export const MAX_DEPTH = 22

/** Reads one field of the root. */
export function rootField(arena: Arena, root: Address, field: number): number {
  return arena.views[root >>> SEGMENT_SHIFT]!.getInt32(((root & OFFSET_MASK) << 3) + field, true)
}

/** Writes one field of the root. */
export function setRootField(arena: Arena, root: Address, field: number, value: number): void {
  arena.views[root >>> SEGMENT_SHIFT]!.setInt32(((root & OFFSET_MASK) << 3) + field, value, true)
}

/** Adds to one field of the root. */
export function addRootField(arena: Arena, root: Address, field: number, change: number): void {
  const view = arena.views[root >>> SEGMENT_SHIFT]!
  const at = ((root & OFFSET_MASK) << 3) + field
  view.setInt32(at, view.getInt32(at, true) + change, true)
}

/** The table that is responsible for a hash. */
export function tableOf(arena: Arena, root: Address, hash: number): Address {
  const views = arena.views
  const rootView = views[root >>> SEGMENT_SHIFT]!
  const rootAt = (root & OFFSET_MASK) << 3
  const directory = rootView.getInt32(rootAt, true) as Address
  const depth = rootView.getInt32(rootAt + ROOT_DEPTH, true)
  if (depth === 0) return directory
  return views[directory >>> SEGMENT_SHIFT]!.getInt32(
    ((directory & OFFSET_MASK) << 3) + ((hash >>> (32 - depth)) << 3),
    true,
  ) as Address
}

/** The table at one place of the directory. */
export function tableAt(arena: Arena, root: Address, index: number): Address {
  const directory = rootField(arena, root, ROOT_DIRECTORY) as Address
  if (rootField(arena, root, ROOT_DEPTH) === 0) return directory
  return arena.views[directory >>> SEGMENT_SHIFT]!.getInt32(
    ((directory & OFFSET_MASK) << 3) + (index << 3),
    true,
  ) as Address
}

/**
 * Lets the directory name `table` for all hashes that share the top `localDepth` bits of `hash`.
 */
export function assignTable(
  arena: Arena,
  root: Address,
  hash: number,
  localDepth: number,
  table: Address,
): void {
  const depth = rootField(arena, root, ROOT_DEPTH)
  if (depth === 0) {
    setRootField(arena, root, ROOT_DIRECTORY, table)
    return
  }
  const directory = rootField(arena, root, ROOT_DIRECTORY) as Address
  const view = arena.views[directory >>> SEGMENT_SHIFT]!
  const places = 1 << (depth - localDepth)
  const first = hashPrefix(hash, depth) & -places
  let at = ((directory & OFFSET_MASK) << 3) + (first << 3)
  for (let i = 0; i < places; i++, at += 8) {
    view.setInt32(at, table, true)
    view.setInt32(at + PLACE_DEPTH, localDepth, true)
  }
}

/** The top `bits` bits (0 to 31) of a hash. */
export function hashPrefix(hash: number, bits: number): number {
  return bits === 0 ? 0 : hash >>> (32 - bits)
}

/**
 * Doubles the directory, each table standing in twice as many places.
 *
 * @returns false, with nothing changed, when there is no memory or the depth is at its limit
 */
export function doubleDirectory(arena: Arena, root: Address): boolean {
  const depth = rootField(arena, root, ROOT_DEPTH)
  if (depth === MAX_DEPTH) return false
  const directory = arena.allocate(PLACE_BYTES << (depth + 1))
  if (directory === NULL) return false
  const view = arena.views[directory >>> SEGMENT_SHIFT]!
  let at = (directory & OFFSET_MASK) << 3
  for (let i = 0; i < 1 << depth; i++, at += 2 * PLACE_BYTES) {
    copyPlace(arena, root, i, view, at)
    copyPlace(arena, root, i, view, at + PLACE_BYTES)
  }
  if (depth > 0) arena.free(rootField(arena, root, ROOT_DIRECTORY) as Address)
  setRootField(arena, root, ROOT_DIRECTORY, directory)
  setRootField(arena, root, ROOT_DEPTH, depth + 1)
  setRootField(arena, root, ROOT_DEEPEST, 0)
  return true
}

/** Halves the directory while no table needs its depth and memory allows. */
export function shrinkDirectory(arena: Arena, root: Address): void {
  for (;;) {
    const depth = rootField(arena, root, ROOT_DEPTH)
    if (depth === 0 || rootField(arena, root, ROOT_DEEPEST) > 0) return
    const old = rootField(arena, root, ROOT_DIRECTORY) as Address
    if (depth === 1) {
      setRootField(arena, root, ROOT_DIRECTORY, tableAt(arena, root, 0))
      setRootField(arena, root, ROOT_DEEPEST, 1)
    } else if (!halveDirectory(arena, root, depth)) return
    setRootField(arena, root, ROOT_DEPTH, depth - 1)
    arena.free(old)
  }
}

/** Makes a directory of every second place of the old one; false when there is no memory. */
function halveDirectory(arena: Arena, root: Address, depth: number): boolean {
  const directory = arena.allocate(PLACE_BYTES << (depth - 1))
  if (directory === NULL) return false
  const view = arena.views[directory >>> SEGMENT_SHIFT]!
  let at = (directory & OFFSET_MASK) << 3
  let deepest = 0
  for (let i = 0; i < 1 << depth; i += 2, at += PLACE_BYTES) {
    copyPlace(arena, root, i, view, at)
    if (view.getInt32(at + PLACE_DEPTH, true) === depth - 1) deepest++
  }
  setRootField(arena, root, ROOT_DIRECTORY, directory)
  setRootField(arena, root, ROOT_DEEPEST, deepest)
  return true
}

/** Copies one place of the directory; that of depth 0, which is none, is made up. */
function copyPlace(arena: Arena, root: Address, index: number, to: DataView, at: number): void {
  to.setInt32(at, tableAt(arena, root, index), true)
  if (rootField(arena, root, ROOT_DEPTH) === 0) {
    to.setInt32(at + PLACE_DEPTH, 0, true)
    return
  }
  const directory = rootField(arena, root, ROOT_DIRECTORY) as Address
  const from = ((directory & OFFSET_MASK) << 3) + (index << 3) + PLACE_DEPTH
  const localDepth = arena.views[directory >>> SEGMENT_SHIFT]!.getInt32(from, true)
  to.setInt32(at + PLACE_DEPTH, localDepth, true)
}
