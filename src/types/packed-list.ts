/**
 * The packed list: a short sequence of byte strings in one block, as Redis's listpack.
 *
 * All small collections are kept so: lists, hashes (field, value, field, value …), sets and sorted
 * sets (member, score …). Everything in it is found by walking, which for the few elements that the
 * thresholds allow is quicker than any index and costs two bytes an element.
 *
 * | offset | bytes | meaning                                              |
 * |--------|-------|------------------------------------------------------|
 * | 0      | 4     | bytes in use, this header with them                  |
 * | 4      | 4     | count of elements                                    |
 * | 8      |       | the elements, one behind the other                   |
 *
 * An element:
 *
 * | bytes  | meaning                                                                       |
 * |--------|-------------------------------------------------------------------------------|
 * | 1 or 5 | its length below 255; or 255 and the length as a uint32                       |
 * |        | the string                                                                    |
 * | 1 or 5 | length of the two above, if below 255; or that as a uint32 and 255: a walk    |
 * |        | backwards reads it from its end                                               |
 *
 * A place is the offset of an element in its block. The place behind the last element is the bytes
 * in use; place 0, which stands for "none", there is not. Changes move what is behind them, and may
 * move the list to another block: methods that may do so return its new address, or NULL if there
 * is no memory, with the list as it was.
 */
import { type Address, type Arena, NULL, OFFSET_MASK, SEGMENT_SHIFT } from '../arena/arena.ts'
import { copyBytes, equalBytes, moveBytes } from '../arena/bytes.ts'

const HEADER_BYTES = 8
const COUNT = 4
const LONG = 255
/** No element. */
export const NONE = 0

/** Bytes that an element takes whose string has `length` bytes. */
export function elementBytes(length: number): number {
  const body = (length < LONG ? 1 : 5) + length
  return body + (body < LONG ? 1 : 5)
}

export class PackedList {
  private readonly arena: Arena
  // Where the string of the last `read` is: valid until the next change of the arena.
  bytes: Uint8Array = new Uint8Array(0)
  view: DataView = new DataView(this.bytes.buffer)
  start = 0
  end = 0

  constructor(arena: Arena) {
    this.arena = arena
  }

  /** An empty list with room for `contentBytes` of elements; NULL if there is no memory. */
  create(contentBytes = 0): Address {
    const list = this.arena.allocate(HEADER_BYTES + contentBytes)
    if (list === NULL) return NULL
    const view = this.viewOf(list)
    const base = offsetOf(list)
    view.setInt32(base, HEADER_BYTES, true)
    view.setInt32(base + COUNT, 0, true)
    return list
  }

  free(list: Address): void {
    this.arena.free(list)
  }

  /** A copy in a block of its own, with room for more elements; NULL if there is no memory. */
  copy(list: Address, moreBytes = 0): Address {
    const used = this.usedBytes(list)
    const copy = this.arena.allocate(used + moreBytes)
    if (copy === NULL) return NULL
    const from = offsetOf(list)
    this.bytesOf(copy).set(this.bytesOf(list).subarray(from, from + used), offsetOf(copy))
    return copy
  }

  /** The elements from `place` on, copied to a list of their own; NULL if there is no memory. */
  copyFrom(list: Address, place: number): Address {
    const used = this.usedBytes(list)
    const copy = this.create(used - place)
    if (copy === NULL) return NULL
    let count = 0
    for (let at = place; at < used; at += this.sizeAt(list, at)) count++
    const from = offsetOf(list)
    const to = offsetOf(copy)
    const source = this.bytesOf(list).subarray(from + place, from + used)
    this.bytesOf(copy).set(source, to + HEADER_BYTES)
    this.viewOf(copy).setInt32(to, HEADER_BYTES + used - place, true)
    this.viewOf(copy).setInt32(to + COUNT, count, true)
    return copy
  }

  /**
   * Makes room for `moreBytes` of elements, so that inserting them cannot fail.
   *
   * @returns the list's address from now on, NULL if there is no memory
   */
  reserve(list: Address, moreBytes: number): Address {
    if (this.usedBytes(list) + moreBytes <= this.arena.capacity(list)) return list
    const other = this.copy(list, moreBytes)
    if (other !== NULL) this.arena.free(list)
    return other
  }

