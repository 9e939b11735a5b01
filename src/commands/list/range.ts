/** LRANGE and LTRIM. */
import { TYPE_LIST } from '../../keyspace/entry.ts'
import { integer64 } from '../arguments.ts'
import { command, integer, key } from '../command.ts'
import { replyRange, storeShrunk } from './elements.ts'
import { listCursor, openList } from './list-cursors.ts'

/** The index that a number stands for in a list: counted from the end if negative. */
function absolute(index: number, length: number): number {
  return index < 0 ? index + length : index
}

export const lrange = command({
  name: 'LRANGE',
  group: 'list',
  since: '1.0.0',
  complexity:
    'O(S+N) where S is the distance of start offset from HEAD for small lists, from nearest end ' +
    '(HEAD or TAIL) for large lists; and N is the number of elements in the specified range.',
  summary: 'Gets the elements between two indexes of a list.',
  arity: 4,
  flags: ['readonly'],
  categories: ['list'],
  keys: [{ begin: 1, access: 'RO', intent: 'access' }],
  args: [key('key'), integer('start'), integer('stop')],
  run(context) {
    const { args, reply } = context
    const from = Number(integer64(args, 2))
    const to = Number(integer64(args, 3))
    const list = listCursor(context)
    if (!context.read(1, TYPE_LIST, list)) return reply.array(0)
    const { length } = list
    const first = Math.max(0, absolute(from, length))
    const last = Math.min(length - 1, absolute(to, length))
    replyRange(reply, list, first, Math.max(0, last - first + 1), false)
  },
})

export const ltrim = command({
  name: 'LTRIM',
  group: 'list',
  since: '1.0.0',
  complexity: 'O(N) where N is the number of elements to be removed by the operation.',
  summary: 'Removes the elements that are not between two indexes of a list.',
  arity: 4,
  flags: ['write'],
  categories: ['list'],
  keys: [{ begin: 1, access: 'RW', intent: 'delete' }],
  args: [key('key'), integer('start'), integer('stop')],
  run(context) {
    const { args, reply } = context
    const from = Number(integer64(args, 2))
    const to = Number(integer64(args, 3))
    const list = listCursor(context)
    if (!openList(context, 1, list)) return reply.ok()
    const { length } = list
    const first = Math.max(0, absolute(from, length))
    const end = Math.min(length, absolute(to, length) + 1)
    const kept = Math.max(0, end - first)
    if (kept === 0) {
      list.removeRange(0, length)
    } else {
      list.removeRange(end, length - end)
      list.removeRange(0, first)
    }
    storeShrunk(context, 1, list, 'ltrim', length - kept)
    reply.ok()
  },
})
