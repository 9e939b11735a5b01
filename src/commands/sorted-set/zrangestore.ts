/** ZRANGESTORE. */
import { block, command, integer, key, oneOf, string, token } from '../command.ts'
import { OUT_OF_MEMORY } from '../errors.ts'
import { readSortedSet, sortedSetCursor } from './cursors.ts'
import {
  BY_OPTION,
  BY_RANK,
  located,
  locateRange,
  ORDER_BY_OPTION,
  parseRange,
  request,
} from './range-request.ts'
import { removeDestination, storeResult } from './store-result.ts'

export const zrangestore = command({
  name: 'ZRANGESTORE',
  group: 'sorted-set',
  since: '6.2.0',
  complexity: 'O(log(N)+M) where M members of N are stored.',
  summary: 'Stores the members in a range of a sorted set under another key.',
  arity: -5,
  flags: ['write', 'denyoom'],
  categories: ['sortedset'],
  keys: [
    { begin: 1, access: 'OW', intent: 'update' },
    { begin: 2, access: 'RO', intent: 'access' },
  ],
  args: [
    key('dst'),
    key('src', { keySpec: 1 }),
    string('min'),
    string('max'),
    oneOf('sortby', [token('BYSCORE'), token('BYLEX')], { optional: true }),
    token('REV', { optional: true }),
    block('limit', [integer('offset'), integer('count')], { token: 'LIMIT', optional: true }),
  ],
  run(context) {
    const { args } = context
    parseRange(args, 2, true, BY_OPTION, ORDER_BY_OPTION)
    const source = readSortedSet(context, 2)
    if (source === null) return removeDestination(context)
    locateRange(source)
    const { count } = located
    const result = sortedSetCursor(context, 1)
    if (!result.createFor(request.by === BY_RANK ? count : 0, 0)) throw OUT_OF_MEMORY
    let at = located.position
    for (let left = count; left > 0; left--) {
      source.read(at)
      const { score, bytes, view, start, end } = source
      if (!result.add(score, bytes, view, start, end - start)) {
        result.free()
        throw OUT_OF_MEMORY
      }
      if (left > 1) at = request.reverse ? source.previous(at) : source.next(at)
    }
    storeResult(context, result, 'zrangestore')
  },
})
