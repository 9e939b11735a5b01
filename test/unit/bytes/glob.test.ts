import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { globMatch, globMatchRange } from '../../../src/bytes/glob.ts'

const bytes = (text: string) => Uint8Array.from(Buffer.from(text, 'latin1'))
const match = (pattern: string, text: string, caseInsensitive = false) =>
  globMatch(bytes(pattern), bytes(text), caseInsensitive)

/** One parsed element of a pattern: a star, or a test of one byte. */
type Element = '*' | ((byte: number) => boolean)

const lower = (byte: number) => String.fromCharCode(byte).replace(/[A-Z]/, (c) => c.toLowerCase())
const lowerCode = (byte: number) => lower(byte).charCodeAt(0)
const toSigned = (byte: number) => (byte > 127 ? byte - 256 : byte)

/** The model parses the whole pattern first, then tries every way to match it, recursively. */
function parse(pattern: number[], caseInsensitive: boolean): Element[] {
  const fold = (byte: number) => (caseInsensitive ? lowerCode(byte) : byte)
  const elements: Element[] = []
  let rest = pattern
  while (rest.length > 0) {
    const [first, ...others] = rest
    rest = others
    const character = String.fromCharCode(first)
    if (character === '*') elements.push('*')
    else if (character === '?') elements.push(() => true)
    else if (character === '[') {
      const tests: ((byte: number) => boolean)[] = []
      const negated = rest[0] === 0x5e
      if (negated) rest = rest.slice(1)
      while (rest.length > 0 && rest[0] !== 0x5d) {
        const [a, b, c] = rest
        if (a === 0x5c && rest.length >= 2) {
          tests.push((byte) => byte === b)
          rest = rest.slice(2)
        } else if (rest.length >= 3 && b === 0x2d) {
          const ends = [a, c].sort((x, y) => toSigned(x) - toSigned(y))
          const order = (byte: number) => {
            if (!caseInsensitive || byte === 0xff) return toSigned(byte)
            return lowerCode(byte)
          }
          const [from, to] = ends.map(order)
          tests.push((byte) => order(byte) >= from && order(byte) <= to)
          rest = rest.slice(3)
        } else {
          tests.push((byte) => fold(byte) === fold(a))
          rest = rest.slice(1)
        }
      }
      rest = rest.slice(1)
      elements.push((byte) => tests.some((one) => one(byte)) !== negated)
    } else {
      let literal = first
      if (character === '\\' && rest.length > 0) {
        literal = rest[0]
        rest = rest.slice(1)
      }
      elements.push((byte) => fold(byte) === fold(literal))
    }
  }
  return elements
}

function matchElements(elements: Element[], text: number[]): boolean {
  if (elements.length === 0) return text.length === 0
  const [first, ...others] = elements
  if (first === '*') {
    return (
      matchElements(others, text) || (text.length > 0 && matchElements(elements, text.slice(1)))
    )
  }
  return text.length > 0 && first(text[0]) && matchElements(others, text.slice(1))
}

function model(pattern: Uint8Array, text: Uint8Array, caseInsensitive: boolean): boolean {
  if (text.length === 0) return pattern.length === 0
  return matchElements(parse([...pattern], caseInsensitive), [...text])
}

