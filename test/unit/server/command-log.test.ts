/** The slow log and its siblings; what the reference can be asked is in test/differential. */
import { describe, expect, test } from 'vitest'
import type { DirectiveName } from '../../../src/config/directives.ts'
import { ManualClock } from '../../../src/platform/clock.ts'
import { Cron } from '../../../src/server/cron.ts'
import {
  checkServer,
  FakeTransport,
  InProcessClient,
  testServer,
  type Value,
} from '../../support/in-process-client.ts'

/** A clock that goes on by itself: by `stepUs` whenever it is read. */
class TickingClock extends ManualClock {
  stepUs = 0
  private us = 0

  override tick(): void {
    this.tickUs = super.monotonicMicroseconds() + this.us
  }

  override monotonicMicroseconds(): number {
    this.us += this.stepUs
    return super.monotonicMicroseconds() + this.us
  }
}

function setUp(config: Partial<Record<DirectiveName, string>> = {}) {
  const clock = new TickingClock(1_700_000_000_000)
  const server = testServer({ clock, config })
  const client = new InProcessClient(server)
  const log = (name = 'slow', count = -1) => {
    client.take()
    return client.value('COMMANDLOG', 'GET', count, name) as Value[][]
  }
  /** The arguments of the entries, the oldest first. */
  const logged = (name = 'slow') =>
    log(name)
      .map((entry) => (entry[3] as string[]).join(' '))
      .reverse()
  return { clock, server, client, log, logged }
}

const EVERY_CALL = { 'slowlog-log-slower-than': '0' } as const

