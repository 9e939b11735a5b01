/**
 * How long a server stands still because of large collections: while elements are added to one of a
 * million by 50 connections, and when one of a million is deleted, or expires, while the same load
 * is on another key. Measured as in memory.ts, by a prober and by the server's own count.
 */
import type { RunningServer } from '../test/differential/support/server-process.ts'
import { run } from './collections.ts'
import { type Latency, probeUnderLoad } from './memory.ts'
import type { BenchOptions } from './options.ts'
import { type Both, command, withServers } from './servers.ts'

const MILLION = 1_000_000
/** Elements that one command adds when a collection is made. */
const ELEMENTS_PER_COMMAND = 1000
/** So long after the load has begun, the collection goes. */
const REMOVAL_MS = 1000
const MAX_SECONDS = 4

export interface CollectionStall extends Both<Latency> {
  name: string
}

interface Kind {
  name: string
  command: string
  /** The words that add element `i`. */
  element: (i: number) => string[]
  /** The same for an element at random, as redis-benchmark has it. */
  random: readonly string[]
}

const RANDOM = 'element:__rand_int__'

const kinds: readonly Kind[] = [
  { name: 'list', command: 'LPUSH', element: (i) => [numbered(i)], random: [RANDOM] },
  { name: 'set', command: 'SADD', element: (i) => [numbered(i)], random: [RANDOM] },
  {
    name: 'hash',
    command: 'HSET',
    element: (i) => [numbered(i), 'xxxxxxxxxxxxxxxx'],
    random: [RANDOM, 'xxxxxxxxxxxxxxxx'],
  },
  {
    name: 'sorted set',
    command: 'ZADD',
    element: (i) => [String(i), numbered(i)],
    random: ['__rand_int__', RANDOM],
  },
]

function numbered(i: number): string {
  return `element:${String(i).padStart(12, '0')}`
}

export async function measureCollectionStalls(
  options: BenchOptions,
  onProgress: (text: string) => void,
): Promise<CollectionStall[]> {
  if (!options.only.includes('collection-stall')) return []
  const seconds = Math.min(options.probeSeconds, MAX_SECONDS)
  return withServers(async ({ redis, redstart }) => {
    const results: CollectionStall[] = []
    for (const kind of kinds) {
      const grow = (server: RunningServer): Promise<Latency> => measure(server, kind, seconds, null)
      const remove =
        (...words: string[]) =>
        (server: RunningServer): Promise<Latency> =>
          measure(server, kind, seconds, words)
      const cases = [
        { name: `${kind.command} to a ${kind.name} of a million`, measure: grow },
        { name: `DEL of a ${kind.name} of a million`, measure: remove('DEL', 'large') },
        { name: `expiry of a ${kind.name} of a million`, measure: remove('PEXPIRE', 'large', '1') },
      ]
      for (const { name, measure: measureOn } of cases) {
        onProgress(`stalls: ${name}`)
        results.push({ name, redis: await measureOn(redis), redstart: await measureOn(redstart) })
      }
    }
    return results
  })
}

/** Adds to the large collection; or, if `removal` is given, to another while that runs once. */
async function measure(
  server: RunningServer,
  kind: Kind,
  seconds: number,
  removal: readonly string[] | null,
): Promise<Latency> {
  await command(server, 'FLUSHALL')
  await run(server, large(kind))
  const key = removal === null ? 'large' : 'other'
  const words = [kind.command, key, ...kind.random]
  const removed =
    removal === null
      ? null
      : new Promise((resolve) => setTimeout(resolve, REMOVAL_MS)).then(() =>
          command(server, ...removal),
        )
  const load = { words, pipeline: 16, valueBytes: 16 }
  const latency = await probeUnderLoad(server, load, 1, seconds)
  await removed
  return latency
}

function* large({ command: name, element }: Kind): Iterable<string[]> {
  for (let first = 0; first < MILLION; first += ELEMENTS_PER_COMMAND) {
    const words: string[] = []
    for (let i = 0; i < ELEMENTS_PER_COMMAND; i++) words.push(...element(first + i))
    yield [name, 'large', ...words]
  }
}
