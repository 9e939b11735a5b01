/** Which class serves which type of collection, and what all values of a keyspace share. */
import type { Arena } from '../arena/arena.ts'
import type { Clock } from '../platform/clock.ts'
import type { Random } from '../platform/random.ts'
import type { Limits } from '../types/limits.ts'
import type { CollectionFactory } from './collections.ts'

export interface CollectionEnvironment {
  arena: Arena
  clock: Clock
  random: Random
  limits: Limits
  /** Keys the hashes of the dicts that collections use. */
  hashKey: readonly [number, number]
}

/** A factory of cursors for each type there is. */
export function collectionFactories(
  _environment: CollectionEnvironment,
): ReadonlyMap<number, CollectionFactory> {
  return new Map()
}
