/** A store that other threads are attached to. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { attach } from '../../../src/embedded/attach.ts'
import { open } from '../../../src/embedded/open.ts'
import type { Store } from '../../../src/embedded/store.ts'
import { StoreError } from '../../../src/embedded/store-error.ts'

let store: Store

beforeEach(async () => {
  store = await open()
})

afterEach(() => store.close())

// A port works within one thread as well as between two.
describe('an attached store', () => {
  test('has the same methods', async () => {
    const attached = attach(store.share())
    expect(await attached.set('key', 'grün')).toBe('OK')
    expect(store.get('key')).toBe('grün')
    expect(await attached.bytes.get('key')).toEqual(Buffer.from('grün'))
    expect(await attached.set(Buffer.from('key'), Buffer.from([255]))).toBe('OK')
    expect(store.bytes.get('key')).toEqual(Buffer.from([255]))
    await attached.hset('h', { toString: 1, b: 2 })
    const all = await attached.hgetall('h')
    expect(all).toEqual({ toString: '1', b: '2' })
    expect(Object.getPrototypeOf(all)).toBeNull()
    expect(await attached.call('LRANGE', 'none', 0, -1)).toEqual([])
    await expect(attached.get('h')).rejects.toThrow(StoreError)
    await expect(attached.call('NONE')).rejects.toThrow('unknown command')
    expect(await attached.incr('n')).toBe(1)
  })

  test('has a session of its own', async () => {
    const [one, other] = [attach(store.share()), attach(store.share())]
    await one.select(1)
    await one.set('key', 'one')
    expect(await other.get('key')).toBeNull()
    await one.watch('watched')
    const chain = one.multi().set('key', 'changed')
    await other.select(1)
    await other.set('watched', 1)
    expect(await chain.exec()).toBeNull()
    expect(await one.multi().incr('n').get('key').exec()).toEqual([1, 'one'])
    const failing = await one.multi().incr('key').exec()
    expect(failing![0]).toBeInstanceOf(StoreError)
  })

  test('waits and listens', async () => {
    const attached = attach(store.share())
    const popped = attached.blpop('jobs', 0)
    const heard = new Promise((resolve) => {
      attached.subscribe('news', (message, channel) => resolve([channel, message]))
    })
    await attached.ping()
    store.rpush('jobs', 'job')
    store.publish('news', 'hello')
    expect(await popped).toEqual(['jobs', 'job'])
    expect(await heard).toEqual(['news', 'hello'])
  })

  test('ends with the store, and leaves nothing behind when it ends first', async () => {
    const attached = attach(store.share())
    const popped = expect(attached.blpop('jobs', 0)).rejects.toThrow('CLOSED')
    await attached.ping()
    expect(String(store.info('clients'))).toContain('blocked_clients:1')
    attached.close()
    await popped
    while (String(store.call('CLIENT', 'LIST')) !== '') await new Promise(setImmediate)
    expect(String(store.info('clients'))).toContain('blocked_clients:0')
    const second = attach(store.share())
    const refused = expect(second.blpop('jobs', 0)).rejects.toThrow('CLOSED')
    await second.ping()
    await store.close()
    await refused
  })

  test('answers what is called in one turn, each call by its own reply', async () => {
    const attached = attach(store.share())
    const calls = [
      attached.set('key', 'grün'),
      attached.blpop('jobs', 0),
      attached.get('key'),
      attached.bytes.get('key'),
      attached.call('NONE', 1).catch(String),
      attached.multi().incr('n').bitcount('key').exec(),
      attached.lpush('key', 1).catch(String),
      attached.bytes.blpop('more', 0),
      attached.incr('n'),
      attached.configGet('maxmemory'),
      attached.call('config|get', 'maxmemory'),
      attached.call('config', 'none').catch(String),
      attached.multi().call('NONE').exec().catch(String),
      attached.rpush('jobs', 'job'),
      attached.rpush('more', Buffer.from([255])),
      attached.bytes.hgetall('none'),
    ]
    expect(await Promise.all(calls)).toEqual([
      'OK',
      ['jobs', 'job'],
      'grün',
      Buffer.from('grün'),
      "StoreError: ERR unknown command 'NONE', with args beginning with: '1' ",
      [1, 23],
      'StoreError: WRONGTYPE Operation against a key holding the wrong kind of value',
      [Buffer.from('more'), Buffer.from([255])],
      2,
      { maxmemory: '0' },
      { maxmemory: '0' },
      "StoreError: ERR unknown subcommand 'none'. Try CONFIG HELP.",
      "StoreError: ERR unknown command 'NONE', with args beginning with: ",
      1,
      1,
      new Map(),
    ])
  })

  test('takes arguments and answers of any kind and length', async () => {
    const attached = attach(store.share())
    const texts = ['', 'a', 'ü'.repeat(30), 'x'.repeat(200), 'äöü€'.repeat(50_000), '\r\n$1\r\n']
    const read = texts.map((text, i) =>
      attached.set(`t${i}`, text).then(() => attached.get(`t${i}`)),
    )
    expect(await Promise.all(read)).toEqual(texts)
    expect(await attached.mget(texts.map((_, i) => `t${i}`))).toEqual(texts)
    const large = Buffer.alloc(300_000, 7)
    await Promise.all([attached.set('a', large), attached.set('b', large), attached.set('c', 'c')])
    expect(await attached.bytes.mget('a', 'b', 'c')).toEqual([large, large, Buffer.from('c')])
    expect(await attached.incrby('i', 2n ** 62n)).toBe(2n ** 62n)
    expect(await attached.zadd('z', -1.5, 'm')).toBe(1)
    expect(await attached.zscore('z', 'm')).toBe(-1.5)
    expect(await attached.zrange('z', 0, -1, { WITHSCORES: true })).toEqual([['m', -1.5]])
  })

  test('takes names as the store does', async () => {
    const attached = attach(store.share())
    store.set('a', '1')
    for (const name of ['get', 'GET', 'get|a', 'config|none', 'CONFIG|Get', 'config|get|x', '']) {
      const called = (call: () => unknown) => Promise.resolve().then(call).catch(String)
      const expected = await called(() => store.call(name, 'a'))
      expect(await called(() => attached.call(name, 'a')), name).toEqual(expected)
    }
  })

  test('keeps replies apart where a call pushes something too', async () => {
    const attached = attach(store.share())
    const calls = [attached.call('debug', 'protocol', 'push'), attached.ping(), attached.incr('n')]
    const pushed = store.call('debug', 'protocol', 'push')
    expect(await Promise.all(calls)).toEqual([pushed, 'PONG', 1])
  })

  test('refuses what cannot be sent, and goes on', async () => {
    const attached = attach(store.share())
    const sum = attached.incr('n')
    const none = null as unknown as undefined
    expect(() => attached.subscribe('x', () => {}, none)).toThrow(TypeError)
    attached.subscribe('y', () => {}, { more: () => {} } as object).close()
    expect(await sum).toBe(1)
    expect(await attached.incr('n')).toBe(2)
    attached.close()
  })

  test('takes any number of calls at a time, also while others wait', async () => {
    const attached = attach(store.share())
    const popped = [attached.blpop('jobs', 0), attached.blpop('more', 0)]
    const sums = Array.from({ length: 3000 }, () => attached.incr('n'))
    expect(await Promise.all(sums)).toEqual(sums.map((_, i) => i + 1))
    await attached.rpush('more', 1)
    expect(await popped[1]).toEqual(['more', '1'])
    const refused = expect(popped[0]).rejects.toThrow('CLOSED')
    const late = expect(attached.incr('n')).rejects.toThrow('CLOSED')
    attached.close()
    await refused
    await late
  })
})
