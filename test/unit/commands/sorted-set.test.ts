/**
 * The sorted set commands where Redis 7.0, which the differential tests compare with, is no
 * measure: what 7.2 does otherwise (its documentation and the sources of 7.2.6), and failing memory.
 */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Server } from '../../../src/server/server.ts'
import { checkServer, InProcessClient, testServer } from '../../support/in-process-client.ts'

let server: Server
let client: InProcessClient

beforeEach(() => {
  server = testServer()
  client = new InProcessClient(server)
})

afterEach(() => {
  checkServer(server)
})

const call = (line: string): string => client.call(...line.split(' '))

describe('as Redis 7.2 has it', () => {
  test('ZRANK and ZREVRANK answer the score with WITHSCORE', () => {
    call('ZADD k 1 a 2.5 b')
    expect(call('ZRANK k b WITHSCORE')).toBe('*2\r\n:1\r\n$3\r\n2.5\r\n')
    expect(call('ZREVRANK k b withscore')).toBe('*2\r\n:0\r\n$3\r\n2.5\r\n')
    expect(call('ZRANK k c WITHSCORE')).toBe('*-1\r\n')
    expect(call('ZRANK none c WITHSCORE')).toBe('*-1\r\n')
    expect(call('ZRANK k c WITHSCORES')).toBe('-ERR syntax error\r\n')
    expect(call('ZRANK k c WITHSCORE x')).toBe(
      "-ERR wrong number of arguments for 'zrank' command\r\n",
    )
    call('HELLO 3')
    expect(call('ZRANK k b WITHSCORE')).toBe('*2\r\n:1\r\n,2.5\r\n')
    expect(call('ZRANK k c WITHSCORE')).toBe('_\r\n')
  })

  test('doubles are printed as short as they can be', () => {
    call('ZADD k 3.14 a 1e30 b 100000000000000000 c')
    call(`ZADD l 3.14 a 0 ${'z'.repeat(65)}`)
    expect(call('ZSCORE k a')).toBe('$4\r\n3.14\r\n')
    expect(call('ZSCORE l a')).toBe('$4\r\n3.14\r\n')
    expect(call('ZSCORE k b')).toBe('$5\r\n1e+30\r\n')
    expect(call('ZSCORE k c')).toBe('$18\r\n100000000000000000\r\n')
    expect(call('ZINCRBY k 0.1 a')).toBe('$4\r\n3.24\r\n')
    expect(call('ZSCAN l 0 MATCH a COUNT 100')).toContain('$18\r\n3.1400000000000001\r\n')
    expect(call('ZSCAN k 0 MATCH a')).toContain('$4\r\n3.24\r\n')
  })

  test('the number of members given decides the encoding', () => {
    const many = Array.from({ length: 129 }, () => '1 a').join(' ')
    call(`ZADD fresh ${many}`)
    expect(call('OBJECT ENCODING fresh')).toBe('$8\r\nskiplist\r\n')
    call('ZADD old 1 b')
    call(`ZADD old ${many}`)
    expect(call('OBJECT ENCODING old')).toBe('$8\r\nskiplist\r\n')
    expect(call('ZRANGE old 0 -1 WITHSCORES')).toBe(
      '*4\r\n$1\r\na\r\n$1\r\n1\r\n$1\r\nb\r\n$1\r\n1\r\n',
    )
  })

  test('a negative zero is kept in a large set only', () => {
    const long = 'z'.repeat(65)
    call('ZADD small -0 a')
    call(`ZADD large 1 ${long} -0 a`)
    expect(call('ZSCORE small a')).toBe('$1\r\n0\r\n')
    expect(call('ZSCORE large a')).toBe('$2\r\n-0\r\n')
    expect(call('ZUNION 1 small WEIGHTS -1 WITHSCORES')).toBe('*2\r\n$1\r\na\r\n$2\r\n-0\r\n')
    call('ZUNIONSTORE stored 1 small WEIGHTS -1')
    expect(call('ZSCORE stored a')).toBe('$1\r\n0\r\n')
  })
})

