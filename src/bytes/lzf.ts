/**
 * LZF, the compression of strings in RDB files and DUMP payloads (liblzf of Marc Lehmann, as Redis
 * uses it): runs of literal bytes, and references to what came up to 8,192 bytes earlier. It finds
 * an earlier occurrence by one look into a table indexed by a hash of three bytes.
 *
 * | first byte | more bytes              | meaning                                              |
 * |------------|-------------------------|------------------------------------------------------|
 * | 000LLLLL   | L + 1 literal bytes     | these bytes                                          |
 * | LLLooooo   | distance, low 8 bits    | L + 2 bytes (L is 1 to 6) from `distance` + 1 back   |
 * | 111ooooo   | length - 9, distance    | up to 264 bytes from there                           |
 *
 * The table is made once and never cleared between calls: it holds places counted on from call to
 * call, so that one from an earlier call is known by being too far back.
 */

const HASH_BITS = 14
const MAX_LITERALS = 32
const MAX_DISTANCE = 8192
const MAX_LENGTH = 264
/** Where counting of places begins anew, before it leaves the small integers. */
const RESTART = 2 ** 29

const table = new Int32Array(1 << HASH_BITS)
/** The place that the next call's first byte has. */
let nextPlace = MAX_DISTANCE + 1

/**
 * Compresses a range.
 *
 * @param target room for `limitBytes` at `targetStart`; may be the same memory, but not overlap
 * @param limitBytes what the result may take at most
 * @returns bytes written, or 0 if they would be more than the limit
 */
export function lzfCompress(
  source: Uint8Array,
  start: number,
  length: number,
  target: Uint8Array,
  targetStart: number,
  limitBytes: number,
): number {
  if (nextPlace > RESTART) {
    table.fill(0)
    nextPlace = MAX_DISTANCE + 1
  }
  // A place is an offset in the source plus this.
  const shift = nextPlace - start
  nextPlace += length + MAX_DISTANCE
  const end = start + length
  const limit = targetStart + limitBytes
  let from = start
  let to = targetStart + 1
  let literals = 0
  if (limitBytes < 2) return 0
  while (from + 2 < end) {
    const triple = source[from] | (source[from + 1] << 8) | (source[from + 2] << 16)
    const slot = Math.imul(triple, 0x9e3779b1) >>> (32 - HASH_BITS)
    const earlier = table[slot] - shift
    table[slot] = from + shift
    const distance = from - earlier - 1
    if (
      distance < MAX_DISTANCE &&
      source[earlier] === (triple & 0xff) &&
      source[earlier + 1] === ((triple >>> 8) & 0xff) &&
      source[earlier + 2] === triple >>> 16
    ) {
      const most = Math.min(end - from, MAX_LENGTH)
      let same = 3
      while (same < most && source[earlier + same] === source[from + same]) same++
      // The reference and the first byte of what follows it; a run that is empty gives a byte back.
      if (literals === 0) to--
      else target[to - literals - 1] = literals - 1
      if (to + 4 > limit) return 0
      if (same < 9) {
        target[to++] = ((same - 2) << 5) | (distance >>> 8)
      } else {
        target[to++] = (7 << 5) | (distance >>> 8)
        target[to++] = same - 9
      }
      target[to++] = distance
      to++
      literals = 0
      // The last two places of what was skipped are worth knowing.
      const next = from + same
      for (let at = next - 2; at < next && at + 2 < end; at++) {
        const word = source[at] | (source[at + 1] << 8) | (source[at + 2] << 16)
        table[Math.imul(word, 0x9e3779b1) >>> (32 - HASH_BITS)] = at + shift
      }
      from = next
      continue
    }
    if (to >= limit) return 0
    target[to++] = source[from++]
    if (++literals === MAX_LITERALS) {
      target[to - literals - 1] = literals - 1
      literals = 0
      to++
    }
  }
  for (; from < end; from++) {
    if (to >= limit) return 0
    target[to++] = source[from]
    if (++literals === MAX_LITERALS) {
      target[to - literals - 1] = literals - 1
      literals = 0
      to++
    }
  }
  if (literals === 0) to--
  else target[to - literals - 1] = literals - 1
  return to > limit ? 0 : to - targetStart
}

/**
 * Undoes `lzfCompress`. Whatever the input is, nothing outside of the two ranges is touched.
 *
 * @returns whether the input is whole and gives exactly `targetLength` bytes
 */
export function lzfDecompress(
  source: Uint8Array,
  start: number,
  length: number,
  target: Uint8Array,
  targetStart: number,
  targetLength: number,
): boolean {
  const end = start + length
  const targetEnd = targetStart + targetLength
  let from = start
  let to = targetStart
  while (from < end) {
    const control = source[from++]
    if (control < MAX_LITERALS) {
      const run = control + 1
      if (from + run > end || to + run > targetEnd) return false
      for (let i = 0; i < run; i++) target[to++] = source[from++]
      continue
    }
    let same = control >>> 5
    if (same === 7) {
      if (from >= end) return false
      same += source[from++]
    }
    if (from >= end) return false
    same += 2
    let earlier = to - (((control & 31) << 8) | source[from++]) - 1
    if (earlier < targetStart || to + same > targetEnd) return false
    for (let i = 0; i < same; i++) target[to++] = target[earlier++]
  }
  return to === targetEnd
}
