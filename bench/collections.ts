/**
 * Collections: throughput and CPU time per command for redis-benchmark's own tests and for some
 * commands that it does not have, and the memory that collections take. The method is that of
 * throughput.ts: both servers in turn, round by round, behind a warm-up that is not counted.
 */
import type { RunningServer } from '../test/differential/support/server-process.ts'
import { WireClient } from '../test/differential/support/wire.ts'
import type { BenchOptions } from './options.ts'
import { type Load, throughput } from './redis-benchmark.ts'
import { type Both, command, settledMemory, withServers } from './servers.ts'
import { measureRounds, type Speed } from './throughput.ts'

const VALUE_BYTES = 16
const WARM_UP_SHARE = 0.2
const SETUP_BATCH = 1000
const MILLION = 1_000_000

export interface CollectionSpeed extends Both<Speed> {
  name: string
  pipeline: number
  /** One of redis-benchmark's own tests. */
  isStandard: boolean
}

export interface CollectionMemory extends Both<number> {
  name: string
}

interface Case {
  name: string
  /** A test of redis-benchmark's, or a command with its arguments. */
  load: Pick<Load, 'command'> | Pick<Load, 'words'>
  /** Fills a server that is empty. */
  setUp?: () => Iterable<string[]>
  /** One of redis-benchmark's own tests. */
  isStandard?: boolean
  /** How much less than an SADD it can do in the same time. */
  weight?: number
}

const STANDARD = 'lpush rpush lpop rpop sadd spop hset zadd zpopmin'.split(' ')
const RANGES = [100, 300, 500, 600]

const cases: readonly Case[] = [
  ...STANDARD.map((name) => ({
    name: name.toUpperCase(),
    load: { command: name },
    isStandard: true,
  })),
  // As redis-benchmark has them, without the LPUSH that it fills the list with in the same run.
  ...RANGES.map((length) => ({
    name: `LRANGE_${length}`,
    load: { words: ['LRANGE', 'bench:list', '0', String(length - 1)] },
    setUp: () => numbered(1000, () => ['LPUSH', 'bench:list', 'xxxxxxxxxxxxxxxx']),
    isStandard: true,
    weight: length / 10,
  })),
  {
    name: 'HGETALL of 20 fields',
    load: { words: ['HGETALL', 'bench:hash'] },
    setUp: () => numbered(20, (i) => ['HSET', 'bench:hash', `field:${i}`, `value:${i}`]),
    weight: 4,
  },
  {
    name: 'ZRANGE of 100 by rank',
    load: { words: ['ZRANGE', 'bench:zset', '450', '549'] },
    setUp: () => numbered(1000, (i) => ['ZADD', 'bench:zset', String(i), `member:${i}`]),
    weight: 10,
  },
  {
    name: 'ZRANGE of 100 by score',
    load: { words: ['ZRANGE', 'bench:zset', '450', '549', 'BYSCORE'] },
    setUp: () => numbered(1000, (i) => ['ZADD', 'bench:zset', String(i), `member:${i}`]),
    weight: 10,
  },
  {
    name: 'SINTER of two sets of 1,000',
    load: { words: ['SINTER', 'bench:set:a', 'bench:set:b'] },
    setUp: function* () {
      yield* numbered(1000, (i) => ['SADD', 'bench:set:a', `member:${i}`])
      yield* numbered(1000, (i) => ['SADD', 'bench:set:b', `member:${i + 500}`])
    },
    weight: 100,
  },
  {
    name: 'ZRANK in a million',
    load: { words: ['ZRANK', 'bench:zset', 'member:__rand_int__'] },
    setUp: () => numbered(MILLION, (i) => ['ZADD', 'bench:zset', String(i), member(i)]),
  },
]

const memories: readonly { name: string; setUp: () => Iterable<string[]> }[] = [
  {
    name: '100,000 hashes of 5 fields',
    setUp: () =>
      numbered(100_000, (i) => [
        'HSET',
        `hash:${i}`,
        ...Array.from({ length: 5 }, (_, field) => [`field:${field}`, `value:${i}`]).flat(),
      ]),
  },
  {
    name: '1,000 lists of 1,000',
    setUp: () =>
      numbered(1000, (i) => [
        'RPUSH',
        `list:${i}`,
        ...Array.from({ length: 1000 }, (_, element) => `element:${i}:${element}`),
      ]),
  },
  {
    name: 'a set of a million',
    setUp: () => numbered(MILLION, (i) => ['SADD', 'set', member(i)]),
  },
  {
    name: 'a sorted set of a million',
    setUp: () => numbered(MILLION, (i) => ['ZADD', 'zset', String(i), member(i)]),
  },
]

function* numbered(count: number, make: (i: number) => string[]): Iterable<string[]> {
  for (let i = 0; i < count; i++) yield make(i)
}

function member(i: number): string {
  return `member:${String(i).padStart(12, '0')}`
}

export async function measureCollections(
  options: BenchOptions,
  onProgress: (text: string) => void,
): Promise<{ speeds: CollectionSpeed[]; memory: CollectionMemory[] }> {
  if (!options.only.includes('collections')) return { speeds: [], memory: [] }
  const speeds = await withServers((servers) => measureSpeeds(servers, options, onProgress))
  const memory: CollectionMemory[] = []
  for (const { name, setUp } of memories) {
    onProgress(`memory of ${name}`)
    memory.push({
      name,
      ...(await withServers(async ({ redis, redstart }) => ({
        redis: await grownBytes(redis, setUp()),
        redstart: await grownBytes(redstart, setUp()),
      }))),
    })
  }
  return { speeds, memory }
}

async function measureSpeeds(
  servers: Both<RunningServer>,
  options: BenchOptions,
  onProgress: (text: string) => void,
): Promise<CollectionSpeed[]> {
  const results: CollectionSpeed[] = []
  for (const each of cases) {
    for (const server of [servers.redis, servers.redstart]) {
      await command(server, 'FLUSHALL')
      if (each.setUp) await run(server, each.setUp())
    }
    for (const pipeline of options.pipelines.filter((depth) => depth <= 16)) {
      onProgress(`${each.name}, P=${pipeline}`)
      const all = options.requests(pipeline, VALUE_BYTES, 'set')
      const requests = Math.ceil(all / (pipeline === 1 ? 1 : (each.weight ?? 1)))
      const load: Load = { requests, pipeline, valueBytes: VALUE_BYTES, ...each.load }
      const warmUp = { ...load, requests: Math.ceil(requests * WARM_UP_SHARE) }
      await throughput(servers.redis, warmUp)
      await throughput(servers.redstart, warmUp)
      const speed = await measureRounds(servers, load, options.rounds)
      results.push({ name: each.name, pipeline, isStandard: each.isStandard ?? false, ...speed })
    }
  }
  return results
}

async function grownBytes(server: RunningServer, commands: Iterable<string[]>): Promise<number> {
  const before = await settledMemory(server)
  await run(server, commands)
  return (await settledMemory(server)) - before
}

/** Runs commands in pipelines; none of them may fail. */
export async function run(server: RunningServer, commands: Iterable<string[]>): Promise<void> {
  const client = await WireClient.connect(server.port)
  let batch: string[][] = []
  const send = async (): Promise<void> => {
    const replies = await client.pipeline(batch)
    const failed = replies.find((reply) => reply[0] === '-'.charCodeAt(0))
    if (failed) throw new Error(`${server.name}: ${Buffer.from(failed).toString('latin1')}`)
    batch = []
  }
  for (const words of commands) {
    batch.push(words)
    if (batch.length === SETUP_BATCH) await send()
  }
  if (batch.length > 0) await send()
  client.close()
}
