/** KEYS and RANDOMKEY. */
import { type Address, NULL } from '../../arena/arena.ts'
import { globMatchRange } from '../../bytes/glob.ts'
import { bytesOf, keyLengthOf, keyOffsetOf, viewOf } from '../../keyspace/entry.ts'
import type { Args } from '../../resp/args.ts'
import { command, pattern } from '../command.ts'
import type { Context } from '../context.ts'

const STAR = 0x2a
/** While expired keys are not removed, one is answered after so many tries, as in Redis. */
const TRIES_IN_PAUSE = 100

/** Whether argument `index` is the pattern `*`, which takes even the empty key. */
export function isMatchAll(args: Args, index: number): boolean {
  return args.length(index) === 1 && args.bytes[args.starts[index]!] === STAR
}

/** Whether the key of an entry matches the pattern that is argument `index`. */
export function keyMatches(context: Context, entry: Address, index: number): boolean {
  const { args, server } = context
  const { arena } = server.keyspace
  const start = keyOffsetOf(arena, entry)
  return globMatchRange(
    args.bytes,
    args.starts[index]!,
    args.ends[index]!,
    bytesOf(arena, entry),
    start,
    start + keyLengthOf(arena, entry),
    false,
  )
}

/** Answers the key of an entry. */
export function replyKey({ reply, server }: Context, entry: Address): void {
  const { arena } = server.keyspace
  const start = keyOffsetOf(arena, entry)
  const end = start + keyLengthOf(arena, entry)
  reply.bulk(bytesOf(arena, entry), viewOf(arena, entry), start, end)
}

export const keys = command({
  name: 'KEYS',
  group: 'generic',
  since: '1.0.0',
  complexity: 'O(N) in the number of keys of the database.',
  summary: 'Lists the keys that match a pattern.',
  arity: 2,
  flags: ['readonly'],
  categories: ['keyspace', 'dangerous'],
  args: [pattern('pattern')],
  tips: ['request_policy:all_shards', 'nondeterministic_output_order'],
  run(context) {
    const { db, args, reply } = context
    const all = isMatchAll(args, 1)
    const mark = reply.beginArray()
    let count = 0
    db.forEach((entry) => {
      if (db.isExpired(entry)) return
      if (!all && !keyMatches(context, entry, 1)) return
      replyKey(context, entry)
      count++
    })
    reply.endArray(mark, count)
  },
})

export const randomkey = command({
  name: 'RANDOMKEY',
  group: 'generic',
  since: '1.0.0',
  complexity: 'O(1)',
  summary: 'Names a key that is chosen at random.',
  arity: 1,
  flags: ['readonly', 'touches_arbitrary_keys'],
  categories: ['keyspace'],
  tips: ['request_policy:all_shards', 'response_policy:special', 'nondeterministic_output'],
  run(context) {
    const { db, reply, server } = context
    // Every try that comes upon an expired key removes it, so this ends; but not during a pause.
    for (let tries = 1; ; tries++) {
      const entry = db.randomEntry(server.random)
      if (entry === NULL) return reply.nil()
      const isGivenUp = server.keyspace.expirySuspended && tries === TRIES_IN_PAUSE
      if (isGivenUp || !db.isExpired(entry)) return replyKey(context, entry)
      db.expireEntry(entry)
    }
  },
})
