/**
 * The methods of the commands of the group `list`. This file is written by
 * `npm run docs` from the declarations in `src/commands`.
 */
import type { Answer, Integer, Mode, OneOrMore } from '../command-types.ts'
import type { Argument } from '../request.ts'

export interface ListCommands<T, M extends Mode> {
  /**
   * Moves an element from an end of a list to an end of another, and waits for it.
   *
   * `BLMOVE source destination <LEFT | RIGHT> <LEFT | RIGHT> timeout`
   */
  blmove(
    source: Argument,
    destination: Argument,
    wherefrom: 'LEFT' | 'RIGHT',
    whereto: 'LEFT' | 'RIGHT',
    timeout: Argument,
  ): Answer<T, M, T | null>
  /**
   * Takes elements from the first of several lists that has any, and waits for them.
   *
   * `BLMPOP timeout numkeys key [key ...] <LEFT | RIGHT> [COUNT count]`
   */
  blmpop(
    timeout: Argument,
    keys: OneOrMore,
    where: 'LEFT' | 'RIGHT',
    options?: { COUNT?: Integer },
  ): Answer<T, M, [T, T[]] | null>
  /**
   * Takes the first element of the first of several lists that has any, and waits for it.
   *
   * `BLPOP key [key ...] timeout`
   */
  blpop(keys: OneOrMore, timeout: Argument): Answer<T, M, [T, T] | null>
  /**
   * Takes the last element of the first of several lists that has any, and waits for it.
   *
   * `BRPOP key [key ...] timeout`
   */
  brpop(keys: OneOrMore, timeout: Argument): Answer<T, M, [T, T] | null>
  /**
   * Moves the last element of a list to the front of another, and waits for it.
   *
   * `BRPOPLPUSH source destination timeout`
   *
   * @deprecated `BLMOVE` with the `RIGHT` and `LEFT` arguments
   */
  brpoplpush(source: Argument, destination: Argument, timeout: Argument): Answer<T, M, T | null>
  /**
   * Gets the element at an index of a list.
   *
   * `LINDEX key index`
   */
  lindex(key: Argument, index: Integer): Answer<T, M, T | null>
  /**
   * Puts an element before or behind another.
   *
   * `LINSERT key <BEFORE | AFTER> pivot element`
   */
  linsert(
    key: Argument,
    where: 'BEFORE' | 'AFTER',
    pivot: Argument,
    element: Argument,
  ): Answer<T, M, number>
  /**
   * Tells how many elements a list has.
   *
   * `LLEN key`
   */
  llen(key: Argument): Answer<T, M, number>
  /**
   * Moves an element from an end of a list to an end of another, and gets it.
   *
   * `LMOVE source destination <LEFT | RIGHT> <LEFT | RIGHT>`
   */
  lmove(
    source: Argument,
    destination: Argument,
    wherefrom: 'LEFT' | 'RIGHT',
    whereto: 'LEFT' | 'RIGHT',
  ): Answer<T, M, T | null>
  /**
   * Takes elements from the first of several lists that has any.
   *
   * `LMPOP numkeys key [key ...] <LEFT | RIGHT> [COUNT count]`
   */
  lmpop(
    keys: OneOrMore,
    where: 'LEFT' | 'RIGHT',
    options?: { COUNT?: Integer },
  ): Answer<T, M, [T, T[]] | null>
  /**
   * Takes elements from the front of a list.
   *
   * `LPOP key [count]`
   */
  lpop(key: Argument, count: Integer): Answer<T, M, T[] | null>
  lpop(key: Argument): Answer<T, M, T | null>
  /**
   * Finds the indexes of an element in a list.
   *
   * `LPOS key element [RANK rank] [COUNT num-matches] [MAXLEN len]`
   */
  lpos(
    key: Argument,
    element: Argument,
    options: { RANK?: Integer; COUNT: Integer; MAXLEN?: Integer },
  ): Answer<T, M, number[]>
  lpos(
    key: Argument,
    element: Argument,
    options?: { RANK?: Integer; COUNT?: Integer; MAXLEN?: Integer },
  ): Answer<T, M, number | null>
  /**
   * Adds elements in front of a list.
   *
   * `LPUSH key element [element ...]`
   */
  lpush(key: Argument, ...elements: readonly OneOrMore[]): Answer<T, M, number>
  /**
   * Adds elements in front of a list that exists.
   *
   * `LPUSHX key element [element ...]`
   */
  lpushx(key: Argument, ...elements: readonly OneOrMore[]): Answer<T, M, number>
  /**
   * Gets the elements between two indexes of a list.
   *
   * `LRANGE key start stop`
   */
  lrange(key: Argument, start: Integer, stop: Integer): Answer<T, M, T[]>
  /**
   * Removes an element from a list wherever it is, or so many times.
   *
   * `LREM key count element`
   */
  lrem(key: Argument, count: Integer, element: Argument): Answer<T, M, number>
  /**
   * Replaces the element at an index of a list.
   *
   * `LSET key index element`
   */
  lset(key: Argument, index: Integer, element: Argument): Answer<T, M, 'OK'>
  /**
   * Removes the elements that are not between two indexes of a list.
   *
   * `LTRIM key start stop`
   */
  ltrim(key: Argument, start: Integer, stop: Integer): Answer<T, M, 'OK'>
  /**
   * Takes elements from the end of a list.
   *
   * `RPOP key [count]`
   */
  rpop(key: Argument, count: Integer): Answer<T, M, T[] | null>
  rpop(key: Argument): Answer<T, M, T | null>
  /**
   * Moves the last element of a list to the front of another, and gets it.
   *
   * `RPOPLPUSH source destination`
   *
   * @deprecated `LMOVE` with the `RIGHT` and `LEFT` arguments
   */
  rpoplpush(source: Argument, destination: Argument): Answer<T, M, T | null>
  /**
   * Adds elements at the end of a list.
   *
   * `RPUSH key element [element ...]`
   */
  rpush(key: Argument, ...elements: readonly OneOrMore[]): Answer<T, M, number>
  /**
   * Adds elements at the end of a list that exists.
   *
   * `RPUSHX key element [element ...]`
   */
  rpushx(key: Argument, ...elements: readonly OneOrMore[]): Answer<T, M, number>
}
