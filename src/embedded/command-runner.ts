/**
 * Runs commands for the process that the store is embedded in: what `server/dispatcher.ts` does for
 * requests from clients, without sockets in between, and as quick as can be. The caller is trusted:
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
import type { Args } from '../resp/args.ts'
import type { Reply } from '../resp/reply.ts'
import type { Server } from '../server/server.ts'
import type { Session } from '../server/session.ts'
import { CLOSED, StoreError } from './store-error.ts'

/** So much of the log is written at once, the round of the event loop being over or not. */
const FLUSH_BYTES = 256 * 1024
/** So long the log waits at most, if the caller goes on and on. */
const FLUSH_MS = 100
/** So many calls take the same time for that at which they use keys; the cron reads it too. */
const CALLS_PER_TICK = 64

/** The reply of one call. */
export interface CallReply extends Reply {
  /** The text of the error that was answered; null if none was. */
  readonly failure: string | null
  /** Forgets what the call has written. */
  takeBack(): void
}

export class CommandRunner<R extends CallReply> {
  readonly server: Server
  readonly session: Session
  /** Of the request that is run. */
  readonly args: Args
  readonly reply: R
  private readonly context: Context
  private isClosed = false
  /** How many transactions are under way, one in another. */
  private depth = 0
  private callsToTick = 0
  private flushedMs = 0
  private loggedCalls = 0

  constructor(server: Server, session: Session, args: Args, reply: R) {
    this.server = server
    this.session = session
    this.args = args
    this.reply = reply
    session.protocol = 3
    session.mayBlock = false
    server.access.trust(session)
    this.context = new Context(server, session, args, reply)
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

  /** Runs the request that `args` holds. @throws StoreError once the store is closed */
  run(command: Command): void {
    const { reply, server } = this
    if (this.isClosed) throw new StoreError(CLOSED)
    this.tick()
    const refusal = this.refusal(command)
    if (refusal !== null) {
      reply.error(refusal)
      command.rejectedCalls++
      return server.countError(refusal)
    }
    this.runCommand(command)
    if (this.depth === 0) this.settle()
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
    const { args, server } = this
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
    const { args, context, reply, server, session } = this
    const { dirty, keyspace, propagation } = server
    const propagates = propagation.active
    const { db } = session
    keyspace.touching = !session.noTouch
    context.db = db
    if (propagates) propagation.begin()
    try {
      command.run(context)
    } catch (error) {
      reply.takeBack()
      if (!(error instanceof CommandError)) {
        if (propagates) propagation.end(db.index, null)
        throw error
      }
      reply.error(error.text)
    }
    if (propagates) {
      propagation.end(db.index, command.mayChange && server.dirty !== dirty ? args : null)
    }
    if (server.monitors.isActive) server.monitors.feed(session, command, args)
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
        this.reply.takeBack()
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
