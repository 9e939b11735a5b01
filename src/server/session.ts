/**
 * A session: one client's connection as the server sees it, apart from what carries its bytes.
 *
 * `receive` takes whatever bytes have arrived, runs the requests that are whole and keeps the
 * beginning of one that is not. Requests are parsed where they lie in the caller's buffer; only an
 * unfinished one is copied, into a buffer that grows as bytes arrive and never on a claim. While
 * a request is held back (`Pause`) or waits for a key (`Blocking`), what arrives behind it waits
 * in the same buffer.
 */
import type { User } from '../acl/user.ts'
import type { Database } from '../keyspace/database.ts'
import type { Args } from '../resp/args.ts'
import type { Reply } from '../resp/reply.ts'
import { REPLY_ON, REPLY_SKIP, type ReplyMode } from '../resp/reply-mode.ts'
import { COMPLETE, FAILED, INCOMPLETE, RequestParser } from '../resp/request-parser.ts'
import type { Wait } from './blocking.ts'
import { PendingInput } from './pending-input.ts'
import { countOf, type Subscriptions } from './pubsub.ts'
import type { Server } from './server.ts'
import type { SessionTracking } from './tracking.ts'
import type { Transaction } from './transaction.ts'
import type { Watch } from './watches.ts'

/** What carries a session's bytes: a socket, or a stream in the process. */
export interface Transport {
  /** `address:port`, a unix socket's path with `:0`, or '' where there is no such thing. */
  readonly remoteAddress: string
  readonly localAddress: string
  readonly isUnixSocket: boolean
  /** File descriptor, -1 if it is not known. */
  readonly fd: number
  /** Whether client and server still agree on how to speak: nothing can be sent before. */
  readonly isHandshaking?: boolean
  /** Bytes handed over and not yet taken by the peer. */
  readonly queuedBytes: number
  /** Whether the peer takes whatever is sent at once: then no limit of output holds. */
  readonly isReadAtOnce?: boolean
  /**
   * Sends what is from `start` to `end` in `bytes`. @returns whether it goes on using `bytes`,
   * which must not be changed then
   */
  send(bytes: Buffer, start: number, end: number): boolean
  /** Sends all of `bytes`, which others are sent too: nobody ever changes them. */
  sendShared(bytes: Buffer): void
  /** Ends the connection once what was sent is on its way. */
  end(): void
  /** Ends the connection at once. */
  destroy(): void
}

/** What one watched key takes, about. */
const WATCH_BYTES = 352
// What one subscription takes, about, its places in the maps among it; and one tracked prefix.
const CHANNEL_BYTES = 256
const PATTERN_BYTES = 416
const PREFIX_BYTES = 480
/** Redis reads an argument of so many bytes into a buffer of its own. */
const LONG_ARGUMENT_BYTES = 32 * 1024
/** With so many bytes of replies a turn does not wait for its end to send them. */
const SENT_IN_TURN_BYTES = 512 * 1024

export class Session {
  readonly id: number
  readonly server: Server
  readonly transport: Transport
  readonly createdMs: number
  db: Database
  protocol: 2 | 3 = 2
  authenticated: boolean
  /** Whose rights it has: the default user's until it has said who it is. */
  user: User
  name = ''
  libName = ''
  libVersion = ''
  lastActiveMs: number
  /** Full name of the last command, '' before the first. */
  lastCommand = ''
  replyMode: ReplyMode = REPLY_ON
  noEvict = false
  noTouch = false
  /** No more requests are read: the connection ends when its replies are sent. */
  closing = false
  /** The connection is gone. */
  closed = false
  /** Unix time in ms since when the output has been above its soft limit; 0 if it is not. */
  softLimitSinceMs = 0
  /** It sees what all others do (MONITOR). */
  isMonitor = false
  /** For how many microseconds its waiting request has run so far; -1 if none waits. */
  ranUs = -1
  /** What its request waits for; null if it waits for no key. */
  wait: Wait | null = null
  /** Whether a command may wait; one that may not is told at once that its time is over. */
  mayBlock = true
  /** What is queued since MULTI; null outside a transaction. */
  transaction: Transaction | null = null
  /** The keys that it watches. */
  readonly watches: Watch[] = []
  watchedNameBytes = 0
  /** One of them has changed. */
  isDirty = false

  /** What it listens to; null if to nothing. */
  subscriptions: Subscriptions | null = null
  /** How it is told of changes of what it has read; null if it is not. */
  tracking: SessionTracking | null = null
  // Pushes that leave at the end of the round: see `OutputQueue`.
  firstPush: Buffer | null = null
  morePushes: Buffer[] | null = null
  pushBytes = 0
  // As `ClientMemory` has noted it: bytes that it takes, and its bucket (-1 if it is in none).
  notedBytes = 0
  notedBucket = -1

  /** An unfinished request, from its first byte on; null between requests. */
  private pending: PendingInput | null = null
  private readonly parser = new RequestParser()
  /** The arguments so far of an unfinished request. */
  private partialArgs: Args | null = null
  /** A request that has to wait; nothing behind it is read. */
  private held: Args | null = null

