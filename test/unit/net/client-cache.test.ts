/** Client-side caching as client libraries do it, over real sockets: node-redis and ioredis. */
import { Redis } from 'ioredis'
import {
  BasicClientSideCache,
  BasicPooledClientSideCache,
  createClient,
  createClientPool,
} from 'redis'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { ManualClock } from '../../../src/platform/clock.ts'
import { NOW_MS, type ServedServer, serve } from './client-scenario.ts'
import { eventually } from './raw-client.ts'

let served: ServedServer
let clock: ManualClock
let ends: (() => void)[] = []

beforeEach(() => {
  clock = new ManualClock(NOW_MS)
  served = serve({ clock })
})

afterEach(async () => {
  for (const end of ends) end()
  ends = []
  await served.close()
})

describe('node-redis', () => {
  const socket = () => ({ host: '127.0.0.1', port: served.port, reconnectStrategy: () => 1 })

  async function connect(clientSideCache?: BasicClientSideCache) {
    const client = createClient({
      RESP: 3,
      socket: socket(),
      ...(clientSideCache && { clientSideCache }),
    })
    client.on('error', () => {})
    await client.connect()
    ends.push(() => client.destroy())
    return client
  }

  test('its cache answers until the value changes', async () => {
    const cache = new BasicClientSideCache()
    const client = await connect(cache)
    const other = await connect()
    await other.mSet({ a: '1', b: '2' })
    await other.hSet('h', { f: '1' })
    for (let i = 0; i < 5; i++) {
      expect(await client.get('a')).toBe('1')
      expect(await client.mGet(['a', 'b'])).toEqual(['1', '2'])
      expect(await client.hGetAll('h')).toEqual({ f: '1' })
      expect(await client.get('none')).toBeNull()
    }
    expect(cache.stats()).toMatchObject({ hitCount: 16, missCount: 4 })
    expect(served.server.tracking.table.keyCount).toBe(4)
    await other.set('a', '3')
    await eventually(() => cache.size() === 2)
    expect(await client.get('a')).toBe('3')
    expect(await client.mGet(['a', 'b'])).toEqual(['3', '2'])
    await other.set('none', '1')
    await other.hSet('h', { f: '2' })
    await eventually(() => cache.size() === 2)
    expect(await client.hGetAll('h')).toEqual({ f: '2' })
    await client.set('a', '4')
    expect(await client.get('a')).toBe('4')
  })

  test('its cache forgets what expires, what is evicted and all of an emptied database', async () => {
    const cache = new BasicClientSideCache()
    const client = await connect(cache)
    const other = await connect()
    await other.set('a', '1', { PX: 100 })
    expect(await client.get('a')).toBe('1')
    clock.advance(200)
    served.server.keyspace.tick()
    served.server.activeExpiry.run()
    await eventually(() => cache.size() === 0)
    await other.set('b', '1')
    expect(await client.get('b')).toBe('1')
    await other.configSet({ 'maxmemory-policy': 'allkeys-lru', maxmemory: '1' })
    await eventually(() => cache.size() === 0)
    await other.configSet('maxmemory', '0')
    await client.get('c')
    await other.flushAll()
    await eventually(() => cache.size() === 0)
  })

  test('a connection that is lost loses its cache and tracks anew', async () => {
    const cache = new BasicClientSideCache()
    const client = await connect(cache)
    const other = await connect()
    await other.set('a', '1')
    expect(await client.get('a')).toBe('1')
    const [first] = [...served.server.sessions.values()].filter((each) => each.tracking !== null)
    first.destroy()
    await eventually(() => served.server.tracking.clientCount === 1 && cache.size() === 0)
    await other.set('a', '2')
    expect(await client.get('a')).toBe('2')
    await other.set('a', '3')
    await eventually(() => cache.size() === 0)
    expect(await client.get('a')).toBe('3')
  })

  test('a pool shares one cache, and nobody reads what was written long ago', async () => {
    const cache = new BasicPooledClientSideCache()
    const pool = createClientPool(
      { RESP: 3, socket: socket() },
      { minimum: 4, clientSideCache: cache },
    )
    pool.on('error', () => {})
    await pool.connect()
    ends.push(() => pool.destroy())
    const other = await connect()
    for (let round = 1; round <= 30; round++) {
      await other.mSet({ a: `${round}`, b: `${round}` })
      await eventually(() => cache.size() === 0)
      const reads = Array.from({ length: 20 }, (_, i) => pool.get(i % 2 === 0 ? 'a' : 'b'))
      expect(new Set(await Promise.all(reads))).toEqual(new Set([`${round}`]))
    }
  })
})

describe('ioredis', () => {
  test('messages come to a connection that listens', async () => {
    const options = { port: served.port, host: '127.0.0.1', protocol: 2 } as const
    const [client, listener, other] = [1, 2, 3].map(() => new Redis(options))
    for (const each of [client, listener, other]) ends.push(() => each.disconnect())
    const cache = new Map<string, string | null>()
    const listenerId = await listener.client('ID')
    listener.on('message', (_channel, keys) => {
      if (keys === '') cache.clear()
      else for (const key of keys.split(',')) cache.delete(key)
    })
    await listener.subscribe('__redis__:invalidate')
    await client.client('TRACKING', 'ON', 'REDIRECT', listenerId)
    const read = async (key: string): Promise<string | null> => {
      if (!cache.has(key)) cache.set(key, await client.get(key))
      return cache.get(key)!
    }
    await other.mset('a', '1', 'b', '1')
    expect(await read('a')).toBe('1')
    expect(await read('b')).toBe('1')
    await other.set('a', '2')
    await eventually(() => !cache.has('a'))
    expect(await read('a')).toBe('2')
    await other.flushall()
    await eventually(() => cache.size === 0)
    expect(await read('b')).toBeNull()
  })
})
