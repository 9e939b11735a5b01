/** HELLO. */
import type { Args } from '../../resp/args.ts'
import type { Reply } from '../../resp/reply.ts'
import { integer64 } from '../arguments.ts'
import { cString } from '../c-string.ts'
import { block, command, integer, type KeyArguments, string } from '../command.ts'
import type { Server, Session } from '../context.ts'
import { CommandError } from '../errors.ts'
import { clientName } from './client-attribute.ts'
import { authenticate } from './credentials.ts'

const NO_VERSION = new CommandError('ERR Protocol version is not an integer or out of range')
const NO_PROTOCOL = new CommandError('NOPROTO unsupported protocol version')
const NO_AUTH = new CommandError(
  'NOAUTH HELLO must be called with the client already authenticated, otherwise the ' +
    'HELLO <proto> AUTH <user> <pass> option can be used to authenticate the client and ' +
    'select the RESP protocol version at the same time',
)

interface Options {
  /** Index of the user's name, with the password behind it; 0 if there is none. */
  userIndex: number
  name: string | null
}

export const hello = command({
  name: 'HELLO',
  group: 'connection',
  since: '6.0.0',
  complexity: 'O(1)',
  summary: 'Opens the talk: protocol version, user and name of the connection.',
  arity: -1,
  flags: ['noscript', 'loading', 'stale', 'fast', 'no_auth', 'allow_busy'],
  categories: ['connection'],
  args: [
    block(
      'arguments',
      [
        integer('protover'),
        block('auth', [string('username'), string('password')], { token: 'AUTH', optional: true }),
        string('clientname', { token: 'SETNAME', optional: true }),
      ],
      { optional: true },
    ),
  ],
  history: [['6.2.0', 'Without arguments it only tells about the connection.']],
  secrets: credentials,
  run(context) {
    const { server, session, args, reply } = context
    const protocol = args.count > 1 ? protocolVersion(args) : session.protocol
    const { userIndex, name } = parseOptions(args)
    if (userIndex > 0) {
      authenticate(context, args.text(userIndex), userIndex + 1)
    }
    if (!session.authenticated) throw NO_AUTH
    if (name !== null) session.name = name
    server.setProtocol(session, protocol)
    introduce(server, session, reply)
  },
})

/** Indexes of names and passwords, as far as the options are sound. */
function credentials(args: KeyArguments): number[] {
  const indexes: number[] = []
  for (let i = 2; i < args.count; i++) {
    const isAuth = args.is(i, 'auth')
    if (isAuth) indexes.push(i + 1, i + 2)
    i += isAuth ? 2 : 1
  }
  return indexes
}

function protocolVersion(args: Args): 2 | 3 {
  const version = integer64(args, 1, NO_VERSION)
  if (version !== 2 && version !== 3) throw NO_PROTOCOL
  return version
}

function parseOptions(args: Args): Options {
  const options: Options = { userIndex: 0, name: null }
  for (let i = 2; i < args.count; i++) {
    const following = args.count - 1 - i
    if (args.is(i, 'auth') && following >= 2) {
      options.userIndex = i + 1
      i += 2
    } else if (args.is(i, 'setname') && following >= 1) {
      options.name = clientName(args, i + 1)
      i++
    } else {
      throw new CommandError(`ERR Syntax error in HELLO option '${cString(args, i)}'`)
    }
  }
  return options
}

function introduce(server: Server, session: Session, reply: Reply): void {
  reply.map(7)
  reply.bulkText('server')
  reply.bulkText('redis')
  reply.bulkText('version')
  reply.bulkText(server.config.version)
  reply.bulkText('proto')
  reply.integer(session.protocol)
  reply.bulkText('id')
  reply.integer(session.id)
  reply.bulkText('mode')
  reply.bulkText('standalone')
  reply.bulkText('role')
  reply.bulkText('master')
  reply.bulkText('modules')
  reply.array(0)
}
