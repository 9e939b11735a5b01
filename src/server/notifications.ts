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
import { latin1 } from '../bytes/text.ts'
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
    if ((classes & NOTIFY.keyspace) !== 0) {
      const channel = `__keyspace@${index}__:${latin1(bytes, start, end)}`
      pubsub.publish(channel, event.bytes, 0, event.bytes.length)
    }
    if ((classes & NOTIFY.keyevent) !== 0) {
      pubsub.publish(`__keyevent@${index}__:${event.name}`, bytes, start, end)
    }
  }
}
