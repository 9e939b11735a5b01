/**
 * The methods of the commands of the group `set`. This file is written by
 * `npm run docs` from the declarations in `src/commands`.
 */
import type { Answer, Integer, Mode, OneOrMore } from '../command-types.ts'
import type { Argument } from '../request.ts'

export interface SetCommands<T, M extends Mode> {
  /**
   * Adds one or more members to a set; makes the set if there is none.
   *
   * `SADD key member [member ...]`
   */
  sadd(key: Argument, ...members: readonly OneOrMore[]): Answer<T, M, number>
  /**
   * Returns the number of members of a set.
   *
   * `SCARD key`
   */
  scard(key: Argument): Answer<T, M, number>
  /**
   * Returns the members of a set that other sets do not have.
   *
   * `SDIFF key [key ...]`
   */
  sdiff(...keys: readonly OneOrMore[]): Answer<T, M, T[]>
  /**
   * Stores under a key the members of a set that other sets do not have.
   *
   * `SDIFFSTORE destination key [key ...]`
   */
  sdiffstore(destination: Argument, ...keys: readonly OneOrMore[]): Answer<T, M, number>
  /**
   * Returns the intersection of sets.
   *
   * `SINTER key [key ...]`
   */
  sinter(...keys: readonly OneOrMore[]): Answer<T, M, T[]>
  /**
   * Returns the number of members of the intersection of sets.
   *
   * `SINTERCARD numkeys key [key ...] [LIMIT limit]`
   */
  sintercard(keys: OneOrMore, options?: { LIMIT?: Integer }): Answer<T, M, number>
  /**
   * Stores the intersection of sets under a key.
   *
   * `SINTERSTORE destination key [key ...]`
   */
  sinterstore(destination: Argument, ...keys: readonly OneOrMore[]): Answer<T, M, number>
  /**
   * Says whether a set has a member.
   *
   * `SISMEMBER key member`
   */
  sismember(key: Argument, member: Argument): Answer<T, M, number>
  /**
   * Returns all members of a set.
   *
   * `SMEMBERS key`
   */
  smembers(key: Argument): Answer<T, M, T[]>
  /**
   * Says of one or more members whether a set has them.
   *
   * `SMISMEMBER key member [member ...]`
   */
  smismember(key: Argument, ...members: readonly OneOrMore[]): Answer<T, M, number[]>
  /**
   * Moves a member from one set to another.
   *
   * `SMOVE source destination member`
   */
  smove(source: Argument, destination: Argument, member: Argument): Answer<T, M, number>
  /**
   * Removes one or more members that are chosen at random, and returns them.
   *
   * `SPOP key [count]`
   */
  spop(key: Argument, count: Integer): Answer<T, M, T[]>
  spop(key: Argument): Answer<T, M, T | null>
  /**
   * Returns one or more members that are chosen at random.
   *
   * `SRANDMEMBER key [count]`
   */
  srandmember(key: Argument, count: Integer): Answer<T, M, T[]>
  srandmember(key: Argument): Answer<T, M, T | null>
  /**
   * Removes one or more members from a set; the last one takes the key with it.
   *
   * `SREM key member [member ...]`
   */
  srem(key: Argument, ...members: readonly OneOrMore[]): Answer<T, M, number>
  /**
   * Lists the members of a set, some at a time.
   *
   * `SSCAN key cursor [MATCH pattern] [COUNT count]`
   */
  sscan(
    key: Argument,
    cursor: Integer,
    options?: { MATCH?: Argument; COUNT?: Integer },
  ): Answer<T, M, [T, T[]]>
  /**
   * Returns the union of sets.
   *
   * `SUNION key [key ...]`
   */
  sunion(...keys: readonly OneOrMore[]): Answer<T, M, T[]>
  /**
   * Stores the union of sets under a key.
   *
   * `SUNIONSTORE destination key [key ...]`
   */
  sunionstore(destination: Argument, ...keys: readonly OneOrMore[]): Answer<T, M, number>
}
