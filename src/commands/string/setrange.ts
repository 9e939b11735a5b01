/** SETRANGE. */

import { copyBytes } from '../../arena/bytes.ts'
import { growString } from '../../keyspace/string-growth.ts'
import { StringValue } from '../../keyspace/string-value.ts'
import { integer64 } from '../arguments.ts'
import { command, integer, key, string } from '../command.ts'
import { CommandError, OUT_OF_MEMORY } from '../errors.ts'
import { checkLength, findString } from './string-key.ts'

const OFFSET_OUT_OF_RANGE = new CommandError('ERR offset is out of range')
const value = new StringValue()

export const setrange = command({
  name: 'SETRANGE',
  group: 'string',
  since: '2.2.0',
  complexity: 'O(M) with M being the length of the value, or of the string if it has to move.',
  summary: 'Writes over a part of the string value of a key; a missing key is made.',
  arity: 4,
  flags: ['write', 'denyoom'],
  categories: ['string'],
  keys: [{ begin: 1, access: 'RW', intent: 'update' }],
  args: [key('key'), integer('offset'), string('value')],
  run(context) {
    const { db, args, reply } = context
    const offset = integer64(args, 2)
    if (offset < 0) throw OFFSET_OUT_OF_RANGE
    const written = args.length(3)
    const oldLength = findString(context, 1, value) ? value.length : 0
    if (written === 0) return reply.integer(oldLength)
    // Offsets beyond 2^53 lose their last digits here, and are too long all the same.
    const end = Number(offset) + written
    checkLength(context, end)
    const length = Math.max(oldLength, end)
    if (!growString(db, args, 1, oldLength, length)) throw OUT_OF_MEMORY
    value.locate(db.keyspace.arena, db.found)
    const at = value.start + end - written
    copyBytes(args.bytes, args.view, args.starts[3]!, value.bytes, value.view, at, written)
    context.touched(1, 'setrange')
    reply.integer(length)
  },
})
