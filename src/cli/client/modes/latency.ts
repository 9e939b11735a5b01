/**
 * `--latency` and `--latency-history`: how long a PING takes there and back, a hundred times a
 * second. For a terminal one line is kept up to date without end; for a script the figures of one
 * interval are printed.
 */
import { type ClientSession, pause } from '../client-session.ts'
import { callReconnecting } from './reconnecting.ts'

const SAMPLE_EVERY_MS = 10
const HISTORY_MS = 15_000
const CLEAR_LINE = '\x1b[0G\x1b[2K'

interface Samples {
  min: number
  max: number
  total: number
  count: number
}

const noSamples = (): Samples => ({ min: 0, max: 0, total: 0, count: 0 })

export async function latencyMode(session: ClientSession): Promise<number> {
  const { options, output } = session
  const historyMs = options.intervalMs || HISTORY_MS
  const onceMs = options.intervalMs || 1000
  let beganMs = Date.now()
  let samples = noSamples()
  while (true) {
    const startMs = Date.now()
    await callReconnecting(session, 'PING')
    const latencyMs = Date.now() - startMs
    samples.min = samples.count === 0 ? latencyMs : Math.min(samples.min, latencyMs)
    samples.max = Math.max(samples.max, latencyMs)
    samples.total += latencyMs
    samples.count++
    if (options.format === 'standard') output.write(CLEAR_LINE + shown(samples, options.format))
    else if (options.latencyHistory) output.write(shown(samples, options.format))
    else if (Date.now() - beganMs > onceMs) {
      output.write(shown(samples, options.format))
      return 0
    }
    if (options.latencyHistory && Date.now() - beganMs > historyMs) {
      output.write(` -- ${((Date.now() - beganMs) / 1000).toFixed(2)} seconds range\n`)
      beganMs = Date.now()
      samples = noSamples()
    }
    await pause(SAMPLE_EVERY_MS)
  }
}

function shown({ min, max, total, count }: Samples, format: string): string {
  const average = (total / count).toFixed(2)
  switch (format) {
    case 'standard':
      return `min: ${min}, max: ${max}, avg: ${average} (${count} samples)`
    case 'csv':
      return `${min},${max},${average},${count}\n`
    case 'raw':
      return `${min} ${max} ${average} ${count}\n`
    default:
      return `{"min": ${min}, "max": ${max}, "avg": ${average}, "count": ${count}}\n`
  }
}
