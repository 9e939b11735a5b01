/**
 * The 24 access bits of an entry, by which eviction and OBJECT judge how much a key is used.
 *
 * Under an LRU policy they are the second of the last access, modulo 2^24. Under an LFU policy
 * the upper 16 bits are the minute of the last decay and the lower 8 a logarithmic counter
 * (Morris, 1978), as in Redis since 4.0.
 */
import type { Random } from '../platform/random.ts'

const LRU_MASK = 0xffffff
const LFU_INITIAL = 5
const LFU_MAX = 255

/** The LRU clock at a Unix time in ms. */
export function lruClock(nowMs: number): number {
  return Math.floor(nowMs / 1000) & LRU_MASK
}

/** Seconds since an access at a Unix time in whole seconds, within the same 194 days. */
export function idleSeconds(access: number, nowSeconds: number): number {
  return ((nowSeconds & LRU_MASK) - access) & LRU_MASK
}

/** Milliseconds since an access, within the 194 days after which the clock wraps. */
export function idleMs(access: number, nowMs: number): number {
  return ((lruClock(nowMs) - access) & LRU_MASK) * 1000
}

function minutes(nowMs: number): number {
  return Math.floor(nowMs / 60000) & 0xffff
}

/** The access bits of a new key under LFU. */
export function newLfu(nowMs: number): number {
  return (minutes(nowMs) << 8) | LFU_INITIAL
}

/** The LRU clock of a key that was last used so many seconds ago. */
export function lruAfterIdle(idleSeconds: number, nowMs: number): number {
  return (lruClock(nowMs) - Math.min(idleSeconds, LRU_MASK)) & LRU_MASK
}

/** The access bits of a key with a counter given. */
export function lfuWithCounter(counter: number, nowMs: number): number {
  return (minutes(nowMs) << 8) | counter
}

/** The counter after the decay that is due: one step for every `decayMinutes` without access. */
export function decayedLfu(access: number, nowMs: number, decayMinutes: number): number {
  const counter = access & 0xff
  if (decayMinutes === 0) return counter
  const elapsed = (minutes(nowMs) - (access >>> 8)) & 0xffff
  return Math.max(0, counter - Math.floor(elapsed / decayMinutes))
}

/** The access bits after one more access: the counter grows the more rarely the higher it is. */
export function touchedLfu(
  access: number,
  nowMs: number,
  decayMinutes: number,
  logFactor: number,
  random: Random,
): number {
  let counter = decayedLfu(access, nowMs, decayMinutes)
  if (counter < LFU_MAX) {
    const above = Math.max(0, counter - LFU_INITIAL)
    if (random.fraction() < 1 / (above * logFactor + 1)) counter++
  }
  return (minutes(nowMs) << 8) | counter
}
