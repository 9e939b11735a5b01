/** Going back to an earlier state. */
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { manualClock } from '../../../src/embedded/manual-clock.ts'
import { CALLS } from '../../../src/embedded/methods.ts'
import { open } from '../../../src/embedded/open.ts'
import type { Store } from '../../../src/embedded/store.ts'
import { checkServer } from '../../support/in-process-client.ts'

const clock = manualClock(1_700_000_000_000)
let dir = ''

beforeEach(() => {
  dir = fs.mkdtempSync(path.join(os.tmpdir(), 'redstart-snapshot-'))
})

afterEach(() => {
  fs.rmSync(dir, { recursive: true, force: true })
})

function fill(store: Store): void {
  store.set('string', 'value', { EX: 100 })
  store.rpush('list', 1, 2, 3)
  store.hset('hash', { field: 'value' })
  store.sadd('set', 'a', 'b')
  for (let i = 0; i < 1000; i++) store.zadd('sorted', i, `member ${i}`)
  store.select(1)
  store.set('other', 'database')
  store.select(0)
}

describe('a snapshot', () => {
  test('brings back all databases, with their expiry times', async () => {
    const store = await open({ clock })
    fill(store)
    const digest = store.zrange('sorted', 0, -1, { WITHSCORES: true })
    const snapshot = store.snapshot()
    store.flushall()
    store.set('new', 'key')
    store.restore(snapshot)
    expect(store.exists('new')).toBe(0)
    expect(store.ttl('string')).toBe(100)
    expect(store.zrange('sorted', 0, -1, { WITHSCORES: true })).toEqual(digest)
    store.del('list')
    store.restore(snapshot)
    expect(store.lrange('list', 0, -1)).toEqual(['1', '2', '3'])
    store.select(1)
    expect(store.get('other')).toBe('database')
    clock.advance(101_000)
    store.restore(snapshot)
    store.select(0)
    expect(store.get('string')).toBeNull()
    checkServer(store[CALLS].calls.server)
    await store.close()
  })

  test('is of an empty store as well', async () => {
    const store = await open({ clock })
    const empty = store.snapshot()
    fill(store)
    store.restore(empty)
    expect(store.dbsize()).toBe(0)
    await store.close()
  })

  test('goes to the log when it is restored', async () => {
    const store = await open({ dir, clock })
    fill(store)
    const snapshot = store.snapshot()
    store.flushall()
    store.set('new', 'key')
    store.restore(snapshot)
    store.set('after', 'it')
    await store.close()
    const again = await open({ dir, clock })
    expect(again.exists('new')).toBe(0)
    expect(again.get('after')).toBe('it')
    expect(again.zcard('sorted')).toBe(1000)
    again.select(1)
    expect(again.get('other')).toBe('database')
    await again.close()
  })

  test('leaves the command RESTORE as it is', async () => {
    const store = await open()
    store.set('key', 'value')
    expect(store.restore('copy', 0, store.bytes.dump('key')!)).toBe('OK')
    expect(store.get('copy')).toBe('value')
    await store.close()
  })
})
