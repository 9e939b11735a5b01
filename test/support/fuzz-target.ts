/**
 * What the protocol fuzz drives, in this process and without sockets. A target holds one connection
 * at a time; the fuzz opens another whenever the target has closed it, and now and then by itself.
 */
import { Args } from '../../src/resp/args.ts'
import { COMPLETE, FAILED, INCOMPLETE, RequestParser } from '../../src/resp/request-parser.ts'
import { checkServer, InProcessClient, testServer } from './in-process-client.ts'

export interface FuzzTarget {
  readonly name: string
  /** Closes the connection, if one is open, and opens another. */
  connect(): void
  /** Takes bytes as if they had come from the socket; replies go nowhere. Must not throw. */
  feed(bytes: Uint8Array): void
  /** True when the server has hung up: after a protocol error, or QUIT. */
  readonly closed: boolean
  /**
   * Closes the connection, empties all databases, and throws unless every structure is sound and
   * nothing is left: no live bytes beyond those of an empty server, no connection, no waiter.
   */
  check(): void
}

const MAX_BULK_BYTES = 1024 * 1024

/** The request parser alone, over a buffer that is as long as what was fed. */
export class ParserTarget implements FuzzTarget {
  readonly name = 'request parser'
  closed = false
  #parser = new RequestParser()
  #args = new Args()
  #end = 0

  connect(): void {
    this.#parser = new RequestParser()
    this.#args = new Args()
    this.#end = 0
    this.closed = false
  }

  feed(bytes: Uint8Array): void {
    this.#append(bytes)
    while (!this.closed) {
      const before = this.#parser.position
      const result = this.#parser.next(this.#args, this.#end, MAX_BULK_BYTES, true)
      this.#checkPosition(before)
      if (result === FAILED) this.closed = true
      if (result === COMPLETE) this.#checkArguments()
      if (result === INCOMPLETE) break
      if (this.#parser.position === before && result !== FAILED) {
        throw new Error(`result ${result} without a byte read at ${before}`)
      }
    }
  }

  /** Keeps all bytes since the connection was opened, so that positions stay as they are. */
  #append(bytes: Uint8Array): void {
    const args = this.#args
    const joined = new Uint8Array(this.#end + bytes.length)
    joined.set(args.bytes.subarray(0, this.#end))
    joined.set(bytes, this.#end)
    args.bytes = joined
    args.view = new DataView(joined.buffer)
    this.#end = joined.length
  }

  #checkPosition(before: number): void {
    const { position } = this.#parser
    if (position < before || position > this.#end) {
      throw new Error(`position ${position} is not within ${before} … ${this.#end}`)
    }
  }

  #checkArguments(): void {
    const args = this.#args
    if (args.count < 1) throw new Error('a complete request without arguments')
    let previousEnd = 0
    for (let i = 0; i < args.count; i++) {
      const start = args.starts[i] as number
      const end = args.ends[i] as number
      if (start < previousEnd || end < start || end > this.#end) {
        throw new Error(`argument ${i} lies at ${start} … ${end} of ${this.#end} bytes`)
      }
      previousEnd = end
    }
  }

  check(): void {
    this.connect()
  }
}

/** A whole server, with its arena guarded. */
export class ServerTarget implements FuzzTarget {
  readonly name = 'server'
  readonly #server = testServer({ config: { maxmemory: '256mb' } })
  #client = new InProcessClient(this.#server)

  connect(): void {
    this.#client.close()
    // What an input paused would stay so, since nobody moves the clock.
    this.#server.pause.end()
    this.#client = new InProcessClient(this.#server)
  }

  feed(bytes: Uint8Array): void {
    this.#client.send(bytes)
    this.#client.take()
  }

  get closed(): boolean {
    return this.#client.closed
  }

  check(): void {
    this.#client.close()
    const { sessions, pause } = this.#server
    if (sessions.size > 0) throw new Error(`${sessions.size} sessions are left`)
    if (pause.heldCount > 0) throw new Error(`${pause.heldCount} sessions are held back`)
    checkServer(this.#server)
  }
}
