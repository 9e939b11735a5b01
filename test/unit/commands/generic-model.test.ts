/**
 * Random commands over keys, against a model of plain maps: three databases, a clock that is moved
 * by hand, values inline and in blocks of their own. Every reply is compared, and after every command
 * the keyspace is checked.
 */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ManualClock } from '../../../src/platform/clock.ts'
import { checkServer, InProcessClient, testServer } from '../../support/in-process-client.ts'

const DATABASES = 3
const KEYS = ['a', 'b', 'c', 'd', '', 'k'.repeat(33_000)]
/** Lengths on both sides of what is kept inline. */
const LENGTHS = [0, 3, 44, 45, 4096, 4097, 20_000]

interface Held {
  value: string
  /** Unix time in ms, null for never. */
  at: number | null
}

interface Operation {
  db: number
  name: string
  key: string
  other: string
  target: number
  number: number
  condition: string[]
  length: number
}

/** The same commands as plain as can be. */
class Model {
  nowMs: number
  databases: Map<string, Held>[] = Array.from({ length: DATABASES }, () => new Map())

  constructor(nowMs: number) {
    this.nowMs = nowMs
  }

  /** What is there of a key, unless its time has passed. */
  get(db: number, key: string): Held | undefined {
    const held = this.databases[db]!.get(key)
    if (held === undefined || held.at === null || held.at >= this.nowMs) return held
    this.databases[db]!.delete(key)
    return undefined
  }

  keys(db: number): string[] {
    return [...this.databases[db]!.keys()].filter((key) => this.get(db, key)).sort()
  }

  expire(db: number, key: string, at: number, condition: readonly string[]): string {
    const held = this.get(db, key)
    if (!held) return ':0\r\n'
    const has = (word: string) => condition.includes(word)
    if (has('NX') && held.at !== null) return ':0\r\n'
    if (has('XX') && held.at === null) return ':0\r\n'
    if (has('GT') && (held.at === null || at <= held.at)) return ':0\r\n'
    if (has('LT') && held.at !== null && at >= held.at) return ':0\r\n'
    if (at <= this.nowMs) this.databases[db]!.delete(key)
    else held.at = at
    return ':1\r\n'
  }

  rename(db: number, from: string, to: string, overwrite: boolean): string {
    const held = this.get(db, from)
    if (!held) return '-ERR no such key\r\n'
    if (from === to) return overwrite ? '+OK\r\n' : ':0\r\n'
    if (this.get(db, to) && !overwrite) return ':0\r\n'
    this.databases[db]!.delete(from)
    this.databases[db]!.set(to, held)
    return overwrite ? '+OK\r\n' : ':1\r\n'
  }

  move(db: number, key: string, target: number): string {
    if (db === target) return SAME
    const held = this.get(db, key)
    if (!held || this.get(target, key)) return ':0\r\n'
    this.databases[db]!.delete(key)
    this.databases[target]!.set(key, held)
    return ':1\r\n'
  }

  copy(db: number, from: string, to: string, target: number, replace: boolean): string {
    if (db === target && from === to) return SAME
    const held = this.get(db, from)
    if (!held || (this.get(target, to) && !replace)) return ':0\r\n'
    this.databases[target]!.set(to, { ...held })
    return ':1\r\n'
  }

  /** PTTL or PEXPIRETIME. */
  time(db: number, key: string, fromNow: boolean): string {
    const held = this.get(db, key)
    if (!held) return ':-2\r\n'
    if (held.at === null) return ':-1\r\n'
    return `:${fromNow ? held.at - this.nowMs : held.at}\r\n`
  }
}

const SAME = '-ERR source and destination objects are the same\r\n'

const operation: fc.Arbitrary<Operation> = fc.record({
  db: fc.nat(DATABASES - 1),
  name: fc.constantFrom(
    ...['SET', 'SET', 'SET', 'DEL', 'UNLINK', 'EXISTS', 'TOUCH', 'TYPE', 'GET', 'KEYS', 'SCAN'],
    ...['EXPIRE', 'PEXPIRE', 'EXPIREAT', 'PEXPIREAT', 'PERSIST', 'PTTL', 'PEXPIRETIME'],
    ...['RENAME', 'RENAMENX', 'MOVE', 'COPY', 'RANDOMKEY', 'SWAPDB', 'advance', 'sweep'],
  ),
  key: fc.constantFrom(...KEYS),
  other: fc.constantFrom(...KEYS),
  target: fc.nat(DATABASES - 1),
  number: fc.integer({ min: -2, max: 20 }),
  condition: fc.constantFrom([], [], ['NX'], ['XX'], ['GT'], ['LT'], ['XX', 'GT'], ['LT', 'XX']),
  length: fc.constantFrom(...LENGTHS),
})

/** A server and its model, which take every operation side by side. */
class Twins {
  readonly clock = new ManualClock()
  readonly server = testServer({ clock: this.clock })
  readonly client = new InProcessClient(this.server)
  readonly model = new Model(this.clock.nowMs)
  private values = 0

