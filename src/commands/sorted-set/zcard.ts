/** ZCARD, ZSCORE and ZMSCORE. */

import type { SortedSet } from '../../types/sorted-set.ts'
import { command, key, string } from '../command.ts'
import type { Context } from '../context.ts'
import { readSortedSet } from './cursors.ts'

export const zcard = command({
  name: 'ZCARD',
  group: 'sorted-set',
  since: '1.2.0',
  complexity: 'O(1)',
  summary: 'Counts the members of a sorted set.',
  arity: 2,
  flags: ['readonly', 'fast'],
  categories: ['sortedset'],
  keys: [{ begin: 1, access: 'RO' }],
  args: [key('key')],
  run(context) {
    const set = readSortedSet(context, 1)
    context.reply.integer(set === null ? 0 : set.length)
  },
})

export const zscore = command({
  name: 'ZSCORE',
  group: 'sorted-set',
  since: '1.2.0',
  complexity: 'O(1)',
  summary: 'Answers the score of a member.',
  arity: 3,
  flags: ['readonly', 'fast'],
  categories: ['sortedset'],
  keys: [{ begin: 1, access: 'RO', intent: 'access' }],
  args: [key('key'), string('member')],
  run(context) {
    replyScore(context, readSortedSet(context, 1), 2)
  },
})

export const zmscore = command({
  name: 'ZMSCORE',
  group: 'sorted-set',
  since: '6.2.0',
  complexity: 'O(N) where N is the number of members asked for.',
  summary: 'Answers the scores of several members.',
  arity: -3,
  flags: ['readonly', 'fast'],
  categories: ['sortedset'],
  keys: [{ begin: 1, access: 'RO', intent: 'access' }],
  args: [key('key'), string('member', { multiple: true })],
  run(context) {
    const set = readSortedSet(context, 1)
    const { args, reply } = context
    reply.array(args.count - 2)
    for (let i = 2; i < args.count; i++) replyScore(context, set, i)
  },
})

/** Answers the score of the member that is argument `index`, or null. */
function replyScore({ args, reply }: Context, set: SortedSet | null, index: number): void {
  const start = args.starts[index]!
  const length = args.ends[index]! - start
  if (set === null || set.find(args.bytes, args.view, start, length) === 0) return reply.nil()
  reply.double(set.score)
}
