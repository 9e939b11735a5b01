/**
 * A client of a server in this process, without sockets: what the unit tests of commands use.
 *
 *   const clock = new ManualClock()
 *   const server = testServer({ clock, config: { requirepass: 'secret' } })
 *   const client = new InProcessClient(server)
 *   client.call('SET', 'key', 1)            // '+OK\r\n': the reply's bytes as Latin-1
 *   client.value('GET', 'key')              // '1': the reply decoded
 *   checkServer(server)                     // afterwards: nothing broken, nothing leaked
 *
 * Everything a test sees follows from its own doing: the clock stands still until it is advanced,
 * and the seeds are fixed. The arena runs with its guards on. Bytes that were handed to the server
 * are overwritten afterwards, so that nobody gets by with holding on to them.
 */
import { Config } from '../../src/config/config.ts'
import { Refused } from '../../src/config/directive.ts'
import type { DirectiveName } from '../../src/config/directives.ts'
import { type Clock, ManualClock } from '../../src/platform/clock.ts'
import { type Files, SystemFiles } from '../../src/platform/files.ts'
import { Server } from '../../src/server/server.ts'
import type { Session, Transport } from '../../src/server/session.ts'
import { parseReply, type Reply, replyEnd } from '../differential/support/reply.ts'

export interface TestServerOptions {
  /** Stands still at a fixed time unless given. */
  clock?: Clock
  files?: Files
  /** Directives with their arguments, as a configuration file would set them. */
  config?: Partial<Record<DirectiveName, string | readonly string[]>>
  seed?: number
  debugArena?: boolean
  /** Gets the log's lines, which are dropped unless it is given. */
  print?: (line: string) => void
}

/** A server for tests: still clock, fixed seeds, guarded arena, silent log. */
export function testServer(options: TestServerOptions = {}): Server {
  const files = options.files ?? new SystemFiles()
  const config = new Config(files)
  for (const [name, value] of Object.entries(options.config ?? {})) {
    const refused = config.assign(name, typeof value === 'string' ? [value] : value)
    if (refused instanceof Refused) throw new Error(`${name}: ${refused.reason}`)
  }
  return new Server({
    config,
    files,
    clock: options.clock ?? new ManualClock(),
    seed: options.seed ?? 1,
    hashKey: [1, 2],
    debugArena: options.debugArena ?? true,
    print: options.print ?? (() => {}),
  })
}

/** Throws unless every structure is sound and freeing key by key gives back every byte. */
export function checkServer(server: Server): void {
  server.keyspace.check()
  for (const database of server.keyspace.databases) database.flush()
  server.keyspace.check()
  const { liveBytes } = server.keyspace.arena
  if (liveBytes !== 0) throw new Error(`${liveBytes} bytes are left in empty databases`)
}

/** An error reply, decoded. */
export class ReplyError {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }
}

/** Strings are Latin-1, one character a byte. Pairs of a RESP3 map become a `Map`. */
export type Value = string | number | bigint | boolean | null | ReplyError | Value[] | ValueMap
export type ValueMap = Map<Value, Value>

export type CallArgument = string | number | bigint | Uint8Array

/** Keeps what is sent; a test may make it slow, or look at how it ended. */
export class FakeTransport implements Transport {
  remoteAddress = '127.0.0.1:50000'
  localAddress = '127.0.0.1:6379'
  isUnixSocket = false
  fd = 8
  queuedBytes = 0
  /** `end` was called: the connection ends when all is sent. */
  ended = false
  destroyed = false
  /** Number of writes, each of which would have been a system call. */
  sends = 0
  session: Session | null = null
  private chunks: Buffer[] = []

  send(bytes: Buffer, start: number, end: number): boolean {
    this.sends++
    if (!this.ended && !this.destroyed) this.chunks.push(Buffer.from(bytes.subarray(start, end)))
    return false
  }

  sendShared(bytes: Buffer): void {
    this.send(bytes, 0, bytes.length)
  }

  end(): void {
    if (this.ended) return
    this.ended = true
    this.session?.onClosed()
  }

  destroy(): void {
    if (this.destroyed) return
    this.destroyed = true
    this.session?.onClosed()
  }

  /** All that was sent since the last call, as Latin-1. */
  take(): string {
    const text = Buffer.concat(this.chunks).toString('latin1')
    this.chunks = []
    return text
  }
}

