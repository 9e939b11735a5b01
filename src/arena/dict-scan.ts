/**
 * Walks over a dict: by cursor (SCAN), over the flagged entries (active expiry), over everything.
 *
 * A cursor is a position in the hash space, from 0 to 2^32 - 1, and nothing else: no state is kept
 * between calls. Whatever its tables look like, the dict divides the hash space into ranges, one
 * a group of slots, and an entry belongs to the range that its hash is in, wherever probing has put
 * it. One call of `scan` visits all entries of the range that the cursor is in and returns the end
 * of that range. So the calls of a full scan cover every hash, and an entry that is there from
 * start to end is visited in the call that covers its hash, however the ranges change in between:
 * a cursor that lies inside a range that has become larger only leads to some repetition.
 *
 * Visitors are called after the entries have been gathered, so a visitor may insert into the dict,
 * may remove, replace and free the entry that it is called with, and may start other walks. It must
 * not free other entries: they may be about to be visited.
 */
import { type Address, OFFSET_MASK, SEGMENT_SHIFT } from './address.ts'
import type { Dict } from './dict.ts'
import {
  hashPrefix,
  ROOT_DEPTH,
  ROOT_FLAGGED,
  rootField,
  tableAt,
  tableOf,
} from './dict-directory.ts'
import {
  emptyTags,
  flaggedTags,
  groupAt,
  homeGroup,
  slotAt,
  TABLE_DEPTH,
  TABLE_FLAGGED,
  TABLE_LOG2_CAPACITY,
  TAG_DELETED,
  tagAt,
} from './dict-table.ts'

/** How many tables without flagged entries one call of `sweepFlagged` passes over at most. */
const MAX_SKIPPED_TABLES = 4096

/**
 * The entries gathered by the walks under way, innermost last. Walks may be nested, so each uses
 * the part behind what is there when it starts, and cuts it off when it ends.
 */
const gathered: number[] = []

/**
 * Visits the entries whose home is the group that covers `cursor`.
 *
 * @param cursor 0 to start, then what the last call returned; any other number is safe as well
 * @returns the next cursor; 0 when the scan is complete
 */
export function scan(
  dict: Dict,
  root: Address,
  cursor: number,
  visit: (entry: Address) => void,
): number {
  const position = cursor | 0
  const table = tableOf(dict.arena, root, position)
  const view = dict.arena.views[table >>> SEGMENT_SHIFT]!
  const base = (table & OFFSET_MASK) << 3
  const localDepth = view.getUint8(base + TABLE_DEPTH)
  const log2Capacity = view.getUint8(base + TABLE_LOG2_CAPACITY)
  const groups = 1 << (log2Capacity - 2)
  const home = homeGroup(position, localDepth, log2Capacity)
  // So many low bits of a hash do not matter for its home group.
  const rangeBits = 34 - log2Capacity - localDepth
  const next = (((position >>> rangeBits) + 1) << rangeBits) >>> 0

  const first = gathered.length
  for (let probes = 0, group = home; probes < groups; probes++) {
    for (let slot = group << 2; slot < (group << 2) + 4; slot++) {
      if (view.getUint8(tagAt(base, slot)) <= TAG_DELETED) continue
      const entry = view.getInt32(slotAt(base, slot), true) as Address
      const hash = dict.entryHash(entry)
      if (homeGroup(hash, localDepth, log2Capacity) === home) gathered.push(entry)
    }
    if (emptyTags(view.getInt32(groupAt(base, group), true)) !== 0) break
    group = (group + 1) & (groups - 1)
  }
  try {
    const end = gathered.length
    for (let i = first; i < end; i++) visit(gathered[i] as Address)
  } finally {
    gathered.length = first
  }
  return next
}

/**
 * Visits flagged entries of the first table at or after a position of the hash space that has any,
 * reading tags only. It passes over at most 4,096 other tables a call, so it may visit none.
 *
 * When the visitor returns false, the walk ends after the group of four slots that the entry is in,
 * so up to three more entries are visited: then every call gets on, and none is left out for it.
 * An entry is left out of one round if it moves while the round is under way.
 *
 * @param position 0 to start, then what the last call returned; any other number is safe as well
 * @param visit returns whether to go on
 * @returns the position to go on from; 0 when the end has been reached
 */
