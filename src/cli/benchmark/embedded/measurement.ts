/**
 * Measures one operation of a session for a while: how many there were, and the latencies of every
 * sixteenth, as reading the clock takes as long as a quick operation does.
 *
 * After some thousand synchronous operations the event loop has its turn, as it has in a server:
 * stores that write behind write then, and that counts.
 */
import { Histogram } from '../histogram.ts'
import { DRAWS, type Operation, type Session } from './contender.ts'

const DIGITS = 3
const SAMPLE_EVERY = 16
const SAMPLES_A_TURN = 64
/** What goes on side by side begins so far apart. */
const LANE_DRAWS = 997

export interface Measured {
  operations: number
  elapsedMs: number
  /** Counters of a Histogram of nanoseconds. */
  counts: Float64Array
}

/** Where the time is read, in ms; a test has its own. */
export type Now = () => number

export async function measure(
  session: Session,
  operation: Operation,
  durationMs: number,
  now: Now = () => performance.now(),
): Promise<Measured> {
  const histogram = new Histogram(DIGITS)
  const beganMs = now()
  const endMs = beganMs + durationMs
  const run = { operation, histogram, endMs, now }
  const counts = session.isAsync
    ? await Promise.all(Array.from({ length: session.concurrency }, (_, i) => runAsync(run, i)))
    : [await runSync(run)]
  await session.settle?.()
  return {
    operations: counts.reduce((sum, count) => sum + count, 0),
    elapsedMs: now() - beganMs,
    counts: histogram.counts,
  }
}

interface Run {
  operation: Operation
  histogram: Histogram
  endMs: number
  now: Now
}

async function runSync({ operation, histogram, endMs, now }: Run): Promise<number> {
  let done = 0
  let nowMs = now()
  while (nowMs < endMs) {
    for (let sample = 0; sample < SAMPLES_A_TURN; sample++) {
      for (let i = 1; i < SAMPLE_EVERY; i++) operation(done++ & (DRAWS - 1))
      const fromMs = now()
      operation(done++ & (DRAWS - 1))
      nowMs = now()
      histogram.record((nowMs - fromMs) * 1e6)
    }
    await new Promise((resolve) => setImmediate(resolve))
  }
  return done
}

/** One of several that wait for their operations side by side. */
async function runAsync({ operation, histogram, endMs, now }: Run, lane: number) {
  let done = 0
  let nowMs = now()
  while (nowMs < endMs) {
    const fromMs = nowMs
    await operation((done + lane * LANE_DRAWS) & (DRAWS - 1))
    done++
    nowMs = now()
    histogram.record((nowMs - fromMs) * 1e6)
    if ((done & 1023) === 0) await new Promise((resolve) => setImmediate(resolve))
  }
  return done
}
