/**
 * The replies of one round of the event loop, which leave together at its end.
 *
 * All sessions write into one buffer, turn after turn; per turn only its end is noted. Writing late
 * has two ends: a client that is woken by the first reply finds others to read when it gets to
 * them, as with Redis, which costs both sides fewer switches; and a log can be synced once for all
 * the writes of a round before any of them is acknowledged.
 *
 * Pushes, which answer no request, wait with the session that they are for, as bytes that all
 * their receivers share; they leave behind the replies of the round, in one write for each
 * session. Those of a session that has its turn meanwhile become part of what the turn writes.
 */

import { afterRound } from '../platform/later.ts'
import type { RespReply } from '../resp/resp-reply.ts'
import type { Session } from './session.ts'

/** With so many bytes gathered they leave at once. */
const MAX_GATHERED_BYTES = 64 * 1024
/** No more pushes than this are gathered within a turn, each counted once for each receiver. */
const MAX_GATHERED_PUSHES = 64 * 1024
const NO_PUSHES: readonly Buffer[] = []

export class OutputQueue {
  private readonly reply: RespReply
  private readonly sessions: (Session | null)[] = []
  private readonly ends: number[] = []
  private count = 0
  private scheduled = false
  /** The sessions with pushes, and some that had such: one may be there twice. */
  private readonly receivers: (Session | null)[] = []
  private receiverCount = 0
  private pushCount = 0
  // Several pushes to one session, joined; the next receiver often has the same.
  private joinedFirst: Buffer | null = null
  private joinedMore: readonly Buffer[] = NO_PUSHES
  private joined: Buffer | null = null
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

  /** Whether so many pushes have gathered that they should leave before the turn is over. */
  get isLong(): boolean {
    return this.pushCount > MAX_GATHERED_PUSHES
  }

  /** Sends bytes that answer no request, and that nobody is going to change. */
  push(session: Session, bytes: Buffer): void {
    if (session.firstPush === null) {
      session.firstPush = bytes
      this.receivers[this.receiverCount++] = session
    } else if (session.morePushes === null) {
      session.morePushes = [bytes]
    } else {
      session.morePushes.push(bytes)
    }
    session.pushBytes += bytes.length
    this.pushCount++
    if (!this.scheduled) this.schedule()
  }

  /** Writes what is pushed to a session as the beginning of its turn, before its replies. */
  settle(session: Session): void {
    const first = session.firstPush
    if (first === null) return
    this.reply.raw(first)
    for (const bytes of session.morePushes ?? NO_PUSHES) this.reply.raw(bytes)
    forgetPushes(session)
  }

  private sendPushes(session: Session): void {
    const first = session.firstPush
    if (first === null) return
    const more = session.morePushes
    forgetPushes(session)
    if (session.closed) return
    const bytes = more === null ? first : this.join(first, more)
    const { server } = session
    server.netOutputBytes += bytes.length
    server.writes++
    session.transport.sendShared(bytes)
  }

  private join(first: Buffer, more: readonly Buffer[]): Buffer {
    const { joined, joinedMore } = this
    let isSame = joined !== null && first === this.joinedFirst && more.length === joinedMore.length
    for (let i = 0; isSame && i < more.length; i++) isSame = more[i] === joinedMore[i]
    if (isSame) return joined!
    this.joinedFirst = first
    this.joinedMore = more
    this.joined = Buffer.concat([first, ...more])
    return this.joined
  }

  private flushPushes(): void {
    const { receiverCount, receivers } = this
    this.receiverCount = 0
    this.pushCount = 0
    for (let i = 0; i < receiverCount; i++) {
      const session = receivers[i]!
      receivers[i] = null
      this.sendPushes(session)
    }
    this.joinedFirst = null
    this.joinedMore = NO_PUSHES
    this.joined = null
  }

  /** Has `flush` called at the end of the round. */
  schedule(): void {
    if (this.scheduled) return
    this.scheduled = true
    afterRound(this.flushScheduled)
  }

  /** Ends all connections that have replies coming, without sending them. */
  dropUnsent(): void {
    for (let i = 0; i < this.count; i++) {
      const session = this.sessions[i]!
      if (!session.closed) session.destroy()
    }
    for (let i = 0; i < this.receiverCount; i++) {
      const session = this.receivers[i]!
      if (session.firstPush !== null && !session.closed) session.destroy()
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
        if (session.closing) {
          this.sendPushes(session)
          session.transport.end()
        }
      }
      start = end
    }
    if (this.receiverCount > 0) this.flushPushes()
    if (kept) reply.abandon()
    else reply.clear()
  }
}

function forgetPushes(session: Session): void {
  session.firstPush = null
  session.morePushes = null
  session.pushBytes = 0
}
