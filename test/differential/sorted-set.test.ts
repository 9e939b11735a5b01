/** The sorted set commands but the set operations, against the real server. */
import { test } from 'vitest'
import { type Command, differential } from './support/compare.ts'

const INTEGERS = [
  '0',
  '1',
  '-1',
  '2',
  '-3',
  '100',
  '2147483648',
  '4294967296',
  '9007199254740993',
  '9223372036854775807',
  '-9223372036854775808',
  '9223372036854775808',
  'x',
  '',
  '1.5',
]
const SCORE_ENDS = ['-inf', '+inf', 'inf', '(1', '2', '(2', '1e400', '-1e400', '', '(', ' 1', '1 ', 'x', 'nan', '((1', '0x10', '1e', '(inf'] // biome-ignore format: one row
const LEX_ENDS = ['-', '+', '[a', '(a', '[c', '(c', '[', '(', 'a', '', '--', '+x', '[zz']

/** A small set, and under another key the same in the large form. */
const FILLED: readonly Command[] = [
  'ZADD small 1 a 2 b 2 c 3 d 3.5 e -inf f inf g 0 h',
  ['ZADD', 'large', '1', 'a', '2', 'b', '2', 'c', '3', 'd', '3.5', 'e', '-inf', 'f', 'inf', 'g', '0', 'h', '7', 'z'.repeat(100)], // biome-ignore format: one row
  'ZADD lex 0 a 0 b 0 c 0 d 0 e 0 bb',
  ['ZADD', 'lexl', '0', 'a', '0', 'b', '0', 'c', '0', 'd', '0', 'e', '0', 'bb', '0', 'z'.repeat(70)], // biome-ignore format: one row
  'SET string x',
]
const KEYS = ['small', 'large', 'none', 'string']
const LEX_KEYS = ['lex', 'lexl', 'none', 'string', 'small']

const DUMP = ['small', 'large', 'lex', 'lexl'].flatMap((key) => [
  `ZRANGE ${key} 0 -1 WITHSCORES`,
  `OBJECT ENCODING ${key}`,
])

