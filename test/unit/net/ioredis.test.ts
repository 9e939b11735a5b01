/** ioredis over real sockets: all commands, as this library decodes their replies. */
import { Redis } from 'ioredis'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { COMMANDS } from '../../../src/commands/all.ts'
import { targetConnector } from '../../../src/net/target-connector.ts'
import { ManualClock } from '../../../src/platform/clock.ts'
import {
  bigValue,
  commandsRun,
  EVERY_COMMAND,
  infoField,
  NOW_MS,
  type ServedServer,
  serve,
  simulatedDisk,
} from './client-scenario.ts'
import { ioredisDiagnosis } from './diagnosis-scenario.ts'
import { eventually } from './raw-client.ts'
import { ioredisUsers } from './user-scenario.ts'

// Replies are the same under both protocols, unless the library is told otherwise.
describe.each([2, 3] as const)('under RESP%i', (protocol) => {
  let served: ServedServer
  let client: Redis

  beforeAll(() => {
    const config = { 'enable-debug-command': 'yes', dir: '/data', aclfile: 'users.acl' } as const
    served = serve({ clock: new ManualClock(NOW_MS), config, files: simulatedDisk() }, true)
    client = connect()
  })

  afterAll(async () => {
    client.disconnect()
    await served.close()
  })

  function connect(): Redis {
    return new Redis(served.port, '127.0.0.1', { protocol, retryStrategy: () => 1 })
  }

  describe('every command', () => {
    // First, since it counts anew; the last test of this block looks at the counts.
    test('statistics start anew', async () => {
      await client.ping()
      expect(await client.config('RESETSTAT')).toBe('OK')
      expect(commandsRun(served.server)).toEqual(['config|resetstat'])
    })

    test('strings', async () => {
      expect(await client.set('s', 'Hello')).toBe('OK')
      expect(await client.set('s', 'no', 'NX')).toBeNull()
      expect(await client.set('s', 'Hello World', 'XX', 'GET')).toBe('Hello')
      expect(await client.set('ex', 'v', 'EX', 10)).toBe('OK')
      expect(await client.get('s')).toBe('Hello World')
      expect(await client.get('missing')).toBeNull()
      expect(await client.append('s', '!')).toBe(12)
      expect(await client.strlen('s')).toBe(12)
      expect(await client.getrange('s', 0, 4)).toBe('Hello')
      expect(await client.call('SUBSTR', 's', '-1', '-1')).toBe('!')
      expect(await client.setrange('s', 6, 'Redis')).toBe(12)
      expect(await client.getset('s', 'new')).toBe('Hello Redis!')
      expect(await client.getdel('s')).toBe('new')
      expect(await client.setnx('n', '10')).toBe(1)
      expect(await client.setnx('n', '11')).toBe(0)
      expect(await client.incr('n')).toBe(11)
      expect(await client.incrby('n', 9)).toBe(20)
      expect(await client.decr('n')).toBe(19)
      expect(await client.decrby('n', 20)).toBe(-1)
      expect(await client.incrbyfloat('n', 1.5)).toBe('0.5')
      expect(await client.mset({ a: '1', b: '2' })).toBe('OK')
      expect(await client.mget('a', 'none', 'b')).toEqual(['1', null, '2'])
      expect(await client.msetnx('b', 'x', 'c', 'x')).toBe(0)
      expect(await client.setex('ex', 10, 'v')).toBe('OK')
      expect(await client.psetex('ex', 1500, 'v')).toBe('OK')
      expect(await client.getex('ex', 'PERSIST')).toBe('v')
      await client.mset('lcs1', 'ohmytext', 'lcs2', 'mynewtext')
      expect(await client.lcs('lcs1', 'lcs2')).toBe('mytext')
      const matches = [
        [
          [4, 7],
          [5, 8],
        ],
        [
          [2, 3],
          [0, 1],
        ],
      ]
      expect(await client.lcs('lcs1', 'lcs2', 'IDX')).toEqual(['matches', matches, 'len', 6])
      expect(await client.call('DELIFEQ', 'a', 'other')).toBe(0)
      expect(await client.call('DELIFEQ', 'a', '1')).toBe(1)
    })

    test('keys and their expiry', async () => {
      await client.flushall()
      await client.mset('k1', '1', 'k2', 'two', 'k3', '3')
      expect(await client.exists('k1', 'k1', 'none')).toBe(2)
      expect(await client.touch('k1', 'none')).toBe(1)
      expect((await client.keys('k[12]')).sort()).toEqual(['k1', 'k2'])
      const [cursor, keys] = await client.scan(0, 'MATCH', 'k*', 'COUNT', 100, 'TYPE', 'string')
      expect([cursor, keys.sort()]).toEqual(['0', ['k1', 'k2', 'k3']])
      expect(await client.randomkey()).toMatch(/^k[123]$/)
      expect(await client.type('k1')).toBe('string')
      expect(await client.type('none')).toBe('none')
      expect(await client.expire('k1', 100)).toBe(1)
      expect(await client.expire('k1', 50, 'GT')).toBe(0)
      expect(await client.ttl('k1')).toBe(100)
      expect(await client.pttl('k1')).toBe(100_000)
      expect(await client.expiretime('k1')).toBe(NOW_MS / 1000 + 100)
      expect(await client.pexpiretime('k1')).toBe(NOW_MS + 100_000)
      expect(await client.persist('k1')).toBe(1)
      expect(await client.ttl('k1')).toBe(-1)
      expect(await client.pexpire('k1', 1500)).toBe(1)
      expect(await client.expireat('k1', NOW_MS / 1000 + 7)).toBe(1)
      expect(await client.pexpireat('k1', NOW_MS - 1)).toBe(1)
      expect(await client.pttl('k1')).toBe(-2)
      expect(await client.copy('k2', 'k4')).toBe(1)
      expect(await client.copy('k2', 'k4')).toBe(0)
      const payload = await client.dumpBuffer('k2')
      expect(await client.restore('dumped', 0, payload as Buffer)).toBe('OK')
      expect(await client.dumpBuffer('dumped')).toEqual(payload)
      const there = serve()
      served.server.migrations.connector = targetConnector(served.server.config)
      expect(await client.migrate('127.0.0.1', there.port, 'dumped', 2, 5000)).toBe('OK')
      expect(await client.migrate('127.0.0.1', there.port, 'dumped', 2, 5000)).toBe('NOKEY')
      expect(there.server.keyspace.databases[2]!.count).toBe(1)
      await served.server.migrations.close()
      await there.close()
      expect(await client.del('dumped')).toBe(0)
      expect(await client.rename('k4', 'k5')).toBe('OK')
      await expect(client.rename('none', 'k6')).rejects.toThrow('ERR no such key')
      expect(await client.renamenx('k5', 'k2')).toBe(0)
      expect(await client.move('k5', 1)).toBe(1)
      expect(await client.del('k2', 'none')).toBe(1)
      expect(await client.unlink('k3')).toBe(1)
      expect(await client.dbsize()).toBe(0)
      expect(await client.swapdb(0, 1)).toBe('OK')
      expect(await client.get('k5')).toBe('two')
      expect(await client.object('ENCODING', 'k5')).toBe('embstr')
      expect(await client.object('REFCOUNT', 'k5')).toBe(1)
      expect(await client.object('IDLETIME', 'k5')).toBe(0)
      await expect(client.object('FREQ', 'k5')).rejects.toThrow('ERR An LFU maxmemory policy')
      expect((await client.object('HELP')) as string[]).toContain('ENCODING <key>')
      expect(await client.memory('USAGE', 'k5')).toBeGreaterThan(0)
      expect(await client.call('MEMORY', 'HELP')).toContain('HELP')
      expect(await client.memory('STATS')).toContain('keys.bytes-per-key')
      expect(await client.memory('DOCTOR')).toContain('too little data')
      expect(await client.memory('MALLOC-STATS')).toContain('Segments: ')
      expect(await client.call('MEMORY', 'PURGE')).toBe('OK')
      expect(await client.flushdb('ASYNC')).toBe('OK')
    })

    test('HyperLogLogs', async () => {
      expect(await client.pfadd('{h}1', 'a', 'b', 'c')).toBe(1)
      expect(await client.pfadd('{h}1', 'a')).toBe(0)
      expect(await client.pfadd('{h}2', 'c', 'd')).toBe(1)
      expect(await client.pfcount('{h}1')).toBe(3)
      expect(await client.pfcount('{h}1', '{h}2')).toBe(4)
      expect(await client.pfmerge('{h}3', '{h}1', '{h}2')).toBe('OK')
      expect(await client.pfcount('{h}3')).toBe(4)
      expect(await client.call('PFDEBUG', 'ENCODING', '{h}3')).toBe('sparse')
      expect(await client.call('PFDEBUG', 'TODENSE', '{h}3')).toBe(1)
      expect(await client.call('PFDEBUG', 'GETREG', '{h}3')).toHaveLength(16384)
      expect(await client.call('PFSELFTEST')).toBe('OK')
    })

    test('bitmaps', async () => {
      expect(await client.setbit('{b}1', 7, 1)).toBe(0)
      expect(await client.setbit('{b}1', 7, 1)).toBe(1)
      expect(await client.getbit('{b}1', 7)).toBe(1)
      expect(await client.setbit('{b}2', 6, 1)).toBe(0)
      expect(await client.bitcount('{b}1')).toBe(1)
      expect(await client.bitcount('{b}1', 0, 6, 'BIT')).toBe(0)
      expect(await client.bitpos('{b}1', 1)).toBe(7)
      expect(await client.bitop('OR', '{b}3', '{b}1', '{b}2')).toBe(1)
      expect(await client.get('{b}3')).toBe('\x03')
      expect(await client.bitop('NOT', '{b}3', '{b}none')).toBe(0)
      expect(await client.bitfield('{b}4', 'SET', 'u8', '#1', 200)).toEqual([0])
      expect(await client.bitfield('{b}4', 'GET', 'i8', 8)).toEqual([-56])
      const failing = ['OVERFLOW', 'FAIL', 'INCRBY', 'u8', '#1', '100']
      expect(await client.call('BITFIELD', '{b}4', ...failing)).toEqual([null])
      expect(await client.bitfield_ro('{b}4', 'GET', 'u8', '#1')).toEqual([200])
    })

    test('lists', async () => {
      expect(await client.rpush('{l}1', 'a', 'b', 'c', 'd')).toBe(4)
      expect(await client.lpush('{l}1', 'z')).toBe(5)
      expect(await client.rpushx('{l}1', 'e')).toBe(6)
      expect(await client.lpushx('{l}none', 'e')).toBe(0)
      expect(await client.llen('{l}1')).toBe(6)
      expect(await client.lindex('{l}1', -1)).toBe('e')
      expect(await client.lset('{l}1', 0, 'y')).toBe('OK')
      expect(await client.linsert('{l}1', 'BEFORE', 'b', 'b')).toBe(7)
      expect(await client.lpos('{l}1', 'b', 'COUNT', 0)).toEqual([2, 3])
      expect(await client.lrem('{l}1', 1, 'b')).toBe(1)
      expect(await client.lrange('{l}1', 0, 1)).toEqual(['y', 'a'])
      expect(await client.sort('{l}1', 'LIMIT', 0, 2, 'ALPHA')).toEqual(['a', 'b'])
      expect(await client.call('SORT_RO', '{l}1', 'ALPHA', 'LIMIT', '1', '1')).toEqual(['b'])
      expect(await client.lpop('{l}1')).toBe('y')
      expect(await client.rpop('{l}1', 1)).toEqual(['e'])
      expect(await client.lmove('{l}1', '{l}2', 'LEFT', 'RIGHT')).toBe('a')
      expect(await client.rpoplpush('{l}1', '{l}2')).toBe('d')
      expect(await client.blmove('{l}2', '{l}1', 'LEFT', 'LEFT', 1)).toBe('d')
      expect(await client.brpoplpush('{l}2', '{l}1', 1)).toBe('a')
      expect(await client.ltrim('{l}1', 1, -1)).toBe('OK')
      expect(await client.lmpop(1, '{l}1', 'LEFT')).toEqual(['{l}1', ['d']])
      expect(await client.blmpop(1, 1, '{l}1', 'LEFT')).toEqual(['{l}1', ['b']])
      const waiting = connect()
      const popped = waiting.brpop('{l}2', '{l}1', 0)
      expect(await client.blpop('{l}1', 1)).toEqual(['{l}1', 'c'])
      await eventually(() => served.server.blocking.count === 1)
      expect(await client.rpush('{l}1', 'x')).toBe(1)
      expect(await popped).toEqual(['{l}1', 'x'])
      await waiting.quit()
    })

    test('hashes', async () => {
      expect(await client.hset('hash', 'a', '1', 'b', '2')).toBe(2)
      expect(await client.hmset('hash', { c: '3', d: '4.5' })).toBe('OK')
      expect(await client.hsetnx('hash', 'a', 'x')).toBe(0)
      expect(await client.hget('hash', 'a')).toBe('1')
      expect(await client.hmget('hash', 'b', 'none')).toEqual(['2', null])
      expect(await client.hgetall('hash')).toEqual({ a: '1', b: '2', c: '3', d: '4.5' })
      expect(await client.hkeys('hash')).toEqual(['a', 'b', 'c', 'd'])
      expect(await client.hvals('hash')).toEqual(['1', '2', '3', '4.5'])
      expect(await client.hlen('hash')).toBe(4)
      expect(await client.hstrlen('hash', 'd')).toBe(3)
      expect(await client.hexists('hash', 'e')).toBe(0)
      expect(await client.hincrby('hash', 'a', 5)).toBe(6)
      expect(await client.hincrbyfloat('hash', 'd', 0.25)).toBe('4.75')
      expect(await client.hrandfield('hash', 10)).toHaveLength(4)
      expect(await client.hscan('hash', 0, 'MATCH', 'a')).toEqual(['0', ['a', '6']])
      expect(await client.hdel('hash', 'a', 'b', 'c', 'd')).toBe(4)
    })

    test('fields that expire', async () => {
      const set = await client.hsetex('hash', 'EX', 100, 'FIELDS', 2, 'a', '1', 'b', '2')
      expect(set).toBe(1)
      expect(await client.hset('hash', 'c', '3')).toBe(1)
      expect(await client.hexpire('hash', 50, 'FIELDS', 2, 'c', 'none')).toEqual([1, -2])
      expect(await client.httl('hash', 'FIELDS', 2, 'a', 'c')).toEqual([100, 50])
      expect(await client.hpexpire('hash', 1500, 'NX', 'FIELDS', 1, 'a')).toEqual([0])
      expect(await client.hpexpire('hash', 1500, 'FIELDS', 1, 'a')).toEqual([1])
      expect(await client.hpttl('hash', 'FIELDS', 1, 'a')).toEqual([1500])
      const seconds = NOW_MS / 1000 + 5
      expect(await client.hexpireat('hash', seconds, 'FIELDS', 1, 'b')).toEqual([1])
      expect(await client.hexpiretime('hash', 'FIELDS', 1, 'b')).toEqual([seconds])
      expect(await client.hpexpireat('hash', NOW_MS + 7, 'FIELDS', 1, 'b')).toEqual([1])
      expect(await client.hpexpiretime('hash', 'FIELDS', 1, 'b')).toEqual([NOW_MS + 7])
      expect(await client.hpersist('hash', 'FIELDS', 1, 'b')).toEqual([1])
      expect(await client.hgetex('hash', 'PX', 9, 'FIELDS', 2, 'b', 'x')).toEqual(['2', null])
      expect(await client.hgetdel('hash', 'FIELDS', 3, 'a', 'b', 'c')).toEqual(['1', '2', '3'])
    })

    test('sets', async () => {
      expect(await client.sadd('{s}1', 'a', 'b', 'c', 'd')).toBe(4)
      expect(await client.sadd('{s}2', 'c', 'd', 'e')).toBe(3)
      expect(await client.scard('{s}1')).toBe(4)
      expect(await client.sismember('{s}1', 'a')).toBe(1)
      expect(await client.smismember('{s}1', 'a', 'x')).toEqual([1, 0])
      expect((await client.smembers('{s}2')).sort()).toEqual(['c', 'd', 'e'])
      expect((await client.sdiff('{s}1', '{s}2')).sort()).toEqual(['a', 'b'])
      expect((await client.sinter('{s}1', '{s}2')).sort()).toEqual(['c', 'd'])
      expect((await client.sunion('{s}1', '{s}2')).sort()).toEqual(['a', 'b', 'c', 'd', 'e'])
      expect(await client.sintercard(2, '{s}1', '{s}2', 'LIMIT', 1)).toBe(1)
      expect(await client.sdiffstore('{s}3', '{s}1', '{s}2')).toBe(2)
      expect(await client.sinterstore('{s}3', '{s}1', '{s}2')).toBe(2)
      expect(await client.sunionstore('{s}3', '{s}1', '{s}2')).toBe(5)
      expect(await client.smove('{s}1', '{s}2', 'a')).toBe(1)
      expect(await client.srem('{s}1', 'b', 'x')).toBe(1)
      expect(['c', 'd']).toContain(await client.srandmember('{s}1'))
      expect(await client.srandmember('{s}1', -5)).toHaveLength(5)
      expect(['c', 'd']).toContain(await client.spop('{s}1'))
      expect(await client.spop('{s}3', 9)).toHaveLength(5)
      const [cursor, members] = await client.sscan('{s}2', 0, 'MATCH', '[ac]')
      expect([cursor, members.sort()]).toEqual(['0', ['a', 'c']])
    })

    test('sorted sets', async () => {
      expect(await client.zadd('{z}1', 1, 'a', 2, 'b', 3, 'c', 4, 'd')).toBe(4)
      expect(await client.zadd('{z}2', 'NX', 10, 'c', 20, 'd', 30, 'e')).toBe(3)
      expect(await client.zadd('{z}1', 'INCR', 0.5, 'a')).toBe('1.5')
      expect(await client.zincrby('{z}1', -0.5, 'a')).toBe('1')
      expect(await client.zcard('{z}1')).toBe(4)
      expect(await client.zscore('{z}1', 'a')).toBe('1')
      expect(await client.zmscore('{z}1', 'a', 'x')).toEqual(['1', null])
      expect(await client.zcount('{z}1', '(1', '+inf')).toBe(3)
      expect(await client.zlexcount('{z}1', '-', '+')).toBe(4)
      expect(await client.zrank('{z}1', 'b', 'WITHSCORE')).toEqual([1, '2'])
      expect(await client.zrevrank('{z}1', 'b')).toBe(2)
      expect(await client.zrange('{z}1', '0', '1', 'WITHSCORES')).toEqual(['a', '1', 'b', '2'])
      expect(await client.zrevrange('{z}1', 0, 0)).toEqual(['d'])
      expect(await client.zrangebyscore('{z}1', 2, 3)).toEqual(['b', 'c'])
      expect(await client.zrevrangebyscore('{z}1', 3, 2)).toEqual(['c', 'b'])
      expect(await client.zrangebylex('{z}1', '-', '[b')).toEqual(['a', 'b'])
      expect(await client.zrevrangebylex('{z}1', '+', '[c')).toEqual(['d', 'c'])
      expect(await client.zrangestore('{z}3', '{z}1', 0, 1)).toBe(2)
      expect(await client.zunion(2, '{z}1', '{z}2')).toEqual(['a', 'b', 'c', 'd', 'e'])
      expect(await client.zinter(2, '{z}1', '{z}2', 'WEIGHTS', 1, 2)).toEqual(['c', 'd'])
      expect(await client.zdiff(2, '{z}1', '{z}2')).toEqual(['a', 'b'])
      expect(await client.zintercard(2, '{z}1', '{z}2')).toBe(2)
      expect(await client.zunionstore('{z}3', 2, '{z}1', '{z}2')).toBe(5)
      expect(await client.zinterstore('{z}3', 2, '{z}1', '{z}2')).toBe(2)
      expect(await client.zdiffstore('{z}3', 2, '{z}1', '{z}2')).toBe(2)
      expect(await client.zrandmember('{z}3', 5)).toHaveLength(2)
      expect(await client.zscan('{z}1', 0, 'MATCH', 'a')).toEqual(['0', ['a', '1']])
      expect(await client.zpopmin('{z}1')).toEqual(['a', '1'])
      expect(await client.zpopmax('{z}1')).toEqual(['d', '4'])
      expect(await client.zmpop(1, '{z}1', 'MIN')).toEqual(['{z}1', [['b', '2']]])
      expect(await client.zrem('{z}3', 'a', 'x')).toBe(1)
      expect(await client.zremrangebyrank('{z}3', 0, 0)).toBe(1)
      expect(await client.zremrangebyscore('{z}2', 10, 10)).toBe(1)
      expect(await client.zremrangebylex('{z}2', '[e', '[e')).toBe(1)
      expect(await client.bzpopmin('{z}3', '{z}2', 1)).toEqual(['{z}2', 'd', '20'])
      expect(await client.bzpopmax('{z}1', 1)).toEqual(['{z}1', 'c', '3'])
      expect(await client.zadd('{z}1', 1, 'a')).toBe(1)
      expect(await client.bzmpop(1, 1, '{z}1', 'MAX')).toEqual(['{z}1', [['a', '1']]])
    })

    test('transactions', async () => {
      const done = await client.multi().set('t', '1').incr('t').get('t').lpush('t', 'x').exec()
      expect(done!.slice(0, 3)).toEqual([
        [null, 'OK'],
        [null, 2],
        [null, '2'],
      ])
      expect(String(done![3]![0])).toContain('WRONGTYPE')
      await client.multi({ pipeline: false })
      expect(await client.set('t', '5')).toBe('QUEUED')
      expect(await client.discard()).toBe('OK')
      expect(await client.watch('t', 'u')).toBe('OK')
      expect(await client.unwatch()).toBe('OK')
      await client.watch('t')
      const other = connect()
      await other.set('t', '9')
      other.disconnect()
      expect(await client.multi().get('t').exec()).toBeNull()
      expect(await client.multi().get('t').exec()).toEqual([[null, '9']])
      const refused = client.multi().set('t', '1').call('NOSUCH').exec()
      await expect(refused).rejects.toThrow('EXECABORT')
      await client.del('t')
    })

    test('publish and subscribe', async () => {
      const listener = connect()
      const heard: unknown[] = []
      listener.on('message', (...message) => heard.push(message))
      listener.on('pmessage', (...message) => heard.push(message))
      // The library mixes up the counts of channels and shard channels of one connection.
      const shardListener = connect()
      shardListener.on('smessage', (...message) => heard.push(message))
      expect(await listener.subscribe('news', 'other')).toBe(2)
      expect(await listener.psubscribe('n*')).toBe(3)
      expect(await shardListener.ssubscribe('shard')).toBe(1)
      expect(await client.publish('news', 'hello')).toBe(2)
      expect(await client.spublish('shard', 'there')).toBe(1)
      await eventually(() => heard.length === 3)
      expect(heard).toContainEqual(['news', 'hello'])
      expect(heard).toContainEqual(['n*', 'news', 'hello'])
      expect(heard).toContainEqual(['shard', 'there'])
      expect(await client.pubsub('CHANNELS')).toEqual(['news', 'other'])
      expect(await client.pubsub('NUMSUB', 'news', 'none')).toEqual(['news', 1, 'none', 0])
      expect(await client.pubsub('NUMPAT')).toBe(1)
      expect(await client.pubsub('SHARDCHANNELS')).toEqual(['shard'])
      expect(await client.pubsub('SHARDNUMSUB', 'shard')).toEqual(['shard', 1])
      expect(await client.call('PUBSUB', 'HELP')).toContain('NUMPAT')
      expect(await listener.unsubscribe('news', 'other')).toBe(1)
      expect(await listener.punsubscribe('n*')).toBe(0)
      expect(await shardListener.sunsubscribe('shard')).toBe(0)
      expect(await listener.get('none')).toBeNull()
      listener.disconnect()
      shardListener.disconnect()
    })

    test('saves and the log', async () => {
      const { saves, appendOnly } = served.server
      expect(await client.save()).toBe('OK')
      expect(await client.lastsave()).toBe(NOW_MS / 1000)
      expect(await client.bgsave()).toBe('Background saving started')
      await eventually(() => !saves.isUnderWay)
      expect(await client.bgrewriteaof()).toBe('Background append only file rewriting started')
      await eventually(() => !appendOnly.isRewriting)
      expect(await client.bgsave('SCHEDULE')).toBe('Background saving started')
      await eventually(() => !saves.isUnderWay)
      expect(infoField(await client.info('persistence'), 'rdb_saves')).toBe('3')
    })

    test('the server', async () => {
      expect(await client.config('SET', 'maxmemory', '100mb', 'hz', '20')).toBe('OK')
      expect(await client.config('GET', 'maxmemory')).toEqual(['maxmemory', '104857600'])
      expect(await client.config('SET', 'maxmemory', '0', 'hz', '10')).toBe('OK')
      await expect(client.config('REWRITE')).rejects.toThrow('without a config file')
      expect(await client.config('HELP')).toContain('REWRITE')
      expect(await client.time()).toEqual([String(NOW_MS / 1000), '0'])
      expect(infoField(await client.info('server'), 'tcp_port')).toBe('6379')
      expect(infoField(await client.info(), 'connected_clients')).toBe('1')
      expect(await client.command('COUNT')).toBe(COMMANDS.length)
      const [get] = (await client.command('INFO', 'get')) as unknown[][]
      expect(get.slice(0, 6)).toEqual(['get', 2, ['readonly', 'fast'], 1, 1, 1])
      expect(((await client.call('COMMAND')) as unknown[]).length).toBe(
        await client.command('COUNT'),
      )
      expect(await client.command('GETKEYS', 'MSET', 'a', '1', 'b', '2')).toEqual(['a', 'b'])
      expect(await client.command('GETKEYSANDFLAGS', 'GET', 'a')).toEqual([['a', ['RO', 'access']]])
      expect(await client.command('LIST', 'FILTERBY', 'PATTERN', 'incr*')).toHaveLength(3)
      const [name, docs] = (await client.command('DOCS', 'get')) as [string, string[]]
      expect([name, docs[0]]).toEqual(['get', 'summary'])
      expect(await client.command('HELP')).toContain('COUNT')
      expect(await client.call('LOLWUT')).toContain('Redis ver.')
      expect(await client.debug('SLEEP', '0')).toBe('OK')
      expect(await client.call('SHUTDOWN', 'ABORT').catch(String)).toContain(
        'No shutdown in progress',
      )
    })

    test('users', () => ioredisUsers(client))

    test('diagnosis', () => ioredisDiagnosis(client, served))

    test('connections', async () => {
      expect(await client.ping()).toBe('PONG')
      expect(await client.ping('there')).toBe('there')
      expect(await client.echo('echo')).toBe('echo')
      expect(await client.select(3)).toBe('OK')
      expect(await client.select(0)).toBe('OK')
      await expect(client.auth('secret')).rejects.toThrow('without any password configured')
      const hello = (await client.hello()) as unknown[]
      expect(hello.slice(0, 2)).toEqual(['server', 'redis'])
      const id = await client.client('ID')
      expect(await client.client('SETNAME', 'tester')).toBe('OK')
      expect(await client.client('GETNAME')).toBe('tester')
      expect(await client.client('SETINFO', 'LIB-NAME', 'lib')).toBe('OK')
      expect(await client.client('INFO')).toContain(`id=${id} `)
      expect(await client.client('LIST')).toContain('name=tester')
      expect(await client.client('GETREDIR')).toBe(-1)
      expect(await client.client('TRACKING', 'ON', 'OPTIN')).toBe('OK')
      expect(await client.client('CACHING', 'YES')).toBe('OK')
      expect(await client.client('TRACKINGINFO')).toContainEqual(['on', 'optin', 'caching-yes'])
      expect(await client.client('TRACKING', 'OFF')).toBe('OK')
      expect(await client.client('NO-EVICT', 'ON')).toBe('OK')
      expect(await client.client('NO-TOUCH', 'ON')).toBe('OK')
      expect(await client.client('REPLY', 'ON')).toBe('OK')
      expect(await client.client('UNBLOCK', 9999)).toBe(0)
      expect(await client.client('PAUSE', 60_000, 'WRITE')).toBe('OK')
      expect(await client.client('UNPAUSE')).toBe('OK')
      expect(await client.client('KILL', 'ID', '9999')).toBe(0)
      expect(await client.client('HELP')).toContain('ID')
      expect(await client.call('RESET')).toBe('RESET')
      const other = connect()
      await other.ping()
      expect(await other.quit()).toBe('OK')
    })

    test('none was left out', () => {
      expect(commandsRun(served.server)).toEqual(EVERY_COMMAND)
    })
  })

  test('a lost connection listens again to what it listened to, events of keys among it', async () => {
    await client.config('SET', 'notify-keyspace-events', 'KEA')
    const listener = connect()
    const heard: string[] = []
    listener.on('pmessage', (_, channel, message) => heard.push(`${channel} ${message}`))
    await listener.psubscribe('__key*__:*')
    expect(await client.call('CLIENT', 'KILL', 'TYPE', 'pubsub')).toBe(1)
    await eventually(() => served.server.pubsub.patternCount === 1)
    await client.set('event', '1', 'EX', 10)
    await eventually(() => heard.length === 4)
    expect(heard).toEqual([
      '__keyspace@0__:event set',
      '__keyevent@0__:set event',
      '__keyspace@0__:event expire',
      '__keyevent@0__:expire event',
    ])
    listener.disconnect()
    await client.config('SET', 'notify-keyspace-events', '')
    await client.del('event')
  })

  test('unknown commands and wrong arity are errors', async () => {
    await expect(client.call('NOSUCHCOMMAND')).rejects.toThrow('ERR unknown command')
    await expect(client.call('GET')).rejects.toThrow("wrong number of arguments for 'get' command")
  })

  test('binary keys and values', async () => {
    const bytes = Buffer.from([0, 255, 13, 10, 0])
    await client.set(bytes, bytes)
    expect(await client.getBuffer(bytes)).toEqual(bytes)
    expect(await client.keysBuffer('*')).toContainEqual(bytes)
  })

  test('a pipeline of ten thousand', async () => {
    const pipeline = client.pipeline()
    for (let i = 0; i < 5000; i++) pipeline.set(`p${i}`, i).get(`p${i}`)
    const replies = (await pipeline.exec()) ?? []
    const wrong = replies.filter(([error, value], i) => {
      return error !== null || value !== (i % 2 === 0 ? 'OK' : String(i >> 1))
    })
    expect([replies.length, wrong]).toEqual([10_000, []])
  })

  test('ten megabytes there and back', async () => {
    const value = bigValue()
    expect(await client.set('big', value)).toBe('OK')
    expect(await client.strlen('big')).toBe(value.length)
    expect((await client.getBuffer('big'))?.equals(value)).toBe(true)
    expect(await client.del('big')).toBe(1)
  })

  test('reconnects when its connection is killed', async () => {
    const victim = connect()
    const id = await victim.client('ID')
    await victim.set('before', 'kill')
    const gone = new Promise((resolve) => victim.once('close', resolve))
    expect(await client.client('KILL', 'ID', id)).toBe(1)
    await gone
    expect(await victim.get('before')).toBe('kill')
    expect(await victim.client('ID')).toBeGreaterThan(id)
    victim.disconnect()
  })

  test('a unix socket', async () => {
    const local = new Redis(served.path, { protocol })
    expect(await local.set('over', 'unix')).toBe('OK')
    expect(await local.get('over')).toBe('unix')
    expect(await local.client('INFO')).toContain(`addr=${served.path}:0 `)
    await local.quit()
  })

  test('a password', async () => {
    const guarded = serve({ config: { requirepass: 'secret' } })
    const options = { port: guarded.port, host: '127.0.0.1', enableReadyCheck: false }
    const open = new Redis({ ...options, protocol, password: 'secret' })
    expect(await open.set('key', 'value')).toBe('OK')
    // Under RESP3 the library ends a connection that refuses its HELLO.
    const shut = new Redis({ ...options, protocol: 2 })
    await expect(shut.get('key')).rejects.toThrow('NOAUTH Authentication required.')
    await expect(shut.auth('wrong')).rejects.toThrow('WRONGPASS')
    expect(await shut.auth('default', 'secret')).toBe('OK')
    expect(await shut.get('key')).toBe('value')
    await open.call('ACL', 'SETUSER', 'reader', 'on', '>sesame', '~*', '+@read', '+@connection')
    const login = { username: 'reader', password: 'sesame' }
    const reader = new Redis({ ...options, ...login, protocol })
    expect(await reader.get('key')).toBe('value')
    const refusal = "NOPERM User reader has no permissions to run the 'set' command"
    await expect(reader.set('key', 'other')).rejects.toThrow(refusal)
    reader.disconnect()
    open.disconnect()
    shut.disconnect()
    await eventually(() => guarded.server.sessions.size === 0)
    await guarded.close()
  })
})
