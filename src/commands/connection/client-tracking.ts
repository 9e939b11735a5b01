/**
 * CLIENT's subcommands about client-side caching: TRACKING, TRACKINGINFO, CACHING and GETREDIR.
 * What they set in motion is in `server/tracking.ts`.
 */
import type { Args } from '../../resp/args.ts'
import { integer64 } from '../arguments.ts'
import { cString, untilNul } from '../c-string.ts'
import { type ArgSpec, command, integer, oneOf, string, token } from '../command.ts'
import type { CachingMode, Server, SessionTracking } from '../context.ts'
import { CommandError, SYNTAX_ERROR } from '../errors.ts'
import { onOrOff } from './client-usage.ts'

const TWO_REDIRECTIONS = new CommandError('ERR A client can only redirect to a single other client')
const NO_SUCH_CLIENT = new CommandError('ERR The client ID you want redirect to does not exist')
const PREFIX_WITHOUT_BCAST = new CommandError('ERR PREFIX option requires BCAST mode to be enabled')
const SWITCHED_BCAST = new CommandError(
  "ERR You can't switch BCAST mode on/off before disabling tracking for this client, and then " +
    're-enabling it with a different mode.',
)
const BCAST_WITH_OPT = new CommandError('ERR OPTIN and OPTOUT are not compatible with BCAST')
const BOTH_OPTS = new CommandError("ERR You can't specify both OPTIN mode and OPTOUT mode")
const SWITCHED_OPT = new CommandError(
  "ERR You can't switch OPTIN/OPTOUT mode before disabling tracking for this client, and then " +
    're-enabling it with a different mode.',
)
const CACHING_WITHOUT_MODE = new CommandError(
  'ERR CLIENT CACHING can be called only when the client is in tracking mode with OPTIN or ' +
    'OPTOUT mode enabled',
)
const YES_WITHOUT_OPTIN = new CommandError(
  'ERR CLIENT CACHING YES is only valid when tracking is enabled in OPTIN mode.',
)
const NO_WITHOUT_OPTOUT = new CommandError(
  'ERR CLIENT CACHING NO is only valid when tracking is enabled in OPTOUT mode.',
)

/** The options of CLIENT TRACKING as they were given. */
interface Options {
  redirectTo: number
  isBroadcast: boolean
  isOptIn: boolean
  isOptOut: boolean
  isNoLoop: boolean
  readonly prefixes: string[]
}

/** A word that is shown by its own name, in capitals. */
function option(word: string): ArgSpec {
  return { ...token(word), name: word, optional: true }
}

export const clientTracking = command({
  name: 'TRACKING',
  group: 'connection',
  since: '6.0.0',
  complexity: 'O(1), with prefixes O(N*M) where N are those given and M those there are',
  summary: 'Has the connection told when keys change that it has read, or that begin so.',
  arity: -3,
  flags: ['noscript', 'loading', 'stale'],
  categories: ['connection'],
  args: [
    oneOf('status', [token('ON'), token('OFF')]),
    integer('client-id', { token: 'REDIRECT', optional: true }),
    string('prefix', { token: 'PREFIX', optional: true, multiple: true, multipleToken: true }),
    option('BCAST'),
    option('OPTIN'),
    option('OPTOUT'),
    option('NOLOOP'),
  ],
  run({ server, session, args, reply }) {
    const options = parseOptions(server, args)
    if (!onOrOff(args, 2)) {
      server.tracking.disable(session)
    } else {
      checkOptions(options, session.tracking)
      const { isBroadcast, isNoLoop, isOptIn, isOptOut, prefixes, redirectTo } = options
      const caching: CachingMode = isOptIn ? 'optin' : isOptOut ? 'optout' : 'all'
      server.tracking.enable(session, { caching, isBroadcast, isNoLoop, prefixes, redirectTo })
    }
    reply.ok()
  },
})

function parseOptions(server: Server, args: Args): Options {
  const options: Options = {
    redirectTo: 0,
    isBroadcast: false,
    isOptIn: false,
    isOptOut: false,
    isNoLoop: false,
    prefixes: [],
  }
  for (let i = 3; i < args.count; i++) {
    const hasMore = i + 1 < args.count
    if (args.is(i, 'redirect') && hasMore) {
      if (options.redirectTo !== 0) throw TWO_REDIRECTIONS
      options.redirectTo = Number(integer64(args, ++i))
      if (!server.sessions.has(options.redirectTo)) throw NO_SUCH_CLIENT
    } else if (args.is(i, 'bcast')) options.isBroadcast = true
    else if (args.is(i, 'optin')) options.isOptIn = true
    else if (args.is(i, 'optout')) options.isOptOut = true
    else if (args.is(i, 'noloop')) options.isNoLoop = true
    else if (args.is(i, 'prefix') && hasMore) options.prefixes.push(args.text(++i))
    else throw SYNTAX_ERROR
  }
  return options
}

