/**
 * How much room a new small collection wants for what a request brings, so that its block need not
 * be changed for a larger one with each element.
 */
import { elementBytes } from './packed-list.ts'

/** What takes more becomes no small collection, or its growth costs little beside its size. */
const ROOM_MAX_BYTES = 8192

/**
 * Bytes that slices take as elements of a packed list: slice `first` and every `step`th behind it,
 * below `end`.
 *
 * @param moreBytes what else is to be in the list
 * @returns 0 if that is more than is worth it
 */
export function packedRoom(
  starts: Int32Array,
  ends: Int32Array,
  first: number,
  end: number,
  step: number,
  moreBytes = 0,
): number {
  let total = moreBytes
  for (let i = first; i < end; i += step) {
    total += elementBytes(ends[i]! - starts[i]!)
    if (total > ROOM_MAX_BYTES) return 0
  }
  return total
}
