/** How much memory an entry of the keyspace takes. */
import type { Address } from '../../arena/arena.ts'
import { encodingOf, TYPE_STRING, typeOf, valueAddressOf } from '../../keyspace/entry.ts'
import type { Keyspace } from '../../keyspace/keyspace.ts'
import { SEPARATE } from '../../keyspace/string-value.ts'

/** A slot of the dict's table: an address of 4 bytes and a tag of one. */
const SLOT_BYTES = 5

/** Bytes of the entry's block, of what its value has of its own, and of its slot. */
export function bytesOfEntry({ arena, collections }: Keyspace, entry: Address): number {
  const own = arena.capacity(entry) + SLOT_BYTES
  if ((encodingOf(arena, entry) & SEPARATE) === 0) return own
  if (typeOf(arena, entry) !== TYPE_STRING) return own + collections.at(entry).usedBytes
  return own + arena.capacity(valueAddressOf(arena, entry))
}
