/**
 * The state of a store, kept in memory, to go back to: for tests that begin clean each time. It is
 * what a dump would hold, so it is independent of the store that it was taken of, and going back
 * costs what loading costs: about a millisecond for a thousand keys.
 *
 * What is not data is not part of it: the time, the configuration, connections and what they watch.
 * Keys whose time has come since are not there when it is restored.
 */
import { CommandStream, NoSeal } from '../rdb/command-stream.ts'
import { RdbLoader } from '../rdb/rdb-loader.ts'
import type { RdbInput } from '../rdb/rdb-reader.ts'
import { Snapshot } from '../rdb/snapshot.ts'
import type { SnapshotFormat, StreamSeal } from '../rdb/snapshot-format.ts'
import type { Server } from '../server/server.ts'
import { rdbFormat } from '../server/snapshot-formats.ts'

/** A state of a store; its content is nobody else's business. */
export class StoreSnapshot {
  readonly #bytes: Uint8Array

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  /** Bytes that it takes. */
  get byteLength(): number {
    return this.#bytes.length
  }

  /** Reads it as a file is read. */
  open(): RdbInput {
    const content = this.#bytes
    return {
      size: () => content.length,
      read(bytes, start, length, position) {
        const count = Math.min(length, content.length - position)
        if (count <= 0) return 0
        bytes.set(content.subarray(position, position + count), start)
        return count
      },
    }
  }
}

/** Takes the state that there is now. */
export function takeSnapshot(server: Server): StoreSnapshot {
  const { format, seal } = rdbFormat(server, false)
  return new StoreSnapshot(stream(server, format, seal))
}

/** All data in a format. A save that is under way is given up for it, and begun again later. */
function stream(server: Server, format: SnapshotFormat, seal: StreamSeal): Uint8Array {
  server.snapshots.interrupt()
  const snapshot = new Snapshot(server.keyspace, format, { compress: false, seal })
  while (!snapshot.step(Number.POSITIVE_INFINITY, Number.MAX_SAFE_INTEGER)) {
    // It goes on where it was.
  }
  seal.end(snapshot.output)
  return snapshot.output.bytes.slice(0, snapshot.output.length)
}

/**
 * Puts a state in the place of the data, which has been removed. With a log, the log has the same.
 */
export function loadSnapshot(server: Server, snapshot: StoreSnapshot): void {
  const { appendOnly, keyspace } = server
  server.dirty++
  const loader = new RdbLoader(keyspace, snapshot.open(), { checksum: false, warn: () => {} })
  while (!loader.step(Number.MAX_SAFE_INTEGER)) {
    // It goes on where it was.
  }
  server.watches.loaded()
  if (!server.propagation.active) return
  appendOnly.appendRequests(stream(server, new CommandStream(keyspace, null), new NoSeal()))
}
