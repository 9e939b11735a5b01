/**
 * Finds where an item of an append-only file ends: a request as a RESP array, or a comment, which
 * is a line that begins with #. Strict, as redis-check-aof is: lengths are plain decimal digits,
 * every line ends with CR LF, and so does every string.
 *
 * Nothing is allocated for a length that is only claimed.
 */
import type { Args } from '../resp/args.ts'

/** The item is not whole; `needed` says up to where the bytes are needed at least. */
export const MORE = -1
/** No item begins like this; `reason` says why. */
export const MALFORMED = -2

/** Redis reads comments into a buffer of 1,024 bytes. */
const MAX_COMMENT_BYTES = 1023
const MAX_LENGTH = 0x7fffffff

const HASH = 0x23
const DOLLAR = 0x24
const ASTERISK = 0x2a
const CR = 0x0d
const LF = 0x0a

export class RequestScan {
  /** After `MORE`: the end of a range that the item needs, as an index like `end`. */
  needed = 0
  /** After `MALFORMED`: what was expected, and where. */
  reason = ''
  reasonAt = 0
  private value = 0

  /**
   * @param args takes the arguments of a request; null if only its end is wanted
   * @returns where the item that begins at `start` ends, or `MORE`, or `MALFORMED`
   */
  next(bytes: Uint8Array, start: number, end: number, args: Args | null): number {
    if (args !== null) args.count = 0
    return this.add(bytes, start, end, args)
  }

  /** The same, but puts the arguments behind those that `args` has. */
  add(bytes: Uint8Array, start: number, end: number, args: Args | null): number {
    if (start >= end) return this.more(start + 1)
    if (bytes[start] === HASH) return this.comment(bytes, start, end)
    let position = this.header(bytes, start, end, ASTERISK)
    if (position < 0) return position
    const count = this.value
    if (count < 1) return this.malformed('a command has no arguments', start)
    for (let i = 0; i < count; i++) {
      const first = this.header(bytes, position, end, DOLLAR)
      if (first < 0) return first
      const last = first + this.value
      if (last + 2 > end) return this.more(last + 2)
      if (bytes[last] !== CR || bytes[last + 1] !== LF) {
        return this.malformed('Expected \\r\\n behind a string', last)
      }
      if (args !== null) args.push(first, last)
      position = last + 2
    }
    return position
  }

  private comment(bytes: Uint8Array, start: number, end: number): number {
    const limit = Math.min(end, start + MAX_COMMENT_BYTES)
    for (let i = start; i < limit; i++) if (bytes[i] === LF) return i + 1
    if (end - start >= MAX_COMMENT_BYTES) return this.malformed('a comment is too long', start)
    return this.more(end + 1)
  }

  /** Reads a mark and a length. @returns where the line ends; the length is in `value` */
  private header(bytes: Uint8Array, start: number, end: number, mark: number): number {
    if (start >= end) return this.more(start + 1)
    if (bytes[start] !== mark) {
      return this.malformed(`Expected prefix '${String.fromCharCode(mark)}'`, start)
    }
    if (start + 5 <= end) {
      // Nearly all lengths have one digit or two.
      const first = bytes[start + 1] - 0x30
      const second = bytes[start + 2] - 0x30
      if (first >= 0 && first <= 9) {
        if (bytes[start + 2] === CR && bytes[start + 3] === LF) {
          this.value = first
          return start + 4
        }
        if (second >= 0 && second <= 9 && bytes[start + 3] === CR && bytes[start + 4] === LF) {
          this.value = first * 10 + second
          return start + 5
        }
      }
    }
    let value = 0
    let position = start + 1
    for (; position < end; position++) {
      const digit = bytes[position] - 0x30
      if (digit < 0 || digit > 9) break
      value = value * 10 + digit
      if (value > MAX_LENGTH) return this.malformed('a length is too large', start)
    }
    if (position + 2 > end) {
      if (position < end && bytes[position] !== CR) return this.malformed('bad length', start)
      return this.more(position + 2)
    }
    if (position === start + 1 || bytes[position] !== CR || bytes[position + 1] !== LF) {
      return this.malformed('a length is not a number', start)
    }
    this.value = value
    return position + 2
  }

  private more(needed: number): number {
    this.needed = needed
    return MORE
  }

  private malformed(reason: string, at: number): number {
    this.reason = reason
    this.reasonAt = at
    return MALFORMED
  }
}
