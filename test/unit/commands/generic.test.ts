/**
 * The commands over keys, where a real Redis is no help: what depends on the clock, on 7.2 (the
 * reference is 7.0) and on the order in which keys come.
 */
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { expiryTime } from '../../../src/commands/generic/expire.ts'
import { ManualClock } from '../../../src/platform/clock.ts'
import type { Server } from '../../../src/server/server.ts'
import {
  checkServer,
  InProcessClient,
  ReplyError,
  testServer,
} from '../../support/in-process-client.ts'

let clock: ManualClock
let server: Server
let client: InProcessClient

beforeEach(() => {
  clock = new ManualClock()
  server = testServer({ clock })
  client = new InProcessClient(server)
})

afterEach(() => checkServer(server))

/** All keys that a scan from start to end answers, with repetitions. */
function scanAll(...options: (string | number)[]): string[] {
  const found: string[] = []
  let cursor = '0'
  let calls = 0
  do {
    const [next, keys] = client.value('SCAN', cursor, ...options) as [string, string[]]
    found.push(...keys)
    cursor = next
    if (++calls > 100_000) throw new Error('the scan does not end')
  } while (cursor !== '0')
  return found
}

describe('expiry times', () => {
  test('are kept to the last digit, up to the end of 64 bits', () => {
    client.call('SET', 'key', 'value')
    for (const at of [
      2n ** 31n * 1000n,
      2n ** 43n,
      2n ** 53n - 1n,
      2n ** 53n,
      2n ** 53n + 1n,
      2n ** 62n + 3n,
      2n ** 63n - 1n,
    ]) {
      expect(client.call('PEXPIREAT', 'key', at)).toBe(':1\r\n')
      expect(client.call('PEXPIRETIME', 'key')).toBe(`:${at}\r\n`)
      expect(client.call('EXPIRETIME', 'key')).toBe(`:${(at + 500n) / 1000n}\r\n`)
      const left = at - BigInt(clock.nowMs)
      expect(client.call('PTTL', 'key')).toBe(`:${left}\r\n`)
      expect(client.call('TTL', 'key')).toBe(`:${(left + 500n) / 1000n}\r\n`)
    }
  })

  test('go along exactly with RENAME, COPY and MOVE', () => {
    const at = 2n ** 63n - 2n
    client.call('SET', 'key', 'value')
    client.call('PEXPIREAT', 'key', at)
    client.call('RENAME', 'key', 'other')
    expect(client.call('PEXPIRETIME', 'other')).toBe(`:${at}\r\n`)
    client.call('COPY', 'other', 'copy')
    expect(client.call('PEXPIRETIME', 'copy')).toBe(`:${at}\r\n`)
    client.call('MOVE', 'copy', 1)
    client.session.db = server.keyspace.databases[1]!
    expect(client.call('PEXPIRETIME', 'copy')).toBe(`:${at}\r\n`)
  })

  test('are compared exactly by GT and LT', () => {
    client.call('SET', 'key', 'value')
    client.call('PEXPIREAT', 'key', 2n ** 60n)
    expect(client.call('PEXPIREAT', 'key', 2n ** 60n, 'GT')).toBe(':0\r\n')
    expect(client.call('PEXPIREAT', 'key', 2n ** 60n, 'LT')).toBe(':0\r\n')
    expect(client.call('PEXPIREAT', 'key', 2n ** 60n + 1n, 'GT')).toBe(':1\r\n')
    expect(client.call('PEXPIREAT', 'key', 2n ** 60n, 'LT', 'XX')).toBe(':1\r\n')
  })

  test('count from now', () => {
    client.call('SET', 'key', 'value')
    client.call('EXPIRE', 'key', 100)
    expect(client.value('EXPIRETIME', 'key')).toBe(clock.nowMs / 1000 + 100)
    clock.advance(40_400)
    expect(client.value('TTL', 'key')).toBe(60)
    expect(client.value('PTTL', 'key')).toBe(59_600)
    clock.advance(59_600)
    // In the very millisecond of its expiry time a key still lives.
    expect(client.value('PTTL', 'key')).toBe(0)
    expect(client.value('GET', 'key')).toBe('value')
    clock.advance(1)
    expect(client.value('TTL', 'key')).toBe(-2)
    expect(client.value('EXISTS', 'key')).toBe(0)
    expect(server.keyspace.expiredKeys).toBe(1)
  })

  test('that lie in the past remove the key', () => {
    for (const request of [
      ['EXPIRE', 'key', 0],
      ['PEXPIRE', 'key', -1],
      ['EXPIREAT', 'key', clock.nowMs / 1000],
      ['PEXPIREAT', 'key', clock.nowMs],
      ['PEXPIREAT', 'key', -(2n ** 63n)],
      ['PEXPIRE', 'key', -(2n ** 63n)],
      ['PEXPIREAT', 'key', -1],
    ]) {
      client.call('SET', 'key', 'value')
      expect(client.value(...request)).toBe(1)
      expect(client.value('EXISTS', 'key')).toBe(0)
    }
    expect(server.keyspace.expiredKeys).toBe(0)
  })

  test('are computed as with 64 bits, or refused', () => {
    const max = 2n ** 63n - 1n
    const around = (limit: bigint) => fc.bigInt(-3n, 3n).map((distance) => limit + distance)
    const value = fc.oneof(
      fc.bigInt(-(2n ** 63n), max),
      around(0n),
      around(2n ** 31n),
      around(2n ** 53n),
      around(2n ** 53n / 1000n),
      around(-(2n ** 53n)),
      around(max / 1000n),
      around(-max / 1000n),
      around(max - BigInt(clock.nowMs)),
      around((max - BigInt(clock.nowMs)) / 1000n),
    )
    fc.assert(
      fc.property(
        value,
        fc.constantFrom(1 as const, 1000 as const),
        fc.boolean(),
        (v, unit, now) => {
          const base = now ? clock.nowMs : 0
          const scaled = v * BigInt(unit)
          const at = scaled + BigInt(base)
          const inRange = scaled <= max && scaled >= -(2n ** 63n) && at <= max
          const given = Number.isSafeInteger(Number(v)) ? Number(v) : v
          const got = expiryTime(given, unit, base)
          expect(got === null ? null : BigInt(got)).toBe(inRange ? at : null)
          if (typeof got === 'bigint') expect(Number.isSafeInteger(Number(got))).toBe(false)
        },
      ),
      { numRuns: 2000, seed: 1 },
    )
  })

  test('have errors that name the command', () => {
    client.call('SET', 'key', 'value')
    for (const [name, value] of [
      ['expire', 2n ** 63n / 1000n],
      ['pexpire', 2n ** 63n - 1n],
      ['expireat', 2n ** 63n / 1000n + 1n],
    ] as const) {
      const error = `-ERR invalid expire time in '${name}' command\r\n`
      expect(client.call(name, 'key', value)).toBe(error)
    }
  })
})

