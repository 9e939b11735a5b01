/**
 * The methods of the commands of the group `hash`. This file is written by
 * `npm run docs` from the declarations in `src/commands`.
 */
import type { Answer, Integer, Mode, OneOrMore, Pairs, PairsInput } from '../command-types.ts'
import type { Argument } from '../request.ts'

export interface HashCommands<T, M extends Mode> {
  /**
   * Removes fields of a hash, and the hash with the last of them.
   *
   * `HDEL key field [field ...]`
   */
  hdel(key: Argument, ...fields: readonly OneOrMore[]): Answer<T, M, number>
  /**
   * Tells whether a hash has a field.
   *
   * `HEXISTS key field`
   */
  hexists(key: Argument, field: Argument): Answer<T, M, number>
  /**
   * Makes fields of a hash expire after a number of seconds.
   *
   * `HEXPIRE key seconds [NX | XX | GT | LT] FIELDS numfields field [field ...]`
   */
  hexpire(
    key: Argument,
    seconds: Integer,
    fields: OneOrMore,
    options?: { NX?: boolean; XX?: boolean; GT?: boolean; LT?: boolean },
  ): Answer<T, M, number[]>
  /**
   * Makes fields of a hash expire at a Unix time in seconds.
   *
   * `HEXPIREAT key unix-time-seconds [NX | XX | GT | LT] FIELDS numfields field [field ...]`
   */
  hexpireat(
    key: Argument,
    unixTimeSeconds: Integer,
    fields: OneOrMore,
    options?: { NX?: boolean; XX?: boolean; GT?: boolean; LT?: boolean },
  ): Answer<T, M, number[]>
  /**
   * Returns the Unix times in seconds at which fields of a hash expire.
   *
   * `HEXPIRETIME key FIELDS numfields field [field ...]`
   */
  hexpiretime(key: Argument, fields: OneOrMore): Answer<T, M, number[]>
  /**
   * Returns the value of a field of a hash.
   *
   * `HGET key field`
   */
  hget(key: Argument, field: Argument): Answer<T, M, T | null>
  /**
   * Returns all fields of a hash with their values.
   *
   * `HGETALL key`
   */
  hgetall(key: Argument): Answer<T, M, Pairs<T, T>>
  /**
   * Returns the values of fields of a hash and removes the fields.
   *
   * `HGETDEL key FIELDS numfields field [field ...]`
   */
  hgetdel(key: Argument, fields: OneOrMore): Answer<T, M, (T | null)[]>
  /**
   * Returns the values of fields of a hash and changes when the fields expire.
   *
   * `HGETEX key [EX seconds | PX milliseconds | EXAT unix-time-seconds | PXAT
   * unix-time-milliseconds | PERSIST] FIELDS numfields field [field ...]`
   */
  hgetex(
    key: Argument,
    fields: OneOrMore,
    options?: { EX?: Integer; PX?: Integer; EXAT?: Integer; PXAT?: Integer; PERSIST?: boolean },
  ): Answer<T, M, (T | null)[]>
  /**
   * Adds an integer to the value of a field; a missing one counts as 0.
   *
   * `HINCRBY key field increment`
   */
  hincrby(key: Argument, field: Argument, increment: Integer): Answer<T, M, number>
  /**
   * Adds a floating point number to the value of a field; a missing one counts as 0.
   *
   * `HINCRBYFLOAT key field increment`
   */
  hincrbyfloat(key: Argument, field: Argument, increment: Argument): Answer<T, M, T>
  /**
   * Lists the fields of a hash.
   *
   * `HKEYS key`
   */
  hkeys(key: Argument): Answer<T, M, T[]>
  /**
   * Returns the number of fields of a hash.
   *
   * `HLEN key`
   */
  hlen(key: Argument): Answer<T, M, number>
  /**
   * Returns the values of several fields of a hash.
   *
   * `HMGET key field [field ...]`
   */
  hmget(key: Argument, ...fields: readonly OneOrMore[]): Answer<T, M, (T | null)[]>
  /**
   * Sets several fields of a hash.
   *
   * `HMSET key field value [field value ...]`
   *
   * @deprecated `HSET` with multiple field-value pairs
   */
  hmset(key: Argument, pairs: PairsInput): Answer<T, M, 'OK'>
  hmset(
    key: Argument,
    field: Argument,
    value: Argument,
    ...more: readonly Argument[]
  ): Answer<T, M, 'OK'>
  /**
   * Makes fields of a hash stay.
   *
   * `HPERSIST key FIELDS numfields field [field ...]`
   */
  hpersist(key: Argument, fields: OneOrMore): Answer<T, M, number[]>
  /**
   * Makes fields of a hash expire after a number of milliseconds.
   *
   * `HPEXPIRE key milliseconds [NX | XX | GT | LT] FIELDS numfields field [field ...]`
   */
  hpexpire(
    key: Argument,
    milliseconds: Integer,
    fields: OneOrMore,
    options?: { NX?: boolean; XX?: boolean; GT?: boolean; LT?: boolean },
  ): Answer<T, M, number[]>
  /**
   * Makes fields of a hash expire at a Unix time in milliseconds.
   *
   * `HPEXPIREAT key unix-time-milliseconds [NX | XX | GT | LT] FIELDS numfields field [field
   * ...]`
   */
  hpexpireat(
    key: Argument,
    unixTimeMilliseconds: Integer,
    fields: OneOrMore,
    options?: { NX?: boolean; XX?: boolean; GT?: boolean; LT?: boolean },
  ): Answer<T, M, number[]>
  /**
   * Returns the Unix times in milliseconds at which fields of a hash expire.
   *
   * `HPEXPIRETIME key FIELDS numfields field [field ...]`
   */
  hpexpiretime(key: Argument, fields: OneOrMore): Answer<T, M, number[]>
  /**
   * Returns the milliseconds that fields of a hash have left.
   *
   * `HPTTL key FIELDS numfields field [field ...]`
   */
  hpttl(key: Argument, fields: OneOrMore): Answer<T, M, number[]>
  /**
   * Returns fields of a hash that are chosen at random.
   *
   * `HRANDFIELD key [count [WITHVALUES]]`
   */
  hrandfield(key: Argument, count: Integer, options: { WITHVALUES: true }): Answer<T, M, [T, T][]>
  hrandfield(key: Argument, count: Integer, options?: { WITHVALUES?: boolean }): Answer<T, M, T[]>
  hrandfield(key: Argument, options?: { WITHVALUES?: boolean }): Answer<T, M, T | null>
  /**
   * Lists the fields of a hash with their values, some at a time.
   *
   * `HSCAN key cursor [MATCH pattern] [COUNT count] [NOVALUES]`
   */
  hscan(
    key: Argument,
    cursor: Integer,
    options?: { MATCH?: Argument; COUNT?: Integer; NOVALUES?: boolean },
  ): Answer<T, M, [T, T[]]>
  /**
   * Sets fields of a hash, which is made if it is missing.
   *
   * `HSET key field value [field value ...]`
   */
  hset(key: Argument, pairs: PairsInput): Answer<T, M, number>
  hset(
    key: Argument,
    field: Argument,
    value: Argument,
    ...more: readonly Argument[]
  ): Answer<T, M, number>
  /**
   * Sets fields of a hash and when they expire.
   *
   * `HSETEX key [FNX | FXX] [EX seconds | PX milliseconds | EXAT unix-time-seconds | PXAT
   * unix-time-milliseconds | KEEPTTL] FIELDS numfields field value [field value ...]`
   */
  hsetex(
    key: Argument,
    pairs: PairsInput,
    options?: {
      FNX?: boolean
      FXX?: boolean
      EX?: Integer
      PX?: Integer
      EXAT?: Integer
      PXAT?: Integer
      KEEPTTL?: boolean
    },
  ): Answer<T, M, number>
  /**
   * Sets a field of a hash only if it is missing.
   *
   * `HSETNX key field value`
   */
  hsetnx(key: Argument, field: Argument, value: Argument): Answer<T, M, number>
  /**
   * Returns the length of the value of a field in bytes.
   *
   * `HSTRLEN key field`
   */
  hstrlen(key: Argument, field: Argument): Answer<T, M, number>
  /**
   * Returns the seconds that fields of a hash have left.
   *
   * `HTTL key FIELDS numfields field [field ...]`
   */
  httl(key: Argument, fields: OneOrMore): Answer<T, M, number[]>
  /**
   * Lists the values of a hash.
   *
   * `HVALS key`
   */
  hvals(key: Argument): Answer<T, M, T[]>
}
