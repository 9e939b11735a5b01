/**
 * The protocol under random input: whatever arrives, nothing throws, nothing leaks, and a claim of
 * a huge size costs no memory. Inputs are cut into pieces at random, as sockets may do.
 *
 * FUZZ_INPUTS says how many inputs a target gets (100,000 unless told), FUZZ_SEED which; a failure
 * names the seed, the input's number and the bytes since the connection was opened.
 */
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { describe, expect, test } from 'vitest'
import { FuzzInputs } from '../support/fuzz-input.ts'
import { type FuzzTarget, ParserTarget, ServerTarget } from '../support/fuzz-target.ts'

const INPUTS = Number(process.env.FUZZ_INPUTS ?? 100_000)
const SEED = Number(process.env.FUZZ_SEED ?? 1)
const CHECK_EVERY = 2000
const MAX_INPUTS_A_CONNECTION = 20
const MAX_GROWTH_BYTES = 256 * 2 ** 20

const TARGETS: readonly FuzzTarget[] = [new ParserTarget(), new ServerTarget()]

describe.each(TARGETS)('$name', (target) => {
  test(`stands ${INPUTS} inputs of seed ${SEED}`, { timeout: 3_600_000 }, () => {
    fuzz(target)
  })
})

function fuzz(target: FuzzTarget): void {
  const inputs = new FuzzInputs(SEED)
  const startBytes = usedBytes()
  let sinceConnect: Uint8Array[] = []
  let number = 0
  try {
    target.connect()
    for (; number < INPUTS; number++) {
      if (target.closed || inputs.below(MAX_INPUTS_A_CONNECTION) === 0) {
        target.connect()
        sinceConnect = []
      }
      const input = inputs.next()
      sinceConnect.push(input)
      feedInPieces(target, input, inputs)
      if (number % CHECK_EVERY === 0) {
        target.check()
        expect(growthBytes(startBytes), 'growth of memory').toBeLessThan(MAX_GROWTH_BYTES)
        target.connect()
        sinceConnect = []
      }
    }
    target.check()
  } catch (error) {
    const bytes = Buffer.concat(sinceConnect).toString('latin1')
    const shown = JSON.stringify(bytes).slice(0, 4000)
    throw new Error(`seed ${SEED}, input ${number}, bytes since connecting: ${shown}`, {
      cause: error,
    })
  }
}

/** A third of the inputs come in one piece, the others in up to four. */
function feedInPieces(target: FuzzTarget, input: Uint8Array, inputs: FuzzInputs): void {
  let from = 0
  for (let cuts = inputs.below(3) === 0 ? 0 : inputs.below(4); cuts > 0; cuts--) {
    const to = from + inputs.below(input.length - from + 1)
    target.feed(input.slice(from, to))
    if (target.closed) return
    from = to
  }
  target.feed(input.slice(from))
}

/** Memory that was taken since; what is let go counts until V8 collects it, so that may be asked. */
function growthBytes(startBytes: number): number {
  if (usedBytes() - startBytes >= MAX_GROWTH_BYTES) collectGarbage()
  return usedBytes() - startBytes
}

function collectGarbage(): void {
  setFlagsFromString('--expose-gc')
  // What one collection finds is freed by a thread beside it, for which the next one waits.
  for (let i = 0; i < 2; i++) runInNewContext('gc')()
}

/** What ArrayBuffers hold, on and off the books of the heap. */
function usedBytes(): number {
  const { heapUsed, arrayBuffers } = process.memoryUsage()
  return heapUsed + arrayBuffers
}
