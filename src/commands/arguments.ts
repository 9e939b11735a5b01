/** Reading the arguments of a command, with the errors that Redis answers to bad ones. */
import type { Args } from '../resp/args.ts'
import { type CommandError, NOT_AN_INTEGER } from './errors.ts'

/** An integer of 64 bits: a number within ±(2^53 - 1), else a bigint. */
export function integer64(args: Args, index: number, error = NOT_AN_INTEGER): number | bigint {
  const value = args.integer(index)
  if (value === null) throw error
  return value
}

/** An integer from `min` to `max`, both within ±(2^53 - 1). */
export function integerWithin(
  args: Args,
  index: number,
  min: number,
  max: number,
  error: CommandError = NOT_AN_INTEGER,
): number {
  const value = args.safeInteger(index)
  // NaN, for what is no such integer, fails both comparisons.
  if (!(value >= min && value <= max)) throw error
  return value
}
