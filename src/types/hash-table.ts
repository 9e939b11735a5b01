/**
 * The large form of a hash: a dict from field to entry (hash-entry.ts), under a root block that
 * also keeps the sum of the entries' sizes, so that MEMORY USAGE need not walk.
 *
 * | offset | bytes | meaning                                    |
 * |--------|-------|--------------------------------------------|
 * | 0      | 4     | root of the dict                           |
 * | 4      | 4     | unused                                     |
 * | 8      | 8     | bytes of all entries' blocks, as a double  |
 *
 * An instance is the kind only; every method takes the root of the table that it works on.
 *
 * Setting several fields at once is all or nothing: all entries are made first, in the dict they
 * then take the place of the old ones, which are kept until the last is in; if there is no memory
 * for one, the dict gets back what it had.
 */
import { type Address, type Arena, NULL, OFFSET_MASK, SEGMENT_SHIFT } from '../arena/arena.ts'
import { Dict } from '../arena/dict.ts'
import { tableOf } from '../arena/dict-directory.ts'
import { presize } from '../arena/dict-presize.ts'
import { TABLE_DEPTH } from '../arena/dict-table.ts'
import type { Random } from '../platform/random.ts'
import {
  entryExpiry,
  fitsValue,
  HASH_HEADER_BYTES,
  type HashPair,
  locatePair,
  newHashEntry,
  writeExpiry,
  writeValue,
} from './hash-entry.ts'
import { copyEntry, ExpiryJournal } from './hash-expiry-journal.ts'
import { NO_FIELD_EXPIRY } from './hash-head.ts'

const ROOT_BYTES = 16
const ENTRY_BYTES = 8

/** What `set` answers. */
export const FAILED = -1
export const UPDATED = 0
export const ADDED = 1

/** In place of an expiry time: fields that are there keep theirs. */
export const KEEP_EXPIRY = -1

/** The root of the dict of a table. */
export function dictOfTable(arena: Arena, root: Address): Address {
  const view = arena.views[root >>> SEGMENT_SHIFT]!
  return view.getInt32((root & OFFSET_MASK) << 3, true) as Address
}

export class HashTable {
  private readonly arena: Arena
  private readonly dict: Dict
  private readonly pair: HashPair
  // What `setPairs` has made and what was there before, in order; empty between calls.
  private readonly made: Address[] = []
  private readonly replaced: Address[] = []
  private readonly journal: ExpiryJournal

  /** @param pair what lookups point at what they find */
  constructor(arena: Arena, hashKey: readonly [number, number], pair: HashPair) {
    this.arena = arena
    this.pair = pair
    const [hashKey0, hashKey1] = hashKey
    this.dict = new Dict(arena, { headerBytes: HASH_HEADER_BYTES, hashKey0, hashKey1 })
    this.journal = new ExpiryJournal(arena, this.dict)
  }

  /** An empty table; NULL if there is no memory. */
  create(): Address {
    const root = this.arena.allocate(ROOT_BYTES)
    if (root === NULL) return NULL
    const dictRoot = this.dict.create()
    if (dictRoot === NULL) {
      this.arena.free(root)
      return NULL
    }
    const view = this.arena.views[root >>> SEGMENT_SHIFT]!
    const at = (root & OFFSET_MASK) << 3
    view.setInt32(at, dictRoot, true)
    view.setInt32(at + 4, 0, true)
    view.setFloat64(at + ENTRY_BYTES, 0, true)
    return root
  }

  /** Makes tables for so many fields, if there are few yet. */
  presize(root: Address, count: number): void {
    presize(this.dict, this.dictOf(root), count)
  }

  count(root: Address): number {
    return this.dict.count(this.dictOf(root))
  }

  /** How many of the fields have an expiry time. */
  expiring(root: Address): number {
    return this.dict.flaggedCount(this.dictOf(root))
  }

  /** Bytes of all blocks that the table consists of. */
  usedBytes(root: Address): number {
    const view = this.arena.views[root >>> SEGMENT_SHIFT]!
    const entries = view.getFloat64(((root & OFFSET_MASK) << 3) + ENTRY_BYTES, true)
    return this.arena.capacity(root) + this.dict.usedBytes(this.dictOf(root)) + entries
  }

  /** Points the pair at a field and its value. @returns whether the field is there */
  find(root: Address, bytes: Uint8Array, view: DataView, start: number, length: number): boolean {
    const hash = this.dict.hash(bytes, view, start, length)
    const entry = this.dict.find(this.dictOf(root), hash, bytes, view, start, length)
    if (entry === NULL) return false
    locatePair(this.arena, entry, this.pair)
    return true
  }

  /** Points the pair at an entry's field and value. */
  read(entry: Address): void {
    locatePair(this.arena, entry, this.pair)
  }

