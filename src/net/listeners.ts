/**
 * All listeners of a server, as the configuration wants them: `bind` and `port`, `tls-port` with
 * what belongs to it, `unixsocket` and `unixsocketperm`, `tcp-backlog`. They follow CONFIG SET of
 * `bind`, `port` and all that is TLS: the old listeners are closed before the new ones are opened,
 * so that both may share a port, and a change that fails brings the old ones back.
 *
 * As in Redis 7.2, an address with `-` before it may be missing from the machine, `*` and `::*`
 * mean all addresses of their family, and a family that the machine lacks is passed over.
 */
import fs from 'node:fs'
import net from 'node:net'
import type { Server } from '../server/server.ts'
import { ListenError } from './listen-error.ts'
import { Listener } from './listener.ts'
import { TLS_DIRECTIVES } from './tls-context.ts'
import { TlsService } from './tls-service.ts'

/** Errors that say that the machine does not have the address's family. */
const FAMILY_MISSING = new Set([
  'ENOPROTOOPT',
  'EPROTONOSUPPORT',
  'ESOCKTNOSUPPORT',
  'EPFNOSUPPORT',
  'EAFNOSUPPORT',
])

const LISTEN_FAILURE = 'Unable to listen on this port. Check server logs.'
const TLS_FAILURE = 'Unable to update TLS configuration. Check server logs.'

export class Listeners {
  private readonly server: Server
  private tcp: Listener[] = []
  private overTls: Listener[] = []
  private unix: Listener | null = null
  private readonly tls: TlsService
  /** Addresses of the host names in `bind`, as they were resolved at the start. */
  private readonly addresses = new Map<string, string>([['localhost', '127.0.0.1']])
  private readonly onChange: () => void

  /** @param onChange called whenever the addresses or a port have changed at run time */
  constructor(server: Server, onChange: () => void = () => {}) {
    const { config } = server
    this.server = server
    this.onChange = onChange
    this.tls = new TlsService(server)
    config.onApply(['bind'], () => this.reopenAll())
    config.onApply(['port'], () => this.reopenTcp())
    config.onApply(['tls-port'], () => this.reopenTls())
    config.onApply(TLS_DIRECTIVES, () => this.configureTls())
    // As in Redis, this holds for whoever comes next, whatever else is configured.
    config.onChange('tls-auth-clients', () => this.tls.renew())
  }

  /** Looks up the host names in `bind`. To be awaited before `open`, which only knows addresses. */
  async resolveNames(): Promise<void> {
    for (const entry of this.server.config.get('bind')) {
      const name = plainAddress(entry)
      if (name === '*' || name.includes(':') || net.isIP(name) !== 0) continue
      const dns = await import('node:dns/promises')
      try {
        this.addresses.set(name, (await dns.lookup(name, { family: 4 })).address)
      } catch {
        // Opening the listener says that the name is unknown.
      }
    }
  }

  /** Opens all listeners. Answers null, or the last line of the log before the server gives up. */
  open(): string | null {
    const { config } = this.server
    const [port, tlsPort] = [config.get('port'), config.get('tls-port')]
    if (this.needsTls && !this.tls.configure()) {
      return 'Failed to configure TLS. Check logs for more info.'
    }
    if (!this.openTcp()) return `Failed listening on port ${port} (tcp), aborting.`
    const path = config.get('unixsocket')
    if (path !== '') {
      const failure = this.openUnix(path)
      if (failure !== null) return `Failed opening Unix socket: ${failure}`
    }
    if (!this.openTls()) return `Failed listening on port ${tlsPort} (tls), aborting.`
    if (this.tcp.length + this.overTls.length > 0 || this.unix !== null) return null
    return 'Configured to not listen anywhere, exiting.'
  }

  /** The kinds of connections that are accepted, as log lines name them. */
  get kinds(): string[] {
    const { config } = this.server
    const kinds = config.get('port') === 0 ? [] : ['tcp']
    if (this.unix !== null) kinds.push('unix')
    if (config.get('tls-port') !== 0) kinds.push('tls')
    return kinds
  }

