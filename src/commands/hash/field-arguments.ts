/**
 * What the commands on expiring fields share: their argument FIELDS, times as they take them, the
 * change of expiry times, and what is passed on to the append only file. Errors and their order are
 * those of Redis 7.4.
 */
import { NULL } from '../../arena/arena.ts'
import type { Args } from '../../resp/args.ts'
import type { HashValue } from '../../types/hash.ts'
import { TYPE_HASH } from '../../types/type.ts'
import { integer64 } from '../arguments.ts'
import { type ArgSpec, block, integer, string } from '../command.ts'
import type { Context } from '../context.ts'
import { CommandError, OUT_OF_MEMORY } from '../errors.ts'
import { findField, findLiveField } from './hash-key.ts'

/** A word of a request that is passed on. */
type Word = string | Uint8Array | number | bigint

/** Later times than this, in ms, are refused: Redis stores them in 46 bits. */
const MAX_TIME_MS = 2 ** 46 - 1

const NEGATIVE_TIME = new CommandError('ERR invalid expire time, must be >= 0')
const FIELDS_MISSING = new CommandError(
  'ERR Mandatory argument FIELDS is missing or not at the right position',
)
const COUNT_MISMATCH = new CommandError(
  'ERR The `numfields` parameter must match the number of arguments',
)
export const COUNT_NOT_POSITIVE = new CommandError(
  'ERR Number of fields must be a positive integer',
)

/** The declaration of FIELDS with names. */
export const fieldsArgument: ArgSpec = block(
  'fields',
  [integer('numfields'), string('field', { multiple: true })],
  { token: 'FIELDS' },
)

/**
 * Checks FIELDS, its count, and that so many names follow.
 *
 * @param at where FIELDS is to be; the count is an argument that is there
 * @param badCount what to throw for a count below 1
 * @returns the index of the first name
 */
export function parseFields(args: Args, at: number, badCount: CommandError): number {
  if (!args.is(at, 'fields')) throw FIELDS_MISSING
  const count = args.integer(at + 1)
  if (count === null || count < 1) throw badCount
  if (count !== args.count - at - 2) throw COUNT_MISMATCH
  return at + 2
}

/**
 * The Unix time in ms that argument `index` stands for.
 *
 * @param unitMs 1 or 1000
 * @param fromNow whether it counts from now
 * @param tooLate what to throw for a time that is too late
 */
export function fieldTime(
  { args, db }: Context,
  index: number,
  unitMs: number,
  fromNow: boolean,
  tooLate: CommandError,
): number {
  const value = integer64(args, index)
  if (value < 0) throw NEGATIVE_TIME
  if (value > MAX_TIME_MS) throw tooLate
  const baseMs = fromNow ? db.keyspace.clock.nowMs : 0
  const atMs = Number(value) * unitMs + baseMs
  if (atMs > MAX_TIME_MS) throw tooLate
  return atMs
}

/**
 * Gives fields of a hash another expiry time, all of those for which `isChosen` says so, or none.
 *
 * @param hash the hash of the key found last; it may be gone afterwards, its fields having expired
 * @param first index of the first field among the arguments, to whose end they go
 * @param isChosen called with the hash's pair at the field; for a field that comes twice, it sees
 * the second time what the first has made
 * @param visit called for each field with its index, and whether it was there and was chosen
 * @returns the number of fields that were given the time
 * @throws OUT_OF_MEMORY
 */
export function changeExpiries(
  context: Context,
  hash: HashValue,
  first: number,
  expireAtMs: number,
  isChosen: (present: number) => boolean,
  visit: (index: number, isThere: boolean, isChosen: boolean) => void,
): number {
  const { args } = context
  let wanted = 0
  for (let i = first; i < args.count; i++) {
    if (findField(context, hash, i) && isChosen(hash.pair.expireAtMs)) wanted++
  }
  const isOpen = wanted > 0
  let isDone = !isOpen || hash.beginExpiries(wanted)
  let changed = 0
  for (let i = first; i < args.count && isDone; i++) {
    const isThere = hash.root !== NULL && findLiveField(context, hash, i)
    const chosen = isThere && isChosen(hash.pair.expireAtMs)
    if (chosen) {
      const start = args.starts[i]!
      const length = args.ends[i]! - start
      isDone = hash.changeExpiry(args.bytes, args.view, start, length, expireAtMs)
      changed++
    }
    visit(i, isThere, chosen)
  }
  if (isOpen) {
    hash.endExpiries(isDone)
    context.store(1, TYPE_HASH, hash)
  }
  if (!isDone) throw OUT_OF_MEMORY
  return changed
}

/**
 * Ends the removal of fields: stores the hash, or removes it with the last one.
 *
 * @param removed how many there were, at least one
 */
export function storeRemoval(context: Context, hash: HashValue, removed: number): void {
  const isGone = hash.root === NULL || context.store(1, TYPE_HASH, hash)
  context.touched(1, 'hdel')
  if (isGone) context.touched(1, 'del')
  // Each field counts as a change, and that the key went does not.
  context.server.dirty += removed - (isGone ? 2 : 1)
}

/** Takes the field that is argument `index` out. */
export function removeField({ args }: Context, hash: HashValue, index: number): boolean {
  const start = args.starts[index]!
  return hash.remove(args.bytes, args.view, start, args.ends[index]! - start)
}

/** Passes on a request in place of the one under way: `words`, then arguments of that one. */
export function propagateFields(
  { args, db, propagates, server }: Context,
  words: readonly Word[],
  indexes: readonly number[],
): void {
  if (!propagates) return
  const [name, ...rest] = words
  const fields = indexes.map((index) => args.slice(index))
  server.propagation.replace(db.index, [name!, args.slice(1), ...rest, ...fields])
}
