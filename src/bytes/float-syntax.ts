/**
 * The text of a floating-point number as C's strtod and strtold read it, and its exact value.
 *
 * Both binary formats that Redis uses (the double of scores, the x87 extended precision of
 * INCRBYFLOAT) share this grammar and one correctly rounded conversion: a fraction of two big
 * integers, rounded to a given number of bits, half to even.
 *
 * Redis demands that the whole text be the number. Spaces before it are refused, and so is a NaN
 * in any spelling, which leaves
 *
 *   [+-] ( digits [. digits] [e [+-] digits] | 0x hex [. hex] [p [+-] digits] | inf | infinity )
 *
 * where either side of the point may lack digits, though not both, and case does not matter.
 */
import { equalsIgnoreCase, latin1 } from './text.ts'

const PLUS = 0x2b
const MINUS = 0x2d
const POINT = 0x2e
const ZERO = 0x30
const LOWER_E = 0x65
const LOWER_P = 0x70
const LOWER_X = 0x78

/** Digits beyond these many only count as "and a little more": they cannot change a rounding. */
const MAX_DIGITS = 20_000

/** Exponents saturate here; it leaves room to add any length of text. */
const MAX_EXPONENT = 2 ** 40

/** Magnitudes beyond 2^±20000 overflow or vanish in both formats. */
const BEYOND_BITS = 20_000
const BEYOND = 1n << BigInt(BEYOND_BITS)

export type FloatSyntax = 'invalid' | 'decimal' | 'hexadecimal' | 'infinity'

/** A value as numerator / denominator, both positive, apart from a numerator of zero. */
export interface Fraction {
  negative: boolean
  numerator: bigint
  denominator: bigint
}

/** mantissa * 2^exponent. */
export interface Binary {
  mantissa: bigint
  exponent: number
}

function isSign(byte: number): boolean {
  return byte === PLUS || byte === MINUS
}

function isDecimalDigit(byte: number): boolean {
  return byte >= ZERO && byte <= 0x39
}

function isHexDigit(byte: number): boolean {
  const lower = byte | 0x20
  return isDecimalDigit(byte) || (lower >= 0x61 && lower <= 0x66)
}

/** Where the digits start: behind a sign and, in hexadecimal, behind `0x`. */
function digitsStart(bytes: Uint8Array, start: number, hexadecimal: boolean): number {
  return (isSign(bytes[start]) ? start + 1 : start) + (hexadecimal ? 2 : 0)
}

/** Says what a range is, as a whole. Allocates nothing. */
export function floatSyntax(bytes: Uint8Array, start: number, end: number): FloatSyntax {
  let position = start < end && isSign(bytes[start]) ? start + 1 : start
  if (position === end) return 'invalid'
  if ((bytes[position] | 0x20) === 0x69) {
    const infinite =
      equalsIgnoreCase(bytes, position, end, 'inf') ||
      equalsIgnoreCase(bytes, position, end, 'infinity')
    return infinite ? 'infinity' : 'invalid'
  }
  const hexadecimal =
    bytes[position] === ZERO && position + 1 < end && (bytes[position + 1] | 0x20) === LOWER_X
  if (hexadecimal) position += 2
  const isDigit = hexadecimal ? isHexDigit : isDecimalDigit
  let digits = 0
  let points = 0
  for (; position < end; position++) {
    if (isDigit(bytes[position])) digits++
    else if (bytes[position] === POINT && points === 0) points++
    else break
  }
  if (digits === 0) return 'invalid'
  if (position < end) {
    if ((bytes[position] | 0x20) !== (hexadecimal ? LOWER_P : LOWER_E)) return 'invalid'
    position++
    if (position < end && isSign(bytes[position])) position++
    if (position === end) return 'invalid'
    for (; position < end; position++) if (!isDecimalDigit(bytes[position])) return 'invalid'
  }
  return hexadecimal ? 'hexadecimal' : 'decimal'
}

/** The signed number in a range that holds an optional sign and digits, saturating. */
function readExponent(bytes: Uint8Array, start: number, end: number): number {
  let value = 0
  for (let i = isSign(bytes[start]) ? start + 1 : start; i < end; i++) {
    value = Math.min(value * 10 + bytes[i] - ZERO, MAX_EXPONENT)
  }
  return bytes[start] === MINUS ? -value : value
}

