/**
 * The methods of the commands of the group `transactions`. This file is written by
 * `npm run docs` from the declarations in `src/commands`.
 */
import type { Answer, Mode, OneOrMore } from '../command-types.ts'

export interface TransactionsCommands<T, M extends Mode> {
  /**
   * Watches no key any more.
   *
   * `UNWATCH`
   */
  unwatch(): Answer<T, M, 'OK'>
  /**
   * Has the next transaction done only if none of the keys has changed by then.
   *
   * `WATCH key [key ...]`
   */
  watch(...keys: readonly OneOrMore[]): Answer<T, M, 'OK'>
}
