/**
 * Where a store listens, as its user says it.
 */
import type { Config } from '../config/config.ts'
import type { Endpoint } from '../net/listener.ts'

export interface PortOptions {
  /** 0 is any that is free. */
  readonly port: number
  /** An IP address of this machine, or `localhost`; 127.0.0.1 unless given. */
  readonly host?: string | undefined
}

export type ListenOptions = PortOptions | { readonly path: string }

export interface Listening {
  /** Also the one that was chosen by the system; 0 for a unix socket. */
  readonly port: number
  /** Accepts nobody any more; connections that there are stay. */
  close(): void
}

const MAX_PORT = 65535

/** The place to listen at, with what the directives say of it. @throws TypeError */
export function endpointOf(where: ListenOptions, config: Config): Endpoint {
  const backlog = config.get('tcp-backlog')
  const {
    host = '127.0.0.1',
    path,
    port,
  } = (where ?? {}) as Partial<PortOptions & { path: string }>
  if (typeof path === 'string' && path !== '') {
    return { path, mode: config.get('unixsocketperm'), backlog }
  }
  if (path !== undefined) throw new TypeError('path: that of a socket is wanted')
  if (!(Number.isInteger(port) && port! >= 0 && port! <= MAX_PORT)) {
    throw new TypeError(`port: a number from 0 to ${MAX_PORT} is wanted`)
  }
  if (typeof host !== 'string') throw new TypeError('host: an address is wanted')
  return { host: host === 'localhost' ? '127.0.0.1' : host, port: port!, backlog }
}
