/**
 * The bytes that one round of the event loop adds to the append-only file: commands as RESP arrays,
 * one behind the other, in one buffer that is used again for every batch.
 *
 * Most of what is appended are requests just as they came, so appending is a copy, in the loop
 * that is quickest for short ranges (src/arena/bytes.ts).
 */
import { copyBytes } from '../arena/bytes.ts'
import { integerDigits, writeInteger } from '../bytes/integers.ts'
import { MAX_LINE_BYTES } from './checksum-line.ts'

const FIRST_CAPACITY = 64 * 1024
/** A buffer that has grown beyond this is let go once it has been written. */
const KEPT_BYTES = 1024 * 1024
const ASTERISK = 0x2a
const DOLLAR = 0x24
const CR = 0x0d
const LF = 0x0a

export class Batch {
  bytes = new Uint8Array(FIRST_CAPACITY)
  view = new DataView(this.bytes.buffer)
  /** How much of the buffer is in use. There is always room for a checksum's line behind it. */
  length = 0

  /** Copies a range, given as an array and the DataView of the same memory. */
  append(bytes: Uint8Array, view: DataView, start: number, end: number): void {
    const offset = this.length
    const next = offset + end - start
    if (next + MAX_LINE_BYTES > this.bytes.length) this.grow(next + MAX_LINE_BYTES)
    copyBytes(bytes, view, start, this.bytes, this.view, offset, end - start)
    this.length = next
  }

  /** Writes a command; strings are Latin-1. */
  appendCommand(words: readonly (string | Uint8Array)[]): void {
    let room = MAX_LINE_BYTES + 32
    for (let i = 0; i < words.length; i++) room += words[i].length + 32
    if (this.length + room > this.bytes.length) this.grow(this.length + room)
    this.header(ASTERISK, words.length)
    for (let i = 0; i < words.length; i++) {
      const word = words[i]
      this.header(DOLLAR, word.length)
      if (typeof word === 'string') {
        for (let j = 0; j < word.length; j++) this.bytes[this.length + j] = word.charCodeAt(j)
      } else {
        this.bytes.set(word, this.length)
      }
      this.length += word.length
      this.endLine()
    }
  }

  /** Writes the comment that says at which Unix time, in seconds, what follows was done. */
  appendTimestamp(seconds: number): void {
    const room = this.length + integerDigits(seconds) + 8 + MAX_LINE_BYTES
    if (room > this.bytes.length) this.grow(room)
    for (const letter of '#TS:') this.bytes[this.length++] = letter.charCodeAt(0)
    this.length += writeInteger(this.bytes, this.length, seconds)
    this.endLine()
  }

  private header(mark: number, value: number): void {
    this.bytes[this.length++] = mark
    this.length += writeInteger(this.bytes, this.length, value)
    this.endLine()
  }

  private endLine(): void {
    this.bytes[this.length++] = CR
    this.bytes[this.length++] = LF
  }

  private grow(neededBytes: number): void {
    const larger = new Uint8Array(Math.max(neededBytes, this.bytes.length * 2))
    larger.set(this.bytes.subarray(0, this.length))
    this.bytes = larger
    this.view = new DataView(larger.buffer)
  }

  /** Empties the batch, after it has been written. */
  clear(): void {
    this.length = 0
    if (this.bytes.length <= KEPT_BYTES) return
    this.bytes = new Uint8Array(FIRST_CAPACITY)
    this.view = new DataView(this.bytes.buffer)
  }
}
