/**
 * Integers of 1 to 64 bits anywhere in a string, as BITFIELD has them: most significant bit first,
 * whether or not they begin with a byte; signed ones in two's complement.
 *
 * Up to 32 bits an integer is a number, above that a bigint: most fields are small, and a bigint
 * costs an allocation. A field is read and written byte by byte, at most nine of them.
 */

/** The form of an integer: signed of 1 to 64 bits, or unsigned of 1 to 63. */
export interface FieldType {
  readonly bits: number
  readonly isSigned: boolean
}

/** What becomes of a result that the field has no room for. */
export type Overflow = 'wrap' | 'saturate' | 'fail'

/** Fields of up to this many bits are read as numbers. */
const MAX_NUMBER_BITS = 32

/** Within this, sums with a field of MAX_NUMBER_BITS are exact. */
const MAX_NUMBER_TERM = 2 ** 52

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
  if (bits <= MAX_NUMBER_BITS) {
    const value = readBits(view, start, end, offset, bits)
    return isSigned && value >= 2 ** (bits - 1) ? value - 2 ** bits : value
  }
  const highBits = bits - MAX_NUMBER_BITS
  const high = BigInt(readBits(view, start, end, offset, highBits))
  const low = BigInt(readBits(view, start, end, offset + highBits, MAX_NUMBER_BITS))
  const value = (high << 32n) | low
  return isSigned ? BigInt.asIntN(bits, value) : value
}

/** Writes an integer that the field has room for; all of its bits must lie within the string. */
export function writeField(
  view: DataView,
  start: number,
  offset: number,
  { bits }: FieldType,
  value: number | bigint,
): void {
  if (typeof value === 'number') return writeBits(view, start, offset, bits, value)
  const highBits = bits - MAX_NUMBER_BITS
  const unsigned = BigInt.asUintN(64, value)
  writeBits(view, start, offset, highBits, Number(unsigned >> 32n))
  writeBits(view, start, offset + highBits, MAX_NUMBER_BITS, Number(unsigned & 0xffffffffn))
}

/** Up to 32 bits as an unsigned number. */
function readBits(
  view: DataView,
  start: number,
  end: number,
  offset: number,
  bits: number,
): number {
  let at = start + Math.floor(offset / 8)
  let room = 8 - (offset & 7)
  let left = bits
  let value = 0
  while (left > 0) {
    const taken = Math.min(room, left)
    const byte = at < end ? view.getUint8(at) : 0
    value = value * 2 ** taken + ((byte >>> (room - taken)) & ((1 << taken) - 1))
    left -= taken
    at++
    room = 8
  }
  return value
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
  if (typeof value === 'number' && isShort(increment)) {
    return fitNumber(type, value + increment, overflow)
  }
  const sum = BigInt(value) + BigInt(increment)
  return asField(type, fitBigInt(type, sum, overflow, sum > 0n))
}

/** What a field holds after it was set to `value`, an integer of 64 bits; null as `addToField`. */
export function setField(
  type: FieldType,
  value: number | bigint,
  overflow: Overflow,
): number | bigint | null {
  const { bits, isSigned } = type
  if (bits <= MAX_NUMBER_BITS && isShort(value) && (isSigned || value >= 0)) {
    return fitNumber(type, value, overflow)
  }
  const wanted = BigInt(value)
  // Negative numbers are large ones as Redis sets unsigned fields. And the distance to the largest
  // that fits is one of 64 bits, beyond which even the least integers count as too large.
  if (!isSigned) return asField(type, fitBigInt(type, BigInt.asUintN(64, wanted), overflow, true))
  const distance = largest(type) - wanted
  const isTooLarge = distance < 0n || (bits < 64 && BigInt.asIntN(64, distance) < 0n)
  return asField(type, fitBigInt(type, wanted, overflow, isTooLarge))
}

function isShort(value: number | bigint): value is number {
  return typeof value === 'number' && value <= MAX_NUMBER_TERM && value >= -MAX_NUMBER_TERM
}

function fitNumber(
  { bits, isSigned }: FieldType,
  value: number,
  overflow: Overflow,
): number | null {
  const size = 2 ** bits
  const max = isSigned ? size / 2 - 1 : size - 1
  const min = isSigned ? -size / 2 : 0
  if (value >= min && value <= max) return value
  if (overflow === 'fail') return null
  if (overflow === 'saturate') return value > max ? max : min
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
): bigint | null {
  const { bits, isSigned } = type
  const max = largest(type)
  const min = isSigned ? -max - 1n : 0n
  if (value >= min && value <= max) return value
  if (overflow === 'fail') return null
  if (overflow === 'saturate') return isAbove ? max : min
  return isSigned ? BigInt.asIntN(bits, value) : BigInt.asUintN(bits, value)
}

/** In the form in which `readField` gives it. */
function asField({ bits }: FieldType, value: bigint | null): number | bigint | null {
  return value !== null && bits <= MAX_NUMBER_BITS ? Number(value) : value
}
