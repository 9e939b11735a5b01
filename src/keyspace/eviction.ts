/**
 * Eviction: removes keys until what is live is within a limit.
 *
 * Under LRU, LFU and TTL policies the best key to remove is approximated as Redis has done since
 * 3.0: for each key that goes, a few are drawn from each database, the best of all that were drawn
 * are kept in a pool of 16, and the best of the pool goes.
 *
 * The pool holds no copies of keys. A candidate is the number of its database, the address of its
 * entry and the hash of its key; before it is removed it is looked up in the dict by hash and
 * address, which reads nothing of memory that may have been freed. If it is there no more, or has
 * been used since it was drawn, the next best is tried. (Redis removes a key that has been used
 * since; to look again costs nothing here, and keeps hot keys.) For this the scores of a key that
 * is not used must never fall: under LRU it is the second of the last use that counts, not the idle
 * time as of the drawing.
 *
 * The keys for several evictions are drawn at once, and their entries, which are anywhere in
 * memory, are read in one go before they are judged: the processor then waits for them together
 * and not for one after the other, which takes half the time of an eviction.
 *
 * What was emptied or removed before is freed first, since it counts as live until it is. A large
 * collection that is evicted is freed piece by piece as well, as far as the room is needed.
 *
 * Invariant: the first `count` candidates are in ascending order of their scores.
 */
import { type Address, NULL } from '../arena/arena.ts'
import { decayedLfu, idleSeconds } from './access.ts'
import type { Database } from './database.ts'
import { accessOf, expireAtMsOf, hasExpiry } from './entry.ts'
import type { Keyspace } from './keyspace.ts'

/** As many candidates are kept. */
const POOL_SIZE = 16
/** More than these many are never drawn at once, whatever `maxmemory-samples` says. */
const MAX_SAMPLES = 1024
/** Keys are drawn once for so many evictions, as many more at once. */
const EVICTIONS_PER_DRAW = 4
/** The clock is read once for so many keys. */
const KEYS_PER_CHECK = 16
/** So often keys are drawn in vain, as none of them may go now, before no other is tried. */
const MAX_REFUSALS = 64

/** By what the keys to go are chosen. */
type Order = 'none' | 'lru' | 'lfu' | 'ttl' | 'random'

/** What has become of an attempt to make room: it is there; it will be soon; it can't be had. */
export type EvictionResult = 'done' | 'running' | 'failed'

export class Eviction {
  /** How many keys have been evicted. */
  evictedKeys = 0
  /** Whether the last run came upon keys that must not go yet (`Preserver.mayRemove`). */
  wasRefused = false
  private readonly keyspace: Keyspace
  private order: Order = 'none'
  /** Only keys that have an expiry time may go. */
  private volatileOnly = false
  private samplesWanted = 5 * EVICTIONS_PER_DRAW
  private timeLimitUs = 0
  /** Where the next random key is taken from. */
  private nextDatabase = 0
  private nowSeconds = 0
  private readonly samples = new Int32Array(MAX_SAMPLES)

  /** Evictions until keys are drawn again. */
  private untilDraw = 0
  /** Keeps `draw` from leaving out what it reads ahead. */
  readAhead = 0
  private count = 0
  private readonly scores = new Float64Array(POOL_SIZE)
  private readonly entries = new Int32Array(POOL_SIZE)
  private readonly hashes = new Int32Array(POOL_SIZE)
  private readonly databases = new Int32Array(POOL_SIZE)

  constructor(keyspace: Keyspace) {
    this.keyspace = keyspace
    this.setTenacity(10)
  }

  /** Follows `maxmemory-policy`. */
  setPolicy(policy: string): void {
    const [keys, order] = policy.split('-')
    this.volatileOnly = keys === 'volatile'
    this.order = order === undefined ? 'none' : (order as Order)
    // Scores of one policy say nothing to another.
    this.count = 0
  }

  /** Follows `maxmemory-samples`. */
  setSamples(count: number): void {
    this.samplesWanted = Math.min(count * EVICTIONS_PER_DRAW, MAX_SAMPLES)
  }

  /**
   * Follows `maxmemory-eviction-tenacity`: up to half a millisecond at 10, then 15 percent more for
   * each step, and no limit at 100; as Redis 7.2 does.
   */
  setTenacity(tenacity: number): void {
    if (tenacity <= 10) this.timeLimitUs = 50 * tenacity
    else if (tenacity < 100) this.timeLimitUs = 500 * 1.15 ** (tenacity - 10)
    else this.timeLimitUs = Number.POSITIVE_INFINITY
  }

  /**
   * Makes room until no more than `limitBytes` are live, or the time is over.
   *
   * @param leastBytes so much is freed even beyond the time
   */
  run(limitBytes: number, leastBytes: number): EvictionResult {
    const { keyspace } = this
    const { arena, clock } = keyspace
    this.nowSeconds = Math.floor(clock.nowMs / 1000)
    const enoughBytes = arena.liveBytes - leastBytes
    this.wasRefused = false
    let startUs = -1
    let steps = 0
    while (arena.liveBytes > limitBytes) {
      if (keyspace.isReclaiming) {
        keyspace.reclaim(0)
        steps = 0
      } else {
        if (!this.evictOne()) return 'failed'
        if (++steps < KEYS_PER_CHECK) continue
        steps = 0
      }
      const nowUs = clock.monotonicMicroseconds()
      if (startUs < 0) startUs = nowUs
      else if (nowUs - startUs >= this.timeLimitUs && arena.liveBytes <= enoughBytes) break
    }
    return arena.liveBytes > limitBytes ? 'running' : 'done'
  }

