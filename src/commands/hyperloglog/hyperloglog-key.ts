/**
 * What the HyperLogLog commands share: looking a key up as a HyperLogLog, storing one that was
 * changed apart, and their errors. A HyperLogLog is a string, so GET and SET carry it about.
 */
import { type Address, NULL } from '../../arena/arena.ts'
import { accessOf, NO_EXPIRY, setAccess, TYPE_STRING, typeOf } from '../../keyspace/entry.ts'
import { growString } from '../../keyspace/string-growth.ts'
import { LABEL_RAW, type StringValue } from '../../keyspace/string-value.ts'
import { isHyperLogLog } from '../../types/hyperloglog.ts'
import { HyperLogLogDraft } from '../../types/hyperloglog-draft.ts'
import type { Context } from '../context.ts'
import { CommandError, OUT_OF_MEMORY, WRONG_TYPE } from '../errors.ts'

const NOT_A_HYPERLOGLOG = new CommandError('WRONGTYPE Key is not a valid HyperLogLog string value.')
export const CORRUPTED_HYPERLOGLOG = new CommandError('INVALIDOBJ Corrupted HLL object detected')

/** The one that a command is working on: valid until it returns. */
export const draft = new HyperLogLogDraft()

/**
 * Points `value` at the HyperLogLog that was found.
 *
 * @returns false if nothing was found
 * @throws WRONG_TYPE, or NOT_A_HYPERLOGLOG for other strings
 */
export function locateHyperLogLog(context: Context, entry: Address, value: StringValue): boolean {
  if (entry === NULL) return false
  const { arena } = context.db.keyspace
  if (typeOf(arena, entry) !== TYPE_STRING) throw WRONG_TYPE
  value.locate(arena, entry)
  if (!isHyperLogLog(value.view, value.start, value.end)) throw NOT_A_HYPERLOGLOG
  return true
}

/** Labels what was found raw, as Redis leaves a string that it has or could have changed. */
export function labelRaw({ db, args }: Context, keyIndex: number, value: StringValue): void {
  // A string that keeps its length needs no memory.
  growString(db, args, keyIndex, value.length, value.length)
}

/** Stores the draft under the key of the last lookup; its expiry time stays. */
export function storeDraft({ db, args }: Context, keyIndex: number): void {
  const { arena } = db.keyspace
  const old = db.found
  const expireAtMs = old === NULL ? NO_EXPIRY : db.exactExpiry(old)
  const access = old === NULL ? 0 : accessOf(arena, old)
  const { bytes, view, length } = draft
  if (!db.setString(args, keyIndex, bytes, view, 0, length, expireAtMs, LABEL_RAW)) {
    throw OUT_OF_MEMORY
  }
  if (old !== NULL) setAccess(arena, db.found, access)
}

/** The length in bytes up to which a HyperLogLog stays sparse. */
export function sparseMaxBytes({ server }: Context): number {
  return Number(server.config.get('hll-sparse-max-bytes'))
}
