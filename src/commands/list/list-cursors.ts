/** The cursors that the commands of the family work with, two for each keyspace; and their use. */
import { type Address, NULL } from '../../arena/arena.ts'
import { encodingOf, SEPARATE, TYPE_LIST, valueAddressOf } from '../../keyspace/entry.ts'
import type { Keyspace } from '../../keyspace/keyspace.ts'
import type { ListValue } from '../../types/list.ts'
import type { Context } from '../context.ts'

class ListCursors {
  readonly source: ListValue
  readonly target: ListValue

  constructor({ collections }: Keyspace) {
    this.source = collections.create(TYPE_LIST) as ListValue
    this.target = collections.create(TYPE_LIST) as ListValue
  }
}

const cursors = new WeakMap<Keyspace, ListCursors>()
let lastKeyspace: Keyspace | null = null
let last: ListCursors | null = null

function cursorsOf(keyspace: Keyspace): ListCursors {
  if (keyspace === lastKeyspace) return last!
  let found = cursors.get(keyspace)
  if (found === undefined) {
    found = new ListCursors(keyspace)
    cursors.set(keyspace, found)
  }
  lastKeyspace = keyspace
  last = found
  return found
}

/** The cursor for a command's list, or the list that it takes from. */
export function listCursor({ server }: Context): ListValue {
  return cursorsOf(server.keyspace).source
}

/** The cursor for a second list, which a command adds to. */
export function targetCursor({ server }: Context): ListValue {
  return cursorsOf(server.keyspace).target
}

/** `Context.open` for lists alone. @throws WRONG_TYPE */
export function openList(context: Context, index: number, list: ListValue): boolean {
  return point(context, context.db.findForWrite(context.args, index), list)
}

/** The same for a list that the command has opened before: it is used only once. */
export function reopenList(context: Context, index: number, list: ListValue): void {
  point(context, context.db.find(context.args, index), list)
}

function point(context: Context, entry: Address, list: ListValue): boolean {
  if (!context.isOfType(entry, TYPE_LIST)) return false
  const { arena } = context.db.keyspace
  list.open(valueAddressOf(arena, entry), encodingOf(arena, entry) & ~SEPARATE)
  return true
}

/** `Context.store` for lists alone. @throws OUT_OF_MEMORY */
export function storeList(context: Context, index: number, list: ListValue): boolean {
  const { db } = context
  if (db.found === NULL || list.length === 0) return context.store(index, TYPE_LIST, list)
  db.updateReference(list.root, list.encoding)
  return false
}
