/**
 * Eviction, against Redis: `node scripts/run-ts.mjs bench/eviction.ts`.
 *
 * Hit rates: keys are asked for by Zipf's law, and what is not there is set, as an application with
 * a cache in front of its database does. Both servers get the same stream with the same limit in
 * bytes. CPU: SET of keys that are almost all new, so that each evicts another.
 */
import { createHash } from 'node:crypto'
import { Random } from '../src/platform/random.ts'
import type { RunningServer } from '../test/differential/support/server-process.ts'
import { WireClient } from '../test/differential/support/wire.ts'
import { throughput } from './redis-benchmark.ts'
import { type Both, command, cpuUs, info, withServers } from './servers.ts'
import { median } from './statistics.ts'

const POLICIES = ['allkeys-lru', 'allkeys-lfu', 'allkeys-random'] as const
const LIMIT = '10mb'
const KEYS = 200_000
const EXPONENT = 0.9
const REQUESTS = 1_000_000
const COUNTED_FROM = 300_000
const BATCH = 200
const VALUE = 'v'.repeat(100)

const SET_LIMIT = '50mb'
const SET_REQUESTS = 1_000_000
const ROUNDS = 5

/** Numbers of keys, the n-th with a probability in proportion to n ** -EXPONENT. */
function zipf(seed: number): Int32Array {
  const sums = new Float64Array(KEYS)
  let sum = 0
  for (let i = 0; i < KEYS; i++) {
    sum += (i + 1) ** -EXPONENT
    sums[i] = sum
  }
  const random = new Random(seed)
  return Int32Array.from({ length: REQUESTS }, () => {
    const wanted = random.fraction() * sum
    let low = 0
    let high = KEYS - 1
    while (low < high) {
      const middle = (low + high) >>> 1
      if (sums[middle]! <= wanted) low = middle + 1
      else high = middle
    }
    return low
  })
}

const names = Array.from({ length: KEYS }, (_, i) =>
  createHash('md5').update(String(i)).digest('hex').slice(0, 16),
)

async function hitRate(server: RunningServer, policy: string, stream: Int32Array): Promise<string> {
  await command(server, 'FLUSHALL')
  await command(server, 'CONFIG', 'SET', 'maxmemory', LIMIT, 'maxmemory-policy', policy)
  const client = await WireClient.connect(server.port)
  let hits = 0
  for (let from = 0; from < REQUESTS; from += BATCH) {
    const keys = Array.from(stream.subarray(from, from + BATCH), (i) => names[i]!)
    const replies = await client.pipeline(keys.map((key) => ['GET', key]))
    const missed = keys.filter((_, i) => replies[i]![1] === 45)
    if (from >= COUNTED_FROM) hits += keys.length - missed.length
    await client.pipeline(missed.map((key) => ['SET', key, VALUE]))
  }
  const keys = String.fromCharCode(...(await client.call('DBSIZE'))).trim()
  client.close()
  const share = ((hits / (REQUESTS - COUNTED_FROM)) * 100).toFixed(2)
  return `${share} % (${keys.slice(1)} keys)`
}

async function cpuOfSet({ redis, redstart }: Both<RunningServer>, pipeline: number): Promise<void> {
  const load = { command: 'set', requests: SET_REQUESTS, pipeline, valueBytes: 16, keys: 1e9 }
  if (pipeline === 1) load.requests /= 5
  const times: Both<number[]> = { redis: [], redstart: [] }
  for (let round = 0; round <= ROUNDS; round++) {
    for (const [name, server] of Object.entries({ redis, redstart })) {
      const before = cpuUs(server.pid)
      await throughput(server, load)
      const us = (cpuUs(server.pid) - before) / load.requests
      if (round > 0) times[name as keyof Both<unknown>].push(us)
    }
  }
  const [one, other] = [median(times.redis), median(times.redstart)]
  const ratio = (other / one).toFixed(2)
  console.log(`| SET, P=${pipeline} | ${one.toFixed(2)} | ${other.toFixed(2)} | ${ratio} |`)
}

await withServers(async (servers) => {
  const stream = zipf(1)
  console.log(`Hit rates, Zipf ${EXPONENT}, ${KEYS} keys, values of 100 bytes, ${LIMIT}:`)
  console.log('| policy | Redis | Redstart |')
  for (const policy of POLICIES) {
    const redis = await hitRate(servers.redis, policy, stream)
    const redstart = await hitRate(servers.redstart, policy, stream)
    console.log(`| ${policy} | ${redis} | ${redstart} |`)
  }
})

await withServers(async (servers) => {
  console.log('CPU in µs a command, allkeys-lru, almost all keys new:')
  console.log('| case | Redis | Redstart | ratio |')
  for (const server of Object.values(servers) as RunningServer[]) {
    await command(
      server,
      'CONFIG',
      'SET',
      'maxmemory',
      SET_LIMIT,
      'maxmemory-policy',
      'allkeys-lru',
    )
  }
  for (const pipeline of [16, 1]) await cpuOfSet(servers, pipeline)
  for (const server of Object.values(servers) as RunningServer[]) {
    const evicted = (await info(server, 'stats')).get('evicted_keys')
    console.log(`${server.name}: ${evicted} keys evicted`)
  }
})
