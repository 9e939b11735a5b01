/**
 * Writes one entry as the commands that make it, in steps: command-stream.ts says which.
 *
 * Invariant: `inCommand` elements of the command under way are still to be written, and `left` of
 * the value; between two commands `inCommand` is 0, and no bytes of a string are left.
 */
import type { Address, Arena } from '../arena/arena.ts'
import { copyBytes } from '../arena/bytes.ts'
import { formatDouble17 } from '../bytes/doubles.ts'
import {
  bytesOf,
  encodingOf,
  exactExpireAtMsOf,
  expireAtMsOf,
  hasExpiry,
  keyLengthOf,
  keyOffsetOf,
  SEPARATE,
  TYPE_HASH,
  TYPE_LIST,
  TYPE_SET,
  TYPE_SORTED_SET,
  TYPE_STRING,
  typeOf,
  valueAddressOf,
  viewOf,
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
  beginBulk,
  endBulk,
  writeBulk,
  writeCommandHead,
  writeIntegerWord,
  writeWord,
} from './command-output.ts'
import type { RdbOutput } from './rdb-output.ts'
import type { EntryWriter } from './snapshot-format.ts'

/** Redis writes so many elements with one command. */
const ELEMENTS_PER_COMMAND = 64
/** A step ends when it has written so much, however few elements that are. */
const STEP_BYTES = 256 * 1024
/** A string longer than this is written in pieces of it. */
const STRING_PIECE_BYTES = 1024 * 1024
const FIRST_KEY_BYTES = 64

export class CommandWriter implements EntryWriter {
  isBetween = true
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
  private key = new Uint8Array(FIRST_KEY_BYTES)
  private keyView = new DataView(this.key.buffer)
  private keyLength = 0
  private expireAtMs: number | bigint | null = null
  /** Elements still to be written; of a string, bytes. */
  private left = 0
  private inCommand = 0
  /** Where the next member of a sorted set is, or the next bytes of a string. */
  private position = 0
  /** Whether fields of the hash expire. */
  private isExpiring = false

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

  write(output: RdbOutput, entry: Address): void {
    if (this.begin(output, entry)) return
    while (!this.step(Number.MAX_SAFE_INTEGER)) {
      // What is left takes another step.
    }
  }

  begin(output: RdbOutput, entry: Address): boolean {
    const { arena } = this
    this.output = output
    this.type = typeOf(arena, entry)
    this.inCommand = 0
    this.keep(entry)
    if (this.type === TYPE_STRING) return this.beginString(output, entry)
    const root = valueAddressOf(arena, entry)
    const encoding = encodingOf(arena, entry) & ~SEPARATE
    if (this.type === TYPE_LIST) this.beginList(root, encoding)
    else if (this.type === TYPE_SET) this.beginSet(root, encoding)
    else if (this.type === TYPE_HASH) this.beginHash(root, encoding)
    else this.beginSortedSet(root, encoding)
    this.isBetween = true
    return false
  }

  step(maxElements: number): boolean {
    const output = this.output!
    if (this.type === TYPE_STRING) return this.stepString(output)
    const enough = output.length + STEP_BYTES
    let count = Math.min(maxElements, this.left)
    while (count > 0 && output.length < enough) {
      if (this.inCommand === 0) this.beginCommand(output)
      if (this.type === TYPE_LIST) this.writeElement(output)
      else if (this.type === TYPE_SET) this.writeMember(output)
      else if (this.type === TYPE_HASH) this.writeField(output)
      else this.writeScored(output)
      this.inCommand--
      this.left--
      count--
    }
    this.isBetween = this.inCommand === 0
    if (this.left > 0) return false
    this.writeExpiry(output)
    return true
  }

