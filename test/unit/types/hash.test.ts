/** Hashes against a Map, across their thresholds, and with memory that fails. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Address, Arena, NULL } from '../../../src/arena/arena.ts'
import { fromLatin1, latin1 } from '../../../src/bytes/text.ts'
import { Random } from '../../../src/platform/random.ts'
import { ADDED, FAILED, HashValue, UPDATED } from '../../../src/types/hash.ts'
import { defaultLimits } from '../../../src/types/limits.ts'

type Source = [bytes: Uint8Array, view: DataView, start: number, length: number]

/** A text in memory of its own, with something before and behind it. */
function source(text: string): Source {
  const bytes = fromLatin1(`<<${text}>>`)
  return [bytes, new DataView(bytes.buffer), 2, text.length]
}

/** Texts one behind the other, as arguments are. */
function slices(
  texts: readonly string[],
): [bytes: Uint8Array, view: DataView, starts: Int32Array, ends: Int32Array] {
  const bytes = fromLatin1(texts.join(''))
  const ends = new Int32Array(texts.length)
  const starts = new Int32Array(texts.length)
  let end = 0
  texts.forEach((text, i) => {
    starts[i] = end
    end += text.length
    ends[i] = end
  })
  return [bytes, new DataView(bytes.buffer), starts, ends]
}

function setPairs(hash: HashValue, pairs: readonly (readonly [string, string])[]): number {
  const texts = pairs.flat()
  return hash.setPairs(...slices(texts), 0, texts.length)
}

function contents(hash: HashValue): Map<string, string> {
  const map = new Map<string, string>()
  hash.forEach((position) => {
    hash.read(position)
    const { bytes, fieldStart, fieldEnd, valueStart, valueEnd } = hash.pair
    map.set(latin1(bytes, fieldStart, fieldEnd), latin1(bytes, valueStart, valueEnd))
  })
  return map
}

function newHash(arena: Arena, entries: number, valueBytes: number): HashValue {
  const limits = defaultLimits()
  limits.hashMaxListpackEntries = entries
  limits.hashMaxListpackValue = valueBytes
  return new HashValue(arena, limits, [1, 2])
}

const sorted = (map: Map<string, string>): [string, string][] => [...map].sort()

const field = fc.oneof(
  fc.integer({ min: 0, max: 12 }).map((n) => `f${n}`),
  fc.constantFrom('', 'x'.repeat(20), 'y'.repeat(21), 'z'.repeat(32_766), 'z'.repeat(32_767)),
)
const value = fc.oneof(
  fc.constantFrom('', 'a', 'v'.repeat(20), 'w'.repeat(21), 'w'.repeat(65_534), 'w'.repeat(65_535)),
  fc.integer({ min: 0, max: 400 }).map((length) => 'n'.repeat(length)),
)
const operation = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('set' as const), field, value }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('remove' as const), field }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('pairs' as const),
      pairs: fc.array(fc.tuple(field, value), { minLength: 1, maxLength: 8 }),
    }),
  },
)
const short = fc.integer({ min: 0, max: 40 }).map((n) => `s${n}`)
const shortOperation = fc.oneof(
  fc.record({ kind: fc.constant('set' as const), field: short, value: short }),
  fc.record({ kind: fc.constant('remove' as const), field: short }),
  fc.record({
    kind: fc.constant('pairs' as const),
    pairs: fc.array(fc.tuple(short, short), { minLength: 1, maxLength: 8 }),
  }),
)

type Operation =
  | { kind: 'set'; field: string; value: string }
  | { kind: 'remove'; field: string }
  | { kind: 'pairs'; pairs: [string, string][] }

/** Does the same to a hash and to a Map. @returns false if the hash could not for want of memory */
function apply(hash: HashValue, model: Map<string, string>, step: Operation): boolean {
  if (step.kind === 'remove') {
    expect(hash.remove(...source(step.field))).toBe(model.delete(step.field))
    return true
  }
  if (step.kind === 'set') {
    const outcome = hash.set(...source(step.field), ...source(step.value))
    if (outcome === FAILED) return false
    expect(outcome).toBe(model.has(step.field) ? UPDATED : ADDED)
    model.set(step.field, step.value)
    return true
  }
  const added = setPairs(hash, step.pairs)
  if (added === FAILED) return false
  const before = model.size
  for (const [name, text] of step.pairs) model.set(name, text)
  expect(added).toBe(model.size - before)
  return true
}

