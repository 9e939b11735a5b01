/**
 * A transaction that is put together command by command and then done at once: nobody's commands
 * come in between, and the log has all of it or nothing. As with MULTI and EXEC, a command that
 * fails does not undo those before it.
 */
import { addGiven, addMethods, METHODS } from './methods.ts'
import { type Argument, isArgument, nameOf, unfitArgument } from './request.ts'
import type { Value } from './value-reply.ts'

/** Does the commands of a transaction; answers null if a watched key has changed. */
export type Execute = (requests: readonly QueuedCall[]) => Value[] | null | Promise<Value[] | null>

/** A command's full name, as `config|get`, and its arguments as they are sent. */
export interface QueuedCall {
  readonly name: string
  readonly args: readonly Argument[]
}

export class Chain {
  private readonly execute: Execute
  private readonly requests: QueuedCall[] = []

  constructor(execute: Execute) {
    this.execute = execute
  }

  call(name: string, ...args: readonly Argument[]): this {
    return this.queue(nameOf(name), argumentsOf(args))
  }

  queue(name: string, args: readonly Argument[]): this {
    this.requests.push({ name, args })
    return this
  }

  exec(): ReturnType<Execute> {
    return this.execute(this.requests.splice(0))
  }
}

/** Gathers the arguments of one call. */
export class ArgumentList {
  readonly list: Argument[] = []

  add(argument: Argument): void {
    if (!isArgument(argument)) throw unfitArgument(argument, this.list.length + 1)
    this.list.push(argument)
  }
}

/** What a command is called with, as it is sent. @throws TypeError for what is no argument */
export function argumentsOf(args: readonly unknown[]): readonly Argument[] {
  for (let i = 0; i < args.length; i++) {
    if (!isArgument(args[i])) throw unfitArgument(args[i], i + 1)
  }
  return args as readonly Argument[]
}

addMethods(Chain.prototype, (index) => {
  return function (this: Chain, ...given: unknown[]) {
    const args = new ArgumentList()
    addGiven(METHODS[index]!, given, args)
    return this.queue(METHODS[index]!.fullName, args.list)
  }
})
