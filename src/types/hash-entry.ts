/**
 * The entry of a large hash: one block in the arena with a field and its value, which the hash's
 * dict indexes by the field (arena/dict-entry.ts has what the dict reads of it).
 *
 * | offset            | bytes | meaning                                                        |
 * |-------------------|-------|----------------------------------------------------------------|
 * | 0                 | 2     | bits 0-14 field length, 0x7fff = long; bit 15: it expires      |
 * | 2                 | 2     | value length, 0xffff = long                                    |
 * | 4                 | 8     | only if it expires: Unix time in ms, a double                  |
 * | …                 | 4     | only if the field is long: its length as a uint32              |
 * | …                 |       | the field's bytes                                              |
 * | …                 | 4     | only if the value is long: its length as a uint32              |
 * | …                 |       | the value's bytes                                              |
 */
import { type Address, type Arena, NULL, OFFSET_MASK, SEGMENT_SHIFT } from '../arena/arena.ts'
import { copyBytes } from '../arena/bytes.ts'
import {
  ENTRY_FLAG,
  entryWord,
  keyLength,
  keyOffset,
  keyStart,
  LONG_KEY,
} from '../arena/dict-entry.ts'
import { NO_FIELD_EXPIRY } from './hash-head.ts'

export const HASH_HEADER_BYTES = 4
const LONG_VALUE = 0xffff

/**
 * Where a field and its value are. One object is used again and again: it is valid until the next
 * change of the arena.
 */
export class HashPair {
  /** The memory in which both are, and the same for reading words. */
  bytes: Uint8Array = new Uint8Array(0)
  view: DataView = new DataView(this.bytes.buffer)
  fieldStart = 0
  fieldEnd = 0
  valueStart = 0
  valueEnd = 0
  /** Unix time in ms at which the field expires, NO_FIELD_EXPIRY if it does not. */
  expireAtMs = NO_FIELD_EXPIRY
}

/** Bytes of an entry up to its value. */
function valueOffset(fieldBytes: number, valueBytes: number, expires: boolean): number {
  const fieldAt = keyStart(HASH_HEADER_BYTES, fieldBytes, expires)
  return fieldAt + fieldBytes + (valueBytes < LONG_VALUE ? 0 : 4)
}

/**
 * A block for an entry with the field and its expiry time written and the value still missing; NULL
 * if there is no memory.
 *
 * @param expireAtMs NO_FIELD_EXPIRY for none
 */
export function newHashEntry(
  arena: Arena,
  bytes: Uint8Array,
  view: DataView,
  start: number,
  fieldBytes: number,
  valueBytes: number,
  expireAtMs: number,
): Address {
  const expires = expireAtMs !== NO_FIELD_EXPIRY
  const entry = arena.allocate(valueOffset(fieldBytes, valueBytes, expires) + valueBytes)
  if (entry === NULL) return NULL
  const segment = entry >>> SEGMENT_SHIFT
  const target = arena.views[segment]!
  const at = (entry & OFFSET_MASK) << 3
  target.setUint16(at, entryWord(fieldBytes, expires), true)
  if (expires) target.setFloat64(at + HASH_HEADER_BYTES, expireAtMs, true)
  const fieldAt = at + keyStart(HASH_HEADER_BYTES, fieldBytes, expires)
  if (fieldBytes >= LONG_KEY) target.setUint32(fieldAt - 4, fieldBytes, true)
  copyBytes(bytes, view, start, arena.bytes[segment]!, target, fieldAt, fieldBytes)
  return entry
}

/** Whether the block of an entry is what would be allocated for it with another value. */
export function fitsValue(
  arena: Arena,
  entry: Address,
  valueBytes: number,
  expires: boolean,
): boolean {
  const view = arena.views[entry >>> SEGMENT_SHIFT]!
  const at = (entry & OFFSET_MASK) << 3
  if (((view.getUint16(at, true) & ENTRY_FLAG) !== 0) !== expires) return false
  const fieldBytes = keyLength(view, at, HASH_HEADER_BYTES)
  const needed = valueOffset(fieldBytes, valueBytes, expires) + valueBytes
  return arena.capacity(entry) === arena.usableBytes(needed)
}

/** Writes the value of an entry that has room for it. */
export function writeValue(
  arena: Arena,
  entry: Address,
  bytes: Uint8Array,
  view: DataView,
  start: number,
  valueBytes: number,
): void {
  const segment = entry >>> SEGMENT_SHIFT
  const target = arena.views[segment]!
  const at = (entry & OFFSET_MASK) << 3
  let valueAt = keyOffset(target, at, HASH_HEADER_BYTES) + keyLength(target, at, HASH_HEADER_BYTES)
  if (valueBytes < LONG_VALUE) {
    target.setUint16(at + 2, valueBytes, true)
  } else {
    target.setUint16(at + 2, LONG_VALUE, true)
    target.setUint32(valueAt, valueBytes, true)
    valueAt += 4
  }
  copyBytes(bytes, view, start, arena.bytes[segment]!, target, valueAt, valueBytes)
}

/** When an entry expires, NO_FIELD_EXPIRY if it does not. */
export function entryExpiry(arena: Arena, entry: Address): number {
  const view = arena.views[entry >>> SEGMENT_SHIFT]!
  const at = (entry & OFFSET_MASK) << 3
  if ((view.getUint16(at, true) & ENTRY_FLAG) === 0) return NO_FIELD_EXPIRY
  return view.getFloat64(at + HASH_HEADER_BYTES, true)
}

/** Changes the expiry time of an entry that has one. */
export function writeExpiry(arena: Arena, entry: Address, expireAtMs: number): void {
  const view = arena.views[entry >>> SEGMENT_SHIFT]!
  view.setFloat64(((entry & OFFSET_MASK) << 3) + HASH_HEADER_BYTES, expireAtMs, true)
}

/** Points `pair` at the field and the value of an entry. */
export function locatePair(arena: Arena, entry: Address, pair: HashPair): void {
  const segment = entry >>> SEGMENT_SHIFT
  const view = arena.views[segment]!
  const at = (entry & OFFSET_MASK) << 3
  const fieldAt = keyOffset(view, at, HASH_HEADER_BYTES)
  const fieldEnd = fieldAt + keyLength(view, at, HASH_HEADER_BYTES)
  const short = view.getUint16(at + 2, true)
  pair.bytes = arena.bytes[segment]!
  pair.view = view
  pair.fieldStart = fieldAt
  pair.fieldEnd = fieldEnd
  pair.expireAtMs =
    (view.getUint16(at, true) & ENTRY_FLAG) === 0
      ? NO_FIELD_EXPIRY
      : view.getFloat64(at + HASH_HEADER_BYTES, true)
  if (short < LONG_VALUE) {
    pair.valueStart = fieldEnd
    pair.valueEnd = fieldEnd + short
  } else {
    pair.valueStart = fieldEnd + 4
    pair.valueEnd = fieldEnd + 4 + view.getUint32(fieldEnd, true)
  }
}