  /** Takes what of the entry is needed after its value. */
  private keep(entry: Address): void {
    const { arena } = this
    const length = keyLengthOf(arena, entry)
    if (length > this.key.length) {
      this.key = new Uint8Array(length)
      this.keyView = new DataView(this.key.buffer)
    }
    const bytes = bytesOf(arena, entry)
    const view = viewOf(arena, entry)
    copyBytes(bytes, view, keyOffsetOf(arena, entry), this.key, this.keyView, 0, length)
    this.keyLength = length
    this.expireAtMs = null
    if (!hasExpiry(arena, entry)) return
    const atMs = expireAtMsOf(arena, entry)
    this.expireAtMs = Number.isSafeInteger(atMs) ? atMs : exactExpireAtMsOf(arena, entry)
  }

  private writeKey(output: RdbOutput): void {
    writeBulk(output, this.key, this.keyView, 0, this.keyLength)
  }

  private writeExpiry(output: RdbOutput): void {
    if (this.expireAtMs === null) return
    writeCommandHead(output, 3, 'PEXPIREAT')
    this.writeKey(output)
    writeIntegerWord(output, this.expireAtMs)
  }

  private beginString(output: RdbOutput, entry: Address): boolean {
    const { string } = this
    string.locate(this.arena, entry)
    const { bytes, view, start, length } = string
    writeCommandHead(output, 3, 'SET')
    this.writeKey(output)
    this.isBetween = length <= STRING_PIECE_BYTES
    if (this.isBetween) {
      writeBulk(output, bytes, view, start, length)
      this.writeExpiry(output)
      return true
    }
    beginBulk(output, length)
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
    if (this.left > 0) return false
    endBulk(output)
    this.isBetween = true
    this.writeExpiry(output)
    return true
  }

  /** Begins a command with as many elements as it may have. */
  private beginCommand(output: RdbOutput): void {
    const { type } = this
    const most = type === TYPE_HASH && this.isExpiring ? 1 : ELEMENTS_PER_COMMAND
    const count = Math.min(this.left, most)
    this.inCommand = count
    const isPairs = type === TYPE_HASH || type === TYPE_SORTED_SET
    writeCommandHead(output, 2 + count * (isPairs ? 2 : 1), commandOf(type))
    this.writeKey(output)
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
    writeBulk(output, bytes, view, start, end - start)
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
    writeBulk(output, members.bytes, members.view, members.start, members.end - members.start)
  }

  private beginHash(root: Address, encoding: number): void {
    const { hash } = this
    hash.open(root, encoding)
    this.left = hash.length
    this.isExpiring = hash.expiring > 0
    this.fields.begin(hash)
  }

  private writeField(output: RdbOutput): void {
    const { hash } = this
    hash.read(this.fields.next())
    const { bytes, view, fieldStart, fieldEnd, valueStart, valueEnd, expireAtMs } = hash.pair
    writeBulk(output, bytes, view, fieldStart, fieldEnd - fieldStart)
    writeBulk(output, bytes, view, valueStart, valueEnd - valueStart)
    if (!this.isExpiring || expireAtMs === NO_FIELD_EXPIRY) return
    writeCommandHead(output, 6, 'HPEXPIREAT')
    this.writeKey(output)
    writeIntegerWord(output, expireAtMs)
    writeWord(output, 'FIELDS')
    writeWord(output, '1')
    writeBulk(output, bytes, view, fieldStart, fieldEnd - fieldStart)
  }

  private beginSortedSet(root: Address, encoding: number): void {
    const { sortedSet } = this
    sortedSet.open(root, encoding)
    this.left = sortedSet.length
    this.position = sortedSet.last()
  }

  private writeScored(output: RdbOutput): void {
    const { sortedSet } = this
    sortedSet.read(this.position)
    const { bytes, view, start, end, score } = sortedSet
    if (Number.isSafeInteger(score) && !Object.is(score, -0)) writeIntegerWord(output, score)
    else writeWord(output, formatDouble17(score))
    writeBulk(output, bytes, view, start, end - start)
    this.position = sortedSet.previous(this.position)
  }
}

function commandOf(type: number): string {
  if (type === TYPE_LIST) return 'RPUSH'
  if (type === TYPE_SET) return 'SADD'
  return type === TYPE_HASH ? 'HMSET' : 'ZADD'
}
