/**
 * Load that redis-benchmark can't make: connections that each send the same bytes, wait for as many
 * bytes of replies as these bring, and begin again. Counting bytes takes no time to speak of, so
 * that one process can keep a server busy.
 */
import net from 'node:net'
import type { RunningServer } from '../test/differential/support/server-process.ts'
import { encodeCommand } from '../test/differential/support/wire.ts'

export interface Exchange {
  /** Requests that are sent at once. */
  readonly requests: readonly (readonly string[])[]
  /** Bytes of all their replies. */
  readonly replyBytes: number
}

export function connect(server: RunningServer): Promise<net.Socket> {
  return new Promise((resolve, reject) => {
    const socket = net.connect(server.port, server.host, () => resolve(socket))
    socket.setNoDelay(true)
    socket.once('error', reject)
  })
}

/** Does an exchange so many times in all, over so many connections at once. */
export async function repeat(
  server: RunningServer,
  exchange: Exchange,
  times: number,
  connections: number,
): Promise<void> {
  const sockets = await Promise.all(Array.from({ length: connections }, () => connect(server)))
  const bytes = Buffer.concat(exchange.requests.map((words) => encodeCommand(words)))
  let left = times
  await Promise.all(
    sockets.map(
      (socket) =>
        new Promise<void>((resolve, reject) => {
          let missingBytes = 0
          const next = (): void => {
            if (left === 0) return resolve()
            left--
            missingBytes += exchange.replyBytes
            socket.write(bytes)
          }
          socket.on('data', (chunk) => {
            missingBytes -= chunk.length
            if (missingBytes === 0) next()
            else if (missingBytes < 0) reject(new Error(`more replies than expected: ${chunk}`))
          })
          socket.once('close', () => reject(new Error('the server has ended a connection')))
          next()
        }),
    ),
  )
  for (const socket of sockets) socket.removeAllListeners('close').destroy()
}

/** Opens connections that listen to a channel. @returns what ends them */
export async function listen(
  server: RunningServer,
  channel: string,
  count: number,
): Promise<() => void> {
  const sockets = await Promise.all(Array.from({ length: count }, () => connect(server)))
  const isListening = sockets.map(
    (socket) => new Promise<void>((resolve) => socket.once('data', () => resolve())),
  )
  for (const socket of sockets) socket.write(encodeCommand(['SUBSCRIBE', channel]))
  await Promise.all(isListening)
  for (const socket of sockets) socket.resume()
  return () => {
    for (const socket of sockets) socket.destroy()
  }
}
