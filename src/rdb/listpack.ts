/**
 * Redis's listpack (listpack.c of 7.2), as RDB stores small lists, hashes, sets and sorted sets
 * since version 10.
 *
 * | offset | bytes | meaning                                         |
 * |--------|-------|-------------------------------------------------|
 * | 0      | 4     | bytes of the whole, little endian               |
 * | 4      | 2     | count of elements, 65535: more than it can tell |
 * | 6      |       | elements                                        |
 * | last   | 1     | 255                                             |
 *
 * An element begins with its encoding, and ends with the length of what is before, so that it can
 * be walked backwards: seven bits a byte, the lowest last, all but the first with bit 7 set.
 *
 * | first byte | bytes behind | element                                   |
 * |------------|--------------|-------------------------------------------|
 * | 0nnnnnnn   |              | integer of 7 bits, not negative           |
 * | 10nnnnnn   | n            | string below 64 bytes                     |
 * | 110nnnnn   | 1            | integer of 13 bits, high bits first       |
 * | 1110nnnn   | 1 + n        | string below 4,096 bytes, high bits first |
 * | 11110000   | 4 + n        | string, its length little endian          |
 * | 11110001   | 2            | integer of 16 bits, little endian         |
 * | 11110010   | 3            | integer of 24 bits                        |
 * | 11110011   | 4            | integer of 32 bits                        |
 * | 11110100   | 8            | integer of 64 bits                        |
 */
import { ElementCursor } from './element-cursor.ts'

const HEADER_BYTES = 6
const UNKNOWN_COUNT = 0xffff
const END = 0xff

/** Bytes that the length behind an element takes: Redis leaves the largest of each size unused. */
function lengthBytes(length: number): number {
  if (length <= 127) return 1
  if (length < 16383) return 2
  if (length < 2097151) return 3
  return length < 268435455 ? 4 : 5
}

export class Listpack extends ElementCursor {
  protected readonly name = 'listpack'
  private expected = 0
  private count = 0

  protected openHeader(): void {
    const { first, last, source, sourceView } = this
    if (last - first < HEADER_BYTES + 1) this.fail('it is too short')
    if (sourceView.getUint32(first, true) !== last - first) this.fail('it tells another length')
    if (source[last - 1] !== END) this.fail('its end is missing')
    this.expected = sourceView.getUint16(first + 4, true)
    this.count = 0
    this.position = first + HEADER_BYTES
  }

  next(): boolean {
    const end = this.last - 1
    const at = this.position
    if (at === end) {
      if (this.expected !== UNKNOWN_COUNT && this.expected !== this.count) {
        this.fail('it tells another count')
      }
      return false
    }
    const bodyBytes = this.readElement(at, end)
    this.position = this.checkBack(at, bodyBytes, end)
    this.count++
    return true
  }

  /** Sets the element. @returns how many bytes it takes, without its length at the end */
  private readElement(at: number, end: number): number {
    const { source, sourceView: view } = this
    const first = source[at]
    if (first < 0x80) {
      this.setInteger(first)
      return 1
    }
    if (first < 0xc0) return this.readString(at + 1, first & 63, at, end)
    if (at + 2 > end) this.fail('an element reaches beyond its end')
    if (first < 0xe0) {
      const bits = ((first & 31) << 8) | source[at + 1]
      this.setInteger((bits << 19) >> 19)
      return 2
    }
    if (first < 0xf0) return this.readString(at + 2, ((first & 15) << 8) | source[at + 1], at, end)
    const more = first === 0xf1 ? 2 : first === 0xf2 ? 3 : first === 0xf4 ? 8 : 4
    if (first > 0xf4) this.fail('an element has an unknown encoding')
    if (at + 1 + more > end) this.fail('an element reaches beyond its end')
    if (first === 0xf0) return this.readString(at + 5, view.getUint32(at + 1, true), at, end)
    if (first === 0xf1) this.setInteger(view.getInt16(at + 1, true))
    else if (first === 0xf2) {
      this.setInteger(view.getUint16(at + 1, true) | (view.getInt8(at + 3) << 16))
    } else if (first === 0xf3) this.setInteger(view.getInt32(at + 1, true))
    else this.setInteger(view.getBigInt64(at + 1, true))
    return more + 1
  }

  private readString(start: number, length: number, at: number, end: number): number {
    if (start + length > end) this.fail('an element reaches beyond its end')
    this.setString(start, start + length)
    return start + length - at
  }

  /** Checks the length behind an element. @returns where the next element begins */
  private checkBack(at: number, bodyBytes: number, end: number): number {
    const { source } = this
    const size = lengthBytes(bodyBytes)
    const next = at + bodyBytes + size
    if (next > end) this.fail('an element reaches beyond its end')
    let rest = bodyBytes
    for (let i = 1; i <= size; i++) {
      const expected = (rest & 127) | (i < size ? 128 : 0)
      if (source[next - i] !== expected) this.fail('the length behind an element is another')
      rest = Math.floor(rest / 128)
    }
    return next
  }
}
