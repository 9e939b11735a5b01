/** The commands of the set group. */
import type { CommandSpec } from '../command.ts'
import { scard, sismember, smembers, smismember } from './members.ts'
import { sadd } from './sadd.ts'
import { sdiff, sdiffstore } from './sdiff.ts'
import { sinter, sintercard, sinterstore } from './sinter.ts'
import { smove } from './smove.ts'
import { spop } from './spop.ts'
import { srandmember } from './srandmember.ts'
import { srem } from './srem.ts'
import { sscan } from './sscan.ts'
import { sunion, sunionstore } from './sunion.ts'

export const setCommands: readonly CommandSpec[] = [
  sadd,
  scard,
  sdiff,
  sdiffstore,
  sinter,
  sintercard,
  sinterstore,
  sismember,
  smembers,
  smismember,
  smove,
  spop,
  srandmember,
  srem,
  sscan,
  sunion,
  sunionstore,
]
