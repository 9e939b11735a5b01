/**
 * The large form of a sorted set: a dict from members to nodes, and a skip list (Pugh, 1990) over
 * the same nodes in the order of their scores, equal scores by their members as memcmp has it.
 *
 * A node is one block that serves both: an entry of the dict (arena/dict-entry.ts), behind whose
 * key the levels of the list follow. Every level of a node knows its successor and the span, how
 * many nodes further that is, so ranks are sums of spans. A node reaches level n + 1 with
 * probability 1/4 if it reaches level n.
 *
 * | offset      | bytes | meaning                                                      |
 * |-------------|-------|--------------------------------------------------------------|
 * | 0           | 2     | length of the member, as dict entries have it                |
 * | 2           | 1     | number of levels, 1 to 32                                    |
 * | 3           | 1     | unused                                                       |
 * | 4           | 4     | address of the node before it, 0 for the first               |
 * | 8           | 8     | the score, a double                                          |
 * | 16          |       | the member (before it 4 bytes of length if it is long)       |
 * | next 4n     | 8 × n | per level: successor's address (0: none) and span            |
 *
 * Where a level has no successor, its span is the number of nodes that come behind.
 *
 * The root looks like a node without a member, so that walks can start at it:
 *
 * | offset | bytes | meaning                                                           |
 * |--------|-------|-------------------------------------------------------------------|
 * | 0      | 2     | 0                                                                 |
 * | 2      | 1     | number of levels in use, at least 1                               |
 * | 4      | 4     | address of the last node, 0 if there is none                      |
 * | 8      | 8     | bytes that all nodes take, a double                               |
 * | 16     | 256   | 32 levels                                                         |
 * | 272    | 4     | root of the dict                                                  |
 *
 * An instance is the kind of such lists, as a `Dict` is the kind of dicts.
 */
import { type Address, type Arena, NULL, OFFSET_MASK, SEGMENT_SHIFT } from '../arena/arena.ts'
import { copyBytes } from '../arena/bytes.ts'
import type { Dict } from '../arena/dict.ts'
import { entryWord, keyLength, keyOffset, keyStart, LONG_KEY } from '../arena/dict-entry.ts'
import type { Random } from '../platform/random.ts'
import { Descent, runBoth } from './skip-list-descent.ts'
import {
  LEVEL_BYTES,
  levelsOffset,
  MAX_LEVELS,
  NODE_HEADER_BYTES,
  SCORE,
  SPAN,
} from './skip-list-layout.ts'
import { isAboveLexMax, isBelowLexMin, type LexRange } from './sorted-set-ranges.ts'

export { LEVEL_BYTES, MAX_LEVELS, NODE_HEADER_BYTES }

const LEVEL_COUNT = 2
const BACKWARD = 4
const TAIL = 4
const NODE_BYTES = 8
const ROOT_DICT = NODE_HEADER_BYTES + MAX_LEVELS * LEVEL_BYTES
const ROOT_BYTES = ROOT_DICT + 8
/** Lists of more nodes are beyond the caches, so that two descents in turn pay (measured). */
const CACHED_NODES = 65_536

export class SkipList {
  readonly arena: Arena
  readonly dict: Dict
  private readonly random: Random
  private readonly cachedNodes: number
  /** The way to the place that `seek` went to. */
  private readonly descent: Descent
  /** The way to the place that a node leaves for another. */
  private readonly leaving: Descent

  /**
   * @param dict has entries with headers of NODE_HEADER_BYTES
   * @param cachedNodes lists of more are taken to be beyond the caches
   */
  constructor(arena: Arena, dict: Dict, random: Random, cachedNodes = CACHED_NODES) {
    this.arena = arena
    this.dict = dict
    this.random = random
    this.cachedNodes = cachedNodes
    this.descent = new Descent(arena)
    this.leaving = new Descent(arena)
  }

  /** Makes an empty list. @returns its root, NULL if there is no memory */
  create(): Address {
    const dictRoot = this.dict.create()
    if (dictRoot === NULL) return NULL
    const root = this.arena.allocate(ROOT_BYTES)
    if (root === NULL) {
      this.dict.destroy(dictRoot)
      return NULL
    }
    const at = offsetOf(root)
    this.bytesOf(root).fill(0, at, at + ROOT_BYTES)
    const view = this.viewOf(root)
    view.setUint8(at + LEVEL_COUNT, 1)
    view.setInt32(at + ROOT_DICT, dictRoot, true)
    return root
  }

  count(root: Address): number {
    return this.dict.count(this.dictOf(root))
  }

  /** The root of the dict over the nodes. */
  dictOf(root: Address): Address {
    return this.viewOf(root).getInt32(offsetOf(root) + ROOT_DICT, true) as Address
  }

