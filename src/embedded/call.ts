/**
 * Runs commands for the process that the store is embedded in: what `server/dispatcher.ts` does for
 * requests from clients, without bytes in between, and as quick as can be. The caller is trusted:
 * there is no password, no CLIENT PAUSE, no limit of output, and calls are counted but not timed.
 *
 * Time passes between any two calls, since nobody says where a turn of the caller begins. What a
 * call has changed is written to the log at the end of the round of the event loop, together with
 * what others have changed; before that when much has gathered, for a caller that does not let go
 * of the thread; and with `appendfsync always` before the call returns.
 *
 * A call cannot wait. What would make a client wait is done at once, as within EXEC.
 */
import type { Command } from '../commands/command-table.ts'
import { Context } from '../commands/context.ts'
import { CommandError, OUT_OF_MEMORY, wrongNumberOfArguments } from '../commands/errors.ts'
import { unknownCommand } from '../server/refusals.ts'
import type { Server } from '../server/server.ts'
import type { Session } from '../server/session.ts'
import type { QueuedCall } from './multi.ts'
import { type Argument, nameOf, Request } from './request.ts'
import { CLOSED, StoreError } from './store-error.ts'
import { type Value, ValueReply } from './value-reply.ts'
import { textOfLatin1 } from './value-text.ts'

/** So much of the log is written at once, the round of the event loop being over or not. */
const FLUSH_BYTES = 256 * 1024
/** So long the log waits at most, if the caller goes on and on. */
const FLUSH_MS = 100
/** So many calls take the same time for that at which they use keys; the cron reads it too. */
const CALLS_PER_TICK = 64

/** What depends on a connection, of which a call has none, and what to do instead. */
export const REFUSED = new Map([
  ['multi', 'use multi() or transaction()'],
  ['exec', 'use multi() or transaction()'],
  ['discard', 'use multi() or transaction()'],
  ['subscribe', 'use subscribe()'],
  ['psubscribe', 'use subscribe() with { pattern: true }'],
  ['ssubscribe', 'use subscribe() with { shard: true }'],
  ['unsubscribe', 'close the subscription'],
  ['punsubscribe', 'close the subscription'],
  ['sunsubscribe', 'close the subscription'],
  ['monitor', 'use connect()'],
  ['hello', 'use connect()'],
  ['auth', 'there is nobody to be told from others'],
  ['reset', 'there is no connection'],
  ['quit', 'use close()'],
  ['shutdown', 'use close()'],
  ['sync', 'use connect()'],
  ['psync', 'use connect()'],
  ['client|reply', 'use connect()'],
  ['client|tracking', 'use connect()'],
  ['client|caching', 'use connect()'],
])

export class Calls {
  readonly server: Server
  readonly session: Session
  readonly reply = new ValueReply()
  readonly request = new Request()
  private readonly context: Context
  private isClosed = false
  /** How many transactions are under way, one in another. */
  private depth = 0
  private callsToTick = 0
  private flushedMs = 0
  private loggedCalls = 0

  constructor(server: Server, session: Session) {
    this.server = server
    this.session = session
    session.protocol = 3
    session.mayBlock = false
    server.access.trust(session)
    this.context = new Context(server, session, this.request.args, this.reply)
  }

  close(): void {
    this.isClosed = true
  }

  /** @throws StoreError once the store is closed */
  checkOpen(): void {
    if (this.isClosed) throw new StoreError(CLOSED)
  }

  /** Whether a transaction is under way. */
  get isInUnit(): boolean {
    return this.depth > 0
  }

  /** The command of a name, `container|sub` for a subcommand. @throws StoreError */
  commandOf(name: string): Command {
    const command = this.server.commands.get(name)
    if (command === null) throw new StoreError(`ERR unknown command '${name}'`)
    return command
  }

  /** Makes the request of any command. @throws StoreError if there is no such */
  prepare(name: string, args: readonly Argument[]): Command {
    const { request } = this
    const { commands } = this.server
    let command = commands.get(nameOf(name))
    let first = 0
    if (command !== null && command.subcommands !== null && args.length > 0) {
      command = command.subcommands.get(String(args[0]).toLowerCase()) ?? null
      first = 1
    }
    if (command === null) throw this.unknown(name, args)
    const instead = REFUSED.get(command.fullName)
    if (instead !== undefined) {
      const shown = command.fullName.toUpperCase().replace('|', ' ')
      throw new StoreError(`ERR ${shown} can't be called here: ${instead}`)
    }
    request.begin(command)
    for (let i = first; i < args.length; i++) request.add(args[i]!)
    return command
  }

  private unknown(name: string, args: readonly Argument[]): StoreError {
    const { request, server } = this
    request.beginEmpty()
    request.add(name)
    for (const argument of args) request.add(argument)
    return new StoreError(textOfLatin1(unknownCommand(server, request.args).text))
  }

  /** Runs the request that has been made. @throws StoreError */
  finish(command: Command, asBytes: boolean): Value {
    this.reply.asBytes = asBytes
    this.run(command)
    return this.reply.take()
  }

