/**
 * Copying and comparing bytes of the arena and of other Uint8Arrays.
 *
 * A call of `TypedArray.set` or `Buffer.compare` costs some 50 to 100 ns before the first byte is
 * looked at, as it leaves compiled code and needs a subarray; a loop over 32-bit words of a
 * DataView starts at once, and a DataView needs no alignment. So short ranges are looped over and
 * long ones handed on; the limits are measured (docs/decisions/0001-arena.md). 64-bit floats would
 * halve the steps, but the engine may change the bits of a NaN on the way.
 *
 * Every range is given as a Uint8Array, the DataView of the same memory, and an offset in bytes
 * that counts in both. The caller has checked that the ranges lie within them.
 */

/** From this length on, in bytes, copies are left to `TypedArray.set`. */
const LONG_COPY_BYTES = 128

/** Up to this length, in bytes, words are copied one by one. */
const WORDS_COPY_BYTES = 32

/** From this length on, in bytes, comparisons are left to `Buffer.compare`. */
const LONG_COMPARE_BYTES = 192

/**
 * Copies `length` bytes. In one and the same memory the ranges may overlap only when the target
 * lies before the source; `moveBytes` has no such condition.
 */
export function copyBytes(
  source: Uint8Array,
  sourceView: DataView,
  sourceOffset: number,
  target: Uint8Array,
  targetView: DataView,
  targetOffset: number,
  length: number,
): void {
  if (length >= LONG_COPY_BYTES) {
    target.set(source.subarray(sourceOffset, sourceOffset + length), targetOffset)
    return
  }
  let from = sourceOffset
  let to = targetOffset
  let left = length
  // Four words a turn: a third quicker than one. Ascending, so that moving downwards is safe.
  for (; left >= 16; left -= 16) {
    targetView.setInt32(to, sourceView.getInt32(from, true), true)
    targetView.setInt32(to + 4, sourceView.getInt32(from + 4, true), true)
    targetView.setInt32(to + 8, sourceView.getInt32(from + 8, true), true)
    targetView.setInt32(to + 12, sourceView.getInt32(from + 12, true), true)
    from += 16
    to += 16
  }
  for (; left >= 4; left -= 4) {
    targetView.setInt32(to, sourceView.getInt32(from, true), true)
    from += 4
    to += 4
  }
  for (; left > 0; left--) target[to++] = source[from++]
}

/**
 * `copyBytes` for a target that may lose up to three bytes behind the range: the last few bytes
 * are then one more word, in place of a loop over them.
 */
export function copyWholeWords(
  source: Uint8Array,
  sourceView: DataView,
  sourceOffset: number,
  target: Uint8Array,
  targetView: DataView,
  targetOffset: number,
  length: number,
): void {
  const end = sourceOffset + length
  if (length > WORDS_COPY_BYTES || end + 3 > source.length) {
    copyBytes(source, sourceView, sourceOffset, target, targetView, targetOffset, length)
    return
  }
  let to = targetOffset
  for (let from = sourceOffset; from < end; from += 4) {
    targetView.setInt32(to, sourceView.getInt32(from, true), true)
    to += 4
  }
}

/** Copies `length` bytes within one memory; the ranges may overlap in any way. */
export function moveBytes(
  bytes: Uint8Array,
  view: DataView,
  from: number,
  to: number,
  length: number,
): void {
  if (length >= LONG_COPY_BYTES) {
    bytes.copyWithin(to, from, from + length)
    return
  }
  if (to <= from) {
    copyBytes(bytes, view, from, bytes, view, to, length)
    return
  }
  let i = length
  for (; i >= 4; i -= 4) view.setInt32(to + i - 4, view.getInt32(from + i - 4, true), true)
  for (; i > 0; i--) bytes[to + i - 1] = bytes[from + i - 1]
}

/** Whether `length` bytes are the same. */
export function equalBytes(
  a: Uint8Array,
  aView: DataView,
  aOffset: number,
  b: Uint8Array,
  bView: DataView,
  bOffset: number,
  length: number,
): boolean {
  let i = 0
  if (length >= LONG_COMPARE_BYTES) {
    // Most long ranges that differ do so early.
    if (aView.getInt32(aOffset, true) !== bView.getInt32(bOffset, true)) return false
    return compareLong(a, aOffset, length, b, bOffset, length) === 0
  }
  for (; i + 4 <= length; i += 4) {
    if (aView.getInt32(aOffset + i, true) !== bView.getInt32(bOffset + i, true)) return false
  }
  for (; i < length; i++) if (a[aOffset + i] !== b[bOffset + i]) return false
  return true
}

/**
 * The order of two byte strings, as memcmp has it: by the first byte that differs, unsigned; where
 * one begins with all of the other, the shorter is less.
 *
 * @returns a negative number, 0 or a positive number
 */
export function compareBytes(
  a: Uint8Array,
  aView: DataView,
  aOffset: number,
  aLength: number,
  b: Uint8Array,
  bView: DataView,
  bOffset: number,
  bLength: number,
): number {
  const length = aLength < bLength ? aLength : bLength
  if (length >= LONG_COMPARE_BYTES) return compareLong(a, aOffset, aLength, b, bOffset, bLength)
  let i = 0
  for (; i + 4 <= length; i += 4) {
    if (aView.getInt32(aOffset + i, true) !== bView.getInt32(bOffset + i, true)) break
  }
  for (; i < length; i++) {
    const difference = a[aOffset + i] - b[bOffset + i]
    if (difference !== 0) return difference
  }
  return aLength - bLength
}

function compareLong(
  a: Uint8Array,
  aOffset: number,
  aLength: number,
  b: Uint8Array,
  bOffset: number,
  bLength: number,
): number {
  return Buffer.compare(
    a.subarray(aOffset, aOffset + aLength),
    b.subarray(bOffset, bOffset + bLength),
  )
}
