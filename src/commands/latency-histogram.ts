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

  /** Microseconds that so many percent of the calls, from 0 to 100, did not exceed. */
  percentile(percent: number): number {
    const wanted = Math.max(1, Math.floor((percent / 100) * this.total + 0.5))
    let sum = 0
    for (let bucket = 0; bucket < BUCKETS; bucket++) {
      sum += this.counts[bucket]!
      if (sum >= wanted) return longestOf(bucket) / 1000
    }
    return 0
  }
}

function bucketOf(nanoseconds: number): number {
  const shift = Math.max(0, 24 - Math.clz32(nanoseconds))
  return (shift << 7) + (nanoseconds >>> shift)
}

/** The longest time, in nanoseconds, that the bucket counts. */
function longestOf(bucket: number): number {
  const shift = Math.max(0, (bucket >>> 7) - 1)
  return ((bucket - (shift << 7) + 1) << shift) - 1
}
