/** ZPOPMIN, ZPOPMAX and ZMPOP. */
import type { SortedSet } from '../../types/sorted-set.ts'
import { integer64 } from '../arguments.ts'
import { type CommandSpec, command, integer, key, oneOf, token } from '../command.ts'
import type { Context } from '../context.ts'
import { CommandError, outOfRange, SYNTAX_ERROR } from '../errors.ts'
import { openSortedSet, storeSortedSet } from './cursors.ts'

const NOT_POSITIVE = outOfRange('must be positive')
const NO_KEYS = new CommandError('ERR numkeys should be greater than 0')
const NO_COUNT = new CommandError('ERR count should be greater than 0')

/**
 * Answers `count` members, at least one, from an end of the set that is under the key of argument
 * `keyIndex`, and removes them. How an array of them begins has been answered.
 */
export function popMembers(
  context: Context,
  keyIndex: number,
  set: SortedSet,
  count: number,
  fromEnd: boolean,
  asPairs: boolean,
): void {
  const { reply } = context
  for (let left = count; left > 0; left--) {
    const position = fromEnd ? set.last() : set.first()
    set.read(position)
    if (asPairs) reply.array(2)
    reply.bulk(set.bytes, set.view, set.start, set.end)
    reply.double(set.score)
    set.remove(position)
  }
  storeSortedSet(context, keyIndex, set, fromEnd ? 'zpopmax' : 'zpopmin')
}

function popCommand(name: string, which: string, fromEnd: boolean): CommandSpec {
  return command({
    name,
    group: 'sorted-set',
    since: '5.0.0',
    complexity: 'O(log(N)*M) where M members of N are removed.',
    summary: `Removes members with the ${which} scores and answers them.`,
    arity: -2,
    flags: ['write', 'fast'],
    categories: ['sortedset'],
    keys: [{ begin: 1, access: 'RW', intent: ['access', 'delete'] }],
    args: [key('key'), integer('count', { optional: true })],
    run(context) {
      const { args, reply } = context
      if (args.count > 3) throw SYNTAX_ERROR
      const hasCount = args.count === 3
      const wanted = hasCount ? Number(integer64(args, 2, NOT_POSITIVE)) : 1
      if (wanted < 0) throw NOT_POSITIVE
      const set = openSortedSet(context, 1)
      if (set === null || wanted === 0) return reply.array(0)
      const count = Math.min(wanted, set.length)
      const asPairs = hasCount && reply.protocol === 3
      reply.array(asPairs ? count : count * 2)
      popMembers(context, 1, set, count, fromEnd, asPairs)
    },
  })
}

export const zpopmin = popCommand('ZPOPMIN', 'lowest', false)
export const zpopmax = popCommand('ZPOPMAX', 'highest', true)

export const zmpop = command({
  name: 'ZMPOP',
  group: 'sorted-set',
  since: '7.0.0',
  complexity: 'O(K)+O(M*log(N)) where K keys are looked up and M members of N are removed.',
  summary: 'Removes members from the first of several sorted sets that has any, and answers them.',
  arity: -4,
  flags: ['write'],
  categories: ['sortedset'],
  keys: [
    {
      begin: 1,
      keyNumber: { index: 0, firstKey: 1, step: 1 },
      access: 'RW',
      intent: ['access', 'delete'],
    },
  ],
  args: [
    integer('numkeys'),
    key('key', { multiple: true }),
    oneOf('where', [token('MIN'), token('MAX')]),
    integer('count', { token: 'COUNT', optional: true }),
  ],
  run(context) {
    const { args, reply } = context
    const keys = Number(integer64(args, 1, NO_KEYS))
    if (keys < 1) throw NO_KEYS
    const whereIndex = keys + 2
    if (whereIndex >= args.count) throw SYNTAX_ERROR
    const fromEnd = args.is(whereIndex, 'max')
    if (!fromEnd && !args.is(whereIndex, 'min')) throw SYNTAX_ERROR
    const wanted = popCount(context, whereIndex + 1)
    for (let index = 2; index < whereIndex; index++) {
      const set = openSortedSet(context, index)
      if (set === null) continue
      const count = Math.min(wanted, set.length)
      reply.array(2)
      reply.bulk(args.bytes, args.view, args.starts[index]!, args.ends[index]!)
      reply.array(count)
      return popMembers(context, index, set, count, fromEnd, true)
    }
    reply.nilArray()
  },
})

/** The COUNT that may stand from argument `first` on. */
function popCount({ args }: Context, first: number): number {
  if (first === args.count) return 1
  if (!args.is(first, 'count') || first + 1 === args.count) throw SYNTAX_ERROR
  const count = Number(integer64(args, first + 1, NO_COUNT))
  if (count < 1) throw NO_COUNT
  if (first + 2 < args.count) throw SYNTAX_ERROR
  return count
}
