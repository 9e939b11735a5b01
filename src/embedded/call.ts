/**
 * Calls of the process itself: requests of JavaScript values, answered by JavaScript values.
 */
import type { Command } from '../commands/command-table.ts'
import { wrongNumberOfArguments } from '../commands/errors.ts'
import { unknownCommand } from '../server/refusals.ts'
import type { Server } from '../server/server.ts'
import type { Session } from '../server/session.ts'
import { CommandRunner } from './command-runner.ts'
import type { QueuedCall } from './multi.ts'
import { type Argument, nameOf, Request } from './request.ts'
import { StoreError } from './store-error.ts'
import { type Value, ValueReply } from './value-reply.ts'
import { textOfLatin1 } from './value-text.ts'

/** What depends on a connection, of which a call has none, and what to do instead. */
export const REFUSED = new Map([
  ['multi', 'use multi() or transaction()'],
  ['exec', 'use multi() or transaction()'],
  ['discard', 'use multi() or transaction()'],
  ['subscribe', 'use subscribe()'],
  ['psubscribe', 'use subscribe() with { pattern: true }'],
  ['ssubscribe', 'use subscribe() with { shard: true }'],
  ['unsubscribe', 'close the subscription'],
  ['punsubscribe', 'close the subscription'],
  ['sunsubscribe', 'close the subscription'],
  ['monitor', 'use connect()'],
  ['hello', 'use connect()'],
  ['auth', 'there is nobody to be told from others'],
  ['reset', 'there is no connection'],
  ['quit', 'use close()'],
  ['shutdown', 'use close()'],
  ['sync', 'use connect()'],
  ['psync', 'use connect()'],
  ['client|reply', 'use connect()'],
  ['client|tracking', 'use connect()'],
  ['client|caching', 'use connect()'],
])

/** @throws StoreError for a command that cannot be called */
export function checkCallable(command: Command): void {
  const instead = REFUSED.get(command.fullName)
  if (instead === undefined) return
  const shown = command.fullName.toUpperCase().replace('|', ' ')
  throw new StoreError(`ERR ${shown} can't be called here: ${instead}`)
}

export class Calls extends CommandRunner<ValueReply> {
  readonly request: Request

  constructor(server: Server, session: Session) {
    const request = new Request()
    super(server, session, request.args, new ValueReply())
    this.request = request
  }

  /** The command of a name, `container|sub` for a subcommand. @throws StoreError */
  commandOf(name: string): Command {
    const command = this.server.commands.get(name)
    if (command === null) throw new StoreError(`ERR unknown command '${name}'`)
    return command
  }

  /** Makes the request of any command. @throws StoreError if there is no such */
  prepare(name: string, args: readonly Argument[]): Command {
    const { request } = this
    const { commands } = this.server
    let command = commands.get(nameOf(name))
    let first = 0
    if (command !== null && command.subcommands !== null && args.length > 0) {
      command = command.subcommands.get(String(args[0]).toLowerCase()) ?? null
      first = 1
    }
    if (command === null) throw this.unknown(name, args)
    checkCallable(command)
    request.begin(command)
    for (let i = first; i < args.length; i++) request.add(args[i]!)
    return command
  }

  private unknown(name: string, args: readonly Argument[]): StoreError {
    const { request, server } = this
    request.beginEmpty()
    request.add(name)
    for (const argument of args) request.add(argument)
    return new StoreError(textOfLatin1(unknownCommand(server, request.args).text))
  }

  /** Runs the request that has been made. @throws StoreError */
  finish(command: Command, asBytes: boolean): Value {
    this.reply.asBytes = asBytes
    this.run(command)
    this.request.trim()
    return this.reply.take()
  }

  /** The same, with an error as a value. */
  finishOrError(command: Command): Value {
    this.reply.asBytes = false
    this.run(command)
    this.request.trim()
    return this.reply.takeOrError()
  }

  /**
   * Runs the commands of a transaction, as EXEC does.
   *
   * @returns null, nothing having been done, if a watched key has changed
   * @throws StoreError if one of the commands does not exist or may not be called
   */
  execute(requests: readonly QueuedCall[]): Value[] | null {
    const { server, session } = this
    const { isDirty } = session
    try {
      // What cannot be is found before anything is done.
      for (const { args, name } of requests) this.checkQueued(name, args)
    } finally {
      // As with EXEC, nothing is watched any more, however this ends.
      server.transactions.discard(session)
    }
    if (isDirty) return null
    return this.unit(() =>
      requests.map(({ args, name }) => this.finishOrError(this.prepare(name, args))),
    )
  }

  private checkQueued(name: string, args: readonly Argument[]): void {
    const command = this.prepare(name, args)
    const { count } = this.request.args
    if (!command.takes(count)) throw new StoreError(wrongNumberOfArguments(command.fullName).text)
  }
}
