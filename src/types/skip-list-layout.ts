/**
 * The layout of a skip list's nodes, whose tables are in skip-list.ts: what its other files need.
 */
import { LONG_KEY } from '../arena/dict-entry.ts'

export const NODE_HEADER_BYTES = 16
export const MAX_LEVELS = 32
export const LEVEL_BYTES = 8
/** Where the score is in a node. */
export const SCORE = 8
/** Where the span is in a level. */
export const SPAN = 4

/** Where in `view` the levels begin of the node, or root, at `at`. */
export function levelsOffset(view: DataView, at: number): number {
  const length = view.getUint16(at, true)
  if (length !== LONG_KEY) return (at + NODE_HEADER_BYTES + length + 3) & ~3
  return (at + NODE_HEADER_BYTES + 4 + view.getUint32(at + NODE_HEADER_BYTES, true) + 3) & ~3
}
