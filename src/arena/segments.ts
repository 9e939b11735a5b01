/**
 * The segments of an arena: the ArrayBuffers that all memory comes from.
 *
 * A segment is one ArrayBuffer, made when it is needed. The operating system hands its pages out
 * zeroed on first touch, so a segment costs resident memory only as far as it is used; nothing
 * here writes to one. Each segment is of one kind for as long as it lives: slabs (64 MB, the first
 * 4 MB), runs of pages (64 MB), or one huge block, whose buffer may run past the 64 MB that
 * addresses span.
 *
 * Invariants: `views[i]` and `bytes[i]` show the same buffer; of a segment that is not in use they
 * are empty, so that a stale access throws. Segment 0 only ever holds slabs, whose first slab is
 * left out, so that the address 0 is never handed out.
 */
import { MAX_SEGMENTS, SEGMENT_BYTES } from './address.ts'

export const UNUSED_SEGMENT = 0
export const SLAB_SEGMENT = 1
export const RUN_SEGMENT = 2
export const HUGE_SEGMENT = 3

/** What `open` returns when there is no memory or no segment number left. */
export const NO_SEGMENT = -1

const emptyBuffer = new ArrayBuffer(0)
const emptyView = new DataView(emptyBuffer)
const emptyBytes = new Uint8Array(emptyBuffer)

export class Segments {
  readonly views: DataView[] = []
  readonly bytes: Uint8Array[] = []
  readonly kinds = new Uint8Array(MAX_SEGMENTS)
  private readonly limit: number

  /** @param limit the most segments that may be open at once, up to `MAX_SEGMENTS` */
  constructor(limit = MAX_SEGMENTS) {
    this.limit = limit
  }

  /** One more than the highest segment number that was ever open. */
  get count(): number {
    return this.views.length
  }

  /** Opens the lowest free segment, of `bytes` bytes; `NO_SEGMENT` when there is no memory. */
  open(kind: number, bytes = SEGMENT_BYTES): number {
    const segment = this.lowestFree(kind)
    if (segment === NO_SEGMENT) return NO_SEGMENT
    try {
      this.assign(segment, kind, new Uint8Array(bytes))
    } catch (error) {
      if (error instanceof RangeError) return NO_SEGMENT
      throw error
    }
    return segment
  }

  /** Opens a segment over memory that exists; `NO_SEGMENT` when no number is left. */
  adopt(kind: number, bytes: Uint8Array): number {
    const segment = this.lowestFree(kind)
    if (segment !== NO_SEGMENT) this.assign(segment, kind, bytes)
    return segment
  }

  private lowestFree(kind: number): number {
    let segment = kind === SLAB_SEGMENT ? 0 : 1
    while (segment < this.limit && this.kinds[segment] !== UNUSED_SEGMENT) segment++
    return segment < this.limit ? segment : NO_SEGMENT
  }

  private assign(segment: number, kind: number, bytes: Uint8Array): void {
    while (this.views.length <= segment) {
      this.views.push(emptyView)
      this.bytes.push(emptyBytes)
    }
    this.views[segment] = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.bytes[segment] = bytes
    this.kinds[segment] = kind
  }

  /** Gives up the memory of a segment; its number may be used again. */
  drop(segment: number): void {
    this.views[segment] = emptyView
    this.bytes[segment] = emptyBytes
    this.kinds[segment] = UNUSED_SEGMENT
  }
}
