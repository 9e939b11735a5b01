/** Tracking: what differs from Redis 7.0, what no script can force, and what it leaves behind. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { ManualClock } from '../../../src/platform/clock.ts'
import type { Server } from '../../../src/server/server.ts'
import {
  checkServer,
  InProcessClient,
  testServer,
  type Value,
} from '../../support/in-process-client.ts'

let clock: ManualClock
let server: Server

beforeEach(() => {
  clock = new ManualClock()
  server = testServer({ clock })
})

afterEach(() => {
  checkServer(server)
})

/** A client with RESP3, that tracks with the options given. */
function tracker(...options: string[]): InProcessClient {
  const client = resp3()
  client.call('CLIENT', 'TRACKING', 'ON', ...options)
  return client
}

function resp3(): InProcessClient {
  const client = new InProcessClient(server)
  client.call('HELLO', 3)
  return client
}

/** Bytes in use, with what the clients take now. */
function used(): number {
  server.clientMemory.measure()
  return server.usedMemoryBytes
}

function invalid(...keys: string[]): Value {
  return ['invalidate', keys]
}

const ALL: Value = ['invalidate', null]

/** What comes of a request: pushes before the reply, the reply, pushes behind it. */
function all(client: InProcessClient, ...words: (string | number)[]): Value[] {
  const words1 = words.map(String)
  client.send(`*${words1.length}\r\n${words1.map((w) => `$${w.length}\r\n${w}\r\n`).join('')}`)
  return client.takeValues()
}

