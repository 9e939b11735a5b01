/**
 * Writes the value of one key in steps, so that nobody waits for a collection of a million
 * elements.
 *
 * Values are written element by element, in the types that every Redis reads and turns into the
 * encoding that its own thresholds say; a collection's own blocks are never copied out:
 *
 * | type        | RDB type | layout                                                            |
 * |-------------|----------|-------------------------------------------------------------------|
 * | string      | 0        | string                                                            |
 * | list        | 1        | count, elements from the first to the last                        |
 * | set         | 2        | count, members                                                    |
 * | hash        | 4        | count of fields, each with its value                              |
 * | hash with   | 24       | a Unix time in ms before which no field expires (8 bytes); count  |
 * | fields that |          | of fields; each with its expiry time, told as 0 for none or else  |
 * | expire      |          | from that time on and one more, and its value (Redis 7.4)         |
 * | sorted set  | 5        | count, members in the order of scores, each with its score        |
 * |             |          | as a double                                                       |
 *
 * A large sorted set is written from its highest score down, as Redis does it: a loader that puts
 * each one in front of all before it needs not look for its place. A small one is written upwards,
 * so that what is loaded goes to the end of its block.
 */
import type { Address, Arena } from '../arena/arena.ts'
import {
  encodingOf,
  SEPARATE,
  TYPE_HASH,
  TYPE_LIST,
  TYPE_SET,
  TYPE_SORTED_SET,
  TYPE_STRING,
  typeOf,
  valueAddressOf,
} from '../keyspace/entry.ts'
import type { Keyspace } from '../keyspace/keyspace.ts'
import { StringValue } from '../keyspace/string-value.ts'
import { type HashValue, NO_FIELD_EXPIRY } from '../types/hash.ts'
import { HashWalk } from '../types/hash-walk.ts'
import type { ListValue } from '../types/list.ts'
import type { SetValue } from '../types/set.ts'
import { SetWalk } from '../types/set-walk.ts'
import type { SortedSet } from '../types/sorted-set.ts'
import {
  RDB_HASH,
  RDB_HASH_METADATA,
  RDB_LIST,
  RDB_SET,
  RDB_STRING,
  RDB_ZSET_2,
} from './rdb-format.ts'
import type { RdbOutput } from './rdb-output.ts'

/** A step ends when it has written so much, however few elements that are. */
const STEP_BYTES = 256 * 1024
/** A string longer than this is written in pieces of it, and not compressed. */
const STRING_PIECE_BYTES = 1024 * 1024

/** The RDB type in which the value of an entry is written. */
export function rdbTypeOf(keyspace: Keyspace, entry: Address): number {
  switch (typeOf(keyspace.arena, entry)) {
    case TYPE_STRING:
      return RDB_STRING
    case TYPE_LIST:
      return RDB_LIST
    case TYPE_SET:
      return RDB_SET
    case TYPE_HASH: {
      const hash = keyspace.collections.at(entry) as HashValue
      return hash.expiring > 0 ? RDB_HASH_METADATA : RDB_HASH
    }
    default:
      return RDB_ZSET_2
  }
}

export class ValueWriter {
  private readonly arena: Arena
  private readonly string = new StringValue()
  private readonly list: ListValue
  private readonly set: SetValue
  private readonly members: SetWalk
  private readonly hash: HashValue
  private readonly fields: HashWalk
  private readonly sortedSet: SortedSet
  private output: RdbOutput | null = null
  private type = TYPE_STRING
  /** Elements still to be written; of a string, bytes. */
  private left = 0
  /** Where the next member of a sorted set is, or the next bytes of a string. */
  private position = 0
  /** Of a hash: whether fields expire, and the time from which theirs are told. */
  private isExpiring = false
  private earliestMs = 0

  constructor(keyspace: Keyspace) {
    const { arena, collections } = keyspace
    this.arena = arena
    this.list = collections.create(TYPE_LIST) as ListValue
    this.set = collections.create(TYPE_SET) as SetValue
    this.members = new SetWalk(arena)
    this.hash = collections.create(TYPE_HASH) as HashValue
    this.fields = new HashWalk(arena)
    this.sortedSet = collections.create(TYPE_SORTED_SET) as SortedSet
  }

  /** Writes the value of an entry to the end. */
  write(output: RdbOutput, entry: Address): void {
    if (this.begin(output, entry)) return
    while (!this.step(Number.MAX_SAFE_INTEGER)) {
      // What is left takes another step.
    }
  }

