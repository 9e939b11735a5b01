/** RESET. */
import { command } from '../command.ts'

export const reset = command({
  name: 'RESET',
  group: 'connection',
  since: '6.2.0',
  complexity: 'O(1)',
  summary: 'Puts the connection back into the state of a new one.',
  arity: 1,
  flags: ['noscript', 'loading', 'stale', 'fast', 'no_auth', 'allow_busy'],
  categories: ['connection'],
  run({ server, session, reply }) {
    session.reset()
    server.setProtocol(session, session.protocol)
    server.keyspace.touching = !session.noTouch
    reply.simple('RESET')
  },
})
