/** LPOP and RPOP. */
import { integer64 } from '../arguments.ts'
import { type CommandSpec, command, integer, key } from '../command.ts'
import type { Context } from '../context.ts'
import { outOfRange, wrongNumberOfArguments } from '../errors.ts'
import { popMany, popOne } from './elements.ts'
import { listCursor, openList } from './list-cursors.ts'

const BAD_COUNT = outOfRange('must be positive')

function pop(context: Context, atHead: boolean): void {
  const { args, reply } = context
  const list = listCursor(context)
  if (args.count === 2) {
    if (!openList(context, 1, list)) return reply.nil()
    return popOne(context, 1, list, atHead)
  }
  if (args.count > 3) throw wrongNumberOfArguments(atHead ? 'lpop' : 'rpop')
  const count = Number(integer64(args, 2, BAD_COUNT))
  if (count < 0) throw BAD_COUNT
  if (!openList(context, 1, list)) return reply.nilArray()
  if (count === 0) return reply.array(0)
  popMany(context, 1, list, atHead, count)
}

function popCommand(name: string, atHead: boolean, summary: string): CommandSpec {
  return command({
    name,
    group: 'list',
    since: '1.0.0',
    complexity: 'O(N) where N is the number of elements returned',
    summary,
    arity: -2,
    flags: ['write', 'fast'],
    categories: ['list'],
    keys: [{ begin: 1, access: 'RW', intent: ['access', 'delete'] }],
    args: [key('key'), integer('count', { optional: true, since: '6.2.0' })],
    history: [['6.2.0', 'New argument `count`.']],
    run: (context) => pop(context, atHead),
  })
}

export const lpop = popCommand('LPOP', true, 'Takes elements from the front of a list.')
export const rpop = popCommand('RPOP', false, 'Takes elements from the end of a list.')
