import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Crc64, crc64 } from '../../../src/bytes/crc64.ts'

const bytes = (text: string) => Uint8Array.from(Buffer.from(text, 'latin1'))

/** One bit at a time, over big integers. */
function model(seed: bigint, input: Uint8Array): bigint {
  let crc = seed
  for (const byte of input) {
    crc ^= BigInt(byte)
    for (let bit = 0; bit < 8; bit++) {
      crc = (crc & 1n) === 1n ? (crc >> 1n) ^ 0x95ac9329ac4bc9b5n : crc >> 1n
    }
  }
  return crc
}

test('the check value of Redis', () => {
  expect(crc64(0n, bytes('123456789'))).toBe(0xe9c6d914c4b8d9can)
  expect(crc64(0n, new Uint8Array(0))).toBe(0n)
})

test('agrees with the bitwise definition, in parts and whole, from any seed', () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 60 }),
      fc.nat(60),
      fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
      (input, split, seed) => {
        const at = Math.min(split, input.length)
        const expected = model(seed, input)
        expect(crc64(seed, input)).toBe(expected)
        const first = crc64(seed, input, 0, at)
        expect(crc64(first, input, at)).toBe(expected)
      },
    ),
  )
})

test('writes itself in little endian', () => {
  const crc = new Crc64()
  crc.update(bytes('123456789'))
  const target = new Uint8Array(10)
  crc.writeTo(target, 1)
  expect([...target]).toEqual([0, 0xca, 0xd9, 0xb8, 0xc4, 0x14, 0xd9, 0xc6, 0xe9, 0])
  crc.reset()
  expect(crc.value).toBe(0n)
})
