/**
 * Dict: the hash table that serves the keyspace, large hashes, sets and the member index of sorted
 * sets. It maps byte strings to entries, blocks of the arena that the caller owns
 * (`dict-entry.ts` has their layout).
 *
 * The structure is extendible hashing (Fagin, Nievergelt, Pippenger and Strong, 1979): a directory,
 * indexed by the top bits of the hash, over tables of at most 1,024 slots that split and merge on
 * their own. So no insert ever pays for a rehash of the whole, no table of double size is needed
 * beside the old one, and removal gives memory back. Inside a table (`dict-table.ts`) a byte of tag
 * a slot keeps lookups from reading entries in vain. Everything, down to the group of four
 * slots, lies in the order of the hash, which gives SCAN its cursor (`dict-scan.ts`).
 *
 * All state of a dict is in the arena, under its root block (`dict-directory.ts`). An instance of
 * this class is only the kind of a dict: which arena, how large the entries' headers are, and the
 * hash key. Each method takes the root of the dict that it works on.
 *
 * Failed allocations: `create` returns NULL; `insert` returns false and leaves the dict's content
 * as it was, which happens only if the one table in question has no free slot left; a step of
 * growing that gets no memory is left out for as long as there is one. Removal cannot fail.
 */
import type { Random } from '../platform/random.ts'
import { type Address, NULL, OFFSET_MASK, SEGMENT_SHIFT } from './address.ts'
import type { Arena } from './arena.ts'
import { checkDict } from './dict-check.ts'
import {
  addRootField,
  PLACE_DEPTH,
  ROOT_BYTES,
  ROOT_COUNT,
  ROOT_DEEPEST,
  ROOT_DEPTH,
  ROOT_DIRECTORY,
  ROOT_FLAGGED,
  ROOT_TABLES,
  rootField,
  setRootField,
  tableAt,
  tableOf,
} from './dict-directory.ts'
import { drainTable } from './dict-drain.ts'
import { ENTRY_FLAG, equalBytes, keyLength, keyOffset } from './dict-entry.ts'
import { randomEntry, randomFlagged, sampleEntries } from './dict-random.ts'
import { makeRoom, shrinkAfterRemoval } from './dict-resize.ts'
import { forEach, scan, sweepFlagged, visitTable } from './dict-scan.ts'
import {
  clearTable,
  emptyTags,
  fingerprint,
  groupAt,
  homeGroup,
  loadLimit,
  MAX_LOG2_CAPACITY,
  MIN_LOG2_CAPACITY,
  matchingTags,
  placeEntry,
  slotAt,
  TABLE_COUNT,
  TABLE_DEPTH,
  TABLE_FLAGGED,
  TABLE_LOG2_CAPACITY,
  TABLE_TOMBSTONES,
  TAG_DELETED,
  TAG_EMPTY,
  TAG_FLAG,
  tableBytes,
  tagAt,
} from './dict-table.ts'
import { halfSipHash } from './hash.ts'

export interface DictOptions {
  /** Size of the entries' fixed header, at least 2; the key comes after it. */
  headerBytes: number
  /** The two halves of the hash key, any int32: random ones per process, against flooding. */
  hashKey0: number
  hashKey1: number
}

export class Dict {
  readonly arena: Arena
  readonly headerBytes: number
  /**
   * Where the last successful `find` found its entry: table, slot and hash. Valid until the next
   * change of that dict.
   */
  foundTable: Address = NULL
  foundSlot = 0
  private foundHash = 0
  private readonly hashKey0: number
  private readonly hashKey1: number

  constructor(arena: Arena, options: DictOptions) {
    this.arena = arena
    this.headerBytes = options.headerBytes
    this.hashKey0 = options.hashKey0 | 0
    this.hashKey1 = options.hashKey1 | 0
  }

