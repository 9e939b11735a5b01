/**
 * A growing row of byte strings, one behind the other in one buffer: the elements that SORT sorts,
 * or the texts that it sorts them by.
 *
 * SORT looks keys up while it works, which may remove those that have expired, so it works on a
 * copy. This form of it takes two objects and not one for each string.
 */
import { compareBytes, copyBytes } from '../../arena/bytes.ts'
import { OUT_OF_MEMORY } from '../errors.ts'

/** A guess; the buffer grows. */
const BYTES_PER_STRING = 16
/** As many as a double can hold exactly. */
const PREFIX_BYTES = 6

export class ByteStrings {
  bytes: Uint8Array
  view: DataView
  count = 0
  /** Where string i begins, for it to end where string i + 1 begins. */
  private readonly starts: Uint32Array
  /** Where the comparisons believe that string i ends. */
  private readonly compared: Uint32Array
  private readonly endsAtNul: boolean

  /**
   * @param capacity the greatest number of strings
   * @param endsAtNul whether comparisons look no further than the first NUL, as C's strcoll
   * @throws OUT_OF_MEMORY
   */
  constructor(capacity: number, endsAtNul: boolean) {
    this.bytes = allocate(capacity * BYTES_PER_STRING)
    this.view = new DataView(this.bytes.buffer)
    this.starts = new Uint32Array(capacity + 1)
    this.compared = endsAtNul ? new Uint32Array(capacity) : this.starts.subarray(1)
    this.endsAtNul = endsAtNul
  }

  /** Adds a string. @throws OUT_OF_MEMORY */
  add(bytes: Uint8Array, view: DataView, start: number, end: number): void {
    const at = this.starts[this.count]!
    const length = end - start
    if (at + length > this.bytes.length) this.grow(at + length)
    copyBytes(bytes, view, start, this.bytes, this.view, at, length)
    if (this.endsAtNul) {
      let to = at
      while (to < at + length && this.bytes[to] !== 0) to++
      this.compared[this.count] = to
    }
    this.starts[++this.count] = at + length
  }

  private grow(least: number): void {
    const larger = allocate(Math.max(least, this.bytes.length * 2))
    larger.set(this.bytes)
    this.bytes = larger
    this.view = new DataView(larger.buffer)
  }

  start(index: number): number {
    return this.starts[index]!
  }

  end(index: number): number {
    return this.starts[index + 1]!
  }

  /**
   * The first bytes of a string as a number. Of two strings the one with the smaller number comes
   * first; equal numbers decide nothing.
   */
  prefix(index: number): number {
    const { bytes } = this
    const end = this.compared[index]!
    let at = this.starts[index]!
    let prefix = 0
    for (let i = 0; i < PREFIX_BYTES; i++) prefix = prefix * 256 + (at < end ? bytes[at++]! : 0)
    return prefix
  }

  /** The order of two strings: negative, 0 or positive. */
  compare(a: number, b: number): number {
    const { bytes, compared, starts, view } = this
    const aStart = starts[a]!
    const bStart = starts[b]!
    const aLength = compared[a]! - aStart
    return compareBytes(bytes, view, aStart, aLength, bytes, view, bStart, compared[b]! - bStart)
  }
}

/** Memory of the JavaScript heap, which has an end, too. */
function allocate(bytes: number): Uint8Array<ArrayBuffer> {
  try {
    return new Uint8Array(bytes)
  } catch (error) {
    if (error instanceof RangeError) throw OUT_OF_MEMORY
    throw error
  }
}
