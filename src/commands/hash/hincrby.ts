/** HINCRBY: as for INCRBY, plain numbers within ±(2^53 - 1) and bigints beyond. */
import {
  INT64_MAX,
  INT64_MIN,
  MAX_INTEGER_BYTES,
  parseBigInteger,
  parseInteger,
  writeBigInteger,
  writeInteger,
} from '../../bytes/integers.ts'
import { NO_FIELD_EXPIRY } from '../../types/hash.ts'
import type { HashPair } from '../../types/hash-entry.ts'
import { integer64 } from '../arguments.ts'
import { command, integer, key, string } from '../command.ts'
import type { Context } from '../context.ts'
import { CommandError } from '../errors.ts'
import { findField, openHash, setField } from './hash-key.ts'

const HASH_VALUE_NOT_AN_INTEGER = new CommandError('ERR hash value is not an integer')
const OVERFLOW = new CommandError('ERR increment or decrement would overflow')

/** Where the new digits are written before they are stored. */
const digits = new Uint8Array(MAX_INTEGER_BYTES)
const digitsView = new DataView(digits.buffer)

/** The value as an integer of 64 bits. */
function integerOf({ bytes, valueStart, valueEnd }: HashPair): number | bigint {
  const value = parseInteger(bytes, valueStart, valueEnd)
  if (!Number.isNaN(value)) return value
  const exact = parseBigInteger(bytes, valueStart, valueEnd)
  if (exact === null) throw HASH_VALUE_NOT_AN_INTEGER
  return exact
}

/** The sum, a bigint where it needs to be one. */
function sumOf(a: number | bigint, b: number | bigint): number | bigint {
  if (typeof a === 'number' && typeof b === 'number' && Number.isSafeInteger(a + b)) return a + b
  const sum = BigInt(a) + BigInt(b)
  if (sum > INT64_MAX || sum < INT64_MIN) throw OVERFLOW
  return sum
}

export const hincrby = command({
  name: 'HINCRBY',
  group: 'hash',
  since: '2.0.0',
  complexity: 'O(1)',
  summary: 'Adds an integer to the value of a field; a missing one counts as 0.',
  arity: 4,
  flags: ['write', 'denyoom', 'fast'],
  categories: ['hash'],
  keys: [{ begin: 1, access: 'RW', intent: ['access', 'update'] }],
  args: [key('key'), string('field'), integer('increment')],
  run(context: Context) {
    const { args, reply } = context
    const increment = integer64(args, 3)
    const hash = openHash(context)
    const pair = hash !== null && findField(context, hash, 2) ? hash.pair : null
    const old = pair === null ? 0 : integerOf(pair)
    const expireAtMs = pair === null ? NO_FIELD_EXPIRY : pair.expireAtMs
    const sum = sumOf(old, increment)
    const length =
      typeof sum === 'number' ? writeInteger(digits, 0, sum) : writeBigInteger(digits, 0, sum)
    setField(context, hash, digits, digitsView, 0, length, expireAtMs)
    context.touched(1, 'hincrby')
    if (typeof sum === 'number') reply.integer(sum)
    else reply.bigInteger(sum)
  },
})
