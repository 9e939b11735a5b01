/**
 * Random operations on a dict against a Map, in bulk, so that sizes go up and down across the
 * thresholds of doubling, splitting, merging and halving; and the guarantee of SCAN on the way.
 */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { DictFixture } from '../unit/arena/dict-fixture.ts'

interface Bulk {
  kind: 'insert' | 'remove' | 'replace' | 'flag' | 'starve'
  from: number
  length: number
  step: number
}

/** Keys are numbers below this; about eight tables when all are there. */
const KEYS = 5000

const bulk = fc.record<Bulk>({
  kind: fc.constantFrom(
    'insert',
    'insert',
    'insert',
    'remove',
    'remove',
    'replace',
    'flag',
    'starve',
  ),
  from: fc.nat({ max: KEYS - 1 }),
  length: fc.oneof(fc.nat({ max: 12 }), fc.nat({ max: 300 }), fc.nat({ max: KEYS })),
  step: fc.constantFrom(1, 1, 3, 7),
})

interface Expected {
  value: number
  flagged: boolean
}

/** Applies one bulk of operations to both; the numbers of the keys go round at `KEYS`. */
function apply(fixture: DictFixture, model: Map<string, Expected>, { kind, ...range }: Bulk): void {
  for (let i = 0; i < range.length; i++) {
    const number = (range.from + i * range.step) % KEYS
    const key = `key:${number}`
    const present = model.get(key)
    switch (kind) {
      case 'insert':
      case 'starve':
        if (present !== undefined) break
        if (kind === 'starve') fixture.arena.failAfter(1 + (i % 3))
        if (fixture.insert(key, i, number % 3 === 0)) {
          model.set(key, { value: i, flagged: number % 3 === 0 })
        }
        fixture.arena.failAfter(0)
        break
      case 'remove':
        expect(fixture.remove(key)).toBe(model.delete(key))
        break
      case 'replace':
      case 'flag': {
        if (present === undefined) break
        const flagged = kind === 'flag' ? !present.flagged : present.flagged
        fixture.replace(key, i, flagged)
        model.set(key, { value: i, flagged })
        break
      }
    }
  }
}

describe('dict', () => {
  test('does as a Map does', () => {
    fc.assert(
      fc.property(fc.array(bulk, { maxLength: 14 }), fc.integer(), (bulks, hashKey) => {
        const fixture = new DictFixture(hashKey)
        const model = new Map<string, Expected>()
        for (const operations of bulks) {
          apply(fixture, model, operations)
          fixture.dict.check(fixture.root)
          const flagged = Array.from(model.values()).filter((expected) => expected.flagged).length
          expect(fixture.dict.count(fixture.root)).toBe(model.size)
          expect(fixture.dict.flaggedCount(fixture.root)).toBe(flagged)
        }
        const found = new Map<string, number>()
        fixture.dict.forEach(fixture.root, (entry) => {
          found.set(fixture.key(entry), fixture.value(entry))
        })
        expect(found.size).toBe(model.size)
        for (const [key, { value }] of model) expect(found.get(key)).toBe(value)
        fixture.close()
      }),
      { numRuns: 40, seed: 20260101 },
    )
  })

  test('scan returns whatever is there from its start to its end', () => {
    fc.assert(
      fc.property(
        fc.array(bulk, { maxLength: 6 }),
        fc.array(fc.tuple(fc.integer({ min: 1, max: 400 }), bulk), { minLength: 1, maxLength: 12 }),
        fc.integer(),
        (before, between, hashKey) => {
          const fixture = new DictFixture(hashKey)
          const model = new Map<string, Expected>()
          for (const operations of before) apply(fixture, model, operations)
          const throughout = new Set(model.keys())
          const seen = new Set<string>()
          let cursor = 0
          let turn = 0
          do {
            const [steps, operations] = between[turn++ % between.length]!
            for (let i = 0; i < steps; i++) {
              cursor = fixture.dict.scan(fixture.root, cursor, (entry) =>
                seen.add(fixture.key(entry)),
              )
              if (cursor === 0) break
            }
            if (cursor === 0) break
            // After the first 30 turns the dict is left alone, so that the test comes to an end
            // soon.
            if (turn > 30) continue
            apply(fixture, model, operations)
            for (const key of throughout) if (!model.has(key)) throughout.delete(key)
          } while (cursor !== 0)
          for (const key of throughout) expect(seen.has(key)).toBe(true)
          fixture.close()
        },
      ),
      { numRuns: 60, seed: 20260102 },
    )
  })
})
