/** SET. */
import { NO_EXPIRY } from '../../keyspace/entry.ts'
import { LABEL_AUTO } from '../../keyspace/string-value.ts'
import { command, key, string } from '../command.ts'
import { OUT_OF_MEMORY } from '../errors.ts'

export const set = command({
  name: 'SET',
  group: 'string',
  since: '1.0.0',
  complexity: 'O(1)',
  summary: 'Sets the string value of a key.',
  arity: -3,
  flags: ['write', 'denyoom'],
  categories: ['string'],
  keys: [{ begin: 1, access: 'OW', intent: 'update' }],
  args: [key('key'), string('value')],
  run(context) {
    const { db, args, reply } = context
    db.find(args, 1)
    const start = args.starts[2]!
    const length = args.ends[2]! - start
    if (!db.setString(args, 1, args.bytes, args.view, start, length, NO_EXPIRY, LABEL_AUTO)) {
      throw OUT_OF_MEMORY
    }
    context.touched(1, 'set')
    reply.ok()
  },
})
