/** What a store is given that it cannot take, and what is called when it is closed. */
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { attach } from '../../../src/embedded/attach.ts'
import { manualClock } from '../../../src/embedded/manual-clock.ts'
import { open } from '../../../src/embedded/open.ts'
import type { Store } from '../../../src/embedded/store.ts'

/** A store as a program without types has it. */
type Untyped = Record<string, (...args: readonly unknown[]) => unknown>

let store: Store
let untyped: Untyped

beforeEach(async () => {
  store = await open()
  untyped = store as unknown as Untyped
})

afterEach(() => store.close())

describe('an argument that is none', () => {
  const values = [undefined, null, true, Number.NaN, {}, new Date(), new Set(['a']), () => {}]

  test.each(values.map((value) => [value]))('%s is a TypeError', async (value) => {
    expect(() => untyped.get!(value)).toThrow(TypeError)
    expect(() => untyped.set!('key', value)).toThrow(TypeError)
    expect(() => untyped.call!('SET', 'key', value)).toThrow(TypeError)
    const chain = store.multi() as unknown as Untyped
    expect(() => chain.set!('key', value)).toThrow(TypeError)
    expect(() => chain.call!('SET', 'key', value)).toThrow(TypeError)
    const wait = store.wait as unknown as Untyped
    await expect(wait.blpop!(value, 0)).rejects.toThrow(TypeError)
    await expect(wait.call!('BLPOP', value, 0)).rejects.toThrow(TypeError)
    const attached = attach(store.share()) as unknown as Untyped
    await expect(attached.get!(value)).rejects.toThrow(TypeError)
    await expect(attached.call!('GET', value)).rejects.toThrow(TypeError)
    expect(store.dbsize()).toBe(0)
  })

  test('where options may be is no option either', () => {
    expect(() => untyped.set!('key', 'value', new Date())).toThrow('too many arguments')
    expect(() => untyped.set!('key', 'value', { EX: Number.NaN })).toThrow('argument 4 is NaN')
    expect(() => untyped.sadd!('set', 'a', new Set(['b']))).toThrow(TypeError)
    expect(store.dbsize()).toBe(0)
  })

  test('a list of keys is no object', () => {
    store.mset({ a: 1, 1: 2 })
    expect(() => untyped.del!({ a: 1 })).toThrow('key: a list is wanted, not pairs')
    expect(() => untyped.sadd!('set', new Map([['a', 1]]))).toThrow(TypeError)
    expect(store.dbsize()).toBe(2)
  })

  test('has its place told', () => {
    expect(() => untyped.set!('key', undefined)).toThrow('argument 2 is undefined')
    expect(() => untyped.set!('key', Number.NaN)).toThrow('argument 2 is NaN')
  })
})

test('a command is called by a string', async () => {
  for (const name of [undefined, null, 5, {}]) {
    expect(() => untyped.call!(name)).toThrow('the name of a command is a string')
    await expect(store.wait.call(name as never)).rejects.toThrow('the name of a command')
    expect(() => store.multi().call(name as never)).toThrow('the name of a command')
  }
})

describe('what needs a connection', () => {
  test('is refused where a call may wait, too', async () => {
    await expect(store.wait.call('SUBSCRIBE', 'news')).rejects.toThrow('use subscribe()')
    await expect(store.wait.call('MULTI')).rejects.toThrow('use multi()')
    await expect(store.wait.call('MONITOR')).rejects.toThrow('use connect()')
    await expect(store.wait.call('CLIENT', 'REPLY', 'OFF')).rejects.toThrow('use connect()')
    store.set('key', 'value')
    expect(await store.wait.get('key')).toBe('value')
  })

  test('watching is that of the store', async () => {
    await store.wait.watch('key')
    store.set('key', 1)
    expect(store.multi().ping().exec()).toBeNull()
  })
})

describe('a transaction that cannot be', () => {
  test('watches for nothing any more', () => {
    store.watch('key')
    expect(() => store.multi().call('NONE').exec()).toThrow("unknown command 'NONE'")
    store.set('key', 1)
    expect(store.multi().get('key').exec()).toEqual(['1'])
  })

  test('may not wait, whatever kind of promise it is', () => {
    // biome-ignore lint/suspicious/noThenProperty: a promise of some library
    const thenable = { then: (resolve: () => void) => resolve() }
    expect(() => store.transaction(() => thenable)).toThrow(TypeError)
    expect(() => store.transaction(async () => {})).toThrow('cannot wait')
  })
})

test('where to listen is checked', () => {
  const wrong = [undefined, {}, { port: Number.NaN }, { port: 'abc' }, { port: 70_000 }]
  for (const where of [...wrong, { port: 1.5 }, { path: '' }, { path: 5 }, { port: 0, host: 5 }]) {
    expect(() => untyped.listen!(where), JSON.stringify(where)).toThrow(TypeError)
  }
  const listening = store.listen({ port: 0, host: 'localhost' })
  expect(() => store.listen({ port: listening.port })).toThrow('Address already in use')
})