describe('what a client is told', () => {
  test('comes before what it has published to itself, as since Redis 7.2', () => {
    const client = tracker()
    client.call('SUBSCRIBE', 'channel')
    client.call('GET', 'a')
    all(client, 'MULTI')
    for (const words of [['PUBLISH', 'channel', 'text'], ['SET', 'a', 1], ['FLUSHALL']]) {
      expect(all(client, ...words)).toEqual(['QUEUED'])
    }
    const message = ['message', 'channel', 'text']
    expect(all(client, 'EXEC')).toEqual([[1, 'OK', 'OK'], invalid('a'), ALL, message])
  })

  test('is also what it read before it paused the tracking, as long as others track', () => {
    const [client] = [tracker(), tracker()]
    client.call('GET', 'a')
    client.call('CLIENT', 'TRACKING', 'OFF')
    // Who is remembered is looked through as the list grows.
    for (let i = 0; i < 20; i++) tracker().call('GET', 'a')
    client.call('CLIENT', 'TRACKING', 'ON')
    resp3().call('SET', 'a', 1)
    expect(client.takeValues()).toEqual([invalid('a')])
  })

  test('of its own changes comes to the client that it has named behind all others', () => {
    const receiver = resp3()
    receiver.call('CONFIG', 'SET', 'notify-keyspace-events', 'K$')
    receiver.call('SUBSCRIBE', '__keyspace@0__:a')
    const client = tracker('REDIRECT', String(receiver.session.id))
    client.call('GET', 'a')
    client.call('SET', 'a', 1)
    const event = ['message', '__keyspace@0__:a', 'set']
    expect(receiver.takeValues()).toEqual([event, invalid('a')])
    client.call('GET', 'a')
    receiver.call('APPEND', 'a', '')
    expect(receiver.takeValues()).toEqual([])
  })

  test('comes behind the reply that it caused, also where the messages are another client’s', () => {
    const receiver = resp3()
    const client = tracker('REDIRECT', String(receiver.session.id))
    client.call('MGET', 'a', 'b', 'c')
    expect(all(receiver, 'SET', 'a', 1)).toEqual(['OK', invalid('a')])
    expect(all(receiver, 'MULTI')).toEqual(['OK'])
    all(receiver, 'SET', 'b', 1)
    all(receiver, 'SET', 'c', 1)
    expect(all(receiver, 'EXEC')).toEqual([['OK', 'OK'], invalid('b'), invalid('c')])
  })

  test('of keys that were evicted for its command comes before the reply', () => {
    const client = tracker()
    client.call('SET', 'volatile', 'x', 'EX', 1000)
    client.call('GET', 'volatile')
    client.call('CONFIG', 'SET', 'maxmemory-policy', 'volatile-random')
    client.call('CONFIG', 'SET', 'maxmemory', used() + 100)
    client.call('SET', 'big', 'x'.repeat(5000))
    expect(all(client, 'STRLEN', 'big')).toEqual([invalid('volatile'), 5000])
    client.call('CONFIG', 'SET', 'maxmemory', 0)
  })

  test('of keys that were evicted reaches it with CLIENT REPLY OFF too', () => {
    const client = tracker()
    client.call('SET', 'volatile', 'x', 'EX', 1000)
    client.call('GET', 'volatile')
    client.call('CONFIG', 'SET', 'maxmemory-policy', 'volatile-random')
    client.call('CONFIG', 'SET', 'maxmemory', used() + 100)
    client.call('CLIENT', 'REPLY', 'OFF')
    client.call('SET', 'big', 'x'.repeat(5000))
    expect(all(client, 'SET', 'small', 'x')).toEqual([invalid('volatile')])
    client.call('CLIENT', 'REPLY', 'ON')
    client.call('CONFIG', 'SET', 'maxmemory', 0)
  })

  test('of keys that expired unasked comes at once', () => {
    const client = tracker()
    client.call('SET', 'a', 1, 'PX', 10)
    client.call('HSET', 'h', 'f', 1)
    client.call('HPEXPIRE', 'h', 10, 'FIELDS', 1, 'f')
    client.call('MGET', 'a', 'h')
    clock.advance(20)
    server.keyspace.tick()
    server.activeExpiry.run()
    const told = client.takeValues()
    expect(told).toHaveLength(2)
    expect(told).toEqual(expect.arrayContaining([invalid('h'), invalid('a')]))
  })

  test('with NOLOOP is also what expired in its own command', () => {
    const client = tracker('NOLOOP')
    client.call('SET', 'a', 1, 'PX', 10)
    client.call('GET', 'a')
    clock.advance(20)
    expect(all(client, 'GET', 'a')).toEqual([null, invalid('a')])
    expect(all(client, 'SET', 'a', 1)).toEqual(['OK'])
  })

  test('of SWAPDB is that all keys are invalid', () => {
    const client = tracker()
    client.call('GET', 'a')
    expect(all(client, 'SWAPDB', 0, 1)).toEqual(['OK', ALL])
    expect(all(client, 'SWAPDB', 1, 1)).toEqual(['OK'])
    expect(server.tracking.table.keyCount).toBe(0)
  })

  test('of prefixes comes once a round, whoever changed the keys', () => {
    const client = tracker('BCAST', 'PREFIX', 'a', 'PREFIX', 'b')
    const other = new InProcessClient(server)
    other.send('SET a1 1\r\nSET b1 1\r\n')
    new InProcessClient(server).send('SET a1 2\r\nSET a0 1\r\n')
    expect(client.takeValues()).toEqual([invalid('a0', 'a1'), invalid('b1')])
    expect(client.takeValues()).toEqual([])
  })

  test('of prefixes that overlap is refused, wherever they stand', () => {
    const client = resp3()
    const refused = client.call(
      ...['CLIENT', 'TRACKING', 'ON', 'BCAST', 'PREFIX', 'x', 'PREFIX', 'ab', 'PREFIX', 'a'],
    )
    expect(refused).toContain("Prefix 'ab' overlaps with another provided prefix 'a'")
    expect(client.session.tracking).toBeNull()
  })

  test('is nothing while its connection is being closed', () => {
    const client = tracker()
    client.call('GET', 'a')
    client.send('QUIT\r\n')
    new InProcessClient(server).call('SET', 'a', 1)
    expect(client.takeValues()).toEqual(['OK'])
  })
})

