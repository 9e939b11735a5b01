/**
 * What the types of the store's methods are made of. The methods themselves are in `commands/`,
 * written by `npm run docs` from the declarations of the commands.
 */
import type { Multi } from './multi.ts'
import type { Argument } from './request.ts'

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
 * transaction, of which `M` lists the answers so far.
 */
export type Mode = 'sync' | 'async' | readonly unknown[]

export type Answer<T, M extends Mode, X> = M extends 'sync'
  ? X
  : M extends 'async'
    ? Promise<X>
    : M extends readonly unknown[]
      ? Multi<T, [...M, X]>
      : never
