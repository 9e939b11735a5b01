/** The sorted set commands that wait, against the real server. */
import { test } from 'vitest'
import { differential, type Step } from './support/compare.ts'

/** A request of client 1 that is to wait; behind it, another's reply shows that it has arrived. */
function waits(command: string): Step[] {
  return [
    { client: 1, command, sendOnly: true },
    { client: 2, command: 'PING' },
  ]
}

differential('sorted sets that are waited for', ({ compare }) => {
  test('what is there is taken at once', () =>
    compare([
      'ZADD a 1 x 2 y 3 z 4 w',
      ['ZADD', 'l', '1', 'p', '2', 'q', '3', 'z'.repeat(80)],
      'BZPOPMIN none a 0',
      'BZPOPMAX a none 1.5',
      'BZMPOP 0 2 none a MIN',
      'BZMPOP 0 1 l MAX COUNT 10',
      'EXISTS l',
      'BZPOPMIN a 0',
      'EXISTS a',
    ]))

  test('errors', () =>
    compare([
      'SET string x',
      'BZPOPMIN string 0',
      'BZPOPMAX none string 0',
      'BZMPOP 0 1 string MIN',
      'BZPOPMIN a x',
      'BZPOPMIN a -1',
      'BZPOPMIN a',
      'BZMPOP x 1 a MIN',
      'BZMPOP -1 1 a MIN',
      'BZMPOP 0 0 a MIN',
      'BZMPOP 0 x a MIN',
      'BZMPOP 0 1 a NOSUCH',
      'BZMPOP 0 1 a MIN COUNT 0',
      'BZMPOP 0 1 a MIN COUNT 1 COUNT 1',
      'BZMPOP 0 2 a MIN',
    ]))

  test('a client waits until there is something', () =>
    compare([
      ...waits('BZPOPMIN a b 0'),
      { command: 'SADD b x' },
      'DEL b',
      'ZADD b 1 one 2 two 3 three',
      { client: 1, receive: true },
      'ZRANGE b 0 -1',
      ...waits('BZPOPMAX c 0'),
      'ZUNIONSTORE c 1 b',
      { client: 1, receive: true },
      'ZRANGE c 0 -1',
      ...waits('BZMPOP 0 1 d MAX COUNT 5'),
      'ZRANGESTORE d b 0 -1',
      { client: 1, receive: true },
      'EXISTS d',
      ...waits('BZPOPMIN e 0'),
      'ZINCRBY e 5 m',
      { client: 1, receive: true },
      ...waits('BZPOPMIN f 0'),
      'RENAME b f',
      { client: 1, receive: true },
    ]))

  test('the time is over', () =>
    compare(['BZPOPMIN none 0.01', 'BZPOPMAX none none2 0.01', 'BZMPOP 0.01 1 none MIN']))
})
