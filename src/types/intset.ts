/**
 * The integer set: a set of 64-bit integers in one block, sorted, as Redis's intset. A member is
 * found by binary search, and all of them are as wide as the widest needs.
 *
 * | offset | bytes     | meaning                                      |
 * |--------|-----------|----------------------------------------------|
 * | 0      | 4         | count of members                             |
 * | 4      | 4         | bytes of each: 2, 4 or 8                     |
 * | 8      | width * n | the members in ascending order, little endian|
 *
 * JavaScript has no plain number for 64 bits, so an integer is kept here as two halves, `high` and
 * `low`, both int32: the value is high * 2^32 + (low as uint32). Integers of up to 32 bits have
 * `high === low >> 31`. BigInt comes in only for the text of integers beyond ±(2^53 - 1).
 *
 * As in Redis the width grows with a wider member and never shrinks again. Methods that may move
 * the set to another block return its new address, or NULL if there is no memory, with the set as
 * it was.
 */
import { type Address, type Arena, NULL, OFFSET_MASK, SEGMENT_SHIFT } from '../arena/arena.ts'
import { moveBytes } from '../arena/bytes.ts'
import {
  mayBeLarge,
  parseBigInteger,
  parseInteger,
  writeBigInteger,
  writeInteger,
} from '../bytes/integers.ts'

const HEADER_BYTES = 8
const WIDTH = 4
const HIGH_WORD = 4294967296
/** Smaller blocks are not given back for yet smaller ones. */
const KEPT_BYTES = 64

export class IntSet {
  /** The integer that was parsed or read last, and that `find` and `insert` take. */
  high = 0
  low = 0
  /** Where the last `find` found its integer, or would have it. */
  index = 0
  private readonly arena: Arena

  constructor(arena: Arena) {
    this.arena = arena
  }

  /** An empty set; NULL if there is no memory. */
  create(): Address {
    const set = this.arena.allocate(HEADER_BYTES)
    if (set === NULL) return NULL
    this.setHeader(set, 0, 2)
    return set
  }

  free(set: Address): void {
    this.arena.free(set)
  }

  /** A copy in a block of its own; NULL if there is no memory. */
  copy(set: Address): Address {
    const used = this.usedBytes(set)
    const copy = this.arena.allocate(used)
    if (copy === NULL) return NULL
    const from = offsetOf(set)
    const bytes = this.arena.bytes[set >>> SEGMENT_SHIFT]!
    this.arena.bytes[copy >>> SEGMENT_SHIFT]!.set(bytes.subarray(from, from + used), offsetOf(copy))
    return copy
  }

  count(set: Address): number {
    return this.viewOf(set).getInt32(offsetOf(set), true)
  }

  width(set: Address): number {
    return this.viewOf(set).getInt32(offsetOf(set) + WIDTH, true)
  }

  /** Bytes in use, header and members. */
  usedBytes(set: Address): number {
    return HEADER_BYTES + this.count(set) * this.width(set)
  }

  /** Reads a strict integer of 64 bits into `high` and `low`. @returns false if it is none */
  parse(bytes: Uint8Array, start: number, end: number): boolean {
    const value = parseInteger(bytes, start, end)
    if (value === (value | 0)) {
      this.low = value | 0
      this.high = this.low >> 31
      return true
    }
    if (!Number.isNaN(value)) {
      this.low = value | 0
      this.high = Math.floor(value / HIGH_WORD)
      return true
    }
    if (!mayBeLarge(start, end)) return false
    const large = parseBigInteger(bytes, start, end)
    if (large === null) return false
    this.low = Number(BigInt.asIntN(32, large))
    this.high = Number(large >> 32n)
    return true
  }

  /** Writes the integer in decimal, 20 bytes at most. @returns the number of bytes written */
  print(target: Uint8Array, offset: number): number {
    if (this.high === this.low >> 31) return writeInteger(target, offset, this.low)
    const value = this.high * HIGH_WORD + (this.low >>> 0)
    if (Number.isSafeInteger(value)) return writeInteger(target, offset, value)
    const exact = (BigInt(this.high) << 32n) | BigInt(this.low >>> 0)
    return writeBigInteger(target, offset, exact)
  }

  /** Reads member `index` into `high` and `low`. */
  read(set: Address, index: number): void {
    const view = this.viewOf(set)
    const base = offsetOf(set)
    this.load(view, base + HEADER_BYTES, view.getInt32(base + WIDTH, true), index)
  }

  private load(view: DataView, first: number, width: number, index: number): void {
    if (width === 8) {
      this.low = view.getInt32(first + index * 8, true)
      this.high = view.getInt32(first + index * 8 + 4, true)
    } else {
      const at = first + index * width
      this.low = width === 2 ? view.getInt16(at, true) : view.getInt32(at, true)
      this.high = this.low >> 31
    }
  }

