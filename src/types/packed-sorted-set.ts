/**
 * The small form of a sorted set: a packed list of member, score, member, score …, in the order of
 * the scores, equal ones by their members. Scores are kept as packed-score.ts says.
 *
 * A position is the place of a member in the list. What changes the list answers its address from
 * then on, or NULL if there is no memory; the list is then as it was.
 */
import { type Address, type Arena, NULL, OFFSET_MASK, SEGMENT_SHIFT } from '../arena/arena.ts'
import { compareBytes } from '../arena/bytes.ts'
import { elementBytes, NONE, PackedList } from './packed-list.ts'
import { readScore, SCORE_BYTES, writeScore } from './packed-score.ts'

const scoreBytes = new Uint8Array(SCORE_BYTES)
const scoreView = new DataView(scoreBytes.buffer)

export class PackedSortedSet {
  readonly list: PackedList
  private readonly arena: Arena

  constructor(arena: Arena) {
    this.arena = arena
    this.list = new PackedList(arena)
  }

  count(root: Address): number {
    return this.list.count(root) >> 1
  }

  find(root: Address, bytes: Uint8Array, view: DataView, start: number, length: number): number {
    return this.list.find(root, this.list.first(root), 2, bytes, view, start, length)
  }

  last(root: Address): number {
    const place = this.list.last(root)
    return place === NONE ? NONE : this.list.previous(root, place)
  }

  next(root: Address, position: number): number {
    return this.list.next(root, position + this.list.sizeAt(root, position))
  }

  previous(root: Address, position: number): number {
    const place = this.list.previous(root, position)
    return place === NONE ? NONE : this.list.previous(root, place)
  }

  /** The score of the member at a position. */
  scoreAt(root: Address, position: number): number {
    const view = this.arena.views[root >>> SEGMENT_SHIFT]!
    const at = ((root & OFFSET_MASK) << 3) + position + this.list.sizeAt(root, position)
    return readScore(view, at + 1, view.getUint8(at))
  }

  rankOf(root: Address, position: number): number {
    let rank = 0
    for (let at = this.list.first(root); at !== position; at = this.next(root, at)) rank++
    return rank
  }

  /** The place for a member that is not to be in the set: that of the first one behind it. */
  private placeFor(
    root: Address,
    score: number,
    bytes: Uint8Array,
    view: DataView,
    start: number,
    length: number,
  ): number {
    const { list } = this
    const last = this.last(root)
    if (last !== NONE && this.scoreAt(root, last) < score) return list.usedBytes(root)
    for (let at = list.first(root); at !== NONE; at = this.next(root, at)) {
      const other = this.scoreAt(root, at)
      if (other > score) return at
      if (other < score) continue
      list.read(root, at)
      const otherLength = list.end - list.start
      const { bytes: otherBytes, view: otherView, start: otherStart } = list
      const order = compareBytes(
        otherBytes,
        otherView,
        otherStart,
        otherLength,
        bytes,
        view,
        start,
        length,
      )
      if (order > 0) return at
    }
    return list.usedBytes(root)
  }

  /** Adds a member that is known to be absent. Its bytes must not lie in the list itself. */
  insert(
    root: Address,
    score: number,
    bytes: Uint8Array,
    view: DataView,
    start: number,
    length: number,
  ): Address {
    const { list } = this
    const place = this.placeFor(root, score, bytes, view, start, length)
    if (place === list.usedBytes(root)) return this.append(root, score, bytes, view, start, length)
    const withMember = list.insert(root, place, bytes, view, start, length)
    if (withMember === NULL) return NULL
    const scorePlace = place + list.sizeAt(withMember, place)
    const scoreLength = writeScore(scoreView, 0, score)
    const done = list.insert(withMember, scorePlace, scoreBytes, scoreView, 0, scoreLength)
    if (done !== NULL) return done
    this.restored = list.remove(withMember, place)
    return NULL
  }

  /** `insert` behind all others. */
  private append(
    root: Address,
    score: number,
    bytes: Uint8Array,
    view: DataView,
    start: number,
    length: number,
  ): Address {
    const { list } = this
    const scoreLength = writeScore(scoreView, 0, score)
    const roomy = list.reserve(root, elementBytes(length) + elementBytes(scoreLength))
    if (roomy === NULL) return NULL
    const withMember = list.append(roomy, bytes, view, start, length)
    return list.append(withMember, scoreBytes, scoreView, 0, scoreLength)
  }

  /** Where the list is after an insertion that failed halfway; NULL if it is where it was. */
  restored: Address = NULL

  /** Takes out `count` members from a position on. @returns the list's address from now on */
  remove(root: Address, position: number, count = 1): Address {
    return this.list.remove(root, position, count * 2)
  }

  /** Whether the member at a position may have another score and stay where it is. */
  staysInPlace(root: Address, position: number, score: number): boolean {
    const before = this.previous(root, position)
    if (before !== NONE && !(this.scoreAt(root, before) < score)) return false
    const behind = this.next(root, position)
    return behind === NONE || this.scoreAt(root, behind) > score
  }

  /** Writes another score for the member at a position, which stays where it is. */
  replaceScore(root: Address, position: number, score: number): Address {
    const scoreLength = writeScore(scoreView, 0, score)
    const place = position + this.list.sizeAt(root, position)
    return this.list.replace(root, place, scoreBytes, scoreView, 0, scoreLength)
  }

  /** Throws an Error that says what is broken, if anything is. */
  check(root: Address): void {
    const { list } = this
    list.check(root)
    if (list.count(root) % 2 !== 0) throw new Error('a packed sorted set lacks a score')
    let before = NONE
    for (let at = list.first(root); at !== NONE; at = this.next(root, at)) {
      if (before !== NONE && !this.isBefore(root, before, at)) {
        throw new Error('a packed sorted set is out of order')
      }
      before = at
    }
  }

  private isBefore(root: Address, a: number, b: number): boolean {
    const scoreA = this.scoreAt(root, a)
    const scoreB = this.scoreAt(root, b)
    if (scoreA !== scoreB) return scoreA < scoreB
    const { list } = this
    list.read(root, a)
    const { bytes, view, start, end } = list
    list.read(root, b)
    const length = list.end - list.start
    return compareBytes(bytes, view, start, end - start, bytes, view, list.start, length) < 0
  }
}
