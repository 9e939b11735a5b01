/**
 * The longest common subsequence of two byte strings, by the classic table of dynamic programming
 * (Wagner and Fischer, 1974): the cell of row i and column j holds the length of a longest common
 * subsequence of the first i bytes of one and the first j of the other.
 *
 * The subsequence itself is read off the table from its last cell backwards. Where there is a
 * choice, the way taken is Redis's: one byte less of the second string, unless one less of the
 * first keeps strictly more. So the same one of several longest subsequences is found.
 *
 * Time and memory are the product of the two lengths; the caller bounds it (`tableBytes`).
 */

/** A run of bytes that is common to both strings. */
export interface Match {
  /** Where it begins in the first and in the second string. */
  startA: number
  startB: number
  /** Its length in bytes. */
  length: number
}

export class CommonSubsequence {
  /** The length of the longest common subsequence in bytes. */
  readonly length: number
  private readonly a: Uint8Array
  private readonly b: Uint8Array
  /** By rows, of b.length + 1 cells each. */
  private readonly table: Uint32Array

  private constructor(a: Uint8Array, b: Uint8Array, table: Uint32Array) {
    this.a = a
    this.b = b
    this.table = table
    this.length = table[table.length - 1]!
  }

  /** Bytes of the table for two strings of these lengths. */
  static tableBytes(lengthA: number, lengthB: number): number {
    return (lengthA + 1) * (lengthB + 1) * Uint32Array.BYTES_PER_ELEMENT
  }

  /** Both strings must stay as they are while the result is used. @returns null without memory */
  static of(a: Uint8Array, b: Uint8Array): CommonSubsequence | null {
    let table: Uint32Array
    try {
      table = new Uint32Array((a.length + 1) * (b.length + 1))
    } catch (error) {
      if (error instanceof RangeError) return null
      throw error
    }
    fill(table, a, b)
    return new CommonSubsequence(a, b, table)
  }

  /** The subsequence. */
  bytes(): Uint8Array {
    const result = new Uint8Array(this.length)
    let end = this.length
    this.walk((indexA) => {
      result[--end] = this.a[indexA]!
    })
    return result
  }

  /** The runs in which the subsequence lies side by side in both strings, from the last one on. */
  matches(): Match[] {
    const matches: Match[] = []
    let run: Match | null = null
    this.walk((indexA, indexB) => {
      if (run !== null && run.startA === indexA + 1 && run.startB === indexB + 1) {
        run.startA--
        run.startB--
        run.length++
      } else {
        run = { startA: indexA, startB: indexB, length: 1 }
        matches.push(run)
      }
    })
    return matches
  }

  /** Visits the indexes of the bytes of the subsequence, from its last to its first. */
  private walk(visit: (indexA: number, indexB: number) => void): void {
    const { a, b, table } = this
    const width = b.length + 1
    let i = a.length
    let j = b.length
    while (i > 0 && j > 0) {
      const cell = i * width + j
      if (a[i - 1] === b[j - 1]) visit(--i, --j)
      else if (table[cell - width]! > table[cell - 1]!) i--
      else j--
    }
  }
}

function fill(table: Uint32Array, a: Uint8Array, b: Uint8Array): void {
  const columns = b.length
  const width = columns + 1
  for (let i = 0, row = width; i < a.length; i++, row += width) {
    const byte = a[i]
    let left = 0
    for (let j = 0; j < columns; j++) {
      const above = table[row - width + j + 1]!
      if (byte === b[j]) left = table[row - width + j]! + 1
      else if (above > left) left = above
      table[row + j + 1] = left
    }
  }
}
