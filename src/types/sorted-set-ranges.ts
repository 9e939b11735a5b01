/** Ranges of a sorted set, by score and by the order of members. Both are plain descriptions. */
import { compareBytes } from '../arena/bytes.ts'

/** A range of scores; no end is NaN. */
export interface ScoreRange {
  min: number
  max: number
  /** Whether the end itself is outside. */
  minExclusive: boolean
  maxExclusive: boolean
}

/** An end before every member. */
export const BEFORE_ALL = 0
/** An end that is a string, which is inside or outside. */
export const INCLUSIVE = 1
export const EXCLUSIVE = 2
/** An end behind every member. */
export const BEHIND_ALL = 3
export type LexEnd = typeof BEFORE_ALL | typeof INCLUSIVE | typeof EXCLUSIVE | typeof BEHIND_ALL

/** A range of members, in the order of memcmp. The strings of its ends lie in one memory. */
export interface LexRange {
  bytes: Uint8Array
  view: DataView
  min: LexEnd
  minStart: number
  minLength: number
  max: LexEnd
  maxStart: number
  maxLength: number
}

export function isBelowScoreMin(range: ScoreRange, score: number): boolean {
  return range.minExclusive ? score <= range.min : score < range.min
}

export function isAboveScoreMax(range: ScoreRange, score: number): boolean {
  return range.maxExclusive ? score >= range.max : score > range.max
}

export function isBelowLexMin(
  range: LexRange,
  bytes: Uint8Array,
  view: DataView,
  start: number,
  length: number,
): boolean {
  if (range.min === BEFORE_ALL) return false
  if (range.min === BEHIND_ALL) return true
  const { minStart, minLength } = range
  const order = compareBytes(
    bytes,
    view,
    start,
    length,
    range.bytes,
    range.view,
    minStart,
    minLength,
  )
  return range.min === EXCLUSIVE ? order <= 0 : order < 0
}

export function isAboveLexMax(
  range: LexRange,
  bytes: Uint8Array,
  view: DataView,
  start: number,
  length: number,
): boolean {
  if (range.max === BEFORE_ALL) return true
  if (range.max === BEHIND_ALL) return false
  const { maxStart, maxLength } = range
  const order = compareBytes(
    bytes,
    view,
    start,
    length,
    range.bytes,
    range.view,
    maxStart,
    maxLength,
  )
  return range.max === EXCLUSIVE ? order >= 0 : order > 0
}
