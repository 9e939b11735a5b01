/**
 * Strings that a command works out instead of taking them from its request: made with room for
 * them, filled in where they are (`StringValue.locate`), and then put under their key.
 */
import { type Address, NULL } from '../arena/arena.ts'
import type { Args } from '../resp/args.ts'
import type { Database } from './database.ts'
import { INLINE_MAX_BYTES, NO_EXPIRY, REFERENCE_BYTES, SEPARATE, TYPE_STRING } from './entry.ts'
import { LABEL_RAW } from './string-value.ts'

/**
 * An entry for a string of `length` bytes of undefined content, without an expiry time and raw
 * whatever it holds. It is not in the dict yet: see `placeEntry` and `freeEntry` of the database.
 *
 * @returns NULL if there is no memory
 */
export function newRawString(db: Database, args: Args, keyIndex: number, length: number): Address {
  if (length <= INLINE_MAX_BYTES) {
    const header = TYPE_STRING | (LABEL_RAW << 4)
    return db.newEntry(args, keyIndex, header, length, length, NO_EXPIRY)
  }
  const { arena } = db.keyspace
  const block = arena.allocate(length)
  if (block === NULL) return NULL
  const header = TYPE_STRING | ((LABEL_RAW | SEPARATE) << 4)
  const entry = db.newEntry(args, keyIndex, header, 0, REFERENCE_BYTES, NO_EXPIRY)
  if (entry === NULL) {
    arena.free(block)
    return NULL
  }
  db.setReference(entry, block, length)
  return entry
}
