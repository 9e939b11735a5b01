/** DEBUG JMAP: what lies on the JavaScript heap and beside it, for whoever looks for a leak. */
import { getHeapSpaceStatistics } from 'node:v8'
import type { Context } from '../context.ts'

const COLUMN = 12

function row(name: string, ...cells: readonly (string | number)[]): string {
  return `${name.padEnd(24)}${cells.map((cell) => String(cell).padStart(COLUMN)).join('')}\n`
}

export function heapMap({ server, reply }: Context): void {
  const { arrayBuffers, external, heapTotal, heapUsed, rss } = process.memoryUsage()
  const spaces = getHeapSpaceStatistics().map((space) =>
    row(space.space_name, space.space_used_size, space.physical_space_size),
  )
  const { touchedBytes } = server.keyspace.arena
  const text = [
    row('space', 'used', 'resident'),
    ...spaces,
    row('heap', heapUsed, heapTotal),
    row('external', external, ''),
    row('array buffers', arrayBuffers, ''),
    row('arena', server.keyspace.arena.liveBytes, touchedBytes),
    row('process', '', rss),
  ]
  reply.verbatim('txt', text.map((line) => `${line.trimEnd()}\n`).join(''))
}
