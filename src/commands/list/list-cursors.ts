/** The cursors that the commands of the family work with: two for each keyspace. */
import { TYPE_LIST } from '../../keyspace/entry.ts'
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
