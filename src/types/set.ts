/**
 * Sets: distinct byte strings without an order.
 *
 * A set is a packed list, an integer set or a dict (set-encoding.ts); when it is which follows
 * Redis 7.2. A new set of integers begins as an integer set. It becomes a dict when it grows beyond
 * `set-max-intset-entries`; a member that is no integer makes it a packed list, if it is short
 * enough for one, else a dict. A packed list becomes a dict with more members than
 * `set-max-listpack-entries`, or with one longer than `set-max-listpack-value`. Removal never
 * changes the encoding.
 *
 * Members are given, and found, as slices of some memory: bytes, the view of the same, where they
 * start and how long they are. They may lie in the arena, but not in the set itself.
 */
import { type Address, type Arena, NULL, OFFSET_MASK, SEGMENT_SHIFT } from '../arena/arena.ts'
import { copyBytes } from '../arena/bytes.ts'
import type { Dict } from '../arena/dict.ts'
import { entryWord, keyStart, LONG_KEY } from '../arena/dict-entry.ts'
import { presize } from '../arena/dict-presize.ts'
import { integerDigits } from '../bytes/integers.ts'
import type { Random } from '../platform/random.ts'
import { Collection } from './collection.ts'
import { IntSet } from './intset.ts'
import type { Limits } from './limits.ts'
import { NONE, PackedList } from './packed-list.ts'
import { DICT, INTSET, MEMBER_HEADER_BYTES, PACKED, SET_ENCODING_NAMES } from './set-encoding.ts'
import { SetWalk } from './set-walk.ts'

export { DICT, INTSET, PACKED } from './set-encoding.ts'

/** What `add` answers. */
export const PRESENT = 0
export const ADDED = 1
export const NO_MEMORY = -1

/** No integer set has more members, whatever the directive says. */
const INTSET_MAX_ENTRIES = 2 ** 30
/** No packed list takes more bytes, whatever the directives say. */
const PACKED_MAX_BYTES = 2 ** 30
/** The size of the members of a longer dict is estimated from so many. */
const SIZED_MEMBERS = 4096
/** Digits of the longest integer. */
const INT64_DIGITS = 20

export class SetValue extends Collection {
  /** Where the member is that `readRandom` chose, until the arena changes. */
  readonly member: SetWalk
  readonly dict: Dict
  private readonly limits: Limits
  private readonly random: Random
  private readonly packed: PackedList
  protected readonly smallForm: PackedList
  private readonly ints: IntSet
  /** What `convert` reads from. */
  private readonly walk: SetWalk
  /** Place or index of the member that `readRandom` chose. */
  private chosen = 0
  /** How far `freeSome` has come with a dict. */
  private drained = 0

  /** @param dict the kind of dict, with headers of MEMBER_HEADER_BYTES */
  constructor(arena: Arena, limits: Limits, random: Random, dict: Dict) {
    super(arena)
    this.limits = limits
    this.random = random
    this.dict = dict
    this.packed = new PackedList(arena)
    this.smallForm = this.packed
    this.ints = new IntSet(arena)
    this.member = new SetWalk(arena)
    this.walk = new SetWalk(arena)
  }

  create(): boolean {
    return this.createAs(PACKED)
  }

  /** Makes a new empty set of the encoding given, and points this at it. */
  createAs(encoding: number, contentBytes = 0): boolean {
    this.encoding = encoding
    if (encoding === PACKED) this.root = this.packed.create(contentBytes)
    else this.root = encoding === INTSET ? this.ints.create() : this.dict.create()
    return this.root !== NULL
  }

  /**
   * A new empty set of the encoding that fits `count` members, of which one is given.
   *
   * @param contentBytes room to be had for members if it is a packed list
   */
  createFor(
    bytes: Uint8Array,
    start: number,
    length: number,
    count: number,
    contentBytes = 0,
  ): boolean {
    const { limits } = this
    if (count <= limits.setMaxIntsetEntries && this.ints.parse(bytes, start, start + length)) {
      return this.createAs(INTSET)
    }
    return this.createAs(count <= limits.setMaxListpackEntries ? PACKED : DICT, contentBytes)
  }

  /** Makes ready for `count` members more: so many may be too many for a small encoding. */
  expect(count: number): boolean {
    const { encoding, limits } = this
    const isTooMany =
      (encoding === PACKED && count > limits.setMaxListpackEntries) ||
      (encoding === INTSET && count > limits.setMaxIntsetEntries)
    return !isTooMany || this.convert(DICT)
  }

  override presize(count: number): void {
    if (this.encoding === DICT) presize(this.dict, this.root, count)
  }

  get length(): number {
    if (this.encoding === PACKED) return this.packed.count(this.root)
    return this.encoding === INTSET ? this.ints.count(this.root) : this.dict.count(this.root)
  }

  get encodingName(): string {
    return SET_ENCODING_NAMES[this.encoding]
  }

  override get dictRoot(): Address {
    return this.encoding === DICT ? this.root : NULL
  }

