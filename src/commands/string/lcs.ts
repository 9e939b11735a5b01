/** LCS: the algorithm is in types/lcs.ts. */
import { type Address, NULL } from '../../arena/arena.ts'
import { TYPE_STRING, typeOf } from '../../keyspace/entry.ts'
import { StringValue } from '../../keyspace/string-value.ts'
import type { Args } from '../../resp/args.ts'
import { CommonSubsequence } from '../../types/lcs.ts'
import { integer64 } from '../arguments.ts'
import { command, integer, key, token } from '../command.ts'
import type { Context } from '../context.ts'
import { CommandError, SYNTAX_ERROR } from '../errors.ts'

const NOT_STRINGS = new CommandError('ERR The specified keys must contain string values')
const LEN_AND_IDX = new CommandError(
  'ERR If you want both the length and indexes, please just use IDX.',
)
const TABLE_TOO_LARGE = new CommandError(
  'ERR Insufficient memory, transient memory for LCS exceeds proto-max-bulk-len',
)
const NO_TABLE = new CommandError(
  'ERR Insufficient memory, failed allocating transient memory for LCS',
)

const EMPTY = new Uint8Array(0)
const valueA = new StringValue()
const valueB = new StringValue()

export const lcs = command({
  name: 'LCS',
  group: 'string',
  since: '7.0.0',
  complexity: 'O(N*M) where N and M are the lengths of the two strings.',
  summary: 'Finds the longest common subsequence of two strings.',
  arity: -3,
  flags: ['readonly'],
  categories: ['string'],
  keys: [{ begin: 1, last: 1, access: 'RO', intent: 'access' }],
  args: [
    key('key1'),
    key('key2'),
    token('LEN', { optional: true }),
    token('IDX', { optional: true }),
    integer('min-match-len', { token: 'MINMATCHLEN', optional: true }),
    token('WITHMATCHLEN', { optional: true }),
  ],
  run(context) {
    const { args, db, server, reply } = context
    // Both are looked up first, and counted, whatever they hold.
    const entryA = db.findForRead(args, 1)
    const entryB = db.findForRead(args, 2)
    const a = read(context, entryA, valueA)
    const b = read(context, entryB, valueB)
    const options = parse(args)
    if (options.len && options.idx) throw LEN_AND_IDX
    const tableBytes = CommonSubsequence.tableBytes(a.length, b.length)
    if (tableBytes > server.protoMaxBulkLength) throw TABLE_TOO_LARGE
    const common = CommonSubsequence.of(a, b)
    if (common === null) throw NO_TABLE
    if (options.idx) replyMatches(context, common, options)
    else if (options.len) reply.integer(common.length)
    else reply.bulkBytes(common.bytes())
  },
})

interface Options {
  len: boolean
  idx: boolean
  withMatchLength: boolean
  minMatchLength: number
}

function parse(args: Args): Options {
  const options = { len: false, idx: false, withMatchLength: false, minMatchLength: 0 }
  for (let i = 3; i < args.count; i++) {
    if (args.is(i, 'idx')) options.idx = true
    else if (args.is(i, 'len')) options.len = true
    else if (args.is(i, 'withmatchlen')) options.withMatchLength = true
    else if (args.is(i, 'minmatchlen') && i + 1 < args.count) {
      options.minMatchLength = Number(integer64(args, ++i))
    } else throw SYNTAX_ERROR
  }
  return options
}

/** The string of an entry, in the arena; a missing key is an empty one. */
function read({ db }: Context, entry: Address, value: StringValue): Uint8Array {
  if (entry === NULL) return EMPTY
  const { arena } = db.keyspace
  if (typeOf(arena, entry) !== TYPE_STRING) throw NOT_STRINGS
  value.locate(arena, entry)
  return value.slice()
}

/** Answers the runs of equal bytes, the last one first, each as its first and last index. */
function replyMatches({ reply }: Context, common: CommonSubsequence, options: Options): void {
  const matches = common.matches().filter(({ length }) => length >= options.minMatchLength)
  reply.map(2)
  reply.bulkText('matches')
  reply.array(matches.length)
  for (const { startA, startB, length } of matches) {
    reply.array(options.withMatchLength ? 3 : 2)
    for (const start of [startA, startB]) {
      reply.array(2)
      reply.integer(start)
      reply.integer(start + length - 1)
    }
    if (options.withMatchLength) reply.integer(length)
  }
  reply.bulkText('len')
  reply.integer(common.length)
}
