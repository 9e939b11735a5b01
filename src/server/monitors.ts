/**
 * The sessions that see what all others do (MONITOR). Each call is one line, with the time, the
 * database and the address, which is encoded once and sent to all of them as the same bytes.
 *
 * As in Redis 7.2, a call is shown once it has been run, so SELECT with the database that it led
 * to, and EXEC behind what it has run; one that waits is shown when it begins to. Commands of
 * administrators are not shown, nor is anything while the data is being loaded. Lines are simple
 * strings under either version of the protocol.
 */
import { quotedLength, writeQuoted } from '../bytes/quote.ts'
import type { Command } from '../commands/command-table.ts'
import { CommandError } from '../commands/errors.ts'
import type { Args } from '../resp/args.ts'
import { isSilent } from '../resp/reply-mode.ts'
import { REDACTED, secretsOf } from './secrets.ts'
import type { Server } from './server.ts'
import type { Session } from './session.ts'
import type { Transaction } from './transaction.ts'

/** To Redis a client that monitors is a replica of a kind. */
const NO_KEYS = new CommandError("ERR Replica can't interact with the keyspace")
const MICROSECONDS = 1_000_000
const SPACE = 32
const LINE_END = Buffer.from('\r\n')
const HIDDEN = Buffer.from(REDACTED)

export class Monitors {
  /** Whether anybody listens: asked for after every command. */
  isActive = false
  private readonly server: Server
  private readonly sessions = new Set<Session>()

  constructor(server: Server) {
    this.server = server
  }

  add(session: Session): void {
    this.sessions.add(session)
    session.isMonitor = true
    this.isActive = true
  }

  forget(session: Session): void {
    if (!this.sessions.delete(session)) return
    session.isMonitor = false
    this.isActive = this.sessions.size > 0
  }

  /** What a command that is about data is refused with, if the session monitors; else null. */
  refusal(session: Session, command: Command): CommandError | null {
    const isRefused = session.isMonitor && (command.mayChange || command.reads)
    return isRefused ? NO_KEYS : null
  }

  /** The same of an EXEC that is about to do a transaction. */
  refusalOfExec(session: Session, { mayChange, reads }: Transaction): CommandError | null {
    return session.isMonitor && (mayChange || reads) ? NO_KEYS : null
  }

  /** Shows a call, if it is one that is shown. */
  feed(session: Session, command: Command, args: Args): void {
    const { server } = this
    if (server.isLoading || command.has('admin') || command.has('skip_monitor')) return
    const line = this.line(session, command, args)
    for (const monitor of this.sessions) {
      if (!isSilent(monitor.replyMode)) server.pushTo(monitor, line)
    }
  }

  /** A call's line: written as bytes, as an argument may be longer than strings can be. */
  private line(session: Session, command: Command, args: Args): Buffer {
    const { server } = this
    const nowUs = server.clock.unixMicroseconds()
    const seconds = Math.floor(nowUs / MICROSECONDS)
    const fraction = String(nowUs % MICROSECONDS).padStart(6, '0')
    const where = `[${session.db.index} ${addressOf(session)}]`
    const beginning = Buffer.from(`+${seconds}.${fraction} ${where}`, 'latin1')
    const words: Uint8Array[] = []
    for (let i = 0; i < args.count; i++) words.push(args.slice(i))
    for (const i of secretsOf(server, command, args)) if (i < args.count) words[i] = HIDDEN
    let length = beginning.length + LINE_END.length
    for (const word of words) length += 1 + quotedLength(word)
    const line = Buffer.allocUnsafe(length)
    let at = beginning.copy(line)
    for (const word of words) {
      line[at++] = SPACE
      at = writeQuoted(word, line, at)
    }
    LINE_END.copy(line, at)
    return line
  }
}

function addressOf({ transport }: Session): string {
  const { isUnixSocket, remoteAddress } = transport
  return isUnixSocket ? `unix:${remoteAddress.replace(/:0$/, '')}` : remoteAddress
}
