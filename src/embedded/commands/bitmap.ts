/**
 * The methods of the commands of the group `bitmap`. This file is written by
 * `npm run docs` from the declarations in `src/commands`.
 */
import type { Answer, Integer, Mode, OneOrMore } from '../command-types.ts'
import type { Argument } from '../request.ts'

export interface BitmapCommands<T, M extends Mode> {
  /**
   * Counts the bits that are set in the string value of a key, or in a part of it.
   *
   * `BITCOUNT key [start end [BYTE | BIT]]`
   *
   * Its arguments are given as they are sent.
   */
  bitcount(...args: readonly Argument[]): Answer<T, M, number>
  /**
   * Reads, sets and increments integers of any width in the string value of a key.
   *
   * `BITFIELD key [<GET encoding offset | [OVERFLOW <WRAP | SAT | FAIL>] <SET encoding offset
   * value | INCRBY encoding offset increment>> [<GET encoding offset | [OVERFLOW <WRAP | SAT |
   * FAIL>] <SET encoding offset value | INCRBY encoding offset increment>> ...]]`
   *
   * Its arguments are given as they are sent.
   */
  bitfield(...args: readonly Argument[]): Answer<T, M, (number | null)[]>
  /**
   * Reads integers of any width in the string value of a key.
   *
   * `BITFIELD_RO key [GET encoding offset [GET encoding offset ...]]`
   *
   * Its arguments are given as they are sent.
   */
  bitfieldRo(...args: readonly Argument[]): Answer<T, M, number[]>
  /**
   * Combines strings bit by bit, and stores the result in a key.
   *
   * `BITOP <AND | OR | XOR | NOT> destkey key [key ...]`
   */
  bitop(
    operation: 'AND' | 'OR' | 'XOR' | 'NOT',
    destkey: Argument,
    ...keys: readonly OneOrMore[]
  ): Answer<T, M, number>
  /**
   * Finds the first bit that is set, or clear, in the string value of a key.
   *
   * `BITPOS key bit [start [end [BYTE | BIT]]]`
   *
   * Its arguments are given as they are sent.
   */
  bitpos(...args: readonly Argument[]): Answer<T, M, number>
  /**
   * Returns a bit of the string value of a key.
   *
   * `GETBIT key offset`
   */
  getbit(key: Argument, offset: Integer): Answer<T, M, number>
  /**
   * Sets or clears a bit of the string value of a key; a missing key is made.
   *
   * `SETBIT key offset value`
   */
  setbit(key: Argument, offset: Integer, value: Integer): Answer<T, M, number>
}
