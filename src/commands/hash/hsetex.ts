/** HSETEX. */
import { NULL } from '../../arena/arena.ts'
import type { Args } from '../../resp/args.ts'
import { type HashValue, KEEP_EXPIRY, NO_FIELD_EXPIRY } from '../../types/hash.ts'
import { block, command, integer, key, oneOf, string, token } from '../command.ts'
import type { Context } from '../context.ts'
import { CommandError, wrongNumberOfArguments } from '../errors.ts'
import { expirationArgument } from '../expiration-argument.ts'
import { invalidExpireTime } from '../string/expire-time.ts'
import { fieldTime, propagateFields, removeField, storeRemoval } from './field-arguments.ts'
import { createHash, findField, openHash, roomForPairs, storeHash } from './hash-key.ts'

const TOO_LATE = invalidExpireTime('hsetex')
const ARITY = wrongNumberOfArguments('hsetex')
const BAD_COUNT = new CommandError('ERR invalid number of fields')
const MISSING_TIME = new CommandError('ERR missing expire time')
const TWO_CONDITIONS = new CommandError('ERR Only one of FXX or FNX arguments can be specified')
const TWO_TIMES = new CommandError(
  'ERR Only one of EX, PX, EXAT, PXAT or KEEPTTL arguments can be specified',
)
const MAX_FIELDS = 2 ** 31 - 1

/** Options with a time: their units, and whether they count from now. */
const TIMES: readonly (readonly [option: string, unitMs: 1 | 1000, fromNow: boolean])[] = [
  ['ex', 1000, true],
  ['px', 1, true],
  ['exat', 1000, false],
  ['pxat', 1, false],
]

interface Options {
  condition: 'none' | 'fnx' | 'fxx'
  /** When the fields expire: NO_FIELD_EXPIRY for never, KEEP_EXPIRY for as they did. */
  expiry: number
  /** Index of the first field. */
  first: number
}

/** The option that is argument `index`, as C would print it. */
function unknownArgument(args: Args, index: number): CommandError {
  return new CommandError(`ERR unknown argument: ${args.text(index).split('\0', 1)[0]!}`)
}

/** Checks the count behind FIELDS. @returns the index of the first field */
function parsePairs(args: Args, at: number): number {
  if (at >= args.count - 3) throw ARITY
  const count = args.safeInteger(at + 1)
  if (!(count >= 1 && count <= MAX_FIELDS)) throw BAD_COUNT
  if (args.count - at - 2 !== 2 * count) throw ARITY
  return at + 2
}

function parseOptions(context: Context): Options {
  const { args } = context
  const options: Options = { condition: 'none', expiry: NO_FIELD_EXPIRY, first: 0 }
  for (let i = 2; i < args.count; i++) {
    if (args.is(i, 'fields')) {
      options.first = parsePairs(args, i)
      return options
    }
    const time = TIMES.find(([option]) => args.is(i, option))
    if (time !== undefined || args.is(i, 'keepttl')) {
      if (options.expiry !== NO_FIELD_EXPIRY) throw TWO_TIMES
      if (time === undefined) {
        options.expiry = KEEP_EXPIRY
        continue
      }
      i++
      if (i === args.count) throw MISSING_TIME
      options.expiry = fieldTime(context, i, time[1], time[2], TOO_LATE)
    } else if (args.is(i, 'fxx') || args.is(i, 'fnx')) {
      if (options.condition !== 'none') throw TWO_CONDITIONS
      options.condition = args.is(i, 'fxx') ? 'fxx' : 'fnx'
    } else {
      throw unknownArgument(args, i)
    }
  }
  throw ARITY
}

/** Whether all fields are there, or none, if that is asked for. */
function conditionHolds(
  context: Context,
  hash: HashValue | null,
  { condition, first }: Options,
): boolean {
  if (condition === 'none') return true
  const { args } = context
  for (let i = first; i < args.count; i += 2) {
    const isThere = hash !== null && findField(context, hash, i)
    if (isThere !== (condition === 'fxx')) return false
  }
  return true
}

/** Sets fields whose time is not after now: they are gone at once. */
function remove(context: Context, hash: HashValue | null, first: number): void {
  const { args } = context
  if (hash === null) return
  const removed: number[] = []
  for (let i = first; i < args.count; i += 2) {
    if (findField(context, hash, i) && removeField(context, hash, i)) removed.push(i)
  }
  if (removed.length === 0) return
  context.touched(1, 'hset')
  context.server.dirty--
  storeRemoval(context, hash, removed.length)
  propagateFields(context, ['HDEL'], removed)
}

function set(context: Context, existing: HashValue | null, { expiry, first }: Options): void {
  const { args, server } = context
  const { bytes, count, ends, starts, view } = args
  const isNew = existing === null || existing.root === NULL
  const hash = isNew ? createHash(context, roomForPairs(context, first, count)) : existing
  const oldRoot = isNew ? NULL : hash.root
  const added = hash.setPairs(bytes, view, starts, ends, first, count, expiry)
  storeHash(context, hash, oldRoot, added)
  const fields = (count - first) / 2
  const isTimed = expiry !== NO_FIELD_EXPIRY && expiry !== KEEP_EXPIRY
  context.touched(1, 'hset')
  if (isTimed) context.touched(1, 'hexpire')
  server.dirty += fields - (isTimed ? 2 : 1)
  if (!context.propagates) return
  // What is passed on is to happen without a look at what was there.
  const pairs = Array.from({ length: count - first }, (_, i) => first + i)
  const words = isTimed ? ['HSETEX', 'PXAT', expiry] : ['HSETEX', 'KEEPTTL']
  if (expiry === NO_FIELD_EXPIRY) propagateFields(context, ['HSET'], pairs)
  else propagateFields(context, [...words, 'FIELDS', fields], pairs)
}

export const hsetex = command({
  name: 'HSETEX',
  group: 'hash',
  since: '8.0.0',
  complexity: 'O(N) in the number of fields set.',
  summary: 'Sets fields of a hash and when they expire.',
  arity: -6,
  flags: ['write', 'denyoom', 'fast'],
  categories: ['hash'],
  keys: [{ begin: 1, access: 'RW', intent: 'update' }],
  args: [
    key('key'),
    oneOf('condition', [token('FNX'), token('FXX')], { optional: true }),
    expirationArgument('KEEPTTL'),
    block(
      'fields',
      [integer('numfields'), block('data', [string('field'), string('value')], { multiple: true })],
      { token: 'FIELDS' },
    ),
  ],
  run(context) {
    const { args, db, reply } = context
    const options = parseOptions(context)
    const hash = openHash(context)
    if (!conditionHolds(context, hash, options)) return reply.integer(0)
    const { expiry, first } = options
    if (expiry !== KEEP_EXPIRY && expiry <= db.fields.nowMs) {
      remove(context, hash, first)
      return reply.integer(1)
    }
    if (expiry === KEEP_EXPIRY && hash !== null) {
      // What has expired is not there, and has no time to keep.
      for (let i = first; i < args.count; i += 2) findField(context, hash, i)
    }
    set(context, hash, options)
    reply.integer(1)
  },
})
