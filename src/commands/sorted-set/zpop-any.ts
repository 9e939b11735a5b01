/** ZMPOP, BZMPOP, BZPOPMIN and BZPOPMAX: members of the first of several sets that has any. */
import type { Args } from '../../resp/args.ts'
import type { SortedSet } from '../../types/sorted-set.ts'
import { TYPE_SORTED_SET } from '../../types/type.ts'
import { timeoutMs } from '../block-timeout.ts'
import { type CommandSpec, command, double, integer, oneOf, token } from '../command.ts'
import type { Context } from '../context.ts'
import { SYNTAX_ERROR } from '../errors.ts'
import {
  blockOn,
  COUNT,
  countedKeys,
  KEYS,
  KEYS_BEFORE_TIMEOUT,
  type MultiplePop,
  parseMultiplePop,
  replyKey,
} from '../pop-any.ts'
import { openSortedSet } from './cursors.ts'
import { popMembers } from './zpop.ts'

/** Whether argument `index`, MIN or MAX, means the highest scores. */
function isMax(args: Args, index: number): boolean {
  if (args.is(index, 'max')) return true
  if (args.is(index, 'min')) return false
  throw SYNTAX_ERROR
}

/** What `openFirst` has found. */
interface Found {
  readonly index: number
  readonly set: SortedSet
}

/**
 * The first of the keys from argument `first` up to `end` that exists; null if none does.
 *
 * @throws WRONG_TYPE if it is no sorted set
 */
function openFirst(context: Context, first: number, end: number): Found | null {
  for (let index = first; index < end; index++) {
    const set = openSortedSet(context, index)
    if (set !== null) return { index, set }
  }
  return null
}

/** @returns whether there was anything to take */
function popFirst(context: Context, pop: MultiplePop): boolean {
  const { firstKey, endOfKeys, where: fromEnd } = pop
  const found = openFirst(context, firstKey, endOfKeys)
  if (found === null) return false
  const count = Math.min(pop.count, found.set.length)
  context.reply.array(2)
  replyKey(context, found.index)
  context.reply.array(count)
  popMembers(context, found.index, found.set, count, fromEnd, true)
  propagatePop(context, found.index, fromEnd, count)
  return true
}

/** Passes on what was taken, without the choice and the wait. */
function propagatePop(context: Context, index: number, fromEnd: boolean, count: number): void {
  const key = context.args.slice(index)
  const name = fromEnd ? 'ZPOPMAX' : 'ZPOPMIN'
  if (count === 1) context.propagate(name, key)
  else context.propagate(name, key, count)
}

const WHERE = oneOf('where', [token('MIN'), token('MAX')])
const COMPLEXITY = 'O(K)+O(M*log(N)) where K keys are looked up and M members of N are removed.'

export const zmpop = command({
  name: 'ZMPOP',
  group: 'sorted-set',
  since: '7.0.0',
  complexity: COMPLEXITY,
  summary: 'Removes members from the first of several sorted sets that has any, and answers them.',
  arity: -4,
  flags: ['write'],
  categories: ['sortedset'],
  keys: [countedKeys(1)],
  args: [integer('numkeys'), KEYS, WHERE, COUNT],
  run(context) {
    if (!popFirst(context, parseMultiplePop(context.args, 1, isMax))) context.reply.nilArray()
  },
})

export const bzmpop = command({
  name: 'BZMPOP',
  group: 'sorted-set',
  since: '7.0.0',
  complexity: COMPLEXITY,
  summary: 'Removes members from the first of several sorted sets that has any, or waits for them.',
  arity: -5,
  flags: ['write', 'blocking'],
  categories: ['sortedset'],
  keys: [countedKeys(2)],
  args: [double('timeout'), integer('numkeys'), KEYS, WHERE, COUNT],
  run(context) {
    const pop = parseMultiplePop(context.args, 2, isMax)
    const timeout = timeoutMs(context, 1)
    if (popFirst(context, pop)) return
    blockOn(context, TYPE_SORTED_SET, pop.firstKey, pop.endOfKeys, timeout)
  },
})

function blockingPop(context: Context, fromEnd: boolean): void {
  const { args, reply } = context
  const last = args.count - 1
  const timeout = timeoutMs(context, last)
  const found = openFirst(context, 1, last)
  if (found === null) return blockOn(context, TYPE_SORTED_SET, 1, last, timeout)
  reply.array(3)
  replyKey(context, found.index)
  popMembers(context, found.index, found.set, 1, fromEnd, false)
  propagatePop(context, found.index, fromEnd, 1)
}

function blockingPopCommand(name: string, which: string, fromEnd: boolean): CommandSpec {
  return command({
    name,
    group: 'sorted-set',
    since: '5.0.0',
    complexity: 'O(log(N)) where N is the number of members.',
    summary: `Removes the member with the ${which} score of several sorted sets, or waits for one.`,
    arity: -3,
    flags: ['write', 'fast', 'blocking'],
    categories: ['sortedset'],
    keys: [KEYS_BEFORE_TIMEOUT],
    args: [KEYS, double('timeout')],
    history: [['6.0.0', '`timeout` may have a fraction.']],
    run: (context) => blockingPop(context, fromEnd),
  })
}

export const bzpopmin = blockingPopCommand('BZPOPMIN', 'lowest', false)
export const bzpopmax = blockingPopCommand('BZPOPMAX', 'highest', true)