  get usedBytes(): number {
    const { arena, dict, root, walk } = this
    if (this.encoding !== DICT) return arena.capacity(root)
    let seen = 0
    let total = 0
    walk.begin(this)
    while (seen < SIZED_MEMBERS && walk.next()) {
      total += arena.capacity(walk.entry)
      seen++
    }
    const perMember = seen === 0 ? 0 : total / seen
    return dict.usedBytes(root) + Math.round(perMember * dict.count(root))
  }

  has(bytes: Uint8Array, view: DataView, start: number, length: number): boolean {
    const { root } = this
    if (this.encoding === DICT) {
      const hash = this.dict.hash(bytes, view, start, length)
      return this.dict.find(root, hash, bytes, view, start, length) !== NULL
    }
    if (this.encoding === INTSET) {
      return this.ints.parse(bytes, start, start + length) && this.ints.find(root)
    }
    const first = this.packed.first(root)
    return first !== NONE && this.packed.find(root, first, 1, bytes, view, start, length) !== NONE
  }

  /**
   * Adds a member.
   *
   * @returns ADDED, PRESENT if it was a member already, or NO_MEMORY: it is none then, but root and
   * encoding may have changed and are to be stored back all the same
   */
  add(bytes: Uint8Array, view: DataView, start: number, length: number): number {
    if (this.encoding === DICT) return this.addToDict(bytes, view, start, length)
    if (this.encoding === INTSET) return this.addToIntset(bytes, view, start, length)
    const { limits, packed, root } = this
    const first = packed.first(root)
    if (first !== NONE && packed.find(root, first, 1, bytes, view, start, length) !== NONE) {
      return PRESENT
    }
    if (
      packed.count(root) >= limits.setMaxListpackEntries ||
      length > limits.setMaxListpackValue ||
      packed.usedBytes(root) + length > PACKED_MAX_BYTES
    ) {
      if (!this.convert(DICT)) return NO_MEMORY
      return this.addToDict(bytes, view, start, length)
    }
    return this.append(bytes, view, start, length)
  }

  private append(bytes: Uint8Array, view: DataView, start: number, length: number): number {
    const moved = this.packed.append(this.root, bytes, view, start, length)
    if (moved === NULL) return NO_MEMORY
    this.root = moved
    return ADDED
  }

  private addToIntset(bytes: Uint8Array, view: DataView, start: number, length: number): number {
    const { ints, limits, root } = this
    if (!ints.parse(bytes, start, start + length)) {
      if (!this.fitsPackedWith(length)) {
        if (!this.convert(DICT)) return NO_MEMORY
        return this.addToDict(bytes, view, start, length)
      }
      return this.convert(PACKED) ? this.append(bytes, view, start, length) : NO_MEMORY
    }
    if (ints.find(root)) return PRESENT
    if (ints.count(root) >= Math.min(limits.setMaxIntsetEntries, INTSET_MAX_ENTRIES)) {
      return this.convert(DICT) ? this.addToDict(bytes, view, start, length) : NO_MEMORY
    }
    const moved = ints.insert(root)
    if (moved === NULL) return NO_MEMORY
    this.root = moved
    return ADDED
  }

  /** Whether an integer set, and a member of `length` bytes with it, may be a packed list. */
  private fitsPackedWith(length: number): boolean {
    const { ints, limits, root } = this
    const count = ints.count(root)
    if (count >= limits.setMaxListpackEntries || length > limits.setMaxListpackValue) return false
    if (count === 0) return true
    const longest = Math.max(this.digitsOf(0), this.digitsOf(count - 1))
    if (longest > limits.setMaxListpackValue) return false
    return count * (INT64_DIGITS + 2) + length < PACKED_MAX_BYTES
  }

  private digitsOf(index: number): number {
    const { ints } = this
    ints.read(this.root, index)
    return ints.high === ints.low >> 31
      ? integerDigits(ints.low)
      : ints.print(new Uint8Array(INT64_DIGITS), 0)
  }

  private addToDict(bytes: Uint8Array, view: DataView, start: number, length: number): number {
    const { dict, root } = this
    const hash = dict.hash(bytes, view, start, length)
    if (dict.find(root, hash, bytes, view, start, length) !== NULL) return PRESENT
    const entry = this.newEntry(bytes, view, start, length)
    if (entry === NULL) return NO_MEMORY
    if (dict.insert(root, hash, entry)) return ADDED
    this.arena.free(entry)
    return NO_MEMORY
  }

  private newEntry(bytes: Uint8Array, view: DataView, start: number, length: number): Address {
    const { arena } = this
    const keyAt = keyStart(MEMBER_HEADER_BYTES, length, false)
    const entry = arena.allocate(keyAt + length)
    if (entry === NULL) return NULL
    const entryView = arena.views[entry >>> SEGMENT_SHIFT]!
    const at = (entry & OFFSET_MASK) << 3
    entryView.setUint16(at, entryWord(length, false), true)
    if (length >= LONG_KEY) entryView.setUint32(at + MEMBER_HEADER_BYTES, length, true)
    const entryBytes = arena.bytes[entry >>> SEGMENT_SHIFT]!
    copyBytes(bytes, view, start, entryBytes, entryView, at + keyAt, length)
    return entry
  }

