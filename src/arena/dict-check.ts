/**
 * The consistency check of a dict: every invariant of root, directory and tables, for tests.
 */
import { type Address, NULL, OFFSET_MASK, SEGMENT_SHIFT } from './address.ts'
import type { Dict } from './dict.ts'
import {
  hashPrefix,
  MAX_DEPTH,
  ROOT_COUNT,
  ROOT_DEEPEST,
  ROOT_DEPTH,
  ROOT_FLAGGED,
  ROOT_TABLES,
  rootField,
  tableAt,
} from './dict-directory.ts'
import { ENTRY_FLAG, keyLength, keyOffset } from './dict-entry.ts'
import {
  fingerprint,
  MAX_LOG2_CAPACITY,
  MIN_LOG2_CAPACITY,
  slotAt,
  TABLE_COUNT,
  TABLE_DEPTH,
  TABLE_FLAGGED,
  TABLE_LOG2_CAPACITY,
  TABLE_TOMBSTONES,
  TAG_DELETED,
  TAG_FLAG,
  tagAt,
} from './dict-table.ts'

/** Throws an Error that says what is broken, if anything is. */
export function checkDict(dict: Dict, root: Address): void {
  const arena = dict.arena
  const depth = rootField(arena, root, ROOT_DEPTH)
  demand(depth >= 0 && depth <= MAX_DEPTH, `global depth ${depth}`)
  const seen = new Set<number>()
  let count = 0
  let flagged = 0
  let tables = 0
  let deepest = 0
  for (let index = 0; index < 1 << depth; ) {
    const table = tableAt(arena, root, index)
    demand(table !== NULL && !seen.has(table), `table at ${index} is null or stands twice`)
    seen.add(table)
    const view = arena.views[table >>> SEGMENT_SHIFT]!
    const base = (table & OFFSET_MASK) << 3
    const localDepth = view.getUint8(base + TABLE_DEPTH)
    demand(localDepth <= depth, `local depth ${localDepth} over global depth ${depth}`)
    const places = 1 << (depth - localDepth)
    demand((index & (places - 1)) === 0, `table at ${index} does not start at its prefix`)
    for (let i = 0; i < places; i++) {
      demand(tableAt(arena, root, index + i) === table, `directory wrong at ${index + i}`)
    }
    checkTable(dict, root, view, base, index >>> (depth - localDepth), seen)
    count += view.getUint16(base + TABLE_COUNT, true)
    flagged += view.getUint16(base + TABLE_FLAGGED, true)
    tables++
    if (localDepth === depth) deepest++
    index += places
  }
  demand(count === rootField(arena, root, ROOT_COUNT), 'count of entries')
  demand(flagged === rootField(arena, root, ROOT_FLAGGED), 'count of flagged entries')
  demand(tables === rootField(arena, root, ROOT_TABLES), 'count of tables')
  demand(deepest === rootField(arena, root, ROOT_DEEPEST), 'count of tables at global depth')
}

function checkTable(
  dict: Dict,
  root: Address,
  view: DataView,
  base: number,
  prefix: number,
  seen: Set<number>,
): void {
  const arena = dict.arena
  const localDepth = view.getUint8(base + TABLE_DEPTH)
  const log2Capacity = view.getUint8(base + TABLE_LOG2_CAPACITY)
  demand(
    log2Capacity >= MIN_LOG2_CAPACITY && log2Capacity <= MAX_LOG2_CAPACITY,
    `capacity 2^${log2Capacity}`,
  )
  demand(localDepth === 0 || log2Capacity === MAX_LOG2_CAPACITY, 'one of several tables is small')
  let count = 0
  let flagged = 0
  let tombstones = 0
  for (let slot = 0; slot < 1 << log2Capacity; slot++) {
    const tag = view.getUint8(tagAt(base, slot))
    if (tag === TAG_DELETED) tombstones++
    if (tag <= TAG_DELETED) continue
    const entry = view.getInt32(slotAt(base, slot), true) as Address
    demand(entry !== NULL && !seen.has(entry), `entry ${entry} is null or stands twice`)
    seen.add(entry)
    const segment = entry >>> SEGMENT_SHIFT
    const entryView = arena.views[segment]!
    const at = (entry & OFFSET_MASK) << 3
    const isFlagged = (entryView.getUint16(at, true) & ENTRY_FLAG) !== 0
    const hash = dict.entryHash(entry)
    demand(tag === (fingerprint(hash) | (isFlagged ? TAG_FLAG : 0)), `tag of entry ${entry}`)
    demand(hashPrefix(hash, localDepth) === prefix, `entry ${entry} is in the wrong table`)
    const keyAt = keyOffset(entryView, at, dict.headerBytes)
    const keyBytes = keyLength(entryView, at, dict.headerBytes)
    const found = dict.find(root, hash, arena.bytes[segment]!, entryView, keyAt, keyBytes)
    demand(found === entry, `entry ${entry} is not found by its key`)
    count++
    if (isFlagged) flagged++
  }
  demand(count === view.getUint16(base + TABLE_COUNT, true), "a table's count")
  demand(flagged === view.getUint16(base + TABLE_FLAGGED, true), "a table's flagged count")
  demand(tombstones === view.getUint16(base + TABLE_TOMBSTONES, true), "a table's tombstones")
}

function demand(condition: boolean, what: string): void {
  if (!condition) throw new Error(`dict: ${what}`)
}
