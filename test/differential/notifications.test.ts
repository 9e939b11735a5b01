/**
 * Keyspace notifications against the reference: after each command, what a client hears that
 * listens to everything.
 *
 * The order of `new`, and what is told of sources that are missing, are compared as well.
 */
import { expect, test } from 'vitest'
import { RandomCommands } from '../support/random-commands.ts'
import { differential, type Pair } from './support/compare.ts'
import { referenceVersion } from './support/reference.ts'
import { latin1 } from './support/reply.ts'
import { type Argument, WireClient } from './support/wire.ts'

/** How many random commands are compared. */
const RANDOM_COMMANDS = 3000
/** Commands that wait, end or change connections or the server, or go by chance. */
const NOT_AT_RANDOM = new Set([
  'ACL',
  // Who monitors may not touch the keys any more, and hears more than replies.
  'MONITOR',
  ...['BLMOVE', 'BLMPOP', 'BLPOP', 'BRPOP', 'BRPOPLPUSH', 'BZMPOP', 'BZPOPMAX', 'BZPOPMIN'],
  ...['CLIENT', 'COMMAND', 'CONFIG', 'DEBUG', 'HELLO', 'INFO', 'LOLWUT', 'PFSELFTEST', 'QUIT'],
  ...['AUTH', 'BGREWRITEAOF', 'BGSAVE', 'SAVE', 'SHUTDOWN', 'RANDOMKEY', 'SCAN', 'SPOP', 'MIGRATE'],
  ...['MULTI', 'EXEC', 'DISCARD', 'PUBLISH', 'PUBSUB', 'SUBSCRIBE', 'PSUBSCRIBE', 'SSUBSCRIBE'],
  ...['UNSUBSCRIBE', 'PUNSUBSCRIBE', 'SUNSUBSCRIBE', 'HRANDFIELD', 'SRANDMEMBER', 'ZRANDMEMBER'],
])

/** One server with a client that works and one that listens. */
class Ear {
  private readonly worker: WireClient
  private readonly listener: WireClient

  private constructor(worker: WireClient, listener: WireClient) {
    this.worker = worker
    this.listener = listener
  }

  static async open(port: number, events: string): Promise<Ear> {
    const worker = await WireClient.connect(port)
    await worker.call('FLUSHALL')
    await worker.call('DEBUG', 'SET-ACTIVE-EXPIRE', '0')
    await worker.call('CONFIG', 'SET', 'notify-keyspace-events', events)
    const listener = await WireClient.connect(port)
    await listener.call('PSUBSCRIBE', '*')
    return new Ear(worker, listener)
  }

  /** What is heard of a command: the messages' channels with their texts. */
  async heard(command: readonly Argument[]): Promise<string[]> {
    await this.worker.call(...command)
    await this.worker.call('PUBLISH', 'end', '')
    const messages: string[] = []
    for (;;) {
      const message = latin1(await this.listener.reply())
      if (message.endsWith('$3\r\nend\r\n$0\r\n\r\n')) return messages
      messages.push(message.slice(message.indexOf('__key')))
    }
  }

  async close(): Promise<void> {
    await this.worker.call('CONFIG', 'SET', 'notify-keyspace-events', '')
    this.worker.close()
    this.listener.close()
  }
}

/** The same seeds give the same commands. */
async function compareAtRandom(pair: Pair, seed: number): Promise<void> {
  const commands = new RandomCommands({
    seed,
    version: referenceVersion!,
    excluded: NOT_AT_RANDOM,
  })
  const theirs = await Ear.open(pair.reference.port, 'KEAmn')
  const ours = await Ear.open(pair.redstart.port, 'KEAmn')
  for (let i = 0; i < RANDOM_COMMANDS; i++) {
    const { name, args } = commands.next()
    // 7.2 has WITHSCORE.
    if (/^Z(REV)?RANK$/.test(name)) continue
    const shown = args.map((arg) => latin1(arg).slice(0, 40)).join(' ')
    const [expected, actual] = await Promise.all([theirs.heard(args), ours.heard(args)])
    // A set is sorted in the order in which chance has it, if by nothing else.
    if (name.startsWith('SORT')) for (const events of [expected, actual]) events.sort()
    expect([i, shown, ...actual]).toEqual([i, shown, ...expected])
  }
  await theirs.close()
  await ours.close()
}

