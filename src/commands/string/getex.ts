/** GETEX. */
import { hasExpiry, NO_EXPIRY } from '../../keyspace/entry.ts'
import { StringValue } from '../../keyspace/string-value.ts'
import { command, key } from '../command.ts'
import type { Context } from '../context.ts'
import { OUT_OF_MEMORY } from '../errors.ts'
import { expirationArgument } from '../expiration-argument.ts'
import { expireTime, invalidExpireTime, MILLISECONDS, SECONDS } from './expire-time.ts'
import { EX, EXAT, GETEX_OPTIONS, PERSIST, PX, parsed, parseOptions } from './set-options.ts'
import { replyString } from './string-key.ts'

const INVALID_EXPIRE_TIME = invalidExpireTime('getex')
const value = new StringValue()

export const getex = command({
  name: 'GETEX',
  group: 'string',
  since: '6.2.0',
  complexity: 'O(1)',
  summary: 'Returns the string value of a key and changes when it expires.',
  arity: -2,
  flags: ['write', 'fast'],
  categories: ['string'],
  keys: [
    {
      begin: 1,
      access: 'RW',
      intent: ['access', 'update'],
      notes: 'RW and UPDATE because it changes the TTL',
    },
  ],
  args: [key('key'), expirationArgument('PERSIST')],
  run(context) {
    parseOptions(context.args, 2, GETEX_OPTIONS)
    // The time is looked at only if there is a string to give it to.
    if (!replyString(context, 1, value) || parsed.bits === 0) return
    if (parsed.bits === PERSIST) persist(context)
    else expire(context)
  },
})

function persist(context: Context): void {
  const { db } = context
  if (!hasExpiry(db.keyspace.arena, db.found)) return
  if (!db.setExpiryOfFound(NO_EXPIRY)) throw OUT_OF_MEMORY
  context.touched(1, 'persist')
  context.propagate('PERSIST', context.args.slice(1))
}

/** Sets the time that was given; a point of time that has passed removes the key. */
function expire(context: Context): void {
  const { args, db, server } = context
  const { bits, timeIndex } = parsed
  const unit = (bits & (EX | EXAT)) !== 0 ? SECONDS : MILLISECONDS
  const relative = (bits & (EX | PX)) !== 0
  const atMs = expireTime(context, timeIndex, unit, relative, INVALID_EXPIRE_TIME)
  if (!relative && db.keyspace.isPast(atMs)) {
    db.removeFound()
    context.touched(1, 'del')
    context.propagate(server.removals.deletionByExpiry, args.slice(1))
    return
  }
  if (!db.setExpiryOfFound(atMs)) throw OUT_OF_MEMORY
  context.touched(1, 'expire')
  context.propagate('PEXPIREAT', args.slice(1), atMs)
}
