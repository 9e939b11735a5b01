/**
 * A single connection for questions before and between runs: CONFIG GET, FLUSHALL, INFO. Replies
 * are read as plain values; here nothing depends on speed.
 */
import { encodeRequest } from '../../resp/request-encoder.ts'
import { LoadError } from './load-run.ts'
import { type LinkEvents, SocketLink } from './socket-link.ts'
import { openingRequests, type Target } from './target.ts'

export type Answer = string | number | null | Answer[] | Error

interface Waiting {
  resolve: (answer: Answer) => void
  reject: (error: Error) => void
}

export class WireClient {
  private readonly link: SocketLink
  private readonly waiting: Waiting[] = []
  private received = Buffer.alloc(0)
  private failure: Error | null = null

  private constructor(link: (events: LinkEvents) => SocketLink, onReady: () => void) {
    this.link = link({
      onReady,
      onBytes: (bytes, end) => this.onBytes(Buffer.from(bytes.subarray(0, end))),
      onError: (text) => this.fail(new LoadError(text)),
    })
  }

  /** Rejects with a LoadError that says why there is no connection. */
  static connect(target: Target): Promise<WireClient> {
    return new Promise((resolve, reject) => {
      const plain = { ...target, isResp3: false, hasTracking: false }
      const client: WireClient = new WireClient(
        (events) => new SocketLink(plain, openingRequests(plain), events),
        () => {
          client.waiting.shift()
          resolve(client)
        },
      )
      client.waiting.push({ resolve: () => {}, reject })
    })
  }

  call(...words: string[]): Promise<Answer> {
    return new Promise((resolve, reject) => {
      if (this.failure !== null) return reject(this.failure)
      this.waiting.push({ resolve, reject })
      this.link.write(encodeRequest(words, 'utf8'))
    })
  }

  close(): void {
    this.link.close()
  }

  private fail(error: Error): void {
    this.failure = error
    for (const { reject } of this.waiting.splice(0)) reject(error)
  }

  private onBytes(bytes: Buffer): void {
    this.received = Buffer.concat([this.received, bytes])
    for (;;) {
      const reader = new AnswerReader(this.received)
      const answer = reader.read()
      if (answer === undefined) return
      this.received = this.received.subarray(reader.at)
      this.waiting.shift()?.resolve(answer)
    }
  }
}

/** Reads one RESP2 reply; `undefined` while it is not whole. */
class AnswerReader {
  at = 0
  private readonly bytes: Buffer

  constructor(bytes: Buffer) {
    this.bytes = bytes
  }

  read(): Answer | undefined {
    const end = this.bytes.indexOf('\r\n', this.at)
    if (end < 0) return undefined
    const type = String.fromCharCode(this.bytes[this.at]!)
    const line = this.bytes.toString('utf8', this.at + 1, end)
    this.at = end + 2
    if (type === '+') return line
    if (type === '-') return new Error(line)
    if (type === ':') return Number(line)
    const length = Number(line)
    if (length < 0) return null
    return type === '$' ? this.readBulk(length) : this.readArray(length)
  }

  private readBulk(length: number): string | undefined {
    const end = this.at + length
    if (this.bytes.length < end + 2) return undefined
    const text = this.bytes.toString('utf8', this.at, end)
    this.at = end + 2
    return text
  }

  private readArray(length: number): Answer[] | undefined {
    const answers: Answer[] = []
    for (let i = 0; i < length; i++) {
      const answer = this.read()
      if (answer === undefined) return undefined
      answers.push(answer)
    }
    return answers
  }
}
