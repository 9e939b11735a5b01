/** The ends of ranges as arguments: `1.5`, `(1.5`, `-inf` by score; `[a`, `(a`, `-` by member. */
import { parseDouble } from '../../bytes/doubles.ts'
import type { Args } from '../../resp/args.ts'
import {
  BEFORE_ALL,
  BEHIND_ALL,
  EXCLUSIVE,
  INCLUSIVE,
  type LexEnd,
  type LexRange,
  type ScoreRange,
} from '../../types/sorted-set-ranges.ts'
import { CommandError } from '../errors.ts'

const NOT_A_SCORE = new CommandError('ERR min or max is not a float')
const NOT_A_LEX_END = new CommandError('ERR min or max not valid string range item')

const PARENTHESIS = 0x28
const BRACKET = 0x5b
const PLUS = 0x2b
const MINUS = 0x2d

/** What `parseScoreRange` has read last. */
export const scoreRange: ScoreRange = {
  min: 0,
  max: 0,
  minExclusive: false,
  maxExclusive: false,
}

const noBytes = new Uint8Array(0)

/** What `parseLexRange` has read last; valid while the request is. */
export const lexRange: LexRange = {
  bytes: noBytes,
  view: new DataView(noBytes.buffer),
  min: BEFORE_ALL,
  minStart: 0,
  minLength: 0,
  max: BEFORE_ALL,
  maxStart: 0,
  maxLength: 0,
}

/** Reads the ends of a range of scores, which are arguments `minIndex` and `maxIndex`. */
export function parseScoreRange(args: Args, minIndex: number, maxIndex: number): void {
  scoreRange.minExclusive = isExclusive(args, minIndex)
  scoreRange.min = scoreEnd(args, minIndex)
  scoreRange.maxExclusive = isExclusive(args, maxIndex)
  scoreRange.max = scoreEnd(args, maxIndex)
}

function isExclusive(args: Args, index: number): boolean {
  return args.length(index) > 0 && args.bytes[args.starts[index]!] === PARENTHESIS
}

/**
 * One end. Redis reads it by plain strtod: blanks may stand before it, nothing at all is 0, and
 * what is too large or too small for a double is an infinity or (nearly) zero; a zero byte ends it.
 */
function scoreEnd(args: Args, index: number): number {
  const { bytes } = args
  let start = args.starts[index]!
  let end = args.ends[index]!
  if (start < end && bytes[start] === PARENTHESIS) start++
  const value = parseDouble(bytes, start, end)
  if (value !== null) return value
  const zero = bytes.indexOf(0, start)
  if (zero >= 0 && zero < end) end = zero
  if (start === end) return 0
  while (start < end && isBlank(bytes[start]!)) start++
  const loose = parseDouble(bytes, start, end)
  if (loose !== null) return loose
  const extreme = outOfRange(bytes, start, end)
  if (Number.isNaN(extreme)) throw NOT_A_SCORE
  return extreme
}

function isBlank(byte: number): boolean {
  return byte === 0x20 || (byte >= 0x09 && byte <= 0x0d)
}

/** The value of a decimal number beyond the range of doubles; NaN for what is no such number. */
function outOfRange(bytes: Uint8Array, start: number, end: number): number {
  for (let i = start; i < end; i++) {
    const byte = bytes[i]!
    const isDigit = byte >= 0x30 && byte <= 0x39
    const isSign = byte === PLUS || byte === MINUS
    if (!isDigit && !isSign && byte !== 0x2e && (byte | 0x20) !== 0x65) return Number.NaN
  }
  if (start === end) return Number.NaN
  return Number(Buffer.from(bytes.subarray(start, end)).toString('latin1'))
}

/** Reads the ends of a range of members. */
export function parseLexRange(args: Args, minIndex: number, maxIndex: number): void {
  lexRange.bytes = args.bytes
  lexRange.view = args.view
  lexRange.min = lexEnd(args, minIndex)
  lexRange.minStart = args.starts[minIndex]! + 1
  lexRange.minLength = args.length(minIndex) - 1
  lexRange.max = lexEnd(args, maxIndex)
  lexRange.maxStart = args.starts[maxIndex]! + 1
  lexRange.maxLength = args.length(maxIndex) - 1
}

function lexEnd(args: Args, index: number): LexEnd {
  const { bytes } = args
  const start = args.starts[index]!
  const length = args.length(index)
  const first = length === 0 ? 0 : bytes[start]!
  if (first === BRACKET) return INCLUSIVE
  if (first === PARENTHESIS) return EXCLUSIVE
  const isWhole = length === 1 || bytes[start + 1] === 0
  if (first === MINUS && isWhole) return BEFORE_ALL
  if (first === PLUS && isWhole) return BEHIND_ALL
  throw NOT_A_LEX_END
}
