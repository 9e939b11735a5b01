/**
 * The head of a hash whose fields may expire: a block before its value, by which the keyspace finds
 * hashes with fields that are due (keyspace/field-expiry.ts). A hash gets one with the first expiry
 * time of a field, and keeps it; while it lives its address is the hash's root.
 *
 * | offset | bytes | meaning                                                                    |
 * |--------|-------|----------------------------------------------------------------------------|
 * | 0      | 4     | the value: address of the packed list, or of the table                     |
 * | 4      | 4     | the keyspace's entry of the hash, NULL while it is in no database           |
 * | 8      | 8     | earliest: no field expires before this Unix time in ms, a double            |
 * | 16     | 8     | due: the same as the heap of the database was last told it                  |
 * | 24     | 12    | that heap's links: left, right, parent                                      |
 * | 36     | 4     | number of fields with an expiry time, of a packed list; a table counts them |
 * | 40     | 8     | earliest among the fields that the sweep under way has seen, a double       |
 * | 48     | 4     | how far that sweep has come in a table, 0 if none is under way              |
 *
 * Times without any field are Infinity.
 */
import { type Address, type Arena, NULL, OFFSET_MASK, SEGMENT_SHIFT } from '../arena/arena.ts'

/** The expiry time of a field that has none. */
export const NO_FIELD_EXPIRY = Number.POSITIVE_INFINITY

const ENTRY = 4
const EARLIEST = 8
const DUE = 16
export const LEFT = 24
export const RIGHT = 28
export const PARENT = 32
const EXPIRING = 36
const SWEPT_EARLIEST = 40
const POSITION = 48
const HEAD_BYTES = 52

/** A head that is in no heap, for a hash without expiry times; NULL if there is no memory. */
export function newHead(arena: Arena, value: Address): Address {
  const head = arena.allocate(HEAD_BYTES)
  if (head === NULL) return NULL
  const view = arena.views[head >>> SEGMENT_SHIFT]!
  const at = (head & OFFSET_MASK) << 3
  for (let offset = 0; offset < HEAD_BYTES; offset += 4) view.setInt32(at + offset, 0, true)
  view.setInt32(at, value, true)
  view.setFloat64(at + EARLIEST, NO_FIELD_EXPIRY, true)
  view.setFloat64(at + DUE, NO_FIELD_EXPIRY, true)
  view.setFloat64(at + SWEPT_EARLIEST, NO_FIELD_EXPIRY, true)
  return head
}

function word(arena: Arena, head: Address, offset: number): number {
  return arena.views[head >>> SEGMENT_SHIFT]!.getInt32(((head & OFFSET_MASK) << 3) + offset, true)
}

function setWord(arena: Arena, head: Address, offset: number, value: number): void {
  const view = arena.views[head >>> SEGMENT_SHIFT]!
  view.setInt32(((head & OFFSET_MASK) << 3) + offset, value, true)
}

function time(arena: Arena, head: Address, offset: number): number {
  const view = arena.views[head >>> SEGMENT_SHIFT]!
  return view.getFloat64(((head & OFFSET_MASK) << 3) + offset, true)
}

function setTime(arena: Arena, head: Address, offset: number, timeMs: number): void {
  const view = arena.views[head >>> SEGMENT_SHIFT]!
  view.setFloat64(((head & OFFSET_MASK) << 3) + offset, timeMs, true)
}

export function headValue(arena: Arena, head: Address): Address {
  return word(arena, head, 0) as Address
}

export function setHeadValue(arena: Arena, head: Address, value: Address): void {
  setWord(arena, head, 0, value)
}

export function headEntry(arena: Arena, head: Address): Address {
  return word(arena, head, ENTRY) as Address
}

export function setHeadEntry(arena: Arena, head: Address, entry: Address): void {
  setWord(arena, head, ENTRY, entry)
}

/** No field expires before this. */
export function earliestOf(arena: Arena, head: Address): number {
  return time(arena, head, EARLIEST)
}

export function setEarliest(arena: Arena, head: Address, timeMs: number): void {
  setTime(arena, head, EARLIEST, timeMs)
}

/** Takes into account that a field expires at a time. */
export function lowerEarliest(arena: Arena, head: Address, timeMs: number): void {
  if (timeMs < time(arena, head, EARLIEST)) setTime(arena, head, EARLIEST, timeMs)
  if (timeMs < time(arena, head, SWEPT_EARLIEST)) setTime(arena, head, SWEPT_EARLIEST, timeMs)
}

export function dueOf(arena: Arena, head: Address): number {
  return time(arena, head, DUE)
}

export function setDue(arena: Arena, head: Address, timeMs: number): void {
  setTime(arena, head, DUE, timeMs)
}

/** A link of the heap: LEFT, RIGHT or PARENT. */
export function linkOf(arena: Arena, head: Address, link: number): Address {
  return word(arena, head, link) as Address
}

export function setLink(arena: Arena, head: Address, link: number, target: Address): void {
  setWord(arena, head, link, target)
}

/** How many fields of a packed list have an expiry time. */
export function packedExpiring(arena: Arena, head: Address): number {
  return word(arena, head, EXPIRING)
}

export function setPackedExpiring(arena: Arena, head: Address, count: number): void {
  setWord(arena, head, EXPIRING, count)
}

export function sweptEarliest(arena: Arena, head: Address): number {
  return time(arena, head, SWEPT_EARLIEST)
}

export function setSweptEarliest(arena: Arena, head: Address, timeMs: number): void {
  setTime(arena, head, SWEPT_EARLIEST, timeMs)
}

/** Where the sweep under way goes on, 0 if none is. */
export function sweepPosition(arena: Arena, head: Address): number {
  return word(arena, head, POSITION) >>> 0
}

export function setSweepPosition(arena: Arena, head: Address, position: number): void {
  setWord(arena, head, POSITION, position | 0)
}
