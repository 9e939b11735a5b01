/**
 * The replies of one round of the event loop, which leave together at its end.
 *
 * All sessions write into one buffer, turn after turn; per turn only its end is noted. Writing late
 * has two ends: a client that is woken by the first reply finds others to read when it gets to
 * them, as with Redis, which costs both sides fewer switches; and a log can be synced once for all
 * the writes of a round before any of them is acknowledged.
 */
import type { RespReply } from '../resp/resp-reply.ts'
import type { Session } from './session.ts'

/** With so many bytes gathered they leave at once. */
const MAX_GATHERED_BYTES = 64 * 1024

export class OutputQueue {
  private readonly reply: RespReply
  private readonly sessions: (Session | null)[] = []
  private readonly ends: number[] = []
  private count = 0
  private scheduled = false
  /** Called before anything is sent. */
  beforeSend: (() => void) | null = null
  private readonly flushScheduled = (): void => {
    this.scheduled = false
    this.flush()
  }

  constructor(reply: RespReply) {
    this.reply = reply
  }

  /** Notes that all that was written since the last turn is for `session`. */
  endTurn(session: Session): void {
    const { count } = this
    const end = this.reply.length
    if (count > 0 && this.sessions[count - 1] === session) {
      this.ends[count - 1] = end
    } else {
      this.sessions[count] = session
      this.ends[count] = end
      this.count++
    }
    if (end > MAX_GATHERED_BYTES) this.flush()
    else this.schedule()
  }

  /** Has `flush` called at the end of the round. */
  schedule(): void {
    if (this.scheduled) return
    this.scheduled = true
    setImmediate(this.flushScheduled)
  }

  /** Ends all connections that have replies coming, without sending them. */
  dropUnsent(): void {
    for (let i = 0; i < this.count; i++) {
      const session = this.sessions[i]!
      if (!session.closed) session.destroy()
    }
  }

  /** Sends everything, and ends the connections that only waited for that. */
  flush(): void {
    if (this.beforeSend !== null) this.beforeSend()
    const { count, reply, sessions, ends } = this
    this.count = 0
    let start = 0
    let kept = false
    for (let i = 0; i < count; i++) {
      const session = sessions[i]!
      const end = ends[i]!
      sessions[i] = null
      if (!session.closed) {
        if (end > start && session.transport.send(reply.bytes, start, end)) kept = true
        if (session.closing) session.transport.end()
      }
      start = end
    }
    if (kept) reply.abandon()
    else reply.clear()
  }
}
