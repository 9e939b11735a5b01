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
import { CrashServer, makeDirectory, type SyncPolicy, sleep } from './support/crash-server.ts'
import { loadedContent, loadedTransactions, prefixOf, Writer } from './support/writer.ts'

const KILLS = Number(process.env.CRASH_KILLS ?? 10)
const SEED = Number(process.env.CRASH_SEED ?? 1)
const CLIENTS = 8
const EVERYSEC_MS = 2000
/** After so many kills a new directory is begun, so that loading stays quick. */
const KILLS_PER_DIRECTORY = 5

let directory = ''
let server: CrashServer | undefined

afterEach(async ({ task }) => {
  await server?.kill()
  server = undefined
  // What a failure leaves is worth looking at.
  if (task.result?.state !== 'fail') fs.rmSync(directory, { recursive: true, force: true })
})

/** How long the load runs; under `everysec` now and then long enough for its promise to matter. */
function loadMs(policy: SyncPolicy, kill: number, random: Random): number {
  if (policy === 'everysec' && kill % 5 === 4) return 2200 + random.below(1500)
  return 20 + random.below(500)
}

async function load(running: CrashServer, writers: Writer[], ms: number, rewriteAtMs: number) {
  const ended = writers.map((writer) => writer.run(running.port))
  if (rewriteAtMs < ms) {
    await sleep(rewriteAtMs)
    const control = await running.connect()
    await control.call('BGREWRITEAOF')
    control.close()
    await sleep(ms - rewriteAtMs)
  } else await sleep(ms)
  const killedMs = performance.now()
  await running.kill()
  await Promise.all(ended)
  return killedMs
}

/** The steps of each client that the server has, checked against what was promised. */
async function check(running: CrashServer, policy: SyncPolicy, writers: Writer[], killMs: number) {
  const wire = await running.connect()
  const transactions = await loadedTransactions(wire)
  const done: number[] = []
  for (const writer of writers) {
    const loaded = await loadedContent(wire, writer.client)
    const steps = prefixOf(writer.client, loaded, transactions.get(writer.client) ?? [])
    expect(steps).toBeLessThanOrEqual(writer.sent)
    if (policy === 'always') expect(steps).toBeGreaterThanOrEqual(writer.acknowledged)
    if (policy === 'everysec') {
      expect(steps).toBeGreaterThanOrEqual(writer.acknowledgedAt(killMs - EVERYSEC_MS))
    }
    done.push(steps)
  }
  wire.close()
  return done
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
          await server?.kill()
          fs.rmSync(directory, { recursive: true, force: true })
          directory = makeDirectory()
          done = new Array(CLIENTS).fill(0)
          server = await CrashServer.start(directory, policy)
        }
        const writers = done.map((steps, i) => new Writer(i, steps, 1 + random.below(16)))
        const ms = loadMs(policy, kill, random)
        const rewriteAtMs = random.below(2) === 0 ? ms : random.below(ms)
        const killMs = await load(server!, writers, ms, rewriteAtMs)
        for (const [i, writer] of writers.entries()) {
          expect(writer.refusal).toBe('')
          acknowledged += writer.acknowledged - done[i]
        }
        server = await CrashServer.start(directory, policy)
        done = await check(server, policy, writers, killMs)
      }
      expect(acknowledged).toBeGreaterThan(0)
    },
    30_000 + KILLS * 10_000,
  )
})
