/**
 * What an element is to a HyperLogLog: the register that it belongs to, and the length of a run of
 * zero bits in its hash.
 *
 * The hash is MurmurHash64A (Austin Appleby's MurmurHash2, 64 bits, public domain) with the seed
 * that Redis has used since 2.8.9, so that sketches made there and here can be merged. JavaScript
 * has no integers of 64 bits but BigInt, which allocates and is some fifty times slower: the
 * state is kept as two halves of 32 bits, and a product is put together from products of 16 bits.
 */

/** Number of bits of the hash that choose the register. */
export const INDEX_BITS = 14
/** Number of registers: 2^14. */
export const REGISTERS = 1 << INDEX_BITS
/** Number of bits of the hash in which the run of zeros is looked for. */
export const RUN_BITS = 64 - INDEX_BITS

const INDEX_MASK = REGISTERS - 1
const SEED = 0xadc83b19 | 0
/** The multiplier 0xc6a4a7935bd1e995, in halves, and the lower half in halves again. */
const M_HIGH = 0xc6a4a793 | 0
const M_LOW = 0x5bd1e995
const M_LOW_UPPER = M_LOW >>> 16
const M_LOW_LOWER = M_LOW & 0xffff

/** The upper 32 bits of the unsigned product of `a` and the lower half of the multiplier. */
function productHigh(a: number): number {
  const lower = a & 0xffff
  const upper = a >>> 16
  // Neither sum reaches 2^32: (2^16 - 1)^2 + 2^16 - 1 is less.
  const carried = Math.imul(lower, M_LOW_LOWER) >>> 16
  const middle = (Math.imul(upper, M_LOW_LOWER) + carried) | 0
  const other = (Math.imul(lower, M_LOW_UPPER) + (middle & 0xffff)) | 0
  return (Math.imul(upper, M_LOW_UPPER) + (middle >>> 16) + (other >>> 16)) | 0
}

/**
 * The register of an element, and what it would raise the register to.
 *
 * @param view of the memory in which the element lies from `start` to `end` (exclusive)
 * @returns bits 0-13 the register's index, from bit 14 on the count: the position of the lowest
 *   one bit among the other 50 bits of the hash, from 1 to 51
 */
export function elementPattern(view: DataView, start: number, end: number): number {
  const length = end - start
  // The length is below 2^32, so its product with the multiplier needs no more of it.
  let low = SEED ^ Math.imul(length, M_LOW)
  let high = (productHigh(length) + Math.imul(length, M_HIGH)) | 0
  let at = start
  for (const wordsEnd = end - (length & 7); at < wordsEnd; at += 8) {
    const dataLow = view.getInt32(at, true)
    const dataHigh = view.getInt32(at + 4, true)
    const product = productHigh(dataLow) + Math.imul(dataLow, M_HIGH)
    let kHigh = (product + Math.imul(dataHigh, M_LOW)) | 0
    let kLow = Math.imul(dataLow, M_LOW)
    kLow ^= kHigh >>> 15
    kHigh = (productHigh(kLow) + Math.imul(kLow, M_HIGH) + Math.imul(kHigh, M_LOW)) | 0
    kLow = Math.imul(kLow, M_LOW)
    low ^= kLow
    high ^= kHigh
    high = (productHigh(low) + Math.imul(low, M_HIGH) + Math.imul(high, M_LOW)) | 0
    low = Math.imul(low, M_LOW)
  }
  if (at < end) {
    for (let shift = 0; at < end; at++, shift += 8) {
      const byte = view.getUint8(at)
      if (shift < 32) low ^= byte << shift
      else high ^= byte << (shift - 32)
    }
    high = (productHigh(low) + Math.imul(low, M_HIGH) + Math.imul(high, M_LOW)) | 0
    low = Math.imul(low, M_LOW)
  }
  low ^= high >>> 15
  high = (productHigh(low) + Math.imul(low, M_HIGH) + Math.imul(high, M_LOW)) | 0
  low = Math.imul(low, M_LOW)
  low ^= high >>> 15

  const runLow = (low >>> INDEX_BITS) | (high << (32 - INDEX_BITS))
  let count: number
  if (runLow !== 0) {
    count = 32 - Math.clz32(runLow & -runLow)
  } else {
    // A bit behind the last one ends the longest run.
    const runHigh = (high >>> INDEX_BITS) | (1 << (RUN_BITS - 32))
    count = 64 - Math.clz32(runHigh & -runHigh)
  }
  return (low & INDEX_MASK) | (count << INDEX_BITS)
}
