/**
 * redis-benchmark as a child process: the load on a server, and what it says of the throughput.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import type { RunningServer } from '../test/differential/support/server-process.ts'

const CONNECTIONS = 50
export const KEY_COUNT = 1_000_000

export interface Load {
  /** One of redis-benchmark's own tests … */
  command?: string
  /** … or a command with its arguments, in which `__rand_int__` is drawn anew each time. */
  words?: readonly string[]
  requests: number
  pipeline: number
  valueBytes: number
  /** Keys are drawn from as many; KEY_COUNT when left out. */
  keys?: number
  /** CONNECTIONS when left out. */
  connections?: number
  /** Further flags of redis-benchmark's. */
  flags?: readonly string[]
}

const running = new Set<ChildProcess>()
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL')
})

function start(server: RunningServer, load: Load): ChildProcess {
  const flags = {
    '-h': server.host,
    '-p': server.port,
    '-c': load.connections ?? CONNECTIONS,
    '-n': load.requests,
    '-P': load.pipeline,
    '-d': load.valueBytes,
    '-r': load.keys ?? KEY_COUNT,
  }
  const what = load.words ?? ['-t', String(load.command)]
  const args = [
    ...Object.entries(flags).flat().map(String),
    ...(load.flags ?? []),
    '--csv',
    ...what,
  ]
  const child = spawn('redis-benchmark', args, {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  running.add(child)
  child.once('close', () => running.delete(child))
  return child
}

/** Runs the load to its end; the result is in requests per second. */
export function throughput(server: RunningServer, load: Load): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = start(server, load)
    let output = ''
    child.stdout?.setEncoding('latin1').on('data', (text: string) => {
      output += text
    })
    child.stderr?.setEncoding('latin1').on('data', (text: string) => {
      output += text
    })
    child.once('error', reject)
    child.once('close', () => {
      // "test","rps",latencies … and then a line of that kind.
      const rate = Number(/^"[A-Z][^"]*","([\d.]+)"/m.exec(output)?.[1])
      if (rate > 0) resolve(rate)
      else reject(new Error(`redis-benchmark against ${server.name}: ${output}`))
    })
  })
}

/** Keeps the load on a server until the returned function is called. */
export function keepLoaded(server: RunningServer, load: Omit<Load, 'requests'>): () => void {
  const child = start(server, { ...load, requests: 1_000_000_000 })
  child.stdout?.resume()
  child.stderr?.resume()
  return () => child.kill('SIGKILL')
}
