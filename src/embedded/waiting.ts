/**
 * Commands that wait, such as BLPOP: each goes to a client of its own while it waits, in the
 * database that the store has selected. Clients that are idle are used again. While anybody waits
 * the process is kept alive. All other commands are called, as they are on the store.
 */
import type { Server } from '../server/server.ts'
import type { Calls } from './call.ts'
import type { KeepAlive } from './keep-alive.ts'
import { LocalClient } from './local-client.ts'
import type { Argument } from './request.ts'
import type { Value } from './value-reply.ts'

/** Commands that wait for something else than a key. */
const OTHERS = new Set(['migrate', 'wait', 'waitaof'])

export class Waiting {
  private readonly server: Server
  /** Whose database is used. */
  private readonly calls: Calls
  private readonly keepAlive: KeepAlive
  private readonly clients = new Set<LocalClient>()
  private isClosed = false

  constructor(server: Server, calls: Calls, keepAlive: KeepAlive) {
    this.server = server
    this.calls = calls
    this.keepAlive = keepAlive
  }

  async send(name: string, args: readonly Argument[], asBytes: boolean): Promise<Value> {
    const { calls } = this
    if (!this.isWaiting(name)) return calls.finish(calls.prepare(name, args), asBytes)
    const client = this.idleClient()
    client.session.db = calls.session.db
    if (this.isClosed) client.close()
    this.keepAlive.hold()
    try {
      return await client.send(name, args, asBytes)
    } finally {
      this.keepAlive.release()
    }
  }

  /** Whether a command may wait. */
  isWaiting(name: string): boolean {
    const command = this.server.commands.get(name)
    return command !== null && (command.has('blocking') || OTHERS.has(command.fullName))
  }

  private idleClient(): LocalClient {
    for (const client of this.clients) if (client.isIdle) return client
    const client = new LocalClient(this.server)
    this.clients.add(client)
    return client
  }

  /** Ends all waiting, with an error. */
  close(): void {
    this.isClosed = true
    for (const client of this.clients) client.close()
  }
}
