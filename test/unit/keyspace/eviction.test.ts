/** Which keys are evicted, in a keyspace that stands still but for what a test does to it. */
import { describe, expect, test } from 'vitest'
import type { Address } from '../../../src/arena/arena.ts'
import { lfuWithCounter, lruAfterIdle } from '../../../src/keyspace/access.ts'
import type { Database } from '../../../src/keyspace/database.ts'
import { keySliceOf, setAccess } from '../../../src/keyspace/entry.ts'
import { ManualClock } from '../../../src/platform/clock.ts'
import { Random } from '../../../src/platform/random.ts'
import { checkServer, InProcessClient, testServer } from '../../support/in-process-client.ts'

const POLICIES = [
  'allkeys-lru',
  'allkeys-lfu',
  'allkeys-random',
  'volatile-lru',
  'volatile-lfu',
  'volatile-random',
  'volatile-ttl',
]

function setup(config: Record<string, string> = {}) {
  const clock = new ManualClock()
  const server = testServer({ clock, config })
  const client = new InProcessClient(server)
  const evicted: string[] = []
  const { removals } = server
  const passOn = removals.evicted.bind(removals)
  removals.evicted = (database: Database, entry: Address) => {
    const key = Buffer.from(keySliceOf(server.keyspace.arena, entry)).toString()
    evicted.push(`${database.index}:${key}`)
    passOn(database, entry)
  }
  const { arena } = server.keyspace
  /** Evicts until so many keys are gone. */
  const evict = (count: number): void => {
    const { eviction } = server.memory
    const goal = evicted.length + count
    while (evicted.length < goal) {
      if (eviction.run(arena.liveBytes - 1, 0) === 'failed') throw new Error('none is left')
    }
  }
  /** Sets the access bits of a key of database 0. */
  const setAccessOf = (key: string, access: number): void => {
    const database = server.keyspace.databases[0]!
    database.forEach((entry) => {
      if (Buffer.from(keySliceOf(arena, entry)).toString() === key) setAccess(arena, entry, access)
    })
  }
  return { clock, server, client, evicted, evict, setAccessOf, eviction: server.memory.eviction }
}

