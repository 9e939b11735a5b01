/**
 * What ACL LOG tells: refused requests and failed logins, the latest first. What happens again
 * within a minute is counted in the entry that is there. Source of fields and limits: Redis 7.2.6.
 */
import {
  DENIED_AUTH,
  DENIED_CHANNEL,
  DENIED_COMMAND,
  DENIED_KEY,
  type Verdict,
} from './permissions.ts'

/** How far from its last time an entry still takes what is like it. */
const MERGED_MS = 60_000
/** Only so many of the latest entries are compared. */
const COMPARED_ENTRIES = 10

export type LogContext = 'toplevel' | 'multi' | 'lua' | 'module'

export interface AclLogEntry {
  readonly id: number
  count: number
  readonly reason: string
  readonly context: LogContext
  /** The command, key or channel that it was about. */
  readonly object: string
  readonly userName: string
  /** The client's line of CLIENT LIST, at its last time. */
  clientInfo: string
  readonly createdMs: number
  updatedMs: number
}

export type AclEvent = Pick<AclLogEntry, 'context' | 'object' | 'userName' | 'clientInfo'>

const REASONS = new Map<Verdict, string>([
  [DENIED_COMMAND, 'command'],
  [DENIED_KEY, 'key'],
  [DENIED_AUTH, 'auth'],
  [DENIED_CHANNEL, 'channel'],
])

export class AclLog {
  readonly entries: AclLogEntry[] = []
  private nextId = 0

  /** @param maxLength what `acllog-max-len` says; older entries go */
  add(verdict: Verdict, event: AclEvent, nowMs: number, maxLength: number): void {
    const reason = REASONS.get(verdict) ?? 'unknown'
    const { entries } = this
    const compared = Math.min(COMPARED_ENTRIES, entries.length)
    for (let i = 0; i < compared; i++) {
      const entry = entries[i]!
      if (!isLike(entry, reason, event, nowMs)) continue
      entry.clientInfo = event.clientInfo
      entry.updatedMs = nowMs
      entry.count++
      entries.splice(i, 1)
      entries.unshift(entry)
      return
    }
    const id = this.nextId++
    entries.unshift({ ...event, id, count: 1, reason, createdMs: nowMs, updatedMs: nowMs })
    if (entries.length > maxLength) entries.length = maxLength
  }

  clear(): void {
    this.entries.length = 0
  }
}

function isLike(entry: AclLogEntry, reason: string, event: AclEvent, nowMs: number): boolean {
  return (
    entry.reason === reason &&
    entry.context === event.context &&
    Math.abs(entry.updatedMs - nowMs) <= MERGED_MS &&
    entry.object === event.object &&
    entry.userName === event.userName
  )
}
