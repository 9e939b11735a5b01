/**
 * Large blocks: runs of 4 KB pages in segments of their own.
 *
 * Free runs are kept in segregated lists as in TLSF (Masmano, Ripoll, Crespo, Real, 2004): one list
 * for each length below 16 pages and eight a doubling above, with a bitmap of the lists that are
 * not empty. So a run that fits closely is found in a handful of steps, however many there are; a
 * freed run is joined with free neighbours at once, which boundary marks make as quick.
 *
 * The marks of a segment, by page (all else lives beside them, nothing in the pages themselves):
 *
 * | extent | meaning                                             |
 * |--------|-----------------------------------------------------|
 * | n > 0  | a run of n pages that is handed out begins here     |
 * | n < 0  | a free run of -n pages begins or ends here          |
 * | 0      | the page lies within a run                          |
 *
 * Invariants: two free runs never touch; every free run is in the list of its length. Runs are
 * numbered by page over all segments (`address >>> 9`); 0 is never one and ends the lists.
 */
import { MAX_SEGMENTS } from './address.ts'
import { NO_SEGMENT, RUN_SEGMENT, type Segments } from './segments.ts'

export const PAGE_BYTES = 4096

/** The largest request that runs serve: half a segment. */
export const LARGEST_RUN_BYTES = 1 << 25

const PAGE_SHIFT = 9
const SEGMENT_PAGES = 16384
const SEGMENT_PAGES_SHIFT = 14
const SEGMENT_PAGES_MASK = SEGMENT_PAGES - 1
const NO_RUN = 0
const LIST_COUNT = 97
/** How many runs of the list that may hold both shorter and longer ones are looked at. */
const PROBES = 8

/** The list of free runs of `pages` pages. */
function listOf(pages: number): number {
  if (pages < 8) return pages
  const doubling = 31 - Math.clz32(pages)
  return ((doubling - 2) << 3) | ((pages >>> (doubling - 3)) & 7)
}

const noTable = new Int32Array(0)

export class Runs {
  /** Pages of all runs that are handed out. */
  usedPages = 0

  private readonly segments: Segments
  /** By segment, then by page; `next` and `previous` link the free runs of a list. */
  private readonly extents: Int32Array[] = []
  private readonly next: Int32Array[] = []
  private readonly previous: Int32Array[] = []
  private readonly heads = new Int32Array(LIST_COUNT)
  private readonly listBits = new Int32Array((LIST_COUNT + 31) >>> 5)
  private emptySegment = NO_SEGMENT
  /** By segment: pages from this one on were never handed out. */
  private readonly touched = new Int32Array(MAX_SEGMENTS)

  constructor(segments: Segments) {
    this.segments = segments
  }

  /** A run of `pages` pages, as an address; 0 when there is no memory. */
  allocate(pages: number): number {
    let run = this.find(pages)
    if (run === NO_RUN) {
      run = this.addSegment()
      if (run === NO_RUN) return 0
    }
    const segment = run >>> SEGMENT_PAGES_SHIFT
    const page = run & SEGMENT_PAGES_MASK
    const extents = this.extents[segment]
    const found = -extents[page]
    this.unlink(run, found)
    if (segment === this.emptySegment) this.emptySegment = NO_SEGMENT
    extents[page + found - 1] = 0
    extents[page] = pages
    if (page + pages > this.touched[segment]) this.touched[segment] = page + pages
    if (found > pages) this.link(run + pages, found - pages)
    this.usedPages += pages
    return run << PAGE_SHIFT
  }

  /** How many pages the run at an address has; 0 when no run begins there. */
  pagesAt(address: number): number {
    const segment = address >>> (PAGE_SHIFT + SEGMENT_PAGES_SHIFT)
    if (this.segments.kinds[segment] !== RUN_SEGMENT) return 0
    if ((address & ((1 << PAGE_SHIFT) - 1)) !== 0) return 0
    return Math.max(0, this.extents[segment][(address >>> PAGE_SHIFT) & SEGMENT_PAGES_MASK])
  }

