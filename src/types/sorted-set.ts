/**
 * Sorted sets: members with a score each, in the order of their scores and, where these are equal,
 * of their bytes.
 *
 * Small ones are packed (packed-sorted-set.ts), until they have more members, or one that is
 * longer, than the limits of Redis's `zset-max-listpack-…` let them; large ones are a skip list
 * over the entries of a dict (skip-list.ts). A set does not become small again by itself.
 *
 * A position, by which a member is pointed at, is its place in the packed list or its node; 0 is
 * none. It is valid until the next change of the set. `read` points `bytes`, `view`, `start`, `end`
 * and `score` at the member there, with the same validity. Nothing is allocated on the heap.
 */

import type { Arena } from '../arena/arena.ts'
import { type Address, NULL, OFFSET_MASK, SEGMENT_SHIFT } from '../arena/arena.ts'
import { Dict } from '../arena/dict.ts'
import { keyLength, keyOffset } from '../arena/dict-entry.ts'
import { presize } from '../arena/dict-presize.ts'
import type { Random } from '../platform/random.ts'
import { Collection } from './collection.ts'
import type { Limits } from './limits.ts'
import { NONE, type PackedList } from './packed-list.ts'
import { PackedSortedSet } from './packed-sorted-set.ts'
import { NODE_HEADER_BYTES, SkipList } from './skip-list.ts'
import { checkSkipList, copySkipList, drainSkipList, freeSkipList } from './skip-list-copy.ts'
import { SortedSetJournal } from './sorted-set-journal.ts'
import {
  isAboveLexMax,
  isAboveScoreMax,
  isBelowLexMin,
  isBelowScoreMin,
  type LexRange,
  type ScoreRange,
} from './sorted-set-ranges.ts'

const PACKED = 0
const SKIP_LIST = 1

export interface SortedSetEnvironment {
  arena: Arena
  random: Random
  limits: Limits
  hashKey: readonly [number, number]
}

export class SortedSet extends Collection {
  // What `read` has read last.
  bytes: Uint8Array
  view: DataView
  start = 0
  end = 0
  score = 0
  /** The ranks, from the first one to the one behind the last, that a range has come to. */
  from = 0
  to = 0
  private readonly limits: Limits
  private readonly packed: PackedSortedSet
  protected readonly smallForm: PackedList
  private readonly list: SkipList
  private readonly journal = new SortedSetJournal()
  /** How far freeing has come. */
  private drained = 0
  /** While several changes are made that may have to be undone: the packed list as it was. */
  private original: Address = NULL

  constructor({ arena, random, limits, hashKey }: SortedSetEnvironment) {
    super(arena)
    this.limits = limits
    this.bytes = new Uint8Array(0)
    this.view = new DataView(this.bytes.buffer)
    this.packed = new PackedSortedSet(arena)
    this.smallForm = this.packed.list
    const dict = new Dict(arena, {
      headerBytes: NODE_HEADER_BYTES,
      hashKey0: hashKey[0],
      hashKey1: hashKey[1],
    })
    this.list = new SkipList(arena, dict, random)
  }

  override open(root: Address, encoding: number): void {
    super.open(root, encoding)
    this.drained = 0
  }

  /** Makes an empty set in the small form. @param contentBytes room to be had in it */
  create(contentBytes = 0): boolean {
    const root = this.packed.list.create(contentBytes)
    if (root === NULL) return false
    this.open(root, PACKED)
    return true
  }

  /** Makes an empty set in the large form. */
  createLarge(): boolean {
    const root = this.list.create()
    if (root === NULL) return false
    this.open(root, SKIP_LIST)
    return true
  }

  /**
   * Makes an empty set in the form that suits so many members, the first one so long.
   *
   * @param contentBytes room to be had if it is the small form
   */
  createFor(count: number, memberBytes: number, contentBytes = 0): boolean {
    const { zsetMaxListpackEntries, zsetMaxListpackValue } = this.limits
    return count <= zsetMaxListpackEntries && memberBytes <= zsetMaxListpackValue
      ? this.create(contentBytes)
      : this.createLarge()
  }

  override presize(count: number): void {
    if (!this.isPacked) presize(this.list.dict, this.list.dictOf(this.root), count)
  }

  get length(): number {
    return this.isPacked ? this.packed.count(this.root) : this.list.count(this.root)
  }

