/**
 * From a parsed request to its reply: finds the command, checks what every command is checked for,
 * runs it and keeps the counts. The time that calls take is the `CallTimer`'s.
 */

import type { Command } from '../commands/command-table.ts'
import { Context } from '../commands/context.ts'
import { CommandError, OUT_OF_MEMORY, wrongNumberOfArguments } from '../commands/errors.ts'
import { Args } from '../resp/args.ts'
import type { Reply } from '../resp/reply.ts'
import { isSilent, modeBehind, REPLY_ON } from '../resp/reply-mode.ts'
import { ReplyTooLong } from '../resp/resp-reply.ts'
import { CallTimer } from './call-timer.ts'
import {
  clientError,
  isAllowed,
  isCrossProtocol,
  isKeptFrom,
  NO_AUTH,
  NO_MULTI,
  notAllowed,
  onlySubscriptions,
  SHOWN_BYTES,
  unknownCommand,
} from './refusals.ts'
import type { Server } from './server.ts'
import type { Session } from './session.ts'
import type { Transaction } from './transaction.ts'

/** What is let through in a transaction however short memory is, EXEC apart. */
const ENDS = new Set(['discard', 'quit', 'reset'])
const QUEUED = Buffer.from('+QUEUED\r\n')

export class Dispatcher {
  private readonly server: Server
  private context: Context | null = null
  readonly timer: CallTimer
  /** What the command under way says even to a client that asked for no reply; null for nothing. */
  unsilenced: Buffer | null = null
  /** The queued requests of an EXEC have been answered, as far as they were to be. */
  private hasAnswered = false
  /** The queued request that EXEC is at. */
  private readonly queuedArgs = new Args()

  constructor(server: Server) {
    this.server = server
    this.timer = new CallTimer(server)
  }

  /** Runs one request and writes its reply. */
  execute(session: Session, args: Args): void {
    if (session.transaction !== null) return this.executeIn(session.transaction, session, args)
    const { server } = this
    const { reply } = server
    // What the session is told of evicted keys comes before its reply, and is no part of it.
    const isFull = server.memory.isExceeded && !server.memory.makeRoom(args)
    const mark = reply.length
    const command = this.resolve(args)
    if (command === null) {
      if (isCrossProtocol(args)) {
        server.crossProtocolAttack(session)
        return
      }
      this.reject(unknownCommand(server, args), null, session, args)
    } else if (!command.takes(args.count)) {
      this.reject(wrongNumberOfArguments(command.fullName), command, session, args)
    } else if (command.isProtected && !isAllowed(server, session, command)) {
      this.reject(notAllowed(command), command, session, args)
    } else if (!session.authenticated && !command.needsNoAuth && session.needsAuth) {
      this.reject(NO_AUTH, command, session, args)
    } else if (!session.user.hasAllRights && server.access.denies(session, command, args)) {
      this.reject(server.access.refusal, command, session, args)
    } else if (isFull && command.deniesOutOfMemory) {
      if (server.snapshots.holdsForRoom(session)) return hold(session, command, args)
      this.reject(OUT_OF_MEMORY, command, session, args)
    } else if (server.guard.isActive && server.guard.refusal(command) !== null) {
      this.reject(server.guard.refusal(command)!, command, session, args)
    } else if (session.subscriptions !== null && isKeptFrom(session, command)) {
      this.reject(onlySubscriptions(command), command, session, args)
    } else if (server.monitors.isActive && server.monitors.refusal(session, command) !== null) {
      this.reject(server.monitors.refusal(session, command)!, command, session, args)
    } else if (server.pause.active && server.pause.holds(session, command)) {
      server.pause.hold(session)
      return hold(session, command, args)
    } else if (server.guard.isActive && server.guard.holds(session, command, args)) {
      return hold(session, command, args)
    } else {
      session.lastCommand = command.fullName
      this.run(command, session, args, mark)
    }
    if (session.replyMode !== REPLY_ON && !session.isHeld) this.suppress(session, mark)
    if (server.hasOwnPushes) server.writeOwnPushes()
    if (server.blocking.hasWork) server.blocking.serve()
  }

