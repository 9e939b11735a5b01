/**
 * The memory of clients: how much each takes, how much they take together, and `maxmemory-clients`,
 * beyond which the largest of them are disconnected.
 *
 * As in Redis 7.2 (server.c, networking.c), clients that may be evicted are sorted into buckets by
 * the power of two that their memory reaches, so that a change of size seldom moves a client and
 * the largest are found at once: eviction begins with the highest bucket. Within one they leave
 * in the order in which they came into it. Those with CLIENT NO-EVICT are in no bucket, and their
 * memory counts all the same.
 *
 * What all clients take counts for `maxmemory` as well, as in Redis, and may have keys evicted.
 *
 * What a client takes is worked out anew behind each of its turns, when bytes wait to be sent to
 * it, and once a second by the cron; without a limit of either kind, by the cron alone, so that a
 * turn costs one look at `isFollowed`. Clients are evicted at the end of a turn, and before a
 * request is run that has come in several pieces; never between the commands of one turn, which
 * brings 64 KB at most.
 *
 * Only what is really held counts for the limit of all: no announcement moves anyone else out. It
 * counts for the bucket, so that who announces most goes first, and nobody's place depends on how
 * much of a request has come; and a client that announces an argument which is beyond the limit on
 * its own is disconnected at once, since it could never finish.
 *
 * Invariant: `totalBytes` is the sum of `notedBytes` of all sessions.
 */
import { loggedClientLine } from '../commands/connection/client-line.ts'
import { afterRound } from '../platform/later.ts'
import type { Server } from './server.ts'
import type { Session } from './session.ts'

/** About what a session takes beside its buffers: on the heap of JavaScript and in its handle. */
const SESSION_BYTES = 6 * 1024

/** The first bucket takes what is below 2^15 bytes, the last one what is 2^32 or more. */
const FIRST_BUCKET_BITS = 15
const LAST_BUCKET_BITS = 33
const BUCKETS = 1 + LAST_BUCKET_BITS - FIRST_BUCKET_BITS

/** A lower limit counts as this, so that a wrong one can be put right by a client. */
const LEAST_LIMIT_BYTES = 128 * 1024

/** Peaks are those of so many seconds, the present one among them. */
const PEAK_SECONDS = 8

interface Bucket {
  readonly sessions: Set<Session>
  bytes: number
}

/** The largest value of each of the last seconds. */
class RecentPeak {
  private readonly values = new Float64Array(PEAK_SECONDS)
  private second = 0

  /** Notes a value at a Unix time in seconds. */
  note(second: number, value: number): void {
    this.moveTo(second)
    const slot = second % PEAK_SECONDS
    if (value > this.values[slot]!) this.values[slot] = value
  }

  /** The largest of the last seconds. */
  at(second: number): number {
    this.moveTo(second)
    return Math.max(...this.values)
  }

  private moveTo(second: number): void {
    if (second === this.second) return
    const passed = second - this.second
    if (passed < 0 || passed >= PEAK_SECONDS) this.values.fill(0)
    else for (let i = 1; i <= passed; i++) this.values[(this.second + i) % PEAK_SECONDS] = 0
    this.second = second
  }
}

export class ClientMemory {
  /** Whether what clients take is to be noted as it changes: asked for after every turn. */
  isFollowed = false
  /** Whether there is a limit for clients. */
  isLimited = false
  /** What all clients took when each was last looked at. */
  totalBytes = 0
  /** How many clients have been disconnected for the limit. */
  evicted = 0
  private readonly server: Server
  /** `maxmemory-clients`: bytes, or as a negative number percent of `maxmemory`. */
  private setting = 0
  private readonly buckets: readonly Bucket[]
  private readonly inputPeak = new RecentPeak()
  private readonly outputPeak = new RecentPeak()
  /** The limit could not be kept, and that has been said. */
  private isShort = false
  private immediate: NodeJS.Immediate | null = null

  constructor(server: Server) {
    this.server = server
    this.buckets = Array.from({ length: BUCKETS }, () => ({ sessions: new Set(), bytes: 0 }))
  }

  /** Sets the limit: bytes, percent of `maxmemory` as a negative number, or 0 for none. */
  set(setting: number): void {
    this.setting = setting
    this.isLimited = setting !== 0
    this.follow()
    this.schedule()
  }

  /** Looks anew at whether there is a limit of either kind, and notes what every client takes. */
  follow(): void {
    this.isFollowed = this.isLimited || this.server.memory.bytes > 0
    for (const session of this.server.sessions.values()) this.note(session)
  }

  /** The limit in bytes; infinity for none. */
  get limitBytes(): number {
    const { setting } = this
    const { bytes: maxMemoryBytes } = this.server.memory
    if (setting === 0 || (setting < 0 && maxMemoryBytes === 0)) return Number.POSITIVE_INFINITY
    const bytes = setting > 0 ? setting : Math.floor((maxMemoryBytes * -setting) / 100)
    return Math.max(LEAST_LIMIT_BYTES, bytes)
  }

