/**
 * Time in a process that is somebody else's. Unix time is that of the global `Date` at every call,
 * so that the fake timers of test frameworks, which replace it, hold the store's time as well. How
 * long things take, and when the disk is due, is measured by the real monotonic clock always: the
 * data must reach the disk whatever a test does to the time.
 *
 * A call of the store says `tick`, and the time is read only if the command asks for it: most do
 * not, and reading it costs as much as a fifth of a GET.
 */
import { performance } from 'node:perf_hooks'
import type { Clock } from '../platform/clock.ts'

/** The real one, whatever becomes of it later. */
const monotonicMs = performance.now.bind(performance)

export class HostClock implements Clock {
  private readMs = 0
  private isRead = false

  tick(): void {
    this.isRead = false
  }

  get nowMs(): number {
    if (!this.isRead) {
      this.isRead = true
      this.readMs = Date.now()
    }
    return this.readMs
  }

  get tickUs(): number {
    return monotonicMs() * 1000
  }

  unixMicroseconds(): number {
    return Date.now() * 1000
  }

  monotonicMicroseconds(): number {
    return monotonicMs() * 1000
  }
}
