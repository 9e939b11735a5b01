/** TIME. */
import { command } from '../command.ts'

export const time = command({
  name: 'TIME',
  group: 'server',
  since: '2.6.0',
  complexity: 'O(1)',
  summary: 'Answers the time of the server: seconds since 1970, and microseconds.',
  arity: 1,
  flags: ['loading', 'stale', 'fast'],
  tips: ['nondeterministic_output'],
  run({ server, reply }) {
    const now = server.clock.unixMicroseconds()
    reply.array(2)
    reply.bulkInteger(Math.floor(now / 1_000_000))
    reply.bulkInteger(now % 1_000_000)
  },
})
