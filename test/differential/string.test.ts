/** The string commands but SET's family and LCS, against the real server. */
import { test } from 'vitest'
import { differential } from './support/compare.ts'

const EDGES = [
  '0',
  '-0',
  '+1',
  '01',
  ' 1',
  '1 ',
  '',
  'x',
  '1.5',
  '2147483647',
  '-2147483649',
  '9007199254740991',
  '9007199254740992',
  '-9007199254740993',
  '9223372036854775807',
  '9223372036854775808',
  '-9223372036854775808',
  '-9223372036854775809',
  '99999999999999999999',
]

differential('strings', ({ compare }) => {
  test('GET, STRLEN and GETDEL', () =>
    compare([
      'GET none',
      'STRLEN none',
      'GETDEL none',
      ['SET', 'key', Uint8Array.of(0, 13, 10, 255)],
      'GET key',
      'STRLEN key',
      'GETDEL key',
      'EXISTS key',
      ['SET', '', ''],
      ['GET', ''],
      ['STRLEN', ''],
      'SET long ' + 'x'.repeat(5000),
      'STRLEN long',
      'GETDEL long',
      'GET',
      'GET a b',
      'STRLEN',
      'STRLEN a b',
      'GETDEL',
      'GETDEL a b',
    ]))

  test('INCR and DECR', () =>
    compare([
      'INCR n',
      'INCR n',
      'DECR n',
      'DECR none',
      'OBJECT ENCODING n',
      'GET n',
      'SET n 9223372036854775806',
      'INCR n',
      'INCR n',
      'GET n',
      'SET n -9223372036854775807',
      'DECR n',
      'DECR n',
      'INCR n',
      'SET n 9007199254740991',
      'INCR n',
      'INCR n',
      'DECR n',
      'DECR n',
      'SET n -9007199254740991',
      'DECR n',
      'DECR n',
      'INCR n',
      'SET n -1 EX 1000',
      'INCR n',
      'TTL n',
      'INCR',
      'INCR n 1',
      'DECR',
      'DECR n 1',
    ]))

  test('INCR of what is no number', () =>
    compare(EDGES.flatMap((edge) => [['SET', 'n', edge], 'INCR n', 'DECR n', 'GET n'])))

  test('INCRBY and DECRBY', () =>
    compare([
      ...EDGES.flatMap((edge) => [
        'SET n 10',
        ['INCRBY', 'n', edge],
        'SET n -10',
        ['DECRBY', 'n', edge],
        ['INCRBY', `a${edge}`, edge],
        ['DECRBY', `b${edge}`, edge],
        ['SET', 'n', edge],
        'INCRBY n 9223372036854775807',
        'DECRBY n 9223372036854775807',
        'INCRBY n -9223372036854775808',
        'DECRBY n 4611686018427387904',
        'GET n',
      ]),
      'INCRBY n',
      'DECRBY n',
      'INCRBY n 1 2',
    ]))

  test('INCRBYFLOAT', () =>
    compare([
      'INCRBYFLOAT f 10.50',
      'INCRBYFLOAT f 0.1',
      'INCRBYFLOAT f -5',
      'OBJECT ENCODING f',
      'INCRBYFLOAT f 5.0e3',
      'INCRBYFLOAT f 1e-17',
      'INCRBYFLOAT f 1e400',
      'STRLEN f',
      'INCRBYFLOAT f inf',
      'INCRBYFLOAT f nan',
      'INCRBYFLOAT f x',
      ['INCRBYFLOAT', 'f', ''],
      ['INCRBYFLOAT', 'f', ' 1'],
      ['INCRBYFLOAT', 'f', '1 '],
      'INCRBYFLOAT f 0x1p3',
      'SET f 3',
      'INCRBYFLOAT f 4',
      'OBJECT ENCODING f',
      'INCR f',
      'OBJECT ENCODING f',
      'SET f abc',
      'INCRBYFLOAT f 1',
      ['SET', 'f', ' 1'],
      'INCRBYFLOAT f 1',
      'SET f 1 EX 1000',
      'INCRBYFLOAT f 1.1',
      'TTL f',
      'SET f 9223372036854775807',
      'INCRBYFLOAT f 1',
      'INCRBYFLOAT none -0',
      'INCRBYFLOAT f',
      'INCRBYFLOAT f 1 2',
    ]))

  test('APPEND', () =>
    compare([
      'APPEND a 12',
      'OBJECT ENCODING a',
      'APPEND a 3',
      'OBJECT ENCODING a',
      'GET a',
      'INCR a',
      'OBJECT ENCODING a',
      ['APPEND', 'a', ''],
      'OBJECT ENCODING a',
      ['APPEND', 'empty', ''],
      'EXISTS empty',
      'SET e short EX 1000',
      'APPEND e er',
      'TTL e',
      ['APPEND', 'a', 'x'.repeat(4080)],
      ['APPEND', 'a', 'y'.repeat(20)],
      'GET a',
      ['APPEND', 'a', 'z'.repeat(3000)],
      'APPEND a end',
      'GET a',
      'STRLEN a',
      'APPEND a',
      'APPEND a b c',
    ]))

  test('SETRANGE', () =>
    compare([
      'SETRANGE s 0 hello',
      'OBJECT ENCODING s',
      'SETRANGE s 10 world',
      'GET s',
      'SETRANGE s 1 ELL',
      'GET s',
      ['SETRANGE', 's', 100, ''],
      ['SETRANGE', 'none', 100, ''],
      'EXISTS none',
      'SETRANGE zero 3 x',
      'GET zero',
      'SET n 1234',
      'SETRANGE n 1 0',
      'GET n',
      'OBJECT ENCODING n',
      'SETRANGE s 5000 far',
      'STRLEN s',
      'GET s',
      'SETRANGE s -1 x',
      'SETRANGE s x x',
      ...[...EDGES, '536870911', '536870912', '4294967296', '-1'].flatMap((edge) => [
        edge === '536870911' ? 'PING' : ['SETRANGE', 'none', edge, ''],
        Number(edge) > 1 ? ['SETRANGE', 's', edge, 'xx'] : ['SETRANGE', 's', edge, ''],
        Number(edge) > 1 ? ['SETRANGE', 'none', edge, 'xx'] : 'STRLEN s',
      ]),
      'EXISTS none',
      'STRLEN s',
      'SETRANGE s 1',
      'SETRANGE s 1 2 3',
    ]))

  test('GETRANGE and SUBSTR', () => {
    const indexes = ['0', '1', '2', '4', '5', '100', '-1', '-2', '-5', '-6', '-100']
    const pairs = indexes.flatMap((start) => indexes.map((end) => [start, end] as const))
    return compare([
      'SET s hello',
      'SET n 12345',
      ['SET', 'empty', ''],
      ...pairs.flatMap(([start, end]) => [
        ['GETRANGE', 's', start, end],
        ['SUBSTR', 'n', start, end],
        ['GETRANGE', 'empty', start, end],
      ]),
      ...EDGES.flatMap((edge) => [
        ['GETRANGE', 's', edge, -1],
        ['GETRANGE', 's', 0, edge],
        ['GETRANGE', 's', edge, edge],
        ['GETRANGE', 's', edge, '-9223372036854775808'],
        ['GETRANGE', 's', '-9223372036854775807', edge],
        ['SUBSTR', 'none', edge, '1'],
      ]),
      ['SET', 'long', 'abcdefgh'.repeat(1000)],
      'GETRANGE long 4090 4100',
      'GETRANGE long -10 -1',
      'GETRANGE s 1',
      'SUBSTR s 1',
      'GETRANGE s 1 2 3',
    ])
  })

  test('MGET, MSET and MSETNX', () =>
    compare([
      'MSET a 1 b 2 c 3',
      'MGET a b none c a',
      'MSET a x a yy a zzz',
      'GET a',
      'MSETNX d 1 e 2 d 3',
      'MGET d e',
      'MSETNX f 1 a 2',
      'EXISTS f',
      'MSET a 1 b',
      'MSETNX a 1 b',
      'MSETNX a',
      'MSET a',
      'MSET',
      'MGET',
      'SET a 1 EX 1000',
      ['MSET', 'a', 'x'.repeat(6000), 'b', 'y'.repeat(4096), 'a', 'z', 'b', 'z'.repeat(4097)],
      'TTL a',
      'MGET a b',
      ['MSET', 'a', 'q', 'new', '1', 'b', 'short', 'a', 'longer than it was', 'new', '2'],
      'MGET a b new',
      'DBSIZE',
      'OBJECT ENCODING new',
    ]))

  test('proto-max-bulk-len bounds what grows', () =>
    compare([
      'CONFIG SET proto-max-bulk-len 1048576',
      ['SET', 's', 'x'.repeat(1048570)],
      'APPEND s 123456',
      'APPEND s 7',
      'SETRANGE s 1048575 y',
      'SETRANGE s 1048576 y',
      'SETRANGE none 1048570 1234567',
      'EXISTS none',
      'CONFIG SET proto-max-bulk-len 512mb',
    ]))
})
