/**
 * Publish and subscribe: who listens to which channels, patterns and shard channels, and the
 * messages to them.
 *
 * Names are Latin-1 strings, one character a byte. A message is encoded once for each protocol, and
 * all its receivers are given the same bytes: the two protocols differ in the first byte only.
 * Patterns are gone through in the order in which somebody first listened to them (in Redis that
 * order is by chance); a session that a message reaches by several ways gets it several times.
 *
 * Invariants: a name in a map has listeners; `session.subscriptions` is null just when the session
 * listens to nothing. Source of what is said and counted: Redis 7.2.6 (pubsub.c).
 */
import { globMatchRange } from '../bytes/glob.ts'
import { writeInteger } from '../bytes/integers.ts'
import { latin1 } from '../bytes/text.ts'
import type { Server } from './server.ts'
import type { Session } from './session.ts'

/** What one session listens to. */
export interface Subscriptions {
  readonly channels: Set<string>
  readonly patterns: Set<string>
  readonly shardChannels: Set<string>
  /** Length of all these names together. */
  nameBytes: number
}

/** The ways to listen. */
export type SubscriptionKind = 'channels' | 'patterns' | 'shardChannels'

type Listeners = Map<string, Set<Session>>

interface Pattern {
  readonly name: string
  readonly bytes: Uint8Array
  readonly sessions: Set<Session>
}

const ARRAY = 42
const PUSH = 62
const DOLLAR = 36
const CR = 13
const LF = 10
/** `$`, the digits of a length and twice CRLF; the digits are written with room to spare. */
const STRING_EXTRA_BYTES = 24
/** Shorter texts are copied byte by byte, which costs less than a call. */
const SHORT_TEXT = 32

const MESSAGE = Buffer.from('*3\r\n$7\r\nmessage\r\n')
const SHARD_MESSAGE = Buffer.from('*3\r\n$8\r\nsmessage\r\n')
const PATTERN_MESSAGE = Buffer.from('*4\r\n$8\r\npmessage\r\n')

export class PubSub {
  readonly channels: Listeners = new Map()
  readonly shardChannels: Listeners = new Map()
  private readonly patterns = new Map<string, Pattern>()
  private readonly server: Server

  constructor(server: Server) {
    this.server = server
  }

  /** Number of patterns that somebody listens to. */
  get patternCount(): number {
    return this.patterns.size
  }

  /** Whether anybody listens to a channel or a pattern. */
  get hasListeners(): boolean {
    return this.channels.size > 0 || this.patterns.size > 0
  }

  /** Has a session listen to a name. It may do so already. */
  subscribe(session: Session, kind: SubscriptionKind, name: string): void {
    session.subscriptions ??= {
      channels: new Set(),
      patterns: new Set(),
      shardChannels: new Set(),
      nameBytes: 0,
    }
    const own = session.subscriptions[kind]
    if (own.has(name)) return
    own.add(name)
    session.subscriptions.nameBytes += name.length
    this.listenersTo(kind, name).add(session)
  }

  private listenersTo(kind: SubscriptionKind, name: string): Set<Session> {
    if (kind === 'patterns') {
      let pattern = this.patterns.get(name)
      if (pattern === undefined) {
        pattern = { name, bytes: Buffer.from(name, 'latin1'), sessions: new Set() }
        this.patterns.set(name, pattern)
      }
      return pattern.sessions
    }
    const listeners = this[kind]
    let sessions = listeners.get(name)
    if (sessions === undefined) {
      sessions = new Set()
      listeners.set(name, sessions)
    }
    return sessions
  }

  /** Has a session listen to a name no more, if it does. */
  unsubscribe(session: Session, kind: SubscriptionKind, name: string): void {
    const { subscriptions } = session
    if (subscriptions === null || !subscriptions[kind].delete(name)) return
    subscriptions.nameBytes -= name.length
    this.remove(session, kind, name)
    if (countOf(subscriptions) === 0) session.subscriptions = null
  }

  private remove(session: Session, kind: SubscriptionKind, name: string): void {
    const sessions = kind === 'patterns' ? this.patterns.get(name)?.sessions : this[kind].get(name)
    if (sessions === undefined) return
    sessions.delete(session)
    if (sessions.size === 0) this[kind].delete(name)
  }

  /** Has a session listen to nothing any more, without telling it. */
  forget(session: Session): void {
    const { subscriptions } = session
    if (subscriptions === null) return
    session.subscriptions = null
    for (const kind of ['channels', 'patterns', 'shardChannels'] as const) {
      for (const name of subscriptions[kind]) this.remove(session, kind, name)
    }
  }

