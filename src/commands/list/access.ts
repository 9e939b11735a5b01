/** LLEN, LINDEX, LSET and LINSERT: elements by their index or beside another. */
import { TYPE_LIST } from '../../keyspace/entry.ts'
import { integer64 } from '../arguments.ts'
import { command, integer, key, oneOf, string, token } from '../command.ts'
import { INDEX_OUT_OF_RANGE, NO_SUCH_KEY, OUT_OF_MEMORY, SYNTAX_ERROR } from '../errors.ts'
import { replyElement } from './elements.ts'
import { listCursor, openList, storeList } from './list-cursors.ts'

export const llen = command({
  name: 'LLEN',
  group: 'list',
  since: '1.0.0',
  complexity: 'O(1)',
  summary: 'Tells how many elements a list has.',
  arity: 2,
  flags: ['readonly', 'fast'],
  categories: ['list'],
  keys: [{ begin: 1, access: 'RO' }],
  args: [key('key')],
  run(context) {
    const list = listCursor(context)
    context.reply.integer(context.read(1, TYPE_LIST, list) ? list.length : 0)
  },
})

export const lindex = command({
  name: 'LINDEX',
  group: 'list',
  since: '1.0.0',
  complexity:
    'O(N) where N is the number of elements to traverse to get to the element at index. This ' +
    'makes asking for the first or the last element of the list O(1).',
  summary: 'Gets the element at an index of a list.',
  arity: 3,
  flags: ['readonly'],
  categories: ['list'],
  keys: [{ begin: 1, access: 'RO', intent: 'access' }],
  args: [key('key'), integer('index')],
  run(context) {
    const { args, reply } = context
    const list = listCursor(context)
    if (!context.read(1, TYPE_LIST, list)) return reply.nil()
    if (!list.seek(Number(integer64(args, 2)))) return reply.nil()
    list.read()
    replyElement(reply, list)
  },
})

export const lset = command({
  name: 'LSET',
  group: 'list',
  since: '1.0.0',
  complexity:
    'O(N) where N is the length of the list. Setting either the first or the last element of ' +
    'the list is O(1).',
  summary: 'Replaces the element at an index of a list.',
  arity: 4,
  flags: ['write', 'denyoom'],
  categories: ['list'],
  keys: [{ begin: 1, access: 'RW', intent: 'update' }],
  args: [key('key'), integer('index'), string('element')],
  run(context) {
    const { args, reply } = context
    const list = listCursor(context)
    if (!openList(context, 1, list)) throw NO_SUCH_KEY
    const index = Number(integer64(args, 2))
    if (!list.seek(index)) throw INDEX_OUT_OF_RANGE
    const bytes = args.length(3)
    const prepared = list.prepare(bytes, 1)
    if (prepared) list.seek(index)
    const set = prepared && list.replace(index, args.bytes, args.view, args.starts[3]!, bytes)
    list.settle()
    storeList(context, 1, list)
    if (!set) throw OUT_OF_MEMORY
    context.touched(1, 'lset')
    reply.ok()
  },
})

export const linsert = command({
  name: 'LINSERT',
  group: 'list',
  since: '2.2.0',
  complexity:
    'O(N) where N is the number of elements to traverse before seeing the value pivot. This ' +
    'means that inserting somewhere on the left end on the list (head) can be considered O(1) ' +
    'and inserting somewhere on the right end (tail) is O(N).',
  summary: 'Puts an element before or behind another.',
  arity: 5,
  flags: ['write', 'denyoom'],
  categories: ['list'],
  keys: [{ begin: 1, access: 'RW', intent: 'insert' }],
  args: [
    key('key'),
    oneOf('where', [token('BEFORE'), token('AFTER')]),
    string('pivot'),
    string('element'),
  ],
  run(context) {
    const { args, reply } = context
    const { bytes, view, starts } = args
    const before = args.is(2, 'before')
    if (!before && !args.is(2, 'after')) throw SYNTAX_ERROR
    const list = listCursor(context)
    if (!openList(context, 1, list)) return reply.integer(0)
    list.seek(0)
    if (!list.find(bytes, view, starts[3]!, args.length(3))) return reply.integer(-1)
    const inserted =
      list.prepare(args.length(4), 1) &&
      list.insert(before, bytes, view, starts[4]!, args.length(4))
    if (!inserted) list.settle()
    storeList(context, 1, list)
    if (!inserted) throw OUT_OF_MEMORY
    context.touched(1, 'linsert')
    reply.integer(list.length)
  },
})
