/** TTL, PTTL, EXPIRETIME and PEXPIRETIME: when a key expires, from now or from the epoch. */
import { NULL } from '../../arena/arena.ts'
import { NO_EXPIRY } from '../../keyspace/entry.ts'
import { command, key } from '../command.ts'
import type { Context } from '../context.ts'

const NO_KEY = -2

/** In ms or rounded to seconds: to the last digit, whatever 64 bits hold. */
function answerTime({ reply }: Context, time: number | bigint, inMs: boolean): void {
  if (typeof time === 'number') return reply.integer(inMs ? time : Math.floor((time + 500) / 1000))
  reply.bigInteger(inMs ? time : (time + 500n) / 1000n)
}

/** A command that tells when a key expires: -2 for no such key, -1 for never. */
function telling(inMs: boolean, fromNow: boolean): (context: Context) => void {
  return (context) => {
    const { db, args, reply, server } = context
    const entry = db.findUntouched(args, 1)
    if (entry === NULL) return reply.integer(NO_KEY)
    const at = db.exactExpiry(entry)
    if (at === NO_EXPIRY) return reply.integer(NO_EXPIRY)
    if (!fromNow) return answerTime(context, at, inMs)
    const { nowMs } = server.clock
    const leftMs = typeof at === 'number' ? Math.max(0, at - nowMs) : at - BigInt(nowMs)
    answerTime(context, leftMs, inMs)
  }
}

const family = {
  group: 'generic',
  complexity: 'O(1)',
  arity: 2,
  flags: ['readonly', 'fast'],
  categories: ['keyspace'],
  keys: [{ begin: 1, access: 'RO', intent: 'access' }],
  args: [key('key')],
} as const

export const ttl = command({
  ...family,
  name: 'TTL',
  since: '1.0.0',
  summary: 'Tells after how many seconds a key expires.',
  tips: ['nondeterministic_output'],
  history: [['2.8.0', 'Answers -2 if there is no such key.']],
  run: telling(false, true),
})

export const pttl = command({
  ...family,
  name: 'PTTL',
  since: '2.6.0',
  summary: 'Tells after how many milliseconds a key expires.',
  tips: ['nondeterministic_output'],
  history: [['2.8.0', 'Answers -2 if there is no such key.']],
  run: telling(true, true),
})

export const expiretime = command({
  ...family,
  name: 'EXPIRETIME',
  since: '7.0.0',
  summary: 'Tells the Unix time in seconds at which a key expires.',
  run: telling(false, false),
})

export const pexpiretime = command({
  ...family,
  name: 'PEXPIRETIME',
  since: '7.0.0',
  summary: 'Tells the Unix time in milliseconds at which a key expires.',
  run: telling(true, false),
})
