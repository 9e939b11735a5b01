/** SRANDMEMBER. */
import { TYPE_SET } from '../../keyspace/entry.ts'
import { integer64 } from '../arguments.ts'
import { command, integer, key } from '../command.ts'
import type { Context } from '../context.ts'
import { outOfRange, SYNTAX_ERROR } from '../errors.ts'
import { replyDifferent } from './random-members.ts'
import { cursorsOf, replyMember, replyMembers } from './set-key.ts'

const LONG_MAX = '9223372036854775807'
const COUNT_OUT_OF_RANGE = outOfRange(`value must between -${LONG_MAX} and ${LONG_MAX}`)
const COUNT_MIN = -BigInt(LONG_MAX)

export const srandmember = command({
  name: 'SRANDMEMBER',
  group: 'set',
  since: '1.0.0',
  complexity: 'O(1), with a count O(N) where N is its absolute value.',
  summary: 'Returns one or more members that are chosen at random.',
  arity: -2,
  flags: ['readonly'],
  categories: ['set'],
  keys: [{ begin: 1, access: 'RO', intent: 'access' }],
  args: [key('key'), integer('count', { optional: true, since: '2.6.0' })],
  tips: ['nondeterministic_output'],
  history: [['2.6.0', 'Takes `count`.']],
  run(context) {
    const { args, reply } = context
    if (args.count > 3) throw SYNTAX_ERROR
    if (args.count === 3) return replySample(context)
    const { set } = cursorsOf(context)
    if (!context.read(1, TYPE_SET, set)) return reply.nil()
    set.readRandom()
    replyMember(reply, set.member)
  },
})

function replySample(context: Context): void {
  const { reply, server } = context
  const value = integer64(context.args, 2)
  if (value < COUNT_MIN) throw COUNT_OUT_OF_RANGE
  const count = Number(value)
  const { set, walk } = cursorsOf(context)
  if (!context.read(1, TYPE_SET, set) || count === 0) return reply.array(0)
  if (count >= set.length) {
    reply.array(set.length)
    return replyMembers(reply, set, walk)
  }
  if (count > 0) {
    reply.array(count)
    return replyDifferent(reply, set, walk, count, server.random)
  }
  // With a negative count members may come several times.
  reply.array(-count)
  for (let i = count; i < 0; i++) {
    set.readRandom()
    replyMember(reply, set.member)
  }
}
