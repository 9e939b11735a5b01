import { describe, expect, test } from 'vitest'
import { type Address, NULL } from '../../../src/arena/arena.ts'
import { Random } from '../../../src/platform/random.ts'
import { DictFixture } from './dict-fixture.ts'

function filled(count: number, flagged = 0): DictFixture {
  const fixture = new DictFixture(7)
  for (let i = 0; i < count; i++) fixture.insert(`k${i}`, i, i < flagged)
  return fixture
}

describe('scan', () => {
  test.each([0, 1, 7, 8, 100, 896, 897, 5000])('visits each of %d entries once', (count) => {
    const fixture = filled(count)
    const keys: string[] = []
    let cursor = 0
    do {
      cursor = fixture.dict.scan(fixture.root, cursor, (entry) => keys.push(fixture.key(entry)))
    } while (cursor !== 0)
    expect(keys.sort()).toEqual(fixture.keys())
    fixture.close()
  })

  test('takes any cursor, and always gets on', () => {
    const fixture = filled(3000)
    const random = new Random(3)
    const odd = [0xffffffff, 0x80000000, 0x7fffffff, 2 ** 32, 2 ** 53, -1, 0.5, Number.NaN]
    const cursors = [...odd, ...Array.from({ length: 1000 }, () => random.int32() >>> 0)]
    for (const cursor of cursors) {
      const next = fixture.dict.scan(fixture.root, cursor, () => {})
      expect(next === 0 || next > cursor >>> 0).toBe(true)
    }
    fixture.close()
  })

  test('lets the visitor remove what it visits, down to an empty dict', () => {
    const fixture = filled(5000)
    let cursor = 0
    do {
      cursor = fixture.dict.scan(fixture.root, cursor, (entry) => {
        fixture.remove(fixture.key(entry))
      })
    } while (cursor !== 0)
    expect(fixture.dict.count(fixture.root)).toBe(0)
    fixture.close()
  })

  test('of one dict may run within the scan of another', () => {
    const fixture = filled(200)
    let pairs = 0
    let outer = 0
    do {
      outer = fixture.dict.scan(fixture.root, outer, () => {
        let inner = 0
        do inner = fixture.dict.scan(fixture.root, inner, () => pairs++)
        while (inner !== 0)
      })
    } while (outer !== 0)
    expect(pairs).toBe(200 * 200)
    fixture.close()
  })
})

describe('sweepFlagged', () => {
  test('visits each flagged entry once, one table a call', () => {
    for (const [count, flagged] of [
      [5, 3],
      [700, 700],
      [5000, 0],
      [5000, 4],
      [5000, 5000],
    ] as const) {
      const fixture = filled(count, flagged)
      const values: number[] = []
      let position = 0
      do {
        position = fixture.dict.sweepFlagged(fixture.root, position, (entry) => {
          values.push(fixture.value(entry))
          return true
        })
      } while (position !== 0)
      expect(values.sort((a, b) => a - b)).toEqual(Array.from({ length: flagged }, (_, i) => i))
      fixture.close()
    }
  })

  test('leaves out nothing when the visitor stops after each entry', () => {
    const fixture = filled(5000, 2500)
    const seen = new Set<number>()
    let calls = 0
    let position = 0
    do {
      position = fixture.dict.sweepFlagged(fixture.root, position, (entry) => {
        seen.add(fixture.value(entry))
        return false
      })
      calls++
    } while (position !== 0)
    expect(seen.size).toBe(2500)
    expect(calls).toBeGreaterThan(2500 / 4)
    fixture.close()
  })

  test('lets the visitor remove, replace and add', () => {
    const fixture = filled(5000, 5000)
    let rounds = 0
    while (fixture.dict.flaggedCount(fixture.root) > 0 && rounds++ < 10) {
      let position = 0
      do {
        position = fixture.dict.sweepFlagged(fixture.root, position, (entry) => {
          const key = fixture.key(entry)
          const value = fixture.value(entry)
          if (value % 8 === 0) fixture.replace(key, value, false)
          else fixture.remove(key)
          if (value % 16 === 0) fixture.insert(`new${value}`)
          return true
        })
      } while (position !== 0)
      fixture.check()
    }
    expect(rounds).toBeLessThan(10)
    expect(fixture.dict.count(fixture.root)).toBe(625 + 313)
    fixture.close()
  })
})

