/** INFO; the report itself is the server's (src/server/info.ts). */
import { command, string } from '../command.ts'

export const info = command({
  name: 'INFO',
  group: 'server',
  since: '1.0.0',
  complexity: 'O(1)',
  summary: 'Reports on the server: its state, what it uses, and what it has done.',
  arity: -1,
  flags: ['loading', 'stale'],
  categories: ['dangerous'],
  history: [['7.0.0', 'Takes several sections in one call.']],
  tips: ['nondeterministic_output', 'request_policy:all_shards', 'response_policy:special'],
  args: [string('section', { optional: true, multiple: true })],
  run({ server, args, reply }) {
    const sections: string[] = []
    for (let i = 1; i < args.count; i++) sections.push(args.text(i).toLowerCase())
    reply.verbatim('txt', server.info(sections))
  },
})
