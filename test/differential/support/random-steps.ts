/**
 * Random steps of several clients, for two servers to be led through alike: requests of all that
 * one client does to another, by itself or through keys and channels. The sequence follows from the
 * seed alone.
 *
 * Requests are written as templates, whose words that begin with `@` are drawn anew each time; `|`
 * stands between some that come together. What
 * a server leaves open is not among them: times that are told, elements by chance, and the order of
 * what is in a hash table.
 */
import { Random } from '../../../src/platform/random.ts'

/** One client sends requests at once, or the control connection does, whose number is `CLIENTS`. */
export interface RandomStep {
  readonly client: number
  readonly requests: readonly (readonly string[])[]
  /** The client hangs up instead. */
  readonly closes?: boolean
}

/** How many clients there are. */
export const CLIENTS = 6

const WORDS: Readonly<Record<string, readonly string[]>> = {
  '@key': ['a', 'b', 'c', 'd', 'list', 'list', 'set', 'hash', 'zset', 'none'],
  '@fleeting': ['brief', 'short'],
  '@queue': ['queue', 'line'],
  '@scores': ['scores', 'ranks'],
  '@value': ['1', '2', '3', 'x'],
  '@number': ['0', '1', '2', '-1', '3'],
  '@channel': ['ch1', 'ch2', 'dh1', '__keyevent@0__:set', '__keyspace@0__:a'],
  '@pattern': ['ch*', '*', '?h1', '__key*__:*', '__keyevent@*:del'],
  '@db': ['0', '0', '1'],
  '@end': ['LEFT', 'RIGHT'],
  '@extreme': ['MIN', 'MAX'],
  '@yesno': ['YES', 'NO'],
  '@onoff': ['ON', 'OFF'],
  '@protocol': ['2', '3', '3'],
  '@prefix': ['a', 'b', 'l', 'z', 's', 'q'],
  '@error': ['ERROR', 'TIMEOUT'],
  '@past': ['-1', '0', '100000'],
  '@user': ['limited', 'default', 'nobody'],
}

