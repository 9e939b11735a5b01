/** QUIT. */
import { command } from '../command.ts'

export const quit = command({
  name: 'QUIT',
  group: 'connection',
  since: '1.0.0',
  complexity: 'O(1)',
  summary: 'Ends the connection.',
  arity: -1,
  flags: ['allow_busy', 'noscript', 'loading', 'stale', 'fast', 'no_auth'],
  categories: ['connection'],
  deprecatedSince: '7.2.0',
  replacedBy: 'just closing the connection',
  docFlags: ['deprecated'],
  run({ session, reply }) {
    reply.ok()
    session.closeAfterReply()
  },
})
