/**
 * Fragmentation: strings of all sizes come, grow and go, and what the arena keeps in use stays
 * close to what is alive.
 *
 * REDSTART_LONG=1 makes a million changes instead of 200,000.
 */
import { expect, test } from 'vitest'
import { Random } from '../../src/platform/random.ts'
import { checkServer, InProcessClient, testServer } from '../support/in-process-client.ts'

const CHANGES = process.env.REDSTART_LONG ? 1_000_000 : 200_000
const KEYS = 20_000
const MAX_VALUE_BYTES = 20_000
const MAX_APPENDED_BYTES = 2000
const CHECK_EVERY = 10_000
/** Below this the one slab that each size class has begun counts for too much. */
const LEAST_LIVE_BYTES = 10 * 1024 * 1024
const MAX_RESERVED_SHARE = 1.3

const BYTES = Buffer.alloc(MAX_VALUE_BYTES, 'v')

test(`${CHANGES} changes leave the arena dense`, { timeout: 600_000 }, () => {
  const server = testServer({ debugArena: false })
  const client = new InProcessClient(server)
  const random = new Random(7)
  const { arena } = server.keyspace
  /** As many of one to ten bytes as of a hundred to a thousand, and so on. */
  const some = (most: number): Uint8Array =>
    BYTES.subarray(0, Math.floor(most ** random.fraction()))

  let checks = 0
  for (let i = 1; i <= CHANGES; i++) {
    const key = `key:${random.below(KEYS)}`
    const choice = random.below(10)
    if (choice < 5) client.call('SET', key, some(MAX_VALUE_BYTES))
    else if (choice < 7) client.call('APPEND', key, some(MAX_APPENDED_BYTES))
    else client.call('DEL', key)
    if (i % CHECK_EVERY !== 0 || arena.liveBytes < LEAST_LIVE_BYTES) continue
    const share = arena.reservedBytes / arena.liveBytes
    checks++
    expect(share, `after ${i} changes`).toBeLessThanOrEqual(MAX_RESERVED_SHARE)
  }
  expect(checks).toBeGreaterThan((CHANGES / CHECK_EVERY) * 0.8)
  checkServer(server)
})
