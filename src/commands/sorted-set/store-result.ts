/** Storing a set that a command has built, in place of whatever its destination held. */
import { NULL } from '../../arena/arena.ts'
import { NO_EXPIRY, REFERENCE_BYTES, SEPARATE } from '../../keyspace/entry.ts'
import type { SortedSet } from '../../types/sorted-set.ts'
import { TYPE_SORTED_SET } from '../../types/type.ts'
import type { Context } from '../context.ts'
import { OUT_OF_MEMORY } from '../errors.ts'

/**
 * Stores a set as the value of the key that is argument 1, and answers its length. An empty set is
 * freed, and the key removed.
 *
 * @throws OUT_OF_MEMORY with nothing changed; the set has been freed then
 */
export function storeResult(context: Context, set: SortedSet, event: string): void {
  const { db, args, reply } = context
  const { length } = set
  if (length === 0) {
    set.free()
    return removeDestination(context)
  }
  db.find(args, 1)
  const header = TYPE_SORTED_SET | ((set.encoding | SEPARATE) << 4)
  const entry = db.newEntry(args, 1, header, 0, REFERENCE_BYTES, NO_EXPIRY)
  if (entry === NULL) {
    set.free()
    throw OUT_OF_MEMORY
  }
  db.setReference(entry, set.root, 0)
  if (db.found !== NULL) db.keyspace.useAgain(entry, db.found)
  // What cannot be placed is freed with its value.
  if (!db.placeEntry(entry)) throw OUT_OF_MEMORY
  context.touched(1, event)
  reply.integer(length)
}

/** Removes the key that is argument 1, since the result is empty, and answers 0. */
export function removeDestination(context: Context): void {
  const { db, args, reply } = context
  if (db.findForWrite(args, 1) !== NULL) {
    db.removeFound()
    context.touched(1, 'del')
  }
  reply.integer(0)
}
