/**
 * The keys that sessions watch (WATCH), so that a transaction is not done when one has changed.
 *
 * Watched keys are found by database and name, and each knows who watches it. Whoever changes a key
 * says so (`Context.touched`, which asks `isActive` first, so that nothing is paid while nobody
 * watches); so does whatever takes keys away unasked. A session whose key has changed is dirty: it
 * watches nothing any more, and its EXEC answers with null.
 *
 * A key that had expired before it was watched, and has not been removed yet, counts as absent:
 * its removal is no change. One that expires later is a change, whether it has been removed by the
 * time of EXEC or not. Source of these rules: Redis 7.2.6 (multi.c).
 *
 * Invariants: a key in the maps is watched by somebody; `isActive` is whether there is one;
 * `keyspace.watches` is set just then.
 */
import { constants } from 'node:buffer'
import { type Address, NULL } from '../arena/arena.ts'
import { latin1 } from '../bytes/text.ts'
import type { Database } from '../keyspace/database.ts'
import { keySliceOf } from '../keyspace/entry.ts'
import type { EmptyingListener, Keyspace } from '../keyspace/keyspace.ts'
import { Args } from '../resp/args.ts'

/** Who watches: a session, or something that has to know whether a key stays as it is. */
export interface Watcher {
  /** The database whose keys it watches. */
  readonly db: Database
  /** Its watches; kept by `Watches`. */
  readonly watches: Watch[]
  /** Length of the names of its keys together; kept by `Watches`. */
  watchedNameBytes: number
  /** Set when one of its keys has changed. */
  isDirty: boolean
  /** Whether it is no change when fields of a hash have expired. */
  readonly ignoresExpiry?: boolean
}

/** A key that somebody watches. */
interface WatchedKey {
  readonly database: Database
  readonly key: string
  readonly watches: Map<Watcher, Watch>
}

/** One session's watch on one key. */
export interface Watch {
  readonly watched: WatchedKey
  /** The key had expired when this began, and lies there still. */
  isStale: boolean
}

export class Watches implements EmptyingListener {
  /** Whether anybody watches anything: asked for at every change. */
  isActive = false
  private readonly keyspace: Keyspace
  /** By the database's number, then by key. */
  private readonly keys: Map<string, WatchedKey>[]
  private count = 0

  constructor(keyspace: Keyspace) {
    this.keyspace = keyspace
    this.keys = keyspace.databases.map(() => new Map())
  }

  /** Number of keys that somebody watches. */
  get keyCount(): number {
    return this.count
  }

  /** Has somebody watch the key that is argument `index`, in its database. */
  watch(watcher: Watcher, args: Args, index: number): void {
    const watched = this.watchedKey(watcher.db, args.text(index))
    if (watched.watches.has(watcher)) return
    const entry = watcher.db.peek(args, index)
    const isStale = entry !== NULL && watcher.db.isExpired(entry)
    const watch = { watched, isStale }
    watched.watches.set(watcher, watch)
    watcher.watches.push(watch)
    watcher.watchedNameBytes += watched.key.length
  }

  private watchedKey(database: Database, key: string): WatchedKey {
    const keys = this.keys[database.index]!
    let watched = keys.get(key)
    if (watched === undefined) {
      watched = { database, key, watches: new Map() }
      keys.set(key, watched)
      this.count++
      this.isActive = true
      this.keyspace.watches = this
    }
    return watched
  }

  /** Has somebody watch nothing any more. */
  unwatch(watcher: Watcher): void {
    if (watcher.watches.length === 0) return
    for (const { watched } of watcher.watches) {
      watched.watches.delete(watcher)
      if (watched.watches.size > 0) continue
      this.keys[watched.database.index]!.delete(watched.key)
      this.count--
    }
    watcher.watches.length = 0
    watcher.watchedNameBytes = 0
    if (this.count > 0) return
    this.isActive = false
    this.keyspace.watches = null
  }

  /** Whether a key has expired since the watcher began to watch it. */
  hasExpired(watcher: Watcher): boolean {
    for (const { isStale, watched } of watcher.watches) {
      if (isStale) continue
      const entry = watched.database.peek(Args.from([watched.key]), 0)
      if (entry !== NULL && watched.database.isExpired(entry)) return true
    }
    return false
  }

  /** The key that is argument `index` has been changed, made or removed. */
  touched(database: Database, args: Args, index: number): void {
    const keys = this.keys[database.index]!
    if (keys.size === 0) return
    // What nobody can watch: it is too long for a string.
    if (args.length(index) > constants.MAX_STRING_LENGTH) return
    const watched = keys.get(args.text(index))
    if (watched === undefined) return
    const entry = database.peek(args, index)
    for (const [watcher, watch] of watched.watches) {
      if (watch.isStale) {
        if (entry === NULL) watch.isStale = false
        if (entry === NULL || database.isExpired(entry)) continue
      }
      this.makeDirty(watcher)
    }
  }

  /** An entry is about to be removed without a command having asked for it. */
  removing(database: Database, entry: Address): void {
    const keys = this.keys[database.index]!
    if (keys.size === 0) return
    const key = keySliceOf(database.keyspace.arena, entry)
    const watched = keys.get(latin1(key, 0, key.length))
    if (watched === undefined) return
    for (const [watcher, watch] of watched.watches) {
      if (watch.isStale) watch.isStale = false
      else this.makeDirty(watcher)
    }
  }

  /** An entry has been changed without a command having asked for it. */
  changed(database: Database, entry: Address): void {
    const key = keySliceOf(database.keyspace.arena, entry)
    const watched = this.keys[database.index]!.get(latin1(key, 0, key.length))
    if (watched === undefined) return
    for (const watcher of watched.watches.keys()) {
      if (watcher.ignoresExpiry !== true) this.makeDirty(watcher)
    }
  }

  /** Data has been loaded where there was none: all keys that are there have come into being. */
  loaded(): void {
    for (const keys of this.keys) {
      for (const { database, key } of keys.values()) {
        const args = Args.from([key])
        if (database.peek(args, 0) !== NULL) this.touched(database, args, 0)
      }
    }
  }

  emptying(database: Database): void {
    this.replacing(database, null)
  }

  swapping(first: Database, second: Database): void {
    this.replacing(first, second)
    this.replacing(second, first)
  }

  /** All keys of a database are about to give way to those of another one, or to none. */
  private replacing(database: Database, other: Database | null): void {
    for (const { key, watches } of this.keys[database.index]!.values()) {
      const args = Args.from([key])
      const isThere = database.peek(args, 0) !== NULL
      const next = other === null ? NULL : other.peek(args, 0)
      if (!isThere && next === NULL) continue
      const isNextExpired = next !== NULL && other!.isExpired(next)
      for (const [watcher, watch] of watches) {
        const wasAbsent = watch.isStale || !isThere
        if (wasAbsent && (next === NULL || isNextExpired)) watch.isStale = isNextExpired
        else this.makeDirty(watcher)
      }
    }
  }

  private makeDirty(watcher: Watcher): void {
    watcher.isDirty = true
    this.unwatch(watcher)
  }
}
