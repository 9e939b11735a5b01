/**
 * The string commands when memory fails: at each of the allocations that a command makes, once and
 * from there on. It answers OOM and has then changed nothing and leaked nothing, or it succeeds.
 */
import { describe, expect, test } from 'vitest'
import { type Address, NULL } from '../../../src/arena/arena.ts'
import { stringCommands } from '../../../src/commands/string/all.ts'
import type { Server } from '../../../src/server/server.ts'
import { checkServer, InProcessClient, testServer } from '../../support/in-process-client.ts'

const OOM = "-OOM command not allowed when used memory > 'maxmemory'.\r\n"
const LARGE = 'v'.repeat(10_000)
const LONG_KEY = 'k'.repeat(40_000)

type Request = readonly (string | number)[]

/** What is there before: nothing, or keys of all kinds. */
const EMPTY: readonly Request[] = []
const FILLED: readonly Request[] = [
  ['MSET', 'small', 'x', 'number', '9', 'large', LARGE, 'medium', 'm'.repeat(3000), LONG_KEY, 'y'],
  ['SET', 'expiring', '1', 'PX', 5000],
]

const pairs = (count: number, value: string): string[] =>
  Array.from({ length: count }, (_, i) => [`key${i}`, value]).flat()

const REQUESTS: readonly Request[] = [
  ['SET', 'small', 'x'],
  ['SET', 'small', LARGE],
  ['SET', 'large', LARGE],
  ['SET', 'large', 'small'],
  ['SET', LONG_KEY, LARGE],
  ['SET', 'expiring', LARGE, 'KEEPTTL', 'GET'],
  ['SET', 'small', 'x', 'EX', 10, 'GET'],
  ['SET', 'small', LARGE, 'IFEQ', 'x'],
  ['SETNX', 'new', LARGE],
  ['SETEX', 'small', 10, LARGE],
  ['PSETEX', 'large', 10_000, 'x'],
  ['GETSET', 'large', LARGE],
  ['GETSET', 'small', 'z'.repeat(300)],
  ['MSET', ...pairs(12, 'value')],
  ['MSET', ...pairs(3, LARGE), 'small', LARGE, ...pairs(3, 'again')],
  ['MSET', 'small', 'y', 'number', LARGE, 'small', 'longer than before', 'small', LARGE],
  ['MSET', 'new', 'a', 'large', 'b', 'new', 'c'.repeat(100), 'expiring', 'd', 'other', 'e'],
  ['MSETNX', ...pairs(20, 'value')],
  ['MSETNX', 'new', LARGE, 'new', 'short', 'other', LARGE],
  ['APPEND', 'new', LARGE],
  ['APPEND', 'small', LARGE],
  ['APPEND', 'medium', LARGE],
  ['APPEND', 'large', LARGE.repeat(3)],
  ['APPEND', 'expiring', 'z'.repeat(100)],
  ['SETRANGE', 'new', 5000, 'x'],
  ['SETRANGE', 'small', 100, 'x'],
  ['SETRANGE', 'large', 100_000, 'x'],
  ['INCR', 'new'],
  ['INCR', 'expiring'],
  ['DECR', 'new'],
  ['INCRBY', 'number', '9007199254740991'],
  ['DECRBY', 'number', '9223372036854775807'],
  ['INCRBYFLOAT', 'number', '1e300'],
  ['INCRBYFLOAT', 'new', '1.5'],
  ['GETEX', 'small', 'EX', 10],
  ['GETEX', 'large', 'PXAT', '9223372036854775807'],
  ['GETEX', 'expiring', 'PERSIST'],
  ['GETEX', 'small', 'EXAT', 1],
  ['GETDEL', 'large'],
  ['DELIFEQ', 'small', 'x'],
  ['GET', 'large'],
  ['MGET', 'small', 'large', 'none'],
  ['STRLEN', 'large'],
  ['GETRANGE', 'large', 0, 10],
  ['SUBSTR', 'large', 0, 10],
  ['LCS', 'small', 'medium'],
]