describe('the order of eviction', () => {
  test('volatile-ttl: what expires soonest goes first', () => {
    const { client, evicted, evict, server } = setup({
      'maxmemory-policy': 'volatile-ttl',
      'maxmemory-samples': '64',
    })
    for (let i = 0; i < 40; i++) client.call('SET', `k${i}`, 'v', 'EX', 1000 - i)
    client.call('SET', 'stays', 'v')
    evict(40)
    expect(evicted).toEqual(Array.from({ length: 40 }, (_, i) => `0:k${39 - i}`))
    expect(() => evict(1)).toThrow('none is left')
    checkServer(server)
  })

  test('allkeys-lru: what has not been used for longest goes first', () => {
    const { clock, client, evicted, evict, server } = setup({
      'maxmemory-policy': 'allkeys-lru',
      'maxmemory-samples': '64',
    })
    for (let i = 0; i < 10; i++) {
      client.call('SET', `k${i}`, 'v')
      clock.advance(1000)
    }
    client.call('GET', 'k0')
    evict(10)
    expect(evicted).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 0].map((i) => `0:k${i}`))
    checkServer(server)
  })

  test('a key that has been used since it was drawn stays', () => {
    const { clock, client, evicted, evict } = setup({
      'maxmemory-policy': 'allkeys-lru',
      'maxmemory-samples': '64',
    })
    for (let i = 0; i < 10; i++) {
      client.call('SET', `k${i}`, 'v')
      clock.advance(1000)
    }
    evict(1)
    for (let i = 1; i < 8; i++) client.call('GET', `k${i}`)
    evict(2)
    expect(evicted).toEqual(['0:k0', '0:k8', '0:k9'])
  })

  test('allkeys-lfu: what is used least goes first, after its decay', () => {
    const { clock, client, evicted, evict, setAccessOf } = setup({
      'maxmemory-policy': 'allkeys-lfu',
      'maxmemory-samples': '64',
    })
    for (const key of ['a', 'b', 'c', 'd']) client.call('SET', key, 'v')
    setAccessOf('a', lfuWithCounter(40, clock.nowMs))
    setAccessOf('b', lfuWithCounter(20, clock.nowMs))
    clock.advance(30 * 60_000)
    setAccessOf('c', lfuWithCounter(5, clock.nowMs))
    setAccessOf('d', lfuWithCounter(15, clock.nowMs))
    evict(4)
    expect(evicted).toEqual(['0:b', '0:c', '0:a', '0:d'])
  })

  test('the LRU clock may wrap', () => {
    const { clock, client, evicted, evict, setAccessOf } = setup({
      'maxmemory-policy': 'allkeys-lru',
      'maxmemory-samples': '64',
    })
    clock.advance((2 ** 24 - ((clock.nowMs / 1000) % 2 ** 24)) * 1000 + 5000)
    for (const [key, idleSeconds] of [
      ['a', 3],
      ['b', 9],
      ['c', 6],
    ] as const) {
      client.call('SET', key, 'v')
      setAccessOf(key, lruAfterIdle(idleSeconds, clock.nowMs))
    }
    evict(3)
    expect(evicted).toEqual(['0:b', '0:c', '0:a'])
  })

  test('all databases are drawn from', () => {
    const { clock, client, evicted, evict } = setup({
      'maxmemory-policy': 'allkeys-lru',
      'maxmemory-samples': '64',
    })
    for (const database of ['3', '0', '7']) {
      client.call('SELECT', database)
      client.call('SET', 'k', 'v')
      clock.advance(1000)
    }
    evict(3)
    expect(evicted).toEqual(['3:k', '0:k', '7:k'])
  })

  test('random: databases take turns', () => {
    const { client, evicted, evict } = setup({ 'maxmemory-policy': 'allkeys-random' })
    for (const database of ['1', '2']) {
      client.call('SELECT', database)
      for (let i = 0; i < 3; i++) client.call('SET', `k${i}`, 'v')
    }
    evict(6)
    expect(evicted.map((name) => name[0])).toEqual(['1', '2', '1', '2', '1', '2'])
    expect(() => evict(1)).toThrow('none is left')
  })

  test.each(POLICIES.filter((policy) => policy.startsWith('volatile')))(
    '%s: keys without an expiry time stay',
    (policy) => {
      const { client, evicted, evict, server } = setup({ 'maxmemory-policy': policy })
      for (let i = 0; i < 300; i++) {
        client.call('SET', `k${i}`, 'v')
        if (i % 3 === 0) client.call('EXPIRE', `k${i}`, 1000 + i)
      }
      evict(100)
      expect(() => evict(1)).toThrow('none is left')
      expect(evicted.every((name) => Number(name.slice(3)) % 3 === 0)).toBe(true)
      expect(client.value('DBSIZE')).toBe(200)
      checkServer(server)
    },
  )

  test('a key that is drawn and then made persistent stays', () => {
    const { client, evict } = setup({
      'maxmemory-policy': 'volatile-ttl',
      'maxmemory-samples': '64',
    })
    for (let i = 0; i < 8; i++) client.call('SET', `k${i}`, 'v', 'EX', 100 + i)
    evict(1)
    for (let i = 1; i < 8; i++) client.call('PERSIST', `k${i}`)
    expect(() => evict(1)).toThrow('none is left')
    expect(client.value('DBSIZE')).toBe(7)
  })
})

describe('candidates that are gone', () => {
  test.each(POLICIES)('%s: addresses that are used anew, exchanged or emptied', (policy) => {
    const { clock, client, evict, server } = setup({ 'maxmemory-policy': policy })
    const random = new Random(7)
    const fill = (): void => {
      for (let i = 0; i < 60; i++) {
        const key = `k${random.below(500)}`
        client.call('SET', key, 'v'.repeat(random.below(40)), 'EX', 10 + random.below(1000))
      }
    }
    for (let round = 0; round < 60; round++) {
      client.call('SELECT', random.below(3))
      fill()
      evict(5)
      const what = random.below(8)
      if (what === 0) client.call('FLUSHDB')
      else if (what === 1) client.call('FLUSHALL')
      else if (what === 2) client.call('SWAPDB', 0, 1)
      else if (what === 3) client.call('DEL', ...Array.from({ length: 400 }, (_, i) => `k${i}`))
      else clock.advance(random.below(20_000))
      fill()
      evict(5)
      server.keyspace.check()
    }
    checkServer(server)
  })

  test('keys that a snapshot still needs are passed over', () => {
    const { client, evicted, evict, server } = setup({
      'maxmemory-policy': 'volatile-ttl',
      'maxmemory-samples': '64',
    })
    for (let i = 0; i < 8; i++) client.call('SET', `k${i}`, 'v', 'EX', 100 + i)
    server.keyspace.preserver = {
      isChanging: false,
      found: () => {},
      mayRemove: (_, entry) =>
        Number(Buffer.from(keySliceOf(server.keyspace.arena, entry)).toString().slice(1)) % 2 === 1,
      swapped: () => {},
      emptied: () => {},
    }
    evict(4)
    expect(evicted).toEqual(['0:k1', '0:k3', '0:k5', '0:k7'])
    expect(() => evict(1)).toThrow('none is left')
    server.keyspace.preserver = null
    checkServer(server)
  })
})

