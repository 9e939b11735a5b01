/**
 * DEBUG: what tests need to look into the server and to bring about what is rare. As in Redis it is
 * one command, and `enable-debug-command` says who may use it. A word that is unknown, or has the
 * wrong number of arguments, is one and the same error.
 */
import { randomBytes } from 'node:crypto'
import { leadingInteger } from '../../bytes/integers.ts'
import { parseMemory } from '../../config/number-syntax.ts'
import { rewriteConfig } from '../../config/rewrite.ts'
import { sleepMs } from '../../platform/clock.ts'
import { DEFAULT_LIST_PLAIN_BYTES } from '../../types/limits.ts'
import { type CommandSpec, command } from '../command.ts'
import type { Context } from '../context.ts'
import { CommandError, NOT_AN_INTEGER } from '../errors.ts'
import { clientBuckets } from './debug-clients.ts'
import { heapMap } from './debug-heap.ts'
import {
  describeObject,
  digestAll,
  digestValues,
  hashTableOfKey,
  hashTables,
  populate,
} from './debug-keys.ts'
import { loadLog, reload } from './debug-persistence.ts'
import { replyOfType } from './debug-protocol.ts'
import { type HelpEntry, writeHelp } from './help.ts'

const BAD_THRESHOLD = new CommandError(
  'ERR argument must be a memory value bigger than 1 and smaller than 4gb',
)
const PLAIN_BYTES_LIMIT = 2n ** 32n - 2n ** 20n
const NO_CLUSTER = new CommandError(
  'ERR Debug option only available for cluster mode enabled setup!',
)

interface Subcommand {
  /** What follows `DEBUG` and the word itself, for HELP. */
  readonly syntax: string
  readonly summary: string
  /** Number of arguments, with both words. */
  readonly counts: readonly [least: number, most: number]
  readonly run: (context: Context) => void
}

const MANY = Number.POSITIVE_INFINITY

/** Ends the process as a crash does, with its report. */
function endBySignal({ crashReporter }: Context['server'], signal: 'SIGABRT' | 'SIGSEGV'): void {
  crashReporter?.(`The process has crashed by signal: ${signal}, which DEBUG asked for`)
  process.kill(process.pid, signal)
}

/** A subcommand with one number that turns something on or off, and answers OK. */
function turning(summary: string, turn: (context: Context, on: boolean) => void): Subcommand {
  return {
    syntax: '<0|1>',
    summary,
    counts: [3, 3],
    run(context) {
      turn(context, leadingInteger(context.args.text(2)) !== 0)
      context.reply.ok()
    },
  }
}

