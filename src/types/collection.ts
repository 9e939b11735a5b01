/**
 * What all collections have in common: a value that consists of elements, in blocks of the arena.
 *
 * An entry of the keyspace stores of a collection only its root, the address of its first block,
 * and which of its type's encodings it has. A `Collection` is a cursor: `open` points it at one,
 * its methods work on that, and whoever changed it stores `root` and `encoding` back, since both
 * may have changed (Context.store). Nothing of a collection is on the JavaScript heap.
 *
 * A method that adds answers false, or NULL, if there is no memory, and has then changed nothing.
 */
import { type Address, type Arena, NULL } from '../arena/arena.ts'
import type { PackedList } from './packed-list.ts'

export abstract class Collection {
  readonly arena: Arena
  root: Address = NULL
  /** 0 to 3, of the type's own. */
  encoding = 0

  /** The packed lists of the small form, encoding 0. */
  protected abstract readonly smallForm: PackedList

  constructor(arena: Arena) {
    this.arena = arena
  }

  /** Points this at a value. */
  open(root: Address, encoding: number): void {
    this.root = root
    this.encoding = encoding
  }

  /** Makes a new empty value and points this at it. @returns false if there is no memory */
  abstract create(): boolean

  /** Number of elements: what LLEN, HLEN, SCARD or ZCARD answers. */
  abstract get length(): number

  /** The name that OBJECT ENCODING gives. */
  abstract get encodingName(): string

  /** Bytes of the arena that the value takes, its entry not counted. */
  abstract get usedBytes(): number

  /** The root of the dict that the value is, or has as its index; NULL if there is none. */
  get dictRoot(): Address {
    return NULL
  }

  /** Gets tables for `count` elements in all, if the value has tables and is short yet. */
  presize(_count: number): void {}

  /**
   * Has small values that are made from now on begin with room for so many bytes of elements, so
   * that they need not grow; `trim` gives back what is left of it.
   */
  makeRoom(bytes: number): void {
    this.smallForm.roomBytes = bytes
  }

  /** Gives back the room that a small value does not need. */
  trim(): void {
    if (this.encoding === 0) this.open(this.smallForm.trim(this.root), 0)
  }

  /** A copy of the whole value, of the same encoding. @returns its root, NULL if no memory */
  abstract copy(): Address

  /**
   * Frees some of the value, no more than takes about a tenth of a millisecond; what is left of it
   * is fit only for more of the same, by this same object.
   *
   * @returns whether all of it is gone now
   */
  abstract freeSome(): boolean

  /** Frees the whole value. */
  free(): void {
    while (!this.freeSome()) {
      // What is left takes another step.
    }
    this.root = NULL
  }

  /** Throws an Error that says what is broken, if anything is. */
  abstract check(): void
}
