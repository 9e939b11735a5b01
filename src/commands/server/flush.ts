/**
 * FLUSHALL and FLUSHDB. Emptying the whole keyspace is a matter of forgetting the arena's content,
 * however many keys there are; where only one database has keys, emptying that one is done in the
 * same way. Else the keys of the database are gone at once and their memory is freed in slices soon
 * after, so that ASYNC and SYNC come to the same.
 */
import { type ArgSpec, command, oneOf, token } from '../command.ts'
import type { Context } from '../context.ts'
import { SYNTAX_ERROR } from '../errors.ts'

const ARGUMENTS: readonly ArgSpec[] = [
  oneOf('flush-type', [token('ASYNC', { since: '4.0.0' }), token('SYNC', { since: '6.2.0' })], {
    optional: true,
  }),
]

const HISTORY = [
  ['4.0.0', 'Knows `ASYNC`.'],
  ['6.2.0', 'Knows `SYNC`.'],
] as const

function checkArguments({ args }: Context): void {
  if (args.count === 1) return
  if (args.count > 2 || !(args.is(1, 'sync') || args.is(1, 'async'))) throw SYNTAX_ERROR
}

/**
 * As in Redis, what empties a database is passed on also where it is empty already; and FLUSHALL
 * may save, after which nothing counts as changed.
 */
function propagateOutright(context: Context): void {
  const { args } = context
  if (args.count === 1) context.propagate(args.slice(0))
  else context.propagate(args.slice(0), args.slice(1))
}

export const flushall = command({
  name: 'FLUSHALL',
  group: 'server',
  since: '1.0.0',
  complexity: 'O(1)',
  summary: 'Removes the keys of all databases.',
  arity: -1,
  flags: ['write'],
  categories: ['keyspace', 'dangerous'],
  tips: ['request_policy:all_shards', 'response_policy:all_succeeded'],
  history: HISTORY,
  args: ARGUMENTS,
  run(context) {
    checkArguments(context)
    const { server, reply } = context
    for (const database of server.keyspace.databases) server.dirty += database.count
    server.keyspace.flushAll()
    propagateOutright(context)
    server.saves.allRemoved()
    reply.ok()
  },
})

export const flushdb = command({
  name: 'FLUSHDB',
  group: 'server',
  since: '1.0.0',
  complexity: 'O(N) where N is the number of keys, O(1) if no other database has keys',
  summary: 'Removes the keys of the database.',
  arity: -1,
  flags: ['write'],
  categories: ['keyspace', 'dangerous'],
  tips: ['request_policy:all_shards', 'response_policy:all_succeeded'],
  history: HISTORY,
  args: ARGUMENTS,
  run(context) {
    checkArguments(context)
    const { server, db, reply } = context
    const { keyspace } = server
    server.dirty += db.count
    if (keyspace.databases.every((each) => each === db || each.count === 0)) keyspace.flushAll()
    else db.flush()
    propagateOutright(context)
    reply.ok()
  },
})