  /** Removes the key that is the best to go. @returns false if there is none */
  private evictOne(): boolean {
    if (this.order === 'none') return false
    return this.order === 'random' ? this.evictRandom() : this.evictBest()
  }

  private evictRandom(): boolean {
    const { databases, dict, random } = this.keyspace
    for (let tries = 0; tries < databases.length * MAX_REFUSALS; tries++) {
      this.nextDatabase = (this.nextDatabase + 1) % databases.length
      const database = databases[this.nextDatabase]!
      if (this.eligible(database) === 0) {
        if (tries >= databases.length && !this.hasEligible()) return false
        continue
      }
      const entry = this.volatileOnly
        ? dict.randomFlagged(database.root, random)
        : dict.randomEntry(database.root, random)
      dict.findAddress(database.root, dict.entryHash(entry), entry)
      if (this.evict(database, entry)) return true
    }
    return false
  }

  /** Removes a key that was found. @returns false if it may not be (`Preserver.mayRemove`) */
  private evict(database: Database, entry: Address): boolean {
    const { listener, preserver } = this.keyspace
    if (preserver !== null && !preserver.mayRemove(database, entry)) {
      this.wasRefused = true
      return false
    }
    listener?.evicted(database, entry)
    database.found = entry
    database.removeFound()
    this.evictedKeys++
    return true
  }

  private hasEligible(): boolean {
    return this.keyspace.databases.some((database) => this.eligible(database) > 0)
  }

  /** How many keys of a database may go. */
  private eligible(database: Database): number {
    return this.volatileOnly ? database.expiring : database.count
  }

  private evictBest(): boolean {
    for (let draws = 0; draws < MAX_REFUSALS; draws++) {
      if (--this.untilDraw <= 0 || this.count === 0) {
        if (!this.draw()) return false
        this.untilDraw = EVICTIONS_PER_DRAW
      }
      while (this.count > 0) {
        const last = --this.count
        const database = this.keyspace.databases[this.databases[last]!]!
        const hash = this.hashes[last]!
        const entry = this.entries[last] as Address
        if (this.isAsDrawn(database, hash, entry, this.scores[last]!)) {
          if (this.evict(database, entry)) return true
        }
      }
    }
    return false
  }

  /** Whether a candidate is there still, and has not been used since. */
  private isAsDrawn(database: Database, hash: number, entry: Address, score: number): boolean {
    const { arena, dict } = this.keyspace
    if (database.root === NULL || !dict.findAddress(database.root, hash, entry)) return false
    if (this.volatileOnly && !hasExpiry(arena, entry)) return false
    return this.scoreOf(entry) >= score
  }

  /** Draws keys from all databases into the pool. @returns whether there are any */
  private draw(): boolean {
    const { samples, samplesWanted, volatileOnly } = this
    const { arena, databases, dict, random } = this.keyspace
    let isAny = false
    for (let i = 0; i < databases.length; i++) {
      const database = databases[i]!
      if (database.root === NULL) continue
      const drawn = dict.sample(database.root, random, samplesWanted, volatileOnly, samples)
      if (drawn > 0) isAny = true
      let words = 0
      for (let j = 0; j < drawn; j++) words ^= accessOf(arena, samples[j] as Address)
      this.readAhead = words
      for (let j = 0; j < drawn; j++) this.consider(database, samples[j] as Address)
    }
    return isAny
  }

  /** How willingly a key is let go, the more the higher: never falls while the key is not used. */
  private scoreOf(entry: Address): number {
    const { arena, clock, lfuDecayMinutes } = this.keyspace
    if (this.order === 'ttl') return -expireAtMsOf(arena, entry)
    const access = accessOf(arena, entry)
    if (this.order === 'lfu') return -decayedLfu(access, clock.nowMs, lfuDecayMinutes)
    return idleSeconds(access, this.nowSeconds) - this.nowSeconds
  }

  /** Takes a key into the pool if it is better than the worst there, or there is room. */
  private consider(database: Database, entry: Address): void {
    const { databases, entries, hashes, scores } = this
    const score = this.scoreOf(entry)
    if (this.count === POOL_SIZE && score <= scores[0]!) return
    for (let i = 0; i < this.count; i++) if (entries[i] === entry) return
    let at = this.count
    if (at < POOL_SIZE) {
      this.count++
      while (at > 0 && scores[at - 1]! >= score) this.move(at - 1, at--)
    } else {
      at = 0
      while (at + 1 < POOL_SIZE && scores[at + 1]! < score) this.move(at + 1, at++)
    }
    scores[at] = score
    entries[at] = entry
    hashes[at] = this.keyspace.dict.entryHash(entry)
    databases[at] = database.index
  }

  private move(from: number, to: number): void {
    this.scores[to] = this.scores[from]!
    this.entries[to] = this.entries[from]!
    this.hashes[to] = this.hashes[from]!
    this.databases[to] = this.databases[from]!
  }
}
