/**
 * Which hashes of a database have fields that expire, when the next of them does, and the removal
 * of fields whose time has passed.
 *
 * Every hash with at least one expiry time is in a heap by the time at which it has to be looked at
 * (due-heap.ts). The database says so when such a hash comes under a key, leaves it, or has
 * changed. What is due is then found at once, however many keys there are.
 *
 * A hash tells for no field more than that none expires before `earliest`. So one that is due is
 * swept: a packed one as a whole, a large one table by table of its dict, with other hashes that
 * are due in between. What the sweep sees gives the next `earliest`. A field that gets a time while
 * a sweep is under way lowers both that and what the sweep has seen.
 *
 * A field whose time has passed counts as absent, removed or not, except in HLEN, as in Redis 7.4.
 */
import { type Address, type Arena, NULL } from '../arena/arena.ts'
import { type HashValue, HEADED, NO_FIELD_EXPIRY } from '../types/hash.ts'
import {
  dueOf,
  earliestOf,
  headEntry,
  setDue,
  setEarliest,
  setHeadEntry,
  setSweepPosition,
  setSweptEarliest,
  sweepPosition,
  sweptEarliest,
} from '../types/hash-head.ts'
import { TYPE_HASH } from '../types/type.ts'
import type { Database } from './database.ts'
import { DueHeap } from './due-heap.ts'
import { bytesOf, encodingOf, offsetOf, SEPARATE, valueAddressOf } from './entry.ts'

/** Type and the bit of the encoding in an entry's header, and what they are of such a hash. */
const HEADED_MASK = 7 | (HEADED << 4)
const HEADED_HASH = TYPE_HASH | (HEADED << 4)

export class FieldExpiry {
  private readonly database: Database
  private readonly arena: Arena
  private readonly heap: DueHeap
  private cursor: HashValue | null = null

  constructor(database: Database) {
    this.database = database
    this.arena = database.keyspace.arena
    this.heap = new DueHeap(this.arena)
  }

  /** How many hashes have fields with an expiry time. */
  get count(): number {
    return this.heap.count
  }

  /** Fields that expire before this have expired. */
  get nowMs(): number {
    const { clock, isLoading } = this.database.keyspace
    return isLoading ? Number.NEGATIVE_INFINITY : clock.nowMs
  }

  /** Whether an entry is of a hash whose fields may have expiry times: the only ones to tell of. */
  concerns(entry: Address): boolean {
    const header = bytesOf(this.arena, entry)[offsetOf(entry) + 4]!
    return (header & HEADED_MASK) === HEADED_HASH
  }

  /** An entry has come into the database, or has another address, or its fields have changed. */
  changed(entry: Address): void {
    const { arena, heap } = this
    const hash = this.open(entry)
    const head = hash.root
    setHeadEntry(arena, head, entry)
    const isIn = heap.has(head)
    if (hash.expiring === 0) {
      if (isIn) heap.remove(head)
      setEarliest(arena, head, NO_FIELD_EXPIRY)
      setSweepPosition(arena, head, 0)
    } else {
      this.schedule(head, earliestOf(arena, head), isIn)
    }
  }

  /** Gives a head the place in the heap that a time has. */
  private schedule(head: Address, dueMs: number, isIn: boolean): void {
    const { arena } = this
    if (isIn) {
      if (dueOf(arena, head) === dueMs) return
      this.heap.remove(head)
    }
    setDue(arena, head, dueMs)
    this.heap.insert(head)
  }

  /** An entry is about to leave the database. */
  leaves(entry: Address): void {
    const { arena } = this
    const head = valueAddressOf(arena, entry)
    if (this.heap.has(head)) this.heap.remove(head)
    setHeadEntry(arena, head, NULL)
  }

  private open(entry: Address): HashValue {
    const { arena, database } = this
    this.cursor ??= database.keyspace.collections.create(TYPE_HASH) as HashValue
    this.cursor.open(valueAddressOf(arena, entry), encodingOf(arena, entry) & ~SEPARATE)
    return this.cursor
  }

  /**
   * Removes fields, whose time has passed, of the hash that was found last, and the hash with the
   * last of them.
   *
   * @param hash the cursor that points at it; its root is NULL if the hash is gone then
   * @returns false if the fields have to stay for now, being absent none the less
   */
  expireFound(hash: HashValue, fields: readonly Uint8Array[]): boolean {
    const { database } = this
    const entry = database.found
    if (!this.mayRemoveFrom(entry)) return false
    this.removeFields(entry, hash, fields)
    if (hash.length > 0) {
      this.changed(entry)
    } else {
      database.removeFound()
      hash.open(NULL, 0)
    }
    return true
  }

