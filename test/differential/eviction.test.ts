/**
 * `maxmemory` against the reference, as far as chance has no part in it: what is refused, and what
 * is left when everything that may go is gone. A limit of one byte is exceeded in any case; since
 * Redis counts more than keys and values, no script depends on how much a key takes.
 */
import { test } from 'vitest'
import { differential, type Script } from './support/compare.ts'

const LIFT = 'CONFIG SET maxmemory 0 maxmemory-policy noeviction'

function under(policy: string, steps: Script): Script {
  return [`CONFIG SET maxmemory-policy ${policy}`, ...steps, LIFT]
}

differential('maxmemory', ({ compare }) => {
  test('noeviction refuses what needs memory, and nothing else', () =>
    compare(
      under('noeviction', [
        'SET s v',
        'RPUSH l a b',
        'CONFIG SET maxmemory 1',
        'SET s w',
        'SET',
        'APPEND s w',
        'LPUSH l c',
        'HSET h f v',
        'GET s',
        'EXPIRE s 100',
        'PERSIST s',
        'LPOP l',
        'RENAME s t',
        'DEL t',
        'NOSUCH',
        'CONFIG GET maxmemory',
      ]),
    ))

  test('transactions', () =>
    compare(
      under('noeviction', [
        'SET s v',
        'MULTI',
        'SET s w',
        { client: 1, command: 'CONFIG SET maxmemory 1' },
        'EXEC',
        'MULTI',
        'GET s',
        'EXEC',
        'MULTI',
        'DISCARD',
        { client: 1, command: 'CONFIG SET maxmemory 0' },
        'MULTI',
        'GET s',
        { client: 1, command: 'CONFIG SET maxmemory 1' },
        'EXEC',
      ]),
    ))

  for (const policy of ['volatile-lru', 'volatile-lfu', 'volatile-random', 'volatile-ttl']) {
    test(`${policy} leaves what does not expire`, () =>
      compare(
        under(policy, [
          'SET stays v',
          'SET goes v EX 1000',
          'SET other v EX 2000',
          'SELECT 1',
          'SADD members a b',
          'EXPIRE members 500',
          'CONFIG SET maxmemory 1',
          'DBSIZE',
          'SET k v',
          'SELECT 0',
          'DBSIZE',
          'SET goes w',
          'GET stays',
        ]),
      ))
  }

  for (const policy of ['allkeys-lru', 'allkeys-lfu', 'allkeys-random']) {
    test(`${policy} leaves nothing`, () =>
      compare(
        under(policy, [
          'SET a v',
          'SET b v EX 1000',
          'WATCH a',
          { client: 1, command: 'CONFIG SET maxmemory 1' },
          { client: 1, command: 'DBSIZE' },
          { client: 1, command: 'SET c v' },
          { client: 1, command: 'CONFIG SET maxmemory 0' },
          'MULTI',
          'PING',
          'EXEC',
        ]),
      ))
  }
})
