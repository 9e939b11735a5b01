/**
 * The line that follows each batch of an append-only file and proves it whole:
 *
 *   #CRC:<number> <bytes> <16 hex digits>\r\n
 *
 *   part       meaning
 *   number     running number of the batch, from 0 in each file, decimal
 *   bytes      length of the batch, without this line, decimal
 *   hex        checksum, lower case, most significant digit first
 *
 * Lines that begin with # are comments to Redis 7 and to redis-check-aof. The checksum is Redis's
 * CRC-64, run on without a break over all batches of the file, each followed by its line up to the
 * blank before the digits. So it covers number and length, and goes on from the checksum before:
 * batches that are swapped, doubled or left out do not fit. Numbers are written in one way only and
 * read no other way, so that no bit of a line can change unseen.
 */
import type { Crc64 } from '../bytes/crc64.ts'
import { writeInteger } from '../bytes/integers.ts'

const TAG = [0x23, 0x43, 0x52, 0x43, 0x3a]
const DIGITS = Uint8Array.from('0123456789abcdef', (digit) => digit.charCodeAt(0))
const SPACE = 0x20
const CR = 0x0d
const LF = 0x0a
const HEX_DIGITS = 16

/** More than any line takes: the tag, two numbers of 16 digits, the checksum. */
export const MAX_LINE_BYTES = 64

/** Bytes of the line of batch 0, which is empty and opens every file. */
export const FIRST_LINE_BYTES = 27

const crcBytes = new Uint8Array(8)

/**
 * Writes the line of a batch behind it. The checksum is taken along: afterwards it stands where
 * the next batch has to go on.
 *
 * @param start where the batch begins
 * @param end where it ends; the target has `MAX_LINE_BYTES` of room there
 * @param view of the same memory
 * @param batchBytes its length, if its beginning is in the checksum already
 * @returns where the line ends
 */
export function writeChecksumLine(
  target: Uint8Array,
  start: number,
  end: number,
  number: number,
  crc: Crc64,
  view?: DataView,
  batchBytes: number = end - start,
): number {
  const position = writeHead(target, end, number, batchBytes)
  crc.update(target, start, position, view)
  return writeRest(target, position, crc)
}

/** Writes the part of a line that its checksum covers. @returns where that ends */
function writeHead(target: Uint8Array, start: number, number: number, batchBytes: number): number {
  let position = start
  for (let i = 0; i < TAG.length; i++) target[position++] = TAG[i]
  position += writeInteger(target, position, number)
  target[position++] = SPACE
  position += writeInteger(target, position, batchBytes)
  target[position++] = SPACE
  return position
}

/** Writes the checksum and ends the line. @returns where it ends */
function writeRest(target: Uint8Array, offset: number, crc: Crc64): number {
  crc.writeTo(crcBytes, 0)
  let position = offset
  for (let i = 7; i >= 0; i--) {
    const byte = crcBytes[i]
    target[position++] = DIGITS[byte >>> 4]
    target[position++] = DIGITS[byte & 15]
  }
  target[position++] = CR
  target[position++] = LF
  return position
}

/** The two digits of each byte, as 16 bits little endian. */
const DIGIT_PAIRS = Uint16Array.from({ length: 256 }, (_, byte) => {
  return DIGITS[byte >>> 4] | (DIGITS[byte & 15] << 8)
})
const END_OF_LINE = CR | (LF << 8)

/**
 * Holds a batch against the line behind it. Numbers are written in one way only, so a number in
 * that form that has the right value is the right text.
 *
 * @param view of the same memory
 * @param start where the batch begins
 * @param end where it ends, and its line begins with the tag
 * @param crc the checksum of all before; afterwards that of all up to here, if the line fits
 * @returns where the line ends; -1 if it is another one
 */
export function checkLine(
  bytes: Uint8Array,
  view: DataView,
  start: number,
  end: number,
  limit: number,
  number: number,
  crc: Crc64,
): number {
  let at = numberEnd(bytes, end + TAG.length, limit, number)
  if (at < 0) return -1
  at = numberEnd(bytes, at, limit, end - start)
  if (at < 0 || at + HEX_DIGITS + 2 > limit) return -1
  crc.update(bytes, start, at, view)
  if (!isWord(view, at, crc.high) || !isWord(view, at + 8, crc.low)) return -1
  return view.getUint16(at + HEX_DIGITS, true) === END_OF_LINE ? at + HEX_DIGITS + 2 : -1
}

