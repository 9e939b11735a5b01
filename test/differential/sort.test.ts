/** SORT and SORT_RO against the real server. */
import { test } from 'vitest'
import { type Command, differential, type Step } from './support/compare.ts'

const LONG = 'l'.repeat(300)

/** The same elements as a list, a set and a sorted set, whose scores say another order. */
function everywhere(elements: readonly string[]): Command[] {
  return [
    ['RPUSH', 'list', ...elements],
    ['SADD', 'set', ...elements],
    ['ZADD', 'zset', ...elements.flatMap((element, i) => [String((i * 7) % 5), element])],
  ]
}

const SOURCES = ['list', 'set', 'zset']

/** Each way of sorting of each source. */
function sorted(...options: string[]): Command[] {
  return SOURCES.flatMap((source): Command[] => [
    ['SORT', source, ...options],
    ['SORT_RO', source, ...options],
    ['SORT', source, ...options, 'STORE', 'result'],
    'LRANGE result 0 -1',
    'TYPE result',
  ])
}

const ORDERS = [[], ['DESC'], ['ALPHA'], ['ALPHA', 'DESC'], ['DESC', 'ASC'], ['desc', 'alpha']]

const LIMITS = [
  ...[
    ['0', '3'],
    ['2', '3'],
    ['-1', '3'],
    ['0', '-1'],
    ['5', '-5'],
    ['0', '0'],
  ],
  ...[
    ['100', '3'],
    ['9', '1'],
    ['10', '1'],
    ['0', '100'],
    ['9223372036854775807', '1'],
  ],
  ...[
    ['0', '9223372036854775807'],
    ['-9223372036854775808', '-9223372036854775808'],
  ],
]

/** What overflows or underflows is left out: Redis then takes numbers after it for bad ones, too. */
const NUMBERS = [
  ...['x', '1x', ' ', '1 ', 'nan', '-nan', '0x', '1e', '.', '-', '+', '0x1p', '1.5.5', LONG],
  ...[
    '',
    ' 1',
    '\t\n 2',
    '+3',
    '0x10',
    '1e3',
    'inf',
    '-Infinity',
    '1\0x',
    '\0',
    '0x1p3',
    '.5',
    '5.',
  ],
  ...['9223372036854775807', '9223372036854775808', '1e308', '-0', '2.2250738585072014e-308'],
]

