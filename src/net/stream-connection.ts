/**
 * The transport of a session over a stream: over TLS, and where Node's own handles are not as
 * `native-stream.ts` expects them.
 *
 * A connection over TLS is a session from the moment it is accepted, as in Redis: it counts for
 * `maxclients`, is listed and can be killed. Until its handshake is over nothing is read from it,
 * and the cron drops it when that takes too long.
 */
import type { Socket } from 'node:net'
import type { Server } from '../server/server.ts'
import type { Session, Transport } from '../server/session.ts'
import { formatAddress } from './peer-address.ts'

/** The transport over a stream, which must be one that stays open when its other half ends. */
export class StreamConnection implements Transport {
  readonly session: Session
  readonly isUnixSocket: boolean
  readonly remoteAddress: string
  readonly localAddress: string
  queuedBytes = 0
  isHandshaking: boolean
  private readonly server: Server
  /** The socket as it was accepted; its end is the end of the connection. */
  private readonly accepted: Socket
  /** What is read and written: the accepted socket, or TLS above it. */
  private stream: Socket
  private ending = false
  private gone = false

  /** @param isHandshaking whether `open` is to be called later, with another stream */
  constructor(server: Server, accepted: Socket, unixPath: string, isHandshaking: boolean) {
    this.server = server
    this.accepted = accepted
    this.stream = accepted
    this.isHandshaking = isHandshaking
    this.isUnixSocket = unixPath !== ''
    const own = `${unixPath}:0`
    const { remoteAddress, remotePort, localAddress, localPort } = accepted
    this.remoteAddress = unixPath === '' ? formatAddress(remoteAddress, remotePort) : own
    this.localAddress = unixPath === '' ? formatAddress(localAddress, localPort) : own
    this.session = server.addSession(this)
    accepted.on('error', () => accepted.destroy())
    accepted.on('close', () => this.close())
  }

  /** Reads and writes from now on. */
  open(stream: Socket): void {
    const { session } = this
    this.stream = stream
    this.isHandshaking = false
    if (stream !== this.accepted) {
      stream.on('error', () => this.destroy())
      stream.on('close', () => this.accepted.destroy())
    }
    stream.on('end', () => this.stopReading())
    stream.on('data', (bytes: Buffer) => {
      session.receive(
        bytes,
        new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength),
        bytes.length,
      )
    })
  }

  /** Answers an error to one who may not come in, once `open`. */
  refuse(error: string): void {
    this.ending = true
    this.session.closing = true
    this.stream.end(error, () => this.destroy())
  }

  /** Whether it was this side that ended it. */
  get isDropped(): boolean {
    return this.ending
  }

  private close(): void {
    this.gone = true
    this.session.onClosed()
  }

  /** The client sends nothing more: the connection ends behind the replies that are left. */
  private stopReading(): void {
    if (this.ending) return
    this.session.closeAfterReply()
    this.server.output.endTurn(this.session)
  }

  get fd(): number {
    const { _handle: handle } = this.accepted as unknown as { _handle?: { fd?: number } | null }
    return handle?.fd ?? -1
  }

  send(bytes: Buffer, start: number, end: number): boolean {
    this.sendShared(Buffer.from(bytes.subarray(start, end)))
    return false
  }

  sendShared(bytes: Buffer): void {
    if (this.gone || this.ending || this.isHandshaking) return
    this.queuedBytes += bytes.length
    this.stream.write(bytes, () => {
      this.queuedBytes -= bytes.length
      // As in Redis, a client that takes its replies is not idle.
      this.session.lastActiveMs = this.server.clock.nowMs
      if (this.server.clientMemory.isFollowed) this.server.clientMemory.outputChanged(this.session)
    })
    this.server.outputQueued(this.session)
  }

  end(): void {
    if (this.ending) return
    this.ending = true
    if (this.isHandshaking) return this.destroy()
    // Not `end`, which leaves the other half open: a client that never stops sending would stay.
    this.stream.destroySoon()
  }

  destroy(): void {
    this.ending = true
    this.stream.destroy()
    if (this.stream !== this.accepted) this.accepted.destroy()
  }
}
