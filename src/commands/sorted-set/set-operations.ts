/** ZUNION, ZINTER and ZDIFF, the same with STORE, and ZINTERCARD. */
import { type ArgSpec, type CommandSpec, command, integer, key, oneOf, token } from '../command.ts'
import { CommandError, OUT_OF_MEMORY } from '../errors.ts'
import { replyMembers } from './reply-members.ts'
import { buildResult, intersectionLength, type Operation, parseOperation } from './set-operation.ts'
import { storeResult } from './store-result.ts'

const UNION_COMPLEXITY =
  'O(N)+O(M*log(M)) where N is the number of members of all sources, M that of the result.'
const INTER_COMPLEXITY =
  'O(N*K)+O(M*log(M)) where N is the number of members of the smallest of K sources, M that of ' +
  'the result.'
const DIFF_COMPLEXITY =
  'O(N*K)+O(M*log(M)) where N is the number of members of the first of K sources, M that of the ' +
  'result.'

const WEIGHTS_AND_AGGREGATE: readonly ArgSpec[] = [
  integer('weight', { token: 'WEIGHTS', optional: true, multiple: true }),
  oneOf('aggregate', [token('SUM'), token('MIN'), token('MAX')], {
    token: 'AGGREGATE',
    optional: true,
  }),
]

function noKeys(name: string): CommandError {
  return new CommandError(`ERR at least 1 input key is needed for '${name.toLowerCase()}' command`)
}

type Described = Pick<CommandSpec, 'name' | 'since' | 'complexity' | 'summary'>

/** A command that answers its result. */
function answering(described: Described, operation: Operation): CommandSpec {
  const weights = operation !== 'diff'
  const taken = { weights, withScores: true, limit: false }
  const error = noKeys(described.name)
  return command({
    ...described,
    group: 'sorted-set',
    arity: -3,
    flags: ['readonly'],
    categories: ['sortedset'],
    keys: [
      {
        begin: 1,
        keyNumber: { index: 0, firstKey: 1, step: 1 },
        access: 'RO',
        intent: 'access',
      },
    ],
    args: [
      integer('numkeys'),
      key('key', { multiple: true }),
      ...(weights ? WEIGHTS_AND_AGGREGATE : []),
      token('WITHSCORES', { optional: true }),
    ],
    run(context) {
      const request = parseOperation(context, 1, taken, error)
      const result = buildResult(context, operation, request)
      const { length } = result
      try {
        replyMembers(context.reply, result, result.first(), length, false, request.withScores)
      } finally {
        result.free()
      }
    },
  })
}

/** A command that stores its result. */
function storing(described: Described, operation: Operation): CommandSpec {
  const weights = operation !== 'diff'
  const taken = { weights, withScores: false, limit: false }
  const error = noKeys(described.name)
  const event = described.name.toLowerCase()
  return command({
    ...described,
    group: 'sorted-set',
    arity: -4,
    flags: ['write', 'denyoom'],
    categories: ['sortedset'],
    keys: [
      { begin: 1, access: 'OW', intent: 'update' },
      {
        begin: 2,
        keyNumber: { index: 0, firstKey: 1, step: 1 },
        access: 'RO',
        intent: 'access',
      },
    ],
    args: [
      key('destination'),
      integer('numkeys'),
      key('key', { multiple: true, keySpec: 1 }),
      ...(weights ? WEIGHTS_AND_AGGREGATE : []),
    ],
    run(context) {
      const request = parseOperation(context, 2, taken, error)
      const result = buildResult(context, operation, request)
      if (!result.shrinkIfSmall()) {
        result.free()
        throw OUT_OF_MEMORY
      }
      storeResult(context, result, event)
    },
  })
}

export const zunion = answering(
  {
    name: 'ZUNION',
    since: '6.2.0',
    complexity: UNION_COMPLEXITY,
    summary: 'Answers the members that are in any of several sorted sets.',
  },
  'union',
)

export const zunionstore = storing(
  {
    name: 'ZUNIONSTORE',
    since: '2.0.0',
    complexity: UNION_COMPLEXITY,
    summary: 'Stores the members that are in any of several sorted sets.',
  },
  'union',
)

export const zinter = answering(
  {
    name: 'ZINTER',
    since: '6.2.0',
    complexity: INTER_COMPLEXITY,
    summary: 'Answers the members that are in all of several sorted sets.',
  },
  'inter',
)

export const zinterstore = storing(
  {
    name: 'ZINTERSTORE',
    since: '2.0.0',
    complexity: INTER_COMPLEXITY,
    summary: 'Stores the members that are in all of several sorted sets.',
  },
  'inter',
)

export const zdiff = answering(
  {
    name: 'ZDIFF',
    since: '6.2.0',
    complexity: DIFF_COMPLEXITY,
    summary: 'Answers the members of the first of several sorted sets that are in no other.',
  },
  'diff',
)

export const zdiffstore = storing(
  {
    name: 'ZDIFFSTORE',
    since: '6.2.0',
    complexity: DIFF_COMPLEXITY,
    summary: 'Stores the members of the first of several sorted sets that are in no other.',
  },
  'diff',
)

const NO_KEYS_TO_COUNT = noKeys('ZINTERCARD')

export const zintercard = command({
  name: 'ZINTERCARD',
  group: 'sorted-set',
  since: '7.0.0',
  complexity: 'O(N*K) where N is the number of members of the smallest of K sources.',
  summary: 'Counts the members that are in all of several sorted sets.',
  arity: -3,
  flags: ['readonly'],
  categories: ['sortedset'],
  keys: [
    { begin: 1, keyNumber: { index: 0, firstKey: 1, step: 1 }, access: 'RO', intent: 'access' },
  ],
  args: [
    integer('numkeys'),
    key('key', { multiple: true }),
    integer('limit', { token: 'LIMIT', optional: true }),
  ],
  run(context) {
    const taken = { weights: false, withScores: false, limit: true }
    const request = parseOperation(context, 1, taken, NO_KEYS_TO_COUNT)
    context.reply.integer(intersectionLength(request))
  },
})
