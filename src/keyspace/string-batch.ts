/**
 * Setting several strings at once, all or none (MSET, MSETNX).
 *
 * All memory is had before anything that exists is changed. The first round looks every key up: a
 * key that is missing gets its new entry at once, since taking that out again cannot fail; for a
 * key that exists an entry is prepared, unless the value can be written over the old one later. If
 * memory runs out in this round, it is undone; nobody has seen it, as commands run one at a time.
 * The second round puts the values in the place of old ones, in the order of the request, so that
 * the last one of a repeated key stays; it cannot fail.
 *
 * Once an entry has been prepared, all that follow are: the key may be the same, and its entry will
 * then be another one. So entries to be written over are still there when their turn comes.
 *
 * A table of the dict that grew in the first round stays as it is when the round is undone.
 */
import { type Address, type Arena, NULL } from '../arena/arena.ts'
import { copyBytes } from '../arena/bytes.ts'
import { keyStart } from '../arena/dict-entry.ts'
import type { Args } from '../resp/args.ts'
import type { Database } from './database.ts'
import {
  bytesOf,
  encodingOf,
  HEADER_BYTES,
  hasExpiry,
  INLINE_MAX_BYTES,
  NO_EXPIRY,
  offsetOf,
  TYPE_STRING,
  typeOf,
  valueOffsetOf,
  viewOf,
} from './entry.ts'
import type { Keyspace } from './keyspace.ts'
import { LABEL_AUTO, SEPARATE } from './string-value.ts'

const FIRST_CAPACITY = 64
/** Beyond this many pairs the plan of a request is let go when it is done. */
const KEPT_CAPACITY = 4096

/** What the second round has to do for a pair. */
const INSERTED = 0
const OVERWRITE = 1
const REPLACE = 2

/** What is to be done, by pair: the action, and the entry inserted, written over or prepared. */
let actions = new Uint8Array(FIRST_CAPACITY)
let entries = new Int32Array(FIRST_CAPACITY)

/**
 * Sets the keys that are arguments 1, 3, 5 … to the strings that follow each; the expiry times they
 * had are gone. @returns false if there is no memory; nothing has changed then
 */
export function setStrings(db: Database, args: Args): boolean {
  const pairs = (args.count - 1) >> 1
  if (pairs > actions.length) resizePlan(pairs)
  const done = prepare(db, args, pairs)
  if (done) change(db, args, pairs)
  if (actions.length > KEPT_CAPACITY) resizePlan(FIRST_CAPACITY)
  return done
}

function resizePlan(capacity: number): void {
  actions = new Uint8Array(capacity)
  entries = new Int32Array(capacity)
}

/** The first round. @returns false if there is no memory, after it has been undone */
function prepare(db: Database, args: Args, pairs: number): boolean {
  const { arena } = db.keyspace
  let replacing = false
  for (let pair = 0; pair < pairs; pair++) {
    const keyIndex = 2 * pair + 1
    const old = db.find(args, keyIndex)
    const valueBytes = args.length(keyIndex + 1)
    const found = old !== NULL
    if (found && !replacing && fitsInPlace(arena, old, args.length(keyIndex), valueBytes)) {
      actions[pair] = OVERWRITE
      entries[pair] = old
      continue
    }
    const { bytes, view } = args
    const start = args.starts[keyIndex + 1]!
    const entry = db.newString(
      args,
      keyIndex,
      bytes,
      view,
      start,
      valueBytes,
      NO_EXPIRY,
      LABEL_AUTO,
    )
    if (entry === NULL || (!found && !db.placeEntry(entry))) {
      undo(db, args, pair)
      return false
    }
    actions[pair] = found ? REPLACE : INSERTED
    entries[pair] = entry
    if (found) replacing = true
  }
  return true
}

/** Takes back what the first round has done for the first `pairs` pairs. */
function undo(db: Database, args: Args, pairs: number): void {
  for (let pair = 0; pair < pairs; pair++) {
    if (actions[pair] === REPLACE) {
      db.freeEntry(entries[pair] as Address)
    } else if (actions[pair] === INSERTED) {
      db.find(args, 2 * pair + 1)
      db.removeFound()
    }
  }
}

/** The second round. */
function change(db: Database, args: Args, pairs: number): void {
  for (let pair = 0; pair < pairs; pair++) {
    const keyIndex = 2 * pair + 1
    if (actions[pair] === OVERWRITE) {
      overwrite(db.keyspace, entries[pair] as Address, args, keyIndex + 1)
    } else if (actions[pair] === REPLACE) {
      const entry = entries[pair] as Address
      db.keyspace.useAgain(entry, db.find(args, keyIndex))
      db.placeEntry(entry)
    }
  }
}

/** Whether a short string without expiry time fits where an entry has its value. */
function fitsInPlace(arena: Arena, entry: Address, keyBytes: number, length: number): boolean {
  if (length > INLINE_MAX_BYTES || hasExpiry(arena, entry)) return false
  if ((typeOf(arena, entry) | (encodingOf(arena, entry) & SEPARATE)) !== TYPE_STRING) return false
  const valueEnd = keyStart(HEADER_BYTES, keyBytes, false) + keyBytes + length
  return arena.capacity(entry) === arena.usableBytes(valueEnd)
}

/** Writes argument `valueIndex` over the value of an entry in which it fits. */
function overwrite(keyspace: Keyspace, entry: Address, args: Args, valueIndex: number): void {
  const { arena } = keyspace
  const view = viewOf(arena, entry)
  const start = args.starts[valueIndex]!
  const length = args.ends[valueIndex]! - start
  view.setInt16(offsetOf(entry) + 2, length, true)
  view.setInt8(offsetOf(entry) + 4, TYPE_STRING | keyspace.epoch | (LABEL_AUTO << 4))
  const at = valueOffsetOf(arena, entry)
  copyBytes(args.bytes, args.view, start, bytesOf(arena, entry), view, at, length)
  keyspace.touch(entry)
}
