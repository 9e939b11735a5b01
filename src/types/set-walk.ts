/**
 * A walk over the members of a set, one at a time, so that whoever walks may stop where it likes.
 * The set must not change meanwhile; the order is that of the encoding: as added (packed), by value
 * (intset), or by the slots of the dict's tables, which is about the order of the hash.
 */
import { type Address, type Arena, NULL, OFFSET_MASK, SEGMENT_SHIFT } from '../arena/arena.ts'
import { ROOT_DEPTH, rootField, tableAt } from '../arena/dict-directory.ts'
import { keyLength, keyOffset } from '../arena/dict-entry.ts'
import {
  slotAt,
  TABLE_DEPTH,
  TABLE_LOG2_CAPACITY,
  TAG_DELETED,
  tagAt,
} from '../arena/dict-table.ts'
import { MAX_INTEGER_BYTES } from '../bytes/integers.ts'
import { IntSet } from './intset.ts'
import { NONE, PackedList } from './packed-list.ts'
import type { SetValue } from './set.ts'
import { INTSET, MEMBER_HEADER_BYTES, PACKED } from './set-encoding.ts'

const NO_BYTES = new Uint8Array(0)
const NO_VIEW = new DataView(NO_BYTES.buffer)

export class SetWalk {
  // Where the member is that `next` has come to: valid until the arena changes or the next `next`.
  bytes: Uint8Array = NO_BYTES
  view: DataView = NO_VIEW
  start = 0
  end = 0
  /** In a dict: its entry. */
  entry: Address = NULL
  private readonly arena: Arena
  private readonly packed: PackedList
  private readonly ints: IntSet
  private readonly digits = new Uint8Array(MAX_INTEGER_BYTES)
  private readonly digitsView = new DataView(this.digits.buffer)
  private root: Address = NULL
  private encoding = PACKED
  /** The next member's place, its index, or the directory's index of the table after this one. */
  private position = 0
  // The table of a dict that is walked now.
  private tableView: DataView = NO_VIEW
  private base = 0
  private slot = 0
  private capacity = 0

  constructor(arena: Arena) {
    this.arena = arena
    this.packed = new PackedList(arena)
    this.ints = new IntSet(arena)
  }

  /** Goes to before the first member. */
  begin(set: SetValue): this {
    this.root = set.root
    this.encoding = set.encoding
    this.position = this.encoding === PACKED ? this.packed.first(set.root) : 0
    this.slot = 0
    this.capacity = 0
    return this
  }

  /** Goes to before one member, given by its place in a packed list or its index in an intset. */
  beginAt(set: SetValue, position: number): this {
    this.begin(set)
    this.position = position
    return this
  }

  /** Goes to the next member. @returns false behind the last one */
  next(): boolean {
    if (this.encoding === PACKED) return this.nextPacked()
    return this.encoding === INTSET ? this.nextInteger() : this.nextEntry()
  }

  private nextPacked(): boolean {
    const { packed, position, root } = this
    if (position === NONE) return false
    packed.read(root, position)
    this.bytes = packed.bytes
    this.view = packed.view
    this.start = packed.start
    this.end = packed.end
    this.position = packed.next(root, position)
    return true
  }

  private nextInteger(): boolean {
    if (this.position === this.ints.count(this.root)) return false
    this.ints.read(this.root, this.position++)
    this.bytes = this.digits
    this.view = this.digitsView
    this.start = 0
    this.end = this.ints.print(this.digits, 0)
    return true
  }

  private nextEntry(): boolean {
    for (;;) {
      const { base, capacity, tableView } = this
      let { slot } = this
      while (slot < capacity && tableView.getUint8(tagAt(base, slot)) <= TAG_DELETED) slot++
      if (slot < capacity) {
        this.slot = slot + 1
        this.locate(tableView.getInt32(slotAt(base, slot), true) as Address)
        return true
      }
      if (!this.nextTable()) return false
    }
  }

  private nextTable(): boolean {
    const { arena, position, root } = this
    const depth = rootField(arena, root, ROOT_DEPTH)
    if (position >= 1 << depth) return false
    const table = tableAt(arena, root, position)
    this.tableView = arena.views[table >>> SEGMENT_SHIFT]!
    this.base = (table & OFFSET_MASK) << 3
    this.capacity = 1 << this.tableView.getUint8(this.base + TABLE_LOG2_CAPACITY)
    this.slot = 0
    this.position = position + (1 << (depth - this.tableView.getUint8(this.base + TABLE_DEPTH)))
    return true
  }

  /** Points at the member that is an entry of a dict. */
  locate(entry: Address): void {
    const view = this.arena.views[entry >>> SEGMENT_SHIFT]!
    const at = (entry & OFFSET_MASK) << 3
    this.entry = entry
    this.view = view
    this.bytes = this.arena.bytes[entry >>> SEGMENT_SHIFT]!
    this.start = keyOffset(view, at, MEMBER_HEADER_BYTES)
    this.end = this.start + keyLength(view, at, MEMBER_HEADER_BYTES)
  }
}
