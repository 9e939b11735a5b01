/**
 * Eight writers against one server, and the check of what it holds when it has come back.
 */
import { expect } from 'vitest'
import { type CrashServer, type SyncPolicy, sleep } from './crash-server.ts'
import { loadedContent, loadedTransactions, prefixOf, Writer } from './writer.ts'

export const CLIENTS = 8
/** Under `everysec` what was acknowledged so long ago is safe. */
const EVERYSEC_MS = 2000

/** @param done how many steps of each client the server has; all 0 for an empty one */
export function makeWriters(done: number[], pipelined: () => number): Writer[] {
  return done.map((steps, client) => new Writer(client, steps, pipelined()))
}

/**
 * Lets the writers run for `ms` milliseconds, with a rewrite begun after `rewriteAtMs` if that is
 * less, and then does `stop`, which ends the server.
 * @returns the time (of performance.now()) just before that
 */
export async function load(
  server: CrashServer,
  writers: Writer[],
  ms: number,
  rewriteAtMs: number,
  stop: () => Promise<void>,
): Promise<number> {
  const ended = writers.map((writer) => writer.run(server.port))
  if (rewriteAtMs < ms) {
    await sleep(rewriteAtMs)
    const control = await server.connect()
    await control.call('BGREWRITEAOF')
    control.close()
    await sleep(ms - rewriteAtMs)
  } else await sleep(ms)
  const refusals = writers.map(({ refusal }) => refusal)
  const stoppedMs = performance.now()
  await stop()
  await Promise.all(ended)
  expect(refusals).toEqual(writers.map(() => ''))
  return stoppedMs
}

/**
 * Checks that the server holds the first writes of each client, transactions whole, and all that
 * it had promised to keep by `stoppedMs`.
 * @param lastAnswerMs an answer that came later was no promise under `always`
 * @returns how many steps of each client it has
 */
export async function check(
  server: CrashServer,
  policy: SyncPolicy,
  writers: Writer[],
  stoppedMs: number,
  lastAnswerMs = Number.POSITIVE_INFINITY,
): Promise<number[]> {
  const wire = await server.connect()
  const transactions = await loadedTransactions(wire)
  const done: number[] = []
  for (const writer of writers) {
    const loaded = await loadedContent(wire, writer.client)
    const steps = prefixOf(writer.client, loaded, transactions.get(writer.client) ?? [])
    expect(steps).toBeLessThanOrEqual(writer.sent)
    const promised = {
      always: writer.acknowledgedAt(lastAnswerMs),
      everysec: writer.acknowledgedAt(stoppedMs - EVERYSEC_MS),
      no: 0,
    }
    expect(steps, `client ${writer.client}`).toBeGreaterThanOrEqual(promised[policy])
    done.push(steps)
  }
  wire.close()
  return done
}
