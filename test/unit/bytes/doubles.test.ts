import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { formatDouble17, formatDoubleShortest, parseDouble } from '../../../src/bytes/doubles.ts'

const framed = (text: string) => Uint8Array.from(Buffer.from(`1${text}1`, 'latin1'))
const parse = (text: string) => parseDouble(framed(text), 1, text.length + 1)

// Expected values were computed with glibc's strtod and printf, and with the fpconv library.
describe('parseDouble', () => {
  test.each<[string, number]>([
    ['0', 0],
    ['-0', -0],
    ['+1', 1],
    ['007', 7],
    ['3.14', 3.14],
    ['-3.14', -3.14],
    ['.5', 0.5],
    ['5.', 5],
    ['-.5e1', -5],
    ['1E5', 1e5],
    ['1e-5', 1e-5],
    ['1e+05', 1e5],
    ['123456789012345.6', 123456789012345.6],
    ['9007199254740993', 9007199254740992],
    ['inf', Infinity],
    ['-inf', -Infinity],
    ['+INF', Infinity],
    ['Infinity', Infinity],
    ['0x10', 16],
    ['0x1p3', 8],
    ['-0X1.8P-1', -0.75],
    ['0x.8', 0.5],
    ['0x1.fffffffffffff7p1023', 1.7976931348623157e308],
    ['0x1.00000000000008p0', 1],
    ['0x1.00000000000018p0', 1 + 2 ** -51],
    ['0x1p-1074', 5e-324],
    ['5e-324', 5e-324],
    ['2.4703282292062328e-324', 5e-324],
    ['0e999999999999999999', 0],
    ['0x0p99999999999', 0],
    [`${'1'.repeat(400)}e-400`, 0.1111111111111111],
    [`${'0'.repeat(30_000)}5`, 5],
    [`0.${'0'.repeat(30_000)}5e30001`, 5],
    [`1${'0'.repeat(30_000)}e-30000`, 1],
    [`9007199254740993${'0'.repeat(30_000)}1e-30001`, 9007199254740994],
    [`0x1${'0'.repeat(30_000)}1p-120004`, 1],
  ])('%.40s', (text, expected) => {
    expect(parse(text)).toBe(expected)
  })

  test.each([
    ...['', '-', '+', '.', '-.', 'e5', '.e5', '1e', '1e+', '1.2.3', '1..2', '--1', '+-1', '1_0'],
    ...[' 1', '1 ', '\t1', '1\0', 'abc', '1a', 'nan', '-nan', 'nan(1)', 'infin', 'inf1', 'i'],
    ...['0x', '0x.', '0xp1', '0x1p', '0x1p+', '0xg', '1e400', '-1e400', '1e-400', '0x1p1024'],
    ...['0x1.fffffffffffff8p1023', '2e-324', '2.4703282292062327e-324', '0x1p-1075', '1p3'],
    ...['1e99999999999999999999', '1e-99999999999999999999', '9'.repeat(2000)],
  ])('%j is refused', (text) => {
    expect(parse(text)).toBeNull()
  })

  test('agrees with the decimal conversion of the language', () => {
    const part = fc.string({ unit: fc.constantFrom(...'0123456789'), minLength: 1, maxLength: 19 })
    const exponent = fc.option(fc.integer({ min: -30, max: 30 }), { nil: undefined })
    fc.assert(
      fc.property(part, part, exponent, (whole, fraction, power) => {
        const text = `${whole}.${fraction}${power === undefined ? '' : `e${power}`}`
        expect(parse(text)).toBe(Number(text))
      }),
      { numRuns: 2000, seed: 1 },
    )
  })
})

describe('formatDoubleShortest', () => {
  test.each<[number, string]>([
    [0, '0'],
    [-0, '-0'],
    [3, '3'],
    [-3.5, '-3.5'],
    [Infinity, 'inf'],
    [-Infinity, '-inf'],
    [NaN, 'nan'],
    [0.1 + 0.2, '0.30000000000000004'],
    [2 ** 53, '9007199254740992'],
    [2 ** 62, '4611686018427387904'],
    [2 ** 63, '9223372036854776000'],
    [1e21, '1e+21'],
    [1e23, '99999999999999990000000'],
    [1e30, '1e+30'],
    [1e-6, '0.000001'],
    [1e-7, '1e-7'],
    [0.0000123456789, '1.23456789e-5'],
    [5e-324, '5e-324'],
    [1.7976931348623157e308, '1.7976931348623157e+308'],
    [-1.2345678901234567e-200, '-1.2345678901234567e-200'],
    [4096.400000000001, '4096.4000000000005'],
    [4097.087500000001, '4097.0875000000005'],
  ])('%d', (value, expected) => {
    expect(formatDoubleShortest(value)).toBe(expected)
  })

  test('reads back as the same double', () => {
    const double = fc.double({ noNaN: true })
    fc.assert(
      fc.property(double, (value) => {
        const text = formatDoubleShortest(value)
        expect(parse(text)).toBe(value)
        expect(text.length).toBeLessThanOrEqual(25)
      }),
      { numRuns: 3000, seed: 2 },
    )
  })
})

describe('formatDouble17', () => {
  test.each<[number, string]>([
    [0, '0'],
    [-0, '-0'],
    [3, '3'],
    [0.1, '0.10000000000000001'],
    [-2.5, '-2.5'],
    [1e16, '10000000000000000'],
    [1e17, '1e+17'],
    [123456789012345680, '1.2345678901234568e+17'],
    [0.0001, '0.0001'],
    [0.00001, '1.0000000000000001e-05'],
    [1e100, '1e+100'],
    [5e-324, '4.9406564584124654e-324'],
    [2 ** 50 + 0.25, '1125899906842624.2'],
    [2 ** 50 + 0.75, '1125899906842624.8'],
    [Infinity, 'inf'],
    [-Infinity, '-inf'],
  ])('%d', (value, expected) => {
    expect(formatDouble17(value)).toBe(expected)
  })

  test('reads back as the same double', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true }), (value) => {
        expect(parse(formatDouble17(value))).toBe(value)
      }),
      { seed: 3 },
    )
  })
})
