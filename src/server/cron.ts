/**
 * The cron: the work that no request asks for, done `hz` times a second.
 *
 * Each beat looks at a share of the sessions, so that each is looked at about once a second however
 * many there are, and does one slice of active expiry. While much has expired, further slices
 * follow between the beats with pauses three times as long as a slice: expiry takes a quarter of
 * the time at most, and never holds up anybody for longer than a slice. (Redis 7.2 also gives it a
 * quarter of the time, but up to 25 ms at a stretch; `active-expire-effort` raises both.) The
 * memory of emptied databases is freed in slices as well, one in every round of the event loop
 * until it is done.
 *
 * The timers keep no process alive. A test with a clock of its own calls `run` instead of `start`.
 */
import { EXPIRY_PAUSE_MS } from '../keyspace/active-expiry.ts'
import { afterRound, callOff } from '../platform/later.ts'
import type { Server } from './server.ts'
import type { Session } from './session.ts'

/** How long one slice of freeing may take. */
const RECLAIM_US = 1000
/** At least so many sessions are looked at a beat. */
const SESSIONS_PER_BEAT_MIN = 5
/** With more sessions than this for a beat of the second, `dynamic-hz` quickens the beat. */
const SESSIONS_PER_BEAT_MAX = 200
const HZ_MAX = 500
/** How long a client may take to agree on TLS. Redis waits without end, or for `timeout`. */
const HANDSHAKE_TIMEOUT_MS = 60_000

/** Beats a second: `hz`, and more of them under `dynamic-hz` while there are many sessions. */
export function beatsPerSecond({ config, sessions }: Server): number {
  let hz = config.get('hz')
  if (!config.get('dynamic-hz')) return hz
  while (sessions.size / hz > SESSIONS_PER_BEAT_MAX && hz < HZ_MAX) hz *= 2
  return Math.min(hz, HZ_MAX)
}

export class Cron {
  private readonly server: Server
  private timer: NodeJS.Timeout | null = null
  private expiryTimer: NodeJS.Timeout | null = null
  private reclaimImmediate: NodeJS.Immediate | null = null
  private stopped = true
  private beatsToSample = 0
  private sessions: IterableIterator<Session>

  constructor(server: Server) {
    this.server = server
    this.sessions = server.sessions.values()
  }

  /** Beats from now on, until `stop`. */
  start(): void {
    if (!this.stopped) return
    this.stopped = false
    this.schedule()
  }

  stop(): void {
    this.stopped = true
    if (this.timer !== null) clearTimeout(this.timer)
    if (this.expiryTimer !== null) clearTimeout(this.expiryTimer)
    if (this.reclaimImmediate !== null) callOff(this.reclaimImmediate)
    this.timer = null
    this.expiryTimer = null
    this.reclaimImmediate = null
  }

  private schedule(): void {
    this.timer = setTimeout(() => {
      this.run()
      if (!this.stopped) this.schedule()
    }, 1000 / beatsPerSecond(this.server)).unref()
  }

  /** One beat. */
  run(): void {
    const { server } = this
    server.keyspace.tick()
    server.blocking.look()
    if (server.cronPaused) return
    if (server.dueShutdown.isSet) server.dueShutdown.look()
    const hz = beatsPerSecond(server)
    if (--this.beatsToSample <= 0) {
      server.everyHundredMs()
      this.beatsToSample = Math.round(hz / 10)
    }
    this.checkSessions(Math.max(SESSIONS_PER_BEAT_MIN, Math.ceil(server.sessions.size / hz)))
    if (this.expiryTimer === null) this.expire()
    if (this.reclaimImmediate === null && server.keyspace.isReclaiming) this.reclaim()
  }

  /** Looks at the next `count` sessions, each once at most. */
  private checkSessions(count: number): void {
    const { server } = this
    const limit = Math.min(count, server.sessions.size)
    for (let i = 0; i < limit; i++) {
      let next = this.sessions.next()
      if (next.done) {
        this.sessions = server.sessions.values()
        next = this.sessions.next()
        if (next.done) return
      }
      this.checkSession(next.value)
    }
  }

  private checkSession(session: Session): void {
    const { server } = this
    if (session.closed) return
    if (session.transport.isHandshaking === true) {
      if (server.clock.nowMs - session.createdMs > HANDSHAKE_TIMEOUT_MS) {
        server.log('verbose', 'Closing a client that has not finished its handshake')
        session.destroy()
      }
      return
    }
    const timeoutSeconds = server.config.get('timeout')
    const isListening = session.subscriptions !== null || session.isMonitor
    if (timeoutSeconds > 0 && !session.isHeld && !isListening) {
      const idleMs = server.clock.nowMs - session.lastActiveMs
      if (Math.floor(idleMs / 1000) > timeoutSeconds) {
        server.log('verbose', 'Closing idle client')
        session.destroy()
        return
      }
    }
    server.clientMemory.look(session)
    if (session.transport.queuedBytes > 0 || session.softLimitSinceMs !== 0) {
      server.outputQueued(session)
    }
  }

  /** One slice of freeing, and another in the next round of the event loop while there is need. */
  private reclaim(): void {
    const { server } = this
    const startUs = server.clock.monotonicMicroseconds()
    const more = server.keyspace.reclaim(startUs + RECLAIM_US)
    server.noteTurn(server.clock.monotonicMicroseconds() - startUs)
    if (!more || this.stopped) return
    this.reclaimImmediate = afterRound(() => {
      this.reclaimImmediate = null
      this.reclaim()
    }).unref()
  }

  /** One slice of active expiry, and another after a pause while there is need. */
  private expire(): void {
    const { server } = this
    const startUs = server.clock.monotonicMicroseconds()
    const more = server.activeExpiry.run()
    const expiryUs = server.clock.monotonicMicroseconds() - startUs
    server.noteTurn(expiryUs)
    server.activeExpiry.microseconds += expiryUs
    server.latency.note('expire-cycle', expiryUs)
    if (!more || this.stopped) return
    this.expiryTimer = setTimeout(() => {
      this.expiryTimer = null
      if (!server.cronPaused) this.expire()
    }, EXPIRY_PAUSE_MS).unref()
  }
}