  /** Takes a member out. @returns whether it was one */
  remove(bytes: Uint8Array, view: DataView, start: number, length: number): boolean {
    const { root } = this
    if (this.encoding === DICT) {
      const hash = this.dict.hash(bytes, view, start, length)
      const entry = this.dict.find(root, hash, bytes, view, start, length)
      if (entry === NULL) return false
      this.dict.removeFound(root)
      this.arena.free(entry)
      return true
    }
    if (this.encoding === INTSET) {
      const { ints } = this
      if (!ints.parse(bytes, start, start + length) || !ints.find(root)) return false
      this.root = ints.remove(root, ints.index)
      return true
    }
    const first = this.packed.first(root)
    if (first === NONE) return false
    const place = this.packed.find(root, first, 1, bytes, view, start, length)
    if (place === NONE) return false
    this.root = this.packed.remove(root, place)
    return true
  }

  /** Points `member` at a member chosen at random; the set must not be empty. */
  readRandom(): void {
    const { member, random, root } = this
    if (this.encoding === DICT) {
      member.locate(this.dict.randomEntry(root, random))
      return
    }
    const index = random.below(this.length)
    this.chosen = this.encoding === PACKED ? this.packed.at(root, index) : index
    member.beginAt(this, this.chosen).next()
  }

  /** A number that tells the member that `readRandom` chose, while the set stays as it is. */
  get chosenId(): number {
    return this.encoding === DICT ? this.member.entry : this.chosen
  }

  /** Takes the member out that `readRandom` chose. */
  removeChosen(): void {
    if (this.encoding === PACKED) this.root = this.packed.remove(this.root, this.chosen)
    else if (this.encoding === INTSET) this.root = this.ints.remove(this.root, this.chosen)
    else {
      const { bytes, end, start, view } = this.member
      this.remove(bytes, view, start, end - start)
    }
  }

  /** Makes the set an integer set, if it is not too long; all its members must be integers. */
  convertToIntset(): boolean {
    if (this.encoding === INTSET) return true
    if (this.length > Math.min(this.limits.setMaxIntsetEntries, INTSET_MAX_ENTRIES)) return true
    return this.convert(INTSET)
  }

  /** Changes the encoding, whether it fits or not. @returns false, as it was, without memory */
  convert(encoding: number): boolean {
    const { root: oldRoot, encoding: oldEncoding, walk } = this
    walk.begin(this)
    if (!this.createAs(encoding)) {
      this.open(oldRoot, oldEncoding)
      return false
    }
    while (walk.next()) {
      const { bytes, end, start, view } = walk
      if (this.addConverted(bytes, view, start, end - start)) continue
      this.free()
      this.open(oldRoot, oldEncoding)
      return false
    }
    const { root } = this
    this.open(oldRoot, oldEncoding)
    this.free()
    this.open(root, encoding)
    return true
  }

  /** Adds a member that is none yet, in the encoding as it is. */
  private addConverted(bytes: Uint8Array, view: DataView, start: number, length: number): boolean {
    if (this.encoding === PACKED) return this.append(bytes, view, start, length) === ADDED
    if (this.encoding === DICT) return this.addToDict(bytes, view, start, length) === ADDED
    const { ints } = this
    if (!ints.parse(bytes, start, start + length)) throw new Error('a member is no integer')
    ints.find(this.root)
    const moved = ints.insert(this.root)
    if (moved === NULL) return false
    this.root = moved
    return true
  }

  copy(): Address {
    if (this.encoding === PACKED) return this.packed.copy(this.root)
    if (this.encoding === INTSET) return this.ints.copy(this.root)
    const { root: source, walk } = this
    walk.begin(this)
    let copy = this.dict.create()
    this.root = copy
    while (copy !== NULL && walk.next()) {
      const { bytes, end, start, view } = walk
      if (this.addToDict(bytes, view, start, end - start) === ADDED) continue
      this.free()
      copy = NULL
    }
    this.root = source
    return copy
  }

  freeSome(): boolean {
    if (this.encoding !== DICT) {
      this.arena.free(this.root)
      return true
    }
    this.drained = this.dict.drain(this.root, this.drained, this.freeEntry)
    return this.drained === 0
  }

  private readonly freeEntry = (entry: Address): void => {
    this.arena.free(entry)
  }

  /**
   * One step of a scan by cursor, see dict-scan.ts. A set that is no dict is not stepped through.
   *
   * @returns the next cursor, 0 behind the end
   */
  scan(cursor: number, visit: (entry: Address) => void): number {
    return this.dict.scan(this.root, cursor, visit)
  }

  check(): void {
    if (this.encoding === INTSET) return this.ints.check(this.root)
    if (this.encoding === DICT) return this.dict.check(this.root)
    const { packed, root } = this
    packed.check(root)
    let place = packed.first(root)
    while (place !== NONE) {
      packed.read(root, place)
      const { bytes, end, start, view } = packed
      const next = packed.next(root, place)
      const isTwice =
        next !== NONE && packed.find(root, next, 1, bytes, view, start, end - start) !== NONE
      if (isTwice) throw new Error('a packed set has a member twice')
      place = next
    }
  }
}