describe('tracking-table-max-keys', () => {
  test('is kept by telling the clients of other keys', () => {
    const client = tracker()
    client.call('CONFIG', 'SET', 'tracking-table-max-keys', 3)
    const cached = new Set<string>()
    for (let i = 0; i < 50; i++) {
      cached.add(`k${i}`)
      for (const value of all(client, 'GET', `k${i}`)) {
        if (Array.isArray(value)) cached.delete((value[1] as string[])[0])
      }
      expect(server.tracking.table.keyCount).toBeLessThanOrEqual(3)
      expect(cached.size).toBe(server.tracking.table.keyCount)
    }
  })

  test('takes effect in steps when it is lowered by much', async () => {
    const client = tracker()
    for (let i = 0; i < 2500; i++) client.send(`GET k${i}\r\n`)
    client.take()
    client.call('CONFIG', 'SET', 'tracking-table-max-keys', 10)
    expect(server.tracking.table.keyCount).toBe(2400)
    for (let i = 0; i < 4; i++) await new Promise((resolve) => setImmediate(resolve))
    expect(server.tracking.table.keyCount).toBe(10)
    client.call('CONFIG', 'SET', 'tracking-table-max-keys', 0)
    for (let i = 0; i < 100; i++) client.call('GET', `k${i}`)
    expect(server.tracking.table.keyCount).toBeGreaterThan(90)
  })

  test('concerns a request before which CONFIG SET came, also in a transaction', () => {
    const client = tracker('NOLOOP')
    client.call('MGET', 'a', 'b')
    new InProcessClient(server).call('CONFIG', 'SET', 'tracking-table-max-keys', 1)
    expect(all(client, 'MULTI')).toHaveLength(2)
    all(client, 'DISCARD')
  })
})

describe('memory', () => {
  test('that cannot be had has the client told at once, to keep nothing', () => {
    const client = tracker()
    client.call('GET', 'first')
    const { arena } = server.keyspace
    arena.failAfter(1)
    expect(all(client, 'GET', 'a')).toEqual([null, invalid('a')])
    arena.failAfter(0)
    expect(all(client, 'GET', 'a')).toEqual([null])
    expect(server.tracking.table.keyCount).toBe(2)
  })

  test('is counted, and comes back when nobody tracks any more', () => {
    const before = server.usedMemoryBytes
    const clients = Array.from({ length: 20 }, () => tracker())
    const long = 'k'.repeat(40_000)
    for (const client of clients) {
      for (let i = 0; i < 100; i++) client.send(`GET k${i}\r\n`)
      client.call('GET', long)
      client.take()
    }
    expect(server.tracking.table.keyCount).toBe(101)
    expect(server.tracking.table.itemCount).toBe(2020)
    expect(server.usedMemoryBytes).toBeGreaterThan(before + 2020 * 8)
    for (const client of clients.slice(0, 10)) client.close()
    for (const client of clients.slice(10)) client.call('RESET')
    expect(server.tracking).toMatchObject({ isActive: false, clientCount: 0 })
    server.keyspace.reclaim(Number.POSITIVE_INFINITY)
    expect(server.usedMemoryBytes).toBe(before)
  })

  test('of a key does not grow with clients that come and go', () => {
    const keeper = tracker()
    keeper.call('GET', 'hot')
    for (let i = 0; i < 1000; i++) {
      const client = tracker()
      client.call('GET', 'hot')
      client.close()
    }
    expect(server.tracking.table.itemCount).toBeLessThan(10)
    new InProcessClient(server).call('SET', 'hot', 1)
    expect(keeper.takeValues()).toEqual([invalid('hot')])
  })

  test('of prefixes comes back with their clients', () => {
    const clients = ['a', 'b', 'b'].map((prefix) => tracker('BCAST', 'PREFIX', prefix))
    expect(server.tracking.broadcasts.count).toBe(2)
    const other = new InProcessClient(server)
    other.send('MSET a 1 b 1\r\n')
    for (const client of clients) client.close()
    expect(server.tracking.broadcasts).toMatchObject({ count: 0, isPending: false })
    other.send('SET a 2\r\n')
    other.take()
  })

  test('is sound with a thousand clients that read one key', () => {
    const clients = Array.from({ length: 1000 }, () => tracker())
    for (const client of [...clients, ...clients.reverse()]) client.call('GET', 'hot')
    expect(server.tracking.table.itemCount).toBe(1000)
    new InProcessClient(server).call('SET', 'hot', 1)
    for (const client of clients) expect(client.takeValues()).toEqual([invalid('hot')])
    expect(server.tracking.table).toMatchObject({ keyCount: 0, itemCount: 0 })
  })
})
