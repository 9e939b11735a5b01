/**
 * Keyspace notifications: messages about what happens to keys, by the rules of Redis 7.2.6
 * (notify.c). With `notify-keyspace-events` set, an event of a class that is asked for becomes
 * one message or two:
 *
 *   K  on the channel `__keyspace@<database>__:<key>`, with the event's name
 *   E  on the channel `__keyevent@<database>__:<event>`, with the key
 *
 * Commands name their events (`Context.touched`); the class of an event follows from its name.
 * While nothing is asked for, whoever changes a key looks at `isActive` and goes on.
 */
import type { Address } from '../arena/arena.ts'
import { NOTIFY } from '../config/special.ts'
import type { Database } from '../keyspace/database.ts'
import { keySliceOf } from '../keyspace/entry.ts'
import type { KeyEventListener, Keyspace } from '../keyspace/keyspace.ts'
import type { Args } from '../resp/args.ts'
import type { PubSub } from './pubsub.ts'

const EVENTS_BY_CLASS: readonly (readonly [bit: number, events: string])[] = [
  [NOTIFY.generic, 'copy_to del expire move_from move_to persist rename_from rename_to restore'],
  [NOTIFY.string, 'append incrby incrbyfloat pfadd set setbit setrange'],
  [NOTIFY.list, 'linsert lpop lpush lrem lset ltrim rpop rpush sortstore'],
  [NOTIFY.set, 'sadd sdiffstore sinterstore spop srem sunionstore'],
  [NOTIFY.hash, 'hdel hexpire hexpired hincrby hincrbyfloat hpersist hset'],
  [
    NOTIFY.sortedSet,
    'geosearchstore georadiusstore zadd zdiffstore zincr zinterstore zpopmax zpopmin zrangestore ' +
      'zrem zremrangebylex zremrangebyrank zremrangebyscore zunionstore',
  ],
  [NOTIFY.expired, 'expired'],
  [NOTIFY.evicted, 'evicted'],
  [NOTIFY.keyMiss, 'keymiss'],
  [NOTIFY.newKey, 'new'],
]

/** Shorter names are copied byte by byte, which costs less than a call. */
const SHORT_BYTES = 128
/** The memory of a longer name is given back. */
const KEPT_BYTES = 64 * 1024

interface Event {
  readonly name: string
  readonly bytes: Uint8Array
  /** The bit of its class. */
  readonly bit: number
}

const EVENTS = new Map<string, Event>(
  EVENTS_BY_CLASS.flatMap(([bit, names]) =>
    names.split(' ').map((name) => [name, { name, bytes: Buffer.from(name), bit }]),
  ),
)

export class Notifications implements KeyEventListener {
  /** Whether any messages are asked for: looked at after every change. */
  isActive = false
  /** The NOTIFY bits. */
  private classes = 0
  /** The channel of the message under way. */
  private channel = new Uint8Array(SHORT_BYTES)
  /** What the channels of each database begin with. */
  private readonly keyspacePrefixes: Buffer[] = []
  private readonly keyeventPrefixes: Buffer[] = []
  private readonly keyspace: Keyspace
  private readonly pubsub: PubSub

  constructor(keyspace: Keyspace, pubsub: PubSub) {
    this.keyspace = keyspace
    this.pubsub = pubsub
  }

  /** Says what is asked for, as the sum of NOTIFY bits. */
  setClasses(classes: number): void {
    this.classes = classes
    this.isActive = (classes & (NOTIFY.keyspace | NOTIFY.keyevent)) !== 0
    const ofLookups = (classes & (NOTIFY.newKey | NOTIFY.keyMiss)) !== 0
    this.keyspace.keyEvents = this.isActive && ofLookups ? this : null
  }

  /** Tells of an event of the key that is argument `index`. */
  notify(database: Database, args: Args, index: number, name: string): void {
    const event = this.wanted(name)
    if (event === null) return
    this.publish(database, args.bytes, args.starts[index]!, args.ends[index]!, event)
  }

  /** Tells of an event of an entry's key. */
  notifyOfEntry(database: Database, entry: Address, name: string): void {
    const event = this.wanted(name)
    if (event === null) return
    const key = keySliceOf(this.keyspace.arena, entry)
    this.publish(database, key, 0, key.length, event)
  }

  added(database: Database, entry: Address): void {
    this.notifyOfEntry(database, entry, 'new')
  }

  missed(database: Database, args: Args, index: number): void {
    this.notify(database, args, index, 'keymiss')
  }

  /** The event if somebody might hear of it. */
  private wanted(name: string): Event | null {
    const event = EVENTS.get(name)
    if (event === undefined) throw new Error(`the event ${name} has no class`)
    return (this.classes & event.bit) !== 0 && this.pubsub.hasListeners ? event : null
  }

  private publish(
    { index }: Database,
    bytes: Uint8Array,
    start: number,
    end: number,
    event: Event,
  ): void {
    const { classes, pubsub } = this
    const { bytes: name } = event
    if ((classes & NOTIFY.keyspace) !== 0) {
      const length = this.writeChannel('keyspace', index, bytes, start, end)
      pubsub.publish(this.channel, 0, length, name, 0, name.length)
    }
    if ((classes & NOTIFY.keyevent) !== 0) {
      const length = this.writeChannel('keyevent', index, name, 0, name.length)
      pubsub.publish(this.channel, 0, length, bytes, start, end)
    }
    if (this.channel.length > KEPT_BYTES) this.channel = new Uint8Array(SHORT_BYTES)
  }

  /** Writes the name of a channel to `channel`. @returns its length */
  private writeChannel(
    kind: 'keyspace' | 'keyevent',
    database: number,
    bytes: Uint8Array,
    start: number,
    end: number,
  ): number {
    const prefixes = kind === 'keyspace' ? this.keyspacePrefixes : this.keyeventPrefixes
    prefixes[database] ??= Buffer.from(`__${kind}@${database}__:`)
    const prefix = prefixes[database]
    const nameStart = prefix.length
    const length = nameStart + end - start
    if (length > this.channel.length) this.channel = new Uint8Array(length)
    const { channel } = this
    for (let i = 0; i < nameStart; i++) channel[i] = prefix[i]!
    if (length > SHORT_BYTES) channel.set(bytes.subarray(start, end), nameStart)
    else for (let i = nameStart; i < length; i++) channel[i] = bytes[start + i - nameStart]!
    return length
  }
}
