/**
 * Collections around every threshold of their small forms: what is loaded is what commands make of
 * the same elements, down to the encoding and the bytes that it takes.
 */
import { afterAll, afterEach, describe, expect, test } from 'vitest'
import { RdbError, RdbMemoryError } from '../../../src/rdb/rdb-error.ts'
import { checkServer, InProcessClient, testServer } from '../../support/in-process-client.ts'
import { type Element, listpack, rdbLength, rdbString } from '../../support/old-encodings.ts'
import { bytesOf, loadInto, withChecksum } from '../../support/rdb.ts'

type Form = 'plain' | 'listpack'

const PLAIN_TYPES = { list: 1, set: 2, hash: 4, zset: 5 }
const LISTPACK_TYPES = { list: 18, set: 20, hash: 16, zset: 17 }
type TypeName = keyof typeof PLAIN_TYPES

const strings = (count: number, prefix = 'e'): string[] =>
  Array.from({ length: count }, (_, i) => `${prefix}${i}`)

/** A file with the key `loaded`; of pairs if that is what the type has. */
function fileOf(type: TypeName, form: Form, elements: readonly string[]): Uint8Array {
  const bytes: number[] = []
  if (form === 'listpack') {
    if (type === 'list') bytes.push(1, 2)
    bytes.push(...rdbString(listpack(elements as readonly Element[])))
  } else {
    const pairs = type === 'hash' || type === 'zset'
    bytes.push(...rdbLength(pairs ? elements.length / 2 : elements.length))
    elements.forEach((element, i) => {
      if (type === 'zset' && i % 2 === 1) {
        bytes.push(...new Uint8Array(Float64Array.of(Number(element)).buffer))
      } else {
        bytes.push(...rdbString(element))
      }
    })
  }
  const number = (form === 'plain' ? PLAIN_TYPES : LISTPACK_TYPES)[type]
  return withChecksum(bytesOf('REDIS0011', number, [...rdbString('loaded')], bytes, 255))
}

function commandOf(type: TypeName, elements: readonly string[]): string[] {
  if (type === 'list') return ['RPUSH', 'made__', ...elements]
  if (type === 'set') return ['SADD', 'made__', ...elements]
  if (type === 'hash') return ['HSET', 'made__', ...elements]
  const scored: string[] = []
  for (let i = 0; i < elements.length; i += 2) scored.push(elements[i + 1]!, elements[i]!)
  return ['ZADD', 'made__', ...scored]
}

function read(type: TypeName, key: string): unknown {
  if (type === 'list') return client.value('LRANGE', key, '0', '-1')
  if (type === 'zset') return client.value('ZRANGE', key, '0', '-1', 'WITHSCORES')
  const value = client.value(type === 'set' ? 'SMEMBERS' : 'HGETALL', key) as string[]
  return client.value('OBJECT', 'ENCODING', key) === 'listpack' ? value : value.sort()
}

const server = testServer()
const client = new InProcessClient(server)

afterEach(() => {
  client.value('FLUSHALL', 'SYNC')
})

afterAll(() => {
  checkServer(server)
})

function expectSame(type: TypeName, elements: readonly string[], ...limit: string[]): void {
  const [name = '', value = ''] = limit
  const before = name === '' ? '' : (client.value('CONFIG', 'GET', name) as string[])[1]!
  if (name !== '') expect(client.value('CONFIG', 'SET', name, value)).toBe('OK')
  client.value(...(commandOf(type, elements) as [string, ...string[]]))
  for (const form of ['plain', 'listpack'] as const) {
    client.value('DEL', 'loaded')
    loadInto(server.keyspace, fileOf(type, form, elements), {}, 1000)
    expect(read(type, 'loaded')).toEqual(read(type, 'made__'))
    const encoding = client.value('OBJECT', 'ENCODING', 'loaded')
    expect(encoding).toBe(client.value('OBJECT', 'ENCODING', 'made__'))
    server.keyspace.check()
  }
  client.value('FLUSHALL', 'SYNC')
  if (name !== '') client.value('CONFIG', 'SET', name, before)
}