const SUBCOMMANDS = new Map<string, Subcommand>([
  [
    'aof-flush-sleep',
    {
      syntax: '<microseconds>',
      summary: 'Makes every write to the append only file take longer.',
      counts: [3, 3],
      run({ server, args, reply }) {
        server.appendOnly.flushSleepUs = leadingInteger(args.text(2))
        reply.ok()
      },
    },
  ],
  [
    'assert',
    {
      syntax: '',
      summary: 'Ends the process as a broken invariant does.',
      counts: [2, MANY],
      run: ({ server }) => endBySignal(server, 'SIGABRT'),
    },
  ],
  [
    'change-repl-id',
    {
      syntax: '',
      summary: 'Gives the history of the data a new id.',
      counts: [2, 2],
      run({ server, reply }) {
        server.log('notice', 'Changing replication IDs after receiving DEBUG change-repl-id')
        server.replicationId = randomBytes(20).toString('hex')
        reply.ok()
      },
    },
  ],
  [
    'client-eviction',
    {
      syntax: '',
      summary: 'Tells how many clients of which size there are, for maxmemory-clients.',
      counts: [2, 2],
      run: clientBuckets,
    },
  ],
  [
    'clusterlink',
    {
      syntax: 'KILL <to|from|all> <node-id>',
      summary: 'Cuts a link of the cluster.',
      counts: [5, 5],
      run() {
        throw NO_CLUSTER
      },
    },
  ],
  [
    'config-rewrite-force-all',
    {
      syntax: '',
      summary: 'CONFIG REWRITE with all directives, those that have their default too.',
      counts: [2, 2],
      run({ server, reply }) {
        const error = rewriteConfig(server.config, { forceAll: true })
        if (error !== null) {
          throw new CommandError(`ERR CONFIG-REWRITE-FORCE-ALL failed: ${error.slice(4)}`)
        }
        reply.ok()
      },
    },
  ],
  [
    'digest',
    {
      syntax: '',
      summary: 'Answers a digest of all data.',
      counts: [2, 2],
      run: digestAll,
    },
  ],
  [
    'digest-value',
    {
      syntax: '<key> [<key> ...]',
      summary: 'Answers a digest of the value of each key.',
      counts: [2, MANY],
      run: digestValues,
    },
  ],
  [
    'error',
    {
      syntax: '<text>',
      summary: 'Answers an error of this text, code included.',
      counts: [3, 3],
      run({ args, reply }) {
        reply.error(args.text(2))
      },
    },
  ],
  [
    'htstats',
    {
      syntax: '<database> [full]',
      summary: 'Describes the tables that index a database.',
      counts: [3, MANY],
      run: hashTables,
    },
  ],
  [
    'htstats-key',
    {
      syntax: '<key> [full]',
      summary: 'Describes the hash table that a value is.',
      counts: [3, MANY],
      run: hashTableOfKey,
    },
  ],
  [
    'jmap',
    {
      syntax: '',
      summary: 'Tells what lies on the heap of JavaScript, and beside it.',
      counts: [2, 2],
      run: heapMap,
    },
  ],
  [
    'loadaof',
    {
      syntax: '',
      summary: 'Takes the place of the data by what the append only file says.',
      counts: [2, 2],
      run: loadLog,
    },
  ],
  [
    'log',
    {
      syntax: '<message>',
      summary: 'Writes a line to the log.',
      counts: [3, 3],
      run({ server, args, reply }) {
        server.log('warning', `DEBUG LOG: ${args.text(2)}`)
        reply.ok()
      },
    },
  ],
  [
    'object',
    {
      syntax: '<key>',
      summary: 'Describes how a value is kept.',
      counts: [3, 3],
      run: describeObject,
    },
  ],
  [
    'panic',
    {
      syntax: '',
      summary: 'Ends the process as an error of the program does.',
      counts: [2, MANY],
      run: ({ server }) => endBySignal(server, 'SIGABRT'),
    },
  ],
  [
    'pause-cron',
    turning('Stops the regular work of the server.', ({ server }, on) => {
      server.cronPaused = on
    }),
  ],
  [
    'populate',
    {
      syntax: '<count> [<prefix>] [<size>]',
      summary: 'Makes keys named `key:<number>`, with values of this size.',
      counts: [3, 5],
      run: populate,
    },
  ],
  [
    'protocol',
    {
      syntax: '<type>',
      summary: 'Answers a fixed reply of this type of the protocol.',
      counts: [3, 3],
      run: ({ args, reply }) => replyOfType(reply, args.text(2)),
    },
  ],
  [
    'quicklist-packed-threshold',
    {
      syntax: '<size>',
      summary: 'Gives elements of this size a chunk of their own in long lists; 0 for 1 GB.',
      counts: [3, 3],
      run({ server, args, reply }) {
        const bytes = parseMemory(args.text(2))
        if (bytes === null || bytes > PLAIN_BYTES_LIMIT) throw BAD_THRESHOLD
        server.keyspace.limits.listPlainBytes = Number(bytes) || DEFAULT_LIST_PLAIN_BYTES
        reply.ok()
      },
    },
  ],
  [
    'reload',
    {
      syntax: '[MERGE] [NOFLUSH] [NOSAVE]',
      summary: 'Saves the data and loads it again.',
      counts: [2, MANY],
      run: reload,
    },
  ],
  [
    'replybuffer',
    {
      syntax: '<PEAK-RESET-TIME|RESIZING> <value>',
      summary: 'Accepted, and without effect: replies share one buffer.',
      counts: [4, 4],
      run(context) {
        const { args, reply } = context
        const words = ['never', 'reset']
        if (args.is(2, 'peak-reset-time')) {
          const isWord = words.some((word) => args.is(3, word))
          if (!isWord && args.integer(3) === null) throw NOT_AN_INTEGER
        } else if (!args.is(2, 'resizing')) {
          throw unknownSubcommand(context)
        }
        reply.ok()
      },
    },
  ],
  [
    'segfault',
    {
      syntax: '',
      summary: 'Ends the process as a bad access to memory does.',
      counts: [2, MANY],
      run: ({ server }) => endBySignal(server, 'SIGSEGV'),
    },
  ],
  [
    'set-active-expire',
    turning('Stops the removal of expired keys that nobody asks for.', ({ server }, on) => {
      server.activeExpiry.enabled = on
    }),
  ],
  [
    'set-disable-deny-scripts',
    turning('Accepted, and without effect as long as there are no scripts.', () => {}),
  ],
  [
    'set-skip-checksum-validation',
    turning('Takes RDB files and DUMP payloads whatever their checksums are.', (context, on) => {
      context.server.skipsChecksums = on
    }),
  ],
  [
    'sleep',
    {
      syntax: '<seconds>',
      summary: 'Holds up the server.',
      counts: [3, 3],
      run({ args, reply }) {
        const seconds = Number.parseFloat(args.text(2))
        if (seconds > 0) sleepMs(seconds * 1000)
        reply.ok()
      },
    },
  ],
])

const HELP: readonly HelpEntry[] = [...SUBCOMMANDS].map(([name, { syntax, summary }]) => [
  `${name.toUpperCase()} ${syntax}`.trimEnd(),
  summary,
])

/** The longest part of an unknown word that the error repeats. */
const SHOWN_BYTES = 128

function unknownSubcommand({ args }: Context): CommandError {
  const word = args.text(1).split('\0', 1)[0]!.slice(0, SHOWN_BYTES)
  const problem = `unknown subcommand or wrong number of arguments for '${word}'`
  return new CommandError(`ERR ${problem}. Try ${args.text(0).toUpperCase()} HELP.`)
}

export const debug: CommandSpec = command({
  name: 'DEBUG',
  group: 'server',
  since: '1.0.0',
  complexity: 'Depends on the subcommand.',
  summary: 'Looks into the server, and brings about what is rare, for tests.',
  arity: -2,
  flags: ['admin', 'noscript', 'loading', 'stale', 'protected'],
  docFlags: ['syscmd'],
  run(context) {
    const { args, reply } = context
    if (args.count === 2 && args.is(1, 'help')) return writeHelp(reply, 'DEBUG', HELP)
    const subcommand = SUBCOMMANDS.get(args.text(1).toLowerCase())
    if (subcommand === undefined) throw unknownSubcommand(context)
    const [least, most] = subcommand.counts
    if (args.count < least || args.count > most) throw unknownSubcommand(context)
    subcommand.run(context)
  },
})
