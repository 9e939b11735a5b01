/**
 * The dense form of a HyperLogLog: 16384 registers of 6 bits, one behind the other, the lowest bits
 * of a byte first. Register i begins at bit 6i, so every 3 bytes hold 4 registers:
 *
 * | byte | bits 0-1     | bits 2-3     | bits 4-5     | bits 6-7     |
 * |------|--------------|--------------|--------------|--------------|
 * | 3j   | 4j, bits 0-1 | 4j, 2-3      | 4j, 4-5      | 4j+1, 0-1    |
 * | 3j+1 | 4j+1, 2-3    | 4j+1, 4-5    | 4j+2, 0-1    | 4j+2, 2-3    |
 * | 3j+2 | 4j+2, 4-5    | 4j+3, 0-1    | 4j+3, 2-3    | 4j+3, 4-5    |
 *
 * Functions take the memory and the offset `start` at which register 0 begins. Nothing beyond the
 * last register's byte is read or written.
 */
import { REGISTERS } from './hyperloglog-hash.ts'

/** Bytes that the registers take. */
export const DENSE_REGISTER_BYTES = (REGISTERS * 6) / 8

/** The value of a register, from 0 to 63. */
export function denseRegister(bytes: Uint8Array, start: number, index: number): number {
  const at = start + ((index * 6) >>> 3)
  const shift = (index * 6) & 7
  // Only a register that crosses into the next byte has one: the last does not.
  if (shift <= 2) return (bytes[at]! >>> shift) & 63
  return ((bytes[at]! | (bytes[at + 1]! << 8)) >>> shift) & 63
}

/** Sets a register to a value from 0 to 63. */
export function setDenseRegister(
  bytes: Uint8Array,
  start: number,
  index: number,
  value: number,
): void {
  const at = start + ((index * 6) >>> 3)
  const shift = (index * 6) & 7
  bytes[at] = (bytes[at]! & ~(63 << shift)) | (value << shift)
  if (shift > 2) {
    bytes[at + 1] = (bytes[at + 1]! & ~(63 >>> (8 - shift))) | (value >>> (8 - shift))
  }
}

/** Raises a register to `value` if it is lower. @returns whether it was */
export function raiseDenseRegister(
  bytes: Uint8Array,
  start: number,
  index: number,
  value: number,
): boolean {
  if (denseRegister(bytes, start, index) >= value) return false
  setDenseRegister(bytes, start, index, value)
  return true
}

/** Adds to `histogram[v]`, of 64 elements, the number of registers that are v. */
export function addDenseHistogram(bytes: Uint8Array, start: number, histogram: Int32Array): void {
  const end = start + DENSE_REGISTER_BYTES
  for (let at = start; at < end; at += 3) {
    const word = bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16)
    histogram[word & 63]!++
    histogram[(word >>> 6) & 63]!++
    histogram[(word >>> 12) & 63]!++
    histogram[word >>> 18]!++
  }
}

/** Raises each of the registers in `maximum`, a byte each, to the one in the dense form. */
export function mergeDense(bytes: Uint8Array, start: number, maximum: Uint8Array): void {
  for (let i = 0, at = start; i < REGISTERS; i += 4, at += 3) {
    const word = bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16)
    if (word === 0) continue
    if ((word & 63) > maximum[i]!) maximum[i] = word & 63
    if (((word >>> 6) & 63) > maximum[i + 1]!) maximum[i + 1] = (word >>> 6) & 63
    if (((word >>> 12) & 63) > maximum[i + 2]!) maximum[i + 2] = (word >>> 12) & 63
    if (word >>> 18 > maximum[i + 3]!) maximum[i + 3] = word >>> 18
  }
}

/** Raises the registers of the dense form to those in `maximum`, a byte each, of 0 to 63. */
export function raiseDenseRegisters(bytes: Uint8Array, start: number, maximum: Uint8Array): void {
  for (let i = 0, at = start; i < REGISTERS; i += 4, at += 3) {
    const word = bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16)
    const raised =
      Math.max(word & 63, maximum[i]!) |
      (Math.max((word >>> 6) & 63, maximum[i + 1]!) << 6) |
      (Math.max((word >>> 12) & 63, maximum[i + 2]!) << 12) |
      (Math.max(word >>> 18, maximum[i + 3]!) << 18)
    if (raised === word) continue
    bytes[at] = raised
    bytes[at + 1] = raised >>> 8
    bytes[at + 2] = raised >>> 16
  }
}
