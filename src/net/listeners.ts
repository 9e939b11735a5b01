/**
 * All listeners of a server, as the configuration wants them: `bind` and `port`, `unixsocket` and
 * `unixsocketperm`, `tcp-backlog`. They follow CONFIG SET of `bind` and `port`: the old listeners
 * are closed before the new ones are opened, so that both may share a port, and a change that
 * fails brings the old ones back.
 *
 * As in Redis 7.2, an address with `-` before it may be missing from the machine, `*` and `::*`
 * mean all addresses of their family, and a family that the machine lacks is passed over.
 */
import fs from 'node:fs'
import net from 'node:net'
import type { Server } from '../server/server.ts'
import { Listener } from './listener.ts'
import { ListenError } from './socket-error.ts'

/** Errors that say that the machine does not have the address's family. */
const FAMILY_MISSING = new Set([
  'ENOPROTOOPT',
  'EPROTONOSUPPORT',
  'ESOCKTNOSUPPORT',
  'EPFNOSUPPORT',
  'EAFNOSUPPORT',
])

export class Listeners {
  private readonly server: Server
  private tcp: Listener[] = []
  private unix: Listener | null = null
  /** Addresses of the host names in `bind`, as they were resolved at the start. */
  private readonly addresses = new Map<string, string>([['localhost', '127.0.0.1']])
  private readonly onChange: () => void

  /** @param onChange called whenever the addresses or the port have changed at run time */
  constructor(server: Server, onChange: () => void = () => {}) {
    this.server = server
    this.onChange = onChange
    server.config.onApply(['bind'], () => this.reopen('Failed to bind to specified addresses.'))
    server.config.onApply(['port'], () =>
      this.reopen('Unable to listen on this port. Check server logs.'),
    )
    server.config.onApply(['tls-port'], () =>
      server.config.get('tls-port') === 0 ? null : 'There is no TLS here, so no port is opened.',
    )
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
    const port = config.get('port')
    if (port !== 0 && !this.openTcp()) return `Failed listening on port ${port} (tcp), aborting.`
    const path = config.get('unixsocket')
    if (path !== '') {
      const failure = this.openUnix(path)
      if (failure !== null) return `Failed opening Unix socket: ${failure}`
    }
    if (this.tcp.length > 0 || this.unix !== null) return null
    return 'Configured to not listen anywhere, exiting.'
  }

  /** The kinds of connections that are accepted, as log lines name them. */
  get kinds(): string[] {
    const { config } = this.server
    const kinds = config.get('port') === 0 ? [] : ['tcp']
    return this.unix === null ? kinds : [...kinds, 'unix']
  }

  /** Stops listening at once and removes the unix socket's file. */
  close(): void {
    this.closeTcp()
    this.unix?.close()
    this.unix = null
  }

  private closeTcp(): void {
    for (const listener of this.tcp) listener.close()
    this.tcp = []
  }

  private reopen(failure: string): string | null {
    this.closeTcp()
    if (this.server.config.get('port') !== 0 && !this.openTcp()) return failure
    this.onChange()
    return null
  }

  /** Listens on all addresses; on none if one of them fails that must not. */
  private openTcp(): boolean {
    const { config } = this.server
    for (const entry of config.get('bind')) {
      if (this.openAddress(plainAddress(entry), config.get('port'), entry[0] === '-')) continue
      this.closeTcp()
      return false
    }
    return true
  }

  /** Listens on one address. Answers false for a failure that the others cannot make up for. */
  private openAddress(address: string, port: number, isOptional: boolean): boolean {
    const { server } = this
    const host = this.hostOf(address)
    try {
      const backlog = server.config.get('tcp-backlog')
      this.tcp.push(Listener.open(server, { host, port, backlog }))
      return true
    } catch (error) {
      if (!(error instanceof ListenError)) throw error
      const what = `Could not create server TCP listening socket ${address}:${port}`
      server.log('warning', `Warning: ${what}: ${error.message}`)
      if (isOptional && error.code === 'EADDRNOTAVAIL') return true
      return FAMILY_MISSING.has(error.code)
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

/** An entry of `bind` without the mark of an optional one. */
function plainAddress(entry: string): string {
  return entry.startsWith('-') ? entry.slice(1) : entry
}