describe('the slow log', () => {
  test('has id, time, duration, arguments, address and name', () => {
    const { client, clock, server } = setUp({ 'slowlog-log-slower-than': '30' })
    client.call('CLIENT', 'SETNAME', 'me')
    clock.stepUs = 30
    client.call('SET', 'k', 'v')
    clock.stepUs = 0
    client.call('GET', 'k')
    const entry = [0, 1_700_000_000, 30, ['SET', 'k', 'v'], '127.0.0.1:50000', 'me']
    expect(client.value('SLOWLOG', 'GET')).toEqual([entry])
    checkServer(server)
  })

  test('keeps the newest entries, whose ids go on', () => {
    const { client } = setUp({ ...EVERY_CALL, 'slowlog-max-len': '3' })
    for (let i = 0; i < 9; i++) client.call('PING', i)
    const ids = (value: Value) => (value as Value[][]).map(([id]) => id)
    expect(ids(client.value('SLOWLOG', 'GET'))).toEqual([8, 7, 6])
    client.call('CONFIG', 'SET', 'slowlog-max-len', '2')
    expect(ids(client.value('SLOWLOG', 'GET', '5'))).toEqual([10, 9])
    client.call('CONFIG', 'SET', 'slowlog-max-len', '0')
    expect(client.value('SLOWLOG', 'LEN')).toBe(0)
    client.call('CONFIG', 'SET', 'slowlog-max-len', '2')
    expect(ids(client.value('SLOWLOG', 'GET'))).toEqual([14])
  })

  test('of a pipeline, every call is timed if the threshold is small', () => {
    const { client, clock, log } = setUp(EVERY_CALL)
    clock.stepUs = 7
    client.send('PING\r\nPING\r\nPING\r\nECHO x\r\nPING\r\n')
    clock.stepUs = 0
    const times = log().map(([, , time, words]) => [(words as string[])[0], time])
    expect(times.reverse()).toEqual([
      ['PING', 7],
      ['PING', 7],
      ['PING', 7],
      ['ECHO', 7],
      ['PING', 7],
    ])
  })

  test('of a run of quick calls that took long, it has one of so many', () => {
    const { client, clock, logged } = setUp({ 'slowlog-log-slower-than': '5000' })
    clock.stepUs = 5000
    client.send('PING\r\n'.repeat(70))
    clock.stepUs = 0
    expect(logged()).toEqual([
      'PING',
      'ping ... (one of 64 calls in a row)',
      'ping ... (one of 5 calls in a row)',
    ])
  })

  test('a call that is not quick, or large, is the last of its run', () => {
    const { client, clock, logged } = setUp({ 'slowlog-log-slower-than': '5000' })
    client.call('SET', 'a', 'x'.repeat(20_000))
    clock.stepUs = 5000
    client.send('GET b\r\nGET b\r\nGET a\r\nGET b\r\nKEYS *\r\nKEYS *\r\n')
    clock.stepUs = 0
    expect(logged()).toEqual([
      'GET b',
      'GET a',
      'get ... (one of 1 calls in a row)',
      'KEYS *',
      'KEYS *',
    ])
  })

  test('has what EXEC runs, and not EXEC', () => {
    const { client, logged } = setUp(EVERY_CALL)
    client.send('MULTI\r\nSET a 1\r\nGET a\r\nEXEC\r\n')
    expect(logged()).toEqual(['MULTI', 'SET a 1', 'GET a'])
  })

  test('has no secrets', () => {
    const { client, logged } = setUp(EVERY_CALL)
    client.call('AUTH', 'secret')
    client.call('AUTH', 'name', 'secret')
    client.call('AUTH', 'name', 'secret', 'more')
    client.call('HELLO', '3', 'AUTH', 'name', 'secret')
    client.call('HELLO', '3', 'SETNAME', 'auth', 'AUTH', 'name', 'secret')
    client.call('CONFIG', 'SET', 'hz', '10', 'masterauth', 'secret')
    client.call('CONFIG', 'SET', 'requirepass', 'secret')
    expect(logged()).toEqual([
      'AUTH (redacted)',
      'AUTH (redacted) (redacted)',
      'AUTH (redacted) (redacted) (redacted)',
      'HELLO 3 AUTH (redacted) (redacted)',
      'HELLO 3 SETNAME auth AUTH (redacted) (redacted)',
      'CONFIG SET hz 10 masterauth (redacted)',
      'CONFIG SET requirepass (redacted)',
    ])
  })

  test('counts the time that a blocked request ran, not that for which it waited', () => {
    const { client, clock, server, log } = setUp(EVERY_CALL)
    const waiting = new InProcessClient(server, new FakeTransport())
    clock.stepUs = 11
    waiting.call('BLPOP', 'list', '0')
    clock.stepUs = 0
    expect(log()).toEqual([])
    client.call('SLOWLOG', 'RESET')
    clock.advance(60_000)
    client.call('RPUSH', 'list', 'x')
    expect(waiting.take()).toContain('list')
    const [entry] = log()
    expect(entry!.slice(2, 4)).toEqual([11, ['BLPOP', 'list', '0']])
    const blpop = server.commands.get('blpop')!
    expect([blpop.calls, blpop.microseconds, blpop.latencies!.calls]).toEqual([1, 11, 1])
  })

  test('has a blocked request whose time is over', () => {
    const { client, clock, server, logged } = setUp(EVERY_CALL)
    const waiting = new InProcessClient(server, new FakeTransport())
    waiting.call('BLPOP', 'list', '1')
    client.call('SLOWLOG', 'RESET')
    clock.advance(1500)
    server.blocking.look()
    expect(waiting.take()).toBe('*-1\r\n')
    expect(logged()).toEqual(['SLOWLOG RESET', 'BLPOP list 1'])
  })
})

