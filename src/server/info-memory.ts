/**
 * What INFO says of memory. `used_memory` is the sum of the arena's live blocks, to the byte, and
 * what is held for clients; the allocator's fields are the arena's, and what the process has beside
 * it is overhead of the resident size.
 */
import os from 'node:os'
import { humanBytes } from '../bytes/human-bytes.ts'
import { type Comparison, memoryOverview } from '../commands/server/memory-overview.ts'
import type { InfoLine } from './info.ts'
import type { Server } from './server.ts'

/** A field in bytes, and once more for people. */
function withHuman(name: string, bytes: number): InfoLine[] {
  return [`${name}:${bytes}`, `${name}_human:${humanBytes(bytes)}`]
}

/** A ratio and a difference of two sizes, as Redis shows pairs of them. */
function compared(name: string, { ratio, bytes }: Comparison): InfoLine[] {
  return [`${name}_ratio:${ratio.toFixed(2)}`, `${name}_bytes:${bytes}`]
}

export function memorySection(server: Server): InfoLine[] {
  const { config, keyspace } = server
  const memory = memoryOverview(server)
  return [
    ...withHuman('used_memory', memory.usedBytes),
    ...withHuman('used_memory_rss', memory.residentBytes),
    ...withHuman('used_memory_peak', memory.peakBytes),
    `used_memory_peak_perc:${memory.peakPercent.toFixed(2)}%`,
    `used_memory_overhead:${memory.overheadBytes}`,
    'used_memory_startup:0',
    `used_memory_dataset:${memory.datasetBytes}`,
    `used_memory_dataset_perc:${memory.datasetPercent.toFixed(2)}%`,
    `allocator_allocated:${memory.allocatedBytes}`,
    `allocator_active:${memory.reservedBytes}`,
    `allocator_resident:${memory.touchedBytes}`,
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
    ...compared('allocator_frag', memory.reservedToAllocated),
    ...compared('allocator_rss', memory.touchedToReserved),
    ...compared('rss_overhead', memory.residentToTouched),
    ...compared('mem_fragmentation', memory.residentToUsed),
    'mem_not_counted_for_evict:0',
    'mem_replication_backlog:0',
    'mem_total_replication_buffers:0',
    'mem_clients_slaves:0',
    `mem_clients_normal:${memory.clientBytes}`,
    'mem_cluster_links:0',
    `mem_aof_buffer:${memory.logBufferBytes}`,
    'mem_allocator:redstart-arena',
    'active_defrag_running:0',
    `lazyfree_pending_objects:${keyspace.lazyFreePending + keyspace.collections.pending}`,
    `lazyfreed_objects:${keyspace.lazyFreed}`,
  ]
}