describe('around the thresholds', () => {
  test('lists', () => {
    for (const count of [1, 5, 127, 128, 129, 1000, 2000]) expectSame('list', strings(count))
    for (const bytes of [253, 254, 255, 8181, 8182, 8183, 8184, 8185, 40_000]) {
      expectSame('list', ['first', 'x'.repeat(bytes), 'last'])
    }
    for (const size of ['3', '-5']) {
      for (const count of [3, 4, 9000]) {
        expectSame('list', strings(count), 'list-max-listpack-size', size)
      }
    }
  })

  test('sets', () => {
    for (const count of [1, 5, 127, 128, 129, 600]) expectSame('set', strings(count))
    for (const bytes of [0, 3, 63, 64, 65]) expectSame('set', ['first', 'x'.repeat(bytes), 'last'])
    expectSame('set', ['first', '-1', '22'])
    expectSame('set', ['-first', '1st'])
  })

  test('hashes', () => {
    for (const count of [1, 5, 127, 128, 129, 600]) expectSame('hash', strings(2 * count))
    for (const bytes of [0, 63, 64, 65]) {
      expectSame('hash', ['f', 'v', 'x'.repeat(bytes), 'w', 'g', 'v'])
      expectSame('hash', ['f', 'v', 'g', 'x'.repeat(bytes), 'h', 'v'])
    }
    for (const bytes of [252, 253, 254, 255, 300]) {
      const limit = ['hash-max-listpack-value', '1000']
      expectSame('hash', ['f', 'v', 'x'.repeat(bytes), 'w', 'g', 'v'], ...limit)
      expectSame('hash', ['f', 'v', 'g', 'x'.repeat(bytes), 'h', 'v'], ...limit)
    }
    // More than the draft has room for.
    const long = strings(1000, 'y'.repeat(60))
    expectSame('hash', long, 'hash-max-listpack-entries', '500')
    expectSame('hash', ['a', 'b'], 'hash-max-listpack-entries', '0')
  })

  test('sorted sets, in order or not', () => {
    for (const count of [1, 5, 127, 128, 129, 600]) {
      const members = Array.from({ length: count }, (_, i) => [`m${i}`, `${i / 2}`])
      expectSame('zset', members.flat())
      expectSame('zset', members.reverse().flat())
    }
    for (const bytes of [0, 63, 64, 65]) {
      expectSame('zset', ['m', '-Infinity', 'x'.repeat(bytes), '3', 'n', 'Infinity'])
    }
    expectSame('zset', ['b', '1', 'a', '1', 'c', '1'])
    expectSame('zset', ['a', '1', 'aa', '1', 'ab', '1', 'b', '-0', 'c', '0'])
    expectSame('zset', ['a', '-129', 'b', '-128', 'c', '300', 'd', '70000', 'e', '1e100'])
  })
})

describe('a name that comes twice', () => {
  const refused = (type: TypeName, elements: readonly string[]): void => {
    for (const form of ['plain', 'listpack'] as const) {
      const file = fileOf(type, form, elements)
      expect(() => loadInto(server.keyspace, file, {}, 1000)).toThrow(RdbError)
      expect(client.value('DBSIZE')).toBe(0)
    }
  }

  test('is found among any number', () => {
    for (const count of [2, 5, 128]) {
      const names = strings(count, 'a name, of which the middle')
      for (const twice of [names[0]!, names.at(-1)!]) {
        refused('set', [...names.slice(0, -1), names.at(-1)!, twice])
        refused(
          'hash',
          [...names, twice].flatMap((name) => [name, 'v']),
        )
        refused(
          'zset',
          [...names, twice].flatMap((name, i) => [name, `${i}`]),
        )
      }
    }
  })

  test('is another one if it differs at any place', () => {
    const alike = strings(10).map((text) => `name${text}name`)
    expectSame('set', alike)
    expectSame('hash', alike)
    expectSame(
      'hash',
      alike.flatMap((name) => [name, name]),
    )
    expectSame(
      'zset',
      alike.flatMap((name) => [name, '1']),
    )
  })
})

test('without memory nothing is loaded and nothing stays behind', () => {
  for (const [type, elements] of [
    ['list', strings(3)],
    ['set', strings(3)],
    ['hash', ['f', 'v', 'g', 'x'.repeat(65)]],
    ['zset', ['b', '1', 'a', '1']],
  ] as const) {
    for (const form of ['plain', 'listpack'] as const) {
      for (let n = 1; ; n++) {
        server.keyspace.arena.failAfter(n)
        let failed = false
        try {
          loadInto(server.keyspace, fileOf(type, form, elements), {}, 100)
        } catch (error) {
          expect(error).toBeInstanceOf(RdbMemoryError)
          failed = true
        }
        server.keyspace.arena.failAfter(0)
        expect(client.value('DBSIZE')).toBe(failed ? 0 : 1)
        client.value('FLUSHALL', 'SYNC')
        if (!failed) break
      }
    }
  }
})
