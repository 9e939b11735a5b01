/** CLIENT LIST and CLIENT INFO. */
import type { Args } from '../../resp/args.ts'
import { integer64 } from '../arguments.ts'
import { command, integer, oneOf, token } from '../command.ts'
import type { Server, Session } from '../context.ts'
import { CommandError, SYNTAX_ERROR } from '../errors.ts'
import { clientLine } from './client-line.ts'
import { clientType, typeOfSession } from './client-type.ts'

const BAD_ID = new CommandError('ERR Invalid client ID')

export const clientInfo = command({
  name: 'INFO',
  group: 'connection',
  since: '6.2.0',
  complexity: 'O(1)',
  summary: 'Tells about the connection.',
  arity: 2,
  flags: ['noscript', 'loading', 'stale'],
  categories: ['connection'],
  tips: ['nondeterministic_output'],
  run({ session, args, reply }) {
    reply.verbatim('txt', `${clientLine(session, args)}\n`)
  },
})

export const clientList = command({
  name: 'LIST',
  group: 'connection',
  since: '2.4.0',
  complexity: 'O(N) where N is the number of client connections',
  summary: 'Tells about all connections, or those of one kind or with certain numbers.',
  arity: -2,
  flags: ['admin', 'noscript', 'loading', 'stale'],
  categories: ['connection'],
  args: [
    oneOf('client-type', [token('normal'), token('master'), token('replica'), token('pubsub')], {
      token: 'TYPE',
      optional: true,
      since: '5.0.0',
    }),
    integer('client-id', { token: 'ID', optional: true, multiple: true, since: '6.2.0' }),
  ],
  tips: ['nondeterministic_output'],
  history: [
    ['2.8.12', 'New field `id`.'],
    ['5.0.0', 'New option `TYPE`.'],
    ['6.0.0', 'New field `user`.'],
    ['6.2.0', 'New fields `argv-mem`, `tot-mem`, `laddr` and `redir`; new option `ID`.'],
    ['7.0.0', 'New fields `resp`, `multi-mem`, `rbs` and `rbp`.'],
    ['7.0.3', 'New field `ssub`.'],
  ],
  run({ server, session, args, reply }) {
    const lines = listed(server, args).map(
      (each) => `${clientLine(each, each === session ? args : null)}\n`,
    )
    reply.verbatim('txt', lines.join(''))
  },
})

function listed(server: Server, args: Args): Session[] {
  if (args.count === 4 && args.is(2, 'type')) {
    const type = clientType(args, 3)
    return [...server.sessions.values()].filter((session) => typeOfSession(session) === type)
  }
  if (args.count > 3 && args.is(2, 'id')) return withIds(server, args)
  if (args.count !== 2) throw SYNTAX_ERROR
  return [...server.sessions.values()]
}

function withIds(server: Server, args: Args): Session[] {
  const sessions: Session[] = []
  for (let i = 3; i < args.count; i++) {
    const session = server.sessions.get(Number(integer64(args, i, BAD_ID)))
    if (session !== undefined) sessions.push(session)
  }
  return sessions
}
