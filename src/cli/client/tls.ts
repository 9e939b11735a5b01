/**
 * TLS for the client's connection. The module is loaded only when TLS is asked for.
 */
import type { Socket } from 'node:net'
import tls from 'node:tls'
import { errorMessage } from '../../config/system-error.ts'
import { readTlsSettings, type TlsFlags, type TlsSettings } from '../tls-flags.ts'
import { ConnectionError, connected } from './connection.ts'

/** Begins TLS on a connected socket. Rejects with a ConnectionError of kind `tls`. */
export async function secure(socket: Socket, flags: TlsFlags): Promise<tls.TLSSocket> {
  let settings: TlsSettings
  try {
    settings = readTlsSettings(flags)
  } catch (error) {
    socket.destroy()
    throw new ConnectionError(errorMessage(error), 'tls')
  }
  return handshake({ ...settings, socket, checkServerIdentity: () => undefined })
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
