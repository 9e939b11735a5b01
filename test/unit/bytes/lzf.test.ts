/** LZF: what is compressed comes back, within any limit, and no input makes it read or write out. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { lzfCompress, lzfDecompress } from '../../../src/bytes/lzf.ts'
import { fromLatin1 } from '../../../src/bytes/text.ts'

/** Compresses within `limit` bytes; what is around the target must stay as it is. */
function compress(input: Uint8Array, limit: number): Uint8Array | null {
  const target = new Uint8Array(limit + 8).fill(0x5a)
  const length = lzfCompress(input, 0, input.length, target, 4, limit)
  expect(length).toBeLessThanOrEqual(limit)
  expect([...target.subarray(0, 4)]).toEqual([0x5a, 0x5a, 0x5a, 0x5a])
  expect([...target.subarray(limit + 4)]).toEqual([0x5a, 0x5a, 0x5a, 0x5a])
  return length === 0 ? null : target.slice(4, 4 + length)
}

function decompress(input: Uint8Array, length: number): Uint8Array | null {
  const target = new Uint8Array(length + 8).fill(0x5a)
  const done = lzfDecompress(input, 0, input.length, target, 4, length)
  expect([...target.subarray(0, 4)]).toEqual([0x5a, 0x5a, 0x5a, 0x5a])
  expect([...target.subarray(length + 4)]).toEqual([0x5a, 0x5a, 0x5a, 0x5a])
  return done ? target.slice(4, 4 + length) : null
}

/** Repetitive bytes of all kinds: few letters, copies of earlier pieces, long runs. */
const pieces = fc
  .array(
    fc.oneof(
      fc.uint8Array({ maxLength: 50 }),
      fc.array(fc.constantFrom(97, 98, 99), { maxLength: 60 }).map((a) => Uint8Array.from(a)),
      fc.tuple(fc.nat(255), fc.nat(600)).map(([byte, n]) => new Uint8Array(n).fill(byte)),
      fc.constant(fromLatin1('a piece that comes again and again, ')),
    ),
    { maxLength: 12 },
  )
  .map((list) => new Uint8Array(Buffer.concat(list)))

test('what is compressed comes back', () => {
  fc.assert(
    fc.property(pieces, (input) => {
      const packed = compress(input, input.length + 100)
      if (input.length === 0) {
        expect(packed).toBeNull()
        return
      }
      expect(packed).not.toBeNull()
      expect(decompress(packed!, input.length)).toEqual(input)
      expect(decompress(packed!, input.length + 1)).toBeNull()
      expect(decompress(packed!, input.length - 1)).toBeNull()
      // Near what it takes a limit may be refused, but is kept if not; below that it always is.
      for (const limit of [packed!.length + 4, packed!.length + 1, packed!.length]) {
        const again = compress(input, limit)
        if (again !== null) expect(decompress(again, input.length)).toEqual(input)
        else expect(limit).toBeLessThan(packed!.length + 4)
      }
      expect(compress(input, packed!.length - 1)).toBeNull()
    }),
    { seed: 4 },
  )
})

test('references go back 8,192 bytes at the most', () => {
  const noise = Uint8Array.from({ length: 8300 }, (_, i) => (i * i * 31 + (i >> 3) * 17) & 0xff)
  for (const distance of [8180, 8191, 8192, 8193, 8200]) {
    const input = new Uint8Array(distance + 40)
    input.set(noise.subarray(0, distance))
    for (let i = 0; i < 40; i++) {
      input[i] = 200 + i
      input[distance + i] = 200 + i
    }
    expect(decompress(compress(input, input.length * 2)!, input.length)).toEqual(input)
  }
})

test('repeated text is compressed well', () => {
  const input = fromLatin1('{"name":"somebody","mail":"somebody@example.org"}'.repeat(40))
  expect(compress(input, input.length)!.length).toBeLessThan(input.length / 10)
})

test('any bytes may be decompressed', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 80 }), fc.nat(300), (input, length) => {
      decompress(input, length)
    }),
    { seed: 5, numRuns: 2000 },
  )
})
