/** A server that speaks TLS, its certificates in a directory of their own, and clients to it. */
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import tls from 'node:tls'
import { Listeners } from '../../../src/net/listeners.ts'
import type { Server } from '../../../src/server/server.ts'
import { freePort } from '../../differential/support/server-process.ts'
import { Authority, type Certificate } from '../../support/certificates.ts'
import { checkServer, type TestServerOptions, testServer } from '../../support/in-process-client.ts'
import { eventually, RawClient } from './raw-client.ts'

export const authority = new Authority('Redstart tests')
/** What the server shows, and what a client does. */
export const serverPair = authority.issue('localhost')
export const clientPair = authority.issue('client')
/** By an authority that the server does not know, though it bears the same name. */
export const strangerAuthority = new Authority('Redstart tests')
export const strangerPair = strangerAuthority.issue('client')

/** An address of this machine that is not that of the loopback interface, if there is one. */
export const FOREIGN_ADDRESS: readonly string[] = Object.values(os.networkInterfaces())
  .flatMap((addresses) => addresses ?? [])
  .filter(({ family, internal }) => family === 'IPv4' && !internal)
  .map(({ address }) => address)
  .slice(0, 1)

export interface TlsSetting {
  readonly server: Server
  readonly listeners: Listeners
  readonly port: number
  /** The lines of the log, without their times. */
  readonly log: string[]
  /** Puts a file beside the certificates. @returns its path */
  write(name: string, text: string): string
  set(...pairs: [name: string, value: string][]): string | null
  close(): Promise<void>
}

/** Opens a server with TLS on a free port; `open` says null or why it would not start. */
export async function serveTls(
  config: Record<string, string> = {},
  options: TestServerOptions = {},
): Promise<TlsSetting & { failure: string | null }> {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'redstart-tls-'))
  const write = (name: string, text: string): string => {
    fs.writeFileSync(path.join(directory, name), text)
    return path.join(directory, name)
  }
  const port = await freePort()
  const log: string[] = []
  const server = testServer({
    ...options,
    print: (line) => log.push(line.replace(/^\S+ \S+ \S+ \S+ \S+ /, '').trimEnd()),
    config: {
      port: '0',
      bind: ['127.0.0.1', ...FOREIGN_ADDRESS],
      'tls-port': String(port),
      'tls-cert-file': write('server.crt', serverPair.cert),
      'tls-key-file': write('server.key', serverPair.key),
      'tls-ca-cert-file': write('ca.crt', authority.cert),
      ...config,
    },
  })
  const listeners = new Listeners(server)
  return {
    server,
    listeners,
    port,
    log,
    write,
    failure: listeners.open(),
    set: (...pairs) => server.config.setMany(pairs),
    async close() {
      listeners.close()
      for (const session of server.sessions.values()) session.destroy()
      await eventually(() => server.sessions.size === 0)
      checkServer(server)
      fs.rmSync(directory, { recursive: true })
    },
  }
}

/** Connects with TLS; rejects when the handshake fails. */
export function connectTls(
  port: number,
  options: tls.ConnectionOptions = clientPair as tls.ConnectionOptions,
): Promise<RawClient & { socket: tls.TLSSocket }> {
  return new Promise((resolve, reject) => {
    const socket = tls.connect({ port, host: '127.0.0.1', ca: authority.cert, ...options })
    socket.once('error', reject)
    socket.once('secureConnect', () => {
      resolve(new RawClient(socket) as RawClient & { socket: tls.TLSSocket })
    })
  })
}

/** Whether PING is answered. */
export async function answersTls(
  port: number,
  options: Certificate | tls.ConnectionOptions = clientPair,
): Promise<boolean> {
  try {
    const client = await connectTls(port, options)
    const reply = await client.ask('PING\r\n', '+PONG\r\n')
    client.destroy()
    return reply === '+PONG\r\n'
  } catch {
    return false
  }
}
