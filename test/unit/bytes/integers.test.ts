import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  integerDigits,
  isInteger64,
  leadingInteger,
  mayBeLarge,
  parseBigInteger,
  parseInteger,
  writeBigInteger,
  writeInteger,
} from '../../../src/bytes/integers.ts'

/** The text between two bytes that must not be looked at. */
const framed = (text: string) => Uint8Array.from(Buffer.from(`1${text}1`, 'latin1'))
const parse = (text: string) => parseInteger(framed(text), 1, text.length + 1)
const parseBig = (text: string) => parseBigInteger(framed(text), 1, text.length + 1)
const is64 = (text: string) => isInteger64(framed(text), 1, text.length + 1)

const INVALID = [
  ...['', '-', '+1', '-0', '00', '01', '-01', '--1', ' 1', '1 ', '1a', 'a', '1.0', '1e3', '0x1'],
  ...['-', '1-', '1\0', '99999999999x', '1/', '1:', '/', ':', '9223372036854775808'],
  ...['-9223372036854775809', '10000000000000000000', '123456789012345678901234567890'],
]

const VALID = [0n, 1n, -1n, 9n, 10n, 999_999_999n, 1_000_000_000n, -1_000_000_001n, 12n]
for (const power of [31n, 32n, 53n, 63n]) {
  for (const delta of [-2n, -1n, 0n, 1n, 2n]) {
    for (const sign of [1n, -1n]) {
      const value = sign * 2n ** power + delta
      if (value === BigInt.asIntN(64, value)) VALID.push(value)
    }
  }
}

describe('reading', () => {
  test.each(INVALID)('%j is no integer', (text) => {
    expect(parse(text)).toBeNaN()
    expect(parseBig(text)).toBeNull()
    expect(is64(text)).toBe(false)
  })

  test.each(VALID.map(String))('%s', (text) => {
    const safe = Number.isSafeInteger(Number(text))
    expect(parse(text)).toBe(safe ? Number(text) : NaN)
    expect(parseBig(text)).toBe(BigInt(text))
    expect(is64(text)).toBe(true)
    if (!safe) expect(mayBeLarge(0, text.length)).toBe(true)
  })

  test('accepts exactly what prints as the same bytes', () => {
    const text = fc.string({ unit: fc.constantFrom(...'-0123456789 a'), maxLength: 21 })
    fc.assert(
      fc.property(text, (candidate) => {
        let strict = false
        if (/^-?[0-9]+$/.test(candidate)) {
          const value = BigInt(candidate)
          strict = String(value) === candidate && BigInt.asIntN(64, value) === value
        }
        expect(is64(candidate)).toBe(strict)
        expect(parseBig(candidate)).toBe(strict ? BigInt(candidate) : null)
        const safe = strict && Number.isSafeInteger(Number(candidate))
        expect(parse(candidate)).toBe(safe ? Number(candidate) : NaN)
      }),
      { numRuns: 3000, seed: 1 },
    )
  })
})

describe('writing', () => {
  const written = (value: number) => {
    const target = new Uint8Array(24).fill(0x78)
    const length = writeInteger(target, 2, value)
    expect(length).toBe(integerDigits(value))
    expect(target[1]).toBe(0x78)
    expect(target.subarray(2 + length).every((byte) => byte === 0x78)).toBe(true)
    return Buffer.from(target.subarray(2, 2 + length)).toString('latin1')
  }

  test('every number of digits', () => {
    for (let power = 0; power <= 15; power++) {
      for (const value of [10 ** power - 1, 10 ** power, 10 ** power + 1, 5 * 10 ** power]) {
        expect(written(value)).toBe(String(value))
        expect(written(-value)).toBe(String(-value))
      }
    }
    expect(written(Number.MAX_SAFE_INTEGER)).toBe('9007199254740991')
    expect(written(Number.MIN_SAFE_INTEGER)).toBe('-9007199254740991')
    expect(written(-0)).toBe('0')
    for (let value = 0; value < 12_000; value++) expect(written(value)).toBe(String(value))
  })

  test('random numbers', () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), (value) => {
        expect(written(value)).toBe(String(value))
      }),
      { seed: 2 },
    )
  })

  test('integers of 64 bits', () => {
    for (const value of VALID) {
      const target = new Uint8Array(20)
      const length = writeBigInteger(target, 0, value)
      expect(Buffer.from(target.subarray(0, length)).toString('latin1')).toBe(String(value))
    }
  })
})

test('the integer that a text begins with', () => {
  for (const [text, value] of [
    ['12', 12],
    [' -7x', -7],
    ['+3.9', 3],
    ['0x10', 0],
    ['', 0],
    ['x1', 0],
    ['9007199254740991', 9007199254740991],
  ] as const) {
    expect(leadingInteger(text), text).toBe(value)
  }
})
