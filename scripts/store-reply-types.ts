/**
 * What the commands answer as JavaScript values (RESP3), for the types of the store's methods: `T`
 * is a string, or bytes. A command that is not here answers `Value`, anything.
 *
 * Where the answer depends on an option it is listed by the option's name, or as `count` for an
 * optional count; '' is the answer without any of them. Source: the documentation of Redis 7.2.
 */
export type ReplyType = string | { readonly [variant: string]: string }

const OK = "'OK'"
const MEMBERS = { '': 'T[]', WITHSCORES: '[T, number][]' }
const POPPED = { '': 'T | null', count: 'T[] | null' }
const SCORED = { '': '[T, number] | []', count: '[T, number][]' }

function each(type: ReplyType, names: string): [string, ReplyType][] {
  return names.split(' ').map((name) => [name, type])
}

export const REPLY_TYPES: ReadonlyMap<string, ReplyType> = new Map<string, ReplyType>([
  ...each(
    'number',
    'append bitcount bitop bitpos client|id client|kill command|count copy dbsize decr decrby del ' +
      'delifeq exists expire expireat expiretime geoadd geosearchstore getbit hdel hexists hincrby ' +
      'hlen hset hsetex hsetnx hstrlen incr incrby lastsave linsert llen lpush lpushx lrem move msetnx ' +
      'object|freq object|idletime object|refcount persist pexpire pexpireat pexpiretime pfadd ' +
      'pfcount pttl publish pubsub|numpat renamenx rpush rpushx sadd scard sdiffstore setbit setnx ' +
      'setrange sintercard sinterstore sismember smove spublish srem strlen sunionstore touch ttl ' +
      'unlink client|unblock xack xdel xgroup|createconsumer xgroup|delconsumer xgroup|destroy ' +
      'xlen xtrim zcard zcount zdiffstore zincrby zintercard zinterstore zlexcount zrangestore ' +
      'zrem zremrangebylex zremrangebyrank zremrangebyscore zunionstore',
  ),
  ...each(
    OK,
    'bgsave client|no-evict client|no-touch client|pause client|setinfo client|setname ' +
      'client|unpause config|resetstat config|rewrite config|set flushall flushdb hmset lset ltrim ' +
      'mset pfmerge psetex rename restore save select setex swapdb unwatch watch xgroup|create ' +
      'xgroup|setid xsetid',
  ),
  ...each(
    'T',
    'client|info client|list echo getrange hincrbyfloat incrbyfloat info lolwut substr ' +
      'memory|doctor memory|malloc-stats',
  ),
  ...each(
    'T | null',
    'blmove brpoplpush client|getname dump get getdel getex getset hget lindex lmove ' +
      'object|encoding randomkey rpoplpush',
  ),
  ...each(
    'T[]',
    'command|getkeys command|list hkeys hvals keys lrange pubsub|channels pubsub|shardchannels ' +
      'sdiff sinter smembers sunion time zrangebylex zrevrangebylex',
  ),
  ...each('(T | null)[]', 'hgetdel hgetex hmget mget sort_ro geohash'),
  ...each(
    'number[]',
    'hexpire hexpireat hexpiretime hpersist hpexpire hpexpireat hpexpiretime hpttl httl smismember',
  ),
  ...each('(number | null)[]', 'bitfield'),
  ...each('number[]', 'bitfield_ro'),
  ...each('number | null', 'memory|usage zscore'),
  ...each('[T, T] | null', 'blpop brpop'),
  ...each('[T, T[]] | null', 'blmpop lmpop'),
  ...each('[T, T[]]', 'hscan scan sscan zscan'),
  ...each('[T, T, number] | null', 'bzpopmax bzpopmin'),
  ...each('[T, [T, number][]] | null', 'bzmpop zmpop'),
  ...each('Pairs<T, T>', 'config|get hgetall'),
  ...each(POPPED, 'lpop rpop'),
  ...each({ '': 'T | null', count: 'T[]' }, 'spop srandmember'),
  ...each(SCORED, 'zpopmax zpopmin'),
  ...each(MEMBERS, 'zdiff zinter zrange zrangebyscore zrevrange zrevrangebyscore zunion'),
  ...each({ '': 'number | null', WITHSCORE: '[number, number] | null' }, 'zrank zrevrank'),
  ['hrandfield', { '': 'T | null', count: 'T[]', WITHVALUES: '[T, T][]' }],
  ['zrandmember', { '': 'T | null', count: 'T[]', WITHSCORES: '[T, number][]' }],
  ['lcs', { '': 'T', LEN: 'number', IDX: 'Pairs<T, Value>' }],
  ['lpos', { '': 'number | null', COUNT: 'number[]' }],
  ['ping', "'PONG' | T"],
  ['set', { '': "'OK' | null", GET: 'T | null' }],
  ['sort', { '': '(T | null)[]', STORE: 'number' }],
  ['type', 'string'],
  ['zadd', { '': 'number', INCR: 'number | null' }],
  ['zmscore', '(number | null)[]'],
  ['pubsub|numsub', '(T | number)[]'],
  ['pubsub|shardnumsub', '(T | number)[]'],
  ['bgrewriteaof', 'string'],
])
