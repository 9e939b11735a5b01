/**
 * Tracking: telling clients that hold values in caches of their own which of them are no longer so,
 * by the rules of Redis 7.2.6 (tracking.c).
 *
 * What a session reads is remembered after each of its commands (`afterCall`) in a table from keys
 * to sessions, unless it has asked for prefixes instead (BCAST). Whoever changes a key says so
 * (`touched`, `removing`), behind one boolean while nobody tracks; the sessions that have read it
 * are told, once, and are told again after they have read it again.
 *
 * A session hears of what its own command has changed behind the reply to that command, or to its
 * EXEC, and of what was evicted for it before; so with every reply that it reads, it knows of all
 * that was changed before that reply was made. Where memory fails, or there are more keys than
 * `tracking-table-max-keys`, sessions are told of keys that have not changed: what is not
 * remembered must not be cached.
 *
 * Two things are stricter than in Redis, where a cache can be left with what is no longer so:
 * NOLOOP concerns only what a client's commands have changed, not what expired, was evicted or fell
 * out of the table meanwhile; and SWAPDB invalidates all keys.
 *
 * Invariants: `isActive` is whether a session tracks; without one, table and prefixes are empty.
 */
import type { Address } from '../arena/address.ts'
import { latin1 } from '../bytes/text.ts'
import type { Command } from '../commands/command-table.ts'
import { keysOf, type LegacyRange, legacyRange } from '../commands/key-specs.ts'
import { bytesOf, keyLengthOf, keyOffsetOf, viewOf } from '../keyspace/entry.ts'
import { afterRound } from '../platform/later.ts'
import type { Args } from '../resp/args.ts'
import type { Server } from './server.ts'
import type { Session } from './session.ts'
import { Broadcasts } from './tracking-broadcasts.ts'
import { brokenRedirection, Invalidation } from './tracking-messages.ts'
import { TrackingTable } from './tracking-table.ts'

/** Which reads are remembered: all; those behind CACHING YES; those not behind CACHING NO. */
export type CachingMode = 'all' | 'optin' | 'optout'

/** What a session has asked for. */
export interface TrackingOptions {
  readonly isBroadcast: boolean
  readonly caching: CachingMode
  /** It does not want to hear of its own changes. */
  readonly isNoLoop: boolean
  /** The session that gets the messages in its place; 0 for none. */
  readonly redirectTo: number
  readonly prefixes: readonly string[]
}

/** A session's tracking. */
export interface SessionTracking {
  isBroadcast: boolean
  caching: CachingMode
  isNoLoop: boolean
  redirectTo: number
  /** A message could not be sent because `redirectTo` is gone. */
  isBroken: boolean
  /** CLIENT CACHING has been said of the next command or transaction. */
  isCachingSaid: boolean
  readonly prefixes: Set<string>
  /** Length of the prefixes together. */
  prefixBytes: number
}

/** So many keys, and twice those that a command has read, leave a table that is too long. */
const LEAST_EFFORT = 100
/** In a round of the event loop of its own. */
const ROUND_EFFORT = 1000

export class Tracking {
  /** Whether anybody tracks: asked for at every change. */
  isActive = false
  /** How many sessions track. */
  clientCount = 0
  readonly table: TrackingTable
  readonly broadcasts = new Broadcasts()
  private readonly server: Server
  /** Where the keys of commands are that have several. */
  private readonly ranges = new Map<Command, LegacyRange>()
  /** `tracking-table-max-keys`; 0 for no limit. */
  private maxKeys = 0
  private immediate: NodeJS.Immediate | null = null
  /** What the session whose turn it is has to be told behind its reply, or whom it has named. */
  private own: (Invalidation | null)[] = []
  private ownTracking: SessionTracking | null = null

  constructor(server: Server) {
    this.server = server
    // Who does not track now may do so again, and is told then of what it read before.
    this.table = new TrackingTable(server.keyspace, (id) => server.sessions.has(id))
    server.keyspace.onEmptied = () => this.allChanged()
  }

  // Sessions