/** Whether the options go together, and with how the session tracks already. Throws if not. */
function checkOptions(options: Options, tracking: SessionTracking | null): void {
  const { isBroadcast, isOptIn, isOptOut, prefixes } = options
  if (prefixes.length > 0 && !isBroadcast) throw PREFIX_WITHOUT_BCAST
  if (tracking !== null && tracking.isBroadcast !== isBroadcast) throw SWITCHED_BCAST
  if (isBroadcast && (isOptIn || isOptOut)) throw BCAST_WITH_OPT
  if (isOptIn && isOptOut) throw BOTH_OPTS
  if (isOptIn && tracking?.caching === 'optout') throw SWITCHED_OPT
  if (isOptOut && tracking?.caching === 'optin') throw SWITCHED_OPT
  if (isBroadcast) checkPrefixes(prefixes, tracking)
}

/** A key with two of a client's prefixes would be told to it twice. */
function checkPrefixes(prefixes: readonly string[], tracking: SessionTracking | null): void {
  const present = tracking === null ? [] : [...tracking.prefixes].sort()
  const wrong = overlappingOf([...present, ...prefixes])
  const first = prefixes.findIndex((prefix) => wrong.has(prefix))
  if (first < 0) return
  const prefix = prefixes[first]!
  const existing = present.find((other) => overlap(prefix, other))
  if (existing !== undefined) throw overlapping(prefix, 'an existing prefix', existing)
  const other = prefixes.slice(first + 1).find((each) => overlap(prefix, each))
  if (other !== undefined) throw overlapping(prefix, 'another provided prefix', other)
}

/** Those that overlap with another. In order, what begins like one comes right behind it. */
function overlappingOf(prefixes: string[]): Set<string> {
  const found = new Set<string>()
  /** Each begins with the one before it, and all that is to come may begin with the last. */
  const beginnings: string[] = []
  for (const prefix of prefixes.sort()) {
    while (beginnings.length > 0 && !prefix.startsWith(beginnings.at(-1)!)) beginnings.pop()
    if (beginnings.length > 0) found.add(prefix).add(beginnings.at(-1)!)
    beginnings.push(prefix)
  }
  return found
}

function overlap(one: string, other: string): boolean {
  return one.startsWith(other) || other.startsWith(one)
}

function overlapping(prefix: string, what: string, other: string): CommandError {
  return new CommandError(
    `ERR Prefix '${untilNul(prefix)}' overlaps with ${what} '${untilNul(other)}'. ` +
      'Prefixes for a single client must not overlap.',
  )
}

export const clientCaching = command({
  name: 'CACHING',
  group: 'connection',
  since: '6.0.0',
  complexity: 'O(1)',
  summary: 'Says whether what the next command reads is remembered.',
  arity: 3,
  flags: ['noscript', 'loading', 'stale'],
  categories: ['connection'],
  args: [oneOf('mode', [token('YES'), token('NO')])],
  run({ session, args, reply }) {
    const { tracking } = session
    if (tracking === null) throw CACHING_WITHOUT_MODE
    const word = cString(args, 2).toLowerCase()
    if (word === 'yes') {
      if (tracking.caching !== 'optin') throw YES_WITHOUT_OPTIN
    } else if (word === 'no') {
      if (tracking.caching !== 'optout') throw NO_WITHOUT_OPTOUT
    } else {
      throw SYNTAX_ERROR
    }
    tracking.isCachingSaid = true
    reply.ok()
  },
})

export const clientGetRedir = command({
  name: 'GETREDIR',
  group: 'connection',
  since: '6.0.0',
  complexity: 'O(1)',
  summary: 'Answers which client gets the notices of key tracking; 0 for this one, -1 for none.',
  arity: 2,
  flags: ['noscript', 'loading', 'stale'],
  categories: ['connection'],
  run({ session, reply }) {
    reply.integer(session.tracking?.redirectTo ?? -1)
  },
})

export const clientTrackingInfo = command({
  name: 'TRACKINGINFO',
  group: 'connection',
  since: '6.2.0',
  complexity: 'O(1)',
  summary: 'Tells how the connection tracks keys.',
  arity: 2,
  flags: ['noscript', 'loading', 'stale'],
  categories: ['connection'],
  run({ session, reply }) {
    const { tracking } = session
    const flags = tracking === null ? ['off'] : flagsOf(tracking)
    reply.map(3)
    reply.bulkText('flags')
    reply.set(flags.length)
    for (const flag of flags) reply.bulkText(flag)
    reply.bulkText('redirect')
    reply.integer(tracking?.redirectTo ?? -1)
    reply.bulkText('prefixes')
    const prefixes = [...(tracking?.prefixes ?? [])].sort()
    reply.array(prefixes.length)
    for (const prefix of prefixes) reply.bulkText(prefix)
  },
})

function flagsOf(tracking: SessionTracking): string[] {
  const { caching, isBroadcast, isBroken, isCachingSaid, isNoLoop } = tracking
  const flags = ['on']
  if (isBroadcast) flags.push('bcast')
  if (caching !== 'all') flags.push(caching)
  if (caching !== 'all' && isCachingSaid) {
    flags.push(caching === 'optin' ? 'caching-yes' : 'caching-no')
  }
  if (isNoLoop) flags.push('noloop')
  if (isBroken) flags.push('broken_redirect')
  return flags
}
