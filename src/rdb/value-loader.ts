/**
 * Builds the value of one key from what an RdbReader reads, in any of RDB's types, in steps. What
 * is built is a value of the arena, in the encoding that the thresholds of this server say,
 * whatever the one in the file was; it belongs to nobody until it is taken with `take`.
 *
 * Full validation (Redis's sanitize-dump-payload yes) is always on: no field or member may come
 * twice, no score may be a NaN, and the encodings of small collections are checked to their last
 * byte by the walks over them. What is wrong is thrown as an RdbError, and `abandon` frees what was
 * built; the same when there is no memory.
 */
import { NULL } from '../arena/arena.ts'
import { parseDouble } from '../bytes/doubles.ts'
import { parseInteger } from '../bytes/integers.ts'
import { TYPE_HASH, TYPE_LIST, TYPE_SET, TYPE_SORTED_SET, TYPE_STRING } from '../keyspace/entry.ts'
import type { Keyspace } from '../keyspace/keyspace.ts'
import type { Collection } from '../types/collection.ts'
import { ADDED, FAILED, type HashValue, NO_FIELD_EXPIRY } from '../types/hash.ts'
import type { ListValue } from '../types/list.ts'
import { exceedsChunk } from '../types/list-fill.ts'
import { elementBytes } from '../types/packed-list.ts'
import { DICT, INTSET, NO_MEMORY, PACKED, PRESENT, type SetValue } from '../types/set.ts'
import type { SortedSet } from '../types/sorted-set.ts'
import type { ElementCursor } from './element-cursor.ts'
import { IntsetBlob } from './intset-blob.ts'
import { KeptString } from './kept-string.ts'
import { Listpack } from './listpack.ts'
import { NAME_PRESENT, NO_ROOM, PackedDraft } from './packed-draft.ts'
import { RdbMemoryError } from './rdb-error.ts'
import * as format from './rdb-format.ts'
import type { RdbReader } from './rdb-reader.ts'
import { Ziplist } from './ziplist.ts'
import { Zipmap } from './zipmap.ts'

/** Integer sets never get longer, whatever the directive says. */
const INTSET_MAX_ENTRIES = 2 ** 30

/** No field of a hash expires later, as in Redis 7.4. */
const FIELD_EXPIRY_MAX_MS = 2 ** 46 - 1

/** Short collections without a draft begin with so much room, and are trimmed at the end. */
const ROOM_BYTES = 1024
/** Longer ones grow as they do elsewhere. */
const ROOMY_MAX_ELEMENTS = 64
/** Shorter collections grow as they do elsewhere. */
const PRESIZED_MIN_ELEMENTS = 1024

const MINUS = 0x2d
const DIGIT_0 = 0x30
const DIGIT_9 = 0x39

/** In a sorted set with scores as text, the lengths that stand for a score. */
const TEXT_NAN = 253
const TEXT_INFINITY = 254
const TEXT_MINUS_INFINITY = 255

/** The type of value that each RDB type holds; absent for what cannot be loaded. */
const VALUE_TYPES: ReadonlyMap<number, number> = new Map([
  [format.RDB_STRING, TYPE_STRING],
  [format.RDB_LIST, TYPE_LIST],
  [format.RDB_SET, TYPE_SET],
  [format.RDB_ZSET, TYPE_SORTED_SET],
  [format.RDB_HASH, TYPE_HASH],
  [format.RDB_ZSET_2, TYPE_SORTED_SET],
  [format.RDB_HASH_ZIPMAP, TYPE_HASH],
  [format.RDB_LIST_ZIPLIST, TYPE_LIST],
  [format.RDB_SET_INTSET, TYPE_SET],
  [format.RDB_ZSET_ZIPLIST, TYPE_SORTED_SET],
  [format.RDB_HASH_ZIPLIST, TYPE_HASH],
  [format.RDB_LIST_QUICKLIST, TYPE_LIST],
  [format.RDB_HASH_LISTPACK, TYPE_HASH],
  [format.RDB_ZSET_LISTPACK, TYPE_SORTED_SET],
  [format.RDB_LIST_QUICKLIST_2, TYPE_LIST],
  [format.RDB_SET_LISTPACK, TYPE_SET],
  [format.RDB_HASH_METADATA, TYPE_HASH],
  [format.RDB_HASH_LISTPACK_EX, TYPE_HASH],
])

