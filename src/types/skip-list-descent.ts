/**
 * The way from the top of a skip list down to the place that a node has, or is to have.
 *
 * In a long list nearly every step waits for memory, and what it asks for is known only when the
 * step before it is done. So one descent cannot be any quicker, but two that know nothing of each
 * other, made in turn, wait at the same time. `step` is for that, and keeps in fields what `run`,
 * which goes all the way at once, keeps in registers.
 */
import { type Address, type Arena, NULL, OFFSET_MASK, SEGMENT_SHIFT } from '../arena/arena.ts'
import { compareBytes } from '../arena/bytes.ts'
import { keyLength, keyOffset } from '../arena/dict-entry.ts'
import {
  LEVEL_BYTES,
  levelsOffset,
  MAX_LEVELS,
  NODE_HEADER_BYTES,
  SCORE,
  SPAN,
} from './skip-list-layout.ts'

export class Descent {
  /** By level, the last node before the place, and how many are before that. */
  readonly path = new Int32Array(MAX_LEVELS)
  readonly ranks = new Int32Array(MAX_LEVELS)
  private readonly arena: Arena
  /** The node whose place is looked for, and the score that it has there. */
  private target: Address = NULL
  private score = 0
  // Where the descent has come to: the node, its level, and the nodes before it.
  private node: Address = NULL
  private level = -1
  private rank = 0
  /** What was too far one level up, and is so here. */
  private seen: Address = NULL

  constructor(arena: Arena) {
    this.arena = arena
  }

  /** Begins at the root, on the uppermost of its `levels`. */
  begin(root: Address, levels: number, target: Address, score: number): void {
    this.target = target
    this.score = score
    this.node = root
    this.level = levels - 1
    this.rank = 0
    this.seen = NULL
  }

  /** Goes one node on, or one level down. @returns whether there is a level left */
  step(): boolean {
    const { views } = this.arena
    const { level, node } = this
    const view = views[node >>> SEGMENT_SHIFT]!
    const at = levelsOffset(view, (node & OFFSET_MASK) << 3) + level * LEVEL_BYTES
    const next = view.getInt32(at, true) as Address
    if (next !== NULL && next !== this.seen) {
      const nextView = views[next >>> SEGMENT_SHIFT]!
      const other = nextView.getFloat64(((next & OFFSET_MASK) << 3) + SCORE, true)
      if (other < this.score || (other === this.score && this.isBefore(next))) {
        this.rank += view.getInt32(at + SPAN, true)
        this.node = next
        return true
      }
      this.seen = next
    }
    this.path[level] = node
    this.ranks[level] = this.rank
    this.level = level - 1
    return level > 0
  }

  /** Goes the whole way. */
  run(): void {
    const { path, ranks, score } = this
    const { views } = this.arena
    let { level, node, rank, seen } = this
    let view = views[node >>> SEGMENT_SHIFT]!
    let at = levelsOffset(view, (node & OFFSET_MASK) << 3) + level * LEVEL_BYTES
    while (level >= 0) {
      const next = view.getInt32(at, true) as Address
      if (next !== NULL && next !== seen) {
        const nextView = views[next >>> SEGMENT_SHIFT]!
        const nextAt = (next & OFFSET_MASK) << 3
        const other = nextView.getFloat64(nextAt + SCORE, true)
        if (other < score || (other === score && this.isBefore(next))) {
          rank += view.getInt32(at + SPAN, true)
          node = next
          view = nextView
          at = levelsOffset(view, nextAt) + level * LEVEL_BYTES
          continue
        }
        seen = next
      }
      path[level] = node
      ranks[level] = rank
      level--
      at -= LEVEL_BYTES
    }
  }

  /** Whether a node of the same score comes before the target, by its member. */
  private isBefore(node: Address): boolean {
    const { bytes, views } = this.arena
    const { target } = this
    const view = views[node >>> SEGMENT_SHIFT]!
    const at = (node & OFFSET_MASK) << 3
    const targetView = views[target >>> SEGMENT_SHIFT]!
    const targetAt = (target & OFFSET_MASK) << 3
    const order = compareBytes(
      bytes[node >>> SEGMENT_SHIFT]!,
      view,
      keyOffset(view, at, NODE_HEADER_BYTES),
      keyLength(view, at, NODE_HEADER_BYTES),
      bytes[target >>> SEGMENT_SHIFT]!,
      targetView,
      keyOffset(targetView, targetAt, NODE_HEADER_BYTES),
      keyLength(targetView, targetAt, NODE_HEADER_BYTES),
    )
    return order < 0
  }
}

/** Makes two descents in turn, from where each has begun. */
export function runBoth(one: Descent, other: Descent): void {
  let goesOn = true
  let otherGoesOn = true
  while (goesOn && otherGoesOn) {
    goesOn = one.step()
    otherGoesOn = other.step()
  }
  while (goesOn) goesOn = one.step()
  while (otherGoesOn) otherGoesOn = other.step()
}
