/** SCARD, SISMEMBER, SMISMEMBER and SMEMBERS: what is in a set. */
import { TYPE_SET } from '../../keyspace/entry.ts'
import { command, key, string } from '../command.ts'
import { cursorsOf, hasArgument, replyMembers } from './set-key.ts'

export const scard = command({
  name: 'SCARD',
  group: 'set',
  since: '1.0.0',
  complexity: 'O(1)',
  summary: 'Returns the number of members of a set.',
  arity: 2,
  flags: ['readonly', 'fast'],
  categories: ['set'],
  keys: [{ begin: 1, access: 'RO' }],
  args: [key('key')],
  run(context) {
    const { set } = cursorsOf(context)
    context.reply.integer(context.read(1, TYPE_SET, set) ? set.length : 0)
  },
})

export const sismember = command({
  name: 'SISMEMBER',
  group: 'set',
  since: '1.0.0',
  complexity: 'O(1)',
  summary: 'Says whether a set has a member.',
  arity: 3,
  flags: ['readonly', 'fast'],
  categories: ['set'],
  keys: [{ begin: 1, access: 'RO' }],
  args: [key('key'), string('member')],
  run(context) {
    const { set } = cursorsOf(context)
    const isMember = context.read(1, TYPE_SET, set) && hasArgument(set, context.args, 2)
    context.reply.integer(isMember ? 1 : 0)
  },
})

export const smismember = command({
  name: 'SMISMEMBER',
  group: 'set',
  since: '6.2.0',
  complexity: 'O(N) where N is the number of members asked for.',
  summary: 'Says of one or more members whether a set has them.',
  arity: -3,
  flags: ['readonly', 'fast'],
  categories: ['set'],
  keys: [{ begin: 1, access: 'RO', intent: 'access' }],
  args: [key('key'), string('member', { multiple: true })],
  run(context) {
    const { args, reply } = context
    const { set } = cursorsOf(context)
    const isThere = context.read(1, TYPE_SET, set)
    reply.array(args.count - 2)
    for (let i = 2; i < args.count; i++) reply.integer(isThere && hasArgument(set, args, i) ? 1 : 0)
  },
})

export const smembers = command({
  name: 'SMEMBERS',
  group: 'set',
  since: '1.0.0',
  complexity: 'O(N) where N is the number of members.',
  summary: 'Returns all members of a set.',
  arity: 2,
  flags: ['readonly'],
  categories: ['set'],
  keys: [{ begin: 1, access: 'RO', intent: 'access' }],
  args: [key('key')],
  tips: ['nondeterministic_output_order'],
  run(context) {
    const { reply } = context
    const { set, walk } = cursorsOf(context)
    if (!context.read(1, TYPE_SET, set)) return reply.set(0)
    reply.set(set.length)
    replyMembers(reply, set, walk)
  },
})
