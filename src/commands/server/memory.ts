/** MEMORY USAGE and HELP. */
import { NULL } from '../../arena/arena.ts'
import { integer64 } from '../arguments.ts'
import { type CommandSpec, command, integer, key } from '../command.ts'
import { SYNTAX_ERROR } from '../errors.ts'
import { bytesOfEntry } from './entry-size.ts'
import { replyWithHelp } from './help.ts'

const usage = command({
  name: 'USAGE',
  group: 'server',
  since: '4.0.0',
  complexity: 'O(1)',
  summary: 'Answers how many bytes a key with its value takes.',
  arity: -3,
  flags: ['readonly'],
  keys: [{ begin: 2, access: 'RO' }],
  args: [key('key'), integer('count', { token: 'SAMPLES', optional: true })],
  run({ server, db, args, reply }) {
    for (let i = 3; i < args.count; i += 2) {
      if (!args.is(i, 'samples') || i + 1 === args.count) throw SYNTAX_ERROR
      // The size is exact, so that how many elements to sample is of no further interest.
      if (integer64(args, i + 1) < 0) throw SYNTAX_ERROR
    }
    const entry = db.find(args, 2)
    if (entry === NULL) return reply.nil()
    reply.integer(bytesOfEntry(server.keyspace, entry))
  },
})

const help = command({
  name: 'HELP',
  group: 'server',
  since: '4.0.0',
  complexity: 'O(1)',
  summary: 'Explains the subcommands.',
  arity: 2,
  flags: ['loading', 'stale'],
  run: (context) => replyWithHelp(context, 'MEMORY', subcommands),
})

const subcommands: readonly CommandSpec[] = [help, usage]

export const memory = command({
  name: 'MEMORY',
  group: 'server',
  since: '4.0.0',
  complexity: 'Depends on the subcommand.',
  summary: 'Tells what memory is used for.',
  arity: -2,
  flags: [],
  subcommands,
})