describe('keys that have expired', () => {
  beforeEach(() => {
    for (let i = 0; i < 20; i++) {
      client.call('SET', `key${i}`, i)
      if (i % 2 === 0) client.call('PEXPIRE', `key${i}`, 10)
    }
    clock.advance(11)
  })

  test('are not in KEYS, and stay until something removes them', () => {
    expect(client.value('KEYS', '*')).toHaveLength(10)
    expect(client.value('KEYS', 'key1?')).toHaveLength(5)
    expect(client.session.db.count).toBe(20)
  })

  test('are removed by SCAN', () => {
    expect(scanAll('COUNT', 3)).toHaveLength(10)
    expect(client.session.db.count).toBe(10)
    expect(server.keyspace.expiredKeys).toBe(10)
  })

  test('are removed by SCAN with TYPE, and counted as misses', () => {
    expect(scanAll('TYPE', 'string')).toHaveLength(10)
    expect(client.session.db.count).toBe(10)
    expect(server.keyspace.misses).toBe(10)
    expect(server.keyspace.hits).toBe(10)
  })

  test('are never answered by RANDOMKEY', () => {
    const seen = new Set<unknown>()
    for (let i = 0; i < 200; i++) seen.add(client.value('RANDOMKEY'))
    expect(seen).toEqual(new Set([...Array(10).keys()].map((i) => `key${2 * i + 1}`)))
  })

  test('count as absent everywhere', () => {
    for (const [request, reply] of [
      [['DEL', 'key0'], ':0\r\n'],
      [['UNLINK', 'key0'], ':0\r\n'],
      [['EXPIRE', 'key2', 100], ':0\r\n'],
      [['PERSIST', 'key4'], ':0\r\n'],
      [['RENAME', 'key6', 'x'], '-ERR no such key\r\n'],
      [['RENAMENX', 'key1', 'key8'], ':1\r\n'],
      [['COPY', 'key3', 'key10'], ':1\r\n'],
      [['COPY', 'key12', 'x'], ':0\r\n'],
      [['MOVE', 'key14', 1], ':0\r\n'],
      [['TYPE', 'key16'], '+none\r\n'],
      [['OBJECT', 'ENCODING', 'key18'], '$-1\r\n'],
    ] as const) {
      expect(client.call(...request)).toBe(reply)
    }
    expect(server.keyspace.expiredKeys).toBe(10)
  })
})

