/**
 * Active expiry: removes keys, and fields of hashes, whose time has passed although nobody asks for
 * them.
 *
 * Each database is swept in the order of its dict, table after table; a table tells from its tags
 * which of its keys expire at all, so keys without an expiry time cost next to nothing. Work is
 * done in slices of a millisecond or two, so that nobody waits longer, and of at most
 * KEYS_PER_SLICE, which ends them under a clock that stands still. As in Redis, effort follows
 * need: while more than a share of the keys looked at have expired, the next slice is due soon.
 *
 * Fields come first and take up to half of a slice: the hashes that are due are known
 * (field-expiry.ts), so if none is they take nothing.
 *
 * `effort` scales that share and the length of a slice by the formulas of Redis 7.2's expire.c:
 * from 1 to 10, a tenth to a hundredth of the keys, and 25 to 43 percent of the time.
 */
import type { Address } from '../arena/arena.ts'
import type { Database } from './database.ts'
import { expireAtMsOf } from './entry.ts'
import type { Keyspace } from './keyspace.ts'

/** Pause that the caller makes between two slices while there is need, in ms. */
export const EXPIRY_PAUSE_MS = 3
/** How many keys one slice may look at, but for the last few: more than its time allows for. */
const KEYS_PER_SLICE = 16_384
/** The same for fields. */
const FIELDS_PER_SLICE = 16_384
/** Keys looked at between two looks at the clock. */
const KEYS_PER_CHECK = 16

export class ActiveExpiry {
  /** Off by DEBUG SET-ACTIVE-EXPIRE 0. */
  enabled = true
  /** The share of keys with an expiry time that have expired but are still there, in percent. */
  stalePercent = 0
  /** How often a slice ended because its time was up. */
  timeCapReached = 0
  /** How long its slices have taken, as those who have them done count. */
  microseconds = 0
  private readonly keyspace: Keyspace
  /** How long one slice may take. */
  private sliceUs = 0
  /** The share of expired keys above which more are sought at once. */
  private eagerShare = 0
  private databaseIndex = 0
  private fieldsDatabaseIndex = 0
  private position = 0
  private looked = 0
  private expired = 0
  private ttlSumMs = 0
  private deadlineUs = 0
  private keysLeft = 0
  private database: Database

  constructor(keyspace: Keyspace) {
    this.keyspace = keyspace
    this.database = keyspace.databases[0]!
    this.setEffort(1)
  }

  /** How hard to try, from 1 to 10: `active-expire-effort`. */
  setEffort(effort: number): void {
    const timePercent = 25 + 2 * (effort - 1)
    this.sliceUs = Math.round((EXPIRY_PAUSE_MS * 1000 * timePercent) / (100 - timePercent))
    this.eagerShare = (11 - effort) / 100
  }

  /**
   * Does one slice of work. @returns whether another is due soon, since much has expired
   */
  run(): boolean {
    if (!this.enabled || this.keyspace.expirySuspended) return false
    const { clock, databases } = this.keyspace
    clock.tick()
    const moreFields = this.reclaimFields()
    this.deadlineUs = clock.monotonicMicroseconds() + this.sliceUs
    this.keysLeft = KEYS_PER_SLICE
    let lookedInSlice = 0
    let expiredInSlice = 0
    let databasesLeft = databases.length
    while (databasesLeft > 0) {
      this.database = databases[this.databaseIndex]!
      this.looked = 0
      this.expired = 0
      this.ttlSumMs = 0
      if (this.database.expiring > 0) {
        this.position = this.database.sweepExpiring(this.position, this.visit)
      } else {
        this.position = 0
      }
      lookedInSlice += this.looked
      expiredInSlice += this.expired
      this.estimateTtl()
      if (this.position === 0) {
        this.databaseIndex = (this.databaseIndex + 1) % databases.length
        databasesLeft--
      }
      if (clock.monotonicMicroseconds() >= this.deadlineUs) {
        this.timeCapReached++
        break
      }
      if (this.keysLeft <= 0) break
    }
    if (lookedInSlice === 0) {
      this.stalePercent = 0
      return moreFields
    }
    const share = expiredInSlice / lookedInSlice
    this.stalePercent = share * 5 + this.stalePercent * 0.95
    return share > this.eagerShare || moreFields
  }

  /** The part of a slice that fields get. @returns whether much has expired, and more is due */
  private reclaimFields(): boolean {
    const { clock, databases } = this.keyspace
    const deadlineUs = clock.monotonicMicroseconds() + this.sliceUs / 2
    let looked = 0
    let removed = 0
    for (let left = databases.length; left > 0; left--) {
      const { fields } = databases[this.fieldsDatabaseIndex]!
      while (fields.isDue) {
        fields.sweep()
        looked += fields.looked
        removed += fields.removed
        if (looked >= FIELDS_PER_SLICE || clock.monotonicMicroseconds() >= deadlineUs) {
          return removed > looked * this.eagerShare
        }
      }
      this.fieldsDatabaseIndex = (this.fieldsDatabaseIndex + 1) % databases.length
    }
    return false
  }

  private readonly visit = (entry: Address): boolean => {
    const { clock, arena } = this.keyspace
    const ttlMs = expireAtMsOf(arena, entry) - clock.nowMs
    this.looked++
    this.keysLeft--
    if (ttlMs < 0) {
      this.expired++
      this.database.expireEntry(entry)
    } else {
      this.ttlSumMs += ttlMs
    }
    if (this.keysLeft <= 0) return false
    return this.looked % KEYS_PER_CHECK !== 0 || clock.monotonicMicroseconds() < this.deadlineUs
  }

  /** Follows the mean time to live of the keys seen alive, each slice weighing a fiftieth. */
  private estimateTtl(): void {
    const alive = this.looked - this.expired
    if (alive === 0) return
    const mean = Math.floor(this.ttlSumMs / alive)
    const { averageTtlMs } = this.database
    this.database.averageTtlMs =
      averageTtlMs === 0 ? mean : Math.floor(averageTtlMs * 0.98 + mean * 0.02)
  }
}
