/**
 * Memory per key, and latency under load. A fresh pair of servers is filled with an exact number
 * of distinct keys of 16 bytes with values of 16 bytes. Memory per key is what `used_memory` has
 * grown by; resident memory is the whole process, as the operating system counts it.
 *
 * With the last and largest number of keys in, latency is measured: redis-benchmark keeps the
 * server busy on 50 connections, and a prober on a connection of its own sends a PING or a GET
 * every millisecond and notes how long the reply takes. The longest of them bounds how long the
 * server's event loop stood still. Server, load and prober share the machine's cores, so some of
 * the time is the operating system's; Redis, measured the same way, shows how much.
 */
import type { RunningServer } from '../test/differential/support/server-process.ts'
import { loadKeys } from './load.ts'
import type { BenchOptions } from './options.ts'
import { Prober } from './prober.ts'
import { keepLoaded, type Load } from './redis-benchmark.ts'
import { type Both, command, info, residentBytes, settledMemory, withServers } from './servers.ts'
import { percentile } from './statistics.ts'

const VALUE_BYTES = 16

export interface Memory {
  usedBytesPerKey: number
  residentBytes: number
}

export interface MemoryResult extends Both<Memory> {
  keys: number
}

export interface Latency {
  probes: number
  p50Us: number
  p99Us: number
  p999Us: number
  longestUs: number
  /** The server's own measurement, where INFO has it. */
  longestStallUs: number | undefined
}

export interface StallResult extends Both<Latency> {
  keys: number
  load: string
}

export interface MemoryAndStalls {
  memory: MemoryResult[]
  stalls: StallResult[]
}

export async function measureMemory(
  options: BenchOptions,
  onProgress: (text: string) => void,
): Promise<MemoryAndStalls> {
  const results: MemoryAndStalls = { memory: [], stalls: [] }
  const withMemory = options.only.includes('memory')
  const withStalls = options.only.includes('stall')
  const largest = Math.max(...options.keyCounts)
  for (const keys of options.keyCounts) {
    const stallsNow = withStalls && keys === largest
    if (!withMemory && !stallsNow) continue
    await withServers(async (servers) => {
      onProgress(`loading ${keys} keys into Redis and Redstart`)
      const redis = await fillAndMeasure(servers.redis, keys)
      const redstart = await fillAndMeasure(servers.redstart, keys)
      if (withMemory) results.memory.push({ keys, redis, redstart })
      if (stallsNow)
        results.stalls.push(...(await measureStalls(servers, keys, options, onProgress)))
    })
  }
  return results
}

async function fillAndMeasure(server: RunningServer, keys: number): Promise<Memory> {
  const emptyBytes = await settledMemory(server)
  await loadKeys(server, keys, VALUE_BYTES)
  const usedBytes = await settledMemory(server)
  return {
    usedBytesPerKey: (usedBytes - emptyBytes) / keys,
    residentBytes: residentBytes(server.pid),
  }
}

async function measureStalls(
  servers: Both<RunningServer>,
  keys: number,
  options: BenchOptions,
  onProgress: (text: string) => void,
): Promise<StallResult[]> {
  const results: StallResult[] = []
  for (const load of ['set', 'get']) {
    onProgress(`latency under ${load.toUpperCase()} P=16 with ${keys} keys`)
    const sent = { command: load, pipeline: 16, valueBytes: VALUE_BYTES, keys }
    const redis = await probeUnderLoad(servers.redis, sent, keys, options.probeSeconds)
    const redstart = await probeUnderLoad(servers.redstart, sent, keys, options.probeSeconds)
    results.push({ keys, load: load.toUpperCase(), redis, redstart })
  }
  return results
}

/** The latency of PING, and of GET of one of so many keys, while redis-benchmark sends a load. */
export async function probeUnderLoad(
  server: RunningServer,
  load: Omit<Load, 'requests'>,
  keys: number,
  seconds: number,
): Promise<Latency> {
  const stop = keepLoaded(server, load)
  try {
    await probe(server, keys, 0.5) // until all connections of the load are up
    await command(server, 'CONFIG', 'RESETSTAT')
    const latenciesUs = await probe(server, keys, seconds)
    const stall = (await info(server, 'stats')).get('event_loop_longest_stall_us')
    return {
      probes: latenciesUs.length,
      p50Us: percentile(latenciesUs, 0.5),
      p99Us: percentile(latenciesUs, 0.99),
      p999Us: percentile(latenciesUs, 0.999),
      longestUs: percentile(latenciesUs, 1),
      longestStallUs: stall === undefined ? undefined : Number(stall),
    }
  } finally {
    stop()
  }
}

/** Latencies in µs of PING and GET in turn, over so many seconds. */
async function probe(server: RunningServer, keys: number, seconds: number): Promise<number[]> {
  const key = `key:${String(keys >> 1).padStart(12, '0')}`
  const prober = await Prober.open(server, [['PING'], ['GET', key]])
  await new Promise((resolve) => setTimeout(resolve, seconds * 1000))
  return prober.close()
}