/** What the RDB types hold that cannot be loaded. */
function unsupported(rdbType: number): string {
  switch (rdbType) {
    case format.RDB_STREAM_LISTPACKS:
    case format.RDB_STREAM_LISTPACKS_2:
    case format.RDB_STREAM_LISTPACKS_3:
      return 'a stream, which Redstart does not have'
    case format.RDB_MODULE_PRE_GA:
    case format.RDB_MODULE_2:
      return 'a value of a module, which Redstart does not have'
    default:
      return `a value of the unknown type ${rdbType}`
  }
}

export class ValueLoader {
  /** Type of the value: one of TYPE_…. */
  type = TYPE_STRING
  /** Whether the value turned out to be an empty collection, which cannot be. */
  isEmpty = false
  private readonly reader: RdbReader
  private readonly list: ListValue
  private readonly set: SetValue
  private readonly hash: HashValue
  private readonly sortedSet: SortedSet
  private readonly limits: Keyspace['limits']
  private readonly cursors: {
    readonly listpack: Listpack
    readonly ziplist: Ziplist
    readonly zipmap: Zipmap
    readonly intset: IntsetBlob
  }
  /** What is being built; its root is NULL before the first element. */
  private collection: Collection | null = null
  private rdbType = 0
  /** Elements, pairs or nodes still to be read. */
  private left = 0
  /** Elements that the value is said to have, for choosing how to begin. */
  private expected = 0
  /** The walk over the elements of a string that holds some of them; null if there is none. */
  private cursor: ElementCursor | null = null
  /** What is being built, as long as it is small. */
  private readonly draft = new PackedDraft()
  /** The field or member at hand, unless the draft has it. */
  private readonly kept = new KeptString()
  private readonly fieldValue = new KeptString()
  /** Of a hash with fields that expire: the time from which theirs are told. */
  private baseMs = 0

  constructor(keyspace: Keyspace, reader: RdbReader) {
    const { collections } = keyspace
    this.reader = reader
    this.limits = keyspace.limits
    this.list = collections.create(TYPE_LIST) as ListValue
    this.set = collections.create(TYPE_SET) as SetValue
    this.hash = collections.create(TYPE_HASH) as HashValue
    this.sortedSet = collections.create(TYPE_SORTED_SET) as SortedSet
    this.cursors = {
      listpack: new Listpack(),
      ziplist: new Ziplist(),
      zipmap: new Zipmap(),
      intset: new IntsetBlob(),
    }
  }

  /**
   * Begins to read a value of an RDB type.
   *
   * @returns whether that was all already. A string is where the reader has it then, until the
   * next read
   */
  begin(rdbType: number): boolean {
    this.isEmpty = false
    this.rdbType = rdbType
    if (rdbType === format.RDB_STRING) {
      this.type = TYPE_STRING
      this.collection = null
      this.reader.readString()
      return true
    }
    const type = VALUE_TYPES.get(rdbType)
    if (type === undefined) this.reader.fail(`there is ${unsupported(rdbType)}`)
    this.type = type
    this.collection = this.collectionOf(type)
    this.collection.root = NULL
    this.cursor = null
    this.draft.isOpen = false
    this.beginElements()
    this.beginDraft()
    this.collection.makeRoom(this.expected > ROOMY_MAX_ELEMENTS ? 0 : ROOM_BYTES)
    if (this.left === 0 && this.cursor === null) this.isEmpty = true
    return this.isEmpty
  }

  private collectionOf(type: number): Collection {
    if (type === TYPE_LIST) return this.list
    if (type === TYPE_SET) return this.set
    return type === TYPE_HASH ? this.hash : this.sortedSet
  }

  private beginElements(): void {
    const { reader } = this
    switch (this.rdbType) {
      case format.RDB_LIST:
      case format.RDB_SET:
      case format.RDB_LIST_QUICKLIST:
        this.left = reader.readCount(1)
        break
      case format.RDB_HASH:
      case format.RDB_ZSET:
      case format.RDB_LIST_QUICKLIST_2:
        this.left = reader.readCount(2)
        break
      case format.RDB_ZSET_2:
        this.left = reader.readCount(9)
        break
      case format.RDB_HASH_METADATA:
        this.baseMs = this.readBaseTime()
        this.left = reader.readCount(3)
        break
      case format.RDB_HASH_LISTPACK_EX:
        this.readBaseTime()
        this.left = 0
        this.openCursor(this.cursors.listpack)
        break
      default:
        this.left = 0
        this.openCursor(this.cursorFor(this.rdbType))
    }
    this.expected = this.left
  }

