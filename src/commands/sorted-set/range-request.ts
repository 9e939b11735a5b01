/**
 * What ZRANGE, ZRANGESTORE and the older commands for ranges ask for, and where it is in a set.
 * Ranges of scores and of members come down to ranks; LIMIT then cuts those.
 */
import type { Args } from '../../resp/args.ts'
import type { SortedSet } from '../../types/sorted-set.ts'
import { integer64 } from '../arguments.ts'
import { CommandError, SYNTAX_ERROR } from '../errors.ts'
import { lexRange, parseLexRange, parseScoreRange, scoreRange } from './range-ends.ts'
import { rankRange } from './rank-range.ts'

/** By what the range is given; a command that leaves it open begins with BY_OPTION. */
export const BY_OPTION = 0
export const BY_RANK = 1
export const BY_SCORE = 2
export const BY_LEX = 3
export type RangeBy = typeof BY_OPTION | typeof BY_RANK | typeof BY_SCORE | typeof BY_LEX

/** The order; ORDER_BY_OPTION is left to the options. */
export const ORDER_BY_OPTION = 0
export const FORWARD = 1
export const REVERSE = 2
export type RangeOrder = typeof ORDER_BY_OPTION | typeof FORWARD | typeof REVERSE

const LIMIT_WITHOUT_RANGE = new CommandError(
  'ERR syntax error, LIMIT is only supported in combination with either BYSCORE or BYLEX',
)
const SCORES_BY_LEX = new CommandError(
  'ERR syntax error, WITHSCORES not supported in combination with BYLEX',
)

/** What `parseRange` has read last. */
export const request = {
  by: BY_RANK as RangeBy,
  reverse: false,
  withScores: false,
  start: 0,
  stop: 0,
  offset: 0,
  /** -1 or less for no limit. */
  limit: -1,
}

/** Reads a range: its ends are the two arguments behind `keyIndex`, its options what follows. */
export function parseRange(
  args: Args,
  keyIndex: number,
  isStore: boolean,
  by: RangeBy,
  order: RangeOrder,
): void {
  parseOptions(args, keyIndex + 3, isStore, by, order)
  if (request.limit !== -1 && request.by === BY_RANK) throw LIMIT_WITHOUT_RANGE
  if (request.withScores && request.by === BY_LEX) throw SCORES_BY_LEX
  if (request.by === BY_RANK) {
    // A LIMIT with the count -1 is let through, and its offset does nothing.
    request.offset = 0
    request.start = Number(integer64(args, keyIndex + 1))
    request.stop = Number(integer64(args, keyIndex + 2))
    return
  }
  const minIndex = request.reverse ? keyIndex + 2 : keyIndex + 1
  const maxIndex = request.reverse ? keyIndex + 1 : keyIndex + 2
  if (request.by === BY_SCORE) parseScoreRange(args, minIndex, maxIndex)
  else parseLexRange(args, minIndex, maxIndex)
}

function parseOptions(
  args: Args,
  first: number,
  isStore: boolean,
  by: RangeBy,
  order: RangeOrder,
): void {
  request.by = by
  request.reverse = order === REVERSE
  request.withScores = false
  request.offset = 0
  request.limit = -1
  for (let i = first; i < args.count; i++) {
    if (!isStore && args.is(i, 'withscores')) {
      request.withScores = true
    } else if (args.is(i, 'limit') && args.count - i > 2) {
      request.offset = Number(integer64(args, i + 1))
      request.limit = Number(integer64(args, i + 2))
      i += 2
    } else if (order === ORDER_BY_OPTION && !request.reverse && args.is(i, 'rev')) {
      request.reverse = true
    } else if (request.by === BY_OPTION && args.is(i, 'bylex')) {
      request.by = BY_LEX
    } else if (request.by === BY_OPTION && args.is(i, 'byscore')) {
      request.by = BY_SCORE
    } else {
      throw SYNTAX_ERROR
    }
  }
  if (request.by === BY_OPTION) request.by = BY_RANK
}

/** What `locateRange` has found. */
export const located = {
  /** The position of the first member, in the order asked for; 0 in an empty range. */
  position: 0,
  count: 0,
}

/** Finds the members that the range takes in. */
export function locateRange(set: SortedSet): void {
  const { by, reverse, offset, limit } = request
  located.position = 0
  located.count = 0
  if (by === BY_RANK) rankRange(set, request.start, request.stop)
  else if (by === BY_SCORE) set.scoreRange(scoreRange)
  else set.lexRange(lexRange, reverse)
  const inRange = set.to - set.from
  if (offset < 0 || offset >= inRange) return
  located.count = limit < 0 ? inRange - offset : Math.min(inRange - offset, limit)
  if (located.count === 0) return
  if (!reverse) located.position = set.atRank(set.from + offset)
  else if (by === BY_RANK) located.position = set.atRank(set.length - 1 - set.from)
  else located.position = set.atRank(set.to - 1 - offset)
}
