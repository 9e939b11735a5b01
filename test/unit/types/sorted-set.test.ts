/** Sorted sets against a plain model, across both encodings, and with memory that fails. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Arena, NULL } from '../../../src/arena/arena.ts'
import { Random } from '../../../src/platform/random.ts'
import { defaultLimits } from '../../../src/types/limits.ts'
import { SortedSet } from '../../../src/types/sorted-set.ts'
import { BEFORE_ALL, BEHIND_ALL, INCLUSIVE } from '../../../src/types/sorted-set-ranges.ts'

interface Setting {
  arena: Arena
  set: SortedSet
}

function setting(entries = 6, value = 12): Setting {
  const arena = new Arena({ debug: true })
  const limits = {
    ...defaultLimits(),
    zsetMaxListpackEntries: entries,
    zsetMaxListpackValue: value,
  }
  const set = new SortedSet({ arena, random: new Random(3), limits, hashKey: [1, 2] })
  expect(set.create()).toBe(true)
  return { arena, set }
}

const viewOf = (bytes: Uint8Array): DataView =>
  new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)

function find(set: SortedSet, member: string): number {
  const bytes = new Uint8Array(Buffer.from(member, 'latin1'))
  return set.find(bytes, viewOf(bytes), 0, bytes.length)
}

/** Adds a member or gives it another score. */
function put(set: SortedSet, member: string, score: number): boolean {
  const bytes = new Uint8Array(Buffer.from(member, 'latin1'))
  const view = viewOf(bytes)
  const position = set.find(bytes, view, 0, bytes.length)
  if (position === 0) return set.add(score, bytes, view, 0, bytes.length)
  return set.setScore(position, score, bytes, view, 0, bytes.length)
}

type Pair = [string, number]

function memberAt(set: SortedSet, position: number): Pair {
  set.read(position)
  return [Buffer.from(set.bytes.subarray(set.start, set.end)).toString('latin1'), set.score]
}

function contents(set: SortedSet): Pair[] {
  const pairs: Pair[] = []
  for (let at = set.first(); at !== 0; at = set.next(at)) pairs.push(memberAt(set, at))
  return pairs
}

function backwards(set: SortedSet): Pair[] {
  const pairs: Pair[] = []
  for (let at = set.last(); at !== 0; at = set.previous(at)) pairs.push(memberAt(set, at))
  return pairs
}

const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

function sorted(model: Map<string, number>): Pair[] {
  return [...model].sort((a, b) => (a[1] === b[1] ? compareText(a[0], b[0]) : a[1] - b[1]))
}

function agree(set: SortedSet, model: Map<string, number>): void {
  set.check()
  const expected = sorted(model)
  expect(set.length).toBe(expected.length)
  expect(contents(set)).toEqual(expected)
  expect(backwards(set)).toEqual([...expected].reverse())
  for (const [rank, [member]] of expected.entries()) {
    expect(set.rankOf(find(set, member))).toBe(rank)
    expect(memberAt(set, set.atRank(rank))[0]).toBe(member)
  }
}

function freeAll({ arena, set }: Setting): void {
  set.free()
  arena.check()
  expect(arena.liveBytes).toBe(0)
}

const member = fc.oneof(
  { weight: 8, arbitrary: fc.integer({ min: 0, max: 14 }).map((n) => `m${n}`) },
  { weight: 1, arbitrary: fc.string({ minLength: 0, maxLength: 20, unit: 'binary-ascii' }) },
)
const score = fc.oneof(
  fc.integer({ min: -3, max: 3 }),
  fc.constantFrom(Infinity, -Infinity, 1.5, 1e300, 70000, 2 ** 31, 127, 128, -129),
)
const operation = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('put' as const), member, score }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('remove' as const), member }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('range' as const),
      rank: fc.nat(20),
      count: fc.nat(4),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('shrink' as const) }) },
)

