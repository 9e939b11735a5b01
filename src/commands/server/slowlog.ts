/** SLOWLOG and COMMANDLOG: the logs of notable calls, which `src/server/command-log.ts` keeps. */
import type { Args } from '../../resp/args.ts'
import { integer64 } from '../arguments.ts'
import {
  type ArgSpec,
  type CommandFlag,
  type CommandSpec,
  command,
  integer,
  oneOf,
  token,
} from '../command.ts'
import { wrongUsage } from '../connection/client-usage.ts'
import type { CommandLog, Context, Server } from '../context.ts'
import { CommandError } from '../errors.ts'
import { type HelpEntry, replyWithHelp, writeHelp } from './help.ts'

const BAD_COUNT = new CommandError('ERR count should be greater than or equal to -1')
const NO_SUCH_TYPE = new CommandError(
  'ERR type should be one of the following: slow, large-request, large-reply',
)
const DEFAULT_COUNT = 10
const FLAGS: readonly CommandFlag[] = ['admin', 'loading', 'stale']
const EVERYWHERE = 'request_policy:all_nodes'

/** How many entries are asked for: all of them is Infinity. */
function countOf(args: Args, index: number): number {
  const count = Number(integer64(args, index, BAD_COUNT))
  if (count < -1) throw BAD_COUNT
  return count === -1 ? Number.POSITIVE_INFINITY : count
}

function replyEntries({ reply }: Context, log: CommandLog, count: number): void {
  const entries = [...log.newest(Math.min(count, log.length))]
  reply.array(entries.length)
  for (const entry of entries) {
    reply.array(6)
    reply.integer(entry.id)
    reply.integer(entry.unixSeconds)
    reply.integer(entry.value)
    reply.array(entry.arguments.length)
    for (const word of entry.arguments) reply.bulkText(word)
    reply.bulkText(entry.clientAddress)
    reply.bulkText(entry.clientName)
  }
}

const slowlogGet = command({
  name: 'GET',
  group: 'server',
  since: '2.2.12',
  complexity: 'O(N) where N is the number of entries answered.',
  summary: 'Answers the newest entries of the slow log.',
  arity: -2,
  flags: FLAGS,
  tips: [EVERYWHERE, 'nondeterministic_output'],
  history: [['4.0.0', 'Entries tell address and name of the client.']],
  args: [integer('count', { optional: true })],
  run(context) {
    const { args, server } = context
    if (args.count > 3) throw wrongUsage(args)
    const count = args.count === 3 ? countOf(args, 2) : DEFAULT_COUNT
    replyEntries(context, server.callWatch.slow, count)
  },
})

const slowlogLen = command({
  name: 'LEN',
  group: 'server',
  since: '2.2.12',
  complexity: 'O(1)',
  summary: 'Answers how many entries the slow log has.',
  arity: 2,
  flags: FLAGS,
  tips: [EVERYWHERE, 'response_policy:agg_sum', 'nondeterministic_output'],
  run: ({ reply, server }) => reply.integer(server.callWatch.slow.length),
})

const slowlogReset = command({
  name: 'RESET',
  group: 'server',
  since: '2.2.12',
  complexity: 'O(N) where N is the number of entries.',
  summary: 'Empties the slow log.',
  arity: 2,
  flags: FLAGS,
  tips: [EVERYWHERE, 'response_policy:all_succeeded'],
  run({ reply, server }) {
    server.callWatch.slow.reset()
    reply.ok()
  },
})

const SLOWLOG_HELP: readonly HelpEntry[] = [
  [
    'GET [<count>]',
    'Answers the newest <count> entries, 10 unless given, all with -1.',
    'An entry is: id, Unix time, microseconds, the arguments,',
    'address and name of the client.',
  ],
  ['LEN', 'Answers how many entries there are.'],
  ['RESET', 'Empties the log.'],
]

const slowlogHelp = command({
  name: 'HELP',
  group: 'server',
  since: '6.2.0',
  complexity: 'O(1)',
  summary: 'Explains the subcommands.',
  arity: 2,
  flags: ['loading', 'stale'],
  run: ({ reply }) => writeHelp(reply, 'SLOWLOG', SLOWLOG_HELP),
})

export const slowlog = command({
  name: 'SLOWLOG',
  group: 'server',
  since: '2.2.12',
  complexity: 'Depends on the subcommand.',
  summary: 'Reads and empties the log of calls that took long.',
  arity: -2,
  flags: [],
  subcommands: [slowlogGet, slowlogHelp, slowlogLen, slowlogReset],
})

const TYPE: ArgSpec = oneOf('type', [token('slow'), token('large-request'), token('large-reply')])

/** The log that an argument names. */
function logOf({ callWatch }: Server, args: Args, index: number): CommandLog {
  if (args.is(index, 'slow')) return callWatch.slow
  if (args.is(index, 'large-request')) return callWatch.largeRequests
  if (args.is(index, 'large-reply')) return callWatch.largeReplies
  throw NO_SUCH_TYPE
}

const commandlogGet = command({
  name: 'GET',
  group: 'server',
  since: '8.1.0',
  complexity: 'O(N) where N is the number of entries answered.',
  summary: 'Answers the newest entries of one of the logs.',
  arity: 4,
  flags: FLAGS,
  tips: [EVERYWHERE, 'nondeterministic_output'],
  args: [integer('count'), TYPE],
  run(context) {
    const { args, server } = context
    const count = countOf(args, 2)
    replyEntries(context, logOf(server, args, 3), count)
  },
})

const commandlogLen = command({
  name: 'LEN',
  group: 'server',
  since: '8.1.0',
  complexity: 'O(1)',
  summary: 'Answers how many entries one of the logs has.',
  arity: 3,
  flags: FLAGS,
  tips: [EVERYWHERE, 'response_policy:agg_sum', 'nondeterministic_output'],
  args: [TYPE],
  run: ({ args, reply, server }) => reply.integer(logOf(server, args, 2).length),
})

const commandlogReset = command({
  name: 'RESET',
  group: 'server',
  since: '8.1.0',
  complexity: 'O(N) where N is the number of entries.',
  summary: 'Empties one of the logs.',
  arity: 3,
  flags: FLAGS,
  tips: [EVERYWHERE, 'response_policy:all_succeeded'],
  args: [TYPE],
  run({ args, reply, server }) {
    logOf(server, args, 2).reset()
    reply.ok()
  },
})

const commandlogHelp = command({
  name: 'HELP',
  group: 'server',
  since: '8.1.0',
  complexity: 'O(1)',
  summary: 'Explains the subcommands.',
  arity: 2,
  flags: ['loading', 'stale'],
  run: (context) => replyWithHelp(context, 'COMMANDLOG', commandlogSubcommands),
})

const commandlogSubcommands: readonly CommandSpec[] = [
  commandlogGet,
  commandlogHelp,
  commandlogLen,
  commandlogReset,
]

export const commandlog = command({
  name: 'COMMANDLOG',
  group: 'server',
  since: '8.1.0',
  complexity: 'Depends on the subcommand.',
  summary: 'Reads and empties the logs of slow calls, large requests and large replies.',
  arity: -2,
  flags: [],
  subcommands: commandlogSubcommands,
})
