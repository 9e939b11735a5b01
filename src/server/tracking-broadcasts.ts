/**
 * Tracking by prefixes (CLIENT TRACKING … BCAST): who is told of all changes of keys that begin so,
 * whether they have read them or not.
 *
 * Changed keys are gathered with each prefix that they have, and told at the end of the round of
 * the event loop: one message a prefix, in which a key is but once. The keys are in the order of
 * their bytes, and so are the prefixes. A key's prefixes are found by its own first bytes, for each
 * length that prefixes have, so a thousand prefixes cost no more than a few of them.
 *
 * Invariants: a prefix in the map has sessions; `pending` are those with keys.
 */
import type { Session } from './session.ts'
import { Invalidation } from './tracking-messages.ts'

interface Prefix {
  readonly name: string
  readonly sessions: Set<Session>
  /** What has changed in this round, and by whose command the last time; null: by nobody's. */
  readonly keys: Map<string, Session | null>
}

export class Broadcasts {
  private readonly prefixes = new Map<string, Prefix>()
  /** The lengths that prefixes have, in order, and how many have each. */
  private lengths: number[] = []
  private readonly countByLength = new Map<number, number>()
  private readonly pending = new Set<Prefix>()

  /** How many prefixes there are. */
  get count(): number {
    return this.prefixes.size
  }

  /** Whether there is something to tell. */
  get isPending(): boolean {
    return this.pending.size > 0
  }

  add(session: Session, name: string): void {
    let prefix = this.prefixes.get(name)
    if (prefix === undefined) {
      prefix = { name, sessions: new Set(), keys: new Map() }
      this.prefixes.set(name, prefix)
      this.noteLength(name.length, 1)
    }
    prefix.sessions.add(session)
  }

  remove(session: Session, names: Iterable<string>): void {
    for (const name of names) {
      const prefix = this.prefixes.get(name)
      if (prefix === undefined) continue
      prefix.sessions.delete(session)
      if (prefix.sessions.size > 0) continue
      this.prefixes.delete(name)
      this.pending.delete(prefix)
      this.noteLength(name.length, -1)
    }
  }

  /** Counts a prefix of a length more, or less. */
  private noteLength(length: number, change: 1 | -1): void {
    const count = (this.countByLength.get(length) ?? 0) + change
    if (count === 0) this.countByLength.delete(length)
    else this.countByLength.set(length, count)
    const isKnown = this.lengths.includes(length)
    if (isKnown === count > 0) return
    this.lengths = [...this.countByLength.keys()].sort((one, other) => one - other)
  }

  /** Notes that a key has changed, by the command of a session or by nobody's. */
  note(key: string, changer: Session | null): void {
    for (const length of this.lengths) {
      if (length > key.length) return
      const prefix = this.prefixes.get(key.slice(0, length))
      if (prefix === undefined) continue
      prefix.keys.set(key, changer)
      this.pending.add(prefix)
    }
  }

  /** Has `send` tell each session what it is to know, and forgets the keys. */
  tell(send: (session: Session, message: Invalidation) => void): void {
    const pending = [...this.pending].sort((one, other) => (one.name < other.name ? -1 : 1))
    this.pending.clear()
    for (const { keys, sessions } of pending) {
      const names = [...keys.keys()].sort()
      const forAll = Invalidation.ofKeys(names)
      for (const session of sessions) {
        if (session.tracking === null) continue
        const message = session.tracking.isNoLoop ? forOthers(session, names, keys) : forAll
        if (message !== null) send(session, message)
      }
      keys.clear()
    }
  }
}

/** What a session is told that is not to hear of its own changes; null for nothing. */
function forOthers(
  session: Session,
  names: readonly string[],
  keys: ReadonlyMap<string, Session | null>,
): Invalidation | null {
  const others = names.filter((name) => keys.get(name) !== session)
  return others.length === 0 ? null : Invalidation.ofKeys(others)
}
