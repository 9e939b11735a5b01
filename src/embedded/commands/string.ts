/**
 * The methods of the commands of the group `string`. This file is written by
 * `npm run docs` from the declarations in `src/commands`.
 */
import type { Answer, Integer, Mode, OneOrMore, Pairs, PairsInput } from '../command-types.ts'
import type { Argument } from '../request.ts'
import type { Value } from '../value-reply.ts'

export interface StringCommands<T, M extends Mode> {
  /**
   * Appends to the string value of a key; a missing key is made.
   *
   * `APPEND key value`
   */
  append(key: Argument, value: Argument): Answer<T, M, number>
  /**
   * Takes one from the integer value of a key; a missing key counts as 0.
   *
   * `DECR key`
   */
  decr(key: Argument): Answer<T, M, number>
  /**
   * Takes an integer from the integer value of a key; a missing key counts as 0.
   *
   * `DECRBY key decrement`
   */
  decrby(key: Argument, decrement: Integer): Answer<T, M, number>
  /**
   * Removes a key only when its string value is the one given.
   *
   * `DELIFEQ key value`
   */
  delifeq(key: Argument, value: Argument): Answer<T, M, number>
  /**
   * Returns the string value of a key.
   *
   * `GET key`
   */
  get(key: Argument): Answer<T, M, T | null>
  /**
   * Returns the string value of a key and removes the key.
   *
   * `GETDEL key`
   */
  getdel(key: Argument): Answer<T, M, T | null>
  /**
   * Returns the string value of a key and changes when it expires.
   *
   * `GETEX key [EX seconds | PX milliseconds | EXAT unix-time-seconds | PXAT
   * unix-time-milliseconds | PERSIST]`
   */
  getex(
    key: Argument,
    options?: { EX?: Integer; PX?: Integer; EXAT?: Integer; PXAT?: Integer; PERSIST?: boolean },
  ): Answer<T, M, T | null>
  /**
   * Returns a part of the string value of a key.
   *
   * `GETRANGE key start end`
   */
  getrange(key: Argument, start: Integer, end: Integer): Answer<T, M, T>
  /**
   * Sets a key to a string and returns the string that it held before.
   *
   * `GETSET key value`
   *
   * @deprecated `SET` with the `!GET` argument
   */
  getset(key: Argument, value: Argument): Answer<T, M, T | null>
  /**
   * Adds one to the integer value of a key; a missing key counts as 0.
   *
   * `INCR key`
   */
  incr(key: Argument): Answer<T, M, number>
  /**
   * Adds an integer to the integer value of a key; a missing key counts as 0.
   *
   * `INCRBY key increment`
   */
  incrby(key: Argument, increment: Integer): Answer<T, M, number>
  /**
   * Adds a floating point number to the number that a key holds; a missing key counts as 0.
   *
   * `INCRBYFLOAT key increment`
   */
  incrbyfloat(key: Argument, increment: Argument): Answer<T, M, T>
  /**
   * Finds the longest common subsequence of two strings.
   *
   * `LCS key1 key2 [LEN] [IDX] [MINMATCHLEN min-match-len] [WITHMATCHLEN]`
   */
  lcs(
    key1: Argument,
    key2: Argument,
    options: { LEN: true; IDX?: boolean; MINMATCHLEN?: Integer; WITHMATCHLEN?: boolean },
  ): Answer<T, M, number>
  lcs(
    key1: Argument,
    key2: Argument,
    options: { LEN?: boolean; IDX: true; MINMATCHLEN?: Integer; WITHMATCHLEN?: boolean },
  ): Answer<T, M, Pairs<T, Value>>
  lcs(
    key1: Argument,
    key2: Argument,
    options?: { LEN?: boolean; IDX?: boolean; MINMATCHLEN?: Integer; WITHMATCHLEN?: boolean },
  ): Answer<T, M, T>
  /**
   * Returns the string values of one or more keys.
   *
   * `MGET key [key ...]`
   */
  mget(...keys: readonly OneOrMore[]): Answer<T, M, (T | null)[]>
  /**
   * Sets one or more keys to strings, all at once.
   *
   * `MSET key value [key value ...]`
   */
  mset(pairs: PairsInput): Answer<T, M, 'OK'>
  mset(key: Argument, value: Argument, ...more: readonly Argument[]): Answer<T, M, 'OK'>
  /**
   * Sets one or more keys to strings, all at once, only when none of them exists.
   *
   * `MSETNX key value [key value ...]`
   */
  msetnx(pairs: PairsInput): Answer<T, M, number>
  msetnx(key: Argument, value: Argument, ...more: readonly Argument[]): Answer<T, M, number>
  /**
   * Sets a key to a string that expires after a number of milliseconds.
   *
   * `PSETEX key milliseconds value`
   *
   * @deprecated `SET` with the `PX` argument
   */
  psetex(key: Argument, milliseconds: Integer, value: Argument): Answer<T, M, 'OK'>
  /**
   * Sets a key to a string, whatever it held before.
   *
   * `SET key value [NX | XX | IFEQ comparison-value] [GET] [EX seconds | PX milliseconds | EXAT
   * unix-time-seconds | PXAT unix-time-milliseconds | KEEPTTL]`
   */
  set(
    key: Argument,
    value: Argument,
    options: {
      NX?: boolean
      XX?: boolean
      IFEQ?: Argument
      GET: true
      EX?: Integer
      PX?: Integer
      EXAT?: Integer
      PXAT?: Integer
      KEEPTTL?: boolean
    },
  ): Answer<T, M, T | null>
  set(
    key: Argument,
    value: Argument,
    options?: {
      NX?: boolean
      XX?: boolean
      IFEQ?: Argument
      GET?: boolean
      EX?: Integer
      PX?: Integer
      EXAT?: Integer
      PXAT?: Integer
      KEEPTTL?: boolean
    },
  ): Answer<T, M, 'OK' | null>
  /**
   * Sets a key to a string that expires after a number of seconds.
   *
   * `SETEX key seconds value`
   *
   * @deprecated `SET` with the `EX` argument
   */
  setex(key: Argument, seconds: Integer, value: Argument): Answer<T, M, 'OK'>
  /**
   * Sets a key to a string only when the key does not exist.
   *
   * `SETNX key value`
   *
   * @deprecated `SET` with the `NX` argument
   */
  setnx(key: Argument, value: Argument): Answer<T, M, number>
  /**
   * Writes over a part of the string value of a key; a missing key is made.
   *
   * `SETRANGE key offset value`
   */
  setrange(key: Argument, offset: Integer, value: Argument): Answer<T, M, number>
  /**
   * Returns the length of the string value of a key.
   *
   * `STRLEN key`
   */
  strlen(key: Argument): Answer<T, M, number>
  /**
   * Returns a part of the string value of a key.
   *
   * `SUBSTR key start end`
   *
   * @deprecated `GETRANGE`
   */
  substr(key: Argument, start: Integer, end: Integer): Answer<T, M, T>
}
