/** What comes later: commands that wait, messages, other clients, time. */
import { once } from 'node:events'
import fs from 'node:fs'
import net from 'node:net'
import os from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { attach } from '../../../src/embedded/attach.ts'
import { endpointOf } from '../../../src/embedded/listening.ts'
import { manualClock } from '../../../src/embedded/manual-clock.ts'
import { open } from '../../../src/embedded/open.ts'
import { configOf } from '../../../src/embedded/options.ts'
import type { Store } from '../../../src/embedded/store.ts'

let store: Store
const clock = manualClock(1_700_000_000_000)

beforeEach(async () => {
  store = await open({ clock, 'notify-keyspace-events': 'KEA' })
})

afterEach(() => store.close())

/** The messages of a subscription, and a promise for when there are so many. */
function collector(): { messages: string[][]; has(count: number): Promise<void>; add: Listener } {
  const messages: string[][] = []
  let whenEnough = () => {}
  let wanted = Number.POSITIVE_INFINITY
  return {
    messages,
    add: (message, channel) => {
      messages.push([channel, message])
      if (messages.length >= wanted) whenEnough()
    },
    has: (count) =>
      new Promise((resolve) => {
        wanted = count
        whenEnough = resolve
        if (messages.length >= count) resolve()
      }),
  }
}

type Listener = (message: string, channel: string) => void

describe('waiting', () => {
  test('a pop gets what is pushed later', async () => {
    const popped = store.wait.blpop('jobs', 0)
    const bytes = store.wait.bytes.brpop(['jobs'], 0)
    store.rpush('jobs', 'first')
    store.rpush('jobs', 'second')
    expect(await popped).toEqual(['jobs', 'first'])
    expect(await bytes).toEqual([Buffer.from('jobs'), Buffer.from('second')])
    expect(await store.wait.get('none')).toBeNull()
    await expect(store.wait.get(undefined as never)).rejects.toThrow(TypeError)
    store.rpush('list', 1)
    await expect(store.wait.get('list')).rejects.toThrow('WRONGTYPE')
  })

  test('waits in the database that is selected', async () => {
    store.select(2)
    const popped = store.wait.blpop('jobs', 0)
    store.select(0)
    store.rpush('jobs', 'not this')
    store.select(2)
    store.rpush('jobs', 'this')
    expect(await popped).toEqual(['jobs', 'this'])
  })

  test('ends when the time is over, by the clock of the store', async () => {
    const popped = store.wait.blpop('jobs', 5)
    clock.advance(4999)
    store.rpush('other', 1)
    clock.advance(1)
    expect(await popped).toBeNull()
  })

  test('a key is moved to another server', async () => {
    const other = await open()
    const { port } = other.listen({ port: 0 })
    store.mset({ a: 1, b: 2 })
    expect(() => store.migrate('127.0.0.1', port, 'a', 0, 5000)).toThrow('waits for another server')
    expect(await store.wait.migrate('127.0.0.1', port, 'a', 0, 5000)).toBe('OK')
    const attached = attach(store.share())
    expect(await attached.migrate('127.0.0.1', port, 'b', 0, 5000)).toBe('OK')
    expect([store.dbsize(), other.mget('a', 'b')]).toEqual([0, ['1', '2']])
    attached.close()
    await other.close()
  })

  test('ends with the store', async () => {
    const popped = store.wait.blpop('jobs', 0)
    const failed = expect(popped).rejects.toThrow('CLOSED')
    await store.close()
    await failed
  })
})

describe('messages', () => {
  test('reach those who listen', async () => {
    const all = collector()
    const one = store.subscribe('news', all.add)
    store.subscribe('n*', all.add, { pattern: true })
    expect(store.publish('news', 'hello')).toBe(2)
    expect(all.messages).toEqual([])
    await all.has(2)
    expect(all.messages).toEqual([
      ['news', 'hello'],
      ['news', 'hello'],
    ])
    one.close()
    expect(store.publish('news', 'again')).toBe(1)
    await all.has(3)
  })

  test('many of them within one turn are all there', async () => {
    const all = collector()
    store.subscribe('news', all.add)
    const text = 'x'.repeat(1000)
    for (let i = 0; i < 50_000; i++) store.publish('news', text)
    await all.has(50_000)
  })

  test('tell of keys that expire as the clock moves', async () => {
    const all = collector()
    store.subscribe('__keyevent@0__:expired', all.add)
    store.set('key', 'value', { PX: 100 })
    clock.advance(99)
    expect(store.get('key')).toBe('value')
    clock.advance(2)
    await all.has(1)
    expect(all.messages).toEqual([['__keyevent@0__:expired', 'key']])
    expect(store.dbsize()).toBe(0)
  })
})

describe('time', () => {
  test('follows fake timers', async () => {
    vi.useFakeTimers()
    try {
      const faked = await open()
      faked.set('key', 'value', { EX: 60 })
      const popped = faked.wait.blpop('jobs', 30)
      vi.advanceTimersByTime(29_000)
      expect(faked.ttl('key')).toBe(31)
      vi.advanceTimersByTime(1_000)
      expect(await popped).toBeNull()
      vi.setSystemTime(Date.now() + 31_000)
      expect(faked.get('key')).toBeNull()
      await faked.close()
    } finally {
      vi.useRealTimers()
    }
  })
})

describe('listening', () => {
  test('serves the same data on a port', async () => {
    const listening = store.listen({ port: 0 })
    store.set('key', 'value')
    const socket = net.connect(listening.port, '127.0.0.1')
    socket.write('GET key\r\nSET other 1\r\n')
    let text = ''
    while (text.length < 16) text += String((await once(socket, 'data'))[0])
    expect(text).toBe('$5\r\nvalue\r\n+OK\r\n')
    expect(store.get('other')).toBe('1')
    listening.close()
    await store.close()
    await once(socket, 'close')
  })

  test.skipIf(process.platform === 'win32')('serves it on a unix socket', async () => {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'redstart-listen-'))
    const socketPath = path.join(folder, 'socket')
    store.listen({ path: socketPath })
    const socket = net.connect(socketPath)
    socket.write('PING\r\n')
    expect(String((await once(socket, 'data'))[0])).toBe('+PONG\r\n')
    socket.destroy()
    await store.close()
    fs.rmSync(folder, { recursive: true })
  })

  test('follows the directives about it', async () => {
    const options = { unixsocketperm: '640', 'tcp-backlog': 7 }
    const config = configOf(options)
    expect(endpointOf({ path: 'socket' }, config)).toEqual({
      path: 'socket',
      mode: 0o640,
      backlog: 7,
    })
    const endpoint = { host: '127.0.0.1', port: 0, backlog: 7 }
    expect(endpointOf({ port: 0 }, config)).toEqual(endpoint)
    if (process.platform === 'win32') return
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'redstart-listen-'))
    const other = await open(options)
    other.listen({ path: path.join(folder, 'socket') })
    expect(fs.statSync(path.join(folder, 'socket')).mode & 0o777).toBe(0o640)
    await other.close()
    fs.rmSync(folder, { recursive: true })
  })
})
