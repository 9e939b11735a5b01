/**
 * Replies as bytes, RESP2 or RESP3, gathered in one buffer that is used again and again: the
 * replies of a pipeline leave in one write.
 *
 * The buffer belongs to this object until `abandon`; it is then replaced. It doubles as it fills,
 * and one that grew past `KEPT_BYTES` is let go once its content has been sent. Beyond `MAX_BYTES`
 * it does not grow: `ReplyTooLong` is thrown, and what was written so far is still there.
 */
import { copyWholeWords } from '../arena/bytes.ts'
import { formatDoubleShortest } from '../bytes/doubles.ts'
import { integerDigits, writeInteger } from '../bytes/integers.ts'
import type { Reply } from './reply.ts'

const FIRST_BYTES = 64 * 1024
const KEPT_BYTES = 1024 * 1024
/** Offsets beyond this are no small integers any more. */
const MAX_BYTES = 2 ** 31 - 1
/** Room for a type byte, an integer of 64 bits and CRLF. */
const HEADER_BYTES = 24
/** Up to here a loop copies faster than a call. */
const SHORT_BYTES = 16

const NULL_3 = Buffer.from('_\r\n')
const NULL_BULK_2 = Buffer.from('$-1\r\n')
const NULL_ARRAY_2 = Buffer.from('*-1\r\n')

const CRLF = 0x0a0d
const ASTERISK = 42
const COLON = 58
const DOLLAR = 36
const PERCENT = 37
const TILDE = 126
const GREATER = 62
const BAR = 124
const ZERO = 48

/** Thrown when a reply outgrows what can be gathered. */
export class ReplyTooLong extends Error {}

export class RespReply implements Reply {
  protocol: 2 | 3 = 2
  bytes: Buffer
  /** Number of bytes written. */
  length = 0
  private view: DataView

  constructor() {
    this.bytes = Buffer.alloc(FIRST_BYTES)
    this.view = new DataView(this.bytes.buffer, this.bytes.byteOffset, this.bytes.byteLength)
  }

  /** Forgets what was written behind `length` bytes. */
  truncate(length: number): void {
    this.length = length
  }

  /** Makes ready for the next reply, after the last was sent from the buffer in place. */
  clear(): void {
    this.length = 0
    if (this.bytes.length > KEPT_BYTES) this.replaceBuffer(FIRST_BYTES)
  }

  /** Makes ready for the next reply, after the buffer was given away. */
  abandon(): void {
    this.length = 0
    this.replaceBuffer(FIRST_BYTES)
  }

  private replaceBuffer(byteLength: number): void {
    this.bytes = Buffer.alloc(byteLength)
    this.view = new DataView(this.bytes.buffer, this.bytes.byteOffset, this.bytes.byteLength)
  }

  /** Makes sure of room for `more` bytes behind what is written. */
  private reserve(more: number): void {
    if (this.length + more <= this.bytes.length) return
    const needed = this.length + more + HEADER_BYTES
    if (needed > MAX_BYTES) throw new ReplyTooLong('a reply of more than 2 GB')
    const old = this.bytes
    this.replaceBuffer(Math.min(Math.max(old.length * 2, needed), MAX_BYTES))
    old.copy(this.bytes, 0, 0, this.length)
  }

  /** Writes a type byte, a non-negative integer and CRLF. */
  private header(type: number, value: number): void {
    this.reserve(HEADER_BYTES)
    this.bytes[this.length++] = type
    if (value < 10 && value >= 0) this.bytes[this.length++] = ZERO + value
    else this.length += writeInteger(this.bytes, this.length, value)
    this.view.setInt16(this.length, CRLF, true)
    this.length += 2
  }

  /** Writes bytes that are RESP already. */
  raw(bytes: Uint8Array): void {
    const { length } = bytes
    this.reserve(length)
    if (length <= SHORT_BYTES) {
      for (let i = 0; i < length; i++) this.bytes[this.length + i] = bytes[i]!
    } else {
      this.bytes.set(bytes, this.length)
    }
    this.length += length
  }

  private text(text: string): void {
    this.reserve(text.length + 2)
    this.length += this.bytes.write(text, this.length, 'latin1')
  }

  private line(text: string): void {
    this.text(text)
    this.view.setInt16(this.length, CRLF, true)
    this.length += 2
  }

