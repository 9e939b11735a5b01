/**
 * One thread's part of a run: its clients, their sockets and the timetable. It runs in the main
 * thread, or in a worker (load-worker.ts), which then gets the description below as a message.
 */
import { Random } from '../../platform/random.ts'
import type { Batch } from './batches.ts'
import { createSampler, type Distribution } from './key-sampler.ts'
import { Client, LoadDriver } from './load-driver.ts'
import { Pacer } from './pacer.ts'
import { SocketLink } from './socket-link.ts'
import { Tally } from './tally.ts'
import { openingRequests, type Target } from './target.ts'

export interface ThreadSpec {
  readonly target: Target
  readonly clients: number
  readonly batches: readonly Batch[]
  readonly distribution: Distribution
  readonly keyCount: number
  readonly seed: number
  readonly keepAlive: boolean
  /** Requests a second of this thread; 0 for as many as there can be. */
  readonly rate: number
  readonly kinds: number
  readonly digits: number
  readonly tallyMemory: SharedArrayBuffer
  /** How many batches all threads together have begun, one 32-bit integer. */
  readonly claimed: SharedArrayBuffer
  /** How many they may begin; Infinity if they go on until they are closed. */
  readonly maxBatches: number
}

export interface ThreadEvents {
  /** All clients are connected. */
  onReady(): void
  onDone(): void
  /** The run cannot go on; `text` is a whole line. */
  onError(text: string): void
}

/** Below this wait the thread looks at the clock itself, as timers are only exact to 1 ms. */
const TIMER_US = 2500
/** Redis's backlog of connections to be accepted is 511 by default, and less on many systems. */
const CONNECTING_AT_ONCE = 64

export class LoadThread {
  private readonly driver: LoadDriver
  private readonly links: SocketLink[] = []
  private readonly spec: ThreadSpec
  private readonly events: ThreadEvents
  private readonly opening: Buffer[]
  private isOver = false
  private isStarted = false
  private ready = 0

  constructor(spec: ThreadSpec, events: ThreadEvents) {
    this.spec = spec
    this.events = events
    this.opening = openingRequests(spec.target)
    const pipeline = spec.batches[0]!.requests
    this.driver = new LoadDriver({
      batches: spec.batches,
      sampler: createSampler(spec.distribution, spec.keyCount, new Random(spec.seed)),
      tally: new Tally(spec.kinds, spec.digits, spec.tallyMemory),
      pacer: spec.rate > 0 ? new Pacer(spec.rate, pipeline) : null,
      keepAlive: spec.keepAlive,
      claim: claimer(new Int32Array(spec.claimed), spec.maxBatches),
      nowUs,
      onDone: () => this.end(() => events.onDone()),
      onError: (text) => this.end(() => events.onError(`Error from server: ${text}`)),
    })
    for (let i = 0; i < Math.min(spec.clients, CONNECTING_AT_ONCE); i++) this.connect()
  }

  private connect(): void {
    const { driver } = this
    const client = new Client()
    const link = new SocketLink(this.spec.target, this.opening, {
      onReady: () => {
        driver.onReady(client)
        if (!this.isStarted) this.countReady()
      },
      onBytes: (bytes, end) => driver.onBytes(client, bytes, end),
      onError: (text) => this.end(() => this.events.onError(text)),
    })
    client.link = link
    this.links.push(link)
  }

  /** Clients whose connection stands, before the start. */
  get connectedClients(): number {
    return this.ready
  }

  private countReady(): void {
    this.ready++
    if (this.ready === this.spec.clients) this.events.onReady()
    else if (this.links.length < this.spec.clients) this.connect()
  }

  start(): void {
    this.isStarted = true
    this.driver.start()
    if (this.spec.rate > 0) this.keepTime()
  }

  /** Closes the connections at once. */
  close(): void {
    this.isOver = true
    for (const link of this.links) link.close()
  }

  /** Sends what is due, and comes back for the next batch. */
  private keepTime(): void {
    if (this.isOver) return
    const now = nowUs()
    const dueUs = this.driver.sendDue(now)
    if (dueUs === 0) return
    const waitUs = dueUs - now
    // What is overdue goes out with the next reply; looking at the clock would only take its time.
    const isBehind = waitUs <= 0 && this.driver.freeClients === 0
    if (isBehind) setTimeout(() => this.keepTime(), 1)
    else if (waitUs < TIMER_US) setImmediate(() => this.keepTime())
    else setTimeout(() => this.keepTime(), (waitUs - TIMER_US) / 1000 + 1)
  }

  private end(report: () => void): void {
    if (this.isOver) return
    this.close()
    report()
  }
}

function nowUs(): number {
  return performance.now() * 1000
}

/** Asks for one batch after the other, of a count that all threads share. */
function claimer(claimed: Int32Array, maxBatches: number): () => boolean {
  if (maxBatches === Number.POSITIVE_INFINITY) return () => true
  return () => Atomics.add(claimed, 0, 1) < maxBatches
}
