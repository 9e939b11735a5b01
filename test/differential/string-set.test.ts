/** SET and its variants, GETEX and what they do to expiry times, against the real server. */
import { test } from 'vitest'
import { differential } from './support/compare.ts'

const TIMES = [
  '0',
  '-1',
  'x',
  '',
  '1.5',
  '+1',
  '50000000',
  '9223372036854775807',
  '9223372036854775808',
  '9223372036854775',
  '9223372036854776',
  '9007199254740991',
  '9007199254740992',
  '9223370000000000',
  '9223370000000000000',
  '-9223372036854775808',
]

const WORDS = ['NX', 'XX', 'GET', 'KEEPTTL', 'EX', 'PX', 'EXAT', 'PXAT', 'PERSIST']
const withTime = (word: string): string[] =>
  /^[EP]X/.test(word) ? [word, word.endsWith('AT') ? '99999999999' : '1000'] : [word]

/** An integer to the nearest ten million, as the moment of a reply shows in its last digits. */
const roughly = (reply: string): string =>
  reply.replace(
    /^:(\d{4,})/,
    (_, digits: string) => `:${(BigInt(digits) + 5_000_000n) / 10_000_000n}`,
  )

differential('SET', ({ compare }) => {
  test('NX, XX and GET', () =>
    compare([
      'SET a 1 NX',
      'SET a 2 NX',
      'GET a',
      'SET a 3 XX',
      'SET b 3 XX',
      'SET a 4 GET',
      'SET b 4 GET',
      'SET b 5 GET NX',
      'SET c 5 NX GET',
      'GET b',
      'GET c',
      'SET d 1 XX GET',
      'EXISTS d',
      'SET c 6 xx get',
      'GET c',
      'SET c 7 GET GET',
      'SET a 1 NX XX',
      'SET a 1 XX NX',
      'SET a 1 NX NX',
      'SET a 1 XX XX',
      'SET a',
      'SET a 1 NOSUCH',
      ['SET', 'a', '1', ''],
    ]))

  test('every two options together', () =>
    compare(
      WORDS.flatMap((first) => [
        ['SET', 'a', '1', first],
        ...WORDS.flatMap((second) => [
          ['SET', 'a', '1', ...withTime(first), ...withTime(second)],
          ['SET', 'a', '1', first, second],
          ['GETEX', 'a', ...withTime(first), ...withTime(second)],
          ['GETEX', 'a', first, second],
          'DEL a',
          ['SET', 'a', '1', ...withTime(first), ...withTime(second), 'GET', 'PX'],
        ]),
      ]),
    ))

  test('every time that may be wrong', () =>
    compare([
      'SET a old',
      ...TIMES.flatMap((time) => [
        ...['EX', 'PX', 'EXAT', 'PXAT'].flatMap((word) => [
          ['SET', 'a', 'v', word, time],
          'GET a',
          { command: 'PTTL a', mask: roughly },
          'PERSIST a',
          'SET a old',
          ['GETEX', 'a', word, time],
          { command: 'PTTL a', mask: roughly },
          'GET a',
          ['GETEX', 'none', word, time],
          ['SET', 'none', 'v', 'XX', word, time],
          'SET a old',
        ]),
        ['SETEX', 'a', time, 'v'],
        ['PSETEX', 'a', time, 'v'],
        'SET a old',
      ]),
    ]))

  test('exact times are kept', () =>
    compare([
      'SET a 1 PXAT 9223372036854775807',
      'PEXPIRETIME a',
      'INCR a',
      'PEXPIRETIME a',
      'APPEND a x',
      'PEXPIRETIME a',
      'SET a 1 KEEPTTL',
      'PEXPIRETIME a',
      'SETRANGE a 5000 x',
      'PEXPIRETIME a',
      'SET a 1 EXAT 9223372036854775',
      'PEXPIRETIME a',
      'SET a 1',
      'PEXPIRETIME a',
      'GETEX a PXAT 9223372036854775806',
      'PEXPIRETIME a',
      'GETEX a PERSIST',
      'PEXPIRETIME a',
      'SET none 1 KEEPTTL',
      'TTL none',
    ]))

  test('a time that has passed', () =>
    compare([
      'SET a 1 EXAT 1',
      'GET a',
      'SET a 1 PXAT 1',
      'EXISTS a',
      'SET a 1',
      'GETEX a EXAT 1',
      'EXISTS a',
      'SET a 1',
      'GETEX a PXAT 1',
      'EXISTS a',
      'SET a 1 EX 100',
      'GETEX a',
      'TTL a',
      'GETEX',
    ]))

  test('SETNX, SETEX, PSETEX and GETSET', () =>
    compare([
      'SETNX a 1',
      'SETNX a 2',
      'GET a',
      'SETEX a 100 v',
      'TTL a',
      'GET a',
      'PSETEX a 100000 w',
      'TTL a',
      'GETSET a x',
      'TTL a',
      'GETSET none y',
      'GET none',
      'SETNX a',
      'SETEX a 1',
      'PSETEX a 1',
      'GETSET a',
      'SETEX a x v',
      'PSETEX a x v',
    ]))

  test('encodings', () =>
    compare(
      [
        '0',
        '-1',
        '123456789',
        '9223372036854775807',
        '9223372036854775808',
        '-9223372036854775808',
        '007',
        '1.5',
        '',
        'x'.repeat(44),
        'x'.repeat(45),
        'x'.repeat(5000),
      ].flatMap((value) => [
        ['SET', 'a', value],
        'OBJECT ENCODING a',
        ['GETSET', 'a', value],
        'OBJECT ENCODING a',
        ['SETEX', 'a', '100', value],
        'OBJECT ENCODING a',
        ['MSET', 'a', value],
        'OBJECT ENCODING a',
      ]),
    ))
})
