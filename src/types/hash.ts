/**
 * Hashes: fields with values. A small hash is a packed list (hash-packed.ts), a large one a table
 * (hash-table.ts). It becomes large as Redis 7.2's does, by `hash-max-listpack-entries` and
 * `hash-max-listpack-value`, and stays so. With the first expiry time of a field a hash of either
 * form gets a head (hash-head.ts) before its value, which is its root then, and keeps it.
 *
 * Fields and values are given by memory, offset and length. Lookups point `pair` at what they find.
 * A position names a field of the hash, whatever its form, until the next change of the hash: the
 * place in the packed list, or the address of the entry.
 *
 * A field whose time has passed is there until somebody removes it; lookups and `forEach` find it,
 * and tell by `pair.expireAtMs`. After a change of expiry times, or of fields that have one, the
 * hash has to be stored (Context.store), so that the keyspace learns when the next one is due.
 */
import { type Address, NULL } from '../arena/arena.ts'
import { latin1 } from '../bytes/text.ts'
import type { Random } from '../platform/random.ts'
import { HashForm } from './hash-form.ts'
import {
  earliestOf,
  NO_FIELD_EXPIRY,
  newHead,
  packedExpiring,
  setEarliest,
  setPackedExpiring,
} from './hash-head.ts'
import { TIME_ELEMENT_BYTES, TRIPLES } from './hash-packed.ts'
import { ADDED, FAILED, KEEP_EXPIRY, UPDATED } from './hash-table.ts'
import { elementBytes, NONE } from './packed-list.ts'

export { HEADED } from './hash-form.ts'
export { NO_FIELD_EXPIRY } from './hash-head.ts'
export { ADDED, FAILED, KEEP_EXPIRY, UPDATED } from './hash-table.ts'

/** A packed hash never gets larger, whatever the limits say, as Redis's listpack. */
const MAX_PACKED_BYTES = 2 ** 30

