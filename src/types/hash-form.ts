/**
 * What a hash consists of, and how it changes its form: see hash.ts, which has what is done to it.
 *
 * | encoding | root                                                                          |
 * |----------|-------------------------------------------------------------------------------|
 * | 0        | a packed list of pairs (hash-packed.ts)                                       |
 * | 1        | a table (hash-table.ts)                                                       |
 * | 2        | a head (hash-head.ts), which points at a packed list of triples               |
 * | 3        | a head, which points at a table                                               |
 */
import { type Address, type Arena, NULL } from '../arena/arena.ts'
import { Collection } from './collection.ts'
import { HashPair } from './hash-entry.ts'
import {
  earliestOf,
  headValue,
  lowerEarliest,
  NO_FIELD_EXPIRY,
  newHead,
  packedExpiring,
  setHeadValue,
  setPackedExpiring,
} from './hash-head.ts'
import { PAIRS, PackedHash, TRIPLES } from './hash-packed.ts'
import { dictOfTable, FAILED, HashTable } from './hash-table.ts'
import type { Limits } from './limits.ts'
import { NONE, type PackedList } from './packed-list.ts'

/** Encodings: the sum of what applies. */
const PACKED = 0
const TABLE = 1
/** Bit of the encoding: the root is a head. */
export const HEADED = 2

const ENCODING_NAMES: readonly string[] = ['listpack', 'hashtable', 'listpackex', 'hashtable']

export abstract class HashForm extends Collection {
  /** Where the field and the value of the last lookup are. */
  readonly pair = new HashPair()
  protected readonly limits: Limits
  protected readonly packed: PackedHash
  protected readonly list: PackedList
  protected readonly smallForm: PackedList
  protected readonly table: HashTable
  /** The packed list or the table: the root if there is no head. */
  value: Address = NULL
  /** Elements a field has in the packed list. */
  stride = PAIRS
  /** How far `freeSome` has come. */
  protected freed = 0

  constructor(arena: Arena, limits: Limits, hashKey: readonly [number, number]) {
    super(arena)
    this.limits = limits
    this.packed = new PackedHash(arena, this.pair)
    this.list = this.packed.list
    this.smallForm = this.list
    this.table = new HashTable(arena, hashKey, this.pair)
  }

  override open(root: Address, encoding: number): void {
    this.root = root
    this.encoding = encoding
    this.freed = 0
    if ((encoding & HEADED) === 0) {
      this.value = root
      this.stride = PAIRS
      this.pair.expireAtMs = NO_FIELD_EXPIRY
    } else {
      this.value = root === NULL ? NULL : headValue(this.arena, root)
      this.stride = TRIPLES
    }
  }

  /** @param contentBytes room to be had for fields and values while the hash is packed */
  override create(contentBytes = 0): boolean {
    this.open(this.list.create(contentBytes), PACKED)
    return this.root !== NULL
  }

  override presize(count: number): void {
    if (!this.isPacked) this.table.presize(this.value, count)
  }

  override get length(): number {
    const { value } = this
    if ((this.encoding & TABLE) !== 0) return this.table.count(value)
    const count = this.list.count(value)
    return this.stride === PAIRS ? count >> 1 : count / TRIPLES
  }

  /** Whether it is small. */
  get isPacked(): boolean {
    return (this.encoding & TABLE) === 0
  }

  /** Whether it has a head: whether fields may have expiry times. */
  get isHeaded(): boolean {
    return (this.encoding & HEADED) !== 0
  }

  /** How many fields have an expiry time, among them those that have expired. */
  get expiring(): number {
    if ((this.encoding & HEADED) === 0) return 0
    if ((this.encoding & TABLE) !== 0) return this.table.expiring(this.value)
    return packedExpiring(this.arena, this.root)
  }

  /** No field expires before this Unix time in ms. */
  get earliestMs(): number {
    return (this.encoding & HEADED) === 0 ? NO_FIELD_EXPIRY : earliestOf(this.arena, this.root)
  }

  override get encodingName(): string {
    return ENCODING_NAMES[this.encoding]!
  }

  override get dictRoot(): Address {
    return this.isPacked ? NULL : dictOfTable(this.arena, this.value)
  }

  override get usedBytes(): number {
    const head = this.isHeaded ? this.arena.capacity(this.root) : 0
    if (this.isPacked) return head + this.arena.capacity(this.value)
    return head + this.table.usedBytes(this.value)
  }

  /** Looks a field up. @returns whether it is there, be it expired */
  find(bytes: Uint8Array, view: DataView, start: number, length: number): boolean {
    const { value } = this
    if ((this.encoding & TABLE) !== 0) return this.table.find(value, bytes, view, start, length)
    const place = this.packed.find(value, this.stride, bytes, view, start, length)
    if (place === NONE) return false
    this.packed.read(value, place, this.stride)
    return true
  }

  /** Points `pair` at the field at a position, and its value. */
  read(position: number): void {
    if (this.isPacked) this.packed.read(this.value, position, this.stride)
    else this.table.read(position as Address)
  }

  /** Stores where the value is now. */
  protected setValue(value: Address): void {
    this.value = value
    if (this.isHeaded) setHeadValue(this.arena, this.root, value)
    else this.root = value
  }

  /** Gives the hash a head if it has none. @returns false if there is no memory */
  protected ensureHead(): boolean {
    if (this.isHeaded) return true
    const { arena, list, value } = this
    const head = newHead(arena, value)
    if (head === NULL) return false
    if (this.isPacked) {
      const triples = this.packed.toTriples(value)
      if (triples === NULL) {
        arena.free(head)
        return false
      }
      list.free(value)
      setHeadValue(arena, head, triples)
    }
    this.open(head, this.encoding | HEADED)
    return true
  }

  /** Takes into account that a field's time was `old` and is `now`. */
  protected noteExpiry(old: number, now: number): void {
    const { arena, root } = this
    if (this.isPacked) {
      const change = (now === NO_FIELD_EXPIRY ? 0 : 1) - (old === NO_FIELD_EXPIRY ? 0 : 1)
      if (change !== 0) setPackedExpiring(arena, root, packedExpiring(arena, root) + change)
    }
    if (now !== NO_FIELD_EXPIRY) lowerEarliest(arena, root, now)
  }

  /** Takes a table, made of what there was, for the hash; or frees it if the change has failed. */
  protected adopt(target: Address, outcome: number): void {
    if (!this.isPacked) return
    if (outcome === FAILED) return this.table.free(target)
    this.list.free(this.value)
    this.encoding |= TABLE
    this.setValue(target)
  }

  /** A table with what a packed list has, which stays; NULL if there is no memory. */
  protected toTable(list: Address): Address {
    const { packed, pair, stride, table } = this
    const target = table.create()
    if (target === NULL) return NULL
    for (let place = this.list.first(list); place !== NONE; ) {
      packed.read(list, place, stride)
      const { bytes, view, fieldStart: start, valueStart } = pair
      const length = pair.fieldEnd - start
      const valueLength = pair.valueEnd - valueStart
      const outcome = table.set(
        target,
        bytes,
        view,
        start,
        length,
        bytes,
        view,
        valueStart,
        valueLength,
        pair.expireAtMs,
      )
      if (outcome === FAILED) {
        table.free(target)
        return NULL
      }
      place = packed.next(list, place, stride)
    }
    return target
  }
}
