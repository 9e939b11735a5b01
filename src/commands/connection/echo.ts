/** ECHO. */
import { command, string } from '../command.ts'

export const echo = command({
  name: 'ECHO',
  group: 'connection',
  since: '1.0.0',
  complexity: 'O(1)',
  summary: 'Answers the message given.',
  arity: 2,
  flags: ['loading', 'stale', 'fast'],
  categories: ['connection'],
  args: [string('message')],
  run({ args, reply }) {
    reply.bulk(args.bytes, args.view, args.starts[1]!, args.ends[1]!)
  },
})
