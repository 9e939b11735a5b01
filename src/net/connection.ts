/**
 * A connection: the transport of a session over one of Node's own handles.
 *
 * There is no `net.Socket` above the handle: it would take as much memory as all that the server
 * itself keeps of an idle client. Reads land in one buffer that all connections share. A write goes
 * out from the reply buffer in place if the kernel takes it at once, as it nearly always does; else
 * that buffer belongs to the write until it is over, and the write is counted in `queuedBytes`.
 */
import type { Server } from '../server/server.ts'
import type { Session, Transport } from '../server/session.ts'
import {
  addressOf,
  endBehindWrites,
  isWritePending,
  newWriteRequest,
  readFrom,
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

/** For writes that end at once, whose ever they are; another is made when one does not. */
let spareRequest: WriteRequest | null = null

export class Connection implements Transport {
  readonly session: Session
  readonly isUnixSocket: boolean
  queuedBytes = 0
  private readonly server: Server
  private readonly handle: StreamHandle
  private ending = false
  private gone = false
  private readonly unixPath: string
  /** The client's address, once it has been asked for. */
  private peer = ''

  /** @param handle of a connection that has just been accepted */
  constructor(server: Server, handle: StreamHandle, unixPath: string) {
    this.server = server
    this.handle = handle
    this.unixPath = unixPath
    this.isUnixSocket = unixPath !== ''
    this.session = server.addSession(this)
    readFrom(handle, this)
  }

  get isReading(): boolean {
    return !this.session.closed && !this.gone
  }

  receive(bytes: Uint8Array, view: DataView, length: number): void {
    this.session.receive(bytes, view, length)
  }

  /**
   * The client sends nothing more. What it has sent may have replies that wait for the end of the
   * round or for the kernel: the connection ends behind them.
   */
  readEnd(): void {
    if (this.ending) return
    this.session.closeAfterReply()
    this.server.output.endTurn(this.session)
  }

  get remoteAddress(): string {
    if (this.isUnixSocket) return `${this.unixPath}:0`
    if (this.peer === '' && !this.gone) {
      const { address, port } = addressOf(this.handle, 'getpeername')
      this.peer = formatAddress(address, port)
    }
    return this.peer
  }

  get localAddress(): string {
    if (this.isUnixSocket) return `${this.unixPath}:0`
    if (this.gone) return ''
    const { address, port } = addressOf(this.handle, 'getsockname')
    return formatAddress(address, port)
  }

  get fd(): number {
    return this.gone ? -1 : (this.handle.fd ?? -1)
  }

  send(bytes: Buffer, start: number, end: number): boolean {
    if (this.gone || this.ending) return false
    const { handle } = this
    // Behind a write that is under way, bytes wait in memory of their own, no larger than they are.
    if (this.queuedBytes > 0) {
      this.queue(Buffer.from(bytes.subarray(start, end)))
      return false
    }
    const length = end - start
    const isShort = length <= SHORT_BYTES
    const chunk = isShort ? shortWrites.copy(bytes, start, length) : bytes.subarray(start, end)
    const request = spareRequest ?? newWriteRequest()
    const status = handle.writeBuffer(request, chunk)
    if (status !== 0) {
      this.destroy()
      return false
    }
    if (!isWritePending()) {
      spareRequest = request
      return false
    }
    spareRequest = null
    if (isShort) shortWrites.abandon()
    this.awaitWrite(request, chunk)
    return !isShort
  }

  sendShared(bytes: Buffer): void {
    if (this.gone || this.ending) return
    if (this.queuedBytes > 0) return this.queue(bytes)
    const request = spareRequest ?? newWriteRequest()
    if (this.handle.writeBuffer(request, bytes) !== 0) return this.destroy()
    if (!isWritePending()) {
      spareRequest = request
      return
    }
    spareRequest = null
    this.awaitWrite(request, bytes)
  }

  /** Sends bytes that nobody changes behind what is queued already. */
  private queue(bytes: Buffer): void {
    const request = newWriteRequest()
    if (this.handle.writeBuffer(request, bytes) !== 0) return this.destroy()
    this.awaitWrite(request, bytes)
  }

  /** Counts bytes as queued until their write is over, and keeps their memory alive so long. */
  private awaitWrite(request: WriteRequest, bytes: Buffer): void {
    this.queuedBytes += bytes.length
    request.oncomplete = (status) => {
      this.queuedBytes -= bytes.length
      // As in Redis, a client that takes its replies is not idle.
      this.session.lastActiveMs = this.server.clock.nowMs
      if (this.server.clientMemory.isFollowed) this.server.clientMemory.outputChanged(this.session)
      if (status < 0) this.destroy()
    }
    this.server.outputQueued(this.session)
  }

  end(): void {
    if (this.ending) return
    this.ending = true
    // Not only the writing half: a client that never stops sending would stay.
    endBehindWrites(this.handle, () => this.destroy())
  }

  destroy(): void {
    this.ending = true
    if (this.gone) return
    this.gone = true
    this.handle.close(() => this.session.onClosed())
  }
}
