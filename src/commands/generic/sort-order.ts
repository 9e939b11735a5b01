/**
 * The order that SORT brings elements into: by numbers or by texts, of their own or looked up.
 *
 * What is sorted is a row of indexes, by a row of keys: the numbers, or the first bytes of the
 * texts read as numbers. Most comparisons end there, without a look at the strings; where keys are
 * equal a second comparison decides. See merge-sort.ts.
 */
import { parseDouble } from '../../bytes/doubles.ts'
import type { Database } from '../../keyspace/database.ts'
import { CommandError } from '../errors.ts'
import { ByteStrings } from './byte-strings.ts'
import { mergeSort } from './merge-sort.ts'
import type { SortPattern } from './sort-pattern.ts'

const NOT_NUMBERS = new CommandError("ERR One or more scores can't be converted into double")

/** Smaller doubles have fewer digits, which C's strtod reports as an error. */
const LEAST_NORMAL = 2 ** -1022
/** The key of an element that has no text: less than that of any text. */
const NO_TEXT = -1

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
  const { alpha, by, descending, endsAtNul } = order
  const { count } = elements
  // Equal numbers are ordered by the elements, so that the result is always the same.
  const texts = alpha && by !== null ? new ByteStrings(count, endsAtNul) : elements
  const keys = alpha ? textKeys(db, elements, texts, by) : numbers(db, elements, by)
  if (!descending) return mergeSort(keys, (a, b) => texts.compare(a, b))
  for (let i = 0; i < count; i++) keys[i] = -keys[i]!
  return mergeSort(keys, (a, b) => texts.compare(b, a))
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

/**
 * The keys of all texts, which are the elements' own, or are looked up and put into `texts`.
 * Elements for which there is none have an empty one, and keep the order that they have.
 */
function textKeys(
  db: Database,
  elements: ByteStrings,
  texts: ByteStrings,
  by: SortPattern | null,
): Float64Array {
  const keys = new Float64Array(elements.count)
  for (let i = 0; i < keys.length; i++) {
    let isThere = true
    if (by !== null) {
      isThere = by.find(db, elements, i)
      if (isThere) texts.add(by.bytes, by.view, by.start, by.end)
      else texts.add(elements.bytes, elements.view, 0, 0)
    }
    keys[i] = isThere ? texts.prefix(i) : NO_TEXT
  }
  return keys
}
