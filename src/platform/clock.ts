/**
 * Time, as the engine sees it. Everything that asks for the time asks one `Clock`, so that a test
 * can hold it and a user can freeze it.
 *
 * The time is read once per turn of the event loop (`tick`) and kept in `nowMs`: all commands of
 * one pipeline see the same instant, as they do in Redis, and the hot path makes no system call.
 */
import { performance } from 'node:perf_hooks'

export interface Clock {
  /** Unix time in milliseconds, as of the last `tick`. */
  nowMs: number
  /** Microseconds of the clock that never jumps, as of the last `tick`. */
  tickUs: number
  /** Reads the time anew. */
  tick(): void
  /** Unix time in microseconds, read at once (TIME). */
  unixMicroseconds(): number
  /** Microseconds of a clock that never jumps, read at once; for measuring how long things take. */
  monotonicMicroseconds(): number
}

/** How often the machine's idea of the time is asked for, in microseconds. */
const RESYNC_US = 50_000

/**
 * The clock of the machine. Reading two clocks costs twice what reading one does, so Unix time is
 * carried on by the monotonic clock for a twentieth of a second at a time: so much later, at the
 * most, a clock that was set is noticed.
 *
 * The machine's clock says which millisecond it is, however it was set; where within it, the
 * monotonic clock does, whose distance is corrected whenever the two contradict each other. Without
 * that, `nowMs` would be up to a millisecond behind what a client on the same machine reads.
 */
export class SystemClock implements Clock {
  nowMs = Date.now()
  tickUs = performance.now() * 1000
  private syncedUs = this.tickUs - RESYNC_US - 1
  /** Unix time of the monotonic clock's zero, in microseconds, as far as it is known. */
  private originUs = performance.timeOrigin * 1000

  constructor() {
    this.tick()
  }

  tick(): void {
    const nowUs = performance.now() * 1000
    this.tickUs = nowUs
    if (nowUs - this.syncedUs > RESYNC_US) {
      this.syncedUs = nowUs
      this.unixMicrosecondsAt(nowUs)
    }
    this.nowMs = Math.floor((this.originUs + nowUs) / 1000)
  }

  unixMicroseconds(): number {
    return this.unixMicrosecondsAt(this.monotonicMicroseconds())
  }

  private unixMicrosecondsAt(monotonicUs: number): number {
    const earliestUs = Date.now() * 1000
    const expectedUs = Math.floor(this.originUs + monotonicUs)
    const nowUs = Math.min(Math.max(expectedUs, earliestUs), earliestUs + 999)
    if (nowUs !== expectedUs) this.originUs = nowUs - monotonicUs
    return nowUs
  }

  monotonicMicroseconds(): number {
    return performance.now() * 1000
  }
}

/** A clock that stands still until it is told to move. */
export class ManualClock implements Clock {
  nowMs: number
  tickUs: number

  constructor(startMs = 1_700_000_000_000) {
    this.nowMs = startMs
    this.tickUs = startMs * 1000
  }

  advance(ms: number): void {
    this.nowMs += ms
    this.tickUs = this.nowMs * 1000
  }

  tick(): void {}

  unixMicroseconds(): number {
    return this.nowMs * 1000
  }

  monotonicMicroseconds(): number {
    return this.nowMs * 1000
  }
}

/** Holds up the whole thread, for tests of what others see meanwhile. */
export function sleepMs(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms)
}
