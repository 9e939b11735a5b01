/** The name of the form in which a value is kept: what OBJECT ENCODING answers. */
import type { Address } from '../arena/arena.ts'
import { TYPE_STRING, typeOf } from './entry.ts'
import type { Keyspace } from './keyspace.ts'
import { StringValue, stringEncoding } from './string-value.ts'

const value = new StringValue()

/** The name of the encoding of an entry's value, as Redis calls it. */
export function encodingName({ arena, collections }: Keyspace, entry: Address): string {
  if (typeOf(arena, entry) !== TYPE_STRING) return collections.at(entry).encodingName
  value.locate(arena, entry)
  return stringEncoding(arena, entry, value)
}
