/** Unions, intersections and differences of sorted sets, against the real server. */
import { test } from 'vitest'
import { type Command, differential } from './support/compare.ts'

const LONG = 'z'.repeat(80)
const FILLED: readonly Command[] = [
  'ZADD a 1 one 2 two 3 three 0.5 half -inf low inf high',
  'ZADD b 10 two 20 three 30 four inf low -inf high',
  ['ZADD', 'l', '4', 'four', '2', 'two', '7', LONG, '-0', 'one'],
  'SADD s one two five',
  'SADD i 1 2 3',
  'ZADD n 1 1 2 2 3 3 4 4',
  'SET string x',
]

const SOURCES = ['1 a', '2 a b', '2 b a', '3 a b l', '2 a none', '2 none a', '1 none', '2 a s', '2 s a', '1 s', '2 n i', '2 i n', '2 a a', '3 l l b', '1 l', '2 a string', '2 s i'] // biome-ignore format: one row
const OPTIONS = ['', 'WEIGHTS 2 3', 'WEIGHTS 2', 'WEIGHTS 0 inf', 'WEIGHTS -1 1.5', 'WEIGHTS -1', 'WEIGHTS x', 'WEIGHTS 1 x', 'WEIGHTS 1 nan', 'AGGREGATE MIN', 'AGGREGATE max', 'AGGREGATE sum', 'AGGREGATE x', 'AGGREGATE', 'AGGREGATE MIN WEIGHTS 2 2', 'WEIGHTS 2 2 AGGREGATE MAX AGGREGATE MIN', 'NOSUCH', 'LIMIT 1'] // biome-ignore format: one row

differential(
  'sorted set operations',
  { flags: ['--enable-debug-command', 'yes'] },
  ({ compare }) => {
    for (const name of ['ZUNION', 'ZINTER', 'ZDIFF']) {
      test(name, () =>
        compare([
          ...FILLED,
          ...SOURCES.flatMap((sources) =>
            OPTIONS.flatMap((options) => [
              `${name} ${sources} ${options}`,
              `${name} ${sources} ${options} WITHSCORES`,
              `${name}STORE target ${sources} ${options}`,
              'ZRANGE target 0 -1 WITHSCORES',
              'OBJECT ENCODING target',
            ]),
          ),
          `${name} 0 a`,
          `${name} -1 a`,
          `${name} x a`,
          `${name} 2 a`,
          `${name} 9223372036854775807 a`,
          `${name} 9223372036854775808 a`,
          `${name} 1 a WITHSCORES WITHSCORES`,
          `${name}STORE target 0 a`,
          `${name}STORE target x a`,
          `${name}STORE target 3 a b`,
          `${name}STORE target 1 a WITHSCORES`,
          `${name}STORE a 2 a b`,
          'ZRANGE a 0 -1 WITHSCORES',
          'EXPIRE string 1000',
          `${name}STORE string 1 b`,
          'TYPE string',
          'TTL string',
          `${name}STORE string 1 none`,
          'EXISTS string',
          `${name} 1`,
          `${name}STORE a 1`,
        ]),
      )
    }

    test('ZINTERCARD', () =>
      compare([
        ...FILLED,
        ...SOURCES.flatMap(
          (sources) =>
        ['', 'LIMIT 0', 'LIMIT 1', 'LIMIT 2', 'LIMIT -1', 'LIMIT x', 'LIMIT', 'WEIGHTS 1', 'WITHSCORES', 'LIMIT 1 LIMIT 0'].map((options) => `ZINTERCARD ${sources} ${options}`), // biome-ignore format: one row
        ),
        'ZINTERCARD 0 a',
        'ZINTERCARD x a',
        'ZINTERCARD 2 a',
      ]))

    test('results become small or stay large', () =>
      compare([
        ['ZADD', 'big', ...Array.from({ length: 300 }, (_, i) => [i % 7, `m${i}`]).flat()],
        ['ZADD', 'part', ...Array.from({ length: 128 }, (_, i) => [i % 5, `m${i}`]).flat()],
        ['ZADD', 'more', ...Array.from({ length: 129 }, (_, i) => [i % 5, `m${i}`]).flat()],
        ...['big', 'part', 'more'].flatMap((other) => [
          `ZINTERSTORE t 2 big ${other}`,
          'OBJECT ENCODING t',
          'DEBUG DIGEST-VALUE t',
          `ZDIFFSTORE t 2 big ${other}`,
          'OBJECT ENCODING t',
          'DEBUG DIGEST-VALUE t',
          `ZUNIONSTORE t 2 part ${other}`,
          'OBJECT ENCODING t',
          'DEBUG DIGEST-VALUE t',
          `ZRANGESTORE t ${other} 0 127`,
          'OBJECT ENCODING t',
          `ZRANGESTORE t ${other} 0 128`,
          'OBJECT ENCODING t',
          `ZRANGESTORE t ${other} 0 128 BYSCORE`,
          'OBJECT ENCODING t',
        ]),
      ]))
  },
)
