/**
 * Expiry times as the string commands take them: an integer of seconds or milliseconds, from now or
 * since 1970. All arithmetic is exact in 64 bits, as in Redis 7.2: what lies beyond is refused.
 */
import { INT64_MAX } from '../../bytes/integers.ts'
import { integer64 } from '../arguments.ts'
import type { Context } from '../context.ts'
import { CommandError } from '../errors.ts'

export const SECONDS = 1000
export const MILLISECONDS = 1

/** Below this, seconds can be turned into milliseconds and added to the time without rounding. */
const EXACT_LIMIT = 2 ** 40

/** `ERR invalid expire time in 'set' command` and its like. */
export function invalidExpireTime(commandName: string): CommandError {
  return new CommandError(`ERR invalid expire time in '${commandName}' command`)
}

/**
 * The Unix time in ms that argument `index` stands for.
 *
 * @param unit SECONDS or MILLISECONDS
 * @param relative whether the time counts from now
 * @param invalid what to throw for a time that is not positive or too late
 * @returns a number up to 2^53 - 1, else a bigint
 * @throws NOT_AN_INTEGER, or `invalid`
 */
export function expireTime(
  { args, db }: Context,
  index: number,
  unit: number,
  relative: boolean,
  invalid: CommandError,
): number | bigint {
  const value = integer64(args, index)
  if (value <= 0) throw invalid
  const { nowMs } = db.keyspace.clock
  if (value < EXACT_LIMIT) return Number(value) * unit + (relative ? nowMs : 0)
  const atMs = BigInt(value) * BigInt(unit) + (relative ? BigInt(nowMs) : 0n)
  if (atMs > INT64_MAX) throw invalid
  return atMs <= Number.MAX_SAFE_INTEGER ? Number(atMs) : atMs
}