test('RANDOMKEY ends where all keys have expired', () => {
  for (let i = 0; i < 500; i++) {
    client.call('SET', i, i)
    client.call('PEXPIRE', i, 1)
  }
  clock.advance(2)
  expect(client.value('RANDOMKEY')).toBe(null)
  expect(client.session.db.count).toBe(0)
})

describe('SCAN', () => {
  test('answers every key, whatever COUNT is', () => {
    const keys = [...Array(1500).keys()].map((i) => `key:${i}`)
    for (const key of keys) client.call('SET', key, 'value')
    for (const count of [1, 7, 10, 100, 1_000_000, '9223372036854775807']) {
      expect(scanAll('COUNT', count).sort()).toEqual([...keys].sort())
    }
  })

  test('answers every key that stays, while others come and go and it removes some itself', () => {
    for (let i = 0; i < 300; i++) {
      client.call('SET', `stays${i}`, i)
      client.call('SET', `goes${i}`, i)
      client.call('PEXPIRE', `goes${i}`, 5)
    }
    clock.advance(6)
    const found = new Set<string>()
    let cursor = '0'
    let step = 0
    do {
      const [next, keys] = client.value('SCAN', cursor) as [string, string[]]
      for (const key of keys) found.add(key)
      for (let i = 0; i < 40; i++) client.call('SET', `new${step}:${i}`, 'x')
      if (step > 3) for (let i = 0; i < 40; i++) client.call('DEL', `new${step - 3}:${i}`)
      cursor = next
      step++
    } while (cursor !== '0')
    for (let i = 0; i < 300; i++) expect(found.has(`stays${i}`)).toBe(true)
    expect([...found].some((key) => key.startsWith('goes'))).toBe(false)
  })

  test('takes any unsigned number of 64 bits for a cursor, modulo 2^32', () => {
    for (let i = 0; i < 100; i++) client.call('SET', i, i)
    const at = (cursor: string) => client.call('SCAN', cursor, 'COUNT', 5)
    const middle = '2147483648'
    expect(at(`${2n ** 32n + 2147483648n}`)).toBe(at(middle))
    expect(at(`${2n ** 63n + 2147483648n}`)).toBe(at(middle))
    expect(at('18446744073709551615')).toBe(at('4294967295'))
    expect(at('-18446744071562067968')).toBe(at(middle))
    expect(at('-1')).toBe(at('4294967295'))
    expect(at('+00000000000000002147483648')).toBe(at(middle))
    expect(at('')).toBe(at('0'))
  })

  test('refuses what is no such number', () => {
    for (const cursor of ['x', '1x', ' 1', '1 ', '-', '+', '--1', '1.0', '18446744073709551616']) {
      expect(client.value('SCAN', cursor)).toEqual(new ReplyError('ERR invalid cursor'))
    }
  })

  test('a type that is not known takes all keys away, as in Redis 7.2', () => {
    client.call('SET', 'key', 'value')
    expect(client.value('SCAN', 0, 'TYPE', 'nosuch')).toEqual(['0', []])
    expect(client.value('SCAN', 0, 'TYPE', 'STRING')).toEqual(['0', ['key']])
    expect(client.value('SCAN', 0, 'TYPE', 'zset')).toEqual(['0', []])
    expect(client.value('SCAN', 0, 'TYPE', '')).toEqual(['0', []])
  })

  test('takes a bounded number of steps where hardly a group has a key', () => {
    for (let i = 0; i < 3000; i++) client.call('SET', i, i)
    for (let i = 0; i < 3000; i++) if (i % 100 !== 0) client.call('DEL', i)
    expect(new Set(scanAll('COUNT', 1)).size).toBe(30)
  })
})

