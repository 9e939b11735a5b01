/**
 * The measurements as Markdown tables, each row with the target it is held to. Targets are ratios
 * of Redstart to Redis out of the same run, but for those that are limits of their own.
 */
import { execFileSync } from 'node:child_process'
import os from 'node:os'
import { referenceVersion } from '../test/differential/support/reference.ts'
import type { CollectionStall } from './collection-stalls.ts'
import type { CollectionMemory, CollectionSpeed } from './collections.ts'
import type { Idle, IdleResult } from './idle.ts'
import type { DurationResult } from './loading.ts'
import type { LogResult } from './log-policies.ts'
import type { MemoryResult, StallResult } from './memory.ts'
import type { Both } from './servers.ts'
import type { ServiceResult } from './services.ts'
import type { SnapshotResult } from './snapshots.ts'
import type { ThroughputResult } from './throughput.ts'

interface Target {
  text: string
  isMet: boolean
}

const MAX_BYTES_PER_KEY = 66
const MAX_RESIDENT_RATIO = 0.75
const RESIDENT_FROM_KEYS = 5_000_000
const MAX_STALL_US = 5000
const MAX_START_MS = 150
const MAX_STANDARD_CPU_RATIO = 1.0
const MAX_OTHER_CPU_RATIO = 1.2
const MAX_COLLECTION_MEMORY_RATIO = 0.9
const MAX_LOGGED_CPU_RATIO = 0.95
const MIN_LOGGED_THROUGHPUT_RATIO = 1.0
const MAX_LOAD_TIME_RATIO = 1.0
const MIN_SNAPSHOT_THROUGHPUT_RATIO = 0.7
const MAX_IDLE_MEMORY_RATIO = 1.5
const MIN_IDLE_THROUGHPUT_RATIO = 0.9

export function describeMachine(): string {
  const cpus = os.cpus()
  const memoryGb = Math.round(os.totalmem() / 2 ** 30)
  const benchmark = execFileSync('redis-benchmark', ['--version'], { encoding: 'latin1' }).trim()
  return [
    `${cpus.length} cores (${cpus[0]?.model ?? os.arch()}), ${memoryGb} GB`,
    `${os.type()} ${os.release()}`,
    `Node ${process.version}, Redis ${referenceVersion}, ${benchmark}`,
  ].join('; ')
}

export function throughputTable(results: readonly ThroughputResult[]): string {
  const rows = results.map((result) => {
    const { redis, redstart } = result
    const speed = redstart.requestsPerSecond / redis.requestsPerSecond
    const cpu = redstart.cpuUsPerCommand / redis.cpuUsPerCommand
    const name = result.command === 'mset' ? 'MSET of 10' : result.command.toUpperCase()
    const size = result.command === 'incr' ? '' : ` ${result.sizeBytes} B`
    return [
      `${name}${size}, P=${result.pipeline}`,
      thousands(redis.requestsPerSecond),
      thousands(redstart.requestsPerSecond),
      speed.toFixed(2),
      redis.cpuUsPerCommand.toFixed(2),
      redstart.cpuUsPerCommand.toFixed(2),
      cpu.toFixed(2),
      ...verdict(speedTarget(result.pipeline, speed, cpu)),
    ]
  })
  const heads = ['case', 'Redis /s', 'Redstart /s', 'ratio', 'Redis CPU µs', 'Redstart CPU µs']
  return table([...heads, 'ratio', 'target', ''], rows)
}

/** The targets are for depths 1, 16 and 100; others have none. */
function speedTarget(pipeline: number, speed: number, cpu: number): Target | undefined {
  if (pipeline === 1) {
    return { text: 'throughput ≥ 1.0, CPU ≤ 1.10', isMet: speed >= 0.995 && cpu <= 1.104 }
  }
  if (pipeline === 16) return { text: 'CPU ≤ 0.85', isMet: cpu < 0.855 }
  if (pipeline === 100) return { text: 'CPU ≤ 0.75', isMet: cpu < 0.755 }
  return undefined
}

