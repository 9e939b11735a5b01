/**
 * What a series of changes has done to a large sorted set, so that it can be undone: the nodes that
 * were added, and the scores that others had before. Off except during such a series.
 */
import type { Address } from '../arena/arena.ts'

const FIRST_CAPACITY = 64
/** Beyond this many changes the memory is let go at the end. */
const KEPT_CAPACITY = 4096

export class SortedSetJournal {
  count = 0
  private active = false
  private nodes = new Int32Array(FIRST_CAPACITY)
  /** The score a node had; NaN if there was no such node. */
  private scores = new Float64Array(FIRST_CAPACITY)

  begin(): void {
    this.active = true
    this.count = 0
  }

  end(): void {
    this.active = false
    this.count = 0
    if (this.nodes.length > KEPT_CAPACITY) this.resize(FIRST_CAPACITY)
  }

  added(node: Address): void {
    if (this.active) this.push(node, Number.NaN)
  }

  rescored(node: number, score: number): void {
    if (this.active) this.push(node, score)
  }

  nodeAt(index: number): Address {
    return this.nodes[index] as Address
  }

  wasAdded(index: number): boolean {
    return Number.isNaN(this.scores[index])
  }

  scoreAt(index: number): number {
    return this.scores[index]!
  }

  private push(node: number, score: number): void {
    if (this.count === this.nodes.length) this.resize(this.count * 2)
    this.nodes[this.count] = node
    this.scores[this.count] = score
    this.count++
  }

  private resize(capacity: number): void {
    const { nodes, scores, count } = this
    this.nodes = new Int32Array(capacity)
    this.scores = new Float64Array(capacity)
    this.nodes.set(nodes.subarray(0, count))
    this.scores.set(scores.subarray(0, count))
  }
}
