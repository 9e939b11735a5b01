/**
 * The set commands where Redis 7.0, which the differential tests compare with, differs from 7.2 or
 * answers at random: encodings with listpacks, what a sample is, and the sizes where cases change.
 */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Server } from '../../../src/server/server.ts'
import { checkServer, InProcessClient, testServer } from '../../support/in-process-client.ts'

let server: Server
let client: InProcessClient

beforeEach(() => {
  server = testServer({ config: { 'enable-debug-command': 'yes' } })
  client = new InProcessClient(server)
})

afterEach(() => checkServer(server))

const call = (...args: (string | number)[]): string[] => client.value(...args) as string[]
const encoding = (key: string): unknown => client.value('OBJECT', 'ENCODING', key)
const integers = (count: number, from = 0): number[] =>
  Array.from({ length: count }, (_, i) => from + i)
const words = (count: number, word = 'member'): string[] =>
  Array.from({ length: count }, (_, i) => `${word}:${i}`)
const sorted = (list: readonly string[]): string[] => [...list].sort()

/** Keys with sets of each encoding, by name of the encoding; 120 members if small, else 1,500. */
function makeSets(): Record<string, (string | number)[]> {
  const sets = { intset: integers(120), listpack: words(120), hashtable: words(1500) }
  for (const [name, members] of Object.entries(sets)) {
    call('SADD', name, ...members.slice(0, 1))
    for (let i = 1; i < members.length; i += 60) call('SADD', name, ...members.slice(i, i + 60))
    expect(encoding(name)).toBe(name)
  }
  return sets
}

describe('the encoding of Redis 7.2', () => {
  test('of what SADD makes', () => {
    call('SADD', 'a', 1, 2, 3)
    expect(encoding('a')).toBe('intset')
    call('SADD', 'a', 'x')
    expect(encoding('a')).toBe('listpack')
    expect(call('SMEMBERS', 'a')).toEqual(['1', '2', '3', 'x'])
    call('SADD', 'a', 'y'.repeat(65))
    expect(encoding('a')).toBe('hashtable')
    call('SADD', 'b', ...integers(512))
    expect(encoding('b')).toBe('intset')
    call('SADD', 'b', 512)
    expect(encoding('b')).toBe('hashtable')
    call('SADD', 'c', ...integers(513))
    expect(encoding('c')).toBe('hashtable')
    call('SADD', 'd', ...words(128))
    expect(encoding('d')).toBe('listpack')
    call('SADD', 'd', 'one more')
    expect(encoding('d')).toBe('hashtable')
    call('SADD', 'e', 'x')
    call('SADD', 'e', ...Array(129).fill('x'))
    expect(encoding('e')).toBe('hashtable')
  })

  test('follows CONFIG SET', () => {
    call('CONFIG', 'SET', 'set-max-intset-entries', 2, 'set-max-listpack-entries', 3)
    call('CONFIG', 'SET', 'set-max-listpack-value', 4)
    call('SADD', 'a', 1)
    call('SADD', 'a', 2)
    expect(encoding('a')).toBe('intset')
    call('SADD', 'a', 3)
    expect(encoding('a')).toBe('hashtable')
    call('SADD', 'b', 1, 2, 3)
    expect(encoding('b')).toBe('listpack')
    call('SADD', 'c', 'a')
    call('SADD', 'c', 'long!')
    expect(encoding('c')).toBe('hashtable')
  })

  test('of stored results', () => {
    call('SADD', 'ints', ...integers(100))
    call('SADD', 'mixed', ...integers(50), 'x', 'y')
    call('SADD', 'large', ...integers(400), ...words(400))
    call('SADD', 'words', ...words(100))
    call('SINTERSTORE', 'r', 'mixed', 'large')
    expect(encoding('r')).toBe('intset')
    call('SINTERSTORE', 'r', 'words', 'large')
    expect(encoding('r')).toBe('listpack')
    call('SINTERSTORE', 'r', 'large', 'large')
    expect(encoding('r')).toBe('hashtable')
    call('SUNIONSTORE', 'r', 'ints', 'mixed')
    expect(encoding('r')).toBe('listpack')
    call('SUNIONSTORE', 'r', 'ints')
    expect(encoding('r')).toBe('intset')
    call('SDIFFSTORE', 'r', 'mixed', 'words')
    expect(encoding('r')).toBe('listpack')
    call('SDIFFSTORE', 'r', 'large', 'words')
    expect(encoding('r')).toBe('hashtable')
  })

  test('of what SPOP leaves', () => {
    call('SADD', 'large', ...integers(1000))
    expect(call('SPOP', 'large', 990)).toHaveLength(990)
    expect(encoding('large')).toBe('listpack')
    call('SADD', 'ints', ...integers(500))
    expect(call('SPOP', 'ints', 490)).toHaveLength(490)
    expect(encoding('ints')).toBe('intset')
  })
})

