import fc from 'fast-check'
import { expect, test } from 'vitest'
import { equalsIgnoreCase, fromLatin1, fromText, latin1 } from '../../../src/bytes/text.ts'

test('latin1 and fromLatin1 are inverse, over ranges short and long', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 80 }), fc.nat(10), (bytes, skip) => {
      const start = Math.min(skip, bytes.length)
      const text = latin1(bytes, start, bytes.length)
      expect(text).toBe(String.fromCharCode(...bytes.subarray(start)))
      expect(fromLatin1(text)).toEqual(bytes.slice(start))
      expect(latin1(bytes)).toBe(latin1(bytes, 0, bytes.length))
    }),
    { seed: 1 },
  )
})

test('latin1 heeds where a view begins in its buffer', () => {
  const buffer = Uint8Array.from({ length: 100 }, (_, i) => i)
  const view = buffer.subarray(10, 90)
  expect(latin1(view, 1, 3)).toBe('\x0b\x0c')
  expect(latin1(view, 40, 70).charCodeAt(0)).toBe(50)
})

test('fromText encodes as UTF-8', () => {
  expect([...fromText('aé€')]).toEqual([0x61, 0xc3, 0xa9, 0xe2, 0x82, 0xac])
})

test('equalsIgnoreCase folds ASCII letters and nothing else', () => {
  const equals = (text: string, word: string) => {
    const bytes = fromLatin1(`x${text}x`)
    return equalsIgnoreCase(bytes, 1, text.length + 1, word)
  }
  expect(equals('MATCH', 'match')).toBe(true)
  expect(equals('mAtCh', 'match')).toBe(true)
  expect(equals('matc', 'match')).toBe(false)
  expect(equals('matchx', 'match')).toBe(false)
  expect(equals('', '')).toBe(true)
  expect(equals('[', '{')).toBe(false)
  expect(equals('@', '`')).toBe(false)
  expect(equals('no-one2', 'no-one2')).toBe(true)
  expect(equals('\xc1', '\xe1')).toBe(false)
})