  /** Makes an empty dict. Returns its root, or NULL when there is no memory. */
  create(): Address {
    const arena = this.arena
    const root = arena.allocate(ROOT_BYTES)
    if (root === NULL) return NULL
    const table = arena.allocate(tableBytes(MIN_LOG2_CAPACITY))
    if (table === NULL) {
      arena.free(root)
      return NULL
    }
    const view = arena.views[table >>> SEGMENT_SHIFT]!
    clearTable(view, (table & OFFSET_MASK) << 3, 0, MIN_LOG2_CAPACITY)
    setRootField(arena, root, ROOT_DIRECTORY, table)
    setRootField(arena, root, ROOT_DEPTH, 0)
    setRootField(arena, root, ROOT_COUNT, 0)
    setRootField(arena, root, ROOT_FLAGGED, 0)
    setRootField(arena, root, ROOT_TABLES, 1)
    setRootField(arena, root, ROOT_DEEPEST, 1)
    return root
  }

  /** Frees the dict's tables, directory and root. The entries are their owner's to free. */
  destroy(root: Address): void {
    const arena = this.arena
    const depth = rootField(arena, root, ROOT_DEPTH)
    for (let index = 0; index < 1 << depth; ) {
      const table = tableAt(arena, root, index)
      const base = (table & OFFSET_MASK) << 3
      index += 1 << (depth - arena.views[table >>> SEGMENT_SHIFT]!.getUint8(base + TABLE_DEPTH))
      arena.free(table)
    }
    if (depth > 0) arena.free(rootField(arena, root, ROOT_DIRECTORY) as Address)
    arena.free(root)
  }

  /** The hash of a key, given by memory, offset and length; `find` and `insert` want it. */
  hash(bytes: Uint8Array, view: DataView, offset: number, length: number): number {
    return halfSipHash(this.hashKey0, this.hashKey1, bytes, view, offset, length)
  }

  /** The hash of an entry's key. */
  entryHash(entry: Address): number {
    const segment = entry >>> SEGMENT_SHIFT
    const view = this.arena.views[segment]!
    const at = (entry & OFFSET_MASK) << 3
    return halfSipHash(
      this.hashKey0,
      this.hashKey1,
      this.arena.bytes[segment]!,
      view,
      keyOffset(view, at, this.headerBytes),
      keyLength(view, at, this.headerBytes),
    )
  }

  /**
   * Looks up the entry of a key.
   *
   * @param hash the key's hash, by `hash()` of this same instance
   * @returns the entry, whose place is then in `foundTable` and `foundSlot`; NULL when absent
   */
  find(
    root: Address,
    hash: number,
    bytes: Uint8Array,
    view: DataView,
    offset: number,
    length: number,
  ): Address {
    const views = this.arena.views
    const rootView = views[root >>> SEGMENT_SHIFT]!
    const rootAt = (root & OFFSET_MASK) << 3
    const directory = rootView.getInt32(rootAt + ROOT_DIRECTORY, true) as Address
    const depth = rootView.getInt32(rootAt + ROOT_DEPTH, true)
    let table = directory
    let localDepth = 0
    let log2Capacity = MAX_LOG2_CAPACITY
    if (depth > 0) {
      const place = ((directory & OFFSET_MASK) << 3) + ((hash >>> (32 - depth)) << 3)
      const directoryView = views[directory >>> SEGMENT_SHIFT]!
      table = directoryView.getInt32(place, true) as Address
      localDepth = directoryView.getInt32(place + PLACE_DEPTH, true)
    }
    const tableView = views[table >>> SEGMENT_SHIFT]!
    const base = (table & OFFSET_MASK) << 3
    if (depth === 0) log2Capacity = tableView.getUint8(base + TABLE_LOG2_CAPACITY)
    const print = fingerprint(hash)
    const groups = 1 << (log2Capacity - 2)
    let group = homeGroup(hash, localDepth, log2Capacity)
    for (let probes = 0; probes < groups; probes++) {
      const tags = tableView.getInt32(groupAt(base, group), true)
      let matching = matchingTags(tags, print)
      while (matching !== 0) {
        const bit = 31 - Math.clz32(matching)
        const slot = (group << 2) + (bit >>> 3)
        const entry = tableView.getInt32(slotAt(base, slot), true) as Address
        if (this.hasKey(entry, bytes, view, offset, length)) {
          this.foundTable = table
          this.foundSlot = slot
          this.foundHash = hash
          return entry
        }
        matching ^= 1 << bit
      }
      if (emptyTags(tags) !== 0) return NULL
      group = (group + 1) & (groups - 1)
    }
    return NULL
  }

