/** ZCOUNT and ZLEXCOUNT. */
import { command, double, key, string } from '../command.ts'
import { readSortedSet } from './cursors.ts'
import { lexRange, parseLexRange, parseScoreRange, scoreRange } from './range-ends.ts'

export const zcount = command({
  name: 'ZCOUNT',
  group: 'sorted-set',
  since: '2.0.0',
  complexity: 'O(log(N)) where N is the number of members.',
  summary: 'Counts the members whose score is in a range.',
  arity: 4,
  flags: ['readonly', 'fast'],
  categories: ['sortedset'],
  keys: [{ begin: 1, access: 'RO', intent: 'access' }],
  args: [key('key'), double('min'), double('max')],
  run(context) {
    const { args, reply } = context
    parseScoreRange(args, 2, 3)
    const set = readSortedSet(context, 1)
    if (set === null) return reply.integer(0)
    set.scoreRange(scoreRange)
    reply.integer(Math.max(set.to - set.from, 0))
  },
})

export const zlexcount = command({
  name: 'ZLEXCOUNT',
  group: 'sorted-set',
  since: '2.8.9',
  complexity: 'O(log(N)) where N is the number of members.',
  summary: 'Counts the members in a range of members, where all have the same score.',
  arity: 4,
  flags: ['readonly', 'fast'],
  categories: ['sortedset'],
  keys: [{ begin: 1, access: 'RO', intent: 'access' }],
  args: [key('key'), string('min'), string('max')],
  run(context) {
    const { args, reply } = context
    parseLexRange(args, 2, 3)
    const set = readSortedSet(context, 1)
    if (set === null) return reply.integer(0)
    set.lexRange(lexRange, false)
    reply.integer(Math.max(set.to - set.from, 0))
  },
})
