/**
 * Listeners: the sockets that wait for clients, on addresses and on a unix socket's path.
 *
 * Accepted handles are read and written by themselves (`connection.ts`), with one read buffer for
 * all, so that reading allocates nothing. TLS, and a Node that offers no such way in, have sockets.
 */
import fs from 'node:fs'
import net from 'node:net'
import nodePath from 'node:path'
import { getSystemErrorName } from 'node:util'
import { codeMessage } from '../config/system-error.ts'
import type { Server } from '../server/server.ts'
import { Connection } from './connection.ts'
import { ListenError } from './listen-error.ts'
import {
  acceptedHandle,
  addressOf,
  endBehindWrites,
  newWriteRequest,
  type StreamHandle,
} from './native-stream.ts'
import { isLoopback } from './peer-address.ts'
import { StreamConnection } from './stream-connection.ts'
import type { TlsService } from './tls-service.ts'

const MAX_CLIENTS_ERROR = '-ERR max number of clients reached\r\n'

const PROTECTED_MODE_ERROR =
  '-DENIED Redis is running in protected mode because protected mode is enabled and no password ' +
  'is set for the default user. In this mode connections are only accepted from the loopback ' +
  'interface. If you want to connect from external computers to Redis you may adopt one of the ' +
  "following solutions: 1) Just disable protected mode sending the command 'CONFIG SET " +
  "protected-mode no' from the loopback interface by connecting to Redis from the same host the " +
  'server is running, however MAKE SURE Redis is not publicly accessible from internet if you do ' +
  'so. Use CONFIG REWRITE to make this change permanent. 2) Alternatively you can just disable ' +
  'the protected mode by editing the Redis configuration file, and setting the protected mode ' +
  "option to 'no', and then restarting the server. 3) If you started the server manually just " +
  "for testing, restart it with the '--protected-mode no' option. 4) Set up an authentication " +
  'password for the default user. NOTE: You only need to do one of the above things in order for ' +
  'the server to start accepting connections from the outside.\r\n'

/**
 * Where to listen: an IP address with a port (0 takes any), with TLS if it is given; or a path with
 * its mode (0: umask).
 */
export type Endpoint =
  | { host: string; port: number; backlog: number; tls?: TlsService }
  | { path: string; mode: number; backlog: number }

/** The longest path of a unix socket, in bytes, as Linux and Redis have it. */
const UNIX_PATH_BYTES_MAX = 107

/** What a handle and a socket have in common. */
interface TcpOptions {
  setNoDelay?(isOn: boolean): unknown
  setKeepAlive?(isOn: boolean, delay: number): unknown
}

type Accept = (error: number, handle: unknown) => void

/** Node's TCPWrap or PipeWrap of a listening socket. Errors are negative error numbers. */
interface ServerHandle {
  onconnection: Accept
  listen(backlog: number): number
  getsockname?(address: { port?: number }): number
  close(): void
}

type CreateServerHandle = (
  address: string,
  port: number,
  addressType: number,
  fd: number,
  flags: number,
) => ServerHandle | number

/** libuv's flag for IPv6 sockets that leave IPv4 alone. */
const IPV6_ONLY = 1

const { _createServerHandle: createServerHandle } = net as unknown as {
  _createServerHandle?: CreateServerHandle
}

export class Listener {
  private readonly server: Server
  private readonly endpoint: Endpoint
  /** One of the two listens; see `open`. */
  private handle: ServerHandle | null = null
  private netServer: net.Server | null = null

  private constructor(server: Server, endpoint: Endpoint) {
    this.server = server
    this.endpoint = endpoint
  }

  /**
   * Listens at `endpoint` from now on. Throws a ListenError when that cannot be.
   *
   * The answer is there at once, as CONFIG SET needs it: the handle is made by a function of
   * Node's own that its cluster module uses. In a Node without that function a plain net.Server
   * listens, and errors come later, as an uncaught exception.
   */
  static open(server: Server, endpoint: Endpoint): Listener {
    const listener = new Listener(server, endpoint)
    if ('path' in endpoint) checkPath(endpoint.path)
    else if (net.isIP(endpoint.host) === 0) {
      throw new ListenError('ENOTFOUND', 'Name or service not known')
    }
    if (typeof createServerHandle === 'function') listener.listenAtOnce(createServerHandle)
    else listener.listenLater()
    return listener
  }