describe('sorted set', () => {
  test('agrees with a model', () => {
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 60 }), (operations) => {
        const both = setting()
        const { set } = both
        const model = new Map<string, number>()
        for (const each of operations) {
          if (each.kind === 'put') {
            expect(put(set, each.member, each.score)).toBe(true)
            model.set(each.member, each.score)
          } else if (each.kind === 'remove') {
            const position = find(set, each.member)
            expect(position !== 0).toBe(model.delete(each.member))
            if (position !== 0) set.remove(position)
          } else if (each.kind === 'range') {
            const count = Math.min(each.count, set.length - each.rank)
            if (count > 0) {
              const gone = sorted(model).slice(each.rank, each.rank + count)
              for (const [name] of gone) model.delete(name)
              set.removeRange(each.rank, count)
            }
          } else {
            expect(set.shrinkIfSmall()).toBe(true)
          }
          agree(set, model)
        }
        freeAll(both)
      }),
      { numRuns: 150, seed: 1 },
    )
  })

  test('finds ranges of scores and of members', () => {
    for (const entries of [0, 100]) {
      const both = setting(entries)
      const { set } = both
      const model = new Map<string, number>()
      for (let i = 0; i < 60; i++) {
        const name = `x${(i * 7) % 60}`
        model.set(name, (i * 11) % 17)
        put(set, name, (i * 11) % 17)
      }
      const scores = sorted(model).map(([, each]) => each)
      for (let min = -1; min < 18; min++) {
        for (let max = -1; max < 18; max++) {
          for (const exclusive of [false, true]) {
            const range = { min, max, minExclusive: exclusive, maxExclusive: exclusive }
            set.scoreRange(range)
            const inside = scores.filter((each) =>
              exclusive ? each > min && each < max : each >= min && each <= max,
            )
            expect(Math.max(set.to - set.from, 0)).toBe(inside.length)
            if (inside.length > 0) expect(scores.slice(set.from, set.to)).toEqual(inside)
          }
        }
      }
      for (const [name] of model) put(set, name, 0)
      const names = [...model.keys()].sort(compareText)
      const bytes = new Uint8Array(Buffer.from('x2x5'))
      const lex = { bytes, view: viewOf(bytes), minStart: 0, minLength: 2 }
      const range = { ...lex, min: INCLUSIVE, max: INCLUSIVE, maxStart: 2, maxLength: 2 } as const
      for (const reverse of [false, true]) {
        set.lexRange(range, reverse)
        expect(names.slice(set.from, set.to)).toEqual(names.filter((n) => n >= 'x2' && n <= 'x5'))
        set.lexRange({ ...range, min: BEFORE_ALL, max: BEHIND_ALL }, reverse)
        expect(set.to - set.from).toBe(60)
      }
      freeAll(both)
    }
  })

  test('becomes large by number and by length, and is copied in either form', () => {
    const both = setting()
    const { arena, set } = both
    const model = new Map<string, number>()
    for (let i = 0; i < 40; i++) {
      expect(set.encodingName).toBe(i <= 6 ? 'listpack' : 'skiplist')
      const before = arena.liveBytes
      const copy = set.copy()
      expect(copy).not.toBe(NULL)
      const { root, encoding } = set
      const bytes = set.usedBytes
      set.open(copy, encoding)
      agree(set, model)
      expect(set.usedBytes).toBe(bytes)
      set.free()
      expect(arena.liveBytes).toBe(before)
      set.open(root, encoding)
      put(set, `m${i}`, i % 5)
      model.set(`m${i}`, i % 5)
    }
    freeAll(both)
    const long = setting()
    put(long.set, 'longer than twelve', 1)
    expect(long.set.encodingName).toBe('skiplist')
    freeAll(long)
  })

  test('keeps members of all lengths', () => {
    const both = setting()
    const model = new Map<string, number>()
    for (const length of [0, 1, 2, 3, 4, 5, 126, 127, 255, 4096, 32766, 32767, 32768, 70000]) {
      put(both.set, 'y'.repeat(length), 1 - length)
      model.set('y'.repeat(length), 1 - length)
    }
    agree(both.set, model)
    freeAll(both)
  })

  test('is freed in pieces', () => {
    const both = setting(0)
    for (let i = 0; i < 20_000; i++) put(both.set, `m${i}`, i % 100)
    both.set.check()
    let steps = 1
    while (!both.set.freeSome()) steps++
    expect(steps).toBeGreaterThan(10)
    expect(both.arena.liveBytes).toBe(0)
  })

  test('changes nothing when memory fails', () => {
    for (const start of [0, 3, 6, 20]) {
      const both = setting()
      const { arena, set } = both
      const model = new Map<string, number>()
      for (let i = 0; i < start; i++) {
        put(set, `m${i}`, i)
        model.set(`m${i}`, i)
      }
      for (let failing = 1; failing < 12; failing++) {
        for (const [name, value] of [
          [`new${failing}`, 2],
          ['m0', 1e9],
          ['m1', 1e300],
        ] as const) {
          arena.failAfter(failing)
          if (put(set, name, value)) model.set(name, value)
          arena.failAfter(0)
          agree(set, model)
        }
      }
      freeAll(both)
    }
  })

  test('undoes a series of changes', () => {
    for (const start of [1, 5, 20]) {
      for (let failing = 1; failing < 40; failing++) {
        const both = setting()
        const { arena, set } = both
        const model = new Map<string, number>()
        for (let i = 0; i < start; i++) {
          put(set, `m${i}`, i)
          model.set(`m${i}`, i)
        }
        const live = arena.liveBytes
        arena.failAfter(failing)
        const begun = set.begin()
        const changes = Array.from({ length: 10 }, (_, i): Pair => [`m${i * 3}`, 100 - i])
        const done = begun && changes.every(([name, value]) => put(set, name, value))
        arena.failAfter(0)
        if (done) {
          set.commit()
          for (const [name, value] of changes) model.set(name, value)
        } else if (begun) {
          set.rollBack()
        }
        agree(set, model)
        if (!done && start < 20) expect(arena.liveBytes).toBe(live)
        freeAll(both)
      }
    }
  })

  test('chooses members at random, all about as often', () => {
    for (const entries of [0, 100]) {
      const both = setting(entries)
      for (let i = 0; i < 10; i++) put(both.set, `m${i}`, i)
      const random = new Random(5)
      const counts = new Map<string, number>()
      for (let i = 0; i < 5000; i++) {
        const [name] = memberAt(both.set, both.set.randomPosition(random))
        counts.set(name, (counts.get(name) ?? 0) + 1)
      }
      expect(counts.size).toBe(10)
      for (const count of counts.values()) expect(count).toBeGreaterThan(350)
      freeAll(both)
    }
  })
})