export class HashValue extends HashForm {
  /**
   * Sets a field.
   *
   * @param expireAtMs when it expires from now on, never unless given
   * @returns FAILED if there is no memory, else UPDATED or ADDED. The root may have changed even if
   * it has failed, for one that has the same content
   */
  set(
    bytes: Uint8Array,
    view: DataView,
    start: number,
    length: number,
    valueBytes: Uint8Array,
    valueView: DataView,
    valueStart: number,
    valueLength: number,
    expireAtMs = NO_FIELD_EXPIRY,
  ): number {
    const { packed, table } = this
    if (expireAtMs !== NO_FIELD_EXPIRY && !this.ensureHead()) return FAILED
    const { stride, value } = this
    if (this.isPacked && length <= this.limits.hashMaxListpackValue) {
      const place = packed.find(value, stride, bytes, view, start, length)
      if (this.staysPacked(place === NONE ? 1 : 0, length, valueLength)) {
        if (place === NONE) {
          const list = packed.append(
            value,
            stride,
            bytes,
            view,
            start,
            length,
            valueBytes,
            valueView,
            valueStart,
            valueLength,
            expireAtMs,
          )
          if (list === NULL) return FAILED
          this.setValue(list)
          if (stride === TRIPLES) this.noteExpiry(NO_FIELD_EXPIRY, expireAtMs)
          return ADDED
        }
        const old = stride === TRIPLES ? packed.expiryAt(value, place) : NO_FIELD_EXPIRY
        const list = packed.replace(
          value,
          place,
          stride,
          valueBytes,
          valueView,
          valueStart,
          valueLength,
          expireAtMs,
        )
        if (list === NULL) return FAILED
        this.setValue(list)
        if (stride === TRIPLES) this.noteExpiry(old, expireAtMs)
        return UPDATED
      }
    }
    const target = this.isPacked ? this.toTable(value) : value
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
      expireAtMs,
    )
    this.adopt(target, outcome)
    if (outcome !== FAILED && stride === TRIPLES) this.noteExpiry(NO_FIELD_EXPIRY, expireAtMs)
    return outcome
  }

  /** Whether a packed hash may still be one with so many more fields, and a value of a length. */
  private staysPacked(added: number, fieldLength: number, valueLength: number): boolean {
    const { limits, list, value } = this
    if (valueLength > limits.hashMaxListpackValue) return false
    if (this.length + added > limits.hashMaxListpackEntries) return false
    return list.usedBytes(value) + fieldLength + valueLength < MAX_PACKED_BYTES
  }

  /**
   * Sets fields to values that stand one behind the other, all or none: slices `first`, `first` + 2
   * … below `end` are fields, and those behind them their values.
   *
   * @param expiry when they expire from now on, never unless given, or KEEP_EXPIRY
   * @returns the number of fields added, FAILED if there is no memory: a hash that had no field is
   * then fit only to be freed; the root may have changed as with `set`
   */
  setPairs(
    bytes: Uint8Array,
    view: DataView,
    starts: Int32Array,
    ends: Int32Array,
    first: number,
    end: number,
    expiry = NO_FIELD_EXPIRY,
  ): number {
    const sets = expiry !== NO_FIELD_EXPIRY && expiry !== KEEP_EXPIRY
    if (sets && !this.ensureHead()) return FAILED
    if (this.isPacked) {
      let moreBytes = this.packedBytes(starts, ends, first, end)
      if (this.isHeaded && moreBytes > 0) moreBytes += ((end - first) >> 1) * TIME_ELEMENT_BYTES
      if (moreBytes > 0 && this.list.usedBytes(this.value) + moreBytes < MAX_PACKED_BYTES) {
        return this.setPackedPairs(bytes, view, starts, ends, first, end, expiry, moreBytes)
      }
    }
    const target = this.isPacked ? this.toTable(this.value) : this.value
    if (target === NULL) return FAILED
    const added = this.table.setPairs(target, bytes, view, starts, ends, first, end, expiry)
    this.adopt(target, added)
    if (added !== FAILED && sets) this.noteExpiry(NO_FIELD_EXPIRY, expiry)
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
    expiry: number,
    moreBytes: number,
  ): number {
    const { arena, list } = this
    const old = this.value
    const lengthBefore = this.length
    const expiringBefore = this.expiring
    // One without fields has only just been made: if this fails nobody wants it any more.
    const isNew = lengthBefore === 0
    const copy = isNew ? list.reserve(old, moreBytes) : list.copy(old, moreBytes)
    if (copy === NULL) return FAILED
    this.setValue(copy)
    if (!this.setInPlace(bytes, view, starts, ends, first, end, expiry) || !this.convertIfLarge()) {
      if (isNew) return FAILED
      list.free(this.value)
      this.setValue(old)
      if (this.isHeaded) setPackedExpiring(arena, this.root, expiringBefore)
      return FAILED
    }
    if (!isNew) list.free(old)
    return this.length - lengthBefore
  }

  /** Sets pairs in the packed list that there is. @returns false, half done, for no memory */
  private setInPlace(
    bytes: Uint8Array,
    view: DataView,
    starts: Int32Array,
    ends: Int32Array,
    first: number,
    end: number,
    expiry: number,
  ): boolean {
    const { packed, stride } = this
    for (let i = first; i < end; i += 2) {
      const start = starts[i]!
      const length = ends[i]! - start
      const valueStart = starts[i + 1]!
      const valueLength = ends[i + 1]! - valueStart
      const place = packed.find(this.value, stride, bytes, view, start, length)
      let old = NO_FIELD_EXPIRY
      if (stride === TRIPLES && place !== NONE) old = packed.expiryAt(this.value, place)
      const now = expiry === KEEP_EXPIRY ? old : expiry
      const list =
        place === NONE
          ? packed.append(
              this.value,
              stride,
              bytes,
              view,
              start,
              length,
              bytes,
              view,
              valueStart,
              valueLength,
              now,
            )
          : packed.replace(this.value, place, stride, bytes, view, valueStart, valueLength, now)
      if (list === NULL) return false
      this.setValue(list)
      if (stride === TRIPLES) this.noteExpiry(old, now)
    }
    return true
  }

  /** Makes a packed hash with too many fields large. @returns false if there is no memory */
  private convertIfLarge(): boolean {
    if (this.length <= this.limits.hashMaxListpackEntries) return true
    const table = this.toTable(this.value)
    if (table === NULL) return false
    this.adopt(table, UPDATED)
    return true
  }

  /** Takes a field out. @returns whether it was there; none may be left then */
  remove(bytes: Uint8Array, view: DataView, start: number, length: number): boolean {
    const { packed, stride, value } = this
    if (!this.isPacked) return this.table.remove(value, bytes, view, start, length)
    const place = packed.find(value, stride, bytes, view, start, length)
    if (place === NONE) return false
    if (stride === TRIPLES) this.noteExpiry(packed.expiryAt(value, place), NO_FIELD_EXPIRY)
    this.setValue(this.list.remove(value, place, stride))
    return true
  }

  /**
   * Gets ready for the change of `count` expiry times, for `changeExpiry` one by one, the last of
   * which `endExpiries` is to follow.
   *
   * @returns false if there is no memory
   */
  beginExpiries(count: number): boolean {
    if (!this.ensureHead()) return false
    if (!this.isPacked) return true
    const list = this.list.reserve(this.value, count * TIME_ELEMENT_BYTES)
    if (list === NULL) return false
    this.setValue(list)
    return true
  }

  /**
   * Changes when the field expires that is given, and is there; NO_FIELD_EXPIRY for never.
   *
   * @returns false if there is no memory: `endExpiries(false)` takes all changes back
   */
  changeExpiry(
    bytes: Uint8Array,
    view: DataView,
    start: number,
    length: number,
    expireAtMs: number,
  ): boolean {
    const { packed, value } = this
    if (!this.isPacked) {
      if (!this.table.changeExpiry(value, bytes, view, start, length, expireAtMs)) return false
      this.noteExpiry(NO_FIELD_EXPIRY, expireAtMs)
      return true
    }
    const place = packed.find(value, TRIPLES, bytes, view, start, length)
    this.noteExpiry(packed.expiryAt(value, place), expireAtMs)
    this.setValue(packed.setExpiry(value, place, expireAtMs))
    return true
  }

  endExpiries(keep: boolean): void {
    if (this.isPacked) return
    if (keep) this.table.keepExpiries(this.value)
    else this.table.undoExpiries(this.value)
  }

  /** Says that no field expires before a time, after all that expire have been looked at. */
  setEarliest(timeMs: number): void {
    setEarliest(this.arena, this.root, timeMs)
  }

  /** Visits the positions of all fields; the visitor must not change the hash. */
  forEach(visit: (position: number) => void): void {
    const { packed, stride, value } = this
    if (!this.isPacked) return this.table.forEach(value, visit)
    for (let place = this.list.first(value); place !== NONE; ) {
      visit(place)
      place = packed.next(value, place, stride)
    }
  }

  /** Whether a field may have expired by now. */
  mayHaveExpired(nowMs: number): boolean {
    return this.isHeaded && earliestOf(this.arena, this.root) < nowMs
  }

  /** Number of fields that have not expired by now. */
  liveLength(nowMs: number): number {
    if (!this.mayHaveExpired(nowMs)) return this.length
    let live = 0
    this.forEachLive(nowMs, () => {
      live++
    })
    return live
  }

  /** `forEach` of the fields that have not expired by now. */
  forEachLive(nowMs: number, visit: (position: number) => void): void {
    if (!this.mayHaveExpired(nowMs)) return this.forEach(visit)
    this.forEach((position) => {
      this.read(position)
      if (this.pair.expireAtMs >= nowMs) visit(position)
    })
  }

  /** One step through the entries that expire of a large hash: see `Dict.sweepFlagged`. */
  sweepExpiring(position: number, visit: (entry: Address) => boolean): number {
    return this.table.sweepExpiring(this.value, position, visit)
  }

  /**
   * One step of HSCAN: a few fields of a large hash (see arena/dict-scan.ts), all of a small one.
   *
   * @returns the next cursor, 0 when the scan is complete
   */
  scan(cursor: number, visit: (position: number) => void): number {
    if (!this.isPacked) return this.table.scan(this.value, cursor, visit)
    this.forEach(visit)
    return 0
  }

  /** The position of any field, all equally likely; the hash must not be empty. */
  randomPosition(random: Random): number {
    if (!this.isPacked) return this.table.randomEntry(this.value, random)
    return this.list.at(this.value, this.stride * random.below(this.length))
  }

  override copy(): Address {
    const { arena, root } = this
    const value = this.isPacked ? this.list.copy(this.value) : this.table.copy(this.value)
    if (value === NULL || !this.isHeaded) return value
    const head = newHead(arena, value)
    if (head === NULL) {
      if (this.isPacked) this.list.free(value)
      else this.table.free(value)
      return NULL
    }
    setEarliest(arena, head, earliestOf(arena, root))
    setPackedExpiring(arena, head, packedExpiring(arena, root))
    return head
  }

  override freeSome(): boolean {
    if (this.isPacked) {
      this.list.free(this.value)
    } else {
      this.freed = this.table.freeSome(this.value, this.freed)
      if (this.freed !== 0) return false
    }
    if (this.isHeaded) this.arena.free(this.root)
    return true
  }

  override check(): void {
    if (!this.isPacked) this.table.check(this.value)
    else this.checkPacked()
    let expiring = 0
    let earliest = NO_FIELD_EXPIRY
    this.forEach((position) => {
      this.read(position)
      if (this.pair.expireAtMs === NO_FIELD_EXPIRY) return
      expiring++
      earliest = Math.min(earliest, this.pair.expireAtMs)
    })
    if (expiring !== this.expiring) throw new Error('a hash counts expiry times wrongly')
    if (earliest < this.earliestMs) throw new Error('a field expires earlier than its hash tells')
  }

  private checkPacked(): void {
    const { list, stride, value } = this
    list.check(value)
    if (list.count(value) % stride !== 0) throw new Error('a field has no value')
    const fields = new Set<string>()
    this.forEach((position) => {
      this.read(position)
      const { bytes, fieldStart, fieldEnd } = this.pair
      fields.add(latin1(bytes, fieldStart, fieldEnd))
    })
    if (fields.size !== this.length) throw new Error('a hash has a field twice')
  }
}
