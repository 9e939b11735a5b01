/** What the server's snapshots are written as: RDB files, and bases of the append only file. */
import { BaseSeal } from '../aof/base-seal.ts'
import { CommandStream, NoSeal } from '../rdb/command-stream.ts'
import { ACCESS_LFU, ACCESS_LRU, ACCESS_NONE, rdbVersionFor } from '../rdb/entry-writer.ts'
import { RdbSeal, RdbStream } from '../rdb/rdb-stream.ts'
import type { SnapshotFormat, StreamSeal } from '../rdb/snapshot-format.ts'
import type { Server } from './server.ts'

export interface SealedFormat {
  readonly format: SnapshotFormat
  readonly seal: StreamSeal
}

/** A dump as the directives say. @param isLogBase whether it is to begin an append only file */
export function rdbFormat(server: Server, isLogBase: boolean): SealedFormat {
  const { clock, config, keyspace } = server
  const policy = config.get('maxmemory-policy')
  const byUse = policy.endsWith('-lfu') ? ACCESS_LFU : ACCESS_LRU
  const format = new RdbStream(keyspace, {
    version: rdbVersionFor(keyspace, config.get('rdb-version')),
    access: policy.endsWith('-lru') || policy.endsWith('-lfu') ? byUse : ACCESS_NONE,
    aux: [
      ['redis-ver', config.version],
      ['redis-bits', '64'],
      ['ctime', String(Math.floor(clock.nowMs / 1000))],
      ['used-mem', String(server.usedMemoryBytes)],
      ['aof-base', isLogBase ? '1' : '0'],
    ],
  })
  return { format, seal: new RdbSeal(config.get('rdbchecksum')) }
}

/** The base of an append only file: a dump, or commands. */
export function baseFormat(server: Server): SealedFormat {
  const { clock, config, keyspace } = server
  if (config.get('aof-use-rdb-preamble')) return rdbFormat(server, true)
  const hasTimestamp = config.get('aof-timestamp-enabled')
  const timestamp = hasTimestamp ? Math.floor(clock.nowMs / 1000) : null
  return {
    format: new CommandStream(keyspace, timestamp),
    seal: config.get('aof-checksums') ? new BaseSeal() : new NoSeal(),
  }
}
