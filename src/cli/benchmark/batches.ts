/**
 * The bytes that are sent, made before the run: a batch holds the requests of one pipeline, and
 * while it runs only the twelve digits of each `__rand_int__` are written anew.
 *
 * A run has one batch as a rule. With a mixture of commands there are as many as it takes until
 * the mixture begins again at the head of a pipeline, and with values of several sizes some
 * hundred requests with sizes drawn beforehand; the batches are then sent in turn.
 */
import type { Random } from '../../platform/random.ts'
import type { DataSizes } from './data-sizes.ts'
import type { KeySampler } from './key-sampler.ts'

const PLACEHOLDER = Buffer.from('__rand_int__')
const DIGITS = PLACEHOLDER.length
/** Requests that sizes are drawn for, as far as memory for them goes. */
const DRAWN_REQUESTS = 512
const DRAWN_BYTES = 64 * 2 ** 20

/** Makes a request's bytes, with a value of so many bytes if it carries one. */
export type RequestMaker = (valueBytes: number) => Buffer

export interface Batch {
  bytes: Buffer
  /** Where numbers are to be written. */
  readonly numberOffsets: Int32Array
  /** Which command of the mixture each request is; empty if all are the first. */
  readonly kinds: Uint8Array
  readonly requests: number
}

export interface BatchPlan {
  readonly makers: readonly RequestMaker[]
  /** Indexes of `makers` in the order they are sent in, over and over. */
  readonly cycle: readonly number[]
  readonly pipeline: number
  readonly sizes: DataSizes
  /** Whether `__rand_int__` stands for a number. */
  readonly hasNumbers: boolean
}

export function createBatches(plan: BatchPlan, random: Random): Batch[] {
  const { cycle, pipeline, sizes } = plan
  const phases = cycle.length / commonDivisor(cycle.length, pipeline)
  const batches: Batch[] = []
  let position = 0
  let bytes = 0
  const isEnough = (): boolean => {
    if (batches.length === 0 || batches.length % phases !== 0) return false
    if (sizes.isFixed) return true
    return batches.length * pipeline >= DRAWN_REQUESTS || bytes >= DRAWN_BYTES
  }
  while (!isEnough()) {
    const kinds = Array.from({ length: pipeline }, () => cycle[position++ % cycle.length]!)
    const requests = kinds.map((kind) => plan.makers[kind]!(sizes.draw(random)))
    const batch = createBatch(requests, cycle.length > 1 ? kinds : [], plan.hasNumbers)
    batches.push(batch)
    bytes += batch.bytes.length
  }
  return batches
}

function createBatch(requests: Buffer[], kinds: number[], hasNumbers: boolean): Batch {
  const bytes = Buffer.concat(requests)
  const offsets: number[] = []
  if (hasNumbers) {
    let at = bytes.indexOf(PLACEHOLDER)
    for (; at >= 0; at = bytes.indexOf(PLACEHOLDER, at + DIGITS)) offsets.push(at)
  }
  return {
    bytes,
    numberOffsets: Int32Array.from(offsets),
    kinds: Uint8Array.from(kinds),
    requests: requests.length,
  }
}

function commonDivisor(a: number, b: number): number {
  return b === 0 ? a : commonDivisor(b, a % b)
}

/** '000' to '999', for three digits at once. */
const THREE_DIGITS = Buffer.from(
  Array.from({ length: 1000 }, (_, i) => String(i).padStart(3, '0')).join(''),
)

/** Writes a number anew wherever the batch has one. */
export function drawNumbers(batch: Batch, sampler: KeySampler): void {
  const { bytes, numberOffsets } = batch
  for (let i = 0; i < numberOffsets.length; i++) {
    const value = sampler.next()
    const high = Math.floor(value / 1e6)
    writeSixDigits(bytes, numberOffsets[i]!, high)
    writeSixDigits(bytes, numberOffsets[i]! + 6, value - high * 1e6)
  }
}

function writeSixDigits(bytes: Buffer, offset: number, value: number): void {
  const high = (value / 1000) | 0
  let from = high * 3
  bytes[offset] = THREE_DIGITS[from]!
  bytes[offset + 1] = THREE_DIGITS[from + 1]!
  bytes[offset + 2] = THREE_DIGITS[from + 2]!
  from = (value - high * 1000) * 3
  bytes[offset + 3] = THREE_DIGITS[from]!
  bytes[offset + 4] = THREE_DIGITS[from + 1]!
  bytes[offset + 5] = THREE_DIGITS[from + 2]!
}
