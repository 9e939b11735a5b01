/** COMMAND and its subcommands: what commands there are, as their declarations say. */
import { globMatch } from '../../bytes/glob.ts'
import { fromLatin1 } from '../../bytes/text.ts'
import { ACL_CATEGORIES, categoriesOf } from '../acl-categories.ts'
import {
  type CommandFlag,
  type CommandSpec,
  command,
  type KeyArguments,
  oneOf,
  pattern,
  string,
} from '../command.ts'
import type { Command } from '../command-table.ts'
import type { Context } from '../context.ts'
import { CommandError, SYNTAX_ERROR } from '../errors.ts'
import { flagNames, hasKeys, type KeyReference, keysOf } from '../key-specs.ts'
import { writeDocs, writeInfo } from './command-info.ts'
import { replyWithHelp } from './help.ts'

const NO_SUCH_COMMAND = new CommandError('ERR Invalid command specified')
const NO_KEYS = new CommandError('ERR The command has no key arguments')
const BAD_COUNT = new CommandError('ERR Invalid number of arguments specified for command')
const BAD_ARGUMENTS = new CommandError('ERR Invalid arguments specified for command')

const FLAGS: readonly CommandFlag[] = ['loading', 'stale']

function subcommand(spec: Omit<CommandSpec, 'group' | 'flags' | 'categories'>): CommandSpec {
  return command({ ...spec, group: 'server', flags: FLAGS, categories: ['connection'] })
}

function everyInfo({ server, reply }: Context): void {
  reply.array(server.commands.size)
  for (const each of server.commands.all()) writeInfo(reply, each)
}

const count = subcommand({
  name: 'COUNT',
  since: '2.8.13',
  complexity: 'O(1)',
  summary: 'Answers how many commands there are.',
  arity: 2,
  run({ server, reply }) {
    reply.integer(server.commands.size)
  },
})

const docs = subcommand({
  name: 'DOCS',
  since: '7.0.0',
  complexity: 'O(N) where N is the number of commands asked for',
  summary: 'Describes commands for people: summaries, arguments, history.',
  arity: -2,
  tips: ['nondeterministic_output_order'],
  args: [string('command-name', { optional: true, multiple: true })],
  run({ server, args, reply }) {
    const found: Command[] = []
    if (args.count === 2) found.push(...server.commands.all())
    for (let i = 2; i < args.count; i++) {
      const each = server.commands.get(args.text(i))
      if (each !== null) found.push(each)
    }
    reply.map(found.length)
    for (const each of found) {
      reply.bulkText(each.fullName)
      writeDocs(reply, each)
    }
  },
})

/** The arguments of the request that COMMAND GETKEYS was given, behind its own two words. */
function givenRequest({ args }: Context): KeyArguments {
  return {
    count: args.count - 2,
    word: (index) => args.word(index + 2),
    is: (index, word) => args.is(index + 2, word),
  }
}

/** The keys of the given request; throws the errors of COMMAND GETKEYS. */
function givenKeys(context: Context): KeyReference[] {
  const request = givenRequest(context)
  const name = request.word(0)
  let found = name.includes('|') ? null : context.server.commands.get(name)
  if (found?.subcommands && request.count > 1) {
    found = found.subcommands.get(request.word(1).toLowerCase()) ?? null
  }
  if (found === null) throw NO_SUCH_COMMAND
  if (!hasKeys(found.spec)) throw NO_KEYS
  if (!found.takes(request.count)) throw BAD_COUNT
  const keys = keysOf(found.spec, request)
  if (keys !== null && keys.length > 0) return keys
  if (found.has('no_mandatory_keys')) return []
  throw BAD_ARGUMENTS
}

const getKeys = subcommand({
  name: 'GETKEYS',
  since: '2.8.13',
  complexity: 'O(N) where N is the number of arguments of the command given',
  summary: 'Picks the keys out of a whole command.',
  arity: -3,
  args: [string('command'), string('arg', { optional: true, multiple: true })],
  run(context) {
    const { args, reply } = context
    const keys = givenKeys(context)
    reply.array(keys.length)
    for (const { index } of keys) reply.bulkBytes(args.slice(index + 2))
  },
})

