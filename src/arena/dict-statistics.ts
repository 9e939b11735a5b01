/**
 * How full the tables of a dict are, for DEBUG. A group of four slots, which a lookup compares at
 * once, is here what a chain is in a table of linked lists.
 */
import { type Address, OFFSET_MASK, SEGMENT_SHIFT } from './address.ts'
import type { Arena } from './arena.ts'
import { ROOT_COUNT, ROOT_DEPTH, rootField, tableAt } from './dict-directory.ts'
import { groupAt, TABLE_DEPTH, TABLE_LOG2_CAPACITY, TAG_DELETED } from './dict-table.ts'

const GROUP_SLOTS = 4

export interface DictStatistics {
  /** Slots of all tables. */
  slots: number
  entries: number
  /** How many groups have 0, 1, 2, 3 and 4 entries. */
  readonly groups: number[]
}

/** Looks at every group of the dict with this root. */
export function dictStatistics(arena: Arena, root: Address): DictStatistics {
  const depth = rootField(arena, root, ROOT_DEPTH)
  const entries = rootField(arena, root, ROOT_COUNT)
  const statistics: DictStatistics = { slots: 0, entries, groups: [0, 0, 0, 0, 0] }
  for (let index = 0; index < 1 << depth; ) {
    const table = tableAt(arena, root, index)
    const view = arena.views[table >>> SEGMENT_SHIFT]!
    const base = (table & OFFSET_MASK) << 3
    const slots = 1 << view.getUint8(base + TABLE_LOG2_CAPACITY)
    statistics.slots += slots
    for (let group = 0; group < slots / GROUP_SLOTS; group++) {
      statistics.groups[entriesOf(view, groupAt(base, group))]!++
    }
    index += 1 << (depth - view.getUint8(base + TABLE_DEPTH))
  }
  return statistics
}

/** How many entries a group has whose tags are at an offset. */
function entriesOf(view: DataView, tagsAt: number): number {
  let count = 0
  for (let i = 0; i < GROUP_SLOTS; i++) if (view.getUint8(tagsAt + i) > TAG_DELETED) count++
  return count
}
