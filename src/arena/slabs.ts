/**
 * Small blocks: slabs of 64 KB, each cut into blocks of one size class.
 *
 * This is the free-list sharding of mimalloc (Leijen, Zorn, de Moura, 2019) without its threads:
 * every slab has a free list of its own, so that blocks which are handed out together lie together,
 * and a slab whose last block is freed can serve another class at once. All bookkeeping is in flat
 * tables by slab number (`address >>> 13`). That of the classes, which any address may be looked up
 * in, has room for every slab that could exist; the others grow with the segments of slabs.
 *
 * The first segment is a short one, so that a process can make small stores by the hundred, as
 * tests do: it is not the system that minds large segments, but the garbage collector, which is run
 * the sooner the more memory hangs on objects.
 *
 * A free block holds, in its first 4 bytes, the unit (of 8 bytes, counted within the slab) where
 * the next free block of the slab begins, or `LIST_END`. Blocks from the unit `bump` on were never
 * handed out.
 *
 * Invariants: a slab is in its class's list exactly when it has room; the head of the list is the
 * one that is allocated from; a slab that holds nothing is in a list only when it is there alone.
 * Slab 0 is never used, so 0 means "no slab" in every table.
 */
import { MAX_SEGMENTS } from './address.ts'
import { NO_SEGMENT, type Segments, SLAB_SEGMENT, UNUSED_SEGMENT } from './segments.ts'
import {
  CLASS_BLOCKS,
  CLASS_BYTES,
  CLASS_COUNT,
  CLASS_UNITS,
  NO_CLASS,
  SLAB_BYTES,
} from './size-classes.ts'

/** `address >>> SLAB_SHIFT` is the number of the slab. */
export const SLAB_SHIFT = 13
const UNIT_MASK = (1 << SLAB_SHIFT) - 1
const SEGMENT_SLABS = 1024
const SEGMENT_SLABS_SHIFT = 10
const SEGMENT_SLABS_MASK = SEGMENT_SLABS - 1
const MAX_SLABS = MAX_SEGMENTS * SEGMENT_SLABS
/** Slabs of the first segment: 4 MB. */
const FIRST_SEGMENT_SLABS = 64
const LIST_END = 0xffff
const NO_SLAB = 0

export class Slabs {
  /** By slab: its class, or `NO_CLASS` for a slab that is free and for all other memory. */
  readonly classes = new Uint8Array(MAX_SLABS)
  /** How many slabs belong to a class. */
  slabCount = 0

  private readonly segments: Segments
  private readonly views: DataView[]
  private readonly live: Float64Array
  private used = new Uint16Array(SEGMENT_SLABS)
  private freeUnit = new Uint16Array(SEGMENT_SLABS)
  private bump = new Uint16Array(SEGMENT_SLABS)
  private next = new Int32Array(SEGMENT_SLABS)
  private previous = new Int32Array(SEGMENT_SLABS)
  /** By class: the head of the list of slabs with room. */
  private readonly current = new Int32Array(CLASS_COUNT + 1)

  /** By segment: slabs that belong to a class, the list of those given back, those untouched. */
  private readonly segmentUsed = new Int32Array(MAX_SEGMENTS)
  private readonly segmentFree = new Int32Array(MAX_SEGMENTS)
  private readonly segmentFresh = new Int32Array(MAX_SEGMENTS)
  /** By segment: slabs that had been untouched no more when all blocks were forgotten. */
  private readonly touchedBefore = new Int32Array(MAX_SEGMENTS)
  /** No segment of slabs below this one has a slab to give. */
  private firstWithRoom = 0
  private emptySegment = NO_SEGMENT

  /** @param live one number, the bytes handed out, kept up to date here */
  constructor(segments: Segments, live: Float64Array) {
    this.segments = segments
    this.views = segments.views
    this.live = live
  }

  /** A block of the class, as an address; 0 when there is no memory. */
  allocate(sizeClass: number): number {
    let slab = this.current[sizeClass]
    if (slab === NO_SLAB) {
      slab = this.take(sizeClass)
      if (slab === NO_SLAB) return 0
    }
    let unit = this.freeUnit[slab]
    if (unit !== LIST_END) {
      const at = ((slab & SEGMENT_SLABS_MASK) << 16) + (unit << 3)
      this.freeUnit[slab] = this.views[slab >>> SEGMENT_SLABS_SHIFT].getInt32(at, true)
    } else {
      unit = this.bump[slab]
      this.bump[slab] = unit + CLASS_UNITS[sizeClass]
    }
    const used = this.used[slab] + 1
    this.used[slab] = used
    if (used === CLASS_BLOCKS[sizeClass]) this.unlink(slab, sizeClass)
    this.live[0] += CLASS_BYTES[sizeClass]
    return (slab << SLAB_SHIFT) | unit
  }

