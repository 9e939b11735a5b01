/**
 * What the debug switch adds to an arena: it knows every live block, and finds memory misused.
 *
 * | bytes of a live block  | meaning                                                        |
 * |------------------------|----------------------------------------------------------------|
 * | 0 .. capacity-1        | the caller's: the bytes asked for, rounded up to a unit of 8   |
 * | capacity .. +7         | the canary, which an overrun changes                           |
 *
 * A block that is handed out for the first time and one that is freed are filled with 0xDD; of the
 * freed one the first 4 bytes are the link of a free list (runs have none). When a freed block is
 * handed out again, or its slab is given up, the poison must be intact. Huge blocks are not
 * poisoned, as their memory is given up at once.
 *
 * Invariant: `capacities` has exactly the blocks that are handed out.
 */
import { type Address, OFFSET_MASK, SEGMENT_SHIFT } from './address.ts'
import { PAGE_BYTES } from './runs.ts'
import type { Segments } from './segments.ts'

export const CANARY_BYTES = 8
const LINK_BYTES = 4
const CANARY_LOW = 0x5ca1ab1e
const CANARY_HIGH = 0x0ddba11c
const POISON = 0xdd
const POISON_WORD = 0xdddddddd | 0

/** Pages that hold poison, of the segment that had this memory. */
interface PoisonedPages {
  readonly memory: Uint8Array
  readonly flags: Uint8Array
}

export class BlockGuard {
  private readonly segments: Segments
  private readonly capacities = new Map<Address, number>()
  private readonly pages = new Map<number, PoisonedPages>()

  constructor(segments: Segments) {
    this.segments = segments
  }

  /** The sum of a measure over all live blocks. */
  sum(measure: (address: Address, capacity: number) => number): number {
    let total = 0
    for (const [address, capacity] of this.capacities) total += measure(address, capacity)
    return total
  }

  /** The capacity that a request is given. */
  capacityFor(bytes: number): number {
    return Math.max(8, Math.ceil(bytes / 8) * 8)
  }

  /** The capacity of a live block; throws when none begins at the address. */
  capacity(address: Address): number {
    const capacity = this.capacities.get(address)
    if (capacity === undefined) {
      throw new Error(`address ${address >>> 0} is no live block: freed already, or never was one`)
    }
    return capacity
  }

  /** Notes a block as live, and puts its canary in place. */
  admit(address: Address, capacity: number): void {
    if (this.capacities.has(address)) throw new Error(`block ${address >>> 0} handed out twice`)
    this.capacities.set(address, capacity)
    const view = this.view(address)
    const at = offsetOf(address) + capacity
    view.setInt32(at, CANARY_LOW, true)
    view.setInt32(at + 4, CANARY_HIGH ^ address, true)
  }

  /** Verifies the canary of a live block, forgets the block, and returns its capacity. */
  dismiss(address: Address): number {
    const capacity = this.capacity(address)
    this.checkCanary(address, capacity)
    this.capacities.delete(address)
    return capacity
  }

  /** Fills a small block with poison. */
  poison(address: number, blockBytes: number): void {
    const offset = offsetOf(address)
    this.bytes(address).fill(POISON, offset, offset + blockBytes)
  }

  /** Verifies the poison of a small block that was freed. */
  checkPoison(address: number, blockBytes: number): void {
    this.checkFilled(address, offsetOf(address) + LINK_BYTES, blockBytes - LINK_BYTES)
  }

  /** Fills a run with poison and notes its pages. */
  poisonRun(address: number, pages: number): void {
    this.poison(address, pages * PAGE_BYTES)
    const first = offsetOf(address) / PAGE_BYTES
    this.poisonedPages(address).fill(1, first, first + pages)
  }

  /** Verifies those pages of a run that were poisoned, and poisons them all for the new owner. */
  reviveRun(address: number, pages: number): void {
    const flags = this.poisonedPages(address)
    const first = offsetOf(address) / PAGE_BYTES
    for (let page = first; page < first + pages; page++) {
      if (flags[page] === 1) this.checkFilled(address, page * PAGE_BYTES, PAGE_BYTES)
    }
    this.poison(address, pages * PAGE_BYTES)
    flags.fill(0, first, first + pages)
  }

  /** Verifies the canaries of all live blocks and the poison of all free pages. */
  check(): void {
    for (const [address, capacity] of this.capacities) this.checkCanary(address, capacity)
    for (const [segment, { memory, flags }] of this.pages) {
      if (memory !== this.segments.bytes[segment]) continue
      const base = segment << SEGMENT_SHIFT
      for (let page = flags.indexOf(1); page >= 0; page = flags.indexOf(1, page + 1)) {
        this.checkFilled(base, page * PAGE_BYTES, PAGE_BYTES)
      }
    }
  }

  reset(): void {
    this.capacities.clear()
    this.pages.clear()
  }

  private checkCanary(address: number, capacity: number): void {
    const view = this.view(address)
    const at = offsetOf(address) + capacity
    if (
      view.getInt32(at, true) !== CANARY_LOW ||
      view.getInt32(at + 4, true) !== (CANARY_HIGH ^ address)
    ) {
      throw new Error(`block ${address >>> 0}: written beyond its ${capacity} bytes`)
    }
  }

  private checkFilled(address: number, offset: number, length: number): void {
    const view = this.view(address)
    for (let at = offset; at < offset + length; at += 4) {
      if (view.getInt32(at, true) !== POISON_WORD) {
        throw new Error(
          `freed memory was written to: segment ${address >>> SEGMENT_SHIFT}, byte ${at}`,
        )
      }
    }
  }

  /** By page of the address's segment: 1 when it is free and holds poison. */
  private poisonedPages(address: number): Uint8Array {
    const segment = address >>> SEGMENT_SHIFT
    const memory = this.segments.bytes[segment]
    let entry = this.pages.get(segment)
    if (entry === undefined || entry.memory !== memory) {
      entry = { memory, flags: new Uint8Array(memory.length / PAGE_BYTES) }
      this.pages.set(segment, entry)
    }
    return entry.flags
  }

  private view(address: number): DataView {
    return this.segments.views[address >>> SEGMENT_SHIFT]
  }

  private bytes(address: number): Uint8Array {
    return this.segments.bytes[address >>> SEGMENT_SHIFT]
  }
}

function offsetOf(address: number): number {
  return (address & OFFSET_MASK) << 3
}
