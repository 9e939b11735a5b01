/**
 * The hash commands when memory fails: at each of the allocations that a command makes, once and
 * from there on. It answers OOM and has then changed nothing and leaked nothing, or it succeeds.
 */
import { describe, expect, test } from 'vitest'
import { type Address, NULL } from '../../../src/arena/arena.ts'
import { hashCommands } from '../../../src/commands/hash/all.ts'
import type { Server } from '../../../src/server/server.ts'
import { checkServer, InProcessClient, testServer } from '../../support/in-process-client.ts'

const OOM = "-OOM command not allowed when used memory > 'maxmemory'.\r\n"
const LARGE = 'v'.repeat(10_000)

type Request = readonly (string | number)[]

const pairs = (count: number, value: string): string[] =>
  Array.from({ length: count }, (_, i) => [`field${i}`, value]).flat()

const FULL: Request = ['HSET', 'full', ...pairs(8, 'x')]

/** What is there before: nothing, or hashes of all kinds. */
const EMPTY: readonly Request[] = []
const FILLED: readonly Request[] = [
  ['HSET', 'small', 'a', 1, 'b', 2],
  FULL,
  ['HSET', 'large', ...pairs(30, 'y'), 'wide', LARGE, 'n', 5],
  ['HSETEX', 'timed', 'EX', 100, 'FIELDS', 2, 'a', 1, 'n', 5],
  ['HSET', 'timed', 'b', 2, 'field1', 'x'],
  ['HSETEX', 'timed-large', 'EX', 100, 'FIELDS', 20, ...pairs(20, 'z')],
  ['HSET', 'timed-large', 'a', 1, 'b', 2, 'n', 5],
  ['SET', 'string', 'x'],
]

const KEYS = ['small', 'full', 'large', 'timed', 'timed-large']
const EXPIRY_KEYS = ['small', 'large', 'timed', 'timed-large']

const REQUESTS: readonly Request[] = [
  ...KEYS.flatMap((name): Request[] => [
    ['HSET', name, 'a', 'v'],
    ['HSET', name, 'field1', 'w'.repeat(30)],
    ['HSET', name, 'a', LARGE],
    ['HSET', name, 'new', 'v', 'a', 'w'.repeat(20), 'b', 'z', 'new', 'y'],
    ['HSET', name, 'a', LARGE, 'b', LARGE, 'field3', 'q'.repeat(50)],
    ['HMSET', name, ...pairs(40, 'again')],
    ['HSETNX', name, 'new', 'v'],
    ['HSETNX', name, 'a', LARGE],
    ['HINCRBY', name, 'new', '9223372036854775807'],
    ['HINCRBYFLOAT', name, 'new', '1e300'],
    ['HDEL', name, 'a', 'field1', 'wide'],
    ['HDEL', name, ...pairs(30, 'a'), 'b', 'wide', 'n'],
    ['COPY', name, 'copy'],
    ['COPY', name, 'string', 'REPLACE'],
    ['RENAME', name, 'renamed'],
    ['EXPIRE', name, 1000],
  ]),
  ...EXPIRY_KEYS.flatMap((name): Request[] => [
    ['HEXPIRE', name, 7, 'FIELDS', 4, 'a', 'b', 'field1', 'none'],
    ['HPEXPIRE', name, 7, 'NX', 'FIELDS', 3, 'b', 'field2', 'b'],
    ['HEXPIREAT', name, 2_000_000_000, 'FIELDS', 1, 'a'],
    ['HPEXPIREAT', name, 1, 'FIELDS', 3, 'a', 'b', 'field1'],
    ['HPERSIST', name, 'FIELDS', 3, 'a', 'field1', 'field2'],
    ['HGETEX', name, 'EX', 8, 'FIELDS', 3, 'a', 'b', 'n'],
    ['HGETEX', name, 'PERSIST', 'FIELDS', 3, 'a', 'n', 'field1'],
    ['HSETEX', name, 'PX', 9, 'FIELDS', 3, 'a', 'v', 'new', 'w'.repeat(20), 'b', LARGE],
    ['HSETEX', name, 'PX', 9, 'FIELDS', 2, 'a', 'v', 'new', 'w'],
    ['HSETEX', name, 'KEEPTTL', 'FIELDS', 2, 'a', 'w'.repeat(50), 'field1', 'w'.repeat(50)],
    ['HSETEX', name, 'EX', 9, 'FIELDS', 20, ...pairs(20, 'again')],
    ['HGETDEL', name, 'FIELDS', 3, 'a', 'b', 'field1'],
  ]),
  ...['HTTL', 'HPTTL', 'HEXPIRETIME', 'HPEXPIRETIME'].map(
    (name): Request => [name, 'timed-large', 'FIELDS', 2, 'a', 'field1'],
  ),
  ...['HGET', 'HEXISTS', 'HSTRLEN', 'HMGET'].map((name): Request => [name, 'large', 'field1']),
  ...['HGETALL', 'HKEYS', 'HVALS', 'HLEN'].map((name): Request => [name, 'large']),
  ['HRANDFIELD', 'large', 100],
  ['HSCAN', 'large', 0],
]

