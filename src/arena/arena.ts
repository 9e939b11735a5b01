/**
 * The arena: linear memory for all keys and values, beside the JS heap.
 *
 * The garbage collector never sees what lies here, however much it is. Requests go three ways: up
 * to 16 KB to slabs of one size class each (slabs.ts), up to 32 MB to runs of pages (runs.ts), and
 * beyond that to a segment of their own. The size of a block follows from tables beside the
 * memory, so a block has no header, and `free` needs no size. See docs/decisions/0001-arena.md.
 *
 * Invariants: `liveBytes` is the sum of the capacities of all blocks that are handed out, to the
 * byte. A block never moves. Its bytes are `bytes[address >>> SEGMENT_SHIFT]` from offset
 * `(address & OFFSET_MASK) << 3` on; those of a huge block run on past 64 MB in that same array.
 *
 * With the debug switch on, overruns, writes to freed memory and blocks freed twice are found
 * (block-guard.ts); without it, that costs one test of a boolean.
 */
import { type Address, MAX_SEGMENTS, NULL, OFFSET_MASK, SEGMENT_SHIFT } from './address.ts'
import { BlockGuard, CANARY_BYTES } from './block-guard.ts'
import { LARGEST_RUN_BYTES, PAGE_BYTES, Runs } from './runs.ts'
import { HUGE_SEGMENT, NO_SEGMENT, RUN_SEGMENT, Segments, SLAB_SEGMENT } from './segments.ts'
import {
  CLASS_BYTES,
  CLASS_OF_UNITS,
  LARGEST_SMALL_BYTES,
  NO_CLASS,
  SLAB_BYTES,
} from './size-classes.ts'
import { SLAB_SHIFT, Slabs } from './slabs.ts'

export { type Address, NULL, OFFSET_MASK, SEGMENT_SHIFT } from './address.ts'

/** The largest block that can be had, in bytes: 1 GB, so that offsets in it stay small integers. */
export const largestBlockBytes = 1 << 30

/** The capacities of huge blocks are multiples of this, in bytes. */
const HUGE_STEP_BYTES = 65536

export interface ArenaOptions {
  /** Find memory misused, at a cost in time and space; for tests. */
  readonly debug?: boolean
}

/** What an arena consists of, for reports. */
export interface ArenaStatistics {
  /** Segments there are, by kind. */
  readonly segments: { readonly slab: number; readonly run: number; readonly huge: number }
  /** For each class of small blocks: its slabs, and how many of their blocks are handed out. */
  readonly slabs: readonly {
    readonly blockBytes: number
    readonly slabs: number
    readonly used: number
    readonly blocks: number
  }[]
  /** Bytes handed out as runs of pages, and as huge blocks. */
  readonly runBytes: number
  readonly hugeBytes: number
}

export class Arena {
  /** By segment number; all integers of more than a byte are little endian. */
  readonly views: DataView[]
  /** By segment number, the same memory as `views`. */
  readonly bytes: Uint8Array[]

  private readonly segments = new Segments()
  /** The live bytes, in a typed array so that a number beyond 2^31 allocates nothing. */
  private readonly live = new Float64Array(1)
  private readonly slabs: Slabs
  private readonly runs: Runs
  private readonly guard: BlockGuard | null
  private hugeBytes = 0
  private failCountdown = 0
  /** Whether `allocate` has more to do than allocate: a guard to ask, a failure to count down. */
  private attended: boolean

  constructor(options: ArenaOptions = {}) {
    this.views = this.segments.views
    this.bytes = this.segments.bytes
    this.slabs = new Slabs(this.segments, this.live)
    this.runs = new Runs(this.segments)
    this.guard = options.debug === true ? new BlockGuard(this.segments) : null
    this.attended = this.guard !== null
  }

  /** The sum of the capacities of all blocks that are handed out, in bytes. */
  get liveBytes(): number {
    return this.live[0]
  }

  /** Bytes of the slabs, runs and huge blocks in use: what the live blocks keep from others. */
  get reservedBytes(): number {
    return this.slabs.slabCount * SLAB_BYTES + this.runs.usedPages * PAGE_BYTES + this.hugeBytes
  }

  /**
   * Bytes of the slabs, runs and huge blocks that are or have been in use and not been dropped:
   * about what of the arena is resident in the system's memory.
   */
  get touchedBytes(): number {
    const { runs, slabs } = this
    return slabs.touchedSlabs * SLAB_BYTES + runs.touchedPages * PAGE_BYTES + this.hugeBytes
  }

  /** Drops what is kept for blocks to come: empty segments, once the garbage is collected. */
  purge(): void {
    this.slabs.purge()
    this.runs.purge()
  }

