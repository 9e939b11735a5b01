/** Fields that expire, against a model: across the thresholds, with time going by. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ManualClock } from '../../../src/platform/clock.ts'
import { checkServer, InProcessClient, testServer } from '../../support/in-process-client.ts'

interface Field {
  value: string
  /** Infinity for never. */
  at: number
}
type Hash = Map<string, Field>

const key = fc.constantFrom('h', 'i', 'j')
const field = fc.integer({ min: 0, max: 9 }).map((n) => `f${n}`)
const fields = fc.array(field, { minLength: 1, maxLength: 5 })
const value = fc.constantFrom('', '1', '22', 'v'.repeat(20), 'w'.repeat(30))
const ttl = fc.integer({ min: 0, max: 40 })

const step = fc.oneof(
  fc.record({ kind: fc.constant('set' as const), key, fields, value }),
  fc.record({ kind: fc.constant('setex' as const), key, fields, value, ttl }),
  fc.record({ kind: fc.constant('keep' as const), key, fields, value }),
  fc.record({
    kind: fc.constant('expire' as const),
    key,
    fields,
    ttl,
    condition: fc.constantFrom('', 'NX', 'XX', 'GT', 'LT'),
  }),
  fc.record({ kind: fc.constant('getex' as const), key, fields, ttl }),
  fc.record({ kind: fc.constant('persist' as const), key, fields }),
  fc.record({ kind: fc.constant('delete' as const), key, fields }),
  fc.record({ kind: fc.constant('getdel' as const), key, fields }),
  fc.record({ kind: fc.constant('get' as const), key, fields }),
  fc.record({ kind: fc.constant('random' as const), key }),
  fc.record({ kind: fc.constant('copy' as const), key, to: key }),
  fc.record({ kind: fc.constant('rename' as const), key, to: key }),
  fc.record({ kind: fc.constant('drop' as const), key }),
  fc.record({ kind: fc.constant('wait' as const), ttl }),
  fc.record({ kind: fc.constant('sweep' as const) }),
)
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never

class Model {
  readonly clock = new ManualClock()
  readonly server = testServer({
    clock: this.clock,
    config: { 'hash-max-listpack-entries': '5', 'hash-max-listpack-value': '25' },
  })
  readonly client = new InProcessClient(this.server)
  readonly hashes = new Map<string, Hash>()

  /** The fields of a key that are alive; what is not is forgotten. */
  private hash(name: string): Hash {
    const hash = this.hashes.get(name) ?? new Map()
    for (const [each, { at }] of hash) if (at < this.clock.nowMs) hash.delete(each)
    this.hashes.set(name, hash)
    return hash
  }

  private call(...words: (string | number)[]): unknown {
    return this.client.value(...words)
  }

