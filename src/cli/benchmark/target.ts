/**
 * The server that is measured: where it is, how to log in, and what a connection says first.
 */
import { encodeRequest } from '../../resp/request-encoder.ts'
import type { TlsSettings } from '../tls-flags.ts'

/** Where to connect to, and as whom; it can be passed to a thread. */
export interface Target {
  readonly host: string
  readonly port: number
  /** A unix socket, which goes before host and port; '' for none. */
  readonly socketPath: string
  /** Bytes as Latin-1, as the password. */
  readonly user: string | undefined
  readonly password: string | undefined
  readonly database: number
  readonly isResp3: boolean
  readonly hasTracking: boolean
  readonly tls: TlsSettings | null
}

/** `host:port`, or the path of the socket. */
export function addressOf(target: Target): string {
  return target.socketPath === '' ? `${target.host}:${target.port}` : target.socketPath
}

/** The requests that open a connection, in the order of redis-benchmark. */
export function openingRequests(target: Target): Buffer[] {
  const { user, password, database } = target
  const requests: string[][] = []
  if (password !== undefined) {
    requests.push(user === undefined ? ['AUTH', password] : ['AUTH', user, password])
  }
  if (target.hasTracking) requests.push(['CLIENT', 'TRACKING', 'on'])
  if (database !== 0) requests.push(['SELECT', String(database)])
  if (target.isResp3) requests.push(['HELLO', '3'])
  return requests.map((words) => encodeRequest(words))
}
