/**
 * The small form of a hash: a packed list of field, value, field, value …, in the order in which
 * the fields were added; or, of a hash with a head, of triples, the third being when the field
 * expires: 8 bytes, a double, or none. The stride, 2 or 3, says which.
 *
 * Methods that change a list return its address from then on, or NULL if there is no memory, with
 * the list as it was.
 */
import { type Address, type Arena, NULL } from '../arena/arena.ts'
import type { HashPair } from './hash-entry.ts'
import { NO_FIELD_EXPIRY } from './hash-head.ts'
import { elementBytes, NONE, PackedList } from './packed-list.ts'

export const PAIRS = 2
export const TRIPLES = 3

const TIME_BYTES = 8
const timeBytes = new Uint8Array(TIME_BYTES)
const timeView = new DataView(timeBytes.buffer)

/** Bytes that a time takes at most. */
export const TIME_ELEMENT_BYTES = elementBytes(TIME_BYTES)

/** Writes a time where it can be stored from. @returns its length */
function encodeTime(expireAtMs: number): number {
  if (expireAtMs === NO_FIELD_EXPIRY) return 0
  timeView.setFloat64(0, expireAtMs, true)
  return TIME_BYTES
}

export class PackedHash {
  readonly list: PackedList
  private readonly pair: HashPair

  /** @param pair what `read` points at what it finds */
  constructor(arena: Arena, pair: HashPair) {
    this.list = new PackedList(arena)
    this.pair = pair
  }

  /** The place of a field, NONE if it is not there. */
  find(
    list: Address,
    stride: number,
    bytes: Uint8Array,
    view: DataView,
    start: number,
    length: number,
  ): number {
    return this.list.find(list, this.list.first(list), stride, bytes, view, start, length)
  }

  /** Points the pair at the field at `place`, and its value. */
  read(list: Address, place: number, stride: number): void {
    const { list: packed, pair } = this
    packed.read(list, place)
    pair.bytes = packed.bytes
    pair.view = packed.view
    pair.fieldStart = packed.start
    pair.fieldEnd = packed.end
    const valueAt = packed.next(list, place)
    packed.read(list, valueAt)
    pair.valueStart = packed.start
    pair.valueEnd = packed.end
    if (stride === TRIPLES) pair.expireAtMs = this.timeAt(list, packed.next(list, valueAt))
  }

  private timeAt(list: Address, place: number): number {
    const { list: packed } = this
    packed.read(list, place)
    if (packed.start === packed.end) return NO_FIELD_EXPIRY
    return packed.view.getFloat64(packed.start, true)
  }

  /** When the field at `place` of a list of triples expires. */
  expiryAt(list: Address, place: number): number {
    return this.timeAt(list, this.timePlace(list, place))
  }

  private timePlace(list: Address, place: number): number {
    return this.list.next(list, this.list.next(list, place))
  }

  /** The place of the field behind the one at `place`, NONE if that is the last. */
  next(list: Address, place: number, stride: number): number {
    const { list: packed } = this
    let at = packed.next(list, packed.next(list, place))
    if (stride === TRIPLES) at = packed.next(list, at)
    return at
  }

  /** Adds a field that is not there. */
  append(
    list: Address,
    stride: number,
    bytes: Uint8Array,
    view: DataView,
    start: number,
    length: number,
    valueBytes: Uint8Array,
    valueView: DataView,
    valueStart: number,
    valueLength: number,
    expireAtMs: number,
  ): Address {
    const { list: packed } = this
    let more = elementBytes(length) + elementBytes(valueLength)
    if (stride === TRIPLES) more += TIME_ELEMENT_BYTES
    let target = packed.reserve(list, more)
    if (target === NULL) return NULL
    target = packed.append(target, bytes, view, start, length)
    target = packed.append(target, valueBytes, valueView, valueStart, valueLength)
    if (stride === PAIRS) return target
    return packed.append(target, timeBytes, timeView, 0, encodeTime(expireAtMs))
  }

  /** Changes the value of the field at `place`, and in triples its time. */
  replace(
    list: Address,
    place: number,
    stride: number,
    valueBytes: Uint8Array,
    valueView: DataView,
    valueStart: number,
    valueLength: number,
    expireAtMs: number,
  ): Address {
    const { list: packed } = this
    const at = packed.next(list, place)
    if (stride === PAIRS) {
      return packed.replace(list, at, valueBytes, valueView, valueStart, valueLength)
    }
    const more = elementBytes(valueLength) - packed.sizeAt(list, at) + TIME_BYTES
    let target = packed.reserve(list, Math.max(more, TIME_BYTES))
    if (target === NULL) return NULL
    target = packed.replace(target, at, valueBytes, valueView, valueStart, valueLength)
    return this.setExpiry(target, place, expireAtMs)
  }

  /** Changes when the field at `place` of a list of triples expires. */
  setExpiry(list: Address, place: number, expireAtMs: number): Address {
    const length = encodeTime(expireAtMs)
    return this.list.replace(list, this.timePlace(list, place), timeBytes, timeView, 0, length)
  }

  /** A list of triples with the pairs of a list, which stays; NULL if there is no memory. */
  toTriples(list: Address): Address {
    const { list: packed } = this
    // A time that is missing takes two bytes.
    const fields = packed.count(list) >> 1
    let target = packed.create(packed.usedBytes(list) + fields * elementBytes(0))
    if (target === NULL) return NULL
    for (let place = packed.first(list), i = 0; place !== NONE; i++) {
      packed.read(list, place)
      const { bytes, view, start } = packed
      target = packed.append(target, bytes, view, start, packed.end - start)
      if (i % 2 === 1) target = packed.append(target, timeBytes, timeView, 0, 0)
      place = packed.next(list, place)
    }
    return target
  }
}
