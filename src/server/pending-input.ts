/**
 * The bytes of a request that is not whole yet.
 *
 * The buffer grows as bytes arrive, never on a claim, and by doubling, so that a request of n bytes
 * costs time linear in n. So that no single step takes long either, the bytes of a large buffer do
 * not move to its successor at once but a piece with each arrival: twice as many as arrive, which
 * is enough to be done before the successor is full. Until `settle` only the bytes from the
 * parser's position on are sure to be in place; it does not look back before the request is whole.
 *
 * Where the length of the whole is known, capacities are halves of it, so that the last one fits
 * and the string in it can be handed to the arena as it is.
 */
const FIRST_BYTES = 4096
/** Smaller buffers are moved at once. */
const MOVED_AT_ONCE_BYTES = 256 * 1024

export class PendingInput {
  bytes: Buffer
  view: DataView
  /** Number of bytes that have arrived. */
  length = 0
  /** The buffer before this one, while some of its bytes are still to be moved. */
  private previous: Buffer | null = null
  private moved = 0
  private toMove = 0

  constructor(byteLength: number) {
    this.bytes = Buffer.allocUnsafeSlow(Math.max(FIRST_BYTES, byteLength))
    this.view = viewOf(this.bytes)
  }

  get capacity(): number {
    return this.bytes.length
  }

  /**
   * Adds `source` from `start` to `end`.
   *
   * @param readFrom the parser's position: what is before it is not looked at until `settle`
   * @param whole how many bytes the string under way will have made of it; 0 if that is not known
   */
  append(source: Uint8Array, start: number, end: number, readFrom: number, whole: number): void {
    const added = end - start
    const needed = this.length + added
    if (needed > this.bytes.length) this.grow(needed, readFrom, whole)
    this.bytes.set(source.subarray(start, end), this.length)
    this.length = needed
    if (this.previous !== null) this.move(added * 2)
  }

  private grow(needed: number, readFrom: number, whole: number): void {
    this.settle()
    const old = this.bytes
    this.bytes = Buffer.allocUnsafeSlow(nextCapacity(old.length, needed, whole))
    this.view = viewOf(this.bytes)
    if (this.length <= MOVED_AT_ONCE_BYTES) {
      this.bytes.set(old.subarray(0, this.length))
      return
    }
    // Within a string of known length nothing is looked at before all of it is here.
    const tail = whole > 0 ? this.length : readFrom
    this.bytes.set(old.subarray(tail, this.length), tail)
    this.previous = old
    this.moved = 0
    this.toMove = tail
  }

  private move(byteLength: number): void {
    const end = Math.min(this.toMove, this.moved + byteLength)
    this.bytes.set(this.previous!.subarray(this.moved, end), this.moved)
    this.moved = end
    if (end === this.toMove) this.previous = null
  }

  /** Puts all bytes in place. */
  settle(): void {
    if (this.previous !== null) this.move(this.toMove)
  }

  /** Forgets the first `start` bytes, and a large buffer of which little is left in use. */
  dropFirst(start: number): void {
    this.settle()
    const rest = this.length - start
    if (this.bytes.length > MOVED_AT_ONCE_BYTES && rest < this.bytes.length >>> 2) {
      const old = this.bytes
      this.bytes = Buffer.allocUnsafeSlow(Math.max(FIRST_BYTES, rest))
      this.view = viewOf(this.bytes)
      this.bytes.set(old.subarray(start, this.length))
    } else {
      this.bytes.copyWithin(0, start, this.length)
    }
    this.length = rest
  }
}

function viewOf(bytes: Buffer): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

/** The smallest half, quarter … of the whole that holds `needed`; without one, twice as much. */
function nextCapacity(capacity: number, needed: number, whole: number): number {
  if (whole < needed) return Math.max(needed, capacity * 2)
  let next = whole
  while (Math.ceil(next / 2) >= needed) next = Math.ceil(next / 2)
  return next
}
