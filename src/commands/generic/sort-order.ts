/**
 * The order that SORT brings elements into: by numbers or by texts, of their own or looked up.
 *
 * What is sorted is a row of indexes. The sort is a merge sort: stable, so that elements whose
 * weights are equal keep their order, and never slower than n log n, whatever the data.
 */
import { parseDouble } from '../../bytes/doubles.ts'
import type { Database } from '../../keyspace/database.ts'
import { CommandError } from '../errors.ts'
import { ByteStrings } from './byte-strings.ts'
import type { SortPattern } from './sort-pattern.ts'

const NOT_NUMBERS = new CommandError("ERR One or more scores can't be converted into double")

/** Up to this length runs are sorted by insertion. */
const RUN_LENGTH = 8
/** Smaller doubles have fewer digits, which C's strtod reports as an error. */
const LEAST_NORMAL = 2 ** -1022

type Comparison = (a: number, b: number) => number

export interface Order {
  /** Whether texts are compared, and not numbers. */
  readonly alpha: boolean
  readonly descending: boolean
  /** What is compared in place of the elements, unless null. */
  readonly by: SortPattern | null
  /** Whether texts are compared no further than their first NUL. */
  readonly endsAtNul: boolean
}

/** The indexes of the elements in the order asked for. @throws CommandError */
export function sortedIndexes(db: Database, elements: ByteStrings, order: Order): Uint32Array {
  const compare = comparison(db, elements, order)
  const indexes = new Uint32Array(elements.count)
  for (let i = 0; i < indexes.length; i++) indexes[i] = i
  return mergeSort(indexes, order.descending ? (a, b) => -compare(a, b) : compare)
}

function comparison(db: Database, elements: ByteStrings, { alpha, by, endsAtNul }: Order) {
  if (!alpha) return byNumber(elements, numbers(db, elements, by))
  if (by === null) return (a: number, b: number): number => elements.compare(a, b)
  return byText(db, elements, by, endsAtNul)
}

/** Equal numbers are ordered by the elements, so that the result is always the same. */
function byNumber(elements: ByteStrings, scores: Float64Array): Comparison {
  return (a, b) => {
    const one = scores[a]!
    const other = scores[b]!
    if (one < other) return -1
    return one > other ? 1 : elements.compare(a, b)
  }
}

/** The numbers of all elements, 0 where there is none. @throws NOT_NUMBERS */
function numbers(db: Database, elements: ByteStrings, by: SortPattern | null): Float64Array {
  const scores = new Float64Array(elements.count)
  let failed = false
  for (let i = 0; i < scores.length; i++) {
    if (by === null) scores[i] = toNumber(elements.bytes, elements.start(i), elements.end(i))
    else if (by.find(db, elements, i)) scores[i] = toNumber(by.bytes, by.start, by.end)
    if (Number.isNaN(scores[i])) failed = true
  }
  if (failed) throw NOT_NUMBERS
  return scores
}

/** A text as C's strtod reads it, up to a NUL; NaN if it is not wholly a number. */
function toNumber(bytes: Uint8Array, start: number, end: number): number {
  if (start === end || bytes[start] === 0) return 0
  let from = start
  while (from < end && isSpace(bytes[from]!)) from++
  let value = parseDouble(bytes, from, end)
  if (value === null) {
    let to = from
    while (to < end && bytes[to] !== 0) to++
    if (to < end) value = parseDouble(bytes, from, to)
  }
  if (value === null) return Number.NaN
  return value !== 0 && Math.abs(value) < LEAST_NORMAL ? Number.NaN : value
}

function isSpace(byte: number): boolean {
  return byte === 0x20 || (byte >= 0x09 && byte <= 0x0d)
}

/** By the texts that a pattern names; elements without one are first, in the order they have. */
function byText(
  db: Database,
  elements: ByteStrings,
  by: SortPattern,
  endsAtNul: boolean,
): Comparison {
  const { count } = elements
  const texts = new ByteStrings(count, endsAtNul)
  const isThere = new Uint8Array(count)
  for (let i = 0; i < count; i++) {
    if (by.find(db, elements, i)) {
      isThere[i] = 1
      texts.add(by.bytes, by.view, by.start, by.end)
    } else {
      texts.add(elements.bytes, elements.view, 0, 0)
    }
  }
  return (a, b) => {
    if (isThere[a]! + isThere[b]! < 2) return isThere[a]! - isThere[b]!
    return texts.compare(a, b)
  }
}

/** Sorts indexes, in place or in memory of its own. @returns where they are */
function mergeSort(indexes: Uint32Array, compare: Comparison): Uint32Array {
  const { length } = indexes
  for (let start = 0; start < length; start += RUN_LENGTH) {
    insertionSort(indexes, start, Math.min(start + RUN_LENGTH, length), compare)
  }
  let source = indexes
  let target: Uint32Array = new Uint32Array(length > RUN_LENGTH ? length : 0)
  for (let run = RUN_LENGTH; run < length; run *= 2) {
    for (let start = 0; start < length; start += run * 2) {
      const middle = Math.min(start + run, length)
      merge(source, target, start, middle, Math.min(middle + run, length), compare)
    }
    const sorted = target
    target = source
    source = sorted
  }
  return source
}

function insertionSort(
  indexes: Uint32Array,
  start: number,
  end: number,
  compare: Comparison,
): void {
  for (let i = start + 1; i < end; i++) {
    const moved = indexes[i]!
    let at = i
    for (; at > start && compare(indexes[at - 1]!, moved) > 0; at--) indexes[at] = indexes[at - 1]!
    indexes[at] = moved
  }
}

/** Merges two sorted runs of `source` that are next to each other into `target`. */
function merge(
  source: Uint32Array,
  target: Uint32Array,
  start: number,
  middle: number,
  end: number,
  compare: Comparison,
): void {
  let left = start
  let right = middle
  for (let to = start; to < end; to++) {
    const takesLeft =
      left < middle && (right === end || compare(source[left]!, source[right]!) <= 0)
    target[to] = takesLeft ? source[left++]! : source[right++]!
  }
}