  usedBytes(root: Address): number {
    const nodes = this.viewOf(root).getFloat64(offsetOf(root) + NODE_BYTES, true)
    return this.arena.capacity(root) + this.dict.usedBytes(this.dictOf(root)) + nodes
  }

  /** The node of a member, NULL if it is absent. `hash` is the dict's. */
  find(
    root: Address,
    hash: number,
    bytes: Uint8Array,
    view: DataView,
    start: number,
    length: number,
  ): Address {
    return this.dict.find(this.dictOf(root), hash, bytes, view, start, length)
  }

  first(root: Address): Address {
    return this.forward(root)
  }

  last(root: Address): Address {
    return this.viewOf(root).getInt32(offsetOf(root) + TAIL, true) as Address
  }

  /** The node behind this one, NULL if it is the last. */
  forward(node: Address): Address {
    return this.viewOf(node).getInt32(this.levelsAt(node), true) as Address
  }

  /** The node before this one, NULL if it is the first. */
  backward(node: Address): Address {
    return this.viewOf(node).getInt32(offsetOf(node) + BACKWARD, true) as Address
  }

  scoreOf(node: Address): number {
    return this.viewOf(node).getFloat64(offsetOf(node) + SCORE, true)
  }

  /**
   * Adds a member that is known to be absent.
   *
   * @param bytes may lie in the arena
   * @returns its node; NULL, with nothing changed, if there is no memory
   */
  insert(
    root: Address,
    hash: number,
    score: number,
    bytes: Uint8Array,
    view: DataView,
    start: number,
    length: number,
  ): Address {
    const { arena, dict } = this
    const dictRoot = this.dictOf(root)
    const before = dict.count(dictRoot)
    const levels = this.randomLevels()
    const memberAt = keyStart(NODE_HEADER_BYTES, length, false)
    const levelsAt = (memberAt + length + 3) & ~3
    const node = arena.allocate(levelsAt + levels * LEVEL_BYTES)
    if (node === NULL) return NULL
    const at = offsetOf(node)
    const nodeView = this.viewOf(node)
    nodeView.setInt32(at, entryWord(length, false) | (levels << 16), true)
    nodeView.setFloat64(at + SCORE, score, true)
    if (length >= LONG_KEY) nodeView.setUint32(at + memberAt - 4, length, true)
    copyBytes(bytes, view, start, this.bytesOf(node), nodeView, at + memberAt, length)
    if (!dict.insert(dictRoot, hash, node)) {
      arena.free(node)
      return NULL
    }
    this.addNodeBytes(root, arena.capacity(node))
    this.link(root, node, before)
    return node
  }

  /** Gives a node another score, and the place that goes with it. Needs no memory. */
  setScore(root: Address, node: Address, score: number): void {
    if (this.staysInPlace(node, score)) {
      this.viewOf(node).setFloat64(offsetOf(node) + SCORE, score, true)
      return
    }
    const others = this.count(root) - 1
    if (others < this.cachedNodes) {
      this.unlink(root, node)
      this.viewOf(node).setFloat64(offsetOf(node) + SCORE, score, true)
      this.link(root, node, others)
    } else {
      this.seekBoth(root, node, score)
      this.unlinkFrom(this.leaving.path, root, node)
      this.viewOf(node).setFloat64(offsetOf(node) + SCORE, score, true)
      this.linkAtPath(root, node, others)
    }
  }

  private staysInPlace(node: Address, score: number): boolean {
    const before = this.backward(node)
    if (before !== NULL && !(this.scoreOf(before) < score)) return false
    const behind = this.forward(node)
    return behind === NULL || this.scoreOf(behind) > score
  }

  /** Takes a node out and frees it. */
  remove(root: Address, node: Address): void {
    this.unlink(root, node)
    this.dropNode(root, node)
  }

  /** Removes `count` nodes from rank `rank` on; so many there are. */
  removeRange(root: Address, rank: number, count: number): void {
    if (count === 0) return
    let node = this.atRank(root, rank)
    this.seek(root, node)
    for (let left = count; left > 0; left--) {
      const next = this.forward(node)
      this.unlinkFrom(this.descent.path, root, node)
      this.dropNode(root, node)
      node = next
    }
  }

  /** Takes a node that is linked no more out of the dict, and frees it. */
  private dropNode(root: Address, node: Address): void {
    const { arena, dict } = this
    const dictRoot = this.dictOf(root)
    const view = this.viewOf(node)
    const at = offsetOf(node)
    const start = keyOffset(view, at, NODE_HEADER_BYTES)
    const length = keyLength(view, at, NODE_HEADER_BYTES)
    dict.find(dictRoot, dict.entryHash(node), this.bytesOf(node), view, start, length)
    dict.removeFound(dictRoot)
    this.addNodeBytes(root, -arena.capacity(node))
    arena.free(node)
  }

