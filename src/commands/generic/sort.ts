/**
 * SORT and SORT_RO: the elements of a list, a set or a sorted set in some order, or what patterns
 * name for them, answered or stored as a list. Source: the behaviour of Redis 7.2 (sort.c).
 */
import { type Address, NULL } from '../../arena/arena.ts'
import { typeOf } from '../../keyspace/entry.ts'
import { ListValue } from '../../types/list.ts'
import { SetValue } from '../../types/set.ts'
import { SetWalk } from '../../types/set-walk.ts'
import { SortedSet } from '../../types/sorted-set.ts'
import { TYPE_LIST, TYPE_SET, TYPE_SORTED_SET } from '../../types/type.ts'
import {
  type ArgSpec,
  block,
  command,
  integer,
  type KeySpec,
  key,
  oneOf,
  pattern,
  token,
} from '../command.ts'
import type { Context } from '../context.ts'
import { OUT_OF_MEMORY, WRONG_TYPE } from '../errors.ts'
import { targetCursor } from '../list/list-cursors.ts'
import { ByteStrings } from './byte-strings.ts'
import { sortedIndexes } from './sort-order.ts'
import { findSortKeys, parseSort, type SortRequest } from './sort-request.ts'

const COMPLEXITY =
  'O(N+M*log(M)) where N is the number of elements and M the number of those returned; O(N) ' +
  'if nothing is to be sorted.'

const SOURCE_KEYS: readonly KeySpec[] = [
  { begin: 1, access: 'RO', intent: 'access' },
  {
    begin: 'unknown',
    unknown: true,
    access: 'RO',
    intent: 'access',
    notes:
      "For the optional BY/GET keyword. It is marked 'unknown' because the key names derive " +
      'from the content of the key we sort',
  },
]

const SOURCE_ARGS: readonly ArgSpec[] = [
  key('key'),
  pattern('by-pattern', { token: 'BY', display: 'pattern', keySpec: 1, optional: true }),
  block('limit', [integer('offset'), integer('count')], { token: 'LIMIT', optional: true }),
  pattern('get-pattern', {
    token: 'GET',
    display: 'pattern',
    keySpec: 1,
    optional: true,
    multiple: true,
    multipleToken: true,
  }),
  oneOf('order', [token('ASC'), token('DESC')], { optional: true }),
  { name: 'sorting', type: 'pure-token', token: 'ALPHA', optional: true },
]

export const sort = command({
  name: 'SORT',
  group: 'generic',
  since: '1.0.0',
  complexity: COMPLEXITY,
  summary: 'Sorts the elements of a list, a set or a sorted set, and returns or stores them.',
  arity: -2,
  flags: ['write', 'denyoom'],
  categories: ['set', 'sortedset', 'list', 'dangerous'],
  keys: [
    ...SOURCE_KEYS,
    {
      begin: 'unknown',
      unknown: true,
      access: 'OW',
      intent: 'update',
      notes:
        "For the optional STORE keyword. It is marked 'unknown' because the keyword can appear " +
        'anywhere in the argument array',
    },
  ],
  args: [...SOURCE_ARGS, key('destination', { token: 'STORE', keySpec: 2, optional: true })],
  findKeys: findSortKeys,
  run: (context) => runSort(context, true),
})

export const sortRo = command({
  name: 'SORT_RO',
  group: 'generic',
  since: '7.0.0',
  complexity: COMPLEXITY,
  summary: 'Returns the sorted elements of a list, a set or a sorted set.',
  arity: -2,
  flags: ['readonly'],
  categories: ['set', 'sortedset', 'list', 'dangerous'],
  keys: SOURCE_KEYS,
  args: SOURCE_ARGS,
  findKeys: () => [{ index: 1, spec: 0 }],
  run: (context) => runSort(context, false),
})

function runSort(context: Context, mayStore: boolean): void {
  const { args, db } = context
  const request = parseSort(context, mayStore)
  const entry = db.findForRead(args, 1)
  const type = entry === NULL ? TYPE_LIST : typeOf(db.keyspace.arena, entry)
  if (type !== TYPE_LIST && type !== TYPE_SET && type !== TYPE_SORTED_SET) throw WRONG_TYPE
  // What is stored must not depend on how a set happens to be kept.
  if (request.unsorted && type === TYPE_SET && request.storeIndex !== 0) {
    request.unsorted = false
    request.alpha = true
    request.by = null
  }
  const count = entry === NULL ? 0 : db.keyspace.collections.at(entry).length
  const first = Math.min(Math.max(request.offset, 0), count)
  const most = count - first
  const taken = request.count < 0 ? most : Math.min(request.count, most)
  if (request.unsorted && type !== TYPE_SET) {
    const elements = new ByteStrings(taken, false)
    if (taken > 0) readRange(context, entry, elements, first, taken, request.descending)
    return answer(context, request, elements, null, 0, taken)
  }
  // Redis compares whole strings if it stores them, else by strcoll, which ends at a NUL.
  const endsAtNul = request.alpha && request.storeIndex === 0
  const elements = new ByteStrings(count, endsAtNul)
  if (count > 0) readAll(context, entry, elements)
  const { alpha, by, descending, unsorted } = request
  const indexes = unsorted
    ? null
    : sortedIndexes(db, elements, { alpha, by, descending, endsAtNul })
  answer(context, request, elements, indexes, first, taken)
}

