/** What SCAN and its like for one collection (HSCAN, SSCAN, ZSCAN) read from their arguments. */
import { globMatchRange } from '../../bytes/glob.ts'
import type { Args } from '../../resp/args.ts'
import { integer64 } from '../arguments.ts'
import { type ArgSpec, integer, key, pattern } from '../command.ts'
import { CommandError, SYNTAX_ERROR } from '../errors.ts'
import { isMatchAll } from './keys.ts'

export const DEFAULT_COUNT = 10
/** Steps of the dict for each key or element asked for. */
export const STEPS_PER_COUNT = 10

const INVALID_CURSOR = new CommandError('ERR invalid cursor')

const UINT64_LIMIT = 2n ** 64n
const ZERO = 0x30
const PLUS = 0x2b
const MINUS = 0x2d
/** Digits of a number that is safe in a double. */
const PLAIN_DIGITS = 15

/**
 * The cursor that is argument `index`, as C's `strtoul` would read it: an unsigned number of 64
 * bits, with a sign or without digits at all. @returns its low 32 bits
 */
export function parseCursor(args: Args, index: number): number {
  const { bytes } = args
  const start = args.starts[index]!
  let end = start
  while (end < args.ends[index]! && bytes[end] !== 0) end++
  if (start === end) return 0
  const negative = bytes[start] === MINUS
  const first = negative || bytes[start] === PLUS ? start + 1 : start
  if (first === end) throw INVALID_CURSOR
  let value = 0
  for (let i = first; i < end; i++) {
    const digit = bytes[i]! - ZERO
    if (digit < 0 || digit > 9) throw INVALID_CURSOR
    value = value * 10 + digit
  }
  if (!negative && end - first <= PLAIN_DIGITS) return value >>> 0
  const exact = BigInt(Buffer.from(bytes.subarray(first, end)).toString('latin1'))
  if (exact >= UINT64_LIMIT) throw INVALID_CURSOR
  return Number(BigInt.asUintN(32, negative ? -exact : exact))
}

/** What the scan of a collection takes. */
export const ELEMENT_SCAN_ARGUMENTS: readonly ArgSpec[] = [
  key('key'),
  integer('cursor'),
  pattern('pattern', { token: 'MATCH', optional: true }),
  integer('count', { token: 'COUNT', optional: true }),
]

/** The options of the scan of a collection. One object serves call after call. */
export const elementScan = {
  count: DEFAULT_COUNT,
  /** Index of the pattern among the arguments, 0 if all elements match. */
  patternIndex: 0,
  /** Whether NOVALUES was given. */
  noValues: false,
}

/**
 * Reads MATCH, COUNT and, where a command has it, NOVALUES into `elementScan`.
 *
 * @param first index of the first option, behind key and cursor
 * @throws SYNTAX_ERROR, or NOT_AN_INTEGER for a bad COUNT
 */
export function parseElementScan(args: Args, first: number, takesNoValues: boolean): void {
  elementScan.count = DEFAULT_COUNT
  elementScan.patternIndex = 0
  elementScan.noValues = false
  for (let i = first; i < args.count; i++) {
    if (takesNoValues && args.is(i, 'novalues')) {
      elementScan.noValues = true
      continue
    }
    if (i + 1 === args.count) throw SYNTAX_ERROR
    if (args.is(i, 'count')) {
      elementScan.count = Number(integer64(args, i + 1))
      if (elementScan.count < 1) throw SYNTAX_ERROR
    } else if (args.is(i, 'match')) {
      elementScan.patternIndex = isMatchAll(args, i + 1) ? 0 : i + 1
    } else {
      throw SYNTAX_ERROR
    }
    i++
  }
}

/** Whether the bytes from `start` to `end` match the pattern of `elementScan`, if it has one. */
export function matchesPattern(args: Args, bytes: Uint8Array, start: number, end: number): boolean {
  const { patternIndex } = elementScan
  if (patternIndex === 0) return true
  const patternStart = args.starts[patternIndex]!
  const patternEnd = args.ends[patternIndex]!
  return globMatchRange(args.bytes, patternStart, patternEnd, bytes, start, end, false)
}
