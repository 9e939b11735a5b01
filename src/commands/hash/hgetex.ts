/** HGETEX. */
import { type HashValue, NO_FIELD_EXPIRY } from '../../types/hash.ts'
import { command, key } from '../command.ts'
import type { Context } from '../context.ts'
import { wrongNumberOfArguments } from '../errors.ts'
import { expirationArgument } from '../expiration-argument.ts'
import { invalidExpireTime } from '../string/expire-time.ts'
import {
  COUNT_NOT_POSITIVE,
  changeExpiries,
  fieldsArgument,
  fieldTime,
  parseFields,
  propagateFields,
  removeField,
  storeRemoval,
} from './field-arguments.ts'
import { findField, openHash } from './hash-key.ts'
import { replyValue } from './hgetall.ts'

const TOO_LATE = invalidExpireTime('hgetex')
const ARITY = wrongNumberOfArguments('hgetex')

/** Options with a time: their units, and whether they count from now. */
const TIMES: readonly (readonly [option: string, unitMs: 1 | 1000, fromNow: boolean])[] = [
  ['ex', 1000, true],
  ['px', 1, true],
  ['exat', 1000, false],
  ['pxat', 1, false],
]

/** Answers the value of each field, or nil. */
function replyValues(context: Context, hash: HashValue | null, first: number): void {
  const { args, reply } = context
  reply.array(args.count - first)
  for (let i = first; i < args.count; i++) {
    if (hash !== null && findField(context, hash, i)) replyValue(reply, hash.pair)
    else reply.nil()
  }
}

/** Answers the values of fields and gives those that are there a time; NO_FIELD_EXPIRY: none. */
function expire(context: Context, hash: HashValue, first: number, atMs: number): void {
  const { server } = context
  const changed: number[] = []
  const count = changeExpiries(
    context,
    hash,
    first,
    atMs,
    (present) => atMs !== NO_FIELD_EXPIRY || present !== NO_FIELD_EXPIRY,
    (index, _, isChosen) => {
      if (isChosen) changed.push(index)
    },
  )
  replyValues(context, hash, first)
  if (count === 0) return
  const isPersist = atMs === NO_FIELD_EXPIRY
  context.touched(1, isPersist ? 'hpersist' : 'hexpire')
  server.dirty += count - 1
  const words = isPersist ? ['HPERSIST', 'FIELDS', count] : ['HPEXPIREAT', atMs, 'FIELDS', count]
  propagateFields(context, words, changed)
}

/** Answers the values of fields and removes those that are there. */
function remove(context: Context, hash: HashValue, first: number): void {
  const { args, reply } = context
  reply.array(args.count - first)
  const removed: number[] = []
  for (let i = first; i < args.count; i++) {
    if (!findField(context, hash, i)) {
      reply.nil()
      continue
    }
    replyValue(reply, hash.pair)
    removeField(context, hash, i)
    removed.push(i)
  }
  if (removed.length === 0) return
  storeRemoval(context, hash, removed.length)
  propagateFields(context, ['HDEL'], removed)
}

export const hgetex = command({
  name: 'HGETEX',
  group: 'hash',
  since: '8.0.0',
  complexity: 'O(N) in the number of fields given.',
  summary: 'Returns the values of fields of a hash and changes when the fields expire.',
  arity: -5,
  flags: ['write', 'fast'],
  categories: ['hash'],
  keys: [
    {
      begin: 1,
      access: 'RW',
      intent: ['access', 'update'],
      notes: 'RW and UPDATE because it changes the TTL',
    },
  ],
  args: [key('key'), expirationArgument('PERSIST'), fieldsArgument],
  run(context) {
    const { args, db } = context
    const hash = openHash(context)
    const isPersist = args.is(2, 'persist')
    let atMs = NO_FIELD_EXPIRY
    let at = isPersist ? 3 : 2
    for (const [option, unitMs, fromNow] of TIMES) {
      if (!args.is(2, option)) continue
      atMs = fieldTime(context, 3, unitMs, fromNow, TOO_LATE)
      at = 4
    }
    if (at + 1 >= args.count) throw ARITY
    const first = parseFields(args, at, COUNT_NOT_POSITIVE)
    if (hash === null || at === 2) replyValues(context, hash, first)
    else if (!isPersist && atMs <= db.fields.nowMs) remove(context, hash, first)
    else expire(context, hash, first, atMs)
  },
})
