/** How much memory an entry of the keyspace takes. */
import type { Address, Arena } from '../../arena/arena.ts'
import { encodingOf, TYPE_STRING, typeOf, valueAddressOf } from '../../keyspace/entry.ts'
import { SEPARATE } from '../../keyspace/string-value.ts'

/** A slot of the dict's table: an address of 4 bytes and a tag of one. */
const SLOT_BYTES = 5

/** Bytes of the entry's block, of the block that its value has of its own, and of its slot. */
export function bytesOfEntry(arena: Arena, entry: Address): number {
  let total = arena.capacity(entry) + SLOT_BYTES
  if (typeOf(arena, entry) === TYPE_STRING && (encodingOf(arena, entry) & SEPARATE) !== 0) {
    total += arena.capacity(valueAddressOf(arena, entry))
  }
  return total
}
