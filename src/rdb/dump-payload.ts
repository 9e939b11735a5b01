/**
 * The payload of DUMP and RESTORE: one value as RDB has it, with a footer.
 *
 * | offset       | bytes | meaning                                                 |
 * |--------------|-------|---------------------------------------------------------|
 * | 0            | 1     | RDB type                                                |
 * | 1            |       | the value                                               |
 * | length - 10  | 2     | version of RDB, little endian                           |
 * | length - 8   | 8     | CRC-64 of everything before it, little endian           |
 */
import { type Address, NULL } from '../arena/arena.ts'
import { Crc64 } from '../bytes/crc64.ts'
import type { Database } from '../keyspace/database.ts'
import type { Keyspace } from '../keyspace/keyspace.ts'
import type { Args } from '../resp/args.ts'
import { newLoadedEntry } from './loaded-entry.ts'
import { RDB_HASH_METADATA, RDB_VERSION_FIELD_EXPIRY, RDB_VERSION_MAX } from './rdb-format.ts'
import { RdbOutput } from './rdb-output.ts'
import { RdbReader } from './rdb-reader.ts'
import { ValueLoader } from './value-loader.ts'
import { rdbTypeOf, ValueWriter } from './value-writer.ts'

const FOOTER_BYTES = 10
const CHECKSUM_BYTES = 8
/** Larger memory is let go after use. */
const KEPT_BYTES = 1024 * 1024

export class DumpPayload {
  private readonly keyspace: Keyspace
  private readonly crc = new Crc64()
  private readonly writer: ValueWriter
  private readonly reader = new RdbReader()
  private readonly loader: ValueLoader
  private output = new RdbOutput(true, 1024)

  constructor(keyspace: Keyspace) {
    this.keyspace = keyspace
    this.writer = new ValueWriter(keyspace)
    this.loader = new ValueLoader(keyspace, this.reader)
  }

  /**
   * Writes the value of an entry, with its footer.
   *
   * @param version of RDB; a hash whose fields expire needs and gets 12
   * @returns where it is, valid until the next call of any method
   */
  write(entry: Address, version: number, compress: boolean): RdbOutput {
    const { crc, keyspace } = this
    if (this.output.bytes.length > KEPT_BYTES) this.output = new RdbOutput(true, 1024)
    const { output } = this
    output.clear()
    output.compress = compress
    const type = rdbTypeOf(keyspace, entry)
    output.writeByte(type)
    this.writer.write(output, entry)
    const footer = type === RDB_HASH_METADATA ? RDB_VERSION_FIELD_EXPIRY : version
    output.writeByte(footer)
    output.writeByte(0)
    crc.reset()
    crc.update(output.bytes, 0, output.length)
    output.reserve(CHECKSUM_BYTES)
    crc.writeTo(output.bytes, output.length)
    output.length += CHECKSUM_BYTES
    return output
  }

  /**
   * Whether a payload has a version that is known, and the checksum that it should have.
   *
   * @param skipsChecksum whether any checksum will do
   */
  isWhole(bytes: Uint8Array, start: number, end: number, skipsChecksum = false): boolean {
    const footer = end - FOOTER_BYTES
    if (footer < start) return false
    if ((bytes[footer] | (bytes[footer + 1] << 8)) > RDB_VERSION_MAX) return false
    if (skipsChecksum) return true
    const { crc } = this
    crc.reset()
    crc.update(bytes, start, end - CHECKSUM_BYTES)
    const own = new Uint8Array(CHECKSUM_BYTES)
    crc.writeTo(own, 0)
    return own.every((byte, i) => byte === bytes[end - CHECKSUM_BYTES + i])
  }

  /**
   * Builds the value of a payload; `newEntry` or `drop` is to follow.
   *
   * @returns false if it is an empty collection, which cannot be
   * @throws RdbError, with nothing left behind
   */
  load(bytes: Uint8Array, view: DataView, start: number, end: number): boolean {
    const { loader, reader } = this
    reader.openBytes(bytes, view, start, end - FOOTER_BYTES)
    try {
      if (!loader.begin(reader.readByte())) loader.step(Number.MAX_SAFE_INTEGER)
    } catch (error) {
      this.drop()
      throw error
    }
    return !loader.isEmpty
  }

  /**
   * An entry of the value that was loaded, which is not in the database yet.
   *
   * @returns NULL if there is no memory; the value is gone then
   */
  newEntry(database: Database, args: Args, keyIndex: number, expireAtMs: number | bigint): Address {
    const { loader, reader } = this
    const entry = newLoadedEntry(database, args, keyIndex, reader, loader, expireAtMs)
    if (entry === NULL) loader.abandon()
    reader.close()
    return entry
  }

  /** Frees what was loaded. */
  drop(): void {
    this.loader.abandon()
    this.reader.close()
  }
}