async function compareEvents(pair: Pair, events: string, commands: readonly string[]) {
  const theirs = await Ear.open(pair.reference.port, events)
  const ours = await Ear.open(pair.redstart.port, events)
  for (const command of commands) {
    const words = command.split(' ')
    const expected = await theirs.heard(words)
    expect([command, ...(await ours.heard(words))]).toEqual([command, ...expected])
  }
  await theirs.close()
  await ours.close()
}

const STRINGS = [
  'SET a 1',
  'SET a 2',
  'SET a 3 EX 100',
  'SET a 3 PX 100000',
  'SET a 3 EXAT 99999999999',
  'SET a 4 KEEPTTL',
  'SET a 4 NX',
  'SET new 4 XX',
  'SET new 4 XX GET',
  'SET a 5 GET',
  'SETEX b 100 x',
  'PSETEX b 100000 x',
  'SETNX b x',
  'SETNX c 1',
  'GETSET c 2',
  'GETSET d 2',
  'GETDEL d',
  'GETDEL d',
  'GETEX c',
  'GETEX c EX 100',
  'GETEX c PERSIST',
  'GETEX c PERSIST',
  'GETEX c PXAT 1',
  'GETEX c EX 100',
  'APPEND e x',
  'APPEND e y',
  'SETRANGE e 1 z',
  'SETRANGE e 5 z',
  'SETRANGE f 0 z',
  'INCR g',
  'DECRBY g 2',
  'INCRBYFLOAT g 1.5',
  'INCRBYFLOAT h 1.5',
  'MSET a 1 i 2 i 3 j 4',
  'MSETNX a 1 z 2',
  'MSETNX k 1 l 2 k 3',
  'MGET a none',
  'GET none',
  'STRLEN none',
  'GETRANGE none 0 1',
  'LCS none a',
]

const GENERIC = [
  'MSET a 1 b 2 c 3',
  'DEL a none b',
  'UNLINK c none',
  'MSET a 1 b 2 c 3',
  'EXPIRE a 100',
  'EXPIRE a 200 NX',
  'EXPIRE none 100',
  'PEXPIREAT a 99999999999999',
  'PERSIST a',
  'PERSIST a',
  'EXPIRE a -1',
  'RENAME b d',
  'RENAME d d',
  'RENAME d c',
  'RENAMENX c e',
  'SET f 1',
  'RENAMENX e f',
  'COPY e g',
  'COPY e g',
  'COPY e g REPLACE',
  'COPY e g DB 3',
  'COPY none g',
  'MOVE e 2',
  'MOVE none 2',
  'MOVE g 3',
  'EXISTS none f',
  'TTL none',
  'TYPE none',
  'OBJECT ENCODING none',
  'TOUCH none f',
  'DUMP none',
  'SET h 1 PX 1',
  'DEBUG SLEEP 0.01',
  'GET h',
  'SET h 1 PX 1',
  'DEBUG SLEEP 0.01',
  'SET h 2',
  'RPUSH list 3 1 2',
  'SORT list',
  'SORT list STORE sorted',
  'SORT list STORE sorted',
  'SORT none STORE sorted',
  'SORT list BY w_* GET v_*',
  'FLUSHDB',
  'SWAPDB 0 1',
]

