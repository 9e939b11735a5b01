/**
 * The deadlines of waiting sessions: a binary heap with the earliest on top, and one timer for it.
 *
 * Waits that ended before their time are left where they are, and thrown out when they are more
 * than half of the heap, so that adding and ending cost O(log n) on average and the heap is never
 * much larger than the number of those who wait.
 */
import type { Clock } from '../platform/clock.ts'
import type { Wait } from './blocking.ts'

const MAX_TIMER_MS = 2 ** 31 - 1
/** A heap this small is not worth cleaning. */
const CLEANED_MIN = 64

export class Deadlines {
  private readonly clock: Clock
  private readonly onDue: () => void
  private heap: Wait[] = []
  /** How many in the heap have ended. */
  private endedCount = 0
  private timer: NodeJS.Timeout | null = null
  /** What the timer is set for. */
  private timerMs = Number.POSITIVE_INFINITY

  constructor(clock: Clock, onDue: () => void) {
    this.clock = clock
    this.onDue = onDue
  }

  private readonly onTimer = (): void => {
    this.timer = null
    this.timerMs = Number.POSITIVE_INFINITY
    this.onDue()
  }

  /** How many wait for a deadline. */
  get count(): number {
    return this.heap.length - this.endedCount
  }

  add(wait: Wait): void {
    this.heap.push(wait)
    this.rise(this.heap.length - 1)
    if (wait.deadlineMs < this.timerMs) this.setTimer()
  }

  /** Notes that a wait which had been added is over. */
  ended(): void {
    this.endedCount++
    if (this.heap.length < CLEANED_MIN || this.endedCount * 2 <= this.heap.length) return
    this.heap = this.heap.filter(({ isActive }) => isActive)
    this.endedCount = 0
    for (let i = (this.heap.length >> 1) - 1; i >= 0; i--) this.sink(i)
  }

  /** Takes a wait out whose time is over at `nowMs`; it may have ended before. */
  takeDue(nowMs: number): Wait | null {
    const top = this.heap[0]
    if (top === undefined || top.deadlineMs > nowMs) return null
    if (!top.isActive) this.endedCount--
    const last = this.heap.pop()!
    if (this.heap.length > 0) {
      this.heap[0] = last
      this.sink(0)
    }
    // The caller ends it now, which counts one that is in the heap no more.
    if (top.isActive) this.endedCount--
    return top
  }

  /** Sets the timer for the earliest deadline; it keeps no process alive. */
  setTimer(): void {
    const deadlineMs = this.heap[0]?.deadlineMs ?? Number.POSITIVE_INFINITY
    if (deadlineMs === this.timerMs) return
    if (this.timer !== null) clearTimeout(this.timer)
    this.timer = null
    this.timerMs = deadlineMs
    if (deadlineMs === Number.POSITIVE_INFINITY) return
    const waitMs = Math.min(Math.max(0, deadlineMs - this.clock.nowMs), MAX_TIMER_MS)
    this.timer = setTimeout(this.onTimer, waitMs)
    this.timer.unref()
  }

  private rise(from: number): void {
    const { heap } = this
    const wait = heap[from]!
    let index = from
    while (index > 0) {
      const parent = (index - 1) >> 1
      if (heap[parent]!.deadlineMs <= wait.deadlineMs) break
      heap[index] = heap[parent]!
      index = parent
    }
    heap[index] = wait
  }

  private sink(from: number): void {
    const { heap } = this
    const { length } = heap
    const wait = heap[from]!
    let index = from
    for (;;) {
      let child = index * 2 + 1
      if (child >= length) break
      if (child + 1 < length && heap[child + 1]!.deadlineMs < heap[child]!.deadlineMs) child++
      if (heap[child]!.deadlineMs >= wait.deadlineMs) break
      heap[index] = heap[child]!
      index = child
    }
    heap[index] = wait
  }
}
