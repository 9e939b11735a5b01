/** DEBUG CLIENT-EVICTION: the buckets by which `maxmemory-clients` finds the largest clients. */
import type { Context } from '../context.ts'
import { CommandError } from '../errors.ts'

const DISABLED = new CommandError('ERR maxmemory-clients is disabled.')

/** Every bucket takes sizes up to twice those of the one before; the first one up to this. */
const FIRST_BUCKET_BYTES = 32 * 1024
const COLUMN = 10

export function clientBuckets({ server, reply }: Context): void {
  const { clientMemory } = server
  if (!clientMemory.isLimited) throw DISABLED
  const sizes = clientMemory.bucketSizes
  const lines = sizes.map(({ count, bytes }, i) => {
    const least = i === 0 ? 0 : FIRST_BUCKET_BYTES * 2 ** (i - 1)
    const most = String(FIRST_BUCKET_BYTES * 2 ** i - 1).padStart(COLUMN)
    const upTo = i === sizes.length - 1 ? '+            ' : ` - ${most}`
    const total = String(bytes).padStart(COLUMN)
    return `bucket ${String(least).padStart(COLUMN)}${upTo}: tot-mem: ${total}, clients: ${count}\n`
  })
  reply.verbatim('txt', lines.join(''))
}
