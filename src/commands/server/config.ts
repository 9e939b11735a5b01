/** CONFIG and its subcommands, over the table of directives. */
import { rewriteConfig } from '../../config/rewrite.ts'
import {
  block,
  type CommandFlag,
  type CommandSpec,
  command,
  indexesFrom,
  string,
} from '../command.ts'
import { CommandError, SYNTAX_ERROR } from '../errors.ts'
import { replyWithHelp } from './help.ts'

const FLAGS: readonly CommandFlag[] = ['admin', 'noscript', 'loading', 'stale']

const get = command({
  name: 'GET',
  group: 'server',
  since: '2.0.0',
  complexity: 'O(N) where N is the number of parameters asked for',
  summary: 'Answers the values of the parameters that match the patterns.',
  arity: -3,
  flags: FLAGS,
  history: [['7.0.0', 'Takes several patterns in one call.']],
  args: [string('parameter', { multiple: true })],
  run({ server, args, reply }) {
    const patterns: string[] = []
    for (let i = 2; i < args.count; i++) patterns.push(args.text(i))
    const found = server.config.match(patterns)
    reply.map(found.length)
    for (const [name, value] of found) {
      reply.bulkText(name)
      reply.bulkText(value)
    }
  },
})

const set = command({
  name: 'SET',
  group: 'server',
  since: '2.0.0',
  complexity: 'O(N) where N is the number of parameters given',
  summary: 'Sets parameters while the server runs: all of them or none.',
  arity: -4,
  flags: FLAGS,
  tips: ['request_policy:all_nodes', 'response_policy:all_succeeded'],
  history: [['7.0.0', 'Sets several parameters in one call.']],
  args: [block('data', [string('parameter'), string('value')], { multiple: true })],
  secrets(args, isSensitive) {
    const values = indexesFrom(3, args.count).filter((i) => i % 2 === 1)
    return values.filter((i) => isSensitive(args.word(i - 1)))
  },
  run({ server, session, args, reply }) {
    if (args.count % 2 !== 0) throw SYNTAX_ERROR
    const pairs: [name: string, value: string][] = []
    for (let i = 2; i < args.count; i += 2) pairs.push([args.text(i), args.text(i + 1)])
    const error = server.config.setMany(pairs, {
      local: server.isLocal(session),
      loading: server.isLoading,
    })
    if (error !== null) throw new CommandError(error)
    reply.ok()
  },
})

const resetStat = command({
  name: 'RESETSTAT',
  group: 'server',
  since: '2.0.0',
  complexity: 'O(1)',
  summary: 'Sets the statistics of INFO back to zero.',
  arity: 2,
  flags: FLAGS,
  tips: ['request_policy:all_nodes', 'response_policy:all_succeeded'],
  run({ server, reply }) {
    server.resetStats()
    reply.ok()
  },
})

const rewrite = command({
  name: 'REWRITE',
  group: 'server',
  since: '2.8.0',
  complexity: 'O(1)',
  summary: 'Writes the values that hold now to the configuration file.',
  arity: 2,
  flags: FLAGS,
  tips: ['request_policy:all_nodes', 'response_policy:all_succeeded'],
  run({ server, reply }) {
    const error = rewriteConfig(server.config, { users: server.access.configLines })
    if (error !== null) {
      server.log('warning', `CONFIG REWRITE failed: ${error}`)
      throw new CommandError(error)
    }
    server.log('notice', 'CONFIG REWRITE executed with success.')
    reply.ok()
  },
})

const help = command({
  name: 'HELP',
  group: 'server',
  since: '5.0.0',
  complexity: 'O(1)',
  summary: 'Explains the subcommands.',
  arity: 2,
  flags: ['loading', 'stale'],
  run: (context) => replyWithHelp(context, 'CONFIG', subcommands),
})

const subcommands: readonly CommandSpec[] = [get, help, resetStat, rewrite, set]

export const config = command({
  name: 'CONFIG',
  group: 'server',
  since: '2.0.0',
  complexity: 'Depends on the subcommand.',
  summary: 'Reads and changes the configuration of the server.',
  arity: -2,
  flags: [],
  subcommands,
})
