/** OBJECT and its subcommands: what the store knows of a key beside its value. */
import { type Address, NULL } from '../../arena/arena.ts'
import { decayedLfu, idleMs } from '../../keyspace/access.ts'
import { encodingName } from '../../keyspace/encoding-name.ts'
import { accessOf, TYPE_STRING, typeOf } from '../../keyspace/entry.ts'
import { StringValue } from '../../keyspace/string-value.ts'
import { type CommandSpec, command, key } from '../command.ts'
import type { Context } from '../context.ts'
import { CommandError } from '../errors.ts'

const ADJUSTMENT =
  'Please note that when switching between policies at runtime LRU and LFU data will take some ' +
  'time to adjust.'
const IDLE_TIME_NOT_TRACKED = new CommandError(
  `ERR An LFU maxmemory policy is selected, idle time not tracked. ${ADJUSTMENT}`,
)
const FREQUENCY_NOT_TRACKED = new CommandError(
  `ERR An LFU maxmemory policy is not selected, access frequency not tracked. ${ADJUSTMENT}`,
)

/** Redis has one object for each integer from 0 to 9999, and counts so many references to it. */
const SHARED_REFERENCES = 2147483647
const SHARED_INTEGER_MAX_DIGITS = 4

const HELP = [
  'OBJECT <subcommand> [<arg> [value] [opt] ...]. Subcommands are:',
  'ENCODING <key>',
  '    Name the form in which the value of <key> is kept.',
  'FREQ <key>',
  '    Tell how often <key> has been used of late, on a logarithmic scale. Only with an',
  '    LFU maxmemory policy.',
  'IDLETIME <key>',
  '    Tell for how many seconds <key> has not been used. Not with an LFU maxmemory policy.',
  'REFCOUNT <key>',
  '    Tell how many references the value of <key> has.',
  'HELP',
  '    Print this help.',
]

const value = new StringValue()

/** Whether Redis would have the value as one of its shared integers. */
function isSharedInteger(context: Context, entry: Address): boolean {
  const { config, memory } = context.server
  const policy = config.get('maxmemory-policy')
  if (memory.bytes > 0 && (policy.endsWith('-lru') || policy.endsWith('-lfu'))) return false
  const { keyspace } = context.server
  if (typeOf(keyspace.arena, entry) !== TYPE_STRING) return false
  if (encodingName(keyspace, entry) !== 'int') return false
  value.locate(keyspace.arena, entry)
  return value.length <= SHARED_INTEGER_MAX_DIGITS && value.bytes[value.start] !== 0x2d
}

/** A subcommand that answers something about a key, and null if there is none. */
function about(
  word: string,
  since: string,
  summary: string,
  answer: (context: Context, entry: Address) => void,
): CommandSpec {
  return {
    name: word,
    group: 'generic',
    since,
    complexity: 'O(1)',
    summary,
    arity: 3,
    flags: ['readonly'],
    categories: ['keyspace'],
    keys: [{ begin: 2, access: 'RO' }],
    args: [key('key')],
    tips: ['nondeterministic_output'],
    run(context) {
      const entry = context.db.findUnnoticed(context.args, 2)
      if (entry === NULL) return context.reply.nil()
      answer(context, entry)
    },
  }
}

const encoding = about(
  'ENCODING',
  '2.2.3',
  'Names the form in which a value is kept.',
  ({ server, reply }, entry) => reply.bulkText(encodingName(server.keyspace, entry)),
)

const freq = about(
  'FREQ',
  '4.0.0',
  'Tells how often a key has been used of late, on a logarithmic scale.',
  ({ server, reply }, entry) => {
    const { keyspace, clock } = server
    if (!keyspace.lfu) throw FREQUENCY_NOT_TRACKED
    const access = accessOf(keyspace.arena, entry)
    reply.integer(decayedLfu(access, clock.nowMs, keyspace.lfuDecayMinutes))
  },
)

const idletime = about(
  'IDLETIME',
  '2.2.3',
  'Tells for how many seconds a key has not been used.',
  ({ server, reply }, entry) => {
    const { keyspace, clock } = server
    if (keyspace.lfu) throw IDLE_TIME_NOT_TRACKED
    reply.integer(idleMs(accessOf(keyspace.arena, entry), clock.nowMs) / 1000)
  },
)

const refcount = about(
  'REFCOUNT',
  '2.2.3',
  'Tells how many references a value has.',
  (context, entry) =>
    context.reply.integer(isSharedInteger(context, entry) ? SHARED_REFERENCES : 1),
)

const help: CommandSpec = {
  name: 'HELP',
  group: 'generic',
  since: '6.2.0',
  complexity: 'O(1)',
  summary: 'Lists the subcommands.',
  arity: 2,
  flags: ['loading', 'stale'],
  categories: ['keyspace'],
  run({ reply }) {
    reply.array(HELP.length)
    for (const line of HELP) reply.simple(line)
  },
}

export const object = command({
  name: 'OBJECT',
  group: 'generic',
  since: '2.2.3',
  complexity: 'Depends on the subcommand.',
  summary: 'Tells what the store knows of a key beside its value.',
  arity: -2,
  flags: [],
  subcommands: [encoding, freq, help, idletime, refcount],
})