/** All that can be told of the keys, as text. */
function contents(client: InProcessClient): string {
  const lines = (client.value('KEYS', '*') as string[]).sort().map((key) => {
    const type = client.value('TYPE', key)
    const replies = [client.value('PEXPIRETIME', key)]
    if (type === 'hash') {
      // The order of a large hash depends on how far its dict has grown.
      const all = client.value('HGETALL', key) as string[]
      const names = all.filter((_, i) => i % 2 === 0)
      const times = client.value('HPEXPIRETIME', key, 'FIELDS', names.length, ...names) as number[]
      const fields = names.map((name, i) => `${name}=${all[2 * i + 1]} ${times[i]}`)
      // Nor does it matter whether a hash is prepared for times that it has not got.
      const encoding = client.value('OBJECT', 'ENCODING', key) as string
      replies.push(encoding.replace('listpackex', 'listpack'), ...fields.sort())
    }
    return [key, ...replies].join(' ')
  })
  return lines.join('\n')
}

/** Makes the nth allocation fail, and with `lasting` all after it. @returns how many there were */
function failAt(server: Server, n: number, lasting: boolean): () => number {
  const { arena } = server.keyspace
  const allocate = arena.allocate.bind(arena)
  let count = 0
  arena.allocate = (bytes: number): Address => {
    count++
    return (lasting ? count >= n : count === n) ? NULL : allocate(bytes)
  }
  return () => {
    Reflect.deleteProperty(arena, 'allocate')
    return count
  }
}

function checkHashes({ keyspace }: Server): void {
  keyspace.check()
  for (const database of keyspace.databases) {
    database.forEach((entry) => {
      const { encodingName } = keyspace.collections.at(entry)
      if (encodingName !== '') keyspace.collections.at(entry).check()
    })
  }
}

/** Runs a request with the nth allocation failing. @returns whether it made so many */
function runWithFailure(
  server: Server,
  before: readonly Request[],
  request: Request,
  n: number,
  lasting: boolean,
  healthy: readonly [reply: string, contents: string],
): boolean {
  const client = new InProcessClient(server)
  for (const step of before) client.call(...step)
  const oldContents = contents(client)
  const { dirty } = server
  const heal = failAt(server, n, lasting)
  const reply = client.call(...request)
  const reached = heal() >= n
  client.call('DEL', 'string')
  if (before !== EMPTY) checkHashes(server)
  client.call('SET', 'string', 'x')
  if (reply === OOM) {
    if (before !== EMPTY) expect(contents(client)).toBe(oldContents)
    expect(client.call(...request)).not.toBe(OOM)
    expect(server.dirty).toBeGreaterThan(dirty)
  } else if (request[0] !== 'HRANDFIELD' && request[0] !== 'COPY') {
    expect(reply.length).toBe(healthy[0].length)
  }
  checkServer(server)
  server.keyspace.flushAll()
  client.close()
  return reached
}

describe.each([
  ['once', false],
  ['for good', true],
])('memory that fails %s', (_, lasting) => {
  for (const request of REQUESTS) {
    test(request.join(' ').slice(0, 60), () => {
      const server = testServer({ config: { 'hash-max-listpack-entries': '8' } })
      for (const before of [EMPTY, FILLED]) {
        const client = new InProcessClient(server)
        for (const step of before) client.call(...step)
        const healthy: [string, string] = [client.call(...request), contents(client)]
        server.keyspace.flushAll()
        client.close()
        let n = 1
        while (runWithFailure(server, before, request, n, lasting, healthy)) n++
        expect(n).toBeLessThan(200)
      }
    })
  }
})

test('every hash command is tested', () => {
  const tested = new Set(REQUESTS.map(([name]) => name))
  expect(hashCommands.map(({ name }) => name).filter((name) => !tested.has(name))).toEqual([])
})