  /** Begins a draft where the collection may be a packed list. */
  private beginDraft(): void {
    const { draft, expected, limits, rdbType } = this
    if (this.type === TYPE_LIST) {
      draft.open(Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY, 1)
    } else if (this.type === TYPE_SORTED_SET) {
      const most = limits.zsetMaxListpackEntries
      if (expected <= most) draft.open(most * 2, limits.zsetMaxListpackValue, 2)
    } else if (this.type === TYPE_HASH) {
      const most = limits.hashMaxListpackEntries
      if (rdbType === format.RDB_HASH_METADATA || rdbType === format.RDB_HASH_LISTPACK_EX) return
      if (expected <= most) draft.open(most * 2, limits.hashMaxListpackValue, 2)
    } else if (rdbType !== format.RDB_SET_INTSET) {
      const most = limits.setMaxListpackEntries
      if (expected <= Math.min(most, limits.setMaxIntsetEntries)) {
        draft.open(most, limits.setMaxListpackValue, 1)
      }
    }
  }

  /** Ends the draft: the collection consists of what it has, and is gone on with. */
  private endDraft(): void {
    const { draft } = this
    const collection = this.collection!
    draft.isOpen = false
    if (draft.count === 0) return
    const root = draft.store(collection.arena)
    if (root === NULL) this.noMemory()
    collection.open(root, 0)
  }

  /** The time before which no field of the hash expires. */
  private readBaseTime(): number {
    const baseMs = this.reader.readInt64()
    if (typeof baseMs === 'bigint' || baseMs < 0) this.reader.fail('a time is out of range')
    return Number(baseMs)
  }

  private cursorFor(rdbType: number): ElementCursor {
    const { cursors } = this
    switch (rdbType) {
      case format.RDB_HASH_ZIPMAP:
        return cursors.zipmap
      case format.RDB_SET_INTSET:
        return cursors.intset
      case format.RDB_LIST_ZIPLIST:
      case format.RDB_ZSET_ZIPLIST:
      case format.RDB_HASH_ZIPLIST:
      case format.RDB_LIST_QUICKLIST:
        return cursors.ziplist
      default:
        return cursors.listpack
    }
  }

  private openCursor(cursor: ElementCursor): void {
    const { reader } = this
    reader.readString()
    cursor.open(reader.bytes, reader.view, reader.start, reader.end, reader.offset)
    this.cursor = cursor
  }

  /** Goes on by `maxElements` at most. @returns whether the value is complete */
  step(maxElements: number): boolean {
    if (this.expected >= PRESIZED_MIN_ELEMENTS) this.presize()
    for (let i = 0; i < maxElements; i++) {
      if (this.cursor !== null) {
        if (!this.stepCursor(this.cursor)) this.cursor = null
      } else if (this.left > 0) {
        this.left--
        this.readElement()
      } else {
        break
      }
    }
    if (this.cursor !== null || this.left > 0) return false
    const collection = this.collection!
    if (this.draft.isOpen) {
      this.endDraft()
      this.isEmpty = collection.root === NULL
      return true
    }
    this.isEmpty = collection.root === NULL
    if (!this.isEmpty) collection.trim()
    return true
  }

  /** Makes tables for all elements that are said to come, once the collection has tables. */
  private presize(): void {
    const collection = this.collection!
    if (collection.root === NULL) return
    collection.presize(this.expected)
  }

  /** The collection that was built, which is the caller's now; null for a string. */
  get built(): Collection | null {
    return this.collection
  }

  /** Leaves the collection that was built to the caller. */
  take(): void {
    if (this.collection !== null) this.collection.root = NULL
  }

  /** Frees what was built so far. */
  abandon(): void {
    if (this.collection !== null && this.collection.root !== NULL) this.collection.free()
    this.cursor = null
    this.draft.isOpen = false
    this.left = 0
  }

  private noMemory(): never {
    throw new RdbMemoryError(this.reader.offset)
  }