differential('sorted sets', { flags: ['--enable-debug-command', 'yes'] }, ({ compare }) => {
  test('ZADD with all options', () =>
    compare([
      ...FILLED,
      ...['NX', 'XX', 'GT', 'LT', 'CH', 'NX CH', 'XX GT', 'XX LT CH', 'GT CH', 'NX GT', 'GT LT', 'XX NX', 'nx nx'].flatMap((options) => KEYS.flatMap((key) => [`ZADD ${key} ${options} 2.5 a 1 b 2 new`, `ZADD ${key} ${options} INCR 2 a`, `ZADD ${key} ${options} INCR -2 b`, `ZADD ${key} ${options} INCR 2 new2`, `ZRANGE ${key} 0 -1 WITHSCORES`])), // biome-ignore format: one row
      'ZADD small',
      'ZADD small 1',
      'ZADD small NX 1',
      'ZADD small NX XX',
      'ZADD small 1 a 2',
      'ZADD small INCR 1 a 2 b',
      'ZADD small x a',
      'ZADD small 1 a x b',
      'ZADD small nan a',
      ['ZADD', 'small', '', 'a'],
      'ZADD small inf x',
      'ZADD small INCR -inf x',
      'ZADD small INCR -inf g',
      'ZADD small INCR inf g',
      'ZADD small 0x10 hex 1e2 exp +5 plus -0 minus',
      'ZADD large -0 minus',
      'ZSCORE small minus',
      'ZSCORE large minus',
      'ZADD only XX 1 a',
      'EXISTS only',
      'ZADD twice 1 a 2 a 3 a',
      'ZADD twice CH 1 a 2 a 2 a',
      'ZADD newnx NX 2 a 3 a 1 a 4 b',
      'ZADD newgt GT CH 2 a 3 a 1 a 4 b',
      'ZADD newlt LT 2 a 3 a 1 a 4 b',
      'ZMSCORE newnx a b',
      'ZMSCORE newgt a b',
      'ZMSCORE newlt a b',
      'ZADD string x a',
      'ZADD string 1 a',
      'ZADD string 1',
      ...DUMP,
    ]))

  test('ZINCRBY, ZSCORE, ZMSCORE, ZCARD', () =>
    compare([
      ...FILLED,
      ...KEYS.flatMap((key) => [
        `ZINCRBY ${key} 1.5 a`,
        `ZINCRBY ${key} -4 b`,
        `ZINCRBY ${key} 1e20 new`,
        `ZINCRBY ${key} x a`,
        `ZINCRBY ${key} nan a`,
        `ZINCRBY ${key} -inf g`,
        `ZINCRBY ${key} inf g`,
        `ZINCRBY ${key} NX a`,
        `ZSCORE ${key} a`,
        `ZSCORE ${key} nosuch`,
        `ZMSCORE ${key} a nosuch b a g`,
        `ZCARD ${key}`,
      ]),
      'ZINCRBY small 1',
      'ZSCORE small',
      'ZMSCORE small',
      'ZCARD',
      'ZCARD small x',
      ...DUMP,
    ]))

  test('ZRANK, ZREVRANK, ZREM', () =>
    compare([
      ...FILLED,
      ...KEYS.flatMap((key) => [
        ...['a', 'b', 'c', 'g', 'f', 'nosuch'].flatMap((member) => [
          `ZRANK ${key} ${member}`,
          `ZREVRANK ${key} ${member}`,
        ]),
        `ZREM ${key} a nosuch c a`,
        `ZREM ${key} nosuch`,
        `ZRANK ${key} b`,
        `ZREM ${key} b d e f g h ${'z'.repeat(100)}`,
        `EXISTS ${key}`,
      ]),
      'ZREM small',
      'ZRANK small',
    ]))

  test('ranges of ranks', () =>
    compare([
      ...FILLED,
      ...KEYS.flatMap((key) =>
        INTEGERS.flatMap((start) => [
          ...['0', '-1', '3', '-9223372036854775808', '9223372036854775807', 'x'].flatMap(
            (stop): Command[] => [
              ['ZRANGE', key, start, stop],
              ['ZRANGE', key, start, stop, 'REV', 'WITHSCORES'],
              ['ZREVRANGE', key, start, stop, 'WITHSCORES'],
            ],
          ),
        ]),
      ),
    ]))

  test('ranges of scores', () =>
    compare([
      ...FILLED,
      ...KEYS.flatMap((key) =>
        SCORE_ENDS.flatMap((min) =>
          SCORE_ENDS.flatMap((max): Command[] => [
            ['ZCOUNT', key, min, max],
            ['ZRANGEBYSCORE', key, min, max, 'WITHSCORES', 'LIMIT', '1', '2'],
            ['ZREVRANGEBYSCORE', key, max, min],
          ]),
        ),
      ),
      ...INTEGERS.flatMap(
        (offset) =>
        INTEGERS.map((count): Command => ['ZRANGE', 'large', '-inf', '5', 'BYSCORE', 'LIMIT', offset, count]), // biome-ignore format: one row
      ),
    ]))

  test('ranges of members', () =>
    compare([
      ...FILLED,
      ...LEX_KEYS.flatMap((key) =>
        LEX_ENDS.flatMap((min) =>
          LEX_ENDS.flatMap((max): Command[] => [
            ['ZLEXCOUNT', key, min, max],
            ['ZRANGEBYLEX', key, min, max],
            ['ZREVRANGEBYLEX', key, max, min, 'LIMIT', '1', '2'],
          ]),
        ),
      ),
    ]))

  test('options of ZRANGE and ZRANGESTORE', () =>
    compare([
      ...FILLED,
      ...['small', 'large', 'lex', 'lexl', 'none', 'string'].flatMap(
        (key) =>
        ['0 -1', '0 -1 REV', '1 3 BYSCORE', '3 1 BYSCORE REV', '1 3 BYSCORE LIMIT 1 1', '- + BYLEX', '+ - BYLEX REV LIMIT 1 3', '0 -1 LIMIT 0 5', '0 -1 LIMIT 0 -1', '0 -1 LIMIT 1 -1', '0 -1 REV LIMIT -1 -1', '0 -1 LIMIT 0 -2', '1 3 BYSCORE BYLEX', '1 3 BYSCORE BYSCORE', '0 -1 REV REV', '1 3 BYSCORE LIMIT 1', '1 3 BYSCORE LIMIT x y', '- + BYLEX WITHSCORES', '0 -1 NOSUCH', '1 2 BYSCORE LIMIT 1 1 LIMIT 0 1', '9 5', '(1 inf BYSCORE', 'a b BYLEX', 'a b BYSCORE', 'a b'].flatMap((range) => [`ZRANGE ${key} ${range}`, `ZRANGE ${key} ${range} WITHSCORES`, `ZRANGESTORE target ${key} ${range}`, `ZRANGESTORE string2 ${key} ${range} WITHSCORES`, 'ZRANGE target 0 -1 WITHSCORES', 'OBJECT ENCODING target']), // biome-ignore format: one row
      ),
      'ZRANGESTORE string small 0 2',
      'TYPE string',
      'PEXPIRE string 100000',
      'ZRANGESTORE string small 0 2',
      'TTL string',
      'ZRANGESTORE small small 0 2',
      'ZRANGE small 0 -1',
      'ZRANGEBYSCORE small 1 2 REV',
      'ZRANGEBYSCORE small 1 2 BYLEX',
      'ZREVRANGE small 0 -1 LIMIT 1 1',
      'ZREVRANGE small 0 -1 LIMIT 0 -1',
      'ZREVRANGE small 0 -1 LIMIT 1 -1',
      'ZRANGEBYLEX lex - + WITHSCORES',
      'ZRANGE small 0',
      'ZRANGESTORE a b 0',
    ]))

  test('removing ranges', () =>
    compare([
      ...['0 0', '-1 -1', '2 4', '5 2', '-100 1', '6 100', 'x 1', '9223372036854775808 1', '0 -1', '0 0'].flatMap((range) => [...(range === '0 -1' ? [] : FILLED), ...KEYS.map((key) => `ZREMRANGEBYRANK ${key} ${range}`), ...DUMP]), // biome-ignore format: one row
      ...SCORE_ENDS.flatMap((min): Command[] => [...FILLED, ...KEYS.map((key): Command => ['ZREMRANGEBYSCORE', key, min, '3']), ...DUMP]), // biome-ignore format: one row
      ...LEX_ENDS.flatMap((max): Command[] => [...FILLED, ...LEX_KEYS.map((key): Command => ['ZREMRANGEBYLEX', key, '[b', max]), ...DUMP]), // biome-ignore format: one row
      'ZREMRANGEBYRANK large 0',
      'ZREMRANGEBYSCORE large 0',
      'ZREMRANGEBYLEX large 0 1 2',
    ]))

  test('ZPOPMIN, ZPOPMAX, ZMPOP', () =>
    compare([
      ...FILLED,
      ...KEYS.flatMap((key) => [
        `ZPOPMIN ${key}`,
        `ZPOPMAX ${key}`,
        `ZPOPMIN ${key} 2`,
        `ZPOPMAX ${key} 1`,
        `ZPOPMAX ${key} 0`,
        `ZPOPMIN ${key} -1`,
        `ZPOPMIN ${key} x`,
        `ZPOPMIN ${key} 9223372036854775808`,
        `ZPOPMAX ${key} 1 2`,
        `ZMPOP 2 none ${key} MIN`,
        `ZMPOP 1 ${key} max COUNT 2`,
        `ZMPOP 1 ${key} min COUNT 100`,
        `EXISTS ${key}`,
      ]),
      ...FILLED,
      'ZPOPMIN small 9223372036854775807',
      'ZMPOP 3 none string small MIN',
      'ZMPOP 1 none MIN',
      'ZMPOP 0 large MIN',
      'ZMPOP x large MIN',
      'ZMPOP -1 large MIN',
      'ZMPOP 9223372036854775807 large MIN',
      'ZMPOP 1 large MIN COUNT',
      'ZMPOP 1 large MIN COUNT 0',
      'ZMPOP 1 large MIN COUNT x',
      'ZMPOP 1 large MIN COUNT 1 COUNT 1',
      'ZMPOP 1 large MIN NOSUCH 1',
      'ZMPOP 1 large NOSUCH',
      'ZMPOP 2 large MIN',
      'ZMPOP 1 large',
      'ZPOPMIN',
      ...DUMP,
    ]))

  test('ZRANDMEMBER and ZSCAN', () =>
    compare([
      ...FILLED,
      ...KEYS.flatMap((key) => [
        { command: `ZRANDMEMBER ${key} 100`, unordered: 'elements' as const },
        { command: `ZRANDMEMBER ${key} 100 WITHSCORES`, unordered: 'deep' as const, protocol: 3 as const }, // biome-ignore format: one row
        { command: `ZRANDMEMBER ${key} 4`, mask: (reply: string) => reply.slice(0, 3) },
        { command: `ZRANDMEMBER ${key} -20`, mask: (reply: string) => reply.slice(0, 4) },
        { command: `ZRANDMEMBER ${key} -20 withscores`, mask: (reply: string) => reply.slice(0, 4) }, // biome-ignore format: one row
        { command: `ZRANDMEMBER ${key}`, mask: (reply: string) => reply.slice(0, 1) },
        `ZRANDMEMBER ${key} 0`,
        `ZRANDMEMBER ${key} x`,
        `ZRANDMEMBER ${key} 1 x`,
        `ZRANDMEMBER ${key} 1 WITHSCORES x`,
        `ZRANDMEMBER ${key} -9223372036854775808`,
        `ZRANDMEMBER ${key} -9223372036854775807 WITHSCORES`,
        `ZRANDMEMBER ${key} 9223372036854775807 WITHSCORES`,
        { command: `ZSCAN ${key} 0 COUNT 1000`, unordered: 'deep' as const },
        { command: `ZSCAN ${key} 0 MATCH [a-c] COUNT 1000`, unordered: 'deep' as const },
        `ZSCAN ${key} x`,
        `ZSCAN ${key} 0 COUNT 0`,
        `ZSCAN ${key} 0 COUNT x`,
        `ZSCAN ${key} 0 MATCH`,
        `ZSCAN ${key} 0 TYPE zset`,
      ]),
      'ZADD one 1 a',
      'ZRANDMEMBER one',
      'ZRANDMEMBER one -3 WITHSCORES',
      'ZRANDMEMBER one 1 WITHSCORES',
      'ZSCAN one 0',
    ]))

  test('encodings, digests, copies, deletion', () =>
    compare([
      ...FILLED,
      ...KEYS.flatMap((key) => [
        `DEBUG DIGEST-VALUE ${key}`,
        `COPY ${key} copied REPLACE`,
        'DEBUG DIGEST-VALUE copied',
        'OBJECT ENCODING copied',
        `TYPE ${key}`,
      ]),
      'DEBUG DIGEST',
      'CONFIG SET zset-max-listpack-entries 3',
      'ZADD a 1 a 2 b 3 c',
      'OBJECT ENCODING a',
      'ZADD a XX 1 a',
      'OBJECT ENCODING a',
      'ZADD a 4 d',
      'OBJECT ENCODING a',
      'CONFIG SET zset-max-listpack-value 2',
      'ZADD c 1 ab',
      'OBJECT ENCODING c',
      'ZADD c 1 abc',
      'OBJECT ENCODING c',
      'ZADD d 1 abc',
      'OBJECT ENCODING d',
      'ZADD e 1 a 2 abc',
      'OBJECT ENCODING e',
      'ZRANGESTORE f c 0 0',
      'OBJECT ENCODING f',
      'CONFIG SET zset-max-ziplist-entries 0',
      'ZADD g 1 a',
      'OBJECT ENCODING g',
      'CONFIG SET zset-max-listpack-entries 128',
      'CONFIG SET zset-max-listpack-value 64',
      'DEL small large lex',
      'UNLINK lexl',
      'RENAME a aa',
      'ZRANGE aa 0 -1 WITHSCORES',
      'DEBUG DIGEST',
    ]))

  test('a thousand random changes of a large set', () => {
    let state = 4711
    const next = (below: number): number => {
      state = (Math.imul(state, 1103515245) + 12345) >>> 0
      return (state >>> 16) % below
    }
    const script = Array.from({ length: 1000 }, (_, i): Command[] => {
      const member = `m${next(300)}`
      const choice = next(12)
      const start = next(200)
      if (choice === 0) return [`ZREM k ${member}`, `ZRANK k m${next(300)}`]
      if (choice === 1) return [`ZREMRANGEBYRANK k ${start} ${start + next(3)}`]
      if (choice === 2) return [`ZRANGE k ${start} ${start + 5} WITHSCORES`]
      if (choice === 3) return [`ZCOUNT k ${next(20)} ${next(40)}`, `ZREVRANK k ${member}`]
      if (choice === 4) return [next(2) === 0 ? 'ZPOPMIN k' : 'ZPOPMAX k']
      if (choice === 5) return [`ZRANGEBYSCORE k ${next(20)} ${next(40)} LIMIT ${next(4)} 3`]
      return [`ZADD k ${next(40)} ${member}`, i % 100 === 0 ? 'DEBUG DIGEST' : 'ZCARD k']
    })
    return compare(script.flat())
  })
})