export function memoryTable(results: readonly MemoryResult[]): string {
  const rows = results.flatMap(({ keys, redis, redstart }) => {
    const resident = redstart.residentBytes / redis.residentBytes
    const used = redstart.usedBytesPerKey
    return [
      [
        `used_memory per key, ${millions(keys)} keys`,
        `${redis.usedBytesPerKey.toFixed(1)} B`,
        `${used.toFixed(1)} B`,
        (used / redis.usedBytesPerKey).toFixed(2),
        ...verdict({ text: `≤ ${MAX_BYTES_PER_KEY} B`, isMet: used <= MAX_BYTES_PER_KEY }),
      ],
      [
        `resident, ${millions(keys)} keys`,
        megabytes(redis.residentBytes),
        megabytes(redstart.residentBytes),
        resident.toFixed(2),
        ...verdict(
          keys < RESIDENT_FROM_KEYS
            ? undefined
            : { text: `ratio ≤ ${MAX_RESIDENT_RATIO}`, isMet: resident <= MAX_RESIDENT_RATIO },
        ),
      ],
    ]
  })
  return table(['memory', 'Redis', 'Redstart', 'ratio', 'target', ''], rows)
}

export function stallTable(results: readonly StallResult[]): string {
  const rows = results.flatMap(({ keys, load, redis, redstart }) => {
    const title = `${load} P=16, ${millions(keys)} keys`
    const line = (name: string, theirs: number, ours: number, target?: Target): string[] => [
      `${title}: ${name}`,
      milliseconds(theirs),
      milliseconds(ours),
      ...verdict(target),
    ]
    // Latency holds the wait for a core as well; the server's own measure is the target's.
    const judgedUs = redstart.longestStallUs ?? redstart.longestUs
    const target = { text: `≤ ${MAX_STALL_US / 1000} ms`, isMet: judgedUs <= MAX_STALL_US }
    const own = redstart.longestStallUs
    return [
      line('median latency', redis.p50Us, redstart.p50Us),
      line('99 %', redis.p99Us, redstart.p99Us),
      line('99.9 %', redis.p999Us, redstart.p999Us),
      line('longest', redis.longestUs, redstart.longestUs, own === undefined ? target : undefined),
      ...(own === undefined
        ? []
        : [
            [`${title}: longest stall by its own count`, '', milliseconds(own), ...verdict(target)],
          ]),
    ]
  })
  return table(['latency under load', 'Redis', 'Redstart', 'target', ''], rows)
}

export function collectionStallTable(results: readonly CollectionStall[]): string {
  const rows = results.map(({ name, redis, redstart }) => {
    const longestUs = redstart.longestStallUs ?? redstart.longestUs
    const target = { text: `≤ ${MAX_STALL_US / 1000} ms`, isMet: longestUs <= MAX_STALL_US }
    return [
      name,
      milliseconds(redis.longestUs),
      milliseconds(redstart.longestUs),
      milliseconds(longestUs),
      ...verdict(target),
    ]
  })
  const head = ['longest latency', 'Redis', 'Redstart', 'its own count', 'target', '']
  return table(head, rows)
}

export function collectionTable(results: readonly CollectionSpeed[]): string {
  const rows = results.map(({ name, pipeline, isStandard, redis, redstart }) => {
    const cpu = redstart.cpuUsPerCommand / redis.cpuUsPerCommand
    const isHeld = pipeline === 16 || !isStandard
    const limit = isStandard ? MAX_STANDARD_CPU_RATIO : MAX_OTHER_CPU_RATIO
    return [
      `${name}, P=${pipeline}`,
      thousands(redis.requestsPerSecond),
      thousands(redstart.requestsPerSecond),
      (redstart.requestsPerSecond / redis.requestsPerSecond).toFixed(2),
      redis.cpuUsPerCommand.toFixed(2),
      redstart.cpuUsPerCommand.toFixed(2),
      cpu.toFixed(2),
      ...verdict(isHeld ? { text: `CPU ≤ ${limit.toFixed(1)}`, isMet: cpu <= limit } : undefined),
    ]
  })
  const heads = ['collections', 'Redis /s', 'Redstart /s', 'ratio', 'Redis CPU µs']
  return table([...heads, 'Redstart CPU µs', 'ratio', 'target', ''], rows)
}

export function collectionMemoryTable(results: readonly CollectionMemory[]): string {
  const rows = results.map(({ name, redis, redstart }) => {
    const ratio = redstart / redis
    const limit = MAX_COLLECTION_MEMORY_RATIO
    const target = { text: `ratio ≤ ${limit}`, isMet: ratio <= limit }
    return [name, megabytes(redis), megabytes(redstart), ratio.toFixed(2), ...verdict(target)]
  })
  return table(['used_memory of', 'Redis', 'Redstart', 'ratio', 'target', ''], rows)
}

