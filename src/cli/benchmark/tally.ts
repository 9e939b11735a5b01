/**
 * What the threads of a run have counted, in memory that all of them see: each thread writes its
 * own tally, the main thread reads them all for the progress and the result.
 *
 * Layout, in 64-bit floating point numbers: [0] requests answered, [1] their latencies' sum in µs,
 * [2] batches sent on a timetable, [3] those of them held up by the benchmark itself; then one
 * histogram for each command of the mixture.
 */
import { Histogram } from './histogram.ts'

const HEAD_NUMBERS = 4
const ANSWERED = 0
const LATENCY_SUM = 1
const SENT = 2
const LATE = 3

export class Tally {
  readonly memory: SharedArrayBuffer
  readonly histograms: readonly Histogram[]
  private readonly head: Float64Array

  /** @param memory of a tally of the same shape, or of a new one */
  constructor(kinds: number, digits: number, memory?: SharedArrayBuffer) {
    const headBytes = HEAD_NUMBERS * 8
    const histogramBytes = Histogram.bytes(digits)
    this.memory = memory ?? new SharedArrayBuffer(headBytes + kinds * histogramBytes)
    this.head = new Float64Array(this.memory, 0, HEAD_NUMBERS)
    this.histograms = Array.from({ length: kinds }, (_, kind) => {
      const start = headBytes + kind * histogramBytes
      return new Histogram(digits, new Float64Array(this.memory, start, histogramBytes / 8))
    })
  }

  record(kind: number, latencyUs: number, times: number): void {
    this.histograms[kind]!.record(latencyUs, times)
    this.head[ANSWERED]! += times
    this.head[LATENCY_SUM]! += latencyUs * times
  }

  recordSend(isLate: boolean): void {
    this.head[SENT]!++
    if (isLate) this.head[LATE]!++
  }

  /** Begins anew, as after the warm-up. */
  reset(): void {
    this.head.fill(0)
    for (const histogram of this.histograms) histogram.reset()
  }

  get answered(): number {
    return this.head[ANSWERED]!
  }

  get latencySumUs(): number {
    return this.head[LATENCY_SUM]!
  }

  /** The part of the batches on a timetable that the benchmark itself held up; 0 without one. */
  get lateFraction(): number {
    return this.head[SENT] === 0 ? 0 : this.head[LATE]! / this.head[SENT]!
  }
}
