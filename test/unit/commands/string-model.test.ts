/**
 * Random string commands against a Map, with values on both sides of the size classes and of the
 * limit beyond which they get a block of their own.
 */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ManualClock } from '../../../src/platform/clock.ts'
import { checkServer, InProcessClient, testServer } from '../../support/in-process-client.ts'

interface Value {
  text: string
  expireAtMs: number | null
}

/** The strings of a database, as simple as can be. */
class Model {
  readonly clock: ManualClock
  readonly values = new Map<string, Value>()

  constructor(clock: ManualClock) {
    this.clock = clock
  }

  find(key: string): Value | undefined {
    const value = this.values.get(key)
    if (!value || value.expireAtMs === null || value.expireAtMs >= this.clock.nowMs) return value
    this.values.delete(key)
    return undefined
  }

  set(key: string, text: string, expireAtMs: number | null = null): void {
    this.values.set(key, { text, expireAtMs })
  }

  /** Changes the text and keeps the rest. */
  change(key: string, text: string): void {
    this.set(key, text, this.find(key)?.expireAtMs ?? null)
  }
}

type Operation = (client: InProcessClient, model: Model) => void

const key = fc.constantFrom('a', 'b', 'a longer key', 'k'.repeat(40_000))
const length = fc.oneof(
  { weight: 5, arbitrary: fc.integer({ min: 0, max: 70 }) },
  { weight: 2, arbitrary: fc.integer({ min: 100, max: 1100 }) },
  { weight: 3, arbitrary: fc.integer({ min: 4085, max: 4105 }) },
  { weight: 1, arbitrary: fc.integer({ min: 32_000, max: 33_500 }) },
)
const text = fc.oneof(
  { weight: 3, arbitrary: length.map((n) => 'abcdefghij'.repeat(n / 10 + 1).slice(0, n)) },
  { weight: 1, arbitrary: fc.integer().map(String) },
)
const timeMs = fc.nat(100).map((n) => n + 1)

const set = fc.tuple(key, text).map(
  ([k, t]): Operation =>
    (client, model) => {
      expect(client.value('SET', k, t)).toBe('OK')
      model.set(k, t)
    },
)

const setKeepingTime = fc.tuple(key, text).map(
  ([k, t]): Operation =>
    (client, model) => {
      expect(client.value('SET', k, t, 'KEEPTTL', 'GET')).toBe(model.find(k)?.text ?? null)
      model.change(k, t)
    },
)

const psetex = fc.tuple(key, text, timeMs).map(
  ([k, t, ms]): Operation =>
    (client, model) => {
      expect(client.value('PSETEX', k, ms, t)).toBe('OK')
      model.set(k, t, model.clock.nowMs + ms)
    },
)

const mset = fc.array(fc.tuple(key, text), { minLength: 1, maxLength: 6 }).map(
  (list): Operation =>
    (client, model) => {
      expect(client.value('MSET', ...list.flat())).toBe('OK')
      for (const [k, t] of list) model.set(k, t)
    },
)

const append = fc.tuple(key, text).map(
  ([k, t]): Operation =>
    (client, model) => {
      const appended = (model.find(k)?.text ?? '') + t
      expect(client.value('APPEND', k, t)).toBe(appended.length)
      model.change(k, appended)
    },
)

const setrange = fc.tuple(key, length, text).map(
  ([k, at, t]): Operation =>
    (client, model) => {
      const old = model.find(k)?.text ?? ''
      const changed =
        t === '' ? old : old.padEnd(at, '\0').slice(0, at) + t + old.slice(at + t.length)
      expect(client.value('SETRANGE', k, at, t)).toBe(changed.length)
      if (t !== '') model.change(k, changed)
    },
)

const incrby = fc.tuple(key, fc.integer()).map(
  ([k, by]): Operation =>
    (client, model) => {
      const old = model.find(k)?.text ?? '0'
      const reply = client.value('INCRBY', k, by)
      if (!/^(0|-?[1-9][0-9]{0,14})$/.test(old)) return
      expect(reply).toBe(Number(old) + by)
      model.change(k, String(Number(old) + by))
    },
)

const getdel = key.map(
  (k): Operation =>
    (client, model) => {
      expect(client.value('GETDEL', k)).toBe(model.find(k)?.text ?? null)
      model.values.delete(k)
    },
)

const getex = fc.tuple(key, fc.option(timeMs)).map(
  ([k, ms]): Operation =>
    (client, model) => {
      const options = ms === null ? ['PERSIST'] : ['PX', ms]
      const value = model.find(k)
      expect(client.value('GETEX', k, ...options)).toBe(value?.text ?? null)
      if (value) value.expireAtMs = ms === null ? null : model.clock.nowMs + ms
    },
)

const advance = fc.nat(40).map(
  (n): Operation =>
    (_, model) =>
      model.clock.advance(n),
)

const operations = fc.array(
  fc.oneof(set, setKeepingTime, psetex, mset, append, setrange, incrby, getdel, getex, advance),
  { minLength: 1, maxLength: 40 },
)

/** Compares all that the server has with what it should have. */
function compare(client: InProcessClient, model: Model): void {
  for (const k of ['a', 'b', 'a longer key', 'k'.repeat(40_000)]) {
    const value = model.find(k)
    expect(client.value('GET', k)).toBe(value?.text ?? null)
    expect(client.value('STRLEN', k)).toBe(value?.text.length ?? 0)
    const left = value && value.expireAtMs !== null ? value.expireAtMs - model.clock.nowMs : -1
    expect(client.value('PTTL', k)).toBe(value ? left : -2)
  }
}

test('strings are what a Map says they are', () => {
  const clock = new ManualClock()
  const server = testServer({ clock })
  const client = new InProcessClient(server)
  fc.assert(
    fc.property(operations, (list) => {
      const model = new Model(clock)
      for (const operation of list) operation(client, model)
      compare(client, model)
      checkServer(server)
      server.keyspace.flushAll()
      expect(server.keyspace.arena.liveBytes).toBe(0)
    }),
    { numRuns: 100, seed: 1 },
  )
})
