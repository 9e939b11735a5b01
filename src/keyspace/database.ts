/**
 * One database: keys with their values and expiry times.
 *
 * Commands work in two steps: `find` looks up a key of the request and remembers its place, and the
 * methods named `…Found` then change what was found. What is remembered is valid until the next
 * `find` or change. Methods that may need memory answer false when there is none, and have then
 * changed nothing.
 *
 * A key whose time has passed counts as absent: `find` removes it.
 */
import { type Address, NULL, SEGMENT_SHIFT } from '../arena/arena.ts'
import { copyBytes } from '../arena/bytes.ts'
import type { Dict } from '../arena/dict.ts'
import { ENTRY_FLAG, entryWord, keyStart, LONG_KEY } from '../arena/dict-entry.ts'
import { presize, touchHomes } from '../arena/dict-presize.ts'
import type { Random } from '../platform/random.ts'
import type { Args } from '../resp/args.ts'
import type { Collection } from '../types/collection.ts'
import {
  bytesOf,
  encodingOf,
  exactExpireAtMsOf,
  expireAtMsOf,
  HEADER_BYTES,
  hasExpiry,
  INLINE_MAX_BYTES,
  keyLengthOf,
  keyOffsetOf,
  NO_EXPIRY,
  offsetOf,
  REFERENCE_BYTES,
  SEPARATE,
  setExpireAtMs,
  TYPE_STRING,
  typeOf,
  valueBytesInEntry,
  valueOffsetOf,
  viewOf,
} from './entry.ts'
import { FieldExpiry } from './field-expiry.ts'
import type { Keyspace } from './keyspace.ts'

/** Shorter strings are copied: that takes no longer than two milliseconds. */
const ADOPTED_MIN_BYTES = 8 * 1024 * 1024

export class Database {
  readonly keyspace: Keyspace
  readonly index: number
  /** The expiry of fields of hashes. */
  readonly fields: FieldExpiry
  private readonly dict: Dict
  /** The dict's root; NULL until the first key. Nobody else sets it. */
  root: Address = NULL
  /** Hash of the key of the last `find`. */
  private hash = 0
  /** What the last `find` found, NULL if nothing. */
  found: Address = NULL
  /** Keeps `insertAll` from leaving out what it reads ahead. */
  touched = 0
  /** Mean time to live of keys with an expiry time, in ms, as last estimated; for INFO. */
  averageTtlMs = 0

  constructor(keyspace: Keyspace, index: number) {
    this.keyspace = keyspace
    this.index = index
    this.dict = keyspace.dict
    this.fields = new FieldExpiry(this)
  }

  /** Number of keys, among them those that expired and were not yet noticed. */
  get count(): number {
    return this.root === NULL ? 0 : this.dict.count(this.root)
  }

  /** Number of keys with an expiry time. */
  get expiring(): number {
    return this.root === NULL ? 0 : this.dict.flaggedCount(this.root)
  }

  /**
   * The entry of the key that is argument `index`, expired or not; NULL if there is none. It is not
   * remembered, and nothing happens to it.
   */
  peek(args: Args, index: number): Address {
    if (this.root === NULL) return NULL
    const start = args.starts[index]!
    const length = args.ends[index]! - start
    const hash = this.dict.hash(args.bytes, args.view, start, length)
    return this.dict.find(this.root, hash, args.bytes, args.view, start, length)
  }

  /** Finds the key that is argument `index`. @returns its entry, or NULL */
  find(args: Args, index: number): Address {
    const start = args.starts[index]!
    const length = args.ends[index]! - start
    const hash = this.dict.hash(args.bytes, args.view, start, length)
    this.hash = hash
    if (this.root === NULL) {
      this.found = NULL
      return NULL
    }
    const entry = this.dict.find(this.root, hash, args.bytes, args.view, start, length)
    this.found = entry
    const { preserver } = this.keyspace
    if (preserver !== null && entry !== NULL) preserver.found(this, entry)
    if (entry !== NULL && hasExpiry(this.keyspace.arena, entry) && this.isExpired(entry)) {
      this.expireFound()
    }
    return this.found
  }

  /** `find` for a command that reads the value: counted, and noted as an access. */
  findForRead(args: Args, index: number): Address {
    const entry = this.find(args, index)
    if (entry === NULL) {
      this.keyspace.misses++
      this.keyspace.keyEvents?.missed(this, args, index)
    } else {
      this.keyspace.hits++
      this.keyspace.touch(entry)
    }
    return entry
  }

