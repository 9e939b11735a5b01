/**
 * How long calls of one command took: a histogram whose buckets grow with the time, after
 * HdrHistogram (Gil Tene), with the bounds that Redis 7.2 gives it: from a nanosecond to a second,
 * to two decimal digits. Recording is a few integer operations and one addition.
 *
 * Times below 256 ns have a bucket each. Above, each doubling of the time has 128 buckets, so that
 * a bucket is never wider than 1/128 of what is in it. Longer times count as one second.
 *
 *   time in ns         shift   buckets
 *   0 … 255            0       0 … 255
 *   256 … 511          1       256 … 383
 *   512 … 1023         2       384 … 511
 *   2^(7+s) … -1       s       128·(s+1) … 128·(s+2) - 1
 */
const LONGEST_NS = 1_000_000_000
const BUCKETS = bucketOf(LONGEST_NS) + 1

export class LatencyHistogram {
  private readonly counts = new Float64Array(BUCKETS)
  private total = 0

  /** Counts `calls` calls of `microseconds` each. */
  record(microseconds: number, calls: number): void {
    const nanoseconds = Math.min(microseconds * 1000, LONGEST_NS) | 0
    this.counts[bucketOf(nanoseconds)] += calls
    this.total += calls
  }

  /**
   * Microseconds that so many percent of the calls, from 0 to 100, did not exceed; for 0 the least
   * that the quickest may have taken.
   */
  percentile(percent: number): number {
    const wanted = Math.max(1, Math.floor((percent / 100) * this.total + 0.5))
    let sum = 0
    for (let bucket = 0; bucket < BUCKETS; bucket++) {
      sum += this.counts[bucket]!
      if (sum >= wanted) return (percent === 0 ? shortestOf(bucket) : longestOf(bucket)) / 1000
    }
    return 0
  }

  /** Number of calls counted. */
  get calls(): number {
    return this.total
  }

  /**
   * How many calls took up to about 1, 2, 4, 8, 16, 33 … microseconds, where that is more than at
   * the step before: what LATENCY HISTOGRAM answers, with Redis's odd bounds, which are the last
   * nanosecond of the bucket that each power of two begins.
   */
  distribution(): [microseconds: number, calls: number][] {
    const steps: [number, number][] = []
    let sum = 0
    let shown = 0
    let bucket = 0
    for (let level = FIRST_LEVEL; level <= LAST_LEVEL; level++) {
      const last = bucketOf(2 ** level)
      while (bucket <= last) sum += this.counts[bucket++]!
      if (sum > shown) steps.push([Math.floor(longestOf(last) / 1000), sum])
      shown = sum
    }
    if (this.total > shown) steps.push([LONGEST_SHOWN_US, this.total])
    return steps
  }
}

/** Powers of two, in ns, up to which `distribution` counts. */
const FIRST_LEVEL = 10
const LAST_LEVEL = 29
/** The longest time, in µs, that shares the end of the last doubling with a second. */
const LONGEST_SHOWN_US = 1_073_741

function bucketOf(nanoseconds: number): number {
  const shift = Math.max(0, 24 - Math.clz32(nanoseconds))
  return (shift << 7) + (nanoseconds >>> shift)
}

/** The longest time, in nanoseconds, that the bucket counts. */
function longestOf(bucket: number): number {
  const shift = Math.max(0, (bucket >>> 7) - 1)
  return ((bucket - (shift << 7) + 1) << shift) - 1
}

function shortestOf(bucket: number): number {
  return bucket === 0 ? 0 : longestOf(bucket - 1) + 1
}
