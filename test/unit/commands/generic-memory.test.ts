/**
 * The commands over keys when memory fails: for every allocation that a command makes, that one fails,
 * and the command answers OOM, changes nothing and leaks nothing, or succeeds without it.
 */
import { describe, expect, test } from 'vitest'
import type { Server } from '../../../src/server/server.ts'
import { checkServer, InProcessClient, testServer } from '../../support/in-process-client.ts'

const OOM = "-OOM command not allowed when used memory > 'maxmemory'.\r\n"
const LARGE = 'v'.repeat(10_000)
const LONG_KEY = 'k'.repeat(40_000)

/** More allocations than any of these commands makes. */
const MAX_ALLOCATIONS = 5

/** The commands that need memory. */
const allocating = new Set<unknown>(
  'COPY EXPIRE EXPIREAT PEXPIRE PEXPIREAT PERSIST RENAME RENAMENX MOVE'.split(' '),
)

type Request = readonly (string | number)[]

interface Case {
  name: string
  /** Requests that prepare the databases. */
  before: readonly Request[]
  request: Request
}

const cases: Case[] = [
  { name: 'COPY of a small value', before: [['SET', 'a', 1]], request: ['COPY', 'a', 'b'] },
  { name: 'COPY of a large value', before: [['SET', 'a', LARGE]], request: ['COPY', 'a', 'b'] },
  {
    name: 'COPY with expiry time over a large value',
    before: [
      ['SET', 'a', LARGE],
      ['PEXPIRE', 'a', 5000],
      ['SET', 'b', LARGE],
    ],
    request: ['COPY', 'a', 'b', 'REPLACE'],
  },
  {
    name: 'COPY to an empty database',
    before: [['SET', 'a', LARGE]],
    request: ['COPY', 'a', 'a', 'DB', 2],
  },
  {
    name: 'COPY to a long key',
    before: [['SET', 'a', LARGE]],
    request: ['COPY', 'a', LONG_KEY],
  },
  { name: 'EXPIRE of a small value', before: [['SET', 'a', 1]], request: ['EXPIRE', 'a', 10] },
  { name: 'EXPIRE of a large value', before: [['SET', 'a', LARGE]], request: ['EXPIRE', 'a', 10] },
  { name: 'EXPIREAT', before: [['SET', 'a', 1]], request: ['EXPIREAT', 'a', 9999999999] },
  { name: 'PEXPIRE', before: [['SET', 'a', 1]], request: ['PEXPIRE', 'a', '9007199254740993'] },
  {
    name: 'PEXPIREAT of a long key',
    before: [['SET', LONG_KEY, 1]],
    request: ['PEXPIREAT', LONG_KEY, '9223372036854775807'],
  },
  {
    name: 'EXPIRE that removes',
    before: [['SET', 'a', LARGE]],
    request: ['EXPIRE', 'a', -1],
  },
  {
    name: 'PERSIST',
    before: [
      ['SET', 'a', LARGE],
      ['PEXPIRE', 'a', 5000],
    ],
    request: ['PERSIST', 'a'],
  },
  { name: 'RENAME', before: [['SET', 'a', LARGE]], request: ['RENAME', 'a', 'b'] },
  {
    name: 'RENAME over another',
    before: [
      ['SET', 'a', LARGE],
      ['SET', 'b', LARGE],
      ['PEXPIRE', 'b', 5000],
    ],
    request: ['RENAME', 'a', 'b'],
  },
  {
    name: 'RENAMENX with expiry time',
    before: [
      ['SET', 'a', 'small'],
      ['PEXPIRE', 'a', 5000],
    ],
    request: ['RENAMENX', 'a', LONG_KEY],
  },
  { name: 'MOVE to an empty database', before: [['SET', 'a', LARGE]], request: ['MOVE', 'a', 1] },
  {
    name: 'MOVE',
    before: [
      ['COPY', 'a', 'other', 'DB', 1],
      ['SET', 'a', 'small'],
      ['PEXPIRE', 'a', 5000],
    ],
    request: ['MOVE', 'a', 1],
  },
  { name: 'DEL', before: [['SET', 'a', LARGE]], request: ['DEL', 'a', 'b'] },
  { name: 'UNLINK', before: [['SET', 'a', LARGE]], request: ['UNLINK', 'a', 'b'] },
  ...[
    ['EXISTS', 'a', 'b'],
    ['TOUCH', 'a', 'b'],
    ['TTL', 'a'],
    ['PTTL', 'a'],
    ['EXPIRETIME', 'a'],
    ['PEXPIRETIME', 'a'],
    ['TYPE', 'a'],
    ['KEYS', '*'],
    ['SCAN', 0, 'COUNT', 1000],
    ['RANDOMKEY'],
    ['OBJECT', 'ENCODING', 'a'],
    ['OBJECT', 'FREQ', 'a'],
    ['OBJECT', 'HELP'],
    ['OBJECT', 'IDLETIME', 'a'],
    ['OBJECT', 'REFCOUNT', 'a'],
  ].map((request) => ({ name: request.join(' '), before: [['SET', 'a', LARGE]], request })),
]

