/**
 * The server that is measured: where it is, how to log in, and what a connection says first.
 */
import fs from 'node:fs'
import nodePath from 'node:path'
import { encodeRequest } from '../../resp/request-encoder.ts'

/** TLS as the flags say it, with the files' contents. */
export interface TlsTarget {
  readonly serverName: string | undefined
  readonly authorities: readonly Uint8Array[]
  readonly certificate: Uint8Array | undefined
  readonly key: Uint8Array | undefined
  readonly isInsecure: boolean
  readonly ciphers: string | undefined
}

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
  readonly tls: TlsTarget | null
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

/** The certificates of all files of a folder. */
export function readAuthorities(folder: string): Buffer[] {
  return fs
    .readdirSync(folder, { withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => fs.readFileSync(nodePath.join(folder, entry.name)))
}