export function sweepFlagged(
  dict: Dict,
  root: Address,
  position: number,
  visit: (entry: Address) => boolean,
): number {
  const arena = dict.arena
  if (rootField(arena, root, ROOT_FLAGGED) === 0) return 0
  const depth = rootField(arena, root, ROOT_DEPTH)
  let at = position | 0
  for (let skipped = 0; skipped < MAX_SKIPPED_TABLES; skipped++) {
    const table = tableAt(arena, root, hashPrefix(at, depth))
    const view = arena.views[table >>> SEGMENT_SHIFT]!
    const base = (table & OFFSET_MASK) << 3
    if (view.getUint16(base + TABLE_FLAGGED, true) > 0) {
      return sweepTable(view, base, at, visit)
    }
    at = tableEnd(at, view.getUint8(base + TABLE_DEPTH))
    if (at === 0) return 0
  }
  return at >>> 0
}

/**
 * Visits every entry of the table at a position of the hash space. A walk from 0 to the end visits
 * every entry that is there all the time, though tables split and merge meanwhile; one may be
 * visited twice, if its table has merged with one before it.
 *
 * @param position 0 to start, then what the last call returned
 * @param visit must not change the dict
 * @returns the position to go on from; 0 when the end has been reached
 */
export function visitTable(
  dict: Dict,
  root: Address,
  position: number,
  visit: (entry: Address) => void,
): number {
  const { arena } = dict
  const table = tableOf(arena, root, position | 0)
  const view = arena.views[table >>> SEGMENT_SHIFT]!
  const base = (table & OFFSET_MASK) << 3
  const capacity = 1 << view.getUint8(base + TABLE_LOG2_CAPACITY)
  for (let slot = 0; slot < capacity; slot++) {
    if (view.getUint8(tagAt(base, slot)) <= TAG_DELETED) continue
    visit(view.getInt32(slotAt(base, slot), true) as Address)
  }
  return tableEnd(position | 0, view.getUint8(base + TABLE_DEPTH)) >>> 0
}

/** Visits the flagged entries of one table, from the group that covers `position` on. */
function sweepTable(
  view: DataView,
  base: number,
  position: number,
  visit: (entry: Address) => boolean,
): number {
  const localDepth = view.getUint8(base + TABLE_DEPTH)
  const log2Capacity = view.getUint8(base + TABLE_LOG2_CAPACITY)
  const groups = 1 << (log2Capacity - 2)
  const rangeBits = 34 - log2Capacity - localDepth
  const first = gathered.length
  for (let group = homeGroup(position, localDepth, log2Capacity); group < groups; group++) {
    let flagged = flaggedTags(view.getInt32(groupAt(base, group), true))
    while (flagged !== 0) {
      const bit = 31 - Math.clz32(flagged)
      const slot = (group << 2) + (bit >>> 3)
      gathered.push(view.getInt32(slotAt(base, slot), true), group)
      flagged ^= 1 << bit
    }
  }
  const end = tableEnd(position, localDepth)
  // The bits of the position above those that tell the groups of this table apart.
  const tablePrefix = hashPrefix(position, localDepth) << (log2Capacity - 2)
  try {
    const gatheredEnd = gathered.length
    let lastGroup = groups
    for (let i = first; i < gatheredEnd; i += 2) {
      const group = gathered[i + 1]!
      if (group > lastGroup) return ((tablePrefix + lastGroup + 1) << rangeBits) >>> 0
      if (!visit(gathered[i] as Address)) lastGroup = group
    }
    return end >>> 0
  } finally {
    gathered.length = first
  }
}

/** The first position behind the table that a position is in, as an int32; 0 behind the last. */
function tableEnd(position: number, localDepth: number): number {
  if (localDepth === 0) return 0
  return ((position >>> (32 - localDepth)) + 1) << (32 - localDepth)
}

/**
 * Visits every entry, in no particular order. The visitor must not change the dict; it may free the
 * entry if the dict is about to be destroyed.
 */
export function forEach(dict: Dict, root: Address, visit: (entry: Address) => void): void {
  const arena = dict.arena
  const depth = rootField(arena, root, ROOT_DEPTH)
  for (let index = 0; index < 1 << depth; ) {
    const table = tableAt(arena, root, index)
    const view = arena.views[table >>> SEGMENT_SHIFT]!
    const base = (table & OFFSET_MASK) << 3
    const log2Capacity = view.getUint8(base + TABLE_LOG2_CAPACITY)
    index += 1 << (depth - view.getUint8(base + TABLE_DEPTH))
    for (let slot = 0; slot < 1 << log2Capacity; slot++) {
      if (view.getUint8(tagAt(base, slot)) > TAG_DELETED) {
        visit(view.getInt32(slotAt(base, slot), true) as Address)
      }
    }
  }
}
