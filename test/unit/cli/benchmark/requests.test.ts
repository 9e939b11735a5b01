/** What is sent: keys by their distribution, values by their sizes, mixtures, and digits. */
import { describe, expect, test } from 'vitest'
import {
  type BatchPlan,
  createBatches,
  drawNumbers,
} from '../../../../src/cli/benchmark/batches.ts'
import {
  fixedSize,
  parseSizeList,
  parseSizeRange,
  printableValue,
} from '../../../../src/cli/benchmark/data-sizes.ts'
import { createSampler, parseDistribution } from '../../../../src/cli/benchmark/key-sampler.ts'
import { mixedTest, selectTests } from '../../../../src/cli/benchmark/tests.ts'
import { Random } from '../../../../src/platform/random.ts'
import { encodeRequest } from '../../../../src/resp/request-encoder.ts'

function frequencies(distribution: string, keyCount: number, draws: number): number[] {
  const sampler = createSampler(parseDistribution(distribution)!, keyCount, new Random(7))
  const counts = new Array<number>(keyCount).fill(0)
  for (let i = 0; i < draws; i++) counts[sampler.next()]!++
  return counts
}

describe('distributions', () => {
  test.each([0.5, 0.99, 1, 1.5])('zipf:%d draws keys as often as the law says', (exponent) => {
    const draws = 200_000
    const counts = frequencies(`zipf:${exponent}`, 1000, draws)
    const weights = counts.map((_, key) => (key + 1) ** -exponent)
    const total = weights.reduce((sum, weight) => sum + weight, 0)
    for (const key of [0, 1, 2, 9, 99]) {
      const expected = (draws * weights[key]!) / total
      expect(Math.abs(counts[key]! - expected)).toBeLessThan(5 * Math.sqrt(expected) + 1)
    }
  })

  test('uniform draws all keys alike', () => {
    const counts = frequencies('uniform', 100, 100_000)
    expect(Math.min(...counts)).toBeGreaterThan(800)
    expect(Math.max(...counts)).toBeLessThan(1200)
  })

  test('sequential draws one after the other', () => {
    expect(frequencies('sequential', 10, 25)).toEqual([3, 3, 3, 3, 3, 2, 2, 2, 2, 2])
  })

  test('keys beyond 2^32 are drawn too', () => {
    const sampler = createSampler({ kind: 'uniform' }, 1e12, new Random(3))
    const drawn = Array.from({ length: 100 }, () => sampler.next())
    expect(Math.max(...drawn)).toBeGreaterThan(2 ** 33)
    expect(drawn.every((key) => Number.isInteger(key) && key < 1e12)).toBe(true)
  })

  test('other words are not understood', () => {
    expect(parseDistribution('zipf:')).toBeUndefined()
    expect(parseDistribution('zipf:0')).toBeUndefined()
    expect(parseDistribution('normal')).toBeUndefined()
  })
})

describe('sizes of values', () => {
  test('a range holds both ends', () => {
    const sizes = parseSizeRange('3-5')!
    const random = new Random(1)
    const drawn = new Set(Array.from({ length: 100 }, () => sizes.draw(random)))
    expect([...drawn].sort()).toEqual([3, 4, 5])
    expect(parseSizeRange('5-3')).toBeUndefined()
    expect(parseSizeRange('x-3')).toBeUndefined()
  })

  test('a list draws by weight', () => {
    const sizes = parseSizeList('10:1,20:3')!
    const random = new Random(1)
    const drawn = Array.from({ length: 4000 }, () => sizes.draw(random))
    const large = drawn.filter((size) => size === 20).length
    expect(large).toBeGreaterThan(2850)
    expect(large).toBeLessThan(3150)
    expect(parseSizeList('10:1,20')).toBeUndefined()
  })

  test('values are printable and the same each time', () => {
    expect(printableValue(200)).toEqual(printableValue(200))
    expect(printableValue(200).every((byte) => byte >= 48 && byte < 112)).toBe(true)
  })
})

function plan(change: Partial<BatchPlan>): BatchPlan {
  const makers = [() => Buffer.from('a'), () => Buffer.from('b')]
  return { makers, cycle: [0], pipeline: 1, sizes: fixedSize(3), hasNumbers: true, ...change }
}

describe('batches', () => {
  test('a pipeline is one buffer, with digits drawn in place', () => {
    const makers = [() => encodeRequest(['SET', 'key:__rand_int__', '__rand_int__'])]
    const [batch] = createBatches(plan({ makers, pipeline: 2 }), new Random(1))
    const numbers = [0, 7, 123_456_789_012, 999_999]
    drawNumbers(batch!, { next: () => numbers.shift()! })
    expect(batch!.bytes.toString()).toBe(
      [
        '*3\r\n$3\r\nSET\r\n$16\r\nkey:000000000000\r\n$12\r\n000000000007\r\n',
        '*3\r\n$3\r\nSET\r\n$16\r\nkey:123456789012\r\n$12\r\n000000999999\r\n',
      ].join(''),
    )
  })

  test('without -r the placeholder stays', () => {
    const makers = [() => encodeRequest(['GET', 'key:__rand_int__'])]
    const [batch] = createBatches(plan({ makers, hasNumbers: false }), new Random(1))
    expect(batch!.numberOffsets).toHaveLength(0)
  })

  test('a mixture goes on from batch to batch until it begins anew', () => {
    const batches = createBatches(plan({ cycle: [0, 1, 1], pipeline: 2 }), new Random(1))
    expect(batches.map(({ bytes }) => bytes.toString())).toEqual(['ab', 'ba', 'bb'])
    expect(batches.map(({ kinds }) => [...kinds])).toEqual([
      [0, 1],
      [1, 0],
      [1, 1],
    ])
  })

  test('sizes are drawn for many requests', () => {
    const makers = [(bytes: number) => Buffer.alloc(bytes)]
    const sizes = parseSizeRange('1-9')!
    const batches = createBatches(plan({ makers, sizes, pipeline: 4 }), new Random(1))
    expect(batches).toHaveLength(128)
    expect(new Set(batches.map(({ bytes }) => bytes.length)).size).toBeGreaterThan(10)
  })
})

describe('tests by name', () => {
  test('come in the order of redis-benchmark, with what they need', () => {
    const titles = (names: string[]) => selectTests(names, false).map(({ title }) => title)
    expect(titles(['get', 'set', 'ping'])).toEqual(['PING_INLINE', 'PING_MBULK', 'SET', 'GET'])
    expect(titles(['lrange_300'])).toEqual([
      'LPUSH (needed to benchmark LRANGE)',
      'LRANGE_300 (first 300 elements)',
    ])
    expect(titles(['nothing'])).toEqual([])
    expect(selectTests(null, false)).toHaveLength(21)
  })

  test('can be mixed', () => {
    const test = mixedTest(['SET', 'get'], [1, 3], true)!
    expect(test.title).toBe('SET:GET 1:3')
    expect(test.cycle).toEqual([0, 1, 1, 1])
    expect(mixedTest(['set', 'nothing'], [1, 1], true)).toBeUndefined()
  })
})
