/** node-redis over real sockets: all commands, as this library decodes their replies. */
import { createClient, RESP_TYPES } from 'redis'
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
import { nodeRedisDiagnosis } from './diagnosis-scenario.ts'
import { eventually } from './raw-client.ts'
import { nodeRedisUsers } from './user-scenario.ts'

type Resp = 2 | 3

/** A client whose lost connections are no news. */
async function connect(RESP: Resp, socket: object, options: { password?: string } = {}) {
  const client = createClient({
    RESP,
    socket: { ...socket, reconnectStrategy: () => 1 },
    ...options,
  })
  client.on('error', () => {})
  await client.connect()
  return client
}

type Client = Awaited<ReturnType<typeof connect>>

describe.each([2, 3] as const)('under RESP%i', (RESP) => {
  let served: ServedServer
  let client: Client
  const tcp = () => ({ host: '127.0.0.1', port: served.port })

  beforeAll(async () => {
    const config = { 'enable-debug-command': 'yes', dir: '/data', aclfile: 'users.acl' } as const
    served = serve({ clock: new ManualClock(NOW_MS), config, files: simulatedDisk() }, true)
    client = await connect(RESP, tcp())
  })

  afterAll(async () => {
    client.destroy()
    await served.close()
  })

  describe('every command', () => {
    // First, since it counts anew; the last test of this block looks at the counts.
    test('statistics start anew', async () => {
      expect(await client.configResetStat()).toBe('OK')
      expect(commandsRun(served.server)).toEqual(['config|resetstat'])
    })

    test('strings', async () => {
      expect(await client.set('s', 'Hello')).toBe('OK')
      expect(await client.set('s', 'no', { condition: 'NX' })).toBeNull()
      expect(await client.set('s', 'Hello World', { condition: 'XX', GET: true })).toBe('Hello')
      expect(await client.set('s', 'no', { condition: 'IFEQ', matchValue: 'x' })).toBeNull()
      expect(await client.set('ex', 'v', { expiration: { type: 'EX', value: 10 } })).toBe('OK')
      expect(await client.get('s')).toBe('Hello World')
      expect(await client.get('missing')).toBeNull()
      expect(await client.append('s', '!')).toBe(12)
      expect(await client.strLen('s')).toBe(12)
      expect(await client.getRange('s', 0, 4)).toBe('Hello')
      expect(await client.sendCommand(['SUBSTR', 's', '-1', '-1'])).toBe('!')
      expect(await client.setRange('s', 6, 'Redis')).toBe(12)
      expect(await client.getSet('s', 'new')).toBe('Hello Redis!')
      expect(await client.getDel('s')).toBe('new')
      expect(await client.setNX('n', '10')).toBe(1)
      expect(await client.setNX('n', '11')).toBe(0)
      expect(await client.incr('n')).toBe(11)
      expect(await client.incrBy('n', 9)).toBe(20)
      expect(await client.decr('n')).toBe(19)
      expect(await client.decrBy('n', 20)).toBe(-1)
      expect(await client.incrByFloat('n', 1.5)).toBe('0.5')
      expect(await client.mSet({ a: '1', b: '2' })).toBe('OK')
      expect(await client.mGet(['a', 'none', 'b'])).toEqual(['1', null, '2'])
      expect(await client.mSetNX({ b: 'x', c: 'x' })).toBe(0)
      expect(await client.setEx('ex', 10, 'v')).toBe('OK')
      expect(await client.pSetEx('ex', 1500, 'v')).toBe('OK')
      expect(await client.getEx('ex', { type: 'PERSIST' })).toBe('v')
      await client.mSet({ lcs1: 'ohmytext', lcs2: 'mynewtext' })
      expect(await client.lcs('lcs1', 'lcs2')).toBe('mytext')
      expect(await client.lcsLen('lcs1', 'lcs2')).toBe(6)
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
      expect({ ...(await client.lcsIdx('lcs1', 'lcs2')) }).toEqual({ matches, len: 6 })
      expect(await client.sendCommand(['DELIFEQ', 'a', 'other'])).toBe(0)
      expect(await client.sendCommand(['DELIFEQ', 'a', '1'])).toBe(1)
    })

    test('keys and their expiry', async () => {
      await client.flushAll()
      await client.mSet({ k1: '1', k2: 'two', k3: '3' })
      expect(await client.exists(['k1', 'k1', 'none'])).toBe(2)
      expect(await client.touch(['k1', 'none'])).toBe(1)
      expect((await client.keys('k[12]')).sort()).toEqual(['k1', 'k2'])
      const scanned = await client.scan('0', { MATCH: 'k*', COUNT: 100, TYPE: 'string' })
      expect([scanned.cursor, scanned.keys.sort()]).toEqual(['0', ['k1', 'k2', 'k3']])
      const iterated: string[] = []
      for await (const keys of client.scanIterator()) iterated.push(...keys)
      expect(iterated.sort()).toEqual(['k1', 'k2', 'k3'])
      expect(await client.randomKey()).toMatch(/^k[123]$/)
      expect(await client.type('k1')).toBe('string')
      expect(await client.type('none')).toBe('none')
      expect(await client.expire('k1', 100)).toBe(1)
      expect(await client.expire('k1', 50, 'GT')).toBe(0)
      expect(await client.ttl('k1')).toBe(100)
      expect(await client.pTTL('k1')).toBe(100_000)
      expect(await client.expireTime('k1')).toBe(NOW_MS / 1000 + 100)
      expect(await client.pExpireTime('k1')).toBe(NOW_MS + 100_000)
      expect(await client.persist('k1')).toBe(1)
      expect(await client.ttl('k1')).toBe(-1)
      expect(await client.pExpire('k1', 1500)).toBe(1)
      expect(await client.expireAt('k1', NOW_MS / 1000 + 7)).toBe(1)
      expect(await client.pExpireAt('k1', NOW_MS - 1)).toBe(1)
      expect(await client.pTTL('k1')).toBe(-2)
      expect(await client.copy('k2', 'k4')).toBe(1)
      expect(await client.copy('k2', 'k4')).toBe(0)
      const binary = client.withTypeMapping({ [RESP_TYPES.BLOB_STRING]: Buffer })
      const payload = (await binary.dump('k2')) as unknown as Buffer
      expect(payload).toBeInstanceOf(Buffer)
      expect(await client.sendCommand(['RESTORE', 'dumped', '0', payload])).toBe('OK')
      const there = serve()
      served.server.migrations.connector = targetConnector(served.server.config)
      expect(await client.migrate('127.0.0.1', there.port, ['dumped', 'none'], 2, 5000)).toBe('OK')
      expect(there.server.keyspace.databases[2]!.count).toBe(1)
      await served.server.migrations.close()
      await there.close()
      expect(await client.del('dumped')).toBe(0)
      expect(await client.rename('k4', 'k5')).toBe('OK')
      await expect(client.rename('none', 'k6')).rejects.toThrow('ERR no such key')
      expect(await client.renameNX('k5', 'k2')).toBe(0)
      expect(await client.move('k5', 1)).toBe(1)
      expect(await client.del(['k2', 'none'])).toBe(1)
      expect(await client.unlink('k3')).toBe(1)
      expect(await client.dbSize()).toBe(0)
      expect(await client.swapDb(0, 1)).toBe('OK')
      expect(await client.get('k5')).toBe('two')
      expect(await client.objectEncoding('k5')).toBe('embstr')
      expect(await client.objectRefCount('k5')).toBe(1)
      expect(await client.objectIdleTime('k5')).toBe(0)
      await expect(client.objectFreq('k5')).rejects.toThrow('ERR An LFU maxmemory policy')
      expect(await client.sendCommand(['OBJECT', 'HELP'])).toContain('ENCODING <key>')
      expect(await client.memoryUsage('k5')).toBeGreaterThan(0)
      expect(await client.sendCommand(['MEMORY', 'HELP'])).toContain('HELP')
      const stats = await client.memoryStats()
      expect(stats).toMatchObject({ 'keys.count': 1, 'startup.allocated': 0 })
      expect(await client.memoryDoctor()).toContain('too little data')
      expect(await client.sendCommand(['MEMORY', 'MALLOC-STATS'])).toContain('Segments: ')
      expect(await client.sendCommand(['MEMORY', 'PURGE'])).toBe('OK')
      expect(await client.flushDb('ASYNC')).toBe('OK')
    })

    test('HyperLogLogs', async () => {
      expect(await client.pfAdd('{h}1', ['a', 'b', 'c'])).toBe(1)
      expect(await client.pfAdd('{h}1', 'a')).toBe(0)
      expect(await client.pfAdd('{h}2', ['c', 'd'])).toBe(1)
      expect(await client.pfCount('{h}1')).toBe(3)
      expect(await client.pfCount(['{h}1', '{h}2'])).toBe(4)
      expect(await client.pfMerge('{h}3', ['{h}1', '{h}2'])).toBe('OK')
      expect(await client.pfCount('{h}3')).toBe(4)
      expect(await client.sendCommand(['PFDEBUG', 'ENCODING', '{h}3'])).toBe('sparse')
      expect(await client.sendCommand(['PFDEBUG', 'TODENSE', '{h}3'])).toBe(1)
      expect(await client.sendCommand(['PFDEBUG', 'GETREG', '{h}3'])).toHaveLength(16384)
      expect(await client.sendCommand(['PFSELFTEST'])).toBe('OK')
    })

    test('bitmaps', async () => {
      expect(await client.setBit('{b}1', 7, 1)).toBe(0)
      expect(await client.setBit('{b}1', 7, 1)).toBe(1)
      expect(await client.getBit('{b}1', 7)).toBe(1)
      expect(await client.setBit('{b}2', 6, 1)).toBe(0)
      expect(await client.bitCount('{b}1')).toBe(1)
      expect(await client.bitCount('{b}1', { start: 0, end: 6, mode: 'BIT' })).toBe(0)
      expect(await client.bitPos('{b}1', 1)).toBe(7)
      expect(await client.bitOp('OR', '{b}3', ['{b}1', '{b}2'])).toBe(1)
      expect(await client.get('{b}3')).toBe('\x03')
      expect(await client.bitOp('NOT', '{b}3', '{b}none')).toBe(0)
      expect(
        await client.bitField('{b}4', [
          { operation: 'SET', encoding: 'u8', offset: '#1', value: 200 },
          { operation: 'GET', encoding: 'i8', offset: 8 },
          { operation: 'OVERFLOW', behavior: 'FAIL' },
          { operation: 'INCRBY', encoding: 'u8', offset: '#1', increment: 100 },
        ]),
      ).toEqual([0, -56, null])
      expect(await client.bitFieldRo('{b}4', [{ encoding: 'u8', offset: '#1' }])).toEqual([200])
    })

    test('lists', async () => {
      expect(await client.rPush('{l}1', ['a', 'b', 'c', 'd'])).toBe(4)
      expect(await client.lPush('{l}1', 'z')).toBe(5)
      expect(await client.rPushX('{l}1', 'e')).toBe(6)
      expect(await client.lPushX('{l}none', 'e')).toBe(0)
      expect(await client.lLen('{l}1')).toBe(6)
      expect(await client.lIndex('{l}1', -1)).toBe('e')
      expect(await client.lSet('{l}1', 0, 'y')).toBe('OK')
      expect(await client.lInsert('{l}1', 'BEFORE', 'b', 'b')).toBe(7)
      expect(await client.lPosCount('{l}1', 'b', 0)).toEqual([2, 3])
      expect(await client.lRem('{l}1', 1, 'b')).toBe(1)
      expect(await client.lRange('{l}1', 0, 1)).toEqual(['y', 'a'])
      const firstTwo = { ALPHA: true, LIMIT: { offset: 0, count: 2 } }
      expect(await client.sort('{l}1', firstTwo)).toEqual(['a', 'b'])
      expect(await client.sortRo('{l}1', firstTwo)).toEqual(['a', 'b'])
      expect(await client.sortStore('{l}1', '{l}sorted', firstTwo)).toBe(2)
      expect(await client.lPop('{l}1')).toBe('y')
      expect(await client.rPopCount('{l}1', 1)).toEqual(['e'])
      expect(await client.lMove('{l}1', '{l}2', 'LEFT', 'RIGHT')).toBe('a')
      expect(await client.rPopLPush('{l}1', '{l}2')).toBe('d')
      expect(await client.blMove('{l}2', '{l}1', 'LEFT', 'LEFT', 1)).toBe('d')
      expect(await client.brPopLPush('{l}2', '{l}1', 1)).toBe('a')
      expect(await client.lTrim('{l}1', 1, -1)).toBe('OK')
      expect(await client.lmPop('{l}1', 'LEFT')).toEqual(['{l}1', ['d']])
      expect(await client.blmPop(1, '{l}1', 'LEFT')).toEqual(['{l}1', ['b']])
      expect(await client.blPop('{l}1', 1)).toEqual({ key: '{l}1', element: 'c' })
      expect(await client.rPush('{l}1', 'x')).toBe(1)
      expect(await client.brPop(['{l}2', '{l}1'], 1)).toEqual({ key: '{l}1', element: 'x' })
    })

    test('hashes', async () => {
      expect(await client.hSet('hash', { a: '1', b: '2' })).toBe(2)
      expect(await client.sendCommand(['HMSET', 'hash', 'c', '3', 'd', '4.5'])).toBe('OK')
      expect(await client.hSetNX('hash', 'a', 'x')).toBe(0)
      expect(await client.hGet('hash', 'a')).toBe('1')
      expect(await client.hmGet('hash', ['b', 'none'])).toEqual(['2', null])
      expect({ ...(await client.hGetAll('hash')) }).toEqual({ a: '1', b: '2', c: '3', d: '4.5' })
      expect(await client.hKeys('hash')).toEqual(['a', 'b', 'c', 'd'])
      expect(await client.hVals('hash')).toEqual(['1', '2', '3', '4.5'])
      expect(await client.hLen('hash')).toBe(4)
      expect(await client.hStrLen('hash', 'd')).toBe(3)
      expect(await client.hExists('hash', 'e')).toBe(0)
      expect(await client.hIncrBy('hash', 'a', 5)).toBe(6)
      expect(await client.hIncrByFloat('hash', 'd', 0.25)).toBe('4.75')
      expect(await client.hRandFieldCountWithValues('hash', 10)).toHaveLength(4)
      expect(await client.hScan('hash', '0', { MATCH: 'a' })).toEqual({
        cursor: '0',
        entries: [{ field: 'a', value: '6' }],
      })
      expect(await client.hDel('hash', ['a', 'b', 'c', 'd'])).toBe(4)
    })

    test('fields that expire', async () => {
      const options = { expiration: { type: 'EX', value: 100 } } as const
      expect(await client.hSetEx('hash', { a: '1', b: '2' }, options)).toBe(1)
      expect(await client.hSet('hash', 'c', '3')).toBe(1)
      expect(await client.hExpire('hash', ['c', 'none'], 50)).toEqual([1, -2])
      expect(await client.hTTL('hash', ['a', 'c'])).toEqual([100, 50])
      expect(await client.hpExpire('hash', 'a', 1500, 'NX')).toEqual([0])
      expect(await client.hpExpire('hash', 'a', 1500)).toEqual([1])
      expect(await client.hpTTL('hash', 'a')).toEqual([1500])
      const seconds = NOW_MS / 1000 + 5
      expect(await client.hExpireAt('hash', 'b', seconds)).toEqual([1])
      expect(await client.hExpireTime('hash', 'b')).toEqual([seconds])
      expect(await client.hpExpireAt('hash', 'b', NOW_MS + 7)).toEqual([1])
      expect(await client.hpExpireTime('hash', 'b')).toEqual([NOW_MS + 7])
      expect(await client.hPersist('hash', 'b')).toEqual([1])
      const sooner = { expiration: { type: 'PX', value: 9 } } as const
      expect(await client.hGetEx('hash', ['b', 'x'], sooner)).toEqual(['2', null])
      expect(await client.hGetDel('hash', ['a', 'b', 'c'])).toEqual(['1', '2', '3'])
    })

    test('sets', async () => {
      expect(await client.sAdd('{s}1', ['a', 'b', 'c', 'd'])).toBe(4)
      expect(await client.sAdd('{s}2', ['c', 'd', 'e'])).toBe(3)
      expect(await client.sCard('{s}1')).toBe(4)
      expect(await client.sIsMember('{s}1', 'a')).toBe(1)
      expect(await client.smIsMember('{s}1', ['a', 'x'])).toEqual([1, 0])
      expect([...(await client.sMembers('{s}2'))].sort()).toEqual(['c', 'd', 'e'])
      expect([...(await client.sDiff(['{s}1', '{s}2']))].sort()).toEqual(['a', 'b'])
      expect([...(await client.sInter(['{s}1', '{s}2']))].sort()).toEqual(['c', 'd'])
      expect([...(await client.sUnion(['{s}1', '{s}2']))].sort().join('')).toBe('abcde')
      expect(await client.sInterCard(['{s}1', '{s}2'], 1)).toBe(1)
      expect(await client.sDiffStore('{s}3', ['{s}1', '{s}2'])).toBe(2)
      expect(await client.sInterStore('{s}3', ['{s}1', '{s}2'])).toBe(2)
      expect(await client.sUnionStore('{s}3', ['{s}1', '{s}2'])).toBe(5)
      expect(await client.sMove('{s}1', '{s}2', 'a')).toBe(1)
      expect(await client.sRem('{s}1', ['b', 'x'])).toBe(1)
      expect(['c', 'd']).toContain(await client.sRandMember('{s}1'))
      expect(await client.sRandMemberCount('{s}1', -5)).toHaveLength(5)
      expect(['c', 'd']).toContain(await client.sPop('{s}1'))
      expect(await client.sPopCount('{s}3', 9)).toHaveLength(5)
      const { cursor, members } = await client.sScan('{s}2', '0', { MATCH: '[ac]' })
      expect([cursor, [...members].sort()]).toEqual(['0', ['a', 'c']])
    })

    test('sorted sets', async () => {
      const pairs = [1, 2, 3, 4].map((score) => ({ score, value: 'xabcd'.charAt(score) }))
      expect(await client.zAdd('{z}1', pairs)).toBe(4)
      expect(await client.zAdd('{z}2', [{ score: 10, value: 'c' }], { condition: 'NX' })).toBe(1)
      expect(await client.zAdd('{z}2', { score: 20, value: 'd' })).toBe(1)
      expect(await client.zAddIncr('{z}1', { score: 0.5, value: 'a' })).toBe(1.5)
      expect(await client.zIncrBy('{z}1', -0.5, 'a')).toBe(1)
      expect(await client.zCard('{z}1')).toBe(4)
      expect(await client.zScore('{z}1', 'a')).toBe(1)
      expect(await client.zmScore('{z}1', ['a', 'x'])).toEqual([1, null])
      expect(await client.zCount('{z}1', '(1', '+inf')).toBe(3)
      expect(await client.zLexCount('{z}1', '-', '+')).toBe(4)
      expect(await client.zRankWithScore('{z}1', 'b')).toEqual({ rank: 1, score: 2 })
      expect(await client.zRevRank('{z}1', 'b')).toBe(2)
      expect(await client.zRange('{z}1', 0, 1)).toEqual(['a', 'b'])
      expect(await client.zRangeWithScores('{z}1', 0, 1)).toEqual([
        { value: 'a', score: 1 },
        { value: 'b', score: 2 },
      ])
      expect(await client.sendCommand(['ZREVRANGE', '{z}1', '0', '0'])).toEqual(['d'])
      expect(await client.zRangeByScore('{z}1', 2, 3)).toEqual(['b', 'c'])
      expect(await client.sendCommand(['ZREVRANGEBYSCORE', '{z}1', '3', '3'])).toEqual(['c'])
      expect(await client.zRangeByLex('{z}1', '-', '[b')).toEqual(['a', 'b'])
      expect(await client.sendCommand(['ZREVRANGEBYLEX', '{z}1', '+', '[d'])).toEqual(['d'])
      expect(await client.zRangeStore('{z}3', '{z}1', 0, 1)).toBe(2)
      expect(await client.zUnion(['{z}1', '{z}2'])).toEqual(['a', 'b', 'c', 'd'])
      expect(await client.zInterWithScores(['{z}1', '{z}2'])).toEqual([
        { value: 'c', score: 13 },
        { value: 'd', score: 24 },
      ])
      expect(await client.zDiff(['{z}1', '{z}2'])).toEqual(['a', 'b'])
      expect(await client.zInterCard(['{z}1', '{z}2'])).toBe(2)
      expect(await client.zUnionStore('{z}3', ['{z}1', '{z}2'])).toBe(4)
      expect(await client.zInterStore('{z}3', ['{z}1', '{z}2'])).toBe(2)
      expect(await client.zDiffStore('{z}3', ['{z}1', '{z}2'])).toBe(2)
      expect(await client.zRandMemberCountWithScores('{z}3', 5)).toHaveLength(2)
      expect(await client.zScan('{z}1', '0', { MATCH: 'a' })).toEqual({
        cursor: '0',
        members: [{ value: 'a', score: 1 }],
      })
      expect(await client.zPopMin('{z}1')).toEqual({ value: 'a', score: 1 })
      expect(await client.zPopMaxCount('{z}1', 1)).toEqual([{ value: 'd', score: 4 }])
      expect(await client.zmPop('{z}1', 'MIN')).toEqual({
        key: '{z}1',
        members: [{ value: 'b', score: 2 }],
      })
      expect(await client.zRem('{z}3', ['a', 'x'])).toBe(1)
      expect(await client.zRemRangeByRank('{z}3', 0, 0)).toBe(1)
      expect(await client.zRemRangeByScore('{z}2', 10, 10)).toBe(1)
      expect(await client.zRemRangeByLex('{z}2', '[e', '[e')).toBe(0)
      expect(await client.bzPopMin(['{z}3', '{z}2'], 1)).toEqual({
        key: '{z}2',
        value: 'd',
        score: 20,
      })
      expect(await client.bzPopMax('{z}1', 1)).toEqual({ key: '{z}1', value: 'c', score: 3 })
      expect(await client.zAdd('{z}1', { score: 1, value: 'a' })).toBe(1)
      expect(await client.bzmPop(1, '{z}1', 'MAX')).toEqual({
        key: '{z}1',
        members: [{ value: 'a', score: 1 }],
      })
    })

    test('transactions', async () => {
      const done = await client.multi().set('t', '1').incr('t').get('t').exec()
      expect(done).toEqual(['OK', 2, '2'])
      const failing = client.multi().set('t', 'x').incr('t').exec()
      await expect(failing).rejects.toThrow('1 commands failed')
      expect(await client.sendCommand(['MULTI'])).toBe('OK')
      expect(await client.sendCommand(['SET', 't', '5'])).toBe('QUEUED')
      expect(await client.sendCommand(['DISCARD'])).toBe('OK')
      expect(await client.watch(['t', 'u'])).toBe('OK')
      expect(await client.unwatch()).toBe('OK')
      await client.watch('t')
      const other = await connect(RESP, tcp())
      await other.set('t', '9')
      other.destroy()
      await expect(client.multi().get('t').exec()).rejects.toThrow('watched keys has been changed')
      expect(await client.multi().get('t').exec()).toEqual(['9'])
      const refused = client.multi().set('t', '1').addCommand(['NOSUCH']).exec()
      await expect(refused).rejects.toThrow('unknown command')
      await client.del('t')
    })

    test('publish and subscribe', async () => {
      const listener = await connect(RESP, tcp())
      const heard: string[] = []
      const hear = (message: string, channel: string): void => {
        heard.push(`${channel} ${message}`)
      }
      await listener.subscribe(['news', 'other'], hear)
      await listener.pSubscribe('n*', hear)
      await listener.sSubscribe('shard', hear)
      expect(await client.publish('news', 'hello')).toBe(2)
      expect(await client.sPublish('shard', 'there')).toBe(1)
      await eventually(() => heard.length === 3)
      expect(heard).toEqual(['news hello', 'news hello', 'shard there'])
      expect(await client.pubSubChannels()).toEqual(['news', 'other'])
      expect({ ...(await client.pubSubNumSub(['news', 'none'])) }).toEqual({ news: 1, none: 0 })
      expect(await client.pubSubNumPat()).toBe(1)
      expect(await client.pubSubShardChannels()).toEqual(['shard'])
      expect({ ...(await client.pubSubShardNumSub(['shard'])) }).toEqual({ shard: 1 })
      expect(await client.sendCommand(['PUBSUB', 'HELP'])).toContain('NUMPAT')
      // With RESP3 the same connection goes on as any other.
      if (RESP === 3) expect(await listener.get('none')).toBeNull()
      await listener.unsubscribe()
      await listener.pUnsubscribe('n*')
      await listener.sUnsubscribe('shard')
      expect(await listener.get('none')).toBeNull()
      listener.destroy()
    })

    test('saves and the log', async () => {
      const { saves, appendOnly } = served.server
      expect(await client.sendCommand(['SAVE'])).toBe('OK')
      expect(await client.lastSave()).toBe(NOW_MS / 1000)
      expect(await client.bgSave()).toBe('Background saving started')
      await eventually(() => !saves.isUnderWay)
      expect(await client.bgRewriteAof()).toBe('Background append only file rewriting started')
      await eventually(() => !appendOnly.isRewriting)
      expect(await client.bgSave({ SCHEDULE: true })).toBe('Background saving started')
      await eventually(() => !saves.isUnderWay)
      expect(infoField(await client.info('persistence'), 'rdb_saves')).toBe('3')
    })

    test('the server', async () => {
      expect(await client.configSet({ maxmemory: '100mb', hz: '20' })).toBe('OK')
      expect({ ...(await client.configGet('maxmemory')) }).toEqual({ maxmemory: '104857600' })
      expect(await client.configSet({ maxmemory: '0', hz: '10' })).toBe('OK')
      await expect(client.configRewrite()).rejects.toThrow('without a config file')
      expect(await client.sendCommand(['CONFIG', 'HELP'])).toContain('REWRITE')
      expect(await client.time()).toEqual([String(NOW_MS / 1000), '0'])
      expect(infoField(await client.info('server'), 'tcp_port')).toBe('6379')
      expect(infoField(await client.info(), 'connected_clients')).toBe('1')
      expect(await client.commandCount()).toBe(COMMANDS.length)
      const [get] = await client.commandInfo(['get'])
      expect(get).toMatchObject({
        name: 'get',
        arity: 2,
        firstKeyIndex: 1,
        lastKeyIndex: 1,
        step: 1,
      })
      expect([...(get?.flags ?? [])].sort()).toEqual(['fast', 'readonly'])
      expect(await client.command()).toHaveLength(COMMANDS.length)
      expect(await client.commandGetKeys(['MSET', 'a', '1', 'b', '2'])).toEqual(['a', 'b'])
      const [{ key, flags }] = await client.commandGetKeysAndFlags(['GET', 'a'])
      expect([key, [...flags].sort()]).toEqual(['a', ['RO', 'access']])
      const filter = { type: 'PATTERN', value: 'incr*' } as const
      expect(await client.commandList({ FILTERBY: filter })).toHaveLength(3)
      expect(await client.commandDocs(['get'])).toMatchObject({ get: { group: 'string' } })
      expect(await client.sendCommand(['COMMAND', 'HELP'])).toContain('COUNT')
      expect(await client.sendCommand(['LOLWUT'])).toContain('Redis ver.')
      expect(await client.sendCommand(['DEBUG', 'SLEEP', '0'])).toBe('OK')
      const aborted = client.sendCommand(['SHUTDOWN', 'ABORT'])
      await expect(aborted).rejects.toThrow('No shutdown in progress')
    })

    test('users', () => nodeRedisUsers(client))

    test('diagnosis', () => nodeRedisDiagnosis(client, served))

    test('connections', async () => {
      expect(await client.ping()).toBe('PONG')
      expect(await client.ping('there')).toBe('there')
      expect(await client.echo('echo')).toBe('echo')
      await client.select(3)
      await client.select(0)
      const auth = client.auth({ password: 'secret' })
      await expect(auth).rejects.toThrow('without any password configured')
      const hello = client.hello(RESP)
      expect(await hello).toMatchObject({ server: 'redis', proto: RESP, role: 'master' })
      const id = await client.clientId()
      expect(await client.clientSetName('tester')).toBe('OK')
      expect(await client.clientGetName()).toBe('tester')
      expect(await client.sendCommand(['CLIENT', 'SETINFO', 'LIB-NAME', 'lib'])).toBe('OK')
      expect(await client.clientInfo()).toMatchObject({ id, name: 'tester', resp: RESP })
      expect(await client.clientList()).toMatchObject([{ id, flags: 'N', cmd: 'client|list' }])
      expect(await client.clientGetRedir()).toBe(-1)
      expect(await client.clientTracking(true, { OPTIN: true })).toBe('OK')
      expect(await client.clientCaching(true)).toBe('OK')
      expect((await client.clientTrackingInfo()).redirect).toBe(0)
      expect(await client.clientTracking(false)).toBe('OK')
      expect(await client.clientNoEvict(true)).toBe('OK')
      expect(await client.clientNoTouch(true)).toBe('OK')
      expect(await client.sendCommand(['CLIENT', 'REPLY', 'ON'])).toBe('OK')
      expect(await client.clientUnblock(9999)).toBe(0)
      expect(await client.clientPause(60_000, 'WRITE')).toBe('OK')
      expect(await client.clientUnpause()).toBe('OK')
      expect(await client.clientKill({ filter: 'ID', id: 9999 })).toBe(0)
      expect(await client.sendCommand(['CLIENT', 'HELP'])).toContain('ID')
      const other = await connect(RESP, tcp())
      expect(await other.sendCommand(['RESET'])).toBe('RESET')
      expect(await other.sendCommand(['QUIT'])).toBe('OK')
      other.destroy()
    })

    test('none was left out', () => {
      expect(commandsRun(served.server)).toEqual(EVERY_COMMAND)
    })
  })

  test('a lost connection listens again to what it listened to, events of keys among it', async () => {
    await client.configSet('notify-keyspace-events', 'KEA')
    const listener = await connect(RESP, tcp())
    listener.on('error', () => {})
    const heard: string[] = []
    await listener.pSubscribe('__key*__:*', (message, channel) => {
      heard.push(`${channel} ${message}`)
    })
    expect(await client.clientKill({ filter: 'TYPE', type: 'pubsub' })).toBe(1)
    await eventually(() => served.server.pubsub.patternCount === 1)
    await client.set('event', '1')
    await eventually(() => heard.length === 2)
    expect(heard).toEqual(['__keyspace@0__:event set', '__keyevent@0__:set event'])
    listener.destroy()
    await client.configSet('notify-keyspace-events', '')
    await client.del('event')
  })

  test('unknown commands and wrong arity are errors', async () => {
    await expect(client.sendCommand(['NOSUCHCOMMAND'])).rejects.toThrow('ERR unknown command')
    const short = client.sendCommand(['GET'])
    await expect(short).rejects.toThrow("wrong number of arguments for 'get' command")
  })

  test('binary keys and values', async () => {
    const bytes = Buffer.from([0, 255, 13, 10, 0])
    const binary = client.withTypeMapping({ [RESP_TYPES.BLOB_STRING]: Buffer })
    await binary.set(bytes, bytes)
    expect(await binary.get(bytes)).toEqual(bytes)
    expect(await binary.keys('*')).toContainEqual(bytes)
  })

  test('a pipeline of ten thousand', async () => {
    const pipeline = client.multi()
    for (let i = 0; i < 5000; i++) pipeline.set(`p${i}`, `${i}`).get(`p${i}`)
    const replies = (await pipeline.execAsPipeline()) as unknown[]
    const wrong = replies.filter((value, i) => value !== (i % 2 === 0 ? 'OK' : String(i >> 1)))
    expect([replies.length, wrong]).toEqual([10_000, []])
  })

  test('ten megabytes there and back', async () => {
    const value = bigValue()
    const binary = client.withTypeMapping({ [RESP_TYPES.BLOB_STRING]: Buffer })
    expect(await binary.set('big', value)).toBe('OK')
    expect(await binary.strLen('big')).toBe(value.length)
    expect((await binary.get('big'))?.equals(value)).toBe(true)
    expect(await binary.del('big')).toBe(1)
  })

  test('reconnects when its connection is killed', async () => {
    const victim = await connect(RESP, tcp())
    const id = await victim.clientId()
    await victim.set('before', 'kill')
    const again = new Promise((resolve) => victim.once('ready', resolve))
    expect(await client.clientKill({ filter: 'ID', id })).toBe(1)
    await again
    expect(await victim.get('before')).toBe('kill')
    expect(await victim.clientId()).toBeGreaterThan(id)
    victim.destroy()
  })

  test('a unix socket', async () => {
    const local = await connect(RESP, { path: served.path })
    expect(await local.set('over', 'unix')).toBe('OK')
    expect(await local.get('over')).toBe('unix')
    expect((await local.clientInfo()).addr).toBe(`${served.path}:0`)
    await local.close()
  })

  test('a password', async () => {
    const guarded = serve({ config: { requirepass: 'secret' } })
    const socket = { host: '127.0.0.1', port: guarded.port }
    const open = await connect(RESP, socket, { password: 'secret' })
    expect(await open.set('key', 'value')).toBe('OK')
    await open.aclSetUser('reader', ['on', '>sesame', '~*', '+@read', '+@connection'])
    const login = { username: 'reader', password: 'sesame' }
    const reader = await connect(RESP, socket, login)
    expect(await reader.get('key')).toBe('value')
    const refusal = "NOPERM User reader has no permissions to run the 'set' command"
    await expect(reader.set('key', 'other')).rejects.toThrow(refusal)
    reader.destroy()
    open.destroy()
    const wrong = createClient({
      RESP,
      password: 'wrong',
      socket: { ...socket, reconnectStrategy: false },
    })
    wrong.on('error', () => {})
    await expect(wrong.connect()).rejects.toThrow('WRONGPASS')
    // Under RESP3 the library begins with a HELLO, which is refused.
    const shut = await connect(2, socket)
    await expect(shut.get('key')).rejects.toThrow('NOAUTH Authentication required.')
    expect(await shut.auth({ username: 'default', password: 'secret' })).toBe('OK')
    expect(await shut.get('key')).toBe('value')
    shut.destroy()
    await guarded.close()
  })
})
