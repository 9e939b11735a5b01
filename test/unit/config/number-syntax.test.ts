import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  memoryInUnits,
  parseDouble,
  parseInteger,
  parseLenientInteger,
  parseMemory,
  trimmedDouble,
} from '../../../src/config/number-syntax.ts'

describe('strict integers', () => {
  test('reach over 64 signed bits and no further', () => {
    expect(parseInteger('9223372036854775807')).toBe(2n ** 63n - 1n)
    expect(parseInteger('-9223372036854775808')).toBe(-(2n ** 63n))
    expect(parseInteger('9223372036854775808')).toBeNull()
    expect(parseInteger('-9223372036854775809')).toBeNull()
  })

  test.each(['', '-', '+1', '01', '-0', '-01', ' 1', '1 ', '1.0', '0x1', '1e3'])(
    'not %j',
    (text) => {
      expect(parseInteger(text)).toBeNull()
    },
  )

  test('every 64-bit integer is itself', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), (value) => {
        expect(parseInteger(String(value))).toBe(value)
      }),
      { seed: 1 },
    )
  })
})

describe('lenient integers', () => {
  test('take blanks, a sign and nothing at all, and saturate', () => {
    expect(parseLenientInteger('')).toBe(0n)
    expect(parseLenientInteger(' \t+07')).toBe(7n)
    expect(parseLenientInteger('-5')).toBe(-5n)
    expect(parseLenientInteger('99999999999999999999')).toBe(2n ** 63n - 1n)
    expect(parseLenientInteger('-99999999999999999999')).toBe(-(2n ** 63n))
    expect(parseLenientInteger('777', 8)).toBe(511n)
  })

  test.each(['x', ' ', '-', '1x', '1 '])('not %j', (text) => {
    expect(parseLenientInteger(text)).toBeNull()
  })
})

describe('memory', () => {
  test('knows the units in any case', () => {
    expect(parseMemory('2b')).toBe(2n)
    expect(parseMemory('2k')).toBe(2000n)
    expect(parseMemory('2Kb')).toBe(2048n)
    expect(parseMemory('2M')).toBe(2000000n)
    expect(parseMemory('2mB')).toBe(2097152n)
    expect(parseMemory('2g')).toBe(2000000000n)
    expect(parseMemory('2GB')).toBe(2147483648n)
  })

  test('counts no digits as 0, saturates digits and wraps products', () => {
    expect(parseMemory('')).toBe(0n)
    expect(parseMemory('mb')).toBe(0n)
    expect(parseMemory('99999999999999999999999')).toBe(2n ** 64n - 1n)
    expect(parseMemory('18446744073709551615k')).toBe(2n ** 64n - 1000n)
  })

  test.each(['-1', '1t', '1.5gb', '1 kb', '9'.repeat(128)])('not %j', (text) => {
    expect(parseMemory(text)).toBeNull()
  })

  test('is written in the largest unit that divides it, and reads back', () => {
    expect(memoryInUnits(0n)).toBe('0')
    expect(memoryInUnits(1000n)).toBe('1000')
    expect(memoryInUnits(3n * 1024n ** 2n)).toBe('3mb')
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), (bytes) => {
        expect(parseMemory(memoryInUnits(bytes))).toBe(bytes)
      }),
      { seed: 2 },
    )
  })
})

test('doubles are decimals or infinite, and lose their trailing zeros', () => {
  expect(parseDouble('99.9')).toBe(99.9)
  expect(parseDouble('1e1')).toBe(10)
  expect(parseDouble('-inf')).toBe(-Infinity)
  for (const text of ['', ' 1', '1 ', 'nan', 'x', '1e999']) expect(parseDouble(text)).toBeNull()
  expect(trimmedDouble(99.9)).toBe('99.9')
  expect(trimmedDouble(50)).toBe('50')
  expect(trimmedDouble(100)).toBe('100')
  expect(trimmedDouble(0.1234567)).toBe('0.123457')
})
