/**
 * Hashes: fields with values. A small hash is a packed list of field, value, field, value …, in the
 * order in which the fields were added; a large one is a table (hash-table.ts). It becomes large as
 * Redis 7.2's does, by `hash-max-listpack-entries` and `hash-max-listpack-value`, and stays so.
 *
 * Fields and values are given by memory, offset and length. Lookups point `pair` at what they find.
 * A position names a field of the hash, whatever its form, until the next change of the hash: the
 * place in the packed list, or the address of the entry.
 */
import { type Address, type Arena, NULL } from '../arena/arena.ts'
import { latin1 } from '../bytes/text.ts'
import type { Random } from '../platform/random.ts'
import { Collection } from './collection.ts'
import { HashPair } from './hash-entry.ts'
import { ADDED, FAILED, HashTable, UPDATED } from './hash-table.ts'
import type { Limits } from './limits.ts'
import { elementBytes, NONE, PackedList } from './packed-list.ts'

export { ADDED, FAILED, UPDATED } from './hash-table.ts'

/** Encodings. */
const PACKED = 0
const TABLE = 1

/** A packed hash never gets larger, whatever the limits say, as Redis's listpack. */
const MAX_PACKED_BYTES = 2 ** 30

export class HashValue extends Collection {
  /** Where the field and the value of the last lookup are. */
  readonly pair = new HashPair()
  private readonly limits: Limits
  private readonly packed: PackedList
  private readonly table: HashTable
  /** How far `freeSome` has come. */
  private freed = 0

  constructor(arena: Arena, limits: Limits, hashKey: readonly [number, number]) {
    super(arena)
    this.limits = limits
    this.packed = new PackedList(arena)
    this.table = new HashTable(arena, hashKey, this.pair)
  }

  override open(root: Address, encoding: number): void {
    this.root = root
    this.encoding = encoding
    this.freed = 0
  }

  /** @param contentBytes room to be had for fields and values while the hash is packed */
  override create(contentBytes = 0): boolean {
    this.root = this.packed.create(contentBytes)
    this.encoding = PACKED
    this.freed = 0
    return this.root !== NULL
  }

  override get length(): number {
    if (this.encoding === PACKED) return this.packed.count(this.root) >> 1
    return this.table.count(this.root)
  }

  /** Whether it is small. */
  get isPacked(): boolean {
    return this.encoding === PACKED
  }

  override get encodingName(): string {
    return this.encoding === PACKED ? 'listpack' : 'hashtable'
  }

  override get usedBytes(): number {
    if (this.encoding === PACKED) return this.arena.capacity(this.root)
    return this.table.usedBytes(this.root)
  }

  /** Looks a field up. @returns whether it is there */
  find(bytes: Uint8Array, view: DataView, start: number, length: number): boolean {
    const { packed, root } = this
    if (this.encoding !== PACKED) return this.table.find(root, bytes, view, start, length)
    const place = packed.find(root, packed.first(root), 2, bytes, view, start, length)
    if (place === NONE) return false
    this.readPlace(place)
    return true
  }

  /** Points `pair` at the field at a position, and its value. */
  read(position: number): void {
    if (this.encoding === PACKED) this.readPlace(position)
    else this.table.read(position as Address)
  }

  private readPlace(place: number): void {
    const { packed, pair, root } = this
    packed.read(root, place)
    pair.bytes = packed.bytes
    pair.view = packed.view
    pair.fieldStart = packed.start
    pair.fieldEnd = packed.end
    packed.read(root, packed.next(root, place))
    pair.valueStart = packed.start
    pair.valueEnd = packed.end
  }

