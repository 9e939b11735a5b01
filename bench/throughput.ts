/**
 * Throughput and CPU time per command: a million keys are loaded, then redis-benchmark drives both
 * servers in turn, round by round, so that whatever else the machine does falls on both. A short
 * run before the rounds, not counted, lets both servers and the compiler warm up.
 */
import type { RunningServer } from '../test/differential/support/server-process.ts'
import { loadKeys } from './load.ts'
import type { BenchOptions, Topic } from './options.ts'
import { KEY_COUNT, type Load, throughput } from './redis-benchmark.ts'
import { type Both, command, cpuUs, withServers } from './servers.ts'
import { median } from './statistics.ts'

const COMMANDS: readonly Topic[] = ['set', 'get', 'incr', 'mset']
const WARM_UP_SHARE = 0.2

export interface Speed {
  requestsPerSecond: number
  cpuUsPerCommand: number
}

export interface ThroughputResult extends Both<Speed> {
  command: string
  sizeBytes: number
  pipeline: number
  requests: number
}

export async function measureThroughput(
  options: BenchOptions,
  onProgress: (text: string) => void,
): Promise<ThroughputResult[]> {
  const commands = COMMANDS.filter((name) => options.only.includes(name))
  const results: ThroughputResult[] = []
  if (commands.length === 0) return results
  for (const sizeBytes of options.sizesBytes) {
    const sized = commands.filter((name) => name !== 'incr' || sizeBytes === options.sizesBytes[0])
    const speeds = await withServers(async (servers) => {
      onProgress(`loading ${KEY_COUNT} keys with values of ${sizeBytes} bytes`)
      for (const server of [servers.redis, servers.redstart]) {
        await command(server, 'FLUSHALL')
        await loadKeys(server, KEY_COUNT, sizeBytes)
      }
      return measureSize(sizeBytes, sized, servers, options, onProgress)
    })
    results.push(...speeds)
  }
  return results
}

async function measureSize(
  sizeBytes: number,
  commands: readonly Topic[],
  servers: Both<RunningServer>,
  options: BenchOptions,
  onProgress: (text: string) => void,
): Promise<ThroughputResult[]> {
  const results: ThroughputResult[] = []
  for (const pipeline of options.pipelines) {
    for (const name of commands) {
      const requests = options.requests(pipeline, sizeBytes, name)
      const load = { command: name, requests, pipeline, valueBytes: sizeBytes }
      onProgress(`${name} of ${sizeBytes} bytes, P=${pipeline}`)
      const warmUp = { ...load, requests: Math.ceil(requests * WARM_UP_SHARE) }
      await throughput(servers.redis, warmUp)
      await throughput(servers.redstart, warmUp)
      const speed = await measureRounds(servers, load, options.rounds)
      results.push({ command: name, sizeBytes, pipeline, requests, ...speed })
    }
  }
  return results
}

/** Both servers under the same load in turn; the medians of so many rounds. */
export async function measureRounds(
  servers: Both<RunningServer>,
  load: Load,
  rounds: number,
): Promise<Both<Speed>> {
  const speeds: Both<Speed[]> = { redis: [], redstart: [] }
  for (let round = 0; round < rounds; round++) {
    speeds.redis.push(await measureOnce(servers.redis, load))
    speeds.redstart.push(await measureOnce(servers.redstart, load))
  }
  return { redis: medians(speeds.redis), redstart: medians(speeds.redstart) }
}

export async function measureOnce(server: RunningServer, load: Load): Promise<Speed> {
  const before = cpuUs(server.pid)
  const requestsPerSecond = await throughput(server, load)
  return { requestsPerSecond, cpuUsPerCommand: (cpuUs(server.pid) - before) / load.requests }
}

export function medians(speeds: readonly Speed[]): Speed {
  return {
    requestsPerSecond: median(speeds.map((speed) => speed.requestsPerSecond)),
    cpuUsPerCommand: median(speeds.map((speed) => speed.cpuUsPerCommand)),
  }
}
