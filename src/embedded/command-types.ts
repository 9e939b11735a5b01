/**
 * What the types of the store's methods are made of. The methods themselves are in `commands/`,
 * written by `npm run docs` from the declarations of the commands.
 */
import type { StoreCommands } from './commands/all.ts'
import type { Argument } from './request.ts'
import type { Value } from './value-reply.ts'

/** A whole number, also as its text. */
export type Integer = number | bigint | string

/** One value, or several. */
export type OneOrMore = Argument | readonly Argument[]

/** Pairs of a name and a value. */
export type PairsInput =
  | { readonly [name: string]: Argument }
  | ReadonlyMap<Argument, Argument>
  | readonly (readonly [Argument, Argument])[]

/** Members with their scores. */
export type ScoresInput =
  | { readonly [member: string]: number | string }
  | ReadonlyMap<Argument, number | string>
  | readonly (readonly [score: number | string, member: Argument])[]

/** What a map is answered as: an object without a prototype; where bytes are asked for, a Map. */
export type Pairs<T, V> = T extends string ? { [name: string]: V } : Map<T, V>

/**
 * How a method answers: at once, later, or, in a transaction that is being put together, with the
 * transaction, of which a list says what has been asked so far.
 */
export type Mode = 'sync' | 'async' | readonly unknown[] | { readonly later: readonly unknown[] }

export type Answer<T, M extends Mode, X> = M extends 'sync'
  ? X
  : M extends 'async'
    ? Promise<X>
    : M extends readonly unknown[]
      ? Multi<T, [...M, X]>
      : M extends { readonly later: infer R extends readonly unknown[] }
        ? AsyncMulti<T, [...R, X]>
        : never

/** A transaction that is being put together; `R` lists what its commands will have answered. */
export interface Multi<T, R extends readonly unknown[]> extends StoreCommands<T, R> {
  /** Any command by its name. */
  call(name: string, ...args: readonly Argument[]): Multi<T, [...R, Value]>
  /**
   * Does all of it. @returns what each command has answered, a `StoreError` where it has failed; or
   * null, nothing having been done, if a key that is watched has changed
   */
  exec(): R | null
}

/** The same for a store in another thread. */
export interface AsyncMulti<T, R extends readonly unknown[]>
  extends StoreCommands<T, { readonly later: R }> {
  /** Any command by its name. */
  call(name: string, ...args: readonly Argument[]): AsyncMulti<T, [...R, Value]>
  /** As that of `Multi`. */
  exec(): Promise<R | null>
}
