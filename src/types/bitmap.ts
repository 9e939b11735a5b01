/**
 * Strings as arrays of bits: counting them and finding the first of a kind.
 *
 * Bit 0 is the highest bit of the first byte, as in Redis. Positions are numbers of bits from the
 * string's first byte; they go up to 2^33, so they are never shifted. Words are read by a DataView,
 * which costs about what an Int32Array does and wants no alignment: short strings lie anywhere in
 * their entries.
 *
 * Counting adds up eight words at a time by carry-save adders, bit position by bit position, and
 * counts the bits of the carries out of eight only: five operations a word where counting each word
 * takes twelve (Harley and Seal; Warren, "Hacker's Delight", 2nd edition, section 5-2).
 */

/** Blocks that are skipped as a whole: four times as quick as word by word. */
const BLOCK_BYTES = 16384
const ZEROS = Buffer.alloc(BLOCK_BYTES)
const ONES = Buffer.alloc(BLOCK_BYTES, 0xff)
/** From this length on blocks are looked at first. */
const LONG_SKIP_BYTES = 4 * BLOCK_BYTES

/** The bits of one word. */
function bitsOfWord(word: number): number {
  const pairs = (word - ((word >>> 1) & 0x55555555)) | 0
  const nibbles = ((pairs & 0x33333333) + ((pairs >>> 2) & 0x33333333)) | 0
  return Math.imul((nibbles + (nibbles >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24
}

/** How many bits are set in the bytes from `start` to `end`. */
export function countBits(view: DataView, start: number, end: number): number {
  let ones = 0
  let twos = 0
  let fours = 0
  let eights = 0
  let at = start
  for (; at + 32 <= end; at += 32) {
    let a = view.getInt32(at, true)
    let b = view.getInt32(at + 4, true)
    let sum = ones ^ a
    const twosA = (ones & a) | (sum & b)
    ones = sum ^ b
    a = view.getInt32(at + 8, true)
    b = view.getInt32(at + 12, true)
    sum = ones ^ a
    const twosB = (ones & a) | (sum & b)
    ones = sum ^ b
    sum = twos ^ twosA
    const foursA = (twos & twosA) | (sum & twosB)
    twos = sum ^ twosB
    a = view.getInt32(at + 16, true)
    b = view.getInt32(at + 20, true)
    sum = ones ^ a
    const twosC = (ones & a) | (sum & b)
    ones = sum ^ b
    a = view.getInt32(at + 24, true)
    b = view.getInt32(at + 28, true)
    sum = ones ^ a
    const twosD = (ones & a) | (sum & b)
    ones = sum ^ b
    sum = twos ^ twosC
    const foursB = (twos & twosC) | (sum & twosD)
    twos = sum ^ twosD
    sum = fours ^ foursA
    eights += bitsOfWord((fours & foursA) | (sum & foursB))
    fours = sum ^ foursB
  }
  let count = eights * 8 + bitsOfWord(fours) * 4 + bitsOfWord(twos) * 2 + bitsOfWord(ones)
  for (; at + 4 <= end; at += 4) count += bitsOfWord(view.getInt32(at, true))
  for (; at < end; at++) count += bitsOfWord(view.getUint8(at))
  return count
}

/**
 * How many bits are set from position `from` to position `to` (exclusive, not before it) of the
 * string that begins at `start`.
 */
export function countBitRange(view: DataView, start: number, from: number, to: number): number {
  if (from >= to) return 0
  const first = start + Math.floor(from / 8)
  const last = start + Math.floor((to - 1) / 8)
  // What the first and the last byte have outside of the range is counted and taken away again.
  const before = view.getUint8(first) & ~(0xff >>> (from & 7))
  const behind = view.getUint8(last) & (0x7f >>> ((to - 1) & 7))
  return countBits(view, first, last + 1) - bitsOfWord(before) - bitsOfWord(behind)
}

/**
 * The position of the first bit that is `bit`, 0 or 1, from position `from` to position `to`
 * (exclusive) of the string that begins at `start`; -1 if there is none.
 */
export function findBit(
  view: DataView,
  start: number,
  from: number,
  to: number,
  bit: number,
): number {
  if (from >= to) return -1
  const skipped = bit === 1 ? 0 : -1
  const end = start + Math.floor((to - 1) / 8) + 1
  let at = start + Math.floor(from / 8)
  // The bits sought are ones from here on, and those before the range zeros.
  let byte = (view.getUint8(at) ^ skipped) & (0xff >>> (from & 7))
  if (byte === 0) {
    at = skipBytes(view, at + 1, end, skipped)
    if (at === end) return -1
    byte = (view.getUint8(at) ^ skipped) & 0xff
  }
  const position = (at - start) * 8 + Math.clz32(byte) - 24
  return position < to ? position : -1
}

/** Where the first byte is that has other bits than `skipped`, 0 or -1; `end` if none has. */
function skipBytes(view: DataView, start: number, end: number, skipped: number): number {
  let at = start
  if (end - start >= LONG_SKIP_BYTES) at = skipBlocks(view, start, end, skipped)
  for (; at + 16 <= end; at += 16) {
    const both = (view.getInt32(at, true) ^ skipped) | (view.getInt32(at + 4, true) ^ skipped)
    const more = (view.getInt32(at + 8, true) ^ skipped) | (view.getInt32(at + 12, true) ^ skipped)
    if ((both | more) !== 0) break
  }
  while (at < end && view.getInt8(at) === skipped) at++
  return at
}

/** Goes over the blocks that are all `skipped`, by comparing them with one that is. */
function skipBlocks(view: DataView, start: number, end: number, skipped: number): number {
  const bytes = Buffer.from(view.buffer, view.byteOffset, view.byteLength)
  const alike = skipped === 0 ? ZEROS : ONES
  let at = start
  while (at + BLOCK_BYTES <= end && alike.compare(bytes, at, at + BLOCK_BYTES) === 0) {
    at += BLOCK_BYTES
  }
  return at
}
