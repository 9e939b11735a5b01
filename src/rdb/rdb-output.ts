/**
 * A growable memory into which RDB is written. Whoever fills it empties it now and then, takes the
 * checksum of what it holds and brings that to where it belongs; it never touches a disk itself.
 *
 * A string is written in the first of these forms that applies, as Redis 7.2 chooses:
 *
 * | form       | when                                                             | bytes         |
 * |------------|------------------------------------------------------------------|---------------|
 * | integer    | the strict decimal text of an integer of 32 bits                 | 2, 3 or 5     |
 * | compressed | longer than 20 bytes, and LZF saves at least 4 of them           | lengths, LZF  |
 * | plain      |                                                                  | length, bytes |
 */
import { copyBytes } from '../arena/bytes.ts'
import { parseInteger } from '../bytes/integers.ts'
import { lzfCompress } from '../bytes/lzf.ts'
import { ENCODED_INT8, ENCODED_INT16, ENCODED_INT32, ENCODED_LZF } from './rdb-format.ts'

const INITIAL_BYTES = 64 * 1024
const ENCODED = 0xc0
const LENGTH_14 = 0x40
const LENGTH_32 = 0x80
const LENGTH_64 = 0x81
const HIGH_WORD = 2 ** 32
/** The most digits of an integer of 32 bits, with its sign. */
const INT32_DIGITS = 11
const COMPRESSED_MIN_BYTES = 21
const SAVED_MIN_BYTES = 4
/** Longer strings stay as they are: compressing them would hold up everybody for too long. */
const COMPRESSED_MAX_BYTES = 1024 * 1024
/** The most that the head of a compressed string of so many bytes takes. */
const LZF_HEAD_BYTES = 11

export class RdbOutput {
  bytes: Uint8Array
  view: DataView
  /** How many bytes have been written. */
  length = 0
  /** Whether strings are compressed: the directive rdbcompression. */
  compress: boolean

  constructor(compress = true, initialBytes = INITIAL_BYTES) {
    this.bytes = new Uint8Array(initialBytes)
    this.view = new DataView(this.bytes.buffer)
    this.compress = compress
  }

  /** Forgets what was written; the memory stays. */
  clear(): void {
    this.length = 0
  }

  /** Goes on with other memory, empty. @returns the memory that has what was written */
  exchange(other: Uint8Array): Uint8Array {
    const { bytes } = this
    this.bytes = other
    this.view = new DataView(other.buffer)
    this.length = 0
    return bytes
  }

  /** Makes room for `moreBytes`. */
  reserve(moreBytes: number): void {
    const needed = this.length + moreBytes
    if (needed <= this.bytes.length) return
    const grown = new Uint8Array(Math.max(needed, this.bytes.length * 2))
    grown.set(this.bytes.subarray(0, this.length))
    this.bytes = grown
    this.view = new DataView(grown.buffer)
  }

  writeByte(value: number): void {
    this.reserve(1)
    this.bytes[this.length++] = value
  }

  /** A length: an integer from 0 to 2^53 - 1. */
  writeLength(value: number): void {
    this.reserve(9)
    const { bytes, view } = this
    if (value < 64) {
      bytes[this.length++] = value
    } else if (value < 16384) {
      bytes[this.length++] = LENGTH_14 | (value >>> 8)
      bytes[this.length++] = value
    } else if (value < HIGH_WORD) {
      bytes[this.length] = LENGTH_32
      view.setUint32(this.length + 1, value)
      this.length += 5
    } else {
      bytes[this.length] = LENGTH_64
      view.setUint32(this.length + 1, Math.floor(value / HIGH_WORD))
      view.setUint32(this.length + 5, value)
      this.length += 9
    }
  }

  /** A double, little endian. */
  writeDouble(value: number): void {
    this.reserve(8)
    this.view.setFloat64(this.length, value, true)
    this.length += 8
  }

  /** A moment in ms, little endian: an integer of 64 bits. */
  writeTime(timeMs: number | bigint): void {
    this.reserve(8)
    if (typeof timeMs === 'bigint') {
      this.view.setBigInt64(this.length, timeMs, true)
    } else {
      this.view.setUint32(this.length, timeMs >>> 0, true)
      this.view.setInt32(this.length + 4, Math.floor(timeMs / HIGH_WORD), true)
    }
    this.length += 8
  }

  /** Bytes as they are. */
  writeRaw(bytes: Uint8Array, view: DataView, start: number, length: number): void {
    this.reserve(length)
    copyBytes(bytes, view, start, this.bytes, this.view, this.length, length)
    this.length += length
  }

  /** A string, in the form that suits it. */
  writeString(bytes: Uint8Array, view: DataView, start: number, length: number): void {
    if (length <= INT32_DIGITS && bytes[start] <= 0x39 && length > 0) {
      const value = parseInteger(bytes, start, start + length)
      if ((value | 0) === value) return this.writeInteger(value)
    }
    if (length >= COMPRESSED_MIN_BYTES && this.compress && length <= COMPRESSED_MAX_BYTES) {
      if (this.writeCompressed(bytes, start, length)) return
    }
    this.writeLength(length)
    this.writeRaw(bytes, view, start, length)
  }

  /** A string that is short and ASCII. */
  writeText(text: string): void {
    const bytes = new TextEncoder().encode(text)
    this.writeString(bytes, new DataView(bytes.buffer), 0, bytes.length)
  }

  /** The text of an integer of 32 bits. */
  private writeInteger(value: number): void {
    this.reserve(5)
    const { bytes, view } = this
    const at = this.length
    if (value >= -128 && value <= 127) {
      bytes[at] = ENCODED | ENCODED_INT8
      view.setInt8(at + 1, value)
      this.length = at + 2
    } else if (value >= -32768 && value <= 32767) {
      bytes[at] = ENCODED | ENCODED_INT16
      view.setInt16(at + 1, value, true)
      this.length = at + 3
    } else {
      bytes[at] = ENCODED | ENCODED_INT32
      view.setInt32(at + 1, value, true)
      this.length = at + 5
    }
  }

  /** Compresses behind where the head will be, and moves it up to it. @returns whether it pays */
  private writeCompressed(source: Uint8Array, start: number, length: number): boolean {
    this.reserve(LZF_HEAD_BYTES + length)
    const scratch = this.length + LZF_HEAD_BYTES
    const limit = length - SAVED_MIN_BYTES
    const compressed = lzfCompress(source, start, length, this.bytes, scratch, limit)
    if (compressed === 0) return false
    this.writeByte(ENCODED | ENCODED_LZF)
    this.writeLength(compressed)
    this.writeLength(length)
    this.bytes.copyWithin(this.length, scratch, scratch + compressed)
    this.length += compressed
    return true
  }
}