/** All that can be told of the keys, as text. */
function contents(server: Server): string {
  const lines: string[] = []
  for (const db of server.keyspace.databases.slice(0, 3)) {
    const client = new InProcessClient(server)
    client.session.db = db
    const keys = client.value('KEYS', '*') as string[]
    for (const key of keys.sort()) {
      const at = client.value('PEXPIRETIME', key)
      const encoding = client.value('OBJECT', 'ENCODING', key)
      lines.push(`${db.index} ${key} ${client.value('GET', key)} ${at} ${encoding}`)
    }
    client.close()
  }
  return lines.join('\n')
}

describe('an allocation that fails', () => {
  test.each(cases)('$name', ({ before, request }) => {
    let failures = 0
    for (let n = 1; n <= MAX_ALLOCATIONS; n++) {
      const server = testServer()
      const client = new InProcessClient(server)
      for (const step of before) client.call(...step)
      const { arena } = server.keyspace
      const old = contents(server)
      const { liveBytes } = arena
      const { dirty } = server

      arena.failAfter(n)
      const reply = client.call(...request)
      arena.failAfter(0)
      server.keyspace.check()
      if (reply === OOM) {
        failures++
        expect(contents(server)).toBe(old)
        expect(arena.liveBytes).toBe(liveBytes)
        expect(server.dirty).toBe(dirty)
        // What fails once does not fail for good.
        expect(client.call(...request)).not.toBe(OOM)
      }
      checkServer(server)
    }
    expect(failures > 0).toBe(allocating.has(request[0]) && request.at(-1) !== -1)
  })
})

test('many keys, a failure here and there: nothing is lost', () => {
  const server = testServer()
  const client = new InProcessClient(server)
  for (let i = 0; i < 300; i++) client.call('SET', `key${i}`, i)
  const { arena } = server.keyspace
  let failures = 0
  for (let i = 0; i < 300; i++) {
    arena.failAfter(1 + (i % 3))
    if (client.call('PEXPIRE', `key${i}`, 100_000 + i) === OOM) failures++
    arena.failAfter(1 + (i % 3))
    if (client.call('RENAME', `key${i}`, `other${i}`) === OOM) {
      failures++
      arena.failAfter(0)
      client.call('RENAME', `key${i}`, `other${i}`)
    }
    arena.failAfter(1 + (i % 3))
    if (client.call('MOVE', `other${i}`, 1) === OOM) failures++
    arena.failAfter(0)
  }
  expect(failures).toBeGreaterThan(100)
  const { databases } = server.keyspace
  expect(databases[0]!.count + databases[1]!.count).toBe(300)
  checkServer(server)
})
