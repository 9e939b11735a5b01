/** LMPOP, BLMPOP, BLPOP and BRPOP: elements of the first of several lists that has any. */
import { TYPE_LIST } from '../../keyspace/entry.ts'
import { timeoutMs } from '../block-timeout.ts'
import { type CommandSpec, command, double, integer } from '../command.ts'
import type { Context } from '../context.ts'
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
import { endArgument, isLeft, popMany, popOne, propagatePop } from './elements.ts'
import { listCursor, openList } from './list-cursors.ts'

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

/** @returns whether there was anything to take */
function popElements(context: Context, pop: MultiplePop): boolean {
  const { firstKey, endOfKeys, where: atHead, count } = pop
  const index = openFirst(context, firstKey, endOfKeys)
  if (index < 0) return false
  const list = listCursor(context)
  const taken = Math.min(count, list.length)
  context.reply.array(2)
  replyKey(context, index)
  popMany(context, index, list, atHead, taken)
  propagatePop(context, index, atHead, taken)
  return true
}

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
  keys: [countedKeys(1)],
  args: [integer('numkeys'), KEYS, endArgument('where'), COUNT],
  run(context) {
    if (!popElements(context, parseMultiplePop(context.args, 1, isLeft))) context.reply.nilArray()
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
  keys: [countedKeys(2)],
  args: [double('timeout'), integer('numkeys'), KEYS, endArgument('where'), COUNT],
  run(context) {
    const pop = parseMultiplePop(context.args, 2, isLeft)
    const timeout = timeoutMs(context, 1)
    if (popElements(context, pop)) return
    blockOn(context, TYPE_LIST, pop.firstKey, pop.endOfKeys, timeout)
  },
})

function blockingPop(context: Context, atHead: boolean): void {
  const { args } = context
  const last = args.count - 1
  const timeout = timeoutMs(context, last)
  const index = openFirst(context, 1, last)
  if (index < 0) return blockOn(context, TYPE_LIST, 1, last, timeout)
  context.reply.array(2)
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
    keys: [KEYS_BEFORE_TIMEOUT],
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