  /** Has a session track, or changes how it does; its prefixes become more. */
  enable(session: Session, options: TrackingOptions): void {
    if (session.tracking === null) {
      this.clientCount++
      this.isActive = true
    }
    const { caching, isBroadcast, isNoLoop, redirectTo } = options
    const prefixes = session.tracking?.prefixes ?? new Set()
    const isCachingSaid = session.tracking?.isCachingSaid ?? false
    session.tracking = {
      caching,
      isBroadcast,
      isNoLoop,
      redirectTo,
      isBroken: false,
      isCachingSaid,
      prefixes,
      prefixBytes: session.tracking?.prefixBytes ?? 0,
    }
    if (!isBroadcast) return
    for (const prefix of options.prefixes.length === 0 ? [''] : options.prefixes) {
      if (!prefixes.has(prefix)) session.tracking.prefixBytes += prefix.length
      prefixes.add(prefix)
      this.broadcasts.add(session, prefix)
    }
  }

  /** Has a session track no more, if it does. */
  disable(session: Session): void {
    const { tracking } = session
    if (tracking === null) return
    session.tracking = null
    if (tracking.isBroadcast) this.broadcasts.remove(session, tracking.prefixes)
    this.clientCount--
    if (this.clientCount > 0) return
    this.isActive = false
    this.table.clear()
  }

  // What is read

  /** After a command of a session that tracks: remembers what it has read. */
  afterCall(session: Session, command: Command, args: Args): void {
    const tracking = session.tracking!
    if (command.isTracked && !tracking.isBroadcast) {
      const { caching, isCachingSaid } = tracking
      if (caching === 'all' || isCachingSaid === (caching === 'optin')) {
        this.remember(session, command, args)
      }
    }
    if (tracking.isCachingSaid) this.afterCommand(session, command)
  }

  /** After a command, refused or not: what CLIENT CACHING has said is over. */
  afterCommand(session: Session, command: Command | null): void {
    if (session.transaction !== null || session.isHeld) return
    if (command?.fullName.startsWith('client|')) return
    session.tracking!.isCachingSaid = false
  }

  private remember(session: Session, command: Command, args: Args): void {
    const { onlyKey } = command
    let count = 1
    if (onlyKey > 0) {
      this.rememberKey(session, args, onlyKey)
    } else {
      const { first, last, movable, step } = this.rangeOf(command)
      if (movable) {
        for (const { index } of keysOf(command.spec, args) ?? []) {
          this.rememberKey(session, args, index)
        }
      } else {
        const end = last < 0 ? args.count + last : last
        for (let i = first; i <= end; i += step) this.rememberKey(session, args, i)
      }
      count = args.count
    }
    if (this.maxKeys > 0 && this.table.keyCount > this.maxKeys) {
      this.shrink(LEAST_EFFORT + 2 * count)
    }
  }

  private rangeOf(command: Command): LegacyRange {
    let range = this.ranges.get(command)
    if (range === undefined) {
      range = legacyRange(command.spec)
      this.ranges.set(command, range)
    }
    return range
  }

  private rememberKey(session: Session, args: Args, index: number): void {
    const { bytes, view } = args
    const start = args.starts[index]!
    const end = args.ends[index]!
    if (this.table.remember(bytes, view, start, end - start, session.id)) return
    this.send(session, Invalidation.ofKey(bytes, start, end))
  }

  /** Follows `tracking-table-max-keys`. */
  setMaxKeys(maxKeys: number): void {
    this.maxKeys = maxKeys
    this.shrink(LEAST_EFFORT)
  }

  /** Forgets so many keys of a table that is too long, and goes on in the next round. */
  private shrink(effort: number): void {
    const { maxKeys, server, table } = this
    if (maxKeys === 0) return
    for (let left = effort; left > 0 && table.keyCount > maxKeys; left--) {
      const key = table.randomKey(server.random)!
      const view = new DataView(key.buffer, key.byteOffset, key.byteLength)
      this.invalidate(key, view, 0, key.length, null)
    }
    if (table.keyCount <= maxKeys) return
    this.immediate ??= afterRound(() => {
      this.immediate = null
      this.shrink(ROUND_EFFORT)
    }).unref()
  }

