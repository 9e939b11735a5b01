/**
 * Walks over an RDB file from its first byte to its checksum, in steps, and hands each key with its
 * value to whoever extends this: the loader stores them, the check forgets them.
 *
 * Everything is validated, see RdbReader and ValueLoader. What is wrong is thrown as an RdbError;
 * what was built of the value at hand is freed then, and the walk cannot go on.
 */
import { latin1 } from '../bytes/text.ts'
import { NO_EXPIRY } from '../keyspace/entry.ts'
import type { Keyspace } from '../keyspace/keyspace.ts'
import { KeptString } from './kept-string.ts'
import * as format from './rdb-format.ts'
import { type RdbInput, RdbReader } from './rdb-reader.ts'
import { ValueLoader } from './value-loader.ts'

const SIGNATURE = 'REDIS'
const FIRST_CHECKSUM_VERSION = 5
const NOT_GIVEN = -1
/** So many elements of a value are read before the budget is looked at again. */
const ELEMENTS_AT_ONCE = 256

const MODULE_END = 0
const MODULE_SIGNED = 1
const MODULE_UNSIGNED = 2
const MODULE_FLOAT = 3
const MODULE_DOUBLE = 4
const MODULE_STRING = 5

export type Doing =
  | 'start'
  | 'read-type'
  | 'read-expire'
  | 'read-key'
  | 'read-object-value'
  | 'check-sum'
  | 'read-len'
  | 'read-aux'
  | 'read-module-aux'
  | 'read-functions'

export interface RdbWalkOptions {
  /** Where in the input the file begins; 0 unless given. */
  offset?: number
  /** False leaves the checksum unchecked: the directive rdbchecksum. */
  checksum?: boolean
  /** Gets a sentence about what was passed over. */
  warn?: (text: string) => void
}

export abstract class RdbWalk {
  /** Version of the format, once the head is read. */
  version = 0
  /** The aux fields, as Latin-1. */
  readonly aux = new Map<string, string>()
  /** Keys passed over since their collection was empty, as old versions could write it. */
  emptyKeysSkipped = 0
  /** Libraries of functions passed over. */
  functionsSkipped = 0
  /** False if the file was written without a checksum. */
  hasChecksum = false
  /** What is being read, in the words of redis-check-rdb. */
  doing: Doing = 'start'
  /** Whether all was read. */
  isDone = false
  protected readonly reader = new RdbReader()
  protected readonly value: ValueLoader
  protected readonly key = new KeptString()
  // What stood before the key at hand.
  protected database = 0
  protected expireAtMs: number | bigint = NO_EXPIRY
  protected idleSeconds = NOT_GIVEN
  protected frequency = NOT_GIVEN
  /** The RDB type of the value at hand. */
  protected rdbType = 0
  private readonly warn: (text: string) => void
  private readonly checksumming: boolean
  private isInValue = false

  constructor(keyspace: Keyspace, input: RdbInput, options: RdbWalkOptions = {}) {
    this.value = new ValueLoader(keyspace, this.reader)
    this.warn = options.warn ?? (() => {})
    this.checksumming = options.checksum ?? true
    this.reader.openInput(input, options.offset ?? 0)
    this.reader.checksumming = this.checksumming
  }

  /** Offset in the input of the next byte: behind the file, once it is done. */
  get offset(): number {
    return this.reader.offset
  }

  /** The value at hand is complete: a string where the reader has it, or `value.built`. */
  protected abstract store(): void

  /** A database follows. */
  protected abstract selectDatabase(index: number): void

  /** An aux field has been read. */
  protected auxRead(_name: string, _value: string): void {}

  /** So many keys are said to follow in the database. */
  protected abstract expect(keys: number): void

  /** Reads about `budgetBytes` more. @returns whether all is read. Throws an RdbError */
  step(budgetBytes: number): boolean {
    const { reader } = this
    const enough = reader.offset + budgetBytes
    try {
      if (this.version === 0) this.readHead()
      while (!this.isDone && reader.offset < enough) {
        if (this.isInValue) this.stepValue(enough)
        else this.readPart()
      }
      return this.isDone
    } catch (error) {
      this.value.abandon()
      throw error
    }
  }

  private readHead(): void {
    const { reader } = this
    reader.readRaw(9)
    const head = latin1(reader.bytes, reader.start, reader.end)
    if (!head.startsWith(SIGNATURE)) reader.fail('this is no RDB file')
    const version = Number(head.slice(SIGNATURE.length))
    if (!(version >= 1 && version <= format.RDB_VERSION_MAX)) {
      reader.fail(`version ${head.slice(SIGNATURE.length)} of RDB is not known`)
    }
    this.version = version
  }

