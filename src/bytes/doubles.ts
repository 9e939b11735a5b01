/**
 * Doubles as text: how Redis reads them (scores, INCR arguments of sorted sets, timeouts) and the
 * two forms in which it prints them.
 *
 * Reading follows `string2d` (util.c of Redis 7.2): the whole range must be one number as C's
 * strtod reads it, hexadecimal and infinities included. Decimal numbers go through the engine's
 * own correctly rounded conversion, short ones through a quick path: both the digits (at most 15)
 * and the power of ten (at most 10^22) are exact doubles, so their quotient is rounded once.
 *
 * Where the printed forms are used:
 * - `formatDoubleShortest`, Redis 7.2's `d2string`: every double in a reply, RESP2 and RESP3, and
 *   scores held as text;
 * - `formatDouble17`, C's `%.17g`: replies and `d2string` (apart from integers) up to Redis 7.0,
 *   and the latency figures of INFO in 7.2.
 * Results of INCRBYFLOAT and HINCRBYFLOAT are neither: see long-double.ts.
 */
import { exactFraction, floatSyntax, roundToBinary } from './float-syntax.ts'
import { grisuDigits } from './grisu.ts'
import { latin1 } from './text.ts'

const MINUS = 0x2d
const POINT = 0x2e
const ZERO = 0x30

const PRECISION_BITS = 53
const MINIMUM_EXPONENT = -1074

/** Longer decimals are cut by `exactFraction` first: strings have a greatest length. */
const MAX_DECIMAL_BYTES = 1000

/** Powers of ten that are exact doubles. */
const POWERS_OF_TEN = Array.from({ length: 16 }, (_, i) => 10 ** i)

/**
 * Reads a double.
 *
 * @returns null for what Redis calls "not a valid float": anything that is not wholly a number, a
 * NaN, a number that overflows, or one that is not zero but rounds to zero. `inf` and `infinity`
 * with or without a sign are read as infinities: the caller says whether it takes them.
 */
export function parseDouble(bytes: Uint8Array, start: number, end: number): number | null {
  if (end - start <= 17) {
    const quick = shortDecimal(bytes, start, end)
    if (!Number.isNaN(quick)) return quick
  }
  const syntax = floatSyntax(bytes, start, end)
  if (syntax === 'invalid') return null
  if (syntax === 'infinity') return bytes[start] === MINUS ? -Infinity : Infinity
  if (syntax === 'hexadecimal' || end - start > MAX_DECIMAL_BYTES) {
    return longDouble(bytes, start, end, syntax)
  }
  const value = Number(latin1(bytes, start, end))
  if (value === 0 && !isZero(bytes, start, end)) return null
  return Number.isFinite(value) ? value : null
}

/** Minus, at most 15 digits, perhaps with a point among them; NaN for everything else. */
function shortDecimal(bytes: Uint8Array, start: number, end: number): number {
  const negative = start < end && bytes[start] === MINUS
  let value = 0
  let digits = 0
  let point = -1
  for (let i = negative ? start + 1 : start; i < end; i++) {
    const byte = bytes[i]
    if (byte >= ZERO && byte <= 0x39) {
      value = value * 10 + byte - ZERO
      digits++
    } else if (byte === POINT && point < 0) {
      point = i
    } else {
      return NaN
    }
  }
  if (digits === 0 || digits > 15) return NaN
  if (point >= 0) value /= POWERS_OF_TEN[end - point - 1]
  return negative ? -value : value
}

/** Says whether all digits before the exponent are zeros. */
function isZero(bytes: Uint8Array, start: number, end: number): boolean {
  for (let i = start; i < end && (bytes[i] | 0x20) !== 0x65; i++) {
    if (bytes[i] > ZERO) return false
  }
  return true
}

/** Reads a number of any length, or in hexadecimal, through its exact value. */
function longDouble(
  bytes: Uint8Array,
  start: number,
  end: number,
  syntax: 'decimal' | 'hexadecimal',
): number | null {
  const { negative, numerator, denominator } = exactFraction(bytes, start, end, syntax)
  const binary = roundToBinary(numerator, denominator, PRECISION_BITS, MINIMUM_EXPONENT)
  const value = Number(binary.mantissa) * 2 ** binary.exponent
  if (!Number.isFinite(value) || (value === 0 && numerator !== 0n)) return null
  return negative ? -value : value
}

