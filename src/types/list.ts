/**
 * Lists, in one of two forms:
 *
 * | encoding | name      | root                                                          |
 * |----------|-----------|---------------------------------------------------------------|
 * | 0        | listpack  | a packed list                                                 |
 * | 1        | quicklist | the root of linked chunks with a packed list each, see        |
 * |          |           | list-chunks.ts                                                |
 *
 * Elements are added and taken at both ends in constant time, since a chunk is bounded
 * (list-fill.ts); an element larger than that bound has a chunk of its own. An index is found by
 * stepping over whole chunks from the nearer end. As in Redis 7.2, a list becomes chunks before it
 * outgrows one of them, and is packed again when it has shrunk to half of one.
 *
 * One element at a time is at the cursor, which `seek`, `next` and `previous` move; a change makes
 * it invalid unless its method says otherwise. `elements` is where the bytes of the element last
 * read are: valid until the next change of the arena.
 */
import { type Address, type Arena, NULL } from '../arena/arena.ts'
import { equalBytes } from '../arena/bytes.ts'
import { Collection } from './collection.ts'
import type { Limits } from './limits.ts'
import {
  addElements,
  chunkCount,
  createRoot,
  elementCount,
  headOf,
  linkChunk,
  listOf,
  nextOf,
  previousOf,
  setListOf,
  tailOf,
  unlinkChunk,
} from './list-chunks.ts'
import { exceedsChunk, fitsChunk, fullChunkBytes, isHalfChunk, isPlain } from './list-fill.ts'
import { elementBytes, NONE, PackedList } from './packed-list.ts'

const PACKED = 0
const CHUNKED = 1

/** So many chunks are freed in one step. */
const FREED_CHUNKS = 64

export class ListValue extends Collection {
  readonly elements: PackedList
  protected readonly smallForm: PackedList
  private readonly limits: Limits
  // The cursor: a chunk, NULL in the packed form; its packed list; a place in that.
  private chunk: Address = NULL
  private list: Address = NULL
  private place = NONE

  constructor(arena: Arena, limits: Limits) {
    super(arena)
    this.elements = new PackedList(arena)
    this.smallForm = this.elements
    this.limits = limits
  }

  /** @param contentBytes room to be had for elements while the list is packed */
  create(contentBytes = 0): boolean {
    this.root = this.elements.create(contentBytes)
    this.encoding = PACKED
    return this.root !== NULL
  }

  get length(): number {
    if (this.encoding === PACKED) return this.elements.count(this.root)
    return elementCount(this.arena, this.root)
  }

  get encodingName(): string {
    return this.encoding === PACKED ? 'listpack' : 'quicklist'
  }

  get usedBytes(): number {
    const { arena } = this
    let total = arena.capacity(this.root)
    if (this.encoding === PACKED) return total
    for (let chunk = headOf(arena, this.root); chunk !== NULL; chunk = nextOf(arena, chunk)) {
      total += arena.capacity(chunk) + arena.capacity(listOf(arena, chunk))
    }
    return total
  }

  copy(): Address {
    const { arena, elements } = this
    if (this.encoding === PACKED) return elements.copy(this.root)
    const copy = new ListValue(arena, this.limits)
    copy.open(createRoot(arena), CHUNKED)
    if (copy.root === NULL) return NULL
    for (let chunk = headOf(arena, this.root); chunk !== NULL; chunk = nextOf(arena, chunk)) {
      const list = elements.copy(listOf(arena, chunk))
      if (list === NULL || copy.link(tailOf(arena, copy.root), list) === NULL) {
        copy.free()
        return NULL
      }
    }
    addElements(arena, copy.root, this.length)
    return copy.root
  }

  freeSome(): boolean {
    const { arena, elements, root } = this
    if (this.encoding === CHUNKED) {
      for (let i = 0; i < FREED_CHUNKS; i++) {
        const chunk = headOf(arena, root)
        if (chunk === NULL) break
        elements.free(listOf(arena, chunk))
        unlinkChunk(arena, root, chunk)
      }
      if (headOf(arena, root) !== NULL) return false
    }
    arena.free(root)
    return true
  }

