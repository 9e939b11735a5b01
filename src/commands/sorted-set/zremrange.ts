/** ZREMRANGEBYRANK, ZREMRANGEBYSCORE and ZREMRANGEBYLEX. */
import type { SortedSet } from '../../types/sorted-set.ts'
import { integer64 } from '../arguments.ts'
import {
  type ArgSpec,
  type CommandSpec,
  command,
  double,
  integer,
  key,
  string,
} from '../command.ts'
import type { Context } from '../context.ts'
import { openSortedSet, storeSortedSet } from './cursors.ts'
import { lexRange, parseLexRange, parseScoreRange, scoreRange } from './range-ends.ts'
import { rankRange } from './rank-range.ts'

function removalCommand(
  name: string,
  since: string,
  summary: string,
  args: readonly ArgSpec[],
  run: (context: Context) => void,
): CommandSpec {
  return command({
    name,
    group: 'sorted-set',
    since,
    complexity: 'O(log(N)+M) where M members of N are removed.',
    summary,
    arity: 4,
    flags: ['write'],
    categories: ['sortedset'],
    keys: [{ begin: 1, access: 'RW', intent: 'delete' }],
    args: [key('key'), ...args],
    run,
  })
}

/** Removes the members from the rank `set.from` to the one before `set.to`, and says how many. */
function removeRange(context: Context, set: SortedSet, event: string): void {
  const count = set.to - set.from
  if (count <= 0) return context.reply.integer(0)
  set.removeRange(set.from, count)
  storeSortedSet(context, 1, set, event)
  context.reply.integer(count)
}

export const zremrangebyrank = removalCommand(
  'ZREMRANGEBYRANK',
  '2.0.0',
  'Removes the members in a range of ranks.',
  [integer('start'), integer('stop')],
  (context) => {
    const { args, reply } = context
    const start = Number(integer64(args, 2))
    const stop = Number(integer64(args, 3))
    const set = openSortedSet(context, 1)
    if (set === null) return reply.integer(0)
    rankRange(set, start, stop)
    removeRange(context, set, 'zremrangebyrank')
  },
)

export const zremrangebyscore = removalCommand(
  'ZREMRANGEBYSCORE',
  '1.2.0',
  'Removes the members whose score is in a range.',
  [double('min'), double('max')],
  (context) => {
    parseScoreRange(context.args, 2, 3)
    const set = openSortedSet(context, 1)
    if (set === null) return context.reply.integer(0)
    set.scoreRange(scoreRange)
    removeRange(context, set, 'zremrangebyscore')
  },
)

export const zremrangebylex = removalCommand(
  'ZREMRANGEBYLEX',
  '2.8.9',
  'Removes the members in a range of members, where all have the same score.',
  [string('min'), string('max')],
  (context) => {
    parseLexRange(context.args, 2, 3)
    const set = openSortedSet(context, 1)
    if (set === null) return context.reply.integer(0)
    set.lexRange(lexRange, false)
    removeRange(context, set, 'zremrangebylex')
  },
)
