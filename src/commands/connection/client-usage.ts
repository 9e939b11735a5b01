/** How the subcommands of CLIENT answer to arguments that no arity rules out. */
import type { Args } from '../../resp/args.ts'
import { cString } from '../c-string.ts'
import { CommandError, SYNTAX_ERROR } from '../errors.ts'

const SHOWN_CHARACTERS = 128

/** For more arguments than an optional one explains. */
export function wrongUsage(args: Args): CommandError {
  const sub = cString(args, 1).slice(0, SHOWN_CHARACTERS)
  const problem = `unknown subcommand or wrong number of arguments for '${sub}'`
  return new CommandError(`ERR ${problem}. Try ${cString(args, 0).toUpperCase()} HELP.`)
}

/** Argument `index`, which must be ON or OFF. */
export function onOrOff(args: Args, index: number): boolean {
  if (args.is(index, 'on')) return true
  if (args.is(index, 'off')) return false
  throw SYNTAX_ERROR
}
