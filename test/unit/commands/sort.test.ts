/**
 * SORT and SORT_RO: against a model of a few lines, when memory fails, and where Redis 7.0, which
 * the differential tests compare with, depends on what it did before.
 */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Server } from '../../../src/server/server.ts'
import { checkServer, InProcessClient, testServer } from '../../support/in-process-client.ts'

const OOM = "-OOM command not allowed when used memory > 'maxmemory'.\r\n"
const NOT_NUMBERS = "-ERR One or more scores can't be converted into double\r\n"

type Request = readonly (string | number)[]

function withClient(body: (client: InProcessClient, server: Server) => void): void {
  const server = testServer()
  const client = new InProcessClient(server)
  body(client, server)
  client.close()
  checkServer(server)
}

/** Numbers by value, equal ones by their text. */
function inOrder(texts: readonly string[]): string[] {
  const byText = (a: string, b: string) => (a < b ? -1 : Number(a > b))
  return [...texts].sort((a, b) => Number(a) - Number(b) || byText(a, b))
}

const numbers = fc.array(
  fc.oneof(fc.integer(), fc.integer({ min: -9, max: 9 }), fc.double({ noNaN: true, min: -99 })),
  { maxLength: 400 },
)

test('any numbers in any collection, all or some of them', () => {
  const limits = fc.option(fc.tuple(fc.integer({ min: -5, max: 450 }), fc.nat(450)))
  fc.assert(
    fc.property(numbers, fc.boolean(), limits, (values, descending, limit) => {
      const texts = values.filter(isNormal).map((value) => String(value))
      const distinct = [...new Set(texts)]
      withClient((client) => {
        for (const text of texts) client.call('RPUSH', 'list', text)
        for (const text of distinct) client.call('SADD', 'set', text)
        for (const text of distinct) client.call('ZADD', 'zset', 0, text)
        const options: Request = [
          descending ? 'DESC' : 'ASC',
          ...(limit === null ? [] : ['LIMIT', ...limit]),
        ]
        const [first, count] = limit ?? [0, texts.length]
        const expected = (sorted: string[]) => {
          if (descending) sorted.reverse()
          return sorted.slice(Math.max(first, 0), Math.max(first, 0) + count)
        }
        expect(client.value('SORT', 'list', ...options)).toEqual(expected(inOrder(texts)))
        for (const key of ['set', 'zset']) {
          expect(client.value('SORT_RO', key, ...options)).toEqual(expected(inOrder(distinct)))
        }
        client.call('SORT', 'list', ...options, 'STORE', 'list')
        expect(client.value('LRANGE', 'list', 0, -1)).toEqual(expected(inOrder(texts)))
      })
    }),
    { numRuns: 30, seed: 1 },
  )
})

/** C's strtod reports smaller numbers as errors. */
function isNormal(value: number): boolean {
  return value === 0 || (Math.abs(value) >= 2 ** -1022 && Number.isFinite(value))
}

test.each(['1e400', '-1e400', '1e-400', '1e-310', '0x1p9999'])('%s is out of range', (text) => {
  withClient((client) => {
    client.call('RPUSH', 'list', 1, text, 2)
    expect(client.call('SORT', 'list')).toBe(NOT_NUMBERS)
    expect(client.call('SORT', 'list', 'STORE', 'list')).toBe(NOT_NUMBERS)
    expect(client.value('SORT', 'list', 'ALPHA', 'LIMIT', 0, 1)).not.toEqual([])
  })
})

test('what is stored has the encoding of a list of its size', () => {
  withClient((client) => {
    client.call('RPUSH', 'list', 3, 1, 2)
    client.call('SORT', 'list', 'STORE', 'dest')
    expect(client.value('OBJECT', 'ENCODING', 'dest')).toBe('listpack')
    for (let i = 0; i < 3000; i++) client.call('RPUSH', 'list', i)
    client.call('SORT', 'list', 'STORE', 'dest')
    expect(client.value('OBJECT', 'ENCODING', 'dest')).toBe('quicklist')
  })
})

test('every element stored is a change', () => {
  withClient((client, server) => {
    client.call('RPUSH', 'list', 3, 1, 2)
    const { dirty } = server
    client.call('SORT', 'list', 'GET', '#', 'GET', 'w_*', 'STORE', 'dest')
    expect(server.dirty).toBe(dirty + 6)
    client.call('SORT', 'none', 'STORE', 'dest')
    expect(server.dirty).toBe(dirty + 7)
    client.call('SORT', 'none', 'STORE', 'dest')
    client.call('SORT', 'list')
    expect(server.dirty).toBe(dirty + 7)
  })
})

/** Long ones, so that few of them make a list of several chunks. */
const NUMBERS = Array.from({ length: 100 }, (_, i) => String((i * 79) % 100).padStart(200, '0'))
const WORDS = Array.from({ length: 100 }, (_, i) => `${(i * 77) % 100}:${'x'.repeat(i + 1)}`)

const FILLED: readonly Request[] = [
  ['RPUSH', 'list', ...NUMBERS],
  ['RPUSH', 'short', 3, 1, 2],
  ['SADD', 'set', ...WORDS],
  ['ZADD', 'zset', ...WORDS.flatMap((word, i) => [i, word])],
  ['SET', 'string', 'value', 'EX', 100],
  ['SET', 'w_2', 'y'.repeat(3000)],
  ['HSET', 'h_1', 'f', 5],
]

const REQUESTS: readonly Request[] = [
  ['SORT', 'list'],
  ['SORT', 'list', 'STORE', 'new'],
  ['SORT', 'list', 'STORE', 'list'],
  ['SORT', 'short', 'STORE', 'string'],
  ['SORT', 'short', 'GET', 'w_*', 'GET', 'h_*->f', 'GET', '#', 'STORE', 'short'],
  ['SORT', 'list', 'GET', 'w_*', 'STORE', 'set'],
  ['SORT', 'set', 'ALPHA', 'STORE', 'set'],
  ['SORT', 'zset', 'BY', 'nosort', 'STORE', 'k'.repeat(500)],
  ['SORT', 'zset', 'BY', 'nosort', 'LIMIT', 0, 0, 'STORE', 'string'],
  ['SORT_RO', 'set', 'ALPHA', 'BY', 'w_*', 'GET', 'w_*'],
]

/** All that the keys hold, and when they expire. */
function contents(server: Server): string {
  const client = new InProcessClient(server)
  const keys = (client.value('KEYS', '*') as string[]).sort()
  const lines = keys.map((key) => client.call('DEBUG', 'DIGEST-VALUE', key) + key)
  const ttl = client.value('PEXPIRETIME', 'string')
  client.close()
  return [...lines, ttl].join('\n')
}

test.each(REQUESTS.map((request) => [request.join(' ').slice(0, 60), request] as const))(
  'memory fails in %s',
  (_, request) => {
    const server = testServer({ config: { 'enable-debug-command': 'yes' } })
    const client = new InProcessClient(server)
    for (const each of FILLED) expect(client.call(...each)).not.toMatch(/^-/)
    const before = contents(server)
    const { arena } = server.keyspace
    const { liveBytes } = arena
    for (let n = 1; n < 2000; n++) {
      arena.failAfter(n)
      const reply = client.call(...request)
      arena.failAfter(0)
      server.keyspace.check()
      if (reply !== OOM) {
        expect(reply).not.toMatch(/^-/)
        break
      }
      expect(contents(server)).toBe(before)
      expect(arena.liveBytes).toBe(liveBytes)
    }
    client.close()
    checkServer(server)
  },
)
