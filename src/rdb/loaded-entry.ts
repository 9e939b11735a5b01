/** From a value that was read to an entry of the keyspace. */
import { type Address, NULL } from '../arena/arena.ts'
import { lfuWithCounter, lruAfterIdle } from '../keyspace/access.ts'
import type { Database } from '../keyspace/database.ts'
import { REFERENCE_BYTES, SEPARATE, setAccess } from '../keyspace/entry.ts'
import type { Keyspace } from '../keyspace/keyspace.ts'
import { LABEL_AUTO } from '../keyspace/string-value.ts'
import type { Args } from '../resp/args.ts'
import type { RdbReader } from './rdb-reader.ts'
import type { ValueLoader } from './value-loader.ts'

/**
 * Makes an entry of a complete value, which belongs to it then. It is not in the database yet.
 *
 * @param keyIndex the argument that is the key
 * @param expireAtMs Unix time, or NO_EXPIRY
 * @returns NULL if there is no memory; the value is still the loader's
 */
export function newLoadedEntry(
  database: Database,
  args: Args,
  keyIndex: number,
  reader: RdbReader,
  value: ValueLoader,
  expireAtMs: number | bigint,
): Address {
  const collection = value.built
  if (collection === null) {
    const { bytes, view, start, end } = reader
    const length = end - start
    return database.newString(args, keyIndex, bytes, view, start, length, expireAtMs, LABEL_AUTO)
  }
  const header = value.type | ((collection.encoding | SEPARATE) << 4)
  const entry = database.newEntry(args, keyIndex, header, 0, REFERENCE_BYTES, expireAtMs)
  if (entry === NULL) return NULL
  database.setReference(entry, collection.root, 0)
  value.take()
  return entry
}

/**
 * Sets how much an entry has been used, as far as the eviction policy cares for what is given.
 *
 * @param idleSeconds negative if not given
 * @param frequency the counter of LFU, negative if not given
 */
export function setLoadedAccess(
  keyspace: Keyspace,
  entry: Address,
  idleSeconds: number,
  frequency: number,
): void {
  const { nowMs } = keyspace.clock
  if (keyspace.lfu) {
    if (frequency >= 0) setAccess(keyspace.arena, entry, lfuWithCounter(frequency, nowMs))
  } else if (idleSeconds >= 0) {
    setAccess(keyspace.arena, entry, lruAfterIdle(idleSeconds, nowMs))
  }
}
