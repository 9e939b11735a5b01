/** ZREM. */
import { command, key, string } from '../command.ts'
import { openSortedSet, storeSortedSet } from './cursors.ts'

export const zrem = command({
  name: 'ZREM',
  group: 'sorted-set',
  since: '1.2.0',
  complexity: 'O(M*log(N)) where M members of N are removed.',
  summary: 'Removes members.',
  arity: -3,
  flags: ['write', 'fast'],
  categories: ['sortedset'],
  keys: [{ begin: 1, access: 'RW', intent: 'delete' }],
  args: [key('key'), string('member', { multiple: true })],
  history: [['2.4.0', 'Takes several members.']],
  run(context) {
    const { args, reply } = context
    const set = openSortedSet(context, 1)
    if (set === null) return reply.integer(0)
    let removed = 0
    for (let i = 2; i < args.count; i++) {
      const start = args.starts[i]!
      const position = set.find(args.bytes, args.view, start, args.ends[i]! - start)
      if (position === 0) continue
      set.remove(position)
      removed++
    }
    if (removed > 0) storeSortedSet(context, 1, set, 'zrem')
    reply.integer(removed)
  },
})
