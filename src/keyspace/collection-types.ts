/** Which class serves which type of collection, and what all values of a keyspace share. */
import type { Arena } from '../arena/arena.ts'
import { Dict } from '../arena/dict.ts'
import type { Clock } from '../platform/clock.ts'
import type { Random } from '../platform/random.ts'
import { HashValue } from '../types/hash.ts'
import type { Limits } from '../types/limits.ts'
import { ListValue } from '../types/list.ts'
import { SetValue } from '../types/set.ts'
import { MEMBER_HEADER_BYTES } from '../types/set-encoding.ts'
import { SortedSet } from '../types/sorted-set.ts'
import { TYPE_HASH, TYPE_LIST, TYPE_SET, TYPE_SORTED_SET } from '../types/type.ts'
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
  environment: CollectionEnvironment,
): ReadonlyMap<number, CollectionFactory> {
  const { arena, hashKey, limits } = environment
  return new Map<number, CollectionFactory>([
    [TYPE_LIST, () => new ListValue(arena, limits)],
    [TYPE_SET, setFactory(environment)],
    [TYPE_SORTED_SET, () => new SortedSet(environment)],
    [TYPE_HASH, () => new HashValue(arena, limits, hashKey)],
  ])
}

function setFactory(environment: CollectionEnvironment): CollectionFactory {
  const { arena, hashKey, limits, random } = environment
  const [hashKey0, hashKey1] = hashKey
  const dict = new Dict(arena, { headerBytes: MEMBER_HEADER_BYTES, hashKey0, hashKey1 })
  return () => new SetValue(arena, limits, random, dict)
}
