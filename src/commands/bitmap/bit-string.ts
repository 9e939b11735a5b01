/** Strings whose bits are changed where they are. */
import { encodingOf } from '../../keyspace/entry.ts'
import { growString } from '../../keyspace/string-growth.ts'
import { LABEL_RAW, type StringValue } from '../../keyspace/string-value.ts'
import type { Context } from '../context.ts'
import { OUT_OF_MEMORY } from '../errors.ts'
import { findString } from '../string/string-key.ts'

/**
 * Looks up the string of the key that is argument 1, to change its bits in `value`, and makes it
 * `length` bytes long with zeros if it is shorter. It counts as raw from then on, whatever is done.
 *
 * @returns whether it has become longer, or has been made
 * @throws WRONG_TYPE, OUT_OF_MEMORY
 */
export function openBits(context: Context, value: StringValue, length: number): boolean {
  const { args, db } = context
  const { arena } = db.keyspace
  const oldLength = findString(context, 1, value) ? value.length : 0
  const isLonger = length > oldLength
  if (!isLonger && (encodingOf(arena, db.found) & 3) === LABEL_RAW) return false
  if (!growString(db, args, 1, oldLength, isLonger ? length : oldLength)) throw OUT_OF_MEMORY
  value.locate(arena, db.found)
  return isLonger
}
