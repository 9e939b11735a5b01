/** CLIENT KILL and CLIENT UNBLOCK: what one client may do to others. */
import type { Args } from '../../resp/args.ts'
import { integer64 } from '../arguments.ts'
import { cString } from '../c-string.ts'
import { command, integer, oneOf, string, token } from '../command.ts'
import type { Server, Session } from '../context.ts'
import { CommandError, SYNTAX_ERROR } from '../errors.ts'
import { type ClientType, clientType, typeOfSession } from './client-type.ts'
import { wrongUsage } from './client-usage.ts'

const BAD_ID = new CommandError('ERR client-id should be greater than 0')
const AGE_NOT_AN_INTEGER = new CommandError('ERR maxage is not an integer or out of range')
const BAD_AGE = new CommandError('ERR maxage should be greater than 0')
const NO_SUCH_CLIENT = new CommandError('ERR No such client')
const BAD_REASON = new CommandError('ERR CLIENT UNBLOCK reason should be TIMEOUT or ERROR')

/** Whom to kill: those that meet all conditions that are set. */
interface Filter {
  id: number | null
  type: ClientType | null
  user: Session['user'] | null
  remoteAddress: string | null
  localAddress: string | null
  skipMe: boolean
  /** Those who have been connected for so many seconds or longer; 0 for all. */
  leastAgeSeconds: number
}

export const clientKill = command({
  name: 'KILL',
  group: 'connection',
  since: '2.4.0',
  complexity: 'O(N) where N is the number of client connections',
  summary: 'Ends connections.',
  arity: -3,
  flags: ['admin', 'noscript', 'loading', 'stale'],
  categories: ['connection'],
  args: [
    oneOf('filter', [
      string('old-format', { display: 'ip:port', deprecatedSince: '2.8.12' }),
      oneOf(
        'new-format',
        [
          integer('client-id', { token: 'ID', optional: true, since: '2.8.12' }),
          oneOf(
            'client-type',
            [
              token('normal'),
              token('master', { since: '3.2.0' }),
              token('slave'),
              token('replica', { since: '5.0.0' }),
              token('pubsub'),
            ],
            { token: 'TYPE', optional: true, since: '2.8.12' },
          ),
          string('username', { token: 'USER', optional: true }),
          string('addr', { token: 'ADDR', display: 'ip:port', optional: true }),
          string('laddr', { token: 'LADDR', display: 'ip:port', optional: true, since: '6.2.0' }),
          oneOf('skipme', [token('YES'), token('NO')], { token: 'SKIPME', optional: true }),
          integer('maxage', { token: 'MAXAGE', optional: true, since: '7.4.0' }),
        ],
        { multiple: true },
      ),
    ]),
  ],
  history: [
    ['2.8.12', 'Filters may be combined.'],
    ['2.8.12', 'New filter `ID`.'],
    ['3.2.0', 'New type `master`.'],
    ['5.0.0', 'New type `replica`; `slave` still means the same.'],
    ['6.2.0', 'New filter `LADDR`.'],
    ['7.4.0', 'New filter `MAXAGE`.'],
  ],
  run({ server, session, args, reply }) {
    const filter = args.count === 3 ? oldFilter(args) : parseFilter(server, args)
    const victims = [...server.sessions.values()].filter(
      (each) => matches(each, filter) && !(filter.skipMe && each === session),
    )
    if (args.count === 3 && victims.length === 0) throw NO_SUCH_CLIENT
    kill(session, victims)
    if (args.count === 3) reply.ok()
    else reply.integer(victims.length)
  },
})

/** `CLIENT KILL address:port`, which may end the client's own connection. */
function oldFilter(args: Args): Filter {
  return { ...noFilter(), remoteAddress: cString(args, 2), skipMe: false }
}

function noFilter(): Filter {
  return {
    id: null,
    type: null,
    user: null,
    remoteAddress: null,
    localAddress: null,
    skipMe: true,
    leastAgeSeconds: 0,
  }
}