  constructor(server: Server, id: number, transport: Transport) {
    this.server = server
    this.id = id
    this.transport = transport
    this.db = server.keyspace.databases[0]!
    this.user = server.access.acl.defaultUser
    this.authenticated = !server.access.acl.requiresAuth
    this.createdMs = server.clock.nowMs
    this.lastActiveMs = this.createdMs
  }

  /**
   * Bytes of the request under way, and of those in the same buffer before it. Of a request with a
   * long argument they are those of that argument, as in Redis.
   */
  get queryBytes(): number {
    const { parser, pending } = this
    if (pending === null) return parser.position
    return parser.neededBytes >= LONG_ARGUMENT_BYTES
      ? pending.length - parser.position
      : pending.length
  }

  /** Bytes set aside for unfinished requests. */
  get queryCapacity(): number {
    return this.pending?.capacity ?? 0
  }

  /**
   * Bytes that are still to come of the argument under way and for which nothing is set aside yet:
   * what the client has announced, not what it costs.
   */
  get announcedBytes(): number {
    const { neededBytes, position } = this.parser
    if (this.pending === null || neededBytes === 0) return 0
    return Math.max(0, position + neededBytes - this.pending.capacity)
  }

  /** Bytes of the arguments of the unfinished request, or of the one that is held back. */
  get argumentBytes(): number {
    const args = this.held ?? this.partialArgs
    let sum = 0
    for (let i = 0; args !== null && i < args.count; i++) sum += args.length(i)
    return sum
  }

  /** Bytes set aside for where the arguments of the unfinished request lie. */
  get partialArgsBytes(): number {
    return this.partialArgs === null ? 0 : this.partialArgs.starts.byteLength * 2
  }

  /** Bytes of a request that is held back, and of the places in queues where it waits. */
  get heldBytes(): number {
    return (this.held?.bytes.length ?? 0) + (this.wait?.bytes ?? 0)
  }

  /** Bytes set aside for a transaction and for what is watched. */
  get transactionBytes(): number {
    const watchBytes = this.watches.length * WATCH_BYTES + this.watchedNameBytes
    return (this.transaction?.capacity ?? 0) + watchBytes
  }

  /** Bytes that it takes to know what the client calls itself. */
  get nameBytes(): number {
    return this.name.length + this.libName.length + this.libVersion.length
  }

  /** Bytes that what it listens to takes, about, and the prefixes of keys that it tracks. */
  get subscriptionBytes(): number {
    const { subscriptions, tracking } = this
    const patterns = subscriptions?.patterns.size ?? 0
    const channels = subscriptions === null ? 0 : countOf(subscriptions) - patterns
    const prefixes = tracking?.prefixes.size ?? 0
    const nameBytes = (subscriptions?.nameBytes ?? 0) + (tracking?.prefixBytes ?? 0)
    return channels * CHANNEL_BYTES + patterns * PATTERN_BYTES + prefixes * PREFIX_BYTES + nameBytes
  }

  /** Whether a request has been held back. */
  get isHeld(): boolean {
    return this.held !== null
  }

  /** Whether the client must say who it is before it may do anything else. */
  get needsAuth(): boolean {
    return !this.authenticated && this.server.access.acl.requiresAuth
  }

  /** Takes `length` bytes that lie at the front of `bytes`, which may be overwritten afterwards. */
  receive(bytes: Uint8Array, view: DataView, length: number): void {
    if (this.closing || this.closed) return
    const { server } = this
    server.beginTurn(this)
    this.lastActiveMs = server.clock.nowMs
    server.netInputBytes += length
    if (this.transaction !== null && this.isBeyondLimit(length)) this.closeBeyondLimit()
    else if (this.pending === null && this.held === null) this.process(bytes, view, length)
    else this.receiveMore(bytes, view, length)
    server.endTurn(this)
  }

  /** Takes bytes that come behind an unfinished request, or one that is held back. */
  private receiveMore(bytes: Uint8Array, view: DataView, length: number): void {
    const { parser } = this
    if (this.isBeyondLimit(length)) return this.closeBeyondLimit()
    const pending = this.pending ?? new PendingInput(length)
    this.pending = pending
    // What completes the string under way comes first, so that its buffer need not outgrow it.
    const whole = parser.neededBytes === 0 ? 0 : parser.position + parser.neededBytes
    const missing = whole - pending.length
    const taken = missing > 0 && missing < length ? missing : length
    pending.append(bytes, 0, taken, parser.position, whole)
    if (this.server.clientMemory.isFollowed && !this.server.clientMemory.admits(this)) return
    if (this.held === null) this.process(pending.bytes, pending.view, pending.length)
    if (taken === length || this.closing) return
    if (this.pending === null) {
      parser.position = taken
      this.process(bytes, view, length)
    } else {
      this.pending.append(bytes, taken, length, parser.position, 0)
      if (this.held === null) {
        this.process(this.pending.bytes, this.pending.view, this.pending.length)
      }
    }
  }

  /** Whether with `length` bytes more it keeps more than it may, what is queued among it. */
  private isBeyondLimit(length: number): boolean {
    const queuedBytes = this.transaction?.argumentBytes ?? 0
    const inputBytes = this.pending?.length ?? this.parser.position
    return queuedBytes + inputBytes + length > this.server.clientQueryBufferLimit
  }