  /** How much memory a client takes, in bytes; about, for what is on the JavaScript heap. */
  bytesOf(session: Session): number {
    return (
      SESSION_BYTES +
      session.queryCapacity +
      session.partialArgsBytes +
      session.heldBytes +
      session.transactionBytes +
      session.subscriptionBytes +
      session.nameBytes +
      session.transport.queuedBytes
    )
  }

  /**
   * How much it takes when the argument that it has announced is here, in bytes. Redis sets that
   * aside at once, and so counts it at once.
   */
  claimedBytesOf(session: Session): number {
    return this.bytesOf(session) + session.announcedBytes
  }

  /** Works out anew what a client takes. */
  note(session: Session): void {
    const bytes = session.closed ? 0 : this.bytesOf(session)
    const { notedBucket, notedBytes } = session
    this.totalBytes += bytes - notedBytes
    session.notedBytes = bytes
    const isEvictable = this.isLimited && !session.noEvict && !session.closed
    const bucket = isEvictable ? bucketOf(bytes + session.announcedBytes) : -1
    if (notedBucket >= 0) this.buckets[notedBucket]!.bytes -= notedBytes
    if (bucket >= 0) this.buckets[bucket]!.bytes += bytes
    if (bucket === notedBucket) return
    session.notedBucket = bucket
    if (notedBucket >= 0) this.buckets[notedBucket]!.sessions.delete(session)
    if (bucket >= 0) this.buckets[bucket]!.sessions.add(session)
  }

  /** After a turn, if there is a limit: notes what the client takes, and keeps the limit. */
  afterTurn(session: Session): void {
    this.note(session)
    if (!this.isLimited) return
    const limit = this.limitBytes
    const claimedBytes = session.notedBytes + session.announcedBytes
    if (session.notedBucket >= 0 && claimedBytes >= limit) this.disconnect(session)
    if (this.totalBytes >= limit) this.evict()
  }

  /**
   * Before the requests that have come are run, if there is a limit: whether the client is still
   * there when the limit has been kept.
   */
  admits(session: Session): boolean {
    this.afterTurn(session)
    return !session.closed
  }

  /** Notes that more waits to be sent to a client, or less; evicts in the next round, if at all. */
  outputChanged(session: Session): void {
    this.note(session)
    if (this.totalBytes >= this.limitBytes) this.schedule()
  }

  /** By the cron: notes what a client takes, with or without a limit. */
  look(session: Session): void {
    const second = this.second
    this.inputPeak.note(second, session.queryCapacity + session.partialArgsBytes)
    this.outputPeak.note(second, session.transport.queuedBytes)
    this.note(session)
    if (this.totalBytes >= this.limitBytes) this.schedule()
  }

  /** Notes that a client is gone. */
  forget(session: Session): void {
    this.note(session)
  }

  /** What all clients take now, each looked at. */
  measure(): number {
    for (const session of this.server.sessions.values()) this.look(session)
    return this.totalBytes
  }

  private get second(): number {
    return Math.floor(this.server.clock.nowMs / 1000)
  }

  /** The largest input buffer that the cron has seen of late. */
  get recentMaxInputBytes(): number {
    return this.inputPeak.at(this.second)
  }

  /** The largest amount that waited to be sent to one client of late. */
  get recentMaxOutputBytes(): number {
    return this.outputPeak.at(this.second)
  }

  /** Buckets from the smallest on: how many clients are in each, and their bytes. */
  get bucketSizes(): { count: number; bytes: number }[] {
    return this.buckets.map(({ sessions, bytes }) => ({ count: sessions.size, bytes }))
  }

  private schedule(): void {
    if (!this.isLimited) return
    this.immediate ??= afterRound(() => {
      this.immediate = null
      this.evict()
    }).unref()
  }

  /** Disconnects clients, the largest first, until the limit is kept or nobody is left. */
  private evict(): void {
    const { server } = this
    const limit = this.limitBytes
    if (this.totalBytes < limit) {
      this.isShort = false
      return
    }
    for (let i = BUCKETS - 1; i >= 0; i--) {
      for (const session of this.buckets[i]!.sessions) {
        if (this.totalBytes < limit) return
        this.disconnect(session)
      }
    }
    if (this.totalBytes >= limit && !this.isShort) {
      this.isShort = true
      server.log('warning', 'Over client maxmemory after evicting all evictable clients')
    }
  }

  private disconnect(session: Session): void {
    this.server.log('notice', `Evicting client: ${loggedClientLine(session, null)}`)
    this.evicted++
    session.destroy()
  }
}

/** Number of the bucket for clients of so many bytes. */
function bucketOf(bytes: number): number {
  const bits = bytes >= 2 ** 32 ? LAST_BUCKET_BITS : 32 - Math.clz32(bytes)
  return Math.max(bits, FIRST_BUCKET_BITS) - FIRST_BUCKET_BITS
}
