/** The timeouts of commands that wait: seconds, with a fraction, as Redis 7.2 reads them. */
import { parseDouble } from '../bytes/doubles.ts'
import type { Context } from './context.ts'
import { CommandError } from './errors.ts'

const NOT_A_TIMEOUT = new CommandError('ERR timeout is not a float or out of range')
const OUT_OF_RANGE = new CommandError('ERR timeout is out of range')
const NEGATIVE = new CommandError('ERR timeout is negative')

/** What a signed integer of 64 bits cannot reach, as far as a double can tell. */
const LIMIT_MS = 2 ** 63

/** The timeout that is argument `index`, in whole ms, rounded up; 0 stands for ever. */
export function timeoutMs({ args, server }: Context, index: number): number {
  const seconds = parseDouble(args.bytes, args.starts[index]!, args.ends[index]!)
  if (seconds === null) throw NOT_A_TIMEOUT
  const ms = Math.ceil(seconds * 1000)
  if (ms >= LIMIT_MS) throw OUT_OF_RANGE
  if (ms < 0) throw NEGATIVE
  if (ms >= LIMIT_MS - server.clock.nowMs) throw OUT_OF_RANGE
  return ms
}