  count(list: Address): number {
    return this.viewOf(list).getInt32(offsetOf(list) + COUNT, true)
  }

  /** Bytes in use, which is also the place behind the last element. */
  usedBytes(list: Address): number {
    return this.viewOf(list).getInt32(offsetOf(list), true)
  }

  /** The first element's place, NONE in an empty list. */
  first(list: Address): number {
    return this.usedBytes(list) > HEADER_BYTES ? HEADER_BYTES : NONE
  }

  /** The last element's place, NONE in an empty list. */
  last(list: Address): number {
    return this.previous(list, this.usedBytes(list))
  }

  /** The place behind the element at `place`, NONE if that is the last. */
  next(list: Address, place: number): number {
    const behind = place + this.sizeAt(list, place)
    return behind < this.usedBytes(list) ? behind : NONE
  }

  /** The place before `place`, which may be the one behind the last; NONE if there is no such. */
  previous(list: Address, place: number): number {
    if (place <= HEADER_BYTES) return NONE
    const view = this.viewOf(list)
    const base = offsetOf(list)
    const last = view.getUint8(base + place - 1)
    if (last < LONG) return place - 1 - last
    return place - 5 - view.getInt32(base + place - 5, true)
  }

  /** The place of element `index`, from the end if negative; NONE if there is no such element. */
  at(list: Address, index: number): number {
    const count = this.count(list)
    if (index < -count || index >= count) return NONE
    const forward = index < 0 ? index + count : index
    if (forward <= count >> 1) {
      let place = HEADER_BYTES
      for (let i = 0; i < forward; i++) place += this.sizeAt(list, place)
      return place
    }
    let place = this.usedBytes(list)
    for (let i = count; i > forward; i--) place = this.previous(list, place)
    return place
  }

  /** Points `bytes`, `view`, `start` and `end` at the string at `place`. */
  read(list: Address, place: number): void {
    const view = this.viewOf(list)
    const at = offsetOf(list) + place
    const length = view.getUint8(at)
    this.bytes = this.bytesOf(list)
    this.view = view
    if (length < LONG) {
      this.start = at + 1
      this.end = at + 1 + length
    } else {
      this.start = at + 5
      this.end = at + 5 + view.getInt32(at + 1, true)
    }
  }

  /**
   * The first place, from `place` on and looking at every `step`th element, with the string given.
   * NONE if there is none.
   */
  find(
    list: Address,
    place: number,
    step: number,
    bytes: Uint8Array,
    view: DataView,
    start: number,
    length: number,
  ): number {
    const used = this.usedBytes(list)
    const ownBytes = this.bytesOf(list)
    const ownView = this.viewOf(list)
    const base = offsetOf(list)
    let at = place
    while (at !== NONE && at < used) {
      const short = ownView.getUint8(base + at)
      const ownLength = short < LONG ? short : ownView.getInt32(base + at + 1, true)
      if (ownLength === length) {
        const ownStart = base + at + (short < LONG ? 1 : 5)
        if (equalBytes(ownBytes, ownView, ownStart, bytes, view, start, length)) return at
      }
      at += elementBytes(ownLength)
      for (let skip = 1; skip < step && at < used; skip++) at += this.sizeAt(list, at)
    }
    return NONE
  }

  /** Bytes of the element at `place`. */
  sizeAt(list: Address, place: number): number {
    const view = this.viewOf(list)
    const at = offsetOf(list) + place
    const length = view.getUint8(at)
    return elementBytes(length < LONG ? length : view.getInt32(at + 1, true))
  }

  /**
   * Puts a string before `place`; with the place behind the last element, at the end.
   *
   * @param bytes must not lie in the list itself
   * @returns the list's address from now on, NULL if there is no memory
   */
  insert(
    list: Address,
    place: number,
    bytes: Uint8Array,
    view: DataView,
    start: number,
    length: number,
  ): Address {
    const size = elementBytes(length)
    const moved = this.shift(list, place, size)
    if (moved === NULL) return NULL
    this.write(moved, place, bytes, view, start, length)
    this.addCount(moved, 1)
    return moved
  }

  append(list: Address, bytes: Uint8Array, view: DataView, start: number, length: number): Address {
    return this.insert(list, this.usedBytes(list), bytes, view, start, length)
  }

