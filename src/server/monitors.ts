/**
 * The sessions that see what all others do (MONITOR). Each call is one line, with the time, the
 * database and the address, which is encoded once and sent to all of them as the same bytes.
 *
 * As in Redis 7.2, a call is shown once it has been run, so SELECT with the database that it led
 * to, and EXEC behind what it has run; one that waits is shown when it begins to. Commands of
 * administrators are not shown, nor is anything while the data is being loaded. Lines are simple
 * strings under either version of the protocol.
 */
import { quoted } from '../bytes/quote.ts'
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
    const line = Buffer.from(this.line(session, command, args), 'latin1')
    for (const monitor of this.sessions) {
      if (!isSilent(monitor.replyMode)) server.pushTo(monitor, line)
    }
  }

  private line(session: Session, command: Command, args: Args): string {
    const { server } = this
    const nowUs = server.clock.unixMicroseconds()
    const seconds = Math.floor(nowUs / MICROSECONDS)
    const fraction = String(nowUs % MICROSECONDS).padStart(6, '0')
    const secrets = secretsOf(server, command, args)
    const words: string[] = []
    for (let i = 0; i < args.count; i++) {
      words.push(secrets.includes(i) ? `"${REDACTED}"` : quoted(args.slice(i)))
    }
    const where = `[${session.db.index} ${addressOf(session)}]`
    return `+${seconds}.${fraction} ${where} ${words.join(' ')}\r\n`
  }
}

function addressOf({ transport }: Session): string {
  const { isUnixSocket, remoteAddress } = transport
  return isUnixSocket ? `unix:${remoteAddress.replace(/:0$/, '')}` : remoteAddress
}