  private listenAtOnce(create: CreateServerHandle): void {
    const { endpoint } = this
    const handle = 'path' in endpoint ? bindPath(create, endpoint) : bindAddress(create, endpoint)
    handle.onconnection = (error, accepted) => this.take(error, accepted)
    const status = handle.listen(endpoint.backlog)
    if (status !== 0) {
      handle.close()
      throw bindError(status)
    }
    this.handle = handle
  }

  private listenLater(): void {
    const { endpoint, server } = this
    const { tls: _, ...address } = { tls: undefined, ...endpoint }
    const allowHalfOpen = this.tls === null
    const netServer = net.createServer({ allowHalfOpen }, (socket) => this.adopt(socket))
    netServer.on('error', (error) => {
      if (!netServer.listening) throw error
      server.log('warning', `Accepting client connection: ${error.message}`)
    })
    netServer.once('listening', () => {
      if ('path' in endpoint && endpoint.mode !== 0) fs.chmodSync(endpoint.path, endpoint.mode)
    })
    netServer.listen({ ...address, ipv6Only: true })
    this.netServer = netServer
  }

  /** The port that is listened on; for one that the system chose. */
  get port(): number {
    const address: { port?: number } = {}
    if (this.handle !== null) this.handle.getsockname?.(address)
    else Object.assign(address, this.netServer?.address())
    return address.port ?? 0
  }

  /** Serves an accepted handle: by itself, or where that cannot be, by a socket above it. */
  private take(error: number, handle: unknown): void {
    const { server, tls, unixPath } = this
    if (error || !handle) {
      const reason = error ? codeMessage(getSystemErrorName(error)) : 'no connection'
      server.log('warning', `Accepting client connection: ${reason}`)
      return
    }
    const native = tls === null ? acceptedHandle(handle) : null
    if (native === null) {
      const options = { handle, allowHalfOpen: tls === null } as net.SocketConstructorOpts
      return this.adopt(new net.Socket(options))
    }
    const refusal = this.refusalOf(() => addressOf(native, 'getpeername').address)
    if (refusal !== null) {
      server.connectionsRejected++
      return refuseNatively(native, refusal)
    }
    if (unixPath === '') this.setUp(native, 1)
    const connection = new Connection(server, native, unixPath)
    if (server.logger.has('verbose')) this.noteAccepted(connection.remoteAddress)
  }

  /** Serves a socket that Node has made. */
  private adopt(socket: net.Socket): void {
    if (this.tls !== null) return this.secure(socket, this.tls)
    const refusal = this.refusalOf(() => socket.remoteAddress)
    if (refusal !== null) {
      this.server.connectionsRejected++
      return refuse(socket, refusal)
    }
    if (this.unixPath === '') this.setUp(socket, 1000)
    const connection = new StreamConnection(this.server, socket, this.unixPath, false)
    this.noteAccepted(connection.remoteAddress)
    connection.open(socket)
  }

  /** Begins TLS on a socket; the client is let in when the handshake is over. */
  private secure(socket: net.Socket, tls: TlsService): void {
    const { server } = this
    // Before the handshake there is no way to say so to the client.
    if (this.isFull() || socket.remoteAddress === undefined) {
      server.connectionsRejected++
      socket.on('error', () => socket.destroy())
      socket.destroy()
      return
    }
    this.setUp(socket, 1000)
    const connection = new StreamConnection(server, socket, '', true)
    this.noteAccepted(connection.remoteAddress)
    tls.begin(socket, {
      secured: (secured) => {
        connection.open(secured)
        if (this.mustProtect(() => socket.remoteAddress)) {
          server.connectionsRejected++
          connection.refuse(PROTECTED_MODE_ERROR)
        } else {
          server.connectionsReceived++
        }
      },
      failed: (reason) => {
        const { localAddress, remoteAddress, session } = connection
        const addresses = `(addr=${remoteAddress} laddr=${localAddress})`
        // One that the server itself has dropped did not fail.
        if (!connection.isDropped) {
          server.log('warning', `Error accepting a client connection: ${reason} ${addresses}`)
        }
        session.destroy()
      },
    })
  }