  check(): void {
    const { arena, elements, root } = this
    if (this.encoding === PACKED) return elements.check(root)
    let count = 0
    let chunks = 0
    let previous: Address = NULL
    for (let chunk = headOf(arena, root); chunk !== NULL; chunk = nextOf(arena, chunk)) {
      elements.check(listOf(arena, chunk))
      if (elements.count(listOf(arena, chunk)) === 0) throw new Error('a list has an empty chunk')
      if (previousOf(arena, chunk) !== previous) throw new Error('chunks are linked wrongly')
      count += elements.count(listOf(arena, chunk))
      chunks++
      previous = chunk
    }
    if (tailOf(arena, root) !== previous) throw new Error('a list has lost its last chunk')
    if (chunks !== chunkCount(arena, root)) throw new Error('a list counts its chunks wrongly')
    if (count !== this.length) throw new Error('a list counts its elements wrongly')
  }

  // Conversion

  get isPacked(): boolean {
    return this.encoding === PACKED
  }

  /**
   * To be called before `count` elements of `bytes` bytes in all are added: a list that would
   * outgrow one chunk becomes chunks. The cursor stays. @returns false if there is no memory
   */
  prepare(bytes: number, count: number): boolean {
    if (this.encoding === CHUNKED) return true
    const { arena, elements } = this
    const packed = this.root
    const ownCount = elements.count(packed)
    const fill = this.limits.listMaxListpackSize
    if (!exceedsChunk(fill, elements.packedBytes(packed) + bytes, ownCount + count)) return true
    const root = createRoot(arena)
    if (root === NULL) return false
    let chunk: Address = NULL
    if (ownCount > 0) {
      chunk = linkChunk(arena, root, NULL, packed)
      if (chunk === NULL) {
        arena.free(root)
        return false
      }
      addElements(arena, root, ownCount)
    } else {
      elements.free(packed)
    }
    this.root = root
    this.encoding = CHUNKED
    this.chunk = chunk
    return true
  }

  /** To be called after elements were removed: a list of half a chunk is packed again. */
  settle(): void {
    const { arena, root } = this
    if (this.encoding === PACKED || chunkCount(arena, root) !== 1) return
    const list = listOf(arena, headOf(arena, root))
    if (isPlain(this.limits, this.elements, list)) return
    const fill = this.limits.listMaxListpackSize
    const { elements } = this
    if (isHalfChunk(fill, elements.packedBytes(list), elements.count(list))) this.pack()
  }

  /** Makes a list of one chunk, or none, a packed one where it is. */
  private pack(): void {
    const { arena, root } = this
    const chunk = headOf(arena, root)
    this.root = listOf(arena, chunk)
    this.encoding = PACKED
    arena.free(chunk)
    arena.free(root)
  }

  // The ends

  /** Adds an element in front or at the end. @returns false if there is no memory */
  push(atHead: boolean, bytes: Uint8Array, view: DataView, start: number, length: number): boolean {
    const { arena, elements, root } = this
    if (this.encoding === PACKED) {
      const moved = atHead
        ? elements.prepend(root, bytes, view, start, length)
        : elements.append(root, bytes, view, start, length)
      if (moved === NULL) return false
      this.root = moved
      return true
    }
    const chunk = atHead ? headOf(arena, root) : tailOf(arena, root)
    const list = chunk === NULL ? NULL : listOf(arena, chunk)
    if (list === NULL || !this.fits(list, length)) {
      return this.addChunk(atHead ? NULL : chunk, bytes, view, start, length)
    }
    const full = fullChunkBytes(this.limits.listMaxListpackSize)
    const moved = atHead
      ? elements.prepend(list, bytes, view, start, length, full)
      : elements.append(list, bytes, view, start, length, full)
    return this.grown(chunk, list, moved)
  }

  /** Takes back the last `count` calls of `push`, and the conversion of a list that was packed. */
  unpush(atHead: boolean, count: number, wasPacked: boolean): void {
    for (let i = 0; i < count; i++) this.dropEnd(atHead)
    if (wasPacked && this.encoding === CHUNKED && this.length > 0) this.pack()
  }

