/**
 * What a command is given to work with. One `Context` serves command after command: it is valid
 * until `run` returns.
 *
 * The types of the server come up from the layer above, as types only: at run time the server
 * depends on the commands and never the other way round.
 */
import { type Address, NULL } from '../arena/arena.ts'
import type { Database } from '../keyspace/database.ts'
import { encodingOf, SEPARATE, typeOf, valueAddressOf } from '../keyspace/entry.ts'
import type { Args } from '../resp/args.ts'
import type { Reply } from '../resp/reply.ts'
import type { Word } from '../server/propagation.ts'
import type { Server } from '../server/server.ts'
import type { Session } from '../server/session.ts'
import type { Collection } from '../types/collection.ts'
import { OUT_OF_MEMORY, WRONG_TYPE } from './errors.ts'

export type { CommandLog } from '../server/command-log.ts'
export type { SubscriptionKind } from '../server/pubsub.ts'
export type { Server } from '../server/server.ts'
export type { Session } from '../server/session.ts'
export type { CachingMode, SessionTracking } from '../server/tracking.ts'

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
  touched(index: number, event: string): void {
    this.changed(index)
    this.notify(index, event)
  }

  /** The same without an event, or with one that is named later, behind other changes. */
  changed(index: number): void {
    const { server } = this
    server.dirty++
    if (server.watches.isActive) server.watches.touched(this.db, this.args, index)
    if (server.tracking.isActive) server.tracking.touched(this.session, this.args, index)
  }

  /** Names an event of a key that has been `touched` or `changed`, for notifications alone. */
  notify(index: number, event: string): void {
    const { notifications } = this.server
    if (notifications.isActive) notifications.notify(this.db, this.args, index, event)
  }

  /** Does something with no event for keys that it adds: the command names them itself. */
  unnoticed<Result>(work: () => Result): Result {
    const { keyspace } = this.db
    const { keyEvents } = keyspace
    keyspace.keyEvents = null
    try {
      return work()
    } finally {
      keyspace.keyEvents = keyEvents
    }
  }

  /** Whether anybody is told what commands change, so that `propagate` has an effect. */
  get propagates(): boolean {
    return this.server.propagation.active
  }

  /**
   * Says what the append only file gets of this command in place of its request, which is left out
   * then; several calls give several requests, which take effect together or not at all. For
   * commands whose effect depends on the time, on chance or on who waits.
   *
   * @param words Latin-1 text, bytes (which are copied) or integers
   */
  propagate(...words: readonly Word[]): void {
    const { propagation } = this.server
    if (propagation.active) propagation.replace(this.db.index, words)
  }

  /**
   * Points `collection` at the value of the key that is argument `index`, for a command that reads
   * it. @returns whether the key exists
   * @throws WRONG_TYPE
   */
  read(index: number, type: number, collection: Collection): boolean {
    return this.point(this.db.findForRead(this.args, index), type, collection)
  }

  /** The same for a command that changes it, and then calls `store`. */
  open(index: number, type: number, collection: Collection): boolean {
    return this.point(this.db.findForWrite(this.args, index), type, collection)
  }

  private point(entry: Address, type: number, collection: Collection): boolean {
    if (!this.isOfType(entry, type)) return false
    const { arena } = this.db.keyspace
    collection.open(valueAddressOf(arena, entry), encodingOf(arena, entry) & ~SEPARATE)
    return true
  }

  /**
   * Whether an entry, NULL if there is none, has a value of the type that it must have. A family
   * whose commands are called very often points its cursor itself then: `collection.open` above is
   * many methods, which the compiler cannot tell from each other.
   *
   * @throws WRONG_TYPE
   */
  isOfType(entry: Address, type: number): boolean {
    if (entry === NULL) return false
    if (typeOf(this.db.keyspace.arena, entry) !== type) throw WRONG_TYPE
    return true
  }

  /**
   * Has the client wait until one of its keys has a value of a type, by which time the whole
   * command is run again. Nothing may have been answered, and nothing may be done after it.
   *
   * @param keys indexes of the keys among the arguments
   * @param timeoutMs how long at most, 0 for ever
   * @param onTimeout answers when the time is over, or at once where nobody may wait
   */
  block(
    keys: readonly number[],
    type: number,
    timeoutMs: number,
    onTimeout: (reply: Reply) => void,
  ): void {
    const { args, reply, server, session } = this
    if (session.mayBlock) server.blocking.block(session, args, keys, type, timeoutMs, onTimeout)
    else onTimeout(reply)
  }

  /**
   * Stores a collection that was changed, or made, under the key that is argument `index`, which
   * must be the key of the last `find`; an empty one takes its key with it.
   *
   * @returns whether the key has been removed
   * @throws OUT_OF_MEMORY when a new one cannot be added; it has been freed then
   */
  store(index: number, type: number, collection: Collection): boolean {
    const { args, db } = this
    if (db.found === NULL) {
      if (!db.addCollection(args, index, type, collection)) {
        collection.free()
        throw OUT_OF_MEMORY
      }
      return false
    }
    db.updateFound(collection)
    if (collection.length > 0) return false
    db.removeFound()
    return true
  }
}