  /** Takes a block back; `sizeClass` is the class of its slab. */
  free(address: number, sizeClass: number): void {
    const slab = address >>> SLAB_SHIFT
    const unit = address & UNIT_MASK
    const at = ((slab & SEGMENT_SLABS_MASK) << 16) + (unit << 3)
    this.views[slab >>> SEGMENT_SLABS_SHIFT].setInt32(at, this.freeUnit[slab], true)
    this.freeUnit[slab] = unit
    const used = this.used[slab]
    this.used[slab] = used - 1
    if (used === CLASS_BLOCKS[sizeClass]) this.link(slab, sizeClass)
    else if (used === 1) this.retire(slab, sizeClass)
    this.live[0] -= CLASS_BYTES[sizeClass]
  }

  /** Whether the next block of the class is one that was handed out before. */
  isNextRecycled(sizeClass: number): boolean {
    const slab = this.current[sizeClass]
    return slab !== NO_SLAB && this.freeUnit[slab] !== LIST_END
  }

  /** Whether freeing this block leaves its slab empty. */
  isLastOfSlab(address: number): boolean {
    return this.used[address >>> SLAB_SHIFT] === 1
  }

  /** Calls back with the address of every block of the slab that was handed out and freed. */
  eachFree(slab: number, visit: (address: number) => void): void {
    const units = CLASS_UNITS[this.classes[slab]]
    const bump = this.bump[slab]
    let left = bump / units - this.used[slab]
    const view = this.views[slab >>> SEGMENT_SLABS_SHIFT]
    for (let unit = this.freeUnit[slab]; unit !== LIST_END; left--) {
      if (left === 0) throw new Error(`slab ${slab}: the free list is longer than the free blocks`)
      if (unit >= bump || unit % units !== 0) {
        throw new Error(`slab ${slab}: the free list leads to unit ${unit}, which is no block`)
      }
      visit((slab << SLAB_SHIFT) | unit)
      unit = view.getInt32(((slab & SEGMENT_SLABS_MASK) << 16) + (unit << 3), true)
    }
    if (left !== 0) throw new Error(`slab ${slab}: ${left} blocks are missing in the free list`)
  }

  /** Slabs that are, or have been, in use in segments that are there. */
  get touchedSlabs(): number {
    let slabs = 0
    for (let segment = 0; segment < this.segments.count; segment++) {
      if (this.segments.kinds[segment] !== SLAB_SEGMENT) continue
      const touched = Math.max(this.segmentFresh[segment], this.touchedBefore[segment])
      slabs += touched - (segment === 0 ? 1 : 0)
    }
    return slabs
  }

  /** Drops the empty segment, if there is one when no class keeps an empty slab any more. */
  purge(): void {
    for (let sizeClass = 1; sizeClass <= CLASS_COUNT; sizeClass++) {
      const slab = this.current[sizeClass]
      if (slab !== NO_SLAB && this.used[slab] === 0) this.giveBack(slab, sizeClass)
    }
    if (this.emptySegment !== NO_SEGMENT) this.segments.drop(this.emptySegment)
    this.emptySegment = NO_SEGMENT
  }

  /** For each class: how many slabs it has, and how many blocks of them are handed out. */
  statistics(): { blockBytes: number; slabs: number; used: number; blocks: number }[] {
    const classes = Array.from({ length: CLASS_COUNT + 1 }, (_, sizeClass) => ({
      blockBytes: CLASS_BYTES[sizeClass],
      slabs: 0,
      used: 0,
      blocks: 0,
    }))
    const end = this.segments.count * SEGMENT_SLABS
    for (let slab = 1; slab < end; slab++) {
      const sizeClass = this.classes[slab]
      if (sizeClass === NO_CLASS) continue
      const each = classes[sizeClass]
      each.slabs++
      each.used += this.used[slab]
      each.blocks += CLASS_BLOCKS[sizeClass]
    }
    return classes.slice(1)
  }

