/**
 * Requests in RESP made of JavaScript values, one behind the other in one buffer that is used again
 * and again: what a thread sends to the store in one turn.
 */
import { COMMANDS } from '../commands/all.ts'
import { type Argument, writeText } from './request.ts'

const FIRST_BYTES = 16 * 1024
/** A larger buffer is let go with the requests that were in it. */
const KEPT_BYTES = 256 * 1024
const MAX_BYTES = 2 ** 31 - 1
/** Room for a type byte, a length and CRLF, before and behind a string. */
const HEADER_BYTES = 24

const CR = 13
const LF = 10
const ASTERISK = 42
const DOLLAR = 36
const ZERO = 48

/** The words of a command's name, in RESP. */
interface Name {
  readonly count: number
  readonly bytes: Uint8Array
}

function encodeName(...words: readonly string[]): Name {
  const bulks = words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`)
  return { count: words.length, bytes: Buffer.from(bulks.join('')) }
}

/** Those of all commands, as `CommandTable.get` wants them. */
const NAMES = new Map<string, Name>()
for (const { name, subcommands = [] } of COMMANDS) {
  NAMES.set(name.toLowerCase(), encodeName(name))
  for (const sub of subcommands) {
    NAMES.set(`${name}|${sub.name}`.toLowerCase(), encodeName(name, sub.name))
  }
}

export class RequestWriter {
  /** Number of bytes written. */
  length = 0
  private bytes = Buffer.allocUnsafeSlow(FIRST_BYTES)

  /** Adds a request, or nothing. A name may be `container|sub`. @throws RangeError */
  add(name: string, args: readonly Argument[]): void {
    const start = this.length
    try {
      const { bytes, count } = NAMES.get(name) ?? NAMES.get(name.toLowerCase()) ?? encodeName(name)
      this.reserve(bytes.length + 2 * HEADER_BYTES)
      this.header(ASTERISK, count + args.length)
      this.bytes.set(bytes, this.length)
      this.length += bytes.length
      for (const argument of args) {
        if (argument instanceof Uint8Array) this.addBytes(argument)
        else this.addText(typeof argument === 'string' ? argument : String(argument))
      }
    } catch (error) {
      this.length = start
      throw error
    }
  }

  private addBytes(source: Uint8Array): void {
    this.reserve(source.length + HEADER_BYTES)
    this.header(DOLLAR, source.length)
    this.bytes.set(source, this.length)
    this.length += source.length
    this.end()
  }

  private addText(text: string): void {
    const start = this.length
    // Three bytes are what a UTF-16 unit may take.
    this.reserve(text.length * 3 + HEADER_BYTES)
    this.header(DOLLAR, text.length)
    const textStart = this.length
    this.length = writeText(this.bytes, textStart, text)
    const written = this.length - textStart
    if (written !== text.length) {
      // Now it is known how many bytes the text is.
      this.length = start
      this.header(DOLLAR, written)
      this.length = writeText(this.bytes, this.length, text)
    }
    this.end()
  }

  private header(type: number, value: number): void {
    const { bytes } = this
    bytes[this.length++] = type
    if (value < 10) bytes[this.length++] = ZERO + value
    else if (value < 100) {
      bytes[this.length++] = ZERO + Math.floor(value / 10)
      bytes[this.length++] = ZERO + (value % 10)
    } else this.length += bytes.write(String(value), this.length, 'latin1')
    this.end()
  }

  private end(): void {
    this.bytes[this.length++] = CR
    this.bytes[this.length++] = LF
  }

  private reserve(count: number): void {
    const needed = this.length + count
    if (needed <= this.bytes.length) return
    if (needed > MAX_BYTES) throw new RangeError('a request of more than 2 GB')
    const capacity = Math.min(Math.max(needed, this.bytes.length * 2), MAX_BYTES)
    const larger = Buffer.allocUnsafeSlow(capacity)
    this.bytes.copy(larger, 0, 0, this.length)
    this.bytes = larger
  }

  /** What was written, in memory of its own; the next request begins anew. */
  take(): Uint8Array {
    const taken = new Uint8Array(this.bytes.subarray(0, this.length))
    this.length = 0
    if (this.bytes.length > KEPT_BYTES) this.bytes = Buffer.allocUnsafeSlow(FIRST_BYTES)
    return taken
  }
}