describe('HashValue', () => {
  test.each([
    ['of long and short texts', operation],
    ['of many fields', shortOperation],
  ])('does what a Map does: %s', (_, steps) => {
    fc.assert(
      fc.property(fc.array(steps, { maxLength: 60 }), (operations) => {
        const arena = new Arena({ debug: true })
        const hash = newHash(arena, 16, 20)
        expect(hash.create()).toBe(true)
        const model = new Map<string, string>()
        for (const step of operations) {
          apply(hash, model, step as Operation)
          hash.check()
          expect(hash.length).toBe(model.size)
        }
        expect(sorted(contents(hash))).toEqual(sorted(model))
        for (const [name, text] of model) {
          expect(hash.find(...source(name))).toBe(true)
          const { bytes, valueStart, valueEnd } = hash.pair
          expect(latin1(bytes, valueStart, valueEnd)).toBe(text)
        }
        expect(hash.find(...source('absent'))).toBe(false)
        expect(hash.usedBytes).toBe(arena.liveBytes)
        const copy = newHash(arena, 16, 20)
        copy.open(hash.copy(), hash.encoding)
        copy.check()
        expect(sorted(contents(copy))).toEqual(sorted(model))
        hash.free()
        expect(sorted(contents(copy))).toEqual(sorted(model))
        copy.free()
        expect(arena.liveBytes).toBe(0)
        arena.check()
      }),
      { seed: 5, numRuns: 60 },
    )
  })

  test('stays as it was, and leaks nothing, when memory fails', () => {
    fc.assert(
      fc.property(
        fc.array(operation, { maxLength: 25 }),
        fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 25, maxLength: 25 }),
        (operations, failures) => {
          const arena = new Arena({ debug: true })
          const hash = newHash(arena, 6, 20)
          hash.create()
          const model = new Map<string, string>()
          operations.forEach((step, i) => {
            if (model.size === 0 && hash.isPacked) {
              // A hash without fields is not kept after a failure.
              apply(hash, model, step as Operation)
              return
            }
            arena.failAfter(failures[i]!)
            apply(hash, model, step as Operation)
            arena.failAfter(0)
            hash.check()
            expect(sorted(contents(hash))).toEqual(sorted(model))
            expect(hash.usedBytes).toBe(arena.liveBytes)
          })
          for (let n = 1; n < 60; n++) {
            arena.failAfter(n)
            const copy = hash.copy()
            arena.failAfter(0)
            if (copy === NULL) {
              expect(hash.usedBytes).toBe(arena.liveBytes)
              continue
            }
            const other = newHash(arena, 6, 20)
            other.open(copy, hash.encoding)
            other.free()
          }
          hash.free()
          expect(arena.liveBytes).toBe(0)
        },
      ),
      { seed: 6, numRuns: 60 },
    )
  })

  test('takes back what a large hash has got when its dict cannot grow', () => {
    const arena = new Arena({ debug: true })
    const hash = newHash(arena, 0, 20)
    hash.create()
    setPairs(hash, [
      ['a', 'old'],
      ['b', 'old'],
    ])
    const before = arena.liveBytes
    const allocate = arena.allocate.bind(arena)
    arena.allocate = (bytes: number): Address => (bytes > 40 ? NULL : allocate(bytes))
    const many = Array.from({ length: 20 }, (_, i): [string, string] => [`f${i}`, 'v'])
    expect(setPairs(hash, [['a', 'n'.repeat(20)], ...many, ['a', 'x'], ['b', 'y']])).toBe(FAILED)
    Reflect.deleteProperty(arena, 'allocate')
    hash.check()
    expect(sorted(contents(hash))).toEqual([
      ['a', 'old'],
      ['b', 'old'],
    ])
    expect(arena.liveBytes).toBe(before)
    hash.free()
    expect(arena.liveBytes).toBe(0)
  })

  test('becomes large at the limits, and stays so', () => {
    const hash = newHash(new Arena({ debug: true }), 3, 5)
    const encodingAfter = (pairs: [string, string][]): string => {
      hash.create()
      setPairs(hash, pairs)
      const name = hash.encodingName
      hash.free()
      return name
    }
    const short: [string, string][] = ['a', 'b', 'c', 'd'].map((name) => [name, 'v'])
    expect(encodingAfter(short.slice(0, 3))).toBe('listpack')
    expect(encodingAfter(short)).toBe('hashtable')
    expect(encodingAfter([['12345', '12345']])).toBe('listpack')
    expect(encodingAfter([['123456', '1']])).toBe('hashtable')
    expect(encodingAfter([['1', '123456']])).toBe('hashtable')
    // As many pairs make room for that many fields at once, whether they are the same or not.
    expect(encodingAfter(Array.from({ length: 4 }, () => ['a', 'v']))).toBe('hashtable')
    hash.create()
    hash.set(...source('a'), ...source('long value'))
    hash.set(...source('a'), ...source('v'))
    expect(hash.encodingName).toBe('hashtable')
    hash.free()
  })

  test('scans and chooses all fields of a large hash, and frees it in pieces', () => {
    const arena = new Arena()
    const hash = newHash(arena, 16, 20)
    hash.create()
    const names = new Set<string>()
    for (let i = 0; i < 5000; i++) {
      names.add(`field:${i}`)
      hash.set(...source(`field:${i}`), ...source(String(i)))
    }
    const seen = new Set<string>()
    let cursor = 0
    do {
      cursor = hash.scan(cursor, (position) => {
        hash.read(position)
        seen.add(latin1(hash.pair.bytes, hash.pair.fieldStart, hash.pair.fieldEnd))
      })
    } while (cursor !== 0)
    expect(seen).toEqual(names)
    const random = new Random(3)
    const chosen = new Set<number>()
    for (let i = 0; i < 50_000; i++) chosen.add(hash.randomPosition(random))
    expect(chosen.size).toBeGreaterThan(4950)
    hash.check()
    let pieces = 1
    while (!hash.freeSome()) pieces++
    expect(pieces).toBeGreaterThan(4)
    expect(arena.liveBytes).toBe(0)
  })
})
