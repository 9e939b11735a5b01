/**
 * Which keys which sessions may hold in caches of their own: a table from keys to the numbers of
 * sessions, in the arena like the data, so that `used_memory` and `maxmemory` count it, and so
 * that a million remembered keys are no work for the garbage collector.
 *
 * The keys are indexed by a dict; an entry of it is
 *
 * | offset | bytes | meaning                                                          |
 * |--------|-------|------------------------------------------------------------------|
 * | 0      | 2     | length of the key (0x7fff: long), as `dict-entry.ts` has it      |
 * | 2      | 2     | unused                                                           |
 * | 4      | 4     | how many sessions there are                                      |
 * | 8      | 4     | only for a key of 32,767 bytes or more: its length               |
 * | …      |       | the key                                                          |
 * | …      | 8 × n | their numbers as doubles, ascending; room for more may follow    |
 *
 * The numbers are in order, so that a key which a thousand clients read again and again costs a
 * search by halves each time. A session that is gone leaves its numbers behind: to seek them would
 * take as long as it has read keys. They go with their keys, and where a list is full they go
 * before it grows, so a key has no more than twice as much room as sessions that could be told.
 */
import { type Address, NULL, OFFSET_MASK, SEGMENT_SHIFT } from '../arena/address.ts'
import { copyBytes } from '../arena/bytes.ts'
import { Dict } from '../arena/dict.ts'
import { entryWord, keyLength, keyOffset, keyStart, LONG_KEY } from '../arena/dict-entry.ts'
import type { Keyspace } from '../keyspace/keyspace.ts'
import type { Random } from '../platform/random.ts'

const HEADER_BYTES = 8
const COUNT = 4
const NUMBER_BYTES = 8
/** A list of which more than this share is in use after the clean-up grows nevertheless. */
const FULL = 0.75

export class TrackingTable {
  /** The numbers that the last `take` has taken out, from the front on. */
  taken = new Float64Array(16)
  /** How many numbers there are, over all keys. */
  itemCount = 0
  private readonly keyspace: Keyspace
  private readonly dict: Dict
  private readonly isTold: (number: number) => boolean
  private root: Address = NULL

  /** @param isTold whether the session of a number is there still, and may be told of changes */
  constructor(keyspace: Keyspace, isTold: (number: number) => boolean) {
    this.keyspace = keyspace
    this.isTold = isTold
    const [hashKey0, hashKey1] = keyspace.hashKey
    this.dict = new Dict(keyspace.arena, { headerBytes: HEADER_BYTES, hashKey0, hashKey1 })
  }

  /** How many keys there are. */
  get keyCount(): number {
    return this.root === NULL ? 0 : this.dict.count(this.root)
  }

  /**
   * Remembers that a session has read the key from `start` on in `bytes`.
   *
   * @returns false if there is no memory for it
   */
  remember(
    bytes: Uint8Array,
    view: DataView,
    start: number,
    length: number,
    number: number,
  ): boolean {
    const { dict } = this
    if (this.root === NULL) {
      this.root = dict.create()
      if (this.root === NULL) return false
    }
    const hash = dict.hash(bytes, view, start, length)
    const entry = dict.find(this.root, hash, bytes, view, start, length)
    if (entry !== NULL) return this.addNumber(entry, number)
    return this.addKey(hash, bytes, view, start, length, number)
  }

  private addKey(
    hash: number,
    bytes: Uint8Array,
    view: DataView,
    start: number,
    length: number,
    number: number,
  ): boolean {
    const { dict } = this
    const { arena } = dict
    const keyAt = keyStart(HEADER_BYTES, length, false)
    const entry = arena.allocate(keyAt + length + NUMBER_BYTES)
    if (entry === NULL) return false
    const segment = entry >>> SEGMENT_SHIFT
    const target = arena.views[segment]!
    const at = (entry & OFFSET_MASK) << 3
    target.setUint16(at, entryWord(length, false), true)
    target.setUint16(at + 2, 0, true)
    target.setUint32(at + COUNT, 1, true)
    if (length >= LONG_KEY) target.setUint32(at + HEADER_BYTES, length, true)
    copyBytes(bytes, view, start, arena.bytes[segment]!, target, at + keyAt, length)
    target.setFloat64(at + keyAt + length, number, true)
    if (!dict.insert(this.root, hash, entry)) {
      arena.free(entry)
      return false
    }
    this.itemCount++
    return true
  }