differential('SORT', ({ compare }) => {
  test('numbers', () =>
    compare([
      ...everywhere(['10', '9', '-3', '2.5', '1e2', '0', '-0.5', '007', '7', '100']),
      ...ORDERS.flatMap((order) => sorted(...order)),
      'RPUSH same 1 1.0 01 1 +1 1e0',
      'SORT same',
      'SORT same DESC',
    ]))

  test('texts', () =>
    compare([
      ...everywhere([
        'b',
        'a',
        'B',
        'ab',
        'abc\0b',
        'c\0',
        '\xff',
        '\xe9',
        '',
        LONG,
        `${LONG}x`,
        '10',
      ]),
      ...ORDERS.filter((order) => /alpha/i.test(order.join())).flatMap((order) => sorted(...order)),
      'SORT list',
      'SORT set STORE result',
      'EXISTS result',
    ]))

  test('LIMIT', () =>
    compare([
      ...everywhere(['10', '9', '8', '7', '6', '5', '4', '3', '2', '1']),
      ...LIMITS.flatMap((limit) => [
        ...sorted('LIMIT', ...limit),
        ...sorted('LIMIT', ...limit, 'DESC'),
        ...sorted('BY', 'w_*', 'LIMIT', ...limit),
        ...sorted('LIMIT', ...limit, 'GET', '#', 'GET', 'w_*'),
        ...['list', 'zset'].flatMap((source): Command[] => [
          ['SORT', source, 'BY', 'nosort', 'LIMIT', ...limit],
          ['SORT', source, 'LIMIT', ...limit, 'BY', 'nosort', 'DESC'],
          ['SORT', source, 'LIMIT', ...limit, 'BY', 'nosort', 'DESC', 'STORE', 'result'],
          'LRANGE result 0 -1',
        ]),
        ['SORT', 'none', 'LIMIT', ...limit],
        ['SORT', 'none', 'BY', 'nosort', 'LIMIT', ...limit],
      ]),
    ]))

  test('what is a number', () =>
    compare(
      NUMBERS.flatMap((text): Command[] => [
        'DEL l s',
        ['RPUSH', 'l', '1', text, '-1'],
        'SORT l',
        'SORT l LIMIT 0 1',
        'SORT l BY nosort',
        ['SET', 'w_1', text],
        'RPUSH s 1 2 3',
        'SORT s BY w_*',
        'SORT s BY w_* ALPHA',
        'SORT s BY w_* STORE l',
        'LRANGE l 0 -1',
      ]),
    ))

  test('BY', () =>
    compare([
      ...everywhere(['1', '2', '3', '4', '5']),
      'MSET w_1 30 w_2 20 w_3 10 w_5 20',
      'HSET h_1 f 3 g x',
      'HSET h_2 f 2 g y',
      'HSET h_3 f 1',
      'HSET h_4 g a',
      'RPUSH w_4 x',
      'SET h_5 x',
      ...sorted('BY', 'w_*'),
      ...sorted('BY', 'w_*', 'DESC'),
      ...sorted('BY', 'h_*->f'),
      ...sorted('BY', 'h_*->f', 'DESC'),
      ...sorted('BY', 'none_*'),
      ...sorted('BY', 'none_*', 'DESC'),
      ...sorted('BY', 'nosort', 'BY', 'w_*').filter((command) => command[1] !== 'set'),
      ...sorted('BY', 'none_*', 'BY', 'w_*'),
      'SORT list BY w_* ALPHA',
      'SORT list BY w_* ALPHA DESC',
      'SORT list BY h_*->g ALPHA',
      'SORT list BY h_*->g ALPHA DESC',
      'SORT list BY h_*->g',
      'SORT list BY *',
      'SORT list BY * ALPHA',
      'SORT set BY nosort STORE result',
      'LRANGE result 0 -1',
      'SORT set BY nosort DESC STORE result',
      'LRANGE result 0 -1',
      'SORT set BY nosort DESC LIMIT 1 2 STORE result',
      'LRANGE result 0 -1',
      { command: 'SORT set BY nosort', unordered: 'elements' },
      'SORT list BY #',
      'SORT list BY # DESC',
      'SORT zset BY x',
      'SORT zset BY x DESC',
      'SORT zset BY x DESC STORE result',
      'LRANGE result 0 -1',
    ]))

  test('weights with NULs', () =>
    compare([
      'RPUSH list 1 2 3',
      ['MSET', 'w_1', 'a\0c', 'w_2', 'a\0b', 'w_3', 'a'],
      'SORT list BY w_* ALPHA',
      'SORT list BY w_* ALPHA DESC',
      'SORT list BY w_* ALPHA STORE result',
      'LRANGE result 0 -1',
      'SORT list BY w_* ALPHA DESC STORE result',
      'LRANGE result 0 -1',
    ]))

  test('GET', () =>
    compare([
      ...everywhere(['3', '1', '2']),
      'MSET w_1 one w_2 2 k3k three 1 own',
      ['SET', 'w_3', LONG],
      'HSET h_1 f 3 - x -> y',
      'HSET h_2->f f 2',
      'HSET h_2 f->g 5 * 6',
      'HSET h_2-> f 5',
      'SET h_1-> arrow',
      'RPUSH l_1 x',
      ...[
        ['#'],
        ['w_*'],
        ['#', 'w_*', '#'],
        ['nosuch_*'],
        ['fixed'],
        ['w_1'],
        ['k*k', '*'],
        ['h_*->f', 'h_*->g'],
        ['h_*->'],
        ['h_*->->'],
        ['h_*->*', 'h_*->-'],
        ['h_*->f->g'],
        ['h_*->f->f'],
        ['l_*', 'l_*->f', 'w_*->f', 'h_*'],
        ['w_**', '**'],
        [''],
        ['->f', '->*'],
        ['##'],
        ['#\0x', 'w_\0*', 'w_*\0', 'h_*->f\0', 'h_*->\0f', 'h_*\0->f'],
      ].flatMap((patterns) => sorted(...patterns.flatMap((pattern) => ['GET', pattern]))),
    ]))

  test('STORE', () =>
    compare([
      'RPUSH l 3 1 2',
      'SET dest x EX 100',
      'SORT l STORE dest',
      'TTL dest',
      'LRANGE dest 0 -1',
      'SORT l DESC STORE l',
      'LRANGE l 0 -1',
      'SORT l STORE one STORE two',
      'EXISTS one two',
      'SORT none STORE two',
      'EXISTS two',
      'SORT none STORE two',
      'SORT l LIMIT 0 0 STORE dest',
      'EXISTS dest',
      ['RPUSH', 'big', ...Array.from({ length: 3000 }, (_, i) => String((i * 7919) % 3000))],
      'SORT big STORE dest',
      'OBJECT ENCODING dest',
      'LRANGE dest 0 -1',
      'SORT big ALPHA DESC LIMIT 10 20 STORE dest',
      'LRANGE dest 0 -1',
      'SORT big STORE big GET x_*',
      'LRANGE big 0 20',
    ]))

  test('it wakes who waits for the result', () =>
    compare([
      'RPUSH l 3 1 2',
      { client: 1, command: 'BLPOP dest 0', sendOnly: true },
      { client: 2, command: 'PING' },
      'SORT l STORE dest',
      { client: 1, receive: true },
      'LRANGE dest 0 -1',
    ]))

  test('errors', () =>
    compare([
      'RPUSH l 1 2 3',
      'SET string x',
      'HSET hash f x',
      'SORT',
      'SORT_RO',
      ...[
        'l NOSUCH',
        'l BY',
        'l GET',
        'l STORE',
        'l LIMIT',
        'l LIMIT 1',
        'l LIMIT x 1',
        'l LIMIT 1 x',
        'l LIMIT 9223372036854775808 1',
        'l LIMIT 1.5 1',
        'l LIMIT x 1 NOSUCH',
        'l NOSUCH LIMIT x 1',
        'l ASC DESC ALPHA x',
        'string',
        'hash',
        'string NOSUCH',
        'string LIMIT x 1',
        'hash BY nosort LIMIT 0 0',
        'hash BY nosort GET # STORE l',
        'l STORE string BY',
      ].flatMap((rest): Command[] => [`SORT ${rest}`, `SORT_RO ${rest}`]),
      'SORT_RO l STORE dest',
      'LRANGE l 0 -1',
    ]))

  test('COMMAND GETKEYS', () =>
    compare(
      [
        'SORT l',
        'SORT l STORE dest',
        'SORT l STORE a STORE b',
        'SORT l BY STORE x STORE dest GET STORE STORE',
        'SORT l LIMIT STORE x STORE dest',
        'SORT l STORE',
        'SORT l NOSUCH STORE dest',
        'SORT_RO l',
        'SORT_RO l BY w_* STORE x',
      ].flatMap((request): Step[] => [
        { command: `COMMAND GETKEYS ${request}` },
        { command: `COMMAND GETKEYSANDFLAGS ${request}` },
      ]),
    ))

  test('statistics of keys looked up', () =>
    compare([
      'RPUSH l 1 2 3',
      'MSET w_1 3 w_2 2',
      'CONFIG RESETSTAT',
      'SORT l BY w_* GET # GET none_* GET fixed',
      {
        command: 'INFO stats',
        mask: (reply) => reply.match(/keyspace_\w+:\d+/g)?.join(' ') ?? reply,
      },
    ]))
})
