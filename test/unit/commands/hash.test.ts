/**
 * The hash commands where the real server of the differential tests is too old (HSCAN's NOVALUES,
 * hashes that 7.2 makes large at once), and what no reply tells: counts of changes, chance, memory.
 */
import { expect, test } from 'vitest'
import { checkServer, InProcessClient, testServer } from '../../support/in-process-client.ts'

const pairs = (count: number): string[] =>
  Array.from({ length: count }, (_, i) => [`field${i}`, `value${i}`]).flat()

function newClient(): InProcessClient {
  return new InProcessClient(testServer({ config: { 'enable-debug-command': 'yes' } }))
}

test('NOVALUES leaves the values out of HSCAN (Redis 7.4)', () => {
  const client = newClient()
  client.call('HSET', 'h', 'a', 1, 'b', 2)
  expect(client.value('HSCAN', 'h', 0, 'NOVALUES')).toEqual(['0', ['a', 'b']])
  expect(client.value('HSCAN', 'h', 0, 'novalues', 'MATCH', 'b')).toEqual(['0', ['b']])
  client.call('HSET', 'large', ...pairs(600))
  const [cursor, fields] = client.value('HSCAN', 'large', 0, 'COUNT', 9999, 'NOVALUES') as [
    string,
    string[],
  ]
  expect(cursor).toBe('0')
  expect(new Set(fields).size).toBe(600)
  checkServer(client.server)
})

test('a full HSCAN returns every field, however small its steps', () => {
  const client = newClient()
  client.call('HSET', 'h', ...pairs(2000))
  const seen = new Map<string, string>()
  let cursor = '0'
  do {
    const [next, page] = client.value('HSCAN', 'h', cursor) as [string, string[]]
    for (let i = 0; i < page.length; i += 2) seen.set(page[i]!, page[i + 1]!)
    cursor = next
  } while (cursor !== '0')
  expect(seen.size).toBe(2000)
  expect(seen.get('field77')).toBe('value77')
  checkServer(client.server)
})

test('more pairs than a small hash may have make it large at once (Redis 7.2)', () => {
  const client = newClient()
  client.call('CONFIG', 'SET', 'hash-max-listpack-entries', 2)
  client.call('HSET', 'h', 'a', 1, 'a', 2, 'a', 3)
  expect(client.value('HLEN', 'h')).toBe(1)
  expect(client.value('OBJECT', 'ENCODING', 'h')).toBe('hashtable')
  checkServer(client.server)
})

test('each field set or removed counts as a change', () => {
  const client = newClient()
  const changes = (...words: (string | number)[]): number => {
    const before = client.server.dirty
    client.call(...words)
    return client.server.dirty - before
  }
  expect(changes('HSET', 'h', 'a', 1, 'b', 2, 'c', 3)).toBe(3)
  expect(changes('HSET', 'h', 'a', 1)).toBe(1)
  expect(changes('HSETNX', 'h', 'a', 1)).toBe(0)
  expect(changes('HDEL', 'h', 'none')).toBe(0)
  expect(changes('HDEL', 'h', 'a', 'b')).toBe(2)
  expect(changes('HDEL', 'h', 'c', 'd')).toBe(1)
  expect(client.value('EXISTS', 'h')).toBe(0)
  checkServer(client.server)
})

test.each([
  ['small', 100],
  ['large', 600],
])('HRANDFIELD of a %s hash: all fields, none twice, values of their own', (_, count) => {
  const client = newClient()
  client.call('HSET', 'h', ...pairs(count))
  const seen = new Set<string>()
  for (let i = 0; i < 30 * count; i++) seen.add(client.value('HRANDFIELD', 'h') as string)
  expect(seen.size).toBe(count)
  for (const size of [2, 50, count - 1, count]) {
    const list = client.value('HRANDFIELD', 'h', size, 'WITHVALUES') as string[]
    expect(list.length).toBe(size * 2)
    expect(new Set(list).size).toBe(size * 2)
    for (let i = 0; i < list.length; i += 2) {
      expect(list[i + 1]).toBe(list[i]!.replace('field', 'value'))
    }
  }
  const repeated = client.value('HRANDFIELD', 'h', -5 * count) as string[]
  expect(repeated.length).toBe(5 * count)
  expect(new Set(repeated).size).toBeGreaterThan(count * 0.9)
  checkServer(client.server)
})

test('HRANDFIELD that could never be answered ends the connection at once', () => {
  const client = newClient()
  client.call('HSET', 'h', 'a', 1)
  client.call('HRANDFIELD', 'h', '-4611686018427387903')
  expect(client.closed).toBe(true)
  checkServer(client.server)
})

test('MEMORY USAGE counts every block', () => {
  const client = newClient()
  const { arena } = client.server.keyspace
  client.call('SET', 'other', 'x')
  for (const count of [5, 600]) {
    const before = arena.liveBytes
    client.call('HSET', 'h', ...pairs(count))
    const slotBytes = 5
    expect(client.value('MEMORY', 'USAGE', 'h')).toBe(arena.liveBytes - before + slotBytes)
    client.call('DEL', 'h')
    client.server.keyspace.check()
  }
  expect(client.value('MEMORY', 'USAGE', 'h')).toBe(null)
  checkServer(client.server)
})

test('DEBUG OBJECT and DEBUG DIGEST know hashes, whatever their form', () => {
  const client = newClient()
  client.call('HSET', 'h', 'a', 1, 'b', 2)
  expect(client.value('DEBUG', 'OBJECT', 'h')).toContain('encoding:listpack')
  const digest = client.value('DEBUG', 'DIGEST-VALUE', 'h')
  client.call('HSET', 'h', 'c', 'x'.repeat(100))
  client.call('HDEL', 'h', 'c')
  expect(client.value('DEBUG', 'OBJECT', 'h')).toContain('encoding:hashtable')
  expect(client.value('DEBUG', 'DIGEST-VALUE', 'h')).toEqual(digest)
  checkServer(client.server)
})

test('a large hash that is deleted is freed in pieces', () => {
  const client = newClient()
  client.call('HSET', 'h', ...pairs(5000))
  client.call('DEL', 'h')
  const { keyspace } = client.server
  expect(keyspace.collections.pending).toBe(1)
  expect(client.value('EXISTS', 'h')).toBe(0)
  keyspace.reclaim(Number.POSITIVE_INFINITY)
  expect(keyspace.collections.pending).toBe(0)
  checkServer(client.server)
})