  /** The same, with an error as a value. */
  finishOrError(command: Command): Value {
    this.reply.asBytes = false
    this.run(command)
    return this.reply.takeOrError()
  }

  private run(command: Command): void {
    const { reply, request, server } = this
    if (this.isClosed) throw new StoreError(CLOSED)
    this.tick()
    const refusal = this.refusal(command)
    if (refusal !== null) {
      reply.failure = refusal
      command.rejectedCalls++
      return server.countError(refusal)
    }
    this.runCommand(command)
    if (this.depth === 0) this.settle()
    request.trim()
  }

  /** Has the time read anew, when it is asked for; that of the last use of keys may be older. */
  private tick(): void {
    const { clock, keyspace } = this.server
    clock.tick()
    if (--this.callsToTick > 0) return
    this.callsToTick = CALLS_PER_TICK
    keyspace.tick()
  }

  /** What the request is refused with; null if it is not. */
  private refusal(command: Command): string | null {
    const { server } = this
    const { args } = this.request
    const { guard, memory } = server
    if (!command.takes(args.count)) return wrongNumberOfArguments(command.fullName).text
    if (memory.isExceeded && !memory.makeRoom(args) && command.deniesOutOfMemory) {
      return OUT_OF_MEMORY.text
    }
    if (!guard.isActive) return null
    const refusal = guard.refusal(command)
    if (refusal !== null) return refusal.text
    guard.holds(this.session, command, args)
    return null
  }

  private runCommand(command: Command): void {
    const { context, reply, server, session } = this
    const { dirty, keyspace, propagation } = server
    const propagates = propagation.active
    const { db } = session
    keyspace.touching = !session.noTouch
    context.db = db
    if (propagates) propagation.begin()
    try {
      command.run(context)
    } catch (error) {
      reply.clear()
      if (!(error instanceof CommandError)) {
        if (propagates) propagation.end(db.index, null)
        throw error
      }
      reply.failure = error.text
    }
    if (propagates) {
      const { args } = this.request
      propagation.end(db.index, command.mayChange && server.dirty !== dirty ? args : null)
    }
    if (server.monitors.isActive) server.monitors.feed(session, command, this.request.args)
    if (reply.failure !== null) this.noteFailure(command, reply.failure)
    server.commandsProcessed++
    command.calls++
  }

  private noteFailure(command: Command, failure: string): void {
    command.failedCalls++
    this.server.countError(failure)
  }

  /** After a call, or a transaction: others get what they wait for, the log what has changed. */
  private settle(): void {
    const { server } = this
    if (server.blocking.hasWork) {
      server.beginTurn(this.session)
      server.blocking.serve()
      server.endTurn(this.session)
    }
    if (server.propagation.length > 0) this.log()
    if (server.output.isLong) server.output.flush()
  }

  private log(): void {
    const { appendOnly, output, propagation } = this.server
    const { policy } = appendOnly.log
    if (policy === 'always') {
      appendOnly.flush()
      if (appendOnly.refusal !== null) {
        this.reply.clear()
        throw new StoreError(`MISCONF Errors writing to the AOF file: ${appendOnly.refusal}`)
      }
    } else if (propagation.length > FLUSH_BYTES || this.isLogOld()) {
      this.flushedMs = this.server.clock.nowMs
      appendOnly.flush()
      appendOnly.log.tick()
    } else {
      output.schedule()
    }
  }

  /** Whether the log has waited long enough. Asking for the time costs: every eighth write does. */
  private isLogOld(): boolean {
    if ((++this.loggedCalls & 7) !== 0) return false
    return this.server.clock.nowMs - this.flushedMs > FLUSH_MS
  }

  /**
   * Runs the commands of a transaction, as EXEC does.
   *
   * @returns null, nothing having been done, if a watched key has changed
   * @throws StoreError if one of the commands does not exist or may not be called
   */
  execute(requests: readonly QueuedCall[]): Value[] | null {
    const { server, session } = this
    const { isDirty } = session
    try {
      // What cannot be is found before anything is done.
      for (const { args, name } of requests) this.checkQueued(name, args)
    } finally {
      // As with EXEC, nothing is watched any more, however this ends.
      server.transactions.discard(session)
    }
    if (isDirty) return null
    return this.unit(() =>
      requests.map(({ args, name }) => this.finishOrError(this.prepare(name, args))),
    )
  }

  private checkQueued(name: string, args: readonly Argument[]): void {
    const command = this.prepare(name, args)
    const { count } = this.request.args
    if (!command.takes(count)) throw new StoreError(wrongNumberOfArguments(command.fullName).text)
  }

  /** Runs `work`, whose commands are one unit of the log, and after which others are served. */
  unit<Result>(work: () => Result): Result {
    this.checkOpen()
    const { propagation } = this.server
    const propagates = propagation.active
    this.depth++
    if (propagates) propagation.begin()
    try {
      return work()
    } finally {
      if (propagates) propagation.end(0, null)
      if (--this.depth === 0) this.settle()
    }
  }
}
