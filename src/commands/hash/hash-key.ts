/** What the hash commands share: the cursor that they work with, and storing what they changed. */
import { type Address, NULL } from '../../arena/arena.ts'
import type { Keyspace } from '../../keyspace/keyspace.ts'
import { FAILED, type HashValue, NO_FIELD_EXPIRY } from '../../types/hash.ts'
import { TYPE_HASH } from '../../types/type.ts'
import type { Context } from '../context.ts'
import { OUT_OF_MEMORY } from '../errors.ts'

const cursors = new WeakMap<Keyspace, HashValue>()
let lastKeyspace: Keyspace | null = null
let lastCursor: HashValue | null = null

/** The keyspace's cursor for commands: valid until the next command. */
function cursorOf(keyspace: Keyspace): HashValue {
  if (lastCursor !== null && keyspace === lastKeyspace) return lastCursor
  let cursor = cursors.get(keyspace)
  if (cursor === undefined) {
    cursor = keyspace.collections.create(TYPE_HASH) as HashValue
    cursors.set(keyspace, cursor)
  }
  lastKeyspace = keyspace
  lastCursor = cursor
  return cursor
}

/** The hash that argument 1 names, for reading; null if there is none. @throws WRONG_TYPE */
export function readHash(context: Context): HashValue | null {
  const hash = cursorOf(context.db.keyspace)
  return context.read(1, TYPE_HASH, hash) ? hash : null
}

/** The same for changing it. */
export function openHash(context: Context): HashValue | null {
  const hash = cursorOf(context.db.keyspace)
  return context.open(1, TYPE_HASH, hash) ? hash : null
}

/** A new hash for the key that `openHash` has not found, with room for so many bytes. */
export function createHash(context: Context, contentBytes: number): HashValue {
  const hash = cursorOf(context.db.keyspace)
  if (!hash.create(contentBytes)) throw OUT_OF_MEMORY
  return hash
}

/** How much room pairs among the arguments take in the cursor's hash while it is small. */
export function roomForPairs(context: Context, first: number, end: number): number {
  const { starts, ends } = context.args
  return cursorOf(context.db.keyspace).packedBytes(starts, ends, first, end)
}

/**
 * Ends a change: stores where the hash is now, and when its next field is due.
 *
 * @param oldRoot where it was, NULL if it is new
 * @param outcome what the change answered
 * @throws OUT_OF_MEMORY if that is FAILED
 */
export function storeHash(
  context: Context,
  hash: HashValue,
  oldRoot: Address,
  outcome: number,
): void {
  if (outcome === FAILED) {
    if (oldRoot === NULL) hash.free()
    else if (hash.root !== oldRoot) context.store(1, TYPE_HASH, hash)
    throw OUT_OF_MEMORY
  }
  if (hash.root !== oldRoot || hash.isHeaded) context.store(1, TYPE_HASH, hash)
}

/**
 * Sets the field that is argument 2.
 *
 * @param existing null, or with no root, if there is no hash
 * @throws OUT_OF_MEMORY
 */
export function setField(
  context: Context,
  existing: HashValue | null,
  bytes: Uint8Array,
  view: DataView,
  start: number,
  length: number,
  expireAtMs = NO_FIELD_EXPIRY,
): number {
  const { args } = context
  const fieldStart = args.starts[2]!
  const fieldLength = args.ends[2]! - fieldStart
  const isNew = existing === null || existing.root === NULL
  const hash = isNew ? createHash(context, fieldLength + length + 4) : existing
  const oldRoot = isNew ? NULL : hash.root
  const outcome = hash.set(
    args.bytes,
    args.view,
    fieldStart,
    fieldLength,
    bytes,
    view,
    start,
    length,
    expireAtMs,
  )
  storeHash(context, hash, oldRoot, outcome)
  return outcome
}

/**
 * Looks up the field that is argument `index`, in the hash of the key that was found last. If its
 * time has passed it is removed, and so may be the hash, whose root is NULL then.
 *
 * @returns whether it is there
 */
export function findField(context: Context, hash: HashValue, index: number): boolean {
  const { args, db } = context
  if (hash.root === NULL) return false
  const start = args.starts[index]!
  if (!hash.find(args.bytes, args.view, start, args.ends[index]! - start)) return false
  if (!hash.isHeaded || hash.pair.expireAtMs >= db.fields.nowMs) return true
  db.fields.expireFound(hash, [args.copy(index)])
  return false
}

/** The same, leaving what has expired where it is. */
export function findLiveField({ args, db }: Context, hash: HashValue, index: number): boolean {
  const start = args.starts[index]!
  if (!hash.find(args.bytes, args.view, start, args.ends[index]! - start)) return false
  return hash.pair.expireAtMs >= db.fields.nowMs
}
