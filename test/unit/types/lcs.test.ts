/** The longest common subsequence, against its definition. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { CommonSubsequence } from '../../../src/types/lcs.ts'

const word = fc.array(fc.constantFrom(97, 98, 99), { maxLength: 9 }).map((b) => Uint8Array.from(b))

function isSubsequence(part: Uint8Array, whole: Uint8Array): boolean {
  let found = 0
  for (const byte of whole) if (found < part.length && part[found] === byte) found++
  return found === part.length
}

/** The longest common subsequence's length, by trying all subsequences of the first word. */
function longest(a: Uint8Array, b: Uint8Array): number {
  let best = 0
  for (let mask = 0; mask < 1 << a.length; mask++) {
    const part = a.filter((_, i) => (mask & (1 << i)) !== 0)
    if (part.length > best && isSubsequence(part, b)) best = part.length
  }
  return best
}

test('is common, and none is longer', () => {
  fc.assert(
    fc.property(word, word, (a, b) => {
      const common = CommonSubsequence.of(a, b)!
      expect(common.length).toBe(longest(a, b))
      expect(common.bytes().length).toBe(common.length)
      expect(isSubsequence(common.bytes(), a)).toBe(true)
      expect(isSubsequence(common.bytes(), b)).toBe(true)
    }),
    { numRuns: 200, seed: 1 },
  )
})

test('matches are the same bytes, in runs', () => {
  fc.assert(
    fc.property(word, word, (a, b) => {
      const common = CommonSubsequence.of(a, b)!
      const runs = common.matches().reverse()
      const bytes: number[] = []
      for (const { startA, startB, length } of runs) {
        expect(a.slice(startA, startA + length)).toEqual(b.slice(startB, startB + length))
        bytes.push(...a.slice(startA, startA + length))
      }
      expect(Uint8Array.from(bytes)).toEqual(common.bytes())
    }),
    { seed: 2 },
  )
})
