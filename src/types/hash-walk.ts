/**
 * A walk over the fields of a hash, one at a time, so that whoever walks may stop where it likes.
 * The hash must not change meanwhile. The order is that in which the fields were added (packed) or
 * that of the dict's slots.
 */
import { type Address, type Arena, NULL } from '../arena/arena.ts'
import { DictWalk } from '../arena/dict-walk.ts'
import type { HashValue } from './hash.ts'
import { PAIRS, TRIPLES } from './hash-packed.ts'
import { dictOfTable } from './hash-table.ts'
import { NONE, PackedList } from './packed-list.ts'

export class HashWalk {
  private readonly arena: Arena
  private readonly packed: PackedList
  private readonly entries: DictWalk
  private value: Address = NULL
  private stride = PAIRS
  private isPacked = true
  /** The place of the next field of a packed hash. */
  private place = NONE

  constructor(arena: Arena) {
    this.arena = arena
    this.packed = new PackedList(arena)
    this.entries = new DictWalk(arena)
  }

  /** Goes to before the first field. */
  begin(hash: HashValue): void {
    this.value = hash.value
    this.stride = hash.stride
    this.isPacked = hash.isPacked
    if (this.isPacked) this.place = this.packed.first(hash.value)
    else this.entries.begin(dictOfTable(this.arena, hash.value))
  }

  /** The position of the next field, as `HashValue.read` takes it; 0 behind the last. */
  next(): number {
    if (!this.isPacked) return this.entries.next()
    const { packed, place, stride, value } = this
    if (place === NONE) return NULL
    let next = packed.next(value, packed.next(value, place))
    if (stride === TRIPLES) next = packed.next(value, next)
    this.place = next
    return place
  }
}