  /** What the arena consists of. */
  statistics(): ArenaStatistics {
    const { kinds, count } = this.segments
    const segments = { slab: 0, run: 0, huge: 0 }
    for (let segment = 0; segment < count; segment++) {
      if (kinds[segment] === SLAB_SEGMENT) segments.slab++
      else if (kinds[segment] === RUN_SEGMENT) segments.run++
      else if (kinds[segment] === HUGE_SEGMENT) segments.huge++
    }
    const { slabs, runs, hugeBytes } = this
    return {
      segments,
      slabs: slabs.statistics(),
      runBytes: runs.usedPages * PAGE_BYTES,
      hugeBytes,
    }
  }

  /**
   * A block of at least `bytes` bytes, with undefined content, aligned to 8 bytes.
   *
   * @param bytes an integer from 0 to `largestBlockBytes`
   * @returns `NULL` when the memory cannot be had or `bytes` is above that; nothing has then
   *   changed
   * @throws RangeError when `bytes` is negative or no integer
   */
  allocate(bytes: number): Address {
    if (bytes >= 0 && bytes <= LARGEST_SMALL_BYTES && !this.attended) {
      return this.slabs.allocate(CLASS_OF_UNITS[(bytes + 7) >>> 3]) as Address
    }
    return this.allocateAttended(bytes)
  }

  /**
   * Makes a block of memory that exists, with no copy: `length` bytes of `bytes` from `start` on,
   * which are the arena's from now on. Meant for very large ones; every such block uses up one of
   * the segment numbers, so the last half of them is kept for other ends.
   *
   * @returns `NULL` when that cannot be; the memory is still the caller's then
   */
  adopt(bytes: Uint8Array, start: number, length: number): Address {
    // The guard wants room for its canaries.
    if (this.guard !== null || length > largestBlockBytes) return NULL
    if (this.segments.count > MAX_SEGMENTS / 2) return NULL
    // Not `subarray`: all views of segments are plain Uint8Arrays, as quick access needs it.
    const block = new Uint8Array(bytes.buffer, bytes.byteOffset + start, length)
    const segment = this.segments.adopt(HUGE_SEGMENT, block)
    if (segment === NO_SEGMENT) return NULL
    this.hugeBytes += length
    this.live[0] += length
    return (segment << SEGMENT_SHIFT) as Address
  }

  /**
   * Takes a block back. Its content must not be looked at any more.
   *
   * @throws Error when the address lies in no block of any kind; with the debug switch on, whenever
   *   it is not that of a live block, or the block was overrun
   */
  free(address: Address): void {
    if (this.guard !== null) this.prepareFree(this.guard, address)
    const sizeClass = this.slabs.classes[address >>> SLAB_SHIFT]
    if (sizeClass !== NO_CLASS) this.slabs.free(address, sizeClass)
    else this.freeLarge(address)
  }

  /** The usable bytes of a block: at least what was asked for. */
  capacity(address: Address): number {
    if (this.guard !== null) return this.guard.capacity(address)
    return this.blockBytes(address)
  }

  /** The capacity that the block of a request of `bytes` bytes would have. */
  usableBytes(bytes: number): number {
    if (this.guard !== null) return this.guard.capacityFor(bytes)
    if (bytes <= LARGEST_SMALL_BYTES) return CLASS_BYTES[CLASS_OF_UNITS[(bytes + 7) >>> 3]]
    const step = bytes <= LARGEST_RUN_BYTES ? PAGE_BYTES : HUGE_STEP_BYTES
    return Math.ceil(bytes / step) * step
  }

  /**
   * Whether a block that has just been allocated is all zero, and takes no memory of the system's
   * before it is written to: huge ones are, so that they need not be cleared.
   */
  isUntouched(address: Address): boolean {
    return this.segments.kinds[address >>> SEGMENT_SHIFT] === HUGE_SEGMENT
  }

  /** For tests: the nth allocation from now fails, once; 0 turns this off. */
  failAfter(n: number): void {
    this.failCountdown = n
    this.attended = this.guard !== null || n > 0
  }

  /** Frees everything at once, and gives the memory back but for one segment. */
  reset(): void {
    this.slabs.reset()
    this.runs.reset()
    for (let segment = 0; segment < this.segments.count; segment++) {
      if (this.segments.kinds[segment] === HUGE_SEGMENT) this.segments.drop(segment)
    }
    this.guard?.reset()
    this.hugeBytes = 0
    this.live[0] = 0
  }

  /**
   * Verifies all tables, and with the debug switch on all canaries and poison.
   *
   * @throws Error that says what is broken
   */
  check(): void {
    const guard = this.guard
    let liveBytes = this.slabs.check((address, sizeClass) => {
      guard?.checkPoison(address, CLASS_BYTES[sizeClass])
    })
    this.runs.check()
    liveBytes += this.runs.usedPages * PAGE_BYTES
    let hugeBytes = 0
    for (let segment = 0; segment < this.segments.count; segment++) {
      if (this.segments.kinds[segment] === HUGE_SEGMENT) hugeBytes += this.bytes[segment].length
    }
    liveBytes += hugeBytes
    if (hugeBytes !== this.hugeBytes) {
      throw new Error(`huge blocks have ${hugeBytes} bytes, ${this.hugeBytes} are counted`)
    }
    if (guard !== null) {
      if (guard.sum((address) => this.blockBytes(address)) !== liveBytes) {
        throw new Error('the live blocks are not those of the tables')
      }
      guard.check()
      liveBytes = guard.sum((_address, capacity) => capacity)
    }
    if (liveBytes !== this.live[0]) {
      throw new Error(`live blocks have ${liveBytes} bytes, ${this.live[0]} are counted`)
    }
  }

