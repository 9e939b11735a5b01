/**
 * DEL and UNLINK. They are one and the same here: memory goes back to the arena's free lists, which
 * takes no thread to be quick.
 */
import { NULL } from '../../arena/arena.ts'
import { command, key } from '../command.ts'
import type { Context } from '../context.ts'

function removeKeys(context: Context): void {
  const { db, args, reply } = context
  let removed = 0
  for (let i = 1; i < args.count; i++) {
    if (db.find(args, i) === NULL) continue
    db.removeFound()
    context.touched(i, 'del')
    removed++
  }
  reply.integer(removed)
}

export const del = command({
  name: 'DEL',
  group: 'generic',
  since: '1.0.0',
  complexity: 'O(N) in the number of keys, and in the number of elements of a collection.',
  summary: 'Removes keys.',
  arity: -2,
  flags: ['write'],
  categories: ['keyspace'],
  keys: [{ begin: 1, last: -1, access: 'RM', intent: 'delete' }],
  args: [key('key', { multiple: true })],
  tips: ['request_policy:multi_shard', 'response_policy:agg_sum'],
  run: removeKeys,
})

export const unlink = command({
  name: 'UNLINK',
  group: 'generic',
  since: '4.0.0',
  complexity: 'O(N) in the number of keys, and in the number of elements of a collection.',
  summary: 'Removes keys, just as DEL does.',
  arity: -2,
  flags: ['write', 'fast'],
  categories: ['keyspace'],
  keys: [{ begin: 1, last: -1, access: 'RM', intent: 'delete' }],
  args: [key('key', { multiple: true })],
  tips: ['request_policy:multi_shard', 'response_policy:agg_sum'],
  run: removeKeys,
})
