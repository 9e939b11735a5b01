/** MOVE. */

import { NULL } from '../../arena/arena.ts'
import { moveEntry } from '../../keyspace/transfer.ts'
import { command, integer, key } from '../command.ts'
import { OUT_OF_MEMORY } from '../errors.ts'
import { SAME_OBJECT, targetDatabase, touchedIn } from './target-database.ts'

export const move = command({
  name: 'MOVE',
  group: 'generic',
  since: '1.0.0',
  complexity: 'O(1)',
  summary: 'Moves a key to another database, unless it is there already.',
  arity: 3,
  flags: ['write', 'fast'],
  categories: ['keyspace'],
  keys: [{ begin: 1, access: 'RW', intent: ['access', 'update'] }],
  args: [key('key'), integer('db')],
  run(context) {
    const { db, args, reply, server } = context
    const target = targetDatabase(context, 2)
    if (target === db) throw SAME_OBJECT
    const source = db.findForWrite(args, 1)
    if (source === NULL) return reply.integer(0)
    if (target.findForWrite(args, 1) !== NULL) return reply.integer(0)
    if (!moveEntry(db, source, args, 1, target, 1)) throw OUT_OF_MEMORY
    context.touched(1, 'move_from')
    touchedIn(target, context, 1, 'move_to')
    // Two keys are touched, but Redis counts one change.
    server.dirty--
    reply.integer(1)
  },
})
