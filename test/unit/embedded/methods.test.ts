/** The methods of a store: arguments and answers as JavaScript values. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { open } from '../../../src/embedded/open.ts'
import type { Store } from '../../../src/embedded/store.ts'
import { StoreError } from '../../../src/embedded/store-error.ts'

let store: Store

beforeEach(async () => {
  store = await open({ 'proto-max-bulk-len': '1gb' })
})

afterEach(() => store.close())

describe('arguments', () => {
  test('options are an object, in whatever order', () => {
    expect(store.set('key', 'value', { EX: 10, NX: true })).toBe('OK')
    expect(store.ttl('key')).toBe(10)
    expect(store.set('key', 'other', { NX: true })).toBeNull()
    expect(store.set('key', 'other', { GET: true, KEEPTTL: true, XX: false })).toBe('value')
    expect(store.ttl('key')).toBe(10)
    store.rpush('list', 3, 1, 2)
    expect(store.sort('list', { DESC: true, LIMIT: [0, 2] })).toEqual(['3', '2'])
    store.mset({ w1: 3, w2: 2, w3: 1 })
    expect(store.sort('list', { BY: 'w*', GET: ['#', 'w*'] })).toEqual([
      ...['3', '1'],
      ...['2', '2'],
      ...['1', '3'],
    ])
    expect(store.scan(0, { MATCH: 'w*', COUNT: 100 })[1].sort()).toEqual(['w1', 'w2', 'w3'])
  })

  test('pairs are an object, a Map, an array or one by one', () => {
    expect(store.hset('h', { a: 1, b: 'two' })).toBe(2)
    expect(store.hset('h', new Map([['c', 3]]))).toBe(1)
    expect(store.hset('h', [['d', 4]])).toBe(1)
    expect(store.hset('h', 'e', 5, 'f', 6)).toBe(2)
    expect(store.hgetall('h')).toEqual({ a: '1', b: 'two', c: '3', d: '4', e: '5', f: '6' })
    expect(store.zadd('z', { one: 1, two: 2 })).toBe(2)
    expect(store.zadd('z', 3, 'three')).toBe(1)
    expect(store.zadd('z', { one: 5 }, { GT: true, CH: true })).toBe(1)
    expect(store.zadd('z', 1, 'two', { INCR: true })).toBe(3)
    expect(store.zrange('z', 0, -1, { WITHSCORES: true })).toEqual([
      ['three', 3],
      ['two', 3],
      ['one', 5],
    ])
  })

  test('lists are arrays, or one by one at the end', () => {
    expect(store.sadd('s', 'a', 'b')).toBe(2)
    expect(store.sadd('s', ['b', 'c'])).toBe(1)
    expect(store.mset('k1', 1, 'k2', 2)).toBe('OK')
    expect(store.mget('k1', ['k2', 'k3'])).toEqual(['1', '2', null])
    expect(store.del(['k1', 'k2'], 'k3')).toBe(2)
    expect(store.sintercard(['s', 's'], { LIMIT: 2 })).toBe(2)
    expect(store.zunion(['none'], { WITHSCORES: true })).toEqual([])
    expect(store.lmpop(['none', 'list'], 'LEFT')).toBeNull()
    expect(store.hset('h', 'f', 1)).toBe(1)
    expect(store.hexpire('h', 100, ['f', 'none'], { NX: true })).toEqual([1, -2])
    expect(store.hsetex('h', { g: 1, f: 2 }, { KEEPTTL: true })).toBe(1)
    expect(store.httl('h', 'f')).toEqual([100])
  })

  test('optional ones may be left out', () => {
    store.rpush('list', 1, 2, 3)
    expect(store.lpop('list')).toBe('1')
    expect(store.lpop('list', 2)).toEqual(['2', '3'])
    expect(store.lpop('list', undefined as never)).toBeNull()
    expect(store.ping()).toBe('PONG')
    expect(store.ping('hello')).toBe('hello')
    expect(store.info('server')).toContain('redis_version')
  })

  test('strings are UTF-8, bytes are bytes', () => {
    const text = 'grün 🦊'
    store.set(text, text)
    expect(store.get(text)).toBe(text)
    expect(store.strlen(text)).toBe(Buffer.byteLength(text))
    expect(store.bytes.get(text)).toEqual(Buffer.from(text))
    const bytes = new Uint8Array([0, 255, 13, 10])
    store.set(bytes, bytes)
    expect(store.bytes.get(bytes)).toEqual(Buffer.from(bytes))
    expect(store.keys('gr*')).toEqual([text])
    for (const length of [1, 15, 16, 17, 48, 49, 20_000, 3_000_000]) {
      const long = 'x'.repeat(length - 1) + (length % 2 ? 'ü' : 'u')
      store.set('long', long)
      expect(store.get('long') === long, String(length)).toBe(true)
    }
  })

  test('what does not fit is a TypeError, and nothing is done', () => {
    expect(() => store.set('key', undefined as never)).toThrow(TypeError)
    expect(() => store.set('key', 'v', { EXX: 1 } as never)).toThrow("no option 'EXX'")
    expect(() => (store.get as (...keys: string[]) => unknown).call(store, 'key', 'other')).toThrow(
      'too many arguments',
    )
    expect(() => store.sort('key', { LIMIT: [1] as never })).toThrow('LIMIT takes 2 values')
    expect(() => store.hset('h', undefined as never)).toThrow(TypeError)
    expect(() => store.lmpop(['a'], undefined as never)).toThrow(TypeError)
    expect(store.dbsize()).toBe(0)
    expect(store.set('key', 'value')).toBe('OK')
  })
})

describe('answers', () => {
  test('are those of RESP3', () => {
    store.hset('h', { field: 'value' })
    expect(store.hgetall('h').field).toBe('value')
    expect(store.bytes.hgetall('h')).toEqual(
      new Map([[Buffer.from('field'), Buffer.from('value')]]),
    )
    store.zadd('z', { a: 1.5, b: Number.POSITIVE_INFINITY })
    expect(store.zscore('z', 'a')).toBe(1.5)
    expect(store.zscore('z', 'b')).toBe(Number.POSITIVE_INFINITY)
    expect(store.zrank('z', 'b', { WITHSCORE: true })).toEqual([1, Number.POSITIVE_INFINITY])
    store.set('n', '9223372036854775806')
    expect(store.incr('n')).toBe(9223372036854775807n)
    expect(store.configGet('maxmemory')).toEqual({ maxmemory: '0' })
    expect(store.objectEncoding('h')).toBe('listpack')
    expect(store.call('COMMAND', 'COUNT')).toBeGreaterThan(100)
    expect(store.clientId()).toBe(0)
  })

  test('no key of a user is taken for a property', () => {
    store.hset('h', { constructor: 1 })
    store.hset('h', '__proto__', 2)
    const all = store.hgetall('h')
    expect(Object.keys(all)).toEqual(['constructor', '__proto__'])
    expect(all.toString).toBeUndefined()
  })

  test('errors are thrown, with their code', () => {
    store.rpush('list', 1)
    const failure = catchOf(() => store.get('list'))
    expect(failure).toBeInstanceOf(StoreError)
    expect(failure.code).toBe('WRONGTYPE')
    expect(failure.message).toBe(
      'WRONGTYPE Operation against a key holding the wrong kind of value',
    )
    expect(catchOf(() => store.call('GET')).message).toBe(
      "ERR wrong number of arguments for 'get' command",
    )
    expect(catchOf(() => store.call('NONE', 'a')).message).toBe(
      "ERR unknown command 'NONE', with args beginning with: 'a' ",
    )
    expect(catchOf(() => store.call('CONFIG', 'NONE')).message).toBe(
      "ERR unknown subcommand 'NONE'. Try CONFIG HELP.",
    )
    expect(catchOf(() => store.call('MULTI')).message).toContain('use multi()')
    expect(catchOf(() => store.call('CLIENT', 'REPLY', 'OFF')).message).toContain('use connect()')
  })

  test('commands that wait answer at once', () => {
    expect(store.blpop(['none'], 0)).toBeNull()
    store.rpush('list', 'a')
    expect(store.blpop(['none', 'list'], 0)).toEqual(['list', 'a'])
  })
})

describe('databases', () => {
  test('select changes that of all methods', () => {
    store.set('key', 0)
    store.select(1)
    expect(store.get('key')).toBeNull()
    expect(store.bytes.exists('key')).toBe(0)
    store.select(0)
    expect(store.get('key')).toBe('0')
  })
})

describe('multi and transaction', () => {
  test('a chain is done at once, its answers in order', () => {
    const [a, b, all] = store.multi().incr('a').set('b', 'x').hgetall('h').exec()!
    expect([a, b, all]).toEqual([1, 'OK', Object.create(null)])
  })

  test('a command that fails is an error among the answers', () => {
    store.rpush('list', 1)
    const results = store.multi().set('a', 1).get('list').set('b', 2).exec()!
    expect(results[1]).toBeInstanceOf(StoreError)
    expect(store.mget('a', 'b')).toEqual(['1', '2'])
  })

  test('a command that cannot be is found before anything is done', () => {
    expect(() => store.multi().set('a', 1).call('NONE').exec()).toThrow(StoreError)
    expect(() => store.multi().set('a', 1).call('GET').exec()).toThrow('wrong number')
    expect(store.exists('a')).toBe(0)
  })

  test('does nothing when a watched key has changed', () => {
    store.watch('key')
    const chain = store.multi().set('other', 1)
    store.set('key', 1)
    expect(chain.exec()).toBeNull()
    expect(store.exists('other')).toBe(0)
    store.watch('key')
    expect(store.multi().set('other', 1).exec()).toEqual(['OK'])
  })

  test('a transaction keeps what it has done when it throws', () => {
    const result = store.transaction((inner) => {
      inner.set('a', 1)
      return inner.incr('a')
    })
    expect(result).toBe(2)
    const failing = () =>
      store.transaction(() => {
        store.set('b', 1)
        throw new Error('enough')
      })
    expect(failing).toThrow('enough')
    expect(store.get('b')).toBe('1')
    expect(() => store.transaction(async () => {})).toThrow('cannot wait')
  })
})

function catchOf(work: () => unknown): StoreError {
  try {
    work()
  } catch (error) {
    return error as StoreError
  }
  throw new Error('nothing was thrown')
}
