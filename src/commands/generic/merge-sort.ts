/**
 * Sorting by number: a row of keys that carries the indexes of what they belong to.
 *
 * A merge sort, from runs that are sorted by insertion upwards. It is stable, so that what is equal
 * in every respect keeps its order, and takes n log n steps whatever the data. The keys move with
 * the indexes: each pass reads and writes memory from one end to the other.
 */

/** The length of the first runs. */
const RUN_LENGTH = 8

/** Keys and the indexes that belong to them. */
interface Rows {
  readonly keys: Float64Array
  readonly indexes: Uint32Array
}

/**
 * Sorts the indexes from 0 on by their keys.
 *
 * @param keys are changed
 * @param compareEqual the order of two indexes whose keys are equal: negative, 0 or positive
 */
export function mergeSort(
  keys: Float64Array,
  compareEqual: (a: number, b: number) => number,
): Uint32Array {
  const { length } = keys
  let source: Rows = { keys, indexes: new Uint32Array(length) }
  for (let i = 0; i < length; i++) source.indexes[i] = i
  for (let start = 0; start < length; start += RUN_LENGTH) {
    insertionSort(source, start, Math.min(start + RUN_LENGTH, length), compareEqual)
  }
  if (length <= RUN_LENGTH) return source.indexes
  let target: Rows = { keys: new Float64Array(length), indexes: new Uint32Array(length) }
  for (let run = RUN_LENGTH; run < length; run *= 2) {
    for (let start = 0; start < length; start += run * 2) {
      const middle = Math.min(start + run, length)
      merge(source, target, start, middle, Math.min(middle + run, length), compareEqual)
    }
    const sorted = target
    target = source
    source = sorted
  }
  return source.indexes
}

function insertionSort(
  { keys, indexes }: Rows,
  start: number,
  end: number,
  compareEqual: (a: number, b: number) => number,
): void {
  for (let i = start + 1; i < end; i++) {
    const key = keys[i]!
    const index = indexes[i]!
    let at = i
    for (; at > start; at--) {
      const other = keys[at - 1]!
      if (other < key || (other === key && compareEqual(indexes[at - 1]!, index) <= 0)) break
      keys[at] = other
      indexes[at] = indexes[at - 1]!
    }
    keys[at] = key
    indexes[at] = index
  }
}

/** Merges two sorted runs of `source` that are next to each other into `target`. */
function merge(
  source: Rows,
  target: Rows,
  start: number,
  middle: number,
  end: number,
  compareEqual: (a: number, b: number) => number,
): void {
  const { keys, indexes } = source
  const { keys: targetKeys, indexes: targetIndexes } = target
  let left = start
  let right = middle
  let to = start
  while (left < middle && right < end) {
    const leftKey = keys[left]!
    const rightKey = keys[right]!
    if (
      leftKey < rightKey ||
      (leftKey === rightKey && compareEqual(indexes[left]!, indexes[right]!) <= 0)
    ) {
      targetKeys[to] = leftKey
      targetIndexes[to++] = indexes[left++]!
    } else {
      targetKeys[to] = rightKey
      targetIndexes[to++] = indexes[right++]!
    }
  }
  // Only one of the runs has anything left.
  const from = left < middle ? left : right
  const rest = left < middle ? middle : end
  targetKeys.set(keys.subarray(from, rest), to)
  targetIndexes.set(indexes.subarray(from, rest), to)
}
