import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { quoted, splitArguments } from '../../../src/bytes/quote.ts'

const bytes = (text: string) => Uint8Array.from(Buffer.from(text, 'latin1'))
const split = (text: string) =>
  splitArguments(bytes(text))?.map((one) => Buffer.from(one).toString('latin1')) ?? null

describe('splitArguments', () => {
  test.each<[string, string[] | null]>([
    ['', []],
    ['  \t\r\n ', []],
    ['SET key value', ['SET', 'key', 'value']],
    ['  a   b  ', ['a', 'b']],
    ['"a b" c', ['a b', 'c']],
    ['""', ['']],
    ["''", ['']],
    ['\'\' ""', ['', '']],
    ['a"b c"', ['ab c']],
    ['"\\n\\r\\t\\b\\a\\"\\\\\\q"', ['\n\r\t\b\x07"\\q']],
    ['"\\x41\\xfF\\x4"', ['A\xffx4']],
    ['"\\xg1"', ['xg1']],
    ["'it\\'s \\n'", ["it's \\n"]],
    ["'a\\\\'", null],
    ['bare\\n\\x41', ['bare\\n\\x41']],
    ['"a"b', null],
    ["'a'b", null],
    ['"a"\'b\'', null],
    ['"a', null],
    ["'a", null],
    ['"a\\"', null],
    ['"a\\', null],
    ['a "', null],
    ['"a"\vb', ['a', 'b']],
    ['a\vb', ['a\vb']],
    ['\va', ['a']],
    ['a\0b c', ['a']],
    ['"a\0"', null],
    ['"\\\0"', null],
  ])('%j', (line, expected) => {
    expect(split(line)).toEqual(expected)
  })

  test('what it returns does not share memory with the line', () => {
    const line = bytes('abc')
    const [argument] = splitArguments(line) ?? []
    line.fill(0)
    expect(argument).toEqual(bytes('abc'))
  })
})

describe('quoted', () => {
  test('escapes what cannot be printed', () => {
    expect(quoted(bytes('a "b"\\\n\r\t\x07\b\0\x1f\x7f\xff~'))).toBe(
      '"a \\"b\\"\\\\\\n\\r\\t\\a\\b\\x00\\x1f\\x7f\\xff~"',
    )
    expect(quoted(new Uint8Array(0))).toBe('""')
  })

  test('is read back by splitArguments', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 20 }), { maxLength: 4 }), (list) => {
        const line = list.map(quoted).join(' ')
        expect(splitArguments(bytes(line))).toEqual(list)
      }),
      { seed: 1 },
    )
  })
})
