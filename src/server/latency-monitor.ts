/**
 * What took long: for each kind of event (`command`, `eviction-cycle` …) the last 160 times that it
 * took at least `latency-monitor-threshold` milliseconds. LATENCY shows them.
 *
 * As in Redis there is one sample a second for each event, the longest of that second, so that 160
 * of them reach back a while however often something is slow.
 */
import type { Clock } from '../platform/clock.ts'

/** Samples kept of each event. */
const SAMPLES_MAX = 160

export interface LatencySample {
  readonly unixSeconds: number
  latencyMs: number
}

export class LatencyEvent {
  /** In the order of time. */
  readonly samples: LatencySample[] = []
  /** The longest ever, in ms, also when its sample is gone. */
  worstMs = 0

  get latest(): LatencySample {
    return this.samples.at(-1)!
  }

  add(unixSeconds: number, latencyMs: number): void {
    this.worstMs = Math.max(this.worstMs, latencyMs)
    const last = this.samples.at(-1)
    if (last?.unixSeconds === unixSeconds) {
      last.latencyMs = Math.max(last.latencyMs, latencyMs)
      return
    }
    if (this.samples.length === SAMPLES_MAX) this.samples.shift()
    this.samples.push({ unixSeconds, latencyMs })
  }
}

export class LatencyMonitor {
  /** From so many milliseconds on an event is noted; 0 if none ever is. */
  thresholdMs = 0
  readonly events = new Map<string, LatencyEvent>()
  private readonly clock: Clock

  constructor(clock: Clock) {
    this.clock = clock
  }

  get isOn(): boolean {
    return this.thresholdMs > 0
  }

  /** Notes how long something took, if that was long. */
  note(name: string, microseconds: number): void {
    const latencyMs = Math.floor(microseconds / 1000)
    if (!this.isOn || latencyMs < this.thresholdMs) return
    let event = this.events.get(name)
    if (event === undefined) {
      event = new LatencyEvent()
      this.events.set(name, event)
    }
    event.add(Math.floor(this.clock.nowMs / 1000), latencyMs)
  }

  /** Monotonic time to measure from; 0 while nothing is noted, to spare reading the clock. */
  start(): number {
    return this.isOn ? this.clock.monotonicMicroseconds() : 0
  }

  /** Notes an event that goes on since `startUs`, which `start` has given. */
  end(name: string, startUs: number): void {
    if (startUs === 0 || !this.isOn) return
    this.note(name, this.clock.monotonicMicroseconds() - startUs)
  }

  /** Forgets one event, its name in any case, or all. @returns how many there were */
  reset(name?: string): number {
    let count = 0
    for (const each of [...this.events.keys()]) {
      if (name !== undefined && each !== name.toLowerCase()) continue
      this.events.delete(each)
      count++
    }
    return count
  }
}
