/** Active expiry: what a slice does, when it ends, and when the next one is due. */
import { describe, expect, test } from 'vitest'
import type { Address } from '../../../src/arena/arena.ts'
import { keySliceOf } from '../../../src/keyspace/entry.ts'
import { ManualClock } from '../../../src/platform/clock.ts'
import type { Server } from '../../../src/server/server.ts'
import { checkServer, InProcessClient, testServer } from '../../support/in-process-client.ts'

/** A clock of which every look at it takes so many microseconds. */
class SlowClock extends ManualClock {
  private readonly stepUs: number
  private us = 0

  constructor(stepUs: number) {
    super()
    this.stepUs = stepUs
  }

  override monotonicMicroseconds(): number {
    this.us += this.stepUs
    return this.us
  }
}

function fill(client: InProcessClient, prefix: string, count: number, ttlMs: number): void {
  const requests: string[] = []
  for (let i = 0; i < count; i++) {
    requests.push(`SET ${prefix}${i} ${i}\r\n`)
    if (ttlMs > 0) requests.push(`PEXPIRE ${prefix}${i} ${ttlMs}\r\n`)
  }
  client.send(requests.join(''))
  client.take()
}

/** Runs slices until none is due at once. @returns how many there were */
function runAll(server: Server, limit = 100_000): number {
  let slices = 1
  while (server.activeExpiry.run()) {
    if (++slices > limit) throw new Error('active expiry does not come to rest')
  }
  return slices
}

describe('a slice', () => {
  test('removes what has expired, in every database, and nothing else', () => {
    const clock = new ManualClock()
    const server = testServer({ clock })
    const client = new InProcessClient(server)
    for (const db of [0, 3, 15]) {
      client.session.db = server.keyspace.databases[db]!
      fill(client, 'short', 20, 100)
      fill(client, 'long', 20, 1000)
      fill(client, 'lasting', 20, 0)
    }
    expect(server.activeExpiry.run()).toBe(false)
    clock.advance(100)
    // In the very millisecond of its expiry time a key still lives.
    expect(server.activeExpiry.run()).toBe(false)
    expect(server.keyspace.expiredKeys).toBe(0)
    clock.advance(1)
    expect(server.activeExpiry.run()).toBe(true)
    expect(server.activeExpiry.run()).toBe(false)
    expect(server.keyspace.expiredKeys).toBe(60)
    for (const db of [0, 3, 15]) {
      expect(server.keyspace.databases[db]!.count).toBe(40)
      expect(server.keyspace.databases[db]!.expiring).toBe(20)
    }
    checkServer(server)
  })

  test('does nothing while it is turned off', () => {
    const clock = new ManualClock()
    const server = testServer({ clock })
    fill(new InProcessClient(server), 'key', 10, 1)
    clock.advance(10)
    server.activeExpiry.enabled = false
    expect(server.activeExpiry.run()).toBe(false)
    expect(server.keyspace.databases[0]!.count).toBe(10)
    server.activeExpiry.enabled = true
    server.activeExpiry.run()
    expect(server.keyspace.databases[0]!.count).toBe(0)
    checkServer(server)
  })

  test('ends when its time is up, and the next goes on from there', () => {
    // Sixteen keys between two looks at the clock, of which ten make up a slice of 1 ms.
    const clock = new SlowClock(100)
    const server = testServer({ clock })
    fill(new InProcessClient(server), 'key', 2000, 1)
    clock.advance(10)
    let before = 0
    let slices = 0
    while (server.activeExpiry.run()) {
      slices++
      const removed = server.keyspace.expiredKeys - before
      expect(removed).toBeLessThanOrEqual(16 * 10 + 3)
      before = server.keyspace.expiredKeys
    }
    expect(server.keyspace.databases[0]!.count).toBe(0)
    expect(slices).toBeGreaterThanOrEqual(2000 / (16 * 10 + 3))
    expect(slices).toBeLessThan(60)
    expect(server.activeExpiry.timeCapReached).toBeGreaterThan(0)
    checkServer(server)
  })

  test('ends under a clock that stands still', () => {
    const clock = new ManualClock()
    const server = testServer({ clock, debugArena: false })
    fill(new InProcessClient(server), 'key', 40_000, 1)
    clock.advance(10)
    server.activeExpiry.run()
    expect(server.keyspace.expiredKeys).toBeGreaterThanOrEqual(16_384)
    expect(server.keyspace.expiredKeys).toBeLessThanOrEqual(16_384 + 3)
    expect(runAll(server)).toBeLessThanOrEqual(3)
    expect(server.keyspace.databases[0]!.count).toBe(0)
    checkServer(server)
  })

  test('tells each key to the listener before it is gone', () => {
    const clock = new ManualClock()
    const server = testServer({ clock })
    const told = new Set<string>()
    server.keyspace.listener = {
      expired: (database, entry: Address) => {
        told.add(`${database.index}:${Buffer.from(keySliceOf(server.keyspace.arena, entry))}`)
      },
      evicted: () => {},
      fieldsExpired: () => {},
    }
    fill(new InProcessClient(server), 'key', 50, 5)
    clock.advance(6)
    server.activeExpiry.run()
    expect([...told].sort()).toEqual([...Array(50).keys()].map((i) => `0:key${i}`).sort())
    checkServer(server)
  })
})