describe('SPOP', () => {
  test('takes different members out, in every case and encoding', () => {
    for (const count of [1, 2, 10, 60, 99, 100, 101, 119, 120, 121, 1250, 1251, 1499, 1500]) {
      for (const [key, members] of Object.entries(makeSets())) {
        const popped = call('SPOP', key, count)
        const size = Math.min(count, members.length)
        expect(new Set(popped).size).toBe(size)
        expect(client.value('SCARD', key)).toBe(members.length - size)
        expect(sorted([...popped, ...call('SMEMBERS', key)])).toEqual(sorted(members.map(String)))
        call('DEL', key)
      }
    }
  })

  test('keeps the expiry time', () => {
    call('SADD', 'key', ...words(100))
    call('EXPIRE', 'key', 100)
    call('SPOP', 'key', 95)
    expect(client.value('TTL', 'key')).toBe(100)
  })

  test('one by one empties a set', () => {
    for (const [key, members] of Object.entries(makeSets())) {
      const popped = members.map(() => client.value('SPOP', key) as string)
      expect(sorted(popped)).toEqual(sorted(members.map(String)))
      expect(client.value('EXISTS', key)).toBe(0)
    }
  })
})

describe('SRANDMEMBER', () => {
  test('with a count answers different members', () => {
    for (const [key, members] of Object.entries(makeSets())) {
      const all = new Set(members.map(String))
      for (const count of [1, 2, 10, 60, 119, 120, 149, 150, 151, 1499, 1500, 9999]) {
        const sample = call('SRANDMEMBER', key, count)
        expect(sample.length).toBe(Math.min(count, members.length))
        expect(new Set(sample).size).toBe(sample.length)
        expect(sample.every((member) => all.has(member))).toBe(true)
      }
    }
  })

  test('with a negative count answers so many, some twice', () => {
    for (const [key, members] of Object.entries(makeSets())) {
      const all = new Set(members.map(String))
      const sample = call('SRANDMEMBER', key, -3000)
      expect(sample.length).toBe(3000)
      expect(sample.every((member) => all.has(member))).toBe(true)
      expect(new Set(sample).size).toBeLessThan(3000)
    }
  })

  test('is about even', () => {
    for (const count of [1, 4]) {
      for (const members of [integers(20), words(20)]) {
        call('SADD', 'key', ...members)
        const seen = new Map<string, number>(members.map((member) => [String(member), 0]))
        for (let i = 0; i < 2000; i += count) {
          for (const member of call('SRANDMEMBER', 'key', count)) {
            seen.set(member, seen.get(member)! + 1)
          }
        }
        for (const times of seen.values()) {
          expect(times).toBeGreaterThan(50)
          expect(times).toBeLessThan(160)
        }
        call('DEL', 'key')
      }
    }
  })
})

test('SSCAN visits every member of a set that grows meanwhile', () => {
  call('SADD', 'key', ...words(1000))
  const seen = new Set<string>()
  let cursor = '0'
  let more = 0
  do {
    const [next, members] = client.value('SSCAN', 'key', cursor, 'COUNT', 20) as [string, string[]]
    for (const member of members) seen.add(member)
    call('SADD', 'key', `more:${more++}`)
    cursor = next
  } while (cursor !== '0')
  expect(words(1000).every((member) => seen.has(member))).toBe(true)
})

test('a large set is copied, and freed piece by piece when it goes', () => {
  call('SADD', 'key', ...words(5000))
  expect(client.value('COPY', 'key', 'copy')).toBe(1)
  expect(client.value('SCARD', 'copy')).toBe(5000)
  expect(client.value('SDIFF', 'key', 'copy')).toEqual([])
  expect(client.value('DEBUG', 'DIGEST-VALUE', 'key')).toEqual(
    client.value('DEBUG', 'DIGEST-VALUE', 'copy'),
  )
  call('DEL', 'key')
  expect(server.keyspace.isReclaiming).toBe(true)
})
