/**
 * What goes out of a command besides its reply: the writes themselves, as RESP requests, for
 * whoever has to make them again (the append only file).
 *
 * By default a command that has changed something is passed on as it came, with its lengths written
 * anew: what a client sends is taken leniently, what is logged must be right to the byte. One whose
 * effect depends on the time, on chance or on who was waiting says by `Context.propagate` what is
 * passed on instead. Keys that expire on the way are passed on as their deletion.
 *
 * All that one command leaves (an EXEC: all that its commands leave) is one unit: if it is more
 * than one request, it is put between MULTI and EXEC. The requests of a round of the event loop
 * gather in one buffer, which `take` empties before any of the replies leaves.
 */
import { copyBytes } from '../arena/bytes.ts'
import type { Args } from '../resp/args.ts'

/** One word of a request: Latin-1 text, bytes or an integer. */
export type Word = string | Uint8Array | number | bigint

const FIRST_BYTES = 16 * 1024
/** A larger buffer is given back after its round. */
const KEPT_BYTES = 1024 * 1024
/** `$` or `*`, the digits of a length, and CRLF. */
const HEADER_BYTES = 14
const ASTERISK = 42
const DOLLAR = 36
const CRLF = 0x0a0d
const ZERO = 48
const MULTI = Buffer.from('*1\r\n$5\r\nMULTI\r\n')
const EXEC = Buffer.from('*1\r\n$4\r\nEXEC\r\n')

export class Propagation {
  /** Whether anybody wants to know: asked for at every command. */
  active = false
  /** The requests gathered: the first `length` bytes. */
  bytes = new Uint8Array(FIRST_BYTES)
  view = new DataView(this.bytes.buffer)
  length = 0
  /** Database of the last request; -1 if the next is to begin with a SELECT. */
  private selected = -1
  /** Commands under way, one in another: an EXEC and what it runs. */
  private depth = 0
  /** Where the unit under way begins, and how many requests it has, SELECTs not counted. */
  private unitStart = 0
  private requests = 0
  /** Whether the command under way has said what is passed on in its place. */
  private isReplaced = false

  /** Begins to gather; what is gathered begins by selecting its database. */
  start(): void {
    this.active = true
    this.selected = -1
  }

  stop(): void {
    this.active = false
    this.clear()
  }

  /** Has the next request begin with a SELECT, for a log that begins there. */
  selectAnew(): void {
    this.selected = -1
  }

  /** To be called before a command runs. */
  begin(): void {
    if (this.depth++ === 0) this.beginUnit()
    this.isReplaced = false
  }

  /** To be called after it, with its request if it has changed anything, else null. */
  end(database: number, changedBy: Args | null): void {
    if (changedBy !== null && !this.isReplaced) this.addRequest(database, changedBy)
    this.isReplaced = false
    if (--this.depth === 0) this.endUnit()
  }

  /** Passes on a request that nobody has sent, in place of that of the command under way. */
  replace(database: number, words: readonly Word[]): void {
    this.isReplaced = true
    this.add(database, words)
  }

  /** Passes on nothing of the command under way, unless `replace` says something. */
  suppress(): void {
    this.isReplaced = true
  }

  /**
   * Passes on a request that nobody has sent, beside that of the command under way if there is one.
   */
  add(database: number, words: readonly Word[]): void {
    if (this.depth === 0) this.beginUnit()
    this.select(database)
    this.writeWords(words)
    this.requests++
  }

  /** Empties the buffer, what was in it having been taken. */
  clear(): void {
    this.length = 0
    this.unitStart = 0
    this.requests = 0
    if (this.bytes.length <= KEPT_BYTES) return
    this.bytes = new Uint8Array(FIRST_BYTES)
    this.view = new DataView(this.bytes.buffer)
  }

  /** Takes back what the unit under way has left so far, as the process ends in the midst of it. */
  abandonUnit(): void {
    if (this.depth > 0) this.length = this.unitStart
  }

  private beginUnit(): void {
    this.unitStart = this.length
    this.requests = 0
  }

  private endUnit(): void {
    if (this.requests < 2) return
    this.reserve(MULTI.length + EXEC.length)
    this.bytes.copyWithin(this.unitStart + MULTI.length, this.unitStart, this.length)
    this.bytes.set(MULTI, this.unitStart)
    this.length += MULTI.length
    this.bytes.set(EXEC, this.length)
    this.length += EXEC.length
  }

  /** In lower case, so that a reader of the log can tell it from Redis's own (aof/log-walk.ts). */
  private select(database: number): void {
    if (database === this.selected) return
    this.selected = database
    this.writeWords(['select', database])
  }

  private addRequest(database: number, args: Args): void {
    this.select(database)
    this.requests++
    const { count, starts, ends } = args
    this.reserve(HEADER_BYTES)
    this.writeHeader(ASTERISK, count)
    for (let i = 0; i < count; i++) {
      const start = starts[i]!
      const length = ends[i]! - start
      this.reserve(HEADER_BYTES + length + 2)
      this.writeHeader(DOLLAR, length)
      copyBytes(args.bytes, args.view, start, this.bytes, this.view, this.length, length)
      this.length += length
      this.endLine()
    }
  }

  private writeWords(words: readonly Word[]): void {
    this.reserve(HEADER_BYTES)
    this.writeHeader(ASTERISK, words.length)
    for (const word of words) {
      const bytes = word instanceof Uint8Array ? word : Buffer.from(String(word), 'latin1')
      this.reserve(HEADER_BYTES + bytes.length + 2)
      this.writeHeader(DOLLAR, bytes.length)
      this.bytes.set(bytes, this.length)
      this.length += bytes.length
      this.endLine()
    }
  }

  /** Makes room for `count` bytes more. */
  private reserve(count: number): void {
    if (this.length + count <= this.bytes.length) return
    const larger = new Uint8Array(Math.max(this.bytes.length * 2, this.length + count))
    larger.set(this.bytes.subarray(0, this.length))
    this.bytes = larger
    this.view = new DataView(larger.buffer)
  }

  private writeHeader(mark: number, value: number): void {
    const { bytes } = this
    let at = this.length
    bytes[at++] = mark
    if (value < 10) {
      bytes[at++] = ZERO + value
    } else if (value < 100) {
      const tens = (value * 205) >> 11
      bytes[at++] = ZERO + tens
      bytes[at++] = ZERO + value - tens * 10
    } else {
      for (const digit of String(value)) bytes[at++] = digit.charCodeAt(0)
    }
    this.length = at
    this.endLine()
  }

  private endLine(): void {
    this.view.setInt16(this.length, CRLF, true)
    this.length += 2
  }
}
