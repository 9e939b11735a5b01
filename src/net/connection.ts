/**
 * A connection: the transport of a session over a socket.
 *
 * Reads land in one buffer that all connections share. A write goes out from the reply buffer in
 * place if the kernel takes it at once, as it nearly always does; else that buffer belongs to the
 * write until it is over, and the write is counted in `queuedBytes`.
 */
import type { Socket } from 'node:net'
import type { Server } from '../server/server.ts'
import type { Session, Transport } from '../server/session.ts'
import {
  isWritePending,
  nativeHandle,
  newWriteRequest,
  type StreamHandle,
  type WriteRequest,
} from './native-stream.ts'
import { formatAddress } from './peer-address.ts'

/** Replies up to this length are written from a buffer of their own. */
const SHORT_BYTES = 1024

/**
 * The buffer for short replies. To make a slice of a buffer costs as much as to write a short
 * reply, so slices from its start are made once for each length, and replies are copied there.
 */
class ShortWrites {
  private bytes = Buffer.alloc(SHORT_BYTES)
  private slices: (Buffer | undefined)[] = new Array(SHORT_BYTES + 1).fill(undefined)

  copy(source: Buffer, start: number, length: number): Buffer {
    const { bytes } = this
    if (length <= 32) for (let i = 0; i < length; i++) bytes[i] = source[start + i]!
    else source.copy(bytes, 0, start, start + length)
    const slice = this.slices[length]
    if (slice !== undefined) return slice
    const made = bytes.subarray(0, length)
    this.slices[length] = made
    return made
  }

  /** Leaves the buffer to a write that is not over yet. */
  abandon(): void {
    this.bytes = Buffer.alloc(SHORT_BYTES)
    this.slices.fill(undefined)
  }
}

const shortWrites = new ShortWrites()

/** The transport over a socket, which must be one that stays open when its other half ends. */
export class Connection implements Transport {
  readonly session: Session
  readonly isUnixSocket: boolean
  queuedBytes = 0
  private readonly socket: Socket
  private readonly server: Server
  private readonly handle: StreamHandle | null
  /** For writes that end at once; another is made when one does not. */
  private request: WriteRequest | null = null
  private ending = false
  private gone = false
  private readonly unixPath: string

  constructor(server: Server, socket: Socket, unixPath: string) {
    this.server = server
    this.socket = socket
    this.unixPath = unixPath
    this.isUnixSocket = unixPath !== ''
    this.handle = nativeHandle(socket)
    this.session = server.addSession(this)
    socket.on('error', () => socket.destroy())
    socket.on('end', () => this.stopReading())
    socket.on('close', () => {
      this.gone = true
      this.session.onClosed()
    })
  }

  /**
   * The client sends nothing more. What it has sent may have replies that wait for the end of the
   * round or for the kernel: the connection ends behind them.
   */
  private stopReading(): void {
    if (this.ending) return
    this.session.closeAfterReply()
    this.server.output.endTurn(this.session)
  }

  get remoteAddress(): string {
    if (this.isUnixSocket) return `${this.unixPath}:0`
    return formatAddress(this.socket.remoteAddress, this.socket.remotePort)
  }

  get localAddress(): string {
    if (this.isUnixSocket) return `${this.unixPath}:0`
    return formatAddress(this.socket.localAddress, this.socket.localPort)
  }

  get fd(): number {
    const { _handle: handle } = this.socket as unknown as { _handle?: { fd?: number } | null }
    return handle?.fd ?? -1
  }

  send(bytes: Buffer, start: number, end: number): boolean {
    if (this.gone || this.ending) return false
    const { handle } = this
    // Behind a write that is under way, bytes wait in memory of their own, no larger than they are.
    if (handle === null || this.queuedBytes > 0) {
      this.queue(Buffer.from(bytes.subarray(start, end)))
      return false
    }
    const length = end - start
    const isShort = length <= SHORT_BYTES
    const chunk = isShort ? shortWrites.copy(bytes, start, length) : bytes.subarray(start, end)
    const request = this.request ?? newWriteRequest(handle)
    const status = handle.writeBuffer(request, chunk)
    if (status !== 0) {
      this.destroy()
      return false
    }
    if (!isWritePending()) {
      this.request = request
      return false
    }
    this.request = null
    if (isShort) shortWrites.abandon()
    this.awaitWrite(request, chunk)
    return !isShort
  }

  sendShared(bytes: Buffer): void {
    if (this.gone || this.ending) return
    const { handle } = this
    if (handle === null || this.queuedBytes > 0) return this.queue(bytes)
    const request = this.request ?? newWriteRequest(handle)
    if (handle.writeBuffer(request, bytes) !== 0) return this.destroy()
    if (!isWritePending()) {
      this.request = request
      return
    }
    this.request = null
    this.awaitWrite(request, bytes)
  }

  /** Sends bytes that nobody changes behind what is queued already. */
  private queue(bytes: Buffer): void {
    if (this.handle === null) {
      this.queuedBytes += bytes.length
      this.socket.write(bytes, () => {
        this.queuedBytes -= bytes.length
      })
      this.server.outputQueued(this.session)
    } else {
      const request = newWriteRequest(this.handle)
      if (this.handle.writeBuffer(request, bytes) !== 0) return this.destroy()
      this.awaitWrite(request, bytes)
    }
  }

  /** Counts bytes as queued until their write is over, and keeps their memory alive so long. */
  private awaitWrite(request: WriteRequest, bytes: Buffer): void {
    this.queuedBytes += bytes.length
    request.oncomplete = (status) => {
      this.queuedBytes -= bytes.length
      // As in Redis, a client that takes its replies is not idle.
      this.session.lastActiveMs = this.server.clock.nowMs
      if (this.server.clientMemory.isLimited) this.server.clientMemory.outputChanged(this.session)
      if (status < 0) this.destroy()
    }
    this.server.outputQueued(this.session)
  }

  end(): void {
    if (this.ending) return
    this.ending = true
    // Not `end`, which leaves the other half open: a client that never stops sending would stay.
    this.socket.destroySoon()
  }

  destroy(): void {
    this.ending = true
    this.socket.destroy()
  }
}