  /** Reads what comes next: an opcode with what belongs to it, or a key with its value. */
  private readPart(): void {
    const { reader } = this
    this.doing = 'read-type'
    const type = reader.readByte()
    if (type < format.OPCODE_SLOT_INFO) return this.readKey(type)
    switch (type) {
      case format.OPCODE_EXPIRETIME_MS:
        this.doing = 'read-expire'
        this.expireAtMs = reader.readInt64()
        break
      case format.OPCODE_EXPIRETIME:
        this.doing = 'read-expire'
        this.expireAtMs = reader.readInt32() * 1000
        break
      case format.OPCODE_IDLE:
        this.idleSeconds = reader.readLength()
        break
      case format.OPCODE_FREQ:
        this.frequency = reader.readByte()
        break
      case format.OPCODE_SELECTDB:
        this.doing = 'read-len'
        this.database = reader.readLength()
        this.selectDatabase(this.database)
        break
      case format.OPCODE_RESIZEDB:
        this.doing = 'read-len'
        this.expect(reader.readLength())
        reader.readLength()
        break
      case format.OPCODE_SLOT_INFO:
        reader.readLength()
        reader.readLength()
        reader.readLength()
        break
      case format.OPCODE_AUX:
        this.readAux()
        break
      case format.OPCODE_MODULE_AUX:
        this.skipModuleAux()
        break
      case format.OPCODE_FUNCTION2:
        this.doing = 'read-functions'
        reader.readString()
        this.functionsSkipped++
        this.warn('a library of functions is passed over: Redstart does not have functions')
        break
      case format.OPCODE_FUNCTION_PRE_GA:
        reader.fail('functions in the format before the release of Redis 7.0 cannot be read')
        break
      default:
        this.readEnd()
    }
  }

  private readAux(): void {
    const { reader } = this
    this.doing = 'read-aux'
    reader.readString()
    const name = latin1(reader.bytes, reader.start, reader.end)
    reader.readString()
    const value = latin1(reader.bytes, reader.start, reader.end)
    this.aux.set(name, value)
    this.auxRead(name, value)
  }

  /** Passes over what a module has stored beside the keys: marked pieces up to an end. */
  private skipModuleAux(): void {
    const { reader } = this
    this.doing = 'read-module-aux'
    reader.skipLength()
    if (reader.readLength() !== MODULE_UNSIGNED) reader.fail('data of a module are malformed')
    reader.readLength()
    for (;;) {
      const piece = reader.readLength()
      if (piece === MODULE_END) break
      if (piece === MODULE_SIGNED || piece === MODULE_UNSIGNED) reader.skipLength()
      else if (piece === MODULE_FLOAT) reader.readInt32()
      else if (piece === MODULE_DOUBLE) reader.readDouble()
      else if (piece === MODULE_STRING) reader.readString()
      else reader.fail('data of a module are malformed')
    }
    this.warn('data of a module are passed over: Redstart does not have modules')
  }

  private readKey(type: number): void {
    const { key, reader } = this
    this.rdbType = type
    this.doing = 'read-key'
    reader.readString()
    key.keep(reader.bytes, reader.view, reader.start, reader.end - reader.start)
    this.doing = 'read-object-value'
    if (this.value.begin(type)) this.finishKey()
    else this.isInValue = true
  }

  private stepValue(enough: number): void {
    const { reader, value } = this
    do {
      if (value.step(ELEMENTS_AT_ONCE)) {
        this.isInValue = false
        this.finishKey()
        return
      }
    } while (reader.offset < enough)
  }

  private skipEmpty(): void {
    const { key } = this
    this.emptyKeysSkipped++
    this.warn(`skipping empty key: ${latin1(key.bytes, 0, key.length)}`)
  }

  private finishKey(): void {
    if (this.value.isEmpty) this.skipEmpty()
    else this.store()
    this.expireAtMs = NO_EXPIRY
    this.idleSeconds = NOT_GIVEN
    this.frequency = NOT_GIVEN
  }

  private readEnd(): void {
    const { reader } = this
    this.isDone = true
    this.doing = 'check-sum'
    if (this.version < FIRST_CHECKSUM_VERSION) return
    const expected = this.checksumming ? reader.checksum() : 0n
    const found = reader.readUint64()
    this.hasChecksum = found !== 0n
    if (this.checksumming && this.hasChecksum && found !== expected) {
      this.isDone = false
      reader.fail(
        `RDB CRC error: the checksum is ${found.toString(16)} ` +
          `where the data have ${expected.toString(16)}`,
      )
    }
  }
}