  /** The number of nodes before this one: the sum of the spans behind it, off the whole. */
  rankOf(root: Address, node: Address): number {
    const { views } = this.arena
    let behind = 0
    for (let at = node; at !== NULL; ) {
      const view = views[at >>> SEGMENT_SHIFT]!
      const top = view.getUint8(offsetOf(at) + LEVEL_COUNT) - 1
      const level = this.levelsAt(at) + top * LEVEL_BYTES
      behind += view.getInt32(level + SPAN, true)
      at = view.getInt32(level, true) as Address
    }
    return this.count(root) - 1 - behind
  }

  /** The node that has `rank` others before it; there must be one. */
  atRank(root: Address, rank: number): Address {
    if (rank === 0) return this.first(root)
    const { views } = this.arena
    let node = root
    let left = rank + 1
    for (let level = this.levelCount(root) - 1; level >= 0; level--) {
      for (;;) {
        const view = views[node >>> SEGMENT_SHIFT]!
        const at = this.levelsAt(node) + level * LEVEL_BYTES
        const span = view.getInt32(at + SPAN, true)
        const next = view.getInt32(at, true) as Address
        if (next === NULL || span > left) break
        left -= span
        node = next
        if (left === 0) return node
      }
    }
    throw new Error('a rank beyond the end of a skip list')
  }

  /** How many nodes have a score below `score`, or if `inclusive` one that is not above it. */
  countBelowScore(root: Address, score: number, inclusive: boolean): number {
    const { views } = this.arena
    let node = root
    let below = 0
    for (let level = this.levelCount(root) - 1; level >= 0; level--) {
      for (;;) {
        const view = views[node >>> SEGMENT_SHIFT]!
        const at = this.levelsAt(node) + level * LEVEL_BYTES
        const next = view.getInt32(at, true) as Address
        if (next === NULL) break
        const other = views[next >>> SEGMENT_SHIFT]!.getFloat64(offsetOf(next) + SCORE, true)
        if (inclusive ? other > score : other >= score) break
        below += view.getInt32(at + SPAN, true)
        node = next
      }
    }
    return below
  }

  /** How many nodes are before a range of members; or, `throughEnd`, not behind it. */
  countBelowLex(root: Address, range: LexRange, throughEnd: boolean): number {
    let node = root
    let below = 0
    for (let level = this.levelCount(root) - 1; level >= 0; level--) {
      for (;;) {
        const view = this.viewOf(node)
        const at = this.levelsAt(node) + level * LEVEL_BYTES
        const next = view.getInt32(at, true) as Address
        if (next === NULL || !this.isBelowLex(next, range, throughEnd)) break
        below += view.getInt32(at + SPAN, true)
        node = next
      }
    }
    return below
  }

  private isBelowLex(node: Address, range: LexRange, throughEnd: boolean): boolean {
    const view = this.viewOf(node)
    const bytes = this.bytesOf(node)
    const start = keyOffset(view, offsetOf(node), NODE_HEADER_BYTES)
    const length = keyLength(view, offsetOf(node), NODE_HEADER_BYTES)
    if (throughEnd) return !isAboveLexMax(range, bytes, view, start, length)
    return isBelowLexMin(range, bytes, view, start, length)
  }

  /** A node at random, NULL in an empty list. */
  randomNode(root: Address): Address {
    return this.dict.randomEntry(this.dictOf(root), this.random)
  }

  /** Where in its memory the levels of a node, or of the root, begin. */
  levelsAt(node: Address): number {
    return levelsOffset(this.arena.views[node >>> SEGMENT_SHIFT]!, (node & OFFSET_MASK) << 3)
  }

  levelCount(node: Address): number {
    return this.viewOf(node).getUint8(offsetOf(node) + LEVEL_COUNT)
  }

  private randomLevels(): number {
    let levels = 1
    let bits = this.random.int32()
    while ((bits & 3) === 0 && levels < MAX_LEVELS) {
      levels++
      bits = levels === MAX_LEVELS >> 1 ? this.random.int32() : bits >>> 2
    }
    return levels
  }

  /** Takes `descent` to the place of a node, by its score and member. */
  private seek(root: Address, target: Address): void {
    this.descent.begin(root, this.levelCount(root), target, this.scoreOf(target))
    this.descent.run()
  }

  /**
   * Takes `leaving` to the place of a node, and `descent` to the one that it will have with another
   * score, once it has left.
   */
  private seekBoth(root: Address, node: Address, score: number): void {
    const { descent, leaving } = this
    const levels = this.levelCount(root)
    leaving.begin(root, levels, node, this.scoreOf(node))
    descent.begin(root, levels, node, score)
    runBoth(leaving, descent)
    const own = leaving.ranks[0]! + 1
    for (let level = 0; level < levels; level++) {
      const rank = descent.ranks[level]!
      if (rank === own) {
        descent.path[level] = leaving.path[level]!
        descent.ranks[level] = leaving.ranks[level]!
      } else if (rank > own) {
        descent.ranks[level] = rank - 1
      }
    }
  }

