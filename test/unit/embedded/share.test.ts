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
})