describe('random entries', () => {
  /** Chi-square over `buckets` equal chances, as standard deviations from its mean. */
  function deviation(counts: number[], samples: number): number {
    const expected = samples / counts.length
    const chiSquare = counts.reduce((sum, n) => sum + (n - expected) ** 2 / expected, 0)
    const degrees = counts.length - 1
    return (chiSquare - degrees) / Math.sqrt(2 * degrees)
  }

  test.each([1, 2, 7, 8, 100, 896, 1500, 2900])('are even among %d', (count) => {
    const fixture = filled(count)
    const random = new Random(count)
    const counts = new Array<number>(count).fill(0)
    const samples = 20 * count + 1000
    for (let i = 0; i < samples; i++) {
      counts[fixture.value(fixture.dict.randomEntry(fixture.root, random))]!++
    }
    if (count > 1) expect(deviation(counts, samples)).toBeLessThan(4)
    fixture.close()
  })

  test('stay even when most has been removed', () => {
    const fixture = filled(12000)
    for (let i = 2000; i < 12000; i++) fixture.remove(`k${i}`)
    const random = new Random(11)
    const counts = new Array<number>(2000).fill(0)
    for (let i = 0; i < 40000; i++) {
      counts[fixture.value(fixture.dict.randomEntry(fixture.root, random))]!++
    }
    expect(deviation(counts, 40000)).toBeLessThan(4)
    fixture.close()
  })

  test('are even among flagged ones where there are many', () => {
    const fixture = filled(4000, 2000)
    const random = new Random(5)
    const counts = new Array<number>(2000).fill(0)
    for (let i = 0; i < 40000; i++) {
      counts[fixture.value(fixture.dict.randomFlagged(fixture.root, random))]!++
    }
    expect(deviation(counts, 40000)).toBeLessThan(4)
    fixture.close()
  })

  test('are found among few flagged ones in many tables, each of them', () => {
    const fixture = filled(20000, 3)
    const random = new Random(9)
    const seen = new Set<number>()
    for (let i = 0; i < 300; i++) {
      seen.add(fixture.value(fixture.dict.randomFlagged(fixture.root, random)))
    }
    expect([...seen].sort()).toEqual([0, 1, 2])
    fixture.close()
  })

  test('are NULL where there are none', () => {
    const fixture = filled(0)
    const random = new Random(1)
    const none: Address[] = [
      fixture.dict.randomEntry(fixture.root, random),
      fixture.dict.randomFlagged(fixture.root, random),
    ]
    expect(none).toEqual([NULL, NULL])
    fixture.insert('plain')
    expect(fixture.dict.randomFlagged(fixture.root, random)).toBe(NULL)
    fixture.close()
  })
})

describe('samples', () => {
  test.each([1, 5, 16])('of %i are even', (wanted) => {
    for (const flagged of [false, true]) {
      const fixture = flagged ? filled(6000, 3000) : filled(3000)
      const random = new Random(13)
      const counts = new Array<number>(3000).fill(0)
      const samples = new Int32Array(wanted)
      const rounds = Math.floor(120_000 / wanted)
      for (let i = 0; i < rounds; i++) {
        expect(fixture.dict.sample(fixture.root, random, wanted, flagged, samples)).toBe(wanted)
        for (const entry of samples) counts[fixture.value(entry as Address)]!++
      }
      // What is drawn together is not independent, so that a few deviate more than by chance.
      expect(Math.min(...counts)).toBeGreaterThan(2)
      expect(Math.max(...counts)).toBeLessThan(160)
      fixture.close()
    }
  })

  test('are all there is where that is not enough', () => {
    const fixture = filled(20_000, 3)
    const samples = new Int32Array(64)
    const found = fixture.dict.sample(fixture.root, new Random(1), 64, true, samples)
    expect(found).toBe(3)
    for (const entry of samples.subarray(0, 3)) {
      expect(fixture.value(entry as Address)).toBeLessThan(3)
    }
    fixture.close()
  })

  test('come from several tables where one has too few', () => {
    const fixture = filled(2000)
    const samples = new Int32Array(1024)
    expect(fixture.dict.sample(fixture.root, new Random(1), 1024, false, samples)).toBe(1024)
    expect(new Set(samples).size).toBeGreaterThan(500)
    fixture.close()
  })
})

describe('entries by address', () => {
  test('are found where they are, and only there', () => {
    const fixture = filled(3000)
    const { dict, root } = fixture
    const other = dict.create()
    let seen = 0
    dict.forEach(root, (entry) => {
      const hash = dict.entryHash(entry)
      if (dict.findAddress(root, hash, entry)) seen++
      expect(dict.findAddress(other, hash, entry)).toBe(false)
      expect(dict.findAddress(root, hash, (entry + 1) as Address)).toBe(false)
    })
    expect(seen).toBe(3000)
    dict.destroy(other)
    fixture.close()
  })
})
