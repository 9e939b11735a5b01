/**
 * The packed list: a short sequence of byte strings in one block, as Redis's listpack.
 *
 * All small collections are kept so: lists, hashes (field, value, field, value …), sets and sorted
 * sets (member, score …). Everything in it is found by walking, which for the few elements that the
 * thresholds allow is quicker than any index and costs two bytes an element.
 *
 * | offset | bytes | meaning                                              |
 * |--------|-------|------------------------------------------------------|
 * | 0      | 4     | bytes in use, this header and a gap with them; the   |
 * |        |       | highest bit says that there is a gap                 |
 * | 4      | 4     | count of elements                                    |
 * | 8      | 2     | if there is a gap: its bytes, these two with them    |
 * |        |       | the elements, one behind the other                   |
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
 * A gap lets elements be added and taken in front without moving all the others. Only `prepend` and
 * `dropFirst` make one, and an empty list has none.
 *
 * A place is the offset of an element in its block. The place behind the last element is the bytes
 * in use; place 0, which stands for "none", there is not. Changes move what is behind them, and may
 * move the list to another block: methods that may do so return its new address, or NULL if there
 * is no memory, with the list as it was. What is before a change keeps its place, unless the change
 * is at an end: `append`, `prepend` and `dropFirst` may give all elements other places.
 */
import { type Address, type Arena, NULL, OFFSET_MASK, SEGMENT_SHIFT } from '../arena/arena.ts'
import { copyBytes, equalBytes, moveBytes } from '../arena/bytes.ts'