  /** Reads the first or last element of a list that is not empty. */
  readEnd(atHead: boolean): void {
    const { arena, elements, root } = this
    let list = root
    if (this.encoding === CHUNKED) {
      list = listOf(arena, atHead ? headOf(arena, root) : tailOf(arena, root))
    }
    elements.read(list, atHead ? elements.first(list) : elements.last(list))
  }

  /** Removes the first or last element of a list that is not empty. */
  dropEnd(atHead: boolean): void {
    const { arena, elements, root } = this
    if (this.encoding === PACKED) {
      this.root = atHead ? elements.dropFirst(root) : elements.dropLast(root)
      return
    }
    const chunk = atHead ? headOf(arena, root) : tailOf(arena, root)
    const list = listOf(arena, chunk)
    addElements(arena, root, -1)
    if (elements.count(list) === 1) {
      elements.free(list)
      unlinkChunk(arena, root, chunk)
      return
    }
    const moved = atHead ? elements.dropFirst(list) : elements.dropLast(list)
    if (moved !== list) setListOf(arena, chunk, moved)
  }

  // The cursor

  /** Moves the cursor to element `index`, from the end if negative. @returns whether it exists */
  seek(index: number): boolean {
    const { arena, elements, root, length } = this
    if (!(index >= -length && index < length)) return false
    if (this.encoding === PACKED) {
      this.chunk = NULL
      this.list = root
      this.place = elements.at(root, index)
      return true
    }
    let left = index < 0 ? index + length : index
    let chunk: Address
    if (left <= length >> 1) {
      chunk = headOf(arena, root)
      for (;;) {
        const count = elements.count(listOf(arena, chunk))
        if (left < count) break
        left -= count
        chunk = nextOf(arena, chunk)
      }
    } else {
      chunk = tailOf(arena, root)
      left -= length
      for (;;) {
        const count = elements.count(listOf(arena, chunk))
        if (left >= -count) break
        left += count
        chunk = previousOf(arena, chunk)
      }
    }
    this.chunk = chunk
    this.list = listOf(arena, chunk)
    this.place = elements.at(this.list, left)
    return true
  }

  /** Moves the cursor on by one element. @returns false at the end */
  next(): boolean {
    const { elements } = this
    this.place = elements.next(this.list, this.place)
    if (this.place !== NONE) return true
    if (this.chunk === NULL) return false
    this.chunk = nextOf(this.arena, this.chunk)
    if (this.chunk === NULL) return false
    this.list = listOf(this.arena, this.chunk)
    this.place = elements.first(this.list)
    return true
  }

  /** Moves the cursor back by one element. @returns false at the front */
  previous(): boolean {
    const { elements } = this
    this.place = elements.previous(this.list, this.place)
    if (this.place !== NONE) return true
    if (this.chunk === NULL) return false
    this.chunk = previousOf(this.arena, this.chunk)
    if (this.chunk === NULL) return false
    this.list = listOf(this.arena, this.chunk)
    this.place = elements.last(this.list)
    return true
  }

  /** Reads the element at the cursor. */
  read(): void {
    this.elements.read(this.list, this.place)
  }

  /** Whether the element at the cursor is this string; reads it, too. */
  equals(bytes: Uint8Array, view: DataView, start: number, length: number): boolean {
    const { elements } = this
    elements.read(this.list, this.place)
    if (elements.end - elements.start !== length) return false
    return equalBytes(elements.bytes, elements.view, elements.start, bytes, view, start, length)
  }

  /**
   * Moves the cursor to the next element that is this string, the one at the cursor among them.
   *
   * @returns whether there is one
   */
  find(bytes: Uint8Array, view: DataView, start: number, length: number): boolean {
    const { arena, elements } = this
    for (;;) {
      this.place = elements.find(this.list, this.place, 1, bytes, view, start, length)
      if (this.place !== NONE) return true
      this.chunk = this.chunk === NULL ? NULL : nextOf(arena, this.chunk)
      if (this.chunk === NULL) return false
      this.list = listOf(arena, this.chunk)
      this.place = elements.first(this.list)
    }
  }

