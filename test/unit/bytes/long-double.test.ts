import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  addLongDoubles,
  formatLongDouble,
  parseLongDouble,
  sumLongDouble,
} from '../../../src/bytes/long-double.ts'

const framed = (text: string) => Uint8Array.from(Buffer.from(`1${text}1`, 'latin1'))
const add = (a: string, b: string) => {
  const sum = addLongDoubles(framed(a), 1, a.length + 1, framed(b), 1, b.length + 1)
  return typeof sum === 'string' ? sum : sum.text
}

/** The sum without any short cut. */
const addExactly = (a: string, b: string) => {
  const left = parseLongDouble(framed(a), 1, a.length + 1)
  const right = parseLongDouble(framed(b), 1, b.length + 1)
  if (left === null || right === null) return 'not a float'
  const sum = sumLongDouble(left, right)
  return sum === null ? 'nan or infinity' : formatLongDouble(sum)
}

// Expected values were computed with C's long double on x86-64 and seen in Redis 7.0.15.
describe('addLongDoubles', () => {
  test.each<[string, string, string]>([
    ['10.50', '0.1', '10.6'],
    ['0.1', '0.2', '0.3'],
    ['5.0e3', '2.0e2', '5200'],
    ['3', '1', '4'],
    ['0.5', '-0.5', '0'],
    ['-5', '5', '0'],
    ['-0', '-0', '0'],
    ['-1e-30', '0', '0'],
    ['1e300', '-1e300', '0'],
    ['18446744073709551615', '1', '18446744073709551616'],
    ['18446744073709551617', '0', '18446744073709551616'],
    ['18446744073709551619', '0', '18446744073709551620'],
    ['9007199254740991', '1', '9007199254740992'],
    ['0x1.8p1', '0.25', '3.25'],
    ['1.8e-4951', '0', 'not a float'],
    ['1.9e-4951', '0', '0'],
    ['1.18973149535723176502e4932', '1e4900', 'EXACT'],
    ['1.18973149535723176502e4932', '1.18973149535723176502e4932', 'nan or infinity'],
    ['1.18973149535723176502e4932', '1e4913', 'nan or infinity'],
    ['1.1897314953572317651e4932', '0', 'not a float'],
    ['inf', '1', 'nan or infinity'],
    ['1', '-inf', 'nan or infinity'],
    ['inf', '-inf', 'nan or infinity'],
    ['nan', '1', 'not a float'],
    ['', '1', 'not a float'],
    ['1', '', 'not a float'],
    [' 1', '1', 'not a float'],
    ['1 ', '1', 'not a float'],
    ['abc', '1', 'not a float'],
    ['1e5000', '1', 'not a float'],
    ['1e-5000', '1', 'not a float'],
    ['0e-5000', '1', '1'],
    ['9'.repeat(5120), '1', 'not a float'],
    ['0'.repeat(5120), '1', 'not a float'],
    ['0'.repeat(5119), '1', '1'],
  ])('%.30s and %.30s', (a, b, expected) => {
    const sum = add(a, b)
    if (expected === 'EXACT') expect(sum).toBe((2n ** 16384n - 2n ** 16320n).toString())
    else expect(sum).toBe(expected)
  })

  test('1e300 has the digits of its binary value', () => {
    const sum = add('1e300', '1')
    expect(sum.length).toBe(301)
    expect(Number(sum)).toBe(1e300)
    expect(BigInt(sum) % 2n ** 900n).toBe(0n)
  })

  test('the short cuts change nothing', () => {
    const whole = fc.integer({ min: -50, max: 50 }).map(String)
    const digits = fc.string({ unit: fc.constantFrom(...'0123456789'), maxLength: 16 })
    const decimal = fc.tuple(whole, digits).map(([left, right]) => `${left}.${right}`)
    const number = fc.oneof(decimal, whole, digits, fc.maxSafeInteger().map(String))
    fc.assert(
      fc.property(number, number, (a, b) => {
        expect(add(a, b)).toBe(addExactly(a, b))
      }),
      { numRuns: 4000, seed: 1 },
    )
  })
})
