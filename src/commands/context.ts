/**
 * What a command is given to work with. One `Context` serves command after command: it is valid
 * until `run` returns.
 *
 * The types of the server come up from the layer above, as types only: at run time the server
 * depends on the commands and never the other way round.
 */
import type { Database } from '../keyspace/database.ts'
import type { Args } from '../resp/args.ts'
import type { Reply } from '../resp/reply.ts'
import type { Server } from '../server/server.ts'
import type { Session } from '../server/session.ts'

export type { Server } from '../server/server.ts'
export type { Session } from '../server/session.ts'

export class Context {
  readonly server: Server
  /** Whose request this is. */
  session: Session
  args: Args
  reply: Reply
  /** The database that the session has selected. */
  db: Database

  constructor(server: Server, session: Session, args: Args, reply: Reply) {
    this.server = server
    this.session = session
    this.args = args
    this.reply = reply
    this.db = session.db
  }

  /**
   * Says that the command has changed the key that is argument `index`: to be called once for each
   * key changed, with the event that keyspace notifications name it by.
   */
  touched(_index: number, _event: string): void {
    this.server.dirty++
  }
}
