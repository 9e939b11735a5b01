/**
 * Loads an RDB file into a keyspace, in steps, so that others may be served meanwhile.
 *
 * Keys whose time has passed are left out, as a master of Redis does, unless the file is the base
 * of an append-only log: what the log does to such keys was done while they were there.
 */
import { type Address, NULL } from '../arena/arena.ts'
import type { Database } from '../keyspace/database.ts'
import { NO_EXPIRY } from '../keyspace/entry.ts'
import type { Keyspace } from '../keyspace/keyspace.ts'
import { Args } from '../resp/args.ts'
import { newLoadedEntry, setLoadedAccess } from './loaded-entry.ts'
import { RdbMemoryError } from './rdb-error.ts'
import type { RdbInput } from './rdb-reader.ts'
import { RdbWalk, type RdbWalkOptions } from './rdb-walk.ts'

/** So many entries go into a database together. */
const BATCH_ENTRIES = 512
/** The least that a key with its value takes in a file. */
const KEY_MIN_BYTES = 3

export interface RdbLoaderOptions extends RdbWalkOptions {
  /** Keeps keys whose time has passed. */
  keepExpired?: boolean
  /** Lets a key take the place of one that is there; otherwise that is an error. */
  replace?: boolean
}

export class RdbLoader extends RdbWalk {
  keysLoaded = 0
  /** Keys left out since their time had passed. */
  keysExpired = 0
  private readonly keyspace: Keyspace
  private readonly keepExpired: boolean
  private readonly replace: boolean
  private target: Database
  /** The key, as the methods of a database take it. */
  private readonly args = new Args()
  // Entries that are made and not in the database yet, and the hashes of their keys.
  private readonly entries = new Int32Array(BATCH_ENTRIES)
  private readonly hashes = new Int32Array(BATCH_ENTRIES)
  private waiting = 0

  constructor(keyspace: Keyspace, input: RdbInput, options: RdbLoaderOptions = {}) {
    super(keyspace, input, options)
    this.keyspace = keyspace
    this.keepExpired = options.keepExpired ?? false
    this.replace = options.replace ?? false
    this.target = keyspace.databases[0]
    this.args.push(0, 0)
  }

  /** Reads about `budgetBytes` more. @returns whether all is loaded. Throws an RdbError */
  override step(budgetBytes: number): boolean {
    try {
      const isDone = super.step(budgetBytes)
      this.insertWaiting()
      return isDone
    } catch (error) {
      this.dropWaiting(0)
      throw error
    }
  }

  protected selectDatabase(index: number): void {
    const { databases } = this.keyspace
    if (index >= databases.length) {
      this.reader.fail(
        `there are keys of database ${index}, and only ${databases.length} databases`,
      )
    }
    this.insertWaiting()
    this.target = databases[index]
  }

  protected expect(keys: number): void {
    if (keys * KEY_MIN_BYTES <= this.reader.remaining) this.target.expect(keys)
  }

  protected store(): void {
    const { args, expireAtMs, key, keyspace, target, value } = this
    const hasPassed = expireAtMs !== NO_EXPIRY && expireAtMs < keyspace.clock.nowMs
    if (hasPassed && !this.keepExpired) {
      this.keysExpired++
      value.abandon()
      return
    }
    args.bytes = key.bytes
    args.view = key.view
    args.ends[0] = key.length
    const entry = newLoadedEntry(target, args, 0, this.reader, value, expireAtMs)
    if (entry === NULL) throw new RdbMemoryError(this.reader.offset)
    setLoadedAccess(keyspace, entry, this.idleSeconds, this.frequency)
    const at = this.waiting++
    this.entries[at] = entry
    this.hashes[at] = target.hashOf(key.bytes, key.view, 0, key.length)
    if (this.waiting === BATCH_ENTRIES) this.insertWaiting()
  }

  /** Puts the entries made so far into their database. */
  private insertWaiting(): void {
    const { entries, hashes, target, waiting } = this
    if (waiting === 0) return
    const done = target.insertAll(entries, hashes, waiting, this.replace)
    this.keysLoaded += done
    if (done === waiting) {
      this.waiting = 0
      return
    }
    const isTwice = target.found !== NULL
    this.dropWaiting(done)
    if (isTwice) this.reader.fail('a key comes twice')
    throw new RdbMemoryError(this.reader.offset)
  }

  /** Frees the entries from one on that are in no database. */
  private dropWaiting(from: number): void {
    for (let i = from; i < this.waiting; i++) this.keyspace.freeEntry(this.entries[i] as Address)
    this.waiting = 0
  }
}
