/**
 * What clients notice of BGSAVE and BGREWRITEAOF: the same load of SET over all keys without and
 * with it, in turn, on each server.
 *
 * Throughput is counted by the server, with redis-benchmark on 50 connections 16 deep. Latency is
 * taken under a lighter load of 4 connections, one request at a time: server and full load keep two
 * cores busy, so that a prober beside them would measure mostly how long it waits for a core. The
 * longest latency of PING bounds how long the server stood still; Redstart counts that itself, too.
 */
import { latin1 } from '../test/differential/support/reply.ts'
import type { RunningServer } from '../test/differential/support/server-process.ts'
import { WireClient } from '../test/differential/support/wire.ts'
import { loadKeys } from './load.ts'
import { WITH_LOG } from './log-policies.ts'
import type { BenchOptions } from './options.ts'
import { Prober } from './prober.ts'
import { keepLoaded, type Load } from './redis-benchmark.ts'
import { type Both, command, info, SETTINGS, withServers } from './servers.ts'
import { median, percentile } from './statistics.ts'

const VALUE_BYTES = 16
const FULL_LOAD = { command: 'set', valueBytes: VALUE_BYTES, connections: 50, pipeline: 16 }
const LIGHT_LOAD = { command: 'set', valueBytes: VALUE_BYTES, connections: 4, pipeline: 1 }
/** Until all connections of a load are up. */
const RAMP_UP_MS = 500
const MAX_SECONDS = 2
const POLL_MS = 20
const TIMEOUT_MS = 120_000

const JOBS = [
  { job: 'BGSAVE', flags: SETTINGS },
  { job: 'BGREWRITEAOF', flags: [...WITH_LOG, '--appendfsync', 'everysec'] },
] as const

/** What was seen in one stretch of time, of each load. */
interface Stretch {
  /** Under the full load, as are the next two. */
  seconds: number
  requestsPerSecond: number
  /** By the server's own measurement, where INFO has it. */
  longestStallFullUs: number | undefined
  /** Under the light load, by a prober. */
  latenciesUs: readonly number[]
  /** Under the light load, by the server's own measurement. */
  longestStallUs: number | undefined
}

/** All stretches of a kind: medians of the rates, the maxima of what is the longest. */
export interface Stretches extends Omit<Stretch, 'latenciesUs'> {
  /** Of the latencies of all stretches, as there are but some thousand of them. */
  p999Us: number
  longestUs: number
}

interface WithAndWithout<T> {
  without: T
  during: T
}

export interface SnapshotResult extends Both<WithAndWithout<Stretches>> {
  job: string
  keys: number
}

export async function measureSnapshots(
  options: BenchOptions,
  onProgress: (text: string) => void,
): Promise<SnapshotResult[]> {
  const results: SnapshotResult[] = []
  if (!options.only.includes('snapshot')) return results
  const { durableKeys: keys, rounds } = options
  const seconds = Math.min(options.probeSeconds, MAX_SECONDS)
  for (const { job, flags } of JOBS) {
    await withServers(async (servers) => {
      onProgress(`loading ${keys} keys`)
      await loadKeys(servers.redis, keys, VALUE_BYTES)
      await loadKeys(servers.redstart, keys, VALUE_BYTES)
      const seen: Both<WithAndWithout<Stretch>[]> = { redis: [], redstart: [] }
      for (let round = 0; round < rounds; round++) {
        onProgress(`${job} of ${keys} keys under SET, ${round + 1} of ${rounds}`)
        seen.redis.push(await measure(servers.redis, job, keys, seconds))
        seen.redstart.push(await measure(servers.redstart, job, keys, seconds))
      }
      results.push({ job, keys, redis: summary(seen.redis), redstart: summary(seen.redstart) })
    }, flags)
  }
  return results
}

async function measure(
  server: RunningServer,
  job: string,
  keys: number,
  seconds: number,
): Promise<WithAndWithout<Stretch>> {
  const pass = (): Promise<void> => sleep(seconds * 1000)
  const work = (): Promise<void> => runJob(server, job)

  const full = await underLoad(server, { ...FULL_LOAD, keys }, async () => ({
    without: await counted(server, pass),
    during: await counted(server, work),
  }))
  return underLoad(server, { ...LIGHT_LOAD, keys }, async () => ({
    without: { ...full.without, ...(await probed(server, pass)) },
    during: { ...full.during, ...(await probed(server, work)) },
  }))
}

