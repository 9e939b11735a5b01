/**
 * Taking a dict apart that nobody uses any more, one table at a time: so to free a million entries
 * can be spread over as many moments as it takes for nobody to notice.
 *
 * Between two steps the dict is no sound one: the tables before the position that it is at are
 * freed, and its counts are those it had at the beginning. Nothing but further steps may be done.
 */
import { type Address, OFFSET_MASK, SEGMENT_SHIFT } from './address.ts'
import type { Dict } from './dict.ts'
import { ROOT_DEPTH, ROOT_DIRECTORY, rootField, tableAt } from './dict-directory.ts'
import { slotAt, TABLE_DEPTH, TABLE_LOG2_CAPACITY, TAG_DELETED, tagAt } from './dict-table.ts'

/**
 * Visits the entries of one table and frees that table; behind the last, directory and root too.
 *
 * @param position 0 to start, then what the last call returned
 * @param visit is to free the entry
 * @returns the position to go on from; 0 when nothing is left of the dict
 */
export function drainTable(
  dict: Dict,
  root: Address,
  position: number,
  visit: (entry: Address) => void,
): number {
  const arena = dict.arena
  const depth = rootField(arena, root, ROOT_DEPTH)
  const table = tableAt(arena, root, position)
  const view = arena.views[table >>> SEGMENT_SHIFT]!
  const base = (table & OFFSET_MASK) << 3
  const capacity = 1 << view.getUint8(base + TABLE_LOG2_CAPACITY)
  const next = position + (1 << (depth - view.getUint8(base + TABLE_DEPTH)))
  for (let slot = 0; slot < capacity; slot++) {
    if (view.getUint8(tagAt(base, slot)) <= TAG_DELETED) continue
    visit(view.getInt32(slotAt(base, slot), true) as Address)
  }
  arena.free(table)
  if (next < 1 << depth) return next
  if (depth > 0) arena.free(rootField(arena, root, ROOT_DIRECTORY) as Address)
  arena.free(root)
  return 0
}