/** All that can be told of the keys, as text. */
function contents(server: Server): string {
  const client = new InProcessClient(server)
  const keys = client.value('KEYS', '*') as string[]
  const lines = keys.sort().map((key) => {
    const replies = [['GET'], ['PEXPIRETIME'], ['OBJECT', 'ENCODING']]
    return [key, ...replies.map((words) => client.value(...words, key))].join(' ')
  })
  client.close()
  return lines.join('\n')
}

/** Bytes of the keys and values; a table of the dict may have grown all the same. */
function entryBytes(server: Server): number {
  const { arena, databases } = server.keyspace
  return arena.liveBytes - databases[0]!.indexBytes
}

/**
 * Makes the nth allocation fail, and with `lasting` all after it. @returns how many there have been
 */
function failAt(server: Server, n: number, lasting: boolean): () => number {
  const { arena } = server.keyspace
  const allocate = arena.allocate.bind(arena)
  let count = 0
  if (!lasting) arena.failAfter(n)
  arena.allocate = (bytes: number): Address => {
    count++
    return lasting && count >= n ? NULL : allocate(bytes)
  }
  return () => {
    arena.failAfter(0)
    Reflect.deleteProperty(arena, 'allocate')
    return count
  }
}

/** The reply to a request, and what is there after it, when no memory fails. */
function runHealthy(
  client: InProcessClient,
  before: readonly Request[],
  request: Request,
): [string, string] {
  for (const step of before) client.call(...step)
  const result: [string, string] = [client.call(...request), contents(client.server)]
  client.server.keyspace.flushAll()
  return result
}

/** Runs a request with the nth allocation failing. @returns whether it made so many */
function runWithFailure(
  client: InProcessClient,
  before: readonly Request[],
  request: Request,
  n: number,
  lasting: boolean,
  healthy: readonly [reply: string, contents: string],
): boolean {
  const { server } = client
  for (const step of before) client.call(...step)
  const oldContents = contents(server)
  const oldBytes = entryBytes(server)
  const { dirty } = server
  const heal = failAt(server, n, lasting)
  const reply = client.call(...request)
  const reached = heal() >= n
  server.keyspace.check()
  if (reply === OOM) {
    expect(contents(server)).toBe(oldContents)
    expect(entryBytes(server)).toBe(oldBytes)
    expect(server.dirty).toBe(dirty)
    expect(client.call(...request)).not.toBe(OOM)
  } else {
    expect([reply, contents(server)]).toEqual(healthy)
  }
  checkServer(server)
  server.keyspace.flushAll()
  return reached
}

describe.each([
  ['once', false],
  ['for good', true],
])('memory that fails %s', (_, lasting) => {
  for (const request of REQUESTS) {
    const title = request.join(' ').slice(0, 60)
    test(title, () => {
      const client = new InProcessClient(testServer())
      for (const before of [EMPTY, FILLED]) {
        const healthy = runHealthy(client, before, request)
        let n = 1
        while (runWithFailure(client, before, request, n, lasting, healthy)) n++
        expect(n).toBeLessThan(100)
      }
    })
  }
})

test('every string command is tested', () => {
  const tested = new Set(REQUESTS.map(([name]) => name))
  expect([...tested].sort()).toEqual(stringCommands.map(({ name }) => name).sort())
})

test('MSET that fails for want of tables takes back what it did', () => {
  const server = testServer()
  const client = new InProcessClient(server)
  client.call('SET', 'key3', 'old')
  // Only the entries get memory: the table of eight slots fills up to its last.
  const { arena } = server.keyspace
  const allocate = arena.allocate.bind(arena)
  arena.allocate = (bytes: number): Address => (bytes > 60 ? NULL : allocate(bytes))
  const before = entryBytes(server)
  expect(client.call('MSET', ...pairs(12, 'v'))).toBe(OOM)
  expect(contents(server)).toBe(`key3 old -1 embstr`)
  expect(entryBytes(server)).toBe(before)
  server.keyspace.check()
  arena.allocate = allocate
  expect(client.call('MSET', ...pairs(12, 'v'))).toBe('+OK\r\n')
  checkServer(server)
})
