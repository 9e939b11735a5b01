/**
 * Reads the pieces that RDB consists of: bytes, lengths, strings, numbers. The source is a file, of
 * which a window is held in memory, or memory itself.
 *
 * Nothing that is read is believed. A length is compared with the bytes that are left before memory
 * is made for it; a compressed string must be as long as it says, and may not say that it becomes
 * longer than LZF can make it. What is wrong is thrown as an RdbError.
 *
 * A string that was read is at `start` to `end` of `bytes` and `view`, until the next call: in the
 * window itself, or in memory of the reader's if it was compressed or an integer.
 */
import { Crc64 } from '../bytes/crc64.ts'
import { writeInteger } from '../bytes/integers.ts'
import { lzfDecompress } from '../bytes/lzf.ts'
import { RdbError } from './rdb-error.ts'
import { ENCODED_INT8, ENCODED_INT16, ENCODED_INT32, ENCODED_LZF } from './rdb-format.ts'

/** What RDB is read from; an OpenFile is one. */
export interface RdbInput {
  /** Length in bytes. */
  size(): number
  /** Reads from place `position` on. @returns how many bytes there were */
  read(bytes: Uint8Array, start: number, length: number, position: number): number
}

const WINDOW_BYTES = 256 * 1024
/** LZF makes of three bytes 264 at the most. */
const LZF_MAX_RATIO = 88
const HIGH_WORD = 2 ** 32
const DIGITS_BYTES = 24
/** No string is longer: lengths in the arena have 31 bits. */
const STRING_MAX_BYTES = 2 ** 31 - 2 ** 16
/** Larger memory for a compressed string is let go when the next one is read. */
const KEPT_BYTES = 1024 * 1024

const NO_BYTES = new Uint8Array(0)
const NO_VIEW = new DataView(NO_BYTES.buffer)

export class RdbReader {
  // Where the last string is.
  bytes: Uint8Array = NO_BYTES
  view: DataView = NO_VIEW
  start = 0
  end = 0
  /** The checksum of what was read so far is kept only if this is set before the first byte. */
  checksumming = false
  private readonly crc = new Crc64()
  /** Up to where in the window the checksum has come. */
  private checked = 0
  private input: RdbInput | null = null
  /** The window on the input: bytes 0 to `limit` of it are valid, the next one is at `position`. */
  private window: Uint8Array = NO_BYTES
  private windowView: DataView = NO_VIEW
  private position = 0
  private limit = 0
  /** Offset in the input of the window's first byte. */
  private base = 0
  private size = 0
  private scratch: Uint8Array = NO_BYTES
  private scratchView: DataView = NO_VIEW
  private readonly digits = new Uint8Array(DIGITS_BYTES)
  private readonly digitsView = new DataView(this.digits.buffer)

  /** Reads from an input, from place `offset` on. */
  openInput(input: RdbInput, offset = 0): void {
    this.input = input
    this.size = input.size()
    this.window = new Uint8Array(Math.min(WINDOW_BYTES, Math.max(16, this.size - offset)))
    this.windowView = new DataView(this.window.buffer)
    this.base = offset
    this.position = 0
    this.limit = 0
    this.checked = 0
    this.crc.reset()
  }

  /** Reads from memory, which stays as it is until reading is over; offsets count from `start`. */
  openBytes(bytes: Uint8Array, view: DataView, start: number, end: number): void {
    this.input = null
    this.window = bytes
    this.windowView = view
    this.base = -start
    this.size = end - start
    this.position = start
    this.limit = end
    this.checked = start
    this.crc.reset()
  }

  /** Lets go of the memory that was read from. */
  close(): void {
    this.input = null
    this.window = NO_BYTES
    this.windowView = NO_VIEW
    this.bytes = NO_BYTES
    this.view = NO_VIEW
    this.limit = 0
    this.position = 0
    if (this.scratch.length > KEPT_BYTES) this.scratch = NO_BYTES
  }

  /** Offset of the next byte in what is read. */
  get offset(): number {
    return this.base + this.position
  }

  /** Bytes that are left. */
  get remaining(): number {
    return this.size - this.base - this.position
  }

  /** Throws an RdbError for the place at which reading is. */
  fail(text: string): never {
    throw new RdbError(text, this.offset)
  }

  /** Makes the next `count` bytes lie in the window. */
  private need(count: number): void {
    if (this.position + count > this.limit) this.fill(count)
  }

  private fillString(length: number): void {
    if (length > STRING_MAX_BYTES) this.fail('a string is too long')
    this.fill(length)
  }

  private fill(count: number): void {
    if (count > this.remaining) this.fail('the data ends in the middle')
    const { input, limit, position } = this
    if (input === null) this.fail('the data ends in the middle')
    if (this.checksumming) this.updateChecksum()
    const left = limit - position
    if (count > this.window.length) {
      const grown = this.allocate(count)
      grown.set(this.window.subarray(position, limit))
      this.window = grown
      this.windowView = new DataView(grown.buffer)
    } else if (this.window.length > 4 * WINDOW_BYTES && count <= WINDOW_BYTES) {
      const small = new Uint8Array(Math.max(WINDOW_BYTES, left))
      small.set(this.window.subarray(position, limit))
      this.window = small
      this.windowView = new DataView(small.buffer)
    } else {
      this.window.copyWithin(0, position, limit)
    }
    this.base += position
    this.position = 0
    this.checked = 0
    this.limit = left
    while (this.limit < count) {
      const room = this.window.length - this.limit
      const wanted = Math.min(room, this.size - this.base - this.limit)
      const got = input.read(this.window, this.limit, wanted, this.base + this.limit)
      if (got <= 0) this.fail('the data ends in the middle')
      this.limit += got
    }
  }

