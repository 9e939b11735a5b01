/**
 * A packed list (types/packed-list.ts has its layout) that is being written from its first element
 * to its last, in memory outside of the arena, and gets its block there when its length is known.
 *
 * So a small collection of a file is written once and copied once, whereas one that is built in its
 * block has to find room for every element, and is moved to a block of its length at the end. What
 * does not fit in here, since it is too long, too many or out of order, the caller puts into the
 * collection that `store` begins.
 *
 * Whether a string is there already is asked of a table of marks first, one for each value of a
 * quick hash: only of two that share a mark is it looked whether they are the same.
 */
import { type Address, type Arena, NULL, OFFSET_MASK, SEGMENT_SHIFT } from '../arena/arena.ts'
import { compareBytes, copyBytes, equalBytes } from '../arena/bytes.ts'
import { writeScore } from '../types/packed-score.ts'

const HEADER_BYTES = 8
const COUNT = 4
/** Longest string of which both lengths take one byte. */
const STRING_MAX_BYTES = 253
const LENGTHS_BYTES = 2
const SCORE_ELEMENT_BYTES = 10
const DRAFT_BYTES = 32 * 1024
const MARKS_LOG2 = 10

/** What `addName` answers. */
const NAME_ADDED = 1
export const NAME_PRESENT = 0
export const NO_ROOM = -1

export class PackedDraft {
  /** Whether there is a draft to add to. */
  isOpen = false
  /** Bytes that the list takes by now, as PackedList.usedBytes. */
  used = HEADER_BYTES
  /** Elements by now. */
  count = 0
  // The last name: a field, or a member.
  nameStart = 0
  nameLength = 0
  readonly bytes = new Uint8Array(DRAFT_BYTES)
  readonly view = new DataView(this.bytes.buffer)
  private mostElements = 0
  private longest = 0
  /** Every so many elements a name, which may not come twice. */
  private stride = 1
  // The name before the last one, and its score.
  private beforeStart = 0
  private beforeLength = 0
  private beforeScore = 0
  /** By quick hash, the draft in which a name had it last. */
  private readonly marks = new Int32Array(1 << MARKS_LOG2)
  private generation = 0

  /**
   * Begins anew.
   *
   * @param mostElements it has at the most
   * @param longest length of its strings
   */
  open(mostElements: number, longest: number, stride: number): void {
    this.isOpen = true
    this.used = HEADER_BYTES
    this.count = 0
    this.mostElements = Math.min(mostElements, DRAFT_BYTES)
    this.longest = Math.min(longest, STRING_MAX_BYTES)
    this.stride = stride
    if (this.generation === 0x7fffffff) {
      this.generation = 0
      this.marks.fill(0)
    }
    this.generation++
  }

  /** Adds a string. @returns false if it is one too many, or too long */
  add(bytes: Uint8Array, view: DataView, start: number, length: number): boolean {
    const at = this.used
    const end = at + LENGTHS_BYTES + length
    if (length > this.longest || this.count >= this.mostElements || end > DRAFT_BYTES) return false
    const own = this.bytes
    own[at] = length
    copyBytes(bytes, view, start, own, this.view, at + 1, length)
    own[end - 1] = length + 1
    this.used = end
    this.count++
    return true
  }

  /** Adds a name. @returns NAME_ADDED, NAME_PRESENT if it is there already, or NO_ROOM */
  addName(bytes: Uint8Array, view: DataView, start: number, length: number): number {
    if (!this.add(bytes, view, start, length)) return NO_ROOM
    this.beforeStart = this.nameStart
    this.beforeLength = this.nameLength
    this.nameStart = this.used - 1 - length
    this.nameLength = length
    const mark = this.markOf(this.nameStart, length)
    if (this.marks[mark] !== this.generation) {
      this.marks[mark] = this.generation
      return NAME_ADDED
    }
    return this.isTwice() ? NAME_PRESENT : NAME_ADDED
  }

  /**
   * Adds the score of the last name.
   *
   * @param score no NaN
   * @returns false if it does not belong behind those before it, or there is no room
   */
  addScore(score: number): boolean {
    if (this.count > 1 && !this.isBehind(score)) return false
    const at = this.used
    if (this.count >= this.mostElements || at + SCORE_ELEMENT_BYTES > DRAFT_BYTES) return false
    const length = writeScore(this.view, at + 1, score)
    this.bytes[at] = length
    this.bytes[at + 1 + length] = length + 1
    this.used = at + LENGTHS_BYTES + length
    this.count++
    this.beforeScore = score
    return true
  }

  /** Takes the last name out, behind which nothing has been added. It can still be read. */
  dropName(): void {
    this.used = this.nameStart - 1
    this.count--
  }

  /** The list in a block of its own, NULL if there is no memory. The draft is over. */
  store(arena: Arena): Address {
    const { used, view } = this
    this.isOpen = false
    const list = arena.allocate(used)
    if (list === NULL) return NULL
    view.setInt32(0, used, true)
    view.setInt32(COUNT, this.count, true)
    const segment = list >>> SEGMENT_SHIFT
    const at = (list & OFFSET_MASK) << 3
    copyBytes(this.bytes, view, 0, arena.bytes[segment]!, arena.views[segment]!, at, used)
    return list
  }

  private isBehind(score: number): boolean {
    const { beforeLength, beforeScore, beforeStart, bytes, nameLength, nameStart, view } = this
    if (score !== beforeScore) return score > beforeScore
    return (
      compareBytes(bytes, view, beforeStart, beforeLength, bytes, view, nameStart, nameLength) < 0
    )
  }

  /** Whether the last name is one of those before it. */
  private isTwice(): boolean {
    const { bytes, nameLength, nameStart, stride, view } = this
    let at = HEADER_BYTES
    while (at < nameStart - 1) {
      const length = bytes[at]!
      if (
        length === nameLength &&
        equalBytes(bytes, view, at + 1, bytes, view, nameStart, nameLength)
      ) {
        return true
      }
      for (let i = 0; i < stride; i++) at += LENGTHS_BYTES + bytes[at]!
    }
    return false
  }

  private markOf(start: number, length: number): number {
    const { bytes, view } = this
    let mix = length
    if (length >= 4) {
      mix ^= view.getInt32(start, true) ^ Math.imul(view.getInt32(start + length - 4, true), 31)
    } else {
      for (let i = 0; i < length; i++) mix = (mix << 8) ^ bytes[start + i]!
    }
    return Math.imul(mix, 0x9e3779b1) >>> (32 - MARKS_LOG2)
  }
}
