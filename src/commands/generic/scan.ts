/**
 * SCAN: lists the keys of a database, some at a time.
 *
 * A cursor is a position in the hash space of the dict, 32 bits, and no state is kept between calls
 * (dict-scan.ts has the guarantee). One call takes steps of the dict until COUNT keys were looked
 * at, or ten times COUNT steps were taken, so that a sparse dict cannot make it long. As in Redis
 * 7.2, MATCH and TYPE take keys away afterwards, and an unknown TYPE takes them all away.
 */
import type { Address } from '../../arena/arena.ts'
import { TYPE_NAMES, typeOf } from '../../keyspace/entry.ts'
import type { Args } from '../../resp/args.ts'
import { integer64 } from '../arguments.ts'
import { command, integer, pattern, string } from '../command.ts'
import type { Context } from '../context.ts'
import { SYNTAX_ERROR } from '../errors.ts'
import { isMatchAll, keyMatches, replyKey } from './keys.ts'
import { DEFAULT_COUNT, parseCursor, STEPS_PER_COUNT } from './scan-options.ts'

export { parseCursor } from './scan-options.ts'

const ANY_TYPE = -1
const UNKNOWN_TYPE = -2

/** What a SCAN asks for. One object serves call after call. */
const options = {
  cursor: 0,
  count: DEFAULT_COUNT,
  /** Index of the pattern among the arguments, 0 for none. */
  patternIndex: 0,
  type: ANY_TYPE,
}

function parseOptions(args: Args): void {
  options.cursor = parseCursor(args, 1)
  options.count = DEFAULT_COUNT
  options.patternIndex = 0
  options.type = ANY_TYPE
  for (let i = 2; i < args.count; i += 2) {
    if (i + 1 === args.count) throw SYNTAX_ERROR
    if (args.is(i, 'count')) {
      options.count = Number(integer64(args, i + 1))
      if (options.count < 1) throw SYNTAX_ERROR
    } else if (args.is(i, 'match')) {
      options.patternIndex = isMatchAll(args, i + 1) ? 0 : i + 1
    } else if (args.is(i, 'type')) {
      options.type = typeNamed(args, i + 1)
    } else {
      throw SYNTAX_ERROR
    }
  }
}

function typeNamed(args: Args, index: number): number {
  const type = TYPE_NAMES.findIndex((name) => name !== '' && args.is(index, name))
  return type < 0 ? UNKNOWN_TYPE : type
}

/** The entries to answer; no change of the keyspace comes between finding and answering them. */
const gathered: Address[] = []

/** Gathers an entry that a step has come upon, unless it does not match; removes it if expired. */
function consider(context: Context, entry: Address): void {
  const { db } = context
  const { keyspace } = db
  if (options.patternIndex !== 0 && !keyMatches(context, entry, options.patternIndex)) return
  const expired = db.isExpired(entry)
  if (options.type !== ANY_TYPE) {
    // To ask for the type of a key is a lookup, and counted as one.
    if (expired) keyspace.misses++
    else keyspace.hits++
  }
  if (expired) return db.expireEntry(entry)
  if (options.type === ANY_TYPE || options.type === typeOf(keyspace.arena, entry)) {
    gathered.push(entry)
  }
}

export const scan = command({
  name: 'SCAN',
  group: 'generic',
  since: '2.8.0',
  complexity: 'O(1) a call, and O(N) in the number of keys for all calls until the cursor is 0.',
  summary: 'Lists the keys of the database, some at a time.',
  arity: -2,
  flags: ['readonly', 'touches_arbitrary_keys'],
  categories: ['keyspace'],
  args: [
    integer('cursor'),
    pattern('pattern', { token: 'MATCH', optional: true }),
    integer('count', { token: 'COUNT', optional: true }),
    string('type', { token: 'TYPE', optional: true, since: '6.0.0' }),
  ],
  tips: ['nondeterministic_output', 'request_policy:special', 'response_policy:special'],
  history: [['6.0.0', 'Takes `TYPE`.']],
  run(context) {
    const { db, args, reply } = context
    parseOptions(args)
    const { count } = options
    let { cursor } = options
    let seen = 0
    let stepsLeft = count * STEPS_PER_COUNT
    gathered.length = 0
    const visit = (entry: Address): void => {
      seen++
      consider(context, entry)
    }
    do {
      cursor = db.scan(cursor, visit)
    } while (cursor !== 0 && stepsLeft-- > 0 && seen < count)
    reply.array(2)
    reply.bulkInteger(cursor)
    reply.array(gathered.length)
    for (const entry of gathered) replyKey(context, entry)
    gathered.length = 0
  },
})
