/** `maxmemory-clients`, and what INFO says of the memory of clients. */
import { afterEach, describe, expect, test } from 'vitest'
import { ManualClock } from '../../../src/platform/clock.ts'
import { Cron } from '../../../src/server/cron.ts'
import type { Server } from '../../../src/server/server.ts'
import {
  checkServer,
  encodeRequest,
  InProcessClient,
  StuckTransport,
  testServer,
} from '../../support/in-process-client.ts'

const KB = 1024
const MB = 1024 * KB
/** What a connection takes by itself, at most. */
const CLIENT_BYTES = 8 * KB

let server: Server

function start(config: Record<string, string> = {}): InProcessClient {
  server = testServer({ config: { 'enable-debug-command': 'yes', ...config } })
  return new InProcessClient(server)
}

/** A client in the midst of a request with an argument of so many bytes. */
function halfway(bytes: number): InProcessClient {
  const client = new InProcessClient(server)
  client.send(`*1\r\n$${bytes}\r\n`)
  client.send('x'.repeat(bytes))
  return client
}

function field(client: InProcessClient, section: string, name: string): number {
  const report = String(client.value('INFO', section))
  return Number(new RegExp(`^${name}:(.*)\r$`, 'm').exec(report)?.[1])
}

/** One beat of the cron that looks at everybody, and what it has put off. */
async function settle(): Promise<void> {
  new Cron(server).run()
  await new Promise((resolve) => setImmediate(resolve))
}

/** The books are those of the clients that are there. */
afterEach(() => {
  let sum = 0
  for (const session of server.sessions.values()) sum += session.notedBytes
  expect(server.clientMemory.totalBytes).toBe(sum)
  for (const { count, bytes } of server.clientMemory.bucketSizes) {
    if (count === 0) expect(bytes).toBe(0)
  }
  checkServer(server)
})

describe('maxmemory-clients disconnects', () => {
  test('a client with a long request, before it is run', () => {
    start({ 'maxmemory-clients': '1mb' })
    const client = new InProcessClient(server)
    const request = encodeRequest(['SET', 'key', 'x'.repeat(MB)])
    for (let at = 0; at < request.length && !client.closed; at += 64 * KB) {
      client.send(request.subarray(at, at + 64 * KB))
    }
    expect(client.closed).toBe(true)
    expect(new InProcessClient(server).value('EXISTS', 'key')).toBe(0)
    expect(server.clientMemory.evicted).toBe(1)
  })

  test('a client that announces too long an argument, before it comes', () => {
    start({ 'maxmemory-clients': '1mb' })
    const client = new InProcessClient(server)
    client.send(`*2\r\n$4\r\nECHO\r\n$${MB / 2}\r\nx`)
    expect(client.closed).toBe(false)
    const other = new InProcessClient(server)
    other.send(`*2\r\n$4\r\nECHO\r\n$${MB}\r\nx`)
    expect([client.closed, other.closed]).toEqual([false, true])
  })

  test('who has announced most before others', () => {
    start({ 'maxmemory-clients': '1mb' })
    const small = halfway(300 * KB)
    const announcer = new InProcessClient(server)
    announcer.send(`*2\r\n$4\r\nECHO\r\n$${MB - 100 * KB}\r\n${'x'.repeat(MB / 4)}`)
    expect([small.closed, announcer.closed]).toEqual([false, false])
    const other = halfway(MB / 2)
    expect([small.closed, announcer.closed, other.closed]).toEqual([false, true, false])
  })

  test('nobody for what others announce and do not send', () => {
    start({ 'maxmemory-clients': '1mb' })
    const largest = new InProcessClient(server)
    largest.send(`*2\r\n$4\r\nECHO\r\n$${MB / 2}\r\n${'x'.repeat(MB / 4)}`)
    for (let i = 0; i < 20; i++) {
      const client = new InProcessClient(server)
      client.send(`*2\r\n$4\r\nECHO\r\n$${MB / 2}\r\nx`)
    }
    expect([largest.closed, server.clientMemory.evicted]).toEqual([false, 0])
    expect(server.clientMemory.measure()).toBeLessThan(MB)
    const line = String(new InProcessClient(server).value('CLIENT', 'LIST', 'ID', 2))
    expect(Number(/ tot-mem=(\d+)/.exec(line)![1])).toBeGreaterThan(MB / 2)
  })

  test('one with a long transaction, keys that it watches, or subscriptions', () => {
    start({ 'maxmemory-clients': '200000' })
    const queueing = new InProcessClient(server)
    queueing.call('MULTI')
    for (let i = 0; i < 10; i++) queueing.call('SET', 'key', 'x'.repeat(30_000))
    expect(queueing.closed).toBe(true)
    for (const word of ['WATCH', 'SUBSCRIBE', 'PSUBSCRIBE', 'SSUBSCRIBE']) {
      const client = new InProcessClient(server)
      for (let i = 0; i < 10_000 && !client.closed; i++) client.call(word, `name${i}`)
      expect([word, client.closed]).toEqual([word, true])
    }
    expect(server.clientMemory.evicted).toBe(5)
  })

  test('one that waits with a long request', () => {
    start({ 'maxmemory-clients': '200000' })
    const client = new InProcessClient(server)
    client.call('BLPOP', 'x'.repeat(300_000), 0)
    expect(client.closed).toBe(true)
    expect(server.blocking.count).toBe(0)
  })

  test('one that does not read its replies, in the next round of the event loop', async () => {
    const observer = start({ 'maxmemory-clients': '1mb' })
    observer.call('SET', 'key', 'x'.repeat(100_000))
    const client = new InProcessClient(server, new StuckTransport())
    for (let i = 0; i < 20 && !client.closed; i++) {
      client.send(encodeRequest(['GET', 'key']))
      await settle()
    }
    expect(client.closed).toBe(true)
    expect(client.transport.queuedBytes).toBeGreaterThan(MB - 200_000)
  })

  test('the largest first, and no more than must be', async () => {
    start()
    const small = [1, 2, 3].map(() => halfway(64 * KB))
    const large = [1, 2, 3].map(() => halfway(512 * KB))
    const largest = halfway(2 * MB)
    const observer = new InProcessClient(server)
    const count = (clients: InProcessClient[]) => clients.filter(({ closed }) => !closed).length
    observer.call('CONFIG', 'SET', 'maxmemory-clients', '3mb')
    expect([count(small), count(large), largest.closed]).toEqual([3, 3, true])
    observer.call('CONFIG', 'SET', 'maxmemory-clients', '1mb')
    expect([count(small), count(large)]).toEqual([3, 1])
    observer.call('CONFIG', 'SET', 'maxmemory-clients', '500kb')
    expect([count(small), count(large)]).toEqual([3, 0])
    expect(field(observer, 'stats', 'evicted_clients')).toBe(4)
    observer.call('CONFIG', 'RESETSTAT')
    expect(field(observer, 'stats', 'evicted_clients')).toBe(0)
  })

  test('nobody with CLIENT NO-EVICT, until that is turned off', () => {
    start()
    const client = new InProcessClient(server)
    client.call('CLIENT', 'NO-EVICT', 'ON')
    client.send(`*1\r\n$${MB}\r\n${'x'.repeat(MB)}`)
    const observer = new InProcessClient(server)
    observer.call('CLIENT', 'NO-EVICT', 'ON')
    observer.call('CONFIG', 'SET', 'maxmemory-clients', '500kb')
    // The memory of those who stay counts, so everybody else has to go.
    const other = new InProcessClient(server)
    other.call('PING')
    expect([client.closed, observer.closed, other.closed]).toEqual([false, false, true])
    client.session.noEvict = false
    server.clientMemory.afterTurn(client.session)
    expect(client.closed).toBe(true)
  })

  test('by percent of maxmemory, and nobody where there is none', () => {
    const observer = start({ 'maxmemory-clients': '10%' })
    const before = halfway(8 * MB)
    expect(before.closed).toBe(false)
    observer.call('CONFIG', 'SET', 'maxmemory', '40mb')
    observer.call('PING')
    expect(before.closed).toBe(true)
    expect(halfway(3 * MB).closed).toBe(false)
    expect(observer.value('CONFIG', 'GET', 'maxmemory-clients')).toEqual([
      'maxmemory-clients',
      '10%',
    ])
  })

  test('with no less than 128 KB as the limit', () => {
    const observer = start({ 'maxmemory-clients': '1' })
    expect(observer.value('PING')).toBe('PONG')
    expect(server.clientMemory.limitBytes).toBe(128 * KB)
  })
})