  /** Stops listening at once and removes the unix socket's file. */
  close(): void {
    this.tcp = closeAll(this.tcp)
    this.overTls = closeAll(this.overTls)
    this.unix?.close()
    this.unix = null
  }

  private reopenAll(): string | null {
    this.tcp = closeAll(this.tcp)
    this.overTls = closeAll(this.overTls)
    if (!this.openTcp() || !this.openTls()) return 'Failed to bind to specified addresses.'
    this.onChange()
    return null
  }

  private reopenTcp(): string | null {
    this.tcp = closeAll(this.tcp)
    if (!this.openTcp()) return LISTEN_FAILURE
    this.onChange()
    return null
  }

  private reopenTls(): string | null {
    const isWanted = this.server.config.get('tls-port') !== 0
    // While there is a listener the configuration is kept up to date.
    if (isWanted && this.overTls.length === 0 && !this.tls.configure()) return TLS_FAILURE
    this.overTls = closeAll(this.overTls)
    if (!this.openTls()) return LISTEN_FAILURE
    this.onChange()
    return null
  }

  /** Whether TLS is spoken, by clients or to other servers. */
  private get needsTls(): boolean {
    const { config } = this.server
    return config.get('tls-port') !== 0 || config.get('tls-cluster')
  }

  private configureTls(): string | null {
    if (!this.needsTls || this.tls.configure()) return null
    return TLS_FAILURE
  }

  private openTcp(): boolean {
    const opened = this.openPort(this.server.config.get('port'))
    if (opened !== null) this.tcp = opened
    return opened !== null
  }

  private openTls(): boolean {
    const opened = this.openPort(this.server.config.get('tls-port'), this.tls)
    if (opened !== null) this.overTls = opened
    return opened !== null
  }

  /** Listens on all addresses, or on none for port 0. Answers null if one fails that must not. */
  private openPort(port: number, tls?: TlsService): Listener[] | null {
    const opened: Listener[] = []
    if (port === 0) return opened
    for (const entry of this.server.config.get('bind')) {
      const address = plainAddress(entry)
      const listener = this.openAddress(address, port, entry[0] === '-', tls)
      if (listener !== 'missing' && listener !== 'failed') opened.push(listener)
      if (listener !== 'failed') continue
      closeAll(opened)
      return null
    }
    return opened
  }

  /**
   * Listens on one address. Answers 'missing' where that may be so, 'failed' for a failure that
   * the other addresses cannot make up for.
   */
  private openAddress(
    address: string,
    port: number,
    isOptional: boolean,
    tls: TlsService | undefined,
  ): Listener | 'missing' | 'failed' {
    const { server } = this
    const host = this.hostOf(address)
    try {
      const backlog = server.config.get('tcp-backlog')
      const endpoint = { host, port, backlog }
      return Listener.open(server, tls === undefined ? endpoint : { ...endpoint, tls })
    } catch (error) {
      if (!(error instanceof ListenError)) throw error
      const what = `Could not create server TCP listening socket ${address}:${port}`
      server.log('warning', `Warning: ${what}: ${error.message}`)
      const isMissing = isOptional && error.code === 'EADDRNOTAVAIL'
      return isMissing || FAMILY_MISSING.has(error.code) ? 'missing' : 'failed'
    }
  }

  private hostOf(address: string): string {
    if (address === '*') return '0.0.0.0'
    if (address === '::*') return '::'
    return this.addresses.get(address) ?? address
  }

  /** Listens at a path, where an old socket may lie. Answers the error's text or null. */
  private openUnix(path: string): string | null {
    const { config } = this.server
    try {
      fs.unlinkSync(path)
    } catch {
      // Nothing was there, or binding says what is wrong.
    }
    try {
      const mode = config.get('unixsocketperm')
      this.unix = Listener.open(this.server, { path, mode, backlog: config.get('tcp-backlog') })
      return null
    } catch (error) {
      if (error instanceof ListenError) return error.message
      throw error
    }
  }
}

function closeAll(listeners: readonly Listener[]): Listener[] {
  for (const listener of listeners) listener.close()
  return []
}

/** An entry of `bind` without the mark of an optional one. */
function plainAddress(entry: string): string {
  return entry.startsWith('-') ? entry.slice(1) : entry
}