const getKeysAndFlags = subcommand({
  name: 'GETKEYSANDFLAGS',
  since: '7.0.0',
  complexity: 'O(N) where N is the number of arguments of the command given',
  summary: 'Picks the keys out of a whole command, and says what it does to each.',
  arity: -3,
  args: [string('command'), string('arg', { optional: true, multiple: true })],
  run(context) {
    const { args, reply } = context
    const keys = givenKeys(context)
    reply.array(keys.length)
    for (const { index, use } of keys) {
      reply.array(2)
      reply.bulkBytes(args.slice(index + 2))
      const flags = flagNames(use)
      reply.set(flags.length)
      for (const flag of flags) reply.simple(flag)
    }
  },
})

const info = subcommand({
  name: 'INFO',
  since: '2.8.13',
  complexity: 'O(N) where N is the number of commands asked for',
  summary: 'Describes commands for programs: arity, flags, keys, categories.',
  arity: -2,
  history: [['7.0.0', 'Without a name it answers for all commands.']],
  tips: ['nondeterministic_output_order'],
  args: [string('command-name', { optional: true, multiple: true })],
  run(context) {
    const { server, args, reply } = context
    if (args.count === 2) return everyInfo(context)
    reply.array(args.count - 2)
    for (let i = 2; i < args.count; i++) writeInfo(reply, server.commands.get(args.text(i)))
  },
})

type Filter = (command: Command) => boolean

/** The filter of COMMAND LIST; there are no modules, so that none of their commands is found. */
function parseFilter({ args }: Context): Filter {
  if (args.count === 2) return () => true
  if (args.count !== 5 || !args.is(2, 'filterby')) throw SYNTAX_ERROR
  if (args.is(3, 'module')) return () => false
  if (args.is(3, 'aclcat')) {
    const wanted = ACL_CATEGORIES.find((category) => args.is(4, category))
    return ({ spec }) => wanted !== undefined && categoriesOf(spec).includes(wanted)
  }
  if (!args.is(3, 'pattern')) throw SYNTAX_ERROR
  const glob = args.slice(4)
  return ({ fullName }) => globMatch(glob, fromLatin1(fullName), true)
}

const list = subcommand({
  name: 'LIST',
  since: '7.0.0',
  complexity: 'O(N) where N is the number of commands there are',
  summary: 'Answers the names of all commands, or of those that a filter lets pass.',
  arity: -2,
  tips: ['nondeterministic_output_order'],
  args: [
    oneOf(
      'filterby',
      [
        string('module-name', { token: 'MODULE' }),
        string('category', { token: 'ACLCAT' }),
        pattern('pattern', { token: 'PATTERN' }),
      ],
      { token: 'FILTERBY', optional: true },
    ),
  ],
  run(context) {
    const filter = parseFilter(context)
    const { server, reply } = context
    const names: string[] = []
    const take = (each: Command): void => {
      if (filter(each)) names.push(each.fullName)
      for (const sub of each.subcommands?.values() ?? []) take(sub)
    }
    for (const each of server.commands.all()) take(each)
    reply.array(names.length)
    for (const name of names) reply.bulkText(name)
  },
})

const help = subcommand({
  name: 'HELP',
  since: '5.0.0',
  complexity: 'O(1)',
  summary: 'Explains the subcommands.',
  arity: 2,
  run: (context) => replyWithHelp(context, 'COMMAND', subcommands),
})

const subcommands: readonly CommandSpec[] = [
  count,
  docs,
  getKeys,
  getKeysAndFlags,
  help,
  info,
  list,
]

export const commandCommand = command({
  name: 'COMMAND',
  group: 'server',
  since: '2.8.13',
  complexity: 'O(N) where N is the number of commands there are',
  summary: 'Describes all commands for programs.',
  arity: -1,
  flags: FLAGS,
  categories: ['connection'],
  tips: ['nondeterministic_output_order'],
  subcommands,
  run: everyInfo,
})
