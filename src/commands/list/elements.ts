/** What the commands of the family share: answering elements, and taking them off an end. */
import type { Args } from '../../resp/args.ts'
import type { Reply } from '../../resp/reply.ts'
import type { ListValue } from '../../types/list.ts'
import { type ArgSpec, oneOf, token } from '../command.ts'
import type { Context } from '../context.ts'
import { SYNTAX_ERROR } from '../errors.ts'
import { storeList } from './list-cursors.ts'

/** Answers the element that was read last. */
export function replyElement(reply: Reply, { elements }: ListValue): void {
  reply.bulk(elements.bytes, elements.view, elements.start, elements.end)
}

/**
 * Answers `count` elements, which exist, as an array: from element `index` on, and from there
 * backwards if so asked.
 */
export function replyRange(
  reply: Reply,
  list: ListValue,
  index: number,
  count: number,
  backwards: boolean,
): void {
  reply.array(count)
  if (count === 0) return
  list.seek(index)
  list.read()
  replyElement(reply, list)
  for (let i = 1; i < count; i++) {
    if (backwards) list.previous()
    else list.next()
    list.read()
    replyElement(reply, list)
  }
}

/** To be called when `count` elements have gone from the list that is argument `index`. */
export function storeShrunk(
  context: Context,
  index: number,
  list: ListValue,
  event: string,
  count: number,
): void {
  const { server } = context
  const { dirty } = server
  list.settle()
  const gone = storeList(context, index, list)
  context.touched(index, event)
  if (gone) context.touched(index, 'del')
  // Redis counts the elements.
  server.dirty = dirty + count
}

/** Passes on, for a command that had a choice or waited, what it took from argument `index`. */
export function propagatePop(
  context: Context,
  index: number,
  atHead: boolean,
  count: number,
): void {
  const name = atHead ? 'LPOP' : 'RPOP'
  if (count === 1) context.propagate(name, context.args.slice(index))
  else context.propagate(name, context.args.slice(index), count)
}

/** Answers the first or last element and removes it from the list that is argument `index`. */
export function popOne(context: Context, index: number, list: ListValue, atHead: boolean): void {
  list.readEnd(atHead)
  replyElement(context.reply, list)
  list.dropEnd(atHead)
  storeShrunk(context, index, list, atHead ? 'lpop' : 'rpop', 1)
}

/** The same for up to `count` elements, in an array. */
export function popMany(
  context: Context,
  index: number,
  list: ListValue,
  atHead: boolean,
  count: number,
): void {
  const { length } = list
  const taken = Math.min(count, length)
  replyRange(context.reply, list, atHead ? 0 : -1, taken, !atHead)
  list.removeRange(atHead ? 0 : length - taken, taken)
  storeShrunk(context, index, list, atHead ? 'lpop' : 'rpop', taken)
}

/** Whether argument `index`, LEFT or RIGHT, means the head. */
export function isLeft(args: Args, index: number): boolean {
  if (args.is(index, 'left')) return true
  if (args.is(index, 'right')) return false
  throw SYNTAX_ERROR
}

/** LEFT or RIGHT in a declaration. */
export function endArgument(name: string): ArgSpec {
  return oneOf(name, [token('LEFT'), token('RIGHT')])
}
