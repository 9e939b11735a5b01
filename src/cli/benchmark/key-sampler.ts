/**
 * Which key is drawn next: the distributions of `--distribution`. Each draw costs a few
 * multiplications and no memory, whatever the number of keys.
 */
import type { Random } from '../../platform/random.ts'

/** Draws integers from 0 to the number of keys - 1. */
export interface KeySampler {
  next(): number
}

export type Distribution =
  | { kind: 'uniform' }
  | { kind: 'sequential' }
  | { kind: 'zipf'; exponent: number }

/** As YCSB's and memtier's. */
const DEFAULT_ZIPF_EXPONENT = 0.99

/** `uniform`, `sequential`, `zipf` or `zipf:S`; undefined for anything else. */
export function parseDistribution(text: string): Distribution | undefined {
  if (text === 'uniform' || text === 'sequential') return { kind: text }
  if (text === 'zipf') return { kind: 'zipf', exponent: DEFAULT_ZIPF_EXPONENT }
  const digits = /^zipf:(\d+(?:\.\d+)?)$/.exec(text)?.[1]
  const exponent = Number(digits)
  return exponent > 0 ? { kind: 'zipf', exponent } : undefined
}

export function createSampler(
  distribution: Distribution,
  keyCount: number,
  random: Random,
): KeySampler {
  if (keyCount <= 1) return { next: () => 0 }
  if (distribution.kind === 'sequential') return new SequentialSampler(keyCount)
  if (distribution.kind === 'zipf') return new ZipfSampler(keyCount, distribution.exponent, random)
  if (keyCount <= 2 ** 32) return { next: () => random.below(keyCount) }
  return { next: () => Math.floor(random.fraction() * keyCount) }
}

class SequentialSampler implements KeySampler {
  private following = 0
  private readonly keyCount: number

  constructor(keyCount: number) {
    this.keyCount = keyCount
  }

  next(): number {
    const key = this.following
    this.following = key + 1 === this.keyCount ? 0 : key + 1
    return key
  }
}

/**
 * Zipf's law: key k is drawn in proportion to 1 / (k + 1)^s, so that key 0 is the most frequent.
 *
 * Rejection-inversion (W. Hörmann and G. Derflinger, 1996): the integral of x^-s is inverted at a
 * random point and rounded; the few points where the rounded value's area sticks out are drawn
 * again. It holds for every exponent above 0, where the usual method of YCSB wants one below 1 and
 * a sum over all keys first.
 */
class ZipfSampler implements KeySampler {
  private readonly keyCount: number
  private readonly exponent: number
  private readonly random: Random
  private readonly areaOfFirst: number
  private readonly areaOfAll: number
  private readonly certain: number

  constructor(keyCount: number, exponent: number, random: Random) {
    this.keyCount = keyCount
    this.exponent = exponent
    this.random = random
    this.areaOfFirst = this.area(1.5) - 1
    this.areaOfAll = this.area(keyCount + 0.5)
    this.certain = 2 - this.inverseArea(this.area(2.5) - this.weight(2))
  }

  next(): number {
    for (;;) {
      const span = this.areaOfFirst - this.areaOfAll
      const point = this.areaOfAll + this.random.fraction() * span
      const x = this.inverseArea(point)
      const rank = Math.min(this.keyCount, Math.max(1, Math.round(x)))
      if (rank - x <= this.certain || point >= this.area(rank + 0.5) - this.weight(rank)) {
        return rank - 1
      }
    }
  }

  private weight(x: number): number {
    return Math.exp(-this.exponent * Math.log(x))
  }

  /** The integral of `weight` from 1 to x; near an exponent of 1 it goes over into log(x). */
  private area(x: number): number {
    const log = Math.log(x)
    const t = (1 - this.exponent) * log
    return (Math.abs(t) > 1e-8 ? Math.expm1(t) / t : 1 + t / 2) * log
  }

  private inverseArea(area: number): number {
    const t = Math.max(-1, area * (1 - this.exponent))
    return Math.exp((Math.abs(t) > 1e-8 ? Math.log1p(t) / t : 1 - t / 2) * area)
  }
}
