/**
 * What a server does beside storing: transactions, messages, eviction, and SET and GET while
 * clients track keys, while rights are checked and while changes are told. CPU time per unit of
 * work, which the case names; both servers in turn, round by round, behind a warm-up.
 */
import type { RunningServer } from '../test/differential/support/server-process.ts'
import { listen, repeat } from './exchange.ts'
import type { BenchOptions, Topic } from './options.ts'
import { type Load, throughput } from './redis-benchmark.ts'
import { type Both, command, cpuUs, withServers } from './servers.ts'
import { median } from './statistics.ts'

const WARM_UP_SHARE = 0.2
const CONNECTIONS = 50
const DEPTHS = [1, 16]
const SETS = 10
const MESSAGE = 'm'.repeat(64)
const EVICTION_LIMIT = '50mb'
/** So many that almost every key drawn is new. */
const NEW_KEYS = 1_000_000_000

export interface ServiceResult extends Both<number> {
  name: string
  /** What the CPU time is divided by. */
  unit: string
  maxCpuRatio: number
}

interface Case {
  topic: Topic
  name: string
  unit: string
  maxCpuRatio: number
  /** Units that are done in about two seconds. */
  units: number
  /** Prepares a server. @returns what ends the preparation */
  setUp?(server: RunningServer): Promise<() => void>
  drive(server: RunningServer, units: number): Promise<unknown>
}

const nothing = (): void => {}

function configure(...words: string[]): (server: RunningServer) => Promise<() => void> {
  return async (server) => {
    await command(server, 'CONFIG', 'SET', ...words)
    return nothing
  }
}

function transactions(pipeline: number): Case {
  const one = [
    ['MULTI'],
    ...Array.from({ length: SETS }, (_, i) => ['SET', `key:${i}`, 'xxxxxxxxxxxxxxxx']),
    ['EXEC'],
  ]
  const replyBytes = '+OK\r\n'.length * (1 + SETS) + '+QUEUED\r\n'.length * SETS + '*10\r\n'.length
  return {
    topic: 'multi',
    name: `MULTI, ten SETs, EXEC; ${pipeline} in a write`,
    unit: 'transaction',
    maxCpuRatio: 1.0,
    units: pipeline === 1 ? 60_000 : 160_000,
    drive: (server, units) => {
      const requests = Array.from({ length: pipeline }, () => one).flat()
      const exchange = { requests, replyBytes: replyBytes * pipeline }
      return repeat(server, exchange, Math.ceil(units / pipeline), CONNECTIONS)
    },
  }
}

function messages(listeners: number): Case {
  return {
    topic: 'publish',
    name: `PUBLISH to ${listeners}`,
    unit: 'delivered message',
    maxCpuRatio: 1.2,
    units: listeners === 1 ? 150_000 : 500_000,
    setUp: (server) => listen(server, 'channel', listeners),
    drive: (server, units) => {
      const replyBytes = `:${listeners}\r\n`.length
      const exchange = { requests: [['PUBLISH', 'channel', MESSAGE]], replyBytes }
      return repeat(server, exchange, Math.ceil(units / listeners), Math.min(10, CONNECTIONS))
    },
  }
}

/** SET or GET by redis-benchmark in circumstances of some kind. */
function circumstance(
  topic: Topic,
  what: string,
  maxCpuRatio: number,
  setUp: NonNullable<Case['setUp']>,
  load: Partial<Load>,
  commands: readonly string[],
): Case[] {
  return commands.flatMap((name) =>
    DEPTHS.map((pipeline) => ({
      topic,
      name: `${name.toUpperCase()} ${what}, P=${pipeline}`,
      unit: 'command',
      maxCpuRatio,
      units: pipeline === 1 ? 200_000 : 1_500_000,
      setUp,
      drive: (server, units) =>
        throughput(server, { command: name, requests: units, pipeline, valueBytes: 16, ...load }),
    })),
  )
}

const RIGHTS = ['ACL', 'SETUSER', 'bench', 'on', '>secret', '~key:*', '~other:*', '+get', '+set']

const cases: readonly Case[] = [
  ...DEPTHS.map(transactions),
  ...[1, 50, 1000].map(messages),
  ...circumstance(
    'evict',
    'of new keys, allkeys-lru at its limit',
    0.9,
    configure('maxmemory', EVICTION_LIMIT, 'maxmemory-policy', 'allkeys-lru'),
    { keys: NEW_KEYS },
    ['set'],
  ),
  ...circumstance(
    'track',
    'with tracking on',
    1.1,
    async () => nothing,
    { flags: ['--enable-tracking'] },
    ['set', 'get'],
  ),
  ...circumstance(
    'acl',
    'by a user with key patterns',
    1.1,
    async (server) => {
      await command(server, ...RIGHTS)
      return nothing
    },
    { flags: ['--user', 'bench', '-a', 'secret'] },
    ['set', 'get'],
  ),
  ...circumstance(
    'notify',
    'with all notifications on',
    1.1,
    configure('notify-keyspace-events', 'KEA'),
    {},
    ['set', 'get'],
  ),
]

export async function measureServices(
  options: BenchOptions,
  onProgress: (text: string) => void,
): Promise<ServiceResult[]> {
  const results: ServiceResult[] = []
  for (const each of cases) {
    if (!options.only.includes(each.topic)) continue
    onProgress(each.name)
    results.push(await withServers((servers) => measureCase(each, servers, options)))
  }
  return results
}

async function measureCase(
  each: Case,
  servers: Both<RunningServer>,
  options: BenchOptions,
): Promise<ServiceResult> {
  const { maxCpuRatio, name, unit } = each
  const units = Math.ceil(each.units * options.scale)
  const times: Both<number[]> = { redis: [], redstart: [] }
  const ends: (() => void)[] = []
  const both = [
    { server: servers.redis, into: times.redis },
    { server: servers.redstart, into: times.redstart },
  ]
  for (const { server } of both) {
    if (each.setUp !== undefined) ends.push(await each.setUp(server))
    await each.drive(server, Math.ceil(units * WARM_UP_SHARE))
  }
  for (let round = 0; round < options.rounds; round++) {
    for (const { server, into } of both) {
      const before = cpuUs(server.pid)
      await each.drive(server, units)
      into.push((cpuUs(server.pid) - before) / units)
    }
  }
  for (const end of ends) end()
  return { name, unit, maxCpuRatio, redis: median(times.redis), redstart: median(times.redstart) }
}
