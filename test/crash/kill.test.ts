/**
 * kill -9 at random moments, while eight clients write and now and then the log is rewritten.
 * After each, the server starts again in the same directory, and of every client holds exactly
 * the first n of its writes, transactions whole: all that were acknowledged under `always`, all
 * that were acknowledged two seconds ago or more under `everysec`. What is in the page cache
 * survives a killed process: what a machine that stops would leave is tried in power-cut.test.ts.
 *
 * CRASH_KILLS says how often each policy is tried (10), CRASH_SEED from which seed (1).
 */
import fs from 'node:fs'
import { afterEach, describe, expect, test } from 'vitest'
import { Random } from '../../src/platform/random.ts'
import { CrashServer, makeDirectory, type SyncPolicy } from './support/crash-server.ts'
import { CLIENTS, check, load, makeWriters } from './support/load.ts'

const KILLS = Number(process.env.CRASH_KILLS ?? 10)
const SEED = Number(process.env.CRASH_SEED ?? 1)
/** After so many kills a new directory is begun, so that loading stays quick. */
const KILLS_PER_DIRECTORY = 5

let directory = ''
let server: CrashServer | undefined

async function begin(policy: SyncPolicy): Promise<CrashServer> {
  await server?.kill()
  fs.rmSync(directory, { recursive: true, force: true })
  directory = makeDirectory()
  return CrashServer.start(directory, policy)
}

afterEach(async ({ task }) => {
  await server?.kill()
  server = undefined
  // What a failure leaves is worth looking at.
  if (task.result?.state !== 'fail') fs.rmSync(directory, { recursive: true, force: true })
  directory = ''
})

/** How long the load runs; under `everysec` now and then long enough for its promise to matter. */
function loadMs(policy: SyncPolicy, kill: number, random: Random): number {
  if (policy === 'everysec' && kill % 10 === 4) return 2200 + random.below(1500)
  return 20 + random.below(300)
}

describe.each(['always', 'everysec', 'no'] as const)('appendfsync %s', (policy) => {
  test(
    `keeps what it promised, killed ${KILLS} times from seed ${SEED}`,
    async () => {
      const random = new Random(SEED)
      let done: number[] = []
      let acknowledged = 0
      for (let kill = 0; kill < KILLS; kill++) {
        if (kill % KILLS_PER_DIRECTORY === 0) {
          server = await begin(policy)
          done = new Array(CLIENTS).fill(0)
        }
        const running = server!
        const writers = makeWriters(done, () => 1 + random.below(16))
        const ms = loadMs(policy, kill, random)
        const rewriteAtMs = random.below(2) === 0 ? ms : random.below(ms)
        const killMs = await load(running, writers, ms, rewriteAtMs, () => running.kill())
        for (const [i, writer] of writers.entries()) acknowledged += writer.acknowledged - done[i]
        server = await CrashServer.start(directory, policy)
        done = await check(server, policy, writers, killMs)
      }
      expect(acknowledged).toBeGreaterThan(0)
    },
    30_000 + KILLS * 10_000,
  )
})
