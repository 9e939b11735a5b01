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
import { globMatch } from '../bytes/glob.ts'
import { integerDigits, writeInteger } from '../bytes/integers.ts'
import type { Server } from './server.ts'
import type { Session } from './session.ts'

/** What one session listens to. */
export interface Subscriptions {
  readonly channels: Set<string>
  readonly patterns: Set<string>
  readonly shardChannels: Set<string>
}

/** The ways to listen. */
export type SubscriptionKind = keyof Subscriptions

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
/** `$`, the digits of a length and twice CRLF. */
const STRING_EXTRA_BYTES = 16
/** Shorter texts are copied character by character, which costs less than a call. */
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
    }
    const own = session.subscriptions[kind]
    if (own.has(name)) return
    own.add(name)
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
   * Sends the bytes from `start` to `end` to all who listen to a channel, by its name or by a
   * pattern. @returns how many messages that makes
   */
  publish(channel: string, bytes: Uint8Array, start: number, end: number): number {
    const sessions = this.channels.get(channel)
    let count = 0
    if (sessions !== undefined) {
      count = this.deliver(sessions, encoded(MESSAGE, null, channel, bytes, start, end))
    }
    if (this.patterns.size > 0) count += this.publishToPatterns(channel, bytes, start, end)
    return count
  }

  private publishToPatterns(
    channel: string,
    bytes: Uint8Array,
    start: number,
    end: number,
  ): number {
    const channelBytes = Buffer.from(channel, 'latin1')
    let count = 0
    for (const pattern of this.patterns.values()) {
      if (!globMatch(pattern.bytes, channelBytes, false)) continue
      const message = encoded(PATTERN_MESSAGE, pattern.name, channel, bytes, start, end)
      count += this.deliver(pattern.sessions, message)
    }
    return count
  }

  /** The same for a shard channel, which patterns do not concern. */
  publishToShard(channel: string, bytes: Uint8Array, start: number, end: number): number {
    const sessions = this.shardChannels.get(channel)
    if (sessions === undefined) return 0
    return this.deliver(sessions, encoded(SHARD_MESSAGE, null, channel, bytes, start, end))
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

/** A message for RESP2, with a pattern before the channel if there is one. */
function encoded(
  header: Buffer,
  pattern: string | null,
  channel: string,
  bytes: Uint8Array,
  start: number,
  end: number,
): Buffer {
  const length = end - start
  const textBytes = channel.length + (pattern === null ? 0 : pattern.length)
  const message = Buffer.allocUnsafe(header.length + textBytes + length + 3 * STRING_EXTRA_BYTES)
  message.set(header)
  let at = header.length
  if (pattern !== null) at = writeText(message, at, pattern)
  at = writeText(message, at, channel)
  at = writeLength(message, at, length)
  if (length <= SHORT_TEXT) for (let i = 0; i < length; i++) message[at + i] = bytes[start + i]!
  else message.set(bytes.subarray(start, end), at)
  return message.subarray(0, endLine(message, at + length))
}

function asPush(message: Buffer): Buffer {
  const push = Buffer.from(message)
  if (push[0] === ARRAY) push[0] = PUSH
  return push
}

function writeText(target: Buffer, at: number, text: string): number {
  const textAt = writeLength(target, at, text.length)
  if (text.length <= SHORT_TEXT) {
    for (let i = 0; i < text.length; i++) target[textAt + i] = text.charCodeAt(i)
  } else {
    target.write(text, textAt, 'latin1')
  }
  return endLine(target, textAt + text.length)
}

function writeLength(target: Buffer, at: number, length: number): number {
  target[at] = DOLLAR
  writeInteger(target, at + 1, length)
  return endLine(target, at + 1 + integerDigits(length))
}

function endLine(target: Buffer, at: number): number {
  target[at] = CR
  target[at + 1] = LF
  return at + 2
}
