/** Ranges of ranks as commands give them: from 0, or from the end if negative; both ends inside. */
import type { SortedSet } from '../../types/sorted-set.ts'

/** Sets the set's `from` and `to`; an empty range has `to` <= `from`. */
export function rankRange(set: SortedSet, start: number, stop: number): void {
  const { length } = set
  set.from = Math.max(start < 0 ? start + length : start, 0)
  set.to = Math.min(stop < 0 ? stop + length : stop, length - 1) + 1
}
