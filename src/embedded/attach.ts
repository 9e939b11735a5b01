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
import { type PortAnswer, type PortRequest, packArgument, unpack } from './port-messages.ts'
import type { Argument } from './request.ts'
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

interface Pending {
  resolve(value: Value): void
  reject(error: Error): void
}

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
  private readonly pending = new Map<number, Pending>()
  private readonly listeners = new Map<number, Listener>()
  private nextId = 1
  private requests: PortRequest[] = []
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
    const id = this.nextId++
    return this.ask(id, { kind: 'call', id, name, args: args.map(packArgument), asBytes })
  }

  execute(requests: readonly QueuedCall[]): Promise<Value[] | null> {
    const id = this.nextId++
    const packed = requests.map(({ args, name }) => ({ name, args: args.map(packArgument) }))
    const answer = this.ask(id, { kind: 'exec', id, requests: packed })
    return answer as Promise<Value[] | null>
  }

  subscribe(name: string, listener: Listener, options: SubscribeOptions): Subscription {
    checkListener(name, listener)
    if (this.isClosed) throw new StoreError(CLOSED)
    const id = this.nextId++
    this.listeners.set(id, listener)
    this.send({ kind: 'subscribe', id, name, options })
    return {
      close: () => {
        if (!this.listeners.delete(id)) return
        this.send({ kind: 'unsubscribe', id })
      },
    }
  }

  private ask(id: number, request: PortRequest): Promise<Value> {
    if (this.isClosed) return Promise.reject(new StoreError(CLOSED))
    return new Promise((resolve, reject) => {
      this.pending.set(id, { resolve, reject })
      this.send(request)
    })
  }

  private send(request: PortRequest): void {
    if (this.isClosed) return
    if (this.requests.push(request) === 1) soon(() => this.flush())
    this.holdThread()
  }

  private flush(): void {
    const { requests } = this
    this.requests = []
    if (!this.isClosed) this.port.postMessage(requests)
  }

  private receive(answer: PortAnswer): void {
    const { id } = answer
    if (answer.kind === 'message') {
      // One that fails must not keep from anybody what came with the message.
      soon(() => this.listeners.get(id)?.(answer.message, answer.channel))
      return
    }
    const pending = this.pending.get(id)
    this.pending.delete(id)
    if (answer.kind === 'value') pending?.resolve(unpack(answer.value))
    else pending?.reject(new StoreError(answer.text))
  }

  close(): void {
    this.closed()
    this.port.close()
  }

  private closed(): void {
    this.isClosed = true
    this.listeners.clear()
    for (const { reject } of this.pending.values()) {
      reject(new StoreError(CLOSED))
    }
    this.pending.clear()
  }
}