  /**
   * Sends a message to all who listen to a channel, by its name or by a pattern.
   *
   * @param channel the memory in which the channel's name is, up to `channelEnd`
   * @param text the memory in which the message is, up to `textEnd`
   * @returns how many messages that makes
   */
  publish(
    channel: Uint8Array,
    channelStart: number,
    channelEnd: number,
    text: Uint8Array,
    textStart: number,
    textEnd: number,
  ): number {
    const { channels, patterns } = this
    let count = 0
    if (channels.size > 0) {
      const sessions = channels.get(latin1(channel, channelStart, channelEnd))
      if (sessions !== undefined) {
        const size = sizeOf(MESSAGE, channelEnd - channelStart, textEnd - textStart)
        const message = Buffer.allocUnsafe(size)
        const at = writeString(message, begin(message, MESSAGE), channel, channelStart, channelEnd)
        const end = writeString(message, at, text, textStart, textEnd)
        count = this.deliver(sessions, message.subarray(0, end))
      }
    }
    if (patterns.size === 0) return count
    for (const { bytes, sessions } of patterns.values()) {
      const { length } = bytes
      if (!globMatchRange(bytes, 0, length, channel, channelStart, channelEnd, false)) continue
      const channelBytes = channelEnd - channelStart
      const size = sizeOf(PATTERN_MESSAGE, length + channelBytes, textEnd - textStart)
      const message = Buffer.allocUnsafe(size)
      let at = writeString(message, begin(message, PATTERN_MESSAGE), bytes, 0, length)
      at = writeString(message, at, channel, channelStart, channelEnd)
      const end = writeString(message, at, text, textStart, textEnd)
      count += this.deliver(sessions, message.subarray(0, end))
    }
    return count
  }

  /** The same for a shard channel, which patterns do not concern. */
  publishToShard(
    channel: Uint8Array,
    channelStart: number,
    channelEnd: number,
    text: Uint8Array,
    textStart: number,
    textEnd: number,
  ): number {
    const sessions = this.shardChannels.get(latin1(channel, channelStart, channelEnd))
    if (sessions === undefined) return 0
    const size = sizeOf(SHARD_MESSAGE, channelEnd - channelStart, textEnd - textStart)
    const message = Buffer.allocUnsafe(size)
    const first = begin(message, SHARD_MESSAGE)
    const at = writeString(message, first, channel, channelStart, channelEnd)
    const end = writeString(message, at, text, textStart, textEnd)
    return this.deliver(sessions, message.subarray(0, end))
  }

  /** Sends what is encoded for RESP2. A session that is cut for it leaves `sessions` meanwhile. */
  private deliver(sessions: Set<Session>, message: Buffer): number {
    const { server } = this
    const count = sessions.size
    let push: Buffer | null = null
    for (const session of sessions) {
      if (session.protocol === 2) {
        server.pushTo(session, message)
      } else {
        push ??= asPush(message)
        server.pushTo(session, push)
      }
    }
    return count
  }
}

/** To how many names a session listens. */
export function countOf(subscriptions: Subscriptions): number {
  const { channels, patterns, shardChannels } = subscriptions
  return channels.size + patterns.size + shardChannels.size
}

function asPush(message: Buffer): Buffer {
  const push = Buffer.from(message)
  if (push[0] === ARRAY) push[0] = PUSH
  return push
}

/** Room for a message with strings of these lengths. */
function sizeOf(header: Buffer, nameBytes: number, textBytes: number): number {
  return header.length + nameBytes + textBytes + 3 * STRING_EXTRA_BYTES
}

/** Writes the beginning of a message. @returns where it ends */
function begin(target: Buffer, header: Buffer): number {
  const { length } = header
  for (let i = 0; i < length; i++) target[i] = header[i]!
  return length
}

/** Writes a bulk string. @returns where it ends */
export function writeString(
  target: Buffer,
  offset: number,
  bytes: Uint8Array,
  start: number,
  end: number,
): number {
  const length = end - start
  target[offset] = DOLLAR
  const at = endLine(target, offset + 1 + writeInteger(target, offset + 1, length))
  if (length > SHORT_TEXT) target.set(bytes.subarray(start, end), at)
  else for (let i = 0; i < length; i++) target[at + i] = bytes[start + i]!
  return endLine(target, at + length)
}

function endLine(target: Buffer, at: number): number {
  target[at] = CR
  target[at + 1] = LF
  return at + 2
}
