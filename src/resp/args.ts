/**
 * The arguments of one request, as slices of the buffer that they arrived in. One `Args` serves
 * request after request, so that parsing a command makes no object.
 *
 * The slices are valid until the command returns: whoever keeps an argument longer (a transaction,
 * a blocked client) takes a `clone`. Argument 0 is the name of the command.
 */
import { parseBigInteger, parseInteger } from '../bytes/integers.ts'
import { equalsIgnoreCase, latin1 } from '../bytes/text.ts'

const FIRST_CAPACITY = 64
const WORD_MAX_BYTES = 128
/** Larger memory is let go with the request that was in it. */
const KEPT_BYTES = 64 * 1024
const NO_BYTES = new Uint8Array(0)
const NO_VIEW = new DataView(NO_BYTES.buffer)

export class Args {
  /** The memory that the slices lie in. */
  bytes: Uint8Array
  /** The same memory, for reading words. */
  view: DataView
  /** Nobody else uses this memory: an argument may be adopted as a value instead of copied. */
  isOnlyUser = false
  /** Some of the memory has become a value, and must not be written to any more. */
  isAdopted = false
  /** Number of arguments, with the command's name. */
  count = 0
  /** Where each argument begins and ends (exclusive) in `bytes`. */
  starts: Int32Array
  ends: Int32Array

  /** @param capacity for how many arguments there is room at first, 1 or more */
  constructor(bytes: Uint8Array = new Uint8Array(0), capacity = FIRST_CAPACITY) {
    this.starts = new Int32Array(capacity)
    this.ends = new Int32Array(capacity)
    this.bytes = bytes
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  /** Arguments from strings (of Latin-1) and byte arrays, in memory of their own. */
  static from(list: readonly (string | Uint8Array)[]): Args {
    const parts = list.map((item) =>
      typeof item === 'string' ? Buffer.from(item, 'latin1') : item,
    )
    const length = parts.reduce((sum, part) => sum + part.length, 0)
    const args = new Args(new Uint8Array(length), Math.max(1, parts.length))
    let end = 0
    for (const part of parts) {
      args.bytes.set(part, end)
      args.push(end, end + part.length)
      end += part.length
    }
    return args
  }

  push(start: number, end: number): void {
    if (this.count === this.starts.length) this.grow()
    this.starts[this.count] = start
    this.ends[this.count] = end
    this.count++
  }

  /** Takes the places of `count` arguments of others, from `first` on, in the same memory. */
  take(others: Args, first: number, count: number): void {
    while (this.starts.length < count) this.grow()
    const { ends, starts } = this
    for (let i = 0; i < count; i++) {
      starts[i] = others.starts[first + i]!
      ends[i] = others.ends[first + i]!
    }
    this.count = count
  }

  private grow(): void {
    const starts = new Int32Array(this.starts.length * 2)
    const ends = new Int32Array(this.starts.length * 2)
    starts.set(this.starts)
    ends.set(this.ends)
    this.starts = starts
    this.ends = ends
  }

  /** Forgets the arguments, and the memory that a very long request made this hold. */
  clear(): void {
    this.count = 0
    this.isOnlyUser = false
    this.isAdopted = false
    if (this.bytes.length > KEPT_BYTES) {
      this.bytes = NO_BYTES
      this.view = NO_VIEW
    }
    if (this.starts.length > 4096) {
      this.starts = new Int32Array(FIRST_CAPACITY)
      this.ends = new Int32Array(FIRST_CAPACITY)
    }
  }

  /** Moves all slices by `distance` bytes, as their buffer's content has been. */
  shift(distance: number): void {
    for (let i = 0; i < this.count; i++) {
      this.starts[i]! += distance
      this.ends[i]! += distance
    }
  }

  /** Number of bytes of argument `index`. */
  length(index: number): number {
    return this.ends[index]! - this.starts[index]!
  }

  /** Argument `index` as a string of Latin-1: one character a byte. */
  text(index: number): string {
    return latin1(this.bytes, this.starts[index]!, this.ends[index]!)
  }

  /**
   * Argument `index` as a string; '' for one that is longer than any word or number. Others may be
   * longer than strings can be, so where nobody answers an error this is what to ask for.
   */
  word(index: number): string {
    return this.length(index) > WORD_MAX_BYTES ? '' : this.text(index)
  }

  /** The beginning of argument `index` as a string, of `maxBytes` at most. */
  beginning(index: number, maxBytes: number): string {
    const start = this.starts[index]!
    return latin1(this.bytes, start, Math.min(this.ends[index]!, start + maxBytes))
  }

  /** Argument `index` in the request's own memory: valid until the command returns. */
  slice(index: number): Uint8Array {
    return this.bytes.subarray(this.starts[index]!, this.ends[index]!)
  }

  /** Argument `index` in memory of its own. */
  copy(index: number): Uint8Array {
    // Not `slice`, which of a Buffer is no copy.
    return new Uint8Array(this.slice(index))
  }

  /** Whether argument `index` is the word `lowerCase`, in whatever case. */
  is(index: number, lowerCase: string): boolean {
    return equalsIgnoreCase(this.bytes, this.starts[index]!, this.ends[index]!, lowerCase)
  }

  /**
   * Argument `index` as an integer of 64 bits, in Redis's strict form: a number where it lies
   * within ±(2^53 - 1), else a bigint; null if it is no such integer.
   */
  integer(index: number): number | bigint | null {
    const value = parseInteger(this.bytes, this.starts[index]!, this.ends[index]!)
    if (!Number.isNaN(value)) return value
    return parseBigInteger(this.bytes, this.starts[index]!, this.ends[index]!)
  }

  /** Argument `index` as an integer within ±(2^53 - 1), else NaN. */
  safeInteger(index: number): number {
    return parseInteger(this.bytes, this.starts[index]!, this.ends[index]!)
  }

  /** The same arguments in memory of their own. */
  clone(): Args {
    const list: Uint8Array[] = []
    for (let i = 0; i < this.count; i++) list.push(this.slice(i))
    return Args.from(list)
  }
}
