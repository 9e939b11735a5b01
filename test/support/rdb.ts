/** Keyspaces with values of all kinds, and RDB of them in memory, for the tests of persistence. */
import { Crc64 } from '../../src/bytes/crc64.ts'
import { Keyspace } from '../../src/keyspace/keyspace.ts'
import { ManualClock } from '../../src/platform/clock.ts'
import { Random } from '../../src/platform/random.ts'
import { ACCESS_NONE, rdbVersionFor, writeChecksum } from '../../src/rdb/entry-writer.ts'
import { RdbLoader, type RdbLoaderOptions } from '../../src/rdb/rdb-loader.ts'
import { RdbOutput } from '../../src/rdb/rdb-output.ts'
import type { RdbInput } from '../../src/rdb/rdb-reader.ts'
import { RdbStream } from '../../src/rdb/rdb-stream.ts'

export function testKeyspace(debugArena = true): Keyspace {
  return new Keyspace({
    databases: 16,
    clock: new ManualClock(),
    random: new Random(1),
    hashKey: [1, 2],
    debugArena,
  })
}

/** An input that hands out its bytes in pieces of at most so many. */
export function memoryInput(bytes: Uint8Array, pieceBytes = bytes.length): RdbInput {
  return {
    size: () => bytes.length,
    read(target, start, length, position) {
      const piece = bytes.subarray(position, position + Math.min(length, pieceBytes))
      target.set(piece, start)
      return piece.length
    },
  }
}

/** All keys of a keyspace as an RDB file. */
export function writeKeyspace(keyspace: Keyspace, version = 11, compress = true): Uint8Array {
  const output = new RdbOutput(compress)
  const format = new RdbStream(keyspace, {
    version: rdbVersionFor(keyspace, version),
    access: ACCESS_NONE,
    aux: [['redis-ver', '7.2.0']],
  })
  const writer = format.createWriter()
  format.writeHeader(output)
  for (const database of keyspace.databases) {
    if (database.count === 0) continue
    format.writeDatabase(output, database.index, database.count, database.expiring)
    database.forEach((entry) => {
      writer.write(output, entry)
    })
  }
  format.writeEnd(output)
  return withChecksum(output.bytes.subarray(0, output.length))
}

/** An RDB file, all but its checksum, with its checksum. */
export function withChecksum(body: Uint8Array): Uint8Array {
  const output = new RdbOutput(false)
  output.writeRaw(body, new DataView(body.buffer, body.byteOffset), 0, body.length)
  const crc = new Crc64()
  crc.update(body)
  writeChecksum(output, crc)
  return output.bytes.slice(0, output.length)
}

/** Text of Latin-1, a byte or several. */
export type Piece = string | number | readonly number[]

/** Bytes from pieces: text of Latin-1, bytes and arrays of them. */
export function bytesOf(...pieces: readonly Piece[]): Uint8Array {
  return new Uint8Array(
    Buffer.concat(
      pieces.map((piece) => {
        if (typeof piece === 'string') return Buffer.from(piece, 'latin1')
        return Buffer.from(typeof piece === 'number' ? [piece] : piece)
      }),
    ),
  )
}

/** Loads an RDB file, in steps. Throws an RdbError. */
export function loadInto(
  keyspace: Keyspace,
  file: Uint8Array,
  options: RdbLoaderOptions = {},
  stepBytes = 1000,
): RdbLoader {
  const loader = new RdbLoader(keyspace, memoryInput(file, 4096), options)
  while (!loader.step(stepBytes)) {
    // There is more to load.
  }
  return loader
}
