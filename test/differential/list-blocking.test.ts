/** Commands that wait for lists, on several connections in step, against the real server. */
import { test } from 'vitest'
import { differential, type Step } from './support/compare.ts'

/** A command that is to wait; behind it, another connection's reply shows that it has arrived. */
function waits(client: number, command: string): Step[] {
  return [
    { client, command, sendOnly: true },
    { client: 9, command: 'PING' },
  ]
}

function receive(client: number): Step {
  return { client, receive: true }
}

differential('waiting for lists', ({ compare }) => {
  test('a push serves those who wait, in their order', () =>
    compare([
      ...waits(1, 'BLPOP l 0'),
      ...waits(2, 'BRPOP l 0'),
      ...waits(3, 'BLMPOP 0 2 k l LEFT COUNT 10'),
      'RPUSH l a b c d',
      receive(1),
      receive(2),
      receive(3),
      'EXISTS l',
    ]))

  test('moves, chained', () =>
    compare([
      ...waits(1, 'BLMOVE a b LEFT RIGHT 0'),
      ...waits(2, 'BRPOPLPUSH b c 0'),
      ...waits(3, 'BLPOP c 0'),
      'LPUSH a x',
      receive(1),
      receive(2),
      receive(3),
      'DBSIZE',
      ...waits(1, 'BLMOVE l l LEFT RIGHT 0'),
      'LPUSH l x y',
      receive(1),
      'LRANGE l 0 -1',
    ]))

  test('keys that come by other ways', () =>
    compare([
      'RPUSH other a b',
      ...waits(1, 'BLPOP l 0'),
      'COPY other l',
      receive(1),
      'DEL l',
      ...waits(1, 'BLPOP l 0'),
      'RENAME other l',
      receive(1),
      'DEL l',
      ...waits(1, 'BLPOP m 0'),
      'SELECT 1',
      'RPUSH m 1 2',
      'MOVE m 0',
      receive(1),
      ...waits(1, 'BLPOP n 0'),
      'RPUSH n 1 2',
      'SWAPDB 0 1',
      receive(1),
      'SWAPDB 0 1',
    ]))

  test('other types do not count, nor do lists that are gone', () =>
    compare([
      ...waits(1, 'BLPOP l 0'),
      'SET l x',
      'DEL l',
      ...waits(2, 'BLMOVE k s LEFT LEFT 0'),
      'SET s x',
      'RPUSH k 1',
      receive(2),
      'LRANGE k 0 -1',
      'RPUSH l 1',
      receive(1),
    ]))

  test('time runs out', () =>
    compare([
      'BLPOP l 0.01',
      'BRPOP l k 0.01',
      'BLMPOP 0.01 1 l LEFT',
      'BLMOVE l k LEFT LEFT 0.01',
      'BRPOPLPUSH l k 0.01',
    ]))

  test('CLIENT UNBLOCK', () =>
    compare([
      { client: 1, command: 'CLIENT ID', mask: () => '' },
      'CLIENT UNBLOCK 9999999',
      'CLIENT UNBLOCK x',
      'CLIENT UNBLOCK 1 NOSUCH',
      'CLIENT UNBLOCK 1 ERROR x',
    ]))

  test('what comes behind a request that waits', () =>
    compare([
      { client: 1, command: 'BLPOP l 0', sendOnly: true },
      { client: 1, command: 'RPUSH m 1', sendOnly: true },
      { client: 1, command: 'BLPOP m k 0', sendOnly: true },
      { client: 1, command: 'BLPOP k 0', sendOnly: true },
      { client: 9, command: 'PING' },
      'EXISTS m',
      'RPUSH l 1',
      receive(1),
      receive(1),
      receive(1),
      'RPUSH k 2',
      receive(1),
      'DBSIZE',
    ]))
})
