/** Connections to other servers, as MIGRATE needs them: over TLS if `tls-cluster` says so. */
import net from 'node:net'
import type { Duplex } from 'node:stream'
import type { Config } from '../config/config.ts'
import type { Connector } from '../server/target-link.ts'
import { tlsClientOptions } from './tls-context.ts'

const PORT_MAX = 65535

/** Opens connections that keep no process alive. */
export function targetConnector(config: Config): Connector {
  return (host, port, whenOpen) => {
    const socket = new net.Socket()
    socket.unref()
    socket.setNoDelay(true)
    if (host === '' || port < 0 || port > PORT_MAX) {
      return socket.destroy(new Error('there is no such address'))
    }
    if (!config.get('tls-cluster')) return socket.connect({ host, port }, whenOpen)
    return connectOverTls(socket, host, port, config, whenOpen)
  }
}

function connectOverTls(
  socket: net.Socket,
  host: string,
  port: number,
  config: Config,
  whenOpen: () => void,
): Duplex {
  // Loaded when it is needed: most servers do without.
  const tls = process.getBuiltinModule('node:tls')
  try {
    const servername = net.isIP(host) === 0 ? host : ''
    const options = { ...tlsClientOptions(tls, config), servername }
    return tls.connect({ ...options, socket: socket.connect({ host, port }) }, whenOpen)
  } catch (error) {
    return socket.destroy(error as Error)
  }
}