  /** Takes back the run at an address, of `pages` pages. */
  free(address: number, pages: number): void {
    this.usedPages -= pages
    let run = address >>> PAGE_SHIFT
    const segment = run >>> SEGMENT_PAGES_SHIFT
    const page = run & SEGMENT_PAGES_MASK
    const extents = this.extents[segment]
    let length = pages
    extents[page] = 0
    const after = page + pages < SEGMENT_PAGES ? extents[page + pages] : 0
    if (after < 0) {
      this.unlink(run + pages, -after)
      extents[page + pages] = 0
      extents[page + pages - after - 1] = 0
      length -= after
    }
    const before = page > 0 ? extents[page - 1] : 0
    if (before < 0) {
      run += before
      this.unlink(run, -before)
      extents[page - 1] = 0
      extents[page + before] = 0
      length -= before
    }
    this.link(run, length)
    if (length === SEGMENT_PAGES) this.retireSegment(segment)
  }

  /** Pages that are, or have been, handed out of segments that are there. */
  get touchedPages(): number {
    let pages = 0
    for (let segment = 0; segment < this.segments.count; segment++) pages += this.touched[segment]
    return pages
  }

  /** Drops the empty segment, if there is one. */
  purge(): void {
    const segment = this.emptySegment
    if (segment === NO_SEGMENT) return
    this.emptySegment = NO_SEGMENT
    this.unlink(segment << SEGMENT_PAGES_SHIFT, SEGMENT_PAGES)
    this.dropSegment(segment)
  }

  /** Forgets all runs and drops their segments. */
  reset(): void {
    for (let segment = 0; segment < this.segments.count; segment++) {
      if (this.segments.kinds[segment] === RUN_SEGMENT) this.dropSegment(segment)
    }
    this.heads.fill(NO_RUN)
    this.listBits.fill(0)
    this.emptySegment = NO_SEGMENT
    this.usedPages = 0
  }

  /** Verifies every table. */
  check(): void {
    let usedPages = 0
    let freeRuns = 0
    for (let segment = 0; segment < this.segments.count; segment++) {
      if (this.segments.kinds[segment] !== RUN_SEGMENT) continue
      const extents = this.extents[segment]
      let page = 0
      let wasFree = false
      while (page < SEGMENT_PAGES) {
        const extent = extents[page]
        const end = page + Math.abs(extent)
        if (extent === 0 || end > SEGMENT_PAGES) {
          throw new Error(`segment ${segment}: page ${page} has the extent ${extent}`)
        }
        if (extent > 0) usedPages += extent
        else {
          if (wasFree) throw new Error(`segment ${segment}: two free runs touch at page ${page}`)
          if (extents[end - 1] !== extent) {
            throw new Error(`segment ${segment}: the free run at ${page} has no mark at its end`)
          }
          freeRuns++
        }
        wasFree = extent < 0
        page = end
      }
    }
    if (usedPages !== this.usedPages) {
      throw new Error(`${usedPages} pages of runs are in use, ${this.usedPages} are counted`)
    }
    this.checkLists(freeRuns)
  }

  private checkLists(freeRuns: number): void {
    let left = freeRuns
    for (let list = 0; list < LIST_COUNT; list++) {
      const marked = ((this.listBits[list >>> 5] >>> (list & 31)) & 1) === 1
      if (marked !== (this.heads[list] !== NO_RUN)) {
        throw new Error(`the bitmap of free runs is wrong about list ${list}`)
      }
      let before = NO_RUN
      for (let run = this.heads[list]; run !== NO_RUN; run = this.following(run)) {
        const segment = run >>> SEGMENT_PAGES_SHIFT
        const page = run & SEGMENT_PAGES_MASK
        const extent = this.extents[segment][page]
        if (extent >= 0 || listOf(-extent) !== list || this.previous[segment][page] !== before) {
          throw new Error(`run ${run} of extent ${extent} does not belong in list ${list}`)
        }
        if (--left < 0) throw new Error('the lists hold more free runs than there are')
        before = run
      }
    }
    if (left !== 0) throw new Error(`${left} free runs are in no list`)
  }