describe('the time that it may take', () => {
  /** A clock that goes on by so much whenever it is read. */
  class TickingClock extends ManualClock {
    stepUs = 0
    private readUs = 0

    override monotonicMicroseconds(): number {
      this.readUs += this.stepUs
      return this.nowMs * 1000 + this.readUs
    }
  }

  test.each([
    [0, 32],
    [10, 96],
    [50, 1000],
    [100, 1000],
  ])('maxmemory-eviction-tenacity %i', (tenacity, count) => {
    const clock = new TickingClock()
    const server = testServer({ clock, config: { 'maxmemory-policy': 'allkeys-lru' } })
    const client = new InProcessClient(server)
    for (let i = 0; i < 1000; i++) client.call('SET', `k${i}`, 'v')
    const { eviction } = server.memory
    eviction.setTenacity(tenacity)
    clock.stepUs = 100
    const result = eviction.run(1, 0)
    expect(eviction.evictedKeys).toBe(count)
    expect(result).toBe(count < 1000 ? 'running' : 'failed')
    checkServer(server)
  })

  test('as much as a command brings is freed beyond it', () => {
    const clock = new TickingClock()
    const server = testServer({ clock, config: { 'maxmemory-policy': 'allkeys-lru' } })
    const client = new InProcessClient(server)
    for (let i = 0; i < 1000; i++) client.call('SET', `k${i}`, 'v'.repeat(100))
    const { arena } = server.keyspace
    const before = arena.liveBytes
    clock.stepUs = 1000
    expect(server.memory.eviction.run(1, 50_000)).toBe('running')
    expect(before - arena.liveBytes).toBeGreaterThanOrEqual(50_000)
    expect(before - arena.liveBytes).toBeLessThan(60_000)
  })

  test('a large collection is freed as far as the room is needed', () => {
    const { client, server, eviction } = setup({ 'maxmemory-policy': 'allkeys-lru' })
    const { arena } = server.keyspace
    for (let i = 0; i < 20_000; i++) client.call('HSET', 'hash', `field ${i}`, 'v'.repeat(20))
    const limit = arena.liveBytes - 300_000
    expect(eviction.run(limit, 0)).toBe('done')
    expect(eviction.evictedKeys).toBe(1)
    expect(arena.liveBytes).toBeLessThanOrEqual(limit)
    expect(server.keyspace.isReclaiming).toBe(true)
    checkServer(server)
  })
})

describe('hot keys', () => {
  const KEYS = 20_000
  const HOT = 400

  test.each(['allkeys-lru', 'allkeys-lfu'])('%s keeps what is used, in a stream of others', (p) => {
    const { clock, client, evict, server } = setup({ 'maxmemory-policy': p })
    const random = new Random(3)
    for (let i = 0; i < HOT; i++) client.call('SET', `hot${i}`, 'v')
    for (let i = 0; i < KEYS; i++) {
      client.call('SET', `cold${i}`, 'v')
      for (let j = 0; j < 4; j++) client.call('GET', `hot${random.below(HOT)}`)
      if (i % 100 === 0) clock.advance(1000)
      if (i > 2000) evict(1)
    }
    let kept = 0
    for (let i = 0; i < HOT; i++) kept += client.value('EXISTS', `hot${i}`) as number
    expect(kept).toBeGreaterThan(0.97 * HOT)
    checkServer(server)
  })
})
