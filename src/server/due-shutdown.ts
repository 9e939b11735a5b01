/**
 * A shutdown that a signal has asked for and that has not begun. It begins in the next round of the
 * event loop, or when the cron goes on after DEBUG PAUSE-CRON, as it is Redis's cron that looks for
 * it; until then SHUTDOWN ABORT takes it back.
 */

import { afterRound } from '../platform/later.ts'
import type { Server } from './server.ts'

export class DueShutdown {
  private readonly server: Server
  private begin: (() => void) | null = null

  constructor(server: Server) {
    this.server = server
  }

  /** Whether there is one. */
  get isSet(): boolean {
    return this.begin !== null
  }

  /** Has a shutdown begin soon. @param begin begins it */
  set(begin: () => void): void {
    this.begin = begin
    afterRound(() => this.look())
  }

  /** Begins the shutdown that is due, if there is one, unless the cron is paused. */
  look(): void {
    const { begin } = this
    if (begin === null || this.server.cronPaused) return
    this.begin = null
    begin()
  }

  /** Takes it back. @returns whether there was one */
  abort(): boolean {
    if (this.begin === null) return false
    this.begin = null
    this.server.log('notice', 'Shutdown manually aborted.')
    return true
  }
}
