/**
 * How long values are: all alike (`-d`), evenly between two sizes (`--data-size-range`), or of
 * several sizes with weights (`--data-size-list`), the last two written as memtier_benchmark does.
 */
import type { Random } from '../../platform/random.ts'

const MAX_VALUE_BYTES = 2 ** 30

export interface DataSizes {
  readonly isFixed: boolean
  /** As it is shown: `3` or `16-512` or `32:50,512:50`. */
  readonly text: string
  draw(random: Random): number
}

export function fixedSize(valueBytes: number): DataSizes {
  const bytes = Math.min(MAX_VALUE_BYTES, Math.max(1, valueBytes))
  return { isFixed: true, text: String(bytes), draw: () => bytes }
}

/** Reads `LOW-HIGH`; undefined if it is not that. */
export function parseSizeRange(text: string): DataSizes | undefined {
  const match = /^(\d+)-(\d+)$/.exec(text)
  const low = Number(match?.[1])
  const high = Number(match?.[2])
  if (!(low >= 1 && high >= low && high <= MAX_VALUE_BYTES)) return undefined
  return {
    isFixed: low === high,
    text,
    draw: (random) => low + random.below(high - low + 1),
  }
}

/** Reads `SIZE:WEIGHT,SIZE:WEIGHT…`; undefined if it is not that. */
export function parseSizeList(text: string): DataSizes | undefined {
  const entries = text.split(',').map((entry) => {
    const match = /^(\d+):(\d+)$/.exec(entry)
    return { bytes: Number(match?.[1]), weight: Number(match?.[2]) }
  })
  const isWhole = entries.every(({ bytes, weight }) => {
    return bytes >= 1 && bytes <= MAX_VALUE_BYTES && weight >= 1 && weight <= 1e6
  })
  if (!isWhole) return undefined
  const total = entries.reduce((sum, { weight }) => sum + weight, 0)
  return {
    isFixed: entries.length === 1,
    text,
    draw: (random) => {
      let point = random.below(total)
      return entries.find(({ weight }) => (point -= weight) < 0)!.bytes
    },
  }
}

/**
 * Printable bytes that do not repeat soon, so that a server which compresses is not flattered; the
 * same in every run, as in redis-benchmark.
 */
export function printableValue(valueBytes: number): Buffer {
  const value = Buffer.allocUnsafe(valueBytes)
  let state = 1234
  for (let i = 0; i < valueBytes; i++) {
    state = (Math.imul(state, 1103515245) + 12345) | 0
    value[i] = 48 + ((state >>> 16) & 63)
  }
  return value
}
