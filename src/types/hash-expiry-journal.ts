/**
 * Changes of expiry times in a large hash that can be taken back: a command gives several fields a
 * time, and if there is no memory for one of them, none is to have changed.
 *
 * An entry has room for a time only if it has one, so a field that gets its first, or loses it,
 * gets another entry. Those that were there before are kept until `keep` frees them or `undo` puts
 * them back, which needs no memory.
 */
import { type Address, type Arena, NULL, OFFSET_MASK, SEGMENT_SHIFT } from '../arena/arena.ts'
import type { Dict } from '../arena/dict.ts'
import { keyLength, keyOffset } from '../arena/dict-entry.ts'
import {
  entryExpiry,
  HASH_HEADER_BYTES,
  HashPair,
  locatePair,
  newHashEntry,
  writeExpiry,
  writeValue,
} from './hash-entry.ts'
import { NO_FIELD_EXPIRY } from './hash-head.ts'

export class ExpiryJournal {
  private readonly arena: Arena
  private readonly dict: Dict
  private readonly pair = new HashPair()
  // Entries that took the place of others, and those others, in order.
  private readonly made: Address[] = []
  private readonly replaced: Address[] = []
  // Entries whose time was written over, and that time.
  private readonly rewritten: Address[] = []
  private readonly times: number[] = []

  constructor(arena: Arena, dict: Dict) {
    this.arena = arena
    this.dict = dict
  }

  /**
   * Changes the time of the entry that the dict has found last.
   *
   * @returns false if there is no memory, the entry being as it was: `undo` is to follow
   */
  change(dictRoot: Address, entry: Address, expireAtMs: number): boolean {
    const { arena } = this
    const old = entryExpiry(arena, entry)
    if (old === expireAtMs) return true
    if (old !== NO_FIELD_EXPIRY && expireAtMs !== NO_FIELD_EXPIRY) {
      this.rewritten.push(entry)
      this.times.push(old)
      writeExpiry(arena, entry, expireAtMs)
      return true
    }
    const own = copyEntry(arena, entry, this.pair, expireAtMs)
    if (own === NULL) return false
    this.dict.replaceFound(dictRoot, own)
    this.made.push(own)
    this.replaced.push(entry)
    return true
  }

  /** Leaves the changes as they are. @returns by how many bytes the entries have grown */
  keep(): number {
    const { arena } = this
    let growth = 0
    for (const entry of this.made) growth += arena.capacity(entry)
    for (const entry of this.replaced) {
      growth -= arena.capacity(entry)
      arena.free(entry)
    }
    this.clear()
    return growth
  }

  /** Takes the changes back. */
  undo(dictRoot: Address): void {
    const { arena, dict, made, replaced, rewritten, times } = this
    for (let i = rewritten.length - 1; i >= 0; i--) writeExpiry(arena, rewritten[i]!, times[i]!)
    for (let i = made.length - 1; i >= 0; i--) {
      const own = made[i]!
      const segment = own >>> SEGMENT_SHIFT
      const view = arena.views[segment]!
      const at = (own & OFFSET_MASK) << 3
      const start = keyOffset(view, at, HASH_HEADER_BYTES)
      const length = keyLength(view, at, HASH_HEADER_BYTES)
      dict.find(dictRoot, dict.entryHash(own), arena.bytes[segment]!, view, start, length)
      dict.replaceFound(dictRoot, replaced[i]!)
      arena.free(own)
    }
    this.clear()
  }

  private clear(): void {
    this.made.length = 0
    this.replaced.length = 0
    this.rewritten.length = 0
    this.times.length = 0
  }
}

/** A copy of an entry with another expiry time; NULL if there is no memory. */
export function copyEntry(
  arena: Arena,
  entry: Address,
  pair: HashPair,
  expireAtMs: number,
): Address {
  locatePair(arena, entry, pair)
  const { bytes, view, fieldStart, valueStart } = pair
  const fieldLength = pair.fieldEnd - fieldStart
  const valueLength = pair.valueEnd - valueStart
  const own = newHashEntry(arena, bytes, view, fieldStart, fieldLength, valueLength, expireAtMs)
  if (own !== NULL) writeValue(arena, own, bytes, view, valueStart, valueLength)
  return own
}
