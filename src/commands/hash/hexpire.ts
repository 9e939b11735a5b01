/** HEXPIRE, HPEXPIRE, HEXPIREAT and HPEXPIREAT: one algorithm, as for EXPIRE and its kin. */
import { NO_FIELD_EXPIRY } from '../../types/hash.ts'
import { type ArgSpec, command, integer, key, oneOf, token, unixTime } from '../command.ts'
import type { Context } from '../context.ts'
import { CommandError } from '../errors.ts'
import { invalidExpireTime } from '../string/expire-time.ts'
import {
  changeExpiries,
  fieldsArgument,
  fieldTime,
  parseFields,
  propagateFields,
  removeField,
  storeRemoval,
} from './field-arguments.ts'
import { findField, openHash } from './hash-key.ts'

// What a field is answered with.
const NO_FIELD = -2
const NOT_MET = 0
const SET = 1
const DELETED = 2

const BAD_COUNT = new CommandError('ERR Parameter `numFields` should be greater than 0')

type Condition = 'none' | 'nx' | 'xx' | 'gt' | 'lt'

const condition: ArgSpec = oneOf(
  'condition',
  [token('NX'), token('XX'), token('GT'), token('LT')],
  { optional: true },
)

function parseCondition({ args }: Context): Condition {
  for (const word of ['nx', 'xx', 'gt', 'lt'] as const) if (args.is(3, word)) return word
  return 'none'
}

/** Whether a time may take the place of the present one: none counts as the latest. */
function allows(condition: Condition, present: number, atMs: number): boolean {
  if (condition === 'nx') return present === NO_FIELD_EXPIRY
  if (condition === 'xx') return present !== NO_FIELD_EXPIRY
  if (condition === 'gt') return present < atMs
  return condition === 'none' || present > atMs
}

/** Removes the fields that the condition lets, whose time is not after now. */
function removeFields(
  context: Context,
  hash: NonNullable<ReturnType<typeof openHash>>,
  first: number,
  when: Condition,
  atMs: number,
): void {
  const { args, reply } = context
  const removed: number[] = []
  for (let i = first; i < args.count; i++) {
    if (!findField(context, hash, i)) {
      reply.integer(NO_FIELD)
    } else if (!allows(when, hash.pair.expireAtMs, atMs)) {
      reply.integer(NOT_MET)
    } else {
      removeField(context, hash, i)
      removed.push(i)
      reply.integer(DELETED)
    }
  }
  if (removed.length === 0) return
  storeRemoval(context, hash, removed.length)
  propagateFields(context, ['HDEL'], removed)
}

/** A command that gives fields an expiry time, told in `unitMs` from now or from the epoch. */
function expiring(name: string, unitMs: 1 | 1000, fromNow: boolean): (context: Context) => void {
  const tooLate = invalidExpireTime(name)
  return (context) => {
    const { args, db, reply, server } = context
    const hash = openHash(context)
    const atMs = fieldTime(context, 2, unitMs, fromNow, tooLate)
    const when = parseCondition(context)
    const first = parseFields(args, when === 'none' ? 3 : 4, BAD_COUNT)
    reply.array(args.count - first)
    if (hash === null) {
      for (let i = first; i < args.count; i++) reply.integer(NO_FIELD)
      return
    }
    if (atMs <= db.fields.nowMs) return removeFields(context, hash, first, when, atMs)
    const set: number[] = []
    const updated = changeExpiries(
      context,
      hash,
      first,
      atMs,
      (present) => allows(when, present, atMs),
      (index, isThere, isChosen) => {
        if (isChosen) set.push(index)
        reply.integer(isChosen ? SET : isThere ? NOT_MET : NO_FIELD)
      },
    )
    if (updated === 0) return
    context.touched(1, 'hexpire')
    server.dirty += updated - 1
    propagateFields(context, ['HPEXPIREAT', atMs, 'FIELDS', updated], set)
  }
}

const family = {
  group: 'hash',
  since: '7.4.0',
  complexity: 'O(N) in the number of fields given.',
  arity: -6,
  flags: ['write', 'denyoom', 'fast'],
  categories: ['hash'],
  keys: [{ begin: 1, access: 'RW', intent: 'update' }],
} as const

export const hexpire = command({
  ...family,
  name: 'HEXPIRE',
  summary: 'Makes fields of a hash expire after a number of seconds.',
  args: [key('key'), integer('seconds'), condition, fieldsArgument],
  run: expiring('hexpire', 1000, true),
})

export const hpexpire = command({
  ...family,
  name: 'HPEXPIRE',
  summary: 'Makes fields of a hash expire after a number of milliseconds.',
  args: [key('key'), integer('milliseconds'), condition, fieldsArgument],
  run: expiring('hpexpire', 1, true),
})

export const hexpireat = command({
  ...family,
  name: 'HEXPIREAT',
  summary: 'Makes fields of a hash expire at a Unix time in seconds.',
  args: [key('key'), unixTime('unix-time-seconds'), condition, fieldsArgument],
  run: expiring('hexpireat', 1000, false),
})

export const hpexpireat = command({
  ...family,
  name: 'HPEXPIREAT',
  summary: 'Makes fields of a hash expire at a Unix time in milliseconds.',
  args: [key('key'), unixTime('unix-time-milliseconds'), condition, fieldsArgument],
  run: expiring('hpexpireat', 1, false),
})