  /** Forgets all blocks, and drops every segment of slabs but the first. */
  reset(): void {
    this.emptySegment = NO_SEGMENT
    for (let segment = 0; segment < this.segments.count; segment++) {
      if (this.segments.kinds[segment] !== SLAB_SEGMENT) continue
      this.classes.fill(NO_CLASS, segment * SEGMENT_SLABS, (segment + 1) * SEGMENT_SLABS)
      const touched = Math.max(this.segmentFresh[segment], this.touchedBefore[segment])
      this.startSegment(segment)
      this.touchedBefore[segment] = touched
      if (segment > 0) this.segments.drop(segment)
      else this.emptySegment = segment
    }
    this.current.fill(NO_SLAB)
    this.slabCount = 0
    this.firstWithRoom = 0
  }

  /**
   * Verifies every table, and returns the bytes of all blocks that are handed out.
   *
   * @param visitFree called with the address and the class of every block on a free list
   */
  check(visitFree: (address: number, sizeClass: number) => void): number {
    const withRoom = new Int32Array(CLASS_COUNT + 1)
    let liveBytes = 0
    let slabs = 0
    for (let segment = 0; segment < this.segments.count; segment++) {
      if (this.segments.kinds[segment] !== SLAB_SEGMENT) continue
      let usedHere = 0
      for (let i = 0; i < slabsOf(segment); i++) {
        const slab = segment * SEGMENT_SLABS + i
        const sizeClass = this.classes[slab]
        if (sizeClass === NO_CLASS) continue
        usedHere++
        this.eachFree(slab, (address) => visitFree(address, sizeClass))
        if (this.used[slab] < CLASS_BLOCKS[sizeClass]) withRoom[sizeClass]++
        liveBytes += this.used[slab] * CLASS_BYTES[sizeClass]
      }
      this.checkPool(segment, usedHere)
      slabs += usedHere
    }
    if (slabs !== this.slabCount) {
      throw new Error(`${slabs} slabs are in use, ${this.slabCount} are counted`)
    }
    for (let sizeClass = 1; sizeClass <= CLASS_COUNT; sizeClass++) {
      this.checkList(sizeClass, withRoom[sizeClass])
    }
    return liveBytes
  }

  private checkPool(segment: number, used: number): void {
    if (used !== this.segmentUsed[segment]) {
      throw new Error(`segment ${segment}: ${used} slabs in use, not ${this.segmentUsed[segment]}`)
    }
    const slabs = slabsOf(segment)
    let free = slabs - this.segmentFresh[segment]
    for (let slab = this.segmentFree[segment]; slab !== NO_SLAB; slab = this.next[slab]) {
      if (this.classes[slab] !== NO_CLASS) throw new Error(`free slab ${slab} has a class`)
      if (++free > slabs) throw new Error(`segment ${segment}: its free slabs run in a ring`)
    }
    const never = segment === 0 ? 1 : 0
    if (free + used + never !== slabs) {
      throw new Error(`segment ${segment}: ${used} slabs used and ${free} free do not add up`)
    }
    if (free > 0 && segment < this.firstWithRoom) {
      throw new Error(`segment ${segment} has free slabs that are never looked for`)
    }
  }

  private checkList(sizeClass: number, withRoom: number): void {
    let before = NO_SLAB
    let count = 0
    for (let slab = this.current[sizeClass]; slab !== NO_SLAB; slab = this.next[slab]) {
      if (this.classes[slab] !== sizeClass) {
        throw new Error(`slab ${slab} is in the list of class ${sizeClass}, not its own`)
      }
      if (this.previous[slab] !== before) throw new Error(`slab ${slab}: broken links`)
      if (++count > withRoom) break
      before = slab
    }
    if (count !== withRoom) {
      throw new Error(`class ${sizeClass}: ${withRoom} slabs have room, the list has ${count}`)
    }
  }

  /** Puts a slab that has just got room again into its class's list. */
  private link(slab: number, sizeClass: number): void {
    const head = this.current[sizeClass]
    if (head === NO_SLAB || this.used[head] === 0) {
      if (head !== NO_SLAB) this.giveBack(head, sizeClass)
      this.next[slab] = NO_SLAB
      this.previous[slab] = NO_SLAB
      this.current[sizeClass] = slab
      return
    }
    // Second place: the current slab is filled up first, and this one, nearly full as it is, next.
    const second = this.next[head]
    this.next[slab] = second
    this.previous[slab] = head
    this.next[head] = slab
    if (second !== NO_SLAB) this.previous[second] = slab
  }

