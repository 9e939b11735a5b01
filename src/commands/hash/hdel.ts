/** HDEL. */
import { TYPE_HASH } from '../../types/type.ts'
import { command, key, string } from '../command.ts'
import { openHash } from './hash-key.ts'

export const hdel = command({
  name: 'HDEL',
  group: 'hash',
  since: '2.0.0',
  complexity: 'O(N) in the number of fields to remove.',
  summary: 'Removes fields of a hash, and the hash with the last of them.',
  arity: -3,
  flags: ['write', 'fast'],
  categories: ['hash'],
  keys: [{ begin: 1, access: 'RW', intent: 'delete' }],
  args: [key('key'), string('field', { multiple: true })],
  history: [['2.4.0', 'Takes several fields.']],
  run(context) {
    const { args, reply, server } = context
    const { bytes, view } = args
    const hash = openHash(context)
    if (hash === null) return reply.integer(0)
    let removed = 0
    for (let i = 2; i < args.count && hash.length > 0; i++) {
      const start = args.starts[i]!
      if (hash.remove(bytes, view, start, args.ends[i]! - start)) removed++
    }
    if (removed > 0) {
      const isGone = context.store(1, TYPE_HASH, hash)
      context.touched(1, 'hdel')
      if (isGone) context.touched(1, 'del')
      // Each field counts as a change, and that the key went does not.
      server.dirty += removed - (isGone ? 2 : 1)
    }
    reply.integer(removed)
  },
})
