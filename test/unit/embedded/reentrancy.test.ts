/** Calls from within what the store calls, and problems that no call is told of. */
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { attach } from '../../../src/embedded/attach.ts'
import { CALLS } from '../../../src/embedded/methods.ts'
import { open } from '../../../src/embedded/open.ts'
import type { Store } from '../../../src/embedded/store.ts'

let store: Store
let dir = ''

beforeEach(async () => {
  dir = fs.mkdtempSync(path.join(os.tmpdir(), 'redstart-reentrancy-'))
  store = await open({ dir, 'notify-keyspace-events': 'KEA' })
})

afterEach(async () => {
  await store.close()
  fs.rmSync(dir, { recursive: true, force: true })
})

const later = () => new Promise((resolve) => setImmediate(resolve))

async function reopened(): Promise<Store> {
  await store.close()
  store = await open({ dir })
  return store
}

describe('listeners', () => {
  test('may call the store', async () => {
    const keys: string[] = []
    store.subscribe('__keyevent@0__:set', (key) => {
      keys.push(key)
      if (keys.length < 4) store.set(`${key}+`, 1)
    })
    store.set('a', 1)
    while (keys.length < 4) await later()
    expect(keys).toEqual(['a', 'a+', 'a++', 'a+++'])
  })

  test('are not called once their subscription is closed, not even by one before them', async () => {
    const called: string[] = []
    const first = store.subscribe('news', () => {
      called.push('first')
      second.close()
    })
    const second = store.subscribe('news', () => called.push('second'))
    store.publish('news', 'text')
    await later()
    await later()
    expect(called).toEqual(['first'])
    store.publish('news', 'text')
    first.close()
    await later()
    await later()
    expect(called).toEqual(['first'])
  })

  test('of an attached store that throw keep nothing from others', async () => {
    const failures: unknown[] = []
    const note = (error: unknown) => failures.push(error)
    const before = process.rawListeners('uncaughtException')
    process.removeAllListeners('uncaughtException').on('uncaughtException', note)
    try {
      const attached = attach(store.share())
      attached.subscribe('news', () => {
        throw new Error('a listener failed')
      })
      await attached.ping()
      store.publish('news', 'text')
      expect(await attached.ping()).toBe('PONG')
      while (failures.length === 0) await later()
      expect(String(failures)).toContain('a listener failed')
      attached.close()
    } finally {
      process.off('uncaughtException', note)
      for (const listener of before) process.on('uncaughtException', listener as never)
    }
  })

  test('of the log may call the store', async () => {
    await store.close()
    const lines: string[] = []
    store = await open({
      dir,
      log: (line) => {
        lines.push(line)
        if (line.includes('rewriting started')) store.set('said', line)
      },
    })
    expect(store.bgrewriteaof()).toBe('Background append only file rewriting started')
    while (store.get('said') === null) await later()
    expect(lines).toContain(store.get('said'))
  })

  test('are told of problems that no call is told of', async () => {
    const problems: string[] = []
    const listening = store.onError((problem) => {
      problems.push(problem.message)
      store.ping()
    })
    const { server } = store[CALLS].calls
    server.log('notice', 'nothing to speak of')
    server.log('warning', 'Error writing to the AOF file: no space')
    expect(problems).toEqual([])
    await later()
    expect(problems).toEqual(['Error writing to the AOF file: no space'])
    listening.close()
    server.log('warning', 'again')
    await later()
    expect(problems.length).toBe(1)
  })
})

describe('a connection', () => {
  test('calls the store in its data event', async () => {
    const connection = store.connect()
    let text = ''
    connection.on('data', (data) => {
      text += data
      store.set('length', text.length)
      if (text.length < 70) connection.write('PING\r\n')
    })
    connection.write('PING\r\n')
    while (text.length < 70) await later()
    expect(text).toBe('+PONG\r\n'.repeat(10))
    expect(store.get('length')).toBe('70')
  })

  test('writes in its data event, and so do many', async () => {
    const connections = Array.from({ length: 5 }, () => store.connect())
    let count = 0
    for (const connection of connections) {
      connection.on('data', (data) => {
        count += String(data).split('PONG').length - 1
        if (count < 500) for (const other of connections) other.write('PING\r\n')
      })
    }
    connections[0]!.write('PING\r\n')
    while (count < 500) await later()
    for (const connection of connections) connection.destroy()
    expect(store.ping()).toBe('PONG')
  })
})

