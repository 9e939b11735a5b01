/**
 * Lists where Redis 7.2 differs from the 7.0 that the differential tests compare with, and when
 * memory fails: at each of the allocations that a command makes, it answers OOM and has changed
 * and leaked nothing, or it succeeds.
 */
import { describe, expect, test } from 'vitest'
import type { Server } from '../../../src/server/server.ts'
import { checkServer, InProcessClient, testServer } from '../../support/in-process-client.ts'

const OOM = "-OOM command not allowed when used memory > 'maxmemory'.\r\n"
const LARGE = 'x'.repeat(20_000)

type Request = readonly (string | number)[]

const words = (count: number, word = 'element'): string[] =>
  Array.from({ length: count }, (_, i) => `${word}:${i}`)

function setUp() {
  const server = testServer()
  return { server, client: new InProcessClient(server) }
}

describe('as in 7.2', () => {
  test('the encoding follows the size, both ways', () => {
    const { client } = setUp()
    const encoding = () => client.value('OBJECT', 'ENCODING', 'l')
    client.call('RPUSH', 'l', 'a', 'b')
    expect(encoding()).toBe('listpack')
    client.call('LSET', 'l', 1, LARGE)
    expect(encoding()).toBe('quicklist')
    client.call('LPOP', 'l')
    client.call('LSET', 'l', 0, 'a')
    expect(encoding()).toBe('listpack')
    client.call('RPUSH', 'l', 'b')
    client.call('CONFIG', 'SET', 'list-max-listpack-size', 4)
    client.call('RPUSH', 'l', 'c', 'd')
    expect(encoding()).toBe('listpack')
    client.call('LINSERT', 'l', 'AFTER', 'a', 'e')
    expect(encoding()).toBe('quicklist')
    client.call('COPY', 'l', 'copy')
    expect(client.value('OBJECT', 'ENCODING', 'copy')).toBe('quicklist')
    client.call('LTRIM', 'l', 0, 1)
    expect(encoding()).toBe('listpack')
    expect(client.value('LRANGE', 'copy', 0, -1)).toEqual(['a', 'e', 'b', 'c', 'd'])
  })

  test.each([
    ['inf', 'ERR timeout is out of range'],
    ['1e16', 'ERR timeout is out of range'],
    ['9223372036854775.807', 'ERR timeout is out of range'],
    ['-inf', 'ERR timeout is negative'],
    ['nan', 'ERR timeout is not a float or out of range'],
    ['1e400', 'ERR timeout is not a float or out of range'],
  ])('a timeout of %s', (timeout, error) => {
    const { client } = setUp()
    expect(client.call('BLPOP', 'l', timeout)).toBe(`-${error}\r\n`)
    expect(client.call('BLMPOP', timeout, 1, 'l', 'LEFT')).toBe(`-${error}\r\n`)
  })

  test('the lowest rank is refused', () => {
    const { client } = setUp()
    expect(client.call('LPOS', 'l', 'a', 'RANK', '-9223372036854775808')).toBe(
      '-ERR value is out of range, value must between -9223372036854775807 and ' +
        '9223372036854775807\r\n',
    )
  })

  test('changes are counted by elements', () => {
    const { server, client } = setUp()
    const changes = (...request: Request) => {
      const { dirty } = server
      client.call(...request)
      return server.dirty - dirty
    }
    expect(changes('RPUSH', 'l', 1, 2, 3, 4, 5)).toBe(5)
    expect(changes('LPOP', 'l')).toBe(1)
    expect(changes('LMOVE', 'l', 'm', 'LEFT', 'LEFT')).toBe(1)
    expect(changes('LMOVE', 'l', 'l', 'LEFT', 'LEFT')).toBe(1)
    expect(changes('LTRIM', 'l', 0, -1)).toBe(0)
    expect(changes('LREM', 'l', 0, 'none')).toBe(0)
    expect(changes('RPOP', 'l', 9)).toBe(3)
  })
})

const FILLED: readonly Request[] = [
  ['RPUSH', 'packed', ...words(20)],
  ['RPUSH', 'full', 'y'.repeat(8150)],
  ['RPUSH', 'chunks', ...words(900)],
  ['SET', 'string', 'value'],
]

const REQUESTS: readonly Request[] = [
  ['RPUSH', 'new', 'a', 'b', 'c'],
  ['LPUSH', 'new', ...words(40, LARGE.slice(0, 900))],
  ['LPUSH', 'packed', LARGE, 'a', LARGE],
  ['RPUSH', 'packed', ...words(200)],
  ['RPUSH', 'full', 'a'.repeat(100), 'b', LARGE],
  ['LPUSH', 'chunks', LARGE, 'a', ...words(40, LARGE.slice(0, 900)), LARGE],
  ['RPUSHX', 'chunks', ...words(40, LARGE.slice(0, 900))],
  ['LPUSHX', 'full', 'a'.repeat(100)],
  ['LINSERT', 'packed', 'BEFORE', 'element:3', LARGE],
  ['LINSERT', 'chunks', 'AFTER', 'element:700', 'x'],
  ['LINSERT', 'chunks', 'AFTER', 'element:700', LARGE],
  ['LSET', 'packed', 3, LARGE],
  ['LSET', 'chunks', 700, LARGE],
  ['LSET', 'full', 0, LARGE],
  ['LMOVE', 'chunks', 'new', 'LEFT', 'LEFT'],
  ['LMOVE', 'chunks', 'full', 'LEFT', 'LEFT'],
  ['LMOVE', 'full', 'packed', 'LEFT', 'RIGHT'],
  ['LMOVE', 'full', 'full', 'LEFT', 'RIGHT'],
  ['RPOPLPUSH', 'chunks', 'chunks'],
  ['BLMOVE', 'packed', 'chunks', 'RIGHT', 'RIGHT', 0],
  ['BRPOPLPUSH', 'packed', 'new', 0],
  ['LPOP', 'chunks', 890],
  ['RPOP', 'packed'],
  ['LMPOP', 1, 'chunks', 'RIGHT', 'COUNT', 1000],
  ['BLMPOP', 0, 1, 'chunks', 'RIGHT', 'COUNT', 10],
  ['LREM', 'chunks', 0, 'element:7'],
  ['LTRIM', 'chunks', 100, 200],
  ['COPY', 'chunks', 'new'],
  ['RENAME', 'chunks', 'full'],
]

/** The keys with their values; a list may stay in chunks that were made ready for more. */
function contents(server: Server): string {
  const client = new InProcessClient(server)
  const keys = client.value('KEYS', '*') as string[]
  const lines = keys.sort().map((key) => {
    const type = client.value('TYPE', key)
    const value = type === 'list' ? client.call('LRANGE', key, 0, -1) : client.value('GET', key)
    return `${key} ${value}`
  })
  client.close()
  return lines.join('\n')
}

describe('an allocation that fails', () => {
  test.each(
    REQUESTS.map((request) => ({ name: request.slice(0, 5).join(' ').slice(0, 60), request })),
  )('$name', ({ request }) => {
    for (let n = 1; n <= 12; n++) {
      const { server, client } = setUp()
      for (const each of FILLED) client.call(...each)
      const old = contents(server)
      const { dirty } = server
      server.keyspace.arena.failAfter(n)
      const reply = client.call(...request)
      server.keyspace.arena.failAfter(0)
      if (reply === OOM) {
        expect(contents(server)).toBe(old)
        expect(server.dirty).toBe(dirty)
        expect(client.call(...request)).not.toBe(OOM)
      }
      checkServer(server)
      if (n > 8 && reply !== OOM) return
    }
  })
})
