/**
 * What the string commands share: looking a key up as a string, and storing an argument or a text
 * under the key of the last lookup.
 */
import { type Address, NULL } from '../../arena/arena.ts'
import { equalBytes } from '../../arena/bytes.ts'
import { NO_EXPIRY, TYPE_STRING, typeOf } from '../../keyspace/entry.ts'
import { LABEL_AUTO, type StringValue } from '../../keyspace/string-value.ts'
import type { Args } from '../../resp/args.ts'
import type { Context } from '../context.ts'
import { OUT_OF_MEMORY, TOO_LONG, WRONG_TYPE } from '../errors.ts'

/**
 * Looks a string up for reading. @returns whether it exists; `value` is then where its bytes are
 * @throws WRONG_TYPE
 */
export function readString(context: Context, keyIndex: number, value: StringValue): boolean {
  return locate(context, context.db.findForRead(context.args, keyIndex), value)
}

/** The same for a command that is going to change it. */
export function findString(context: Context, keyIndex: number, value: StringValue): boolean {
  return locate(context, context.db.findForWrite(context.args, keyIndex), value)
}

/** The same for one that stores another in its place, which counts as its use. */
export function findReplaced(context: Context, keyIndex: number, value: StringValue): boolean {
  return locate(context, context.db.find(context.args, keyIndex), value)
}

function locate(context: Context, entry: Address, value: StringValue): boolean {
  if (entry === NULL) return false
  const { arena } = context.db.keyspace
  if (typeOf(arena, entry) !== TYPE_STRING) throw WRONG_TYPE
  value.locate(arena, entry)
  return true
}

/** GET, as part of other commands: answers the string or nil. @returns whether it exists */
export function replyString(context: Context, keyIndex: number, value: StringValue): boolean {
  const exists = readString(context, keyIndex, value)
  if (exists) context.reply.bulk(value.bytes, value.view, value.start, value.end)
  else context.reply.nil()
  return exists
}

/** Whether a string has the bytes of argument `index`. */
export function equalsArgument(value: StringValue, args: Args, index: number): boolean {
  const { length } = value
  const start = args.starts[index]!
  return (
    args.ends[index]! - start === length &&
    equalBytes(value.bytes, value.view, value.start, args.bytes, args.view, start, length)
  )
}

/** Stores argument `valueIndex` under the key of the last lookup, which is argument 1. */
export function storeArgument(
  { db, args }: Context,
  valueIndex: number,
  expireAtMs: number | bigint = NO_EXPIRY,
): void {
  const start = args.starts[valueIndex]!
  const length = args.ends[valueIndex]! - start
  if (!db.setString(args, 1, args.bytes, args.view, start, length, expireAtMs, LABEL_AUTO)) {
    throw OUT_OF_MEMORY
  }
}

/**
 * Passes on that a key has been set, argument `index`, with the point of time at which it expires.
 */
export function propagateExpiringSet(
  context: Context,
  index: number,
  expireAtMs: number | bigint,
): void {
  const { args } = context
  context.propagate('SET', args.slice(1), args.slice(index), 'PXAT', expireAtMs)
}

/** The expiry time of what the last lookup found, to be given to what takes its place. */
export function foundExpiry({ db }: Context): number | bigint {
  return db.found === NULL ? NO_EXPIRY : db.exactExpiry(db.found)
}

/** @throws TOO_LONG when a string of `length` bytes is longer than proto-max-bulk-len allows */
export function checkLength({ server }: Context, length: number | bigint): void {
  if (length > server.protoMaxBulkLength) throw TOO_LONG
}
