/**
 * `--intrinsic-latency SECONDS`: how long this machine keeps a process from running. It measures a
 * short computation over and over and tells the longest run, without a server.
 */

import { leadingInteger } from '../../../bytes/integers.ts'
import type { ClientSession } from '../client-session.ts'

export function intrinsicLatencyMode({ options, output }: ClientSession): number {
  const durationUs = leadingInteger(options.modeArgument) * 1_000_000
  const nowUs = () => Math.floor(performance.now() * 1000)
  const endUs = nowUs() + durationUs
  let runs = 0
  let longestUs = 0
  while (true) {
    const startUs = nowUs()
    computeShortly()
    const now = nowUs()
    const tookUs = now - startUs
    runs++
    if (tookUs > longestUs) {
      longestUs = tookUs
      output.write(`Max latency so far: ${longestUs} microseconds.\n`)
    }
    if (now > endUs) break
  }
  const averageUs = durationUs / runs
  const average = `${averageUs.toFixed(4)} microseconds / ${(averageUs * 1000).toFixed(2)}`
  output.write(
    `\n${runs} total runs (avg latency: ${average} nanoseconds per run).\n` +
      `Worst run took ${Math.round(longestUs / averageUs)}x longer than the average latency.\n`,
  )
  return 0
}

const state = new Uint8Array(256)
let sum = 0

/** Some microseconds of work that cannot be left out: its result is kept. */
function computeShortly(): void {
  for (let i = 0; i < 1000; i++) {
    const at = i & 255
    state[at] = (state[at] + i * 31 + state[(at * 7) & 255]) & 255
    sum = (sum + state[at]) | 0
  }
}
