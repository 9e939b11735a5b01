/** INCRBYFLOAT: sums as Redis's long double gives them (bytes/long-double.ts). */
import { addLongDoubles } from '../../bytes/long-double.ts'
import { fromLatin1 } from '../../bytes/text.ts'
import { LABEL_NOT_INT, StringValue } from '../../keyspace/string-value.ts'
import { command, double, key } from '../command.ts'
import { CommandError, NOT_A_FLOAT, OUT_OF_MEMORY } from '../errors.ts'
import { findReplaced, foundExpiry } from './string-key.ts'

const NAN_OR_INFINITY = new CommandError('ERR increment would produce NaN or Infinity')
const ZERO = fromLatin1('0')
const value = new StringValue()

export const incrbyfloat = command({
  name: 'INCRBYFLOAT',
  group: 'string',
  since: '2.6.0',
  complexity: 'O(1)',
  summary:
    'Adds a floating point number to the number that a key holds; a missing key counts as 0.',
  arity: 3,
  flags: ['write', 'denyoom', 'fast'],
  categories: ['string'],
  keys: [{ begin: 1, access: 'RW', intent: ['access', 'update'] }],
  args: [key('key'), double('increment')],
  run(context) {
    const { db, args, reply } = context
    const exists = findReplaced(context, 1, value)
    const bytes = exists ? value.bytes : ZERO
    const start = exists ? value.start : 0
    const end = exists ? value.end : 1
    const result = addLongDoubles(bytes, start, end, args.bytes, args.starts[2]!, args.ends[2]!)
    if (result === 'not a float') throw NOT_A_FLOAT
    if (result === 'nan or infinity') throw NAN_OR_INFINITY
    const sum = fromLatin1(result.text)
    const sumView = new DataView(sum.buffer)
    const expireAtMs = foundExpiry(context)
    if (!db.setString(args, 1, sum, sumView, 0, sum.length, expireAtMs, LABEL_NOT_INT)) {
      throw OUT_OF_MEMORY
    }
    context.touched(1, 'incrbyfloat')
    context.propagate('SET', args.slice(1), sum, 'KEEPTTL')
    reply.bulkBytes(sum)
  },
})
