/**
 * A clock that stands until it is moved: what a store opened with it does about time follows its
 * `advance`, whatever the time is.
 */
import { performance } from 'node:perf_hooks'
import type { Clock } from '../platform/clock.ts'

const monotonicMs = performance.now.bind(performance)

export class HeldClock implements Clock {
  nowMs: number
  private readonly followers = new Set<() => void>()

  constructor(startMs: number) {
    this.nowMs = startMs
  }

  /**
   * Moves the time. When it returns, keys whose time has come are gone, with their events, and
   * those who waited longer than they wanted are told so.
   */
  advance(ms: number): void {
    if (!(ms >= 0 && Number.isFinite(ms)))
      throw new RangeError(`time goes forward, not by ${ms} ms`)
    this.nowMs += Math.round(ms)
    for (const follow of this.followers) follow()
  }

  /** Has `follow` called whenever the time has moved. @returns what ends that */
  onAdvance(follow: () => void): () => void {
    this.followers.add(follow)
    return () => this.followers.delete(follow)
  }

  tick(): void {}

  /** How long things take is measured by the real clock, and so is when the disk is due. */
  get tickUs(): number {
    return monotonicMs() * 1000
  }

  unixMicroseconds(): number {
    return this.nowMs * 1000
  }

  monotonicMicroseconds(): number {
    return monotonicMs() * 1000
  }
}

/** A clock for `open`, which stands until it is moved by `advance`. */
export function manualClock(startMs: number | Date = Date.now()): HeldClock {
  const ms = Number(startMs)
  if (!Number.isFinite(ms)) throw new RangeError('a clock begins at a time')
  return new HeldClock(ms)
}