const STRINGS = [
  ...['GET @key', 'GET @key', 'GET @key', 'MGET @key @key @key', 'SET @key @value'],
  ...['SET @key @value', 'SET @key @value GET', 'SET @key @value EX 100000', 'SETNX @key @value'],
  ...['SET @key @value XX KEEPTTL', 'GETSET @key @value', 'GETDEL @key', 'GETEX @key PERSIST'],
  ...['INCR @key', 'APPEND @key @value', 'MSET @key @value @key @value', 'MSETNX @key 1 @key 2'],
  ...['SETRANGE @key 1 @value', 'STRLEN @key', 'GETRANGE @key 0 1', 'GETEX @key EX 100000'],
  ...['GETEX @key PXAT 1'],
]
const GENERIC = [
  ...['DEL @key @key', 'UNLINK @key', 'EXISTS @key @key', 'TYPE @key', 'RENAME @key @key'],
  ...['RENAMENX @key @key', 'COPY @key @key', 'COPY @key @key DB @db REPLACE', 'MOVE @key @db'],
  ...['EXPIRE @key @past', 'PERSIST @key', 'TOUCH @key @key', 'SORT @key ALPHA', 'DBSIZE'],
  ...['SORT @key ALPHA STORE @key', 'SELECT @db', 'SELECT @db', 'SELECT 99', 'SWAPDB 0 1'],
  ...['FLUSHDB', 'FLUSHALL', 'FLUSHALL ASYNC', 'PEXPIREAT @key 1'],
]
/** Of keys that may have expired without anybody having noticed. */
const FLEETING = [
  ...['GET @fleeting', 'GET @fleeting', 'MGET @fleeting @fleeting', 'SET @fleeting 1'],
  ...['SET @fleeting 1', 'INCR @fleeting', 'DEL @fleeting', 'EXISTS @fleeting', 'GETDEL @fleeting'],
  ...['RENAME @fleeting @key', 'COPY @fleeting @key REPLACE', 'EXPIRE @fleeting 100000'],
  ...['WATCH @fleeting', 'WATCH @fleeting', 'SET @fleeting 2 XX', 'UNLINK @fleeting @fleeting'],
  ...[
    'MOVE @fleeting 1',
    'SORT @fleeting',
    'APPEND @fleeting 1',
    'SETNX @fleeting 3',
    'SET @fleeting 1 PXAT 1',
  ],
]
const COLLECTIONS = [
  ...['LPUSH @key @value', 'RPUSH @key @value @value', 'RPUSH list @value', 'LPUSH list @value'],
  ...['RPUSH list 1 2 3', 'LPOP @key', 'RPOP list 2', 'LMOVE list @key @end @end', 'LLEN list'],
  ...['LRANGE list 0 -1', 'LREM list 1 @value', 'LTRIM list 0 1', 'LSET list 0 @value'],
  ...['RPUSHX @key @value', 'LMPOP 2 @key list @end', 'LINSERT list BEFORE 1 @value'],
  ...['SADD set 1 2', 'SADD @key @number', 'SREM set @number', 'SCARD set', 'SMOVE set @key 1'],
  ...['SUNIONSTORE @key set set', 'SINTERSTORE @key set none', 'SISMEMBER set 1'],
  ...['HSET hash f @value', 'HSET @key f @value g 1', 'HDEL hash f', 'HGET hash f', 'HGETALL hash'],
  ...['ZADD zset 1 x 2 y', 'ZADD @key @number @value', 'ZINCRBY zset 1 x', 'ZREM zset x'],
  ...['ZRANGE zset 0 -1', 'ZPOPMIN @key', 'ZPOPMAX zset', 'ZRANGESTORE @key zset 0 -1'],
  ...['ZUNIONSTORE @key 2 zset set', 'ZMPOP 1 zset @extreme', 'PFADD @key @value'],
]
// Of several keys none may become anything else: where one has, 7.2 answers an error to who waits.
const BLOCKING = [
  ...['BLPOP @queue @queue 0', 'BRPOP list 0', 'BLPOP @key 0', 'BLMOVE @key @key @end @end 0'],
  ...['BLMOVE list @key @end @end 0', 'BRPOPLPUSH @key list 0', 'BLMOVE list @queue @end @end 0'],
  ...['BLMPOP 0 2 @queue @queue @end COUNT 2', 'BZPOPMIN @scores @scores 0', 'BZPOPMAX zset 0'],
  ...['BZMPOP 0 2 @scores @scores @extreme', 'BLPOP list -1', 'RPUSH @queue 1', 'LPUSH @queue 1 2'],
  ...['ZADD @scores 1 x 2 y', 'DEL @queue @scores', 'LMOVE @queue @queue @end @end'],
]
const TRANSACTIONS = [
  ...['MULTI', 'MULTI', 'MULTI', 'EXEC', 'EXEC', 'EXEC', 'EXEC', 'DISCARD', 'WATCH @key @key'],
  ...['WATCH @key', 'WATCH @key', 'UNWATCH'],
]
const PUBSUB = [
  ...['SUBSCRIBE @channel', 'SUBSCRIBE @channel @channel', 'PSUBSCRIBE @pattern', 'UNSUBSCRIBE'],
  ...['SSUBSCRIBE @channel', 'UNSUBSCRIBE @channel', 'PUNSUBSCRIBE @pattern', 'PUNSUBSCRIBE'],
  ...[
    'SUNSUBSCRIBE @channel',
    'SUNSUBSCRIBE',
    'PUBLISH @channel @value',
    'PUBLISH @channel @value',
  ],
  ...[
    'SPUBLISH @channel @value',
    'PUBSUB NUMSUB ch1 ch2',
    'PUBSUB NUMPAT',
    'PUBSUB SHARDNUMSUB ch1',
  ],
  ...['SUBSCRIBE __redis__:invalidate', 'SUBSCRIBE __redis__:invalidate'],
]
const TRACKING = [
  ...['CLIENT TRACKING ON', 'CLIENT TRACKING ON', 'CLIENT TRACKING ON BCAST'],
  ...['CLIENT TRACKING ON BCAST PREFIX @prefix', 'CLIENT TRACKING ON OPTIN'],
  ...['CLIENT TRACKING ON OPTOUT', 'CLIENT TRACKING ON NOLOOP', 'CLIENT TRACKING ON BCAST NOLOOP'],
  ...['CLIENT TRACKING ON REDIRECT @client', 'CLIENT TRACKING ON REDIRECT @client BCAST'],
  ...['CLIENT TRACKING ON REDIRECT @client OPTIN NOLOOP', 'CLIENT TRACKING OFF'],
  ...['CLIENT TRACKING OFF', 'CLIENT CACHING @yesno', 'CLIENT CACHING @yesno', 'CLIENT GETREDIR'],
  ...['CLIENT TRACKINGINFO', 'CLIENT TRACKING ON BCAST PREFIX @prefix PREFIX c'],
]
// Redis forgets to end a connection whose QUIT has no reply.
const CONNECTION = [
  ...['HELLO @protocol', 'HELLO @protocol', 'HELLO 3 SETNAME @value', 'HELLO 4', 'RESET', 'RESET'],
  ...['CLIENT REPLY ON', 'CLIENT REPLY ON', 'CLIENT REPLY OFF', 'CLIENT REPLY SKIP', 'PING'],
  ...['CLIENT REPLY SKIP', 'PING @value', 'ECHO @value', 'CLIENT GETNAME', 'CLIENT SETNAME @value'],
  ...['CLIENT NO-EVICT @onoff', 'CLIENT ID', 'CLIENT UNBLOCK @client', 'CLIENT UNPAUSE'],
  ...[
    'CLIENT UNBLOCK @client @error',
    'CLIENT UNBLOCK @client',
    'CLIENT KILL ID @client',
    'NOSUCH',
  ],
  ...['GET', 'SUBSCRIBE', 'CLIENT NOSUCH', 'AUTH @user x', 'AUTH wrong', 'MONITOR'],
  ...['CLIENT UNPAUSE', 'COMMAND COUNT x', 'ACL WHOAMI'],
]