  run(s: Step): void {
    const now = this.clock.nowMs
    switch (s.kind) {
      case 'set': {
        const hash = this.hash(s.key)
        this.call('HSET', s.key, ...s.fields.flatMap((f) => [f, s.value]))
        for (const f of s.fields) hash.set(f, { value: s.value, at: Infinity })
        break
      }
      case 'setex': {
        const pairs = s.fields.flatMap((f) => [f, s.value])
        const hash = this.hash(s.key)
        const reply = this.call('HSETEX', s.key, 'PX', s.ttl, 'FIELDS', s.fields.length, ...pairs)
        expect(reply).toBe(1)
        for (const f of s.fields) {
          if (s.ttl === 0) hash.delete(f)
          else hash.set(f, { value: s.value, at: now + s.ttl })
        }
        break
      }
      case 'keep': {
        const hash = this.hash(s.key)
        const pairs = s.fields.flatMap((f) => [f, s.value])
        this.call('HSETEX', s.key, 'KEEPTTL', 'FIELDS', s.fields.length, ...pairs)
        for (const f of s.fields) {
          hash.set(f, { value: s.value, at: hash.get(f)?.at ?? Infinity })
        }
        break
      }
      case 'expire': {
        const hash = this.hash(s.key)
        const option = s.condition === '' ? [] : [s.condition]
        const at = now + s.ttl
        const expected = s.fields.map((f) => {
          const old = hash.get(f)
          if (old === undefined) return -2
          if (s.condition === 'NX' && old.at !== Infinity) return 0
          if (s.condition === 'XX' && old.at === Infinity) return 0
          if (s.condition === 'GT' && old.at >= at) return 0
          if (s.condition === 'LT' && old.at <= at) return 0
          old.at = at
          if (s.ttl === 0) hash.delete(f)
          return s.ttl === 0 ? 2 : 1
        })
        const words = [s.ttl, ...option, 'FIELDS', s.fields.length, ...s.fields]
        expect(this.call('HPEXPIRE', s.key, ...words)).toEqual(expected)
        break
      }
      case 'getex': {
        const hash = this.hash(s.key)
        const expected = s.fields.map((f) => {
          const old = hash.get(f)
          if (old === undefined) return null
          old.at = now + s.ttl
          if (s.ttl === 0) hash.delete(f)
          return old.value
        })
        const words = ['PX', s.ttl, 'FIELDS', s.fields.length, ...s.fields]
        expect(this.call('HGETEX', s.key, ...words)).toEqual(expected)
        break
      }
      case 'persist': {
        const hash = this.hash(s.key)
        const expected = s.fields.map((f) => {
          const old = hash.get(f)
          if (old === undefined) return -2
          const had = old.at !== Infinity
          old.at = Infinity
          return had ? 1 : -1
        })
        const words = ['FIELDS', s.fields.length, ...s.fields]
        expect(this.call('HPERSIST', s.key, ...words)).toEqual(expected)
        break
      }
      case 'delete': {
        const hash = this.hash(s.key)
        this.call('HDEL', s.key, ...s.fields)
        for (const f of s.fields) hash.delete(f)
        break
      }
      case 'getdel': {
        const hash = this.hash(s.key)
        const expected = s.fields.map((f) => {
          const old = hash.get(f)?.value ?? null
          hash.delete(f)
          return old
        })
        const words = ['FIELDS', s.fields.length, ...s.fields]
        expect(this.call('HGETDEL', s.key, ...words)).toEqual(expected)
        break
      }
      case 'get': {
        const hash = this.hash(s.key)
        const expected = s.fields.map((f) => hash.get(f)?.value ?? null)
        expect(this.call('HMGET', s.key, ...s.fields)).toEqual(expected)
        break
      }
      case 'random': {
        const chosen = this.call('HRANDFIELD', s.key, 20) as string[]
        expect(chosen.sort()).toEqual([...this.hash(s.key).keys()].sort())
        expect(this.call('HLEN', s.key)).toBe(chosen.length)
        break
      }
      case 'copy': {
        if (s.key === s.to || this.call('EXISTS', s.key) === 0) break
        this.call('COPY', s.key, s.to, 'REPLACE')
        const copy = [...this.hash(s.key)].map(([f, v]) => [f, { ...v }] as const)
        this.hashes.set(s.to, new Map(copy))
        break
      }
      case 'rename': {
        if (this.call('EXISTS', s.key) === 0 || s.key === s.to) break
        this.call('RENAME', s.key, s.to)
        this.hashes.set(s.to, this.hash(s.key))
        this.hashes.delete(s.key)
        break
      }
      case 'drop':
        this.call('DEL', s.key)
        this.hashes.delete(s.key)
        break
      case 'wait':
        this.clock.advance(s.ttl)
        break
      case 'sweep':
        while (this.server.activeExpiry.run()) {
          // There is more.
        }
        for (const name of ['h', 'i', 'j']) {
          expect(this.call('HLEN', name)).toBe(this.hash(name).size)
        }
        break
    }
  }

  check(): void {
    this.server.keyspace.check()
    let timed = 0
    for (const name of ['h', 'i', 'j']) {
      const hash = this.hash(name)
      const all = this.call('HGETALL', name) as string[]
      const found = all.flatMap((f, i) => (i % 2 === 0 ? [[f, all[i + 1]!]] : [])).sort()
      expect(found).toEqual([...hash].map(([f, v]) => [f, v.value]).sort())
      const names = [...hash.keys()]
      if (names.length === 0) continue
      const times = this.call('HPEXPIRETIME', name, 'FIELDS', names.length, ...names)
      const expected = names.map((f) => hash.get(f)!.at).map((at) => (at === Infinity ? -1 : at))
      expect(times).toEqual(expected)
      if (expected.some((at) => at >= 0)) timed++
    }
    expect(this.server.keyspace.hashesWithFieldExpiry).toBeGreaterThanOrEqual(timed)
  }
}

test('commands on expiring fields do what a model does', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const model = new Model()
      for (const each of steps) {
        model.run(each)
        model.check()
      }
      checkServer(model.server)
    }),
    { seed: 7, numRuns: 60 },
  )
})