  // Changes at the cursor

  /** Puts an element before or behind the one at the cursor. @returns false if no memory */
  insert(
    before: boolean,
    bytes: Uint8Array,
    view: DataView,
    start: number,
    length: number,
  ): boolean {
    const { chunk, elements, list } = this
    const place = before ? this.place : this.place + elements.sizeAt(list, this.place)
    if (chunk === NULL) {
      const moved = elements.insert(list, place, bytes, view, start, length)
      if (moved === NULL) return false
      this.root = moved
      return true
    }
    if (this.fits(list, length)) {
      const moved = elements.insert(list, place, bytes, view, start, length)
      return this.grown(chunk, list, moved)
    }
    return this.insertApart(place, bytes, view, start, length)
  }

  /** `insert` at a place of a chunk that is full: beside it, or between the halves of it. */
  private insertApart(
    place: number,
    bytes: Uint8Array,
    view: DataView,
    start: number,
    length: number,
  ): boolean {
    const { arena, chunk, elements, list } = this
    let left = chunk
    let right = nextOf(arena, chunk)
    if (place === elements.first(list)) {
      left = previousOf(arena, chunk)
      right = chunk
    } else if (place !== elements.usedBytes(list)) {
      const rest = elements.copyFrom(list, place)
      if (rest === NULL) return false
      right = this.link(chunk, rest)
      if (right === NULL) return false
      setListOf(arena, chunk, elements.remove(list, place, elements.count(rest)))
    }
    if (left !== NULL && this.fits(listOf(arena, left), length)) {
      const target = listOf(arena, left)
      return this.grown(left, target, elements.append(target, bytes, view, start, length))
    }
    if (right !== NULL && this.fits(listOf(arena, right), length)) {
      const target = listOf(arena, right)
      return this.grown(right, target, elements.prepend(target, bytes, view, start, length))
    }
    return this.addChunk(left, bytes, view, start, length)
  }

  /**
   * Puts a string in place of element `index`, which exists and the cursor is at.
   *
   * @returns false if there is no memory
   */
  replace(
    index: number,
    bytes: Uint8Array,
    view: DataView,
    start: number,
    length: number,
  ): boolean {
    const { arena, chunk, elements, list, place } = this
    const used = elements.packedBytes(list) - elements.sizeAt(list, place) + elementBytes(length)
    const count = elements.count(list)
    const { listMaxListpackSize: fill, listPlainBytes } = this.limits
    const fits = length < listPlainBytes && !exceedsChunk(fill, used, count)
    if (chunk === NULL || count === 1 || fits) {
      const moved = elements.replace(list, place, bytes, view, start, length)
      if (moved === NULL) return false
      if (chunk === NULL) this.root = moved
      else setListOf(arena, chunk, moved)
      return true
    }
    const forward = index < 0 ? index + this.length : index
    if (!this.insertApart(place, bytes, view, start, length)) return false
    this.removeRange(forward + 1, 1)
    return true
  }

  /** Removes `count` elements, which exist, from element `index` on, which is not negative. */
  removeRange(index: number, count: number): void {
    const { arena, elements } = this
    if (count === 0) return
    this.seek(index)
    if (this.chunk === NULL) {
      this.root = elements.remove(this.root, this.place, count)
      return
    }
    let { chunk, place } = this
    for (let left = count; left > 0; ) {
      const list = listOf(arena, chunk)
      const next = nextOf(arena, chunk)
      const here = Math.min(left, this.countFrom(list, place, left))
      this.removeIn(chunk, list, place, here)
      left -= here
      if (left === 0) return
      chunk = next
      place = elements.first(listOf(arena, chunk))
    }
  }

  /** Number of elements from `place` on, or `enough` if there are at least so many. */
  private countFrom(list: Address, place: number, enough: number): number {
    const { elements } = this
    if (place === elements.first(list)) return elements.count(list)
    let count = 0
    for (let at = place; at !== NONE && count < enough; at = elements.next(list, at)) count++
    return count
  }

