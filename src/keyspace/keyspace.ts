/**
 * The keyspace: the numbered databases over one arena, with what they share: the kind of dict that
 * indexes them, the clock, chance, the access bits of the moment and the counts for INFO.
 *
 * A database that is emptied leaves its dict here, to be freed table by table (`reclaim`) while
 * requests are served in between. Its keys count as live bytes until then.
 */
import { randomBytes } from 'node:crypto'
import { type Address, Arena } from '../arena/arena.ts'
import { Dict } from '../arena/dict.ts'
import type { Clock } from '../platform/clock.ts'
import type { Random } from '../platform/random.ts'
import type { Args } from '../resp/args.ts'
import { defaultLimits } from '../types/limits.ts'
import { lruClock, newLfu, touchedLfu } from './access.ts'
import { collectionFactories } from './collection-types.ts'
import { Collections } from './collections.ts'
import { Database } from './database.ts'
import {
  accessOf,
  encodingOf,
  HEADER_BYTES,
  SEPARATE,
  setAccess,
  TYPE_STRING,
  typeOf,
  valueAddressOf,
} from './entry.ts'
import type { Preserver } from './preserver.ts'

export interface KeyspaceOptions {
  databases: number
  clock: Clock
  random: Random
  /** Poisons freed blocks and guards the ends of live ones. */
  debugArena?: boolean
  /** 64 bits that key the hash; random unless given. */
  hashKey?: readonly [number, number]
}

/** A dict to be freed, and how far that has come. */
interface DiscardedDict {
  readonly dict: Dict
  readonly root: Address
  readonly free: (entry: Address) => void
  position: number
}

/** Told of what happens to keys without a command having asked for it. */
export interface KeyspaceListener {
  /** A key whose time has passed is about to be removed. */
  expired(database: Database, entry: Address): void
  /** A key is about to be removed to make room. */
  evicted(database: Database, entry: Address): void
  /**
   * Fields of a hash, whose time has passed, are about to be removed.
   *
   * @param isGone whether they are the last: the key goes with them
   */
  fieldsExpired(
    database: Database,
    entry: Address,
    fields: readonly Uint8Array[],
    isGone: boolean,
  ): void
}

/** Told of entries that come under keys, while somebody waits for such. */
export interface PlacementListener {
  /** An entry has come under its key, or has got what may be waited for. */
  placed(database: Database, entry: Address): void
  /** Two databases have exchanged their contents. */
  swapped(first: Database, second: Database): void
}

/** Told of look-ups that Redis has events for, while somebody asks for them. */
export interface KeyEventListener {
  /** A key has been added that was not there. */
  added(database: Database, entry: Address): void
  /** A key that is to be read, argument `index`, is not there. */
  missed(database: Database, args: Args, index: number): void
}

/** Told before databases lose all their keys, while somebody watches such. */
export interface EmptyingListener {
  /** A database is about to lose its keys. */
  emptying(database: Database): void
  /** Two databases are about to exchange their contents. */
  swapping(first: Database, second: Database): void
}

export class Keyspace {
  readonly arena: Arena
  readonly dict: Dict
  /** 64 bits that key the hashes of the dicts. */
  readonly hashKey: readonly [number, number]
  readonly clock: Clock
  readonly random: Random
  readonly collections: Collections
  /** How far collections stay in their small encodings. */
  readonly limits = defaultLimits()
  readonly databases: Database[] = []
  listener: KeyspaceListener | null = null
  placements: PlacementListener | null = null
  watches: EmptyingListener | null = null
  keyEvents: KeyEventListener | null = null
  /** Called when databases have lost their keys, before the arena is emptied as a whole. */
  onEmptied: () => void = () => {}
  /** Set while a snapshot is taken. */
  preserver: Preserver | null = null
  /** The epoch of entries that are new: 0 or EPOCH_BIT, turned over by each snapshot. */
  epoch = 0

  /** Access bits of a key that is used now. */
  accessNow = 0
  /** Whether accesses are counted by LFU; set from `maxmemory-policy`. */
  lfu = false
  lfuLogFactor = 10
  lfuDecayMinutes = 1
  /** False while a client that asked for CLIENT NO-TOUCH is served. */
  touching = true
  /**
   * True while CLIENT PAUSE lasts: keys whose time has come count as absent, but none is removed.
   * What writes none the less, in the place of such a key, removes it.
   */
  expirySuspended = false
  /** True while a log is made again: no key expires, since the log says itself which do. */
  isLoading = false

  hits = 0
  misses = 0
  expiredKeys = 0
  expiredFields = 0
  /** Keys of emptied databases: those whose memory is still to be freed, and those freed. */
  lazyFreePending = 0
  lazyFreed = 0
  private readonly discarded: DiscardedDict[] = []

  constructor(options: KeyspaceOptions) {
    this.arena = new Arena({ debug: options.debugArena ?? false })
    this.clock = options.clock
    this.random = options.random
    const seed = randomBytes(8)
    this.hashKey = options.hashKey ?? [seed.readInt32LE(0), seed.readInt32LE(4)]
    const [hashKey0, hashKey1] = this.hashKey
    this.dict = new Dict(this.arena, { headerBytes: HEADER_BYTES, hashKey0, hashKey1 })
    const factories = collectionFactories({
      arena: this.arena,
      clock: this.clock,
      random: this.random,
      limits: this.limits,
      hashKey: this.hashKey,
    })
    this.collections = new Collections(this.arena, factories)
    for (let i = 0; i < options.databases; i++) this.databases.push(new Database(this, i))
    this.tick()
  }

