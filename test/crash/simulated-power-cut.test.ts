/**
 * The power cut after every single operation on the disk: of start, append, sync, rewrite, save and
 * switch of manifest, and of the recovery from such a cut. What was not synced is dropped, kept,
 * cut, torn by sectors and reordered (see crash-states.ts). Every state must start with what was
 * promised, or refuse; in the ext4 model, which reorders nothing within a file, every one starts.
 *
 * CRASH_STATES says how many states are tried in all, or somewhat more; without it there is one
 * short run of each kind. CRASH_SEED says from which seed (1).
 */
import { describe, expect, test } from 'vitest'
import { type Promises, type RunResult, SimulatedRun } from './support/simulated-run.ts'

const isLong = process.env.CRASH_STATES !== undefined
const STATES = Number(process.env.CRASH_STATES ?? 1)
const SEED = Number(process.env.CRASH_SEED ?? 1)
const PROMISES: Promises[] = ['always', 'everysec', 'no', 'dump']
const MODELS = ['strict', 'ext4'] as const
const CASES = PROMISES.flatMap((promises) => MODELS.map((model) => ({ promises, model })))
/** A short run tries few states of each moment, and few moments. */
const SIZE = isLong ? { steps: 60, statesPerOperation: 12 } : { steps: 24, statesPerOperation: 2 }

describe.each(CASES)('$promises on a $model disk', ({ promises, model }) => {
  test(
    `keeps what it promised from seed ${SEED}`,
    async () => {
      const total: RunResult = { states: 0, distinct: 0, refused: 0, refusals: new Map() }
      for (let seed = SEED; total.states < STATES / CASES.length; seed++) {
        const options = { promises, model, ...SIZE, seed }
        const result = await new SimulatedRun(options).run().catch((error: Error) => {
          throw new Error(`seed ${seed}: ${error.message}`, { cause: error })
        })
        total.states += result.states
        total.distinct += result.distinct
        total.refused += result.refused
        for (const [text, count] of result.refusals) {
          total.refusals.set(text, (total.refusals.get(text) ?? 0) + count)
        }
      }
      const { states, distinct, refused } = total
      if (isLong) {
        const texts = [...total.refusals].map(([text, count]) => `  ${count} × ${text}\n`).join('')
        const counts = `${states} states, ${distinct} distinct, ${refused} refused`
        process.stderr.write(`${promises} ${model}: ${counts}\n${texts}`)
      }
      if (model === 'ext4') expect(total.refusals).toEqual(new Map())
    },
    60_000 + STATES * 20,
  )
})
