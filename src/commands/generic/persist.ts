/** PERSIST. */
import { NULL } from '../../arena/arena.ts'
import { hasExpiry, NO_EXPIRY } from '../../keyspace/entry.ts'
import { command, key } from '../command.ts'
import { OUT_OF_MEMORY } from '../errors.ts'

export const persist = command({
  name: 'PERSIST',
  group: 'generic',
  since: '2.2.0',
  complexity: 'O(1)',
  summary: 'Makes a key never expire.',
  arity: 2,
  flags: ['write', 'fast'],
  categories: ['keyspace'],
  keys: [{ begin: 1, access: 'RW', intent: 'update' }],
  args: [key('key')],
  run(context) {
    const { db, args, reply, server } = context
    const entry = db.findForWrite(args, 1)
    if (entry === NULL || !hasExpiry(server.keyspace.arena, entry)) return reply.integer(0)
    if (!db.setExpiryOfFound(NO_EXPIRY)) throw OUT_OF_MEMORY
    context.touched(1, 'persist')
    reply.integer(1)
  },
})
