/**
 * What a dict knows of the entries it indexes: where their key is.
 *
 * An entry is a block in the arena that its owner allocates, writes and frees; the dict stores its
 * address only. The owner's header has a fixed size, `headerBytes`, of which the dict reads
 * the first two bytes.
 *
 * | offset                         | bytes | meaning                                           |
 * |--------------------------------|-------|---------------------------------------------------|
 * | 0                              | 2     | bits 0-14 key length, 0x7fff = long; bit 15 flag  |
 * | 2                              | 2     | the owner's                                       |
 * | 4                              |       | the owner's, up to headerBytes                    |
 * | headerBytes                    | 8     | only if flagged: the owner's (the expiry time)    |
 * | … + 8 if flagged               | 4     | only if long: key length as a uint32              |
 * | … + 4 if long                  |       | the key's bytes, then whatever the owner puts     |
 */

/** The value of bits 0-14 that says that the length is in the four bytes before the key. */
export const LONG_KEY = 0x7fff

/** Bit 15 of the first word: the owner's mark (it has an expiry time); eight more bytes follow. */
export const ENTRY_FLAG = 0x8000

/** Bits 0-15 of an entry's first word, for a key of `keyBytes` bytes. */
export function entryWord(keyBytes: number, flagged: boolean): number {
  return Math.min(keyBytes, LONG_KEY) | (flagged ? ENTRY_FLAG : 0)
}

/** Bytes from an entry's start to its key, for a key of `keyBytes` bytes. */
export function keyStart(headerBytes: number, keyBytes: number, flagged: boolean): number {
  return headerBytes + (flagged ? 8 : 0) + (keyBytes < LONG_KEY ? 0 : 4)
}

/** The offset in `view` of the key of the entry at `offset`. */
export function keyOffset(view: DataView, offset: number, headerBytes: number): number {
  const word = view.getUint16(offset, true)
  const start = offset + headerBytes + ((word & ENTRY_FLAG) >>> 12)
  return (word & LONG_KEY) === LONG_KEY ? start + 4 : start
}

/** The length in bytes of the key of the entry at `offset`. */
export function keyLength(view: DataView, offset: number, headerBytes: number): number {
  const word = view.getUint16(offset, true)
  const length = word & LONG_KEY
  if (length !== LONG_KEY) return length
  return view.getUint32(offset + headerBytes + ((word & ENTRY_FLAG) >>> 12), true)
}

/** Whether two runs of `length` bytes, each in memory of its own, are equal. */
export function equalBytes(
  bytesA: Uint8Array,
  viewA: DataView,
  offsetA: number,
  bytesB: Uint8Array,
  viewB: DataView,
  offsetB: number,
  length: number,
): boolean {
  let i = 0
  const wordsEnd = length & ~3
  for (; i < wordsEnd; i += 4) {
    if (viewA.getInt32(offsetA + i, true) !== viewB.getInt32(offsetB + i, true)) return false
  }
  for (; i < length; i++) {
    if (bytesA[offsetA + i] !== bytesB[offsetB + i]) return false
  }
  return true
}