  /** The same for all fields whose time has passed, sought among all. */
  expireAllOfFound(hash: HashValue): boolean {
    const { nowMs } = this
    const { pair } = hash
    const expired: Uint8Array[] = []
    let earliest = NO_FIELD_EXPIRY
    hash.forEach((position) => {
      hash.read(position)
      if (pair.expireAtMs < nowMs) expired.push(pair.bytes.slice(pair.fieldStart, pair.fieldEnd))
      else earliest = Math.min(earliest, pair.expireAtMs)
    })
    if (expired.length > 0 && !this.expireFound(hash, expired)) return false
    if (hash.root === NULL) return true
    setEarliest(this.arena, hash.root, earliest)
    this.changed(this.database.found)
    return true
  }

  private mayRemoveFrom(entry: Address): boolean {
    const { expirySuspended, preserver } = this.database.keyspace
    if (expirySuspended) return false
    return preserver === null || preserver.mayRemove(this.database, entry)
  }

  private removeFields(entry: Address, hash: HashValue, fields: readonly Uint8Array[]): void {
    const { database } = this
    const { keyspace } = database
    if (fields.length === 0) return
    keyspace.listener?.fieldsExpired(database, entry, fields, fields.length === hash.length)
    keyspace.expiredFields += fields.length
    for (const field of fields) {
      const view = new DataView(field.buffer, field.byteOffset, field.byteLength)
      hash.remove(field, view, 0, field.length)
    }
  }

  /** Whether a hash is due. */
  get isDue(): boolean {
    const { first } = this.heap
    return first !== NULL && dueOf(this.arena, first) < this.nowMs
  }

  /** How many fields the last `sweep` has looked at, and how many of them it has removed. */
  looked = 0
  removed = 0

  /** Goes on with the sweep of the hash that is due first, by one table of a large one. */
  sweep(): void {
    const { arena, database, heap, nowMs } = this
    const head = heap.first
    const entry = headEntry(arena, head)
    this.looked = 0
    this.removed = 0
    if (!this.mayRemoveFrom(entry)) return this.schedule(head, nowMs, true)
    const hash = this.open(entry)
    const expired = hash.isPacked ? this.sweepPacked(hash) : this.sweepTable(hash)
    this.removed = expired.length
    this.removeFields(entry, hash, expired)
    if (hash.length === 0) database.removeEntry(entry)
    else if (sweepPosition(arena, head) === 0) this.changed(entry)
    // It stays due, and others that have been so for longer come first.
    else this.schedule(head, nowMs - 1, true)
  }

  /** Looks at all fields of a small hash. @returns those that have expired */
  private sweepPacked(hash: HashValue): Uint8Array[] {
    const { nowMs } = this
    const { pair } = hash
    const expired: Uint8Array[] = []
    let earliest = NO_FIELD_EXPIRY
    hash.forEach((position) => {
      hash.read(position)
      if (pair.expireAtMs === NO_FIELD_EXPIRY) return
      this.looked++
      if (pair.expireAtMs < nowMs) expired.push(pair.bytes.slice(pair.fieldStart, pair.fieldEnd))
      else earliest = Math.min(earliest, pair.expireAtMs)
    })
    setEarliest(this.arena, hash.root, earliest)
    return expired
  }

  /** The same for the next table of a large one. */
  private sweepTable(hash: HashValue): Uint8Array[] {
    const { arena, nowMs } = this
    const { pair, root: head } = hash
    const position = sweepPosition(arena, head)
    let earliest = position === 0 ? NO_FIELD_EXPIRY : sweptEarliest(arena, head)
    const expired: Uint8Array[] = []
    const next = hash.sweepExpiring(position, (entry) => {
      hash.read(entry)
      this.looked++
      if (pair.expireAtMs < nowMs) expired.push(pair.bytes.slice(pair.fieldStart, pair.fieldEnd))
      else earliest = Math.min(earliest, pair.expireAtMs)
      return true
    })
    if (next === 0) setEarliest(arena, head, earliest)
    setSweptEarliest(arena, head, next === 0 ? NO_FIELD_EXPIRY : earliest)
    setSweepPosition(arena, head, next)
    return expired
  }

  /** Forgets all hashes, whose memory has been or will be freed otherwise. */
  forget(): void {
    this.heap.forget()
  }

  exchange(other: FieldExpiry): void {
    this.heap.exchange(other.heap)
  }

  /** Throws an Error unless the heap has all hashes that it should, and no others. */
  check(): void {
    const { arena, database, heap } = this
    heap.check()
    let count = 0
    database.forEach((entry) => {
      if (!this.concerns(entry)) return
      const hash = this.open(entry)
      const head = hash.root
      if (headEntry(arena, head) !== entry) throw new Error('a head names another entry')
      if (heap.has(head) !== hash.expiring > 0) throw new Error('a hash is wrongly in the heap')
      if (!heap.has(head)) return
      count++
      const isSwept = sweepPosition(arena, head) !== 0
      if (dueOf(arena, head) > earliestOf(arena, head) && !isSwept) {
        throw new Error('a hash is due too late')
      }
    })
    if (count !== heap.count) throw new Error('the heap has hashes that are in no database')
  }
}