const GROUPS: readonly (readonly [weight: number, templates: readonly string[]])[] = [
  [6, STRINGS],
  [3, GENERIC],
  [1, FLEETING],
  [4, COLLECTIONS],
  [2, BLOCKING],
  [5, TRANSACTIONS],
  [5, PUBSUB],
  [3, TRACKING],
  [3, CONNECTION],
]
const WEIGHTS = GROUPS.reduce((sum, [weight]) => sum + weight, 0)

/** What the control connection does between the clients' steps. */
const CONTROL: readonly (readonly string[])[] = [
  ['RPUSH list 1 2', 'RPUSH a 1', 'ZADD zset 1 m 2 n'],
  // Redis 7.0 fails if a transaction begins a pause and goes on to write.
  ['CLIENT PAUSE 100000 WRITE'],
  ['CLIENT GETNAME'],
  ['CLIENT UNBLOCK @client', 'CLIENT UNBLOCK @client ERROR'],
  ['CLIENT KILL ID @client'],
  // A key that is over, but that nobody has noticed yet.
  ['SET @fleeting @value PX 1', 'DEBUG SLEEP 0.003'],
  // Where a millisecond turns within PEXPIRE, Redis 7.0 takes one from now for past, and deletes.
  ['PEXPIRE @fleeting 10', 'DEBUG SLEEP 0.015'],
  ['DEL a b c d', 'DEL list set hash zset'],
  ['CONFIG SET notify-keyspace-events KEA'],
  ['CONFIG SET notify-keyspace-events Kl$'],
  ['CONFIG SET notify-keyspace-events '],
  // As little data as there is, it is too much.
  ['CONFIG SET maxmemory 0', 'SELECT 9', 'SET filler 1', 'SELECT 0', 'CONFIG SET maxmemory 1'],
  ['CONFIG SET maxmemory 0'],
  ['ACL SETUSER limited resetkeys ~a* ~l* resetchannels &ch* +@all', 'CONFIG SET maxmemory 0'],
  ['ACL SETUSER limited allkeys allchannels +@all -@pubsub', 'CONFIG SET maxmemory 0'],
  ['ACL SETUSER limited allkeys allchannels +@all'],
]

/**
 * What is left out, in streams whose seeds have these remainders when divided by 4, for the sake of
 * what docs/differences.md has: behind SWAPDB, and with NOLOOP of what expires, caches are told more
 * than by Redis; without data there is memory left; a list in place of a string serves who waits.
 * When a pause is over, who had to wait goes on before who is served then, or behind. With NOLOOP,
 * what a client brings about that waits is its own change, as since 7.2.
 */
const LEFT_OUT: readonly RegExp[] = [
  /SWAPDB| PX|PEXPIRE|FLUSHALL|^B[LRZ]/,
  /TRACKING ON|STORE|maxmemory 1| PAUSE/,
  /SWAPDB|NOLOOP|STORE|maxmemory 1| PAUSE/,
  /SWAPDB| PX|PEXPIRE|^B[LRZ]|maxmemory 1| PAUSE/,
]

/** One step in so many is the control connection's, and one in so many hangs up. */
const CONTROL_ONE_IN = 12
const CLOSING_ONE_IN = 150
const MAX_PIPELINE = 4

export class RandomSteps {
  private readonly random: Random
  private readonly leftOut: RegExp
  /** The numbers that the servers have given the clients. */
  readonly ids: number[] = []

  constructor(seed: number) {
    this.random = new Random(seed)
    this.leftOut = LEFT_OUT[seed % LEFT_OUT.length]
  }

  below(limit: number): number {
    return this.random.below(limit)
  }

  next(): RandomStep {
    if (this.below(CONTROL_ONE_IN) === 0) {
      // A pause lasts no longer than to the next such step, which it would hold back.
      const templates = ['CLIENT UNPAUSE', ...this.pickAllowed(CONTROL)]
      return { client: CLIENTS, requests: templates.map((template) => this.words(template)) }
    }
    const client = this.below(CLIENTS)
    const closes = this.below(CLOSING_ONE_IN) === 0
    const length = this.below(2) === 0 ? 1 : 1 + this.below(MAX_PIPELINE)
    const templates = Array.from({ length }, () => this.template().split('|')).flat()
    const requests = templates.map((template) => this.words(template))
    return { client, requests, closes }
  }

  private template(): string {
    let at = this.below(WEIGHTS)
    for (const [weight, templates] of GROUPS) {
      if (at < weight) return this.pickAllowed(templates)
      at -= weight
    }
    throw new Error('the weights are not those of the groups')
  }

  private words(template: string): string[] {
    return template.split(' ').map((word) => {
      if (word === '@client') return String(this.ids[this.below(CLIENTS)])
      return WORDS[word] === undefined ? word : this.pick(WORDS[word])
    })
  }

  private pickAllowed<T extends string | readonly string[]>(list: readonly T[]): T {
    for (;;) {
      const picked = this.pick(list)
      if (!this.leftOut.test(String(picked))) return picked
    }
  }

  private pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)]
  }
}