/** The place behind a number and its blank; -1 unless it is the one given. */
function numberEnd(bytes: Uint8Array, start: number, limit: number, number: number): number {
  let value = 0
  let at = start
  for (; at < limit; at++) {
    const digit = bytes[at] - 0x30
    if (digit < 0 || digit > 9) break
    value = value * 10 + digit
  }
  const digits = at - start
  if (value !== number || digits === 0 || digits > 16) return -1
  if (digits > 1 && bytes[start] === 0x30) return -1
  return at < limit && bytes[at] === SPACE ? at + 1 : -1
}

/** Whether eight hexadecimal digits are those of a word. */
function isWord(view: DataView, at: number, word: number): boolean {
  return (
    view.getUint16(at, true) === DIGIT_PAIRS[word >>> 24] &&
    view.getUint16(at + 2, true) === DIGIT_PAIRS[(word >>> 16) & 255] &&
    view.getUint16(at + 4, true) === DIGIT_PAIRS[(word >>> 8) & 255] &&
    view.getUint16(at + 6, true) === DIGIT_PAIRS[word & 255]
  )
}

/** A line as read; one object serves line after line. */
export class ChecksumLine {
  number = 0
  /** Length that the line claims for its batch. */
  batchBytes = 0
  /** Where the checksum's digits begin, and so the bytes that it covers end. */
  digits = 0
  /** Where the line ends. */
  end = 0

  /**
   * Reads the line at `start`. @returns false if there is no such line, in exactly the form that
   * it is written in, before `limit`
   */
  read(bytes: Uint8Array, start: number, limit: number): boolean {
    if (!startsWithTag(bytes, start, limit)) return false
    let position = this.readNumber(bytes, start + TAG.length, limit)
    if (position < 0) return false
    this.number = this.value
    position = this.readNumber(bytes, position, limit)
    if (position < 0) return false
    this.batchBytes = this.value
    this.digits = position
    const end = position + HEX_DIGITS + 2
    if (end > limit) return false
    for (let i = position; i < position + HEX_DIGITS; i++) if (hexValue(bytes[i]) < 0) return false
    this.end = end
    return bytes[end - 2] === CR && bytes[end - 1] === LF
  }

  private value = 0

  /** Reads decimal digits and the blank behind them. @returns the place behind that, or -1 */
  private readNumber(bytes: Uint8Array, start: number, limit: number): number {
    let value = 0
    let position = start
    while (position < limit && bytes[position] >= 0x30 && bytes[position] <= 0x39) {
      value = value * 10 + bytes[position++] - 0x30
    }
    const digits = position - start
    if (digits === 0 || digits > 16 || (digits > 1 && bytes[start] === 0x30)) return -1
    if (position >= limit || bytes[position] !== SPACE) return -1
    this.value = value
    return position + 1
  }

  /** Whether a checksum, taken up to `digits`, is the one that the line states. */
  matches(bytes: Uint8Array, crc: Crc64): boolean {
    crc.writeTo(crcBytes, 0)
    for (let i = 0; i < 8; i++) {
      const at = this.digits + 2 * i
      const byte = (hexValue(bytes[at]) << 4) | hexValue(bytes[at + 1])
      if (byte !== crcBytes[7 - i]) return false
    }
    return true
  }

  /** The checksum that the line states, for going on from it. */
  stated(bytes: Uint8Array): bigint {
    let value = 0n
    for (let i = 0; i < HEX_DIGITS; i++) {
      value = (value << 4n) | BigInt(hexValue(bytes[this.digits + i]))
    }
    return value
  }
}

/** Whether the bytes at `start` are `#CRC:`, whatever follows. */
export function startsWithTag(bytes: Uint8Array, start: number, limit: number): boolean {
  if (start + TAG.length > limit) return false
  for (let i = 0; i < TAG.length; i++) if (bytes[start + i] !== TAG[i]) return false
  return true
}

function hexValue(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30
  return byte >= 0x61 && byte <= 0x66 ? byte - 0x61 + 10 : -1
}
