/** HINCRBYFLOAT: sums as Redis's long double gives them (bytes/long-double.ts). */
import { addLongDoubles, parseLongDouble } from '../../bytes/long-double.ts'
import { fromLatin1 } from '../../bytes/text.ts'
import type { Args } from '../../resp/args.ts'
import { NO_FIELD_EXPIRY } from '../../types/hash.ts'
import { command, double, key, string } from '../command.ts'
import { CommandError, NOT_A_FLOAT } from '../errors.ts'
import { findField, openHash, setField } from './hash-key.ts'

const INFINITE_INCREMENT = new CommandError('ERR value is NaN or Infinity')
const HASH_VALUE_NOT_A_FLOAT = new CommandError('ERR hash value is not a float')
const NAN_OR_INFINITY = new CommandError('ERR increment would produce NaN or Infinity')
const ZERO = fromLatin1('0')

/** Throws unless argument `index` is a finite number. */
function checkIncrement(args: Args, index: number): void {
  if (!Number.isNaN(args.safeInteger(index))) return
  const value = parseLongDouble(args.bytes, args.starts[index]!, args.ends[index]!)
  if (value === null) throw NOT_A_FLOAT
  if (!value.finite) throw INFINITE_INCREMENT
}

export const hincrbyfloat = command({
  name: 'HINCRBYFLOAT',
  group: 'hash',
  since: '2.6.0',
  complexity: 'O(1)',
  summary: 'Adds a floating point number to the value of a field; a missing one counts as 0.',
  arity: 4,
  flags: ['write', 'denyoom', 'fast'],
  categories: ['hash'],
  keys: [{ begin: 1, access: 'RW', intent: ['access', 'update'] }],
  args: [key('key'), string('field'), double('increment')],
  run(context) {
    const { args, reply } = context
    checkIncrement(args, 3)
    const hash = openHash(context)
    const pair = hash !== null && findField(context, hash, 2) ? hash.pair : null
    const result = addLongDoubles(
      pair === null ? ZERO : pair.bytes,
      pair === null ? 0 : pair.valueStart,
      pair === null ? 1 : pair.valueEnd,
      args.bytes,
      args.starts[3]!,
      args.ends[3]!,
    )
    if (result === 'not a float') throw HASH_VALUE_NOT_A_FLOAT
    if (result === 'nan or infinity') throw NAN_OR_INFINITY
    const sum = fromLatin1(result.text)
    const expireAtMs = pair === null ? NO_FIELD_EXPIRY : pair.expireAtMs
    setField(context, hash, sum, new DataView(sum.buffer), 0, sum.length, expireAtMs)
    context.touched(1, 'hincrbyfloat')
    const [name, field] = [args.slice(1), args.slice(2)]
    if (expireAtMs === NO_FIELD_EXPIRY) context.propagate('HSET', name, field, sum)
    else context.propagate('HSETEX', name, 'KEEPTTL', 'FIELDS', 1, field, sum)
    reply.bulkBytes(sum)
  },
})
