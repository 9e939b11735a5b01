/** The server commands as far as no comparison with a running Redis can show them. */
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { humanBytes } from '../../../src/bytes/human-bytes.ts'
import { ManualClock } from '../../../src/platform/clock.ts'
import { infoReport } from '../../../src/server/info.ts'
import { REDSTART_VERSION } from '../../../src/server/info-process.ts'
import { Rate } from '../../../src/server/instantaneous.ts'
import {
  checkServer,
  FakeTransport,
  InProcessClient,
  ReplyError,
  testServer,
} from '../../support/in-process-client.ts'

/** A client of a server of its own, and a function that looks up a field of INFO. */
function setup(options: Parameters<typeof testServer>[0] = {}) {
  const server = testServer(options)
  const client = new InProcessClient(server)
  const field = (name: string): string | undefined =>
    new RegExp(`^${name}:(.*)\r$`, 'm').exec(server.info(['everything']))?.[1]
  return { server, client, field }
}

const error = (text: string) => new ReplyError(text)

describe('SHUTDOWN', () => {
  test('tells the process what was asked for', async () => {
    const { server, client } = setup()
    const asked: unknown[] = []
    server.shutdownListener = (options, whenFailed) => {
      asked.push(options)
      setImmediate(whenFailed)
    }
    const answer = async (...words: string[]) => {
      expect(client.call('SHUTDOWN', ...words)).toBe('')
      await new Promise((resolve) => setTimeout(resolve, 0))
      await new Promise((resolve) => setImmediate(resolve))
      return client.take()
    }
    const failed = '-ERR Errors trying to SHUTDOWN. Check logs.\r\n'
    expect(await answer()).toBe(failed)
    expect(await answer('nosave', 'NOW')).toBe(failed)
    expect(await answer('SAVE', 'FORCE')).toBe(failed)
    expect(client.value('SHUTDOWN', 'ABORT')).toEqual(error('ERR No shutdown in progress.'))
    expect(asked).toEqual([
      { save: null, now: false, force: false },
      { save: false, now: true, force: false },
      { save: true, now: false, force: true },
    ])
  })

  test('fails where there is no process to end', () => {
    const { client } = setup()
    expect(client.value('SHUTDOWN')).toBeInstanceOf(ReplyError)
  })
})

