/**
 * Replies of the server's own sessions, from RESP3 to JavaScript values: for what cannot be called
 * at once, waiting and listening. What arrives is written to a `ValueReply`, so that values look
 * the same whichever way they come. The server sends whole replies at once but for long ones, so
 * an unfinished one is begun again when more has come.
 */
import { type Value, ValueReply } from './value-reply.ts'

const LINE_FEED = 10
const PUSH = 62
/** No whole reply. */
const INCOMPLETE = -1

export class ReplyDecoder {
  readonly reply = new ValueReply()
  private bytes: Buffer = Buffer.alloc(0)
  private readonly onValue: (value: Value, isPush: boolean) => void

  /** @param onValue called with each value; an error is a `StoreError` */
  constructor(onValue: (value: Value, isPush: boolean) => void) {
    this.onValue = onValue
  }

  /** Takes bytes, which are kept by nobody afterwards. */
  feed(chunk: Buffer): void {
    let { bytes } = this
    bytes = bytes.length === 0 ? chunk : Buffer.concat([bytes, chunk])
    let position = 0
    while (position < bytes.length) {
      const isPush = bytes[position] === PUSH
      const end = this.decode(bytes, position)
      if (end === INCOMPLETE) {
        this.reply.clear()
        break
      }
      position = end
      this.onValue(this.reply.takeOrError(), isPush)
    }
    this.bytes = Buffer.from(bytes.subarray(position))
  }

  /** Writes one value to the reply. @returns where it ends, or INCOMPLETE */
  private decode(bytes: Buffer, start: number): number {
    const lineEnd = bytes.indexOf(LINE_FEED, start)
    if (lineEnd < 0) return INCOMPLETE
    const end = lineEnd + 1
    const line = bytes.toString('latin1', start + 1, lineEnd - 1)
    const { reply } = this
    switch (String.fromCharCode(bytes[start]!)) {
      case '+':
        reply.simple(line)
        return end
      case '-':
        reply.error(line)
        return end
      case ':':
        if (Number.isSafeInteger(Number(line))) reply.integer(Number(line))
        else reply.bigInteger(BigInt(line))
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
      case '$':
      case '=':
        return this.text(bytes, end, Number(line), bytes[start] === 61 ? 4 : 0)
      case '%':
        reply.map(Number(line))
        return this.elements(bytes, end, Number(line) * 2)
      case '|':
        reply.attribute(Number(line))
        // The value that it belongs to follows.
        return this.elements(bytes, end, Number(line) * 2 + 1)
      default:
        reply.array(Number(line))
        return this.elements(bytes, end, Number(line))
    }
  }

  /** A string of a length; a verbatim one has its format before it. */
  private text(bytes: Buffer, start: number, length: number, skipped: number): number {
    const end = start + length
    if (end + 2 > bytes.length) return INCOMPLETE
    this.reply.bulkBytes(bytes.subarray(start + skipped, end))
    return end + 2
  }

  private elements(bytes: Buffer, start: number, count: number): number {
    let position = start
    for (let i = 0; i < count; i++) {
      if (position >= bytes.length) return INCOMPLETE
      position = this.decode(bytes, position)
      if (position === INCOMPLETE) return INCOMPLETE
    }
    return position
  }
}

function doubleOf(text: string): number {
  if (text === 'inf') return Number.POSITIVE_INFINITY
  return text === '-inf' ? Number.NEGATIVE_INFINITY : Number(text)
}
