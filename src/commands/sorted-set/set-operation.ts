/**
 * Union, intersection and difference of sorted sets and sets: reading the request and building the
 * result, which always is a large set of its own; who stores it may make it small.
 *
 * Like Redis, unions and intersections take their sources from the smallest to the largest, which
 * the sum of scores may depend on, and -0 is kept in the result.
 */
import { parseDouble } from '../../bytes/doubles.ts'
import type { SortedSet } from '../../types/sorted-set.ts'
import { integer64 } from '../arguments.ts'
import type { Context } from '../context.ts'
import { CommandError, OUT_OF_MEMORY, SYNTAX_ERROR } from '../errors.ts'
import { sortedSetCursor } from './cursors.ts'
import { openSources, type Source } from './source.ts'

export type Operation = 'union' | 'inter' | 'diff'

const WEIGHT_NOT_A_FLOAT = new CommandError('ERR weight value is not a float')
const NEGATIVE_LIMIT = new CommandError("ERR LIMIT can't be negative")

type Aggregate = 'sum' | 'min' | 'max'

/** What a request asks for. */
export interface OperationRequest {
  sources: Source[]
  aggregate: Aggregate
  withScores: boolean
  /** Of ZINTERCARD; 0 for none. */
  limit: number
}

/** Which options a command takes. */
export interface TakenOptions {
  weights: boolean
  withScores: boolean
  limit: boolean
}

/**
 * Reads a request, of which argument `countIndex` is the number of keys.
 *
 * @param noKeys what is answered if that is less than 1
 */
export function parseOperation(
  context: Context,
  countIndex: number,
  taken: TakenOptions,
  noKeys: CommandError,
): OperationRequest {
  const { args } = context
  const count = Number(integer64(args, countIndex))
  if (count < 1) throw noKeys
  if (count > args.count - countIndex - 1) throw SYNTAX_ERROR
  const sources = openSources(context, countIndex + 1, count)
  const request: OperationRequest = { sources, aggregate: 'sum', withScores: false, limit: 0 }
  for (let i = countIndex + 1 + count; i < args.count; i++) {
    const left = args.count - i
    if (taken.weights && left > count && args.is(i, 'weights')) {
      for (const source of sources) source.weight = weightAt(context, ++i)
    } else if (taken.weights && left > 1 && args.is(i, 'aggregate')) {
      request.aggregate = aggregateAt(context, ++i)
    } else if (taken.withScores && args.is(i, 'withscores')) {
      request.withScores = true
    } else if (taken.limit && left > 1 && args.is(i, 'limit')) {
      request.limit = Number(integer64(args, ++i, NEGATIVE_LIMIT))
      if (request.limit < 0) throw NEGATIVE_LIMIT
    } else {
      throw SYNTAX_ERROR
    }
  }
  return request
}

function weightAt({ args }: Context, index: number): number {
  const weight = parseDouble(args.bytes, args.starts[index]!, args.ends[index]!)
  if (weight === null) throw WEIGHT_NOT_A_FLOAT
  return weight
}

function aggregateAt({ args }: Context, index: number): Aggregate {
  if (args.is(index, 'sum')) return 'sum'
  if (args.is(index, 'min')) return 'min'
  if (args.is(index, 'max')) return 'max'
  throw SYNTAX_ERROR
}

/** Both scores in one; of opposite infinities the sum is 0. */
function aggregated(aggregate: Aggregate, score: number, other: number): number {
  if (aggregate === 'min') return other < score ? other : score
  if (aggregate === 'max') return other > score ? other : score
  const sum = score + other
  return Number.isNaN(sum) ? 0 : sum
}

/** A score times its weight; zero times infinity is 0. */
function weighted(score: number, weight: number): number {
  const product = score * weight
  return Number.isNaN(product) ? 0 : product
}

function fromSmallest(sources: readonly Source[]): Source[] {
  return [...sources].sort((a, b) => a.length - b.length)
}

/**
 * The result in a set of its own, which is the caller's to store or free.
 *
 * @throws OUT_OF_MEMORY
 */
export function buildResult(
  context: Context,
  operation: Operation,
  request: OperationRequest,
): SortedSet {
  const result = sortedSetCursor(context)
  if (!result.createLarge()) throw OUT_OF_MEMORY
  let done: boolean
  if (operation === 'union') done = unite(result, request)
  else if (operation === 'inter') done = intersect(result, request)
  else done = subtract(result, request)
  if (done) return result
  result.free()
  throw OUT_OF_MEMORY
}

function addMember(result: SortedSet, score: number, source: Source): boolean {
  const { bytes, view, start, end } = source
  return result.add(score, bytes, view, start, end - start)
}

function unite(result: SortedSet, { sources, aggregate }: OperationRequest): boolean {
  for (const source of fromSmallest(sources)) {
    source.begin()
    while (source.next()) {
      const score = weighted(source.score, source.weight)
      const { bytes, view, start, end } = source
      const position = result.find(bytes, view, start, end - start)
      if (position === 0) {
        if (!addMember(result, score, source)) return false
      } else {
        const both = aggregated(aggregate, result.score, score)
        result.setScore(position, both, bytes, view, start, end - start)
      }
    }
  }
  return true
}

function intersect(result: SortedSet, { sources, aggregate }: OperationRequest): boolean {
  const [first, ...others] = fromSmallest(sources)
  if (first === undefined) return true
  first.begin()
  while (first.next()) {
    let score = weighted(first.score, first.weight)
    let isInAll = true
    for (const other of others) {
      isInAll = other.find(first)
      if (!isInAll) break
      score = aggregated(aggregate, score, other.foundScore * other.weight)
    }
    if (isInAll && !addMember(result, score, first)) return false
  }
  return true
}

function subtract(result: SortedSet, { sources }: OperationRequest): boolean {
  const [first, ...others] = sources
  if (first === undefined) return true
  first.begin()
  while (first.next()) {
    if (others.some((other) => other.find(first))) continue
    if (!addMember(result, first.score, first)) return false
  }
  return true
}

/** How many members all sources have in common, counted up to the limit. */
export function intersectionLength({ sources, limit }: OperationRequest): number {
  const [first, ...others] = fromSmallest(sources)
  let count = 0
  if (first === undefined) return count
  first.begin()
  while (first.next()) {
    if (!others.every((other) => other.find(first))) continue
    count++
    if (count === limit) break
  }
  return count
}
