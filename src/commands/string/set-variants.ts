/** SETNX, SETEX, PSETEX and GETSET: SET with one option each, from before it had any. */
import { NULL } from '../../arena/arena.ts'
import { StringValue } from '../../keyspace/string-value.ts'
import { command, integer, key, string } from '../command.ts'
import type { Context } from '../context.ts'
import type { CommandError } from '../errors.ts'
import { expireTime, invalidExpireTime, MILLISECONDS, SECONDS } from './expire-time.ts'
import { propagateExpiringSet, replyString, storeArgument } from './string-key.ts'

const INVALID_IN_SETEX = invalidExpireTime('setex')
const INVALID_IN_PSETEX = invalidExpireTime('psetex')
const value = new StringValue()

export const setnx = command({
  name: 'SETNX',
  group: 'string',
  since: '1.0.0',
  complexity: 'O(1)',
  summary: 'Sets a key to a string only when the key does not exist.',
  arity: 3,
  flags: ['write', 'denyoom', 'fast'],
  categories: ['string'],
  keys: [{ begin: 1, access: 'OW', intent: 'insert' }],
  args: [key('key'), string('value')],
  deprecatedSince: '2.6.12',
  replacedBy: '`SET` with the `NX` argument',
  docFlags: ['deprecated'],
  run(context) {
    const { db, args, reply } = context
    if (db.findForWrite(args, 1) !== NULL) return reply.integer(0)
    storeArgument(context, 2)
    context.touched(1, 'set')
    reply.integer(1)
  },
})

export const setex = command({
  name: 'SETEX',
  group: 'string',
  since: '2.0.0',
  complexity: 'O(1)',
  summary: 'Sets a key to a string that expires after a number of seconds.',
  arity: 4,
  flags: ['write', 'denyoom'],
  categories: ['string'],
  keys: [{ begin: 1, access: 'OW', intent: 'update' }],
  args: [key('key'), integer('seconds'), string('value')],
  deprecatedSince: '2.6.12',
  replacedBy: '`SET` with the `EX` argument',
  docFlags: ['deprecated'],
  run: (context) => setExpiring(context, SECONDS, INVALID_IN_SETEX),
})

export const psetex = command({
  name: 'PSETEX',
  group: 'string',
  since: '2.6.0',
  complexity: 'O(1)',
  summary: 'Sets a key to a string that expires after a number of milliseconds.',
  arity: 4,
  flags: ['write', 'denyoom'],
  categories: ['string'],
  keys: [{ begin: 1, access: 'OW', intent: 'update' }],
  args: [key('key'), integer('milliseconds'), string('value')],
  deprecatedSince: '2.6.12',
  replacedBy: '`SET` with the `PX` argument',
  docFlags: ['deprecated'],
  run: (context) => setExpiring(context, MILLISECONDS, INVALID_IN_PSETEX),
})

function setExpiring(context: Context, unit: number, invalid: CommandError): void {
  const expireAtMs = expireTime(context, 2, unit, true, invalid)
  context.db.find(context.args, 1)
  storeArgument(context, 3, expireAtMs)
  context.touched(1, 'set')
  context.notify(1, 'expire')
  propagateExpiringSet(context, 3, expireAtMs)
  context.reply.ok()
}

export const getset = command({
  name: 'GETSET',
  group: 'string',
  since: '1.0.0',
  complexity: 'O(1)',
  summary: 'Sets a key to a string and returns the string that it held before.',
  arity: 3,
  flags: ['write', 'denyoom', 'fast'],
  categories: ['string'],
  keys: [{ begin: 1, access: 'RW', intent: ['access', 'update'] }],
  args: [key('key'), string('value')],
  deprecatedSince: '6.2.0',
  replacedBy: '`SET` with the `!GET` argument',
  docFlags: ['deprecated'],
  run(context) {
    replyString(context, 1, value)
    storeArgument(context, 2)
    context.touched(1, 'set')
    context.propagate('SET', context.args.slice(1), context.args.slice(2))
  },
})
