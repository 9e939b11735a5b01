/** The HyperLogLog commands against the real server: replies, and the bytes of the values. */
import { test } from 'vitest'
import { type Command, differential, type Script } from './support/compare.ts'

const HEADER = 'HYLL'
const SPARSE = '\x01\0\0\0'
const DENSE = '\0\0\0\0'
const VOID_COUNT = '\0\0\0\0\0\0\0\x80'
const NO_COUNT = '\0\0\0\0\0\0\0\0'

/** Numbers that look random and are the same in every run. */
function generator(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0
    return (state >>> 8) % below
  }
}

const bytes = (text: string): Uint8Array => Buffer.from(text, 'latin1')
const sparse = (opcodes: string, count = VOID_COUNT): Uint8Array =>
  bytes(HEADER + SPARSE + count + opcodes)
const dense = (registers: Uint8Array, count = VOID_COUNT): Uint8Array =>
  Buffer.concat([bytes(HEADER + DENSE + count), registers])

const elements = (prefix: string, from: number, to: number): string[] =>
  Array.from({ length: to - from }, (_, i) => `${prefix}${from + i}`)

/** All that there is to know of a key. */
const state = (key: string): Command[] => [
  ['GET', key],
  ['STRLEN', key],
  ['PFDEBUG', 'ENCODING', key],
  ['OBJECT', 'ENCODING', key],
]