  /** Puts a node into the list where it belongs; there are `count` others in it. */
  private link(root: Address, node: Address, count: number): void {
    this.seek(root, node)
    this.linkAtPath(root, node, count)
  }

  /** Puts a node in where `descent` ends. */
  private linkAtPath(root: Address, node: Address, count: number): void {
    const { path, ranks } = this.descent
    const levels = this.levelCount(node)
    let used = this.levelCount(root)
    for (; used < levels; used++) {
      path[used] = root
      ranks[used] = 0
      const at = this.levelsAt(root) + used * LEVEL_BYTES
      this.viewOf(root).setInt32(at, NULL, true)
      this.viewOf(root).setInt32(at + SPAN, count, true)
    }
    this.viewOf(root).setUint8(offsetOf(root) + LEVEL_COUNT, used)
    const nodeView = this.viewOf(node)
    const nodeAt = this.levelsAt(node)
    const rank = ranks[0]!
    for (let level = 0; level < used; level++) {
      const before = path[level] as Address
      const view = this.viewOf(before)
      const at = this.levelsAt(before) + level * LEVEL_BYTES
      const span = view.getInt32(at + SPAN, true)
      if (level >= levels) {
        view.setInt32(at + SPAN, span + 1, true)
        continue
      }
      const distance = rank - ranks[level]!
      nodeView.setInt32(nodeAt + level * LEVEL_BYTES, view.getInt32(at, true), true)
      nodeView.setInt32(nodeAt + level * LEVEL_BYTES + SPAN, span - distance, true)
      view.setInt32(at, node, true)
      view.setInt32(at + SPAN, distance + 1, true)
    }
    const before = path[0] as Address
    nodeView.setInt32(offsetOf(node) + BACKWARD, before === root ? NULL : before, true)
    const behind = nodeView.getInt32(nodeAt, true) as Address
    // The root's TAIL is where a node has its BACKWARD.
    const after = behind === NULL ? root : behind
    this.viewOf(after).setInt32(offsetOf(after) + BACKWARD, node, true)
  }

  private unlink(root: Address, node: Address): void {
    const { path } = this.descent
    // Before the first node is the root on all levels, and it need not be looked for.
    if (node !== this.first(root)) this.seek(root, node)
    else for (let level = this.levelCount(root) - 1; level >= 0; level--) path[level] = root
    this.unlinkFrom(path, root, node)
  }

  /** Takes out the node in front of which `path` ends, which then ends in front of the next one. */
  private unlinkFrom(path: Int32Array, root: Address, node: Address): void {
    const nodeView = this.viewOf(node)
    const nodeAt = this.levelsAt(node)
    let used = this.levelCount(root)
    for (let level = 0; level < used; level++) {
      const before = path[level] as Address
      const view = this.viewOf(before)
      const at = this.levelsAt(before) + level * LEVEL_BYTES
      let span = view.getInt32(at + SPAN, true) - 1
      if (view.getInt32(at, true) === node) {
        span += nodeView.getInt32(nodeAt + level * LEVEL_BYTES + SPAN, true)
        view.setInt32(at, nodeView.getInt32(nodeAt + level * LEVEL_BYTES, true), true)
      }
      view.setInt32(at + SPAN, span, true)
    }
    const behind = nodeView.getInt32(nodeAt, true) as Address
    const after = behind === NULL ? root : behind
    const before = nodeView.getInt32(offsetOf(node) + BACKWARD, true)
    this.viewOf(after).setInt32(offsetOf(after) + BACKWARD, before, true)
    const rootView = this.viewOf(root)
    const levels = this.levelsAt(root)
    while (used > 1 && rootView.getInt32(levels + (used - 1) * LEVEL_BYTES, true) === NULL) used--
    rootView.setUint8(offsetOf(root) + LEVEL_COUNT, used)
  }

  private addNodeBytes(root: Address, change: number): void {
    const view = this.viewOf(root)
    const at = offsetOf(root) + NODE_BYTES
    view.setFloat64(at, view.getFloat64(at, true) + change, true)
  }

  private viewOf(block: Address): DataView {
    return this.arena.views[block >>> SEGMENT_SHIFT]!
  }

  private bytesOf(block: Address): Uint8Array {
    return this.arena.bytes[block >>> SEGMENT_SHIFT]!
  }
}

function offsetOf(block: Address): number {
  return (block & OFFSET_MASK) << 3
}
