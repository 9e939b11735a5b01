/**
 * The collections of a keyspace: which class serves which type, and what becomes of a collection
 * whose key is gone. A long one is not freed at once: it is put aside and freed piece by piece
 * between commands (Keyspace.reclaim), so that no deletion holds anybody up.
 */
import { type Address, type Arena, NULL } from '../arena/arena.ts'
import type { Collection } from '../types/collection.ts'
import { encodingOf, SEPARATE, typeOf, valueAddressOf } from './entry.ts'

/** Longer collections are freed later. */
const FREED_AT_ONCE_ELEMENTS = 64

/** Makes a cursor for one type. */
export type CollectionFactory = () => Collection

export class Collections {
  private readonly arena: Arena
  private readonly factories: ReadonlyMap<number, CollectionFactory>
  /** A cursor of each type, for work that is done before anybody else can use it. */
  private readonly cursors = new Map<number, Collection>()
  private discarded: Collection[] = []

  constructor(arena: Arena, factories: ReadonlyMap<number, CollectionFactory>) {
    this.arena = arena
    this.factories = factories
  }

  /** A cursor of one's own. */
  create(type: number): Collection {
    const factory = this.factories.get(type)
    if (factory === undefined) throw new Error(`there is no collection of type ${type}`)
    return factory()
  }

  /** A cursor that points at the value of an entry, valid until the next call. */
  at(entry: Address): Collection {
    const type = typeOf(this.arena, entry)
    let cursor = this.cursors.get(type)
    if (cursor === undefined) {
      cursor = this.create(type)
      this.cursors.set(type, cursor)
    }
    cursor.open(valueAddressOf(this.arena, entry), encodingOf(this.arena, entry) & ~SEPARATE)
    return cursor
  }

  /** Frees the value of an entry, now or later. */
  discard(entry: Address): void {
    const cursor = this.at(entry)
    if (cursor.root === NULL) return
    if (cursor.length <= FREED_AT_ONCE_ELEMENTS) return cursor.free()
    const own = this.create(typeOf(this.arena, entry))
    own.open(cursor.root, cursor.encoding)
    this.discarded.push(own)
  }

  /** How many collections are still to be freed. */
  get pending(): number {
    return this.discarded.length
  }

  /** Frees a piece of what was put aside. @returns how many collections that was the end of */
  reclaim(): number {
    const last = this.discarded.at(-1)
    if (last === undefined || !last.freeSome()) return 0
    this.discarded.pop()
    return 1
  }

  /** Forgets what was put aside, after all memory was freed otherwise. */
  forget(): void {
    this.discarded = []
  }
}
