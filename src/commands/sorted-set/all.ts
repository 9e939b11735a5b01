/** The commands of the sorted set group. */
import type { CommandSpec } from '../command.ts'
import {
  zdiff,
  zdiffstore,
  zinter,
  zintercard,
  zinterstore,
  zunion,
  zunionstore,
} from './set-operations.ts'
import { zadd, zincrby } from './zadd.ts'
import { zcard, zmscore, zscore } from './zcard.ts'
import { zcount, zlexcount } from './zcount.ts'
import { zpopmax, zpopmin } from './zpop.ts'
import { bzmpop, bzpopmax, bzpopmin, zmpop } from './zpop-any.ts'
import { zrandmember } from './zrandmember.ts'
import {
  zrange,
  zrangebylex,
  zrangebyscore,
  zrevrange,
  zrevrangebylex,
  zrevrangebyscore,
} from './zrange.ts'
import { zrangestore } from './zrangestore.ts'
import { zrank, zrevrank } from './zrank.ts'
import { zrem } from './zrem.ts'
import { zremrangebylex, zremrangebyrank, zremrangebyscore } from './zremrange.ts'
import { zscan } from './zscan.ts'

export const sortedSetCommands: readonly CommandSpec[] = [
  bzmpop,
  bzpopmax,
  bzpopmin,
  zadd,
  zcard,
  zcount,
  zdiff,
  zdiffstore,
  zincrby,
  zinter,
  zintercard,
  zinterstore,
  zlexcount,
  zmpop,
  zmscore,
  zpopmax,
  zpopmin,
  zrandmember,
  zrange,
  zrangebylex,
  zrangebyscore,
  zrangestore,
  zrank,
  zrem,
  zremrangebylex,
  zremrangebyrank,
  zremrangebyscore,
  zrevrange,
  zrevrangebylex,
  zrevrangebyscore,
  zrevrank,
  zscan,
  zscore,
  zunion,
  zunionstore,
]
