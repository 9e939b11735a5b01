/**
 * A connection to the store within the process: one end is a Duplex that any client of Redis can
 * speak RESP over, the other is a session of the server, as a socket's would be.
 *
 * The Duplex has those methods of a `net.Socket` that clients call, most of which have nothing to
 * do here. What the store sends while nobody reads is kept by the stream, and counts against
 * `client-output-buffer-limit` as it would for a socket.
 */
import { Duplex } from 'node:stream'
import type { Server } from '../server/server.ts'
import type { Session, Transport } from '../server/session.ts'

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
    return this.stream.readableLength
  }

  send(bytes: Buffer, start: number, end: number): boolean {
    this.stream.push(Buffer.from(bytes.subarray(start, end)))
    return false
  }

  sendShared(bytes: Buffer): void {
    this.stream.push(bytes)
  }

  end(): void {
    this.stream.push(null)
    this.stream.session.onClosed()
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

  constructor(server: Server) {
    super({ allowHalfOpen: false })
    this.session = server.addSession(new StreamTransport(this))
    // A client waits for the event that a socket has when it is connected.
    process.nextTick(() => {
      if (!this.destroyed) this.emit('connect')
    })
  }

  override _read(): void {}

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    const view = new DataView(chunk.buffer, chunk.byteOffset, chunk.byteLength)
    this.session.receive(chunk, view, chunk.length)
    done()
  }

  override _final(done: () => void): void {
    this.session.onClosed()
    this.push(null)
    done()
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.session.onClosed()
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
