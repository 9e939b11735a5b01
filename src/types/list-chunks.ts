/**
 * The blocks of a long list: a root and its chunks, linked both ways. A chunk is a small block that
 * points at its neighbours and at a packed list with a run of the elements. Since the packed list
 * moves whenever it outgrows its block, it is the chunk that is linked and not the list itself.
 *
 * The root:
 *
 * | offset | bytes | meaning                     |
 * |--------|-------|-----------------------------|
 * | 0      | 4     | the first chunk             |
 * | 4      | 4     | the last chunk              |
 * | 8      | 4     | number of elements          |
 * | 12     | 4     | number of chunks            |
 *
 * A chunk:
 *
 * | offset | bytes | meaning                     |
 * |--------|-------|-----------------------------|
 * | 0      | 4     | the chunk before it         |
 * | 4      | 4     | the chunk behind it         |
 * | 8      | 4     | its packed list             |
 * | 12     | 4     | not used                    |
 *
 * Where there is no chunk the address is NULL. No chunk is empty, whereas a list may be while a
 * command is at work on it.
 */
import { type Address, type Arena, NULL, OFFSET_MASK, SEGMENT_SHIFT } from '../arena/arena.ts'

const ROOT_BYTES = 16
const CHUNK_BYTES = 16

const ROOT_HEAD = 0
const ROOT_TAIL = 4
const ROOT_ELEMENTS = 8
const ROOT_CHUNKS = 12
const CHUNK_PREVIOUS = 0
const CHUNK_NEXT = 4
const CHUNK_LIST = 8

function get(arena: Arena, block: Address, field: number): number {
  return arena.views[block >>> SEGMENT_SHIFT]!.getInt32(((block & OFFSET_MASK) << 3) + field, true)
}

function set(arena: Arena, block: Address, field: number, value: number): void {
  arena.views[block >>> SEGMENT_SHIFT]!.setInt32(((block & OFFSET_MASK) << 3) + field, value, true)
}

/** A root without chunks; NULL if there is no memory. */
export function createRoot(arena: Arena): Address {
  const root = arena.allocate(ROOT_BYTES)
  if (root === NULL) return NULL
  set(arena, root, ROOT_HEAD, NULL)
  set(arena, root, ROOT_TAIL, NULL)
  set(arena, root, ROOT_ELEMENTS, 0)
  set(arena, root, ROOT_CHUNKS, 0)
  return root
}

export function headOf(arena: Arena, root: Address): Address {
  return get(arena, root, ROOT_HEAD) as Address
}

export function tailOf(arena: Arena, root: Address): Address {
  return get(arena, root, ROOT_TAIL) as Address
}

/** The number of elements that the root tells. */
export function elementCount(arena: Arena, root: Address): number {
  return get(arena, root, ROOT_ELEMENTS)
}

export function addElements(arena: Arena, root: Address, change: number): void {
  set(arena, root, ROOT_ELEMENTS, get(arena, root, ROOT_ELEMENTS) + change)
}

export function chunkCount(arena: Arena, root: Address): number {
  return get(arena, root, ROOT_CHUNKS)
}

export function previousOf(arena: Arena, chunk: Address): Address {
  return get(arena, chunk, CHUNK_PREVIOUS) as Address
}

export function nextOf(arena: Arena, chunk: Address): Address {
  return get(arena, chunk, CHUNK_NEXT) as Address
}

/** The packed list of a chunk. */
export function listOf(arena: Arena, chunk: Address): Address {
  return get(arena, chunk, CHUNK_LIST) as Address
}

export function setListOf(arena: Arena, chunk: Address, list: Address): void {
  set(arena, chunk, CHUNK_LIST, list)
}

/**
 * Puts a chunk with a packed list behind the chunk `previous`, or in front of all if that is NULL.
 * The count of elements is left as it is. @returns the chunk, NULL if there is no memory
 */
export function linkChunk(arena: Arena, root: Address, previous: Address, list: Address): Address {
  const chunk = arena.allocate(CHUNK_BYTES)
  if (chunk === NULL) return NULL
  const next = previous === NULL ? headOf(arena, root) : nextOf(arena, previous)
  set(arena, chunk, CHUNK_PREVIOUS, previous)
  set(arena, chunk, CHUNK_NEXT, next)
  set(arena, chunk, CHUNK_LIST, list)
  join(arena, root, previous, chunk)
  join(arena, root, chunk, next)
  set(arena, root, ROOT_CHUNKS, chunkCount(arena, root) + 1)
  return chunk
}

/** Takes a chunk out and frees it, its packed list excepted. */
export function unlinkChunk(arena: Arena, root: Address, chunk: Address): void {
  join(arena, root, previousOf(arena, chunk), nextOf(arena, chunk))
  set(arena, root, ROOT_CHUNKS, chunkCount(arena, root) - 1)
  arena.free(chunk)
}

/** Makes two chunks neighbours; NULL stands for the end of the list on that side. */
function join(arena: Arena, root: Address, left: Address, right: Address): void {
  if (left === NULL) set(arena, root, ROOT_HEAD, right)
  else set(arena, left, CHUNK_NEXT, right)
  if (right === NULL) set(arena, root, ROOT_TAIL, left)
  else set(arena, right, CHUNK_PREVIOUS, left)
}