  /**
   * Sets one field.
   *
   * @param expireAtMs when it expires from now on, NO_FIELD_EXPIRY for never
   * @returns FAILED if there is no memory, else UPDATED or ADDED
   */
  set(
    root: Address,
    bytes: Uint8Array,
    view: DataView,
    start: number,
    length: number,
    valueBytes: Uint8Array,
    valueView: DataView,
    valueStart: number,
    valueLength: number,
    expireAtMs: number,
  ): number {
    const { arena, dict } = this
    const expires = expireAtMs !== NO_FIELD_EXPIRY
    const dictRoot = this.dictOf(root)
    const hash = dict.hash(bytes, view, start, length)
    const old = dict.find(dictRoot, hash, bytes, view, start, length)
    if (old !== NULL && fitsValue(arena, old, valueLength, expires)) {
      if (expires) writeExpiry(arena, old, expireAtMs)
      writeValue(arena, old, valueBytes, valueView, valueStart, valueLength)
      return UPDATED
    }
    const entry = newHashEntry(arena, bytes, view, start, length, valueLength, expireAtMs)
    if (entry === NULL) return FAILED
    writeValue(arena, entry, valueBytes, valueView, valueStart, valueLength)
    if (old !== NULL) {
      dict.replaceFound(dictRoot, entry)
      this.addBytes(root, arena.capacity(entry) - arena.capacity(old))
      arena.free(old)
      return UPDATED
    }
    if (!dict.insert(dictRoot, hash, entry)) {
      arena.free(entry)
      return FAILED
    }
    this.addBytes(root, arena.capacity(entry))
    return ADDED
  }

  /**
   * Sets fields to values that stand one behind the other: slices `first`, `first` + 2 … are fields
   * and those behind them their values.
   *
   * @param expiry when they expire, NO_FIELD_EXPIRY for never, or KEEP_EXPIRY
   * @returns the number of fields added, FAILED if there is no memory
   */
  setPairs(
    root: Address,
    bytes: Uint8Array,
    view: DataView,
    starts: Int32Array,
    ends: Int32Array,
    first: number,
    end: number,
    expiry: number,
  ): number {
    const { arena, made, replaced } = this
    for (let i = first; i < end; i += 2) {
      const start = starts[i]!
      const valueStart = starts[i + 1]!
      const valueLength = ends[i + 1]! - valueStart
      const length = ends[i]! - start
      let at = expiry
      if (expiry === KEEP_EXPIRY) at = this.expiryOf(root, bytes, view, start, length)
      const entry = newHashEntry(arena, bytes, view, start, length, valueLength, at)
      if (entry === NULL) {
        for (const each of made) arena.free(each)
        made.length = 0
        return FAILED
      }
      writeValue(arena, entry, bytes, view, valueStart, valueLength)
      made.push(entry)
    }
    const added = this.placeMade(root)
    made.length = 0
    replaced.length = 0
    return added
  }

  /** When a field expires; NO_FIELD_EXPIRY if it does not, or is not there. */
  private expiryOf(
    root: Address,
    bytes: Uint8Array,
    view: DataView,
    start: number,
    length: number,
  ): number {
    const hash = this.dict.hash(bytes, view, start, length)
    const entry = this.dict.find(this.dictOf(root), hash, bytes, view, start, length)
    return entry === NULL ? NO_FIELD_EXPIRY : entryExpiry(this.arena, entry)
  }

  /**
   * Changes when a field expires that is there: NO_FIELD_EXPIRY for never. The end of several such
   * changes is to be said by `keepExpiries` or `undoExpiries`.
   *
   * @returns false if there is no memory
   */
  changeExpiry(
    root: Address,
    bytes: Uint8Array,
    view: DataView,
    start: number,
    length: number,
    expireAtMs: number,
  ): boolean {
    const dictRoot = this.dictOf(root)
    const hash = this.dict.hash(bytes, view, start, length)
    const entry = this.dict.find(dictRoot, hash, bytes, view, start, length)
    return this.journal.change(dictRoot, entry, expireAtMs)
  }

  keepExpiries(root: Address): void {
    this.addBytes(root, this.journal.keep())
  }

  undoExpiries(root: Address): void {
    this.journal.undo(this.dictOf(root))
  }

  /** Puts the entries made into the dict, or frees them all. */
  private placeMade(root: Address): number {
    const { arena, dict, made, replaced } = this
    const dictRoot = this.dictOf(root)
    let added = 0
    for (const entry of made) {
      const hash = this.findEntry(dictRoot, entry)
      const old = this.found
      if (old !== NULL) {
        dict.replaceFound(dictRoot, entry)
      } else if (dict.insert(dictRoot, hash, entry)) {
        added++
      } else {
        this.takeBack(dictRoot)
        return FAILED
      }
      replaced.push(old)
    }
    let change = 0
    for (const entry of made) change += arena.capacity(entry)
    for (const old of replaced) {
      if (old === NULL) continue
      change -= arena.capacity(old)
      arena.free(old)
    }
    this.addBytes(root, change)
    return added
  }

  /** Gives the dict back what `replaced` has, the last first, and frees the entries made. */
  private takeBack(dictRoot: Address): void {
    const { arena, dict, made, replaced } = this
    for (let i = replaced.length - 1; i >= 0; i--) {
      this.findEntry(dictRoot, made[i]!)
      const old = replaced[i]!
      if (old === NULL) dict.removeFound(dictRoot)
      else dict.replaceFound(dictRoot, old)
    }
    for (const entry of made) arena.free(entry)
  }

