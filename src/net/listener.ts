/**
 * Listeners: the sockets that wait for clients, on addresses and on a unix socket's path.
 *
 * Sockets are made from accepted handles by ourselves, because only then can they be given the
 * shared read buffer (`onread`), so that reading allocates nothing. Where Node offers no such way
 * in, a plain 'data' listener serves.
 */
import fs from 'node:fs'
import net from 'node:net'
import type { Server } from '../server/server.ts'
import { Connection } from './connection.ts'

/** As much as one read takes at most. */
const READ_BUFFER_BYTES = 64 * 1024

const MAX_CLIENTS_ERROR = '-ERR max number of clients reached\r\n'

const PROTECTED_MODE_ERROR =
  '-DENIED Redis is running in protected mode because protected mode is enabled and no password ' +
  'is set for the default user. In this mode connections are only accepted from the loopback ' +
  'interface. If you want to connect from external computers, you may adopt one of the following ' +
  "solutions: 1) Just disable protected mode sending the command 'CONFIG SET protected-mode no' " +
  'from the loopback interface by connecting to Redis from the same host the server is running, ' +
  'however MAKE SURE Redis is not publicly accessible from internet if you do so. Use CONFIG ' +
  'REWRITE to make this change permanent. 2) Alternatively you can just disable the protected ' +
  'mode by editing the Redis configuration file, and setting the protected mode option to ' +
  "'no', and then restarting the server. 3) If you started the server manually just for testing, " +
  "restart it with the '--protected-mode no' option. 4) Set up an authentication password for the " +
  'default user. NOTE: You only need to do one of the above things in order for the server to ' +
  'start accepting connections from the outside.\r\n'

const readBuffer = Buffer.alloc(READ_BUFFER_BYTES)
const readView = new DataView(readBuffer.buffer, readBuffer.byteOffset, readBuffer.byteLength)

/** Where to listen: an address with a port, or a path. */
export type Endpoint =
  | { host: string; port: number; backlog: number }
  | { path: string; mode: number; backlog: number }

export class Listener {
  private readonly server: Server
  private readonly netServer: net.Server
  private readonly endpoint: Endpoint

  private constructor(server: Server, endpoint: Endpoint) {
    this.server = server
    this.endpoint = endpoint
    this.netServer = net.createServer((socket) => this.adopt(socket))
  }

  /** Listens at `endpoint`. Rejects with Node's system error (EADDRINUSE …). */
  static async open(server: Server, endpoint: Endpoint): Promise<Listener> {
    const listener = new Listener(server, endpoint)
    await listener.listen()
    return listener
  }

  private listen(): Promise<void> {
    const { netServer, endpoint } = this
    return new Promise((resolve, reject) => {
      netServer.once('error', reject)
      const { backlog } = endpoint
      const options =
        'path' in endpoint
          ? { path: endpoint.path, backlog }
          : { host: endpoint.host, port: endpoint.port, backlog, ipv6Only: true }
      netServer.listen(options, () => {
        netServer.off('error', reject)
        netServer.on('error', (error) => this.server.log('warning', `Accepting: ${error.message}`))
        if ('path' in endpoint && endpoint.mode !== 0) fs.chmodSync(endpoint.path, endpoint.mode)
        this.takeHandles()
        resolve()
      })
    })
  }

  /** The port that is listened on; for one that the system chose. */
  get port(): number {
    const address = this.netServer.address()
    return address !== null && typeof address === 'object' ? address.port : 0
  }

  /** Makes sockets from accepted handles here, with a shared read buffer. */
  private takeHandles(): void {
    type Accept = (error: number, handle: unknown) => void
    const inner = this.netServer as unknown as { _handle?: { onconnection?: Accept } | null }
    if (typeof inner._handle?.onconnection !== 'function') return
    inner._handle.onconnection = (error, handle) => {
      if (error || !handle) {
        this.server.log('warning', `Accepting a connection: error ${error}`)
        return
      }
      let connection: Connection | null = null
      const options = {
        handle,
        onread: {
          buffer: readBuffer,
          callback: (length: number): boolean => {
            connection?.session.receive(readBuffer, readView, length)
            return true
          },
        },
      }
      const socket = new net.Socket(options as net.SocketConstructorOpts)
      connection = this.accept(socket)
      if (connection !== null) socket.read(0)
    }
  }

  /** Serves a socket that Node has made. */
  private adopt(socket: net.Socket): void {
    const connection = this.accept(socket)
    if (connection === null) return
    socket.on('data', (bytes: Buffer) => {
      const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
      connection.session.receive(bytes, view, bytes.length)
    })
  }

  private accept(socket: net.Socket): Connection | null {
    const { server } = this
    const path = 'path' in this.endpoint ? this.endpoint.path : ''
    if (server.sessions.size >= server.config.get('maxclients')) {
      server.connectionsRejected++
      refuse(socket, MAX_CLIENTS_ERROR)
      return null
    }
    if (path === '' && this.mustProtect(socket)) {
      server.connectionsRejected++
      refuse(socket, PROTECTED_MODE_ERROR)
      return null
    }
    if (path === '') {
      socket.setNoDelay(true)
      const keepAliveSeconds = server.config.get('tcp-keepalive')
      if (keepAliveSeconds > 0) socket.setKeepAlive(true, keepAliveSeconds * 1000)
    }
    return new Connection(server, socket, path)
  }

  /** Whether protected mode forbids this connection. */
  private mustProtect(socket: net.Socket): boolean {
    const { server } = this
    if (!server.config.get('protected-mode') || server.requiredPassword !== '') return false
    const address = socket.remoteAddress ?? ''
    return !(address.startsWith('127.') || address === '::1' || address.startsWith('::ffff:127.'))
  }

  /** Stops listening; connections go on. */
  close(): Promise<void> {
    return new Promise((resolve) => {
      this.netServer.close(() => resolve())
      // The callback waits for the connections too; listening is over at once.
      resolve()
    })
  }
}

function refuse(socket: net.Socket, error: string): void {
  socket.on('error', () => socket.destroy())
  socket.end(error, () => socket.destroy())
}
