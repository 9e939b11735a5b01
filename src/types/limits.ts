/**
 * How far collections stay in their small encodings: Redis's directives of the same names. One
 * object is shared by all values of a keyspace, and follows CONFIG SET.
 */
export interface Limits {
  /** Elements of a list's chunk, or if negative its size: -1 4 KB, -2 8 KB, … -5 64 KB. */
  listMaxListpackSize: number
  hashMaxListpackEntries: number
  hashMaxListpackValue: number
  setMaxIntsetEntries: number
  setMaxListpackEntries: number
  setMaxListpackValue: number
  zsetMaxListpackEntries: number
  zsetMaxListpackValue: number
}

export function defaultLimits(): Limits {
  return {
    listMaxListpackSize: -2,
    hashMaxListpackEntries: 128,
    hashMaxListpackValue: 64,
    setMaxIntsetEntries: 512,
    setMaxListpackEntries: 128,
    setMaxListpackValue: 64,
    zsetMaxListpackEntries: 128,
    zsetMaxListpackValue: 64,
  }
}