  private closeBeyondLimit(): void {
    const { server } = this
    server.queryBufferLimitDisconnections++
    server.log('warning', `Closing client that reached max query buffer length: ${this.id}`)
    this.destroy()
  }

  /** Runs all whole requests in the first `end` bytes and keeps the rest. */
  private process(bytes: Uint8Array, view: DataView, end: number): void {
    const { server, parser } = this
    const { pending } = this
    const args = this.partialArgs ?? server.takeArgs()
    args.bytes = bytes
    args.view = view
    args.isOnlyUser = pending !== null
    let requestStart = parser.underWay ? 0 : parser.position
    while (!this.closing && this.held === null) {
      const trusted = !this.needsAuth
      const result = parser.next(args, end, server.protoMaxBulkLength, trusted)
      if (result === INCOMPLETE) break
      if (result === FAILED) {
        server.protocolError(this, parser.error)
        break
      }
      if (result === COMPLETE) {
        if (pending !== null) pending.settle()
        server.dispatcher.execute(this, args)
        if (server.reply.length > SENT_IN_TURN_BYTES || server.output.isLong) {
          server.sendSoFar(this)
        }
      }
      requestStart = parser.position
    }
    this.keepRest(bytes, requestStart, this.closing ? requestStart : end, args)
  }

  private keepRest(bytes: Uint8Array, start: number, end: number, args: Args): void {
    const { parser, server } = this
    const rest = end - start
    if (rest === 0) {
      this.pending = null
      this.partialArgs = null
      parser.position = 0
      args.clear()
      server.giveArgs(args)
      return
    }
    if (this.pending === null || args.isAdopted) {
      this.pending = new PendingInput(rest)
      this.pending.append(bytes, start, end, 0, 0)
    } else if (start > 0) {
      this.pending.dropFirst(start)
    }
    parser.position -= start
    if (parser.underWay) {
      if (start > 0) args.shift(-start)
      args.isAdopted = false
      this.partialArgs = args
    } else {
      this.partialArgs = null
      args.clear()
      server.giveArgs(args)
    }
  }

  /** Keeps a request for later; nothing behind it is read before `resume`. */
  hold(args: Args): void {
    this.held = args.clone()
  }

  /** Goes on with the request that was held back, and with what has come behind it. */
  resume(): void {
    const { held, server } = this
    if (held === null || this.closing) return
    this.held = null
    server.beginTurn(this)
    this.lastActiveMs = server.clock.nowMs
    server.dispatcher.execute(this, held)
    held.clear()
    if (this.pending !== null && this.held === null && !this.closing) {
      this.process(this.pending.bytes, this.pending.view, this.pending.length)
    }
    server.endTurn(this)
  }

  /** Runs the request that was held back, and nothing behind it; within a turn. */
  rerun(): void {
    const { held, server } = this
    if (held === null || this.closing) return
    this.held = null
    this.lastActiveMs = server.clock.nowMs
    server.dispatcher.execute(this, held)
  }

  /** Answers the request that was held back in place of running it; within a turn. */
  answerHeld(write: (reply: Reply) => void): void {
    const { held, server } = this
    if (held === null || this.closing) return
    this.held = null
    this.lastActiveMs = server.clock.nowMs
    server.dispatcher.answer(this, held, write)
  }

  /** Answers the request that was held back, outside of any turn, and goes on. */
  answerLater(write: (reply: Reply) => void): void {
    if (this.held === null || this.closing) return
    this.server.beginTurn(this)
    this.answerHeld(write)
    this.server.endTurn(this)
    this.readOn()
  }

  /** Whether something has come behind a request that was held back. */
  get hasUnread(): boolean {
    return this.pending !== null && this.held === null
  }

  /** Reads what has come behind a request that was held back and is answered now. */
  readOn(): void {
    const { pending, server } = this
    if (pending === null || this.held !== null || this.closing) return
    server.beginTurn(this)
    this.process(pending.bytes, pending.view, pending.length)
    server.endTurn(this)
  }

  /** Ends the connection once the replies so far are sent; no further request is read. */
  closeAfterReply(): void {
    this.closing = true
    this.server.blocking.forget(this)
  }

  /** Ends the connection at once. */
  destroy(): void {
    this.closing = true
    this.transport.destroy()
    this.onClosed()
  }

  /** To be called by the transport when the connection is gone. */
  onClosed(): void {
    if (this.closed) return
    this.closed = true
    this.closing = true
    this.server.removeSession(this)
  }

  /** Puts the session back as new, apart from its connection (RESET). */
  reset(): void {
    this.server.transactions.discard(this)
    this.server.pubsub.forget(this)
    this.server.monitors.forget(this)
    this.server.tracking.disable(this)
    this.db = this.server.keyspace.databases[0]!
    this.protocol = 2
    this.name = ''
    this.server.access.logOut(this)
    // What CLIENT REPLY SKIP was said of is this very command.
    this.replyMode &= REPLY_SKIP
    this.noEvict = false
    this.noTouch = false
  }
}