/**
 * The exact value of a range that `floatSyntax` found to be decimal or hexadecimal. Magnitudes
 * that no format can hold come out as 2^20000 or 2^-20000, and digits past the 20,000th are
 * replaced by a single one: neither changes what `roundToBinary` makes of it.
 */
export function exactFraction(
  bytes: Uint8Array,
  start: number,
  end: number,
  syntax: 'decimal' | 'hexadecimal',
): Fraction {
  const hexadecimal = syntax === 'hexadecimal'
  const isDigit = hexadecimal ? isHexDigit : isDecimalDigit
  const negative = bytes[start] === MINUS
  let position = digitsStart(bytes, start, hexadecimal)
  while (bytes[position] === ZERO && position < end) position++
  let digits = ''
  let runStart = position
  let significant = 0
  let skipped = 0
  let fractional = 0
  let pointSeen = false
  let inexact = false
  for (; position < end; position++) {
    const byte = bytes[position]
    if (byte === POINT) {
      digits += latin1(bytes, runStart, position - skipped)
      runStart = position + 1
      pointSeen = true
      skipped = 0
    } else if (!isDigit(byte)) {
      break
    } else {
      if (pointSeen) fractional++
      if (byte === ZERO && significant === 0) {
        runStart = position + 1
      } else if (significant < MAX_DIGITS) {
        significant++
      } else {
        skipped++
        fractional--
        if (byte !== ZERO) inexact = true
      }
    }
  }
  digits += latin1(bytes, runStart, position - skipped)
  if (digits === '') return { negative, numerator: 0n, denominator: 1n }
  let scale = -fractional
  if (inexact) {
    digits += '1'
    scale -= 1
  }
  const exponent = position < end ? readExponent(bytes, position + 1, end) : 0
  if (!hexadecimal) return scaled(negative, BigInt(digits), 10n, scale + exponent, digits.length)
  return scaled(negative, BigInt(`0x${digits}`), 2n, scale * 4 + exponent, digits.length * 4)
}

/** value * base^exponent, kept from growing beyond what any format can hold. */
function scaled(
  negative: boolean,
  value: bigint,
  base: bigint,
  exponent: number,
  digits: number,
): Fraction {
  const limit = base === 10n ? 6000 : BEYOND_BITS
  if (exponent + digits > limit) return { negative, numerator: BEYOND, denominator: 1n }
  if (exponent + digits < -limit) return { negative, numerator: 1n, denominator: BEYOND }
  if (exponent >= 0) {
    return { negative, numerator: value * base ** BigInt(exponent), denominator: 1n }
  }
  return { negative, numerator: value, denominator: base ** BigInt(-exponent) }
}

/** How many bits a positive integer has. */
export function bitLength(value: bigint): number {
  const hex = value.toString(16)
  return hex.length * 4 - Math.clz32(Number.parseInt(hex[0], 16)) + 28
}

/**
 * Rounds a positive fraction to the nearest mantissa * 2^exponent where the mantissa has at most
 * `precisionBits` bits (or is just 2^precisionBits) and the exponent is at least
 * `minimumExponent`; ties go to the even mantissa. The range upwards is the caller's to check.
 */
export function roundToBinary(
  numerator: bigint,
  denominator: bigint,
  precisionBits: number,
  minimumExponent: number,
): Binary {
  if (numerator === 0n) return { mantissa: 0n, exponent: 0 }
  let exponent = bitLength(numerator) - bitLength(denominator) - precisionBits
  const below = exponent >= 0 ? denominator << BigInt(exponent) : denominator
  const above = exponent >= 0 ? numerator : numerator << BigInt(-exponent)
  // The quotient has precisionBits or one more; in the second case one bit is given up.
  if ((above / below) >> BigInt(precisionBits) > 0n) exponent++
  exponent = Math.max(exponent, minimumExponent)
  const divisor = exponent >= 0 ? denominator << BigInt(exponent) : denominator
  const dividend = exponent >= 0 ? numerator : numerator << BigInt(-exponent)
  let mantissa = dividend / divisor
  const twice = (dividend - mantissa * divisor) * 2n
  if (twice > divisor || (twice === divisor && (mantissa & 1n) === 1n)) mantissa++
  return { mantissa, exponent }
}