const HEADER_BYTES = 8
const COUNT = 4
const LONG = 255
/** Covers the bytes in use; what is left is the sign, which says that there is a gap. */
const USED_MASK = 0x7fffffff
const MAX_GAP_BYTES = 0xffff
/** Blocks up to this size are kept, however little is in them. */
const KEPT_BYTES = 64
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

  /** A new list gets room for so many bytes of elements at the least; see `trim`. */
  roomBytes = 0

  constructor(arena: Arena) {
    this.arena = arena
  }

  /** An empty list with room for `contentBytes` of elements; NULL if there is no memory. */
  create(contentBytes = 0): Address {
    const list = this.arena.allocate(HEADER_BYTES + Math.max(contentBytes, this.roomBytes))
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

  /** Gives back the room that a list does not need. @returns its address from now on */
  trim(list: Address): Address {
    const { arena } = this
    if (arena.usableBytes(this.usedBytes(list)) === arena.capacity(list)) return list
    const small = this.copy(list)
    if (small === NULL) return list
    arena.free(list)
    return small
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
    return this.viewOf(list).getInt32(offsetOf(list), true) & USED_MASK
  }

  /** Bytes in use but for a gap: what a list of the same elements takes at least. */
  packedBytes(list: Address): number {
    const view = this.viewOf(list)
    const base = offsetOf(list)
    const word = view.getInt32(base, true)
    return word >= 0 ? word : (word & USED_MASK) - view.getUint16(base + HEADER_BYTES, true)
  }

  /** The first element's place, NONE in an empty list. */
  first(list: Address): number {
    const view = this.viewOf(list)
    const base = offsetOf(list)
    const word = view.getInt32(base, true)
    if (word < 0) return HEADER_BYTES + view.getUint16(base + HEADER_BYTES, true)
    return word > HEADER_BYTES ? HEADER_BYTES : NONE
  }

  private gapBytes(list: Address): number {
    const view = this.viewOf(list)
    const base = offsetOf(list)
    return view.getInt32(base, true) < 0 ? view.getUint16(base + HEADER_BYTES, true) : 0
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
    if (view.getInt32(base, true) < 0) {
      if (place === HEADER_BYTES + view.getUint16(base + HEADER_BYTES, true)) return NONE
    }
    const last = view.getUint8(base + place - 1)
    if (last < LONG) return place - 1 - last
    return place - 5 - view.getInt32(base + place - 5, true)
  }

  /** The place of element `index`, from the end if negative; NONE if there is no such element. */
  at(list: Address, index: number): number {
    const count = this.count(list)
    if (index < -count || index >= count) return NONE
    const view = this.viewOf(list)
    const base = offsetOf(list)
    const forward = index < 0 ? index + count : index
    // Hundreds of elements may lie in between: the loops look at nothing but lengths.
    if (forward <= count >> 1) {
      let at = base + HEADER_BYTES + this.gapBytes(list)
      for (let i = 0; i < forward; i++) {
        const short = view.getUint8(at)
        at += elementBytes(short < LONG ? short : view.getInt32(at + 1, true))
      }
      return at - base
    }
    let at = base + this.usedBytes(list)
    for (let i = count; i > forward; i--) {
      const short = view.getUint8(at - 1)
      at -= short < LONG ? short + 1 : view.getInt32(at - 5, true) + 5
    }
    return at - base
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

  /**
   * Puts a string at the end. Otherwise like `insert`.
   *
   * @param expectedBytes what the list may grow to: up to that, another block is the larger for it
   */
  append(
    list: Address,
    bytes: Uint8Array,
    view: DataView,
    start: number,
    length: number,
    expectedBytes = 0,
  ): Address {
    const size = elementBytes(length)
    let target = list
    if (this.usedBytes(list) + size > this.arena.capacity(list)) {
      this.closeGap(list)
      const used = this.usedBytes(list)
      if (used + size > this.arena.capacity(list)) {
        target = this.reserve(list, spacious(used + size, expectedBytes) - used)
        if (target === NULL) return NULL
      }
    }
    const ownView = this.viewOf(target)
    const base = offsetOf(target)
    const word = ownView.getInt32(base, true)
    this.write(target, word & USED_MASK, bytes, view, start, length)
    ownView.setInt32(base, word + size, true)
    ownView.setInt32(base + COUNT, ownView.getInt32(base + COUNT, true) + 1, true)
    return target
  }

  /** Puts a string in front. Otherwise like `append`. */
  prepend(
    list: Address,
    bytes: Uint8Array,
    view: DataView,
    start: number,
    length: number,
    expectedBytes = 0,
  ): Address {
    const size = elementBytes(length)
    const gap = this.gapBytes(list)
    // One byte would be left: too few for the length of a gap.
    if (gap < size || gap === size + 1) {
      return this.prependMoved(list, bytes, view, start, length, expectedBytes)
    }
    this.write(list, HEADER_BYTES + gap - size, bytes, view, start, length)
    this.setGap(list, gap - size)
    this.addCount(list, 1)
    return list
  }

  /** `prepend` where the gap does not serve: all goes to the end of this block or another. */
  private prependMoved(
    list: Address,
    bytes: Uint8Array,
    view: DataView,
    start: number,
    length: number,
    expectedBytes: number,
  ): Address {
    const size = elementBytes(length)
    const first = HEADER_BYTES + this.gapBytes(list)
    const content = this.usedBytes(list) - first
    const needed = HEADER_BYTES + size + content
    let target = list
    if (needed > this.arena.capacity(list)) {
      target = this.arena.allocate(spacious(needed, expectedBytes))
    }
    if (target === NULL) return NULL
    let gap = Math.min(this.arena.capacity(target) - needed, MAX_GAP_BYTES)
    if (gap === 1) gap = 0
    const place = HEADER_BYTES + gap + size
    const from = offsetOf(list)
    const to = offsetOf(target)
    const targetView = this.viewOf(target)
    if (target === list) {
      moveBytes(this.bytesOf(list), targetView, from + first, to + place, content)
    } else {
      const source = this.bytesOf(list).subarray(from + first, from + first + content)
      this.bytesOf(target).set(source, to + place)
      targetView.setInt32(to + COUNT, this.count(list), true)
      this.arena.free(list)
    }
    targetView.setInt32(to, place + content, true)
    this.write(target, HEADER_BYTES + gap, bytes, view, start, length)
    this.setGap(target, gap)
    this.addCount(target, 1)
    return target
  }

  /** Takes out the first element. @returns the list's address from now on */
  dropFirst(list: Address): Address {
    const gap = this.gapBytes(list)
    const wider = gap + this.sizeAt(list, HEADER_BYTES + gap)
    const needed = this.usedBytes(list) - wider
    const capacity = this.arena.capacity(list)
    if (needed === HEADER_BYTES || wider > MAX_GAP_BYTES) {
      return this.remove(list, HEADER_BYTES + gap)
    }
    this.setGap(list, wider)
    this.addCount(list, -1)
    if (needed * 2 >= capacity || capacity <= KEPT_BYTES) return list
    this.closeGap(list)
    return this.shift(list, needed, 0)
  }

  /** Takes out the last element. @returns the list's address from now on */
  dropLast(list: Address): Address {
    const used = this.usedBytes(list)
    const place = this.previous(list, used)
    const capacity = this.arena.capacity(list)
    const isSmall = place * 2 < capacity && capacity > KEPT_BYTES
    if (isSmall || this.count(list) === 1) return this.remove(list, place)
    const view = this.viewOf(list)
    const base = offsetOf(list)
    view.setInt32(base, view.getInt32(base, true) - (used - place), true)
    this.addCount(list, -1)
    return list
  }

  /** Says how long the gap is: 0, or at least two bytes. */
  private setGap(list: Address, gap: number): void {
    const view = this.viewOf(list)
    const base = offsetOf(list)
    const used = view.getInt32(base, true) & USED_MASK
    view.setInt32(base, gap === 0 ? used : used | ~USED_MASK, true)
    if (gap !== 0) view.setUint16(base + HEADER_BYTES, gap, true)
  }

  /** Moves the elements to the front of the block. */
  private closeGap(list: Address): void {
    const gap = this.gapBytes(list)
    if (gap === 0) return
    const view = this.viewOf(list)
    const base = offsetOf(list)
    const used = this.usedBytes(list)
    const first = base + HEADER_BYTES + gap
    moveBytes(this.bytesOf(list), view, first, base + HEADER_BYTES, base + used - first)
    view.setInt32(base, used - gap, true)
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
    if (this.count(list) === 0) return this.clear(list)
    return this.shift(list, end, place - end)
  }

  /** Makes a list without elements one without a gap, too. */
  private clear(list: Address): Address {
    this.viewOf(list).setInt32(offsetOf(list), HEADER_BYTES, true)
    return this.shift(list, HEADER_BYTES, 0)
  }

  /**
   * Moves what is from `place` on by `distance` bytes: up, to make room, or down, over what
   * is before it. The block is changed for another where it is too small or far too large.
   */
  private shift(list: Address, place: number, distance: number): Address {
    const used = this.usedBytes(list)
    const needed = used + distance
    const capacity = this.arena.capacity(list)
    const fits = needed <= capacity
    if (fits && (distance > 0 || needed * 2 >= capacity || capacity <= KEPT_BYTES)) {
      return this.shiftInPlace(list, place, distance)
    }
    const other = this.arena.allocate(needed)
    if (other === NULL) return distance > 0 ? NULL : this.shiftInPlace(list, place, distance)
    const from = this.bytesOf(list)
    const to = this.bytesOf(other)
    const base = offsetOf(list)
    const target = offsetOf(other)
    const kept = distance < 0 ? place + distance : place
    to.set(from.subarray(base, base + kept), target)
    to.set(from.subarray(base + place, base + used), target + place + distance)
    this.addUsed(other, distance)
    this.arena.free(list)
    return other
  }

  private shiftInPlace(list: Address, place: number, distance: number): Address {
    const base = offsetOf(list)
    const length = this.usedBytes(list) - place
    moveBytes(this.bytesOf(list), this.viewOf(list), base + place, base + place + distance, length)
    this.addUsed(list, distance)
    return list
  }

  private addUsed(list: Address, change: number): void {
    const view = this.viewOf(list)
    const base = offsetOf(list)
    view.setInt32(base, view.getInt32(base, true) + change, true)
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
    const gap = this.gapBytes(list)
    if (
      this.viewOf(list).getInt32(offsetOf(list), true) < 0 &&
      (gap < 2 || this.count(list) === 0)
    ) {
      throw new Error('a packed list has a gap that it must not have')
    }
    let place = HEADER_BYTES + gap
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

/** How large a block to ask for where `needed` bytes are, of which `expected` may come to be. */
function spacious(needed: number, expected: number): number {
  return Math.max(needed, Math.min(needed + (needed >> 1), expected))
}

function offsetOf(list: Address): number {
  return (list & OFFSET_MASK) << 3
}
