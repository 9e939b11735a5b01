/**
 * SET.
 *
 * Without options it does one lookup and one store, and makes no object. Options go another way,
 * in Redis's order: the time is checked first, then the old value answered, then the conditions.
 */
import { NULL } from '../../arena/arena.ts'
import { NO_EXPIRY, TYPE_STRING, typeOf } from '../../keyspace/entry.ts'
import { LABEL_AUTO, StringValue } from '../../keyspace/string-value.ts'
import { command, integer, key, oneOf, string, token, unixTime } from '../command.ts'
import type { Context } from '../context.ts'
import { OUT_OF_MEMORY, WRONG_TYPE } from '../errors.ts'
import { expireTime, invalidExpireTime, MILLISECONDS, SECONDS } from './expire-time.ts'
import {
  EX,
  EXAT,
  GET,
  IFEQ,
  KEEPTTL,
  NX,
  PX,
  PXAT,
  parsed,
  parseOptions,
  SET_OPTIONS,
  XX,
} from './set-options.ts'
import {
  equalsArgument,
  foundExpiry,
  propagateExpiringSet,
  replyString,
  storeArgument,
} from './string-key.ts'

const INVALID_EXPIRE_TIME = invalidExpireTime('set')
const value = new StringValue()

export const set = command({
  name: 'SET',
  group: 'string',
  since: '1.0.0',
  complexity: 'O(1)',
  summary: 'Sets a key to a string, whatever it held before.',
  arity: -3,
  flags: ['write', 'denyoom'],
  categories: ['string'],
  keys: [
    {
      begin: 1,
      access: 'RW',
      intent: ['access', 'update'],
      flags: ['variable_flags'],
      notes: 'RW and ACCESS due to the optional `GET` argument',
    },
  ],
  args: [
    key('key'),
    string('value'),
    oneOf(
      'condition',
      [token('NX'), token('XX'), string('comparison-value', { token: 'IFEQ', since: '8.1.0' })],
      { optional: true, since: '2.6.12' },
    ),
    token('GET', { optional: true, since: '6.2.0' }),
    oneOf(
      'expiration',
      [
        integer('seconds', { token: 'EX', since: '2.6.12' }),
        integer('milliseconds', { token: 'PX', since: '2.6.12' }),
        unixTime('unix-time-seconds', { token: 'EXAT', since: '6.2.0' }),
        unixTime('unix-time-milliseconds', { token: 'PXAT', since: '6.2.0' }),
        token('KEEPTTL', { since: '6.0.0' }),
      ],
      { optional: true },
    ),
  ],
  history: [
    ['2.6.12', 'Takes the options `EX`, `PX`, `NX` and `XX`.'],
    ['6.0.0', 'Takes the option `KEEPTTL`.'],
    ['6.2.0', 'Takes the options `GET`, `EXAT` and `PXAT`.'],
    ['7.0.0', 'Takes `NX` and `GET` together.'],
  ],
  run(context) {
    const { db, args, reply } = context
    if (args.count > 3) return setWithOptions(context)
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

function setWithOptions(context: Context): void {
  parseOptions(context.args, 3, SET_OPTIONS)
  const { bits } = parsed
  let expireAtMs = givenTime(context)
  if ((bits & GET) !== 0) replyString(context, 1, value)
  else context.db.find(context.args, 1)
  if (!conditionHolds(context)) {
    if ((bits & GET) !== 0) return
    // It has been looked up all the same.
    const { found, keyspace } = context.db
    if (found !== NULL) keyspace.touch(found)
    context.reply.nil()
    return
  }
  if ((bits & KEEPTTL) !== 0) expireAtMs = foundExpiry(context)
  storeArgument(context, 2, expireAtMs)
  context.touched(1, 'set')
  if ((bits & (EX | PX | EXAT | PXAT)) !== 0) context.notify(1, 'expire')
  propagateSet(context, expireAtMs)
  if ((bits & GET) === 0) context.reply.ok()
}

/** Passes on what the options came to, unless they are as good the next time. */
function propagateSet(context: Context, expireAtMs: number | bigint): void {
  const { bits } = parsed
  if (!context.propagates || (bits & ~(NX | XX | KEEPTTL)) === 0) return
  if ((bits & (EX | PX | EXAT | PXAT)) !== 0) return propagateExpiringSet(context, 2, expireAtMs)
  const { args } = context
  if ((bits & KEEPTTL) === 0) context.propagate('SET', args.slice(1), args.slice(2))
  else context.propagate('SET', args.slice(1), args.slice(2), 'KEEPTTL')
}

/** The expiry time that was given, or NO_EXPIRY. */
function givenTime(context: Context): number | bigint {
  const { bits, timeIndex } = parsed
  if ((bits & (EX | PX | EXAT | PXAT)) === 0) return NO_EXPIRY
  const unit = (bits & (EX | EXAT)) !== 0 ? SECONDS : MILLISECONDS
  return expireTime(context, timeIndex, unit, (bits & (EX | PX)) !== 0, INVALID_EXPIRE_TIME)
}

/** Whether NX, XX or IFEQ, if given, lets the value be set where the last lookup was. */
function conditionHolds({ db, args }: Context): boolean {
  const { bits, comparisonIndex } = parsed
  if ((bits & NX) !== 0) return db.found === NULL
  if ((bits & (XX | IFEQ)) === 0) return true
  if (db.found === NULL) return false
  if ((bits & XX) !== 0) return true
  const { arena } = db.keyspace
  if (typeOf(arena, db.found) !== TYPE_STRING) throw WRONG_TYPE
  value.locate(arena, db.found)
  return equalsArgument(value, args, comparisonIndex)
}
