/**
 * Measures one operation of a session for a while: how many there were, and the latencies of every
 * sixteenth, as reading the clock takes as long as a quick operation does.
 *
 * After some thousand synchronous operations the event loop has its turn, as it has in a server:
 * stores that write behind write then, and that counts.
 */
import { Random } from '../../../platform/random.ts'
import { Histogram } from '../histogram.ts'
import type { Operation, Session } from './contender.ts'

const DIGITS = 3
const SAMPLE_EVERY = 16
const SAMPLES_A_TURN = 64
/** A power of two of keys drawn beforehand. */
const DRAWN_KEYS = 2 ** 16

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
  keyCount: number,
  durationMs: number,
  seed: number,
  now: Now = () => performance.now(),
): Promise<Measured> {
  const random = new Random(seed)
  const keys = Uint32Array.from({ length: DRAWN_KEYS }, () => random.below(keyCount))
  const histogram = new Histogram(DIGITS)
  const beganMs = now()
  const endMs = beganMs + durationMs
  const run = { operation, keys, histogram, endMs, now }
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
  keys: Uint32Array
  histogram: Histogram
  endMs: number
  now: Now
}

async function runSync({ operation, keys, histogram, endMs, now }: Run): Promise<number> {
  let done = 0
  let nowMs = now()
  while (nowMs < endMs) {
    for (let sample = 0; sample < SAMPLES_A_TURN; sample++) {
      for (let i = 1; i < SAMPLE_EVERY; i++) operation(keys[done++ & (DRAWN_KEYS - 1)]!)
      const key = keys[done++ & (DRAWN_KEYS - 1)]!
      const fromMs = now()
      operation(key)
      nowMs = now()
      histogram.record((nowMs - fromMs) * 1e6)
    }
    await new Promise((resolve) => setImmediate(resolve))
  }
  return done
}

/** One of several that wait for their operations side by side. */
async function runAsync({ operation, keys, histogram, endMs, now }: Run, lane: number) {
  let done = 0
  let nowMs = now()
  while (nowMs < endMs) {
    const key = keys[(done + lane * 997) & (DRAWN_KEYS - 1)]!
    const fromMs = nowMs
    await operation(key)
    done++
    nowMs = now()
    histogram.record((nowMs - fromMs) * 1e6)
    if ((done & 1023) === 0) await new Promise((resolve) => setImmediate(resolve))
  }
  return done
}
