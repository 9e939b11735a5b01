/**
 * The load of one thread, apart from its sockets: which client sends what and when, and what the
 * time until the reply was.
 *
 * Without a rate every client sends its next batch as soon as the last one is answered. With one,
 * batches go out as they are due, to any client that is free, and their latency counts from the
 * time they were due (see pacer.ts). Each reply has the latency of the read that brought its end.
 *
 * The driver knows no socket and reads the time from its caller, so that tests can play server and
 * clock.
 */
import { type Batch, drawNumbers } from './batches.ts'
import type { KeySampler } from './key-sampler.ts'
import type { Pacer } from './pacer.ts'
import { ReplyCounter } from './reply-counter.ts'
import type { Tally } from './tally.ts'

/** A client's connection, as far as the driver needs it. */
export interface Link {
  /** Sends bytes. @returns whether they may be changed at once; else they belong to the link */
  write(bytes: Buffer): boolean
  /** Replaces the connection by a new one; `onReady` of the driver is called again. */
  reopen(): void
}

export interface DriverOptions {
  readonly batches: readonly Batch[]
  readonly sampler: KeySampler
  readonly tally: Tally
  readonly pacer: Pacer | null
  /** Whether a client keeps its connection from batch to batch. */
  readonly keepAlive: boolean
  /** Asks for one more batch; false once the run has had all of them. */
  readonly claim: () => boolean
  readonly nowUs: () => number
  /** All that was claimed has been answered. */
  readonly onDone: () => void
  readonly onError: (text: string) => void
}

/** A batch that is sent later than this after it was due, with a client free, was held up here. */
const LATE_US = 1000

export class Client {
  readonly replies = new ReplyCounter()
  link: Link | null = null
  /** Replies still to come to the batch that was sent last. */
  pending = 0
  /** When that batch was sent, or was due. */
  sinceUs = 0
  batch: Batch | null = null
}

export class LoadDriver {
  private readonly options: DriverOptions
  private readonly free: Client[] = []
  private nextBatch = 0
  private busy = 0
  private isRunning = false
  private isExhausted = false
  /** Since when there has been a free client: a batch that had none is not late by our fault. */
  private freeSinceUs = 0

  constructor(options: DriverOptions) {
    this.options = options
  }

  /** Clients that are connected and wait. */
  get freeClients(): number {
    return this.free.length
  }

  start(): void {
    const nowUs = this.options.nowUs()
    this.isRunning = true
    this.options.pacer?.start(nowUs)
    this.sendDue(nowUs)
  }

  /** A client is connected and has nothing to do. */
  onReady(client: Client): void {
    const nowUs = this.options.nowUs()
    this.setFree(client, nowUs)
    if (this.isRunning) this.sendDue(nowUs)
  }

  /** Takes what a client has received. */
  onBytes(client: Client, bytes: Uint8Array, end: number): void {
    const { replies } = client
    const count = replies.count(bytes, end)
    if (replies.error !== null) return this.options.onError(replies.error)
    if (count === 0 || client.pending === 0) return
    const nowUs = this.options.nowUs()
    this.record(client, count, nowUs - client.sinceUs)
    client.pending -= count
    if (client.pending > 0) return
    client.pending = 0
    this.busy--
    if (this.isExhausted) return this.endIfIdle()
    if (!this.options.keepAlive) return client.link!.reopen()
    this.setFree(client, nowUs)
    this.sendDue(nowUs)
  }

  private setFree(client: Client, nowUs: number): void {
    if (this.free.length === 0) this.freeSinceUs = nowUs
    this.free.push(client)
  }

  private record(client: Client, count: number, latencyUs: number): void {
    const { tally } = this.options
    const { kinds, requests } = client.batch!
    if (kinds.length === 0) return tally.record(0, latencyUs, count)
    const first = requests - client.pending
    for (let i = first; i < first + count; i++) tally.record(kinds[i]!, latencyUs, 1)
  }

  /** Sends what can be sent now. @returns when to call it again for what is due later, else 0 */
  sendDue(nowUs: number): number {
    const { pacer } = this.options
    while (this.free.length > 0 && !this.isExhausted) {
      let sinceUs = nowUs
      if (pacer !== null) {
        sinceUs = pacer.take(nowUs)
        if (Number.isNaN(sinceUs)) break
        this.options.tally.recordSend(nowUs - Math.max(sinceUs, this.freeSinceUs) > LATE_US)
      }
      if (!this.mayClaim()) break
      this.send(this.free.pop()!, sinceUs)
    }
    if (this.isExhausted) this.endIfIdle()
    return pacer === null || this.isExhausted ? 0 : pacer.nextDueUs
  }

  private mayClaim(): boolean {
    if (!this.isExhausted && !this.options.claim()) this.isExhausted = true
    return !this.isExhausted
  }

  private send(client: Client, sinceUs: number): void {
    const { batches, sampler } = this.options
    const batch = batches[this.nextBatch]!
    this.nextBatch = this.nextBatch + 1 === batches.length ? 0 : this.nextBatch + 1
    if (batch.numberOffsets.length > 0) drawNumbers(batch, sampler)
    client.batch = batch
    client.pending = batch.requests
    client.sinceUs = sinceUs
    this.busy++
    // What the kernel did not take at once must stay as it is until it has.
    if (!client.link!.write(batch.bytes)) batch.bytes = Buffer.from(batch.bytes)
  }

  private endIfIdle(): void {
    if (!this.isRunning || this.busy > 0) return
    this.isRunning = false
    this.options.onDone()
  }
}
