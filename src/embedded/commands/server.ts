/**
 * The methods of the commands of the group `server`. This file is written by
 * `npm run docs` from the declarations in `src/commands`.
 */
import type { Answer, Integer, Mode, OneOrMore, Pairs, PairsInput } from '../command-types.ts'
import type { Argument } from '../request.ts'
import type { Value } from '../value-reply.ts'

export interface ServerCommands<T, M extends Mode> {
  /**
   * Begins to write the append only file anew, as short as it can be.
   *
   * `BGREWRITEAOF`
   */
  bgrewriteaof(): Answer<T, M, string>
  /**
   * Begins to write all data to the disk in the background.
   *
   * `BGSAVE [SCHEDULE]`
   */
  bgsave(options?: { SCHEDULE?: boolean }): Answer<T, M, 'OK'>
  /**
   * Answers how many commands there are.
   *
   * `command COUNT`
   */
  commandCount(): Answer<T, M, number>
  /**
   * Describes commands for people: summaries, arguments, history.
   *
   * `command DOCS [command-name [command-name ...]]`
   */
  commandDocs(...commandNames: readonly OneOrMore[]): Answer<T, M, Value>
  /**
   * Picks the keys out of a whole command.
   *
   * `command GETKEYS command [arg [arg ...]]`
   */
  commandGetkeys(command: Argument, ...args: readonly OneOrMore[]): Answer<T, M, T[]>
  /**
   * Picks the keys out of a whole command, and says what it does to each.
   *
   * `command GETKEYSANDFLAGS command [arg [arg ...]]`
   */
  commandGetkeysandflags(command: Argument, ...args: readonly OneOrMore[]): Answer<T, M, Value>
  /**
   * Describes commands for programs: arity, flags, keys, categories.
   *
   * `command INFO [command-name [command-name ...]]`
   */
  commandInfo(...commandNames: readonly OneOrMore[]): Answer<T, M, Value>
  /**
   * Answers the names of all commands, or of those that a filter lets pass.
   *
   * `command LIST [FILTERBY <MODULE module-name | ACLCAT category | PATTERN pattern>]`
   *
   * Its arguments are given as they are sent.
   */
  commandList(...args: readonly Argument[]): Answer<T, M, T[]>
  /**
   * Answers the values of the parameters that match the patterns.
   *
   * `config GET parameter [parameter ...]`
   */
  configGet(...parameters: readonly OneOrMore[]): Answer<T, M, Pairs<T, T>>
  /**
   * Sets the statistics of INFO back to zero.
   *
   * `config RESETSTAT`
   */
  configResetstat(): Answer<T, M, 'OK'>
  /**
   * Writes the values that hold now to the configuration file.
   *
   * `config REWRITE`
   */
  configRewrite(): Answer<T, M, 'OK'>
  /**
   * Sets parameters while the server runs: all of them or none.
   *
   * `config SET parameter value [parameter value ...]`
   */
  configSet(pairs: PairsInput): Answer<T, M, 'OK'>
  configSet(parameter: Argument, value: Argument, ...more: readonly Argument[]): Answer<T, M, 'OK'>
  /**
   * Answers how many keys the database has.
   *
   * `DBSIZE`
   */
  dbsize(): Answer<T, M, number>
  /**
   * Removes the keys of all databases.
   *
   * `FLUSHALL [ASYNC | SYNC]`
   */
  flushall(options?: { ASYNC?: boolean; SYNC?: boolean }): Answer<T, M, 'OK'>
  /**
   * Removes the keys of the database.
   *
   * `FLUSHDB [ASYNC | SYNC]`
   */
  flushdb(options?: { ASYNC?: boolean; SYNC?: boolean }): Answer<T, M, 'OK'>
  /**
   * Reports on the server: its state, what it uses, and what it has done.
   *
   * `INFO [section [section ...]]`
   */
  info(...sections: readonly OneOrMore[]): Answer<T, M, T>
  /**
   * Returns the Unix time of the last save that succeeded.
   *
   * `LASTSAVE`
   */
  lastsave(): Answer<T, M, number>
  /**
   * Draws a picture and tells the version.
   *
   * `LOLWUT [VERSION version]`
   */
  lolwut(options?: { VERSION?: Integer }): Answer<T, M, T>
  /**
   * Answers how many bytes a key with its value takes.
   *
   * `memory USAGE key [SAMPLES count]`
   */
  memoryUsage(key: Argument, options?: { SAMPLES?: Integer }): Answer<T, M, number | null>
  /**
   * Writes all data to the disk before anybody else is served.
   *
   * `SAVE`
   */
  save(): Answer<T, M, 'OK'>
  /**
   * Exchanges the contents of two databases.
   *
   * `SWAPDB index1 index2`
   */
  swapdb(index1: Integer, index2: Integer): Answer<T, M, 'OK'>
  /**
   * Answers the time of the server: seconds since 1970, and microseconds.
   *
   * `TIME`
   */
  time(): Answer<T, M, T[]>
}
