/**
 * ZADD and ZINCRBY, which is ZADD with INCR.
 *
 * A single member is added by itself; several in a series that is undone if memory runs out.
 */

import { parseDouble } from '../../bytes/doubles.ts'
import type { Args } from '../../resp/args.ts'
import { elementBytes } from '../../types/packed-list.ts'
import { packedRoom } from '../../types/packed-room.ts'
import { scoreLength } from '../../types/packed-score.ts'
import type { SortedSet } from '../../types/sorted-set.ts'
import { block, command, double, integer, key, oneOf, string, token } from '../command.ts'
import type { Context } from '../context.ts'
import { CommandError, NOT_A_FLOAT, OUT_OF_MEMORY, SYNTAX_ERROR } from '../errors.ts'
import { openSortedSet, sortedSetCursor, storeSortedSet } from './cursors.ts'

const NX = 1
const XX = 2
const GT = 4
const LT = 8
const CH = 16
const INCR = 32

const XX_AND_NX = new CommandError('ERR XX and NX options at the same time are not compatible')
const GT_LT_NX = new CommandError(
  'ERR GT, LT, and/or NX options at the same time are not compatible',
)
const INCR_SINGLE_PAIR = new CommandError(
  'ERR INCR option supports a single increment-element pair',
)
const RESULT_NOT_A_NUMBER = new CommandError('ERR resulting score is not a number (NaN)')

const FIRST_CAPACITY = 64
/** Beyond this many pairs the memory is let go when the request is done. */
const KEPT_CAPACITY = 4096

let scores = new Float64Array(FIRST_CAPACITY)

/** What became of a member. */
const NOTHING = 0
const ADDED = 1
const UPDATED = 2
/** It is there already, with that score. */
const UNCHANGED = 3

/** What became of the members of a request, and of the last of them. */
const counts = { added: 0, updated: 0, lastResult: NOTHING as number }

/** The score that the last member processed has got. */
let newScore = 0

export const zadd = command({
  name: 'ZADD',
  group: 'sorted-set',
  since: '1.2.0',
  complexity: 'O(log(N)) for each member, where N is the number of members there are.',
  summary: 'Adds members with their scores, or gives members other scores.',
  arity: -4,
  flags: ['write', 'denyoom', 'fast'],
  categories: ['sortedset'],
  keys: [{ begin: 1, access: 'RW', intent: 'update' }],
  args: [
    key('key'),
    oneOf('condition', [token('NX'), token('XX')], { optional: true, since: '3.0.2' }),
    oneOf('comparison', [token('GT'), token('LT')], { optional: true, since: '6.2.0' }),
    { name: 'change', type: 'pure-token', token: 'CH', optional: true, since: '3.0.2' },
    { name: 'increment', type: 'pure-token', token: 'INCR', optional: true, since: '3.0.2' },
    block('data', [double('score'), string('member')], { multiple: true }),
  ],
  history: [
    ['2.4.0', 'Takes several members.'],
    ['3.0.2', 'Takes the options `XX`, `NX`, `CH` and `INCR`.'],
    ['6.2.0', 'Takes the options `GT` and `LT`.'],
  ],
  run(context) {
    add(context, 0)
  },
})

export const zincrby = command({
  name: 'ZINCRBY',
  group: 'sorted-set',
  since: '1.2.0',
  complexity: 'O(log(N)) where N is the number of members.',
  summary: 'Adds a number to the score of a member, which is added if it is not there.',
  arity: 4,
  flags: ['write', 'denyoom', 'fast'],
  categories: ['sortedset'],
  keys: [{ begin: 1, access: 'RW', intent: ['access', 'update'] }],
  args: [key('key'), integer('increment'), string('member')],
  run(context) {
    add(context, INCR)
  },
})

/** The option that argument `index` is, 0 if it is none. */
function optionAt(args: Args, index: number): number {
  // Nearly always the score stands here: nothing below `A` is an option.
  if (args.length(index) < 2 || args.bytes[args.starts[index]!]! < 0x41) return 0
  if (args.is(index, 'nx')) return NX
  if (args.is(index, 'xx')) return XX
  if (args.is(index, 'gt')) return GT
  if (args.is(index, 'lt')) return LT
  if (args.is(index, 'ch')) return CH
  return args.is(index, 'incr') ? INCR : 0
}

function add(context: Context, given: number): void {
  const { args } = context
  let options = given
  let first = 2
  for (; first < args.count; first++) {
    const option = optionAt(args, first)
    if (option === 0) break
    options |= option
  }
  const pairs = (args.count - first) >> 1
  checkOptions(options, args.count - first)
  parseScores(args, first, pairs)

  const found = openSortedSet(context, 1)
  counts.added = 0
  counts.updated = 0
  counts.lastResult = NOTHING
  if (found === null && (options & XX) !== 0) return answer(context, options, false)
  if (found === null) addToNew(context, options, first, pairs)
  else if (pairs === 1) addSingle(context, found, options, first + 1)
  else addSeries(args, found, options, first, pairs)
  if (scores.length > KEPT_CAPACITY) scores = new Float64Array(FIRST_CAPACITY)
  if (counts.added + counts.updated > 0) {
    const event = (options & INCR) !== 0 ? 'zincr' : 'zadd'
    storeSortedSet(context, 1, sortedSetCursor(context), event)
  }
  answer(context, options, counts.lastResult !== NOTHING)
}

