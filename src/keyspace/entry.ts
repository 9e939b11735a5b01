/**
 * An entry of the keyspace: one block in the arena that holds a key and, if it is small, its value.
 * With the key and the value side by side, a GET touches the dict's table and one block.
 *
 * | offset | bytes | meaning                                                                    |
 * |--------|-------|----------------------------------------------------------------------------|
 * | 0      | 2     | bits 0-14 key length (0x7fff: long), bit 15 has expiry (see dict-entry.ts) |
 * | 2      | 2     | length of a string value that is kept inline                               |
 * | 4      | 1     | bits 0-2 type, bit 3 the epoch that it was made or saved in (preserver.ts),|
 * |        |       | bits 4-7 encoding                                                          |
 * | 5      | 3     | access bits: LRU clock, or LFU counter and minutes                         |
 * | 8      | 8     | only with expiry: Unix time in ms, int64                                   |
 * | …      | 4     | only for a long key: its length                                            |
 * | …      |       | the key                                                                    |
 * | …      |       | the value: the bytes of an inline string, or 8 bytes that say where it is: |
 * |        |       | the address of its block (4) and its length in bytes (4)                   |
 *
 * Functions take the arena and the entry's address, and are valid for live entries only.
 */
import { type Address, type Arena, OFFSET_MASK, SEGMENT_SHIFT } from '../arena/arena.ts'
import { ENTRY_FLAG, keyLength, keyOffset, LONG_KEY } from '../arena/dict-entry.ts'
import { TYPE_STRING } from '../types/type.ts'

export {
  TYPE_HASH,
  TYPE_LIST,
  TYPE_NAMES,
  TYPE_SET,
  TYPE_SORTED_SET,
  TYPE_STREAM,
  TYPE_STRING,
} from '../types/type.ts'

/** Bytes before the expiry time, the key length and the key. */
export const HEADER_BYTES = 8

/** Strings up to this many bytes are kept inline. */
export const INLINE_MAX_BYTES = 4096

/** Bytes that say where a value in a block of its own is. */
export const REFERENCE_BYTES = 8

/** Bit of the encoding: the value is in a block of its own. */
export const SEPARATE = 4

/** Bit of the header that tells the epoch. */
export const EPOCH_BIT = 8

/** `expireAtMs` of an entry that does not expire. */
export const NO_EXPIRY = -1

const HIGH_WORD = 4294967296

/** Offset of the entry in its segment. */
export function offsetOf(entry: Address): number {
  return (entry & OFFSET_MASK) << 3
}

export function viewOf(arena: Arena, entry: Address): DataView {
  return arena.views[entry >>> SEGMENT_SHIFT]!
}

export function bytesOf(arena: Arena, entry: Address): Uint8Array {
  return arena.bytes[entry >>> SEGMENT_SHIFT]!
}

export function typeOf(arena: Arena, entry: Address): number {
  return arena.bytes[entry >>> SEGMENT_SHIFT]![offsetOf(entry) + 4]! & 7
}

/** Bit 3 of the header: see `preserver.ts`. */
export function epochOf(arena: Arena, entry: Address): number {
  return arena.bytes[entry >>> SEGMENT_SHIFT]![offsetOf(entry) + 4]! & EPOCH_BIT
}

/** Turns over the epoch of an entry. */
export function flipEpoch(arena: Arena, entry: Address): void {
  arena.bytes[entry >>> SEGMENT_SHIFT]![offsetOf(entry) + 4]! ^= EPOCH_BIT
}

export function encodingOf(arena: Arena, entry: Address): number {
  return arena.bytes[entry >>> SEGMENT_SHIFT]![offsetOf(entry) + 4]! >>> 4
}

/** The 24 access bits. */
export function accessOf(arena: Arena, entry: Address): number {
  return viewOf(arena, entry).getInt32(offsetOf(entry) + 4, true) >>> 8
}

export function setAccess(arena: Arena, entry: Address, access: number): void {
  const view = viewOf(arena, entry)
  const at = offsetOf(entry) + 4
  const word = view.getInt32(at, true)
  const changed = (word & 0xff) | (access << 8)
  // A write to memory that is only read otherwise costs a cache line: skip it where it can be.
  if (changed !== word) view.setInt32(at, changed, true)
}

export function hasExpiry(arena: Arena, entry: Address): boolean {
  return (arena.bytes[entry >>> SEGMENT_SHIFT]![offsetOf(entry) + 1]! & (ENTRY_FLAG >>> 8)) !== 0
}

/** Unix time in ms at which the entry expires, to the precision of a double; or `NO_EXPIRY`. */
export function expireAtMsOf(arena: Arena, entry: Address): number {
  if (!hasExpiry(arena, entry)) return NO_EXPIRY
  const view = viewOf(arena, entry)
  const at = offsetOf(entry) + HEADER_BYTES
  return view.getInt32(at + 4, true) * HIGH_WORD + view.getUint32(at, true)
}

/** The same to the last digit, for an entry that expires. */
export function exactExpireAtMsOf(arena: Arena, entry: Address): bigint {
  return viewOf(arena, entry).getBigInt64(offsetOf(entry) + HEADER_BYTES, true)
}

/** Writes the expiry time of an entry that has room for one. */
export function setExpireAtMs(arena: Arena, entry: Address, expireAtMs: number | bigint): void {
  const view = viewOf(arena, entry)
  const at = offsetOf(entry) + HEADER_BYTES
  if (typeof expireAtMs === 'bigint') {
    view.setBigInt64(at, expireAtMs, true)
  } else {
    view.setInt32(at, expireAtMs | 0, true)
    view.setInt32(at + 4, Math.floor(expireAtMs / HIGH_WORD), true)
  }
}

export function keyLengthOf(arena: Arena, entry: Address): number {
  return keyLength(viewOf(arena, entry), offsetOf(entry), HEADER_BYTES)
}

/** Offset of the key in the entry's segment. */
export function keyOffsetOf(arena: Arena, entry: Address): number {
  return keyOffset(viewOf(arena, entry), offsetOf(entry), HEADER_BYTES)
}

/** The key's bytes in the arena itself: valid until the next change of the keyspace. */
export function keySliceOf(arena: Arena, entry: Address): Uint8Array {
  const start = keyOffsetOf(arena, entry)
  return bytesOf(arena, entry).subarray(start, start + keyLengthOf(arena, entry))
}

/** Offset of the value, or of the reference to it, in the entry's segment. */
export function valueOffsetOf(arena: Arena, entry: Address): number {
  const view = viewOf(arena, entry)
  const at = offsetOf(entry)
  const word = view.getUint16(at, true)
  const start = at + HEADER_BYTES + ((word & ENTRY_FLAG) >>> 12)
  const length = word & LONG_KEY
  return length === LONG_KEY ? start + 4 + view.getUint32(start, true) : start + length
}

/** Bytes of the value, or of the reference to it, that lie in the entry itself. */
export function valueBytesInEntry(arena: Arena, entry: Address): number {
  if (typeOf(arena, entry) !== TYPE_STRING) return REFERENCE_BYTES
  if ((encodingOf(arena, entry) & SEPARATE) !== 0) return REFERENCE_BYTES
  return viewOf(arena, entry).getUint16(offsetOf(entry) + 2, true)
}

/** The block that holds the value of an entry whose value is not inline. */
export function valueAddressOf(arena: Arena, entry: Address): Address {
  return viewOf(arena, entry).getInt32(valueOffsetOf(arena, entry), true) as Address
}
