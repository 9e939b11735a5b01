/**
 * The parser of replies, for the client's side of RESP2 and RESP3.
 *
 * Bytes come in chunks of any size; `next` answers one whole reply after the other. Aggregates
 * under way lie on a stack of their own, so that nesting costs no recursion and a reply that is
 * cut anywhere is never read from its start again. A long string is gathered from the chunks that
 * it came in and joined once, so that its time is linear too, and a length that is only claimed
 * allocates nothing.
 *
 * Texts are Latin-1: one character a byte, nothing lost. Numbers stay in the digits that were
 * sent, since that is what clients show; an integer of 64 bits does not fit a number anyway.
 */

/** What a reply is. `null` is all of RESP2's and RESP3's nulls. */
export type ReplyType =
  | 'status'
  | 'error'
  | 'integer'
  | 'string'
  | 'array'
  | 'null'
  | 'double'
  | 'boolean'
  | 'big number'
  | 'verbatim'
  | 'map'
  | 'set'
  | 'push'

export interface Reply {
  readonly type: ReplyType
  /** Bytes as Latin-1; digits of numbers; `t` or `f`; '' for aggregates. */
  readonly text: string
  /** The elements of an aggregate; of a map its keys and values in turn. */
  readonly elements: readonly Reply[]
}

/** What the server sent is not RESP. Nothing further can be read from this connection. */
export class ReplyProtocolError extends Error {}

/** An aggregate that lacks elements yet. */
interface Open {
  readonly reply: Reply
  readonly elements: Reply[]
  missing: number
}

const NO_ELEMENTS: readonly Reply[] = []
const NULL_REPLY: Reply = { type: 'null', text: '', elements: NO_ELEMENTS }

const LF = 10
const MAX_ELEMENTS = 2 ** 32

const AGGREGATES = new Map<string, ReplyType | 'attribute'>([
  ['*', 'array'],
  ['%', 'map'],
  ['~', 'set'],
  ['>', 'push'],
  ['|', 'attribute'],
])
const LINES = new Map<string, ReplyType>([
  ['+', 'status'],
  ['-', 'error'],
  [':', 'integer'],
  [',', 'double'],
  ['#', 'boolean'],
  ['(', 'big number'],
])
const BULKS = new Map<string, ReplyType>([
  ['$', 'string'],
  ['=', 'verbatim'],
  ['!', 'error'],
])

export class ReplyParser {
  private bytes: Buffer = Buffer.alloc(0)
  private position = 0
  /** How far an unfinished line has been searched for its end. */
  private searched = 0
  /** The string under way: its type, its bytes with CRLF, and the chunks before `bytes`. */
  private bulk: { type: ReplyType; bytes: number } | null = null
  private chunks: Buffer[] = []
  private chunkBytes = 0
  private readonly open: Open[] = []

  /** Takes bytes, which are the parser's from then on. */
  push(chunk: Uint8Array): void {
    const next = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)
    const rest = this.bytes.subarray(this.position)
    this.position = 0
    if (this.bulk === null) {
      this.bytes = rest.length === 0 ? next : Buffer.concat([rest, next])
      return
    }
    if (rest.length > 0) {
      this.chunks.push(rest)
      this.chunkBytes += rest.length
    }
    this.bytes = next
  }

  /** Whether a reply has been begun. */
  get underWay(): boolean {
    return this.open.length > 0 || this.bulk !== null || this.position < this.bytes.length
  }

  /** The next whole reply, or null if more bytes are needed. Throws a ReplyProtocolError. */
  next(): Reply | null {
    while (true) {
      const reply = this.bulk === null ? this.readHead() : this.readBulk()
      if (reply === null) return null
      if (reply === undefined) continue
      const whole = this.close(reply)
      if (whole !== null) return whole
    }
  }

  /** A reply of one line; undefined after the head of something longer; null without a line. */
  private readHead(): Reply | null | undefined {
    const end = this.bytes.indexOf(LF, Math.max(this.position, this.searched))
    if (end < 0) {
      this.searched = this.bytes.length - this.position
      return null
    }
    this.searched = 0
    const mark = String.fromCharCode(this.bytes[this.position])
    const text = this.bytes.toString('latin1', this.position + 1, end - 1)
    this.position = end + 1
    const line = LINES.get(mark)
    if (line !== undefined) return { type: line, text, elements: NO_ELEMENTS }
    if (mark === '_') return NULL_REPLY
    const bulk = BULKS.get(mark)
    if (bulk !== undefined) {
      const length = count(text)
      if (length < 0) return NULL_REPLY
      this.bulk = { type: bulk, bytes: length + 2 }
      return undefined
    }
    const aggregate = AGGREGATES.get(mark)
    if (aggregate === undefined) {
      throw new ReplyProtocolError(`Protocol error, got ${shown(mark)} as reply type byte`)
    }
    return this.begin(aggregate, count(text))
  }

  private begin(type: ReplyType | 'attribute', length: number): Reply | undefined {
    if (length < 0) return NULL_REPLY
    const missing = type === 'map' || type === 'attribute' ? length * 2 : length
    const elements: Reply[] = []
    // An attribute belongs to the reply behind it and is passed over when it is whole.
    const reply: Reply = type === 'attribute' ? ATTRIBUTE : { type, text: '', elements }
    if (missing === 0) return type === 'attribute' ? undefined : reply
    this.open.push({ reply, elements, missing })
    return undefined
  }

  private readBulk(): Reply | null {
    const { type, bytes } = this.bulk!
    const available = this.chunkBytes + this.bytes.length - this.position
    if (available < bytes) return null
    const last = bytes - this.chunkBytes
    let whole = this.bytes.subarray(this.position, this.position + last)
    if (this.chunks.length > 0) whole = Buffer.concat([...this.chunks, whole])
    this.position += last
    this.bulk = null
    this.chunks = []
    this.chunkBytes = 0
    // Before the content of a verbatim string stands its kind, `txt:`.
    const text = whole.toString('latin1', type === 'verbatim' ? 4 : 0, bytes - 2)
    return { type, text, elements: NO_ELEMENTS }
  }

  /** Puts a reply into the aggregate it belongs to. @returns the outermost one when it is whole */
  private close(reply: Reply): Reply | null {
    let whole = reply
    while (this.open.length > 0) {
      const top = this.open[this.open.length - 1]
      top.elements.push(whole)
      if (--top.missing > 0) return null
      this.open.pop()
      if (top.reply === ATTRIBUTE) return null
      whole = top.reply
    }
    return whole
  }
}

const ATTRIBUTE: Reply = { type: 'map', text: '', elements: NO_ELEMENTS }

/** The count in a head; -1 is that of RESP2's null. */
function count(text: string): number {
  const value = Number(text)
  if (!/^-?\d{1,19}$/.test(text) || value > MAX_ELEMENTS || value < -1) {
    throw new ReplyProtocolError(`Protocol error, got a length of ${JSON.stringify(text)}`)
  }
  return value
}

/** A byte as hiredis shows it. */
function shown(mark: string): string {
  const code = mark.charCodeAt(0)
  if (code >= 0x20 && code < 0x7f)
    return mark === '"' || mark === '\\' ? `"\\${mark}"` : `"${mark}"`
  return `"\\x${code.toString(16).padStart(2, '0')}"`
}
