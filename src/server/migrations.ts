/**
 * MIGRATE: keys are sent to another server, and removed here when that has taken them.
 *
 * Redis stands still until the target has answered. Here only the client waits that asked for it.
 * Its keys can be read meanwhile; whoever wants to change one of them, in whatever database, or to
 * empty or swap databases, waits until the move is over, an EXEC with such a command as a whole.
 * So what is removed is what was sent. The calls of an embedded store cannot wait: a key that such
 * a call has changed stays, and the reply is an error.
 *
 * A move that has begun is brought to its end even if its client is gone, since the target may have
 * taken the keys already. It removes nothing while CLIENT PAUSE holds back writes, while data are
 * loaded, or while a snapshot has still to write a large value among the keys: it looks again a
 * little later. In the log the removal is a DEL of the keys that the target has taken.
 */
import { NULL } from '../arena/arena.ts'
import type { Command } from '../commands/command-table.ts'
import { Context } from '../commands/context.ts'
import { hasKeys, keysOf } from '../commands/key-specs.ts'
import type { Args } from '../resp/args.ts'
import type { Reply } from '../resp/reply.ts'
import { LinkCache } from './link-cache.ts'
import { Migration, type MigrationRequest, NOT_CONNECTED } from './migration.ts'
import type { Server } from './server.ts'
import type { Session } from './session.ts'
import type { Connector } from './target-link.ts'

const CHANGED = 'ERR A key has been changed while it was sent, and is kept'
/** When to look again whether keys may be removed. */
const RETRY_MS = 5

export class Migrations {
  /** Opens connections; null where there is no network. */
  connector: Connector | null = null
  private readonly server: Server
  private readonly links = new LinkCache()
  private readonly underWay = new Map<Migration, Promise<void>>()
  /** The names of all keys that are on their way. */
  private readonly names = new Set<string>()
  /** None of them is longer. */
  private longestName = 0
  /** Sessions that wait until they may change one of those keys. */
  private readonly held = new Set<Session>()
  private isClosed = false

  constructor(server: Server) {
    this.server = server
  }

  /** Whether any keys are on their way. */
  get isActive(): boolean {
    return this.underWay.size > 0
  }

  /** Connections that are kept for the next MIGRATE. */
  get linkCount(): number {
    return this.links.count
  }

  /** Has a session wait until its keys are with the target. */
  begin(session: Session, args: Args, request: MigrationRequest): void {
    const { server } = this
    session.hold(args)
    const migration = new Migration(server, session, args.clone(), request)
    for (const { index, watcher } of migration.keys) {
      this.names.add(migration.args.text(index))
      this.longestName = Math.max(this.longestName, args.length(index))
      server.watches.watch(watcher, migration.args, index)
    }
    this.underWay.set(migration, this.move(migration))
    server.guard.update()
  }

  private async move(migration: Migration): Promise<void> {
    const { connector } = this
    const error = await (connector === null ? NOT_CONNECTED : migration.run(this.links, connector))
    while (!this.mayRemove(migration)) {
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS).unref())
    }
    this.conclude(migration, error)
  }

  /** Whether a request has to wait, since it would change what is on its way. */
  holds(session: Session, command: Command, args: Args): boolean {
    if (this.names.size === 0 || !command.mayChange || !session.mayBlock) return false
    if (!this.concerns(command, args)) return false
    this.held.add(session)
    return true
  }

  private concerns({ isWrite, spec }: Command, args: Args): boolean {
    // What has no keys and writes is of all of them.
    if (!hasKeys(spec)) return isWrite
    return (keysOf(spec, args) ?? []).some(({ index }) => {
      return args.length(index) <= this.longestName && this.names.has(args.text(index))
    })
  }

  forget(session: Session): void {
    this.held.delete(session)
  }

  /** Ends all connections, upon which what is under way comes to its end. */
  async close(): Promise<void> {
    this.isClosed = true
    this.links.close()
    for (const migration of this.underWay.keys()) migration.stop()
    await Promise.all(this.underWay.values())
  }

  private mayRemove({ args, database, keys, request }: Migration): boolean {
    if (request.isCopy || this.isClosed) return true
    const { isLoading, pause, snapshots } = this.server
    // A pause of any kind holds back writes.
    if (isLoading || pause.active) return false
    return !keys.some((key) => key.isAccepted && snapshots.needs(database, args, key.index))
  }

  /** Removes what has been moved, answers, and lets those go on who have waited for it. */
  private conclude(migration: Migration, error: string | null): void {
    const { server } = this
    const { session } = migration
    this.underWay.delete(migration)
    for (const { index } of migration.keys) this.names.delete(migration.args.text(index))
    const answer = (reply: Reply | null): void => {
      const isChanged = !migration.request.isCopy && !this.remove(migration)
      for (const { watcher } of migration.keys) server.watches.unwatch(watcher)
      const text = error ?? (isChanged ? CHANGED : null)
      if (reply === null) return
      if (text === null) return reply.ok()
      reply.error(text)
      server.countError(text)
    }
    if (session.isHeld && !session.closing) {
      session.answerLater(answer)
    } else {
      server.keyspace.tick()
      answer(null)
      if (server.propagation.length > 0) server.output.schedule()
    }
    server.guard.update()
    const held = [...this.held]
    this.held.clear()
    for (const each of held) each.resume()
  }

  /** @returns false if one of the keys had to be kept, since it is not what was sent */
  private remove({ args, database, keys, session }: Migration): boolean {
    const { keyspace, propagation, reply } = this.server
    if (keyspace.preserver !== null) keyspace.preserver.isChanging = true
    const context = new Context(this.server, session, args, reply)
    context.db = database
    const removed: Uint8Array[] = []
    let isWhole = true
    for (const { index, isAccepted, watcher } of keys) {
      if (!isAccepted || database.find(args, index) === NULL) continue
      if (watcher.isDirty) {
        isWhole = false
        continue
      }
      database.removeFound()
      context.touched(index, 'del')
      removed.push(args.slice(index))
    }
    if (removed.length > 0 && propagation.active) {
      propagation.add(database.index, ['DEL', ...removed])
    }
    return isWhole
  }
}
