/** The cursors over sorted sets that the commands of this family work with, by keyspace. */
import { type Address, NULL } from '../../arena/arena.ts'
import { encodingOf, SEPARATE, valueAddressOf } from '../../keyspace/entry.ts'
import type { Keyspace } from '../../keyspace/keyspace.ts'
import { SortedSet } from '../../types/sorted-set.ts'
import { TYPE_SORTED_SET } from '../../types/type.ts'
import type { Context } from '../context.ts'

/** The keyspace asked for last, which most often is the only one. */
let lastKeyspace: Keyspace | null = null
let lastCursors: SortedSet[] = []
const cursorsByKeyspace = new WeakMap<Keyspace, SortedSet[]>()

/** A cursor of the keyspace's own; a command that needs several numbers them. */
export function sortedSetCursor({ db }: Context, number = 0): SortedSet {
  const { keyspace } = db
  if (keyspace !== lastKeyspace) useKeyspace(keyspace)
  while (lastCursors.length <= number) lastCursors.push(newCursor(keyspace))
  return lastCursors[number]!
}

function useKeyspace(keyspace: Keyspace): void {
  let cursors = cursorsByKeyspace.get(keyspace)
  if (cursors === undefined) {
    cursors = []
    cursorsByKeyspace.set(keyspace, cursors)
  }
  lastKeyspace = keyspace
  lastCursors = cursors
}

function newCursor({ collections }: Keyspace): SortedSet {
  const cursor = collections.create(TYPE_SORTED_SET)
  if (cursor instanceof SortedSet) return cursor
  throw new Error('sorted sets are served by another class')
}

/** Points the first cursor at the key that is argument `index`, to read it; null if absent. */
export function readSortedSet(context: Context, index: number): SortedSet | null {
  const set = sortedSetCursor(context)
  return point(context, context.db.findForRead(context.args, index), set)
}

/** The same to change it; afterwards `storeSortedSet`. */
export function openSortedSet(context: Context, index: number): SortedSet | null {
  const set = sortedSetCursor(context)
  return point(context, context.db.findForWrite(context.args, index), set)
}

/** What `Context.open` does, for sorted sets alone. @throws WRONG_TYPE */
function point(context: Context, entry: Address, set: SortedSet): SortedSet | null {
  if (!context.isOfType(entry, TYPE_SORTED_SET)) return null
  const { arena } = context.db.keyspace
  set.open(valueAddressOf(arena, entry), encodingOf(arena, entry) & ~SEPARATE)
  return set
}

/** Stores what a command has changed, and tells of it; the key goes when the set is empty. */
export function storeSortedSet(
  context: Context,
  index: number,
  set: SortedSet,
  event: string,
): void {
  const { db } = context
  let removed = false
  if (db.found === NULL || set.length === 0) removed = context.store(index, TYPE_SORTED_SET, set)
  else db.updateReference(set.root, set.encoding)
  context.touched(index, event)
  if (removed) context.touched(index, 'del')
}