  ok(): void {
    this.reserve(5)
    this.view.setInt32(this.length, 0x0d4b4f2b, true)
    this.bytes[this.length + 4] = 10
    this.length += 5
  }

  simple(text: string): void {
    this.line(`+${text}`)
  }

  error(text: string): void {
    this.line(`-${text.replaceAll('\r', ' ').replaceAll('\n', ' ')}`)
  }

  integer(value: number): void {
    this.header(COLON, value)
  }

  bigInteger(value: bigint): void {
    this.line(`:${value}`)
  }

  bulk(bytes: Uint8Array, view: DataView, start: number, end: number): void {
    const length = end - start
    // The heart of all long replies: room for all of it is made at once.
    this.reserve(length + HEADER_BYTES)
    const target = this.bytes
    let at = this.length
    target[at++] = DOLLAR
    if (length < 10) {
      target[at++] = ZERO + length
    } else if (length < 100) {
      const tens = (length * 205) >>> 11
      target[at++] = ZERO + tens
      target[at++] = ZERO + length - tens * 10
    } else {
      at += writeInteger(target, at, length)
    }
    this.view.setInt16(at, CRLF, true)
    at += 2
    // What is behind it is not written yet, and there is room for a word more.
    copyWholeWords(bytes, view, start, target, this.view, at, length)
    at += length
    this.view.setInt16(at, CRLF, true)
    this.length = at + 2
  }

  bulkBytes(bytes: Uint8Array): void {
    this.header(DOLLAR, bytes.length)
    this.reserve(bytes.length + 2)
    this.bytes.set(bytes, this.length)
    this.length += bytes.length
    this.view.setInt16(this.length, CRLF, true)
    this.length += 2
  }

  bulkText(text: string): void {
    this.header(DOLLAR, text.length)
    this.line(text)
  }

  bulkInteger(value: number): void {
    this.header(DOLLAR, integerDigits(value))
    this.reserve(HEADER_BYTES)
    this.length += writeInteger(this.bytes, this.length, value)
    this.view.setInt16(this.length, CRLF, true)
    this.length += 2
  }

  nil(): void {
    this.raw(this.protocol === 3 ? NULL_3 : NULL_BULK_2)
  }

  nilArray(): void {
    this.raw(this.protocol === 3 ? NULL_3 : NULL_ARRAY_2)
  }

  double(value: number): void {
    const text = formatDoubleShortest(value)
    if (this.protocol === 3) this.line(`,${text}`)
    else this.bulkText(text)
  }

  boolean(value: boolean): void {
    if (this.protocol === 3) this.line(value ? '#t' : '#f')
    else this.integer(value ? 1 : 0)
  }

  bigNumber(text: string): void {
    if (this.protocol === 3) this.line(`(${text}`)
    else this.bulkText(text)
  }

  verbatim(format: string, text: string): void {
    if (this.protocol === 2) return this.bulkText(text)
    this.line(`=${text.length + 4}`)
    this.text(`${format}:`)
    this.line(text)
  }

  array(count: number): void {
    this.header(ASTERISK, count)
  }

  map(pairs: number): void {
    if (this.protocol === 3) this.header(PERCENT, pairs)
    else this.header(ASTERISK, pairs * 2)
  }

  set(count: number): void {
    this.header(this.protocol === 3 ? TILDE : ASTERISK, count)
  }

  push(count: number): void {
    this.header(this.protocol === 3 ? GREATER : ASTERISK, count)
  }

  attribute(pairs: number): void {
    this.header(BAR, pairs)
  }

  beginArray(): number {
    return this.length
  }

  endArray(mark: number, count: number): void {
    this.insertHeader(mark, ASTERISK, count)
  }

  beginMap(): number {
    return this.length
  }

  endMap(mark: number, pairs: number): void {
    if (this.protocol === 3) this.insertHeader(mark, PERCENT, pairs)
    else this.insertHeader(mark, ASTERISK, pairs * 2)
  }

  beginSet(): number {
    return this.length
  }

  endSet(mark: number, count: number): void {
    this.insertHeader(mark, this.protocol === 3 ? TILDE : ASTERISK, count)
  }

  private insertHeader(mark: number, type: number, value: number): void {
    const headerBytes = integerDigits(value) + 3
    this.reserve(headerBytes)
    const end = this.length
    this.bytes.copyWithin(mark + headerBytes, mark, end)
    this.length = mark
    this.header(type, value)
    this.length = end + headerBytes
  }
}
