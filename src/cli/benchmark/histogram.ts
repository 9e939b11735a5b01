/**
 * A histogram of latencies with a fixed relative error, after Gil Tene's HdrHistogram.
 *
 * Values are whole microseconds from 1 to 2^32 - 1 (71 minutes). Bucket 0 counts each value below
 * `2 * half` on its own; every further bucket doubles the width of its `half` counters, so that a
 * value keeps its first `digits` decimal digits however large it is, and recording is two shifts
 * and an addition. The counters may lie in shared memory: a thread records, another one reads.
 *
 * The two walks give the lines that redis-benchmark prints: by percentile, each step halving what
 * remains, and by latency in even steps.
 */

export const MAX_LATENCY_US = 2 ** 32 - 1
const VALUE_BITS = 32

/** A line of a walk: so many percent of all values, `count` of them, are at most `valueUs`. */
export interface HistogramLine {
  percentile: number
  valueUs: number
  count: number
}

export class Histogram {
  readonly counts: Float64Array
  private readonly halfBits: number
  private readonly half: number
  private readonly mask: number

  /**
   * @param digits decimal digits that a value keeps, from 1 to 4
   * @param counts `Histogram.bytes(digits)` long, all zero or a histogram's of before
   */
  constructor(digits: number, counts?: Float64Array) {
    this.halfBits = halfBitsOf(digits)
    this.half = 2 ** this.halfBits
    this.mask = 2 * this.half - 1
    this.counts = counts ?? new Float64Array(Histogram.bytes(digits) / 8)
  }

  /** The memory that the counters need. */
  static bytes(digits: number): number {
    const halfBits = halfBitsOf(digits)
    return (VALUE_BITS - halfBits + 1) * 2 ** halfBits * 8
  }

  /** Counts a value, `times` times over; values beyond the limits count as the limit. */
  record(valueUs: number, times = 1): void {
    const value = valueUs >= MAX_LATENCY_US ? MAX_LATENCY_US : valueUs < 1 ? 1 : valueUs >>> 0
    this.counts[this.indexOf(value)]! += times
  }

  private indexOf(value: number): number {
    const bucket = VALUE_BITS - Math.clz32(value | this.mask) - (this.halfBits + 1)
    return (bucket << this.halfBits) + (value >>> bucket)
  }

  /** The smallest value that is counted in the counter of this index. */
  private lowest(index: number): number {
    const bucket = Math.max(0, (index >> this.halfBits) - 1)
    return (index - bucket * this.half) * 2 ** bucket
  }

  /** The largest value that is counted in the counter of this index. */
  private highest(index: number): number {
    const bucket = Math.max(0, (index >> this.halfBits) - 1)
    return this.lowest(index) + 2 ** bucket - 1
  }

  reset(): void {
    this.counts.fill(0)
  }

  add(other: Histogram): void {
    const { counts } = this
    for (let i = 0; i < counts.length; i++) counts[i]! += other.counts[i]!
  }

  get total(): number {
    let total = 0
    for (const count of this.counts) total += count
    return total
  }

  get minUs(): number {
    const index = this.counts.findIndex((count) => count > 0)
    return index < 0 ? 0 : this.lowest(index)
  }

  get maxUs(): number {
    const index = this.counts.findLastIndex((count) => count > 0)
    return index < 0 ? 0 : this.highest(index)
  }

  /** The mean, each value taken as the middle of its counter; 0 of nothing. */
  get meanUs(): number {
    let total = 0
    let sum = 0
    this.counts.forEach((count, index) => {
      if (count === 0) return
      total += count
      sum += (count * (this.lowest(index) + this.highest(index))) / 2
    })
    return total === 0 ? 0 : sum / total
  }

  /** The value that so many percent of all values do not exceed; 0 of nothing. */
  percentileUs(percentile: number): number {
    const wanted = Math.max(1, Math.floor((percentile / 100) * this.total + 0.5))
    let seen = 0
    for (let index = 0; index < this.counts.length; index++) {
      seen += this.counts[index]!
      if (seen >= wanted) return this.highest(index)
    }
    return 0
  }

  /** From the smallest value on, a line whenever half of what remained has been passed. */
  *byPercentile(): Generator<HistogramLine> {
    const { total } = this
    let count = 0
    let percentile = 0
    for (let index = 0; index < this.counts.length && count < total; index++) {
      if (this.counts[index] === 0) continue
      count += this.counts[index]!
      const valueUs = this.highest(index)
      while (percentile <= (100 * count) / total) {
        yield { percentile, valueUs, count }
        percentile += 100 / 2 ** (Math.floor(Math.log2(100 / (100 - percentile))) + 1)
        // At the largest value one line of the kind is enough: the next is that of 100 %.
        if (count >= total) break
      }
    }
    if (total > 0) yield { percentile: 100, valueUs: this.maxUs, count: total }
  }

  /** A line for each step of latency; the step is 0.1 ms up to 2 ms, and 1 ms from there. */
  *byLatency(): Generator<HistogramLine> {
    const { total, maxUs } = this
    let count = 0
    let next = 0
    let levelUs = 100
    while (total > 0 && count < total) {
      const last = this.indexOf(Math.min(levelUs, maxUs))
      for (; next <= last; next++) count += this.counts[next]!
      const valueUs = this.highest(this.indexOf(Math.min(levelUs, MAX_LATENCY_US)))
      yield { percentile: (100 * count) / total, valueUs, count }
      levelUs += valueUs > 2000 ? 1000 : 100
    }
  }
}

function halfBitsOf(digits: number): number {
  return Math.ceil(Math.log2(2 * 10 ** digits)) - 1
}