differential('HyperLogLog', ({ compare }) => {
  test('PFADD and PFCOUNT, element by element', () =>
    compare([
      'PFADD a',
      ...state('a'),
      'PFCOUNT a',
      'GET a',
      'PFADD a',
      'GET a',
      ['PFADD', 'a', ''],
      'GET a',
      'PFADD a x y z x',
      'GET a',
      'PFCOUNT a',
      'GET a',
      'PFCOUNT a',
      'PFADD a x',
      'GET a',
      'PFADD a x new',
      'GET a',
      'PFDEBUG DECODE a',
      'PFCOUNT none',
      'PFADD b x',
      'PEXPIREAT b 99999999999999',
      'PFADD b y',
      'PEXPIRETIME b',
      ...state('b'),
    ]))

  test('elements of all lengths', () =>
    compare([
      ...Array.from({ length: 80 }, (_, length) => [
        ['PFADD', 'a', Buffer.from(Array.from({ length }, (_, i) => (i * 77 + length * 3) & 255))],
        'GET a',
      ]).flat(),
      ['PFADD', 'a', 'long'.repeat(50_000)],
      'GET a',
      'PFCOUNT a',
      'GET a',
    ]))

  test('growing until dense and beyond, in small and large steps', () =>
    compare([
      ...Array.from({ length: 300 }, (_, i) => [
        ['PFADD', 'a', ...elements('a', i * 7, i * 7 + 7)],
        'GET a',
        ...(i % 5 === 0 ? ['PFCOUNT a', 'GET a', 'PFDEBUG ENCODING a'] : []),
      ]).flat(),
      ...Array.from({ length: 30 }, (_, i) => [
        ['PFADD', 'a', ...elements('a', i * 3000, i * 3000 + 3000)],
        'PFCOUNT a',
        'GET a',
      ]).flat(),
      ['PFADD', 'b', ...elements('b', 0, 40_000)],
      'PFCOUNT b',
      'GET b',
    ]))

  test('hll-sparse-max-bytes', async () => {
    for (const limit of [0, 17, 18, 30, 100, 3000, 8000, 16000, 100_000]) {
      await compare([
        `CONFIG SET hll-sparse-max-bytes ${limit}`,
        'PFADD a',
        'GET a',
        ...Array.from({ length: 60 }, (_, i) => [
          ['PFADD', 'a', ...elements('a', i * i * 3, (i + 1) * (i + 1) * 3)],
          'PFDEBUG ENCODING a',
          'GET a',
          'PFCOUNT a',
        ]).flat(),
        ['PFADD', 'b', ...elements('b', 0, 500)],
        'PFMERGE c a b',
        ...state('c'),
        'PFMERGE d b',
        ...state('d'),
        'CONFIG SET hll-sparse-max-bytes 3000',
      ])
    }
  })

  test('PFMERGE and PFCOUNT of several keys', () =>
    compare([
      'PFMERGE none',
      ...state('none'),
      'PFCOUNT none',
      ['PFADD', 'a', ...elements('x', 0, 50)],
      ['PFADD', 'b', ...elements('x', 30, 200)],
      ['PFADD', 'c', ...elements('x', 100, 5000)],
      'PFCOUNT a b',
      'PFCOUNT a b c',
      'PFCOUNT a missing a',
      'PFCOUNT missing missing',
      'GET a',
      'PFCOUNT a',
      'PFMERGE a',
      ...state('a'),
      'PFCOUNT a',
      'PFMERGE a a a',
      ...state('a'),
      'PFMERGE ab a b',
      ...state('ab'),
      'PFCOUNT ab',
      'PFMERGE ab missing',
      ...state('ab'),
      'PFMERGE a b',
      ...state('a'),
      'PEXPIREAT a 99999999999999',
      'PFMERGE a c',
      ...state('a'),
      'PEXPIRETIME a',
      'PFMERGE c a b',
      ...state('c'),
      'PFCOUNT c',
      'PFMERGE empty missing',
      'PFMERGE c empty',
      ...state('c'),
    ]))

  test('merges of random sparse ones', () => {
    const next = generator(7)
    const script: Script = Array.from({ length: 60 }, () => {
      const key = `k${next(6)}`
      const from = next(2000)
      const others = Array.from({ length: next(4) }, () => `k${next(6)}`)
      return [
        next(12) === 0 ? ['DEL', key] : ['PFADD', key, ...elements('e', from, from + next(150))],
        ['PFMERGE', key, ...others],
        ['GET', key],
        ['PFCOUNT', key],
        ['PFCOUNT', key, ...others],
      ]
    }).flat()
    return compare(script)
  })

  test('PFDEBUG', () =>
    compare([
      ['PFADD', 'a', ...elements('x', 0, 100)],
      'PFDEBUG decode a',
      'PFDEBUG Encoding a',
      'PFDEBUG TODENSE a',
      ...state('a'),
      'PFDEBUG TODENSE a',
      'PFDEBUG DECODE a',
      'PFDEBUG GETREG a',
      ['PFADD', 'b', ...elements('x', 0, 100)],
      'PFCOUNT b',
      'PFDEBUG GETREG b',
      ...state('b'),
      'PFDEBUG GETREG missing',
      'PFDEBUG NOSUCH missing',
      'PFDEBUG NOSUCH a',
      ['PFDEBUG', 'NO\0SUCH', 'a'],
      'PFDEBUG',
      'PFDEBUG GETREG',
      'PFDEBUG GETREG a b',
      'SET text hello',
      'PFDEBUG GETREG text',
    ]))

  test('PFSELFTEST', () => compare(['PFSELFTEST', 'PFSELFTEST x']))

  test('what strings do to one', () =>
    compare([
      'PFADD a 1 2 3',
      'PFCOUNT a',
      'COPY a b',
      'PFCOUNT b',
      ['SET', 'c', sparse('\x7f\xff')],
      'OBJECT ENCODING c',
      'PFCOUNT c',
      'OBJECT ENCODING c',
      'GET c',
      ['SET', 'c', sparse('\x7f\xff', NO_COUNT)],
      'PFADD c',
      'OBJECT ENCODING c',
      'PFADD c 1',
      ...state('c'),
      ['SET', 'c', sparse('\x7f\xff', '\x01\x02\x03\x04\x05\x06\x07\0')],
      'PFCOUNT c',
      ['SET', 'c', sparse('\x7f\xff', '\xff\xff\xff\xff\xff\xff\x1f\0')],
      'PFCOUNT c',
      ['SET', 'c', sparse('\x7f\xff', '\0\0\0\0\0\0\x20\0')],
      'PFCOUNT c',
      ['SET', 'c', sparse('\x7f\xff', '\xff\xff\xff\xff\xff\xff\xff\x7f')],
      'PFCOUNT c',
      'PFDEBUG TODENSE c',
      'PFCOUNT c',
      'GET c',
    ]))

  test('dense ones with registers as no hash makes them', () => {
    const next = generator(99)
    const registers = [0x00, 0xff, 0x55, 0xaa, 0x41, 0x01].map((byte) => Buffer.alloc(12288, byte))
    registers.push(Buffer.from(Array.from({ length: 12288 }, () => next(256))))
    const almost = Buffer.alloc(12288, 0xff)
    almost[0] = 0xfe
    registers.push(almost)
    return compare(
      registers.flatMap((each) => [
        ['SET', 'a', dense(each)],
        'PFCOUNT a',
        'PFCOUNT a a',
        'GET a',
        'PFDEBUG GETREG a',
        ['PFADD', 'a', ...elements('x', 0, 2000)],
        'GET a',
        'PFCOUNT a',
        ['PFADD', 'b', ...elements('y', 0, 100)],
        'PFMERGE b a',
        'GET b',
        'PFCOUNT b',
        'DEL b',
      ]),
    )
  })

  test('strings that are no HyperLogLog', () =>
    compare(
      [
        bytes(''),
        bytes('x'),
        bytes('12345'),
        bytes('HYLL'),
        bytes('HYLL\x01\0\0\0\0\0\0\0\0\0\0'),
        bytes(`HYLx${SPARSE}${VOID_COUNT}\x7f\xff`),
        bytes(`HYLL\x02\0\0\0${VOID_COUNT}\x7f\xff`),
        bytes(`HYLL\xff\0\0\0${VOID_COUNT}\x7f\xff`),
        dense(Buffer.alloc(12287)),
        dense(Buffer.alloc(12289)),
        dense(Buffer.alloc(0)),
      ].flatMap((value) => [
        ['SET', 'a', value],
        'PFADD a x',
        'PFADD a',
        'PFCOUNT a',
        'PFCOUNT missing a',
        'PFMERGE a missing',
        'PFMERGE missing a',
        'EXISTS missing',
        'PFDEBUG ENCODING a',
        'GET a',
      ]),
    ))

  // Not those that end within an opcode, as Redis reads on behind the end.
  test('corrupted sparse ones', () =>
    compare(
      [
        '',
        '\x7f\xff\0',
        '\x7f\xffhell!',
        '\x7f\xfe',
        '\x3f',
        '\x80\x7f\xff',
        '\x7f\xfd\x83',
        '\x83\x7f\xfb',
        '\x7f\xff\x7f\xff',
        '\xff'.repeat(4096),
        '\xff'.repeat(4097),
        '\xff'.repeat(4095),
        '\x80'.repeat(16384),
        '\x40\0'.repeat(16384),
      ].flatMap((opcodes) => [
        ['SET', 'a', sparse(opcodes)],
        'PFCOUNT a',
        'PFCOUNT a missing',
        'PFMERGE a',
        'PFMERGE missing a',
        'EXISTS missing',
        'PFDEBUG TODENSE a',
        'PFDEBUG GETREG a',
        ['SET', 'a', sparse(opcodes)],
        'PFDEBUG DECODE a',
        'PFADD a x',
        'GET a',
        'PFADD a y',
        'GET a',
        ['SET', 'a', sparse(opcodes, NO_COUNT)],
        'PFCOUNT a',
        'DEL a',
      ]),
    ))

  test('bytes overwritten at random', () => {
    const next = generator(4711)
    const script: Script = Array.from({ length: 200 }, () => {
      const from = next(1000)
      return [
        'DEL a',
        ['PFADD', 'a', ...elements('z', from, from + next(600) + 1)],
        ['SETRANGE', 'a', 8 + next(40), bytes(String.fromCharCode(next(256)))],
        ['SETRANGE', 'a', 16 + next(200), bytes(String.fromCharCode(next(256)))],
        'PFCOUNT a',
        'PFCOUNT a b',
        'PFMERGE c a',
        'GET a',
      ]
    }).flat()
    return compare(script)
  })

  test('errors', () =>
    compare([
      'PFADD',
      'PFCOUNT',
      'PFMERGE',
      'SET text hello',
      'PFADD text x',
      'PFCOUNT text',
      'PFMERGE text missing',
      'PFMERGE missing text',
      'COMMAND GETKEYS PFADD a b',
      'COMMAND GETKEYS PFCOUNT a b c',
      'COMMAND GETKEYS PFMERGE a b c',
      'COMMAND GETKEYS PFMERGE a',
      'COMMAND GETKEYS PFDEBUG GETREG a',
      'COMMAND GETKEYSANDFLAGS PFMERGE a b',
      'COMMAND GETKEYSANDFLAGS PFCOUNT a b',
    ]))
})
