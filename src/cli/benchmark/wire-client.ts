/**
 * A single connection for questions before and between runs: CONFIG GET, FLUSHALL, INFO. Replies
 * are read whole; here nothing depends on speed.
 */
import { type Reply, ReplyParser, ReplyProtocolError } from '../../resp/reply-parser.ts'
import { encodeRequest } from '../../resp/request-encoder.ts'
import { LoadError } from './load-run.ts'
import { type LinkEvents, SocketLink } from './socket-link.ts'
import { openingRequests, type Target } from './target.ts'

interface Waiting {
  resolve: (reply: Reply) => void
  reject: (error: Error) => void
}

export class WireClient {
  private readonly link: SocketLink
  private readonly waiting: Waiting[] = []
  private readonly parser = new ReplyParser()
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

  call(...words: string[]): Promise<Reply> {
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
    this.parser.push(bytes)
    try {
      for (let reply = this.parser.next(); reply !== null; reply = this.parser.next()) {
        this.waiting.shift()?.resolve(reply)
      }
    } catch (error) {
      if (!(error instanceof ReplyProtocolError)) throw error
      this.close()
      this.fail(new LoadError(error.message))
    }
  }
}
