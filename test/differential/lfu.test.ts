/**
 * How often a key counts as used, under LFU, after each command that reads it, changes it or puts
 * something in its place: with `lfu-log-factor 0` every use counts for exactly one, and with
 * `lfu-decay-time 0` no minute that passes takes one away.
 */
import { test } from 'vitest'
import { type Command, differential, type Script } from './support/compare.ts'

// With a limit on memory Redis shares no numbers among keys, which would share their counts too.
const FLAGS = [
  ...['--maxmemory', '1gb', '--maxmemory-policy', 'allkeys-lfu', '--lfu-log-factor', '0'],
  ...['--lfu-decay-time', '0'],
]
const LONG = 'x'.repeat(500)
const VERY_LONG = 'x'.repeat(10_000)

/** Makes `k`, and has it used some times; then the command, and what counts afterwards. */
function used(make: Command, commands: readonly Command[]): Script {
  return commands.flatMap((command) => [
    'FLUSHALL',
    make,
    ...['TOUCH k', 'TOUCH k', 'TOUCH k', 'TOUCH k'],
    // What it answers, other tests compare; some of it is left to chance.
    { command, mask: () => '' },
    'OBJECT FREQ k',
    'OBJECT FREQ other',
  ])
}

differential('OBJECT FREQ', { flags: FLAGS }, ({ compare }) => {
  test('strings and keys', () =>
    compare(
      used('SET k 10', [
        'GET k',
        'SET k 2',
        'SET k 2 EX 100',
        'SET k 2 GET',
        'SET k 2 XX',
        'SET k 2 NX',
        'SET k 2 KEEPTTL',
        ['SET', 'k', LONG],
        ['SET', 'k', VERY_LONG],
        'SETNX k 2',
        'SETEX k 100 2',
        'PSETEX k 100000 2',
        'GETSET k 2',
        ['GETSET', 'k', LONG],
        'GETEX k',
        'GETEX k EX 100',
        'MSET k 2',
        'MSET k 2 k 3',
        ['MSET', 'k', LONG],
        ['MSET', 'k', LONG, 'k', VERY_LONG],
        'MSETNX k 2 other 3',
        'MSETNX other 2 another 3',
        'APPEND k 2',
        ['APPEND', 'k', LONG],
        ['APPEND', 'k', VERY_LONG],
        'SETRANGE k 1 x',
        'SETRANGE k 300 x',
        'SETRANGE k 30000 x',
        'GETRANGE k 0 1',
        'INCR k',
        'INCRBY k 100000000000',
        'DECR k',
        'INCRBYFLOAT k 1.5',
        'STRLEN k',
        'MGET k k',
        'LCS k k',
        'EXISTS k',
        'TYPE k',
        'TTL k',
        'EXPIRE k 100',
        'EXPIREAT k 33177117420',
        'PERSIST k',
        'COPY k other',
        'OBJECT ENCODING k',
        'RENAME k k',
        'SORT k',
        'RENAME k other',
        'RENAMENX k other',
        'KEYS *',
        'GETDEL k',
      ]),
    ))

  test('two keys', () =>
    compare(
      used('MSET k 1 other 2', [
        'TOUCH other',
        'RENAME k other',
        'COPY k other REPLACE',
        'SET other 5',
        'MSETNX k 1 other 2',
        'MSETNX x 1 k 2',
      ]),
    ))

  test('lists', () =>
    compare(
      used('RPUSH k 3 1 2', [
        'RPUSH k 4',
        'RPUSHX k 5',
        'LPOP k',
        'LPOP k 2',
        'LRANGE k 0 -1',
        'LSET k 0 5',
        'LINDEX k 0',
        'LLEN k',
        'LTRIM k 0 1',
        'LREM k 0 1',
        'LINSERT k BEFORE 3 9',
        'LPOS k 1',
        'SORT k STORE k',
        'SORT k STORE other',
        'SORT other STORE k',
        'LMOVE k k LEFT RIGHT',
        'LMOVE k other LEFT RIGHT',
        'RPOPLPUSH k other',
        'BLPOP k 0',
        'LMPOP 1 k LEFT',
        'SET k 5',
      ]),
    ))

  test('sets', () =>
    compare(
      used('SADD k 1 2 3', [
        'SADD k x',
        'SREM k 1',
        'SINTERSTORE k k k',
        'SUNIONSTORE k k',
        'SUNIONSTORE other k',
        'SDIFFSTORE other k',
        'SMOVE k other 1',
        'SMEMBERS k',
        'SPOP k',
        'SRANDMEMBER k',
        'SISMEMBER k 1',
        'SMISMEMBER k 1 2',
        'SCARD k',
        'SINTER k k',
        'SINTERCARD 1 k',
        'SORT k',
        'SSCAN k 0',
      ]),
    ))

  test('sorted sets', () =>
    compare(
      used('ZADD k 1 a 2 b', [
        'ZADD k 3 c',
        'ZINCRBY k 1 a',
        'ZRANGESTORE k k 0 -1',
        'ZRANGESTORE other k 0 -1',
        'ZUNIONSTORE k 1 k',
        'ZINTERSTORE other 2 k k',
        'ZINTER 2 k k',
        'ZRANGE k 0 -1',
        'ZSCORE k a',
        'ZRANK k a',
        'ZREM k a',
        'ZPOPMIN k',
        'ZCARD k',
        'ZCOUNT k 0 1',
        'ZMPOP 1 k MIN',
        'ZREMRANGEBYRANK k 0 0',
        'ZRANDMEMBER k',
        'ZSCAN k 0',
      ]),
    ))

  test('hashes', () =>
    compare(
      used('HSET k f v', [
        'HSET k f w',
        'HGET k f',
        'HDEL k none',
        'HINCRBY k n 1',
        'HINCRBYFLOAT k n 1',
        'HSETNX k f 1',
        'HMGET k f',
        'HGETALL k',
        'HLEN k',
        'HKEYS k',
        'HSTRLEN k f',
        'HRANDFIELD k',
        'HSCAN k 0',
        'HEXISTS k f',
        'SET k 1',
      ]),
    ))

  test('HyperLogLogs', () =>
    compare(
      used('PFADD k a', [
        'PFADD k b',
        'PFADD k a',
        'PFCOUNT k',
        'PFMERGE k k',
        'PFMERGE other k',
        'GET k',
      ]),
    ))

  test('a key that is moved to another database', () =>
    compare([
      ...used('SET k 1', ['MOVE k 1']),
      'SELECT 1',
      'OBJECT FREQ k',
      'COPY k k DB 2',
      'SELECT 2',
      'OBJECT FREQ k',
    ]))
})
