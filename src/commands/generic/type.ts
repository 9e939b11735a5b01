/** TYPE. */
import { NULL } from '../../arena/arena.ts'
import { TYPE_NAMES, typeOf } from '../../keyspace/entry.ts'
import { command, key } from '../command.ts'

export const type = command({
  name: 'TYPE',
  group: 'generic',
  since: '1.0.0',
  complexity: 'O(1)',
  summary: 'Names the type of the value of a key.',
  arity: 2,
  flags: ['readonly', 'fast'],
  categories: ['keyspace'],
  keys: [{ begin: 1, access: 'RO' }],
  args: [key('key')],
  run({ db, args, reply, server }) {
    const entry = db.findUntouched(args, 1)
    if (entry === NULL) return reply.simple('none')
    reply.simple(TYPE_NAMES[typeOf(server.keyspace.arena, entry)]!)
  },
})