/** Reads all elements, in the order in which they are kept. */
function readAll(context: Context, entry: Address, elements: ByteStrings): void {
  const { arena, collections } = context.db.keyspace
  const collection = collections.at(entry)
  if (!(collection instanceof SetValue)) {
    return readRange(context, entry, elements, 0, collection.length, false)
  }
  const walk = new SetWalk(arena).begin(collection)
  while (walk.next()) elements.add(walk.bytes, walk.view, walk.start, walk.end)
}

/** Reads `count` elements, from the end on if so asked, of a list or a sorted set. */
function readRange(
  { db }: Context,
  entry: Address,
  elements: ByteStrings,
  first: number,
  count: number,
  backwards: boolean,
): void {
  const collection = db.keyspace.collections.at(entry)
  const index = backwards ? collection.length - 1 - first : first
  if (collection instanceof ListValue) {
    collection.seek(index)
    for (let left = count; left > 0; left--) {
      collection.read()
      const { bytes, end, start, view } = collection.elements
      elements.add(bytes, view, start, end)
      if (backwards) collection.previous()
      else collection.next()
    }
  } else if (collection instanceof SortedSet) {
    let position = collection.atRank(index)
    for (let left = count; left > 0; left--) {
      collection.read(position)
      const { bytes, end, start, view } = collection
      elements.add(bytes, view, start, end)
      position = backwards ? collection.previous(position) : collection.next(position)
    }
  }
}

/**
 * Answers or stores what was asked for.
 *
 * @param indexes the order of the elements, null if they are in it
 * @param count so many from `first` on
 */
function answer(
  context: Context,
  request: SortRequest,
  elements: ByteStrings,
  indexes: Uint32Array | null,
  first: number,
  count: number,
): void {
  if (request.storeIndex !== 0) return store(context, request, elements, indexes, first, count)
  const { db, reply } = context
  const { get } = request
  reply.array(count * Math.max(get.length, 1))
  for (let i = first; i < first + count; i++) {
    const index = indexes === null ? i : indexes[i]!
    if (get.length === 0) {
      reply.bulk(elements.bytes, elements.view, elements.start(index), elements.end(index))
      continue
    }
    for (const each of get) {
      if (each.find(db, elements, index)) reply.bulk(each.bytes, each.view, each.start, each.end)
      else reply.nil()
    }
  }
}

/** Stores the result as a list, or removes the key if there is none; answers its length. */
function store(
  context: Context,
  request: SortRequest,
  elements: ByteStrings,
  indexes: Uint32Array | null,
  first: number,
  count: number,
): void {
  const { args, db, reply, server } = context
  const { get, storeIndex } = request
  if (count === 0) {
    if (db.findForWrite(args, storeIndex) !== NULL) {
      db.removeFound()
      context.touched(storeIndex, 'del')
    }
    return reply.integer(0)
  }
  const list = targetCursor(context)
  if (!list.create()) throw OUT_OF_MEMORY
  for (let i = first; i < first + count; i++) {
    const index = indexes === null ? i : indexes[i]!
    if (get.length === 0) {
      const start = elements.start(index)
      append(list, elements.bytes, elements.view, start, elements.end(index) - start)
    }
    for (const each of get) {
      const length = each.find(db, elements, index) ? each.end - each.start : 0
      append(list, each.bytes, each.view, each.start, length)
    }
  }
  const { length } = list
  db.find(args, storeIndex)
  if (!db.setCollection(args, storeIndex, TYPE_LIST, list)) {
    list.free()
    throw OUT_OF_MEMORY
  }
  const { dirty } = server
  context.touched(storeIndex, 'sortstore')
  // Redis counts the elements.
  server.dirty = dirty + length
  reply.integer(length)
}

/** @throws OUT_OF_MEMORY when the list has been freed */
function append(
  list: ListValue,
  bytes: Uint8Array,
  view: DataView,
  start: number,
  length: number,
): void {
  if (list.prepare(length, 1) && list.push(false, bytes, view, start, length)) return
  list.free()
  throw OUT_OF_MEMORY
}
