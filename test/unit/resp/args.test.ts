/** Arguments as slices of a buffer. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Args } from '../../../src/resp/args.ts'

test('holds what it was made from', () => {
  const args = Args.from(['SET', Uint8Array.of(0, 13, 10, 255), ''])
  expect(args.count).toBe(3)
  expect(args.text(0)).toBe('SET')
  expect(args.text(1)).toBe('\0\r\n\xff')
  expect(args.length(1)).toBe(4)
  expect(args.length(2)).toBe(0)
  expect(args.text(2)).toBe('')
})

test('slices share memory, copies and clones do not', () => {
  const args = Args.from(['abc', 'def'])
  const slice = args.slice(1)
  const copy = args.copy(1)
  const clone = args.clone()
  args.bytes.fill(0)
  expect(Buffer.from(slice).toString()).toBe('\0\0\0')
  expect(Buffer.from(copy).toString()).toBe('def')
  expect([clone.text(0), clone.text(1)]).toEqual(['abc', 'def'])
})

test('grows with a million arguments and lets the memory go', () => {
  const args = new Args(new Uint8Array(10))
  for (let i = 0; i < 1_000_000; i++) args.push(i % 10, 10)
  expect(args.count).toBe(1_000_000)
  expect(args.length(999_999)).toBe(1)
  args.clear()
  expect(args.count).toBe(0)
  expect(args.starts.length).toBeLessThan(1000)
  expect(args.ends.length).toBe(args.starts.length)
})

test('moves with its buffer', () => {
  const args = Args.from(['xx', 'abc', 'd'])
  const moved = new Args(args.bytes.slice(2))
  moved.push(args.starts[1]!, args.ends[1]!)
  moved.push(args.starts[2]!, args.ends[2]!)
  moved.shift(-2)
  expect([moved.text(0), moved.text(1)]).toEqual(['abc', 'd'])
})

test('knows words in any case', () => {
  const args = Args.from(['KeepTTL', 'keep', 'keepttl2', '[EX'])
  expect(args.is(0, 'keepttl')).toBe(true)
  expect(args.is(1, 'keepttl')).toBe(false)
  expect(args.is(2, 'keepttl')).toBe(false)
  // '[' and '{' differ by the bit that tells capitals from small letters.
  expect(args.is(3, '{ex')).toBe(false)
})

test.each([
  ['0', 0],
  ['-1', -1],
  ['9007199254740991', 2 ** 53 - 1],
  ['9007199254740992', 2n ** 53n],
  ['-9007199254740992', -(2n ** 53n)],
  ['9223372036854775807', 2n ** 63n - 1n],
  ['-9223372036854775808', -(2n ** 63n)],
  ['9223372036854775808', null],
  ['-9223372036854775809', null],
  ['', null],
  ['-', null],
  ['+1', null],
  ['01', null],
  ['-0', null],
  [' 1', null],
  ['1 ', null],
  ['1.0', null],
  ['0x1', null],
] as const)('the integer %j', (text, value) => {
  const args = Args.from([text])
  expect(args.integer(0)).toBe(value)
  expect(args.safeInteger(0)).toBe(typeof value === 'number' ? value : Number.NaN)
})

test('gives any bytes back', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 80 }), (parts) => {
      const args = Args.from(parts)
      expect(args.count).toBe(parts.length)
      for (const [i, part] of parts.entries()) {
        expect(args.copy(i)).toEqual(part)
        expect(args.text(i)).toBe(Buffer.from(part).toString('latin1'))
      }
    }),
    { seed: 1 },
  )
})
