/**
 * Calls that wait for their replies, by their numbers. Those that came last lie in an array, as
 * nearly all are answered soon; one that is still there when its place is wanted again, because it
 * waits for a key or very many are under way, goes to a map.
 *
 * A map alone would do, but costs V8 much memory: each time it has taken up and let go some number
 * of calls it makes a new table, and all those before, which lead to it, live on until the next
 * large collection, with the promises that were in them.
 */
import type { Value } from './value-reply.ts'

/** A power of two. */
const RECENT = 1024

export interface PendingCall {
  readonly id: number
  readonly asBytes: boolean
  resolve(value: Value): void
  reject(error: Error): void
}

export class PendingCalls {
  /** How many there are. */
  size = 0
  private readonly recent: (PendingCall | null)[] = new Array(RECENT).fill(null)
  private readonly older = new Map<number, PendingCall>()

  add(call: PendingCall): void {
    const place = call.id & (RECENT - 1)
    const before = this.recent[place]!
    if (before !== null) this.older.set(before.id, before)
    this.recent[place] = call
    this.size++
  }

  /** Takes out the call of a number; null if there is none. */
  take(id: number): PendingCall | null {
    const place = id & (RECENT - 1)
    const recent = this.recent[place]!
    if (recent !== null && recent.id === id) {
      this.recent[place] = null
      this.size--
      return recent
    }
    const older = this.older.get(id) ?? null
    if (this.older.delete(id)) this.size--
    return older
  }

  /** Rejects them all. */
  rejectAll(error: () => Error): void {
    const calls = [...this.older.values(), ...this.recent].filter((call) => call !== null)
    this.older.clear()
    this.recent.fill(null)
    this.size = 0
    for (const call of calls) call.reject(error())
  }
}