/** Never reads: all that is sent to it stays queued. */
export class StuckTransport extends FakeTransport {
  override send(bytes: Buffer, start: number, end: number): boolean {
    this.queuedBytes += end - start
    this.session!.server.outputQueued(this.session!)
    return super.send(bytes, start, end)
  }
}

export class InProcessClient {
  readonly server: Server
  readonly transport: FakeTransport
  readonly session: Session

  constructor(server: Server, transport = new FakeTransport()) {
    this.server = server
    this.transport = transport
    this.session = server.addSession(transport)
    transport.session = this.session
  }

  /** Sends a request, and returns its replies' bytes as Latin-1 ('' if there is none yet). */
  call(...args: readonly CallArgument[]): string {
    this.send(encodeRequest(args))
    return this.take()
  }

  /** Sends a request and decodes its reply, which must be exactly one. */
  value(...args: readonly CallArgument[]): Value {
    return decode(this.call(...args))
  }

  /** Hands bytes over as if they had come from a socket; strings are Latin-1. */
  send(bytes: string | Uint8Array): void {
    const copy = Buffer.from(bytes as string, 'latin1')
    const view = new DataView(copy.buffer, copy.byteOffset, copy.byteLength)
    this.session.receive(copy, view, copy.length)
    copy.fill(0xaa)
  }

  /** What the server has sent since it was last asked, as Latin-1. */
  take(): string {
    this.server.output.flush()
    return this.transport.take()
  }

  /** The same, taken apart into decoded replies. */
  takeValues(): Value[] {
    return decodeAll(this.take())
  }

  /** Whether the server has hung up. */
  get closed(): boolean {
    this.server.output.flush()
    return this.transport.ended || this.transport.destroyed
  }

  /** Hangs up. */
  close(): void {
    this.transport.destroyed = true
    this.session.onClosed()
  }
}

/** A request in RESP. */
export function encodeRequest(args: readonly CallArgument[]): Buffer {
  const parts: Buffer[] = [Buffer.from(`*${args.length}\r\n`)]
  for (const arg of args) {
    const bytes = Buffer.from(arg instanceof Uint8Array ? arg : Buffer.from(String(arg), 'latin1'))
    parts.push(Buffer.from(`$${bytes.length}\r\n`), bytes, Buffer.from('\r\n'))
  }
  return Buffer.concat(parts)
}

/** The meaning of one reply. Throws unless `text` is exactly one. */
export function decode(text: string): Value {
  const values = decodeAll(text)
  if (values.length !== 1) throw new Error(`${values.length} replies: ${JSON.stringify(text)}`)
  return values[0]
}

/** The meaning of replies one behind the other. */
export function decodeAll(text: string): Value[] {
  const bytes = Buffer.from(text, 'latin1')
  const values: Value[] = []
  let position = 0
  while (position < bytes.length) {
    const end = replyEnd(bytes, position)
    if (end < 0) throw new Error(`an incomplete reply: ${JSON.stringify(text)}`)
    values.push(meaning(parseReply(bytes, position)))
    position = end
  }
  return values
}

function meaning(reply: Reply): Value {
  const body = reply.body === undefined ? null : Buffer.from(reply.body).toString('latin1')
  switch (reply.type) {
    case '+':
      return reply.head
    case '-':
      return new ReplyError(reply.head)
    case '!':
      return new ReplyError(body ?? '')
    case ':':
      return Number.isSafeInteger(Number(reply.head)) ? Number(reply.head) : BigInt(reply.head)
    case '(':
      return BigInt(reply.head)
    case ',':
      return doubleOf(reply.head)
    case '#':
      return reply.head === 't'
    case '_':
      return null
    case '$':
      return body
    case '=':
      return body === null ? null : body.slice(4)
    case '%':
      return pairsOf(reply.elements)
    default:
      return reply.head === '-1' ? null : reply.elements.map(meaning)
  }
}

function doubleOf(text: string): number {
  if (text === 'inf') return Number.POSITIVE_INFINITY
  return text === '-inf' ? Number.NEGATIVE_INFINITY : Number(text)
}

function pairsOf(elements: readonly Reply[]): ValueMap {
  const pairs: ValueMap = new Map()
  for (let i = 0; i < elements.length; i += 2) {
    pairs.set(meaning(elements[i]), meaning(elements[i + 1]))
  }
  return pairs
}