test('DEBUG CLIENT-EVICTION shows the buckets', () => {
  const observer = start()
  expect(observer.call('DEBUG', 'CLIENT-EVICTION')).toBe('-ERR maxmemory-clients is disabled.\r\n')
  observer.call('CONFIG', 'SET', 'maxmemory-clients', '100mb')
  halfway(MB)
  const lines = String(observer.value('DEBUG', 'CLIENT-EVICTION')).split('\n')
  expect(lines.length).toBe(20)
  expect(lines[0]).toMatch(/^bucket {10}0 - {6}32767: tot-mem: +\d+, clients: 1$/)
  expect(lines[6]).toMatch(/^bucket {4}1048576 - {4}2097151: tot-mem: +10\d+, clients: 1$/)
  expect(lines[18]).toMatch(/^bucket 4294967296\+ {12}: tot-mem: {10}0, clients: 0$/)
  expect(lines[19]).toBe('')
})

test('INFO tells what clients take, and the recent peaks', () => {
  const clock = new ManualClock()
  server = testServer({ clock })
  const observer = new InProcessClient(server)
  const client = halfway(MB)
  client.transport.queuedBytes = 5000
  const bytes = field(observer, 'memory', 'mem_clients_normal')
  expect(bytes).toBeGreaterThan(MB + 5000)
  expect(bytes).toBeLessThan(MB + 5000 + 2 * CLIENT_BYTES)
  expect(field(observer, 'clients', 'client_recent_max_input_buffer')).toBeGreaterThan(MB)
  expect(field(observer, 'clients', 'client_recent_max_output_buffer')).toBe(5000)
  client.close()
  expect(field(observer, 'memory', 'mem_clients_normal')).toBeLessThan(CLIENT_BYTES)
  clock.advance(7000)
  expect(field(observer, 'clients', 'client_recent_max_output_buffer')).toBe(5000)
  clock.advance(1000)
  expect(field(observer, 'clients', 'client_recent_max_output_buffer')).toBe(0)
  expect(field(observer, 'clients', 'client_recent_max_input_buffer')).toBeLessThan(KB)
})