  /** Sets a field. @returns FAILED if there is no memory, else UPDATED or ADDED */
  set(
    bytes: Uint8Array,
    view: DataView,
    start: number,
    length: number,
    valueBytes: Uint8Array,
    valueView: DataView,
    valueStart: number,
    valueLength: number,
  ): number {
    const { packed, root, table } = this
    if (this.encoding === PACKED && length <= this.limits.hashMaxListpackValue) {
      const place = packed.find(root, packed.first(root), 2, bytes, view, start, length)
      if (this.staysPacked(place === NONE ? 1 : 0, length, valueLength)) {
        if (place === NONE) {
          const more = elementBytes(length) + elementBytes(valueLength)
          let list = packed.reserve(root, more)
          if (list === NULL) return FAILED
          list = packed.append(list, bytes, view, start, length)
          this.root = packed.append(list, valueBytes, valueView, valueStart, valueLength)
          return ADDED
        }
        const at = packed.next(root, place)
        const list = packed.replace(root, at, valueBytes, valueView, valueStart, valueLength)
        if (list === NULL) return FAILED
        this.root = list
        return UPDATED
      }
    }
    const target = this.encoding === PACKED ? this.toTable(root) : root
    if (target === NULL) return FAILED
    const outcome = table.set(
      target,
      bytes,
      view,
      start,
      length,
      valueBytes,
      valueView,
      valueStart,
      valueLength,
    )
    this.adopt(target, outcome)
    return outcome
  }

  /** Whether a packed hash may still be one with so many more fields, and a value of a length. */
  private staysPacked(added: number, fieldLength: number, valueLength: number): boolean {
    const { limits, packed, root } = this
    if (valueLength > limits.hashMaxListpackValue) return false
    if (this.length + added > limits.hashMaxListpackEntries) return false
    return packed.usedBytes(root) + fieldLength + valueLength < MAX_PACKED_BYTES
  }

  /** Takes a table, made of what there was, for the hash; or frees it if the change has failed. */
  private adopt(target: Address, outcome: number): void {
    if (this.encoding !== PACKED) return
    if (outcome === FAILED) return this.table.free(target)
    this.packed.free(this.root)
    this.root = target
    this.encoding = TABLE
  }

  /**
   * Sets fields to values that stand one behind the other, all or none: slices `first`, `first` + 2
   * … below `end` are fields, and those behind them their values.
   *
   * @returns the number of fields added, FAILED if there is no memory: a hash that had no field is
   * then fit only to be freed
   */
  setPairs(
    bytes: Uint8Array,
    view: DataView,
    starts: Int32Array,
    ends: Int32Array,
    first: number,
    end: number,
  ): number {
    if (this.encoding === PACKED) {
      const moreBytes = this.packedBytes(starts, ends, first, end)
      if (moreBytes > 0 && this.packed.usedBytes(this.root) + moreBytes < MAX_PACKED_BYTES) {
        return this.setPackedPairs(bytes, view, starts, ends, first, end, moreBytes)
      }
    }
    const target = this.encoding === PACKED ? this.toTable(this.root) : this.root
    if (target === NULL) return FAILED
    const added = this.table.setPairs(target, bytes, view, starts, ends, first, end)
    this.adopt(target, added)
    return added
  }

  /** Bytes that pairs take in a packed hash; 0 if their number or length makes it large. */
  packedBytes(starts: Int32Array, ends: Int32Array, first: number, end: number): number {
    if (end - first > 2 * this.limits.hashMaxListpackEntries) return 0
    let total = 0
    for (let i = first; i < end; i++) {
      const length = ends[i]! - starts[i]!
      if (length > this.limits.hashMaxListpackValue) return 0
      total += elementBytes(length)
    }
    return total
  }

  /** `setPairs` for a packed hash: in a copy of it, which may become large at the end. */
  private setPackedPairs(
    bytes: Uint8Array,
    view: DataView,
    starts: Int32Array,
    ends: Int32Array,
    first: number,
    end: number,
    moreBytes: number,
  ): number {
    const { packed } = this
    const old = this.root
    const countBefore = packed.count(old)
    // One without fields has only just been made: if this fails nobody wants it any more.
    const isNew = countBefore === 0
    const list = isNew ? packed.reserve(old, moreBytes) : packed.copy(old, moreBytes)
    if (list === NULL) return FAILED
    this.root = list
    if (!this.setInPlace(bytes, view, starts, ends, first, end) || !this.convertIfLarge()) {
      if (isNew) return FAILED
      packed.free(this.root)
      this.root = old
      return FAILED
    }
    if (!isNew) packed.free(old)
    return this.length - (countBefore >> 1)
  }

