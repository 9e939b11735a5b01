/**
 * What stands between requests and the data while something is out of the ordinary: the data is
 * being loaded, the disk refuses writes, the log is behind, a snapshot is being taken, keys are on
 * their way to another server. `isActive`
 * is all that the dispatcher asks at ordinary times.
 *
 * Error texts are those of Redis 7.2.
 */
import type { Command } from '../commands/command-table.ts'
import { CommandError } from '../commands/errors.ts'
import { afterRound } from '../platform/later.ts'
import type { Args } from '../resp/args.ts'
import type { Server } from './server.ts'
import type { Session } from './session.ts'
import type { Transaction } from './transaction.ts'

const LOADING = new CommandError('LOADING Redis is loading the dataset in memory')
const SAVE_FAILED = new CommandError(
  "MISCONF Redis is configured to save RDB snapshots, but it's currently unable to persist to " +
    'disk. Commands that may modify the data set are disabled, because this instance is ' +
    'configured to report errors during writes if RDB snapshotting fails ' +
    '(stop-writes-on-bgsave-error option). Please check the Redis logs for details about the RDB ' +
    'error.',
)

export class Guard {
  /** Whether anything is out of the ordinary. */
  isActive = false
  private readonly server: Server
  /** Sessions that wait for the log to catch up. */
  private readonly held = new Set<Session>()
  private isLogBehind = false

  constructor(server: Server) {
    this.server = server
  }

  /** Looks how things are: to be called when that may have changed, and by the cron. */
  update(): void {
    const { appendOnly, isLoading, migrations, saves, snapshots } = this.server
    this.isLogBehind = !isLoading && (appendOnly.log.isBehind() || appendOnly.holdsWriters)
    this.isActive =
      isLoading ||
      snapshots.isActive ||
      migrations.isActive ||
      saves.refusesWrites ||
      appendOnly.refusal !== null ||
      this.isLogBehind
    if (this.isLogBehind || this.held.size === 0) return
    // The turn of one session must not come within that of another.
    if (this.server.sessionInTurn !== null) afterRound(this.release)
    else this.release()
  }

  private readonly release = (): void => {
    if (this.isLogBehind) return
    const sessions = [...this.held]
    this.held.clear()
    for (const session of sessions) session.resume()
  }

  forget(session: Session): void {
    this.held.delete(session)
  }

  /** What a command is refused with; null if it is not. */
  refusal(command: Command): CommandError | null {
    return this.refusalOf(
      command.isWrite || command.spec.name === 'PING',
      !command.runsWhileLoading,
    )
  }

  /** What an EXEC is refused with that is about to do a transaction. */
  refusalOfExec(transaction: Transaction): CommandError | null {
    return this.refusalOf(transaction.isWrite, transaction.needsLoadedData)
  }

  private refusalOf(isWrite: boolean, needsLoadedData: boolean): CommandError | null {
    const { appendOnly, isLoading, saves } = this.server
    if (isLoading) return needsLoadedData ? LOADING : null
    if (!isWrite) return null
    if (saves.refusesWrites) return SAVE_FAILED
    const { refusal } = appendOnly
    if (refusal === null) return null
    return new CommandError(`MISCONF Errors writing to the AOF file: ${refusal}`)
  }

  /** Whether a request has to wait; the session is resumed when it need not any more. */
  holds(session: Session, command: Command, args: Args): boolean {
    if (this.isLogBehind && command.isWrite && session.mayBlock) {
      this.held.add(session)
      return true
    }
    if (this.server.snapshots.holds(session, command, args)) return true
    if (this.server.migrations.holds(session, command, args)) return true
    const { preserver } = this.server.keyspace
    // A command that is not known to read only may change what it looks up.
    if (preserver !== null) {
      preserver.isChanging = command.mayChange || !command.reads
    }
    return false
  }
}
