/**
 * Sessions that wait in a command such as BLPOP for a key to have something for them.
 *
 * A command that finds nothing calls `Context.block`: its request is kept (`Session.hold`), nothing
 * behind it is read, and the session is entered in the queue of each of its keys. When an entry of
 * the type that it waits for comes under such a key, by whatever command, the queue is put down as
 * ready; once that command is done the dispatcher calls `serve`, which runs the requests of the
 * waiting sessions again in the order in which they began to wait, for as long as there is
 * something under the key. A request that finds nothing again waits on, as the last in its queues
 * and until its first deadline.
 *
 * Queues are found by database and key, so a command on a key for which nobody waits pays for a
 * look-up at most, and that only when it makes a new entry of a type that somebody waits for.
 *
 * Deadlines are in one binary heap; one timer says when to look at its top, and the cron looks too.
 * A wait that ended otherwise stays in the heap until its time or the next clean-up, which comes
 * when more than half of the heap is such.
 *
 * Invariants: `session.wait` is the session's wait while it is in queues, else null; a queue in the
 * map is not empty; `keyspace.placements` is set just while somebody waits.
 */

import type { Address } from '../arena/arena.ts'
import { NULL } from '../arena/arena.ts'
import { latin1 } from '../bytes/text.ts'
import type { Database } from '../keyspace/database.ts'
import { keySliceOf, typeOf } from '../keyspace/entry.ts'
import { Args } from '../resp/args.ts'
import type { Reply } from '../resp/reply.ts'
import { Deadlines } from './deadlines.ts'
import type { Server } from './server.ts'
import type { Session } from './session.ts'

/** Types are below this. */
const TYPE_LIMIT = 16
const UNBLOCKED = 'UNBLOCKED client unblocked via CLIENT UNBLOCK'

/** What a place in a queue takes, about, if it is the only one. */
const QUEUE_BYTES = 384

/** The sessions that wait for one key. */
interface Queue {
  readonly database: Database
  readonly key: string
  /** In the order in which they began to wait. */
  readonly waits: Set<Wait>
  isReady: boolean
}

/** One session's waiting. */
export interface Wait {
  readonly session: Session
  readonly type: number
  readonly queues: readonly Queue[]
  /** What the places in the queues take, about. */
  readonly bytes: number
  /** Unix time in ms; Infinity for ever. */
  readonly deadlineMs: number
  readonly onTimeout: (reply: Reply) => void
  /** In queues still. */
  isActive: boolean
}

export class Blocking {
  /** Whether `serve` has anything to do: asked for after every command. */
  hasWork = false
  private readonly server: Server
  /** By the database's number, then by key. */
  private readonly queues: Map<string, Queue>[]
  private readonly countByType = new Int32Array(TYPE_LIMIT)
  private readonly deadlines: Deadlines
  private active = 0
  private ready: Queue[] = []
  /** Waits that CLIENT UNBLOCK has ended, and whether with an error. */
  private released: { wait: Wait; isError: boolean }[] = []
  /** Served sessions with requests left that came behind the one that waited. */
  private unread: Session[] = []
  private serving = false
  private reading = false
  /** The deadline of the request that is run again; 0 if none is. */
  private keptDeadlineMs = 0

  constructor(server: Server) {
    this.server = server
    this.queues = server.keyspace.databases.map(() => new Map())
    this.deadlines = new Deadlines(server.clock, () => this.look())
  }

  /** Number of sessions that wait. */
  get count(): number {
    return this.active
  }

  /** Number of keys that somebody waits for. */
  get keyCount(): number {
    return this.queues.reduce((sum, { size }) => sum + size, 0)
  }

  /** Number of clients that wait until a certain time at most. */
  get deadlineCount(): number {
    return this.deadlines.count
  }

  /**
   * Has a session wait for one of the keys of its request.
   *
   * @param keys indexes of the keys among the arguments
   * @param type which type of value it waits for
   * @param timeoutMs 0 for ever
   * @param onTimeout writes what is answered when the time is over
   */
  block(
    session: Session,
    args: Args,
    keys: readonly number[],
    type: number,
    timeoutMs: number,
    onTimeout: (reply: Reply) => void,
  ): void {
    const { keptDeadlineMs, server } = this
    session.hold(args)
    const names = new Set(keys.map((index) => args.text(index)))
    const queues = Array.from(names, (key) => this.queueOf(session.db, key))
    let bytes = 0
    for (const { length } of names) bytes += QUEUE_BYTES + length
    const ownMs = timeoutMs === 0 ? Number.POSITIVE_INFINITY : server.clock.nowMs + timeoutMs
    const deadlineMs = keptDeadlineMs === 0 ? ownMs : keptDeadlineMs
    const wait: Wait = { session, type, queues, bytes, deadlineMs, onTimeout, isActive: true }
    for (const queue of queues) queue.waits.add(wait)
    session.wait = wait
    this.active++
    this.countByType[type]!++
    server.keyspace.placements = this
    if (deadlineMs !== Number.POSITIVE_INFINITY) this.deadlines.add(wait)
  }