  /** `allocate` with all that is not the quick case: large, guarded, failing, or invalid. */
  private allocateAttended(bytes: number): Address {
    if (!(bytes >= 0) || !Number.isInteger(bytes)) {
      throw new RangeError(`a block cannot have ${bytes} bytes`)
    }
    if (bytes > largestBlockBytes) return NULL
    if (this.failCountdown > 0 && this.countDown()) return NULL
    const guard = this.guard
    if (guard === null) return this.allocateBlock(bytes)
    const capacity = guard.capacityFor(bytes)
    const blockBytes = capacity + CANARY_BYTES
    const sizeClass =
      blockBytes <= LARGEST_SMALL_BYTES ? CLASS_OF_UNITS[blockBytes >>> 3] : NO_CLASS
    const recycled = sizeClass !== NO_CLASS && this.slabs.isNextRecycled(sizeClass)
    const address = this.allocateBlock(blockBytes)
    if (address === NULL) return NULL
    if (sizeClass !== NO_CLASS) {
      if (recycled) guard.checkPoison(address, CLASS_BYTES[sizeClass])
      guard.poison(address, CLASS_BYTES[sizeClass])
    } else {
      const pages = this.runs.pagesAt(address)
      if (pages > 0) guard.reviveRun(address, pages)
    }
    guard.admit(address, capacity)
    this.live[0] -= this.blockBytes(address) - capacity
    return address
  }

  /** Whether this is the allocation that `failAfter` has chosen. */
  private countDown(): boolean {
    if (--this.failCountdown > 0) return false
    this.attended = this.guard !== null
    return true
  }

  private allocateBlock(bytes: number): Address {
    if (bytes <= LARGEST_SMALL_BYTES) {
      return this.slabs.allocate(CLASS_OF_UNITS[(bytes + 7) >>> 3]) as Address
    }
    if (bytes > LARGEST_RUN_BYTES) return this.allocateHuge(bytes)
    const pages = Math.ceil(bytes / PAGE_BYTES)
    const address = this.runs.allocate(pages)
    if (address !== NULL) this.live[0] += pages * PAGE_BYTES
    return address as Address
  }

  private allocateHuge(bytes: number): Address {
    const blockBytes = Math.ceil(bytes / HUGE_STEP_BYTES) * HUGE_STEP_BYTES
    const segment = this.segments.open(HUGE_SEGMENT, blockBytes)
    if (segment === NO_SEGMENT) return NULL
    this.hugeBytes += blockBytes
    this.live[0] += blockBytes
    return (segment << SEGMENT_SHIFT) as Address
  }

  /** With the debug switch on: the checks and the poison that go before giving a block back. */
  private prepareFree(guard: BlockGuard, address: Address): void {
    const capacity = guard.dismiss(address)
    this.live[0] += this.blockBytes(address) - capacity
    const sizeClass = this.slabs.classes[address >>> SLAB_SHIFT]
    if (sizeClass === NO_CLASS) {
      const pages = this.runs.pagesAt(address)
      if (pages > 0) guard.poisonRun(address, pages)
      return
    }
    guard.poison(address, CLASS_BYTES[sizeClass])
    if (!this.slabs.isLastOfSlab(address)) return
    // The slab may be given up now: what was written to its free blocks would never be noticed.
    this.slabs.eachFree(address >>> SLAB_SHIFT, (freed) => {
      guard.checkPoison(freed, CLASS_BYTES[sizeClass])
    })
  }

  private freeLarge(address: Address): void {
    const pages = this.runs.pagesAt(address)
    if (pages > 0) {
      this.runs.free(address, pages)
      this.live[0] -= pages * PAGE_BYTES
      return
    }
    const blockBytes = this.blockBytes(address)
    this.segments.drop(address >>> SEGMENT_SHIFT)
    this.hugeBytes -= blockBytes
    this.live[0] -= blockBytes
  }

  /** The bytes that a block takes, its canary included; throws when there is no block. */
  private blockBytes(address: Address): number {
    const sizeClass = this.slabs.classes[address >>> SLAB_SHIFT]
    if (sizeClass !== NO_CLASS) return CLASS_BYTES[sizeClass]
    const pages = this.runs.pagesAt(address)
    if (pages > 0) return pages * PAGE_BYTES
    const segment = address >>> SEGMENT_SHIFT
    if (this.segments.kinds[segment] !== HUGE_SEGMENT || (address & OFFSET_MASK) !== 0) {
      throw new Error(`no block begins at address ${address >>> 0}`)
    }
    return this.bytes[segment].length
  }
}
