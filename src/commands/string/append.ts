/** APPEND. */

import { copyBytes } from '../../arena/bytes.ts'
import { growString } from '../../keyspace/string-growth.ts'
import { StringValue } from '../../keyspace/string-value.ts'
import { command, key, string } from '../command.ts'
import { OUT_OF_MEMORY } from '../errors.ts'
import { checkLength, findString, storeArgument } from './string-key.ts'

const value = new StringValue()

export const append = command({
  name: 'APPEND',
  group: 'string',
  since: '2.0.0',
  complexity: 'O(1). A string that grows gets room to grow on, so copying it is rare.',
  summary: 'Appends to the string value of a key; a missing key is made.',
  arity: 3,
  flags: ['write', 'denyoom', 'fast'],
  categories: ['string'],
  keys: [{ begin: 1, access: 'RW', intent: 'insert' }],
  args: [key('key'), string('value')],
  run(context) {
    const { db, args, reply } = context
    const appended = args.length(2)
    if (!findString(context, 1, value)) {
      storeArgument(context, 2)
      context.touched(1, 'append')
      return reply.integer(appended)
    }
    const oldLength = value.length
    const length = oldLength + appended
    checkLength(context, length)
    if (!growString(db, args, 1, oldLength, length)) throw OUT_OF_MEMORY
    value.locate(db.keyspace.arena, db.found)
    const at = value.start + oldLength
    copyBytes(args.bytes, args.view, args.starts[2]!, value.bytes, value.view, at, appended)
    context.touched(1, 'append')
    reply.integer(length)
  },
})
