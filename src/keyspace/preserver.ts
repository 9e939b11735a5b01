/**
 * Whoever wants the keyspace as it is at one moment, though it goes on changing: a snapshot.
 *
 * Each entry has one bit, its epoch. While no snapshot is taken all entries are of the epoch of the
 * keyspace. A snapshot begins by turning that over: whatever is of the other epoch then was there
 * at that moment and is still to be preserved; it is turned over when that is done, and what is new
 * since then never needs to be. So no list is kept of what has been seen, and when the snapshot
 * ends all entries are of one epoch again.
 */
import type { Address } from '../arena/arena.ts'
import type { Database } from './database.ts'

export interface Preserver {
  /** Whether the command under way may change what it looks up. */
  isChanging: boolean
  /** An entry has been looked up, perhaps to be changed. */
  found(database: Database, entry: Address): void
  /**
   * An entry is about to be removed because its time is over. @returns whether it may be: if not,
   * it counts as absent and stays for now
   */
  mayRemove(database: Database, entry: Address): boolean
  /** Two databases have exchanged their contents. */
  swapped(first: Database, second: Database): void
  /** A database, or all of them, are about to lose their content without a look at its keys. */
  emptied(): void
}