export function logTable(results: readonly LogResult[]): string {
  const rows = results.map(({ policy, pipeline, redis, redstart }) => {
    const speed = redstart.requestsPerSecond / redis.requestsPerSecond
    const cpu = redstart.cpuUsPerCommand / redis.cpuUsPerCommand
    return [
      `SET, appendfsync ${policy}, P=${pipeline}`,
      thousands(redis.requestsPerSecond),
      thousands(redstart.requestsPerSecond),
      speed.toFixed(2),
      redis.cpuUsPerCommand.toFixed(2),
      redstart.cpuUsPerCommand.toFixed(2),
      cpu.toFixed(2),
      ...verdict(logTarget(policy, pipeline, speed, cpu)),
    ]
  })
  const heads = ['with a log', 'Redis /s', 'Redstart /s', 'ratio', 'Redis CPU µs']
  return table([...heads, 'Redstart CPU µs', 'ratio', 'target', ''], rows)
}

/** The targets are for `everysec` and `always` at depths 1 and 16. */
function logTarget(
  policy: LogResult['policy'],
  pipeline: number,
  speed: number,
  cpu: number,
): Target | undefined {
  if (policy === 'no' || (pipeline !== 1 && pipeline !== 16)) return undefined
  if (policy === 'everysec' && pipeline === 16) {
    return { text: `CPU ≤ ${MAX_LOGGED_CPU_RATIO}`, isMet: shown(cpu) <= MAX_LOGGED_CPU_RATIO }
  }
  const least = MIN_LOGGED_THROUGHPUT_RATIO
  return { text: `throughput ≥ ${least.toFixed(1)}`, isMet: shown(speed) >= least }
}

export function loadingTable(results: readonly DurationResult[], keys: number): string {
  const rows = results.map(({ name, isLoading, redis, redstart }) => {
    const ratio = redstart.ms / redis.ms
    const limit = MAX_LOAD_TIME_RATIO
    const target = { text: `time ≤ ${limit.toFixed(1)}`, isMet: shown(ratio) <= limit }
    return [
      name,
      seconds(redis.ms),
      seconds(redstart.ms),
      ratio.toFixed(2),
      seconds(redis.cpuMs),
      seconds(redstart.cpuMs),
      (redstart.cpuMs / redis.cpuMs).toFixed(2),
      ...verdict(isLoading ? target : undefined),
    ]
  })
  const heads = [`${millions(keys)} keys`, 'Redis', 'Redstart', 'ratio', 'Redis CPU']
  return table([...heads, 'Redstart CPU', 'ratio', 'target', ''], rows)
}

export function snapshotTable(results: readonly SnapshotResult[]): string {
  const rows = results.flatMap(({ job, keys, redis, redstart }) => {
    const stretches = [redis.without, redis.during, redstart.without, redstart.during]
    const line = (name: string, cells: readonly string[], target?: Target): string[] => [
      `${job}, ${millions(keys)} keys: ${name}`,
      ...cells,
      ...verdict(target),
    ]
    const latency = (pick: (stretch: (typeof stretches)[number]) => number | undefined) =>
      stretches.map((stretch) => {
        const us = pick(stretch)
        return us === undefined ? '' : milliseconds(us)
      })
    const kept = redstart.during.requestsPerSecond / redstart.without.requestsPerSecond
    const redisKept = redis.during.requestsPerSecond / redis.without.requestsPerSecond
    const least = MIN_SNAPSHOT_THROUGHPUT_RATIO
    const stallUs = redstart.during.longestStallUs ?? redstart.during.longestUs
    const ratios = ['', redisKept.toFixed(2), '', kept.toFixed(2)]
    return [
      line(
        'SET /s',
        stretches.map((each) => thousands(each.requestsPerSecond)),
      ),
      line('of that without', ratios, { text: `≥ ${least}`, isMet: shown(kept) >= least }),
      line(
        '99.9 %',
        latency(({ p999Us }) => p999Us),
      ),
      line(
        'longest',
        latency(({ longestUs }) => longestUs),
      ),
      line(
        'longest stall by its own count',
        latency(({ longestStallUs }) => longestStallUs),
        {
          text: `≤ ${MAX_STALL_US / 1000} ms`,
          isMet: stallUs <= MAX_STALL_US,
        },
      ),
      line(
        'the same under full load',
        latency(({ longestStallFullUs }) => longestStallFullUs),
      ),
      line('time', [
        '',
        seconds(redis.during.seconds * 1000),
        '',
        seconds(redstart.during.seconds * 1000),
      ]),
    ]
  })
  const heads = ['while a snapshot is taken', 'Redis without', 'Redis during', 'Redstart without']
  return table([...heads, 'Redstart during', 'target', ''], rows)
}

