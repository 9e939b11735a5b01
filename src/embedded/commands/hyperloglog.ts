/**
 * The methods of the commands of the group `hyperloglog`. This file is written by
 * `npm run docs` from the declarations in `src/commands`.
 */
import type { Answer, Mode, OneOrMore } from '../command-types.ts'
import type { Argument } from '../request.ts'

export interface HyperloglogCommands<T, M extends Mode> {
  /**
   * Adds elements to a HyperLogLog; a missing key is made.
   *
   * `PFADD key [element [element ...]]`
   */
  pfadd(key: Argument, ...elements: readonly OneOrMore[]): Answer<T, M, number>
  /**
   * Estimates how many different elements were added to the HyperLogLogs together.
   *
   * `PFCOUNT key [key ...]`
   */
  pfcount(...keys: readonly OneOrMore[]): Answer<T, M, number>
  /**
   * Merges HyperLogLogs into one key, which is one of them if it exists.
   *
   * `PFMERGE destkey [sourcekey [sourcekey ...]]`
   */
  pfmerge(destkey: Argument, ...sourcekeys: readonly OneOrMore[]): Answer<T, M, 'OK'>
}
