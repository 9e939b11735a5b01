/**
 * The set commands when memory fails, at each of the allocations that a command makes: it answers
 * OOM and has then changed nothing and leaked nothing, or it succeeds.
 */
import { expect, test } from 'vitest'
import type { Server } from '../../../src/server/server.ts'
import { checkServer, InProcessClient, testServer } from '../../support/in-process-client.ts'

const OOM = "-OOM command not allowed when used memory > 'maxmemory'.\r\n"

type Request = readonly (string | number)[]

const words = (count: number, word = 'member'): string[] =>
  Array.from({ length: count }, (_, i) => `${word}:${i}`)
const integers = (count: number): number[] => Array.from({ length: count }, (_, i) => i * 1000)

const FILLED: readonly Request[] = [
  ['SADD', 'ints', ...integers(20)],
  ['SADD', 'packed', ...words(20)],
  ['SADD', 'full ints', ...integers(512)],
  ['SADD', 'full packed', ...words(128)],
  ['SADD', 'large', ...words(300), ...integers(300)],
  ['SET', 'string', 'value', 'EX', 100],
]

const REQUESTS: readonly Request[] = [
  ['SADD', 'new', 1, 2, 3],
  ['SADD', 'new', 'a', 'b', 'c'.repeat(100)],
  ['SADD', 'new', ...words(40), 'x'.repeat(70), ...words(200, 'other')],
  ['SADD', 'ints', 7, 70_000, '5000000000', -1],
  ['SADD', 'ints', 'word', ...words(150)],
  ['SADD', 'full ints', 9, 8, 7],
  ['SADD', 'full ints', 'word'],
  ['SADD', 'full packed', 'word', 'another'],
  ['SADD', 'packed', ...words(10, 'other')],
  ['SADD', 'packed', ...words(200, 'other')],
  ['SADD', 'large', ...words(50, 'other'), 'y'.repeat(40_000)],
  ['SREM', 'ints', 0, 1000, 2000],
  ['SREM', 'packed', ...words(20)],
  ['SREM', 'large', ...words(299)],
  ['SMOVE', 'ints', 'new', 1000],
  ['SMOVE', 'ints', 'packed', 1000],
  ['SMOVE', 'packed', 'full packed', 'member:1'],
  ['SMOVE', 'large', 'full ints', 'member:1'],
  ['SMOVE', 'large', 'full packed', '1000'],
  ['SPOP', 'large', 590],
  ['SPOP', 'full ints', 500],
  ['SPOP', 'full packed', 127],
  ['SPOP', 'packed'],
  ['SRANDMEMBER', 'large', 5],
  ['SUNION', 'ints', 'packed', 'full ints', 'full packed', 'large'],
  ['SUNIONSTORE', 'new', 'ints', 'packed', 'large'],
  ['SUNIONSTORE', 'string', 'ints', 'packed'],
  ['SUNIONSTORE', 'ints', 'ints', 'large'],
  ['SINTERSTORE', 'new', 'large', 'full packed'],
  ['SINTERSTORE', 'large', 'large', 'large'],
  ['SINTERSTORE', 'string', 'large', 'ints'],
  ['SDIFFSTORE', 'new', 'large', 'packed'],
  ['SDIFFSTORE', 'large', 'large', 'packed'],
  ['SDIFF', 'large', 'packed', 'ints', 'new', 'full packed', 'full ints'],
  ['SDIFFSTORE', 'string', 'large', 'packed', 'ints', 'full packed', 'full ints'],
  ['COPY', 'large', 'new'],
]

/** All keys with their members. */
function contents(server: Server): string {
  const client = new InProcessClient(server)
  const keys = (client.value('KEYS', '*') as string[]).sort()
  const lines = keys.map((key) => {
    if (client.value('TYPE', key) !== 'set') return `${key} ${client.call('GET', key)}`
    return `${key} ${(client.value('SMEMBERS', key) as string[]).sort()}`
  })
  client.close()
  return lines.join('\n')
}

function prepare(): { server: Server; client: InProcessClient } {
  const server = testServer()
  const client = new InProcessClient(server)
  for (const request of FILLED) expect(client.call(...request)).not.toMatch(/^-/)
  return { server, client }
}

test.each(REQUESTS.map((request) => [request.join(' ').slice(0, 60), request] as const))(
  '%s',
  (_, request) => {
    const { server, client } = prepare()
    const before = contents(server)
    const { arena } = server.keyspace
    let fails = 0
    for (let n = 1; ; n++) {
      arena.failAfter(n)
      const reply = client.call(...request)
      arena.failAfter(0)
      server.keyspace.check()
      if (reply !== OOM) {
        expect(reply).not.toMatch(/^-/)
        break
      }
      fails++
      expect(contents(server)).toBe(before)
    }
    expect(fails).toBeLessThan(2000)
    client.close()
    checkServer(server)
  },
)
