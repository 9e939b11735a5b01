/** MEMORY STATS, with the fields of Redis 7.2 in their order, and MEMORY MALLOC-STATS. */
import type { Arena } from '../../arena/arena.ts'
import type { Reply } from '../../resp/reply.ts'
import type { MemoryOverview } from './memory-overview.ts'

type Field = readonly [name: string, bytes: number] | readonly [name: string, ratio: { of: number }]

function ratio(of: number): { of: number } {
  return { of }
}

/** What is before the databases: the parts of the whole. What cannot be here is 0. */
function parts(memory: MemoryOverview): readonly Field[] {
  return [
    ['peak.allocated', memory.peakBytes],
    ['total.allocated', memory.usedBytes],
    ['startup.allocated', 0],
    ['replication.backlog', 0],
    ['clients.slaves', 0],
    ['clients.normal', memory.clientBytes],
    ['cluster.links', 0],
    ['aof.buffer', memory.logBufferBytes],
    ['lua.caches', 0],
    ['functions.caches', 0],
  ]
}

/** What is behind them: sums and comparisons. */
function sums(memory: MemoryOverview): readonly Field[] {
  const { reservedToAllocated, touchedToReserved, residentToTouched, residentToUsed } = memory
  return [
    ['overhead.total', memory.overheadBytes],
    ['keys.count', memory.keys],
    ['keys.bytes-per-key', memory.bytesPerKey],
    ['dataset.bytes', memory.datasetBytes],
    ['dataset.percentage', ratio(memory.datasetPercent)],
    ['peak.percentage', ratio(memory.peakPercent)],
    ['allocator.allocated', memory.allocatedBytes],
    ['allocator.active', memory.reservedBytes],
    ['allocator.resident', memory.touchedBytes],
    ['allocator-fragmentation.ratio', ratio(reservedToAllocated.ratio)],
    ['allocator-fragmentation.bytes', reservedToAllocated.bytes],
    ['allocator-rss.ratio', ratio(touchedToReserved.ratio)],
    ['allocator-rss.bytes', touchedToReserved.bytes],
    ['rss-overhead.ratio', ratio(residentToTouched.ratio)],
    ['rss-overhead.bytes', residentToTouched.bytes],
    ['fragmentation', ratio(residentToUsed.ratio)],
    ['fragmentation.bytes', residentToUsed.bytes],
  ]
}

function writeFields(reply: Reply, fields: readonly Field[]): void {
  for (const [name, value] of fields) {
    reply.bulkText(name)
    if (typeof value === 'number') reply.integer(value)
    else reply.double(value.of)
  }
}

export function writeStats(reply: Reply, memory: MemoryOverview): void {
  const before = parts(memory)
  const behind = sums(memory)
  reply.map(before.length + memory.databases.length + behind.length)
  writeFields(reply, before)
  for (const { index, dictBytes } of memory.databases) {
    reply.bulkText(`db.${index}`)
    reply.map(3)
    // Expiry times are part of the entries, and the dict finds the keys of a slot by itself.
    writeFields(reply, [
      ['overhead.hashtable.main', dictBytes],
      ['overhead.hashtable.expires', 0],
      ['overhead.hashtable.slot-to-keys', 0],
    ])
  }
  writeFields(reply, behind)
}

/** What the arena consists of, as text. */
export function allocatorReport(arena: Arena): string {
  const { hugeBytes, runBytes, segments, slabs } = arena.statistics()
  const { slab, run, huge } = segments
  const rows = slabs
    .filter((each) => each.slabs > 0)
    .map(({ blockBytes, slabs: count, used, blocks }) =>
      [blockBytes, count, used, blocks, `${((used / blocks) * 100).toFixed(1)}%`]
        .map((cell) => String(cell).padStart(10))
        .join(' '),
    )
  const { liveBytes, reservedBytes, touchedBytes } = arena
  const heads = ['bytes', 'slabs', 'used', 'blocks', 'share']
  return [
    '___ Begin redstart-arena statistics ___',
    `Allocated: ${liveBytes}, active: ${reservedBytes}, resident: ${touchedBytes}`,
    `Segments: ${slab} of slabs, ${run} of runs, ${huge} of one block`,
    `Runs of pages: ${runBytes} bytes; blocks of their own: ${hugeBytes} bytes`,
    'Slabs of 64 KB, by the size of their blocks:',
    heads.map((head) => head.padStart(10)).join(' '),
    ...rows,
    '--- End redstart-arena statistics ---',
    '',
  ].join('\n')
}
