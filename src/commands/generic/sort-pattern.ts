/**
 * The patterns of SORT's BY and GET: what keys, or fields of hashes, they name for an element.
 *
 *   weight_*         the string under the key with the element in place of the first asterisk
 *   object_*->field  a field of the hash under such a key
 *   #                the element itself
 *
 * A pattern is read as C reads it, up to its first NUL, whereas what stands behind an asterisk or
 * an arrow that was found is taken whole. Source: the behaviour of Redis 7.2 (sort.c).
 */
import { NULL } from '../../arena/arena.ts'
import type { Database } from '../../keyspace/database.ts'
import { typeOf } from '../../keyspace/entry.ts'
import { StringValue } from '../../keyspace/string-value.ts'
import { Args } from '../../resp/args.ts'
import { HashValue } from '../../types/hash.ts'
import { TYPE_HASH, TYPE_STRING } from '../../types/type.ts'
import type { ByteStrings } from './byte-strings.ts'

const ASTERISK = 0x2a
const HASH_SIGN = 0x23
const MINUS = 0x2d
const GREATER = 0x3e

const string = new StringValue()

/** Whether the keys of a pattern differ by element. */
export function hasAsterisk(args: Args, index: number): boolean {
  return asteriskOf(args.slice(index)) >= 0
}

/** Where the first asterisk is, -1 if there is none before the first NUL. */
function asteriskOf(pattern: Uint8Array): number {
  for (let i = 0; i < pattern.length && pattern[i] !== 0; i++) {
    if (pattern[i] === ASTERISK) return i
  }
  return -1
}

/** Where the arrow with a field behind it is, -1 if there is none. */
function arrowOf(pattern: Uint8Array, from: number): number {
  for (let i = from; i + 1 < pattern.length && pattern[i] !== 0; i++) {
    if (pattern[i] !== MINUS || pattern[i + 1] !== GREATER) continue
    // The first arrow counts, also if nothing is behind it.
    return i + 2 < pattern.length && pattern[i + 2] !== 0 ? i : -1
  }
  return -1
}

export class SortPattern {
  // Where the value is that `find` has found: valid until the next look-up.
  bytes: Uint8Array
  view: DataView
  start = 0
  end = 0
  private readonly isElement: boolean
  private readonly isFixed: boolean
  private readonly prefix: Uint8Array
  private readonly suffix: Uint8Array
  /** Empty if the pattern names strings. */
  private readonly field: Uint8Array
  private readonly fieldView: DataView
  /** A request whose only argument is the key. */
  private readonly request: Args

  /** The pattern that is argument `index`. */
  constructor(args: Args, index: number) {
    const pattern = args.copy(index)
    this.isElement = pattern[0] === HASH_SIGN && (pattern.length === 1 || pattern[1] === 0)
    const asterisk = asteriskOf(pattern)
    this.isFixed = asterisk < 0
    const arrow = this.isFixed ? -1 : arrowOf(pattern, asterisk + 1)
    const keyEnd = arrow < 0 ? pattern.length : arrow
    this.prefix = pattern.subarray(0, Math.max(asterisk, 0))
    this.suffix = pattern.subarray(asterisk + 1, keyEnd)
    this.field = pattern.subarray(arrow < 0 ? pattern.length : arrow + 2)
    this.fieldView = new DataView(pattern.buffer, this.field.byteOffset, this.field.length)
    this.request = new Args(new Uint8Array(0))
    this.bytes = pattern
    this.view = this.fieldView
  }

  /**
   * Looks up what the pattern names for an element.
   *
   * @returns whether it is there; then see `bytes`, `view`, `start` and `end`
   */
  find(db: Database, elements: ByteStrings, index: number): boolean {
    if (this.isElement) {
      this.point(elements.bytes, elements.view, elements.start(index), elements.end(index))
      return true
    }
    if (this.isFixed) return false
    this.writeKey(elements, index)
    const entry = db.findForRead(this.request, 0)
    if (entry === NULL) return false
    const { arena, collections } = db.keyspace
    const { field } = this
    if (field.length === 0) {
      if (typeOf(arena, entry) !== TYPE_STRING) return false
      string.locate(arena, entry)
      this.point(string.bytes, string.view, string.start, string.end)
      return true
    }
    if (typeOf(arena, entry) !== TYPE_HASH) return false
    const hash = collections.at(entry)
    if (!(hash instanceof HashValue)) throw new Error('hashes are served by another class')
    if (!hash.find(field, this.fieldView, 0, field.length)) return false
    const { pair } = hash
    if (pair.expireAtMs < db.fields.nowMs) return false
    this.point(pair.bytes, pair.view, pair.valueStart, pair.valueEnd)
    return true
  }

  private point(bytes: Uint8Array, view: DataView, start: number, end: number): void {
    this.bytes = bytes
    this.view = view
    this.start = start
    this.end = end
  }

  private writeKey(elements: ByteStrings, index: number): void {
    const { prefix, request, suffix } = this
    const start = elements.start(index)
    const end = elements.end(index)
    const keyBytes = prefix.length + end - start + suffix.length
    if (keyBytes > request.bytes.length) {
      request.bytes = new Uint8Array(keyBytes * 2)
      request.view = new DataView(request.bytes.buffer)
      request.bytes.set(prefix)
    }
    const { bytes } = request
    let to = prefix.length
    for (let from = start; from < end; from++) bytes[to++] = elements.bytes[from]!
    bytes.set(suffix, to)
    request.count = 0
    request.push(0, keyBytes)
  }
}
