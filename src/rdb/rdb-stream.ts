/** A snapshot as an RDB file, and the checksum at its end. */
import type { Address } from '../arena/arena.ts'
import { Crc64 } from '../bytes/crc64.ts'
import type { Keyspace } from '../keyspace/keyspace.ts'
import {
  writeChecksum,
  writeEnd,
  writeEntryHead,
  writeHeader,
  writeSelectDatabase,
} from './entry-writer.ts'
import type { RdbOutput } from './rdb-output.ts'
import type { EntryWriter, SnapshotFormat, StreamSeal } from './snapshot-format.ts'
import { ValueWriter } from './value-writer.ts'

/** The checksum goes on when so much has been written. */
const PIECE_BYTES = 32 * 1024

export interface RdbStreamOptions {
  /** Version of the format: 10 or 11; 12 where it has to be. */
  readonly version: number
  /** One of ACCESS_… (entry-writer.ts). */
  readonly access: number
  /** Names and values of aux fields. */
  readonly aux: Iterable<readonly [name: string, value: string]>
}

export class RdbStream implements SnapshotFormat {
  readonly suffix = 'rdb'
  private readonly keyspace: Keyspace
  private readonly options: RdbStreamOptions

  constructor(keyspace: Keyspace, options: RdbStreamOptions) {
    this.keyspace = keyspace
    this.options = options
  }

  createWriter(): EntryWriter {
    return new RdbEntryWriter(this.keyspace, this.options.access)
  }

  writeHeader(output: RdbOutput): void {
    writeHeader(output, this.options.version, this.options.aux)
  }

  writeDatabase(output: RdbOutput, index: number, keys: number, expiring: number): void {
    writeSelectDatabase(output, index, keys, expiring)
  }

  writeEnd(output: RdbOutput): void {
    writeEnd(output)
  }
}

class RdbEntryWriter implements EntryWriter {
  /** The checksum may go on anywhere. */
  readonly isBetween = true
  private readonly keyspace: Keyspace
  private readonly access: number
  private readonly values: ValueWriter

  constructor(keyspace: Keyspace, access: number) {
    this.keyspace = keyspace
    this.access = access
    this.values = new ValueWriter(keyspace)
  }

  write(output: RdbOutput, entry: Address): void {
    writeEntryHead(output, this.keyspace, entry, this.access)
    this.values.write(output, entry)
  }

  begin(output: RdbOutput, entry: Address): boolean {
    writeEntryHead(output, this.keyspace, entry, this.access)
    return this.values.begin(output, entry)
  }

  step(maxElements: number): boolean {
    return this.values.step(maxElements)
  }
}

/** One checksum at the end, of all before it; or none, told by zeros. */
export class RdbSeal implements StreamSeal {
  private readonly crc: Crc64 | null
  /** How far in the output the checksum has come. */
  private covered = 0

  constructor(hasChecksum: boolean) {
    this.crc = hasChecksum ? new Crc64() : null
  }

  begin(): void {}

  /** Goes on with the checksum now and then, so that nobody waits for that of all at once. */
  between(output: RdbOutput): void {
    if (output.length - this.covered >= PIECE_BYTES) this.cover(output)
  }

  taken(output: RdbOutput): void {
    this.cover(output)
    this.covered = 0
  }

  end(output: RdbOutput): void {
    this.taken(output)
    writeChecksum(output, this.crc)
  }

  private cover(output: RdbOutput): void {
    this.crc?.update(output.bytes, this.covered, output.length, output.view)
    this.covered = output.length
  }
}
