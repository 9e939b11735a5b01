/** GET. */
import { NULL } from '../../arena/arena.ts'
import { TYPE_STRING, typeOf } from '../../keyspace/entry.ts'
import { StringValue } from '../../keyspace/string-value.ts'
import { command, key } from '../command.ts'
import { WRONG_TYPE } from '../errors.ts'

const value = new StringValue()

export const get = command({
  name: 'GET',
  group: 'string',
  since: '1.0.0',
  complexity: 'O(1)',
  summary: 'Returns the string value of a key.',
  arity: 2,
  flags: ['readonly', 'fast'],
  categories: ['string'],
  keys: [{ begin: 1, access: 'RO', intent: 'access' }],
  args: [key('key')],
  run({ db, args, reply, server }) {
    const entry = db.findForRead(args, 1)
    if (entry === NULL) return reply.nil()
    const { arena } = server.keyspace
    if (typeOf(arena, entry) !== TYPE_STRING) throw WRONG_TYPE
    value.locate(arena, entry)
    reply.bulk(value.bytes, value.view, value.start, value.end)
  },
})
