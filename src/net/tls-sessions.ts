/**
 * Sessions that clients of TLS 1.2 without tickets may resume: `tls-session-caching`,
 * `tls-session-cache-size` and `tls-session-cache-timeout`. (Sessions in tickets are kept by the
 * clients; they cost the server nothing.) The oldest one makes room for a new one.
 */
import type { Server as TlsServer } from 'node:tls'
import type { Clock } from '../platform/clock.ts'

interface KeptSession {
  readonly data: Buffer
  readonly untilMs: number
}

export interface TlsSessionLimits {
  /** The most sessions that are kept; 0 for any number, as in OpenSSL. */
  readonly count: number
  readonly seconds: number
}

/** Keeps the sessions of a server, for as long as the server itself is used. */
export function keepTlsSessions(
  server: TlsServer,
  clock: Clock,
  { count, seconds }: TlsSessionLimits,
): void {
  const kept = new Map<string, KeptSession>()
  server.on('newSession', (id: Buffer, data: Buffer, done: () => void) => {
    kept.set(id.toString('latin1'), { data, untilMs: clock.nowMs + seconds * 1000 })
    if (count > 0 && kept.size > count) kept.delete(kept.keys().next().value!)
    done()
  })
  server.on('resumeSession', (id: Buffer, done: (error: null, data: Buffer | null) => void) => {
    const key = id.toString('latin1')
    const session = kept.get(key)
    const isValid = session !== undefined && clock.nowMs < session.untilMs
    if (session !== undefined && !isValid) kept.delete(key)
    done(null, isValid ? session.data : null)
  })
}