test('LOLWUT draws', () => {
  const { client } = setup()
  const picture = client.value('LOLWUT') as string
  expect(picture).toMatch(/#/)
  expect(picture.endsWith('\nRedis ver. 7.2.6\n')).toBe(true)
  const small = client.value('LOLWUT', 'VERSION', 6, 10, 3) as string
  expect(small.split('\n')).toHaveLength(3 + 3)
  client.call('HELLO', 3)
  expect(client.call('LOLWUT').startsWith('=')).toBe(true)
  expect(client.call('LOLWUT', 'VERSION', 5, 9_007_199_254_740_991).length).toBeLessThan(30_000)
})

test('TIME is the clock', () => {
  const clock = new ManualClock(1_700_000_000_123)
  const { client } = setup({ clock })
  expect(client.value('TIME')).toEqual(['1700000000', '123000'])
})

test('MEMORY USAGE is what the arena says', () => {
  const { server, client, field } = setup()
  const before = server.keyspace.arena.liveBytes
  client.call('SET', 'short', 'x')
  const perKey = client.value('MEMORY', 'USAGE', 'short') as number
  expect(perKey).toBeLessThanOrEqual(server.keyspace.arena.liveBytes - before)
  client.call('SET', 'long', 'x'.repeat(10_000))
  expect(client.value('MEMORY', 'USAGE', 'long')).toBeGreaterThan(10_000)
  expect(Number(field('allocator_allocated'))).toBe(server.keyspace.arena.liveBytes)
  expect(client.value('MEMORY', 'HELP')).toContain('USAGE key [SAMPLES count]')
  checkServer(server)
})

test('FLUSHDB beside another database with keys', () => {
  const { server, client } = setup()
  client.call('SET', 'here', 1)
  client.call('SELECT', 1)
  for (let i = 0; i < 100; i++) client.call('SET', `there:${i}`, 'x'.repeat(5000))
  client.call('FLUSHDB')
  expect(client.value('DBSIZE')).toBe(0)
  client.call('SELECT', 0)
  expect(client.value('GET', 'here')).toBe('1')
  client.call('FLUSHDB')
  expect(server.keyspace.arena.liveBytes).toBe(0)
  expect(server.dirty).toBe(102 + 100)
  checkServer(server)
})

describe('CONFIG', () => {
  test('answers a map', () => {
    const { client } = setup()
    client.call('HELLO', 3)
    expect(client.call('CONFIG', 'GET', 'maxmemory')).toBe('%1\r\n$9\r\nmaxmemory\r\n$1\r\n0\r\n')
    expect(client.call('CONFIG', 'GET', 'nosuch')).toBe('%0\r\n')
    expect(client.value('CONFIG', 'HELP')).toContain('GET parameter [parameter ...]')
  })

  test('SET reaches the server', () => {
    const { server, client } = setup()
    expect(client.value('CONFIG', 'SET', 'maxmemory', '1mb')).toBe('OK')
    expect(server.memory.bytes).toBe(1_048_576)
    expect(client.value('CONFIG', 'SET', 'maxmemory', '2mb', 'nosuch', '1')).toBeInstanceOf(
      ReplyError,
    )
    expect(server.memory.bytes).toBe(1_048_576)
  })

  test('RESETSTAT', () => {
    const { client, field } = setup()
    client.call('SET', 'a', 1)
    client.call('GET', 'a')
    client.call('NOSUCH')
    expect(field('keyspace_hits')).toBe('1')
    expect(field('errorstat_ERR')).toBe('count=1')
    client.call('CONFIG', 'RESETSTAT')
    expect(field('keyspace_hits')).toBe('0')
    expect(field('errorstat_ERR')).toBeUndefined()
    expect(field('total_commands_processed')).toBe('1')
    expect(field('cmdstat_get')).toBeUndefined()
    expect(field('event_loop_longest_stall_us')).toBe('0')
  })

  test('REWRITE wants a file', () => {
    const { client } = setup()
    expect(client.value('CONFIG', 'REWRITE')).toEqual(
      error('ERR The server is running without a config file'),
    )
  })
})

describe('INFO', () => {
  test('the version is the package’s', () => {
    const path = new URL('../../../package.json', import.meta.url)
    const manifest = JSON.parse(readFileSync(path, 'utf8')) as { version: string }
    expect(REDSTART_VERSION).toBe(manifest.version)
  })

  test('every line is a title, a field or empty', () => {
    const { server, client } = setup({ config: { unixsocket: '/tmp/test.sock' } })
    client.call('SET', 'a', 1, 'EX', 100)
    client.call('NOSUCH')
    const report = infoReport(server, ['everything'])
    expect(report.endsWith('\r\n')).toBe(true)
    for (const line of report.split('\r\n')) expect(line).toMatch(/^$|^# \w+$|^[\w|]+:.*$/)
    const fields = report.match(/^[\w|]+(?=:)/gm)!
    expect(new Set(fields).size).toBe(fields.length)
    expect(report).not.toMatch(/undefined|NaN|\[object/)
  })

  test('values', () => {
    const clock = new ManualClock()
    const { server, client, field } = setup({ clock, config: { maxmemory: '2gb', port: '7000' } })
    clock.advance(90_061_000)
    server.keyspace.tick()
    expect(field('uptime_in_seconds')).toBe('90061')
    expect(field('uptime_in_days')).toBe('1')
    expect(field('maxmemory_human')).toBe('2.00G')
    expect(field('tcp_port')).toBe('7000')
    expect(field('listener0')).toMatch(/^name=tcp,bind=.*,port=7000$/)
    client.call('MSET', 'a', 1, 'b', 2)
    expect(field('db0')).toBe('keys=2,expires=0,avg_ttl=0')
    expect(field('rdb_changes_since_last_save')).toBe('2')
    expect(field('connected_clients')).toBe('1')
    expect(field('eventloop_cycles')).toBe('1')
    expect(field('cmdstat_mset')).toMatch(/^calls=1,usec=\d+,usec_per_call=\d+\.\d\d,/)
  })

  test('an error code of a user breaks no line', () => {
    const { server, field } = setup()
    server.countError('A:B#C text')
    expect(field('errorstat_A_B_C')).toBe('count=1')
  })

  test('sizes for people', () => {
    const sizes = [0, 1023, 1024, 1536, 1_048_576, 5_368_709_120, 2 ** 40, 2 ** 50]
    expect(sizes.map(humanBytes)).toEqual([
      '0B',
      '1023B',
      '1.00K',
      '1.50K',
      '1.00M',
      '5.00G',
      '1.00T',
      '1.00P',
    ])
  })
})

test('rates are means over the last samples', () => {
  const rate = new Rate()
  expect(rate.mean).toBe(0)
  for (let i = 0; i <= 32; i++) rate.sample(i * 100, i * 100_000, 1_000_000)
  expect(rate.mean).toBe(1000)
  for (let i = 33; i <= 40; i++) rate.sample(3200, i * 100_000, 1_000_000)
  expect(rate.mean).toBe(500)
  rate.sample(3200, 4_000_000, 1_000_000)
  rate.reset()
  expect(rate.mean).toBe(0)
})

describe('DEBUG', () => {
  const allowed = { config: { 'enable-debug-command': 'local' } } as const

  test('is for those whom the configuration allows', () => {
    const { server } = setup(allowed)
    const from = (remoteAddress: string, isUnixSocket = false) => {
      const transport = Object.assign(new FakeTransport(), { remoteAddress, isUnixSocket })
      return new InProcessClient(server, transport).value('DEBUG', 'SLEEP', 0)
    }
    expect(from('127.0.0.1:1')).toBe('OK')
    expect(from('[::1]:1')).toBe('OK')
    expect(from('/tmp/test.sock:0', true)).toBe('OK')
    const refused = from('10.0.0.1:1') as ReplyError
    expect(refused.text).toMatch(/^ERR DEBUG command not allowed\. If the enable-debug-command /)
    expect(from('1270.0.1:1')).toBeInstanceOf(ReplyError)
  })

  test('PROTOCOL attrib tells something beside the reply', () => {
    const { client } = setup(allowed)
    client.call('HELLO', 3)
    expect(client.call('DEBUG', 'PROTOCOL', 'attrib')).toBe(
      '|1\r\n$14\r\nkey-popularity\r\n*2\r\n$7\r\nkey:123\r\n:90\r\n' +
        '$39\r\nSome real reply following the attribute\r\n',
    )
  })

  test('switches reach what they switch', () => {
    const { server, client, field } = setup(allowed)
    client.call('DEBUG', 'SET-ACTIVE-EXPIRE', 0)
    expect(server.activeExpiry.enabled).toBe(false)
    client.call('DEBUG', 'PAUSE-CRON', 1)
    expect(server.cronPaused).toBe(true)
    const id = field('master_replid')
    client.call('DEBUG', 'CHANGE-REPL-ID')
    expect(field('master_replid')).not.toBe(id)
    expect(client.value('DEBUG', 'HELP')).toContain('SLEEP <seconds>')
    expect(client.value('DEBUG', 'CLUSTERLINK', 'KILL', 'all', 'x')).toBeInstanceOf(ReplyError)
    expect(client.value('DEBUG', 'CONFIG-REWRITE-FORCE-ALL')).toBeInstanceOf(ReplyError)
  })

  test('SLEEP holds up', () => {
    const { client } = setup(allowed)
    const start = performance.now()
    expect(client.value('DEBUG', 'SLEEP', '0.02')).toBe('OK')
    expect(performance.now() - start).toBeGreaterThan(15)
  })

  test('POPULATE without memory fails', () => {
    const { server, client } = setup(allowed)
    server.keyspace.arena.failAfter(20)
    expect(client.value('DEBUG', 'POPULATE', 100, 'k', 100)).toBeInstanceOf(ReplyError)
    expect(client.value('DBSIZE')).toBeLessThan(100)
    checkServer(server)
  })

  test('JMAP shows where memory is', () => {
    const { client } = setup(allowed)
    client.call('SET', 'key', 'value')
    const map = String(client.value('DEBUG', 'JMAP'))
    expect(map).toMatch(/^space +used +resident\n(\w+_space +\d+ +\d+\n)+heap +\d+ +\d+\n/)
    expect(map).toMatch(/\narena +[1-9]\d* +[1-9]\d*\nprocess +\d+\n$/)
  })

  test('HTSTATS counts', () => {
    const { client } = setup(allowed)
    client.call('DEBUG', 'POPULATE', 50)
    expect(client.value('DEBUG', 'HTSTATS', 0)).toMatch(/number of elements: 50\n\[Expires HT\]/)
  })

  test('HTSTATS-KEY looks into large hashes, sets and sorted sets', () => {
    const { client } = setup(allowed)
    for (let i = 0; i < 600; i++) {
      client.call('HSET', 'hash', `f${i}`, i)
      client.call('SADD', 'set', `m${i}`)
      client.call('ZADD', 'zset', i, `m${i}`)
    }
    for (const key of ['hash', 'set', 'zset']) {
      const brief = client.value('DEBUG', 'HTSTATS-KEY', key) as string
      expect(brief).toMatch(/\(main hash table\):\n table size: \d+\n number of elements: 600\n$/)
      const full = client.value('DEBUG', 'HTSTATS-KEY', key, 'full') as string
      const counts = [...full.matchAll(/^ {3}(\d): (\d+) /gm)].map((match) => match.map(Number))
      const sum = (values: number[]) => values.reduce((total, value) => total + value, 0)
      expect(sum(counts.map(([, length, count]) => length! * count!))).toBe(600)
      const slots = Number(/table size: (\d+)/.exec(full)?.[1])
      expect(sum(counts.map(([, , count]) => count!)) * 4).toBe(slots)
    }
    client.call('RPUSH', 'list', 1)
    client.call('HSET', 'small', 'f', 1)
    for (const key of ['list', 'small']) {
      expect(client.call('DEBUG', 'HTSTATS-KEY', key)).toMatch(/^-ERR The value stored at/)
    }
  })
})
