/**
 * How long a server takes from being spawned to answering its first PING: it is asked again and
 * again, from the first moment on, until it answers.
 */
import { spawn } from 'node:child_process'
import net from 'node:net'
import os from 'node:os'
import { redstartCommand } from '../test/differential/support/redstart.ts'
import { freePort } from '../test/differential/support/server-process.ts'
import type { BenchOptions } from './options.ts'
import { type Both, SETTINGS } from './servers.ts'
import { median } from './statistics.ts'

const GIVE_UP_MS = 10_000

/** Medians in ms. */
export async function measureStartup(
  options: BenchOptions,
  onProgress: (text: string) => void,
): Promise<Both<number> | undefined> {
  if (!options.only.includes('startup')) return undefined
  onProgress(`starting each server ${options.starts} times`)
  const times: Both<number[]> = { redis: [], redstart: [] }
  for (let i = 0; i < options.starts; i++) {
    times.redis.push(await startOnce([process.env.REDIS_SERVER ?? 'redis-server']))
    times.redstart.push(await startOnce(redstartCommand()))
  }
  return { redis: median(times.redis), redstart: median(times.redstart) }
}

async function startOnce(command: readonly string[]): Promise<number> {
  const port = await freePort()
  const [program, ...first] = command
  const startMs = performance.now()
  const flags = ['--port', String(port), '--save', '', ...SETTINGS]
  const child = spawn(program as string, [...first, ...flags], {
    cwd: os.tmpdir(),
    stdio: 'ignore',
  })
  const gone = new Promise<void>((resolve) => child.once('close', () => resolve()))
  const kill = (): boolean => child.kill('SIGKILL')
  process.on('exit', kill)
  try {
    while (!(await answersPing(port))) {
      if (performance.now() - startMs > GIVE_UP_MS) throw new Error(`${program} does not answer`)
      await new Promise((resolve) => setTimeout(resolve, 1))
    }
    return performance.now() - startMs
  } finally {
    kill()
    await gone
    process.off('exit', kill)
  }
}

function answersPing(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = net.connect(port, '127.0.0.1')
    const finish = (answer: boolean): void => {
      socket.destroy()
      resolve(answer)
    }
    socket.once('connect', () => socket.write('PING\r\n'))
    socket.once('data', (reply: Buffer) => finish(reply.toString('latin1').startsWith('+PONG')))
    socket.once('error', () => finish(false))
    socket.once('close', () => resolve(false))
  })
}
