/** MEMORY and its subcommands: what memory is used for. */
import { NULL } from '../../arena/arena.ts'
import { collectGarbage } from '../../platform/garbage.ts'
import { integer64 } from '../arguments.ts'
import { type CommandSpec, command, integer, key } from '../command.ts'
import { SYNTAX_ERROR } from '../errors.ts'
import { bytesOfEntry } from './entry-size.ts'
import { replyWithHelp } from './help.ts'
import { doctorReport } from './memory-doctor.ts'
import { memoryOverview } from './memory-overview.ts'
import { allocatorReport, writeStats } from './memory-stats.ts'

/** A report about this server alone, so that a client of a cluster has to ask each. */
const REPORT_TIPS = [
  'nondeterministic_output',
  'request_policy:all_shards',
  'response_policy:special',
]

const doctor = command({
  name: 'DOCTOR',
  group: 'server',
  since: '4.0.0',
  complexity: 'O(1)',
  summary: 'Says in words what is conspicuous about the memory.',
  arity: 2,
  flags: [],
  tips: REPORT_TIPS,
  run({ server, reply }) {
    reply.verbatim('txt', doctorReport(memoryOverview(server)))
  },
})

const mallocStats = command({
  name: 'MALLOC-STATS',
  group: 'server',
  since: '4.0.0',
  complexity: 'Depends on how much memory there is, could be slow',
  summary: 'Answers what the allocator has to tell.',
  arity: 2,
  flags: [],
  tips: REPORT_TIPS,
  run({ server, reply }) {
    reply.verbatim('txt', allocatorReport(server.keyspace.arena))
  },
})

const purge = command({
  name: 'PURGE',
  group: 'server',
  since: '4.0.0',
  complexity: 'Depends on how much memory there is, could be slow',
  summary: 'Gives memory that is not used back to the system.',
  arity: 2,
  flags: [],
  tips: ['request_policy:all_shards', 'response_policy:all_succeeded'],
  run({ server, reply }) {
    server.keyspace.arena.purge()
    collectGarbage()
    reply.ok()
  },
})

const stats = command({
  name: 'STATS',
  group: 'server',
  since: '4.0.0',
  complexity: 'O(1)',
  summary: 'Answers what memory is used for, in numbers.',
  arity: 2,
  flags: [],
  tips: REPORT_TIPS,
  run({ server, reply }) {
    writeStats(reply, memoryOverview(server))
  },
})

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

const subcommands: readonly CommandSpec[] = [doctor, help, mallocStats, purge, stats, usage]

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
