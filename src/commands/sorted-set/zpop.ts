/** ZPOPMIN and ZPOPMAX. */
import type { SortedSet } from '../../types/sorted-set.ts'
import { integer64 } from '../arguments.ts'
import { type CommandSpec, command, integer, key } from '../command.ts'
import type { Context } from '../context.ts'
import { outOfRange, SYNTAX_ERROR } from '../errors.ts'
import { openSortedSet, storeSortedSet } from './cursors.ts'

const NOT_POSITIVE = outOfRange('must be positive')

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
