/**
 * The store: the data of one server in this process. Its methods call commands at once; the other
 * ways to it, connections and threads among them, begin here too.
 */
import type { Duplex } from 'node:stream'
import { MessageChannel, type MessagePort } from 'node:worker_threads'
import { Listener } from '../net/listener.ts'
import type { DirectoryLock } from '../platform/directory-lock.ts'
import { soon } from '../platform/later.ts'
import type { Cron } from '../server/cron.ts'
import { prepareEnd } from '../server/ending.ts'
import { NoTransport } from '../server/no-transport.ts'
import type { Server } from '../server/server.ts'
import { Session } from '../server/session.ts'
import { type AsyncCommands, asyncFace } from './async-face.ts'
import { atExit } from './at-exit.ts'
import { Calls } from './call.ts'
import type { Multi } from './command-types.ts'
import type { StoreCommands } from './commands/all.ts'
import { Connection } from './connection.ts'
import { KeepAlive } from './keep-alive.ts'
import { endpointOf, type Listening, type ListenOptions } from './listening.ts'
import { HeldClock } from './manual-clock.ts'
import { CALLS, Face } from './methods.ts'
import { Chain } from './multi.ts'
import type { Argument } from './request.ts'
import { SharedPort } from './share.ts'
import { loadSnapshot, StoreSnapshot, takeSnapshot } from './snapshot.ts'
import {
  type Listener as MessageListener,
  type SubscribeOptions,
  type Subscription,
  SubscriptionTable,
} from './subscriptions.ts'
import type { Value } from './value-reply.ts'
import { mayWait, Waiting } from './waiting.ts'

/** The methods of all commands, which answer strings (`T` is `string`) or bytes (`Buffer`). */
export type Commands<T> = Face & StoreCommands<T, 'sync'>

/** What the methods do is in `Face`; what they are, in the types that are written. */
const TypedFace = Face as new (calls: Calls, asBytes: boolean) => Commands<string>

export class Store extends TypedFace {
  /** The same methods, with strings answered as bytes. */
  readonly bytes: Commands<Buffer>
  /**
   * The same methods as promises, of which those that wait do so:
   * `await store.wait.blpop('jobs', 0)`. Called on the store itself, they answer at once, as if
   * their time were over.
   */
  readonly wait: AsyncCommands<string> & { readonly bytes: AsyncCommands<Buffer> }
  readonly #server: Server
  readonly #cron: Cron
  readonly #lock: DirectoryLock | null
  readonly #waiting: Waiting
  readonly #subscriptions: SubscriptionTable
  readonly #listeners = new Set<Listener>()
  readonly #ports = new Set<SharedPort>()
  readonly #problemListeners = new Set<(problem: Error) => void>()
  readonly #stopFollowing: () => void
  readonly #forgetExit: () => void
  #closing: Promise<void> | null = null

  /** Stores are made by `open`. */
  constructor(server: Server, cron: Cron, lock: DirectoryLock | null) {
    const calls = new Calls(server, new Session(server, 0, new NoTransport()))
    super(calls, false)
    this.#server = server
    this.#cron = cron
    this.#lock = lock
    this.bytes = new Face(calls, true) as Commands<Buffer>
    this.#waiting = new Waiting(server, calls.session, new KeepAlive())
    this.#subscriptions = new SubscriptionTable(server)
    this.wait = Object.assign(
      asyncFace<string>((name, args) => this.#callOrWait(name, args, false)),
      { bytes: asyncFace<Buffer>((name, args) => this.#callOrWait(name, args, true)) },
    )
    const { clock } = server
    this.#stopFollowing =
      clock instanceof HeldClock ? clock.onAdvance(() => this.#lookAtClock()) : () => {}
    server.shutdownListener = () => void this.close().catch(() => {})
    server.logger.warningListener = (text) => this.#tellProblem(text)
    this.#forgetExit = atExit(() => {
      // The log has all of a transaction or nothing.
      server.propagation.abandonUnit()
      server.appendOnly.flush()
    })
  }

  /** Tells of a problem later: whoever is told may call the store, which is in the midst of it. */
  #tellProblem(text: string): void {
    for (const listener of this.#problemListeners) {
      soon(() => {
        if (this.#problemListeners.has(listener)) listener(new Error(text))
      })
    }
  }

  /** What the cron does when its time has come, and all of it. */
  #lookAtClock(): void {
    const server = this.#server
    this.#cron.run()
    while (server.activeExpiry.run()) {
      // Much has expired, so there may be more.
    }
    if (server.propagation.length > 0) server.output.schedule()
  }

  /**
   * Has `listener` called with each message to a channel, or to all channels that a pattern fits.
   * With `notify-keyspace-events` the events of keys are such: `__keyevent@0__:expired`. It is
   * called later, never within a call of the store; if it throws, that is an uncaught exception.
   *
   * @throws TypeError, StoreError once the store is closed
   */
  subscribe(name: string, listener: MessageListener, options: SubscribeOptions = {}): Subscription {
    this.#checkOpen()
    return this.#subscriptions.add(name, listener, options)
  }

  /**
   * Has `listener` called with each problem that no call can be told of: the log cannot be written
   * or synced, a save or a rewrite of the log has failed, a client could not be accepted.
   *
   * @throws TypeError, StoreError once the store is closed
   */
  onError(listener: (problem: Error) => void): Subscription {
    this.#checkOpen()
    if (typeof listener !== 'function') throw new TypeError('a listener is a function')
    const entry = (problem: Error) => listener(problem)
    this.#problemListeners.add(entry)
    return { close: () => void this.#problemListeners.delete(entry) }
  }

  async #callOrWait(name: string, args: readonly Argument[], asBytes: boolean): Promise<Value> {
    const command = this.#server.commands.get(name)
    if (command !== null && mayWait(command)) return this.#waiting.send(name, args, asBytes)
    const { calls } = this[CALLS]
    return calls.finish(calls.prepare(name, args), asBytes)
  }

  #checkOpen(): void {
    this[CALLS].calls.checkOpen()
  }

