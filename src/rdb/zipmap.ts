/**
 * Redis's zipmap (zipmap.c), in which RDB stored small hashes up to version 3.
 *
 * | bytes  | meaning                                                                     |
 * |--------|-----------------------------------------------------------------------------|
 * | 1      | count of fields, 254: more than it tells                                    |
 * |        | for each field: its length, the field, the value's length, free bytes (1),  |
 * |        | the value, and so many free bytes                                           |
 * | 1      | 255                                                                         |
 *
 * A length is a byte below 254, or 254 and 4 bytes little endian.
 */
import { ElementCursor } from './element-cursor.ts'

const UNKNOWN_COUNT = 254
const LONG = 254
const END = 255

export class Zipmap extends ElementCursor {
  protected readonly name = 'zipmap'
  private expected = 0
  private count = 0
  private isValue = false

  protected openHeader(): void {
    const { first, last, source } = this
    if (last - first < 2) this.fail('it is too short')
    if (source[last - 1] !== END) this.fail('its end is missing')
    this.expected = source[first]
    this.count = 0
    this.isValue = false
    this.position = first + 1
  }

  /** Fields and values take turns. */
  next(): boolean {
    const end = this.last - 1
    if (this.position === end && !this.isValue) {
      if (this.count === 0) this.fail('it is empty')
      if (this.expected !== UNKNOWN_COUNT && this.expected !== this.count) {
        this.fail('it tells another count')
      }
      return false
    }
    const length = this.readLength(end)
    let free = 0
    if (this.isValue) {
      if (this.position >= end) this.fail('a value reaches beyond its end')
      free = this.source[this.position++]
      this.count++
    }
    const start = this.position
    if (start + length + free > end) this.fail('a string reaches beyond its end')
    this.setString(start, start + length)
    this.position = start + length + free
    this.isValue = !this.isValue
    return true
  }

  private readLength(end: number): number {
    const at = this.position
    if (at >= end) this.fail('a value is missing')
    const first = this.source[at]
    if (first === END) this.fail('it ends too early')
    if (first < LONG) {
      this.position = at + 1
      return first
    }
    if (at + 5 > end) this.fail('a length reaches beyond its end')
    this.position = at + 5
    return this.sourceView.getUint32(at + 1, true)
  }
}
