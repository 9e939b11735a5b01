/** The commands of bitmaps against the real server: replies, errors, and the bytes of the values. */
import { test } from 'vitest'
import { type Command, differential, type Script } from './support/compare.ts'

/** Numbers that look random and are the same in every run. */
function generator(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0
    return (state >>> 8) % below
  }
}

/** Strings of all the ways in which they are kept, and on both sides of where a word ends. */
const VALUES: readonly Uint8Array[] = [
  '',
  '\0',
  '\x01',
  '\xff',
  '12345',
  '-1',
  '\0\0\0\0',
  '\xff\xff\xff\xff',
  'hello',
  '\0'.repeat(15),
  `${'\0'.repeat(17)}\x10${'\0'.repeat(20)}`,
  `${'\xff'.repeat(33)}\xef${'\xff'.repeat(40)}`,
  `${'\0'.repeat(60)}\xff`,
  'abc'.repeat(40),
  '\xff'.repeat(100),
  `${'\xff'.repeat(4999)}\xfe`,
].map((text) => Buffer.from(text, 'latin1'))

const INDEXES = [
  ...['0', '1', '2', '7', '8', '9', '31', '35', '130', '-1', '-2', '-8', '-9', '-100', '100000'],
  ...['4294967296', '9223372036854775807', '-9223372036854775808', '9223372036854775808', 'x', ''],
]

const state = (key: string): Command[] => [
  ['GET', key],
  ['OBJECT', 'ENCODING', key],
  ['PTTL', key],
]

