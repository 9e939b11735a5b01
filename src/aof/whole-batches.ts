/**
 * Looks for whole batches behind one that is not: they tell damage from an end that a crash has
 * torn off, behind which nothing can be whole.
 *
 * A checksum goes on from the one before, so a later batch is proved by the line in front of it.
 * Where that line is what has been damaged, it is written anew from the batch that it belongs to.
 * And a whole line at the very end of the file, with a higher number than the bad batch has, is
 * taken for proof as well: a torn end has none, and the batch before it can be damaged so that
 * nothing proves the last. So is the bad batch's own line, if its length is right and its number is
 * that of another batch.
 *
 * Values may hold text that looks like such lines. Only somebody who computes checksums can make
 * this take a torn end for damage, and all that comes of it is that the repair must be asked for.
 */
import { Crc64 } from '../bytes/crc64.ts'
import { fromLatin1 } from '../bytes/text.ts'
import { ChecksumLine, FIRST_LINE_BYTES, MAX_LINE_BYTES } from './checksum-line.ts'

const HASH = 0x23

/** So many times the bytes at hand are gone over at most: text made to cost time is damage too. */
const MAX_PASSES = 32

/**
 * @param bytes the rest of the file, from where the bad batch begins
 * @param number what number that batch has
 * @param checksum the checksum of all before it
 */
export function hasBatchBehind(bytes: Uint8Array, number: number, checksum: bigint): boolean {
  const line = new ChecksumLine()
  let budgetBytes = MAX_PASSES * bytes.length
  for (let at = bytes.indexOf(HASH); at >= 0; at = bytes.indexOf(HASH, at + 1)) {
    if (!line.read(bytes, at, bytes.length)) continue
    if (line.end === bytes.length && line.number > number) return true
    const start = at - line.batchBytes
    if (start < 0) continue
    if (budgetBytes < 0) return true
    if (start === 0) {
      budgetBytes -= line.batchBytes
      if (line.number !== number || fits(bytes, start, line, checksum)) return true
      continue
    }
    const stated = statedBefore(bytes, start, line.number - 1)
    if (stated !== null) {
      budgetBytes -= line.batchBytes
      if (fits(bytes, start, line, stated)) return true
    }
    if (line.number === number + 1) {
      budgetBytes -= bytes.length
      for (const computed of computedBefore(bytes, start, number, checksum)) {
        if (fits(bytes, start, line, computed)) return true
      }
    }
  }
  return false
}

/** Whether a batch and its line fit a checksum that they go on from. */
function fits(bytes: Uint8Array, start: number, line: ChecksumLine, checksum: bigint): boolean {
  const crc = new Crc64()
  crc.reset(checksum)
  crc.update(bytes, start, line.digits)
  return line.matches(bytes, crc)
}

/** What the line of a number, ending right before `end`, states; null if there is none. */
function statedBefore(bytes: Uint8Array, end: number, number: number): bigint | null {
  const before = new ChecksumLine()
  for (let length = FIRST_LINE_BYTES; length <= Math.min(MAX_LINE_BYTES, end); length++) {
    if (!before.read(bytes, end - length, end)) continue
    if (before.end === end && before.number === number) return before.stated(bytes)
  }
  return null
}

/** The checksums that a first batch with a line of any length, ending before `end`, would have. */
function* computedBefore(
  bytes: Uint8Array,
  end: number,
  number: number,
  checksum: bigint,
): Generator<bigint> {
  for (let digits = 1; digits <= 10; digits++) {
    const head = `#CRC:${number} `
    const batchBytes = end - (head.length + digits + 1 + 16 + 2)
    if (batchBytes < 0 || String(batchBytes).length !== digits) continue
    const crc = new Crc64()
    crc.reset(checksum)
    crc.update(bytes, 0, batchBytes)
    crc.update(fromLatin1(`${head}${batchBytes} `))
    yield crc.value
  }
}