  /** Adds a number to the entry that was found, unless it is there. */
  private addNumber(found: Address, number: number): boolean {
    const { arena } = this.dict
    let entry = found
    let view = arena.views[entry >>> SEGMENT_SHIFT]!
    let at = (entry & OFFSET_MASK) << 3
    let count = view.getUint32(at + COUNT, true)
    let first = numbersAt(view, at)
    let place = placeOf(view, first, count, number)
    if (place < count && view.getFloat64(first + place * NUMBER_BYTES, true) === number) return true
    if ((count + 1) * NUMBER_BYTES > arena.capacity(entry) - (first - at)) {
      entry = this.makeRoom(entry)
      if (entry === NULL) return false
      view = arena.views[entry >>> SEGMENT_SHIFT]!
      at = (entry & OFFSET_MASK) << 3
      count = view.getUint32(at + COUNT, true)
      first = numbersAt(view, at)
      place = placeOf(view, first, count, number)
    }
    const placeAt = first + place * NUMBER_BYTES
    const bytes = arena.bytes[entry >>> SEGMENT_SHIFT]!
    bytes.copyWithin(placeAt + NUMBER_BYTES, placeAt, first + count * NUMBER_BYTES)
    view.setFloat64(placeAt, number, true)
    view.setUint32(at + COUNT, count + 1, true)
    this.itemCount++
    return true
  }

  /** Room for one more number in the entry that was found. @returns it, or what replaces it */
  private makeRoom(entry: Address): Address {
    const { arena } = this.dict
    const view = arena.views[entry >>> SEGMENT_SHIFT]!
    const at = (entry & OFFSET_MASK) << 3
    const first = numbersAt(view, at)
    const room = Math.floor((arena.capacity(entry) - (first - at)) / NUMBER_BYTES)
    const left = this.dropGone(view, at, first)
    if (left <= room * FULL && left < room) return entry
    const usedBytes = first - at + left * NUMBER_BYTES
    const larger = arena.allocate(usedBytes + Math.max(left, 1) * NUMBER_BYTES)
    if (larger === NULL) return left < room ? entry : NULL
    const bytes = arena.bytes[entry >>> SEGMENT_SHIFT]!
    const target = arena.bytes[larger >>> SEGMENT_SHIFT]!
    target.set(bytes.subarray(at, at + usedBytes), (larger & OFFSET_MASK) << 3)
    this.dict.replaceFound(this.root, larger)
    arena.free(entry)
    return larger
  }

  /** Takes the numbers of sessions that are not told any more out of a list. @returns the rest */
  private dropGone(view: DataView, at: number, first: number): number {
    const count = view.getUint32(at + COUNT, true)
    let left = 0
    for (let i = 0; i < count; i++) {
      const number = view.getFloat64(first + i * NUMBER_BYTES, true)
      if (!this.isTold(number)) continue
      view.setFloat64(first + left * NUMBER_BYTES, number, true)
      left++
    }
    view.setUint32(at + COUNT, left, true)
    this.itemCount -= count - left
    return left
  }

  /** Forgets a key. @returns how many sessions had read it: their numbers are in `taken` */
  take(bytes: Uint8Array, view: DataView, start: number, length: number): number {
    const { dict, root } = this
    if (root === NULL) return 0
    const hash = dict.hash(bytes, view, start, length)
    const entry = dict.find(root, hash, bytes, view, start, length)
    if (entry === NULL) return 0
    const entryView = dict.arena.views[entry >>> SEGMENT_SHIFT]!
    const at = (entry & OFFSET_MASK) << 3
    const count = entryView.getUint32(at + COUNT, true)
    const first = numbersAt(entryView, at)
    if (count > this.taken.length) this.taken = new Float64Array(count * 2)
    const { taken } = this
    for (let i = 0; i < count; i++) {
      taken[i] = entryView.getFloat64(first + i * NUMBER_BYTES, true)
    }
    dict.removeFound(root)
    dict.arena.free(entry)
    this.itemCount -= count
    return count
  }

  /** The bytes of any key, in memory of their own; null if there is none. */
  randomKey(random: Random): Uint8Array | null {
    if (this.root === NULL) return null
    const entry = this.dict.randomEntry(this.root, random)
    if (entry === NULL) return null
    const view = this.dict.arena.views[entry >>> SEGMENT_SHIFT]!
    const at = (entry & OFFSET_MASK) << 3
    const start = keyOffset(view, at, HEADER_BYTES)
    const bytes = this.dict.arena.bytes[entry >>> SEGMENT_SHIFT]!
    return bytes.slice(start, start + keyLength(view, at, HEADER_BYTES))
  }

  /** Forgets all keys at once; their memory comes back soon (`Keyspace.reclaim`). */
  clear(): void {
    if (this.root !== NULL) this.keyspace.discardTable(this.dict, this.root)
    this.forget()
  }

  /** Forgets all keys, whose memory has been freed otherwise. */
  forget(): void {
    this.root = NULL
    this.itemCount = 0
  }
}

/** Where the numbers of the entry at `at` begin. */
function numbersAt(view: DataView, at: number): number {
  return keyOffset(view, at, HEADER_BYTES) + keyLength(view, at, HEADER_BYTES)
}

/** How many of the ascending numbers from `first` on are below `number`. */
function placeOf(view: DataView, first: number, count: number, number: number): number {
  let low = 0
  let high = count
  while (low < high) {
    const middle = (low + high) >>> 1
    if (view.getFloat64(first + middle * NUMBER_BYTES, true) < number) low = middle + 1
    else high = middle
  }
  return low
}