/** The greatest magnitude that Redis prints as an integer: LLONG_MAX / 2 as a double. */
const INTEGER_LIMIT = 2 ** 62

/** A double as replies of Redis 7.2 have it: `3`, `3.5`, `1e+30`, `inf`, `-inf`, `nan`, `-0`. */
export function formatDoubleShortest(value: number): string {
  if (Number.isInteger(value) && Math.abs(value) <= INTEGER_LIMIT) {
    if (value === 0) return Object.is(value, -0) ? '-0' : '0'
    return Number.isSafeInteger(value) ? String(value) : BigInt(value).toString()
  }
  if (!Number.isFinite(value)) return nonFiniteText(value)
  const { digits, exponent } = grisuDigits(Math.abs(value))
  const negative = value < 0
  const text = layOut(digits, exponent, negative)
  return negative ? `-${text}` : text
}

/**
 * A double as Redis's fpconv prints it, without `d2string`'s own way with integers: 100000000 is
 * `1e+8`. DEBUG DIGEST has scores in this form.
 */
export function formatDoubleFpconv(value: number): string {
  if (value === 0) return Object.is(value, -0) ? '-0' : '0'
  if (!Number.isFinite(value)) return nonFiniteText(value)
  const { digits, exponent } = grisuDigits(Math.abs(value))
  const text = layOut(digits, exponent, value < 0)
  return value < 0 ? `-${text}` : text
}

function nonFiniteText(value: number): string {
  if (Number.isNaN(value)) return 'nan'
  return value > 0 ? 'inf' : '-inf'
}

/** Places the point as fpconv does: few zeros are written out, many become an exponent. */
function layOut(digits: string, exponent: number, negative: boolean): string {
  const count = digits.length
  const scientific = exponent + count - 1
  const magnitude = Math.abs(scientific)
  if (exponent >= 0 && magnitude < count + 7) return digits + '0'.repeat(exponent)
  if (exponent < 0 && (exponent > -7 || magnitude < 4)) {
    const whole = count + exponent
    if (whole <= 0) return `0.${'0'.repeat(-whole)}${digits}`
    return `${digits.slice(0, whole)}.${digits.slice(whole)}`
  }
  const kept = digits.slice(0, negative ? 17 : 18)
  const mantissa = kept.length > 1 ? `${kept[0]}.${kept.slice(1)}` : kept
  return `${mantissa}e${scientific < 0 ? '-' : '+'}${magnitude}`
}

const SIGNIFICANT_DIGITS = 17

/** A double as C's `%.17g` prints it: 17 significant digits at most, an exponent of two or more. */
export function formatDouble17(value: number): string {
  if (!Number.isFinite(value)) return nonFiniteText(value)
  if (value === 0) return Object.is(value, -0) ? '-0' : '0'
  const [mantissa, power] = exponential17(Math.abs(value)).split('e')
  const digits = mantissa.replace('.', '').replace(/0+$/, '')
  const exponent = Number(power)
  const sign = value < 0 ? '-' : ''
  if (exponent < -4 || exponent >= SIGNIFICANT_DIGITS) {
    const fraction = digits.length > 1 ? `.${digits.slice(1)}` : ''
    const exponentDigits = String(Math.abs(exponent)).padStart(2, '0')
    return `${sign}${digits[0]}${fraction}e${exponent < 0 ? '-' : '+'}${exponentDigits}`
  }
  if (exponent < 0) return `${sign}0.${'0'.repeat(-exponent - 1)}${digits}`
  const whole = digits.slice(0, exponent + 1).padEnd(exponent + 1, '0')
  const fraction = digits.slice(exponent + 1)
  return fraction === '' ? sign + whole : `${sign}${whole}.${fraction}`
}

/**
 * `toExponential` with 17 digits, but with ties to even, as C rounds, where JavaScript rounds up.
 * A tie has exactly 18 digits, of which the last is 5.
 */
function exponential17(value: number): string {
  const text = value.toExponential(SIGNIFICANT_DIGITS - 1)
  const longer = value.toExponential(SIGNIFICANT_DIGITS)
  if (longer[SIGNIFICANT_DIGITS + 1] !== '5') return text
  if (!/^.{19}0+e/.test(value.toExponential(100))) return text
  const kept = longer.slice(0, SIGNIFICANT_DIGITS + 1)
  const even = (kept.charCodeAt(SIGNIFICANT_DIGITS) & 1) === 0
  return even ? kept + longer.slice(longer.indexOf('e')) : text
}
