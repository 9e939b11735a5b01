/**
 * What the append-only log costs: SET under each `appendfsync` policy, as in throughput.ts. Log and
 * data are on the same disk for both servers, below the temporary directory. Rewrites are off, for
 * they would fall into this round or that.
 */
import { loadKeys } from './load.ts'
import type { BenchOptions } from './options.ts'
import { KEY_COUNT, type Load, throughput } from './redis-benchmark.ts'
import { type Both, withServers } from './servers.ts'
import { measureRounds, type Speed } from './throughput.ts'

const POLICIES = ['everysec', 'always', 'no'] as const
const MAX_DEPTH = 16
const VALUE_BYTES = 16
const WARM_UP_SHARE = 0.2
/** With `always` each turn of the event loop waits for the disk, so that less is done in a time. */
const ALWAYS_SHARE = 0.4

/** Flags for a server with a log that is never rewritten by itself. */
export const WITH_LOG = ['--appendonly', 'yes', '--auto-aof-rewrite-percentage', '0']

export interface LogResult extends Both<Speed> {
  policy: (typeof POLICIES)[number]
  pipeline: number
}

export async function measureLogPolicies(
  options: BenchOptions,
  onProgress: (text: string) => void,
): Promise<LogResult[]> {
  const results: LogResult[] = []
  if (!options.only.includes('log')) return results
  for (const policy of POLICIES) {
    const flags = [...WITH_LOG, '--appendfsync', policy]
    const measured = await withServers(async (servers) => {
      onProgress(`loading ${KEY_COUNT} keys with appendfsync ${policy}`)
      await loadKeys(servers.redis, KEY_COUNT, VALUE_BYTES)
      await loadKeys(servers.redstart, KEY_COUNT, VALUE_BYTES)
      const speeds: LogResult[] = []
      for (const pipeline of options.pipelines.filter((depth) => depth <= MAX_DEPTH)) {
        onProgress(`set with appendfsync ${policy}, P=${pipeline}`)
        const share = policy === 'always' ? ALWAYS_SHARE : 1
        const requests = Math.ceil(options.requests(pipeline, VALUE_BYTES, 'set') * share)
        const load: Load = { command: 'set', requests, pipeline, valueBytes: VALUE_BYTES }
        const warmUp = { ...load, requests: Math.ceil(requests * WARM_UP_SHARE) }
        await throughput(servers.redis, warmUp)
        await throughput(servers.redstart, warmUp)
        const speed = await measureRounds(servers, load, options.rounds)
        speeds.push({ policy, pipeline, ...speed })
      }
      return speeds
    }, flags)
    results.push(...measured)
  }
  return results
}