export function serviceTable(results: readonly ServiceResult[]): string {
  const rows = results.map(({ name, unit, maxCpuRatio, redis, redstart }) => {
    const ratio = redstart / redis
    const target = { text: `CPU ≤ ${maxCpuRatio.toFixed(1)}`, isMet: shown(ratio) <= maxCpuRatio }
    return [name, unit, redis.toFixed(2), redstart.toFixed(2), ratio.toFixed(2), ...verdict(target)]
  })
  const heads = ['beside storing', 'CPU µs per', 'Redis', 'Redstart', 'ratio', 'target', '']
  return table(heads, rows)
}

/** Memory with idle connections, and the throughput that is left of that without them. */
export function idleTable({ connections, redis, redstart }: IdleResult): string {
  const mb = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(1)} MB`
  const each = ({ emptyBytes, idleBytes }: Idle): number => (idleBytes - emptyBytes) / connections
  const left = (idle: Idle): number => idle.with.requestsPerSecond / idle.without.requestsPerSecond
  const cpu = (idle: Idle): number => idle.with.cpuUsPerCommand / idle.without.cpuUsPerCommand
  const memoryRatio = redstart.idleBytes / redis.idleBytes
  const eachRatio = each(redstart) / each(redis)
  const atMost = `≤ ${MAX_IDLE_MEMORY_RATIO} ×`
  const rows = [
    ['resident without', mb(redis.emptyBytes), mb(redstart.emptyBytes), '', '', ''],
    [
      'resident with',
      mb(redis.idleBytes),
      mb(redstart.idleBytes),
      memoryRatio.toFixed(2),
      ...verdict({ text: atMost, isMet: shown(memoryRatio) <= MAX_IDLE_MEMORY_RATIO }),
    ],
    [
      'each takes',
      `${Math.round(each(redis))} B`,
      `${Math.round(each(redstart))} B`,
      eachRatio.toFixed(2),
      ...verdict({ text: atMost, isMet: shown(eachRatio) <= MAX_IDLE_MEMORY_RATIO }),
    ],
    [
      'SET P=1, throughput with / without',
      left(redis).toFixed(2),
      left(redstart).toFixed(2),
      '',
      ...verdict({
        text: `≥ ${MIN_IDLE_THROUGHPUT_RATIO}`,
        isMet: shown(left(redstart)) >= MIN_IDLE_THROUGHPUT_RATIO,
      }),
    ],
    ['SET P=1, CPU with / without', cpu(redis).toFixed(2), cpu(redstart).toFixed(2), '', '', ''],
  ]
  const heads = [`${connections} idle connections`, 'Redis', 'Redstart', 'ratio', 'target', '']
  return table(heads, rows)
}

export function startupTable(times: Both<number>): string {
  const target = { text: `≤ ${MAX_START_MS} ms`, isMet: times.redstart <= MAX_START_MS }
  return table(
    ['start', 'Redis', 'Redstart', 'target', ''],
    [
      [
        'from start to serving',
        `${times.redis.toFixed(0)} ms`,
        `${times.redstart.toFixed(0)} ms`,
        ...verdict(target),
      ],
    ],
  )
}

function verdict(target: Target | undefined): [string, string] {
  return target === undefined ? ['', ''] : [target.text, target.isMet ? 'ok' : '**miss**']
}

function table(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const rule = heads.map((_, i) => (i === 0 ? '---' : '---:'))
  return [heads, rule, ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n')
}

/** A ratio as it is printed, so that the verdict agrees with what is seen. */
const shown = (ratio: number): number => Number(ratio.toFixed(2))
const thousands = (value: number): string => Math.round(value).toLocaleString('en-US')
const millions = (keys: number): string => `${keys / 1_000_000} M`
const megabytes = (bytes: number): string => `${Math.round(bytes / 2 ** 20)} MB`
const milliseconds = (us: number): string => `${(us / 1000).toFixed(2)} ms`
const seconds = (ms: number): string => `${(ms / 1000).toFixed(2)} s`