const LISTS = [
  'LPUSH a 1 2 3',
  'RPUSH a 4',
  'LPUSHX none 1',
  'RPUSHX a 5 6',
  'LINSERT a BEFORE 1 x',
  'LINSERT a BEFORE none x',
  'LSET a 0 y',
  'LREM a 0 y',
  'LREM a 0 y',
  'LTRIM a 0 3',
  'LPOP a',
  'RPOP a',
  'LPOP a 0',
  'RPUSH b 1 2',
  'LPOP b 2',
  'LMOVE a b LEFT RIGHT',
  'LMOVE a b LEFT RIGHT',
  'RPOPLPUSH b b',
  'RPOPLPUSH none b',
  'LMPOP 2 none b RIGHT COUNT 5',
  'BLPOP none b 0.01',
  'RPUSH b 1',
  'BLPOP none b 1',
  'RPUSH b 1',
  'BLMOVE b c LEFT LEFT 1',
  'BRPOPLPUSH c d 1',
  'BLMPOP 1 1 d LEFT',
  'LTRIM none 0 1',
  'RPUSH e 1',
  'LTRIM e 5 6',
  'RPUSH e 1',
  'LREM e 0 1',
  'LLEN none',
  'LRANGE none 0 1',
  'LINDEX none 0',
  'LPOS none x',
]

const SETS = [
  'SADD a 1 2 3',
  'SADD a 1',
  'SREM a 1 9',
  'SREM a 9',
  'SMOVE a b 2',
  'SMOVE a b 2',
  'SMOVE a b 3',
  'SMOVE a b 3',
  'SADD c x y z',
  'SPOP c 2',
  'SPOP c',
  'SPOP c',
  'SADD c x y z',
  'SPOP c 5',
  'SPOP c 5',
  'SADD c x 2',
  'SINTERSTORE d b c',
  'SINTERSTORE d b none',
  'SINTERSTORE d b none',
  'SUNIONSTORE d b c',
  'SUNIONSTORE d b c',
  'SDIFFSTORE d b c none',
  'SDIFFSTORE d none',
  'SREM b 2 3',
  'SCARD none',
  'SISMEMBER none x',
  'SMEMBERS none',
  'SINTER none b',
  'SUNION none',
  'SRANDMEMBER none',
  'SSCAN none 0',
]

const HASHES = [
  'HSET a f 1 g 2',
  'HSET a f 1',
  'HMSET a f 3',
  'HSETNX a f 1',
  'HSETNX a h 1',
  'HINCRBY a f 1',
  'HINCRBYFLOAT a f 1.5',
  'HINCRBY b f 1',
  'HDEL a f none',
  'HDEL a none',
  'HDEL a g h',
  'HDEL b f',
  'HGET none f',
  'HGETALL none',
  'HLEN none',
  'HMGET none f',
  'HRANDFIELD none',
  'HSCAN none 0',
  'HEXISTS none f',
]

const SORTED_SETS = [
  'ZADD a 1 x 2 y 3 z',
  'ZADD a 1 x',
  'ZADD a 5 x',
  'ZADD a INCR 5 x',
  'ZADD a INCR 0 x',
  'ZADD a XX 5 none',
  'ZADD a NX 9 x',
  'ZINCRBY a 1 x',
  'ZINCRBY b 1 x',
  'ZREM a none',
  'ZREM a x none',
  'ZREM b x',
  'ZADD b 1 a 2 b 3 c 4 d',
  'ZREMRANGEBYRANK b 0 0',
  'ZREMRANGEBYSCORE b 2 2',
  'ZREMRANGEBYLEX b [c [c',
  'ZREMRANGEBYLEX b [c [c',
  'ZREMRANGEBYRANK b 0 -1',
  'ZADD b 1 y 2 q',
  'ZUNIONSTORE c 2 a b',
  'ZINTERSTORE c 2 a b',
  'ZDIFFSTORE c 2 a b',
  'ZDIFFSTORE c 2 a a',
  'ZDIFFSTORE c 2 a a',
  'ZRANGESTORE d a 0 -1',
  'ZRANGESTORE d a 9 10',
  'ZRANGESTORE d none 0 1',
  'ZPOPMIN b',
  'ZPOPMAX b',
  'ZPOPMIN b',
  'ZADD b 1 y 2 q',
  'ZPOPMAX b 5',
  'ZADD b 1 y 2 q',
  'ZMPOP 2 none b MIN COUNT 5',
  'ZADD b 1 y 2 q',
  'BZPOPMIN none b 1',
  'BZPOPMAX b 1',
  'ZADD b 1 y 2 q',
  'BZMPOP 1 1 b MIN COUNT 2',
  'ZCARD none',
  'ZSCORE none x',
  'ZRANGE none 0 1',
  'ZRANK none x',
  'ZUNION 2 none a',
  'ZINTERCARD 2 none a',
  'ZMSCORE none x',
  'ZRANDMEMBER none',
]