  /** A free run of at least `pages` pages, close to that. */
  private find(pages: number): number {
    const list = listOf(pages)
    const near = this.findIn(list, pages, PROBES)
    if (near !== NO_RUN) return near
    // Every run of a higher list fits.
    let word = (list + 1) >>> 5
    if (word < this.listBits.length) {
      let bits = this.listBits[word] & (-1 << ((list + 1) & 31))
      while (bits === 0 && ++word < this.listBits.length) bits = this.listBits[word]
      if (bits !== 0) return this.heads[(word << 5) + 31 - Math.clz32(bits & -bits)]
    }
    return this.findIn(list, pages, SEGMENT_PAGES)
  }

  /** The first run of the list that has at least `pages` pages, among so many. */
  private findIn(list: number, pages: number, probes: number): number {
    let run = this.heads[list]
    for (let i = 0; i < probes && run !== NO_RUN; i++) {
      if (this.extentOf(run) <= -pages) return run
      run = this.following(run)
    }
    return NO_RUN
  }

  private extentOf(run: number): number {
    return this.extents[run >>> SEGMENT_PAGES_SHIFT][run & SEGMENT_PAGES_MASK]
  }

  private following(run: number): number {
    return this.next[run >>> SEGMENT_PAGES_SHIFT][run & SEGMENT_PAGES_MASK]
  }

  private link(run: number, pages: number): void {
    const segment = run >>> SEGMENT_PAGES_SHIFT
    const page = run & SEGMENT_PAGES_MASK
    this.extents[segment][page] = -pages
    this.extents[segment][page + pages - 1] = -pages
    const list = listOf(pages)
    const head = this.heads[list]
    this.next[segment][page] = head
    this.previous[segment][page] = NO_RUN
    if (head !== NO_RUN) {
      this.previous[head >>> SEGMENT_PAGES_SHIFT][head & SEGMENT_PAGES_MASK] = run
    }
    this.heads[list] = run
    this.listBits[list >>> 5] |= 1 << (list & 31)
  }

  private unlink(run: number, pages: number): void {
    const segment = run >>> SEGMENT_PAGES_SHIFT
    const page = run & SEGMENT_PAGES_MASK
    const next = this.next[segment][page]
    const previous = this.previous[segment][page]
    if (next !== NO_RUN) {
      this.previous[next >>> SEGMENT_PAGES_SHIFT][next & SEGMENT_PAGES_MASK] = previous
    }
    if (previous !== NO_RUN) {
      this.next[previous >>> SEGMENT_PAGES_SHIFT][previous & SEGMENT_PAGES_MASK] = next
      return
    }
    const list = listOf(pages)
    this.heads[list] = next
    if (next === NO_RUN) this.listBits[list >>> 5] &= ~(1 << (list & 31))
  }

  /** Opens a segment and returns the run of all its pages; `NO_RUN` when there is no memory. */
  private addSegment(): number {
    const segment = this.segments.open(RUN_SEGMENT)
    if (segment === NO_SEGMENT) return NO_RUN
    while (this.extents.length < Math.min(this.segments.count, MAX_SEGMENTS)) {
      this.extents.push(noTable)
      this.next.push(noTable)
      this.previous.push(noTable)
    }
    this.extents[segment] = new Int32Array(SEGMENT_PAGES)
    this.next[segment] = new Int32Array(SEGMENT_PAGES)
    this.previous[segment] = new Int32Array(SEGMENT_PAGES)
    const run = segment << SEGMENT_PAGES_SHIFT
    this.link(run, SEGMENT_PAGES)
    return run
  }

  /** Keeps one empty segment for the next run, and drops a second one. */
  private retireSegment(segment: number): void {
    if (this.emptySegment === NO_SEGMENT) {
      this.emptySegment = segment
      return
    }
    const dropped = Math.max(segment, this.emptySegment)
    this.emptySegment = Math.min(segment, this.emptySegment)
    this.unlink(dropped << SEGMENT_PAGES_SHIFT, SEGMENT_PAGES)
    this.dropSegment(dropped)
  }

  private dropSegment(segment: number): void {
    this.segments.drop(segment)
    this.touched[segment] = 0
    this.extents[segment] = noTable
    this.next[segment] = noTable
    this.previous[segment] = noTable
  }
}
