/**
 * What a snapshot is written as: the walk over the keyspace (snapshot.ts) is one, the streams that
 * it may make are two, an RDB (rdb-stream.ts) and a log of commands (command-stream.ts).
 *
 * Invariant: whatever a writer has not yet written of a value it was told to `begin`, it does not
 * need the entry for any more: that may go, or move, between two steps.
 */
import type { Address } from '../arena/arena.ts'
import type { RdbOutput } from './rdb-output.ts'

export interface SnapshotFormat {
  /** What the base of an append-only file in this format has as the end of its name. */
  readonly suffix: 'rdb' | 'aof'
  /** A writer of entries. Several may be at work, on outputs of their own. */
  createWriter(): EntryWriter
  /** The head of the stream. */
  writeHeader(output: RdbOutput): void
  /** What goes before the keys of a database; the counts are hints. */
  writeDatabase(output: RdbOutput, index: number, keys: number, expiring: number): void
  /** What ends the stream, without its checksum. */
  writeEnd(output: RdbOutput): void
}

export interface EntryWriter {
  /** Whether the seal may be told of what has been written by now, as `between`. */
  readonly isBetween: boolean

  /** Writes an entry with all that belongs to it. */
  write(output: RdbOutput, entry: Address): void

  /**
   * Begins to write an entry, whose value must not change until all of it is written.
   *
   * @returns whether that was all already
   */
  begin(output: RdbOutput, entry: Address): boolean

  /** Goes on by about `maxElements`. @returns whether all is written now */
  step(maxElements: number): boolean
}

/** Puts checksums into a stream while it is written. */
export interface StreamSeal {
  /** Nothing has been written yet. */
  begin(output: RdbOutput): void
  /** The output ends where the seal of this stream may go on: a log's puts a line in. */
  between(output: RdbOutput): void
  /** All of the output is about to be taken away. */
  taken(output: RdbOutput): void
  /** The stream has been written to its end; what is put behind is not to be covered again. */
  end(output: RdbOutput): void
}
