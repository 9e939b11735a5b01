/**
 * Decimal integers as bytes: the strict form that Redis stores as numbers and INCR accepts
 * (`string2ll` in util.c of Redis 7.2), and the form it replies with.
 *
 * Strict means that printing the number gives the same bytes again: an optional minus, no plus,
 * no spaces, no leading zeros, no "-0", within the range of a signed 64-bit integer.
 *
 * Numbers within ±(2^53 - 1) are handled as JavaScript numbers without any allocation; up to nine
 * digits the arithmetic stays within small integers. What lies beyond takes the bigint functions.
 */

const MINUS = 0x2d
const ZERO = 0x30

/** The most bytes an integer takes: "-9223372036854775808". */
export const MAX_INTEGER_BYTES = 20

/** What `parseInteger` returns for all that is no strict integer within ±(2^53 - 1). */
export const NOT_SAFE = NaN

export const INT64_MIN = -(2n ** 63n)
export const INT64_MAX = 2n ** 63n - 1n

/** The digits of 2^63 - 1, to compare without arithmetic. */
const INT64_MAX_DIGITS = Uint8Array.from('9223372036854775807', (digit) => digit.charCodeAt(0))

const BILLION = 1_000_000_000

/**
 * Reads a strict integer.
 *
 * @returns the integer when it lies within ±(2^53 - 1); NOT_SAFE, which is NaN, when the range is
 * not a strict integer or lies beyond. Only ranges of 16 bytes and more can be of the second
 * kind: see `mayBeLarge`.
 */
export function parseInteger(bytes: Uint8Array, start: number, end: number): number {
  const negative = start < end && bytes[start] === MINUS
  const first = negative ? start + 1 : start
  const digits = end - first
  if (digits < 1 || digits > 16) return NOT_SAFE
  let value = bytes[first] - ZERO
  if (value <= 0 || value > 9) return value === 0 && digits === 1 && !negative ? 0 : NOT_SAFE
  const middle = digits <= 9 ? end : first + 9
  let position = first + 1
  for (; position < middle; position++) {
    const digit = bytes[position] - ZERO
    if (digit < 0 || digit > 9) return NOT_SAFE
    value = value * 10 + digit
  }
  if (position < end) return parseMore(bytes, position, end, value, negative)
  return negative ? -value : value
}

/** Goes on from the tenth digit, where the value no longer is a small integer. */
function parseMore(
  bytes: Uint8Array,
  start: number,
  end: number,
  leading: number,
  negative: boolean,
): number {
  let value = leading
  for (let position = start; position < end; position++) {
    const digit = bytes[position] - ZERO
    if (digit < 0 || digit > 9) return NOT_SAFE
    value = value * 10 + digit
  }
  if (value > Number.MAX_SAFE_INTEGER) return NOT_SAFE
  return negative ? -value : value
}

/**
 * Says whether a range for which `parseInteger` gave NOT_SAFE may still be an integer of 64
 * bits, going by its length alone.
 */
export function mayBeLarge(start: number, end: number): boolean {
  return end - start >= 16 && end - start <= MAX_INTEGER_BYTES
}

/** Reads a strict integer of the whole signed 64-bit range; null when it is none. */
export function parseBigInteger(bytes: Uint8Array, start: number, end: number): bigint | null {
  if (!isInteger64(bytes, start, end)) return null
  const negative = bytes[start] === MINUS
  const first = negative ? start + 1 : start
  const middle = end - first > 10 ? end - 10 : first
  const value =
    BigInt(plainDigits(bytes, first, middle)) * 10_000_000_000n +
    BigInt(plainDigits(bytes, middle, end))
  return negative ? -value : value
}

/** The number that at most ten digits stand for; they are not checked. */
function plainDigits(bytes: Uint8Array, start: number, end: number): number {
  let value = 0
  for (let position = start; position < end; position++) {
    value = value * 10 + bytes[position] - ZERO
  }
  return value
}

/**
 * Says whether a range is a strict integer within 64 bits, so that Redis would hold it as one
 * (OBJECT ENCODING "int").
 */