differential('bitmaps', ({ compare }) => {
  test('SETBIT and GETBIT', () =>
    compare([
      'SETBIT a 0 1',
      ...state('a'),
      'SETBIT a 7 1',
      'SETBIT a 7 1',
      'SETBIT a 7 0',
      'SETBIT a 6 0',
      'SETBIT a 40000 1',
      'SETBIT a 50000 0',
      'STRLEN a',
      ...state('a'),
      ...['0', '1', '6', '7', '8', '39999', '40000', '40007', '50007', '50008', '4294967295'].map(
        (offset) => `GETBIT a ${offset}`,
      ),
      'GETBIT none 5',
      'SET n 123',
      'GETBIT n 2',
      'GETBIT n 23',
      'GETBIT n 24',
      'OBJECT ENCODING n',
      'SETBIT n 2 1',
      ...state('n'),
      'SET n 123',
      'SETBIT n 23 0',
      ...state('n'),
      'SET e short EX 1000',
      'SETBIT e 100 1',
      'TTL e',
      'OBJECT ENCODING e',
    ]))

  test('errors of SETBIT and GETBIT', () =>
    compare([
      'RPUSH list x',
      ...['-1', '4294967296', '9223372036854775808', '1.5', 'x', '', '01', '#1'].flatMap(
        (offset) => [
          ['SETBIT', 'a', offset, '1'],
          ['SETBIT', 'list', offset, '1'],
          ['GETBIT', 'a', offset],
          ['GETBIT', 'list', offset],
        ],
      ),
      ...['2', '-1', 'x', '', '9223372036854775808', '4294967296'].flatMap((bit) => [
        ['SETBIT', 'a', '0', bit],
        ['SETBIT', 'list', '0', bit],
      ]),
      'SETBIT list 0 1',
      'GETBIT list 0',
      'EXISTS a',
      'SETBIT a 0',
      'GETBIT a',
      'SETBIT a 0 1 2',
    ]))

  test('BITCOUNT of all ranges', () => {
    const script: Script = VALUES.flatMap((value, i) => [
      ['SET', `k${i}`, value],
      ['BITCOUNT', `k${i}`],
      ...INDEXES.flatMap((start) =>
        INDEXES.flatMap((end) => [
          ['BITCOUNT', `k${i}`, start, end],
          ['BITCOUNT', `k${i}`, start, end, 'BIT'],
          ['BITCOUNT', `k${i}`, start, end, 'byte'],
        ]),
      ),
    ])
    return compare(script)
  })

  test('BITPOS of all ranges', () => {
    const script: Script = VALUES.flatMap((value, i) =>
      ['0', '1'].flatMap((bit) => [
        ['SET', `k${i}`, value],
        ['BITPOS', `k${i}`, bit],
        ...INDEXES.flatMap((start) => [
          ['BITPOS', `k${i}`, bit, start],
          ...INDEXES.flatMap((end) => [
            ['BITPOS', `k${i}`, bit, start, end],
            ['BITPOS', `k${i}`, bit, start, end, 'bit'],
            ['BITPOS', `k${i}`, bit, start, end, 'BYTE'],
          ]),
        ]),
      ]),
    )
    return compare(script)
  })

  test('errors of BITCOUNT and BITPOS', () =>
    compare([
      'RPUSH list x',
      'SET a abc',
      ...['none', 'list', 'a'].flatMap((key) => [
        `BITCOUNT ${key}`,
        `BITCOUNT ${key} 0`,
        `BITCOUNT ${key} x 0`,
        `BITCOUNT ${key} 0 x`,
        `BITCOUNT ${key} 0 1 BITS`,
        `BITCOUNT ${key} -1 -3 BITS`,
        `BITCOUNT ${key} 0 1 BIT x`,
        `BITPOS ${key} 2`,
        `BITPOS ${key} x`,
        `BITPOS ${key} -1 y z`,
        `BITPOS ${key} 0 x`,
        `BITPOS ${key} 0 0 x`,
        `BITPOS ${key} 0 0 x BITS`,
        `BITPOS ${key} 0 0 1 BITS`,
        `BITPOS ${key} 0 x 1 BITS`,
        `BITPOS ${key} 0 0 1 BIT x`,
        `BITPOS ${key} 4294967297`,
      ]),
      'BITCOUNT',
      'BITPOS',
      'BITPOS a',
    ]))

  test('BITOP of strings of all lengths', () => {
    const keys = VALUES.map((_, i) => `k${i}`)
    const next = generator(3)
    const operations = ['AND', 'or', 'Xor']
    const script: Script = [
      ...VALUES.map((value, i) => ['SET', keys[i]!, value]),
      ...keys.flatMap((key) => [
        ['BITOP', 'NOT', 'target', key],
        ['GET', 'target'],
        ...operations.flatMap((operation) => [
          ['BITOP', operation, 'target', key],
          ['GET', 'target'],
          ...keys.flatMap((other) => [
            ['BITOP', operation, 'target', key, other],
            ['GET', 'target'],
          ]),
          ['BITOP', operation, 'target', key, 'none'],
          ['GET', 'target'],
          ['BITOP', operation, 'target', 'none', key],
          ['GET', 'target'],
        ]),
      ]),
      ...Array.from({ length: 200 }, () => [
        [
          'BITOP',
          operations[next(3)]!,
          'target',
          ...Array.from({ length: 1 + next(20) }, () => keys[next(keys.length)]!),
        ],
        ['GET', 'target'],
      ]).flat(),
    ]
    return compare(script)
  })

  test('where BITOP stores', () =>
    compare([
      'SET a 123 EX 1000',
      'SET b 45',
      'BITOP OR a a b',
      ...state('a'),
      'BITOP AND b a',
      ...state('b'),
      'RPUSH list x',
      'BITOP OR list a b',
      'TYPE list',
      'BITOP NOT a a',
      ...state('a'),
      'BITOP OR a none other',
      'EXISTS a',
      'BITOP NOT none none',
      'EXISTS none',
      ['SET', 'empty', ''],
      'BITOP XOR b empty none',
      'EXISTS b',
    ]))

  test('errors of BITOP', () =>
    compare([
      'SET a abc',
      'RPUSH list x',
      'BITOP NOR t a',
      'BITOP NOT t a a',
      'BITOP NOT t list list',
      'BITOP NOT t list',
      'BITOP AND t a list a',
      'BITOP AND t',
      'BITOP',
      'EXISTS t',
      'COMMAND GETKEYS BITOP AND t a b',
      'COMMAND GETKEYSANDFLAGS BITOP AND t a b',
    ]))

  test('BITFIELD at all widths and offsets', () => {
    const next = generator(11)
    const numbers = ['0', '1', '-1', '127', '128', '-128', '-129', '255', '256', '2147483648']
    const large = [
      ...['4294967295', '-2147483649', '9007199254740993', '-9007199254740993'],
      ...['9223372036854775807', '-9223372036854775808', '-9223372036854775807'],
      ...['4503599627370496', '4503599627370497', '-9223372036854775681', '-9223372036854775680'],
    ]
    const all = [...numbers, ...large]
    const script: Script = Array.from({ length: 1500 }, (_, i) => {
      const bits = 1 + next(64)
      const type = `${bits < 64 && next(2) === 0 ? 'u' : 'i'}${bits}`
      const offset = next(3) === 0 ? `#${next(5)}` : String(next(150))
      const number = all[next(all.length)]!
      return [
        ...(i % 100 === 0 ? ['DEL f'] : []),
        [
          'BITFIELD',
          'f',
          ...['GET', type, offset, 'OVERFLOW', ['WRAP', 'sat', 'Fail'][next(3)]!],
          ...[next(2) === 0 ? 'SET' : 'incrby', type, offset, number, 'GET', type, offset],
          ...['INCRBY', type, offset, String(next(300) - 150), 'get', type, offset],
        ],
        ['BITFIELD_RO', 'f', 'GET', type, offset, 'get', 'i64', '3'],
        'GET f',
      ]
    }).flat()
    return compare(script)
  })

  test('the least integers set with saturation', () =>
    compare(
      [
        'i1',
        'i2',
        'i8',
        'i31',
        'i32',
        'i33',
        'i63',
        'i64',
        'u1',
        'u8',
        'u32',
        'u33',
        'u63',
      ].flatMap((type) =>
        ['-9223372036854775808', '-9223372036854775800', '-9223372036854775000'].map(
          (number) => `BITFIELD f OVERFLOW SAT SET ${type} 0 ${number} GET ${type} 0`,
        ),
      ),
    ))

  test('what BITFIELD does to a key', () =>
    compare([
      'BITFIELD a',
      'BITFIELD_RO a',
      'BITFIELD a OVERFLOW WRAP',
      'BITFIELD a GET u8 100 GET i64 #3',
      'EXISTS a',
      'BITFIELD a OVERFLOW FAIL INCRBY u2 100 7',
      'BITFIELD a INCRBY u2 100 7 OVERFLOW FAIL',
      ...state('a'),
      'BITFIELD a SET u8 0 0',
      ...state('a'),
      'SET n 123 EX 1000',
      'BITFIELD n GET u8 0 GET u16 16',
      'OBJECT ENCODING n',
      'BITFIELD n INCRBY u8 0 0',
      'OBJECT ENCODING n',
      'BITFIELD n SET u4 #10 15',
      'GET n',
      'TTL n',
      'BITFIELD big SET u63 30000 77',
      'STRLEN big',
      'BITFIELD edge SET u8 4294967295 1 GET u8 4294967295',
      'STRLEN edge',
      'DEL edge',
    ]))

  test('errors of BITFIELD', () =>
    compare([
      'RPUSH list x',
      'BITFIELD list',
      'BITFIELD list GET u8 0',
      'BITFIELD list SET u8 0 0',
      'BITFIELD_RO list',
      'BITFIELD_RO list SET u8 0 0',
      'BITFIELD_RO a OVERFLOW WRAP GET u8 0',
      'BITFIELD_RO a OVERFLOW WRAP SET u8 0 x',
      ...[
        'u0',
        'u64',
        'i0',
        'i65',
        'u',
        'i',
        '',
        'x8',
        'U8',
        'u08',
        'u8 ',
        'i-1',
        'u8\0x',
        '8',
      ].map((type) => ['BITFIELD', 'a', 'GET', type, '0']),
      ...[
        ...[
          '-1',
          '4294967296',
          '4294967295',
          '#4294967295',
          '#536870912',
          '#536870911',
          '#-1',
          '#',
        ],
        ...['#x', 'x', '', '#01', '9223372036854775807', '9223372036854775808', '##1'],
        // Their product begins anew behind 2^63.
        ...[
          '#2305843009213693952',
          '#2305843009213693953',
          '#1152921504606846976',
          '#-2305843009213693951',
        ],
      ].map((offset) => ['BITFIELD', 'a', 'GET', 'u8', offset]),
      'BITFIELD a GET u8',
      'BITFIELD a GET',
      'BITFIELD a SET u8 0',
      'BITFIELD a SET u8 0 x',
      'BITFIELD a SET u8 0 9223372036854775808',
      'BITFIELD a INCRBY u8 0 1.5',
      'BITFIELD a OVERFLOW',
      'BITFIELD a OVERFLOW x',
      'BITFIELD a OVERFLOW x GET u8 0',
      'BITFIELD a GET u8 0 nosuch',
      'BITFIELD a SET u8 0 1 GET u99 0',
      'EXISTS a',
      'BITFIELD',
      'BITFIELD_RO',
      'COMMAND GETKEYSANDFLAGS BITFIELD a GET u8 0',
      'COMMAND GETKEYSANDFLAGS BITFIELD a GET u8 0 OVERFLOW WRAP',
      'COMMAND GETKEYSANDFLAGS BITFIELD a GET u8 0 SET u8 0 1',
      'COMMAND GETKEYSANDFLAGS BITFIELD a nosuch',
    ]))
})