  /**
   * Begins to write the value of an entry, which must not change until all of it is written. The
   * entry itself may go, or move, and so may other keys.
   *
   * @returns whether that was all already: a short string
   */
  begin(output: RdbOutput, entry: Address): boolean {
    const { arena } = this
    this.type = typeOf(arena, entry)
    this.output = output
    if (this.type === TYPE_STRING) return this.beginString(output, entry)
    const root = valueAddressOf(arena, entry)
    const encoding = encodingOf(arena, entry) & ~SEPARATE
    if (this.type === TYPE_LIST) this.beginList(root, encoding)
    else if (this.type === TYPE_SET) this.beginSet(root, encoding)
    else if (this.type === TYPE_HASH) this.beginHash(output, root, encoding)
    else this.beginSortedSet(root, encoding)
    output.writeLength(this.left)
    return false
  }

  /**
   * Goes on by `maxElements` at most, and by little more than 256 KB unless an element is longer.
   *
   * @returns whether all is written now
   */
  step(maxElements: number): boolean {
    const output = this.output!
    if (this.type === TYPE_STRING) return this.stepString(output)
    const enough = output.length + STEP_BYTES
    let count = Math.min(maxElements, this.left)
    while (count > 0 && output.length < enough) {
      if (this.type === TYPE_LIST) this.writeElement(output)
      else if (this.type === TYPE_SET) this.writeMember(output)
      else if (this.type === TYPE_HASH) this.writeField(output)
      else this.writeScored(output)
      this.left--
      count--
    }
    return this.left === 0
  }

  /** Whether the value that is being written is the one with this root. */
  isWriting(root: Address): boolean {
    if (this.left === 0) return false
    if (this.type === TYPE_LIST) return this.list.root === root
    if (this.type === TYPE_SET) return this.set.root === root
    if (this.type === TYPE_HASH) return this.hash.root === root
    return this.type === TYPE_SORTED_SET && this.sortedSet.root === root
  }

  private beginString(output: RdbOutput, entry: Address): boolean {
    const { string } = this
    string.locate(this.arena, entry)
    const { bytes, view, start, length } = string
    this.left = 0
    if (length <= STRING_PIECE_BYTES) {
      output.writeString(bytes, view, start, length)
      return true
    }
    output.writeLength(length)
    this.left = length
    this.position = start
    return false
  }

  private stepString(output: RdbOutput): boolean {
    const { bytes, view } = this.string
    const piece = Math.min(this.left, STRING_PIECE_BYTES)
    output.writeRaw(bytes, view, this.position, piece)
    this.position += piece
    this.left -= piece
    return this.left === 0
  }

  private beginList(root: Address, encoding: number): void {
    const { list } = this
    list.open(root, encoding)
    this.left = list.length
    list.seek(0)
  }

  private writeElement(output: RdbOutput): void {
    const { list } = this
    list.read()
    const { bytes, view, start, end } = list.elements
    output.writeString(bytes, view, start, end - start)
    if (this.left > 1) list.next()
  }

  private beginSet(root: Address, encoding: number): void {
    this.set.open(root, encoding)
    this.left = this.set.length
    this.members.begin(this.set)
  }

  private writeMember(output: RdbOutput): void {
    const { members } = this
    members.next()
    output.writeString(members.bytes, members.view, members.start, members.end - members.start)
  }

  private beginHash(output: RdbOutput, root: Address, encoding: number): void {
    const { hash } = this
    hash.open(root, encoding)
    this.left = hash.length
    this.isExpiring = hash.expiring > 0
    if (this.isExpiring) {
      const { earliestMs } = hash
      this.earliestMs = Number.isSafeInteger(earliestMs) && earliestMs > 0 ? earliestMs : 0
      output.writeTime(this.earliestMs)
    }
    this.fields.begin(hash)
  }

  private writeField(output: RdbOutput): void {
    const { hash } = this
    hash.read(this.fields.next())
    if (this.isExpiring) {
      const { expireAtMs } = hash.pair
      output.writeLength(expireAtMs === NO_FIELD_EXPIRY ? 0 : expireAtMs - this.earliestMs + 1)
    }
    const { bytes, view, fieldStart, fieldEnd, valueStart, valueEnd } = hash.pair
    output.writeString(bytes, view, fieldStart, fieldEnd - fieldStart)
    output.writeString(bytes, view, valueStart, valueEnd - valueStart)
  }

  private beginSortedSet(root: Address, encoding: number): void {
    const { sortedSet } = this
    sortedSet.open(root, encoding)
    this.left = sortedSet.length
    this.position = sortedSet.isPacked ? sortedSet.first() : sortedSet.last()
  }

  private writeScored(output: RdbOutput): void {
    const { sortedSet } = this
    sortedSet.read(this.position)
    const { bytes, view, start, end, score } = sortedSet
    output.writeString(bytes, view, start, end - start)
    output.writeDouble(score)
    const { isPacked } = sortedSet
    this.position = isPacked ? sortedSet.next(this.position) : sortedSet.previous(this.position)
  }
}
