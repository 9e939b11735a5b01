/**
 * A walk over the entries of a dict that stops after each one, in the order of the dict's slots.
 * No hash is computed, so it costs a fraction of a scan; but the dict must not change meanwhile.
 */
import { type Address, type Arena, NULL, OFFSET_MASK, SEGMENT_SHIFT } from './arena.ts'
import { ROOT_DEPTH, rootField, tableAt } from './dict-directory.ts'
import { slotAt, TABLE_DEPTH, TABLE_LOG2_CAPACITY, TAG_DELETED, tagAt } from './dict-table.ts'

export class DictWalk {
  private readonly arena: Arena
  private root: Address = NULL
  /** The directory's index of the table behind the one at hand. */
  private index = 0
  private places = 0
  // The table at hand.
  private segment = 0
  private base = 0
  private slot = 0
  private capacity = 0

  constructor(arena: Arena) {
    this.arena = arena
  }

  /** Goes to before the first entry. */
  begin(root: Address): void {
    this.root = root
    this.index = 0
    this.places = 1 << rootField(this.arena, root, ROOT_DEPTH)
    this.slot = 0
    this.capacity = 0
  }

  /** The next entry, NULL behind the last one. */
  next(): Address {
    for (;;) {
      const { base, capacity } = this
      let { slot } = this
      const view = this.arena.views[this.segment]!
      while (slot < capacity && view.getUint8(tagAt(base, slot)) <= TAG_DELETED) slot++
      if (slot < capacity) {
        this.slot = slot + 1
        return view.getInt32(slotAt(base, slot), true) as Address
      }
      if (this.index >= this.places) return NULL
      this.openTable()
    }
  }

  private openTable(): void {
    const { arena, index, root } = this
    const table = tableAt(arena, root, index)
    this.segment = table >>> SEGMENT_SHIFT
    this.base = (table & OFFSET_MASK) << 3
    const view = arena.views[this.segment]!
    this.capacity = 1 << view.getUint8(this.base + TABLE_LOG2_CAPACITY)
    this.slot = 0
    const depth = rootField(arena, root, ROOT_DEPTH)
    this.index = index + (1 << (depth - view.getUint8(this.base + TABLE_DEPTH)))
  }
}
