/**
 * HalfSipHash-1-3 (Aumasson and Bernstein, "SipHash: a fast short-input PRF", 2012, in its variant
 * of 32-bit words): the keyed hash of every dict.
 *
 * A server's keys are chosen by its clients, so the hash must be one whose collisions nobody can
 * predict without its key. SipHash proper works on 64-bit words, which JavaScript has only as
 * BigInt; the half variant works on 32-bit words, which compile to plain machine instructions.
 * One round a word and three at the end is the strength that Redis chose for the full variant, and
 * Linux for the half one. The result has 32 bits, enough for the 2^22 tables of 1,024 slots that a
 * dict may have.
 */

/**
 * Hashes `length` bytes from `offset` on.
 *
 * @param key0 bytes 0 to 3 of the 64-bit hash key, as a little endian int32
 * @param key1 bytes 4 to 7 of it
 * @param bytes the memory that holds the input
 * @param view the same memory; byte 0 of both is the same byte
 * @param offset of the input's first byte, aligned or not
 * @param length of the input in bytes
 * @returns 32 bits as a signed integer
 */
export function halfSipHash(
  key0: number,
  key1: number,
  bytes: Uint8Array,
  view: DataView,
  offset: number,
  length: number,
): number {
  let v0 = key0 | 0
  let v1 = key1 | 0
  let v2 = 0x6c796765 ^ key0
  let v3 = 0x74656462 ^ key1

  let at = offset
  const wordsEnd = offset + (length & ~3)
  while (at < wordsEnd) {
    const word = view.getInt32(at, true)
    at += 4
    v3 ^= word
    v0 = (v0 + v1) | 0
    v1 = ((v1 << 5) | (v1 >>> 27)) ^ v0
    v0 = (v0 << 16) | (v0 >>> 16)
    v2 = (v2 + v3) | 0
    v3 = ((v3 << 8) | (v3 >>> 24)) ^ v2
    v0 = (v0 + v3) | 0
    v3 = ((v3 << 7) | (v3 >>> 25)) ^ v0
    v2 = (v2 + v1) | 0
    v1 = ((v1 << 13) | (v1 >>> 19)) ^ v2
    v2 = (v2 << 16) | (v2 >>> 16)
    v0 ^= word
  }

  // The last word holds the bytes left over and, on top, the length modulo 256.
  let last = length << 24
  const left = length & 3
  if (left > 2) last |= bytes[at + 2]! << 16
  if (left > 1) last |= bytes[at + 1]! << 8
  if (left > 0) last |= bytes[at]!

  v3 ^= last
  for (let round = 0; round < 4; round++) {
    v0 = (v0 + v1) | 0
    v1 = ((v1 << 5) | (v1 >>> 27)) ^ v0
    v0 = (v0 << 16) | (v0 >>> 16)
    v2 = (v2 + v3) | 0
    v3 = ((v3 << 8) | (v3 >>> 24)) ^ v2
    v0 = (v0 + v3) | 0
    v3 = ((v3 << 7) | (v3 >>> 25)) ^ v0
    v2 = (v2 + v1) | 0
    v1 = ((v1 << 13) | (v1 >>> 19)) ^ v2
    v2 = (v2 << 16) | (v2 >>> 16)
    // The first of the four is the compression of the last word, the others the finalization.
    if (round === 0) {
      v0 ^= last
      v2 ^= 0xff
    }
  }
  return v1 ^ v3
}
