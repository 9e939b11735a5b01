/**
 * A snapshot as a log of the commands that make the same data: the base of an append-only file with
 * `aof-use-rdb-preamble no`. Which commands, Redis 7.2 says (aof.c, its rewriting):
 *
 * | what            | commands                                                              |
 * |-----------------|-----------------------------------------------------------------------|
 * | database        | SELECT, in lower case: by one in upper case Redis's own are known     |
 * | string          | SET                                                                   |
 * | list, set       | RPUSH, SADD with 64 elements at most                                  |
 * | sorted set      | ZADD with 64 at most                                                  |
 * | hash            | HMSET with 64 fields at most                                          |
 * | hash with       | HMSET for each field, and HPEXPIREAT if that one expires              |
 * | fields that     |                                                                       |
 * | expire          |                                                                       |
 * | key that        | PEXPIREAT behind its value                                            |
 * | expires         |                                                                       |
 *
 * A long value is written in steps, and a step may end within a command: `isBetween` tells. The
 * key, which each command repeats, and its expiry time are kept until then.
 */
import type { Keyspace } from '../keyspace/keyspace.ts'
import { writeCommandHead, writeWord } from './command-output.ts'
import { CommandWriter } from './command-writer.ts'
import type { RdbOutput } from './rdb-output.ts'
import type { EntryWriter, SnapshotFormat, StreamSeal } from './snapshot-format.ts'

export class CommandStream implements SnapshotFormat {
  readonly suffix = 'aof'
  private readonly keyspace: Keyspace
  /** Unix time that the stream is of, in seconds; null if it is not to say so. */
  private readonly timestamp: number | null

  constructor(keyspace: Keyspace, timestamp: number | null) {
    this.keyspace = keyspace
    this.timestamp = timestamp
  }

  createWriter(): EntryWriter {
    return new CommandWriter(this.keyspace)
  }

  writeHeader(output: RdbOutput): void {
    if (this.timestamp === null) return
    for (const letter of `#TS:${this.timestamp}\r\n`) output.writeByte(letter.charCodeAt(0))
  }

  writeDatabase(output: RdbOutput, index: number): void {
    writeCommandHead(output, 2, 'select')
    writeWord(output, String(index))
  }

  writeEnd(): void {}
}

/** No checksums at all: `aof-checksums no`. */
export class NoSeal implements StreamSeal {
  begin(): void {}

  between(): void {}

  taken(): void {}

  end(): void {}
}
