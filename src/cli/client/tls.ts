/**
 * TLS for the client's connection, by the flags of redis-cli. As there, the server's certificate
 * has to come from a known authority, and its host name is not compared. The module is loaded only
 * when TLS is asked for.
 */
import fs from 'node:fs'
import type { Socket } from 'node:net'
import nodePath from 'node:path'
import tls from 'node:tls'
import { errorMessage } from '../../config/system-error.ts'
import type { ClientOptions } from './client-options.ts'
import { ConnectionError, connected } from './connection.ts'

/** Begins TLS on a connected socket. Rejects with a ConnectionError of kind `tls`. */
export async function secure(socket: Socket, options: ClientOptions): Promise<tls.TLSSocket> {
  const { tls: flags } = options
  const settings: tls.ConnectionOptions = {
    socket,
    rejectUnauthorized: !flags.insecure,
    checkServerIdentity: () => undefined,
  }
  if (flags.serverName !== null) settings.servername = flags.serverName
  try {
    const authorities = readAuthorities(flags.caFile, flags.caDirectory)
    if (authorities !== null) settings.ca = authorities
    if (flags.certificateFile !== null) settings.cert = fs.readFileSync(flags.certificateFile)
    if (flags.keyFile !== null) settings.key = fs.readFileSync(flags.keyFile)
    const ciphers = [flags.cipherSuites, flags.ciphers].filter((list) => list !== null)
    if (ciphers.length > 0) settings.ciphers = ciphers.join(':')
  } catch (error) {
    socket.destroy()
    throw new ConnectionError(errorMessage(error), 'tls')
  }
  return handshake(settings)
}

async function handshake(settings: tls.ConnectionOptions): Promise<tls.TLSSocket> {
  try {
    const secured = tls.connect(settings)
    await connected(secured, 'secureConnect', 'lost')
    return secured
  } catch (error) {
    settings.socket?.destroy()
    throw new ConnectionError(`SSL_connect failed: ${(error as Error).message}`, 'lost')
  }
}

function readAuthorities(file: string | null, directory: string | null): Buffer[] | null {
  if (file === null && directory === null) return null
  const files = file === null ? [] : [file]
  if (directory !== null) {
    for (const name of fs.readdirSync(directory)) files.push(nodePath.join(directory, name))
  }
  return files.map((path) => fs.readFileSync(path))
}
