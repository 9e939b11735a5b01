/**
 * The methods of the commands of the group `generic`. This file is written by
 * `npm run docs` from the declarations in `src/commands`.
 */
import type { Answer, Integer, Mode, OneOrMore } from '../command-types.ts'
import type { Argument } from '../request.ts'
import type { Value } from '../value-reply.ts'

export interface GenericCommands<T, M extends Mode> {
  /**
   * Copies a key with its value and expiry time.
   *
   * `COPY source destination [DB destination-db] [REPLACE]`
   */
  copy(
    source: Argument,
    destination: Argument,
    options?: { DB?: Integer; REPLACE?: boolean },
  ): Answer<T, M, number>
  /**
   * Removes keys.
   *
   * `DEL key [key ...]`
   */
  del(...keys: readonly OneOrMore[]): Answer<T, M, number>
  /**
   * Returns the value of a key as bytes that RESTORE takes.
   *
   * `DUMP key`
   */
  dump(key: Argument): Answer<T, M, T | null>
  /**
   * Counts how many of the named keys there are; a key named twice counts twice.
   *
   * `EXISTS key [key ...]`
   */
  exists(...keys: readonly OneOrMore[]): Answer<T, M, number>
  /**
   * Makes a key expire after a number of seconds.
   *
   * `EXPIRE key seconds [NX | XX | GT | LT]`
   */
  expire(
    key: Argument,
    seconds: Integer,
    options?: { NX?: boolean; XX?: boolean; GT?: boolean; LT?: boolean },
  ): Answer<T, M, number>
  /**
   * Makes a key expire at a Unix time in seconds.
   *
   * `EXPIREAT key unix-time-seconds [NX | XX | GT | LT]`
   */
  expireat(
    key: Argument,
    unixTimeSeconds: Integer,
    options?: { NX?: boolean; XX?: boolean; GT?: boolean; LT?: boolean },
  ): Answer<T, M, number>
  /**
   * Tells the Unix time in seconds at which a key expires.
   *
   * `EXPIRETIME key`
   */
  expiretime(key: Argument): Answer<T, M, number>
  /**
   * Lists the keys that match a pattern.
   *
   * `KEYS pattern`
   */
  keys(pattern: Argument): Answer<T, M, T[]>
  /**
   * Moves keys to another server.
   *
   * `MIGRATE host port <key | ""> destination-db timeout [COPY] [REPLACE] [AUTH password |
   * AUTH2 username password] [KEYS key [key ...]]`
   *
   * Its arguments are given as they are sent.
   */
  migrate(...args: readonly Argument[]): Answer<T, M, Value>
  /**
   * Moves a key to another database, unless it is there already.
   *
   * `MOVE key db`
   */
  move(key: Argument, db: Integer): Answer<T, M, number>
  /**
   * Names the form in which a value is kept.
   *
   * `OBJECT ENCODING key`
   */
  objectEncoding(key: Argument): Answer<T, M, T | null>
  /**
   * Tells how often a key has been used of late, on a logarithmic scale.
   *
   * `OBJECT FREQ key`
   */
  objectFreq(key: Argument): Answer<T, M, number>
  /**
   * Tells for how many seconds a key has not been used.
   *
   * `OBJECT IDLETIME key`
   */
  objectIdletime(key: Argument): Answer<T, M, number>
  /**
   * Tells how many references a value has.
   *
   * `OBJECT REFCOUNT key`
   */
  objectRefcount(key: Argument): Answer<T, M, number>
  /**
   * Makes a key never expire.
   *
   * `PERSIST key`
   */
  persist(key: Argument): Answer<T, M, number>
  /**
   * Makes a key expire after a number of milliseconds.
   *
   * `PEXPIRE key milliseconds [NX | XX | GT | LT]`
   */
  pexpire(
    key: Argument,
    milliseconds: Integer,
    options?: { NX?: boolean; XX?: boolean; GT?: boolean; LT?: boolean },
  ): Answer<T, M, number>
  /**
   * Makes a key expire at a Unix time in milliseconds.
   *
   * `PEXPIREAT key unix-time-milliseconds [NX | XX | GT | LT]`
   */
  pexpireat(
    key: Argument,
    unixTimeMilliseconds: Integer,
    options?: { NX?: boolean; XX?: boolean; GT?: boolean; LT?: boolean },
  ): Answer<T, M, number>
  /**
   * Tells the Unix time in milliseconds at which a key expires.
   *
   * `PEXPIRETIME key`
   */
  pexpiretime(key: Argument): Answer<T, M, number>
  /**
   * Tells after how many milliseconds a key expires.
   *
   * `PTTL key`
   */
  pttl(key: Argument): Answer<T, M, number>
  /**
   * Names a key that is chosen at random.
   *
   * `RANDOMKEY`
   */
  randomkey(): Answer<T, M, T | null>
  /**
   * Gives a key another name, in place of a key that has it.
   *
   * `RENAME key newkey`
   */
  rename(key: Argument, newkey: Argument): Answer<T, M, 'OK'>
  /**
   * Gives a key another name, unless there is a key that has it.
   *
   * `RENAMENX key newkey`
   */
  renamenx(key: Argument, newkey: Argument): Answer<T, M, number>
  /**
   * Makes a key of the bytes that DUMP has given.
   *
   * `RESTORE key ttl serialized-value [REPLACE] [ABSTTL] [IDLETIME seconds] [FREQ frequency]`
   */
  restore(
    key: Argument,
    ttl: Integer,
    serializedValue: Argument,
    options?: { REPLACE?: boolean; ABSTTL?: boolean; IDLETIME?: Integer; FREQ?: Integer },
  ): Answer<T, M, 'OK'>
  /**
   * Lists the keys of the database, some at a time.
   *
   * `SCAN cursor [MATCH pattern] [COUNT count] [TYPE type]`
   */
  scan(
    cursor: Integer,
    options?: { MATCH?: Argument; COUNT?: Integer; TYPE?: Argument },
  ): Answer<T, M, [T, T[]]>
  /**
   * Sorts the elements of a list, a set or a sorted set, and returns or stores them.
   *
   * `SORT key [BY pattern] [LIMIT offset count] [GET pattern [GET pattern ...]] [ASC | DESC]
   * [ALPHA] [STORE destination]`
   */
  sort(
    key: Argument,
    options: {
      BY?: Argument
      LIMIT?: readonly [offset: Integer, count: Integer]
      GET?: OneOrMore
      ASC?: boolean
      DESC?: boolean
      ALPHA?: boolean
      STORE: Argument
    },
  ): Answer<T, M, number>
  sort(
    key: Argument,
    options?: {
      BY?: Argument
      LIMIT?: readonly [offset: Integer, count: Integer]
      GET?: OneOrMore
      ASC?: boolean
      DESC?: boolean
      ALPHA?: boolean
      STORE?: Argument
    },
  ): Answer<T, M, (T | null)[]>
  /**
   * Returns the sorted elements of a list, a set or a sorted set.
   *
   * `SORT_RO key [BY pattern] [LIMIT offset count] [GET pattern [GET pattern ...]] [ASC | DESC]
   * [ALPHA]`
   */
  sortRo(
    key: Argument,
    options?: {
      BY?: Argument
      LIMIT?: readonly [offset: Integer, count: Integer]
      GET?: OneOrMore
      ASC?: boolean
      DESC?: boolean
      ALPHA?: boolean
    },
  ): Answer<T, M, (T | null)[]>
  /**
   * Notes a use of keys, and counts how many of them there are.
   *
   * `TOUCH key [key ...]`
   */
  touch(...keys: readonly OneOrMore[]): Answer<T, M, number>
  /**
   * Tells after how many seconds a key expires.
   *
   * `TTL key`
   */
  ttl(key: Argument): Answer<T, M, number>
  /**
   * Names the type of the value of a key.
   *
   * `TYPE key`
   */
  type(key: Argument): Answer<T, M, string>
  /**
   * Removes keys, just as DEL does.
   *
   * `UNLINK key [key ...]`
   */
  unlink(...keys: readonly OneOrMore[]): Answer<T, M, number>
}
