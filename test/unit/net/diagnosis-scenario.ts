/** SLOWLOG, COMMANDLOG, LATENCY, MONITOR and their kin as the two client libraries use them. */
import type { Redis } from 'ioredis'
import type { createClient } from 'redis'
import { expect } from 'vitest'
import { NOW_MS, type ServedServer } from './client-scenario.ts'
import { eventually } from './raw-client.ts'

type NodeRedis = Pick<
  ReturnType<typeof createClient>,
  | 'configSet'
  | 'duplicate'
  | 'latencyDoctor'
  | 'latencyGraph'
  | 'latencyHistogram'
  | 'latencyHistory'
  | 'latencyLatest'
  | 'latencyReset'
  | 'sendCommand'
  | 'set'
>

export async function ioredisDiagnosis(client: Redis, served: ServedServer): Promise<void> {
  await client.config('SET', 'slowlog-log-slower-than', '0')
  await client.set('k', 'v')
  await client.config('SET', 'slowlog-log-slower-than', '-1')
  const [entry] = (await client.slowlog('GET', 1)) as unknown[][]
  expect(entry!.slice(1, 4)).toEqual([NOW_MS / 1000, 0, ['set', 'k', 'v']])
  expect(await client.slowlog('LEN')).toBe(2)
  expect(await client.call('COMMANDLOG', 'GET', '-1', 'slow')).toHaveLength(2)
  expect(await client.call('COMMANDLOG', 'LEN', 'large-request')).toBe(0)
  expect(await client.call('COMMANDLOG', 'RESET', 'large-reply')).toBe('OK')
  expect(await client.slowlog('RESET')).toBe('OK')
  expect(await client.slowlog('HELP')).toContain('LEN')
  expect(await client.call('COMMANDLOG', 'HELP')).toContain('HELP')
  const { latency } = served.server
  await client.config('SET', 'latency-monitor-threshold', '100')
  latency.note('command', 120_000)
  expect(await client.latency('LATEST')).toEqual([['command', NOW_MS / 1000, 120, 120]])
  expect(await client.latency('HISTORY', 'command')).toEqual([[NOW_MS / 1000, 120]])
  expect(await client.latency('GRAPH', 'command')).toContain('high 120 ms')
  expect(await client.latency('DOCTOR')).toContain('1 latency spikes')
  expect(await client.call('LATENCY', 'HISTOGRAM', 'slowlog|len')).toContain('slowlog|len')
  expect(await client.latency('HELP')).toContain('RESET [event [event ...]]')
  expect(await client.latency('RESET', 'command')).toBe(1)
  await client.config('SET', 'latency-monitor-threshold', '0')
  const monitor = await client.monitor()
  const shown: string[][] = []
  monitor.on('monitor', (_, words: string[]) => shown.push(words))
  await client.set('k', 'a "b"')
  await eventually(() => shown.length > 0)
  expect(shown).toEqual([['set', 'k', 'a "b"']])
  monitor.disconnect()
}

export async function nodeRedisDiagnosis(client: NodeRedis, served: ServedServer): Promise<void> {
  const send = (...words: string[]) => client.sendCommand(words) as Promise<unknown>
  await client.configSet('slowlog-log-slower-than', '0')
  await client.set('k', 'v')
  await client.configSet('slowlog-log-slower-than', '-1')
  const [entry] = (await send('SLOWLOG', 'GET', '1')) as unknown[][]
  expect(entry!.slice(1, 4)).toEqual([NOW_MS / 1000, 0, ['SET', 'k', 'v']])
  expect(await send('SLOWLOG', 'LEN')).toBe(2)
  expect(await send('COMMANDLOG', 'GET', '-1', 'slow')).toHaveLength(2)
  expect(await send('COMMANDLOG', 'LEN', 'large-request')).toBe(0)
  expect(await send('COMMANDLOG', 'RESET', 'large-reply')).toBe('OK')
  expect(await send('SLOWLOG', 'RESET')).toBe('OK')
  expect(await send('SLOWLOG', 'HELP')).toContain('LEN')
  expect(await send('COMMANDLOG', 'HELP')).toContain('HELP')
  const { latency } = served.server
  await client.configSet('latency-monitor-threshold', '100')
  latency.note('command', 120_000)
  expect(await client.latencyLatest()).toEqual([['command', NOW_MS / 1000, 120, 120]])
  expect(await client.latencyHistory('command')).toEqual([[NOW_MS / 1000, 120]])
  expect(await client.latencyGraph('command')).toContain('high 120 ms')
  expect(await client.latencyDoctor()).toContain('1 latency spikes')
  const histograms = await client.latencyHistogram('slowlog|len')
  expect(histograms).toMatchObject({ 'slowlog|len': { calls: 1 } })
  expect(await send('LATENCY', 'HELP')).toContain('RESET [event [event ...]]')
  expect(await client.latencyReset('command')).toBe(1)
  await client.configSet('latency-monitor-threshold', '0')
  const monitor = client.duplicate()
  await monitor.connect()
  const shown: string[] = []
  await monitor.monitor((line) => shown.push(String(line)))
  await client.set('k', 'a "b"')
  await eventually(() => shown.length > 0)
  expect(shown[0]).toMatch(/^\d+\.\d{6} \[0 127\.0\.0\.1:\d+\] "SET" "k" "a \\"b\\""$/)
  monitor.destroy()
}
