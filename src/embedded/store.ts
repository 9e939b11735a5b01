/**
 * The store: the data of one server in this process, called directly or over connections.
 */
import type { Duplex } from 'node:stream'
import type { DirectoryLock } from '../platform/directory-lock.ts'
import type { Cron } from '../server/cron.ts'
import { prepareEnd } from '../server/ending.ts'
import { NoTransport } from '../server/no-transport.ts'
import type { Server } from '../server/server.ts'
import { Session } from '../server/session.ts'
import { Calls } from './call.ts'
import { Connection } from './connection.ts'
import type { Argument } from './request.ts'
import type { Value } from './value-reply.ts'

export class Store {
  readonly #server: Server
  readonly #cron: Cron
  readonly #lock: DirectoryLock | null
  readonly #calls: Calls
  readonly #get
  readonly #set
  #closing: Promise<void> | null = null
  readonly #onExit = () => this.#server.appendOnly.flush()

  /** Stores are made by `open`. */
  constructor(server: Server, cron: Cron, lock: DirectoryLock | null) {
    this.#server = server
    this.#cron = cron
    this.#lock = lock
    this.#calls = new Calls(server, new Session(server, 0, new NoTransport()))
    this.#get = this.#calls.commandOf('get')
    this.#set = this.#calls.commandOf('set')
    process.on('exit', this.#onExit)
  }

  get(key: Argument): string | null {
    const { request } = this.#calls
    request.begin(this.#get)
    request.add(key)
    return this.#calls.finish(this.#get) as string | null
  }

  set(key: Argument, value: Argument): 'OK' {
    const { request } = this.#calls
    request.begin(this.#set)
    request.add(key)
    request.add(value)
    return this.#calls.finish(this.#set) as 'OK'
  }

  /** Any command by its name, with its arguments as they are on the wire. @throws StoreError */
  call(name: string, ...args: readonly Argument[]): Value {
    return this.#calls.call(name, args)
  }

  /** A connection that speaks RESP, for a client library; it ends when either side ends it. */
  connect(): Duplex {
    return new Connection(this.#server)
  }

  /** Brings all data to the disk, ends all connections and gives the directory free. */
  close(): Promise<void> {
    this.#closing ??= this.#end()
    return this.#closing
  }

  async #end(): Promise<void> {
    const server = this.#server
    this.#calls.close()
    const options = { save: null, now: false, force: true }
    await new Promise<void>((resolve) => prepareEnd(server, options, () => resolve()))
    this.#cron.stop()
    server.snapshots.interrupt()
    server.output.flush()
    for (const session of server.sessions.values()) session.destroy()
    await new Promise<void>((resolve) => server.appendOnly.close(resolve))
    this.#lock?.release()
    process.off('exit', this.#onExit)
  }
}
