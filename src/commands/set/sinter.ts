/**
 * SINTER, SINTERCARD and SINTERSTORE: the members of the smallest set that all the others have.
 */
import { NULL } from '../../arena/arena.ts'
import { isInteger64 } from '../../bytes/integers.ts'
import type { Args } from '../../resp/args.ts'
import { INTSET, PACKED, type SetValue } from '../../types/set.ts'
import type { SetWalk } from '../../types/set-walk.ts'
import { command, integer, key } from '../command.ts'
import type { Context } from '../context.ts'
import { CommandError, OUT_OF_MEMORY, SYNTAX_ERROR } from '../errors.ts'
import { addToResult, cursorsOf, isShared, replyMember, storeResult } from './set-key.ts'

const NO_KEYS = new CommandError('ERR numkeys should be greater than 0')
const TOO_MANY_KEYS = new CommandError("ERR Number of keys can't be greater than number of args")
const NEGATIVE_LIMIT = new CommandError("ERR LIMIT can't be negative")

/** Goes to the next member of the first set that the others have. @returns false if none is left */
function nextShared(sets: readonly SetValue[], walk: SetWalk): boolean {
  if (sets.length === 1) return walk.next()
  while (walk.nextIn(sets[1]!)) {
    let i = 2
    while (i < sets.length && isShared(sets[i]!, walk)) i++
    if (i === sets.length) return true
  }
  return false
}

/**
 * The sets of `count` keys from argument `first` on, the smallest first, each once; null if one
 * does not exist, so that they have nothing in common.
 */
function readSorted(context: Context, first: number, count: number): SetValue[] | null {
  const sources = cursorsOf(context).readSources(context, first, count)
  if (sources.some(({ root }) => root === NULL)) return null
  sources.sort((a, b) => a.length - b.length)
  return sources.filter(({ root }, i) => i === 0 || root !== sources[0]!.root)
}

export const sinter = command({
  name: 'SINTER',
  group: 'set',
  since: '1.0.0',
  complexity: 'O(N*M) at worst, with N members in the smallest of M sets.',
  summary: 'Returns the intersection of sets.',
  arity: -2,
  flags: ['readonly'],
  categories: ['set'],
  keys: [{ begin: 1, last: -1, access: 'RO', intent: 'access' }],
  args: [key('key', { multiple: true })],
  tips: ['nondeterministic_output_order'],
  run(context) {
    const { args, reply } = context
    const { walk } = cursorsOf(context)
    const sets = readSorted(context, 1, args.count - 1)
    if (sets === null) return reply.set(0)
    const mark = reply.beginSet()
    let count = 0
    walk.begin(sets[0]!)
    while (nextShared(sets, walk)) {
      replyMember(reply, walk)
      count++
    }
    reply.endSet(mark, count)
  },
})

/** The number of keys that argument 1 tells. */
function parseKeyCount(args: Args): number {
  const count = args.integer(1)
  if (count === null || count < 1) throw NO_KEYS
  if (count > args.count - 2) throw TOO_MANY_KEYS
  return Number(count)
}

/** The limit that the arguments from `first` on set; 0 for none. */
function parseLimit(args: Args, first: number): number {
  let limit = 0
  for (let i = first; i < args.count; i += 2) {
    if (!args.is(i, 'limit') || i + 1 === args.count) throw SYNTAX_ERROR
    const value = args.integer(i + 1)
    if (value === null || value < 0) throw NEGATIVE_LIMIT
    limit = Number(value)
  }
  return limit
}

export const sintercard = command({
  name: 'SINTERCARD',
  group: 'set',
  since: '7.0.0',
  complexity: 'O(N*M) at worst, with N members in the smallest of M sets.',
  summary: 'Returns the number of members of the intersection of sets.',
  arity: -3,
  flags: ['readonly'],
  categories: ['set'],
  keys: [
    {
      begin: 1,
      keyNumber: { index: 0, firstKey: 1, step: 1 },
      access: 'RO',
      intent: 'access',
    },
  ],
  args: [
    integer('numkeys'),
    key('key', { multiple: true }),
    integer('limit', { token: 'LIMIT', optional: true }),
  ],
  run(context) {
    const { args, reply } = context
    const { walk } = cursorsOf(context)
    const keyCount = parseKeyCount(args)
    const limit = parseLimit(args, 2 + keyCount)
    const sets = readSorted(context, 2, keyCount)
    if (sets === null) return reply.integer(0)
    let count = 0
    walk.begin(sets[0]!)
    while ((limit === 0 || count < limit) && nextShared(sets, walk)) count++
    reply.integer(count)
  },
})

/**
 * Makes the intersection. As in Redis 7.2 it begins as the smallest set is, unless that is a dict,
 * and is an integer set in the end if all its members are integers.
 *
 * @throws OUT_OF_MEMORY
 */
function makeIntersection(context: Context, sets: readonly SetValue[]): SetValue {
  const { other: result, walk } = cursorsOf(context)
  if (!result.createAs(sets[0]!.encoding === INTSET ? INTSET : PACKED)) throw OUT_OF_MEMORY
  let hasOnlyIntegers = true
  walk.begin(sets[0]!)
  while (nextShared(sets, walk)) {
    hasOnlyIntegers &&= isInteger64(walk.bytes, walk.start, walk.end)
    addToResult(result, walk)
  }
  if (result.length > 0 && hasOnlyIntegers && !result.convertToIntset()) {
    result.free()
    throw OUT_OF_MEMORY
  }
  return result
}

export const sinterstore = command({
  name: 'SINTERSTORE',
  group: 'set',
  since: '1.0.0',
  complexity: 'O(N*M) at worst, with N members in the smallest of M sets.',
  summary: 'Stores the intersection of sets under a key.',
  arity: -3,
  flags: ['write', 'denyoom'],
  categories: ['set'],
  keys: [
    { begin: 1, access: 'RW', intent: 'update' },
    { begin: 2, last: -1, access: 'RO', intent: 'access' },
  ],
  args: [key('destination'), key('key', { keySpec: 1, multiple: true })],
  run(context) {
    const sets = readSorted(context, 2, context.args.count - 2)
    const result = sets === null ? null : makeIntersection(context, sets)
    storeResult(context, result, 'sinterstore')
  },
})