  /** What secures its connections; null for plain ones. */
  private get tls(): TlsService | null {
    return 'path' in this.endpoint ? null : (this.endpoint.tls ?? null)
  }

  private get unixPath(): string {
    return 'path' in this.endpoint ? this.endpoint.path : ''
  }

  /** What a client is told that may not come in; null for one that may. */
  private refusalOf(address: () => string | undefined): string | null {
    if (this.isFull()) return MAX_CLIENTS_ERROR
    return this.unixPath === '' && this.mustProtect(address) ? PROTECTED_MODE_ERROR : null
  }

  private isFull(): boolean {
    return this.server.sessions.size >= this.server.config.get('maxclients')
  }

  /** Sets the options of TCP: `unit` of them is a second to a handle 1, to a socket 1000. */
  private setUp(socket: TcpOptions, unit: 1 | 1000): void {
    socket.setNoDelay?.(true)
    const keepAliveSeconds = this.server.config.get('tcp-keepalive')
    if (keepAliveSeconds > 0) socket.setKeepAlive?.(true, keepAliveSeconds * unit)
  }

  private noteAccepted(address: string): void {
    this.server.log('verbose', `Accepted ${this.unixPath || address}`)
  }

  /** Whether protected mode forbids this connection. */
  private mustProtect(address: () => string | undefined): boolean {
    const { server } = this
    const { needsNoPassword } = server.access.acl.defaultUser
    if (!server.config.get('protected-mode') || !needsNoPassword) return false
    return !isLoopback(address())
  }

  /** Stops listening, at once, and removes the file of a unix socket; connections go on. */
  close(): void {
    this.handle?.close()
    this.handle = null
    this.netServer?.close()
    this.netServer = null
  }
}

function bindAddress(
  create: CreateServerHandle,
  { host, port }: { host: string; port: number },
): ServerHandle {
  const isIPv6 = net.isIP(host) === 6
  const handle = create(host, port, isIPv6 ? 6 : 4, -1, isIPv6 ? IPV6_ONLY : 0)
  if (typeof handle === 'number') throw bindError(handle)
  return handle
}

/** The mode is set before anybody can connect. */
function bindPath(
  create: CreateServerHandle,
  { path, mode }: { path: string; mode: number },
): ServerHandle {
  const handle = create(path, -1, -1, -1, 0)
  if (typeof handle === 'number') throw bindError(handle)
  if (mode !== 0) fs.chmodSync(path, mode)
  return handle
}

/** What libuv does not tell: a path that is cut off, and a directory that is not there. */
function checkPath(path: string): void {
  const bytes = Buffer.byteLength(path)
  if (bytes > UNIX_PATH_BYTES_MAX) {
    const limit = `must be under ${UNIX_PATH_BYTES_MAX + 1}`
    throw new ListenError('ENAMETOOLONG', `unix socket path too long (${bytes}), ${limit}`)
  }
  if (!fs.existsSync(nodePath.dirname(path))) throw new ListenError('ENOENT', bindText('ENOENT'))
}

function bindError(errorNumber: number): ListenError {
  const code = getSystemErrorName(errorNumber)
  return new ListenError(code, bindText(code))
}

function bindText(code: string): string {
  return `bind: ${codeMessage(code)}`
}

function refuseNatively(handle: StreamHandle, error: string): void {
  const close = (): void => handle.close(() => {})
  if (handle.writeBuffer(newWriteRequest(), Buffer.from(error)) === 0)
    endBehindWrites(handle, close)
  else close()
}

function refuse(socket: net.Socket, error: string): void {
  socket.on('error', () => socket.destroy())
  socket.end(error, () => socket.destroy())
}
