/**
 * How long a server takes to save its data and to load them again, from a dump and from a log. Each
 * server loads what it has written itself. The time is from being spawned to the line of the log
 * that says it is ready, and so includes the start; CPU time is that of the whole process until
 * then. The files have just been written, and are in the page cache for both.
 *
 * Two sets of data: strings alone, and keys of all types, small and large, some with a time to
 * live. The log holds them as the commands that made them.
 */
import fs from 'node:fs'
import net from 'node:net'
import os from 'node:os'
import path from 'node:path'
import { startRedstart } from '../test/differential/support/redstart.ts'
import { startReference } from '../test/differential/support/reference.ts'
import type { RunningServer, StartOptions } from '../test/differential/support/server-process.ts'
import { run } from './collections.ts'
import { loadKeys } from './load.ts'
import { WITH_LOG } from './log-policies.ts'
import type { BenchOptions } from './options.ts'
import { type Both, cpuUs, SETTINGS } from './servers.ts'
import { median } from './statistics.ts'

const VALUE_BYTES = 16
const TIMEOUT_MS = 120_000
const ELEMENTS = 5
const ELEMENTS_PER_COMMAND = 1000
/** Of the keys of mixed types, so many are strings without a time to live. */
const PLAIN_SHARE = 0.5

export interface Duration {
  ms: number
  cpuMs: number
}

export interface DurationResult extends Both<Duration> {
  name: string
  isLoading: boolean
}

interface DataSet {
  name: string
  fill: (server: RunningServer, keys: number) => Promise<void>
}

const dataSets: readonly DataSet[] = [
  { name: 'strings', fill: (server, keys) => loadKeys(server, keys, VALUE_BYTES) },
  {
    name: 'mixed types',
    fill: async (server, keys) => {
      const plain = Math.round(keys * PLAIN_SHARE)
      await loadKeys(server, plain, VALUE_BYTES)
      await run(server, otherThanPlain(keys - plain))
    },
  },
]

/** A fifth each: strings with a time to live, hashes, lists, sets and sorted sets. */
function* otherThanPlain(keys: number): Iterable<string[]> {
  const each = Math.floor(keys / 5)
  for (let i = 0; i < each; i++) {
    yield ['SET', `temporary:${i}`, `value:${i}`, 'EX', String(1_000_000 + i)]
    yield ['HSET', `hash:${i}`, ...elements(i, (j) => [`field:${j - i}`, `value:${j}`])]
    yield ['RPUSH', `list:${i}`, ...elements(i, (j) => [`element:${j}`])]
    yield ['SADD', `set:${i}`, ...elements(i, (j) => [`member:${j}`])]
    yield ['ZADD', `zset:${i}`, ...elements(i, (j) => [String(j), `member:${j}`])]
  }
  // One large collection of each type, with as many elements as there are small ones.
  for (let i = 0; i < each; i += ELEMENTS_PER_COMMAND) {
    const count = Math.min(ELEMENTS_PER_COMMAND, each - i)
    yield ['HSET', 'large:hash', ...elements(i, (j) => [`field:${j}`, `value:${j}`], count)]
    yield ['RPUSH', 'large:list', ...elements(i, (j) => [`element:${j}`], count)]
    yield ['SADD', 'large:set', ...elements(i, (j) => [`member:${j}`], count)]
    yield ['ZADD', 'large:zset', ...elements(i, (j) => [String(j), `member:${j}`], count)]
  }
}

function elements(first: number, make: (j: number) => string[], count = ELEMENTS): string[] {
  return Array.from({ length: count }, (_, j) => make(first + j)).flat()
}

type Start = (options: StartOptions) => Promise<RunningServer>

