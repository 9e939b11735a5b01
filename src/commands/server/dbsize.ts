/** DBSIZE. */
import { command } from '../command.ts'

export const dbsize = command({
  name: 'DBSIZE',
  group: 'server',
  since: '1.0.0',
  complexity: 'O(1)',
  summary: 'Answers how many keys the database has.',
  arity: 1,
  flags: ['readonly', 'fast'],
  categories: ['keyspace'],
  tips: ['request_policy:all_shards', 'response_policy:agg_sum'],
  run({ db, reply }) {
    reply.integer(db.count)
  },
})
