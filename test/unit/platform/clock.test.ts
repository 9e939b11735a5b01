/** The machine's clock, under clocks of the test's own. */
import { performance } from 'node:perf_hooks'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { SystemClock } from '../../../src/platform/clock.ts'

/** Unix time and the monotonic clock, in microseconds; the first is only seen in milliseconds. */
let unixUs = 0
let monotonicUs = 0

beforeEach(() => {
  unixUs = 1_700_000_000_000_000
  monotonicUs = 5_000_000
  vi.spyOn(Date, 'now').mockImplementation(() => Math.floor(unixUs / 1000))
  vi.spyOn(performance, 'now').mockImplementation(() => monotonicUs / 1000)
})

afterEach(() => {
  vi.restoreAllMocks()
})

function advance(us: number): void {
  unixUs += us
  monotonicUs += us
}

describe('Unix time in microseconds', () => {
  test('goes on between milliseconds, and never back', () => {
    const clock = new SystemClock()
    let before = clock.unixMicroseconds()
    const seen = new Set<number>()
    for (let i = 0; i < 5000; i++) {
      advance(7)
      const now = clock.unixMicroseconds()
      expect(now).toBeGreaterThanOrEqual(before)
      expect(Math.floor(now / 1000)).toBe(Date.now())
      seen.add(now)
      before = now
    }
    expect(seen.size).toBeGreaterThan(4500)
    expect(Math.abs(clock.unixMicroseconds() - unixUs)).toBeLessThan(20)
  })

  test('follows a clock that is set, forward and back', () => {
    const clock = new SystemClock()
    clock.unixMicroseconds()
    for (const stepUs of [3_600_000_000, -7_200_000_000, 1500, -1500]) {
      unixUs += stepUs
      expect(Math.floor(clock.unixMicroseconds() / 1000)).toBe(Date.now())
      advance(250)
      const first = clock.unixMicroseconds()
      advance(250)
      expect(clock.unixMicroseconds()).toBeGreaterThan(first)
    }
  })
})

test('what ticks is not behind the milliseconds that the machine says', () => {
  const clock = new SystemClock()
  const seen = new Set<number>()
  for (let i = 0; i < 50_000; i++) {
    clock.tick()
    seen.add(clock.nowMs - Date.now())
    if (i === 20_000) seen.clear()
    advance(97)
  }
  // Where the clock was within its millisecond is known by then, to that of two readings.
  expect(seen.has(-1)).toBe(false)
  expect([...seen].every((ms) => ms <= 1)).toBe(true)
})

test('what ticks follows a clock that is set within a twentieth of a second', () => {
  const clock = new SystemClock()
  unixUs += 3_600_000_000
  advance(50_001)
  clock.tick()
  expect(clock.nowMs).toBe(Date.now())
})