  private queueOf(database: Database, key: string): Queue {
    const queues = this.queues[database.index]!
    let queue = queues.get(key)
    if (queue === undefined) {
      queue = { database, key, waits: new Set(), isReady: false }
      queues.set(key, queue)
    }
    return queue
  }

  /** Takes a wait out of all queues. */
  private remove(wait: Wait): void {
    wait.isActive = false
    wait.session.wait = null
    for (const queue of wait.queues) {
      queue.waits.delete(wait)
      const queues = this.queues[queue.database.index]!
      if (queue.waits.size === 0 && queues.get(queue.key) === queue) queues.delete(queue.key)
    }
    this.active--
    this.countByType[wait.type]!--
    if (this.active === 0) this.server.keyspace.placements = null
    if (wait.deadlineMs !== Number.POSITIVE_INFINITY) this.deadlines.ended()
  }

  /** Forgets a session that is gone. */
  forget({ wait }: Session): void {
    if (wait !== null) this.remove(wait)
  }

  // What makes keys ready

  /** Called by a database when an entry has come under a key, or has got what may be waited for. */
  placed(database: Database, entry: Address): void {
    const { arena } = database.keyspace
    if (this.countByType[typeOf(arena, entry)] === 0) return
    const key = keySliceOf(arena, entry)
    const queue = this.queues[database.index]!.get(latin1(key, 0, key.length))
    if (queue !== undefined) this.makeReady(queue)
  }

  /** Called by the keyspace when two databases have exchanged their contents. */
  swapped(first: Database, second: Database): void {
    for (const { index } of [first, second]) {
      for (const queue of this.queues[index]!.values()) this.makeReady(queue)
    }
  }

  private makeReady(queue: Queue): void {
    if (queue.isReady) return
    queue.isReady = true
    this.ready.push(queue)
    this.hasWork = true
  }

  // What is done about it

  /** After a command: answers those that were released, and serves the queues that are ready. */
  serve(): void {
    if (this.serving) return
    this.serving = true
    // What has been done may have taken long, an EXEC above all: its keys may have expired by now.
    this.server.keyspace.tick()
    for (let i = 0; i < this.released.length; i++) {
      const { wait, isError } = this.released[i]!
      this.server.writeTo(wait.session, () => this.answer(wait, isError))
    }
    this.released = []
    for (let i = 0; i < this.ready.length; i++) {
      const queue = this.ready[i]!
      queue.isReady = false
      this.serveQueue(queue)
    }
    this.ready = []
    this.hasWork = false
    this.serving = false
  }

  private serveQueue(queue: Queue): void {
    const args = Args.from([queue.key])
    // Those that wait anew come behind the last of now, and are not tried twice.
    let left = queue.waits.size
    for (const wait of queue.waits) {
      if (left-- === 0) return
      const entry = queue.database.find(args, 0)
      if (entry === NULL) return
      if (typeOf(queue.database.keyspace.arena, entry) !== wait.type) continue
      this.remove(wait)
      this.server.writeTo(wait.session, () => {
        this.keptDeadlineMs = wait.deadlineMs
        wait.session.rerun()
        this.keptDeadlineMs = 0
      })
      this.readLater(wait.session)
    }
  }

  /** Answers a wait that is over without having been served. */
  private answer(wait: Wait, isError: boolean): void {
    if (wait.session.closed) return
    // Counted as the reply is written, for the dispatcher to see that the command has failed.
    const fail = (reply: Reply): void => {
      this.server.countError(UNBLOCKED)
      unblocked(reply)
    }
    wait.session.answerHeld(isError ? fail : wait.onTimeout)
    this.readLater(wait.session)
  }

  private readLater(session: Session): void {
    if (session.hasUnread) this.unread.push(session)
  }

  /** After a turn: reads what has come behind the requests that have been answered. */
  readOn(): void {
    if (this.reading || this.unread.length === 0) return
    this.reading = true
    for (let i = 0; i < this.unread.length; i++) this.unread[i]!.readOn()
    this.unread = []
    this.reading = false
  }

  /**
   * CLIENT UNBLOCK: ends a session's wait, with its timeout's reply or an error.
   *
   * @returns whether it was waiting
   */
  release({ wait }: Session, isError: boolean): boolean {
    if (wait === null) return false
    this.remove(wait)
    this.released.push({ wait, isError })
    this.hasWork = true
    return true
  }

  /** Ends the waits whose time is over; must not be called during a turn. */
  look(): void {
    const { server } = this
    server.keyspace.tick()
    for (;;) {
      const wait = this.deadlines.takeDue(server.clock.nowMs)
      if (wait === null) break
      if (!wait.isActive) continue
      this.remove(wait)
      const { session } = wait
      server.beginTurn(session)
      this.answer(wait, false)
      server.endTurn(session)
    }
    this.deadlines.setTimer()
  }
}

function unblocked(reply: Reply): void {
  reply.error(UNBLOCKED)
}
