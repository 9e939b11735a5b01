/**
 * How much goes into one chunk of a list, by `list-max-listpack-size` as in Redis 7.2: a positive
 * number counts elements, the negative ones from -1 to -5 stand for 4, 8, 16, 32 and 64 KB. Large
 * elements are alone in theirs.
 */
import type { Address } from '../arena/arena.ts'
import type { Limits } from './limits.ts'
import { elementBytes, type PackedList } from './packed-list.ts'

/** With the elements counted, no chunk of several gets longer than this either. */
const SAFETY_BYTES = 8192
const FIRST_STEP_BYTES = 4096
const STEPS = 5

function stepBytes(fill: number): number {
  return FIRST_STEP_BYTES << (Math.min(-fill, STEPS) - 1)
}

/** How many bytes a chunk may grow to, as far as can be told beforehand. */
export function fullChunkBytes(fill: number): number {
  return fill < 0 ? stepBytes(fill) : 0
}

/** Whether a packed list of so many bytes and elements is more than one chunk may have. */
export function exceedsChunk(fill: number, bytes: number, count: number): boolean {
  if (fill < 0) return bytes > stepBytes(fill)
  return bytes > SAFETY_BYTES || count > Math.max(fill, 1)
}

/**
 * Whether a list that has shrunk to one chunk of so many bytes and elements is to be packed again:
 * at half of what makes it long, so that it does not go to and fro.
 */
export function isHalfChunk(fill: number, bytes: number, count: number): boolean {
  if (fill < 0) return bytes <= stepBytes(fill) >> 1
  return bytes <= SAFETY_BYTES && count <= Math.max(fill, 1) >> 1
}

/** Whether a chunk with the packed list `list` takes one more element, of `length` bytes. */
export function fitsChunk(
  limits: Limits,
  elements: PackedList,
  list: Address,
  length: number,
): boolean {
  if (length >= limits.listPlainBytes || isPlain(limits, elements, list)) return false
  const bytes = elements.packedBytes(list) + elementBytes(length)
  return !exceedsChunk(limits.listMaxListpackSize, bytes, elements.count(list) + 1)
}

/** Whether a chunk is that of one large element, and takes no other. */
export function isPlain(limits: Limits, elements: PackedList, list: Address): boolean {
  if (elements.count(list) !== 1) return false
  return elements.sizeAt(list, elements.first(list)) >= elementBytes(limits.listPlainBytes)
}