  /** Sets pairs in the packed list that there is. @returns false, half done, for no memory */
  private setInPlace(
    bytes: Uint8Array,
    view: DataView,
    starts: Int32Array,
    ends: Int32Array,
    first: number,
    end: number,
  ): boolean {
    const { packed } = this
    for (let i = first; i < end; i += 2) {
      const length = ends[i]! - starts[i]!
      const valueLength = ends[i + 1]! - starts[i + 1]!
      const start = packed.first(this.root)
      const place = packed.find(this.root, start, 2, bytes, view, starts[i]!, length)
      let list: Address
      if (place === NONE) {
        list = packed.reserve(this.root, elementBytes(length) + elementBytes(valueLength))
        if (list === NULL) return false
        list = packed.append(list, bytes, view, starts[i]!, length)
        list = packed.append(list, bytes, view, starts[i + 1]!, valueLength)
      } else {
        const at = packed.next(this.root, place)
        list = packed.replace(this.root, at, bytes, view, starts[i + 1]!, valueLength)
        if (list === NULL) return false
      }
      this.root = list
    }
    return true
  }

  /** Makes a packed hash with too many fields large. @returns false if there is no memory */
  private convertIfLarge(): boolean {
    if (this.length <= this.limits.hashMaxListpackEntries) return true
    const table = this.toTable(this.root)
    if (table === NULL) return false
    this.adopt(table, UPDATED)
    return true
  }

  /** A table with what a packed list has, which stays; NULL if there is no memory. */
  private toTable(list: Address): Address {
    const { packed, pair, table } = this
    const target = table.create()
    if (target === NULL) return NULL
    for (let place = packed.first(list); place !== NONE; ) {
      this.readPlace(place)
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
      )
      if (outcome === FAILED) {
        table.free(target)
        return NULL
      }
      place = packed.next(list, packed.next(list, place))
    }
    return target
  }

  /** Takes a field out. @returns whether it was there; none may be left then */
  remove(bytes: Uint8Array, view: DataView, start: number, length: number): boolean {
    const { packed, root } = this
    if (this.encoding !== PACKED) return this.table.remove(root, bytes, view, start, length)
    const place = packed.find(root, packed.first(root), 2, bytes, view, start, length)
    if (place === NONE) return false
    this.root = packed.remove(root, place, 2)
    return true
  }

  /** Visits the positions of all fields; the visitor must not change the hash. */
  forEach(visit: (position: number) => void): void {
    const { packed, root } = this
    if (this.encoding !== PACKED) return this.table.forEach(root, visit)
    for (let place = packed.first(root); place !== NONE; ) {
      visit(place)
      place = packed.next(root, packed.next(root, place))
    }
  }

  /**
   * One step of HSCAN: a few fields of a large hash (see arena/dict-scan.ts), all of a small one.
   *
   * @returns the next cursor, 0 when the scan is complete
   */
  scan(cursor: number, visit: (position: number) => void): number {
    if (this.encoding !== PACKED) return this.table.scan(this.root, cursor, visit)
    this.forEach(visit)
    return 0
  }

  /** The position of any field, all equally likely; the hash must not be empty. */
  randomPosition(random: Random): number {
    if (this.encoding !== PACKED) return this.table.randomEntry(this.root, random)
    return this.packed.at(this.root, 2 * random.below(this.length))
  }

  override copy(): Address {
    if (this.encoding === PACKED) return this.packed.copy(this.root)
    return this.table.copy(this.root)
  }

  override freeSome(): boolean {
    if (this.encoding === PACKED) {
      this.packed.free(this.root)
      return true
    }
    this.freed = this.table.freeSome(this.root, this.freed)
    return this.freed === 0
  }

  override check(): void {
    if (this.encoding !== PACKED) return this.table.check(this.root)
    this.packed.check(this.root)
    if (this.packed.count(this.root) % 2 !== 0) throw new Error('a field has no value')
    const fields = new Set<string>()
    this.forEach((position) => {
      this.read(position)
      const { bytes, fieldStart, fieldEnd } = this.pair
      fields.add(latin1(bytes, fieldStart, fieldEnd))
    })
    if (fields.size !== this.length) throw new Error('a hash has a field twice')
  }
}