const HYPERLOGLOGS = [
  'PFADD a x y',
  'PFADD a x',
  'PFADD a z',
  'PFADD b',
  'PFADD b',
  'PFCOUNT a',
  'PFCOUNT a b none',
  'PFMERGE c a b',
  'PFMERGE c',
  'PFCOUNT c',
]

const BITMAPS = [
  'SETBIT a 7 1',
  'SETBIT a 7 1',
  'SETBIT a 7 0',
  'SETBIT a 70 0',
  'GETBIT a 7',
  'GETBIT none 7',
  'BITCOUNT none',
  'BITPOS none 1',
  'BITFIELD b GET u8 0',
  'BITFIELD b SET u8 0 5 INCRBY u8 0 1',
  'BITFIELD b SET u8 0 6',
  'BITFIELD b OVERFLOW FAIL SET u2 0 9',
  'BITFIELD c OVERFLOW FAIL SET u2 0 9',
  'BITFIELD_RO none GET u8 0',
  'BITOP OR d a b none',
  'BITOP OR d a b',
  'BITOP AND e none',
  'BITOP AND d none',
  'BITOP NOT f b',
]

const FAMILIES: readonly (readonly [name: string, commands: readonly string[]])[] = [
  ['strings', STRINGS],
  ['keys', GENERIC],
  ['lists', LISTS],
  ['sets', SETS],
  ['hashes', HASHES],
  ['sorted sets', SORTED_SETS],
  ['HyperLogLogs', HYPERLOGLOGS],
  ['bitmaps', BITMAPS],
]

// Strings end at 1 MB, so that a bit far behind the end costs little.
const DEBUG = { flags: ['--enable-debug-command', 'yes', '--proto-max-bulk-len', '1mb'] }

differential('keyspace notifications', DEBUG, ({ compare, pair }) => {
  test.each(FAMILIES)('of %s', async (_, commands) => {
    await compareEvents(pair(), 'KEA', commands)
    // With the events of look-ups too.
    await compareEvents(pair(), 'KEAmn', commands)
  })

  test.each(['Kg$', 'Ex', 'El', 'KEs', 'Kh', 'Ez', 'KEm', 'En', 'A', 'K', ''])(
    'of the classes %s only',
    async (events) => {
      const commands = FAMILIES.flatMap(([, family]) => family.slice(0, 12))
      await compareEvents(pair(), events, commands)
    },
  )

  test.each([1, 2, 3])('of random commands, seed %i', async (seed) => {
    await compareAtRandom(pair(), seed)
  })

  test('the directive', () =>
    compare([
      ...['', 'KEA', 'AKE', 'Kg$lshzxet', 'g$lshzxetd', 'EK', 'Em', 'nKm', 'Kx', 'KEAmn'].flatMap(
        (events) => [
          ['CONFIG', 'SET', 'notify-keyspace-events', events],
          'CONFIG GET notify-keyspace-events',
        ],
      ),
      'CONFIG SET notify-keyspace-events q',
      ['CONFIG', 'SET', 'notify-keyspace-events', ''],
    ]))
})
