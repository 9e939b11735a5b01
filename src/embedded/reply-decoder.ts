/**
 * Replies in RESP3 to JavaScript values: those of the server's own sessions, for what waits and
 * listens, and those of a store in another thread. What arrives is written to a `ValueReply`, so
 * that values look the same whichever way they come. The server sends whole replies at once but for
 * long ones, so an unfinished one is begun again when more has come.
 */
import { parseInteger } from '../bytes/integers.ts'
import { latin1 } from '../bytes/text.ts'
import { type Value, ValueReply } from './value-reply.ts'

const LINE_FEED = 10
const DOLLAR = 36
const COLON = 58
const EQUALS = 61
const PUSH = 62
/** What stands before a verbatim string: `txt:`. */
const FORMAT_BYTES = 4
/** No whole reply. */
const INCOMPLETE = -1

export class ReplyDecoder {
  readonly reply = new ValueReply()
  private bytes: Buffer = Buffer.alloc(0)
  private readonly onValue: (value: Value, isPush: boolean) => void

  /** @param onValue called with each value; an error is a `StoreError` */
  constructor(onValue: (value: Value, isPush: boolean) => void = () => {}) {
    this.onValue = onValue
  }

  /** Takes bytes, which are kept by nobody afterwards. */
  feed(chunk: Buffer): void {
    let { bytes } = this
    bytes = bytes.length === 0 ? chunk : Buffer.concat([bytes, chunk])
    const view = viewOf(bytes)
    let position = 0
    while (position < bytes.length) {
      const isPush = bytes[position] === PUSH
      const end = this.decode(bytes, view, position)
      if (end === INCOMPLETE) {
        this.reply.takeBack()
        break
      }
      position = end
      this.onValue(this.reply.takeOrError(), isPush)
    }
    this.bytes = Buffer.from(bytes.subarray(position))
  }

  /**
   * Writes one value to the reply.
   *
   * @param view of the same memory
   * @returns where the value ends, or INCOMPLETE
   */
  decode(bytes: Uint8Array, view: DataView, start: number): number {
    const { reply } = this
    // Nearly all headers are a few bytes long.
    let end = start + 1
    while (bytes[end] !== LINE_FEED) if (++end >= bytes.length) return INCOMPLETE
    const lineEnd = end++ - 1
    const type = bytes[start]!
    if (type === DOLLAR || type === EQUALS) {
      const valueEnd = end + parseInteger(bytes, start + 1, lineEnd)
      if (valueEnd + 2 > bytes.length) return INCOMPLETE
      reply.bulk(bytes, view, type === DOLLAR ? end : end + FORMAT_BYTES, valueEnd)
      return valueEnd + 2
    }
    if (type === COLON) {
      const value = parseInteger(bytes, start + 1, lineEnd)
      if (Number.isNaN(value)) reply.bigInteger(BigInt(latin1(bytes, start + 1, lineEnd)))
      else reply.integer(value)
      return end
    }
    const line = latin1(bytes, start + 1, lineEnd)
    switch (String.fromCharCode(type)) {
      case '+':
        reply.simple(line)
        return end
      case '-':
        reply.error(line)
        return end
      case ',':
        reply.double(doubleOf(line))
        return end
      case '#':
        reply.boolean(line === 't')
        return end
      case '(':
        reply.bigNumber(line)
        return end
      case '_':
        reply.nil()
        return end
      case '%':
        reply.map(Number(line))
        return this.elements(bytes, view, end, Number(line) * 2)
      case '|':
        reply.attribute(Number(line))
        // The value that it belongs to follows.
        return this.elements(bytes, view, end, Number(line) * 2 + 1)
      default:
        reply.array(Number(line))
        return this.elements(bytes, view, end, Number(line))
    }
  }

  private elements(bytes: Uint8Array, view: DataView, start: number, count: number): number {
    let position = start
    for (let i = 0; i < count; i++) {
      if (position >= bytes.length) return INCOMPLETE
      position = this.decode(bytes, view, position)
      if (position === INCOMPLETE) return INCOMPLETE
    }
    return position
  }
}

export function viewOf({ buffer, byteLength, byteOffset }: Uint8Array): DataView {
  return new DataView(buffer, byteOffset, byteLength)
}

function doubleOf(text: string): number {
  if (text === 'inf') return Number.POSITIVE_INFINITY
  return text === '-inf' ? Number.NEGATIVE_INFINITY : Number(text)
}