describe('the empty key', () => {
  test('is matched by * and by nothing else but the empty pattern', () => {
    client.call('SET', '', 'value')
    client.call('SET', 'other', 'value')
    expect(client.value('KEYS', '*')).toHaveLength(2)
    expect(client.value('KEYS', '**')).toEqual(['other'])
    expect(client.value('KEYS', '')).toEqual([''])
    expect(client.value('SCAN', 0, 'MATCH', '*')).toEqual(['0', expect.arrayContaining([''])])
    expect(client.value('SCAN', 0, 'MATCH', '**')).toEqual(['0', ['other']])
    expect(client.value('RENAME', '', 'renamed')).toBe('OK')
    expect(client.value('RENAME', 'renamed', '')).toBe('OK')
    expect(client.value('TYPE', '')).toBe('string')
  })
})

test('a pattern of many stars takes no exponential time', () => {
  client.call('SET', 'a'.repeat(2000), 'value')
  expect(client.value('KEYS', `${'a*'.repeat(500)}b`)).toEqual([])
  expect(client.value('SCAN', 0, 'MATCH', `${'*a'.repeat(500)}*b`)).toEqual(['0', []])
})

describe('a use of a key', () => {
  const idle = (key: string) => client.value('OBJECT', 'IDLETIME', key)

  test('is what reads or changes its value, and TOUCH, but not to ask about it', () => {
    client.call('SET', 'key', 'value')
    clock.advance(50_000)
    for (const request of [
      ['EXISTS', 'key'],
      ['TYPE', 'key'],
      ['TTL', 'key'],
      ['PEXPIRETIME', 'key'],
      ['OBJECT', 'ENCODING', 'key'],
      ['OBJECT', 'REFCOUNT', 'key'],
      ['SCAN', 0, 'TYPE', 'string'],
      ['KEYS', '*'],
      ['RANDOMKEY'],
    ]) {
      client.call(...request)
      expect(idle('key')).toBe(50)
    }
    client.call('TOUCH', 'key')
    expect(idle('key')).toBe(0)
    clock.advance(9_000)
    client.call('COPY', 'key', 'copy')
    expect(idle('key')).toBe(0)
    clock.advance(7_000)
    client.call('RENAME', 'copy', 'renamed')
    expect(idle('renamed')).toBe(0)
    expect(idle('key')).toBe(7)
  })

  test('is noted by TOUCH even for a client that asked for NO-TOUCH', () => {
    client.call('SET', 'key', 'value')
    clock.advance(50_000)
    client.session.noTouch = true
    client.call('GET', 'key')
    expect(idle('key')).toBe(50)
    expect(client.value('TOUCH', 'key', 'nosuch', 'key')).toBe(2)
    expect(idle('key')).toBe(0)
    clock.advance(50_000)
    client.call('GET', 'key')
    expect(idle('key')).toBe(50)
  })

  test('is counted by LFU, and forgotten minute by minute', () => {
    server = testServer({ clock, config: { 'maxmemory-policy': 'allkeys-lfu' } })
    client = new InProcessClient(server)
    client.call('SET', 'key', 'value')
    expect(client.value('OBJECT', 'FREQ', 'key')).toBe(5)
    for (let i = 0; i < 100; i++) client.call('GET', 'key')
    const freq = client.value('OBJECT', 'FREQ', 'key') as number
    expect(freq).toBeGreaterThan(6)
    clock.advance(3 * 60_000)
    expect(client.value('OBJECT', 'FREQ', 'key')).toBe(freq - 3)
    expect(client.value('OBJECT', 'FREQ', 'nosuch')).toBe(null)
    expect(client.value('OBJECT', 'IDLETIME', 'nosuch')).toBe(null)
    expect((client.value('OBJECT', 'IDLETIME', 'key') as ReplyError).text).toContain(
      'ERR An LFU maxmemory policy is selected, idle time not tracked.',
    )
  })

  test('lookups are counted as hits and misses', () => {
    client.call('SET', 'key', 'value')
    for (const name of ['EXISTS', 'TTL', 'TYPE', 'TOUCH', 'PEXPIRETIME']) {
      client.call(name, 'key')
      client.call(name, 'nosuch')
    }
    expect([server.keyspace.hits, server.keyspace.misses]).toEqual([5, 5])
    client.call('DEL', 'nosuch')
    client.call('EXPIRE', 'nosuch', 1)
    client.call('PERSIST', 'nosuch')
    expect([server.keyspace.hits, server.keyspace.misses]).toEqual([5, 5])
  })
})

