/**
 * The commands of bitmaps in this process: what is counted as a change, rights, limits, long
 * strings, and memory that fails. Their replies are compared with Redis's elsewhere
 * (test/differential/bitmap.test.ts), and their arithmetic tested in test/unit/types/bitmap.test.ts.
 */
import { describe, expect, test } from 'vitest'
import { expectAllOrNothing } from '../../support/failing-memory.ts'
import {
  checkServer,
  InProcessClient,
  type ReplyError,
  testServer,
} from '../../support/in-process-client.ts'

function open(options: Parameters<typeof testServer>[0] = {}): InProcessClient {
  return new InProcessClient(testServer(options))
}

function error(client: InProcessClient, ...request: string[]): string {
  return (client.value(...request) as ReplyError).text
}

test('changes are counted as Redis counts them', () => {
  const client = open()
  const changes = (...request: string[]): number => {
    const before = client.server.dirty
    client.call(...request)
    return client.server.dirty - before
  }
  expect(changes('SETBIT', 'k', '3', '0')).toBe(1)
  expect(changes('SETBIT', 'k', '3', '0')).toBe(0)
  expect(changes('SETBIT', 'k', '3', '1')).toBe(1)
  expect(changes('SETBIT', 'k', '9', '0')).toBe(1)
  expect(changes('GETBIT', 'k', '9')).toBe(0)
  expect(changes('BITFIELD', 'k', 'GET', 'u8', '0')).toBe(0)
  expect(changes('BITFIELD', 'k', 'SET', 'u8', '0', '7', 'SET', 'u8', '0', '7')).toBe(1)
  expect(changes('BITFIELD', 'k', 'INCRBY', 'u8', '0', '1', 'INCRBY', 'i9', '0', '1')).toBe(2)
  expect(changes('BITFIELD', 'k', 'SET', 'u8', '90', '0', 'SET', 'u8', '0', '8')).toBe(2)
  expect(changes('BITFIELD', 'k', 'OVERFLOW', 'FAIL', 'SET', 'u1', '999', '7')).toBe(0)
  expect(client.value('STRLEN', 'k')).toBe(125)
  expect(changes('BITOP', 'NOT', 'n', 'k')).toBe(1)
  expect(changes('BITOP', 'NOT', 'n', 'none')).toBe(1)
  expect(changes('BITOP', 'NOT', 'n', 'none')).toBe(0)
  checkServer(client.server)
})

test('who watches a key learns of changes only', () => {
  const client = open()
  const other = new InProcessClient(client.server)
  const isDisturbed = (...request: string[]): boolean => {
    client.call('WATCH', 'k')
    other.call(...request)
    client.call('MULTI')
    return client.value('EXEC') === null
  }
  expect(isDisturbed('SETBIT', 'k', '1', '1')).toBe(true)
  expect(isDisturbed('SETBIT', 'k', '1', '1')).toBe(false)
  expect(isDisturbed('BITFIELD', 'k', 'SET', 'u8', '0', '64')).toBe(false)
  expect(isDisturbed('BITFIELD', 'k', 'INCRBY', 'u8', '0', '1')).toBe(true)
  expect(isDisturbed('BITOP', 'AND', 'k', 'k')).toBe(true)
})

test('who caches a key is told of changes', () => {
  const client = open()
  const other = new InProcessClient(client.server)
  client.call('HELLO', 3)
  client.call('CLIENT', 'TRACKING', 'ON')
  const told = (read: readonly string[], change: readonly string[]): boolean => {
    client.call(...read)
    other.call(...change)
    return client.take().includes('invalidate')
  }
  expect(told(['GETBIT', 'k', '0'], ['SETBIT', 'k', '0', '1'])).toBe(true)
  expect(told(['BITCOUNT', 'k'], ['SETBIT', 'k', '0', '1'])).toBe(false)
  expect(told(['BITPOS', 'k', '1'], ['BITFIELD', 'k', 'SET', 'u1', '#0', '0'])).toBe(true)
  expect(told(['BITFIELD_RO', 'k', 'GET', 'u8', '0'], ['BITOP', 'NOT', 'k', 'k'])).toBe(true)
})

test('BITFIELD wants the right to write only where it writes', () => {
  const client = open()
  client.call('ACL', 'SETUSER', 'reader', 'on', 'nopass', '%R~*', '+@all')
  const reader = new InProcessClient(client.server)
  expect(reader.value('AUTH', 'reader', '')).toBe('OK')
  expect(reader.value('BITFIELD', 'k', 'GET', 'u8', '0', 'OVERFLOW', 'SAT')).toEqual([0])
  expect(error(reader, 'BITFIELD', 'k', 'SET', 'u8', '0', '1')).toMatch(/^NOPERM/)
  expect(error(reader, 'BITFIELD', 'k', 'GET', 'u8', '0', 'INCRBY', 'u8', '0', '1')).toMatch(
    /^NOPERM/,
  )
  expect(error(reader, 'BITFIELD', 'k', 'nosuch')).toMatch(/^NOPERM/)
  expect(error(reader, 'SETBIT', 'k', '0', '1')).toMatch(/^NOPERM/)
  expect(error(reader, 'BITOP', 'AND', 'k', 'k')).toMatch(/^NOPERM/)
})

