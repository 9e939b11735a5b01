/**
 * A heap of hashes by when their next field is due; each database has one. It consists of the links
 * in the heads of the hashes (types/hash-head.ts) and so needs no memory of its own: a hash that is
 * moved or copied to a database can always be put in.
 *
 * It is the randomized meldable heap of Gambin and Malinowski (1998): a binary tree in heap order,
 * without balance. Two are melded by going down from their roots, each time to a child by the toss
 * of a coin, which takes O(log n) steps on average whatever the shape. The coin's sequence is
 * fixed.
 */
import { type Address, type Arena, NULL } from '../arena/arena.ts'
import { Random } from '../platform/random.ts'
import { dueOf, LEFT, linkOf, PARENT, RIGHT, setLink } from '../types/hash-head.ts'

export class DueHeap {
  /** The head that is due first, NULL if there is none. */
  first: Address = NULL
  count = 0
  private readonly arena: Arena
  private readonly coin = new Random(1)

  constructor(arena: Arena) {
    this.arena = arena
  }

  /** Whether a head is in this heap, and not merely in one of another database. */
  has(head: Address): boolean {
    return head === this.first || linkOf(this.arena, head, PARENT) !== NULL
  }

  /** Puts in a head that is in no heap. */
  insert(head: Address): void {
    const { arena } = this
    setLink(arena, head, LEFT, NULL)
    setLink(arena, head, RIGHT, NULL)
    setLink(arena, head, PARENT, NULL)
    this.first = this.meld(this.first, head)
    this.count++
  }

  /** Takes out a head that is in this heap. */
  remove(head: Address): void {
    const { arena } = this
    const melded = this.meld(linkOf(arena, head, LEFT), linkOf(arena, head, RIGHT))
    const parent = linkOf(arena, head, PARENT)
    if (melded !== NULL) setLink(arena, melded, PARENT, parent)
    if (parent === NULL) this.first = melded
    else setLink(arena, parent, linkOf(arena, parent, LEFT) === head ? LEFT : RIGHT, melded)
    setLink(arena, head, PARENT, NULL)
    this.count--
  }

  /** Makes one heap of two. @returns its top, which has no parent */
  private meld(first: Address, second: Address): Address {
    const { arena } = this
    if (second === NULL) return first
    let parent: Address = NULL
    let side = LEFT
    let top: Address = NULL
    let a = first
    let b = second
    for (;;) {
      // Of the two, the earlier one takes the place that is free.
      if (a === NULL || dueOf(arena, b) < dueOf(arena, a)) {
        const other = a
        a = b
        b = other
      }
      setLink(arena, a, PARENT, parent)
      if (parent === NULL) top = a
      else setLink(arena, parent, side, a)
      if (b === NULL) return top
      parent = a
      side = this.coin.int32() < 0 ? LEFT : RIGHT
      a = linkOf(arena, parent, side)
    }
  }

  /** Forgets all heads, whose memory is or will be freed otherwise. */
  forget(): void {
    this.first = NULL
    this.count = 0
  }

  exchange(other: DueHeap): void {
    const { first, count } = this
    this.first = other.first
    this.count = other.count
    other.first = first
    other.count = count
  }

  /** Visits all heads. */
  forEach(visit: (head: Address) => void): void {
    const { arena } = this
    const waiting = this.first === NULL ? [] : [this.first]
    for (let head = waiting.pop(); head !== undefined; head = waiting.pop()) {
      for (const side of [LEFT, RIGHT]) {
        const child = linkOf(arena, head, side)
        if (child !== NULL) waiting.push(child)
      }
      visit(head)
    }
  }

  /** Throws an Error that says what is broken, if anything is. */
  check(): void {
    const { arena } = this
    let count = 0
    this.forEach((head) => {
      count++
      const parent = linkOf(arena, head, PARENT)
      if (parent === NULL) {
        if (head !== this.first) throw new Error('a head has lost its parent')
        return
      }
      if (linkOf(arena, parent, LEFT) !== head && linkOf(arena, parent, RIGHT) !== head) {
        throw new Error('a head is not where its parent has it')
      }
      if (dueOf(arena, parent) > dueOf(arena, head)) throw new Error('a head is due too early')
    })
    if (count !== this.count) throw new Error('a heap of heads counts wrongly')
  }
}