  /** Reads one element, pair or node of a collection that is not stored as one string. */
  private readElement(): void {
    const { reader } = this
    switch (this.rdbType) {
      case format.RDB_LIST:
        reader.readString()
        return this.addElement(reader)
      case format.RDB_SET:
        reader.readString()
        return this.addMember(reader)
      case format.RDB_HASH_METADATA:
        return this.readExpiringField()
      case format.RDB_HASH:
        reader.readString()
        this.keep(reader)
        reader.readString()
        return this.addField(reader, NO_FIELD_EXPIRY)
      case format.RDB_ZSET:
      case format.RDB_ZSET_2:
        reader.readString()
        this.keep(reader)
        return this.addScored(
          this.rdbType === format.RDB_ZSET ? this.readTextScore() : reader.readDouble(),
        )
      default:
        return this.readNode()
    }
  }

  /** A node of a list: a packed one is walked over next. */
  private readNode(): void {
    const { reader } = this
    let isPlain = false
    if (this.rdbType === format.RDB_LIST_QUICKLIST_2) {
      const container = reader.readLength()
      isPlain = container === format.QUICKLIST_PLAIN
      if (!isPlain && container !== format.QUICKLIST_PACKED) reader.fail('a node has no known kind')
    }
    if (isPlain) {
      reader.readString()
      if (reader.start === reader.end) reader.fail('a node is empty')
      this.addElement(reader)
    } else {
      this.openCursor(
        this.rdbType === format.RDB_LIST_QUICKLIST ? this.cursors.ziplist : this.cursors.listpack,
      )
    }
  }

  /** Adds what a cursor comes to next. @returns false behind its last element */
  private stepCursor(cursor: ElementCursor): boolean {
    if (!cursor.next()) return false
    if (this.type === TYPE_LIST) {
      this.addElement(cursor)
      return true
    }
    if (this.type === TYPE_SET) {
      this.addMember(cursor)
      return true
    }
    this.keep(cursor)
    if (!cursor.next()) this.reader.fail('a field or member has no value')
    if (this.rdbType === format.RDB_HASH_LISTPACK_EX) this.addExpiringField(cursor)
    else if (this.type === TYPE_HASH) this.addField(cursor, NO_FIELD_EXPIRY)
    else this.addScored(this.scoreIn(cursor.bytes, cursor.start, cursor.end))
    return true
  }

  /** Takes up the field or member at hand, before its value or score is read. */
  private keep({ bytes, view, start, end }: Located): void {
    const { draft } = this
    if (draft.isOpen) {
      const outcome = draft.addName(bytes, view, start, end - start)
      if (outcome === NAME_PRESENT) this.failTwice()
      if (outcome !== NO_ROOM) return
      this.endDraft()
    }
    this.kept.keep(bytes, view, start, end - start)
  }

  /** Ends a draft that has the name at hand, but no room for what belongs to it. */
  private endDraftBeforeName(): void {
    const { draft } = this
    draft.dropName()
    this.kept.keep(draft.bytes, draft.view, draft.nameStart, draft.nameLength)
    this.endDraft()
  }

  private failTwice(): never {
    if (this.type === TYPE_SET) this.reader.fail('a set has a member twice')
    if (this.type === TYPE_HASH) this.reader.fail('a hash has a field twice')
    this.reader.fail('a sorted set has a member twice')
  }

  private addElement({ bytes, view, start, end }: Located): void {
    const { draft, list } = this
    const length = end - start
    if (draft.isOpen) {
      const used = draft.used + elementBytes(length)
      const isFull = exceedsChunk(this.limits.listMaxListpackSize, used, draft.count + 1)
      if (!isFull && draft.add(bytes, view, start, length)) return
      this.endDraft()
    }
    if (list.root === NULL && !list.create()) this.noMemory()
    if (!list.prepare(elementBytes(length), 1)) this.noMemory()
    if (!list.push(false, bytes, view, start, length)) this.noMemory()
  }

  private addMember({ bytes, view, start, end }: Located): void {
    const { draft, set } = this
    const length = end - start
    if (draft.isOpen) {
      if (draft.count === 0 && this.mayBeInteger(bytes, start, length)) {
        draft.isOpen = false
      } else {
        const outcome = draft.addName(bytes, view, start, length)
        if (outcome === NAME_PRESENT) this.failTwice()
        if (outcome !== NO_ROOM) return
        this.endDraft()
      }
    }
    if (set.root === NULL && !this.createSet(bytes, start, length)) this.noMemory()
    const outcome = set.add(bytes, view, start, length)
    if (outcome === NO_MEMORY) this.noMemory()
    if (outcome === PRESENT) this.failTwice()
  }