test('proto-max-bulk-len bounds offsets, but not those in the log', () => {
  const client = open({ config: { 'proto-max-bulk-len': '1mb' } })
  const edge = 8 * 1024 * 1024
  expect(client.value('SETBIT', 'k', edge - 1, 1)).toBe(0)
  expect(error(client, 'SETBIT', 'k', String(edge), '1')).toMatch(/^ERR bit offset/)
  expect(error(client, 'GETBIT', 'k', String(edge))).toMatch(/^ERR bit offset/)
  expect(error(client, 'BITFIELD', 'k', 'GET', 'u8', String(edge))).toMatch(/^ERR bit offset/)
  // A field that begins within the limit may end a little behind it.
  expect(client.value('BITFIELD', 'k', 'SET', 'i64', edge - 1, -1)).toEqual([-(2n ** 63n)])
  expect(client.value('STRLEN', 'k')).toBe(1024 * 1024 + 8)
  client.server.keyspace.isLoading = true
  expect(client.value('SETBIT', 'k', edge + 100, 1)).toBe(0)
  expect(client.value('BITFIELD', 'k', 'GET', 'u1', edge + 100)).toEqual([1])
  client.server.keyspace.isLoading = false
  checkServer(client.server)
})

test('the last bit of 512 MB costs no time', () => {
  const client = open()
  const last = 2 ** 32 - 1
  const before = process.memoryUsage.rss()
  expect(client.value('SETBIT', 'k', last, 1)).toBe(0)
  expect(process.memoryUsage.rss() - before).toBeLessThan(100 * 1024 * 1024)
  expect(client.value('STRLEN', 'k')).toBe(2 ** 29)
  expect(client.value('GETBIT', 'k', last)).toBe(1)
  expect(client.value('GETBIT', 'k', last - 1)).toBe(0)
  expect(client.value('BITCOUNT', 'k', -1, -1)).toBe(1)
  expect(client.value('BITPOS', 'k', 1, -2)).toBe(last)
  expect(client.value('BITPOS', 'k', 0, last, last, 'BIT')).toBe(-1)
  expect(client.value('BITCOUNT', 'k', last - 1, last, 'BIT')).toBe(1)
  checkServer(client.server)
})

test('a long string that grows keeps what it had, and gets zeros', () => {
  const client = open()
  const mb = 1024 * 1024
  client.call('SET', 'k', 'x'.repeat(5000))
  for (const bytes of [6000, mb, 30 * mb, 33 * mb, 33 * mb + 1, 40 * mb]) {
    const ones = client.value('BITCOUNT', 'k') as number
    expect(client.value('SETBIT', 'k', bytes * 8 - 1, 1)).toBe(0)
    expect(client.value('BITCOUNT', 'k')).toBe(ones + 1)
    expect(client.value('STRLEN', 'k')).toBe(bytes)
  }
  expect(client.value('GETRANGE', 'k', 0, 5001)).toBe(`${'x'.repeat(5000)}\0\0`)
  checkServer(client.server)
})

test('strings that were adopted with their request are combined like others', () => {
  // Guarded memory is never adopted.
  const client = open({ debugArena: false })
  const length = 9 * 1024 * 1024 + 3
  client.call('SET', 'one', Buffer.alloc(length, 0xf0))
  client.call('SET', 'other', Buffer.alloc(length, 0x3c))
  const count = (operation: string): unknown => {
    expect(client.value('BITOP', operation, 'target', 'one', 'other')).toBe(length)
    return client.value('BITCOUNT', 'target')
  }
  expect([count('AND'), count('OR'), count('XOR')]).toEqual([length * 2, length * 6, length * 4])
  client.value('BITOP', 'NOT', 'one', 'one')
  expect(client.value('BITCOUNT', 'one')).toBe(length * 4)
  expect(client.value('BITPOS', 'one', 1)).toBe(4)
  checkServer(client.server)
})

describe('no memory', () => {
  const LARGE = 'v'.repeat(10_000)
  const REQUESTS: readonly (readonly string[])[] = [
    ['SETBIT', 'new', '1', '1'],
    ['SETBIT', 'new', '100000', '1'],
    ['SETBIT', 'small', '100', '1'],
    ['SETBIT', 'small', '100000', '1'],
    ['SETBIT', 'large', '1', '1'],
    ['SETBIT', 'large', '1000000', '1'],
    ['BITFIELD', 'new', 'SET', 'u8', '0', '1'],
    ['BITFIELD', 'small', 'SET', 'u8', '100000', '1', 'INCRBY', 'u8', '0', '1'],
    ['BITFIELD', 'large', 'INCRBY', 'u8', '1000000', '1'],
    ['BITOP', 'AND', 'new', 'small', 'large'],
    ['BITOP', 'OR', 'large', 'small', 'number'],
    ['BITOP', 'XOR', 'small', 'large', 'small'],
    ['BITOP', 'NOT', 'large', 'large'],
    ['BITOP', 'NOT', 'large', 'none'],
  ]

  function filled(): InProcessClient {
    const client = open()
    client.call('MSET', 'small', 'x', 'number', '99', 'large', LARGE)
    client.call('PEXPIREAT', 'small', '99999999999999')
    return client
  }

  test.each(REQUESTS.map((request) => [request.join(' '), request] as const))('%s', (_, request) =>
    expectAllOrNothing(filled, request),
  )
})