  get encodingName(): string {
    return this.isPacked ? 'listpack' : 'skiplist'
  }

  override get dictRoot(): Address {
    return this.isPacked ? NULL : this.list.dictOf(this.root)
  }

  get usedBytes(): number {
    return this.isPacked ? this.arena.capacity(this.root) : this.list.usedBytes(this.root)
  }

  get isPacked(): boolean {
    return this.encoding === PACKED
  }

  copy(): Address {
    return this.isPacked ? this.packed.list.copy(this.root) : copySkipList(this.list, this.root)
  }

  freeSome(): boolean {
    if (this.isPacked) {
      this.packed.list.free(this.root)
      return true
    }
    this.drained = drainSkipList(this.list, this.root, this.drained)
    return this.drained === 0
  }

  check(): void {
    if (this.isPacked) this.packed.check(this.root)
    else checkSkipList(this.list, this.root)
  }

  /** The position of a member, 0 if it is not in the set; its score is then in `score`. */
  find(bytes: Uint8Array, view: DataView, start: number, length: number): number {
    if (this.isPacked) {
      const place = this.packed.find(this.root, bytes, view, start, length)
      if (place !== NONE) this.score = this.packed.scoreAt(this.root, place)
      return place
    }
    const hash = this.list.dict.hash(bytes, view, start, length)
    const node = this.list.find(this.root, hash, bytes, view, start, length)
    if (node !== NULL) this.score = this.list.scoreOf(node)
    return node
  }

  first(): number {
    return this.isPacked ? this.packed.list.first(this.root) : this.list.first(this.root)
  }

  last(): number {
    return this.isPacked ? this.packed.last(this.root) : this.list.last(this.root)
  }

  next(position: number): number {
    return this.isPacked
      ? this.packed.next(this.root, position)
      : this.list.forward(position as Address)
  }

  previous(position: number): number {
    return this.isPacked
      ? this.packed.previous(this.root, position)
      : this.list.backward(position as Address)
  }

  /** The position of the member that has `rank` others before it, which there must be. */
  atRank(rank: number): number {
    if (this.isPacked) return this.packed.list.at(this.root, rank * 2)
    if (rank === this.list.count(this.root) - 1) return this.list.last(this.root)
    return this.list.atRank(this.root, rank)
  }

  rankOf(position: number): number {
    return this.isPacked
      ? this.packed.rankOf(this.root, position)
      : this.list.rankOf(this.root, position as Address)
  }

  /** Points this object's fields at the member at a position. */
  read(position: number): void {
    if (this.isPacked) {
      const { list } = this.packed
      list.read(this.root, position)
      this.bytes = list.bytes
      this.view = list.view
      this.start = list.start
      this.end = list.end
      this.score = this.packed.scoreAt(this.root, position)
      return
    }
    const view = this.arena.views[position >>> SEGMENT_SHIFT]!
    const at = (position & OFFSET_MASK) << 3
    this.bytes = this.arena.bytes[position >>> SEGMENT_SHIFT]!
    this.view = view
    this.start = keyOffset(view, at, NODE_HEADER_BYTES)
    this.end = this.start + keyLength(view, at, NODE_HEADER_BYTES)
    this.score = this.list.scoreOf(position as Address)
  }

  /**
   * Points this object's fields at the member at a position, `score` excepted.
   *
   * @returns the position behind it, or before it if `reverse`; 0 if there is none
   */
  readAndStep(position: number, reverse: boolean): number {
    if (this.isPacked) {
      this.read(position)
      return reverse ? this.previous(position) : this.next(position)
    }
    const view = this.arena.views[position >>> SEGMENT_SHIFT]!
    const at = (position & OFFSET_MASK) << 3
    const start = keyOffset(view, at, NODE_HEADER_BYTES)
    const end = start + keyLength(view, at, NODE_HEADER_BYTES)
    this.bytes = this.arena.bytes[position >>> SEGMENT_SHIFT]!
    this.view = view
    this.start = start
    this.end = end
    // The levels of a node lie behind its member.
    return reverse ? this.list.backward(position as Address) : view.getInt32((end + 3) & ~3, true)
  }

  /** A member at random; 0 in an empty set. */
  randomPosition(random: Random): number {
    if (!this.isPacked) return this.list.randomNode(this.root)
    const count = this.packed.count(this.root)
    return count === 0 ? NONE : this.atRank(random.below(count))
  }

