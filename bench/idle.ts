/**
 * Ten thousand connections that do nothing: what they take of resident memory, and what they cost
 * those that do something.
 *
 * The connections are opened to a fresh server, one PING is answered on each, and the server is
 * left alone until it has put away what it can (Redis shrinks the buffers of idle clients within
 * some seconds, Node gives back the pages of its heap). Resident memory is the whole process, as
 * the operating system counts it, before and then. The load is SET of 16 bytes without pipelining,
 * in rounds: Redis and Redstart without such connections, then both with them.
 */
import net from 'node:net'
import type { RunningServer } from '../test/differential/support/server-process.ts'
import type { BenchOptions } from './options.ts'
import { type Load, throughput } from './redis-benchmark.ts'
import { type Both, residentBytes, withServers } from './servers.ts'
import { measureOnce, medians, type Speed } from './throughput.ts'

const CONNECTIONS = 10_000
/** So many are opened at a time. */
const BURST = 250
const SETTLE_MS = 15_000
const FLAGS = ['--appendonly', 'no', '--maxclients', String(CONNECTIONS + 1000)]

export interface Idle {
  emptyBytes: number
  idleBytes: number
  without: Speed
  with: Speed
}

export interface IdleResult extends Both<Idle> {
  connections: number
}

export async function measureIdle(
  options: BenchOptions,
  onProgress: (text: string) => void,
): Promise<IdleResult | undefined> {
  if (!options.only.includes('idle')) return undefined
  const connections = CONNECTIONS * options.scale
  const settleMs = SETTLE_MS * options.scale
  const load: Load = {
    command: 'set',
    requests: options.requests(1, 16, 'set'),
    pipeline: 1,
    valueBytes: 16,
  }
  return withServers(async ({ redis, redstart }) => {
    onProgress(`${connections} idle connections: memory`)
    const bytes = {
      redis: await measureMemory(redis, connections, settleMs),
      redstart: await measureMemory(redstart, connections, settleMs),
    }
    const speeds = { redis: [[], []] as Speed[][], redstart: [[], []] as Speed[][] }
    for (const server of [redis, redstart]) await throughput(server, load)
    for (let round = 0; round < options.rounds; round++) {
      onProgress(`${connections} idle connections: SET, round ${round + 1}`)
      speeds.redis[0]!.push(await measureOnce(redis, load))
      speeds.redstart[0]!.push(await measureOnce(redstart, load))
      speeds.redis[1]!.push(await withIdle(redis, connections, () => measureOnce(redis, load)))
      speeds.redstart[1]!.push(
        await withIdle(redstart, connections, () => measureOnce(redstart, load)),
      )
    }
    const result = (name: 'redis' | 'redstart'): Idle => ({
      ...bytes[name],
      without: medians(speeds[name][0]!),
      with: medians(speeds[name][1]!),
    })
    return { connections, redis: result('redis'), redstart: result('redstart') }
  }, FLAGS)
}

async function measureMemory(server: RunningServer, connections: number, settleMs: number) {
  const emptyBytes = residentBytes(server.pid)
  const idleBytes = await withIdle(server, connections, async () => {
    await new Promise((resolve) => setTimeout(resolve, settleMs))
    return residentBytes(server.pid)
  })
  return { emptyBytes, idleBytes }
}

async function withIdle<T>(
  server: RunningServer,
  connections: number,
  measure: () => Promise<T>,
): Promise<T> {
  const sockets: net.Socket[] = []
  try {
    while (sockets.length < connections) {
      const burst = Array.from({ length: BURST }, () => open(server))
      sockets.push(...(await Promise.all(burst)))
    }
    return await measure()
  } finally {
    // Reset, so that no port waits for packets that are late.
    for (const socket of sockets) socket.resetAndDestroy()
  }
}

/** A connection on which a PING has been answered. */
function open(server: RunningServer): Promise<net.Socket> {
  return new Promise((resolve, reject) => {
    const socket = net.connect(server.port, server.host, () => socket.write('PING\r\n'))
    socket.once('data', () => {
      socket.on('error', () => {})
      resolve(socket)
    })
    socket.once('error', (error: NodeJS.ErrnoException) => {
      const isLimit = error.code === 'EMFILE'
      reject(isLimit ? new Error(`${CONNECTIONS} connections need a higher 'ulimit -n'`) : error)
    })
    socket.once('close', () => reject(new Error(`${server.name} refused a connection`)))
  })
}