test('OBJECT HELP has a line for each subcommand', () => {
  const lines = client.value('OBJECT', 'HELP') as string[]
  for (const word of ['ENCODING', 'FREQ', 'IDLETIME', 'REFCOUNT', 'HELP']) {
    expect(lines.some((line) => line.startsWith(word))).toBe(true)
  }
})

test('a copy is a value of its own, with the encoding of its source', () => {
  const large = 'x'.repeat(100_000)
  client.call('SET', 'large', large)
  expect(client.value('COPY', 'large', 'copy')).toBe(1)
  client.call('DEL', 'large')
  expect(client.value('GET', 'copy')).toBe(large)
  expect(client.value('OBJECT', 'ENCODING', 'copy')).toBe('raw')
  expect(client.value('COPY', 'copy', 'copy', 'DB', 7)).toBe(1)
  client.call('SET', 'copy', 1)
  client.session.db = server.keyspace.databases[7]!
  expect(client.value('GET', 'copy')).toBe(large)
})

test('each change counts once, as Redis counts it', () => {
  client.call('SET', 'key', 'value')
  const changes = (...request: (string | number)[]) => {
    const { dirty } = server
    client.call(...request)
    return server.dirty - dirty
  }
  expect(changes('RENAME', 'key', 'key')).toBe(0)
  expect(changes('RENAME', 'key', 'other')).toBe(1)
  expect(changes('COPY', 'other', 'key')).toBe(1)
  expect(changes('MOVE', 'key', 1)).toBe(1)
  expect(changes('EXPIRE', 'other', 10)).toBe(1)
  expect(changes('EXPIRE', 'other', 10, 'NX')).toBe(0)
  expect(changes('PERSIST', 'other')).toBe(1)
  expect(changes('PERSIST', 'other')).toBe(0)
  expect(changes('DEL', 'other', 'nosuch')).toBe(1)
})
