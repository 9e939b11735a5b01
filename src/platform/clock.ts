/**
 * Time, as the engine sees it. Everything that asks for the time asks one `Clock`, so that a test
 * can hold it and a user can freeze it.
 *
 * The time is read once per turn of the event loop (`tick`) and kept in `nowMs`: all commands of
 * one pipeline see the same instant, as they do in Redis, and the hot path makes no system call.
 */
export interface Clock {
  /** Unix time in milliseconds, as of the last `tick`. */
  nowMs: number
  /** Reads the time anew. */
  tick(): void
  /** Unix time in microseconds, read at once (TIME). */
  unixMicroseconds(): number
  /** Microseconds of a clock that never jumps, read at once; for measuring how long things take. */
  monotonicMicroseconds(): number
}

/** The clock of the machine. */
export class SystemClock implements Clock {
  nowMs = Date.now()

  tick(): void {
    this.nowMs = Date.now()
  }

  unixMicroseconds(): number {
    return Math.floor((performance.timeOrigin + performance.now()) * 1000)
  }

  monotonicMicroseconds(): number {
    return Math.floor(performance.now() * 1000)
  }
}

/** A clock that stands still until it is told to move. */
export class ManualClock implements Clock {
  nowMs: number

  constructor(startMs = 1_700_000_000_000) {
    this.nowMs = startMs
  }

  advance(ms: number): void {
    this.nowMs += ms
  }

  tick(): void {}

  unixMicroseconds(): number {
    return this.nowMs * 1000
  }

  monotonicMicroseconds(): number {
    return this.nowMs * 1000
  }
}
