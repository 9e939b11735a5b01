/**
 * The methods of the commands of the group `connection`. This file is written by
 * `npm run docs` from the declarations in `src/commands`.
 */
import type { Answer, Integer, Mode, OneOrMore } from '../command-types.ts'
import type { Argument } from '../request.ts'
import type { Value } from '../value-reply.ts'

export interface ConnectionCommands<T, M extends Mode> {
  /**
   * Answers the name of the connection.
   *
   * `CLIENT GETNAME`
   */
  clientGetname(): Answer<T, M, T | null>
  /**
   * Answers which client gets the notices of key tracking; 0 for this one, -1 for none.
   *
   * `CLIENT GETREDIR`
   */
  clientGetredir(): Answer<T, M, Value>
  /**
   * Answers the number of the connection.
   *
   * `CLIENT ID`
   */
  clientId(): Answer<T, M, number>
  /**
   * Tells about the connection.
   *
   * `CLIENT INFO`
   */
  clientInfo(): Answer<T, M, T>
  /**
   * Ends connections.
   *
   * `CLIENT KILL <ip:port | <[ID client-id] | [TYPE <normal | master | slave | replica |
   * pubsub>] | [USER username] | [ADDR ip:port] | [LADDR ip:port] | [SKIPME <YES | NO>] |
   * [MAXAGE maxage]> [<[ID client-id] | [TYPE <normal | master | slave | replica | pubsub>] |
   * [USER username] | [ADDR ip:port] | [LADDR ip:port] | [SKIPME <YES | NO>] | [MAXAGE maxage]>
   * ...]>`
   *
   * Its arguments are given as they are sent.
   */
  clientKill(...args: readonly Argument[]): Answer<T, M, number>
  /**
   * Tells about all connections, or those of one kind or with certain numbers.
   *
   * `CLIENT LIST [TYPE <normal | master | replica | pubsub>] [ID client-id [client-id ...]]`
   */
  clientList(options?: {
    TYPE?: 'normal' | 'master' | 'replica' | 'pubsub'
    ID?: OneOrMore
  }): Answer<T, M, T>
  /**
   * Keeps the connection from being ended when the memory of clients gets short.
   *
   * `CLIENT NO-EVICT <ON | OFF>`
   */
  clientNoEvict(enabled: 'ON' | 'OFF'): Answer<T, M, 'OK'>
  /**
   * Makes the connection's commands leave no trace in how recently keys were used.
   *
   * `CLIENT NO-TOUCH <ON | OFF>`
   */
  clientNoTouch(enabled: 'ON' | 'OFF'): Answer<T, M, 'OK'>
  /**
   * Holds back the commands of all clients, or those that write, for some time.
   *
   * `CLIENT PAUSE timeout [WRITE | ALL]`
   */
  clientPause(timeout: Integer, options?: { WRITE?: boolean; ALL?: boolean }): Answer<T, M, 'OK'>
  /**
   * Tells which client library, of which version, the connection is from.
   *
   * `CLIENT SETINFO <lib-name libname | lib-ver libver>`
   */
  clientSetinfo(options: { 'lib-name'?: Argument; 'lib-ver'?: Argument }): Answer<T, M, 'OK'>
  /**
   * Names the connection; an empty name takes the name away.
   *
   * `CLIENT SETNAME connection-name`
   */
  clientSetname(connectionName: Argument): Answer<T, M, 'OK'>
  /**
   * Tells how the connection tracks keys.
   *
   * `CLIENT TRACKINGINFO`
   */
  clientTrackinginfo(): Answer<T, M, Value>
  /**
   * Lets a client go on that waits in a blocking command.
   *
   * `CLIENT UNBLOCK client-id [TIMEOUT | ERROR]`
   */
  clientUnblock(
    clientId: Integer,
    options?: { TIMEOUT?: boolean; ERROR?: boolean },
  ): Answer<T, M, number>
  /**
   * Ends a pause, and lets the clients go on that it held back.
   *
   * `CLIENT UNPAUSE`
   */
  clientUnpause(): Answer<T, M, 'OK'>
  /**
   * Answers the message given.
   *
   * `ECHO message`
   */
  echo(message: Argument): Answer<T, M, T>
  /**
   * Answers PONG, or the message given.
   *
   * `PING [message]`
   */
  ping(message?: Argument): Answer<T, M, 'PONG' | T>
  /**
   * Chooses the database that the connection works on.
   *
   * `SELECT index`
   */
  select(index: Integer): Answer<T, M, 'OK'>
}
