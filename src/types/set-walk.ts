/**
 * A walk over the members of a set, one at a time, so that whoever walks may stop where it likes.
 * The set must not change meanwhile; the order is that of the encoding: as added (packed), by value
 * (intset), or by the slots of the dict's tables, which is about the order of the hash.
 */
import { type Address, type Arena, NULL, OFFSET_MASK, SEGMENT_SHIFT } from '../arena/arena.ts'
import { equalBytes } from '../arena/bytes.ts'
import { ROOT_DEPTH, rootField, tableAt } from '../arena/dict-directory.ts'
import { keyLength, keyOffset, LONG_KEY } from '../arena/dict-entry.ts'
import {
  emptyTags,
  freeTags,
  groupAt,
  matchingTags,
  slotAt,
  TABLE_DEPTH,
  TABLE_LOG2_CAPACITY,
  tagAt,
} from '../arena/dict-table.ts'
import { MAX_INTEGER_BYTES } from '../bytes/integers.ts'
import { IntSet } from './intset.ts'
import { NONE, PackedList } from './packed-list.ts'
import type { SetValue } from './set.ts'
import { DICT, INTSET, MEMBER_HEADER_BYTES, PACKED } from './set-encoding.ts'

/** The top bits of the four tags of a group. */
const ALL_SLOTS = 0x80808080 | 0
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
  // The table of a dict that is walked now, the group in it, and the slots of that still to come:
  // the top bits of their bytes, as in dict-table.ts.
  private tableView: DataView = NO_VIEW
  private base = 0
  private group = 0
  private groups = 0
  private left = 0
  /** The slot that the walk has come to. */
  private slot = 0
  private tableAddress: Address = NULL
  // What `isIn` knows of another dict: its table for the same hashes as that of `joinedFrom`, NULL
  // unless it is of the same shape.
  private joinedFrom: Address = NULL
  private joinedRoot: Address = NULL
  private joined: Address = NULL
  private joinedView: DataView = NO_VIEW
  private joinedBase = 0

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
    this.left = 0
    this.group = 0
    this.groups = 0
    this.joinedFrom = NULL
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
    if (this.left === 0 && !this.nextGroup()) return false
    const { group, left } = this
    const slot = (group << 2) + ((31 - Math.clz32(left & -left)) >>> 3)
    this.left = left & (left - 1)
    this.slot = slot
    this.locate(this.tableView.getInt32(slotAt(this.base, slot), true) as Address)
    return true
  }

  /** Goes on to a group with entries. @returns false behind the last one */
  private nextGroup(): boolean {
    let { group, left } = this
    while (left === 0) {
      if (++group >= this.groups) {
        if (!this.nextTable()) return false
        group = 0
      }
      left = freeTags(this.tableView.getInt32(groupAt(this.base, group), true)) ^ ALL_SLOTS
    }
    this.group = group
    this.left = left
    return true
  }

  private nextTable(): boolean {
    const { arena, position, root } = this
    const depth = rootField(arena, root, ROOT_DEPTH)
    if (position >= 1 << depth) return false
    const table = tableAt(arena, root, position)
    this.tableAddress = table
    this.tableView = arena.views[table >>> SEGMENT_SHIFT]!
    this.base = (table & OFFSET_MASK) << 3
    this.groups = 1 << (this.tableView.getUint8(this.base + TABLE_LOG2_CAPACITY) - 2)
    this.position = position + (1 << (depth - this.tableView.getUint8(this.base + TABLE_DEPTH)))
    return true
  }

  /**
   * Goes to the next member that another set has, too; what is between need not even be read.
   *
   * @returns false if there is none left
   */
  nextIn(other: SetValue): boolean {
    if (this.encoding !== DICT || other.encoding !== DICT) {
      while (this.next()) {
        if (other.has(this.bytes, this.view, this.start, this.end - this.start)) return true
      }
      return false
    }
    while (this.left !== 0 || this.nextGroup()) {
      if (this.joinedTable(other.root) !== NULL) {
        if (this.nextJoined()) return true
      } else {
        this.nextEntry()
        if (other.has(this.bytes, this.view, this.start, this.end - this.start)) return true
      }
    }
    return false
  }

  /**
   * Whether the member that a walk through a dict has come to is one of another set, too.
   *
   * All dicts of sets hash alike. So where both have tables of the same shape for the same hashes,
   * which sets of about one size do, the member need not be hashed. Its tag says its fingerprint.
   * Its home group is the group that it is in, or one before, with only full groups from there on,
   * since probing would have stopped at an empty slot (dict-table.ts). In the other table it can
   * be in any of these, or behind them up to the first group with an empty slot.
   */
  isIn(other: SetValue): boolean {
    if (other.encoding !== DICT || this.joinedTable(other.root) === NULL) {
      return other.has(this.bytes, this.view, this.start, this.end - this.start)
    }
    const print = this.tableView.getUint8(tagAt(this.base, this.slot))
    return this.isJoined(this.entry, print, this.fullGroupsBefore())
  }

  /** `nextIn` within the table at hand, where another dict has one of the same shape. */
  private nextJoined(): boolean {
    const { base, groups, joinedBase, joinedView, tableView } = this
    let { group, left } = this
    for (;;) {
      while (left === 0) {
        if (++group === groups) {
          this.group = group
          this.left = 0
          return false
        }
        left = freeTags(tableView.getInt32(groupAt(base, group), true)) ^ ALL_SLOTS
      }
      this.group = group
      const tags = tableView.getInt32(groupAt(base, group), true)
      const joinedTags = joinedView.getInt32(groupAt(joinedBase, group), true)
      const fullBefore = this.fullGroupsBefore()
      // Nearly always the group of the same number decides it, most often by the tags alone.
      const isDecided = fullBefore === 0 && emptyTags(joinedTags) !== 0
      while (left !== 0) {
        const top = 31 - Math.clz32(left & -left)
        left &= left - 1
        const print = (tags >>> (top - 7)) & 0x7f
        if (isDecided && matchingTags(joinedTags, print) === 0) continue
        const slot = (group << 2) + (top >>> 3)
        const entry = tableView.getInt32(slotAt(base, slot), true) as Address
        if (!this.isJoined(entry, print, fullBefore)) continue
        this.left = left
        this.slot = slot
        this.locate(entry)
        return true
      }
    }
  }

  /** How many groups that come right before the one at hand are full. */
  private fullGroupsBefore(): number {
    const { base, group, groups, tableView } = this
    const last = groups - 1
    let full = 0
    while (
      full < last &&
      emptyTags(tableView.getInt32(groupAt(base, (group - full - 1) & last), true)) === 0
    ) {
      full++
    }
    return full
  }

  /** Whether the joined table has the member of an entry in the group at hand. */
  private isJoined(entry: Address, print: number, fullBefore: number): boolean {
    const { group, groups, joinedBase, joinedView } = this
    const last = groups - 1
    for (let distance = -fullBefore; distance < groups; distance++) {
      const probed = (group + distance) & last
      const tags = joinedView.getInt32(groupAt(joinedBase, probed), true)
      let matching = matchingTags(tags, print)
      while (matching !== 0) {
        const bit = 31 - Math.clz32(matching)
        const slot = (probed << 2) + (bit >>> 3)
        const other = joinedView.getInt32(slotAt(joinedBase, slot), true) as Address
        if (isSameMember(this.arena, entry, other)) return true
        matching ^= 1 << bit
      }
      if (distance >= 0 && emptyTags(tags) !== 0) return false
    }
    return false
  }

  /** The table of another dict for the hashes of the table at hand; NULL if its shape differs. */
  private joinedTable(root: Address): Address {
    const { arena, tableAddress } = this
    if (this.joinedFrom === tableAddress && this.joinedRoot === root) return this.joined
    this.joinedFrom = tableAddress
    this.joinedRoot = root
    this.joined = NULL
    const depth = this.tableView.getUint8(this.base + TABLE_DEPTH)
    const otherDepth = rootField(arena, root, ROOT_DEPTH)
    if (otherDepth < depth) return NULL
    const ownDepth = rootField(arena, this.root, ROOT_DEPTH)
    const prefix = (this.position - 1) >>> (ownDepth - depth)
    const table = tableAt(arena, root, prefix << (otherDepth - depth))
    const view = arena.views[table >>> SEGMENT_SHIFT]!
    const base = (table & OFFSET_MASK) << 3
    const isAlike =
      view.getUint8(base + TABLE_DEPTH) === depth &&
      1 << (view.getUint8(base + TABLE_LOG2_CAPACITY) - 2) === this.groups
    if (isAlike) {
      this.joined = table
      this.joinedView = view
      this.joinedBase = base
    }
    return this.joined
  }

  /** Whether this walks through a dict. */
  get isInDict(): boolean {
    return this.encoding === DICT
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

/** Whether two entries are of the same member. */
function isSameMember(arena: Arena, entry: Address, other: Address): boolean {
  const view = arena.views[entry >>> SEGMENT_SHIFT]!
  const otherView = arena.views[other >>> SEGMENT_SHIFT]!
  const at = (entry & OFFSET_MASK) << 3
  const otherAt = (other & OFFSET_MASK) << 3
  const length = view.getUint16(at, true)
  if (length === LONG_KEY) return isSameLongMember(arena, entry, other)
  // The length and the member behind it are compared as one, by words: a block has whole ones.
  const whole = (MEMBER_HEADER_BYTES + length) & ~3
  for (let i = 0; i < whole; i += 4) {
    if (view.getInt32(at + i, true) !== otherView.getInt32(otherAt + i, true)) return false
  }
  const restBits = ((MEMBER_HEADER_BYTES + length) & 3) << 3
  if (restBits === 0) return true
  const difference = view.getInt32(at + whole, true) ^ otherView.getInt32(otherAt + whole, true)
  return difference << (32 - restBits) === 0
}

function isSameLongMember(arena: Arena, entry: Address, other: Address): boolean {
  const view = arena.views[entry >>> SEGMENT_SHIFT]!
  const otherView = arena.views[other >>> SEGMENT_SHIFT]!
  const at = (entry & OFFSET_MASK) << 3
  const otherAt = (other & OFFSET_MASK) << 3
  const length = keyLength(view, at, MEMBER_HEADER_BYTES)
  if (keyLength(otherView, otherAt, MEMBER_HEADER_BYTES) !== length) return false
  return equalBytes(
    arena.bytes[entry >>> SEGMENT_SHIFT]!,
    view,
    keyOffset(view, at, MEMBER_HEADER_BYTES),
    arena.bytes[other >>> SEGMENT_SHIFT]!,
    otherView,
    keyOffset(otherView, otherAt, MEMBER_HEADER_BYTES),
    length,
  )
}
