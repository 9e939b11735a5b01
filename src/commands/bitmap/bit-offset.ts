/** Where a bit is: the offsets that the commands of bitmaps take, and their error. */
import { parseBigInteger, parseInteger } from '../../bytes/integers.ts'
import type { Args } from '../../resp/args.ts'
import type { Context } from '../context.ts'
import { CommandError } from '../errors.ts'

const OUT_OF_RANGE = new CommandError('ERR bit offset is not an integer or out of range')
const HASH = 0x23

/**
 * Argument `index` as the number of a bit that a string may have: its byte lies within
 * proto-max-bulk-len, unless the log is being read, which was written under another limit perhaps.
 *
 * @throws OUT_OF_RANGE
 */
export function bitOffset(context: Context, index: number): number {
  // NaN, for what is no integer or beyond 2^53, fails both comparisons.
  const offset = context.args.safeInteger(index)
  if (!(offset >= 0 && offset < limitOf(context))) throw OUT_OF_RANGE
  return offset
}

/** The same for a field of `bits`: with `#` before it the offset counts fields, not bits. */
export function fieldOffset(context: Context, index: number, bits: number): number {
  const { args } = context
  const start = args.starts[index]!
  const isHashed = start < args.ends[index]! && args.bytes[start] === HASH
  if (!isHashed) return bitOffset(context, index)
  const offset = scaledOffset(args, start + 1, args.ends[index]!, bits)
  if (!(offset >= 0 && offset < limitOf(context))) throw OUT_OF_RANGE
  return offset
}

/** The product in 64 bits, whose wrap nobody keeps off as Redis has it; NaN for no integer. */
function scaledOffset({ bytes }: Args, start: number, end: number, bits: number): number {
  const offset = parseInteger(bytes, start, end) * bits
  if (Number.isSafeInteger(offset)) return offset
  const exact = parseBigInteger(bytes, start, end)
  return exact === null ? NaN : Number(BigInt.asIntN(64, exact * BigInt(bits)))
}

function limitOf({ db, server }: Context): number {
  return db.keyspace.isLoading ? Number.MAX_SAFE_INTEGER : server.protoMaxBulkLength * 8
}
