/**
 * A client as one line of text: what CLIENT LIST and CLIENT INFO print, field by field as
 * Redis 7.2.6 does (networking.c).
 *
 * Fields about memory say what Redstart really holds for the client. Replies are gathered in one
 * buffer that all clients share, so `rbs`, `rbp` and `obl`, which are about a client's own reply
 * buffer, are 0, and what is queued is all in `oll` and `omem`.
 */
import { beginningOf } from '../../bytes/text.ts'
import type { Args } from '../../resp/args.ts'
import { untilNul } from '../c-string.ts'
import type { Session, SessionTracking } from '../context.ts'

/** So much of a name goes into logs. */
const LOGGED_CHARACTERS = 256

/**
 * The line of `session`, without its line break. What the client calls itself ends at a NUL, behind
 * which anything may stand.
 *
 * @param running the arguments of the command under way, if it is this client's
 */
export function clientLine(session: Session, running: Args | null): string {
  return lineOf(session, running, Number.POSITIVE_INFINITY)
}

/** The same for logs, which keep it: what the client calls itself is cut. */
export function loggedClientLine(session: Session, running: Args | null): string {
  return lineOf(session, running, LOGGED_CHARACTERS)
}

function lineOf(session: Session, running: Args | null, maxCharacters: number): string {
  const { subscriptions, transport } = session
  const shown = (text: string): string => beginningOf(untilNul(text), maxCharacters)
  const { nowMs } = session.server.clock
  const queued = transport.queuedBytes
  const argumentBytes = running === null ? session.argumentBytes : lengthOfAll(running)
  const runningBytes = running === null ? 0 : argumentBytes
  const totalBytes = session.server.clientMemory.claimedBytesOf(session) + runningBytes
  const fields: readonly (readonly [name: string, value: string | number])[] = [
    ['id', session.id],
    ['addr', transport.remoteAddress],
    ['laddr', transport.localAddress],
    ['fd', transport.fd],
    ['name', shown(session.name)],
    ['age', wholeSeconds(nowMs) - wholeSeconds(session.createdMs)],
    ['idle', wholeSeconds(nowMs) - wholeSeconds(session.lastActiveMs)],
    ['flags', flagsOf(session)],
    ['db', session.db.index],
    ['sub', subscriptions?.channels.size ?? 0],
    ['psub', subscriptions?.patterns.size ?? 0],
    ['ssub', subscriptions?.shardChannels.size ?? 0],
    ['multi', session.transaction?.count ?? -1],
    ['qbuf', session.queryBytes],
    ['qbuf-free', Math.max(0, session.queryCapacity - session.queryBytes)],
    ['argv-mem', argumentBytes],
    ['multi-mem', session.transaction?.argumentBytes ?? 0],
    ['rbs', 0],
    ['rbp', 0],
    ['obl', 0],
    ['oll', queued > 0 ? 1 : 0],
    ['omem', queued],
    ['tot-mem', totalBytes],
    ['events', queued > 0 ? 'rw' : 'r'],
    ['cmd', session.lastCommand === '' ? 'NULL' : session.lastCommand],
    ['user', shown(session.user.name)],
    ['redir', session.tracking?.redirectTo ?? -1],
    ['resp', session.protocol],
    ['lib-name', shown(session.libName)],
    ['lib-ver', shown(session.libVersion)],
  ]
  return fields.map(([name, value]) => `${name}=${value}`).join(' ')
}

function lengthOfAll(args: Args): number {
  let sum = 0
  for (let i = 0; i < args.count; i++) sum += args.length(i)
  return sum
}

function wholeSeconds(ms: number): number {
  return Math.floor(ms / 1000)
}

function flagsOf(session: Session): string {
  let flags = session.isMonitor ? 'O' : ''
  if (session.subscriptions !== null) flags += 'P'
  if (session.transaction !== null) flags += 'x'
  if (session.isHeld) flags += 'b'
  if (session.tracking !== null) flags += trackingFlags(session.tracking)
  if (session.isDirty) flags += 'd'
  if (session.closing) flags += 'c'
  if (session.transport.isUnixSocket) flags += 'U'
  if (session.noEvict) flags += 'e'
  if (session.noTouch) flags += 'T'
  return flags === '' ? 'N' : flags
}

function trackingFlags({ isBroadcast, isBroken }: SessionTracking): string {
  return `t${isBroken ? 'R' : ''}${isBroadcast ? 'B' : ''}`
}
