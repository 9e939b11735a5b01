/**
 * What INFO says of memory. `used_memory` is the sum of the arena's live blocks, to the byte; the
 * allocator's fields are the arena's too, and what the process has beside it is overhead of the
 * resident size.
 */
import os from 'node:os'
import type { InfoLine } from './info.ts'
import type { Server } from './server.ts'

const UNITS = ['B', 'K', 'M', 'G', 'T', 'P']

/** Bytes as people read them: `1.50M`. */
export function humanBytes(bytes: number): string {
  if (bytes < 1024) return `${bytes}B`
  let unit = 0
  while (bytes >= 1024 && unit < UNITS.length - 1) {
    bytes /= 1024
    unit++
  }
  return `${bytes.toFixed(2)}${UNITS[unit]}`
}

/** A field in bytes, and once more for people. */
function withHuman(name: string, bytes: number): InfoLine[] {
  return [`${name}:${bytes}`, `${name}_human:${humanBytes(bytes)}`]
}

/** A ratio and a difference of two sizes, as Redis shows pairs of them. */
function compared(name: string, larger: number, smaller: number): InfoLine[] {
  const ratio = smaller > 0 ? larger / smaller : 1
  return [`${name}_ratio:${ratio.toFixed(2)}`, `${name}_bytes:${larger - smaller}`]
}

export function memorySection(server: Server): InfoLine[] {
  const { config, keyspace } = server
  const usedBytes = server.usedMemoryBytes
  const peakBytes = server.peakMemoryBytes
  const reservedBytes = keyspace.arena.reservedBytes
  const residentBytes = process.memoryUsage.rss()
  const overheadBytes = keyspace.databases.reduce((sum, each) => sum + each.indexBytes, 0)
  const datasetBytes = usedBytes - overheadBytes
  const share = (part: number, whole: number): string =>
    `${(whole > 0 ? (part / whole) * 100 : 0).toFixed(2)}%`
  return [
    ...withHuman('used_memory', usedBytes),
    ...withHuman('used_memory_rss', residentBytes),
    ...withHuman('used_memory_peak', peakBytes),
    `used_memory_peak_perc:${share(usedBytes, peakBytes)}`,
    `used_memory_overhead:${overheadBytes}`,
    'used_memory_startup:0',
    `used_memory_dataset:${datasetBytes}`,
    `used_memory_dataset_perc:${share(datasetBytes, usedBytes)}`,
    `allocator_allocated:${usedBytes}`,
    `allocator_active:${reservedBytes}`,
    `allocator_resident:${reservedBytes}`,
    ...withHuman('total_system_memory', os.totalmem()),
    'used_memory_lua:0',
    'used_memory_vm_eval:0',
    'used_memory_lua_human:0B',
    'used_memory_scripts_eval:0',
    'number_of_cached_scripts:0',
    'number_of_functions:0',
    'number_of_libraries:0',
    'used_memory_vm_functions:0',
    ...withHuman('used_memory_vm_total', 0),
    'used_memory_functions:0',
    ...withHuman('used_memory_scripts', 0),
    ...withHuman('maxmemory', server.memory.bytes),
    `maxmemory_policy:${config.get('maxmemory-policy')}`,
    ...compared('allocator_frag', reservedBytes, usedBytes),
    ...compared('allocator_rss', reservedBytes, reservedBytes),
    ...compared('rss_overhead', residentBytes, reservedBytes),
    ...compared('mem_fragmentation', residentBytes, usedBytes),
    'mem_not_counted_for_evict:0',
    'mem_replication_backlog:0',
    'mem_total_replication_buffers:0',
    'mem_clients_slaves:0',
    `mem_clients_normal:${server.clientMemory.measure()}`,
    'mem_cluster_links:0',
    'mem_aof_buffer:0',
    'mem_allocator:redstart-arena',
    'active_defrag_running:0',
    `lazyfree_pending_objects:${keyspace.lazyFreePending + keyspace.collections.pending}`,
    `lazyfreed_objects:${keyspace.lazyFreed}`,
  ]
}
