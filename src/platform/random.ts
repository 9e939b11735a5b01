/**
 * Chance, as the engine sees it: one seeded source, so that a run can be repeated from its seed.
 *
 * The generator is xoshiro128** (Blackman and Vigna, 2018): 128 bits of state, 32 bits a step. It
 * is quick and even, and not a source of secrets: hash seeds and passwords come from `node:crypto`.
 */
export class Random {
  private readonly state = new Uint32Array(4)

  /** @param seed any integer; equal seeds give equal sequences */
  constructor(seed: number) {
    // splitmix32 spreads a small seed over the whole state.
    let x = seed >>> 0
    for (let i = 0; i < 4; i++) {
      x = (x + 0x9e3779b9) >>> 0
      let z = x
      z = Math.imul(z ^ (z >>> 16), 0x85ebca6b)
      z = Math.imul(z ^ (z >>> 13), 0xc2b2ae35)
      this.state[i] = z ^ (z >>> 16)
    }
  }

  /** 32 random bits, as a signed integer. */
  int32(): number {
    const s = this.state
    const s1 = s[1]!
    const product = Math.imul(s1, 5)
    const result = Math.imul((product << 7) | (product >>> 25), 9)
    s[2]! ^= s[0]!
    s[3]! ^= s1
    s[1]! ^= s[2]!
    s[0]! ^= s[3]!
    s[2]! ^= s1 << 9
    const s3 = s[3]!
    s[3] = (s3 << 11) | (s3 >>> 21)
    return result
  }

  /** A random integer from 0 to `limit` - 1; `limit` is from 1 to 2^32. */
  below(limit: number): number {
    return Math.floor(((this.int32() >>> 0) / 4294967296) * limit)
  }

  /** A random number from 0 (included) to 1 (excluded), of 53 bits. */
  fraction(): number {
    const high = this.int32() >>> 5
    const low = this.int32() >>> 6
    return (high * 67108864 + low) / 9007199254740992
  }
}