  /** Whether a set of this RDB type may begin as one of integers. */
  private mayBeInteger(bytes: Uint8Array, start: number, length: number): boolean {
    if (this.rdbType !== format.RDB_SET || length === 0) return false
    const first = bytes[start]!
    return first === MINUS || (first >= DIGIT_0 && first <= DIGIT_9)
  }

  /** Makes the set, in the encoding in which Redis begins to load one of its type. */
  private createSet(bytes: Uint8Array, start: number, length: number): boolean {
    const { limits, rdbType, set } = this
    if (rdbType === format.RDB_SET_INTSET) return set.createAs(INTSET)
    if (rdbType === format.RDB_SET_LISTPACK) return set.createAs(PACKED)
    const mostIntegers = Math.min(limits.setMaxIntsetEntries, INTSET_MAX_ENTRIES)
    if (this.expected > mostIntegers) return set.createAs(DICT)
    return set.createFor(bytes, start, length, this.expected)
  }

  /** A field with its expiry time before it, told from the hash's own on. */
  private readExpiringField(): void {
    const { reader } = this
    const distance = reader.readLength()
    const expireAtMs = distance === 0 ? 0 : this.baseMs + distance - 1
    reader.readString()
    this.keep(reader)
    reader.readString()
    this.addField(reader, this.fieldExpiry(expireAtMs))
  }

  /** A field that was kept, with its value at the cursor and its expiry time behind that. */
  private addExpiringField(cursor: ElementCursor): void {
    const { fieldValue } = this
    fieldValue.keep(cursor.bytes, cursor.view, cursor.start, cursor.end - cursor.start)
    if (!cursor.next()) this.reader.fail('a field has no expiry time')
    const expireAtMs = parseInteger(cursor.bytes, cursor.start, cursor.end)
    const { bytes, view, length } = fieldValue
    this.addField({ bytes, view, start: 0, end: length }, this.fieldExpiry(expireAtMs))
  }

  /** The expiry time of a field as a hash has it; 0 stands for none. */
  private fieldExpiry(expireAtMs: number): number {
    if (expireAtMs === 0) return NO_FIELD_EXPIRY
    if (!(expireAtMs > 0 && expireAtMs <= FIELD_EXPIRY_MAX_MS)) {
      this.reader.fail('an expiry time is out of range')
    }
    return expireAtMs
  }

  /** Adds the field that was kept with a value. */
  private addField({ bytes, view, start, end }: Located, expireAtMs: number): void {
    const { draft, hash, kept } = this
    const length = end - start
    if (draft.isOpen) {
      if (draft.add(bytes, view, start, length)) return
      this.endDraftBeforeName()
    }
    if (hash.root === NULL && !hash.create()) this.noMemory()
    const outcome = hash.set(
      kept.bytes,
      kept.view,
      0,
      kept.length,
      bytes,
      view,
      start,
      length,
      expireAtMs,
    )
    if (outcome === FAILED) this.noMemory()
    if (outcome !== ADDED) this.failTwice()
  }

  /** Adds the member that was kept with a score. */
  private addScored(score: number): void {
    const { draft, kept, reader, sortedSet } = this
    if (Number.isNaN(score)) reader.fail('a score is not a number')
    if (draft.isOpen) {
      if (draft.addScore(score)) return
      this.endDraftBeforeName()
    }
    if (sortedSet.root === NULL && !sortedSet.createFor(this.expected, kept.length)) this.noMemory()
    if (sortedSet.find(kept.bytes, kept.view, 0, kept.length) !== 0) this.failTwice()
    if (!sortedSet.add(score, kept.bytes, kept.view, 0, kept.length)) this.noMemory()
  }

  private scoreIn(bytes: Uint8Array, start: number, end: number): number {
    const score = parseDouble(bytes, start, end)
    if (score === null) return this.reader.fail('a score is not a number')
    return score
  }

  /** A score of RDB_ZSET: a length of one byte, or what stands for no length, and its text. */
  private readTextScore(): number {
    const { reader } = this
    const length = reader.readByte()
    if (length === TEXT_INFINITY) return Number.POSITIVE_INFINITY
    if (length === TEXT_MINUS_INFINITY) return Number.NEGATIVE_INFINITY
    if (length === TEXT_NAN) return Number.NaN
    reader.readRaw(length)
    return this.scoreIn(reader.bytes, reader.start, reader.end)
  }
}

/** A string in memory: the reader and the cursors have one. */
interface Located {
  readonly bytes: Uint8Array
  readonly view: DataView
  readonly start: number
  readonly end: number
}
