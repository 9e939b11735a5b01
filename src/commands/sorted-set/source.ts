/**
 * What the set operations read: sorted sets, and sets, whose members all have the score 1; a key
 * that is missing is an empty one.
 */
import { type Address, NULL } from '../../arena/arena.ts'
import { encodingOf, SEPARATE, typeOf, valueAddressOf } from '../../keyspace/entry.ts'
import type { Keyspace } from '../../keyspace/keyspace.ts'
import type { SetValue } from '../../types/set.ts'
import { SetWalk } from '../../types/set-walk.ts'
import type { SortedSet } from '../../types/sorted-set.ts'
import { TYPE_SET, TYPE_SORTED_SET } from '../../types/type.ts'
import type { Context } from '../context.ts'
import { WRONG_TYPE } from '../errors.ts'

/** More cursors than these are let go when the command is done. */
const KEPT_SOURCES = 64

const MISSING = 0
const SORTED = 1
const UNSORTED = 2

export class Source {
  // Where the member is that `next` has come to.
  bytes: Uint8Array = new Uint8Array(0)
  view: DataView = new DataView(this.bytes.buffer)
  start = 0
  end = 0
  /** Of the member that `next` has come to. */
  score = 0
  /** Of the member that `find` has found. */
  foundScore = 0
  weight = 1
  length = 0
  private kind: typeof MISSING | typeof SORTED | typeof UNSORTED = MISSING
  private readonly sorted: SortedSet
  private readonly unsorted: SetValue
  private readonly walk: SetWalk
  private position = 0
  private begun = false

  constructor({ arena, collections }: Keyspace) {
    this.sorted = collections.create(TYPE_SORTED_SET) as SortedSet
    this.unsorted = collections.create(TYPE_SET) as SetValue
    this.walk = new SetWalk(arena)
  }

  /** Reads from the value of an entry, or from nothing. @throws WRONG_TYPE */
  open({ keyspace }: Context['db'], entry: Address): void {
    const { arena } = keyspace
    this.weight = 1
    this.length = 0
    this.kind = MISSING
    if (entry === NULL) return
    const type = typeOf(arena, entry)
    if (type !== TYPE_SORTED_SET && type !== TYPE_SET) throw WRONG_TYPE
    const collection = type === TYPE_SET ? this.unsorted : this.sorted
    collection.open(valueAddressOf(arena, entry), encodingOf(arena, entry) & ~SEPARATE)
    this.kind = type === TYPE_SET ? UNSORTED : SORTED
    this.length = collection.length
  }

  /** Goes to before the first member. */
  begin(): void {
    this.begun = false
    this.position = 0
    if (this.kind === UNSORTED) this.walk.begin(this.unsorted)
  }

  /** Goes to the next member. @returns false behind the last one */
  next(): boolean {
    if (this.kind === MISSING) return false
    if (this.kind === UNSORTED) {
      if (!this.walk.next()) return false
      this.take(this.walk)
      this.score = 1
      return true
    }
    const { sorted } = this
    this.position = this.begun ? sorted.next(this.position) : sorted.first()
    this.begun = true
    if (this.position === 0) return false
    sorted.read(this.position)
    this.take(sorted)
    this.score = sorted.score
    return true
  }

  private take(from: { bytes: Uint8Array; view: DataView; start: number; end: number }): void {
    this.bytes = from.bytes
    this.view = from.view
    this.start = from.start
    this.end = from.end
  }

  /** Whether the member that another source has come to is in this one; then see `foundScore`. */
  find({ bytes, view, start, end }: Source): boolean {
    if (this.kind === MISSING) return false
    if (this.kind === UNSORTED) {
      this.foundScore = 1
      return this.unsorted.has(bytes, view, start, end - start)
    }
    if (this.sorted.find(bytes, view, start, end - start) === 0) return false
    this.foundScore = this.sorted.score
    return true
  }
}

const sourcesByKeyspace = new WeakMap<Keyspace, Source[]>()

/**
 * Sources that read from the keys that are `count` arguments from `first` on, in that order.
 *
 * @throws WRONG_TYPE
 */
export function openSources({ args, db }: Context, first: number, count: number): Source[] {
  const { keyspace } = db
  let pool = sourcesByKeyspace.get(keyspace)
  if (pool === undefined) {
    pool = []
    sourcesByKeyspace.set(keyspace, pool)
  }
  const sources: Source[] = []
  for (let i = 0; i < count; i++) {
    const entry = db.findForRead(args, first + i)
    const source = pool[i] ?? new Source(keyspace)
    if (i < KEPT_SOURCES) pool[i] = source
    source.open(db, entry)
    sources.push(source)
  }
  return sources
}
