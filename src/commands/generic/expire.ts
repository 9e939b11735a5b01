/**
 * EXPIRE, PEXPIRE, EXPIREAT and PEXPIREAT: one algorithm, over a unit and a time to count from.
 *
 * Times are Unix times in ms, as a number within ±(2^53 - 1) and as a bigint beyond, up to what 64
 * bits hold: Redis takes any of them, so they have to come back to the last digit.
 */
import { NULL } from '../../arena/arena.ts'
import { NO_EXPIRY } from '../../keyspace/entry.ts'
import type { Args } from '../../resp/args.ts'
import { integer64 } from '../arguments.ts'
import { type ArgSpec, command, integer, key, oneOf, token, unixTime } from '../command.ts'
import type { Context } from '../context.ts'
import { CommandError, OUT_OF_MEMORY } from '../errors.ts'

const INT64_MAX = 2n ** 63n - 1n
const INT64_MIN = -(2n ** 63n)

const IF_NONE = 1
const IF_ANY = 2
const IF_LATER = 4
const IF_EARLIER = 8

const NX_WITH_OTHERS = new CommandError(
  'ERR NX and XX, GT or LT options at the same time are not compatible',
)
const GT_WITH_LT = new CommandError('ERR GT and LT options at the same time are not compatible')

const condition: ArgSpec = oneOf(
  'condition',
  [token('NX'), token('XX'), token('GT'), token('LT')],
  { optional: true, since: '7.0.0' },
)

/** The conditions that are asked for, as a sum of the constants above. */
function parseConditions(args: Args): number {
  let conditions = 0
  for (let i = 3; i < args.count; i++) {
    if (args.is(i, 'nx')) conditions |= IF_NONE
    else if (args.is(i, 'xx')) conditions |= IF_ANY
    else if (args.is(i, 'gt')) conditions |= IF_LATER
    else if (args.is(i, 'lt')) conditions |= IF_EARLIER
    else throw unsupportedOption(args, i)
  }
  if ((conditions & IF_NONE) !== 0 && conditions !== IF_NONE) throw NX_WITH_OTHERS
  if ((conditions & (IF_LATER | IF_EARLIER)) === (IF_LATER | IF_EARLIER)) throw GT_WITH_LT
  return conditions
}

/** The option as C would print it, and without line ends behind it. */
function unsupportedOption(args: Args, index: number): CommandError {
  const option = args
    .text(index)
    .split('\0', 1)[0]!
    .replace(/[\r\n]+$/, '')
  return new CommandError(`ERR Unsupported option ${option}`)
}

/**
 * The Unix time in ms that is `value` units after `baseMs`.
 *
 * @returns null if it, or the value in ms, is beyond 64 bits
 */
export function expiryTime(
  value: number | bigint,
  unitMs: 1 | 1000,
  baseMs: number,
): number | bigint | null {
  if (typeof value === 'number') {
    const at = value * unitMs + baseMs
    if (Number.isSafeInteger(value * unitMs) && Number.isSafeInteger(at)) return at
  }
  const inMs = BigInt(value) * BigInt(unitMs)
  if (inMs > INT64_MAX || inMs < INT64_MIN) return null
  const at = inMs + BigInt(baseMs)
  if (at > INT64_MAX) return null
  const asNumber = Number(at)
  return Number.isSafeInteger(asNumber) ? asNumber : at
}

/** Whether an expiry time may take the place of the present one. */
function allows(conditions: number, present: number | bigint, at: number | bigint): boolean {
  const none = present === NO_EXPIRY
  if ((conditions & IF_NONE) !== 0 && !none) return false
  if ((conditions & IF_ANY) !== 0 && none) return false
  // A key without expiry time counts as one that expires later than any.
  if ((conditions & IF_LATER) !== 0 && (none || at <= present)) return false
  return (conditions & IF_EARLIER) === 0 || none || at < present
}

/** A command that gives a key an expiry time, told in `unitMs` from now or from the epoch. */
function expiring(name: string, unitMs: 1 | 1000, fromNow: boolean): (context: Context) => void {
  const invalidTime = new CommandError(`ERR invalid expire time in '${name}' command`)
  return (context) => {
    const { db, args, reply, server } = context
    const conditions = parseConditions(args)
    const { nowMs } = server.clock
    const at = expiryTime(integer64(args, 2), unitMs, fromNow ? nowMs : 0)
    if (at === null) throw invalidTime

    const entry = db.findForWrite(args, 1)
    if (entry === NULL) return reply.integer(0)
    if (conditions !== 0 && !allows(conditions, db.exactExpiry(entry), at)) return reply.integer(0)
    if (db.keyspace.isPast(at)) {
      db.removeFound()
      context.touched(1, 'del')
      context.propagate(server.removals.deletionByExpiry, args.slice(1))
    } else {
      if (!db.setExpiryOfFound(at)) throw OUT_OF_MEMORY
      context.touched(1, 'expire')
      context.propagate('PEXPIREAT', args.slice(1), at)
    }
    reply.integer(1)
  }
}

const family = {
  group: 'generic',
  complexity: 'O(1)',
  arity: -3,
  flags: ['write', 'fast'],
  categories: ['keyspace'],
  keys: [{ begin: 1, access: 'RW', intent: 'update' }],
  history: [['7.0.0', 'Takes the conditions `NX`, `XX`, `GT` and `LT`.']],
} as const

export const expire = command({
  ...family,
  name: 'EXPIRE',
  since: '1.0.0',
  summary: 'Makes a key expire after a number of seconds.',
  args: [key('key'), integer('seconds'), condition],
  run: expiring('expire', 1000, true),
})

export const pexpire = command({
  ...family,
  name: 'PEXPIRE',
  since: '2.6.0',
  summary: 'Makes a key expire after a number of milliseconds.',
  args: [key('key'), integer('milliseconds'), condition],
  run: expiring('pexpire', 1, true),
})

export const expireat = command({
  ...family,
  name: 'EXPIREAT',
  since: '1.2.0',
  summary: 'Makes a key expire at a Unix time in seconds.',
  args: [key('key'), unixTime('unix-time-seconds'), condition],
  run: expiring('expireat', 1000, false),
})

export const pexpireat = command({
  ...family,
  name: 'PEXPIREAT',
  since: '2.6.0',
  summary: 'Makes a key expire at a Unix time in milliseconds.',
  args: [key('key'), unixTime('unix-time-milliseconds'), condition],
  run: expiring('pexpireat', 1, false),
})
