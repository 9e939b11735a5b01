/** The range of BITCOUNT and BITPOS, given in bytes or in bits, from either end. */
import type { Args } from '../../resp/args.ts'
import { type ArgSpec, oneOf, token } from '../command.ts'
import { SYNTAX_ERROR } from '../errors.ts'

/** The option that says what a range counts. */
export const UNIT: ArgSpec = oneOf('unit', [token('BYTE'), token('BIT')], {
  optional: true,
  since: '7.0.0',
})

/** Argument `index` as the bits of a range's unit. @throws SYNTAX_ERROR */
export function unitBits(args: Args, index: number): 1 | 8 {
  if (args.is(index, 'bit')) return 1
  if (args.is(index, 'byte')) return 8
  throw SYNTAX_ERROR
}

/**
 * What is meant by an index, negative from the end, among `length` units: 0 or more. Far beyond
 * 2^53 it is not exact, which does not matter behind every end.
 */
export function fromStart(index: number | bigint, length: number): number {
  const number = Number(index)
  return number >= 0 ? number : Math.max(0, length + number)
}