  prepend(
    list: Address,
    bytes: Uint8Array,
    view: DataView,
    start: number,
    length: number,
  ): Address {
    return this.insert(list, HEADER_BYTES, bytes, view, start, length)
  }

  /** Puts a string in place of the one at `place`. Otherwise like `insert`. */
  replace(
    list: Address,
    place: number,
    bytes: Uint8Array,
    view: DataView,
    start: number,
    length: number,
  ): Address {
    const old = this.sizeAt(list, place)
    const size = elementBytes(length)
    const moved = size === old ? list : this.shift(list, place + old, size - old)
    if (moved === NULL) return NULL
    this.write(moved, place, bytes, view, start, length)
    return moved
  }

  /** Takes out `count` elements from `place` on. @returns the list's address from now on */
  remove(list: Address, place: number, count = 1): Address {
    let end = place
    for (let i = 0; i < count; i++) end += this.sizeAt(list, end)
    this.addCount(list, -count)
    return this.shift(list, end, place - end)
  }

  /**
   * Moves what is from `place` on by `distance` bytes: up, to make room, or down, over what
   * is before it. The block is changed for another where it is too small or far too large.
   */
  private shift(list: Address, place: number, distance: number): Address {
    const used = this.usedBytes(list)
    const needed = used + distance
    const capacity = this.arena.capacity(list)
    const base = offsetOf(list)
    if (needed <= capacity && (distance > 0 || needed * 2 >= capacity || capacity <= 64)) {
      moveBytes(
        this.bytesOf(list),
        this.viewOf(list),
        base + place,
        base + place + distance,
        used - place,
      )
      this.viewOf(list).setInt32(base, needed, true)
      return list
    }
    const other = this.arena.allocate(needed)
    if (other === NULL) {
      if (distance > 0) return NULL
      moveBytes(
        this.bytesOf(list),
        this.viewOf(list),
        base + place,
        base + place + distance,
        used - place,
      )
      this.viewOf(list).setInt32(base, needed, true)
      return list
    }
    const from = this.bytesOf(list)
    const to = this.bytesOf(other)
    const target = offsetOf(other)
    const kept = distance < 0 ? place + distance : place
    to.set(from.subarray(base, base + kept), target)
    to.set(from.subarray(base + place, base + used), target + place + distance)
    this.viewOf(other).setInt32(target, needed, true)
    this.arena.free(list)
    return other
  }

  private write(
    list: Address,
    place: number,
    bytes: Uint8Array,
    view: DataView,
    start: number,
    length: number,
  ): void {
    const ownView = this.viewOf(list)
    let at = offsetOf(list) + place
    if (length < LONG) {
      ownView.setUint8(at++, length)
    } else {
      ownView.setUint8(at, LONG)
      ownView.setInt32(at + 1, length, true)
      at += 5
    }
    copyBytes(bytes, view, start, this.bytesOf(list), ownView, at, length)
    at += length
    const body = (length < LONG ? 1 : 5) + length
    if (body < LONG) {
      ownView.setUint8(at, body)
    } else {
      ownView.setInt32(at, body, true)
      ownView.setUint8(at + 4, LONG)
    }
  }

  private addCount(list: Address, change: number): void {
    const view = this.viewOf(list)
    const at = offsetOf(list) + COUNT
    view.setInt32(at, view.getInt32(at, true) + change, true)
  }

  private viewOf(list: Address): DataView {
    return this.arena.views[list >>> SEGMENT_SHIFT]!
  }

  private bytesOf(list: Address): Uint8Array {
    return this.arena.bytes[list >>> SEGMENT_SHIFT]!
  }

  /** Throws an Error that says what is wrong, unless the list can be walked both ways. */
  check(list: Address): void {
    const places: number[] = []
    const used = this.usedBytes(list)
    let place = HEADER_BYTES
    while (place < used) {
      places.push(place)
      place += this.sizeAt(list, place)
    }
    if (place !== used) throw new Error('a packed list ends in the middle of an element')
    if (places.length !== this.count(list)) throw new Error('a packed list counts wrongly')
    for (const each of places.reverse()) {
      place = this.previous(list, place)
      if (place !== each) throw new Error('a packed list cannot be walked backwards')
    }
  }
}

function offsetOf(list: Address): number {
  return (list & OFFSET_MASK) << 3
}