describe('failing memory', () => {
  const long = 'y'.repeat(70)
  const PREPARED = [
    'ZADD small 1 a 2 b 3 c',
    `ZADD large 1 a 2 b 3 c 4 ${long}`,
    'SADD set a b x',
    'SET string x',
  ]
  const REQUESTS = [
    'ZADD new 1 a 2 b',
    `ZADD new 1 a 2 ${long}`,
    'ZADD small 9 a',
    'ZADD small 70000.5 b',
    `ZADD small 9 a 8 new 7 ${long} 6 more`,
    `ZADD small 9 ${long}`,
    'ZADD large 9 a 8 new1 7 new2 6 new3',
    'ZADD large 9 new',
    'ZINCRBY small 1e10 a',
    'ZINCRBY new 1 a',
    'ZUNIONSTORE target 3 small large set',
    'ZUNIONSTORE string 2 small large',
    'ZUNIONSTORE small 2 small set',
    'ZINTERSTORE target 2 small large',
    'ZDIFFSTORE target 2 large set',
    'ZUNION 2 small large',
    'ZRANGESTORE target large 0 -1',
    'ZRANGESTORE string small 0 1',
    'COPY large copy',
    'COPY small copy',
  ]
  const state = (): string =>
    ['small', 'large', 'new', 'target', 'copy']
      .map((key) => call(`ZRANGE ${key} 0 -1 WITHSCORES`))
      .concat(call('TYPE string'), call('DBSIZE'))
      .join('')

  test.each(REQUESTS)('%s', (request) => {
    for (let failing = 1; failing < 100; failing++) {
      call('FLUSHALL')
      for (const line of PREPARED) call(line)
      const before = state()
      const { arena } = server.keyspace
      arena.failAfter(failing)
      const answer = call(request)
      arena.failAfter(0)
      server.keyspace.check()
      if (!answer.startsWith('-OOM')) {
        // A step of growing that gets no memory is left out, and the command goes through.
        if (failing > 30) return
        continue
      }
      expect(state()).toBe(before)
    }
    throw new Error('the request never went through')
  })
})

test('long sets go in pieces, and all memory comes back', () => {
  for (let i = 0; i < 30; i++) {
    const pairs = Array.from({ length: 100 }, (_, j) => `${j} member${i * 100 + j}`)
    call(`ZADD k ${pairs.join(' ')}`)
  }
  expect(call('ZCARD k')).toBe(':3000\r\n')
  expect(call('ZREMRANGEBYRANK k 10 1999')).toBe(':1990\r\n')
  expect(call('ZCARD k')).toBe(':1010\r\n')
  call('UNLINK k')
  server.keyspace.check()
})

test('ZSCAN comes upon every member while the set changes', () => {
  const pairs = Array.from({ length: 500 }, (_, i) => `${i} m${i}`)
  call(`ZADD k ${pairs.join(' ')}`)
  const seen = new Set<unknown>()
  let cursor: unknown = '0'
  let round = 0
  do {
    const [next, members] = client.value('ZSCAN', 'k', String(cursor), 'COUNT', 20) as [
      string,
      string[],
    ]
    for (let i = 0; i < members.length; i += 2) seen.add(members[i])
    cursor = next
    call(`ZADD k 1 extra${round++}`)
  } while (cursor !== '0')
  for (let i = 0; i < 500; i++) expect(seen.has(`m${i}`)).toBe(true)
})

test('ZRANDMEMBER answers different members for a positive count', () => {
  const pairs = Array.from({ length: 400 }, (_, i) => `${i} m${i}`)
  call(`ZADD k ${pairs.join(' ')}`)
  for (const count of [2, 50, 133, 134, 300, 399, 400, 1000]) {
    const members = client.value('ZRANDMEMBER', 'k', count) as string[]
    expect(new Set(members).size).toBe(Math.min(count, 400))
  }
  expect((client.value('ZRANDMEMBER', 'k', -1000) as string[]).length).toBe(1000)
})