  /** `find` for a command that asks about a key only: counted, and not noted as an access. */
  findUntouched(args: Args, index: number): Address {
    const entry = this.findUnnoticed(args, index)
    if (entry === NULL) this.keyspace.keyEvents?.missed(this, args, index)
    return entry
  }

  /** The same where nobody is to be told that the key is not there. */
  findUnnoticed(args: Args, index: number): Address {
    const entry = this.find(args, index)
    if (entry === NULL) this.keyspace.misses++
    else this.keyspace.hits++
    return entry
  }

  /** `find` for a command that changes the value: noted as an access. */
  findForWrite(args: Args, index: number): Address {
    const entry = this.find(args, index)
    if (entry !== NULL) this.keyspace.touch(entry)
    return entry
  }

  /** Whether the time of an entry has passed; in the ms that it names it still lives. */
  isExpired(entry: Address): boolean {
    const { arena, clock, isLoading } = this.keyspace
    const at = expireAtMsOf(arena, entry)
    return at !== NO_EXPIRY && at < clock.nowMs && !isLoading
  }

  /** Removes what was found because its time has passed. */
  private expireFound(): void {
    const { expirySuspended, preserver } = this.keyspace
    if (expirySuspended || (preserver !== null && !preserver.mayRemove(this, this.found))) {
      this.found = NULL
      return
    }
    this.keyspace.listener?.expired(this, this.found)
    this.keyspace.expiredKeys++
    this.removeFound()
  }

  /** Takes what was found out of the dict; entry and value are the caller's then. */
  unlinkFound(): void {
    this.dict.removeFound(this.root)
    this.found = NULL
  }

  /** Removes what was found. */
  removeFound(): void {
    const entry = this.found
    if (this.fields.concerns(entry)) this.fields.leaves(entry)
    this.dict.removeFound(this.root)
    this.freeEntry(entry)
    this.found = NULL
  }

  /**
   * Stores a string under the key of the last `find`, in place of what was found there.
   *
   * @param args the request, argument `keyIndex` of which is the key
   * @param start where the value begins in `bytes`, which may lie in the arena
   * @param expireAtMs Unix time, or NO_EXPIRY
   * @param label one of string-value.ts's labels
   * @returns false if there is no memory
   */
  setString(
    args: Args,
    keyIndex: number,
    bytes: Uint8Array,
    view: DataView,
    start: number,
    length: number,
    expireAtMs: number | bigint,
    label: number,
  ): boolean {
    const { arena } = this.keyspace
    const old = this.found
    const flagged = expireAtMs !== NO_EXPIRY
    const keyBytes = args.ends[keyIndex]! - args.starts[keyIndex]!
    const valueStart = keyStart(HEADER_BYTES, keyBytes, flagged) + keyBytes
    if (
      old !== NULL &&
      length <= INLINE_MAX_BYTES &&
      hasExpiry(arena, old) === flagged &&
      (typeOf(arena, old) | (encodingOf(arena, old) & SEPARATE)) === TYPE_STRING &&
      arena.capacity(old) === arena.usableBytes(valueStart + length)
    ) {
      const target = viewOf(arena, old)
      const at = offsetOf(old)
      target.setInt16(at + 2, length, true)
      target.setInt8(at + 4, TYPE_STRING | this.keyspace.epoch | (label << 4))
      if (flagged) setExpireAtMs(arena, old, expireAtMs)
      copyBytes(bytes, view, start, bytesOf(arena, old), target, at + valueStart, length)
      this.keyspace.touch(old)
      return true
    }
    const entry = this.newString(args, keyIndex, bytes, view, start, length, expireAtMs, label)
    if (entry === NULL) return false
    if (old !== NULL) this.keyspace.useAgain(entry, old)
    return this.placeEntry(entry)
  }

  /**
   * An entry as `setString` would store it, not in the dict yet: see `placeEntry` and `freeEntry`.
   *
   * @returns NULL if there is no memory
   */
  newString(
    args: Args,
    keyIndex: number,
    bytes: Uint8Array,
    view: DataView,
    start: number,
    length: number,
    expireAtMs: number | bigint,
    label: number,
  ): Address {
    const { arena } = this.keyspace
    if (length <= INLINE_MAX_BYTES) {
      const header = TYPE_STRING | (label << 4)
      const entry = this.newEntry(args, keyIndex, header, length, length, expireAtMs)
      if (entry === NULL) return NULL
      const at = valueOffsetOf(arena, entry)
      copyBytes(bytes, view, start, bytesOf(arena, entry), viewOf(arena, entry), at, length)
      return entry
    }
    const block = this.newBlock(args, bytes, start, length)
    if (block === NULL) return NULL
    const header = TYPE_STRING | ((label | SEPARATE) << 4)
    const entry = this.newEntry(args, keyIndex, header, 0, REFERENCE_BYTES, expireAtMs)
    if (entry === NULL) {
      arena.free(block)
      return NULL
    }
    this.setReference(entry, block, length)
    return entry
  }

