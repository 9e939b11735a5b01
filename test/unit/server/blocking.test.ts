/** Commands that wait: their order, their timeouts, and what ends them otherwise. */
import { describe, expect, test } from 'vitest'
import { ManualClock } from '../../../src/platform/clock.ts'
import { Cron } from '../../../src/server/cron.ts'
import { checkServer, InProcessClient, testServer } from '../../support/in-process-client.ts'

function setUp(count = 4) {
  const clock = new ManualClock()
  const server = testServer({ clock })
  const clients = Array.from({ length: count }, () => new InProcessClient(server))
  /** Moves the clock, and does what the timer would. */
  const advance = (ms: number) => {
    clock.advance(ms)
    server.blocking.look()
  }
  return { server, clients, advance, clock }
}

describe('a request that waits', () => {
  test('is answered when its time is over, and not before', () => {
    const { server, clients, advance } = setUp(6)
    const [a, b, c, d, e, f] = clients as InProcessClient[]
    expect(a.call('BLPOP', 'l', '0.1')).toBe('')
    expect(b.call('BRPOPLPUSH', 'l', 'm', '0.05')).toBe('')
    expect(c.call('BLMPOP', '0.1001', '1', 'l', 'LEFT')).toBe('')
    expect(d.call('BLPOP', 'l', '0')).toBe('')
    e.call('HELLO', '3')
    expect(e.call('BLMOVE', 'l', 'm', 'LEFT', 'LEFT', '1e-9')).toBe('')
    expect(f.call('BRPOP', 'l', '9223370000000000')).toBe('')
    expect(server.blocking.count).toBe(6)
    advance(1)
    expect(e.take()).toBe('_\r\n')
    advance(48)
    expect(b.take()).toBe('')
    advance(1)
    expect(b.take()).toBe('*-1\r\n')
    advance(50)
    expect(a.take()).toBe('*-1\r\n')
    expect(c.take()).toBe('')
    advance(1)
    expect(c.take()).toBe('*-1\r\n')
    advance(1e12)
    expect([d.take(), f.take()]).toEqual(['', ''])
    expect(server.blocking.count).toBe(2)
    d.close()
    f.close()
    expect([server.blocking.count, server.blocking.keyCount]).toEqual([0, 0])
    checkServer(server)
  })

  test('is looked after by the cron', () => {
    const { server, clients, clock } = setUp()
    clients[0]!.call('BLPOP', 'l', '1')
    const cron = new Cron(server)
    cron.run()
    clock.advance(1000)
    expect(clients[0]!.take()).toBe('')
    cron.run()
    expect(clients[0]!.take()).toBe('*-1\r\n')
  })

  test('is timed by the timer', async () => {
    const server = testServer()
    const client = new InProcessClient(server)
    client.call('BLPOP', 'l', '0.001')
    ;(server.clock as ManualClock).advance(1)
    await new Promise((resolve) => setTimeout(resolve, 20))
    expect(client.take()).toBe('*-1\r\n')
  })

  test('keeps its deadline when it is run again in vain', () => {
    const { clients, advance } = setUp()
    const [a, b, c] = clients as InProcessClient[]
    a.call('BLPOP', 'l', '1')
    b.call('BLPOP', 'l', '1')
    advance(500)
    // Both are ready to be served; the second finds nothing.
    expect(c.call('RPUSH', 'l', '1')).toBe(':1\r\n')
    expect(a.takeValues()).toEqual([['l', '1']])
    expect(b.take()).toBe('')
    advance(500)
    expect(b.take()).toBe('*-1\r\n')
  })

  test('leaves the queue with its client', () => {
    const { server, clients } = setUp()
    const [a, b, c, control] = clients as InProcessClient[]
    for (const client of [a, b, c]) client.call('BLPOP', 'k', 'l', '0')
    expect(server.blocking.keyCount).toBe(2)
    a.close()
    expect(control.value('CLIENT', 'KILL', 'ID', b.session.id)).toBe(1)
    expect(server.blocking.count).toBe(1)
    expect(control.call('RPUSH', 'l', 'x', 'y')).toBe(':2\r\n')
    expect(c.takeValues()).toEqual([['l', 'x']])
    expect(control.value('LLEN', 'l')).toBe(1)
    expect([server.blocking.count, server.blocking.keyCount]).toEqual([0, 0])
    checkServer(server)
  })

  test('is shown', () => {
    const { clients } = setUp()
    const [a, control, b] = clients as InProcessClient[]
    b.call('BLPOP', 'other', '10')
    expect(String(control.value('INFO', 'clients'))).toContain('clients_in_timeout_table:1\r\n')
    control.call('RPUSH', 'other', '1')
    a.call('BLPOP', 'k', 'l', '0')
    expect(String(control.value('INFO', 'clients'))).toContain('clients_in_timeout_table:0\r\n')
    control.call('CONFIG', 'RESETSTAT')
    const info = String(control.value('INFO', 'clients'))
    expect(info).toContain('blocked_clients:1\r\n')
    expect(info).toContain('total_blocking_keys:2\r\n')
    expect(control.value('CLIENT', 'LIST', 'ID', a.session.id)).toContain(' flags=b ')
    expect(String(control.value('INFO', 'commandstats'))).not.toContain('cmdstat_blpop')
    control.call('RPUSH', 'k', '1')
    expect(String(control.value('INFO', 'commandstats'))).toContain('cmdstat_blpop:calls=1')
    expect(String(control.value('INFO', 'clients'))).toContain('blocked_clients:0\r\n')
  })

  test('ends with CLIENT UNBLOCK', () => {
    const { clients } = setUp()
    const [a, b, control] = clients as InProcessClient[]
    a.call('BLPOP', 'l', '0')
    b.call('BLPOP', 'l', '0')
    expect(control.value('CLIENT', 'UNBLOCK', control.session.id)).toBe(0)
    expect(control.value('CLIENT', 'UNBLOCK', a.session.id)).toBe(1)
    expect(a.take()).toBe('*-1\r\n')
    expect(control.value('CLIENT', 'UNBLOCK', a.session.id, 'TIMEOUT')).toBe(0)
    expect(control.value('CLIENT', 'UNBLOCK', b.session.id, 'error')).toBe(1)
    expect(b.take()).toBe('-UNBLOCKED client unblocked via CLIENT UNBLOCK\r\n')
    expect(String(control.value('INFO', 'errorstats'))).toContain('errorstat_UNBLOCKED:count=1')
    expect(String(control.value('INFO', 'commandstats'))).toMatch(/cmdstat_b.*failed_calls=1/)
    expect(a.call('PING')).toBe('+PONG\r\n')
  })

  test('answers in the protocol and the manner of its client', () => {
    const { clients } = setUp()
    const [a, b, c, control] = clients as InProcessClient[]
    a.call('HELLO', '3')
    a.call('BLPOP', 'none', 'l', '0')
    b.call('CLIENT', 'REPLY', 'OFF')
    b.call('BLPOP', 'l', '0')
    c.send('CLIENT REPLY SKIP\r\nBLPOP l 0\r\nPING\r\n')
    expect(control.call('RPUSH', 'l', '1', '2', '3')).toBe(':3\r\n')
    expect(a.take()).toBe('*2\r\n$1\r\nl\r\n$1\r\n1\r\n')
    expect(b.take()).toBe('')
    expect(c.take()).toBe('+PONG\r\n')
    expect(control.value('EXISTS', 'l')).toBe(0)
  })

  test('keeps a pipeline in its order, however it is cut', () => {
    const pipeline = 'PING\r\nBLPOP l 0\r\nBLPOP l 0\r\nECHO x\r\n'
    for (let at = 0; at <= pipeline.length; at++) {
      const { server, clients } = setUp()
      const [a, control] = clients as InProcessClient[]
      a.send(pipeline.slice(0, at))
      a.send(pipeline.slice(at))
      expect(a.take()).toBe('+PONG\r\n')
      expect(control.call('RPUSH', 'l', '1')).toBe(':1\r\n')
      expect(a.takeValues()).toEqual([['l', '1']])
      control.send('PING\r\nRPUSH l 2\r\nPING\r\n')
      expect(control.take()).toBe('+PONG\r\n:1\r\n+PONG\r\n')
      expect(a.takeValues()).toEqual([['l', '2'], 'x'])
      checkServer(server)
    }
  })

  test('of a client that pushes to itself behind it waits on', () => {
    const { clients } = setUp()
    const [a, b] = clients as InProcessClient[]
    a.send('BLPOP l 0\r\nRPUSH l 1\r\n')
    expect(a.take()).toBe('')
    b.send('BLPOP l 0\r\nPING\r\n')
    a.close()
    expect(b.take()).toBe('')
  })

  test('is held back by a pause when its turn comes in one', () => {
    const { server, clients, clock } = setUp()
    const [a, control] = clients as InProcessClient[]
    a.call('BLPOP', 'l', '0')
    control.call('CLIENT', 'PAUSE', 100, 'WRITE')
    control.send('RPUSH l 1\r\n')
    expect(control.take()).toBe('')
    expect(server.blocking.count).toBe(1)
    clock.advance(100)
    server.pause.look()
    expect(control.take()).toBe(':1\r\n')
    expect(a.takeValues()).toEqual([['l', '1']])
  })
})

test('ten thousand who wait are served in their order, and none by other keys', () => {
  const { server, clients } = setUp(1)
  const control = clients[0]!
  const waiting = Array.from({ length: 10_000 }, () => new InProcessClient(server))
  for (const client of waiting) client.call('BLPOP', 'l', '100')
  for (let i = 0; i < 100; i++) control.call('RPUSH', `other${i}`, 'x')
  control.call('RPUSH', 'l', ...Array.from({ length: 5000 }, (_, i) => i))
  waiting.forEach((client, i) => {
    expect(client.takeValues()).toEqual(i < 5000 ? [['l', String(i)]] : [])
  })
  expect(server.blocking.count).toBe(5000)
  for (const client of waiting) client.close()
  expect([server.blocking.count, server.blocking.keyCount]).toEqual([0, 0])
  checkServer(server)
})
