/**
 * `--lru-test KEYS`: a cache's work, half writes and half reads, in which a fifth of the keys gets
 * four fifths of the requests; every second it tells how many reads found their key.
 */

import { leadingInteger } from '../../../bytes/integers.ts'
import type { ClientSession } from '../client-session.ts'
import { pipeline } from './scan.ts'

const PIPELINE = 250
const CYCLE_MS = 1000
/** The exponent of the power law that gives 80 of 100 requests to 20 of 100 keys. */
const ALPHA = 6.2

export async function lruTestMode(session: ClientSession): Promise<number> {
  const { options, output } = session
  const keys = leadingInteger(options.modeArgument)
  const requests = (make: (key: string) => string[]): string[][] =>
    Array.from({ length: PIPELINE }, () => make(randomKey(keys)))
  while (true) {
    const beganMs = Date.now()
    let hits = 0
    let misses = 0
    while (Date.now() - beganMs < CYCLE_MS) {
      await pipeline(
        session,
        requests((key) => ['SET', key, randomValue()]),
      )
      const replies = await pipeline(
        session,
        requests((key) => ['GET', key]),
      )
      for (const reply of replies) {
        if (reply.type === 'error') output.error(`${reply.text}\n`)
        else if (reply.type === 'null') misses++
        else hits++
      }
    }
    const gets = hits + misses
    const share = (count: number) => `${count} (${((count / gets) * 100).toFixed(2)}%)`
    output.write(`${gets} Gets/sec | Hits: ${share(hits)} | Misses: ${share(misses)}\n`)
  }
}

function randomKey(keys: number): string {
  const limit = (keys + 1) ** (ALPHA + 1)
  const value = ((limit - 1) * Math.random() + 1) ** (1 / (ALPHA + 1))
  return `lru:${keys - Math.floor(value) + 1}`
}

function randomValue(): string {
  let value = ''
  for (let i = 0; i < 5; i++) value += String.fromCharCode(65 + Math.floor(Math.random() * 57))
  return value
}
