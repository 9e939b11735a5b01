/** EXISTS and TOUCH: how many of the keys there are, without and with counting as a use of them. */
import { NULL } from '../../arena/arena.ts'
import { command, key } from '../command.ts'

export const exists = command({
  name: 'EXISTS',
  group: 'generic',
  since: '1.0.0',
  complexity: 'O(N) in the number of keys.',
  summary: 'Counts how many of the named keys there are; a key named twice counts twice.',
  arity: -2,
  flags: ['readonly', 'fast'],
  categories: ['keyspace'],
  keys: [{ begin: 1, last: -1, access: 'RO' }],
  args: [key('key', { multiple: true })],
  tips: ['request_policy:multi_shard', 'response_policy:agg_sum'],
  history: [['3.0.3', 'Takes several keys.']],
  run({ db, args, reply }) {
    let count = 0
    for (let i = 1; i < args.count; i++) {
      if (db.findUntouched(args, i) !== NULL) count++
    }
    reply.integer(count)
  },
})

export const touch = command({
  name: 'TOUCH',
  group: 'generic',
  since: '3.2.1',
  complexity: 'O(N) in the number of keys.',
  summary: 'Notes a use of keys, and counts how many of them there are.',
  arity: -2,
  flags: ['readonly', 'fast'],
  categories: ['keyspace'],
  keys: [{ begin: 1, last: -1, access: 'RO' }],
  args: [key('key', { multiple: true })],
  tips: ['request_policy:multi_shard', 'response_policy:agg_sum'],
  run({ db, args, reply }) {
    // This is the one command that touches keys for a client that asked for CLIENT NO-TOUCH.
    const { keyspace } = db
    const { touching } = keyspace
    keyspace.touching = true
    let count = 0
    for (let i = 1; i < args.count; i++) {
      if (db.findForRead(args, i) !== NULL) count++
    }
    keyspace.touching = touching
    reply.integer(count)
  },
})
