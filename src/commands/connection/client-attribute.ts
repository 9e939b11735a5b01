/**
 * What clients call themselves: the connection's name, and the library's name and version.
 *
 * CLIENT LIST separates its fields by spaces, so these hold printable ASCII and no space. Redis
 * looks no further than the first NUL.
 */
import type { Args } from '../../resp/args.ts'
import { cString } from '../c-string.ts'
import { CommandError } from '../errors.ts'

const BAD_NAME = new CommandError(
  'ERR Client names cannot contain spaces, newlines or special characters.',
)

/** Whether argument `index` may be a name or a version. */
export function isClientAttribute(args: Args, index: number): boolean {
  for (const character of cString(args, index)) {
    if (character < '!' || character > '~') return false
  }
  return true
}

/** Argument `index` as the name of a connection. Throws if it can't be one. */
export function clientName(args: Args, index: number): string {
  if (!isClientAttribute(args, index)) throw BAD_NAME
  return args.text(index)
}