  run(operation: Operation): void {
    const { db, name, key, other, target, number, condition } = operation
    const { model, client, clock } = this
    client.session.db = this.server.keyspace.databases[db]!
    const call = (...args: (string | number)[]) => client.call(...args)
    switch (name) {
      case 'SET':
        return this.set(operation)
      case 'GET': {
        const held = model.get(db, key)
        const reply = held ? `$${held.value.length}\r\n${held.value}\r\n` : '$-1\r\n'
        return expect(call('GET', key)).toBe(reply)
      }
      case 'DEL':
      case 'UNLINK': {
        let removed = 0
        for (const each of [key, other]) {
          if (model.get(db, each)) removed++
          model.databases[db]!.delete(each)
        }
        return expect(call(name, key, other)).toBe(`:${removed}\r\n`)
      }
      case 'EXISTS':
      case 'TOUCH': {
        const count = [key, other, key].filter((each) => model.get(db, each)).length
        return expect(call(name, key, other, key)).toBe(`:${count}\r\n`)
      }
      case 'TYPE':
        return expect(call('TYPE', key)).toBe(model.get(db, key) ? '+string\r\n' : '+none\r\n')
      case 'KEYS':
        return expect((client.value('KEYS', '*') as string[]).sort()).toEqual(model.keys(db))
      case 'SCAN':
        return expect(this.scan().sort()).toEqual(model.keys(db))
      case 'RANDOMKEY': {
        const random = client.value('RANDOMKEY')
        const keys = model.keys(db)
        if (keys.length === 0) return expect(random).toBe(null)
        return expect(keys).toContain(random)
      }
      case 'EXPIRE':
      case 'PEXPIRE': {
        const at = clock.nowMs + number * (name === 'EXPIRE' ? 1000 : 1)
        const reply = model.expire(db, key, at, condition)
        return expect(call(name, key, number, ...condition)).toBe(reply)
      }
      case 'EXPIREAT':
      case 'PEXPIREAT': {
        const unit = name === 'EXPIREAT' ? 1000 : 1
        const at = Math.floor(clock.nowMs / unit) + number
        const reply = model.expire(db, key, at * unit, condition)
        return expect(call(name, key, at, ...condition)).toBe(reply)
      }
      case 'PERSIST': {
        const held = model.get(db, key)
        const reply = held && held.at !== null ? ':1\r\n' : ':0\r\n'
        if (held) held.at = null
        return expect(call('PERSIST', key)).toBe(reply)
      }
      case 'PTTL':
      case 'PEXPIRETIME':
        return expect(call(name, key)).toBe(model.time(db, key, name === 'PTTL'))
      case 'RENAME':
      case 'RENAMENX':
        return expect(call(name, key, other)).toBe(model.rename(db, key, other, name === 'RENAME'))
      case 'MOVE':
        return expect(call('MOVE', key, target)).toBe(model.move(db, key, target))
      case 'COPY': {
        const replace = number > 5
        const options = ['DB', target, ...(replace ? ['REPLACE'] : [])]
        const reply = model.copy(db, key, other, target, replace)
        return expect(call('COPY', key, other, ...options)).toBe(reply)
      }
      case 'SWAPDB': {
        const { databases } = this.server.keyspace
        this.server.keyspace.swap(databases[db]!, databases[target]!)
        const held = model.databases[db]!
        model.databases[db] = model.databases[target]!
        model.databases[target] = held
        return
      }
      case 'advance':
        clock.advance(Math.max(0, number))
        model.nowMs = clock.nowMs
        return
      default:
        this.server.activeExpiry.run()
    }
  }

  /** SET takes an expiry time away. */
  private set({ db, key, length }: Operation): void {
    const value = `${this.values++}`.padEnd(length, 'v').slice(0, length)
    this.model.databases[db]!.set(key, { value, at: null })
    expect(this.client.call('SET', key, value)).toBe('+OK\r\n')
  }

  private scan(): string[] {
    const found: string[] = []
    let cursor = '0'
    do {
      const [next, keys] = this.client.value('SCAN', cursor, 'COUNT', 2) as [string, string[]]
      found.push(...keys)
      cursor = next
    } while (cursor !== '0')
    return found
  }

  /** Compares all that there is. */
  finish(): void {
    for (let db = 0; db < DATABASES; db++) {
      this.client.session.db = this.server.keyspace.databases[db]!
      for (const key of KEYS) {
        expect(this.client.value('GET', key)).toBe(this.model.get(db, key)?.value ?? null)
        expect(this.client.call('PTTL', key)).toBe(this.model.time(db, key, true))
      }
    }
    checkServer(this.server)
  }
}

test('commands over keys agree with plain maps', () => {
  fc.assert(
    fc.property(fc.array(operation, { minLength: 5, maxLength: 120 }), (operations) => {
      const twins = new Twins()
      for (const each of operations) {
        twins.run(each)
        twins.server.keyspace.check()
      }
      twins.finish()
    }),
    { numRuns: 60, seed: 1 },
  )
})
