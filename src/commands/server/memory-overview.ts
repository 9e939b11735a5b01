/**
 * Where the server's memory is, as INFO memory, MEMORY STATS and MEMORY DOCTOR tell it, under the
 * names of Redis 7.2 (object.c).
 *
 * `used` is the arena's live blocks, to the byte: keys, values and the dicts that index them; and
 * what is held for clients, which lies beside the arena. Overhead is the latter and the dicts of
 * the databases, and the rest of what is used is data. What the log and the process itself take is
 * no part of it.
 */
import type { Database } from '../../keyspace/database.ts'
import type { Server } from '../context.ts'

/** Two sizes that should be close, as Redis shows such pairs: their ratio and their difference. */
export interface Comparison {
  readonly ratio: number
  readonly bytes: number
}

export interface MemoryOverview {
  readonly usedBytes: number
  readonly peakBytes: number
  /** `usedBytes` in percent of `peakBytes`. */
  readonly peakPercent: number
  readonly overheadBytes: number
  readonly datasetBytes: number
  readonly datasetPercent: number
  readonly keys: number
  readonly bytesPerKey: number
  /** Databases that have keys, with the bytes of their dicts. */
  readonly databases: readonly { readonly index: number; readonly dictBytes: number }[]
  readonly clientBytes: number
  readonly clients: number
  /** The buffer in which the writes of a round gather for the append only file. */
  readonly logBufferBytes: number
  /** What is live in the arena. */
  readonly allocatedBytes: number
  /** Slabs, runs of pages and huge blocks in use. */
  readonly reservedBytes: number
  /** Those that have been in use as well, in segments that are kept: about what is resident. */
  readonly touchedBytes: number
  /** What of the whole process is resident. */
  readonly residentBytes: number
  readonly reservedToAllocated: Comparison
  readonly touchedToReserved: Comparison
  readonly residentToTouched: Comparison
  readonly residentToUsed: Comparison
}

export function memoryOverview(server: Server): MemoryOverview {
  const { clientMemory, keyspace, propagation } = server
  const { arena } = keyspace
  const databases = keyspace.databases.filter(({ count }) => count > 0).map(sizeOf)
  const clientBytes = clientMemory.measure()
  const usedBytes = server.usedMemoryBytes
  const { liveBytes, reservedBytes, touchedBytes } = arena
  const residentBytes = process.memoryUsage.rss()
  const overheadBytes = databases.reduce((sum, { dictBytes }) => sum + dictBytes, clientBytes)
  const keys = databases.reduce((sum, each) => sum + each.keys, 0)
  const datasetBytes = usedBytes - overheadBytes
  return {
    usedBytes,
    peakBytes: server.peakMemoryBytes,
    peakPercent: percent(usedBytes, server.peakMemoryBytes),
    overheadBytes,
    datasetBytes,
    datasetPercent: percent(datasetBytes, usedBytes),
    keys,
    bytesPerKey: keys === 0 ? 0 : Math.floor(usedBytes / keys),
    databases,
    clientBytes,
    clients: server.sessions.size,
    logBufferBytes: propagation.active ? propagation.bytes.length : 0,
    allocatedBytes: liveBytes,
    reservedBytes,
    touchedBytes,
    residentBytes,
    reservedToAllocated: comparison(reservedBytes, liveBytes),
    touchedToReserved: comparison(touchedBytes, reservedBytes),
    residentToTouched: comparison(residentBytes, touchedBytes),
    residentToUsed: comparison(residentBytes, usedBytes),
  }
}

function sizeOf(database: Database): { index: number; dictBytes: number; keys: number } {
  return { index: database.index, dictBytes: database.indexBytes, keys: database.count }
}

function percent(part: number, whole: number): number {
  return whole > 0 ? (part / whole) * 100 : 0
}

function comparison(larger: number, smaller: number): Comparison {
  return { ratio: smaller > 0 ? larger / smaller : 1, bytes: larger - smaller }
}
