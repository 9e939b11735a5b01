/**
 * The arithmetic of INCRBYFLOAT and HINCRBYFLOAT. Redis computes them in C's long double, which on
 * x86-64 is the x87 extended format, and prints with `%.17Lf` less trailing zeros; its documented
 * and visible results (`10.50` + `0.1` is `10.6`, 0.1 + 0.2 is 0.3) depend on it. It is
 * reproduced here bit by bit over big integers:
 *
 *   64 bits of mantissa, exponents from 2^-16445 (the least subnormal) to below 2^16384,
 *   rounding to the nearest, ties to even.
 *
 * Short cuts in plain numbers are taken only where they provably give the same text: integers
 * whose sum is exact, and decimals so small that three roundings of 64 bits stay below half a unit
 * of the 17th decimal, so that the printed sum is the exact decimal one.
 *
 * Errors follow `string2ld` (util.c, Redis 7.2): a number that overflows, or that is not zero but
 * rounds to zero, is not a float; infinities are read, but no sum may become one.
 */
import { bitLength, exactFraction, floatSyntax, roundToBinary } from './float-syntax.ts'
import { parseInteger } from './integers.ts'

const PRECISION_BITS = 64
const MINIMUM_EXPONENT = -16445
/** Every finite value lies below 2 to the power of this. */
const RANGE_BITS = 16384
/** Redis reads through a buffer of 5 * 1024 bytes, with a NUL at the end. */
const MAX_TEXT_BYTES = 5 * 1024 - 1

const DECIMALS = 17
const DECIMAL_UNIT = 10n ** BigInt(DECIMALS)

const MINUS = 0x2d
const POINT = 0x2e
const ZERO = 0x30

/**
 * A value of the extended format: mantissa * 2^exponent with a signed mantissa of at most 64 bits,
 * or an infinity. Zero has no sign, since its text shows none.
 */
export type LongDouble =
  | { finite: true; mantissa: bigint; exponent: number }
  | { finite: false; negative: boolean }

/**
 * Reads a long double as Redis does.
 *
 * @returns null for what Redis calls "not a valid float"; infinities are values
 */
export function parseLongDouble(bytes: Uint8Array, start: number, end: number): LongDouble | null {
  if (end - start > MAX_TEXT_BYTES) return null
  const syntax = floatSyntax(bytes, start, end)
  if (syntax === 'invalid') return null
  if (syntax === 'infinity') return { finite: false, negative: bytes[start] === MINUS }
  const { negative, numerator, denominator } = exactFraction(bytes, start, end, syntax)
  const value = rounded(numerator, denominator, negative)
  if (!value.finite) return null
  return numerator !== 0n && value.mantissa === 0n ? null : value
}

/** Rounds a fraction to the format; what lies beyond its range becomes an infinity. */
function rounded(numerator: bigint, denominator: bigint, negative: boolean): LongDouble {
  const { mantissa, exponent } = roundToBinary(
    numerator,
    denominator,
    PRECISION_BITS,
    MINIMUM_EXPONENT,
  )
  if (mantissa !== 0n && bitLength(mantissa) + exponent > RANGE_BITS) {
    return { finite: false, negative }
  }
  return { finite: true, mantissa: negative ? -mantissa : mantissa, exponent }
}

/** The rounded sum of two finite values; null when it is no finite value (or neither were they). */
export function sumLongDouble(a: LongDouble, b: LongDouble): LongDouble | null {
  if (!a.finite || !b.finite) return null
  const exponent = Math.min(a.exponent, b.exponent)
  const sum =
    (a.mantissa << BigInt(a.exponent - exponent)) + (b.mantissa << BigInt(b.exponent - exponent))
  const magnitude = sum < 0n ? -sum : sum
  const value =
    exponent >= 0
      ? rounded(magnitude << BigInt(exponent), 1n, sum < 0n)
      : rounded(magnitude, 1n << BigInt(-exponent), sum < 0n)
  return value.finite ? value : null
}

/**
 * The text of a value: 17 decimals, correctly rounded, without trailing zeros; never an exponent,
 * never "-0" (`ld2string` with LD_STR_HUMAN).
 */