  /** Looks the integer up, and leaves in `index` where it is or belongs. */
  find(set: Address): boolean {
    const view = this.viewOf(set)
    const base = offsetOf(set)
    const width = view.getInt32(base + WIDTH, true)
    const { high, low } = this
    let from = 0
    let to = view.getInt32(base, true)
    if (this.neededWidth() > width) {
      this.index = high < 0 ? 0 : to
      return false
    }
    const first = base + HEADER_BYTES
    while (from < to) {
      const middle = (from + to) >>> 1
      let order: number
      if (width === 8) {
        const at = first + middle * 8
        const otherHigh = view.getInt32(at + 4, true)
        order = otherHigh - high
        if (order === 0) order = view.getUint32(at, true) - (low >>> 0)
      } else if (width === 4) {
        order = view.getInt32(first + middle * 4, true) - low
      } else {
        order = view.getInt16(first + middle * 2, true) - low
      }
      if (order === 0) {
        this.index = middle
        return true
      }
      if (order < 0) from = middle + 1
      else to = middle
    }
    this.index = from
    return false
  }

  private neededWidth(): number {
    const { high, low } = this
    if (high !== low >> 31) return 8
    return (low << 16) >> 16 === low ? 2 : 4
  }

  /** Puts the integer where the last `find`, which did not find it, has left `index`. */
  insert(set: Address): Address {
    const count = this.count(set)
    const width = this.width(set)
    const needed = this.neededWidth()
    if (needed > width) return this.widen(set, needed)
    const { arena, index } = this
    const used = HEADER_BYTES + count * width
    const place = HEADER_BYTES + index * width
    let target = set
    if (used + width > arena.capacity(set)) {
      target = arena.allocate(used + width)
      if (target === NULL) return NULL
      this.copyRange(set, 0, target, 0, place)
      this.copyRange(set, place, target, place + width, used - place)
      arena.free(set)
    } else {
      this.copyRange(set, place, set, place + width, used - place)
    }
    this.setHeader(target, count + 1, width)
    this.store(target, width, index, this.high, this.low)
    return target
  }

  /** A wider set with the integer added: at one of its ends, since no other was as wide. */
  private widen(set: Address, width: number): Address {
    const count = this.count(set)
    const target = this.arena.allocate(HEADER_BYTES + (count + 1) * width)
    if (target === NULL) return NULL
    const { high, low } = this
    this.setHeader(target, count + 1, width)
    const shift = high < 0 ? 1 : 0
    for (let i = 0; i < count; i++) {
      this.read(set, i)
      this.store(target, width, i + shift, this.high, this.low)
    }
    this.high = high
    this.low = low
    this.store(target, width, high < 0 ? 0 : count, high, low)
    this.arena.free(set)
    return target
  }

  /** Takes member `index` out. @returns the set's address from now on */
  remove(set: Address, index: number): Address {
    const { arena } = this
    const count = this.count(set)
    const width = this.width(set)
    const place = HEADER_BYTES + index * width
    const used = HEADER_BYTES + count * width
    this.copyRange(set, place + width, set, place, used - place - width)
    this.setHeader(set, count - 1, width)
    const needed = used - width
    const capacity = arena.capacity(set)
    if (capacity <= KEPT_BYTES || needed * 2 >= capacity) return set
    const smaller = arena.allocate(needed)
    if (smaller === NULL) return set
    this.copyRange(set, 0, smaller, 0, needed)
    arena.free(set)
    return smaller
  }

  private copyRange(from: Address, start: number, to: Address, target: number, length: number) {
    const bytes = this.arena.bytes[from >>> SEGMENT_SHIFT]!
    const first = offsetOf(from) + start
    if (from === to) {
      moveBytes(bytes, this.viewOf(from), first, offsetOf(to) + target, length)
      return
    }
    this.arena.bytes[to >>> SEGMENT_SHIFT]!.set(
      bytes.subarray(first, first + length),
      offsetOf(to) + target,
    )
  }

  private setHeader(set: Address, count: number, width: number): void {
    const view = this.viewOf(set)
    view.setInt32(offsetOf(set), count, true)
    view.setInt32(offsetOf(set) + WIDTH, width, true)
  }

  private store(set: Address, width: number, index: number, high: number, low: number): void {
    const view = this.viewOf(set)
    const at = offsetOf(set) + HEADER_BYTES + index * width
    if (width === 2) {
      view.setInt16(at, low, true)
      return
    }
    view.setInt32(at, low, true)
    if (width === 8) view.setInt32(at + 4, high, true)
  }

  private viewOf(set: Address): DataView {
    return this.arena.views[set >>> SEGMENT_SHIFT]!
  }

  /** Throws an Error that says what is wrong, unless the members are in ascending order. */
  check(set: Address): void {
    const width = this.width(set)
    if (width !== 2 && width !== 4 && width !== 8) throw new Error('an intset of unknown width')
    if (this.usedBytes(set) > this.arena.capacity(set)) throw new Error('an intset overflows')
    let last = -(2n ** 64n)
    for (let i = 0; i < this.count(set); i++) {
      this.read(set, i)
      const value = (BigInt(this.high) << 32n) | BigInt(this.low >>> 0)
      if (value <= last) throw new Error('an intset is not in order')
      last = value
    }
  }
}

function offsetOf(set: Address): number {
  return (set & OFFSET_MASK) << 3
}