describe('globMatch', () => {
  test.each<[string, string, boolean]>([
    ['', '', true],
    ['', 'a', false],
    ['a', '', false],
    ['*', '', false],
    ['*', 'a', true],
    ['a*', 'a', true],
    ['a**', 'a', true],
    ['*a', 'a', true],
    ['h?llo', 'hello', true],
    ['h?llo', 'hllo', false],
    ['h*llo', 'heeeello', true],
    ['h[ae]llo', 'hillo', false],
    ['h[^e]llo', 'hallo', true],
    ['h[^e]llo', 'hello', false],
    ['h[a-b]llo', 'hbllo', true],
    ['h[b-a]llo', 'hallo', true],
    ['\\*', '*', true],
    ['\\*', 'a', false],
    ['a\\', 'a\\', true],
    ['a\\', 'a', false],
    ['[', '[', false],
    ['[a', 'a', true],
    ['[^', 'x', true],
    ['[]', ']', false],
    ['[\\]]', ']', true],
    ['[a-]', 'a', true],
    ['[a-]', ']', true],
    ['[a-]', '-', false],
    ['[-a]', '-', true],
    ['[\\', '\\', true],
    ['[a\\-z]', 'm', false],
    ['[a-\xff]', 'b', false],
    ['[a-\xff]', '\0', true],
    ['[\x80-\xff]', '\xc3', true],
    ['a[^b]', 'a', false],
    ['*foo*bar*', 'xfooybarz', true],
    ['*foo*bar', 'xfooybarz', false],
    ['user:*:name', 'user:1:2:name', true],
  ])('%j and %j: %s', (pattern, text, expected) => {
    expect(match(pattern, text)).toBe(expected)
  })

  test('ignores the case of ASCII letters only', () => {
    expect(match('HeLLo', 'hEllO', true)).toBe(true)
    expect(match('[A-C]', 'b', true)).toBe(true)
    expect(match('[xyz]', 'Y', true)).toBe(true)
    expect(match('\\A', 'a', true)).toBe(true)
    expect(match('[\\A]', 'a', true)).toBe(false)
    expect(match('[Z-a]', 'z', true)).toBe(false)
    expect(match('\xc0', '\xe0', true)).toBe(false)
    expect(match('[\x80-?]', '\xff', false)).toBe(true)
    expect(match('[\x80-?]', '\xff', true)).toBe(false)
    expect(match('[', '{', true)).toBe(false)
  })

  test('gives up beyond 1000 stars, as Redis does', () => {
    const text = 'a'.repeat(2000)
    expect(match('*a'.repeat(1000), text)).toBe(true)
    expect(match('*a'.repeat(1001), text)).toBe(false)
    expect(match(`${'*a'.repeat(1000)}*`, text)).toBe(true)
  })

  test('agrees with a recursive model', () => {
    const patternByte = fc.constantFrom(...bytes('**?[[]]^-\\\\aabBcZz\x80\xff\0'))
    const textByte = fc.constantFrom(...bytes('aabBcZz-]^\\[*\x80\xff\0'))
    fc.assert(
      fc.property(
        fc.array(patternByte, { maxLength: 9 }),
        fc.array(textByte, { maxLength: 7 }),
        fc.boolean(),
        (patternBytes, textBytes, caseInsensitive) => {
          const pattern = Uint8Array.from(patternBytes)
          const text = Uint8Array.from(textBytes)
          expect(globMatch(pattern, text, caseInsensitive)).toBe(
            model(pattern, text, caseInsensitive),
          )
        },
      ),
      { numRuns: 8000, seed: 1 },
    )
  })

  test('a pattern of many stars takes no exponential time', () => {
    const text = bytes('a'.repeat(100_000))
    expect(globMatch(bytes(`${'a*'.repeat(30)}b`), text, false)).toBe(false)
    expect(globMatch(bytes(`${'*?'.repeat(30)}b`), text, false)).toBe(false)
  })
})

describe('globMatchRange', () => {
  test('sees nothing outside its ranges', () => {
    const pattern = bytes('*a[b*')
    const text = bytes('xabx')
    expect(globMatchRange(pattern, 1, 4, text, 1, 3, false)).toBe(true)
    expect(globMatchRange(pattern, 1, 2, text, 1, 3, false)).toBe(false)
    expect(globMatchRange(pattern, 1, 1, text, 1, 1, false)).toBe(true)
    expect(globMatchRange(bytes('a\\b'), 0, 2, bytes('a\\'), 0, 2, false)).toBe(true)
    expect(globMatchRange(bytes('[^]'), 0, 2, bytes('q'), 0, 1, false)).toBe(true)
  })
})