  /**
   * Looks for an entry by its address. Its memory is not read, so that it may have been freed.
   *
   * @param hash the hash that its key has, if it is there
   * @returns whether it is there; its place is left as by `find`
   */
  findAddress(root: Address, hash: number, entry: Address): boolean {
    const { arena } = this
    const table = tableOf(arena, root, hash)
    const view = arena.views[table >>> SEGMENT_SHIFT]!
    const base = (table & OFFSET_MASK) << 3
    const header = view.getInt32(base, true)
    const log2Capacity = (header >>> 8) & 0xff
    const groups = 1 << (log2Capacity - 2)
    const print = fingerprint(hash)
    let group = homeGroup(hash, header & 0xff, log2Capacity)
    for (let probes = 0; probes < groups; probes++) {
      const tags = view.getInt32(groupAt(base, group), true)
      let matching = matchingTags(tags, print)
      while (matching !== 0) {
        const bit = 31 - Math.clz32(matching)
        const slot = (group << 2) + (bit >>> 3)
        if (view.getInt32(slotAt(base, slot), true) === entry) {
          this.foundTable = table
          this.foundSlot = slot
          this.foundHash = hash
          return true
        }
        matching ^= 1 << bit
      }
      if (emptyTags(tags) !== 0) return false
      group = (group + 1) & (groups - 1)
    }
    return false
  }

  /**
   * Puts another entry of the same key at the place that `find` left; counts its flag. The old
   * entry is the caller's to free. The same address again, after a change of its flag, is fine too.
   */
  replaceFound(root: Address, entry: Address): void {
    const arena = this.arena
    const view = arena.views[this.foundTable >>> SEGMENT_SHIFT]!
    const base = (this.foundTable & OFFSET_MASK) << 3
    const at = tagAt(base, this.foundSlot)
    const tag = view.getUint8(at)
    view.setInt32(slotAt(base, this.foundSlot), entry, true)
    const flag = this.flagOf(entry)
    if ((tag & TAG_FLAG) === flag) return
    view.setUint8(at, tag ^ TAG_FLAG)
    const change = flag === 0 ? -1 : 1
    view.setUint16(base + TABLE_FLAGGED, view.getUint16(base + TABLE_FLAGGED, true) + change, true)
    addRootField(arena, root, ROOT_FLAGGED, change)
  }

  /**
   * Takes the entry that `find` found out of the dict, and gives back memory no longer needed. The
   * entry is the caller's to free, before or after.
   */
  removeFound(root: Address): void {
    const arena = this.arena
    const view = arena.views[this.foundTable >>> SEGMENT_SHIFT]!
    const base = (this.foundTable & OFFSET_MASK) << 3
    const at = tagAt(base, this.foundSlot)
    const tag = view.getUint8(at)
    // Probing never went beyond a group with an empty slot: there no tombstone is needed.
    if (emptyTags(view.getInt32(groupAt(base, this.foundSlot >>> 2), true)) !== 0) {
      view.setUint8(at, TAG_EMPTY)
    } else {
      view.setUint8(at, TAG_DELETED)
      const tombstones = view.getUint16(base + TABLE_TOMBSTONES, true)
      view.setUint16(base + TABLE_TOMBSTONES, tombstones + 1, true)
    }
    view.setUint16(base + TABLE_COUNT, view.getUint16(base + TABLE_COUNT, true) - 1, true)
    addRootField(arena, root, ROOT_COUNT, -1)
    if (tag >= TAG_FLAG) {
      view.setUint16(base + TABLE_FLAGGED, view.getUint16(base + TABLE_FLAGGED, true) - 1, true)
      addRootField(arena, root, ROOT_FLAGGED, -1)
    }
    shrinkAfterRemoval(this, root, this.foundHash)
  }

