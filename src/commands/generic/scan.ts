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
import { CommandError, SYNTAX_ERROR } from '../errors.ts'
import { isMatchAll, keyMatches, replyKey } from './keys.ts'

const DEFAULT_COUNT = 10
/** Steps of the dict for each key asked for. */
const STEPS_PER_COUNT = 10
const ANY_TYPE = -1
const UNKNOWN_TYPE = -2

const INVALID_CURSOR = new CommandError('ERR invalid cursor')

const UINT64_LIMIT = 2n ** 64n
const ZERO = 0x30
const PLUS = 0x2b
const MINUS = 0x2d
/** Digits of a number that is safe in a double. */
const PLAIN_DIGITS = 15

/**
 * The cursor that is argument `index`, as C's `strtoul` would read it: an unsigned number of 64
 * bits, with a sign or without digits at all. @returns its low 32 bits
 */
export function parseCursor(args: Args, index: number): number {
  const { bytes } = args
  const start = args.starts[index]!
  let end = start
  while (end < args.ends[index]! && bytes[end] !== 0) end++
  if (start === end) return 0
  const negative = bytes[start] === MINUS
  const first = negative || bytes[start] === PLUS ? start + 1 : start
  if (first === end) throw INVALID_CURSOR
  let value = 0
  for (let i = first; i < end; i++) {
    const digit = bytes[i]! - ZERO
    if (digit < 0 || digit > 9) throw INVALID_CURSOR
    value = value * 10 + digit
  }
  if (!negative && end - first <= PLAIN_DIGITS) return value >>> 0
  const exact = BigInt(Buffer.from(bytes.subarray(first, end)).toString('latin1'))
  if (exact >= UINT64_LIMIT) throw INVALID_CURSOR
  return Number(BigInt.asUintN(32, negative ? -exact : exact))
}

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
