/**
 * A whole run: threads are started, connect, begin together, and what they counted is put
 * together. It ends after a number of requests, or after a time with a warm-up before it.
 */
import type { Batch } from './batches.ts'
import { Histogram } from './histogram.ts'
import type { Distribution } from './key-sampler.ts'
import { LoadThread, type ThreadEvents, type ThreadSpec } from './load-thread.ts'
import { LoadWorker } from './load-worker.ts'
import { Tally } from './tally.ts'
import type { Target } from './target.ts'

/** After so many requests, or after so much time. */
export type RunLength = { requests: number } | { warmupMs: number; durationMs: number }

export interface LoadSpec {
  readonly target: Target
  readonly clients: number
  /** Worker threads; 0 for none besides the main thread. */
  readonly threads: number
  readonly batches: readonly Batch[]
  readonly kinds: number
  readonly distribution: Distribution
  readonly keyCount: number
  readonly seed: number
  readonly keepAlive: boolean
  readonly rate: number
  readonly digits: number
  readonly length: RunLength
}

export interface LoadProgress {
  readonly elapsedMs: number
  readonly answered: number
  readonly latencySumUs: number
}

export interface LoadResult {
  readonly answered: number
  readonly elapsedMs: number
  /** Latencies of each command of the mixture. */
  readonly histograms: readonly Histogram[]
  /** The part of a core that each load thread used, from 0 to 1. */
  readonly cpuFraction: number
  /** With a rate: the part of the batches that the benchmark itself sent late. */
  readonly lateFraction: number
}

/** An error that ends the benchmark with its text and status 1. */
export class LoadError extends Error {}

const PROGRESS_MS = 250

/** Runs the load. Rejects with a LoadError when a server refuses or a request fails. */
export async function runLoad(
  spec: LoadSpec,
  onProgress?: (progress: LoadProgress) => void,
): Promise<LoadResult> {
  const run = new LoadRun(spec)
  try {
    await run.connected
    return await run.measure(onProgress)
  } finally {
    run.close()
  }
}

class LoadRun {
  readonly connected: Promise<void>
  private readonly spec: LoadSpec
  private readonly threads: (LoadThread | LoadWorker)[] = []
  private readonly tallies: Tally[] = []
  private readonly done: Promise<void>

  constructor(spec: LoadSpec) {
    this.spec = spec
    const count = Math.max(1, Math.min(spec.threads, spec.clients))
    const ready = gathering(count)
    const done = gathering(count)
    this.connected = ready.promise
    this.done = done.promise
    // A failure shows where it is waited for; the other promise may have nobody.
    this.done.catch(() => {})
    const events: ThreadEvents = {
      onReady: ready.arrive,
      onDone: done.arrive,
      onError: (text) => {
        ready.fail(new LoadError(text))
        done.fail(new LoadError(text))
      },
    }
    const claimed = new SharedArrayBuffer(4)
    for (let i = 0; i < count; i++) this.startThread(i, count, claimed, events)
  }

  private startThread(
    index: number,
    count: number,
    claimed: SharedArrayBuffer,
    events: ThreadEvents,
  ): void {
    const { spec } = this
    const tally = new Tally(spec.kinds, spec.digits)
    const { length } = spec
    const thread: ThreadSpec = {
      target: spec.target,
      clients: Math.floor(spec.clients / count) + (index < spec.clients % count ? 1 : 0),
      batches: spec.batches,
      distribution: spec.distribution,
      keyCount: spec.keyCount,
      seed: spec.seed + index,
      keepAlive: spec.keepAlive,
      rate: spec.rate / count,
      kinds: spec.kinds,
      digits: spec.digits,
      tallyMemory: tally.memory,
      claimed,
      maxBatches:
        'requests' in length
          ? Math.ceil(length.requests / spec.batches[0]!.requests)
          : Number.POSITIVE_INFINITY,
    }
    this.tallies.push(tally)
    const isWorker = spec.threads > 0
    this.threads.push(isWorker ? new LoadWorker(thread, events) : new LoadThread(thread, events))
  }

  async measure(onProgress?: (progress: LoadProgress) => void): Promise<LoadResult> {
    const { length } = this.spec
    let beganMs = performance.now()
    let cpu = process.cpuUsage()
    for (const thread of this.threads) thread.start()
    if ('warmupMs' in length) {
      await Promise.race([this.done, wait(length.warmupMs)])
      for (const tally of this.tallies) tally.reset()
      beganMs = performance.now()
      cpu = process.cpuUsage()
    }
    const timer = setInterval(() => onProgress?.(this.progress(beganMs)), PROGRESS_MS)
    try {
      if ('durationMs' in length) {
        await Promise.race([this.done, wait(length.durationMs)])
        return this.result(beganMs, cpu)
      }
      await this.done
      return this.result(beganMs, cpu)
    } finally {
      clearInterval(timer)
    }
  }

  private progress(beganMs: number): LoadProgress {
    return {
      elapsedMs: performance.now() - beganMs,
      answered: sum(this.tallies.map((tally) => tally.answered)),
      latencySumUs: sum(this.tallies.map((tally) => tally.latencySumUs)),
    }
  }

  private result(beganMs: number, cpuBefore: NodeJS.CpuUsage): LoadResult {
    const { elapsedMs, answered } = this.progress(beganMs)
    const cpu = process.cpuUsage(cpuBefore)
    const histograms = Array.from({ length: this.spec.kinds }, (_, kind) => {
      const whole = new Histogram(this.spec.digits)
      for (const tally of this.tallies) whole.add(tally.histograms[kind]!)
      return whole
    })
    return {
      answered,
      elapsedMs,
      histograms,
      cpuFraction: (cpu.user + cpu.system) / 1000 / elapsedMs / this.threads.length,
      lateFraction: Math.max(...this.tallies.map((tally) => tally.lateFraction)),
    }
  }

  close(): void {
    for (const thread of this.threads) thread.close()
  }
}

/** A promise that is kept when `arrive` has been called so many times. */
function gathering(count: number) {
  const { promise, resolve, reject } = withResolvers()
  let missing = count
  const arrive = (): void => {
    missing--
    if (missing === 0) resolve()
  }
  return { promise, arrive, fail: reject }
}

/** As `Promise.withResolvers`, which Node has from 22 on. */
function withResolvers() {
  let resolve: () => void = () => {}
  let reject: (error: Error) => void = () => {}
  const promise = new Promise<void>((keep, refuse) => {
    resolve = keep
    reject = refuse
  })
  return { promise, resolve, reject }
}

function wait(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}
