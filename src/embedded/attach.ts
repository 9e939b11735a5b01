/**
 * A store that is in another thread, by a port that it has shared. All methods are promises; what
 * is called within one turn travels together. The port keeps its thread alive only while an answer
 * or a message is waited for.
 */
import { MessagePort } from 'node:worker_threads'
import { soon } from '../platform/later.ts'
import { type AsyncCommands, asyncFace } from './async-face.ts'
import type { AsyncMulti } from './command-types.ts'
import { Chain, type QueuedCall } from './multi.ts'
import { type PendingCall, PendingCalls } from './pending-calls.ts'
import { PACKED_BYTES, type PortAnswer, type PortRequest } from './port-messages.ts'
import { ReplyDecoder, viewOf } from './reply-decoder.ts'
import type { Argument } from './request.ts'
import { RequestWriter } from './request-writer.ts'
import { CLOSED, StoreError } from './store-error.ts'
import {
  checkListener,
  type Listener,
  type SubscribeOptions,
  type Subscription,
} from './subscriptions.ts'
import type { Value } from './value-reply.ts'

/** A store in another thread. */
export interface AttachedStore extends AsyncCommands<string> {
  /** The same methods, with strings answered as bytes. */
  readonly bytes: AsyncCommands<Buffer>
  /** A transaction to put together, as that of `Store`; `exec` is a promise. */
  multi(): AsyncMulti<string, []>
  /** As that of `Store`. @throws TypeError, StoreError once it is closed */
  subscribe(name: string, listener: Listener, options?: SubscribeOptions): Subscription
  /** Ends what is under way by a StoreError with the code CLOSED, and lets go of the port. */
  close(): void
}

/** The number of no call. */
const NONE = -1

/**
 * Attaches this thread to the store that has given the port by `share`.
 *
 * @throws TypeError for what is no port
 */
export function attach(port: MessagePort): AttachedStore {
  if (!(port instanceof MessagePort)) throw new TypeError('a port is wanted, that of share()')
  const client = new PortClient(port)
  const face = asyncFace<string>((name, args) => client.call(name, args, false))
  return Object.assign(face, {
    bytes: asyncFace<Buffer>((name, args) => client.call(name, args, true)),
    multi: () =>
      new Chain((requests) => client.execute(requests)) as unknown as AsyncMulti<string, []>,
    subscribe: (name: string, listener: Listener, options: SubscribeOptions = {}) =>
      client.subscribe(name, listener, options),
    close: () => client.close(),
  })
}

class PortClient {
  private readonly port: MessagePort
  private readonly pending = new PendingCalls()
  private readonly listeners = new Map<number, Listener>()
  private nextId = 1
  private requests: PortRequest[] = []
  /** Calls that are not packed yet, and the number of the first of them. */
  private readonly calls = new RequestWriter()
  private firstCall = NONE
  private isScheduled = false
  private readonly decoder = new ReplyDecoder()
  private isClosed = false
  private isHeld = false

  constructor(port: MessagePort) {
    this.port = port
    port.on('message', (answers: readonly PortAnswer[]) => {
      for (const answer of answers) this.receive(answer)
      this.holdThread()
    })
    port.on('close', () => this.closed())
    port.unref()
  }

  /** Keeps the thread alive just while something is to come. */
  private holdThread(): void {
    const isHeld = this.pending.size > 0 || this.listeners.size > 0
    if (isHeld === this.isHeld) return
    this.isHeld = isHeld
    if (isHeld) this.port.ref()
    else this.port.unref()
  }

  call(name: string, args: readonly Argument[], asBytes: boolean): Promise<Value> {
    return new Promise((resolve, reject) => {
      if (this.isClosed) throw new StoreError(CLOSED)
      const { calls } = this
      calls.add(name, args)
      if (this.firstCall === NONE) this.firstCall = this.nextId
      this.pending.add({ id: this.nextId++, asBytes, resolve, reject })
      if (calls.length > PACKED_BYTES) this.pack()
      this.sendSoon()
    })
  }

  execute(requests: readonly QueuedCall[]): Promise<Value[] | null> {
    return new Promise((resolve, reject) => {
      if (this.isClosed) throw new StoreError(CLOSED)
      const writer = new RequestWriter()
      for (const { args, name } of requests) writer.add(name, args)
      const id = this.nextId++
      this.pending.add({ id, asBytes: false, resolve: resolve as PendingCall['resolve'], reject })
      this.send({ kind: 'exec', id, bytes: writer.take() })
    })
  }

  subscribe(name: string, listener: Listener, options: SubscribeOptions): Subscription {
    checkListener(name, listener)
    if (this.isClosed) throw new StoreError(CLOSED)
    // Whatever else is in them might not be able to travel.
    const { pattern, shard } = options
    const id = this.nextId++
    this.listeners.set(id, listener)
    const known = { pattern: pattern === true, shard: shard === true }
    this.send({ kind: 'subscribe', id, name, options: known })
    return {
      close: () => {
        if (!this.listeners.delete(id)) return
        this.send({ kind: 'unsubscribe', id })
      },
    }
  }

  private send(request: PortRequest): void {
    if (this.isClosed) return
    this.pack()
    this.requests.push(request)
    this.sendSoon()
  }

  private sendSoon(): void {
    this.holdThread()
    if (this.isScheduled) return
    this.isScheduled = true
    soon(() => this.flush())
  }

  /** Packs the calls so far. */
  private pack(): void {
    if (this.firstCall === NONE) return
    this.requests.push({ kind: 'calls', first: this.firstCall, bytes: this.calls.take() })
    this.firstCall = NONE
  }

  private flush(): void {
    this.isScheduled = false
    this.pack()
    const { requests } = this
    this.requests = []
    if (!this.isClosed) this.port.postMessage(requests)
  }

  private receive(answer: PortAnswer): void {
    if (answer.kind === 'message') {
      // One that fails must not keep from anybody what came with the message.
      soon(() => this.listeners.get(answer.id)?.(answer.message, answer.channel))
      return
    }
    const { bytes, first } = answer
    const view = viewOf(bytes)
    let id = first
    for (let position = 0; position < bytes.length; id++) {
      position = this.settle(id, bytes, view, position)
    }
  }

  /** Ends a call by its reply. @returns where that ends */
  private settle(id: number, bytes: Uint8Array, view: DataView, start: number): number {
    const { reply } = this.decoder
    const pending = this.pending.take(id)
    reply.asBytes = pending?.asBytes === true
    const end = this.decoder.decode(bytes, view, start)
    const value = reply.takeOrError()
    if (value instanceof StoreError) pending?.reject(value)
    else pending?.resolve(value)
    return end
  }

  close(): void {
    this.closed()
    this.port.close()
  }

  private closed(): void {
    this.isClosed = true
    this.listeners.clear()
    this.pending.rejectAll(() => new StoreError(CLOSED))
  }
}