  /** Reads the clock, once per turn of the event loop. */
  tick(): void {
    this.clock.tick()
    this.accessNow = this.lfu ? newLfu(this.clock.nowMs) : lruClock(this.clock.nowMs)
  }

  /** Whether a key that is to expire at this Unix time in ms is to be removed at once instead. */
  isPast(expireAtMs: number | bigint): boolean {
    return expireAtMs <= this.clock.nowMs && !this.isLoading
  }

  /** Notes that a key has been used. */
  touch(entry: Address): void {
    if (!this.touching) return
    if (!this.lfu) return setAccess(this.arena, entry, this.accessNow)
    const { nowMs } = this.clock
    const access = accessOf(this.arena, entry)
    setAccess(
      this.arena,
      entry,
      touchedLfu(access, nowMs, this.lfuDecayMinutes, this.lfuLogFactor, this.random),
    )
  }

  /** Has a new entry count as used as often, and as lately, as the one it replaces. */
  inheritUse(entry: Address, old: Address): void {
    setAccess(this.arena, entry, accessOf(this.arena, old))
  }

  /** The same, and once more. */
  useAgain(entry: Address, old: Address): void {
    this.inheritUse(entry, old)
    this.touch(entry)
  }

  /** Empties all databases at once; takes no longer for many keys than for few. */
  flushAll(): void {
    this.preserver?.emptied()
    const { watches } = this
    if (watches !== null) for (const database of this.databases) watches.emptying(database)
    for (const database of this.databases) database.forget()
    this.onEmptied()
    this.arena.reset()
    this.discarded.length = 0
    this.collections.forget()
    this.lazyFreed += this.lazyFreePending
    this.lazyFreePending = 0
  }

  /** How many hashes have fields with an expiry time. */
  get hashesWithFieldExpiry(): number {
    let count = 0
    for (const database of this.databases) count += database.fields.count
    return count
  }

  /** Takes over the dict of a database that forgets it. */
  discard(root: Address): void {
    this.preserver?.emptied()
    this.discarded.push({ dict: this.dict, root, free: this.freeDiscarded, position: 0 })
    this.lazyFreePending += this.dict.count(root)
  }

  /** The same for a dict of another kind, whose entries are single blocks. */
  discardTable(dict: Dict, root: Address): void {
    this.discarded.push({ dict, root, free: this.freeBlock, position: 0 })
    this.lazyFreePending += dict.count(root)
  }

  /** Whether there is something to reclaim. */
  get isReclaiming(): boolean {
    return this.discarded.length > 0 || this.collections.pending > 0
  }

  /**
   * Frees discarded dicts and collections, at least a table or a piece, up to a moment of the
   * monotonic clock.
   *
   * @returns whether there is more to do
   */
  reclaim(deadlineUs: number): boolean {
    const { clock, collections, discarded } = this
    while (this.isReclaiming) {
      const first = discarded[0]
      if (collections.pending > 0) {
        this.lazyFreed += collections.reclaim()
      } else if (first !== undefined) {
        first.position = first.dict.drain(first.root, first.position, first.free)
        if (first.position === 0) discarded.shift()
      }
      if (clock.monotonicMicroseconds() >= deadlineUs) break
    }
    return this.isReclaiming
  }

  /** Frees an entry that is in no dict, with its value. */
  freeEntry(entry: Address): void {
    const { arena } = this
    if ((encodingOf(arena, entry) & SEPARATE) !== 0) {
      if (typeOf(arena, entry) === TYPE_STRING) arena.free(valueAddressOf(arena, entry))
      else this.collections.discard(entry)
    }
    arena.free(entry)
  }

  private readonly freeDiscarded = (entry: Address): void => {
    this.freeEntry(entry)
    this.lazyFreePending--
    this.lazyFreed++
  }

  private readonly freeBlock = (block: Address): void => {
    this.arena.free(block)
    this.lazyFreePending--
    this.lazyFreed++
  }

  /** Exchanges the contents of two databases. */
  swap(first: Database, second: Database): void {
    this.watches?.swapping(first, second)
    first.exchange(second)
    this.preserver?.swapped(first, second)
    this.placements?.swapped(first, second)
  }

  resetStats(): void {
    this.hits = 0
    this.misses = 0
    this.expiredKeys = 0
    this.expiredFields = 0
    this.lazyFreed = 0
  }

  /**
   * Reclaims what is discarded, and checks every database's dict, every collection and the arena.
   * Throws an Error that says what is broken.
   */
  check(): void {
    this.reclaim(Number.POSITIVE_INFINITY)
    for (const database of this.databases) {
      database.check()
      database.forEach((entry) => {
        if (typeOf(this.arena, entry) !== TYPE_STRING) this.collections.at(entry).check()
      })
    }
    this.arena.check()
  }
}
