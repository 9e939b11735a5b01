/**
 * The methods of the commands of the group `server`. This file is written by
 * `npm run docs` from the declarations in `src/commands`.
 */
import type { Answer, Integer, Mode, OneOrMore, Pairs, PairsInput } from '../command-types.ts'
import type { Argument } from '../request.ts'
import type { Value } from '../value-reply.ts'

export interface ServerCommands<T, M extends Mode> {
  /**
   * Lists the categories of commands, or the commands of one.
   *
   * `acl CAT [category]`
   */
  aclCat(category?: Argument): Answer<T, M, Value>
  /**
   * Removes users, and ends their connections.
   *
   * `acl DELUSER username [username ...]`
   */
  aclDeluser(...usernames: readonly OneOrMore[]): Answer<T, M, Value>
  /**
   * Says whether a user may run a command, without running it.
   *
   * `acl DRYRUN username command [arg [arg ...]]`
   */
  aclDryrun(
    username: Argument,
    command: Argument,
    ...args: readonly OneOrMore[]
  ): Answer<T, M, Value>
  /**
   * Makes up a password that nobody can guess.
   *
   * `acl GENPASS [bits]`
   */
  aclGenpass(bits?: Integer): Answer<T, M, Value>
  /**
   * Answers the rules of a user.
   *
   * `acl GETUSER username`
   */
  aclGetuser(username: Argument): Answer<T, M, Value>
  /**
   * Lists all users with their rules, as an ACL file has them.
   *
   * `acl LIST`
   */
  aclList(): Answer<T, M, Value>
  /**
   * Reads the users from the ACL file.
   *
   * `acl LOAD`
   */
  aclLoad(): Answer<T, M, Value>
  /**
   * Lists what was refused lately for want of a right, or forgets it.
   *
   * `acl LOG [count | RESET]`
   *
   * Its arguments are given as they are sent.
   */
  aclLog(...args: readonly Argument[]): Answer<T, M, Value>
  /**
   * Writes the users to the ACL file.
   *
   * `acl SAVE`
   */
  aclSave(): Answer<T, M, Value>
  /**
   * Makes a user, or changes one, by rules: all of them or none.
   *
   * `acl SETUSER username [rule [rule ...]]`
   */
  aclSetuser(username: Argument, ...rules: readonly OneOrMore[]): Answer<T, M, Value>
  /**
   * Lists the names of all users.
   *
   * `acl USERS`
   */
  aclUsers(): Answer<T, M, Value>
  /**
   * Answers the name of the user that the connection is.
   *
   * `acl WHOAMI`
   */
  aclWhoami(): Answer<T, M, Value>
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
   * Answers the newest entries of one of the logs.
   *
   * `commandlog GET count <slow | large-request | large-reply>`
   */
  commandlogGet(count: Integer, type: 'slow' | 'large-request' | 'large-reply'): Answer<T, M, Value>
  /**
   * Answers how many entries one of the logs has.
   *
   * `commandlog LEN <slow | large-request | large-reply>`
   */
  commandlogLen(type: 'slow' | 'large-request' | 'large-reply'): Answer<T, M, Value>
  /**
   * Empties one of the logs.
   *
   * `commandlog RESET <slow | large-request | large-reply>`
   */
  commandlogReset(type: 'slow' | 'large-request' | 'large-reply'): Answer<T, M, Value>
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
   * Says in words what is conspicuous about the memory.
   *
   * `memory DOCTOR`
   */
  memoryDoctor(): Answer<T, M, T>
  /**
   * Answers what the allocator has to tell.
   *
   * `memory MALLOC-STATS`
   */
  memoryMallocStats(): Answer<T, M, T>
  /**
   * Gives memory that is not used back to the system.
   *
   * `memory PURGE`
   */
  memoryPurge(): Answer<T, M, Value>
  /**
   * Answers what memory is used for, in numbers.
   *
   * `memory STATS`
   */
  memoryStats(): Answer<T, M, Value>
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
   * Answers the newest entries of the slow log.
   *
   * `slowlog GET [count]`
   */
  slowlogGet(count?: Integer): Answer<T, M, Value>
  /**
   * Answers how many entries the slow log has.
   *
   * `slowlog LEN`
   */
  slowlogLen(): Answer<T, M, Value>
  /**
   * Empties the slow log.
   *
   * `slowlog RESET`
   */
  slowlogReset(): Answer<T, M, Value>
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
