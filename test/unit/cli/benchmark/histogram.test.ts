import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Histogram, MAX_LATENCY_US } from '../../../../src/cli/benchmark/histogram.ts'

function histogramOf(values: readonly number[], digits = 3): Histogram {
  const histogram = new Histogram(digits)
  for (const value of values) histogram.record(value)
  return histogram
}

describe('the latency histogram', () => {
  test('keeps small values exactly', () => {
    const histogram = histogramOf([1, 2, 3, 4, 100])
    expect(histogram.total).toBe(5)
    expect([histogram.minUs, histogram.maxUs, histogram.meanUs]).toEqual([1, 100, 22])
    expect([50, 80, 100].map((percent) => histogram.percentileUs(percent))).toEqual([3, 4, 100])
  })

  test('keeps the digits that it was asked for', () => {
    for (const digits of [1, 2, 3, 4]) {
      fc.assert(
        fc.property(fc.integer({ min: 1, max: MAX_LATENCY_US }), (value) => {
          const { minUs, maxUs } = histogramOf([value], digits)
          expect(minUs).toBeLessThanOrEqual(value)
          expect(maxUs).toBeGreaterThanOrEqual(value)
          expect((maxUs - minUs) / value).toBeLessThanOrEqual(10 ** -digits)
        }),
        { seed: 1 },
      )
    }
  })

  test('takes values beyond its limits as the limits', () => {
    const histogram = histogramOf([0, -5, 0.4, 1e12])
    expect(histogram.minUs).toBe(1)
    expect(histogram.maxUs).toBe(MAX_LATENCY_US)
  })

  test('agrees with sorted values on percentiles', () => {
    const values = fc.array(fc.integer({ min: 1, max: 5_000_000 }), { minLength: 1 })
    fc.assert(
      fc.property(values, fc.integer({ min: 1, max: 100 }), (list, percent) => {
        const sorted = list.toSorted((a, b) => a - b)
        const rank = Math.max(1, Math.floor((percent / 100) * list.length + 0.5))
        const exact = sorted[rank - 1]!
        const found = histogramOf(list).percentileUs(percent)
        expect(found).toBeGreaterThanOrEqual(exact)
        expect(found).toBeLessThanOrEqual(exact * 1.001 + 1)
      }),
      { seed: 2 },
    )
  })

  test('adds up what threads have counted', () => {
    const whole = histogramOf([5, 10])
    whole.add(histogramOf([10, 1_000_000]))
    expect(whole.total).toBe(4)
    expect(whole.percentileUs(50)).toBe(10)
    whole.reset()
    expect([whole.total, whole.minUs, whole.maxUs, whole.meanUs]).toEqual([0, 0, 0, 0])
  })

  test('walks by percentile, halving what remains', () => {
    const lines = [...histogramOf(Array.from({ length: 16 }, (_, i) => i + 1)).byPercentile()]
    expect(lines.map(({ percentile }) => percentile)).toEqual([0, 50, 75, 87.5, 93.75, 96.875, 100])
    expect(lines.map(({ count }) => count)).toEqual([1, 8, 12, 14, 15, 16, 16])
    expect([...new Histogram(3).byPercentile()]).toEqual([])
  })

  test('walks by latency in steps of 0.1 ms and then of 1 ms', () => {
    const lines = [...histogramOf([50, 150, 1950, 4000]).byLatency()]
    expect(lines.slice(0, 2).map(({ count }) => count)).toEqual([1, 2])
    expect(lines[19]).toMatchObject({ valueUs: 2000, count: 3 })
    expect(lines.at(-1)).toMatchObject({ count: 4, percentile: 100 })
    expect(lines).toHaveLength(23)
  })
})