test('listeners are functions', () => {
  expect(() => untyped.subscribe!('news')).toThrow(TypeError)
  expect(() => untyped.subscribe!(undefined, () => {})).toThrow(TypeError)
  expect(() => untyped.onError!('news')).toThrow(TypeError)
  const attached = attach(store.share()) as unknown as Untyped
  expect(() => attached.subscribe!('news')).toThrow(TypeError)
  attached.close!()
})

test('only a port can be attached to', () => {
  expect(() => attach(undefined as never)).toThrow(TypeError)
  expect(() => attach({} as never)).toThrow('that of share()')
})

test('a clock begins and goes on with numbers', () => {
  expect(() => manualClock('never' as never)).toThrow(RangeError)
  const clock = manualClock(0)
  for (const ms of [-1, Number.NaN, Number.POSITIVE_INFINITY]) {
    expect(() => clock.advance(ms)).toThrow(RangeError)
  }
  expect(clock.nowMs).toBe(0)
})

describe('options', () => {
  const wrong: readonly [options: unknown, message: string][] = [
    [null, 'the options of a store are an object'],
    ['data', 'the options of a store are an object'],
    [{ dir: '' }, 'dir: a path is wanted'],
    [{ dir: 5 }, 'dir: a path is wanted'],
    [{ clock: {} }, 'manualClock'],
    [{ log: 'file' }, 'log: not a function'],
    [{ port: 6379 }, 'port: use listen()'],
    [{ unixsocket: '/tmp/socket' }, 'unixsocket: use listen()'],
    [{ nonsense: 1 }, 'nonsense: Bad directive'],
    [{ databases: 0 }, 'databases: argument must be between'],
  ]

  test.each(wrong)('%j: %s', async (options, message) => {
    const opened = open(options as never)
    await expect(opened).rejects.toThrow(TypeError)
    await expect(opened).rejects.toThrow(message)
  })

  test('that are undefined are as if they were not there', async () => {
    const other = await open({
      dir: undefined,
      clock: undefined,
      log: undefined,
      maxmemory: undefined,
    })
    expect(other.ping()).toBe('PONG')
    await other.close()
  })

  test('of several words are a list or one string', async () => {
    for (const save of ['3600 1 60 5', [3600, 1, 60, 5]]) {
      const other = await open({ save })
      expect(other.configGet('save')).toEqual({ save: '3600 1 60 5' })
      await other.close()
    }
  })

  test('name files by their UTF-8', async () => {
    const parent = fs.mkdtempSync(path.join(os.tmpdir(), 'redstart-misuse-'))
    const dir = path.join(parent, 'größe 1')
    const other = await open({ dir })
    other.set('key', 'value')
    await other.close()
    expect(fs.readdirSync(parent)).toEqual(['größe 1'])
    expect(fs.readdirSync(dir)).toEqual(['appendonlydir'])
    fs.rmSync(parent, { recursive: true })
  })

  test('a store in memory gets no log later', () => {
    expect(() => store.configSet({ appendonly: 'yes' })).toThrow('a log needs a directory')
    expect(store.configGet('appendonly')).toEqual({ appendonly: 'no' })
  })
})

describe('a store that is closed', () => {
  test('refuses all', async () => {
    const attached = attach(store.share())
    await store.close()
    const calls: readonly (() => unknown)[] = [
      () => store.get('key'),
      () => store.bytes.get('key'),
      () => store.call('GET', 'key'),
      () => store.multi().get('key').exec(),
      () => store.transaction(() => 1),
      () => store.connect(),
      () => store.share(),
      () => store.snapshot(),
      () => store.listen({ port: 0 }),
      () => store.subscribe('news', () => {}),
      () => store.onError(() => {}),
    ]
    for (const call of calls) expect(call).toThrow('CLOSED The store is closed')
    await expect(store.wait.get('key')).rejects.toThrow('CLOSED')
    await expect(store.wait.blpop('key', 0)).rejects.toThrow('CLOSED')
    await expect(attached.get('key')).rejects.toThrow('CLOSED')
  })

  test('by an attached one refuses that one alone', async () => {
    const attached = attach(store.share())
    attached.close()
    await expect(attached.get('key')).rejects.toThrow('CLOSED')
    await expect(attached.multi().get('key').exec()).rejects.toThrow('CLOSED')
    expect(() => attached.subscribe('news', () => {})).toThrow('CLOSED')
    attached.close()
    expect(store.ping()).toBe('PONG')
  })

  test('is closed once, however often it is asked', async () => {
    expect(store.close()).toBe(store.close())
    await store.close()
    await store[Symbol.asyncDispose]()
  })
})
