/** ZRANGE and the older commands of one kind of range each. */
import {
  type ArgSpec,
  block,
  type CommandSpec,
  command,
  double,
  integer,
  key,
  oneOf,
  string,
  token,
} from '../command.ts'
import type { Context } from '../context.ts'
import { readSortedSet } from './cursors.ts'
import {
  BY_LEX,
  BY_OPTION,
  BY_RANK,
  BY_SCORE,
  FORWARD,
  located,
  locateRange,
  ORDER_BY_OPTION,
  parseRange,
  type RangeBy,
  type RangeOrder,
  REVERSE,
  request,
} from './range-request.ts'
import { replyMembers } from './reply-members.ts'

const COMPLEXITY = 'O(log(N)+M) where M members of N are answered.'
const LIMIT = block('limit', [integer('offset'), integer('count')], {
  token: 'LIMIT',
  optional: true,
})
const WITH_SCORES = token('WITHSCORES', { optional: true })

function replyRange(context: Context, by: RangeBy, order: RangeOrder): void {
  parseRange(context.args, 1, false, by, order)
  const set = readSortedSet(context, 1)
  if (set === null) return context.reply.array(0)
  locateRange(set)
  const { position, count } = located
  replyMembers(context.reply, set, position, count, request.reverse, request.withScores)
}

export const zrange = command({
  name: 'ZRANGE',
  group: 'sorted-set',
  since: '1.2.0',
  complexity: COMPLEXITY,
  summary: 'Answers the members in a range of ranks, scores or members.',
  arity: -4,
  flags: ['readonly'],
  categories: ['sortedset'],
  keys: [{ begin: 1, access: 'RO', intent: 'access' }],
  args: [
    key('key'),
    string('start'),
    string('stop'),
    oneOf('sortby', [token('BYSCORE'), token('BYLEX')], { optional: true, since: '6.2.0' }),
    token('REV', { optional: true, since: '6.2.0' }),
    { ...LIMIT, since: '6.2.0' },
    WITH_SCORES,
  ],
  history: [['6.2.0', 'Takes the options `REV`, `BYSCORE`, `BYLEX` and `LIMIT`.']],
  run(context) {
    replyRange(context, BY_OPTION, ORDER_BY_OPTION)
  },
})

function olderCommand(
  spec: Pick<CommandSpec, 'name' | 'since' | 'summary' | 'history' | 'replacedBy'>,
  args: readonly ArgSpec[],
  by: RangeBy,
  order: RangeOrder,
): CommandSpec {
  return command({
    ...spec,
    group: 'sorted-set',
    complexity: COMPLEXITY,
    arity: -4,
    flags: ['readonly'],
    categories: ['sortedset'],
    keys: [{ begin: 1, access: 'RO', intent: 'access' }],
    args: [key('key'), ...args],
    deprecatedSince: '6.2.0',
    docFlags: ['deprecated'],
    run(context) {
      replyRange(context, by, order)
    },
  })
}

export const zrevrange = olderCommand(
  {
    name: 'ZREVRANGE',
    since: '1.2.0',
    summary: 'Answers the members in a range of ranks, from the highest score down.',
    replacedBy: '`ZRANGE` with the `REV` argument',
  },
  [integer('start'), integer('stop'), WITH_SCORES],
  BY_RANK,
  REVERSE,
)

export const zrangebyscore = olderCommand(
  {
    name: 'ZRANGEBYSCORE',
    since: '1.0.5',
    summary: 'Answers the members whose score is in a range.',
    history: [['2.0.0', 'Takes the option `WITHSCORES`.']],
    replacedBy: '`ZRANGE` with the `BYSCORE` argument',
  },
  [double('min'), double('max'), { ...WITH_SCORES, since: '2.0.0' }, LIMIT],
  BY_SCORE,
  FORWARD,
)

export const zrevrangebyscore = olderCommand(
  {
    name: 'ZREVRANGEBYSCORE',
    since: '2.2.0',
    summary: 'Answers the members whose score is in a range, from the highest down.',
    history: [['2.1.6', 'The ends of the range can be left out of it.']],
    replacedBy: '`ZRANGE` with the `REV` and `BYSCORE` arguments',
  },
  [double('max'), double('min'), WITH_SCORES, LIMIT],
  BY_SCORE,
  REVERSE,
)

export const zrangebylex = olderCommand(
  {
    name: 'ZRANGEBYLEX',
    since: '2.8.9',
    summary: 'Answers the members in a range of members, where all have the same score.',
    replacedBy: '`ZRANGE` with the `BYLEX` argument',
  },
  [string('min'), string('max'), LIMIT],
  BY_LEX,
  FORWARD,
)

export const zrevrangebylex = olderCommand(
  {
    name: 'ZREVRANGEBYLEX',
    since: '2.8.9',
    summary: 'Answers the members in a range of members backwards, where all scores are the same.',
    replacedBy: '`ZRANGE` with the `REV` and `BYLEX` arguments',
  },
  [string('max'), string('min'), LIMIT],
  BY_LEX,
  REVERSE,
)