  private unlink(slab: number, sizeClass: number): void {
    const next = this.next[slab]
    const previous = this.previous[slab]
    if (next !== NO_SLAB) this.previous[next] = previous
    if (previous !== NO_SLAB) this.next[previous] = next
    else this.current[sizeClass] = next
  }

  /** Gives an empty slab back, unless its class would have no slab with room left. */
  private retire(slab: number, sizeClass: number): void {
    if (this.current[sizeClass] === slab && this.next[slab] === NO_SLAB) return
    this.giveBack(slab, sizeClass)
  }

  private giveBack(slab: number, sizeClass: number): void {
    this.unlink(slab, sizeClass)
    this.classes[slab] = NO_CLASS
    this.slabCount--
    const segment = slab >>> SEGMENT_SLABS_SHIFT
    this.next[slab] = this.segmentFree[segment]
    this.segmentFree[segment] = slab
    if (segment < this.firstWithRoom) this.firstWithRoom = segment
    if (--this.segmentUsed[segment] === 0) this.retireSegment(segment)
  }

  /** Keeps the lowest empty segment for the next slab, and drops the other one. */
  private retireSegment(segment: number): void {
    if (this.emptySegment === NO_SEGMENT) {
      this.emptySegment = segment
      return
    }
    this.segments.drop(Math.max(segment, this.emptySegment))
    this.emptySegment = Math.min(segment, this.emptySegment)
  }

  /** A fresh slab for the class, from the lowest segment that has one: so higher ones drain. */
  private take(sizeClass: number): number {
    const segment = this.segmentWithRoom()
    if (segment === NO_SEGMENT) return NO_SLAB
    let slab = this.segmentFree[segment]
    if (slab !== NO_SLAB) this.segmentFree[segment] = this.next[slab]
    else slab = segment * SEGMENT_SLABS + this.segmentFresh[segment]++
    this.segmentUsed[segment]++
    if (segment === this.emptySegment) this.emptySegment = NO_SEGMENT
    this.slabCount++
    this.classes[slab] = sizeClass
    this.used[slab] = 0
    this.freeUnit[slab] = LIST_END
    this.bump[slab] = 0
    this.next[slab] = NO_SLAB
    this.previous[slab] = NO_SLAB
    this.current[sizeClass] = slab
    return slab
  }

  private segmentWithRoom(): number {
    const count = this.segments.count
    for (let segment = this.firstWithRoom; segment < count; segment++) {
      if (this.segments.kinds[segment] !== SLAB_SEGMENT) continue
      const hasFresh = this.segmentFresh[segment] < slabsOf(segment)
      if (this.segmentFree[segment] === NO_SLAB && !hasFresh) continue
      this.firstWithRoom = segment
      return segment
    }
    const isFirst = this.segments.kinds[0] === UNUSED_SEGMENT
    const segment = this.segments.open(SLAB_SEGMENT, slabsOf(isFirst ? 0 : 1) * SLAB_BYTES)
    if (segment === NO_SEGMENT) return NO_SEGMENT
    this.startSegment(segment)
    this.firstWithRoom = segment
    return segment
  }

  private startSegment(segment: number): void {
    this.cover(segment)
    this.segmentUsed[segment] = 0
    this.segmentFree[segment] = NO_SLAB
    this.segmentFresh[segment] = segment === 0 ? 1 : 0
    this.touchedBefore[segment] = 0
  }

  /** Makes the tables long enough for the slabs of a segment. */
  private cover(segment: number): void {
    const least = (segment + 1) * SEGMENT_SLABS
    if (least <= this.used.length) return
    const length = Math.min(MAX_SLABS, Math.max(least, 2 * this.used.length))
    const longer = <Table extends Uint16Array | Int32Array>(table: Table, to: Table): Table => {
      to.set(table)
      return to
    }
    this.used = longer(this.used, new Uint16Array(length))
    this.freeUnit = longer(this.freeUnit, new Uint16Array(length))
    this.bump = longer(this.bump, new Uint16Array(length))
    this.next = longer(this.next, new Int32Array(length))
    this.previous = longer(this.previous, new Int32Array(length))
  }
}

/** How many slabs a segment has. */
function slabsOf(segment: number): number {
  return segment === 0 ? FIRST_SEGMENT_SLABS : SEGMENT_SLABS
}
