/** HTTL, HPTTL, HEXPIRETIME and HPEXPIRETIME: when fields expire; HPERSIST: that they do not. */
import { NO_FIELD_EXPIRY } from '../../types/hash.ts'
import { command, key } from '../command.ts'
import type { Context } from '../context.ts'
import {
  COUNT_NOT_POSITIVE,
  changeExpiries,
  fieldsArgument,
  parseFields,
  propagateFields,
} from './field-arguments.ts'
import { findLiveField, openHash, readHash } from './hash-key.ts'

// What a field is answered with that has no time.
const NO_FIELD = -2
const NO_EXPIRY = -1
const PERSISTED = 1

/** A command that answers times in `unitMs`, rounded up, from now or from the epoch. */
function telling(unitMs: 1 | 1000, fromNow: boolean): (context: Context) => void {
  return (context) => {
    const { args, db, reply } = context
    const hash = readHash(context)
    const first = parseFields(args, 2, COUNT_NOT_POSITIVE)
    const baseMs = fromNow ? db.keyspace.clock.nowMs : 0
    reply.array(args.count - first)
    for (let i = first; i < args.count; i++) {
      if (hash === null || !findLiveField(context, hash, i)) {
        reply.integer(NO_FIELD)
        continue
      }
      const { expireAtMs } = hash.pair
      if (expireAtMs === NO_FIELD_EXPIRY) reply.integer(NO_EXPIRY)
      else reply.integer(Math.ceil((expireAtMs - baseMs) / unitMs))
    }
  }
}

const family = {
  group: 'hash',
  since: '7.4.0',
  complexity: 'O(N) in the number of fields given.',
  arity: -5,
  flags: ['readonly', 'fast'],
  categories: ['hash'],
  keys: [{ begin: 1, access: 'RO', intent: 'access' }],
  args: [key('key'), fieldsArgument],
} as const

export const httl = command({
  ...family,
  name: 'HTTL',
  summary: 'Returns the seconds that fields of a hash have left.',
  tips: ['nondeterministic_output'],
  run: telling(1000, true),
})

export const hpttl = command({
  ...family,
  name: 'HPTTL',
  summary: 'Returns the milliseconds that fields of a hash have left.',
  tips: ['nondeterministic_output'],
  run: telling(1, true),
})

export const hexpiretime = command({
  ...family,
  name: 'HEXPIRETIME',
  summary: 'Returns the Unix times in seconds at which fields of a hash expire.',
  run: telling(1000, false),
})

export const hpexpiretime = command({
  ...family,
  name: 'HPEXPIRETIME',
  summary: 'Returns the Unix times in milliseconds at which fields of a hash expire.',
  run: telling(1, false),
})

export const hpersist = command({
  ...family,
  name: 'HPERSIST',
  summary: 'Makes fields of a hash stay.',
  flags: ['write', 'fast'],
  keys: [{ begin: 1, access: 'RW', intent: 'update' }],
  run(context) {
    const { args, reply } = context
    const hash = openHash(context)
    const first = parseFields(args, 2, COUNT_NOT_POSITIVE)
    reply.array(args.count - first)
    if (hash === null) {
      for (let i = first; i < args.count; i++) reply.integer(NO_FIELD)
      return
    }
    const persisted: number[] = []
    const changed = changeExpiries(
      context,
      hash,
      first,
      NO_FIELD_EXPIRY,
      (present) => present !== NO_FIELD_EXPIRY,
      (index, isThere, isChosen) => {
        if (isChosen) persisted.push(index)
        reply.integer(isChosen ? PERSISTED : isThere ? NO_EXPIRY : NO_FIELD)
      },
    )
    if (changed === 0) return
    context.touched(1, 'hpersist')
    propagateFields(context, ['HPERSIST', 'FIELDS', changed], persisted)
  },
})
