/**
 * What the commands of sets share: their cursors, one lot per keyspace, members that are arguments
 * of the request, and replies of members.
 */
import { NULL } from '../../arena/arena.ts'
import { encodingOf, SEPARATE, TYPE_SET, valueAddressOf } from '../../keyspace/entry.ts'
import type { Keyspace } from '../../keyspace/keyspace.ts'
import type { Args } from '../../resp/args.ts'
import type { Reply } from '../../resp/reply.ts'
import { packedRoom } from '../../types/packed-room.ts'
import { NO_MEMORY, type SetValue } from '../../types/set.ts'
import { SetWalk } from '../../types/set-walk.ts'
import type { Context } from '../context.ts'
import { OUT_OF_MEMORY } from '../errors.ts'

/** More cursors than this are let go by the next command. */
const KEPT_SOURCES = 64

/** The cursors that commands work with; nothing of them is kept from one command to the next. */
export class SetCursors {
  readonly set: SetValue
  /** A second one: a destination, or a result. */
  readonly other: SetValue
  readonly walk: SetWalk
  private readonly keyspace: Keyspace
  private readonly pool: SetValue[] = []

  constructor(keyspace: Keyspace) {
    this.keyspace = keyspace
    this.set = this.create()
    this.other = this.create()
    this.walk = new SetWalk(keyspace.arena)
  }

  private create(): SetValue {
    return this.keyspace.collections.create(TYPE_SET) as SetValue
  }

  /**
   * Opens the sets of `count` keys from argument `first` on, for reading. Those that do not exist
   * have the root NULL.
   *
   * @throws WRONG_TYPE
   */
  readSources(context: Context, first: number, count: number): SetValue[] {
    const { pool } = this
    if (pool.length > KEPT_SOURCES) pool.length = KEPT_SOURCES
    const sources: SetValue[] = []
    for (let i = 0; i < count; i++) {
      if (i === pool.length) pool.push(this.create())
      const source = pool[i]!
      if (!context.read(first + i, TYPE_SET, source)) source.open(NULL, 0)
      sources.push(source)
    }
    return sources
  }
}

const cursors = new WeakMap<Keyspace, SetCursors>()
/** The keyspace asked for last, which most often is the only one. */
let lastKeyspace: Keyspace | null = null
let last: SetCursors | null = null

export function cursorsOf({ db }: Context): SetCursors {
  const { keyspace } = db
  if (keyspace === lastKeyspace) return last!
  let found = cursors.get(keyspace)
  if (found === undefined) {
    found = new SetCursors(keyspace)
    cursors.set(keyspace, found)
  }
  lastKeyspace = keyspace
  last = found
  return found
}

/** `Context.open` for sets alone. @throws WRONG_TYPE */
export function openSet(context: Context, index: number, set: SetValue): boolean {
  const { args, db } = context
  const entry = db.findForWrite(args, index)
  if (!context.isOfType(entry, TYPE_SET)) return false
  const { arena } = db.keyspace
  set.open(valueAddressOf(arena, entry), encodingOf(arena, entry) & ~SEPARATE)
  return true
}

/** `Context.store` for sets alone. @throws OUT_OF_MEMORY */
export function storeSet(context: Context, index: number, set: SetValue): boolean {
  const { db } = context
  if (db.found === NULL || set.length === 0) return context.store(index, TYPE_SET, set)
  db.updateReference(set.root, set.encoding)
  return false
}

/** Whether argument `index` is a member. */
export function hasArgument(set: SetValue, args: Args, index: number): boolean {
  return set.has(args.bytes, args.view, args.starts[index]!, args.length(index))
}

/** Adds argument `index`; answers as `SetValue.add`. */
export function addArgument(set: SetValue, args: Args, index: number): number {
  return set.add(args.bytes, args.view, args.starts[index]!, args.length(index))
}

/** Removes argument `index`. @returns whether it was a member */
export function removeArgument(set: SetValue, args: Args, index: number): boolean {
  return set.remove(args.bytes, args.view, args.starts[index]!, args.length(index))
}

/** A new set for `count` arguments from `index` on. @throws OUT_OF_MEMORY */
export function createForArguments(set: SetValue, args: Args, index: number, count: number): void {
  const { bytes, ends, starts } = args
  const room = packedRoom(starts, ends, index, index + count, 1)
  const length = ends[index]! - starts[index]!
  if (!set.createFor(bytes, starts[index]!, length, count, room)) throw OUT_OF_MEMORY
}

/** Adds the member that `walk` is at to a result, which is freed if that fails. */
export function addToResult(result: SetValue, walk: SetWalk): boolean {
  const { bytes, end, start, view } = walk
  const added = result.add(bytes, view, start, end - start)
  if (added !== NO_MEMORY) return added !== 0
  result.free()
  throw OUT_OF_MEMORY
}

/** Whether the member that `walk` is at is one of `set`, too. */
export function isShared(set: SetValue, walk: SetWalk): boolean {
  if (walk.isInDict) return walk.isIn(set)
  return set.has(walk.bytes, walk.view, walk.start, walk.end - walk.start)
}

/** Answers the member that `walk` is at. */
export function replyMember(reply: Reply, walk: SetWalk): void {
  reply.bulk(walk.bytes, walk.view, walk.start, walk.end)
}

/** Answers all members, without a header. */
export function replyMembers(reply: Reply, set: SetValue, walk: SetWalk): void {
  walk.begin(set)
  while (walk.next()) replyMember(reply, walk)
}

/**
 * Stores a result, which it takes over, under the key that is argument 1, in place of whatever is
 * there; an empty one removes the key. Answers the number of members.
 *
 * @param result null if nothing has been made, as it would be empty
 * @throws OUT_OF_MEMORY
 */
export function storeResult(context: Context, result: SetValue | null, event: string): void {
  const { args, db, reply } = context
  const count = result === null ? 0 : result.length
  db.find(args, 1)
  if (result === null || count === 0) {
    result?.free()
    if (db.found !== NULL) {
      db.removeFound()
      context.touched(1, 'del')
    }
    return reply.integer(0)
  }
  if (!db.setCollection(args, 1, TYPE_SET, result)) {
    result.free()
    throw OUT_OF_MEMORY
  }
  context.touched(1, event)
  reply.integer(count)
}