  /** A block with a long string: the request's own memory if it may be had and is mostly that. */
  private newBlock(args: Args, bytes: Uint8Array, start: number, length: number): Address {
    const { arena } = this.keyspace
    const isMostly = length >= ADOPTED_MIN_BYTES && length * 2 > bytes.length
    if (isMostly && bytes === args.bytes && args.isOnlyUser) {
      const adopted = arena.adopt(bytes, start, length)
      if (adopted !== NULL) {
        args.isAdopted = true
        return adopted
      }
    }
    const block = arena.allocate(length)
    if (block === NULL) return NULL
    bytesOf(arena, block).set(bytes.subarray(start, start + length), offsetOf(block))
    return block
  }

  /** Writes where the value of an entry is that has it in a block of its own. */
  setReference(entry: Address, block: Address, length: number): void {
    const view = viewOf(this.keyspace.arena, entry)
    const at = valueOffsetOf(this.keyspace.arena, entry)
    view.setInt32(at, block, true)
    view.setUint32(at + 4, length, true)
  }

  /** The expiry time as `setExpiryOfFound` takes it, to the last digit. */
  exactExpiry(entry: Address): number | bigint {
    const at = expireAtMsOf(this.keyspace.arena, entry)
    return at <= Number.MAX_SAFE_INTEGER ? at : exactExpireAtMsOf(this.keyspace.arena, entry)
  }

  /**
   * A block with header, expiry time and key written, `valueBytes` long behind the key; not yet in
   * the dict. @returns NULL if there is no memory
   */
  newEntry(
    args: Args,
    keyIndex: number,
    header: number,
    inlineLength: number,
    valueBytes: number,
    expireAtMs: number | bigint,
  ): Address {
    const { arena } = this.keyspace
    const flagged = expireAtMs !== NO_EXPIRY
    const start = args.starts[keyIndex]!
    const keyBytes = args.ends[keyIndex]! - start
    const keyAt = keyStart(HEADER_BYTES, keyBytes, flagged)
    const entry = arena.allocate(keyAt + keyBytes + valueBytes)
    if (entry === NULL) return NULL
    const view = arena.views[entry >>> SEGMENT_SHIFT]!
    const bytes = arena.bytes[entry >>> SEGMENT_SHIFT]!
    const at = offsetOf(entry)
    view.setInt32(at, entryWord(keyBytes, flagged) | (inlineLength << 16), true)
    view.setInt32(at + 4, header | this.keyspace.epoch | (this.keyspace.accessNow << 8), true)
    if (flagged) setExpireAtMs(arena, entry, expireAtMs)
    if (keyBytes >= LONG_KEY) view.setUint32(at + keyAt - 4, keyBytes, true)
    copyBytes(args.bytes, args.view, start, bytes, view, at + keyAt, keyBytes)
    return entry
  }

  /**
   * Puts an entry with the key of the last `find` in place of what was found, if anything was.
   *
   * @returns false if there is no memory: never where something was found; the entry has been freed
   */
  placeEntry(entry: Address): boolean {
    const old = this.found
    if (old !== NULL) {
      if (this.fields.concerns(old)) this.fields.leaves(old)
      this.dict.replaceFound(this.root, entry)
      this.freeEntry(old)
      this.found = entry
      if (this.fields.concerns(entry)) this.fields.changed(entry)
      this.announceFound()
      return true
    }
    if (this.insertEntry(entry)) return true
    this.freeEntry(entry)
    return false
  }

  /** Puts an entry into the dict, in which `find` found nothing. @returns false for no memory */
  insertEntry(entry: Address): boolean {
    if (this.root === NULL) this.root = this.dict.create()
    if (this.root === NULL) return false
    if (this.mayHide) this.removeHidden(entry)
    if (!this.dict.insert(this.root, this.hash, entry)) return false
    this.found = entry
    if (this.fields.concerns(entry)) this.fields.changed(entry)
    this.announceFound()
    this.keyspace.keyEvents?.added(this, entry)
    return true
  }

  /** Tells those who wait for the key of what was found that it has come, or has more for them. */
  announceFound(): void {
    const { placements } = this.keyspace
    if (placements !== null) placements.placed(this, this.found)
  }

