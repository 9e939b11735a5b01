/**
 * The parser of requests: RESP arrays of bulk strings, and inline commands as typed by hand.
 *
 * It works on a buffer that the caller fills, starting at `position`, and remembers how far it got
 * in a request that is not whole yet, so that a long request costs time linear in its length no
 * matter how it is cut. Nothing is allocated for a length that is only claimed.
 *
 * Limits, errors and their texts are those of Redis 7.2 (networking.c): the line terminator is
 * looked for by its CR and its LF is taken on trust, and so is the CRLF behind a bulk string.
 */
import { parseInteger } from '../bytes/integers.ts'
import { splitArguments } from '../bytes/quote.ts'
import type { Args } from './args.ts'

/** What `next` found. */
export const INCOMPLETE = 0
export const COMPLETE = 1
/** A request without arguments (an empty line, `*0`): nothing is to be done or answered. */
export const EMPTY = 2
export const FAILED = 3
export type ParseResult = 0 | 1 | 2 | 3

const MAX_LINE_BYTES = 64 * 1024
const MAX_ARGUMENTS = 2147483647
const MAX_UNAUTHENTICATED_ARGUMENTS = 10
const MAX_UNAUTHENTICATED_BULK_BYTES = 16384

const CR = 13
const LF = 10
const ASTERISK = 42
const DOLLAR = 36
const ZERO = 48

export class RequestParser {
  /** The next byte to be read. */
  position = 0
  /** The text of the protocol error, after FAILED. */
  error = ''
  /** Arguments that the request under way still lacks; 0 between requests. */
  private missing = 0
  /** Length of the bulk string under way, -1 if its header is still to come. */
  private bulkBytes = -1

  /** Whether a request has been begun. */
  get underWay(): boolean {
    return this.missing > 0
  }

  /** Bytes from `position` that the bulk string under way needs, with its CRLF; 0 if unknown. */
  get neededBytes(): number {
    return this.bulkBytes < 0 ? 0 : this.bulkBytes + 2
  }

  /**
   * Reads on at `position`, up to `end`. After COMPLETE, `args` holds the request.
   *
   * @param args the arguments so far; the same object until the request is complete
   * @param end  number of bytes in `args.bytes` that are valid
   * @param maxBulkBytes `proto-max-bulk-len`
   * @param authenticated whether the client may send requests of every size
   */
  next(args: Args, end: number, maxBulkBytes: number, authenticated: boolean): ParseResult {
    const bytes = args.bytes
    let position = this.position
    if (this.missing === 0) {
      args.count = 0
      if (position >= end) return INCOMPLETE
      if (bytes[position] !== ASTERISK) return this.inline(args, end)
      const headerEnd = this.lineEnd(bytes, position, end)
      if (headerEnd < 0) return this.incompleteLine(position, end, 'too big mbulk count string')
      const count = readLength(bytes, position + 1, headerEnd)
      if (!(count <= MAX_ARGUMENTS)) return this.fail('invalid multibulk length')
      if (count > MAX_UNAUTHENTICATED_ARGUMENTS && !authenticated) {
        return this.fail('unauthenticated multibulk length')
      }
      position = headerEnd + 2
      this.position = position
      if (count <= 0) return EMPTY
      this.missing = count
    }
    while (this.missing > 0) {
      // Nearly all strings have a length of one or two digits, and all of their header is there.
      const length = position + 4 < end ? shortLength(bytes, position) : -1
      if (length >= 0 && this.bulkBytes < 0) {
        const start = length < 10 ? position + 4 : position + 5
        const bulkEnd = start + length
        if (bulkEnd + 2 <= end) {
          args.push(start, bulkEnd)
          position = bulkEnd + 2
          this.position = position
          this.missing--
          continue
        }
      }
      if (this.bulkBytes < 0) {
        const headerEnd = this.lineEnd(bytes, position, end)
        if (headerEnd < 0) return this.incompleteLine(position, end, 'too big bulk count string')
        if (bytes[position] !== DOLLAR) {
          return this.fail(`expected '$', got '${String.fromCharCode(bytes[position]!)}'`)
        }
        const length = readLength(bytes, position + 1, headerEnd)
        if (!(length >= 0 && length <= maxBulkBytes)) return this.fail('invalid bulk length')
        if (length > MAX_UNAUTHENTICATED_BULK_BYTES && !authenticated) {
          return this.fail('unauthenticated bulk length')
        }
        position = headerEnd + 2
        this.position = position
        this.bulkBytes = length
      }
      const bulkEnd = position + this.bulkBytes
      if (bulkEnd + 2 > end) return INCOMPLETE
      args.push(position, bulkEnd)
      position = bulkEnd + 2
      this.position = position
      this.bulkBytes = -1
      this.missing--
    }
    return COMPLETE
  }

  /** Where the line that begins at `start` has its CR, if its LF is there too; else -1. */
  private lineEnd(bytes: Uint8Array, start: number, end: number): number {
    // A header is a few bytes long: a plain loop beats indexOf, which serves the odd long one.
    const near = Math.min(end, start + 16)
    let i = start
    while (i < near && bytes[i] !== CR) i++
    if (i === near) {
      if (near === end) return -1
      i = bytes.indexOf(CR, near)
      if (i < 0) return -1
    }
    return i + 1 < end ? i : -1
  }

  private incompleteLine(start: number, end: number, problem: string): ParseResult {
    return end - start > MAX_LINE_BYTES ? this.fail(problem) : INCOMPLETE
  }

  private inline(args: Args, end: number): ParseResult {
    const start = this.position
    const newline = args.bytes.subarray(start, end).indexOf(LF)
    if (newline < 0) return this.incompleteLine(start, end, 'too big inline request')
    let lineEnd = start + newline
    this.position = lineEnd + 1
    if (lineEnd > start && args.bytes[lineEnd - 1] === CR) lineEnd--
    const words = splitArguments(args.bytes.subarray(start, lineEnd))
    if (words === null) return this.fail('unbalanced quotes in request')
    if (words.length === 0) return EMPTY
    // Unquoted, a word is never longer than it was typed, so all of them fit where the line was.
    let target = start
    for (const word of words) {
      args.bytes.set(word, target)
      args.push(target, target + word.length)
      target += word.length
    }
    return COMPLETE
  }

  private fail(problem: string): ParseResult {
    this.error = `Protocol error: ${problem}`
    return FAILED
  }
}

/** The length in the header of a bulk string, if that has one or two digits; else -1. */
function shortLength(bytes: Uint8Array, position: number): number {
  if (bytes[position] !== DOLLAR) return -1
  const first = bytes[position + 1]! - ZERO
  if (first < 0 || first > 9) return -1
  if (bytes[position + 2] === CR) return first
  const second = bytes[position + 2]! - ZERO
  if (first === 0 || second < 0 || second > 9 || bytes[position + 3] !== CR) return -1
  return first * 10 + second
}

/** The number of a header, NaN if it is none; quick for the few digits that are usual. */
function readLength(bytes: Uint8Array, start: number, end: number): number {
  const first = bytes[start]! - ZERO
  if (end - start === 1 && first >= 0 && first <= 9) return first
  if (end - start === 2 && first >= 1 && first <= 9) {
    const second = bytes[start + 1]! - ZERO
    if (second >= 0 && second <= 9) return first * 10 + second
  }
  return parseInteger(bytes, start, end)
}