  private allocate(bytes: number): Uint8Array<ArrayBuffer> {
    try {
      return new Uint8Array(bytes)
    } catch {
      return this.fail(`there is no memory for a string of ${bytes} bytes`)
    }
  }

  private updateChecksum(): void {
    this.crc.update(this.window, this.checked, this.position)
    this.checked = this.position
  }

  /** The checksum of all bytes read so far. */
  checksum(): bigint {
    this.updateChecksum()
    return this.crc.value
  }

  readByte(): number {
    if (this.position >= this.limit) this.fill(1)
    return this.window[this.position++]
  }

  /** A length: an integer up to 2^53 - 1. */
  readLength(): number {
    if (this.position >= this.limit) this.fill(1)
    const first = this.window[this.position]
    if (first < 64) {
      this.position++
      return first
    }
    return this.readLongLength(first)
  }

  private readLongLength(first: number): number {
    if (first < 128) {
      this.need(2)
      const low = this.window[this.position + 1]
      this.position += 2
      return ((first & 63) << 8) | low
    }
    if (first === 0x80) {
      this.need(5)
      this.position += 5
      return this.windowView.getUint32(this.position - 4)
    }
    if (first !== 0x81) this.fail('a length is malformed')
    this.need(9)
    const high = this.windowView.getUint32(this.position + 1)
    const value = high * HIGH_WORD + this.windowView.getUint32(this.position + 5)
    if (value > Number.MAX_SAFE_INTEGER) this.fail('a length is too large')
    this.position += 9
    return value
  }

  /** Passes over a length of any size. */
  skipLength(): void {
    if (this.position >= this.limit) this.fill(1)
    if (this.window[this.position] !== 0x81) {
      this.readLength()
    } else {
      this.need(9)
      this.position += 9
    }
  }

  /** A length of elements that take at least `minBytes` each, so that they can all be there. */
  readCount(minBytes: number): number {
    const count = this.readLength()
    if (count * minBytes > this.remaining) this.fail(`${count} elements cannot be in what is left`)
    return count
  }

  /** A double, little endian. */
  readDouble(): number {
    this.need(8)
    this.position += 8
    return this.windowView.getFloat64(this.position - 8, true)
  }

  /** An integer of 64 bits, little endian; a bigint where a number is not exact. */
  readInt64(): number | bigint {
    this.need(8)
    const low = this.windowView.getUint32(this.position, true)
    const high = this.windowView.getInt32(this.position + 4, true)
    this.position += 8
    const value = high * HIGH_WORD + low
    if (Number.isSafeInteger(value)) return value
    return this.windowView.getBigInt64(this.position - 8, true)
  }

  /** An integer of 64 bits without a sign, little endian. */
  readUint64(): bigint {
    this.need(8)
    this.position += 8
    return this.windowView.getBigUint64(this.position - 8, true)
  }

  /** An integer of 32 bits, little endian. */
  readInt32(): number {
    this.need(4)
    this.position += 4
    return this.windowView.getInt32(this.position - 4, true)
  }

  /** `count` bytes as they are, to be found as a string. */
  readRaw(count: number): void {
    this.need(count)
    this.bytes = this.window
    this.view = this.windowView
    this.start = this.position
    this.end = this.position + count
    this.position += count
  }

  /** A string in any of its forms. */
  readString(): void {
    if (this.position >= this.limit) this.fill(1)
    const first = this.window[this.position]
    if (first >= 0xc0) return this.readEncoded(first & 63)
    const length = this.readLength()
    if (this.position + length > this.limit) this.fillString(length)
    this.bytes = this.window
    this.view = this.windowView
    this.start = this.position
    this.end = this.position + length
    this.position = this.end
  }

  private readEncoded(encoding: number): void {
    if (encoding === ENCODED_LZF) return this.readCompressed()
    const bytes = encoding === ENCODED_INT8 ? 1 : encoding === ENCODED_INT16 ? 2 : 4
    if (encoding > ENCODED_INT32) this.fail(`a string has the unknown encoding ${encoding}`)
    this.need(bytes + 1)
    const at = this.position + 1
    const { windowView } = this
    let value: number
    if (encoding === ENCODED_INT8) value = windowView.getInt8(at)
    else if (encoding === ENCODED_INT16) value = windowView.getInt16(at, true)
    else value = windowView.getInt32(at, true)
    this.position = at + bytes
    this.bytes = this.digits
    this.view = this.digitsView
    this.start = 0
    this.end = writeInteger(this.digits, 0, value)
  }

  private readCompressed(): void {
    this.readByte()
    const compressed = this.readLength()
    const length = this.readLength()
    if (length > STRING_MAX_BYTES) this.fail('a string is too long')
    if (compressed > this.remaining) this.fail('a compressed string is longer than what is left')
    if (length > compressed * LZF_MAX_RATIO) {
      this.fail(`a string of ${compressed} bytes cannot become one of ${length}`)
    }
    this.need(compressed)
    if (length > this.scratch.length || this.scratch.length > KEPT_BYTES) {
      this.scratch = NO_BYTES
      this.scratch = this.allocate(Math.max(length, 4096))
      this.scratchView = new DataView(this.scratch.buffer)
    }
    if (!lzfDecompress(this.window, this.position, compressed, this.scratch, 0, length)) {
      this.fail('a compressed string is malformed')
    }
    this.position += compressed
    this.bytes = this.scratch
    this.view = this.scratchView
    this.start = 0
    this.end = length
  }
}