function checkOptions(options: number, left: number): void {
  if (left === 0 || left % 2 !== 0) throw SYNTAX_ERROR
  if ((options & NX) !== 0 && (options & XX) !== 0) throw XX_AND_NX
  const comparisons = options & (GT | LT)
  if (comparisons !== 0 && ((options & NX) !== 0 || comparisons === (GT | LT))) throw GT_LT_NX
  if ((options & INCR) !== 0 && left > 2) throw INCR_SINGLE_PAIR
}

function parseScores(args: Args, first: number, pairs: number): void {
  if (pairs > scores.length) scores = new Float64Array(pairs)
  for (let i = 0; i < pairs; i++) {
    const index = first + 2 * i
    const score = parseDouble(args.bytes, args.starts[index]!, args.ends[index]!)
    if (score === null) throw NOT_A_FLOAT
    scores[i] = score
  }
}

/** Bytes that the pairs take in a packed list, 0 if that is too much to be one. */
function roomFor({ starts, ends, count }: Args, first: number, pairs: number): number {
  let bytes = 0
  for (let i = 0; i < pairs; i++) bytes += elementBytes(scoreLength(scores[i]!))
  return packedRoom(starts, ends, first + 1, count, 2, bytes)
}

function addToNew(context: Context, options: number, first: number, pairs: number): void {
  const { args } = context
  const set = sortedSetCursor(context)
  const room = roomFor(args, first, pairs)
  if (!set.createFor(pairs, args.length(first + 1), room)) throw OUT_OF_MEMORY
  if (!addAll(args, set, options, first, pairs)) {
    set.free()
    throw OUT_OF_MEMORY
  }
  // Of members given twice there is room left.
  if (set.length < pairs) set.trim()
}

function addSingle({ args, db }: Context, set: SortedSet, options: number, member: number): void {
  if (addOne(args, set, options, scores[0]!, member)) return
  // The attempt may have moved the packed list to another block.
  db.updateFound(set)
  throw OUT_OF_MEMORY
}

function addSeries(
  args: Args,
  set: SortedSet,
  options: number,
  first: number,
  pairs: number,
): void {
  if (!set.begin()) throw OUT_OF_MEMORY
  if (!set.enlargeFor(pairs) || !addAll(args, set, options, first, pairs)) {
    set.rollBack()
    throw OUT_OF_MEMORY
  }
  // A copy in which nothing has changed is not stored.
  if (counts.added + counts.updated > 0) set.commit()
  else set.rollBack()
}

function addAll(
  args: Args,
  set: SortedSet,
  options: number,
  first: number,
  pairs: number,
): boolean {
  for (let i = 0; i < pairs; i++) {
    if (!addOne(args, set, options, scores[i]!, first + 2 * i + 1)) return false
  }
  return true
}

/**
 * Adds a member, or gives it another score, as the options say.
 *
 * @returns false, with nothing changed, if there is no memory
 * @throws RESULT_NOT_A_NUMBER
 */
function addOne(
  args: Args,
  set: SortedSet,
  options: number,
  given: number,
  member: number,
): boolean {
  const { bytes, view } = args
  const start = args.starts[member]!
  const length = args.ends[member]! - start
  const position = set.find(bytes, view, start, length)
  counts.lastResult = NOTHING
  if (position === 0) {
    if ((options & XX) !== 0) return true
    if (!set.add(given, bytes, view, start, length)) return false
    newScore = given
    counts.added++
    counts.lastResult = ADDED
    return true
  }
  if ((options & NX) !== 0) return true
  const { score: current } = set
  const score = (options & INCR) !== 0 ? given + current : given
  if (Number.isNaN(score)) throw RESULT_NOT_A_NUMBER
  if ((options & LT) !== 0 && score >= current) return true
  if ((options & GT) !== 0 && score <= current) return true
  newScore = score
  counts.lastResult = UNCHANGED
  if (score === current) return true
  if (!set.setScore(position, score, bytes, view, start, length)) return false
  counts.updated++
  counts.lastResult = UPDATED
  return true
}

/** Answers the new score, or null, to INCR; else how many members are new, or new and changed. */
function answer({ reply }: Context, options: number, processed: boolean): void {
  if ((options & INCR) !== 0) {
    if (processed) reply.double(newScore)
    else reply.nil()
    return
  }
  reply.integer((options & CH) !== 0 ? counts.added + counts.updated : counts.added)
}
