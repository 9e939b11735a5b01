/** Stores while a test fakes the timers. */
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { attach } from '../../../src/embedded/attach.ts'
import { open } from '../../../src/embedded/open.ts'

let dir = ''

beforeEach(() => {
  dir = fs.mkdtempSync(path.join(os.tmpdir(), 'redstart-fake-timers-'))
  // All that can be faked here.
  const names = ['Date', 'setTimeout', 'setInterval', 'setImmediate', 'queueMicrotask']
  vi.useFakeTimers({ toFake: names as never })
})

afterEach(() => {
  vi.useRealTimers()
  fs.rmSync(dir, { recursive: true, force: true })
})

test('a directory is opened, written and closed, and loaded in parts', async () => {
  const store = await open({ dir })
  const value = 'x'.repeat(1000)
  for (let i = 0; i < 20_000; i++) store.set(`key:${i}`, value)
  await store.close()
  const again = await open({ dir })
  expect(again.dbsize()).toBe(20_000)
  await again.close()
})

test('messages, connections and threads are served', async () => {
  const store = await open({ 'notify-keyspace-events': 'Ex' })
  const heard = new Promise((resolve) => store.subscribe('__keyevent@0__:expired', resolve))
  store.set('key', 'value', { EX: 5 })
  vi.advanceTimersByTime(6000)
  expect(await heard).toBe('key')
  const connection = store.connect()
  const read = new Promise((resolve) => connection.once('data', (data) => resolve(String(data))))
  connection.end('PING\r\n')
  expect(await read).toBe('+PONG\r\n')
  const attached = attach(store.share())
  expect(await attached.incr('n')).toBe(1)
  attached.close()
  await store.close()
})

test('fields of hashes expire', async () => {
  const store = await open()
  store.hset('hash', { a: 1, b: 2 })
  store.hexpire('hash', 5, ['a'])
  vi.advanceTimersByTime(5001)
  expect(store.hgetall('hash')).toEqual({ b: '2' })
  await store.close()
})
