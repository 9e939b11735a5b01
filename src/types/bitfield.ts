/**
 * Integers of 1 to 64 bits anywhere in a string, as BITFIELD has them: most significant bit first,
 * whether or not they begin with a byte; signed ones in two's complement.
 *
 * An integer within ±(2^53 - 1) is a number, and only beyond that a bigint, which costs an
 * allocation at every step; so whether two are the same `===` tells. A field is read and written
 * byte by byte, at most nine of them, and above 32 bits in two parts.
 */

/** The form of an integer: signed of 1 to 64 bits, or unsigned of 1 to 63. */
export interface FieldType {
  readonly bits: number
  readonly isSigned: boolean
}

/** What becomes of a result that the field has no room for. */
export type Overflow = 'wrap' | 'saturate' | 'fail'

/** Powers of two, by their exponents. */
const POWER = Float64Array.from({ length: 65 }, (_, exponent) => 2 ** exponent)

/** Bits of the lower part of a long field; up to that many, numbers wrap exactly. */
const PART_BITS = 32
const PART_SIZE = 2 ** PART_BITS

/** The sum of two below this is exact, and no bigint. */
const MAX_TERM = 2 ** 52

/**
 * The integer at bit `offset` of the string from `start` to `end`, behind which all bits are zero.
 *
 * @param offset below 2^53
 */
export function readField(
  view: DataView,
  start: number,
  end: number,
  offset: number,
  { bits, isSigned }: FieldType,
): number | bigint {
  const highBits = bits - PART_BITS
  if (highBits <= 0) {
    const value = readBits(view, start, end, offset, bits)
    return isSigned && value >= POWER[bits - 1]! ? value - POWER[bits]! : value
  }
  const unsigned = readBits(view, start, end, offset, highBits)
  const isNegative = isSigned && unsigned >= POWER[highBits - 1]!
  const high = isNegative ? unsigned - POWER[highBits]! : unsigned
  const low = readBits(view, start, end, offset + highBits, PART_BITS)
  const value = high * PART_SIZE + low
  if (Number.isSafeInteger(value)) return value
  return (BigInt(high) << 32n) | BigInt(low)
}

/** Writes an integer that the field has room for; all of its bits must lie within the string. */
export function writeField(
  view: DataView,
  start: number,
  offset: number,
  { bits }: FieldType,
  value: number | bigint,
): void {
  const highBits = bits - PART_BITS
  if (highBits <= 0) return writeBits(view, start, offset, bits, Number(value))
  const isNumber = typeof value === 'number'
  const high = isNumber ? Math.floor(value / PART_SIZE) : Number(value >> 32n)
  const low = isNumber ? value - high * PART_SIZE : Number(value & 0xffffffffn)
  writeBits(view, start, offset, highBits, high)
  writeBits(view, start, offset + highBits, PART_BITS, low)
}

/** Up to 32 bits as an unsigned number: out of the five bytes that they may spread over. */
function readBits(
  view: DataView,
  start: number,
  end: number,
  offset: number,
  bits: number,
): number {
  const at = start + Math.floor(offset / 8)
  const skipped = offset & 7
  let word = 0
  let last = 0
  if (at + 5 <= end) {
    word = view.getInt32(at)
    last = view.getUint8(at + 4)
  } else {
    for (let i = at; i < at + 4; i++) word = (word << 8) | (i < end ? view.getUint8(i) : 0)
  }
  return ((word << skipped) | (last >>> (8 - skipped))) >>> (32 - bits)
}

/** Writes the last `bits`, up to 32, of a number of 32 bits, signed or not. */
function writeBits(
  view: DataView,
  start: number,
  offset: number,
  bits: number,
  value: number,
): void {
  let at = start + Math.floor(offset / 8)
  let room = 8 - (offset & 7)
  let left = bits
  while (left > 0) {
    const taken = Math.min(room, left)
    const shift = room - taken
    const mask = (1 << taken) - 1
    const part = (value >>> (left - taken)) & mask
    view.setUint8(at, (view.getUint8(at) & ~(mask << shift)) | (part << shift))
    left -= taken
    at++
    room = 8
  }
}

/**
 * What a field that holds `value` holds after `increment`, an integer of 64 bits, was added.
 *
 * @returns null if there is no room for the sum and `overflow` is fail
 */
export function addToField(
  type: FieldType,
  value: number | bigint,
  increment: number | bigint,
  overflow: Overflow,
): number | bigint | null {
  if (isShort(value) && isShort(increment)) {
    const sum = value + increment
    if (type.bits <= PART_BITS || isWithin(type, sum)) return fitNumber(type, sum, overflow)
  }
  const sum = BigInt(value) + BigInt(increment)
  return fitBigInt(type, sum, overflow, sum > 0n)
}

/** What a field holds after it was set to `value`, an integer of 64 bits; null as `addToField`. */
export function setField(
  type: FieldType,
  value: number | bigint,
  overflow: Overflow,
): number | bigint | null {
  const { bits, isSigned } = type
  if (isShort(value)) {
    if (isWithin(type, value)) return value
    if (bits <= PART_BITS && (isSigned || value >= 0)) return fitNumber(type, value, overflow)
  }
  const wanted = BigInt(value)
  // Negative numbers are large ones as Redis sets unsigned fields. And the distance to the largest
  // that fits is one of 64 bits, beyond which even the least integers count as too large.
  if (!isSigned) return fitBigInt(type, BigInt.asUintN(64, wanted), overflow, true)
  const distance = largest(type) - wanted
  const isTooLarge = distance < 0n || (bits < 64 && BigInt.asIntN(64, distance) < 0n)
  return fitBigInt(type, wanted, overflow, isTooLarge)
}

function isShort(value: number | bigint): value is number {
  return typeof value === 'number' && value < MAX_TERM && value > -MAX_TERM
}

/** Whether the field has room for a number, up to 2^53 and thus as exact as its limits need be. */
function isWithin({ bits, isSigned }: FieldType, value: number): boolean {
  const size = POWER[isSigned ? bits - 1 : bits]!
  return value < size && value >= (isSigned ? -size : 0)
}

function fitNumber(type: FieldType, value: number, overflow: Overflow): number | null {
  if (isWithin(type, value)) return value
  if (overflow === 'fail') return null
  const size = POWER[type.bits]!
  const max = type.isSigned ? size / 2 - 1 : size - 1
  if (overflow === 'saturate') return value > max ? max : max + 1 - size
  const wrapped = ((value % size) + size) % size
  return wrapped > max ? wrapped - size : wrapped
}

function largest({ bits, isSigned }: FieldType): bigint {
  return (1n << BigInt(isSigned ? bits - 1 : bits)) - 1n
}

/** @param isAbove whether a value that does not fit counts as too large, not as too small */
function fitBigInt(
  type: FieldType,
  value: bigint,
  overflow: Overflow,
  isAbove: boolean,
): number | bigint | null {
  const { bits, isSigned } = type
  const max = largest(type)
  const min = isSigned ? -max - 1n : 0n
  if (value >= min && value <= max) return shortest(value)
  if (overflow === 'fail') return null
  if (overflow === 'saturate') return shortest(isAbove ? max : min)
  return shortest(isSigned ? BigInt.asIntN(bits, value) : BigInt.asUintN(bits, value))
}

/** A number where it can be one. */
function shortest(value: bigint): number | bigint {
  const number = Number(value)
  return Number.isSafeInteger(number) ? number : value
}
