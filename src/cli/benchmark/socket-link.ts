/**
 * A client's connection over a socket: TCP, a unix socket or TLS.
 *
 * As in the server, a plain socket's handle is written and read directly where Node has it as
 * expected (src/net/native-stream.ts), and all sockets of a thread read into one buffer: at one
 * request a round trip the stream machinery would cost more than the load is to cost altogether.
 */
import net from 'node:net'
import tls from 'node:tls'
import { errorMessage } from '../../config/system-error.ts'
import {
  isWritePending,
  nativeHandle,
  newWriteRequest,
  type StreamHandle,
  takeReads,
  type WriteRequest,
} from '../../net/native-stream.ts'
import type { Link } from './load-driver.ts'
import { ReplyCounter } from './reply-counter.ts'
import { addressOf, type Target } from './target.ts'

const READ_BYTES = 256 * 1024
const readBuffer = Buffer.allocUnsafe(READ_BYTES)

export interface LinkEvents {
  /** The connection stands, and the opening requests are answered. */
  onReady(): void
  onBytes(bytes: Uint8Array, end: number): void
  onError(text: string): void
}

export class SocketLink implements Link {
  private readonly target: Target
  private readonly opening: readonly Buffer[]
  private readonly events: LinkEvents
  private socket: net.Socket | null = null
  private handle: StreamHandle | null = null
  private request: WriteRequest | null = null

  /** @param opening requests that every connection begins with */
  constructor(target: Target, opening: readonly Buffer[], events: LinkEvents) {
    this.target = target
    this.opening = opening
    this.events = events
    this.open()
  }

  private open(): void {
    const { target } = this
    const receive = this.receiver()
    const socket = connect(target, receive)
    this.socket = socket
    this.handle = null
    let isConnected = false
    socket.once(target.tls === null ? 'connect' : 'secureConnect', () => {
      isConnected = true
      if (target.tls === null) this.handle = nativeHandle(socket)
      if (this.handle !== null) {
        const isOpen = () => this.socket === socket
        takeReads(this.handle, READ_BYTES, (length) => receive(readBuffer, length), isOpen)
      }
      this.greet()
    })
    socket.on('error', (error) => {
      if (this.socket !== socket) return
      const text = errorMessage(error)
      const where = isConnected ? 'Error' : `Could not connect to Redis at ${addressOf(target)}`
      this.fail(`${where}: ${text}`)
    })
    socket.on('end', () => {
      if (this.socket === socket) this.fail('Error: Server closed the connection')
    })
  }

  /** What takes the bytes of one connection: first the replies to its opening requests. */
  private receiver(): (bytes: Uint8Array, end: number) => void {
    const { events } = this
    const replies = new ReplyCounter()
    let missing = this.opening.length
    return (bytes, end) => {
      if (missing === 0) return events.onBytes(bytes, end)
      missing -= replies.count(bytes, end)
      if (replies.error !== null) this.fail(`Error from server: ${replies.error}`)
      else if (missing === 0) events.onReady()
    }
  }

  private greet(): void {
    if (this.opening.length === 0) this.events.onReady()
    else this.socket!.write(Buffer.concat(this.opening))
  }

  private fail(text: string): void {
    this.close()
    this.events.onError(text)
  }

  write(bytes: Buffer): boolean {
    const { handle } = this
    if (handle === null) {
      this.socket!.write(bytes)
      return this.socket!.writableLength === 0
    }
    const request = this.request ?? newWriteRequest()
    const status = handle.writeBuffer(request, bytes)
    if (status !== 0) {
      this.fail('Error writing to the server')
      return true
    }
    if (!isWritePending()) {
      this.request = request
      return true
    }
    this.request = null
    // The bytes stay reachable until they are written.
    request.oncomplete = (result) => {
      if (result < 0 && bytes.length > 0 && this.handle === handle) {
        this.fail('Error writing to the server')
      }
    }
    return false
  }

  reopen(): void {
    this.close()
    this.open()
  }

  close(): void {
    const { socket } = this
    this.socket = null
    this.handle = null
    this.request = null
    socket?.destroy()
  }
}

function connect(target: Target, receive: (bytes: Uint8Array, end: number) => void): net.Socket {
  const { host, port, socketPath, tls: secure } = target
  const place = socketPath === '' ? { host, port, noDelay: true } : { path: socketPath }
  if (secure === null) {
    const callback = (length: number): boolean => {
      receive(readBuffer, length)
      return true
    }
    return net.connect({ ...place, onread: { buffer: readBuffer, callback } })
  }
  const plain = net.connect(place)
  const socket = tls.connect({
    socket: plain,
    ...(socketPath === '' && net.isIP(host) === 0 ? { servername: host } : {}),
    ...secure,
    // As with OpenSSL's own check in Redis's clients, the certificate's name is not compared.
    checkServerIdentity: () => undefined,
  })
  plain.on('error', (error) => socket.destroy(error))
  socket.on('data', (bytes: Buffer) => receive(bytes, bytes.length))
  return socket
}
