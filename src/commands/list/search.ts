/** LPOS and LREM: elements by what they are. */
import { TYPE_LIST } from '../../keyspace/entry.ts'
import type { Args } from '../../resp/args.ts'
import { integer64 } from '../arguments.ts'
import { command, integer, key, string } from '../command.ts'
import { CommandError, SYNTAX_ERROR } from '../errors.ts'
import { storeShrunk } from './elements.ts'
import { listCursor, openList } from './list-cursors.ts'

const RANK_ZERO = new CommandError(
  "ERR RANK can't be zero: use 1 to start from the first match, 2 from the second ... or use " +
    'negative to start from the end of the list',
)
const RANK_OUT_OF_RANGE = new CommandError(
  'ERR value is out of range, value must between -9223372036854775807 and 9223372036854775807',
)
const NEGATIVE_COUNT = new CommandError("ERR COUNT can't be negative")
const NEGATIVE_LENGTH = new CommandError("ERR MAXLEN can't be negative")

const LONG_MIN = -(2n ** 63n)

interface Search {
  /** Which match is the first to be told; negative: from the end of the list. */
  rank: number
  /** How many matches are told, 0 for all; -1 if the reply is not to be an array. */
  count: number
  /** How many elements are looked at, 0 for all. */
  maxLength: number
}

function parse(args: Args): Search {
  const search = { rank: 1, count: -1, maxLength: 0 }
  for (let i = 3; i < args.count; i += 2) {
    if (i + 1 === args.count) throw SYNTAX_ERROR
    if (args.is(i, 'rank')) search.rank = rankAt(args, i + 1)
    else if (args.is(i, 'count')) search.count = notNegative(args, i + 1, NEGATIVE_COUNT)
    else if (args.is(i, 'maxlen')) search.maxLength = notNegative(args, i + 1, NEGATIVE_LENGTH)
    else throw SYNTAX_ERROR
  }
  return search
}

function rankAt(args: Args, index: number): number {
  const rank = integer64(args, index)
  if (rank === LONG_MIN) throw RANK_OUT_OF_RANGE
  if (rank === 0) throw RANK_ZERO
  return Number(rank)
}

function notNegative(args: Args, index: number, error: CommandError): number {
  const value = Number(integer64(args, index, error))
  if (value < 0) throw error
  return value
}

export const lpos = command({
  name: 'LPOS',
  group: 'list',
  since: '6.0.6',
  complexity:
    'O(N) where N is the number of elements in the list, for the average case. When searching ' +
    'for elements near the head or the tail of the list, or when the MAXLEN option is provided, ' +
    'the command may run in constant time.',
  summary: 'Finds the indexes of an element in a list.',
  arity: -3,
  flags: ['readonly'],
  categories: ['list'],
  keys: [{ begin: 1, access: 'RO', intent: 'access' }],
  args: [
    key('key'),
    string('element'),
    integer('rank', { token: 'RANK', optional: true }),
    integer('num-matches', { token: 'COUNT', optional: true }),
    integer('len', { token: 'MAXLEN', optional: true }),
  ],
  run(context) {
    const { args, reply } = context
    const { rank, count, maxLength } = parse(args)
    const list = listCursor(context)
    if (!context.read(1, TYPE_LIST, list)) return count < 0 ? reply.nil() : reply.array(0)
    const { bytes, view } = args
    const start = args.starts[2]!
    const wanted = args.length(2)
    const { length } = list
    const steps = maxLength === 0 ? length : Math.min(maxLength, length)
    const skipped = Math.abs(rank) - 1
    const mark = count < 0 ? 0 : reply.beginArray()
    let matches = 0
    let told = 0
    list.seek(rank > 0 ? 0 : -1)
    for (let i = 0; i < steps; i++) {
      if (list.equals(bytes, view, start, wanted) && ++matches > skipped) {
        const index = rank > 0 ? i : length - 1 - i
        if (count < 0) return reply.integer(index)
        reply.integer(index)
        if (++told === count) break
      }
      if (rank > 0) list.next()
      else list.previous()
    }
    if (count < 0) reply.nil()
    else reply.endArray(mark, told)
  },
})

export const lrem = command({
  name: 'LREM',
  group: 'list',
  since: '1.0.0',
  complexity: 'O(N+M) where N is the length of the list and M is the number of elements removed.',
  summary: 'Removes an element from a list wherever it is, or so many times.',
  arity: 4,
  flags: ['write'],
  categories: ['list'],
  keys: [{ begin: 1, access: 'RW', intent: 'delete' }],
  args: [key('key'), integer('count'), string('element')],
  run(context) {
    const { args, reply } = context
    const { bytes, view, starts } = args
    const count = Number(integer64(args, 2))
    const list = listCursor(context)
    if (!openList(context, 1, list)) return reply.integer(0)
    const limit = count === 0 ? list.length : Math.abs(count)
    const removed = list.removeEqual(count >= 0, limit, bytes, view, starts[3]!, args.length(3))
    if (removed > 0) storeShrunk(context, 1, list, 'lrem', removed)
    reply.integer(removed)
  },
})