describe('a transaction', () => {
  test('within another is part of it', async () => {
    const answer = store.transaction(() => {
      store.set('a', 1)
      const inner = store.transaction(() => store.multi().incr('a').incr('a').exec())
      return [inner, store.get('a')]
    })
    expect(answer).toEqual([[2, 3], '3'])
    expect((await reopened()).get('a')).toBe('3')
  })

  test('that throws leaves what it has done, in the log as well', async () => {
    const work = () => {
      store.set('a', 1)
      store.transaction(() => {
        store.set('b', 2)
        throw new Error('mine')
      })
    }
    expect(() => store.transaction(work)).toThrow('mine')
    store.set('c', 3)
    expect((await reopened()).mget('a', 'b', 'c')).toEqual(['1', '2', '3'])
  })

  test('may go back to a snapshot', async () => {
    store.set('base', 1)
    const snapshot = store.snapshot()
    store.transaction(() => {
      store.set('before', 1)
      store.restore(snapshot)
      store.set('after', 1)
    })
    expect((await reopened()).keys('*').sort()).toEqual(['after', 'base'])
  })

  test('that closes the store ends as a whole before that', async () => {
    let closed: Promise<void> | null = null
    store.transaction(() => {
      store.set('a', 1)
      closed = store.close()
      store.set('b', 2)
    })
    await closed
    expect(() => store.get('a')).toThrow('CLOSED')
    expect((await reopened()).mget('a', 'b')).toEqual(['1', '2'])
  })
})

describe('going back to a snapshot', () => {
  test('touches what is watched, serves who waits, and tells who keeps copies', async () => {
    store.rpush('jobs', 'job')
    store.set('key', 'value')
    const snapshot = store.snapshot()
    store.del('jobs')
    const connection = store.connect()
    let text = ''
    connection.on('data', (data) => {
      text += data
    })
    connection.write('HELLO 3\r\nCLIENT TRACKING ON\r\nGET key\r\nWATCH key\r\n')
    await later()
    text = ''
    store.watch('key')
    const popped = store.wait.blpop('jobs', 0)
    store.restore(snapshot)
    expect(await popped).toEqual(['jobs', 'job'])
    expect(store.multi().ping().exec()).toBeNull()
    // What comes into being is touched as well.
    store.del('jobs')
    store.watch('jobs')
    store.restore(snapshot)
    expect(store.multi().ping().exec()).toBeNull()
    connection.write('MULTI\r\nEXEC\r\n')
    while (!text.endsWith('+OK\r\n_\r\n')) await later()
    expect(text).toBe(`${'>2\r\n$10\r\ninvalidate\r\n_\r\n'.repeat(2)}+OK\r\n_\r\n`)
  })
})

test('many stores share one listener to the end of the process', async () => {
  const before = process.listenerCount('exit')
  const others: Store[] = []
  for (let i = 0; i < 12; i++) others.push(await open())
  expect(process.listenerCount('exit')).toBe(before)
  for (const other of others) await other.close()
  await store.close()
  expect(process.listenerCount('exit')).toBe(before - 1)
})

test('clients of the store itself are counted as others are, without a limit of output', async () => {
  await store.close()
  store = await open({ 'client-output-buffer-limit': 'pubsub 1000 0 0' })
  const heard: string[] = []
  store.subscribe('news', (text) => heard.push(text))
  for (let i = 0; i < 100; i++) store.publish('news', 'x'.repeat(100))
  while (heard.length < 100) await later()
  expect(store.call('CLIENT', 'LIST')).toMatch(/ omem=0 tot-mem=\d+ /)
  expect(store[CALLS].calls.server.clientMemory.measure()).toBeGreaterThan(0)
})
