/**
 * The request parser. Every case is parsed whole, then byte by byte, then split in two at every
 * point, which must come to the same.
 */
import { describe, expect, test } from 'vitest'
import { Args } from '../../../src/resp/args.ts'
import {
  COMPLETE,
  EMPTY,
  FAILED,
  INCOMPLETE,
  RequestParser,
} from '../../../src/resp/request-parser.ts'

const MAX_BULK_BYTES = 512 * 1024 * 1024

/** Requests as lists of words, then perhaps an error. */
type Parsed = (string[] | { error: string })[]

interface Options {
  authenticated?: boolean
  maxBulkBytes?: number
}

/** Parses bytes that come in at the given ends of pieces. */
function parse(text: string, ends: readonly number[], options: Options = {}): Parsed {
  const parser = new RequestParser()
  const bytes = Buffer.from(text, 'latin1')
  const args = new Args(Buffer.alloc(bytes.length))
  const { authenticated = true, maxBulkBytes = MAX_BULK_BYTES } = options
  const parsed: Parsed = []
  let from = 0
  for (const end of ends) {
    // What has not come yet must not be looked at, so it is not there.
    args.bytes.set(bytes.subarray(from, end), from)
    from = end
    for (;;) {
      const before = parser.position
      const result = parser.next(args, end, maxBulkBytes, authenticated)
      expect(parser.position).toBeLessThanOrEqual(end)
      if (result === INCOMPLETE) break
      if (result === FAILED) return [...parsed, { error: parser.error }]
      expect(parser.position).toBeGreaterThan(before === end ? before - 1 : before)
      if (result === COMPLETE) parsed.push(wordsOf(args))
      else expect(result).toBe(EMPTY)
    }
  }
  return parsed
}

function wordsOf(args: Args): string[] {
  return Array.from({ length: args.count }, (_, i) => args.text(i))
}

/** All the ways of cutting `length` bytes that a case is put to. */
function* cuts(length: number): Generator<number[]> {
  yield [length]
  yield Array.from({ length }, (_, i) => i + 1)
  for (let at = 0; at <= length; at++) yield [at, length]
}

const ERROR = 'Protocol error: '

const CASES: readonly [name: string, text: string, parsed: Parsed][] = [
  ['nothing', '', []],
  ['a command', '*1\r\n$4\r\nPING\r\n', [['PING']]],
  ['arguments', '*3\r\n$3\r\nSET\r\n$1\r\na\r\n$0\r\n\r\n', [['SET', 'a', '']]],
  ['any bytes', '*2\r\n$4\r\nECHO\r\n$6\r\n\r\n\0\xff$1\r\n', [['ECHO', '\r\n\0\xff$1']]],
  ['a pipeline', '*1\r\n$1\r\na\r\n*1\r\n$1\r\nb\r\n', [['a'], ['b']]],
  ['lengths of two digits', `*1\r\n$12\r\n${'x'.repeat(12)}\r\n`, [['x'.repeat(12)]]],
  ['lengths of three digits', `*1\r\n$123\r\n${'x'.repeat(123)}\r\n`, [['x'.repeat(123)]]],
  ['twelve arguments', `*12\r\n${'$1\r\nx\r\n'.repeat(12)}`, [Array(12).fill('x')]],
  ['the beginning of one', '*2\r\n$4\r\nECHO\r\n$10\r\nabc', []],
  ['empty requests', '*0\r\n*-1\r\n*-10\r\n*1\r\n$1\r\na\r\n', [['a']]],
  ['the line feed is taken on trust', '*1\rx$4\rxPING\r\n', [['PING']]],
  ['so is the end of a string', '*1\r\n$4\r\nPINGxx', [['PING']]],
  ['no count', '*\r\n', [{ error: `${ERROR}invalid multibulk length` }]],
  ['a count that is none', '*x\r\n', [{ error: `${ERROR}invalid multibulk length` }]],
  ['a count with a sign', '*+1\r\n', [{ error: `${ERROR}invalid multibulk length` }]],
  ['a count with a zero', '*01\r\n', [{ error: `${ERROR}invalid multibulk length` }]],
  ['a count of 2^31', '*2147483648\r\n', [{ error: `${ERROR}invalid multibulk length` }]],
  ['a count of 2^63', '*9223372036854775808\r\n', [{ error: `${ERROR}invalid multibulk length` }]],
  ['a count of 2^31 - 1', '*2147483647\r\n', []],
  ['no string', '*1\r\nPING\r\n', [{ error: `${ERROR}expected '$', got 'P'` }]],
  ['a number', '*1\r\n:1\r\n', [{ error: `${ERROR}expected '$', got ':'` }]],
  ['no length', '*1\r\n$\r\n', [{ error: `${ERROR}invalid bulk length` }]],
  ['a negative length', '*1\r\n$-1\r\n', [{ error: `${ERROR}invalid bulk length` }]],
  ['a length that is none', '*1\r\n$4x\r\n', [{ error: `${ERROR}invalid bulk length` }]],
  ['the longest string', '*1\r\n$536870912\r\n', []],
  ['a longer one', '*1\r\n$536870913\r\n', [{ error: `${ERROR}invalid bulk length` }]],
  [
    'good, then broken',
    '*1\r\n$1\r\na\r\n*1\r\nx\r\n*1\r\n$1\r\nb\r\n',
    [['a'], { error: `${ERROR}expected '$', got 'x'` }],
  ],
  ['inline', 'PING\r\n', [['PING']]],
  [
    'inline with a bare line feed',
    'SET a b\nGET a\n',
    [
      ['SET', 'a', 'b'],
      ['GET', 'a'],
    ],
  ],
  ['inline with blanks', ' \t a \t b  \r\n', [['a', 'b']]],
  ['inline without its end', 'PING', []],
  ['empty lines', '\r\n\n  \r\nPING\r\n', [['PING']]],
  ['double quotes', 'a "b \\"\\x41\\n" ""\r\n', [['a', 'b "A\n', '']]],
  ['single quotes', "a 'b \\' \\n' ''\r\n", [['a', "b ' \\n", '']]],
  ['unbalanced quotes', 'a "b\r\n', [{ error: `${ERROR}unbalanced quotes in request` }]],
  ['a word behind quotes', 'a "b"c\r\n', [{ error: `${ERROR}unbalanced quotes in request` }]],
  ['inline and arrays', 'a b\r\n*1\r\n$1\r\nc\r\nd\n', [['a', 'b'], ['c'], ['d']]],
]