  /**
   * Serves the same data to clients of Redis, on a port (127.0.0.1 unless `host` says otherwise; 0
   * is any that is free) or on a unix socket.
   *
   * @throws Error with a `code` if that cannot be (`EADDRINUSE`), TypeError, StoreError once the
   * store is closed
   */
  listen(where: ListenOptions): Listening {
    this.#checkOpen()
    const endpoint = endpointOf(where, this.#server.config)
    const listener = Listener.open(this.#server, endpoint)
    this.#listeners.add(listener)
    return {
      port: listener.port,
      close: () => {
        if (this.#listeners.delete(listener)) listener.close()
      },
    }
  }

  /**
   * A transaction to put together: `store.multi().incr('a').get('b').exec()`. With `watch` before
   * it, `exec` does nothing and answers null if a watched key has changed since. `exec` throws a
   * StoreError, nothing having been done, if one of the commands cannot be.
   */
  multi(): Multi<string, []> {
    const { calls } = this[CALLS]
    const chain = new Chain((requests) => calls.execute(requests))
    return chain as unknown as Multi<string, []>
  }

  /**
   * Runs `work`, what it calls being one unit: nobody's commands come in between, and the log has
   * all of it or nothing. If it throws, what it has done until then stays, as Redis undoes nothing
   * either. It must not wait: a promise as its result is a TypeError. One within another is part of
   * that one.
   */
  transaction<Result>(work: (store: this) => Result): Result {
    return this[CALLS].calls.unit(() => {
      const result = work(this)
      if (typeof (result as { then?: unknown } | null | undefined)?.then === 'function') {
        Promise.resolve(result).catch(() => {})
        throw new TypeError('a transaction cannot wait: its function must not be asynchronous')
      }
      return result
    })
  }

  /**
   * A connection that speaks RESP, for a client library; it ends when either side ends it.
   *
   * @throws StoreError once the store is closed
   */
  connect(): Duplex {
    this.#checkOpen()
    return new Connection(this.#server)
  }

  /**
   * A port for another thread, which gives it to `attach`: the same store, its methods promises. It
   * is transferred, as by `worker.postMessage(port, [port])`, and is of one thread.
   *
   * @throws StoreError once the store is closed
   */
  share(): MessagePort {
    this.#checkOpen()
    const { port1, port2 } = new MessageChannel()
    const port = new SharedPort(this.#server, port1, () => this.#ports.delete(port))
    this.#ports.add(port)
    return port2
  }

  /**
   * The state of all databases as it is now, to go back to by `restore`, of this store or another.
   *
   * @throws StoreError once the store is closed
   */
  snapshot(): StoreSnapshot {
    this.#checkOpen()
    return takeSnapshot(this.#server)
  }

  /** Goes back to a state, in the place of all that there is now. */
  override restore(snapshot: StoreSnapshot): void
  override restore(...args: Parameters<StoreCommands<string, 'sync'>['restore']>): 'OK'
  override restore(
    ...args: [StoreSnapshot] | Parameters<StoreCommands<string, 'sync'>['restore']>
  ) {
    const [first] = args
    if (!(first instanceof StoreSnapshot)) {
      return super.restore(...(args as Parameters<StoreCommands<string, 'sync'>['restore']>))
    }
    this[CALLS].calls.unit(() => {
      this.flushall()
      loadSnapshot(this.#server, first)
    })
  }

  /**
   * Brings all data to the disk, ends all connections, subscriptions and waiting, and gives the
   * directory free. Whatever is called afterwards throws a StoreError with the code CLOSED; closing
   * again changes nothing. The store is closed in any case, but rejects with an Error if data could
   * not be brought to the disk.
   */
  close(): Promise<void> {
    this.#closing ??= this.#end()
    return this.#closing
  }

  async #end(): Promise<void> {
    const server = this.#server
    const { calls } = this[CALLS]
    // A transaction that closes the store ends before that, as a whole.
    if (calls.isInUnit) await null
    calls.close()
    this.#stopFollowing()
    for (const listener of this.#listeners) listener.close()
    this.#listeners.clear()
    // A log that has not begun yet has nothing to lose.
    const options = { save: null, now: false, force: server.appendOnly.isInitial }
    const isSafe = await new Promise<boolean>((resolve) => {
      prepareEnd(server, options, false, resolve)
    })
    const { refusal } = server.appendOnly
    this.#cron.stop()
    server.snapshots.interrupt()
    await server.migrations.close()
    server.output.flush()
    for (const port of this.#ports) port.close()
    this.#waiting.close()
    this.#subscriptions.close()
    for (const session of server.sessions.values()) session.destroy()
    await new Promise<void>((resolve) => server.appendOnly.close(resolve))
    this.#lock?.release()
    this.#forgetExit()
    this.#problemListeners.clear()
    if (isSafe) return
    throw new Error(
      refusal === null
        ? 'The data could not be saved as the store was closed'
        : `The log lacks what came last: ${refusal}`,
    )
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }
}
