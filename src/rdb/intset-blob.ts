/**
 * Redis's intset (intset.c), as RDB stores sets of integers.
 *
 * | offset | bytes    | meaning                                       |
 * |--------|----------|-----------------------------------------------|
 * | 0      | 4        | bytes of a member: 2, 4 or 8, little endian   |
 * | 4      | 4        | count of members                              |
 * | 8      | n each   | the members in ascending order, little endian |
 */
import { ElementCursor } from './element-cursor.ts'

const HEADER_BYTES = 8

export class IntsetBlob extends ElementCursor {
  protected readonly name = 'intset'
  private width = 2
  private before: number | bigint = 0
  private isFirst = true

  protected openHeader(): void {
    const { first, last, sourceView } = this
    if (last - first < HEADER_BYTES) this.fail('it is too short')
    const width = sourceView.getUint32(first, true)
    if (width !== 2 && width !== 4 && width !== 8) this.fail('its members have an unknown size')
    const count = sourceView.getUint32(first + 4, true)
    if (HEADER_BYTES + count * width !== last - first) this.fail('it tells another count')
    if (count === 0) this.fail('it is empty')
    this.width = width
    this.isFirst = true
    this.position = first + HEADER_BYTES
  }

  next(): boolean {
    const at = this.position
    if (at === this.last) return false
    const { sourceView: view, width } = this
    let value: number | bigint
    if (width === 2) value = view.getInt16(at, true)
    else if (width === 4) value = view.getInt32(at, true)
    else value = view.getBigInt64(at, true)
    if (!this.isFirst && value <= this.before) this.fail('its members are out of order')
    this.before = value
    this.isFirst = false
    this.setInteger(value)
    this.position = at + width
    return true
  }
}
