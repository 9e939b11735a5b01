/** SREM. */
import { command, key, string } from '../command.ts'
import { cursorsOf, openSet, removeArgument, storeSet } from './set-key.ts'

export const srem = command({
  name: 'SREM',
  group: 'set',
  since: '1.0.0',
  complexity: 'O(N) where N is the number of members given.',
  summary: 'Removes one or more members from a set; the last one takes the key with it.',
  arity: -3,
  flags: ['write', 'fast'],
  categories: ['set'],
  keys: [{ begin: 1, access: 'RW', intent: 'delete' }],
  args: [key('key'), string('member', { multiple: true })],
  history: [['2.4.0', 'Takes more than one `member`.']],
  run(context) {
    const { args, reply } = context
    const { set } = cursorsOf(context)
    if (!openSet(context, 1, set)) return reply.integer(0)
    let removed = 0
    for (let i = 2; i < args.count && set.length > 0; i++) {
      if (removeArgument(set, args, i)) removed++
    }
    if (removed > 0) {
      const isGone = storeSet(context, 1, set)
      context.touched(1, 'srem')
      if (isGone) context.touched(1, 'del')
    }
    reply.integer(removed)
  },
})