  /** The same within a transaction: most requests are queued. */
  private executeIn(transaction: Transaction, session: Session, args: Args): void {
    const { server } = this
    const { guard, pause, reply } = server
    const isFull = server.memory.isExceeded && !server.memory.makeRoom(args)
    const mark = reply.length
    const command = this.resolve(args)
    if (command === null && isCrossProtocol(args)) return server.crossProtocolAttack(session)
    const isExec = command !== null && command.fullName === 'exec'
    const refusal = this.refusalIn(transaction, session, command, args, isFull)
    if (refusal !== null) {
      const isHeld = refusal === OUT_OF_MEMORY && server.snapshots.holdsForRoom(session)
      if (isHeld) return hold(session, command!, args)
      this.reject(refusal, command, session, args)
    } else if (pause.active && pause.holds(session, isExec ? transaction : command!)) {
      pause.hold(session)
      return hold(session, command!, args)
    } else if (isExec && guard.isActive && this.holds(transaction, session)) {
      return hold(session, command!, args)
    } else if (command!.isQueued) {
      session.lastCommand = command!.fullName
      this.queue(transaction, session, command!, args)
    } else {
      session.lastCommand = command!.fullName
      this.timer.skipQueued()
      this.run(command!, session, args, mark)
    }
    if (session.replyMode !== REPLY_ON) this.suppress(session, this.hasAnswered ? -1 : mark)
    this.hasAnswered = false
    if (server.hasOwnPushes) server.writeOwnPushes()
    if (server.blocking.hasWork) server.blocking.serve()
  }

  /** What a request within a transaction is refused with; null if it is not. */
  private refusalIn(
    transaction: Transaction,
    session: Session,
    command: Command | null,
    args: Args,
    isFull: boolean,
  ): CommandError | null {
    const { server } = this
    const { guard, monitors } = server
    if (command === null) return unknownCommand(server, args)
    if (!command.takes(args.count)) return wrongNumberOfArguments(command.fullName)
    if (command.isProtected && !isAllowed(server, session, command)) return notAllowed(command)
    if (!session.authenticated && !command.needsNoAuth && session.needsAuth) return NO_AUTH
    if (command.isKeptFromMulti) return NO_MULTI
    if (!session.user.hasAllRights && server.access.denies(session, command, args)) {
      return server.access.refusal
    }
    const isExec = command.fullName === 'exec'
    if (isFull) {
      // Whatever is queued takes memory; what ends the transaction never does.
      const needsMemory = isExec ? transaction.deniesOutOfMemory : !ENDS.has(command.fullName)
      if (needsMemory) return OUT_OF_MEMORY
    }
    let refusal: CommandError | null = null
    if (guard.isActive) {
      refusal = isExec ? guard.refusalOfExec(transaction) : guard.refusal(command)
    }
    if (refusal !== null || !monitors.isActive) return refusal
    return isExec
      ? monitors.refusalOfExec(session, transaction)
      : monitors.refusal(session, command)
  }

  private queue(transaction: Transaction, session: Session, command: Command, args: Args): void {
    this.timer.noteQueued()
    // What is never going to be done need not be kept.
    if (!transaction.isRefused && !session.isDirty) transaction.add(command, args)
    this.server.reply.raw(QUEUED)
  }

  /** Whether EXEC has to wait because one of the queued requests has to. */
  private holds(transaction: Transaction, session: Session): boolean {
    if (!transaction.mayChange) return false
    const { guard, keyspace } = this.server
    const { queuedArgs } = this
    const { db } = session
    let isHeld = false
    transaction.rewind()
    for (let i = 0; i < transaction.count; i++) {
      const command = transaction.next(queuedArgs)
      if (command.fullName === 'select') {
        session.db = keyspace.databases[queuedArgs.safeInteger(1)] ?? session.db
      } else if (guard.holds(session, command, queuedArgs)) {
        isHeld = true
      }
    }
    session.db = db
    queuedArgs.clear()
    return isHeld
  }

  /**
   * EXEC: runs the requests of a session's transaction, one behind the other, and ends it. Its
   * replies are suppressed one by one, since CLIENT REPLY may be among the requests.
   */
  runQueued(session: Session, transaction: Transaction): void {
    const { queuedArgs, server, timer } = this
    const { guard, reply } = server
    const { count } = transaction
    const exec = timer.suspend()
    server.watches.unwatch(session)
    transaction.isRunning = true
    transaction.rewind()
    session.mayBlock = false
    const start = reply.length
    reply.array(count)
    if (isSilent(session.replyMode)) reply.truncate(start)
    for (let i = 0; i < count; i++) {
      const command = transaction.next(queuedArgs)
      const mark = reply.length
      if (guard.isActive) guard.holds(session, command, queuedArgs)
      if (!session.user.hasAllRights && server.access.deniesQueued(session, command, queuedArgs)) {
        this.fail(server.access.refusal)
      } else {
        this.run(command, session, queuedArgs, mark)
      }
      if (isSilent(session.replyMode)) this.takeBack(mark)
    }
    session.mayBlock = true
    this.hasAnswered = true
    queuedArgs.clear()
    server.transactions.discard(session)
    server.transactions.giveBack(transaction)
    timer.resume(exec)
  }