async function underLoad<T>(
  server: RunningServer,
  load: Omit<Load, 'requests'>,
  body: () => Promise<T>,
): Promise<T> {
  const stop = keepLoaded(server, load)
  try {
    await sleep(RAMP_UP_MS)
    return await body()
  } finally {
    stop()
  }
}

/** How many commands a second the server has run in the meantime, and its longest stall. */
async function counted(
  server: RunningServer,
  meanwhile: () => Promise<void>,
): Promise<Pick<Stretch, 'seconds' | 'requestsPerSecond' | 'longestStallFullUs'>> {
  await command(server, 'CONFIG', 'RESETSTAT')
  const before = Number((await info(server, 'stats')).get('total_commands_processed'))
  const startMs = performance.now()
  await meanwhile()
  const seconds = (performance.now() - startMs) / 1000
  const stats = await info(server, 'stats')
  const commands = Number(stats.get('total_commands_processed')) - before
  return { seconds, requestsPerSecond: commands / seconds, longestStallFullUs: stallOf(stats) }
}

/** The latency of PING in the meantime, and the server's longest stall. */
async function probed(
  server: RunningServer,
  meanwhile: () => Promise<void>,
): Promise<Pick<Stretch, 'latenciesUs' | 'longestStallUs'>> {
  await command(server, 'CONFIG', 'RESETSTAT')
  const prober = await Prober.open(server, [['PING']])
  await meanwhile()
  const latenciesUs = await prober.close()
  return { latenciesUs, longestStallUs: stallOf(await info(server, 'stats')) }
}

function stallOf(stats: ReadonlyMap<string, string>): number | undefined {
  const stall = stats.get('event_loop_longest_stall_us')
  return stall === undefined ? undefined : Number(stall)
}

/** Runs BGSAVE or BGREWRITEAOF to its end. */
async function runJob(server: RunningServer, job: string): Promise<void> {
  const client = await WireClient.connect(server.port)
  const reply = latin1(await client.call(job))
  client.close()
  if (reply.startsWith('-')) throw new Error(`${server.name}, ${job}: ${reply}`)
  const endMs = performance.now() + TIMEOUT_MS
  const ofSave = ['rdb_bgsave_in_progress', 'rdb_last_bgsave_status']
  const ofRewrite = ['aof_rewrite_in_progress', 'aof_last_bgrewrite_status']
  const [inProgress, status] = job === 'BGSAVE' ? ofSave : ofRewrite
  for (;;) {
    await sleep(POLL_MS)
    const persistence = await info(server, 'persistence')
    const isWaiting = persistence.get('aof_rewrite_scheduled') === '1'
    if (persistence.get(inProgress as string) === '0' && !isWaiting) {
      const outcome = persistence.get(status as string)
      if (outcome === 'ok') return
      throw new Error(`${server.name}, ${job}: ${outcome}\n${server.log()}`)
    }
    if (performance.now() > endMs) throw new Error(`${server.name}: ${job} does not end`)
  }
}

function summary(rounds: readonly WithAndWithout<Stretch>[]): WithAndWithout<Stretches> {
  return {
    without: combined(rounds.map(({ without }) => without)),
    during: combined(rounds.map(({ during }) => during)),
  }
}

function combined(stretches: readonly Stretch[]): Stretches {
  const latenciesUs = stretches.flatMap((each) => each.latenciesUs)
  const longest = (values: (number | undefined)[]): number | undefined =>
    values.includes(undefined) ? undefined : Math.max(...(values as number[]))
  return {
    seconds: median(stretches.map((each) => each.seconds)),
    requestsPerSecond: median(stretches.map((each) => each.requestsPerSecond)),
    p999Us: percentile(latenciesUs, 0.999),
    longestUs: percentile(latenciesUs, 1),
    longestStallUs: longest(stretches.map((each) => each.longestStallUs)),
    longestStallFullUs: longest(stretches.map((each) => each.longestStallFullUs)),
  }
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
