/**
 * How far collections stay in their small encodings: Redis's directives of the same names. One
 * object is shared by all values of a keyspace, and follows CONFIG SET.
 */
export interface Limits {
  /** Elements of a list's chunk, or if negative its size: -1 4 KB, -2 8 KB, … -5 64 KB. */
  listMaxListpackSize: number
  /** Elements of so many bytes or more have a chunk of their own, in lists that have chunks. */
  listPlainBytes: number
  hashMaxListpackEntries: number
  hashMaxListpackValue: number
  setMaxIntsetEntries: number
  setMaxListpackEntries: number
  setMaxListpackValue: number
  zsetMaxListpackEntries: number
  zsetMaxListpackValue: number
}

/** No directive's: only DEBUG QUICKLIST-PACKED-THRESHOLD changes it. */
export const DEFAULT_LIST_PLAIN_BYTES = 2 ** 30

export function defaultLimits(): Limits {
  return {
    listMaxListpackSize: -2,
    listPlainBytes: DEFAULT_LIST_PLAIN_BYTES,
    hashMaxListpackEntries: 128,
    hashMaxListpackValue: 64,
    setMaxIntsetEntries: 512,
    setMaxListpackEntries: 128,
    setMaxListpackValue: 64,
    zsetMaxListpackEntries: 128,
    zsetMaxListpackValue: 64,
  }
}