  /** Writes the reply of a request that waited and is not run again, and counts it as a call. */
  answer(session: Session, args: Args, write: (reply: Reply) => void): void {
    const { server } = this
    const { reply } = server
    const mark = reply.length
    const errors = server.errorReplies
    write(reply)
    const command = this.resolve(args)
    if (command !== null) {
      command.calls++
      if (server.errorReplies > errors) command.failedCalls++
      this.timer.doneWaiting(command, session, args)
    }
    session.ranUs = -1
    server.commandsProcessed++
    if (session.tracking !== null) server.tracking.afterCommand(session, command)
    if (session.replyMode !== REPLY_ON) this.suppress(session, mark)
  }

  /**
   * Does again what a log says, whatever stands in the way of clients. @returns false if there is
   * no such command
   */
  replay(session: Session, args: Args): boolean {
    const { reply } = this.server
    const command = this.resolve(args)
    if (command === null || !command.takes(args.count)) return false
    const mark = reply.length
    const context = this.contextOf(session, args)
    try {
      command.run(context)
    } catch (error) {
      if (!(error instanceof CommandError)) throw error
      const text = `'${error.text}' in reply to '${command.fullName}'`
      this.server.log('warning', `A command of the append only file has failed: ${text}`)
    }
    reply.truncate(mark)
    return true
  }

  private contextOf(session: Session, args: Args): Context {
    const { context, server } = this
    if (context === null) {
      this.context = new Context(server, session, args, server.reply)
      return this.context
    }
    context.session = session
    context.args = args
    context.db = session.db
    return context
  }

  private run(command: Command, session: Session, args: Args, mark: number): void {
    const { server } = this
    this.timer.begin(command, session)
    const context = this.contextOf(session, args)
    const { dirty, propagation } = server
    const propagates = propagation.active
    const { index } = context.db
    if (propagates) propagation.begin()
    try {
      command.run(context)
    } catch (error) {
      server.reply.truncate(mark)
      if (error instanceof ReplyTooLong) server.closeSlowReader(session)
      else this.fail(error)
      command.failedCalls++
    }
    if (propagates) {
      propagation.end(index, command.mayChange && server.dirty !== dirty ? args : null)
    }
    if (session.tracking !== null) server.tracking.afterCall(session, command, args)
    if (server.monitors.isActive && session.ranUs < 0) server.monitors.feed(session, command, args)
    // A request that waits is not done. Counted when done, so that the CONFIG RESETSTAT itself is
    // the first call of the new count.
    if (session.isHeld) return this.timer.wait(session)
    server.commandsProcessed++
    command.calls++
    this.timer.done(command, session, args, server.reply.length - mark)
  }

  /** Answers what a command has thrown; throws it on if it is no error of the client's. */
  private fail(error: unknown): void {
    const { server } = this
    const { text } = clientError(error)
    server.reply.error(text)
    server.countError(text)
  }

  private resolve(args: Args): Command | null {
    const command = this.server.commands.find(args)
    if (command === null || command.subcommands === null || args.count === 1) return command
    if (args.length(1) > SHOWN_BYTES) return null
    return command.subcommands.get(args.text(1).toLowerCase()) ?? null
  }

  private reject(error: CommandError, command: Command | null, session: Session, args: Args): void {
    const { monitors } = this.server
    let { text } = error
    this.timer.noteRefused()
    session.lastCommand = command === null ? '' : command.fullName
    session.ranUs = -1
    if (session.transaction !== null) session.transaction.isRefused = true
    if (command !== null && command.fullName === 'exec') {
      this.server.transactions.discard(session)
      const reason = text.startsWith('ERR ') ? text.slice(4) : text
      text = `EXECABORT Transaction discarded because of: ${reason}`
      if (monitors.isActive) monitors.feed(session, command, args)
    }
    this.server.reply.error(text)
    this.server.countError(text)
    if (session.tracking !== null) this.server.tracking.afterCommand(session, command)
    if (command !== null) command.rejectedCalls++
  }

  /** Takes back what was answered from `mark` on, if the client asked not to get it; not if -1. */
  private suppress(session: Session, mark: number): void {
    const { replyMode } = session
    if (mark >= 0 && isSilent(replyMode)) this.takeBack(mark)
    session.replyMode = modeBehind(replyMode)
  }

  private takeBack(mark: number): void {
    const { reply } = this.server
    reply.truncate(mark)
    if (this.unsilenced !== null) reply.raw(this.unsilenced)
    this.unsilenced = null
  }
}

/** Keeps a request for later. */
function hold(session: Session, command: Command, args: Args): void {
  session.lastCommand = command.fullName
  session.hold(args)
}
