/**
 * Client libraries that meet the server's limits on clients: they are disconnected or held up, and
 * go on afterwards.
 */
import { Redis } from 'ioredis'
import { createClient } from 'redis'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { ManualClock } from '../../../src/platform/clock.ts'
import { NOW_MS, type ServedServer, serve } from './client-scenario.ts'

/** More than `maxmemory-clients` allows in these tests. */
const TOO_LARGE = 'x'.repeat(2_000_000)

let served: ServedServer
let clock: ManualClock

beforeEach(() => {
  clock = new ManualClock(NOW_MS)
  served = serve({ clock, config: { 'maxmemory-clients': '1mb' } })
})

afterEach(() => served.close())

describe('ioredis', () => {
  function connect(): Redis {
    const options = { maxRetriesPerRequest: 0, retryStrategy: () => 1 }
    return new Redis(served.port, '127.0.0.1', options).on('error', () => {})
  }

  test('is disconnected for a request that takes too much memory, and comes again', async () => {
    const client = connect()
    const observer = connect()
    await client.set('key', 'small')
    await expect(client.set('key', TOO_LARGE)).rejects.toThrow('Reached the max retries')
    expect(served.server.clientMemory.evicted).toBe(1)
    expect(await observer.get('key')).toBe('small')
    expect(await client.get('key')).toBe('small')
    client.disconnect()
    observer.disconnect()
  })

  test('writes when a pause is over', async () => {
    const client = connect()
    const observer = connect()
    await observer.client('PAUSE', 60_000, 'WRITE')
    expect(await client.get('key')).toBeNull()
    const written = client.set('key', 'late')
    expect(await observer.get('key')).toBeNull()
    await observer.client('UNPAUSE')
    expect(await written).toBe('OK')
    client.disconnect()
    observer.disconnect()
  })

  test('is killed by age', async () => {
    const client = connect()
    const id = await client.client('ID')
    clock.advance(10_000)
    const observer = connect()
    const again = new Promise((resolve) => client.once('ready', resolve))
    expect(await observer.call('CLIENT', 'KILL', 'MAXAGE', '10')).toBe(1)
    await again
    expect(await client.client('ID')).toBeGreaterThan(id)
    client.disconnect()
    observer.disconnect()
  })
})

describe('node-redis', () => {
  async function connect() {
    const socket = { host: '127.0.0.1', port: served.port, reconnectStrategy: () => 1 }
    return createClient({ socket, disableOfflineQueue: false })
      .on('error', () => {})
      .connect()
  }

  test('is disconnected for a request that takes too much memory, and comes again', async () => {
    const client = await connect()
    const observer = await connect()
    await client.set('key', 'small')
    const again = new Promise((resolve) => client.once('ready', resolve))
    await expect(client.set('key', TOO_LARGE)).rejects.toThrow()
    expect(served.server.clientMemory.evicted).toBe(1)
    await again
    expect(await observer.get('key')).toBe('small')
    expect(await client.get('key')).toBe('small')
    client.destroy()
    observer.destroy()
  })

  test('writes when a pause is over', async () => {
    const client = await connect()
    const observer = await connect()
    await observer.clientPause(60_000, 'WRITE')
    expect(await client.get('key')).toBeNull()
    const written = client.set('key', 'late')
    expect(await observer.get('key')).toBeNull()
    await observer.clientUnpause()
    expect(await written).toBe('OK')
    client.destroy()
    observer.destroy()
  })

  test('is killed by age', async () => {
    const client = await connect()
    const id = await client.clientId()
    clock.advance(10_000)
    const observer = await connect()
    const again = new Promise((resolve) => client.once('ready', resolve))
    expect(await observer.sendCommand(['CLIENT', 'KILL', 'MAXAGE', '10'])).toBe(1)
    await again
    expect(await client.clientId()).toBeGreaterThan(id)
    client.destroy()
    observer.destroy()
  })
})
