/**
 * Scores in a packed sorted set: the shortest of four little-endian forms, told by its length.
 *
 * | bytes | meaning                    |
 * |-------|----------------------------|
 * | 1     | an integer of 8 bits       |
 * | 2     | an integer of 16 bits      |
 * | 4     | an integer of 32 bits      |
 * | 8     | any double                 |
 *
 * Text, which Redis keeps, would have to be printed and parsed at every comparison. As in Redis, a
 * score of -0 is kept as 0 in this form, and only in this one.
 */

/** Room for the longest form. */
export const SCORE_BYTES = 8

/** Writes a score, which is no NaN. @returns the number of bytes written */
export function writeScore(view: DataView, at: number, score: number): number {
  const integer = score | 0
  if (integer !== score) {
    view.setFloat64(at, score, true)
    return 8
  }
  if (integer >= -128 && integer <= 127) {
    view.setInt8(at, integer)
    return 1
  }
  if (integer >= -32768 && integer <= 32767) {
    view.setInt16(at, integer, true)
    return 2
  }
  view.setInt32(at, integer, true)
  return 4
}

/** How many bytes `writeScore` writes. */
export function scoreLength(score: number): number {
  const integer = score | 0
  if (integer !== score) return 8
  if (integer >= -128 && integer <= 127) return 1
  return integer >= -32768 && integer <= 32767 ? 2 : 4
}

/** The score that is `length` bytes long. */
export function readScore(view: DataView, at: number, length: number): number {
  if (length === 1) return view.getInt8(at)
  if (length === 2) return view.getInt16(at, true)
  if (length === 4) return view.getInt32(at, true)
  return view.getFloat64(at, true)
}
