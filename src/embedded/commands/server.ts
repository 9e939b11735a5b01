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
   * `ACL CAT [category]`
   */
  aclCat(category?: Argument): Answer<T, M, Value>
  /**
   * Removes users, and ends their connections.
   *
   * `ACL DELUSER username [username ...]`
   */
  aclDeluser(...usernames: readonly OneOrMore[]): Answer<T, M, Value>
  /**
   * Says whether a user may run a command, without running it.
   *
   * `ACL DRYRUN username command [arg [arg ...]]`
   */
  aclDryrun(
    username: Argument,
    command: Argument,
    ...args: readonly OneOrMore[]
  ): Answer<T, M, Value>
  /**
   * Makes up a password that nobody can guess.
   *
   * `ACL GENPASS [bits]`
   */
  aclGenpass(bits?: Integer): Answer<T, M, Value>
  /**
   * Answers the rules of a user.
   *
   * `ACL GETUSER username`
   */
  aclGetuser(username: Argument): Answer<T, M, Value>
  /**
   * Lists all users with their rules, as an ACL file has them.
   *
   * `ACL LIST`
   */
  aclList(): Answer<T, M, Value>
  /**
   * Reads the users from the ACL file.
   *
   * `ACL LOAD`
   */
  aclLoad(): Answer<T, M, Value>
  /**
   * Lists what was refused lately for want of a right, or forgets it.
   *
   * `ACL LOG [count | RESET]`
   *
   * Its arguments are given as they are sent.
   */
  aclLog(...args: readonly Argument[]): Answer<T, M, Value>
  /**
   * Writes the users to the ACL file.
   *
   * `ACL SAVE`
   */
  aclSave(): Answer<T, M, Value>
  /**
   * Makes a user, or changes one, by rules: all of them or none.
   *
   * `ACL SETUSER username [rule [rule ...]]`
   */
  aclSetuser(username: Argument, ...rules: readonly OneOrMore[]): Answer<T, M, Value>
  /**
   * Lists the names of all users.
   *
   * `ACL USERS`
   */
  aclUsers(): Answer<T, M, Value>
  /**
   * Answers the name of the user that the connection is.
   *
   * `ACL WHOAMI`
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
   * `COMMAND COUNT`
   */
  commandCount(): Answer<T, M, number>
  /**
   * Describes commands for people: summaries, arguments, history.
   *
   * `COMMAND DOCS [command-name [command-name ...]]`
   */
  commandDocs(...commandNames: readonly OneOrMore[]): Answer<T, M, Value>
  /**
   * Picks the keys out of a whole command.
   *
   * `COMMAND GETKEYS command [arg [arg ...]]`
   */
  commandGetkeys(command: Argument, ...args: readonly OneOrMore[]): Answer<T, M, T[]>
  /**
   * Picks the keys out of a whole command, and says what it does to each.
   *
   * `COMMAND GETKEYSANDFLAGS command [arg [arg ...]]`
   */
  commandGetkeysandflags(command: Argument, ...args: readonly OneOrMore[]): Answer<T, M, Value>
  /**
   * Describes commands for programs: arity, flags, keys, categories.
   *
   * `COMMAND INFO [command-name [command-name ...]]`
   */
  commandInfo(...commandNames: readonly OneOrMore[]): Answer<T, M, Value>
  /**
   * Answers the names of all commands, or of those that a filter lets pass.
   *
   * `COMMAND LIST [FILTERBY <MODULE module-name | ACLCAT category | PATTERN pattern>]`
   *
   * Its arguments are given as they are sent.
   */
  commandList(...args: readonly Argument[]): Answer<T, M, T[]>
  /**
   * Answers the newest entries of one of the logs.
   *
   * `COMMANDLOG GET count <slow | large-request | large-reply>`
   */
  commandlogGet(count: Integer, type: 'slow' | 'large-request' | 'large-reply'): Answer<T, M, Value>
  /**
   * Answers how many entries one of the logs has.
   *
   * `COMMANDLOG LEN <slow | large-request | large-reply>`
   */
  commandlogLen(type: 'slow' | 'large-request' | 'large-reply'): Answer<T, M, Value>
  /**
   * Empties one of the logs.
   *
   * `COMMANDLOG RESET <slow | large-request | large-reply>`
   */
  commandlogReset(type: 'slow' | 'large-request' | 'large-reply'): Answer<T, M, Value>
  /**
   * Answers the values of the parameters that match the patterns.
   *
   * `CONFIG GET parameter [parameter ...]`
   */
  configGet(...parameters: readonly OneOrMore[]): Answer<T, M, Pairs<T, T>>
  /**
   * Sets the statistics of INFO back to zero.
   *
   * `CONFIG RESETSTAT`
   */
  configResetstat(): Answer<T, M, 'OK'>
  /**
   * Writes the values that hold now to the configuration file.
   *
   * `CONFIG REWRITE`
   */
  configRewrite(): Answer<T, M, 'OK'>
  /**
   * Sets parameters while the server runs: all of them or none.
   *
   * `CONFIG SET parameter value [parameter value ...]`
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
   * Explains in words what took long, and what may help.
   *
   * `LATENCY DOCTOR`
   */
  latencyDoctor(): Answer<T, M, Value>
  /**
   * Draws how long an event took, in characters.
   *
   * `LATENCY GRAPH event`
   */
  latencyGraph(event: Argument): Answer<T, M, Value>
  /**
   * Answers how many calls of commands took up to how many microseconds.
   *
   * `LATENCY HISTOGRAM [COMMAND [COMMAND ...]]`
   */
  latencyHistogram(...commands: readonly OneOrMore[]): Answer<T, M, Value>
  /**
   * Answers when an event took long, and how long.
   *
   * `LATENCY HISTORY event`
   */
  latencyHistory(event: Argument): Answer<T, M, Value>
  /**
   * Answers, for each event, when it last took long, how long, and how long at worst.
   *
   * `LATENCY LATEST`
   */
  latencyLatest(): Answer<T, M, Value>
  /**
   * Forgets what is known of the events named, or of all.
   *
   * `LATENCY RESET [event [event ...]]`
   */
  latencyReset(...events: readonly OneOrMore[]): Answer<T, M, Value>
  /**
   * Draws a picture and tells the version.
   *
   * `LOLWUT [VERSION version]`
   */
  lolwut(options?: { VERSION?: Integer }): Answer<T, M, T>
  /**
   * Says in words what is conspicuous about the memory.
   *
   * `MEMORY DOCTOR`
   */
  memoryDoctor(): Answer<T, M, T>
  /**
   * Answers what the allocator has to tell.
   *
   * `MEMORY MALLOC-STATS`
   */
  memoryMallocStats(): Answer<T, M, T>
  /**
   * Gives memory that is not used back to the system.
   *
   * `MEMORY PURGE`
   */
  memoryPurge(): Answer<T, M, Value>
  /**
   * Answers what memory is used for, in numbers.
   *
   * `MEMORY STATS`
   */
  memoryStats(): Answer<T, M, Value>
  /**
   * Answers how many bytes a key with its value takes.
   *
   * `MEMORY USAGE key [SAMPLES count]`
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
   * `SLOWLOG GET [count]`
   */
  slowlogGet(count?: Integer): Answer<T, M, Value>
  /**
   * Answers how many entries the slow log has.
   *
   * `SLOWLOG LEN`
   */
  slowlogLen(): Answer<T, M, Value>
  /**
   * Empties the slow log.
   *
   * `SLOWLOG RESET`
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
