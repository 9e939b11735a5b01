/** The commands of the hash group. */
import type { CommandSpec } from '../command.ts'
import { hdel } from './hdel.ts'
import { hexpire, hexpireat, hpexpire, hpexpireat } from './hexpire.ts'
import { hexists, hget, hlen, hmget, hstrlen } from './hget.ts'
import { hgetall, hkeys, hvals } from './hgetall.ts'
import { hgetdel } from './hgetdel.ts'
import { hgetex } from './hgetex.ts'
import { hincrby } from './hincrby.ts'
import { hincrbyfloat } from './hincrbyfloat.ts'
import { hrandfield } from './hrandfield.ts'
import { hscan } from './hscan.ts'
import { hmset, hset, hsetnx } from './hset.ts'
import { hsetex } from './hsetex.ts'
import { hexpiretime, hpersist, hpexpiretime, hpttl, httl } from './httl.ts'

export const hashCommands: readonly CommandSpec[] = [
  hdel,
  hexists,
  hexpire,
  hexpireat,
  hexpiretime,
  hget,
  hgetall,
  hgetdel,
  hgetex,
  hincrby,
  hincrbyfloat,
  hkeys,
  hlen,
  hmget,
  hmset,
  hpersist,
  hpexpire,
  hpexpireat,
  hpexpiretime,
  hpttl,
  hrandfield,
  hscan,
  hset,
  hsetex,
  hsetnx,
  hstrlen,
  httl,
  hvals,
]