  /** What `findEntry` found. */
  private found: Address = NULL

  /** Looks up the field that an entry has. @returns the field's hash */
  private findEntry(dictRoot: Address, entry: Address): number {
    const { pair } = this
    locatePair(this.arena, entry, pair)
    const { bytes, view, fieldStart } = pair
    const length = pair.fieldEnd - fieldStart
    const hash = this.dict.hash(bytes, view, fieldStart, length)
    this.found = this.dict.find(dictRoot, hash, bytes, view, fieldStart, length)
    return hash
  }

  /** @returns whether the field was there */
  remove(root: Address, bytes: Uint8Array, view: DataView, start: number, length: number): boolean {
    const dictRoot = this.dictOf(root)
    const hash = this.dict.hash(bytes, view, start, length)
    const entry = this.dict.find(dictRoot, hash, bytes, view, start, length)
    if (entry === NULL) return false
    this.dict.removeFound(dictRoot)
    this.addBytes(root, -this.arena.capacity(entry))
    this.arena.free(entry)
    return true
  }

  /** One step of a scan: see `Dict.scan`. */
  scan(root: Address, cursor: number, visit: (entry: Address) => void): number {
    return this.dict.scan(this.dictOf(root), cursor, visit)
  }

  /**
   * One step through the entries that expire: all of the first table of the dict, from the one that
   * a position is in on, that has any. An entry is visited in each full round that it is there for,
   * also if tables split and merge in between.
   *
   * @param position 0 to start, then what the last call returned
   * @returns the position to go on from; 0 when the end has been reached
   */
  sweepExpiring(root: Address, position: number, visit: (entry: Address) => boolean): number {
    const { arena, dict } = this
    const dictRoot = this.dictOf(root)
    const table = tableOf(arena, dictRoot, position | 0)
    const at = ((table & OFFSET_MASK) << 3) + TABLE_DEPTH
    const depth = arena.views[table >>> SEGMENT_SHIFT]!.getUint8(at)
    // A table that has come of a merge begins before the position.
    const start = depth === 0 ? 0 : ((position >>> (32 - depth)) << (32 - depth)) >>> 0
    return dict.sweepFlagged(dictRoot, start, visit)
  }

  /** Visits every entry; the visitor must not change the table. */
  forEach(root: Address, visit: (entry: Address) => void): void {
    this.dict.forEach(this.dictOf(root), visit)
  }

  /** Any entry of a table that is not empty, all equally likely. */
  randomEntry(root: Address, random: Random): Address {
    return this.dict.randomEntry(this.dictOf(root), random)
  }

  /** A copy of the whole; NULL if there is no memory. */
  copy(root: Address): Address {
    const { arena, dict, pair } = this
    const copy = this.create()
    if (copy === NULL) return NULL
    const copyDict = this.dictOf(copy)
    let complete = true
    let total = 0
    dict.forEach(this.dictOf(root), (entry) => {
      if (!complete) return
      const own = copyEntry(arena, entry, pair, entryExpiry(arena, entry))
      if (own !== NULL) {
        if (dict.insert(copyDict, dict.entryHash(own), own)) {
          total += arena.capacity(own)
          return
        }
        arena.free(own)
      }
      complete = false
    })
    if (!complete) {
      this.free(copy)
      return NULL
    }
    this.addBytes(copy, total)
    return copy
  }

  /** Frees the whole table. */
  free(root: Address): void {
    let position = 0
    do {
      position = this.freeSome(root, position)
    } while (position !== 0)
  }

  /**
   * Frees some of the table, which is fit for nothing else from then on.
   *
   * @param position 0 to start, then what the last call returned
   * @returns the position to go on from, 0 when all is gone
   */
  freeSome(root: Address, position: number): number {
    const next = this.dict.drain(this.dictOf(root), position, this.freeEntry)
    if (next === 0) this.arena.free(root)
    return next
  }

  private readonly freeEntry = (entry: Address): void => {
    this.arena.free(entry)
  }

  private dictOf(root: Address): Address {
    return dictOfTable(this.arena, root)
  }

  private addBytes(root: Address, change: number): void {
    const view = this.arena.views[root >>> SEGMENT_SHIFT]!
    const at = ((root & OFFSET_MASK) << 3) + ENTRY_BYTES
    if (change !== 0) view.setFloat64(at, view.getFloat64(at, true) + change, true)
  }

  /** Throws an Error that says what is broken, if anything is. */
  check(root: Address): void {
    const { arena, dict } = this
    dict.check(this.dictOf(root))
    let total = arena.capacity(root) + dict.usedBytes(this.dictOf(root))
    dict.forEach(this.dictOf(root), (entry) => {
      total += arena.capacity(entry)
    })
    if (total !== this.usedBytes(root)) throw new Error('a hash counts its bytes wrongly')
  }
}
