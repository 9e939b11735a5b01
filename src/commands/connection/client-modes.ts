/** CLIENT's subcommands that change how the connection is served: NO-EVICT, NO-TOUCH, REPLY. */
import { REPLY_OFF, REPLY_SKIP, REPLY_SKIP_NEXT } from '../../resp/reply-mode.ts'
import { command, oneOf, token } from '../command.ts'
import { SYNTAX_ERROR } from '../errors.ts'
import { onOrOff } from './client-usage.ts'

const ENABLED = [oneOf('enabled', [token('ON'), token('OFF')])]

export const clientNoEvict = command({
  name: 'NO-EVICT',
  group: 'connection',
  since: '7.0.0',
  complexity: 'O(1)',
  summary: 'Keeps the connection from being ended when the memory of clients gets short.',
  arity: 3,
  flags: ['admin', 'noscript', 'loading', 'stale'],
  categories: ['connection'],
  args: ENABLED,
  run({ session, args, reply }) {
    session.noEvict = onOrOff(args, 2)
    reply.ok()
  },
})

export const clientNoTouch = command({
  name: 'NO-TOUCH',
  group: 'connection',
  since: '7.2.0',
  complexity: 'O(1)',
  summary: "Makes the connection's commands leave no trace in how recently keys were used.",
  arity: 3,
  flags: ['noscript', 'loading', 'stale'],
  categories: ['connection'],
  args: ENABLED,
  run({ server, session, args, reply }) {
    session.noTouch = onOrOff(args, 2)
    server.keyspace.touching = !session.noTouch
    reply.ok()
  },
})

export const clientReply = command({
  name: 'REPLY',
  group: 'connection',
  since: '3.2.0',
  complexity: 'O(1)',
  summary: 'Chooses whether commands are answered.',
  arity: 3,
  flags: ['noscript', 'loading', 'stale'],
  categories: ['connection'],
  args: [oneOf('action', [token('ON'), token('OFF'), token('SKIP')])],
  run({ session, args, reply }) {
    if (args.is(2, 'on')) {
      session.replyMode &= ~(REPLY_OFF | REPLY_SKIP)
      reply.ok()
    } else if (args.is(2, 'off')) {
      session.replyMode |= REPLY_OFF
    } else if (args.is(2, 'skip')) {
      if ((session.replyMode & REPLY_OFF) === 0) session.replyMode |= REPLY_SKIP_NEXT
    } else {
      throw SYNTAX_ERROR
    }
  },
})