  /**
   * One step of a scan over the members, as Dict.scan takes them; a small set is visited in one.
   *
   * @returns the next cursor, 0 at the end
   */
  scan(cursor: number, visit: (position: number) => void): number {
    if (!this.isPacked) return this.list.dict.scan(this.list.dictOf(this.root), cursor, visit)
    for (let at = this.first(); at !== NONE; at = this.next(at)) visit(at)
    return 0
  }

  /**
   * Adds a member that is known to be absent, and makes the set large where it has to be.
   *
   * @param bytes must not lie in the set itself
   * @returns false if there is no memory; the set has the same members then
   */
  add(score: number, bytes: Uint8Array, view: DataView, start: number, length: number): boolean {
    if (this.isPacked) {
      const { zsetMaxListpackEntries, zsetMaxListpackValue } = this.limits
      const fits = this.length < zsetMaxListpackEntries && length <= zsetMaxListpackValue
      if (fits) return this.addPacked(score, bytes, view, start, length)
      if (!this.enlarge()) return false
    }
    const hash = this.list.dict.hash(bytes, view, start, length)
    const node = this.list.insert(this.root, hash, score, bytes, view, start, length)
    if (node === NULL) return false
    this.journal.added(node)
    return true
  }

  private addPacked(
    score: number,
    bytes: Uint8Array,
    view: DataView,
    start: number,
    length: number,
  ): boolean {
    const { packed } = this
    const root = packed.insert(this.root, score, bytes, view, start, length)
    if (root !== NULL) {
      this.root = root
      return true
    }
    if (packed.restored !== NULL) this.root = packed.restored
    packed.restored = NULL
    return false
  }

  /**
   * Gives the member at `position` another score.
   *
   * @param bytes the member once more, which must not lie in the set itself if that is packed
   * @returns false if there is no memory; nothing has changed then
   */
  setScore(
    position: number,
    score: number,
    bytes: Uint8Array,
    view: DataView,
    start: number,
    length: number,
  ): boolean {
    if (!this.isPacked) {
      this.journal.rescored(position, this.list.scoreOf(position as Address))
      this.list.setScore(this.root, position as Address, score)
      return true
    }
    const { packed } = this
    if (packed.staysInPlace(this.root, position, score)) {
      const root = packed.replaceScore(this.root, position, score)
      if (root !== NULL) this.root = root
      return root !== NULL
    }
    const old = packed.scoreAt(this.root, position)
    if (!this.addPacked(score, bytes, view, start, length)) return false
    // The new one is before the old one, or behind it.
    let place = packed.find(this.root, bytes, view, start, length)
    if (score < old) {
      const next = packed.next(this.root, place)
      place = packed.list.find(this.root, next, 2, bytes, view, start, length)
    }
    this.root = packed.remove(this.root, place)
    return true
  }

  /** Removes the member at a position. */
  remove(position: number): void {
    if (this.isPacked) this.root = this.packed.remove(this.root, position)
    else this.list.remove(this.root, position as Address)
  }

  /** Removes `count` members from rank `rank` on; so many there must be. */
  removeRange(rank: number, count: number): void {
    if (count === 0) return
    if (!this.isPacked) return this.list.removeRange(this.root, rank, count)
    this.root = this.packed.remove(this.root, this.atRank(rank), count)
  }

  /** Sets `from` and `to` to the ranks of a range of scores; an empty one has `to` <= `from`. */
  scoreRange(range: ScoreRange): void {
    if (!this.isPacked) {
      this.from = this.list.countBelowScore(this.root, range.min, range.minExclusive)
      this.to = this.list.countBelowScore(this.root, range.max, !range.maxExclusive)
      return
    }
    this.from = 0
    this.to = 0
    for (let at = this.first(); at !== NONE; at = this.packed.next(this.root, at)) {
      const score = this.packed.scoreAt(this.root, at)
      if (isAboveScoreMax(range, score)) break
      if (isBelowScoreMin(range, score)) this.from++
      this.to++
    }
  }

  /**
   * Sets `from` and `to` to the ranks of a range of members. It means something only if all scores
   * are equal; if not, a packed set answers what Redis does, from whichever end it is walked.
   */
  lexRange(range: LexRange, reverse: boolean): void {
    if (!this.isPacked) {
      this.from = this.list.countBelowLex(this.root, range, false)
      this.to = this.list.countBelowLex(this.root, range, true)
      return
    }
    this.from = 0
    this.to = 0
    const last = this.last()
    if (last === NONE || this.isBelow(range, last) || this.isAbove(range, this.first())) return
    if (reverse) this.lexRangeFromEnd(range)
    else this.lexRangeFromStart(range)
  }