function parseFilter(server: Server, args: Args): Filter {
  const filter = noFilter()
  for (let i = 2; i < args.count; i += 2) {
    if (i + 1 === args.count) throw SYNTAX_ERROR
    if (args.is(i, 'id')) filter.id = clientId(args, i + 1)
    else if (args.is(i, 'type')) filter.type = clientType(args, i + 1)
    else if (args.is(i, 'addr')) filter.remoteAddress = cString(args, i + 1)
    else if (args.is(i, 'laddr')) filter.localAddress = cString(args, i + 1)
    else if (args.is(i, 'user')) filter.user = userOf(server, args, i + 1)
    else if (args.is(i, 'skipme')) filter.skipMe = yesOrNo(args, i + 1)
    else if (args.is(i, 'maxage')) filter.leastAgeSeconds = age(args, i + 1)
    else throw SYNTAX_ERROR
  }
  return filter
}

function clientId(args: Args, index: number): number {
  const id = Number(integer64(args, index, BAD_ID))
  if (id < 1) throw BAD_ID
  return id
}

/** The option of Redis 7.4, whose name says the opposite of what it does. */
function age(args: Args, index: number): number {
  const seconds = Number(integer64(args, index, AGE_NOT_AN_INTEGER))
  if (seconds < 1) throw BAD_AGE
  return seconds
}

function userOf({ access }: Server, args: Args, index: number): Session['user'] {
  const user = access.acl.get(args.text(index))
  if (user === undefined) throw new CommandError(`ERR No such user '${cString(args, index)}'`)
  return user
}

function yesOrNo(args: Args, index: number): boolean {
  if (args.is(index, 'yes')) return true
  if (args.is(index, 'no')) return false
  throw SYNTAX_ERROR
}

function matches(session: Session, filter: Filter): boolean {
  const { transport } = session
  if (filter.id !== null && session.id !== filter.id) return false
  if (filter.type !== null && typeOfSession(session) !== filter.type) return false
  // A client that has not told who it is counts as the default user's.
  if (filter.user !== null && session.user !== filter.user) return false
  const { leastAgeSeconds, remoteAddress, localAddress } = filter
  if (leastAgeSeconds > 0 && ageSeconds(session) < leastAgeSeconds) return false
  if (remoteAddress !== null && transport.remoteAddress !== remoteAddress) return false
  return localAddress === null || transport.localAddress === localAddress
}

/** As Redis has it: in whole seconds of the clock, not of the connection. */
function ageSeconds({ createdMs, server }: Session): number {
  return Math.floor(server.clock.nowMs / 1000) - Math.floor(createdMs / 1000)
}

function kill(killer: Session, victims: readonly Session[]): void {
  for (const victim of victims) {
    // The killer still gets its reply.
    if (victim === killer) victim.closeAfterReply()
    else victim.destroy()
  }
}

export const clientUnblock = command({
  name: 'UNBLOCK',
  group: 'connection',
  since: '5.0.0',
  complexity: 'O(log N) where N is the number of client connections',
  summary: 'Lets a client go on that waits in a blocking command.',
  arity: -3,
  flags: ['admin', 'noscript', 'loading', 'stale'],
  categories: ['connection'],
  args: [
    integer('client-id'),
    oneOf('unblock-type', [token('TIMEOUT'), token('ERROR')], { optional: true }),
  ],
  run({ server, args, reply }) {
    if (args.count > 4) throw wrongUsage(args)
    if (args.count === 4 && !args.is(3, 'timeout') && !args.is(3, 'error')) throw BAD_REASON
    const session = server.sessions.get(Number(integer64(args, 2)))
    const isError = args.count === 4 && args.is(3, 'error')
    const wasWaiting = session !== undefined && server.blocking.release(session, isError)
    reply.integer(wasWaiting ? 1 : 0)
  },
})
