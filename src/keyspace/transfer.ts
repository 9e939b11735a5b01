/**
 * Entries that go from one key to another, in the same database or in two: RENAME, MOVE, COPY. The
 * entry is made anew, since it holds the key; a value in a block of its own goes along as it is
 * when it is moved, and is copied when it is copied.
 */
import { type Address, NULL } from '../arena/arena.ts'
import { copyBytes } from '../arena/bytes.ts'
import type { Args } from '../resp/args.ts'
import type { Database } from './database.ts'
import {
  bytesOf,
  EPOCH_BIT,
  encodingOf,
  offsetOf,
  SEPARATE,
  TYPE_STRING,
  typeOf,
  valueAddressOf,
  valueBytesInEntry,
  valueOffsetOf,
  viewOf,
} from './entry.ts'
import type { Keyspace } from './keyspace.ts'

/**
 * Moves an entry to the key that `target.find` looked up last, in place of what was found there.
 * The expiry time goes along, and how much the key has been used.
 *
 * @param source a live entry of `from`, other than the one found in `target`
 * @param sourceIndex the argument that is the source's key
 * @param targetIndex the argument that is the new key
 * @returns false if there is no memory; nothing has changed then
 */
export function moveEntry(
  from: Database,
  source: Address,
  args: Args,
  sourceIndex: number,
  target: Database,
  targetIndex: number,
): boolean {
  const entry = newEntryFrom(from, source, args, target, targetIndex)
  if (entry === NULL) return false
  from.keyspace.inheritUse(entry, source)
  // A hash with expiring fields can be in one heap only.
  const isHeaded = from.fields.concerns(source)
  if (isHeaded) from.fields.leaves(source)
  if (!placeMovedEntry(target, entry)) {
    if (isHeaded) from.fields.changed(source)
    return false
  }
  from.find(args, sourceIndex)
  from.unlinkFound()
  from.keyspace.arena.free(source)
  return true
}

/** Like `placeEntry`, for an entry whose value belongs to another entry until it is placed. */
function placeMovedEntry(target: Database, entry: Address): boolean {
  if (target.found !== NULL) return target.placeEntry(entry)
  if (target.insertEntry(entry)) return true
  target.keyspace.arena.free(entry)
  return false
}

/**
 * Copies an entry to the key that `target.find` looked up last, in place of what was found there.
 * The expiry time is copied too; the access bits are those of a new key.
 *
 * @param source a live entry of `from`, other than the one found in `target`
 * @param targetIndex the argument that is the new key
 * @returns false if there is no memory; nothing has changed then
 */
export function copyEntry(
  from: Database,
  source: Address,
  args: Args,
  target: Database,
  targetIndex: number,
): boolean {
  const { keyspace } = from
  const { arena } = keyspace
  const entry = newEntryFrom(from, source, args, target, targetIndex)
  if (entry === NULL) return false
  if ((encodingOf(arena, source) & SEPARATE) !== 0 && !copyValue(keyspace, source, target, entry)) {
    arena.free(entry)
    return false
  }
  return target.placeEntry(entry)
}

/** Gives `entry` a copy of the value of `source`, which is not inline; false for no memory. */
function copyValue(keyspace: Keyspace, source: Address, target: Database, entry: Address): boolean {
  const { arena } = keyspace
  if (typeOf(arena, source) !== TYPE_STRING) {
    const copy = keyspace.collections.at(source).copy()
    if (copy !== NULL) target.setReference(entry, copy, 0)
    return copy !== NULL
  }
  const block = valueAddressOf(arena, source)
  const lengthBytes = viewOf(arena, source).getUint32(valueOffsetOf(arena, source) + 4, true)
  const copy = arena.allocate(lengthBytes)
  if (copy === NULL) return false
  const from = offsetOf(block)
  const bytes = bytesOf(arena, block).subarray(from, from + lengthBytes)
  bytesOf(arena, copy).set(bytes, offsetOf(copy))
  target.setReference(entry, copy, lengthBytes)
  return true
}

/** A new entry with another key and the value of `source`, in its block if it has one. */
function newEntryFrom(
  from: Database,
  source: Address,
  args: Args,
  target: Database,
  keyIndex: number,
): Address {
  const { arena } = from.keyspace
  const sourceView = viewOf(arena, source)
  const at = offsetOf(source)
  const valueBytes = valueBytesInEntry(arena, source)
  const header = sourceView.getUint8(at + 4) & ~EPOCH_BIT
  const inlineLength = sourceView.getUint16(at + 2, true)
  const expireAtMs = from.exactExpiry(source)
  const entry = target.newEntry(args, keyIndex, header, inlineLength, valueBytes, expireAtMs)
  if (entry === NULL) return NULL
  copyBytes(
    bytesOf(arena, source),
    sourceView,
    valueOffsetOf(arena, source),
    bytesOf(arena, entry),
    viewOf(arena, entry),
    valueOffsetOf(arena, entry),
    valueBytes,
  )
  return entry
}