  /**
   * Adds an entry whose key is known to be absent.
   *
   * @param hash the hash of the entry's key
   * @returns false, with nothing changed, when there is no memory
   */
  insert(root: Address, hash: number, entry: Address): boolean {
    const arena = this.arena
    let table = tableOf(arena, root, hash)
    let view = arena.views[table >>> SEGMENT_SHIFT]!
    let base = (table & OFFSET_MASK) << 3
    const header = view.getInt32(base, true)
    const used = (header >>> 16) + view.getUint16(base + TABLE_TOMBSTONES, true)
    if (used >= loadLimit((header >>> 8) & 0xff)) {
      table = makeRoom(this, root, hash)
      if (table === NULL) return false
      view = arena.views[table >>> SEGMENT_SHIFT]!
      base = (table & OFFSET_MASK) << 3
    }
    const flag = this.flagOf(entry)
    placeEntry(view, base, hash, fingerprint(hash) | flag, entry)
    addRootField(arena, root, ROOT_COUNT, 1)
    if (flag !== 0) addRootField(arena, root, ROOT_FLAGGED, 1)
    return true
  }

  /** How many entries there are. */
  count(root: Address): number {
    return rootField(this.arena, root, ROOT_COUNT)
  }

  /** How many of them are flagged. */
  flaggedCount(root: Address): number {
    return rootField(this.arena, root, ROOT_FLAGGED)
  }

  /** Bytes of the arena in the root, the directory and the tables; the entries are not in it. */
  usedBytes(root: Address): number {
    const arena = this.arena
    // Several tables are all of the same capacity.
    const tables = rootField(arena, root, ROOT_TABLES) * arena.capacity(tableAt(arena, root, 0))
    const rootAndTables = arena.capacity(root) + tables
    if (rootField(arena, root, ROOT_DEPTH) === 0) return rootAndTables
    return rootAndTables + arena.capacity(rootField(arena, root, ROOT_DIRECTORY) as Address)
  }

  /** One step of a scan over everything; see `dict-scan.ts`. */
  scan(root: Address, cursor: number, visit: (entry: Address) => void): number {
    return scan(this, root, cursor, visit)
  }

  /** One step of a round over the flagged entries; see `dict-scan.ts`. */
  sweepFlagged(root: Address, position: number, visit: (entry: Address) => boolean): number {
    return sweepFlagged(this, root, position, visit)
  }

  /** Visits every entry of one table; see `dict-scan.ts`. */
  visitTable(root: Address, position: number, visit: (entry: Address) => void): number {
    return visitTable(this, root, position, visit)
  }

  /** Visits every entry; the visitor must not change the dict. */
  forEach(root: Address, visit: (entry: Address) => void): void {
    forEach(this, root, visit)
  }

  /** One step of freeing the dict and its entries, a table at most; see `dict-drain.ts`. */
  drain(root: Address, position: number, visit: (entry: Address) => void): number {
    return drainTable(this, root, position, visit)
  }

  /** A random entry, or NULL; see `dict-random.ts`. */
  randomEntry(root: Address, random: Random): Address {
    return randomEntry(this, root, random)
  }

  /** A random flagged entry, or NULL; see `dict-random.ts`. */
  randomFlagged(root: Address, random: Random): Address {
    return randomFlagged(this, root, random)
  }

  /** Several entries, neighbours by chance; see `dict-random.ts`. */
  sample(
    root: Address,
    random: Random,
    wanted: number,
    flagged: boolean,
    samples: Int32Array,
  ): number {
    return sampleEntries(this, root, random, wanted, flagged, samples)
  }

  /** Throws an Error that says which invariant is broken, if one is. Overwrites `foundTable`. */
  check(root: Address): void {
    checkDict(this, root)
  }

  /** The tag bit that says whether an entry is flagged: TAG_FLAG or 0. */
  private flagOf(entry: Address): number {
    const view = this.arena.views[entry >>> SEGMENT_SHIFT]!
    return (view.getUint16((entry & OFFSET_MASK) << 3, true) & ENTRY_FLAG) >>> 8
  }

  private hasKey(
    entry: Address,
    bytes: Uint8Array,
    view: DataView,
    offset: number,
    length: number,
  ): boolean {
    const segment = entry >>> SEGMENT_SHIFT
    const entryView = this.arena.views[segment]!
    const at = (entry & OFFSET_MASK) << 3
    if (keyLength(entryView, at, this.headerBytes) !== length) return false
    const keyAt = keyOffset(entryView, at, this.headerBytes)
    return equalBytes(this.arena.bytes[segment]!, entryView, keyAt, bytes, view, offset, length)
  }
}
