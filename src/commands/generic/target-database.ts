/** The database that a command names as its target, and saying that a key in it has changed. */
import type { Database } from '../../keyspace/database.ts'
import { integer64 } from '../arguments.ts'
import type { Context } from '../context.ts'
import { CommandError } from '../errors.ts'

export const SAME_OBJECT = new CommandError('ERR source and destination objects are the same')
const NO_SUCH_DATABASE = new CommandError('ERR DB index is out of range')
const NO_INT = new CommandError(
  'ERR value is out of range, value must between -2147483648 and 2147483647',
)
const INT_MAX = 2147483647

/** The database whose number is argument `index`. */
export function targetDatabase({ args, server }: Context, index: number): Database {
  const number = integer64(args, index)
  if (number > INT_MAX || number < -INT_MAX - 1) throw NO_INT
  const database = server.keyspace.databases[Number(number)]
  if (database === undefined) throw NO_SUCH_DATABASE
  return database
}

/**
 * `context.touched` for a key of another database than the selected one.
 *
 * @param isReplaced whether the key was there before, and counts as new all the same
 */
export function touchedIn(
  db: Database,
  context: Context,
  index: number,
  event: string,
  isReplaced = false,
): void {
  const selected = context.db
  context.db = db
  if (isReplaced) context.notify(index, 'new')
  context.touched(index, event)
  context.db = selected
}
