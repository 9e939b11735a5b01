/** Emptied databases: gone at once, their memory freed in slices. */
import { describe, expect, test } from 'vitest'
import { ManualClock } from '../../../src/platform/clock.ts'
import { Args } from '../../../src/resp/args.ts'
import { Cron } from '../../../src/server/cron.ts'
import { checkServer, InProcessClient, testServer } from '../../support/in-process-client.ts'

/** A clock on which every look takes time. */
class PassingClock extends ManualClock {
  us = 1_700_000_000_000_000
  stepUs = 0

  override monotonicMicroseconds(): number {
    this.us += this.stepUs
    return this.us
  }
}

function setUp(keys: number, config = {}) {
  const clock = new PassingClock()
  const server = testServer({ clock, config })
  const client = new InProcessClient(server)
  client.call('SET', 'of the first', 'x')
  client.call('SELECT', 1)
  for (let i = 0; i < keys; i++) client.call('SET', `key ${i}`, 'v'.repeat(i % 7000))
  return { clock, server, client, keyspace: server.keyspace, cron: new Cron(server) }
}

describe('FLUSHDB', () => {
  test.each([1, 7, 1000, 5000])('of %i keys frees them in slices', (keys) => {
    const { clock, server, client, keyspace, cron } = setUp(keys)
    const before = keyspace.arena.liveBytes
    clock.stepUs = 1000
    expect(client.call('FLUSHDB', 'SYNC')).toBe('+OK\r\n')
    expect(client.value('DBSIZE')).toBe(0)
    expect(keyspace.arena.liveBytes).toBe(before)
    expect(client.value('INFO', 'memory')).toContain(`\r\nlazyfree_pending_objects:${keys}\r\n`)
    client.call('SET', 'key 1', 'anew')
    let last = keys
    while (keyspace.isReclaiming) {
      cron.run()
      expect(keyspace.lazyFreePending).toBeLessThan(last)
      expect(last - keyspace.lazyFreePending).toBeLessThanOrEqual(1024)
      last = keyspace.lazyFreePending
    }
    expect(keyspace.lazyFreePending).toBe(0)
    expect(client.value('INFO', 'memory')).toContain(`\r\nlazyfreed_objects:${keys}\r\n`)
    expect(client.value('GET', 'key 1')).toBe('anew')
    client.call('CONFIG', 'RESETSTAT')
    expect(keyspace.lazyFreed).toBe(0)
    checkServer(server)
  })

  test('several times over, and FLUSHALL in between', () => {
    const { clock, server, client, keyspace } = setUp(3000)
    clock.stepUs = 1000
    client.call('FLUSHDB')
    keyspace.reclaim(0)
    client.call('SET', 'a', '1')
    client.call('FLUSHDB')
    expect(keyspace.lazyFreePending).toBeGreaterThan(1)
    client.call('FLUSHALL')
    expect(keyspace.isReclaiming).toBe(false)
    expect(keyspace.lazyFreed).toBe(3001)
    expect(keyspace.arena.liveBytes).toBe(0)
    client.call('SET', 'a', '1')
    checkServer(server)
  })

  test('makes room under maxmemory at once', () => {
    const { clock, server, client } = setUp(1000, { maxmemory: '300kb' })
    expect(client.call('SET', 'a', '1')).toMatch(/^-OOM/)
    clock.stepUs = 1000
    client.call('FLUSHDB')
    expect(client.call('SET', 'a', '1')).toBe('+OK\r\n')
    checkServer(server)
  })

  test('is followed by freeing on its own', async () => {
    const { server, client, keyspace, cron } = setUp(3000)
    client.call('FLUSHDB')
    cron.start()
    while (keyspace.isReclaiming) await new Promise((resolve) => setTimeout(resolve, 5))
    cron.stop()
    checkServer(server)
  })
})

describe('during CLIENT PAUSE', () => {
  function paused() {
    const clock = new ManualClock()
    const server = testServer({ clock })
    const [control, client] = [new InProcessClient(server), new InProcessClient(server)]
    for (let i = 0; i < 20; i++) client.call('SET', `key ${i}`, 'v', 'PX', 100)
    control.call('CLIENT', 'PAUSE', 1000, 'WRITE')
    clock.advance(200)
    return { clock, server, client, control, cron: new Cron(server) }
  }

  test('keys that expire are not seen, and stay', () => {
    const { clock, server, client, cron } = paused()
    cron.run()
    expect(client.value('GET', 'key 1')).toBe(null)
    expect(client.value('EXISTS', 'key 1')).toBe(0)
    expect(client.value('SCAN', 0, 'COUNT', 1000)).toEqual(['0', []])
    expect(client.value('KEYS', '*')).toEqual([])
    expect(client.value('RANDOMKEY')).toMatch(/^key /)
    expect(client.value('DBSIZE')).toBe(20)
    expect(server.keyspace.expiredKeys).toBe(0)
    clock.advance(1000)
    server.pause.look()
    expect(client.value('GET', 'key 1')).toBe(null)
    expect(client.value('DBSIZE')).toBe(19)
    cron.run()
    expect(client.value('DBSIZE')).toBe(0)
    expect(server.keyspace.expiredKeys).toBe(20)
    checkServer(server)
  })

  test('what is written takes the place of a key that has expired', () => {
    const { server, client } = paused()
    const database = server.keyspace.databases[0]!
    const args = Args.from(['key 3'])
    const { bytes, view } = args
    expect(database.find(args, 0)).toBe(0)
    expect(database.setString(args, 0, bytes, view, 0, 5, -1, 0)).toBe(true)
    expect(client.value('GET', 'key 3')).toBe('key 3')
    expect(database.count).toBe(20)
    server.keyspace.check()
    server.pause.end()
    checkServer(server)
  })

  test('INFO counts those held back, and none is idle', () => {
    const clock = new ManualClock()
    const server = testServer({ clock, config: { timeout: '10' } })
    const [control, client] = [new InProcessClient(server), new InProcessClient(server)]
    control.call('CLIENT', 'PAUSE', 60_000, 'WRITE')
    client.call('SET', 'a', '1')
    expect(control.value('INFO', 'clients')).toContain('\r\nblocked_clients:1\r\n')
    clock.advance(30_000)
    const cron = new Cron(server)
    cron.run()
    expect(client.closed).toBe(false)
    expect(control.closed).toBe(true)
    clock.advance(30_000)
    server.pause.look()
    cron.run()
    expect(client.take()).toBe('+OK\r\n')
    expect(client.closed).toBe(false)
  })
})
