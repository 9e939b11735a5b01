/**
 * What LMPOP and ZMPOP, and all that wait for the first of several keys to have something, share:
 * how they are declared, read and made to wait. What is taken, and how it is answered, is theirs.
 */
import type { Args } from '../resp/args.ts'
import type { Reply } from '../resp/reply.ts'
import { integer64 } from './arguments.ts'
import { integer, type KeySpec, key } from './command.ts'
import type { Context } from './context.ts'
import { CommandError, SYNTAX_ERROR } from './errors.ts'

const BAD_KEY_COUNT = new CommandError('ERR numkeys should be greater than 0')
const BAD_COUNT = new CommandError('ERR count should be greater than 0')

/** What `numkeys key [key ...] <where> [COUNT count]` asks for. */
export interface MultiplePop {
  /** Indexes of the first key and of the argument behind the last. */
  firstKey: number
  endOfKeys: number
  /** What the word between the keys and the count means. */
  where: boolean
  count: number
}

/**
 * Parses from argument `index` on, the number of keys.
 *
 * @param readWhere what the word between the keys and the count means, or throws SYNTAX_ERROR
 */
export function parseMultiplePop(
  args: Args,
  index: number,
  readWhere: (args: Args, index: number) => boolean,
): MultiplePop {
  const keyCount = atLeastOne(args, index, BAD_KEY_COUNT)
  const firstKey = index + 1
  const endOfKeys = firstKey + keyCount
  if (endOfKeys >= args.count) throw SYNTAX_ERROR
  const pop = { firstKey, endOfKeys, where: readWhere(args, endOfKeys), count: 1 }
  const option = endOfKeys + 1
  if (option === args.count) return pop
  if (!args.is(option, 'count') || option + 1 === args.count) throw SYNTAX_ERROR
  pop.count = atLeastOne(args, option + 1, BAD_COUNT)
  if (option + 2 < args.count) throw SYNTAX_ERROR
  return pop
}

function atLeastOne(args: Args, index: number, error: CommandError): number {
  const value = Number(integer64(args, index, error))
  if (value < 1) throw error
  return value
}

/** Answers the name of the key that something was found in. */
export function replyKey({ args, reply }: Context, index: number): void {
  reply.bulk(args.bytes, args.view, args.starts[index]!, args.ends[index]!)
}

/** Waits until one of the keys from argument `first` up to `end` has a value of the type. */
export function blockOn(
  context: Context,
  type: number,
  first: number,
  end: number,
  timeoutMs: number,
): void {
  const indexes = Array.from({ length: end - first }, (_, i) => first + i)
  context.block(indexes, type, timeoutMs, replyNothing)
}

function replyNothing(reply: Reply): void {
  reply.nilArray()
}

export const KEYS = key('key', { multiple: true })
export const COUNT = integer('count', { token: 'COUNT', optional: true })

/** The keys of a command that names their number in argument `index`. */
export function countedKeys(index: number): KeySpec {
  return {
    begin: index,
    keyNumber: { index: 0, firstKey: 1, step: 1 },
    access: 'RW',
    intent: ['access', 'delete'],
  }
}

/** The keys of a command whose last argument is how long it waits. */
export const KEYS_BEFORE_TIMEOUT: KeySpec = {
  begin: 1,
  last: -2,
  access: 'RW',
  intent: ['access', 'delete'],
}
