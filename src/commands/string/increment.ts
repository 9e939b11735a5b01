/**
 * INCR, DECR, INCRBY and DECRBY.
 *
 * Numbers are kept as their text, so an increment reads the digits where they are and writes the
 * new ones. Sums within ±(2^53 - 1) take plain numbers; what lies beyond, up to 64 bits, takes
 * bigints.
 */
import {
  INT64_MAX,
  INT64_MIN,
  integerDigits,
  MAX_INTEGER_BYTES,
  parseBigInteger,
  parseInteger,
  writeBigInteger,
  writeInteger,
} from '../../bytes/integers.ts'
import { encodingOf } from '../../keyspace/entry.ts'
import { LABEL_AUTO, StringValue } from '../../keyspace/string-value.ts'
import { integer64 } from '../arguments.ts'
import { command, integer, key } from '../command.ts'
import type { Context } from '../context.ts'
import { CommandError, NOT_AN_INTEGER, OUT_OF_MEMORY } from '../errors.ts'
import { findReplaced, foundExpiry } from './string-key.ts'

const OVERFLOW = new CommandError('ERR increment or decrement would overflow')
const DECREMENT_OVERFLOW = new CommandError('ERR decrement would overflow')

const value = new StringValue()
/** Where the new digits are written before they are stored. */
const digits = new Uint8Array(MAX_INTEGER_BYTES)
const digitsView = new DataView(digits.buffer)

export const incr = command({
  name: 'INCR',
  group: 'string',
  since: '1.0.0',
  complexity: 'O(1)',
  summary: 'Adds one to the integer value of a key; a missing key counts as 0.',
  arity: 2,
  flags: ['write', 'denyoom', 'fast'],
  categories: ['string'],
  keys: [{ begin: 1, access: 'RW', intent: ['access', 'update'] }],
  args: [key('key')],
  run: (context) => increment(context, 1),
})

export const decr = command({
  name: 'DECR',
  group: 'string',
  since: '1.0.0',
  complexity: 'O(1)',
  summary: 'Takes one from the integer value of a key; a missing key counts as 0.',
  arity: 2,
  flags: ['write', 'denyoom', 'fast'],
  categories: ['string'],
  keys: [{ begin: 1, access: 'RW', intent: ['access', 'update'] }],
  args: [key('key')],
  run: (context) => increment(context, -1),
})

export const incrby = command({
  name: 'INCRBY',
  group: 'string',
  since: '1.0.0',
  complexity: 'O(1)',
  summary: 'Adds an integer to the integer value of a key; a missing key counts as 0.',
  arity: 3,
  flags: ['write', 'denyoom', 'fast'],
  categories: ['string'],
  keys: [{ begin: 1, access: 'RW', intent: ['access', 'update'] }],
  args: [key('key'), integer('increment')],
  run: (context) => increment(context, integer64(context.args, 2)),
})

export const decrby = command({
  name: 'DECRBY',
  group: 'string',
  since: '1.0.0',
  complexity: 'O(1)',
  summary: 'Takes an integer from the integer value of a key; a missing key counts as 0.',
  arity: 3,
  flags: ['write', 'denyoom', 'fast'],
  categories: ['string'],
  keys: [{ begin: 1, access: 'RW', intent: ['access', 'update'] }],
  args: [key('key'), integer('decrement')],
  run(context) {
    const decrement = integer64(context.args, 2)
    // The negative of the least integer of 64 bits is none.
    if (decrement === INT64_MIN) throw DECREMENT_OVERFLOW
    increment(context, -decrement)
  },
})

function increment(context: Context, delta: number | bigint): void {
  const exists = findReplaced(context, 1, value)
  const old = exists ? parseInteger(value.bytes, value.start, value.end) : 0
  if (typeof delta === 'number') {
    const sum = old + delta
    // NaN, for what is no integer within ±(2^53 - 1), fails both comparisons.
    if (sum <= Number.MAX_SAFE_INTEGER && sum >= Number.MIN_SAFE_INTEGER) {
      if (exists && fitsInPlace(context, sum)) {
        writeInteger(value.bytes, value.start, sum)
        context.db.keyspace.touch(context.db.found)
        context.touched(1, 'incrby')
      } else {
        store(context, writeInteger(digits, 0, sum))
      }
      return context.reply.integer(sum)
    }
  }
  incrementLarge(context, old, BigInt(delta))
}

/** Whether the digits of a sum can be written over those that `value` points at. */
function fitsInPlace({ db }: Context, sum: number): boolean {
  const isPlain = encodingOf(db.keyspace.arena, db.found) === LABEL_AUTO
  return isPlain && integerDigits(sum) === value.end - value.start
}

/** @param old the old number, NaN if it is to be read from `value` again */
function incrementLarge(context: Context, old: number, delta: bigint): void {
  const exact = Number.isInteger(old)
    ? BigInt(old)
    : parseBigInteger(value.bytes, value.start, value.end)
  if (exact === null) throw NOT_AN_INTEGER
  const sum = exact + delta
  if (sum > INT64_MAX || sum < INT64_MIN) throw OVERFLOW
  store(context, writeBigInteger(digits, 0, sum))
  context.reply.bigInteger(sum)
}

/** Stores the digits in place of what was found; the expiry time stays. */
function store(context: Context, length: number): void {
  const { db, args } = context
  const expireAtMs = foundExpiry(context)
  if (!db.setString(args, 1, digits, digitsView, 0, length, expireAtMs, LABEL_AUTO)) {
    throw OUT_OF_MEMORY
  }
  context.touched(1, 'incrby')
}
