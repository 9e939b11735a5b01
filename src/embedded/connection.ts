/**
 * A connection to the store within the process: one end is a Duplex that any client of Redis can
 * speak RESP over, the other is a session of the server, as a socket's would be.
 *
 * What the store sends arrives a little later, as from a socket: whoever reads it may write at
 * once, and the store must not be in the midst of sending then.
 *
 * The Duplex has those methods of a `net.Socket` that clients call, most of which have nothing to
 * do here. What the store sends while nobody reads is kept by the stream, and counts against
 * `client-output-buffer-limit` as it would for a socket. An open connection keeps no process alive,
 * as nothing can come from outside; one whose request waits does.
 */
import { Duplex } from 'node:stream'
import { afterRound, nextTick } from '../platform/later.ts'
import type { Server } from '../server/server.ts'
import type { Session, Transport } from '../server/session.ts'
import { KeepAlive } from './keep-alive.ts'

/** The end that the store's session writes to. */
class StreamTransport implements Transport {
  readonly remoteAddress = ''
  readonly localAddress = ''
  readonly isUnixSocket = false
  readonly fd = -1
  private readonly stream: Connection

  constructor(stream: Connection) {
    this.stream = stream
  }

  get queuedBytes(): number {
    return this.stream.readableLength + this.stream.arrivingBytes
  }

  send(bytes: Buffer, start: number, end: number): boolean {
    this.stream.deliver(Buffer.from(bytes.subarray(start, end)))
    return false
  }

  sendShared(bytes: Buffer): void {
    this.stream.deliver(bytes)
  }

  end(): void {
    this.stream.session.onClosed()
    this.stream.deliver(null)
  }

  destroy(): void {
    this.stream.destroy()
  }
}

/** The client's end. */
export class Connection extends Duplex {
  readonly session: Session
  /** As clients ask of a socket: it is connected from the beginning. */
  readonly connecting = false
  readonly remoteAddress = undefined
  private readonly keepAlive = new KeepAlive()
  private holdsProcess = false
  /** What is on its way to the client, in order; null is the end. */
  private readonly arriving: (Buffer | null)[] = []
  arrivingBytes = 0

  constructor(server: Server) {
    super({ allowHalfOpen: false })
    this.session = server.addSession(new StreamTransport(this))
    // A client waits for the event that a socket has when it is connected.
    nextTick(() => {
      if (!this.destroyed) this.emit('connect')
    })
  }

  override _read(): void {}

  /** Sends to the client, or ends what it reads. */
  deliver(bytes: Buffer | null): void {
    this.holdProcess()
    this.arrivingBytes += bytes?.length ?? 0
    if (this.arriving.push(bytes) === 1) nextTick(() => this.arrive())
  }

  private arrive(): void {
    const { arriving } = this
    try {
      while (arriving.length > 0) {
        const bytes = arriving.shift()!
        this.arrivingBytes -= bytes?.length ?? 0
        if (!this.destroyed) this.push(bytes)
      }
    } finally {
      // A listener has thrown: what is behind is for those who go on.
      if (arriving.length > 0) nextTick(() => this.arrive())
    }
  }

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    const view = new DataView(chunk.buffer, chunk.byteOffset, chunk.byteLength)
    this.session.receive(chunk, view, chunk.length)
    this.holdProcess()
    done()
  }

  /** Keeps the process alive just while a request waits. Called when that may have changed. */
  holdProcess(): void {
    const waits = this.session.isHeld && !this.session.closed
    if (waits === this.holdsProcess) return
    this.holdsProcess = waits
    if (waits) this.keepAlive.hold()
    else this.keepAlive.release()
  }

  override _final(done: () => void): void {
    // What was asked before is answered yet.
    afterRound(() => {
      this.session.onClosed()
      if (!this.destroyed) this.deliver(null)
      done()
    })
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.session.onClosed()
    this.holdProcess()
    done(error)
  }

  setNoDelay(): this {
    return this
  }

  setKeepAlive(): this {
    return this
  }

  /** Nothing is ever late here. */
  setTimeout(): this {
    return this
  }

  ref(): this {
    return this
  }

  unref(): this {
    return this
  }
}