export function isInteger64(bytes: Uint8Array, start: number, end: number): boolean {
  const negative = start < end && bytes[start] === MINUS
  const first = negative ? start + 1 : start
  const digits = end - first
  if (digits < 1 || digits > 19) return false
  if (bytes[first] === ZERO) return digits === 1 && !negative
  for (let position = first; position < end; position++) {
    const digit = bytes[position] - ZERO
    if (digit < 0 || digit > 9) return false
  }
  if (digits < 19) return true
  for (let i = 0; i < 18; i++) {
    const difference = bytes[first + i] - INT64_MAX_DIGITS[i]
    if (difference !== 0) return difference < 0
  }
  return bytes[first + 18] - ZERO <= (negative ? 8 : 7)
}

/** How many bytes `writeInteger` takes, the minus included. |value| <= 2^53 - 1. */
export function integerDigits(value: number): number {
  return value < 0 ? 1 + unsignedDigits(-value) : unsignedDigits(value)
}

function unsignedDigits(value: number): number {
  if (value >= BILLION) return 9 + smallDigits(Math.floor(value / BILLION))
  return smallDigits(value)
}

/** The digits of 0 <= value < 10^9. */
function smallDigits(value: number): number {
  if (value < 10_000) {
    if (value < 100) return value < 10 ? 1 : 2
    return value < 1000 ? 3 : 4
  }
  if (value < 1_000_000) return value < 100_000 ? 5 : 6
  if (value < 100_000_000) return value < 10_000_000 ? 7 : 8
  return 9
}

/**
 * Writes an integer in decimal. |value| <= 2^53 - 1; -0 is written as 0.
 *
 * @returns the number of bytes written, at most 17; the target must have room for them
 */
export function writeInteger(target: Uint8Array, offset: number, value: number): number {
  if (value < 0) {
    target[offset] = MINUS
    return 1 + writeUnsigned(target, offset + 1, -value)
  }
  return writeUnsigned(target, offset, value)
}

function writeUnsigned(target: Uint8Array, offset: number, value: number): number {
  if (value < BILLION) return writeSmall(target, offset, value | 0)
  const high = Math.floor(value / BILLION)
  const digits = writeSmall(target, offset, high | 0)
  writeDigits(target, offset + digits, 9, (value - high * BILLION) | 0)
  return digits + 9
}

/** Writes 0 <= value < 10^9 without leading zeros. */
function writeSmall(target: Uint8Array, offset: number, value: number): number {
  if (value < 10) {
    target[offset] = ZERO + value
    return 1
  }
  const digits = smallDigits(value)
  writeDigits(target, offset, digits, value)
  return digits
}

/** The tens and the ones of 0 to 99 as ASCII digits. */
const TENS = Uint8Array.from({ length: 100 }, (_, i) => ZERO + Math.floor(i / 10))
const ONES = Uint8Array.from({ length: 100 }, (_, i) => ZERO + (i % 10))

/** Writes the last `digits` decimal digits of a small integer, two at a time from the right. */
function writeDigits(target: Uint8Array, offset: number, digits: number, value: number): void {
  let rest = value
  let position = offset + digits - 1
  while (position > offset) {
    const quotient = (rest / 100) | 0
    const pair = rest - quotient * 100
    target[position] = ONES[pair]
    target[position - 1] = TENS[pair]
    position -= 2
    rest = quotient
  }
  if (position === offset) target[position] = ONES[rest]
}

/**
 * Writes any signed 64-bit integer in decimal.
 *
 * @returns the number of bytes written, at most `MAX_INTEGER_BYTES`
 */
export function writeBigInteger(target: Uint8Array, offset: number, value: bigint): number {
  const text = value.toString()
  for (let i = 0; i < text.length; i++) target[offset + i] = text.charCodeAt(i)
  return text.length
}

/** The integer that a text begins with, as C's atoi reads it but of any size; else 0. */
export function leadingInteger(text: string): number {
  return Number.parseInt(text, 10) || 0
}