  // What changes

  /** The command of a session has changed the key that is argument `index`, made or removed it. */
  touched(session: Session, args: Args, index: number): void {
    const { bytes, view } = args
    this.changed(bytes, view, args.starts[index]!, args.ends[index]!, session)
  }

  /** An entry has been changed or is about to be removed, without a command having asked for it. */
  removing(entry: Address): void {
    const { arena } = this.server.keyspace
    const start = keyOffsetOf(arena, entry)
    const end = start + keyLengthOf(arena, entry)
    this.changed(bytesOf(arena, entry), viewOf(arena, entry), start, end, null)
  }

  private changed(
    bytes: Uint8Array,
    view: DataView,
    start: number,
    end: number,
    changer: Session | null,
  ): void {
    const { broadcasts } = this
    if (broadcasts.count > 0) {
      broadcasts.note(latin1(bytes, start, end), changer)
      if (broadcasts.isPending) this.server.output.schedule()
    }
    this.invalidate(bytes, view, start, end, changer)
  }

  /** Tells those who have read a key that it is no longer so, and forgets that they have. */
  private invalidate(
    bytes: Uint8Array,
    view: DataView,
    start: number,
    end: number,
    changer: Session | null,
  ): void {
    const { server, table } = this
    const count = table.take(bytes, view, start, end - start)
    if (count === 0) return
    const { taken } = table
    let message: Invalidation | null = null
    for (let i = 0; i < count; i++) {
      const session = server.sessions.get(taken[i]!)
      if (session === undefined) continue
      const { tracking } = session
      if (tracking === null || tracking.isBroadcast) continue
      if (tracking.isNoLoop && session === changer) continue
      // Its own EXEC may yet change the protocol before it is told.
      const isUnable = session.protocol === 2 && tracking.redirectTo === 0
      if (isUnable && session !== changer) continue
      message ??= Invalidation.ofKey(bytes, start, end)
      this.send(session, message)
    }
  }

  /** All keys may have changed: each session that tracks is told so, and nothing is remembered. */
  allChanged(): void {
    this.table.clear()
    if (!this.isActive) return
    for (const session of this.server.sessions.values()) {
      if (session.tracking !== null) this.send(session, null)
    }
  }

  /** At the end of a round: tells those who track by prefixes. */
  broadcast(): void {
    this.broadcasts.tell((session, message) => this.send(session, message))
  }

  /** Has a session be told, with null of all keys: at once, unless it is that whose turn it is. */
  private send(session: Session, message: Invalidation | null): void {
    const { server } = this
    if (session !== server.sessionInTurn) {
      return this.sendNow(session, session.tracking!, message)
    }
    this.own.push(message)
    this.ownTracking = session.tracking
    server.hasOwnPushes = true
  }

  /** Behind a command, or an EXEC: what it has changed is told to its own session. */
  tellOwn(): void {
    if (this.own.length === 0) return
    const { own, server } = this
    this.own = []
    const session = server.sessionInTurn!
    // Its EXEC may have ended the tracking: what happened before is told all the same.
    const tracking = session.tracking ?? this.ownTracking!
    this.ownTracking = null
    for (const message of own) this.sendNow(session, tracking, message)
  }

  /** Sends a message to a session, or to the one that it has named, if that can take it. */
  private sendNow(session: Session, tracking: SessionTracking, told: Invalidation | null): void {
    const { server } = this
    const message = told ?? Invalidation.ofAll(session.protocol)
    const { redirectTo } = tracking
    let receiver = session
    if (redirectTo !== 0) {
      const other = server.sessions.get(redirectTo)
      if (other === undefined || other.closing) {
        tracking.isBroken = true
        if (session.protocol === 3) server.pushTo(session, brokenRedirection(redirectTo))
        return
      }
      receiver = other
    }
    if (receiver.protocol === 3) server.pushTo(receiver, message.asPush)
    else if (redirectTo !== 0 && receiver.subscriptions !== null) {
      server.pushTo(receiver, message.asMessage)
    }
  }
}
