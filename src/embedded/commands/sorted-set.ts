/**
 * The methods of the commands of the group `sorted-set`. This file is written by
 * `npm run docs` from the declarations in `src/commands`.
 */
import type { Answer, Integer, Mode, OneOrMore, ScoresInput } from '../command-types.ts'
import type { Argument } from '../request.ts'

export interface SortedSetCommands<T, M extends Mode> {
  /**
   * Removes members from the first of several sorted sets that has any, or waits for them.
   *
   * `BZMPOP timeout numkeys key [key ...] <MIN | MAX> [COUNT count]`
   */
  bzmpop(
    timeout: Argument,
    keys: OneOrMore,
    where: 'MIN' | 'MAX',
    options?: { COUNT?: Integer },
  ): Answer<T, M, [T, [T, number][]] | null>
  /**
   * Removes the member with the highest score of several sorted sets, or waits for one.
   *
   * `BZPOPMAX key [key ...] timeout`
   */
  bzpopmax(keys: OneOrMore, timeout: Argument): Answer<T, M, [T, T, number] | null>
  /**
   * Removes the member with the lowest score of several sorted sets, or waits for one.
   *
   * `BZPOPMIN key [key ...] timeout`
   */
  bzpopmin(keys: OneOrMore, timeout: Argument): Answer<T, M, [T, T, number] | null>
  /**
   * Adds members with their scores, or gives members other scores.
   *
   * `ZADD key [NX | XX] [GT | LT] [CH] [INCR] score member [score member ...]`
   */
  zadd(
    key: Argument,
    scores: ScoresInput,
    options: { NX?: boolean; XX?: boolean; GT?: boolean; LT?: boolean; CH?: boolean; INCR: true },
  ): Answer<T, M, number | null>
  zadd(
    key: Argument,
    score: Argument,
    member: Argument,
    options: { NX?: boolean; XX?: boolean; GT?: boolean; LT?: boolean; CH?: boolean; INCR: true },
  ): Answer<T, M, number | null>
  zadd(
    key: Argument,
    scores: ScoresInput,
    options?: {
      NX?: boolean
      XX?: boolean
      GT?: boolean
      LT?: boolean
      CH?: boolean
      INCR?: boolean
    },
  ): Answer<T, M, number>
  zadd(
    key: Argument,
    score: Argument,
    member: Argument,
    options?: {
      NX?: boolean
      XX?: boolean
      GT?: boolean
      LT?: boolean
      CH?: boolean
      INCR?: boolean
    },
  ): Answer<T, M, number>
  /**
   * Counts the members of a sorted set.
   *
   * `ZCARD key`
   */
  zcard(key: Argument): Answer<T, M, number>
  /**
   * Counts the members whose score is in a range.
   *
   * `ZCOUNT key min max`
   */
  zcount(key: Argument, min: Argument, max: Argument): Answer<T, M, number>
  /**
   * Answers the members of the first of several sorted sets that are in no other.
   *
   * `ZDIFF numkeys key [key ...] [WITHSCORES]`
   */
  zdiff(keys: OneOrMore, options: { WITHSCORES: true }): Answer<T, M, [T, number][]>
  zdiff(keys: OneOrMore, options?: { WITHSCORES?: boolean }): Answer<T, M, T[]>
  /**
   * Stores the members of the first of several sorted sets that are in no other.
   *
   * `ZDIFFSTORE destination numkeys key [key ...]`
   */
  zdiffstore(destination: Argument, keys: OneOrMore): Answer<T, M, number>
  /**
   * Adds a number to the score of a member, which is added if it is not there.
   *
   * `ZINCRBY key increment member`
   */
  zincrby(key: Argument, increment: Integer, member: Argument): Answer<T, M, number>
  /**
   * Answers the members that are in all of several sorted sets.
   *
   * `ZINTER numkeys key [key ...] [WEIGHTS weight [weight ...]] [AGGREGATE <SUM | MIN | MAX>]
   * [WITHSCORES]`
   */
  zinter(
    keys: OneOrMore,
    options: { WEIGHTS?: OneOrMore; AGGREGATE?: 'SUM' | 'MIN' | 'MAX'; WITHSCORES: true },
  ): Answer<T, M, [T, number][]>
  zinter(
    keys: OneOrMore,
    options?: { WEIGHTS?: OneOrMore; AGGREGATE?: 'SUM' | 'MIN' | 'MAX'; WITHSCORES?: boolean },
  ): Answer<T, M, T[]>
  /**
   * Counts the members that are in all of several sorted sets.
   *
   * `ZINTERCARD numkeys key [key ...] [LIMIT limit]`
   */
  zintercard(keys: OneOrMore, options?: { LIMIT?: Integer }): Answer<T, M, number>
  /**
   * Stores the members that are in all of several sorted sets.
   *
   * `ZINTERSTORE destination numkeys key [key ...] [WEIGHTS weight [weight ...]] [AGGREGATE
   * <SUM | MIN | MAX>]`
   */
  zinterstore(
    destination: Argument,
    keys: OneOrMore,
    options?: { WEIGHTS?: OneOrMore; AGGREGATE?: 'SUM' | 'MIN' | 'MAX' },
  ): Answer<T, M, number>
  /**
   * Counts the members in a range of members, where all have the same score.
   *
   * `ZLEXCOUNT key min max`
   */
  zlexcount(key: Argument, min: Argument, max: Argument): Answer<T, M, number>
  /**
   * Removes members from the first of several sorted sets that has any, and answers them.
   *
   * `ZMPOP numkeys key [key ...] <MIN | MAX> [COUNT count]`
   */
  zmpop(
    keys: OneOrMore,
    where: 'MIN' | 'MAX',
    options?: { COUNT?: Integer },
  ): Answer<T, M, [T, [T, number][]] | null>
  /**
   * Answers the scores of several members.
   *
   * `ZMSCORE key member [member ...]`
   */
  zmscore(key: Argument, ...members: readonly OneOrMore[]): Answer<T, M, (number | null)[]>
  /**
   * Removes members with the highest scores and answers them.
   *
   * `ZPOPMAX key [count]`
   */
  zpopmax(key: Argument, count: Integer): Answer<T, M, [T, number][]>
  zpopmax(key: Argument): Answer<T, M, [T, number] | []>
  /**
   * Removes members with the lowest scores and answers them.
   *
   * `ZPOPMIN key [count]`
   */
  zpopmin(key: Argument, count: Integer): Answer<T, M, [T, number][]>
  zpopmin(key: Argument): Answer<T, M, [T, number] | []>
  /**
   * Answers members of a sorted set that are chosen at random.
   *
   * `ZRANDMEMBER key [count [WITHSCORES]]`
   */
  zrandmember(
    key: Argument,
    count: Integer,
    options: { WITHSCORES: true },
  ): Answer<T, M, [T, number][]>
  zrandmember(key: Argument, count: Integer, options?: { WITHSCORES?: boolean }): Answer<T, M, T[]>
  zrandmember(key: Argument, options?: { WITHSCORES?: boolean }): Answer<T, M, T | null>
  /**
   * Answers the members in a range of ranks, scores or members.
   *
   * `ZRANGE key start stop [BYSCORE | BYLEX] [REV] [LIMIT offset count] [WITHSCORES]`
   */
  zrange(
    key: Argument,
    start: Argument,
    stop: Argument,
    options: {
      BYSCORE?: boolean
      BYLEX?: boolean
      REV?: boolean
      LIMIT?: readonly [offset: Integer, count: Integer]
      WITHSCORES: true
    },
  ): Answer<T, M, [T, number][]>
  zrange(
    key: Argument,
    start: Argument,
    stop: Argument,
    options?: {
      BYSCORE?: boolean
      BYLEX?: boolean
      REV?: boolean
      LIMIT?: readonly [offset: Integer, count: Integer]
      WITHSCORES?: boolean
    },
  ): Answer<T, M, T[]>
  /**
   * Answers the members in a range of members, where all have the same score.
   *
   * `ZRANGEBYLEX key min max [LIMIT offset count]`
   *
   * @deprecated `ZRANGE` with the `BYLEX` argument
   */
  zrangebylex(
    key: Argument,
    min: Argument,
    max: Argument,
    options?: { LIMIT?: readonly [offset: Integer, count: Integer] },
  ): Answer<T, M, T[]>
  /**
   * Answers the members whose score is in a range.
   *
   * `ZRANGEBYSCORE key min max [WITHSCORES] [LIMIT offset count]`
   *
   * @deprecated `ZRANGE` with the `BYSCORE` argument
   */
  zrangebyscore(
    key: Argument,
    min: Argument,
    max: Argument,
    options: { WITHSCORES: true; LIMIT?: readonly [offset: Integer, count: Integer] },
  ): Answer<T, M, [T, number][]>
  zrangebyscore(
    key: Argument,
    min: Argument,
    max: Argument,
    options?: { WITHSCORES?: boolean; LIMIT?: readonly [offset: Integer, count: Integer] },
  ): Answer<T, M, T[]>
  /**
   * Stores the members in a range of a sorted set under another key.
   *
   * `ZRANGESTORE dst src min max [BYSCORE | BYLEX] [REV] [LIMIT offset count]`
   */
  zrangestore(
    dst: Argument,
    src: Argument,
    min: Argument,
    max: Argument,
    options?: {
      BYSCORE?: boolean
      BYLEX?: boolean
      REV?: boolean
      LIMIT?: readonly [offset: Integer, count: Integer]
    },
  ): Answer<T, M, number>
  /**
   * Answers how many members come before one, from the lowest score on.
   *
   * `ZRANK key member [WITHSCORE]`
   */
  zrank(
    key: Argument,
    member: Argument,
    options: { WITHSCORE: true },
  ): Answer<T, M, [number, number] | null>
  zrank(
    key: Argument,
    member: Argument,
    options?: { WITHSCORE?: boolean },
  ): Answer<T, M, number | null>
  /**
   * Removes members.
   *
   * `ZREM key member [member ...]`
   */
  zrem(key: Argument, ...members: readonly OneOrMore[]): Answer<T, M, number>
  /**
   * Removes the members in a range of members, where all have the same score.
   *
   * `ZREMRANGEBYLEX key min max`
   */
  zremrangebylex(key: Argument, min: Argument, max: Argument): Answer<T, M, number>
  /**
   * Removes the members in a range of ranks.
   *
   * `ZREMRANGEBYRANK key start stop`
   */
  zremrangebyrank(key: Argument, start: Integer, stop: Integer): Answer<T, M, number>
  /**
   * Removes the members whose score is in a range.
   *
   * `ZREMRANGEBYSCORE key min max`
   */
  zremrangebyscore(key: Argument, min: Argument, max: Argument): Answer<T, M, number>
  /**
   * Answers the members in a range of ranks, from the highest score down.
   *
   * `ZREVRANGE key start stop [WITHSCORES]`
   *
   * @deprecated `ZRANGE` with the `REV` argument
   */
  zrevrange(
    key: Argument,
    start: Integer,
    stop: Integer,
    options: { WITHSCORES: true },
  ): Answer<T, M, [T, number][]>
  zrevrange(
    key: Argument,
    start: Integer,
    stop: Integer,
    options?: { WITHSCORES?: boolean },
  ): Answer<T, M, T[]>
  /**
   * Answers the members in a range of members backwards, where all scores are the same.
   *
   * `ZREVRANGEBYLEX key max min [LIMIT offset count]`
   *
   * @deprecated `ZRANGE` with the `REV` and `BYLEX` arguments
   */
  zrevrangebylex(
    key: Argument,
    max: Argument,
    min: Argument,
    options?: { LIMIT?: readonly [offset: Integer, count: Integer] },
  ): Answer<T, M, T[]>
  /**
   * Answers the members whose score is in a range, from the highest down.
   *
   * `ZREVRANGEBYSCORE key max min [WITHSCORES] [LIMIT offset count]`
   *
   * @deprecated `ZRANGE` with the `REV` and `BYSCORE` arguments
   */
  zrevrangebyscore(
    key: Argument,
    max: Argument,
    min: Argument,
    options: { WITHSCORES: true; LIMIT?: readonly [offset: Integer, count: Integer] },
  ): Answer<T, M, [T, number][]>
  zrevrangebyscore(
    key: Argument,
    max: Argument,
    min: Argument,
    options?: { WITHSCORES?: boolean; LIMIT?: readonly [offset: Integer, count: Integer] },
  ): Answer<T, M, T[]>
  /**
   * Answers how many members come before one, from the highest score on.
   *
   * `ZREVRANK key member [WITHSCORE]`
   */
  zrevrank(
    key: Argument,
    member: Argument,
    options: { WITHSCORE: true },
  ): Answer<T, M, [number, number] | null>
  zrevrank(
    key: Argument,
    member: Argument,
    options?: { WITHSCORE?: boolean },
  ): Answer<T, M, number | null>
  /**
   * Lists the members of a sorted set with their scores, some at a time.
   *
   * `ZSCAN key cursor [MATCH pattern] [COUNT count]`
   */
  zscan(
    key: Argument,
    cursor: Integer,
    options?: { MATCH?: Argument; COUNT?: Integer },
  ): Answer<T, M, [T, T[]]>
  /**
   * Answers the score of a member.
   *
   * `ZSCORE key member`
   */
  zscore(key: Argument, member: Argument): Answer<T, M, number | null>
  /**
   * Answers the members that are in any of several sorted sets.
   *
   * `ZUNION numkeys key [key ...] [WEIGHTS weight [weight ...]] [AGGREGATE <SUM | MIN | MAX>]
   * [WITHSCORES]`
   */
  zunion(
    keys: OneOrMore,
    options: { WEIGHTS?: OneOrMore; AGGREGATE?: 'SUM' | 'MIN' | 'MAX'; WITHSCORES: true },
  ): Answer<T, M, [T, number][]>
  zunion(
    keys: OneOrMore,
    options?: { WEIGHTS?: OneOrMore; AGGREGATE?: 'SUM' | 'MIN' | 'MAX'; WITHSCORES?: boolean },
  ): Answer<T, M, T[]>
  /**
   * Stores the members that are in any of several sorted sets.
   *
   * `ZUNIONSTORE destination numkeys key [key ...] [WEIGHTS weight [weight ...]] [AGGREGATE
   * <SUM | MIN | MAX>]`
   */
  zunionstore(
    destination: Argument,
    keys: OneOrMore,
    options?: { WEIGHTS?: OneOrMore; AGGREGATE?: 'SUM' | 'MIN' | 'MAX' },
  ): Answer<T, M, number>
}
