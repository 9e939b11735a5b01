/** Connections to other servers, as MIGRATE needs them. */
import net from 'node:net'
import type { Connector } from '../server/target-link.ts'

const PORT_MAX = 65535

/** Opens a connection over TCP. It keeps no process alive. */
export const connectTarget: Connector = (host, port, whenOpen) => {
  const socket = new net.Socket()
  socket.unref()
  socket.setNoDelay(true)
  if (host === '' || port < 0 || port > PORT_MAX) {
    socket.destroy(new Error('there is no such address'))
  } else {
    socket.connect({ host, port }, whenOpen)
  }
  return socket
}
