/**
 * The time that commands take, put to their accounts.
 *
 * Time is taken for runs of one and the same command, not for each call: reading the clock costs
 * as much as a tenth of a GET. The first call of a command in a turn, or after another one, is
 * timed by itself. Those that follow are one run, which ends after 64 calls at the latest, and at
 * once after a call of a command that Redis does not call fast, or with many arguments, or with
 * much in its request or its reply: such calls are timed one by one.
 *
 * So the slow log need not look at calls: a run that is shorter than `slowlog-log-slower-than` has
 * none for it. What makes a run of quick calls longer is something from without, such as a machine
 * that has other things to do, and it is entered as one of so many calls. If the threshold is below
 * a millisecond, or the latency monitor is on, every call is timed by itself (`CallWatch`).
 *
 * A request that waits is timed while it runs, and the time is put to its account when it is done.
 */
import type { Command } from '../commands/command-table.ts'
import type { Args } from '../resp/args.ts'
import type { Server } from './server.ts'
import type { Session } from './session.ts'

/** A request with more arguments is timed by itself. */
const FEW_ARGUMENTS = 16

/** Where EXEC stands while what was queued is timed. */
export interface Suspended {
  readonly command: Command
  readonly startUs: number
}

export class CallTimer {
  private readonly server: Server
  /** The command of the run under way. */
  private timed: Command | null = null
  /** Whose the run under way is. */
  private session: Session | null = null
  /** How often that command had been called when the run began. */
  private callsBefore = 0
  /** Monotonic time since which nothing has been put to a command's account. */
  startUs = 0
  /** The command whose run was the last to end in this turn. */
  private previous: Command | null = null
  /** Nothing has been done since `startUs`. */
  private isSettled = false
  /** Requests have been queued since then, which are put to nobody's account. */
  private hasQueued = false

  constructor(server: Server) {
    this.server = server
  }

  /** Begins a turn, at a monotonic time. */
  beginTurn(nowUs: number): void {
    this.startUs = nowUs
    this.previous = null
    this.isSettled = false
  }

  /** Puts all time so far to an account. */
  settle(): void {
    if (!this.isSettled) this.end()
  }

  /** Puts the time so far to nobody's account. */
  disregard(): void {
    this.startUs = this.server.clock.monotonicMicroseconds()
  }

  /** A request was refused. */
  noteRefused(): void {
    this.isSettled = false
  }

  /** A request was queued. */
  noteQueued(): void {
    if (this.timed !== null) this.end()
    this.hasQueued = true
    this.isSettled = false
  }

  /** What was queued since the last call takes no time of the command that comes now. */
  skipQueued(): void {
    if (this.hasQueued) this.disregard()
    this.hasQueued = false
  }

  /** A call begins. */
  begin(command: Command, session: Session): void {
    if (this.timed === command) return
    if (this.timed !== null) this.end()
    this.isSettled = false
    this.timed = command
    this.session = session
    this.callsBefore = command.calls
  }

  /** A call is done, and counted. */
  done(command: Command, session: Session, args: Args, replyBytes: number): void {
    const { callWatch } = this.server
    const requestBytes = args.ends[args.count - 1]! - args.starts[0]!
    const isLarge = requestBytes + replyBytes > callWatch.largeBytes
    const isNotable = isLarge || args.count > FEW_ARGUMENTS || !command.isQuick
    const calls = command.calls - this.callsBefore
    if (isNotable || this.previous !== command) this.end(args)
    else if (calls >= callWatch.callsInRun) this.end(calls === 1 ? args : null)
    if (isNotable) callWatch.examineSize(session, command, args, replyBytes)
  }

  /** A call waits from now on. */
  wait(session: Session): void {
    const { startUs } = this
    this.end()
    session.ranUs = Math.max(0, session.ranUs) + this.startUs - startUs
  }

  /** A call that waited is done, without having been run again. */
  doneWaiting(command: Command, session: Session, args: Args): void {
    const { server } = this
    command.account(session.ranUs, 1, server.tracksLatency)
    server.callWatch.examineTime(session, command, args, 1, 0, session.ranUs)
  }

  /** EXEC begins with what was queued. */
  suspend(): Suspended {
    const command = this.timed!
    this.timed = null
    this.previous = null
    return { command, startUs: this.startUs }
  }

  /** EXEC goes on; the time of what was run is its own too. */
  resume({ command, startUs }: Suspended): void {
    this.end()
    this.timed = command
    this.callsBefore = command.calls
    this.startUs = startUs
  }

  /**
   * Puts the time since `startUs` to the account of the run under way, if there is one.
   *
   * @param args the request of its last call, if that is to be named should it have taken long
   */
  end(args: Args | null = null): void {
    const { server, timed } = this
    const nowUs = server.clock.monotonicMicroseconds()
    if (timed !== null) this.account(timed, nowUs - this.startUs, args)
    this.timed = null
    this.previous = timed
    this.startUs = nowUs
    this.isSettled = true
  }

  private account(command: Command, microseconds: number, args: Args | null): void {
    const { server } = this
    const session = this.session!
    const beforeUs = Math.max(0, session.ranUs)
    const totalUs = microseconds + beforeUs
    // No more than one call if the run has set the counts back.
    const calls = Math.max(1, command.calls - this.callsBefore)
    if (!session.isHeld) {
      session.ranUs = -1
      command.account(totalUs, calls, server.tracksLatency)
    }
    if (totalUs >= server.callWatch.longUs) {
      server.callWatch.examineTime(session, command, args, calls, microseconds, totalUs)
    }
  }
}
