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
 * The directory is an array of 2^depth table addresses, indexed by the top `depth` bits of the
 * hash. A table of local depth d stands in 2^(depth - d) neighbouring places of it.
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

/** Deepest directory: 16 MB, for some three thousand million entries. */
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
    ((directory & OFFSET_MASK) << 3) + ((hash >>> (32 - depth)) << 2),
    true,
  ) as Address
}

/** The table at one place of the directory. */
export function tableAt(arena: Arena, root: Address, index: number): Address {
  const directory = rootField(arena, root, ROOT_DIRECTORY) as Address
  if (rootField(arena, root, ROOT_DEPTH) === 0) return directory
  return arena.views[directory >>> SEGMENT_SHIFT]!.getInt32(
    ((directory & OFFSET_MASK) << 3) + (index << 2),
    true,
  ) as Address
}

/** Lets the directory name `table` for all hashes that share the top `localDepth` bits of `hash`. */
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
  let at = ((directory & OFFSET_MASK) << 3) + (first << 2)
  for (let i = 0; i < places; i++, at += 4) view.setInt32(at, table, true)
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
  const old = rootField(arena, root, ROOT_DIRECTORY) as Address
  const directory = arena.allocate(8 << depth)
  if (directory === NULL) return false
  const view = arena.views[directory >>> SEGMENT_SHIFT]!
  let at = (directory & OFFSET_MASK) << 3
  for (let i = 0; i < 1 << depth; i++, at += 8) {
    const table = tableAt(arena, root, i)
    view.setInt32(at, table, true)
    view.setInt32(at + 4, table, true)
  }
  if (depth > 0) arena.free(old)
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
    } else {
      const directory = arena.allocate(2 << depth)
      if (directory === NULL) return
      const view = arena.views[directory >>> SEGMENT_SHIFT]!
      const base = (directory & OFFSET_MASK) << 3
      let deepest = 0
      for (let i = 0; i < 1 << depth; i += 4) {
        const even = tableAt(arena, root, i)
        const odd = tableAt(arena, root, i + 2)
        view.setInt32(base + (i << 1), even, true)
        view.setInt32(base + (i << 1) + 4, odd, true)
        // Neighbours that differ are two tables of the new global depth.
        if (even !== odd) deepest += 2
      }
      setRootField(arena, root, ROOT_DIRECTORY, directory)
      setRootField(arena, root, ROOT_DEEPEST, deepest)
    }
    setRootField(arena, root, ROOT_DEPTH, depth - 1)
    arena.free(old)
  }
}