describe('cut anywhere', () => {
  test.each(CASES)('%s', (_name, text, parsed) => {
    for (const ends of cuts(text.length)) {
      expect(parse(text, ends), `cut at ${ends}`).toEqual(parsed)
    }
  })
})

const KB = 1024

describe('lines without an end', () => {
  test.each([
    ['inline', 'x', 'too big inline request'],
    ['a count', '*1', 'too big mbulk count string'],
    ['a length', '*1\r\n$1', 'too big bulk count string'],
  ])('%s', (_name, beginning, problem) => {
    const lineStart = beginning.lastIndexOf('\n') + 1
    const full = beginning + '1'.repeat(64 * KB - (beginning.length - lineStart))
    expect(parse(full, [full.length])).toEqual([])
    const more = `${full}1`
    expect(parse(more, [more.length])).toEqual([{ error: `${ERROR}${problem}` }])
  })
})

describe('before authentication', () => {
  const parseUnknown = (text: string) => parse(text, [text.length], { authenticated: false })

  test('ten arguments and no more', () => {
    expect(parseUnknown(`*10\r\n${'$1\r\na\r\n'.repeat(10)}`)).toHaveLength(1)
    const error = `${ERROR}unauthenticated multibulk length`
    expect(parseUnknown('*11\r\n')).toEqual([{ error }])
  })

  test('16384 bytes and no more', () => {
    expect(parseUnknown(`*1\r\n$16384\r\n${'x'.repeat(16384)}\r\n`)).toHaveLength(1)
    const error = `${ERROR}unauthenticated bulk length`
    expect(parseUnknown('*1\r\n$16385\r\n')).toEqual([{ error }])
  })
})

test('proto-max-bulk-len is what the caller says', () => {
  const options = { maxBulkBytes: 10 }
  expect(parse('*1\r\n$10\r\n0123456789\r\n', [21], options)).toEqual([['0123456789']])
  const error = `${ERROR}invalid bulk length`
  expect(parse('*1\r\n$11\r\n', [9], options)).toEqual([{ error }])
})

test('tells how much the string under way needs', () => {
  const parser = new RequestParser()
  const args = new Args(Buffer.from('*1\r\n$100\r\nabc'))
  expect(parser.neededBytes).toBe(0)
  expect(parser.next(args, args.bytes.length, MAX_BULK_BYTES, true)).toBe(INCOMPLETE)
  expect(parser.underWay).toBe(true)
  expect(parser.position).toBe(10)
  expect(parser.neededBytes).toBe(102)
})

test('a claim of many arguments takes no memory', () => {
  const parser = new RequestParser()
  const args = new Args(Buffer.from('*1000000000\r\n$536870912\r\n'))
  expect(parser.next(args, args.bytes.length, MAX_BULK_BYTES, true)).toBe(INCOMPLETE)
  expect(args.starts.length).toBeLessThan(1000)
})