  /** Whether `find` may pass over an expired entry instead of removing it. */
  private get mayHide(): boolean {
    return this.keyspace.expirySuspended || this.keyspace.preserver !== null
  }

  /** Removes the entry of the same key that `find` has passed over as expired, if there is one. */
  private removeHidden(entry: Address): void {
    this.findEntryOf(entry)
    if (this.found === NULL) return
    this.keyspace.expiredKeys++
    this.removeFound()
  }

  /** Makes ready for so many keys, if there is none yet. */
  expect(keys: number): void {
    if (this.root === NULL) this.root = this.dict.create()
    if (this.root !== NULL) presize(this.dict, this.root, keys)
  }

  /** The hash of a key, as `insertAll` wants it. */
  hashOf(bytes: Uint8Array, view: DataView, start: number, length: number): number {
    return this.dict.hash(bytes, view, start, length)
  }

  /**
   * Puts many entries into the dict, which costs less for each than one by one. They are the
   * database's from then on; those that could not be put there remain the caller's.
   *
   * @param hashes by `hashOf`, of the entries' keys
   * @param replace whether an entry takes the place of another of its key; else that ends it
   * @returns how many were put there; `found` tells why not all: NULL for no memory, or the entry
   * that has the key already
   */
  insertAll(entries: Int32Array, hashes: Int32Array, count: number, replace: boolean): number {
    const { dict } = this
    this.found = NULL
    if (this.root === NULL) this.root = dict.create()
    if (this.root === NULL) return 0
    this.touched = touchHomes(dict, this.root, hashes, count)
    for (let i = 0; i < count; i++) {
      const entry = entries[i] as Address
      const hash = hashes[i]!
      this.hash = hash
      this.findEntryWith(entry, hash)
      if (this.found !== NULL) {
        if (!replace) return i
        this.placeEntry(entry)
      } else if (!this.insertEntry(entry)) {
        return i
      }
    }
    return count
  }

  /** Gives what was found an expiry time; NO_EXPIRY takes it away. */
  setExpiryOfFound(expireAtMs: number | bigint): boolean {
    const { arena } = this.keyspace
    const old = this.found
    const flagged = expireAtMs !== NO_EXPIRY
    if (hasExpiry(arena, old) === flagged) {
      if (flagged) setExpireAtMs(arena, old, expireAtMs)
      return true
    }
    const from = offsetOf(old)
    const tailFrom = from + HEADER_BYTES + (flagged ? 0 : 8)
    const tailBytes = valueOffsetOf(arena, old) - tailFrom + valueBytesInEntry(arena, old)
    const entry = arena.allocate(HEADER_BYTES + (flagged ? 8 : 0) + tailBytes)
    if (entry === NULL) return false
    const at = offsetOf(entry)
    const oldView = viewOf(arena, old)
    const view = viewOf(arena, entry)
    view.setInt32(at, oldView.getInt32(from, true) ^ ENTRY_FLAG, true)
    view.setInt32(at + 4, oldView.getInt32(from + 4, true), true)
    if (flagged) setExpireAtMs(arena, entry, expireAtMs)
    copyBytes(
      bytesOf(arena, old),
      oldView,
      tailFrom,
      bytesOf(arena, entry),
      view,
      at + HEADER_BYTES + (flagged ? 8 : 0),
      tailBytes,
    )
    this.dict.replaceFound(this.root, entry)
    arena.free(old)
    this.found = entry
    if (this.fields.concerns(entry)) this.fields.changed(entry)
    return true
  }

  /** Frees an entry that is in no dict, with its value. */
  freeEntry(entry: Address): void {
    this.keyspace.freeEntry(entry)
  }

  /**
   * Adds a collection under the key of the last `find`, which found nothing.
   *
   * @returns false if there is no memory; the collection is the caller's still
   */
  addCollection(args: Args, keyIndex: number, type: number, collection: Collection): boolean {
    const header = type | ((collection.encoding | SEPARATE) << 4)
    const entry = this.newEntry(args, keyIndex, header, 0, REFERENCE_BYTES, NO_EXPIRY)
    if (entry === NULL) return false
    this.setReference(entry, collection.root, 0)
    if (this.insertEntry(entry)) return true
    this.keyspace.arena.free(entry)
    return false
  }