describe('the other logs', () => {
  test('have requests and replies by their bytes on the wire', () => {
    const { client, log } = setUp({
      'commandlog-request-larger-than': '1000',
      'commandlog-reply-larger-than': '1000',
    })
    client.call('SET', 'k', 'x'.repeat(1000))
    client.call('GET', 'k')
    client.call('GET', 'other')
    expect(log('large-request').map((entry) => entry.slice(2, 4))).toEqual([
      [1029, ['SET', 'k', `${'x'.repeat(128)}... (872 more bytes)`]],
    ])
    expect(log('large-reply').map((entry) => entry.slice(2, 4))).toEqual([[1009, ['GET', 'k']]])
  })

  test('with a threshold of 0 have every call', () => {
    const { client, logged } = setUp({
      'commandlog-request-larger-than': '0',
      'commandlog-reply-larger-than': '0',
    })
    client.send('PING\r\nPING\r\nPING\r\n')
    client.send(`*40\r\n$3\r\nDEL\r\n${'$1\r\nk\r\n'.repeat(39)}`)
    const expected = ['PING', 'PING', 'PING', `DEL${' k'.repeat(30)} ... (9 more arguments)`]
    expect(logged('large-request')).toEqual(expected)
    expect(logged('large-reply').slice(0, 4)).toEqual(expected)
  })

  test('are asked for by their names', () => {
    const { client } = setUp(EVERY_CALL)
    client.call('PING')
    expect(client.value('COMMANDLOG', 'LEN', 'Slow')).toBe(1)
    expect(client.value('COMMANDLOG', 'LEN', 'large-reply')).toBe(0)
    expect(client.call('COMMANDLOG', 'RESET', 'slow')).toBe('+OK\r\n')
    expect(client.value('SLOWLOG', 'LEN')).toBe(1)
    const noType = '-ERR type should be one of the following: slow, large-request, large-reply\r\n'
    expect(client.call('COMMANDLOG', 'LEN', 'fast')).toBe(noType)
    expect(client.call('COMMANDLOG', 'RESET', '')).toBe(noType)
    expect(client.call('COMMANDLOG', 'GET', '1', 'x')).toBe(noType)
    const badCount = '-ERR count should be greater than or equal to -1\r\n'
    expect(client.call('COMMANDLOG', 'GET', '-2', 'x')).toBe(badCount)
    expect(client.call('COMMANDLOG', 'GET', 'x', 'slow')).toBe(badCount)
    expect(client.value('COMMANDLOG', 'HELP')).toContain('LEN <slow | large-request | large-reply>')
  })

  test('share their directives with the slow log of Redis', () => {
    const { client } = setUp()
    client.call('CONFIG', 'SET', 'commandlog-execution-slower-than', '5')
    expect(client.value('CONFIG', 'GET', 'slowlog-log-slower-than')).toEqual([
      'slowlog-log-slower-than',
      '5',
    ])
    client.call('CONFIG', 'SET', 'slowlog-max-len', '7')
    expect(client.value('CONFIG', 'GET', 'commandlog-slow-execution-max-len')).toEqual([
      'commandlog-slow-execution-max-len',
      '7',
    ])
  })
})

describe('the latency monitor', () => {
  const names = (client: InProcessClient) =>
    (client.value('LATENCY', 'LATEST') as Value[][]).map(([name]) => name)

  test('is told of commands, each by itself, by whether they are fast', () => {
    const { client, clock } = setUp({ 'latency-monitor-threshold': '5' })
    clock.stepUs = 4999
    client.send('GET k\r\nGET k\r\nGET k\r\nKEYS *\r\n')
    client.take()
    clock.stepUs = 0
    expect(names(client)).toEqual([])
    clock.stepUs = 5000
    client.send('GET k\r\nKEYS *\r\n')
    client.take()
    clock.stepUs = 0
    expect(names(client)).toEqual(['fast-command', 'command'])
  })

  test('is told of eviction and of expiry', () => {
    const { client, clock, server } = setUp({
      'latency-monitor-threshold': '50',
      'maxmemory-policy': 'allkeys-random',
    })
    const cron = new Cron(server)
    for (let i = 0; i < 10; i++) client.call('SET', i, 'x'.repeat(1000))
    server.config.assign('maxmemory', ['5000'])
    clock.stepUs = 50_000
    cron.run()
    client.call('GET', 'k')
    clock.stepUs = 0
    expect(names(client)).toEqual(expect.arrayContaining(['expire-cycle', 'eviction-cycle']))
  })
})
