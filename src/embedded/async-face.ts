/**
 * The methods of the commands as promises: for commands that wait (`store.wait`), and for a store
 * that is in another thread (`attach`). What sends them is given.
 */
import type { StoreCommands } from './commands/all.ts'
import { addGiven, addMethods, METHODS } from './methods.ts'
import { ArgumentList, argumentsOf } from './multi.ts'
import { type Argument, nameOf } from './request.ts'
import type { Value } from './value-reply.ts'

/** Sends a command; a name may be `container|sub`. */
export type Send = (name: string, args: readonly Argument[]) => Promise<Value>

/** What the methods work on; not for users. */
const SEND = Symbol('send')

class AsyncFace {
  readonly [SEND]: Send

  constructor(send: Send) {
    this[SEND] = send
  }

  /** Any command by its name, with its arguments one by one as they are sent. */
  async call(name: string, ...args: readonly Argument[]): Promise<Value> {
    return this[SEND](nameOf(name), argumentsOf(args))
  }
}

/** All methods as promises, which answer strings (`T` is `string`) or bytes (`Buffer`). */
export type AsyncCommands<T> = AsyncFace & StoreCommands<T, 'async'>

/** A face with all methods. */
export function asyncFace<T>(send: Send): AsyncCommands<T> {
  return new AsyncFace(send) as AsyncCommands<T>
}

addMethods(AsyncFace.prototype, (index) => {
  const { fullName, plainCount } = METHODS[index]!
  return function (this: AsyncFace, ...given: unknown[]) {
    try {
      if (given.length === plainCount) return this[SEND](fullName, argumentsOf(given))
      const args = new ArgumentList()
      addGiven(METHODS[index]!, given, args)
      return this[SEND](fullName, args.list)
    } catch (error) {
      return Promise.reject(error)
    }
  }
})