  /**
   * Stores a collection under the key of the last `find`, in place of whatever was found there, and
   * without an expiry time.
   *
   * @returns false if there is no memory; the collection is the caller's still
   */
  setCollection(args: Args, keyIndex: number, type: number, collection: Collection): boolean {
    if (this.found === NULL) return this.addCollection(args, keyIndex, type, collection)
    const header = type | ((collection.encoding | SEPARATE) << 4)
    const entry = this.newEntry(args, keyIndex, header, 0, REFERENCE_BYTES, NO_EXPIRY)
    if (entry === NULL) return false
    this.setReference(entry, collection.root, 0)
    this.keyspace.useAgain(entry, this.found)
    return this.placeEntry(entry)
  }

  /** `updateFound` for a value of a type other than a hash, by its root and encoding. */
  updateReference(root: Address, encoding: number): void {
    const { arena } = this.keyspace
    const entry = this.found
    const at = offsetOf(entry) + 4
    const bytes = bytesOf(arena, entry)
    bytes[at] = (bytes[at]! & 15) | ((encoding | SEPARATE) << 4)
    this.setReference(entry, root, 0)
  }

  /** Stores where the collection of what was found is now, and its encoding. */
  updateFound(collection: Collection): void {
    const { arena } = this.keyspace
    const entry = this.found
    const at = offsetOf(entry) + 4
    const type = bytesOf(arena, entry)[at]! & 15
    bytesOf(arena, entry)[at] = type | ((collection.encoding | SEPARATE) << 4)
    this.setReference(entry, collection.root, 0)
    if (this.fields.concerns(entry)) this.fields.changed(entry)
  }

  /** A key at random, NULL if there is none; it may have expired. */
  randomEntry(random: Random): Address {
    return this.root === NULL ? NULL : this.dict.randomEntry(this.root, random)
  }

  /** One step of SCAN over all keys, expired ones too: see `Dict.scan`. */
  scan(cursor: number, visit: (entry: Address) => void): number {
    return this.root === NULL ? 0 : this.dict.scan(this.root, cursor, visit)
  }

  forEach(visit: (entry: Address) => void): void {
    if (this.root !== NULL) this.dict.forEach(this.root, visit)
  }

  /** One step through the keys that have an expiry time: see `Dict.sweepFlagged`. */
  sweepExpiring(position: number, visit: (entry: Address) => boolean): number {
    return this.root === NULL ? 0 : this.dict.sweepFlagged(this.root, position, visit)
  }

  /** Visits the keys of one table of the dict: see `Dict.visitTable`. */
  visitTable(position: number, visit: (entry: Address) => void): number {
    return this.root === NULL ? 0 : this.dict.visitTable(this.root, position, visit)
  }

  /** Removes an entry that was come upon by `scan` or `sweepExpiring`, as expired. */
  expireEntry(entry: Address): void {
    this.findEntryOf(entry)
    this.expireFound()
  }

  /** Removes an entry that was come upon otherwise than by `find`. */
  removeEntry(entry: Address): void {
    this.findEntryOf(entry)
    this.removeFound()
  }

  /** `find` for the key that an entry has, whether expired or not. */
  private findEntryOf(entry: Address): void {
    this.hash = this.dict.entryHash(entry)
    this.findEntryWith(entry, this.hash)
  }

  private findEntryWith(entry: Address, hash: number): void {
    const { arena } = this.keyspace
    const view = viewOf(arena, entry)
    const length = keyLengthOf(arena, entry)
    const start = keyOffsetOf(arena, entry)
    this.found = this.dict.find(this.root, hash, bytesOf(arena, entry), view, start, length)
  }

  /** Removes all keys, at once; their memory comes back soon (`Keyspace.reclaim`). */
  flush(): void {
    this.keyspace.watches?.emptying(this)
    if (this.root !== NULL) this.keyspace.discard(this.root)
    this.forget()
    this.keyspace.onEmptied()
  }

  /** Forgets all keys, whose memory has been or will be freed otherwise. */
  forget(): void {
    this.root = NULL
    this.found = NULL
    this.averageTtlMs = 0
    this.fields.forget()
  }

  exchange(other: Database): void {
    const { root, averageTtlMs } = this
    this.root = other.root
    this.averageTtlMs = other.averageTtlMs
    other.root = root
    other.averageTtlMs = averageTtlMs
    this.found = NULL
    other.found = NULL
    this.fields.exchange(other.fields)
  }

  check(): void {
    if (this.root !== NULL) this.dict.check(this.root)
    this.fields.check()
  }

  /** Bytes of the tables that index this database. */
  get indexBytes(): number {
    return this.root === NULL ? 0 : this.dict.usedBytes(this.root)
  }
}
