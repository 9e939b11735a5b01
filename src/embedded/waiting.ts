/**
 * Commands that wait, such as BLPOP: each goes to a client of its own while it waits, in the
 * database that the store has selected. Clients that are idle are used again. While anybody waits
 * the process is kept alive.
 */
import type { Command } from '../commands/command-table.ts'
import type { Server } from '../server/server.ts'
import type { Session } from '../server/session.ts'
import type { KeepAlive } from './keep-alive.ts'
import { LocalClient } from './local-client.ts'
import type { Argument } from './request.ts'
import type { Value } from './value-reply.ts'

/** Commands that wait for something else than a key. */
const OTHERS = new Set(['migrate', 'wait', 'waitaof'])

/** Whether a command may wait. */
export function mayWait(command: Command): boolean {
  return command.has('blocking') || OTHERS.has(command.fullName)
}

export class Waiting {
  private readonly server: Server
  /** Whose database is used. */
  private readonly session: Session
  private readonly keepAlive: KeepAlive
  private readonly clients = new Set<LocalClient>()
  private isClosed = false

  constructor(server: Server, session: Session, keepAlive: KeepAlive) {
    this.server = server
    this.session = session
    this.keepAlive = keepAlive
  }

  /** Sends a command that may wait. */
  async send(name: string, args: readonly Argument[], asBytes: boolean): Promise<Value> {
    const client = this.idleClient()
    client.session.db = this.session.db
    if (this.isClosed) client.close()
    this.keepAlive.hold()
    try {
      return await client.send(name, args, asBytes)
    } finally {
      this.keepAlive.release()
    }
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
