/**
 * Redis's ziplist (ziplist.c), in which RDB stored small lists, hashes and sorted sets up to
 * version 9.
 *
 * | offset | bytes | meaning                                        |
 * |--------|-------|------------------------------------------------|
 * | 0      | 4     | bytes of the whole, little endian              |
 * | 4      | 4     | offset of the last element                     |
 * | 8      | 2     | count of elements, 65535: more than it tells   |
 * | 10     |       | elements                                       |
 * | last   | 1     | 255                                            |
 *
 * An element begins with the size of the one before: a byte below 254, or 254 and 4 bytes. Then:
 *
 * | first byte | bytes behind | element                                    |
 * |------------|--------------|--------------------------------------------|
 * | 00nnnnnn   | n            | string below 64 bytes                      |
 * | 01nnnnnn   | 1 + n        | string below 16,384 bytes, big endian      |
 * | 10000000   | 4 + n        | string, its length big endian              |
 * | 11000000   | 2            | integer of 16 bits, little endian          |
 * | 11010000   | 4            | integer of 32 bits                         |
 * | 11100000   | 8            | integer of 64 bits                         |
 * | 11110000   | 3            | integer of 24 bits                         |
 * | 11111110   | 1            | integer of 8 bits                          |
 * | 1111nnnn   |              | n - 1: an integer from 0 to 12             |
 */
import { ElementCursor } from './element-cursor.ts'

const HEADER_BYTES = 10
const UNKNOWN_COUNT = 0xffff
const END = 0xff
const LONG_PREVIOUS = 254

export class Ziplist extends ElementCursor {
  protected readonly name = 'ziplist'
  private expected = 0
  private count = 0
  /** Where the last element is to begin, by the header. */
  private tail = 0
  /** Bytes of the element before; 0 at the first. */
  private previousBytes = 0

  protected openHeader(): void {
    const { first, last, source, sourceView } = this
    if (last - first < HEADER_BYTES + 1) this.fail('it is too short')
    if (sourceView.getUint32(first, true) !== last - first) this.fail('it tells another length')
    if (source[last - 1] !== END) this.fail('its end is missing')
    this.tail = first + sourceView.getUint32(first + 4, true)
    if (this.tail > last - 1) this.fail('its last element is elsewhere')
    this.expected = sourceView.getUint16(first + 8, true)
    this.count = 0
    this.previousBytes = 0
    this.position = first + HEADER_BYTES
  }

  next(): boolean {
    const end = this.last - 1
    const at = this.position
    if (at === end) {
      if (this.expected !== UNKNOWN_COUNT && this.expected !== this.count) {
        this.fail('it tells another count')
      }
      if (this.count > 0 && at - this.previousBytes !== this.tail) {
        this.fail('its last element is elsewhere')
      }
      return false
    }
    const { source, sourceView: view } = this
    let body = at + 1
    let previousBytes = source[at]
    if (previousBytes === END) this.fail('it ends too early')
    if (previousBytes === LONG_PREVIOUS) {
      body = at + 5
      if (body > end) this.fail('an element reaches beyond its end')
      previousBytes = view.getUint32(at + 1, true)
    }
    if (previousBytes !== this.previousBytes) this.fail('the size of an element is told otherwise')
    if (body >= end) this.fail('an element reaches beyond its end')
    const next = this.readElement(body, end)
    this.previousBytes = next - at
    this.position = next
    this.count++
    return true
  }

  /** Sets the element. @returns where it ends */
  private readElement(at: number, end: number): number {
    const { source, sourceView: view } = this
    const first = source[at]
    if (first < 0x40) return this.readString(at + 1, first, end)
    if (first < 0xc0) {
      const isShort = first < 0x80
      if (at + (isShort ? 2 : 5) > end) this.fail('an element reaches beyond its end')
      if (isShort) return this.readString(at + 2, view.getUint16(at) & 0x3fff, end)
      if (first !== 0x80) this.fail('an element has an unknown encoding')
      return this.readString(at + 5, view.getUint32(at + 1), end)
    }
    if (first > 0xf0 && first < 0xfe) {
      this.setInteger(first - 0xf1)
      return at + 1
    }
    const more = INTEGER_BYTES.get(first)
    if (more === undefined) return this.fail('an element has an unknown encoding')
    if (at + 1 + more > end) this.fail('an element reaches beyond its end')
    if (more === 1) this.setInteger(view.getInt8(at + 1))
    else if (more === 2) this.setInteger(view.getInt16(at + 1, true))
    else if (more === 3) {
      this.setInteger(view.getUint16(at + 1, true) | (view.getInt8(at + 3) << 16))
    } else if (more === 4) this.setInteger(view.getInt32(at + 1, true))
    else this.setInteger(view.getBigInt64(at + 1, true))
    return at + 1 + more
  }

  private readString(start: number, length: number, end: number): number {
    if (start + length > end) this.fail('an element reaches beyond its end')
    this.setString(start, start + length)
    return start + length
  }
}

/** Bytes of the integers, by the first byte of the element. */
const INTEGER_BYTES: ReadonlyMap<number, number> = new Map([
  [0xc0, 2],
  [0xd0, 4],
  [0xe0, 8],
  [0xf0, 3],
  [0xfe, 1],
])
