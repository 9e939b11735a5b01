/** SLOWLOG, COMMANDLOG and their kin as the two client libraries use them. */
import type { Redis } from 'ioredis'
import type { createClient } from 'redis'
import { expect } from 'vitest'
import { NOW_MS } from './client-scenario.ts'

type NodeRedis = Pick<ReturnType<typeof createClient>, 'configSet' | 'sendCommand' | 'set'>

export async function ioredisDiagnosis(client: Redis): Promise<void> {
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
}

export async function nodeRedisDiagnosis(client: NodeRedis): Promise<void> {
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
}