export async function measureLoading(
  options: BenchOptions,
  onProgress: (text: string) => void,
): Promise<DurationResult[]> {
  const results: DurationResult[] = []
  if (!options.only.includes('load')) return results
  for (const set of dataSets) {
    await withDirectories(async (directories) => {
      const { durableKeys: keys, rounds } = options
      onProgress(`saving ${keys} keys: ${set.name}`)
      const redis = await write(startReference, directories.redis, set, keys, rounds)
      const redstart = await write(startRedstart, directories.redstart, set, keys, rounds)
      results.push({ name: `SAVE, ${set.name}`, isLoading: false, redis, redstart })
      for (const source of ['RDB', 'AOF'] as const) {
        onProgress(`loading ${keys} keys from ${source}: ${set.name}`)
        const flags = source === 'AOF' ? WITH_LOG : SETTINGS
        const loads: Both<Duration[]> = { redis: [], redstart: [] }
        for (let round = 0; round < rounds; round++) {
          loads.redis.push(await load(startReference, directories.redis, flags, keys))
          loads.redstart.push(await load(startRedstart, directories.redstart, flags, keys))
        }
        results.push({
          name: `load ${source}, ${set.name}`,
          isLoading: true,
          redis: medians(loads.redis),
          redstart: medians(loads.redstart),
        })
      }
    })
  }
  return results
}

/** Two directories for data, which are gone when the measurement ends, however it ends. */
async function withDirectories(measure: (paths: Both<string>) => Promise<void>): Promise<void> {
  const parent = fs.mkdtempSync(path.join(os.tmpdir(), 'redstart-bench-'))
  const remove = (): void => fs.rmSync(parent, { recursive: true, force: true })
  process.on('exit', remove)
  try {
    const paths = { redis: path.join(parent, 'redis'), redstart: path.join(parent, 'redstart') }
    fs.mkdirSync(paths.redis)
    fs.mkdirSync(paths.redstart)
    await measure(paths)
  } finally {
    remove()
    process.off('exit', remove)
  }
}

/** Fills a server that logs, and saves its data several times. @returns the medians of the saves */
async function write(
  start: Start,
  directory: string,
  set: DataSet,
  keys: number,
  rounds: number,
): Promise<Duration> {
  const server = await start({ flags: [...WITH_LOG, '--dir', directory] })
  try {
    await set.fill(server, keys)
    const saves: Duration[] = []
    for (let round = 0; round < rounds; round++) {
      const cpuBeforeUs = cpuUs(server.pid)
      const startMs = performance.now()
      const reply = await slowCommand(server, 'SAVE')
      if (reply !== '+OK') throw new Error(`${server.name} does not save: ${reply}`)
      saves.push({
        ms: performance.now() - startMs,
        cpuMs: (cpuUs(server.pid) - cpuBeforeUs) / 1000,
      })
    }
    return medians(saves)
  } finally {
    await server.close()
  }
}

/** Starts a server in a directory that holds data, and ends it. */
async function load(
  start: Start,
  directory: string,
  settings: readonly string[],
  keys: number,
): Promise<Duration> {
  const startMs = performance.now()
  const flags = [...settings, '--dir', directory]
  const server = await start({ flags, startTimeoutMs: TIMEOUT_MS })
  const duration = { ms: performance.now() - startMs, cpuMs: cpuUs(server.pid) / 1000 }
  try {
    const loaded = Number((await slowCommand(server, 'DBSIZE')).slice(1))
    if (!(loaded >= keys)) throw new Error(`${server.name} loaded ${loaded} keys of ${keys}`)
    return duration
  } finally {
    await server.close()
  }
}

/** Sends a command that may take its time. @returns the first line of the reply */
function slowCommand(server: RunningServer, word: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = net.connect(server.port, server.host)
    socket.setTimeout(TIMEOUT_MS, () => socket.destroy(new Error(`${word} takes too long`)))
    socket.on('error', reject)
    socket.on('close', () => reject(new Error(`${server.name} hung up at ${word}`)))
    socket.on('connect', () => socket.write(`${word}\r\n`))
    let reply = ''
    socket.setEncoding('latin1').on('data', (text: string) => {
      reply += text
      if (!reply.includes('\r\n')) return
      resolve(reply.slice(0, reply.indexOf('\r\n')))
      socket.destroy()
    })
  })
}

function medians(durations: readonly Duration[]): Duration {
  return {
    ms: median(durations.map(({ ms }) => ms)),
    cpuMs: median(durations.map(({ cpuMs }) => cpuMs)),
  }
}
