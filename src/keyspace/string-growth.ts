/**
 * Strings that grow where they are: APPEND, SETRANGE, SETBIT and BITFIELD.
 *
 * A string in a block of its own gets room to grow on, in proportion to its length, so that
 * appending piece by piece costs time linear in the length. Of a huge block that room is counted,
 * but takes none of the system's memory before it is written to. An inline one makes do with what
 * its size class leaves over. What is far behind the end costs no time by itself: the zeros of a
 * huge block are there before anybody writes them.
 */
import { largestBlockBytes, NULL } from '../arena/arena.ts'
import type { Args } from '../resp/args.ts'
import type { Database } from './database.ts'
import {
  bytesOf,
  encodingOf,
  INLINE_MAX_BYTES,
  NO_EXPIRY,
  offsetOf,
  REFERENCE_BYTES,
  SEPARATE,
  TYPE_STRING,
  valueAddressOf,
  valueOffsetOf,
  viewOf,
} from './entry.ts'
import { LABEL_RAW } from './string-value.ts'

/** A growing string gets room for as much again, up to this many bytes. */
const MAX_DOUBLED_BYTES = 1024 * 1024

/** And from there on one part in so many, at least what it got before. */
const LONG_GROWTH_PART = 8

/**
 * Makes the string that was found `length` bytes long (not shorter than it is), the new bytes
 * zero, with room to grow on where it is in a block of its own; or makes a new one if nothing
 * was found. Its bytes may then be changed where they are (`StringValue.locate`). The use of what
 * was found is for the caller to count.
 */
export function growString(
  db: Database,
  args: Args,
  keyIndex: number,
  oldLength: number,
  length: number,
): boolean {
  const { arena } = db.keyspace
  const old = db.found
  if (old !== NULL && (encodingOf(arena, old) & SEPARATE) !== 0) {
    return growSeparateString(db, oldLength, length)
  }
  const expireAtMs = old === NULL ? NO_EXPIRY : db.exactExpiry(old)
  if (length <= INLINE_MAX_BYTES) {
    if (old !== NULL) {
      const from = valueOffsetOf(arena, old)
      if (from - offsetOf(old) + length <= arena.capacity(old)) {
        bytesOf(arena, old).fill(0, from + oldLength, from + length)
        viewOf(arena, old).setInt16(offsetOf(old) + 2, length, true)
        viewOf(arena, old).setInt8(
          offsetOf(old) + 4,
          TYPE_STRING | db.keyspace.epoch | (LABEL_RAW << 4),
        )
        return true
      }
    }
    const header = TYPE_STRING | (LABEL_RAW << 4)
    const entry = db.newEntry(args, keyIndex, header, length, length, expireAtMs)
    if (entry === NULL) return false
    const at = valueOffsetOf(arena, entry)
    const bytes = bytesOf(arena, entry)
    if (old !== NULL) {
      const from = valueOffsetOf(arena, old)
      bytes.set(bytesOf(arena, old).subarray(from, from + oldLength), at)
      db.keyspace.inheritUse(entry, old)
    }
    bytes.fill(0, at + oldLength, at + length)
    return db.placeEntry(entry)
  }
  const block = arena.allocate(withAllowance(length, oldLength))
  if (block === NULL) return false
  const bytes = bytesOf(arena, block)
  const at = offsetOf(block)
  if (old !== NULL) {
    const from = valueOffsetOf(arena, old)
    bytes.set(bytesOf(arena, old).subarray(from, from + oldLength), at)
  }
  if (!arena.isUntouched(block)) bytes.fill(0, at + oldLength, at + length)
  const header = TYPE_STRING | ((LABEL_RAW | SEPARATE) << 4)
  const entry = db.newEntry(args, keyIndex, header, 0, REFERENCE_BYTES, expireAtMs)
  if (entry === NULL) {
    arena.free(block)
    return false
  }
  db.setReference(entry, block, length)
  if (old !== NULL) db.keyspace.inheritUse(entry, old)
  return db.placeEntry(entry)
}

/** The same for a string that is in a block of its own. */
function growSeparateString(db: Database, oldLength: number, length: number): boolean {
  const { arena } = db.keyspace
  const entry = db.found
  let block = valueAddressOf(arena, entry)
  let isClear = false
  if (length > arena.capacity(block)) {
    const larger = arena.allocate(withAllowance(length, oldLength))
    if (larger === NULL) return false
    const from = offsetOf(block)
    const old = bytesOf(arena, block).subarray(from, from + oldLength)
    bytesOf(arena, larger).set(old, offsetOf(larger))
    arena.free(block)
    block = larger
    isClear = arena.isUntouched(block)
  }
  if (!isClear && length > oldLength) {
    bytesOf(arena, block).fill(0, offsetOf(block) + oldLength, offsetOf(block) + length)
  }
  db.setReference(entry, block, length)
  const header = TYPE_STRING | db.keyspace.epoch | ((LABEL_RAW | SEPARATE) << 4)
  viewOf(arena, entry).setInt8(offsetOf(entry) + 4, header)
  return true
}

/** Room for a string that grew to `length` bytes and may go on growing; exact for a new one. */
function withAllowance(length: number, oldLength: number): number {
  if (oldLength === 0) return length
  const doubled = Math.min(length, MAX_DOUBLED_BYTES)
  const allowance = Math.max(doubled, Math.floor(length / LONG_GROWTH_PART))
  return Math.min(length + allowance, Math.max(length, largestBlockBytes))
}
