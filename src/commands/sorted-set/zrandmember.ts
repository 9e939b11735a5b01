/**
 * ZRANDMEMBER: members chosen at random.
 *
 * With a negative count each is chosen anew; with a positive one none comes twice. Few of a large
 * set are found by trying until enough different ones are there; where they are a third of the set
 * or more, every member is passed once and taken with the chance that fits what is still wanted
 * (selection sampling, Knuth, TAOCP 3.4.2 S).
 */
import { ReplyTooLong } from '../../resp/resp-reply.ts'
import type { SortedSet } from '../../types/sorted-set.ts'
import { integer64 } from '../arguments.ts'
import { block, command, integer, key, token } from '../command.ts'
import type { Context } from '../context.ts'
import { OUT_OF_RANGE, outOfRange, SYNTAX_ERROR } from '../errors.ts'
import { readSortedSet } from './cursors.ts'
import { replyMember, replyMembers, replyMembersHeader } from './reply-members.ts'

const LONG_MAX = 2n ** 63n - 1n
const NOT_IN_RANGE = outOfRange(`value must between -${LONG_MAX} and ${LONG_MAX}`)

/** Beyond so many elements, of at least six bytes each, no reply can be made. */
const MAX_ELEMENTS = 2 ** 31 / 6
/** A large set at least so many times the count is tried at random. */
const TRIED_FROM_TIMES = 3

/** Answers `count` members, each chosen among all. */
function replyAnew(context: Context, set: SortedSet, count: number, withScores: boolean): void {
  const { reply, db } = context
  if (count > MAX_ELEMENTS) throw new ReplyTooLong('a reply of more than 2 GB')
  replyMembersHeader(reply, count, withScores)
  for (let i = 0; i < count; i++) {
    set.read(set.randomPosition(db.keyspace.random))
    replyMember(reply, set, withScores)
  }
}

/** Answers `count` different members, fewer than the set has. */
function replyDifferent(
  context: Context,
  set: SortedSet,
  count: number,
  withScores: boolean,
): void {
  const { reply, db } = context
  const { random } = db.keyspace
  replyMembersHeader(reply, count, withScores)
  if (!set.isPacked && count * TRIED_FROM_TIMES <= set.length) {
    const chosen = new Set<number>()
    while (chosen.size < count) chosen.add(set.randomPosition(random))
    for (const position of chosen) {
      set.read(position)
      replyMember(reply, set, withScores)
    }
    return
  }
  let wanted = count
  let left = set.length
  for (let at = set.first(); wanted > 0; at = set.next(at), left--) {
    if (random.below(left) >= wanted) continue
    wanted--
    set.read(at)
    replyMember(reply, set, withScores)
  }
}

export const zrandmember = command({
  name: 'ZRANDMEMBER',
  group: 'sorted-set',
  since: '6.2.0',
  complexity: 'O(N) where N is the number of members answered.',
  summary: 'Answers members of a sorted set that are chosen at random.',
  arity: -2,
  flags: ['readonly'],
  categories: ['sortedset'],
  keys: [{ begin: 1, access: 'RO', intent: 'access' }],
  args: [
    key('key'),
    block('options', [integer('count'), token('WITHSCORES', { optional: true })], {
      optional: true,
    }),
  ],
  tips: ['nondeterministic_output'],
  run(context) {
    const { args, reply, db } = context
    if (args.count === 2) {
      const set = readSortedSet(context, 1)
      if (set === null) return reply.nil()
      set.read(set.randomPosition(db.keyspace.random))
      return replyMember(reply, set, false)
    }
    const count = integer64(args, 2)
    if (count < -LONG_MAX) throw NOT_IN_RANGE
    if (args.count > 4 || (args.count === 4 && !args.is(3, 'withscores'))) throw SYNTAX_ERROR
    const withScores = args.count === 4
    if (withScores && (count < -LONG_MAX / 2n || count > LONG_MAX / 2n)) throw OUT_OF_RANGE
    const set = readSortedSet(context, 1)
    if (set === null || count === 0) return reply.array(0)
    const number = Number(count)
    if (number < 0 || number === 1) return replyAnew(context, set, Math.abs(number), withScores)
    if (number < set.length) return replyDifferent(context, set, number, withScores)
    replyMembers(reply, set, set.first(), set.length, false, withScores)
  },
})
