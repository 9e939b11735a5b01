/** ZMPOP, BZMPOP, BZPOPMIN and BZPOPMAX: members of the first of several sets that has any. */
import type { Args } from '../../resp/args.ts'
import type { Reply } from '../../resp/reply.ts'
import type { SortedSet } from '../../types/sorted-set.ts'
import { TYPE_SORTED_SET } from '../../types/type.ts'
import { integer64 } from '../arguments.ts'
import { timeoutMs } from '../block-timeout.ts'
import { type CommandSpec, command, double, integer, key, oneOf, token } from '../command.ts'
import type { Context } from '../context.ts'
import { CommandError, SYNTAX_ERROR } from '../errors.ts'
import { openSortedSet } from './cursors.ts'
import { popMembers } from './zpop.ts'

const BAD_KEY_COUNT = new CommandError('ERR numkeys should be greater than 0')
const BAD_COUNT = new CommandError('ERR count should be greater than 0')

/** What ZMPOP and BZMPOP ask for. */
interface MultiplePop {
  /** Indexes of the first key and of the argument behind the last. */
  firstKey: number
  endOfKeys: number
  fromEnd: boolean
  count: number
}

/** Parses from argument `index` on, the number of keys. */
function parse(args: Args, index: number): MultiplePop {
  const keyCount = atLeastOne(args, index, BAD_KEY_COUNT)
  const firstKey = index + 1
  const endOfKeys = firstKey + keyCount
  if (endOfKeys >= args.count) throw SYNTAX_ERROR
  const fromEnd = args.is(endOfKeys, 'max')
  if (!fromEnd && !args.is(endOfKeys, 'min')) throw SYNTAX_ERROR
  const pop = { firstKey, endOfKeys, fromEnd, count: 1 }
  const option = endOfKeys + 1
  if (option === args.count) return pop
  if (!args.is(option, 'count') || option + 1 === args.count) throw SYNTAX_ERROR
  pop.count = atLeastOne(args, option + 1, BAD_COUNT)
  if (option + 2 < args.count) throw SYNTAX_ERROR
  return pop
}

function atLeastOne(args: Args, index: number, error: CommandError): number {
  const value = Number(integer64(args, index, error))
  if (value < 1) throw error
  return value
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

function replyKey({ args, reply }: Context, index: number): void {
  reply.bulk(args.bytes, args.view, args.starts[index]!, args.ends[index]!)
}

/** @returns whether there was anything to take */
function popFirst(context: Context, pop: MultiplePop): boolean {
  const found = openFirst(context, pop.firstKey, pop.endOfKeys)
  if (found === null) return false
  const count = Math.min(pop.count, found.set.length)
  context.reply.array(2)
  replyKey(context, found.index)
  context.reply.array(count)
  popMembers(context, found.index, found.set, count, pop.fromEnd, true)
  propagatePop(context, found.index, pop.fromEnd, count)
  return true
}

/** Passes on what was taken, without the choice and the wait. */
function propagatePop(context: Context, index: number, fromEnd: boolean, count: number): void {
  const key = context.args.slice(index)
  const name = fromEnd ? 'ZPOPMAX' : 'ZPOPMIN'
  if (count === 1) context.propagate(name, key)
  else context.propagate(name, key, count)
}

function replyNothing(reply: Reply): void {
  reply.nilArray()
}

function blockOn(context: Context, first: number, end: number, timeout: number): void {
  const indexes = Array.from({ length: end - first }, (_, i) => first + i)
  context.block(indexes, TYPE_SORTED_SET, timeout, replyNothing)
}

const KEYS = key('key', { multiple: true })
const WHERE = oneOf('where', [token('MIN'), token('MAX')])
const COUNT = integer('count', { token: 'COUNT', optional: true })
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
  keys: [
    {
      begin: 1,
      keyNumber: { index: 0, firstKey: 1, step: 1 },
      access: 'RW',
      intent: ['access', 'delete'],
    },
  ],
  args: [integer('numkeys'), KEYS, WHERE, COUNT],
  run(context) {
    if (!popFirst(context, parse(context.args, 1))) context.reply.nilArray()
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
  keys: [
    {
      begin: 2,
      keyNumber: { index: 0, firstKey: 1, step: 1 },
      access: 'RW',
      intent: ['access', 'delete'],
    },
  ],
  args: [double('timeout'), integer('numkeys'), KEYS, WHERE, COUNT],
  run(context) {
    const pop = parse(context.args, 2)
    const timeout = timeoutMs(context, 1)
    if (!popFirst(context, pop)) blockOn(context, pop.firstKey, pop.endOfKeys, timeout)
  },
})

function blockingPop(context: Context, fromEnd: boolean): void {
  const { args, reply } = context
  const last = args.count - 1
  const timeout = timeoutMs(context, last)
  const found = openFirst(context, 1, last)
  if (found === null) return blockOn(context, 1, last, timeout)
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
    keys: [{ begin: 1, last: -2, access: 'RW', intent: ['access', 'delete'] }],
    args: [KEYS, double('timeout')],
    history: [['6.0.0', '`timeout` may have a fraction.']],
    run: (context) => blockingPop(context, fromEnd),
  })
}

export const bzpopmin = blockingPopCommand('BZPOPMIN', 'lowest', false)
export const bzpopmax = blockingPopCommand('BZPOPMAX', 'highest', true)