  private lexRangeFromStart(range: LexRange): void {
    let at = this.first()
    while (at !== NONE && this.isBelow(range, at)) {
      this.from++
      at = this.next(at)
    }
    this.to = this.from
    while (at !== NONE && !this.isAbove(range, at)) {
      this.to++
      at = this.next(at)
    }
  }

  private lexRangeFromEnd(range: LexRange): void {
    let at = this.last()
    this.to = this.length
    while (at !== NONE && this.isAbove(range, at)) {
      this.to--
      at = this.previous(at)
    }
    this.from = this.to
    while (at !== NONE && !this.isBelow(range, at)) {
      this.from--
      at = this.previous(at)
    }
  }

  private isBelow(range: LexRange, position: number): boolean {
    this.read(position)
    return isBelowLexMin(range, this.bytes, this.view, this.start, this.end - this.start)
  }

  private isAbove(range: LexRange, position: number): boolean {
    this.read(position)
    return isAboveLexMax(range, this.bytes, this.view, this.start, this.end - this.start)
  }

  /** Brings a small set into the large form. @returns false, nothing changed, for no memory */
  enlarge(): boolean {
    const { list, packed, root } = this
    const large = list.create()
    if (large === NULL) return false
    for (let at = this.first(); at !== NONE; at = packed.next(root, at)) {
      this.read(at)
      const { bytes, view, start, end } = this
      const hash = list.dict.hash(bytes, view, start, end - start)
      if (list.insert(large, hash, this.score, bytes, view, start, end - start) === NULL) {
        freeSkipList(list, large)
        return false
      }
    }
    packed.list.free(root)
    this.open(large, SKIP_LIST)
    return true
  }

  /** Makes the set large at once if `count` additions may follow. @returns false for no memory */
  enlargeFor(count: number): boolean {
    return !this.isPacked || count <= this.limits.zsetMaxListpackEntries || this.enlarge()
  }

  /** Brings a large set into the small form if the limits allow it. @returns false for no memory */
  shrinkIfSmall(): boolean {
    const { list, packed, root } = this
    const { zsetMaxListpackEntries, zsetMaxListpackValue } = this.limits
    if (this.isPacked || this.length > zsetMaxListpackEntries) return true
    let bytesNeeded = 0
    for (let at = list.first(root); at !== NULL; at = list.forward(at)) {
      this.read(at)
      if (this.end - this.start > zsetMaxListpackValue) return true
      bytesNeeded += this.end - this.start + 8
    }
    let small = packed.list.create(bytesNeeded)
    if (small === NULL) return false
    for (let at = list.first(root); at !== NULL; at = list.forward(at)) {
      this.read(at)
      const { bytes, view, start, end } = this
      const next = packed.insert(small, this.score, bytes, view, start, end - start)
      if (next === NULL) {
        packed.list.free(packed.restored === NULL ? small : packed.restored)
        packed.restored = NULL
        return false
      }
      small = next
    }
    freeSkipList(list, root)
    this.open(small, PACKED)
    return true
  }

  /**
   * Begins a series of additions and new scores that is to be made wholly or not at all. It ends
   * with `commit` or `rollBack`. @returns false if there is no memory
   */
  begin(): boolean {
    if (!this.isPacked) {
      this.journal.begin()
      return true
    }
    const copy = this.packed.list.copy(this.root)
    if (copy === NULL) return false
    this.original = this.root
    this.root = copy
    return true
  }

  /** Keeps what has been changed since `begin`. */
  commit(): void {
    if (this.original !== NULL) this.packed.list.free(this.original)
    this.original = NULL
    this.journal.end()
  }

  /** Undoes what has been changed since `begin`. */
  rollBack(): void {
    if (this.original !== NULL) {
      const { original } = this
      this.original = NULL
      this.free()
      this.open(original, PACKED)
      return
    }
    const { journal, list, root } = this
    for (let i = journal.count - 1; i >= 0; i--) {
      const node = journal.nodeAt(i)
      if (journal.wasAdded(i)) list.remove(root, node)
      else list.setScore(root, node, journal.scoreAt(i))
    }
    journal.end()
  }
}