  /**
   * Removes elements that are this string, `limit` at most, from the front or from the end on.
   *
   * @returns how many
   */
  removeEqual(
    fromHead: boolean,
    limit: number,
    bytes: Uint8Array,
    view: DataView,
    start: number,
    length: number,
  ): number {
    const { arena } = this
    if (this.encoding === PACKED) {
      this.list = this.root
      this.removeEqualIn(NULL, fromHead, limit, bytes, view, start, length)
      return this.removed
    }
    let removed = 0
    let chunk = fromHead ? headOf(arena, this.root) : tailOf(arena, this.root)
    while (chunk !== NULL && removed < limit) {
      const following = fromHead ? nextOf(arena, chunk) : previousOf(arena, chunk)
      this.list = listOf(arena, chunk)
      this.removeEqualIn(chunk, fromHead, limit - removed, bytes, view, start, length)
      removed += this.removed
      chunk = following
    }
    return removed
  }

  /** How many `removeEqualIn` has removed. */
  private removed = 0

  /** `removeEqual` in the packed list at the cursor; runs of equal elements go at once. */
  private removeEqualIn(
    chunk: Address,
    fromHead: boolean,
    limit: number,
    bytes: Uint8Array,
    view: DataView,
    start: number,
    length: number,
  ): void {
    const { elements } = this
    const size = elementBytes(length)
    this.removed = 0
    let { list } = this
    let place = fromHead ? elements.first(list) : elements.last(list)
    while (place !== NONE && this.removed < limit) {
      this.place = place
      this.list = list
      if (fromHead) {
        place = elements.find(list, place, 1, bytes, view, start, length)
        if (place === NONE) return
      } else if (!this.equals(bytes, view, start, length)) {
        place = elements.previous(list, place)
        continue
      }
      let run = 1
      let beyond = fromHead ? elements.next(list, place) : elements.previous(list, place)
      while (beyond !== NONE && this.removed + run < limit) {
        this.place = beyond
        if (!this.equals(bytes, view, start, length)) break
        run++
        beyond = fromHead ? elements.next(list, beyond) : elements.previous(list, beyond)
      }
      const first = fromHead ? place : place - (run - 1) * size
      this.removed += run
      if (chunk !== NULL) {
        if (this.removeIn(chunk, list, first, run)) return
        list = listOf(this.arena, chunk)
      } else {
        list = elements.remove(list, first, run)
        this.root = list
      }
      if (fromHead) place = beyond === NONE ? NONE : first
      else place = beyond
    }
  }

  // Chunks

  private fits(list: Address, length: number): boolean {
    return fitsChunk(this.limits, this.elements, list, length)
  }

  /** Notes that the packed list of a chunk has one more element, unless `moved` is NULL. */
  private grown(chunk: Address, list: Address, moved: Address): boolean {
    if (moved === NULL) return false
    if (moved !== list) setListOf(this.arena, chunk, moved)
    addElements(this.arena, this.root, 1)
    return true
  }

  /** A new chunk of one element behind the chunk `previous`. @returns false if no memory */
  private addChunk(
    previous: Address,
    bytes: Uint8Array,
    view: DataView,
    start: number,
    length: number,
  ): boolean {
    const { arena, elements } = this
    const list = elements.create(elementBytes(length))
    if (list === NULL) return false
    elements.append(list, bytes, view, start, length)
    if (this.link(previous, list) === NULL) return false
    addElements(arena, this.root, 1)
    return true
  }

  /** A chunk for a packed list, which is freed if there is no memory: NULL then. */
  private link(previous: Address, list: Address): Address {
    const chunk = linkChunk(this.arena, this.root, previous, list)
    if (chunk === NULL) this.elements.free(list)
    return chunk
  }

  /** Removes elements of a chunk, and it with the last of them. @returns whether it is gone */
  private removeIn(chunk: Address, list: Address, place: number, count: number): boolean {
    const { arena, elements, root } = this
    addElements(arena, root, -count)
    if (count === elements.count(list)) {
      elements.free(list)
      unlinkChunk(arena, root, chunk)
      return true
    }
    const moved = elements.remove(list, place, count)
    if (moved !== list) setListOf(arena, chunk, moved)
    return false
  }
}
