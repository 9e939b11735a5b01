/**
 * What SORT reads from its arguments. Of an option that is given twice the last counts, but GET,
 * which may be given often.
 */
import { integer64 } from '../arguments.ts'
import type { FoundKey, KeyArguments } from '../command.ts'
import type { Context } from '../context.ts'
import { CommandError, SYNTAX_ERROR } from '../errors.ts'
import { hasAsterisk, SortPattern } from './sort-pattern.ts'

const NO_BY = new CommandError('ERR BY option of SORT denied due to insufficient ACL permissions.')
const NO_GET = new CommandError(
  'ERR GET option of SORT denied due to insufficient ACL permissions.',
)

export interface SortRequest {
  alpha: boolean
  descending: boolean
  /** Whether BY has named one and the same key for all elements, which asks for no order. */
  unsorted: boolean
  by: SortPattern | null
  get: SortPattern[]
  offset: number
  /** Negative for all. */
  count: number
  /** Index of the key to store at, 0 for none. */
  storeIndex: number
}

/**
 * What BY and GET read is known only when it is read, so they need the right to all keys.
 *
 * @throws SYNTAX_ERROR, NOT_AN_INTEGER for a bad LIMIT, or that a right is missing
 */
export function parseSort({ args, server, session }: Context, mayStore: boolean): SortRequest {
  const request: SortRequest = {
    alpha: false,
    descending: false,
    unsorted: false,
    by: null,
    get: [],
    offset: 0,
    count: -1,
    storeIndex: 0,
  }
  for (let i = 2; i < args.count; i++) {
    const left = args.count - i - 1
    if (args.is(i, 'asc')) {
      request.descending = false
    } else if (args.is(i, 'desc')) {
      request.descending = true
    } else if (args.is(i, 'alpha')) {
      request.alpha = true
    } else if (args.is(i, 'limit') && left >= 2) {
      request.offset = Number(integer64(args, i + 1))
      request.count = Number(integer64(args, i + 2))
      i += 2
    } else if (mayStore && args.is(i, 'store') && left >= 1) {
      request.storeIndex = ++i
    } else if (args.is(i, 'by') && left >= 1) {
      request.by = new SortPattern(args, ++i)
      // One such pattern is enough, even if another follows.
      if (!hasAsterisk(args, i)) request.unsorted = true
      else if (!server.access.mayReadAllKeys(session, args)) throw NO_BY
    } else if (args.is(i, 'get') && left >= 1) {
      if (!server.access.mayReadAllKeys(session, args)) throw NO_GET
      request.get.push(new SortPattern(args, ++i))
    } else {
      throw SYNTAX_ERROR
    }
  }
  return request
}

const VALUES = new Map([
  ['limit', 2],
  ['get', 1],
  ['by', 1],
])

/** The key to sort and, behind the last STORE, the one to store at. */
export function findSortKeys(args: KeyArguments): FoundKey[] {
  let storeIndex = 0
  for (let i = 2; i < args.count; i++) {
    const word = args.word(i).toLowerCase()
    if (word === 'store' && i + 1 < args.count) storeIndex = ++i
    i += VALUES.get(word) ?? 0
  }
  const source = { index: 1, spec: 0 }
  return storeIndex === 0 ? [source] : [source, { index: storeIndex, spec: 2 }]
}
