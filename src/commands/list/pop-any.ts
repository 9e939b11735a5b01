/** LMPOP, BLMPOP, BLPOP and BRPOP: elements of the first of several lists that has any. */
import { TYPE_LIST } from '../../keyspace/entry.ts'
import type { Args } from '../../resp/args.ts'
import type { Reply } from '../../resp/reply.ts'
import { integer64 } from '../arguments.ts'
import { timeoutMs } from '../block-timeout.ts'
import { type CommandSpec, command, double, integer, key } from '../command.ts'
import type { Context } from '../context.ts'
import { CommandError, SYNTAX_ERROR } from '../errors.ts'
import { endArgument, isLeft, popMany, popOne, propagatePop } from './elements.ts'
import { listCursor, openList } from './list-cursors.ts'

const BAD_KEY_COUNT = new CommandError('ERR numkeys should be greater than 0')
const BAD_COUNT = new CommandError('ERR count should be greater than 0')

/** What LMPOP and BLMPOP ask for. */
interface MultiplePop {
  /** Indexes of the first key and of the argument behind the last. */
  firstKey: number
  endOfKeys: number
  atHead: boolean
  count: number
}

/** Parses from argument `index` on, the number of keys. */
function parse(args: Args, index: number): MultiplePop {
  const keyCount = atLeastOne(args, index, BAD_KEY_COUNT)
  const firstKey = index + 1
  const endOfKeys = firstKey + keyCount
  if (endOfKeys >= args.count) throw SYNTAX_ERROR
  const pop = { firstKey, endOfKeys, atHead: isLeft(args, endOfKeys), count: 1 }
  let counted = false
  for (let i = endOfKeys + 1; i < args.count; i += 2) {
    if (counted || !args.is(i, 'count') || i + 1 === args.count) throw SYNTAX_ERROR
    pop.count = atLeastOne(args, i + 1, BAD_COUNT)
    counted = true
  }
  return pop
}

function atLeastOne(args: Args, index: number, error: CommandError): number {
  const value = Number(integer64(args, index, error))
  if (value < 1) throw error
  return value
}

/**
 * The first of the keys from argument `first` up to `end` that exists, opened; -1 if none does.
 *
 * @throws WRONG_TYPE if it is no list
 */
function openFirst(context: Context, first: number, end: number): number {
  const list = listCursor(context)
  for (let i = first; i < end; i++) if (openList(context, i, list)) return i
  return -1
}

function replyKey({ args, reply }: Context, index: number): void {
  reply.array(2)
  reply.bulk(args.bytes, args.view, args.starts[index]!, args.ends[index]!)
}

/** @returns whether there was anything to take */
function popElements(context: Context, { firstKey, endOfKeys, atHead, count }: MultiplePop) {
  const index = openFirst(context, firstKey, endOfKeys)
  if (index < 0) return false
  const list = listCursor(context)
  const taken = Math.min(count, list.length)
  replyKey(context, index)
  popMany(context, index, list, atHead, taken)
  propagatePop(context, index, atHead, taken)
  return true
}

function replyNothing(reply: Reply): void {
  reply.nilArray()
}

function blockOn(context: Context, first: number, end: number, timeout: number): void {
  const indexes = Array.from({ length: end - first }, (_, i) => first + i)
  context.block(indexes, TYPE_LIST, timeout, replyNothing)
}

const KEYS = key('key', { multiple: true })
const COUNT = integer('count', { token: 'COUNT', optional: true })

export const lmpop = command({
  name: 'LMPOP',
  group: 'list',
  since: '7.0.0',
  complexity:
    'O(N+M) where N is the number of provided keys and M is the number of elements returned.',
  summary: 'Takes elements from the first of several lists that has any.',
  arity: -4,
  flags: ['write'],
  categories: ['list'],
  keys: [
    {
      begin: 1,
      keyNumber: { index: 0, firstKey: 1, step: 1 },
      access: 'RW',
      intent: ['access', 'delete'],
    },
  ],
  args: [integer('numkeys'), KEYS, endArgument('where'), COUNT],
  run(context) {
    if (!popElements(context, parse(context.args, 1))) context.reply.nilArray()
  },
})

export const blmpop = command({
  name: 'BLMPOP',
  group: 'list',
  since: '7.0.0',
  complexity:
    'O(N+M) where N is the number of provided keys and M is the number of elements returned.',
  summary: 'Takes elements from the first of several lists that has any, and waits for them.',
  arity: -5,
  flags: ['write', 'blocking'],
  categories: ['list'],
  keys: [
    {
      begin: 2,
      keyNumber: { index: 0, firstKey: 1, step: 1 },
      access: 'RW',
      intent: ['access', 'delete'],
    },
  ],
  args: [double('timeout'), integer('numkeys'), KEYS, endArgument('where'), COUNT],
  run(context) {
    const pop = parse(context.args, 2)
    const timeout = timeoutMs(context, 1)
    if (!popElements(context, pop)) blockOn(context, pop.firstKey, pop.endOfKeys, timeout)
  },
})

function blockingPop(context: Context, atHead: boolean): void {
  const { args } = context
  const last = args.count - 1
  const timeout = timeoutMs(context, last)
  const index = openFirst(context, 1, last)
  if (index < 0) return blockOn(context, 1, last, timeout)
  replyKey(context, index)
  popOne(context, index, listCursor(context), atHead)
  propagatePop(context, index, atHead, 1)
}

function blockingPopCommand(name: string, atHead: boolean, summary: string): CommandSpec {
  return command({
    name,
    group: 'list',
    since: '2.0.0',
    complexity: 'O(N) where N is the number of provided keys.',
    summary,
    arity: -3,
    flags: ['write', 'blocking'],
    categories: ['list'],
    keys: [{ begin: 1, last: -2, access: 'RW', intent: ['access', 'delete'] }],
    args: [KEYS, double('timeout')],
    history: [['6.0.0', '`timeout` may have a fraction.']],
    run: (context) => blockingPop(context, atHead),
  })
}

export const blpop = blockingPopCommand(
  'BLPOP',
  true,
  'Takes the first element of the first of several lists that has any, and waits for it.',
)
export const brpop = blockingPopCommand(
  'BRPOP',
  false,
  'Takes the last element of the first of several lists that has any, and waits for it.',
)
