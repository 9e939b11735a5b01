/**
 * CLIENT PAUSE: for a time, commands of clients are held back, all of them or those that write.
 *
 * A session whose command is held back keeps it, and reads no further request, until the pause is
 * over; then the sessions go on in the order in which they were stopped. Until when a pause lasts
 * is read off the server's clock; a timer only says when to look. A second pause never makes the
 * first shorter or milder, as in Redis 7.2. Nor do keys expire in the meantime: they are not seen
 * any more, but the data stays as it is.
 *
 * Apart from that a pause without end, of all commands, freezes the data while they are saved for
 * the last time.
 */
import type { Command } from '../commands/command-table.ts'
import type { Keyspace } from '../keyspace/keyspace.ts'
import type { Clock } from '../platform/clock.ts'
import { afterRound } from '../platform/later.ts'
import type { Session } from './session.ts'
import type { Transaction } from './transaction.ts'

const MAX_TIMER_MS = 2 ** 31 - 1

export class Pause {
  /** Whether there is a pause: asked for at every command. */
  active = false
  private readonly clock: Clock
  private readonly keyspace: Keyspace
  private isFrozen = false
  private writesOnly = false
  private untilMs = 0
  private timer: NodeJS.Timeout | null = null
  /** In the order in which they were stopped. */
  private readonly held = new Set<Session>()

  constructor(keyspace: Keyspace) {
    this.keyspace = keyspace
    this.clock = keyspace.clock
  }

  /** Number of sessions that wait for the end of the pause. */
  get heldCount(): number {
    return this.held.size
  }

  /**
   * Whether a command, or a transaction, has to wait while the pause lasts; no monitor has to,
   * unless the data are frozen.
   */
  holds(session: Session, { mayChange }: Command | Transaction): boolean {
    return this.isFrozen || ((!this.writesOnly || mayChange) && !session.isMonitor)
  }

  /** Begins a pause that lasts until the Unix time `untilMs`, or adds to the one there is. */
  begin(untilMs: number, writesOnly: boolean): void {
    this.writesOnly = writesOnly && (this.writesOnly || !this.active)
    this.untilMs = Math.max(this.untilMs, untilMs)
    this.setActive(this.untilMs > this.clock.nowMs)
    this.setTimer()
  }

  /** Ends the pause. Those held back go on soon after, not within the turn under way. */
  end(): void {
    this.setActive(false)
    this.setTimer()
  }

  /** Holds back all commands until `thaw`, whatever other pause there is. */
  freeze(): void {
    this.isFrozen = true
    this.setActive(true)
  }

  /** Lets all go on soon after, who are held back again if there is another pause still. */
  thaw(): void {
    this.isFrozen = false
    afterRound(() => {
      if (this.isFrozen) return
      this.clock.tick()
      this.setActive(this.untilMs > this.clock.nowMs)
      this.setTimer()
      this.resumeHeld()
    })
  }

  hold(session: Session): void {
    this.held.add(session)
  }

  forget(session: Session): void {
    this.held.delete(session)
  }

  /** Lets the sessions go on if the time is over; must not be called during a turn. */
  look(): void {
    if (this.isFrozen) return
    this.clock.tick()
    if (this.untilMs > this.clock.nowMs) return this.setTimer()
    this.setActive(false)
    this.setTimer()
    this.resumeHeld()
  }

  private resumeHeld(): void {
    const sessions = [...this.held]
    this.held.clear()
    for (const session of sessions) session.resume()
  }

  private setActive(active: boolean): void {
    this.active = active
    this.keyspace.expirySuspended = active
    if (!active) this.untilMs = 0
  }

  private setTimer(): void {
    if (this.timer !== null) clearTimeout(this.timer)
    this.timer = null
    if (!this.active) {
      if (this.held.size > 0) afterRound(() => this.look())
      return
    }
    const waitMs = Math.max(0, this.untilMs - this.clock.nowMs)
    this.timer = setTimeout(() => this.look(), Math.min(waitMs, MAX_TIMER_MS))
    this.timer.unref()
  }
}
