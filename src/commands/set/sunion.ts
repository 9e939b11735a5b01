/** SUNION and SUNIONSTORE. */
import { NULL } from '../../arena/arena.ts'
import { INTSET, type SetValue } from '../../types/set.ts'
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

/**
 * Of so few sets the union is told without making it: each member is looked up in the sets before
 * its own, which costs less than to add it to another set.
 */
const LOOKED_UP_SETS = 4

/** Makes the union of sets; it begins as an integer set, as Redis's. @throws OUT_OF_MEMORY */
function makeUnion(context: Context, sources: readonly SetValue[]): SetValue {
  const { other: result, walk } = cursorsOf(context)
  if (!result.createAs(INTSET)) throw OUT_OF_MEMORY
  for (const source of sources) {
    walk.begin(source)
    while (walk.next()) addToResult(result, walk)
  }
  return result
}

function existing(sources: readonly SetValue[]): SetValue[] {
  const roots = new Set<number>([NULL])
  return sources.filter(({ root }) => {
    const isNew = !roots.has(root)
    roots.add(root)
    return isNew
  })
}

function replyUnion(context: Context, sources: readonly SetValue[]): void {
  const { reply } = context
  const { walk } = cursorsOf(context)
  const mark = reply.beginSet()
  let count = 0
  for (let i = 0; i < sources.length; i++) {
    walk.begin(sources[i]!)
    while (walk.next()) {
      let j = 0
      while (j < i && !isShared(sources[j]!, walk)) j++
      if (j < i) continue
      replyMember(reply, walk)
      count++
    }
  }
  reply.endSet(mark, count)
}

export const sunion = command({
  name: 'SUNION',
  group: 'set',
  since: '1.0.0',
  complexity: 'O(N) where N is the number of members of all sets together.',
  summary: 'Returns the union of sets.',
  arity: -2,
  flags: ['readonly'],
  categories: ['set'],
  keys: [{ begin: 1, last: -1, access: 'RO', intent: 'access' }],
  args: [key('key', { multiple: true })],
  tips: ['nondeterministic_output_order'],
  run(context) {
    const { args, reply } = context
    const cursors = cursorsOf(context)
    const sources = existing(cursors.readSources(context, 1, args.count - 1))
    if (sources.length <= LOOKED_UP_SETS) return replyUnion(context, sources)
    const result = makeUnion(context, sources)
    try {
      reply.set(result.length)
      replyMembers(reply, result, cursors.walk)
    } finally {
      result.free()
    }
  },
})

export const sunionstore = command({
  name: 'SUNIONSTORE',
  group: 'set',
  since: '1.0.0',
  complexity: 'O(N) where N is the number of members of all sets together.',
  summary: 'Stores the union of sets under a key.',
  arity: -3,
  flags: ['write', 'denyoom'],
  categories: ['set'],
  keys: [
    { begin: 1, access: 'OW', intent: 'update' },
    { begin: 2, last: -1, access: 'RO', intent: 'access' },
  ],
  args: [key('destination'), key('key', { keySpec: 1, multiple: true })],
  run(context) {
    const sources = cursorsOf(context).readSources(context, 2, context.args.count - 2)
    storeResult(context, makeUnion(context, existing(sources)), 'sunionstore')
  },
})
