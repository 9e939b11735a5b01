/** LCS against the real server. */
import { test } from 'vitest'
import { differential } from './support/compare.ts'

const PAIRS: [string, string][] = [
  ['ohmytext', 'mynewtext'],
  ['', ''],
  ['', 'abc'],
  ['abc', 'abc'],
  ['abc', 'xyz'],
  ['abcabcabc', 'cbacbacba'],
  ['aaaa', 'aa'],
  ['a'.repeat(300), 'ab'.repeat(200)],
  ['GACCTCATGCAGAACTTGG', 'CATTGCAGAGAACTCGTGGA'],
  ['12345', '2345'],
]

differential('LCS', ({ compare }) => {
  test('all options', () =>
    compare(
      PAIRS.flatMap(([a, b]) => [
        ['SET', 'a', a],
        ['SET', 'b', b],
        'LCS a b',
        'LCS b a',
        'LCS a b LEN',
        'LCS a b IDX',
        'LCS b a IDX',
        'LCS a b IDX WITHMATCHLEN',
        'LCS a b IDX MINMATCHLEN 4 WITHMATCHLEN',
        'LCS a b IDX MINMATCHLEN 2',
        'LCS a b IDX MINMATCHLEN -5',
        'LCS a b IDX MINMATCHLEN 9223372036854775807',
        'LCS a b LEN WITHMATCHLEN MINMATCHLEN 3',
        'LCS a none IDX',
        'LCS none a',
      ]),
    ))

  test('random strings of few letters', () => {
    let state = 12345
    const next = (below: number): number => {
      state = (Math.imul(state, 1103515245) + 12345) >>> 0
      return (state >>> 16) % below
    }
    const word = (): string =>
      Array.from({ length: 1 + next(60) }, () => 'abcd'.charAt(next(4))).join('')
    const script = Array.from({ length: 60 }, () => [
      ['SET', 'a', word()],
      ['SET', 'b', word()],
      'LCS a b',
      'LCS a b IDX WITHMATCHLEN',
    ]).flat()
    return compare(script)
  })

  test('errors', () =>
    compare([
      'SET a abc',
      'LCS a',
      'LCS',
      'LCS a a LEN IDX',
      'LCS a a NOSUCH',
      'LCS a a MINMATCHLEN',
      'LCS a a MINMATCHLEN x',
      'LCS a a IDX LEN MINMATCHLEN x',
      'LCS a a MINMATCHLEN 9223372036854775808',
      'CONFIG SET proto-max-bulk-len 1048576',
      ['SET', 'long', 'x'.repeat(1000)],
      'LCS long long LEN',
      ['SET', 'long', 'x'.repeat(511)],
      'LCS long long LEN',
      ['SET', 'long', 'x'.repeat(512)],
      'LCS long long LEN',
      'CONFIG SET proto-max-bulk-len 512mb',
    ]))
})