describe('active-expire-effort', () => {
  test('makes slices longer, up to 43 percent of the time', () => {
    // Sixteen keys between two looks at the clock, each of which takes 10 µs.
    const removedBySlice = (effort: string): number => {
      const clock = new SlowClock(10)
      const server = testServer({ clock, debugArena: false })
      expect(server.config.setMany([['active-expire-effort', effort]])).toBeNull()
      fill(new InProcessClient(server), 'key', 8000, 1)
      clock.advance(10)
      server.activeExpiry.run()
      return server.keyspace.expiredKeys
    }
    const [least, most] = [removedBySlice('1'), removedBySlice('10')]
    expect(least).toBeGreaterThan(16 * 90)
    expect(least).toBeLessThanOrEqual(16 * 100 + 3)
    expect(most / least).toBeGreaterThan(2.2)
    expect(most).toBeLessThanOrEqual(16 * 227 + 3)
  })

  test('has fewer expired keys call for another slice', () => {
    for (const [effort, isDue] of [
      ['1', false],
      ['6', false],
      ['7', true],
      ['10', true],
    ] as const) {
      const clock = new ManualClock()
      const server = testServer({ clock, config: { 'active-expire-effort': effort } })
      const client = new InProcessClient(server)
      fill(client, 'lasting', 95, 100_000)
      fill(client, 'short', 5, 1)
      clock.advance(2)
      expect(server.activeExpiry.run(), effort).toBe(isDue)
      checkServer(server)
    }
  })
})

describe('many keys', () => {
  test('100,000 that expire at once go within a bounded number of slices', () => {
    const clock = new SlowClock(50)
    const server = testServer({ clock, debugArena: false })
    const client = new InProcessClient(server)
    fill(client, 'key', 100_000, 1000)
    fill(client, 'lasting', 1000, 0)
    const { arena, databases } = server.keyspace
    const liveBytes = arena.liveBytes
    clock.advance(1001)
    // A slice has 20 looks at the clock, for 16 keys each.
    const slices = runAll(server)
    expect(slices).toBeLessThan((100_000 / (16 * 20)) * 3)
    expect(databases[0]!.count).toBe(1000)
    expect(databases[0]!.expiring).toBe(0)
    expect(arena.liveBytes).toBeLessThan(liveBytes / 50)
    checkServer(server)
  })

  test('that do not expire make no slice due soon', () => {
    const clock = new SlowClock(50)
    const server = testServer({ clock, debugArena: false })
    fill(new InProcessClient(server), 'key', 5000, 100_000)
    for (let i = 0; i < 50; i++) expect(server.activeExpiry.run()).toBe(false)
    expect(server.keyspace.databases[0]!.count).toBe(5000)
    expect(server.activeExpiry.stalePercent).toBe(0)
    checkServer(server)
  })

  test('of which a twentieth has expired go in the course of time, without hurry', () => {
    const clock = new SlowClock(50)
    const server = testServer({ clock, debugArena: false })
    const client = new InProcessClient(server)
    for (let i = 0; i < 4000; i++) {
      client.call('SET', `key${i}`, i)
      client.call('PEXPIRE', `key${i}`, i % 20 === 0 ? 1 : 1_000_000)
    }
    clock.advance(2)
    for (let i = 0; i < 60; i++) server.activeExpiry.run()
    expect(server.keyspace.databases[0]!.count).toBe(3800)
    expect(server.activeExpiry.stalePercent).toBeGreaterThan(0)
    checkServer(server)
  })

  test('the mean time to live is followed', () => {
    const clock = new ManualClock()
    const server = testServer({ clock })
    fill(new InProcessClient(server), 'key', 100, 60_000)
    server.activeExpiry.run()
    expect(server.keyspace.databases[0]!.averageTtlMs).toBe(60_000)
    clock.advance(10_000)
    for (let i = 0; i < 500; i++) server.activeExpiry.run()
    expect(server.keyspace.databases[0]!.averageTtlMs).toBeLessThan(50_200)
    checkServer(server)
  })
})

test('keys that expire are not missed while others come and go', () => {
  const clock = new SlowClock(100)
  const server = testServer({ clock, debugArena: false })
  const client = new InProcessClient(server)
  fill(client, 'old', 5000, 10)
  clock.advance(11)
  for (let i = 0; server.activeExpiry.run(); i++) {
    for (let j = 0; j < 20; j++) {
      client.call('SET', `new${i * 20 + j}`, 'x')
      client.call('DEL', `new${i * 10 + j}`)
    }
    if (i > 1000) throw new Error('active expiry does not come to rest')
  }
  // A key that moved during a round is found in the next.
  for (let i = 0; i < 10; i++) server.activeExpiry.run()
  expect(server.keyspace.databases[0]!.expiring).toBe(0)
  checkServer(server)
})