export function formatLongDouble(value: LongDouble): string {
  if (!value.finite) return value.negative ? '-inf' : 'inf'
  const { mantissa, exponent } = value
  const magnitude = mantissa < 0n ? -mantissa : mantissa
  let units: bigint
  if (exponent >= 0) {
    units = (magnitude << BigInt(exponent)) * DECIMAL_UNIT
  } else {
    const shift = BigInt(-exponent)
    const exact = magnitude * DECIMAL_UNIT
    units = exact >> shift
    const twice = (exact - (units << shift)) << 1n
    const unit = 1n << shift
    if (twice > unit || (twice === unit && (units & 1n) === 1n)) units++
  }
  return decimalText(units.toString(), DECIMALS, mantissa < 0n)
}

/** Puts the point before the last `decimals` digits and trims zeros behind it. */
function decimalText(digits: string, decimals: number, negative: boolean): string {
  const padded = digits.padStart(decimals + 1, '0')
  const point = padded.length - decimals
  let end = padded.length
  while (end > point && padded.charCodeAt(end - 1) === ZERO) end--
  const whole = padded.slice(0, point)
  const text = end > point ? `${whole}.${padded.slice(point, end)}` : whole
  return negative && text !== '0' ? `-${text}` : text
}

/** What INCRBYFLOAT stores and replies with, or why it cannot. */
export type LongDoubleSum = { text: string } | 'not a float' | 'nan or infinity'

/** Adds the numbers that two ranges hold as text. */
export function addLongDoubles(
  a: Uint8Array,
  aStart: number,
  aEnd: number,
  b: Uint8Array,
  bStart: number,
  bEnd: number,
): LongDoubleSum {
  const quick = quickSum(a, aStart, aEnd, b, bStart, bEnd)
  if (quick !== null) return { text: quick }
  const left = parseLongDouble(a, aStart, aEnd)
  if (left === null) return 'not a float'
  const right = parseLongDouble(b, bStart, bEnd)
  if (right === null) return 'not a float'
  const sum = sumLongDouble(left, right)
  return sum === null ? 'nan or infinity' : { text: formatLongDouble(sum) }
}

/**
 * Each of the three roundings is off by at most 2^-64 of its value, so the sum by less than
 * 2^-63 * (|a| + |b|), plus what is of second order. That is below half of 10^-17 while
 * |a| + |b| <= 46.
 */
const EXACT_LIMIT = 46
/** The decimals of the quick path; with them 46 still is an exact count of units. */
const QUICK_DECIMALS = 14
const POWERS_OF_TEN = Array.from({ length: QUICK_DECIMALS + 1 }, (_, i) => 10 ** i)

/** The sum where plain numbers give it exactly, else null. */
function quickSum(
  a: Uint8Array,
  aStart: number,
  aEnd: number,
  b: Uint8Array,
  bStart: number,
  bEnd: number,
): string | null {
  const integerSum = parseInteger(a, aStart, aEnd) + parseInteger(b, bStart, bEnd)
  if (Number.isSafeInteger(integerSum)) return String(integerSum)
  const aDecimals = plainDecimals(a, aStart, aEnd)
  const bDecimals = plainDecimals(b, bStart, bEnd)
  if (aDecimals < 0 || bDecimals < 0) return null
  const decimals = Math.max(aDecimals, bDecimals)
  const unit = POWERS_OF_TEN[decimals]
  const left = digitsValue(a, aStart, aEnd) * POWERS_OF_TEN[decimals - aDecimals]
  const right = digitsValue(b, bStart, bEnd) * POWERS_OF_TEN[decimals - bDecimals]
  if (Math.abs(left) + Math.abs(right) > EXACT_LIMIT * unit) return null
  const sum = left + right
  return decimalText(String(Math.abs(sum)), decimals, sum < 0)
}

/**
 * The number of decimals of a plain decimal number (minus, digits, point, digits) that is short
 * enough for the quick path, or -1.
 */
function plainDecimals(bytes: Uint8Array, start: number, end: number): number {
  const first = start < end && bytes[start] === MINUS ? start + 1 : start
  if (first === end || end - first > QUICK_DECIMALS + 1) return -1
  let point = -1
  for (let i = first; i < end; i++) {
    const byte = bytes[i]
    if (byte === POINT && point < 0) point = i
    else if (byte < ZERO || byte > 0x39) return -1
  }
  if (point < 0) return 0
  return end - first === 1 ? -1 : end - point - 1
}

/** The value of the digits of a plain decimal number, as if its point were not there. */
function digitsValue(bytes: Uint8Array, start: number, end: number): number {
  const negative = bytes[start] === MINUS
  let value = 0
  for (let i = negative ? start + 1 : start; i < end; i++) {
    if (bytes[i] !== POINT) value = value * 10 + bytes[i] - ZERO
  }
  return negative ? -value : value
}
