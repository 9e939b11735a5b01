/**
 * TLS over accepted sockets: one `tls.Server` of Node's for each configuration, which listens
 * nowhere and is handed the sockets that our own listeners have accepted.
 *
 * A new configuration makes a new such server; connections stay with that under which they began.
 * So do ticket keys: what a client could resume before a change of the certificates or of
 * `tls-auth-clients`, it cannot resume behind it.
 *
 * A client that has no certificate though it must, or none that is in order, is refused here. Node
 * looks at what OpenSSL thinks of a certificate only after the handshake.
 */
import { randomBytes } from 'node:crypto'
import type net from 'node:net'
import type { TLSSocket, TlsOptions, Server as TlsServer } from 'node:tls'
import type { Server } from '../server/server.ts'
import { TlsSettingError, tlsOptions } from './tls-context.ts'
import { tlsErrorText, VERIFY_FAILED } from './tls-error.ts'
import { keepTlsSessions } from './tls-sessions.ts'

type Tls = typeof import('node:tls')

const TICKET_KEYS_BYTES = 48

/** Takes part in a handshake: one of the two is called, if the client does not leave before. */
export interface Handshake {
  secured(socket: TLSSocket): void
  failed(reason: string): void
}

export class TlsService {
  private readonly server: Server
  private readonly handshakes = new WeakMap<net.Socket, Handshake>()
  private tlsServer: TlsServer | null = null
  private options: TlsOptions | null = null
  private loaded: Tls | null = null

  constructor(server: Server) {
    this.server = server
  }

  /** Loaded when it is needed: most servers do without. */
  private get tls(): Tls {
    this.loaded ??= process.getBuiltinModule('node:tls')
    return this.loaded
  }

  /** Takes up the configuration. Answers false, and changes nothing, if it cannot be used. */
  configure(): boolean {
    try {
      this.options = tlsOptions(this.tls, this.server.config)
    } catch (error) {
      if (!(error instanceof TlsSettingError)) throw error
      this.server.log('warning', error.message)
      return false
    }
    this.renew()
    return true
  }

  /** Takes up what clients have to show; what they could resume is forgotten. */
  renew(): void {
    const { options } = this
    if (options === null) return
    const { config, clock } = this.server
    const authentication = config.get('tls-auth-clients')
    const tlsServer = this.tls.createServer({
      ...options,
      ticketKeys: randomBytes(TICKET_KEYS_BYTES),
      requestCert: authentication !== 'no',
      rejectUnauthorized: authentication === 'yes',
    })
    tlsServer.on('secureConnection', (socket) => this.secured(socket))
    tlsServer.on('tlsClientError', (error, socket) => this.failed(error, socket))
    if (config.get('tls-session-caching')) {
      keepTlsSessions(tlsServer, clock, {
        count: config.get('tls-session-cache-size'),
        seconds: config.get('tls-session-cache-timeout'),
      })
    }
    this.tlsServer = tlsServer
  }

  /**
   * Begins the handshake on a socket that has just been accepted and not been read from, and that
   * does not stay open when its other half ends.
   */
  begin(socket: net.Socket, handshake: Handshake): void {
    this.handshakes.set(socket, handshake)
    this.tlsServer!.emit('connection', socket)
  }

  private secured(socket: TLSSocket): void {
    const handshake = this.handshakeOf(socket)
    if (handshake === undefined) {
      socket.destroy()
    } else if (!socket.authorized && hasCertificate(socket)) {
      // With `optional` a client need not have a certificate, but not a wrong one either.
      handshake.failed(VERIFY_FAILED)
    } else {
      socket.allowHalfOpen = true
      handshake.secured(socket)
    }
  }

  private failed(error: Error, socket: TLSSocket): void {
    // Node itself has hung up on one whose certificate is not in order.
    const reason = socket.authorizationError ? VERIFY_FAILED : tlsErrorText(error)
    const handshake = this.handshakeOf(socket)
    if (handshake === undefined) socket.destroy()
    else handshake.failed(reason)
  }

  private handshakeOf(socket: TLSSocket): Handshake | undefined {
    const { _parent: parent } = socket as unknown as { _parent?: net.Socket }
    return parent === undefined ? undefined : this.take(parent)
  }

  /** The handshake on a socket, once. */
  private take(socket: net.Socket): Handshake | undefined {
    const handshake = this.handshakes.get(socket)
    this.handshakes.delete(socket)
    return handshake
  }
}

/** Whether the client has shown a certificate; only asked where one was requested. */
function hasCertificate(socket: TLSSocket): boolean {
  return socket.getPeerX509Certificate?.() !== undefined
}
