/** A skip list as a whole: copying one node for node, and checking all that has to hold in it. */
import { type Address, NULL, OFFSET_MASK, SEGMENT_SHIFT } from '../arena/arena.ts'
import { compareBytes, copyBytes } from '../arena/bytes.ts'
import { keyLength, keyOffset } from '../arena/dict-entry.ts'
import { LEVEL_BYTES, MAX_LEVELS, NODE_HEADER_BYTES, type SkipList } from './skip-list.ts'

const NODE_BYTES = 8
const BACKWARD = 4
const SPAN = 4

/**
 * A copy of a list, in which every node has as many levels as its original: so no place has to be
 * looked for, and spans are copied as they are.
 *
 * @returns its root, NULL if there is no memory
 */
export function copySkipList(list: SkipList, root: Address): Address {
  const { arena, dict } = list
  const { views, bytes } = arena
  const copy = list.create()
  if (copy === NULL) return NULL
  const rootView = views[copy >>> SEGMENT_SHIFT]!
  const dictRoot = list.dictOf(copy)
  const levelsInUse = list.levelCount(root)
  copyLevels(list, root, copy, levelsInUse)
  const last = new Array<Address>(MAX_LEVELS).fill(copy)
  let before: Address = NULL
  for (let node = list.first(root); node !== NULL; node = list.forward(node)) {
    const levels = list.levelCount(node)
    const at = offsetOf(node)
    const sizeBytes = list.levelsAt(node) + levels * LEVEL_BYTES - at
    const twin = arena.allocate(sizeBytes)
    const view = views[node >>> SEGMENT_SHIFT]!
    const own = bytes[node >>> SEGMENT_SHIFT]!
    if (twin !== NULL) {
      const target = views[twin >>> SEGMENT_SHIFT]!
      const targetBytes = bytes[twin >>> SEGMENT_SHIFT]!
      copyBytes(own, view, at, targetBytes, target, offsetOf(twin), sizeBytes)
      target.setInt32(offsetOf(twin) + BACKWARD, before, true)
    }
    if (twin === NULL || !dict.insert(dictRoot, dict.entryHash(twin), twin)) {
      if (twin !== NULL) arena.free(twin)
      freeSkipList(list, copy)
      return NULL
    }
    for (let level = 0; level < levels; level++) {
      setForward(list, last[level]!, level, twin)
      last[level] = twin
    }
    const usedAt = offsetOf(copy) + NODE_BYTES
    rootView.setFloat64(usedAt, rootView.getFloat64(usedAt, true) + arena.capacity(twin), true)
    before = twin
  }
  for (let level = 0; level < levelsInUse; level++) setForward(list, last[level]!, level, NULL)
  rootView.setInt32(offsetOf(copy) + BACKWARD, before, true)
  rootView.setUint8(offsetOf(copy) + 2, levelsInUse)
  return copy
}

function copyLevels(list: SkipList, from: Address, to: Address, levels: number): void {
  const { views, bytes } = list.arena
  const length = levels * LEVEL_BYTES
  copyBytes(
    bytes[from >>> SEGMENT_SHIFT]!,
    views[from >>> SEGMENT_SHIFT]!,
    list.levelsAt(from),
    bytes[to >>> SEGMENT_SHIFT]!,
    views[to >>> SEGMENT_SHIFT]!,
    list.levelsAt(to),
    length,
  )
}

function setForward(list: SkipList, node: Address, level: number, to: Address): void {
  const view = list.arena.views[node >>> SEGMENT_SHIFT]!
  view.setInt32(list.levelsAt(node) + level * LEVEL_BYTES, to, true)
}

/** Frees a list at once; its links need not be sound. */
export function freeSkipList(list: SkipList, root: Address): void {
  let position = 0
  do {
    position = drainSkipList(list, root, position)
  } while (position !== 0)
}

/**
 * Frees a part of a list: the nodes of one table of its dict, and behind the last its root.
 *
 * @param position 0 to start, then what the last call returned
 * @returns 0 when nothing is left
 */
export function drainSkipList(list: SkipList, root: Address, position: number): number {
  const { arena, dict } = list
  const next = dict.drain(list.dictOf(root), position, (node) => arena.free(node))
  if (next === 0) arena.free(root)
  return next
}

/** Throws an Error that says what is broken, if anything is. */
export function checkSkipList(list: SkipList, root: Address): void {
  const { arena, dict } = list
  dict.check(list.dictOf(root))
  const count = list.count(root)
  const ranks = new Map<Address, number>()
  let before: Address = NULL
  let bytes = 0
  for (let node = list.first(root); node !== NULL; node = list.forward(node)) {
    if (list.backward(node) !== before) throw new Error('a skip list cannot be walked backwards')
    if (before !== NULL && !isBefore(list, before, node)) {
      throw new Error('a skip list is out of order')
    }
    ranks.set(node, ranks.size)
    if (ranks.size > count) throw new Error('a skip list is longer than its dict')
    bytes += arena.capacity(node)
    before = node
  }
  if (ranks.size !== count) throw new Error('a skip list is shorter than its dict')
  if (list.last(root) !== before) throw new Error('a skip list has another last node')
  const rootView = arena.views[root >>> SEGMENT_SHIFT]!
  if (rootView.getFloat64(offsetOf(root) + NODE_BYTES, true) !== bytes) {
    throw new Error('a skip list counts its bytes wrongly')
  }
  for (let level = 0; level < list.levelCount(root); level++) {
    checkLevel(list, root, level, ranks)
  }
}

function checkLevel(
  list: SkipList,
  root: Address,
  level: number,
  ranks: ReadonlyMap<Address, number>,
): void {
  let rank = -1
  let reached = 0
  for (let node = root; node !== NULL; ) {
    const view = list.arena.views[node >>> SEGMENT_SHIFT]!
    const at = list.levelsAt(node) + level * LEVEL_BYTES
    const next = view.getInt32(at, true) as Address
    const expected = next === NULL ? ranks.size - 1 : ranks.get(next)
    if (expected === undefined) throw new Error('a level of a skip list leaves it')
    if (view.getInt32(at + SPAN, true) !== expected - rank) {
      throw new Error('a span of a skip list is wrong')
    }
    rank = expected
    if (next !== NULL) reached++
    node = next
  }
  let tall = 0
  for (const node of ranks.keys()) if (list.levelCount(node) > level) tall++
  if (tall !== reached) throw new Error('a level of a skip list leaves nodes out')
}

function isBefore(list: SkipList, a: Address, b: Address): boolean {
  const difference = list.scoreOf(a) - list.scoreOf(b)
  if (list.scoreOf(a) !== list.scoreOf(b)) return difference < 0
  const { views, bytes } = list.arena
  const aView = views[a >>> SEGMENT_SHIFT]!
  const bView = views[b >>> SEGMENT_SHIFT]!
  const order = compareBytes(
    bytes[a >>> SEGMENT_SHIFT]!,
    aView,
    keyOffset(aView, offsetOf(a), NODE_HEADER_BYTES),
    keyLength(aView, offsetOf(a), NODE_HEADER_BYTES),
    bytes[b >>> SEGMENT_SHIFT]!,
    bView,
    keyOffset(bView, offsetOf(b), NODE_HEADER_BYTES),
    keyLength(bView, offsetOf(b), NODE_HEADER_BYTES),
  )
  return order < 0
}

function offsetOf(block: Address): number {
  return (block & OFFSET_MASK) << 3
}
