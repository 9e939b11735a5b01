/**
 * SDIFF and SDIFFSTORE: the members of the first set that none of the others has.
 *
 * There are two ways, and Redis's estimate chooses between them: to look up each member of the
 * first set in the others (the larger ones first, which are likelier to have it), or to copy the
 * first set and take out of it the members of all others. The second is quicker where the others
 * are many and small.
 */
import { NULL } from '../../arena/arena.ts'
import { INTSET, type SetValue } from '../../types/set.ts'
import type { SetWalk } from '../../types/set-walk.ts'
import { command, key } from '../command.ts'
import type { Context } from '../context.ts'
import { OUT_OF_MEMORY } from '../errors.ts'
import {
  addToResult,
  cursorsOf,
  isShared,
  replyMember,
  replyMembers,
  storeResult,
} from './set-key.ts'

/** The sets of a difference: of which, what is taken away, and in which way. */
interface Difference {
  minuend: SetValue
  subtrahends: readonly SetValue[]
  byLookup: boolean
}

/** Opens the sets of the keys from argument `first` on; null if the difference is empty. */
function readDifference(context: Context, first: number): Difference | null {
  const sources = cursorsOf(context).readSources(context, first, context.args.count - first)
  const minuend = sources[0]!
  const subtrahends = sources.slice(1).filter(({ root }) => root !== NULL)
  if (minuend.root === NULL) return null
  if (subtrahends.some(({ root }) => root === minuend.root)) return null
  const members = subtrahends.reduce((sum, { length }) => sum + length, minuend.length)
  const lookups = Math.floor((minuend.length * (subtrahends.length + 1)) / 2)
  const byLookup = lookups <= members
  if (byLookup) subtrahends.sort((a, b) => b.length - a.length)
  return { minuend, subtrahends, byLookup }
}

/** Goes to the next member of the first set that no other has. @returns false if none is left */
function nextUnshared(subtrahends: readonly SetValue[], walk: SetWalk): boolean {
  while (walk.next()) {
    let i = 0
    while (i < subtrahends.length && !isShared(subtrahends[i]!, walk)) i++
    if (i === subtrahends.length) return true
  }
  return false
}

/** Makes the difference; it begins as an integer set, as Redis's. @throws OUT_OF_MEMORY */
function makeDifference(context: Context, difference: Difference): SetValue {
  const { minuend, subtrahends, byLookup } = difference
  const { other: result, walk } = cursorsOf(context)
  if (!result.createAs(INTSET)) throw OUT_OF_MEMORY
  walk.begin(minuend)
  if (byLookup) {
    while (nextUnshared(subtrahends, walk)) addToResult(result, walk)
    return result
  }
  while (walk.next()) addToResult(result, walk)
  for (const subtrahend of subtrahends) {
    walk.begin(subtrahend)
    while (walk.next()) result.remove(walk.bytes, walk.view, walk.start, walk.end - walk.start)
    if (result.length === 0) break
  }
  return result
}

export const sdiff = command({
  name: 'SDIFF',
  group: 'set',
  since: '1.0.0',
  complexity: 'O(N) where N is the number of members of all sets together.',
  summary: 'Returns the members of a set that other sets do not have.',
  arity: -2,
  flags: ['readonly'],
  categories: ['set'],
  keys: [{ begin: 1, last: -1, access: 'RO', intent: 'access' }],
  args: [key('key', { multiple: true })],
  tips: ['nondeterministic_output_order'],
  run(context) {
    const { reply } = context
    const { walk } = cursorsOf(context)
    const difference = readDifference(context, 1)
    if (difference === null) return reply.set(0)
    if (difference.byLookup) {
      const mark = reply.beginSet()
      let count = 0
      walk.begin(difference.minuend)
      while (nextUnshared(difference.subtrahends, walk)) {
        replyMember(reply, walk)
        count++
      }
      return reply.endSet(mark, count)
    }
    const result = makeDifference(context, difference)
    try {
      reply.set(result.length)
      replyMembers(reply, result, walk)
    } finally {
      result.free()
    }
  },
})

export const sdiffstore = command({
  name: 'SDIFFSTORE',
  group: 'set',
  since: '1.0.0',
  complexity: 'O(N) where N is the number of members of all sets together.',
  summary: 'Stores under a key the members of a set that other sets do not have.',
  arity: -3,
  flags: ['write', 'denyoom'],
  categories: ['set'],
  keys: [
    { begin: 1, access: 'OW', intent: 'update' },
    { begin: 2, last: -1, access: 'RO', intent: 'access' },
  ],
  args: [key('destination'), key('key', { keySpec: 1, multiple: true })],
  run(context) {
    const difference = readDifference(context, 2)
    const result = difference === null ? null : makeDifference(context, difference)
    storeResult(context, result, 'sdiffstore')
  },
})
