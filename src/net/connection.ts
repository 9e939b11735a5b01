/**
 * A connection: the transport of a session over a socket.
 *
 * Reads land in one buffer that all connections share. A write goes out from the reply buffer in
 * place if the kernel takes it at once, as it nearly always does; what it does not take stays in
 * that buffer, which then belongs to the write, and is counted in `queuedBytes`.
 */
import type { Socket } from 'node:net'
import type { RespReply } from '../resp/resp-reply.ts'
import type { Server } from '../server/server.ts'
import type { Session, Transport } from '../server/session.ts'
import {
  nativeHandle,
  newWriteRequest,
  type StreamHandle,
  type WriteRequest,
} from './native-write.ts'

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
    socket.on('end', () => this.destroy())
    socket.on('close', () => {
      this.gone = true
      this.session.onClosed()
    })
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

  send(reply: RespReply): void {
    if (this.gone || this.ending) return reply.clear()
    if (this.handle === null) return this.sendThroughStream(reply.takeCopy())
    const request = this.request ?? newWriteRequest(this.handle)
    const { length } = reply
    const status = this.handle.writeBuffer(request, reply.written())
    if (status !== 0) {
      reply.clear()
      this.destroy()
    } else if (this.handle.writeQueueSize === 0) {
      this.request = request
      reply.clear()
    } else {
      this.request = null
      const bytes = reply.take()
      this.queuedBytes += length
      request.oncomplete = (writeStatus) => {
        // Naming the bytes here keeps their memory alive until the write is over.
        this.queuedBytes -= bytes.length
        if (writeStatus < 0) this.destroy()
      }
      this.server.outputQueued(this.session)
    }
  }

  private sendThroughStream(bytes: Buffer): void {
    this.queuedBytes += bytes.length
    this.socket.write(bytes, () => {
      this.queuedBytes -= bytes.length
    })
    if (this.socket.writableLength > 0) this.server.outputQueued(this.session)
  }

  end(): void {
    if (this.ending) return
    this.ending = true
    this.socket.end()
  }

  destroy(): void {
    this.ending = true
    this.socket.destroy()
  }
}

/** `address:port`, with IPv6 addresses in brackets, as Redis shows them. */
function formatAddress(address: string | undefined, port: number | undefined): string {
  if (address === undefined) return ''
  const plain = address.startsWith('::ffff:') ? address.slice(7) : address
  return plain.includes(':') ? `[${plain}]:${port}` : `${plain}:${port}`
}
