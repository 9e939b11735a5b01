/**
 * What is measured beside the embedded store, each behind the same few operations: a contender
 * opens a session in some thread, and a session has those operations that the thing can do.
 */
import { Random } from '../../../platform/random.ts'

/** The commands that are compared, by Redis's names; `lrange` is of ten elements. */
export const OPERATIONS = ['get', 'set', 'incr', 'hset', 'hget', 'lpush', 'lrange', 'zadd'] as const
export type OperationName = (typeof OPERATIONS)[number]

/** `memory` keeps nothing, `disk` survives the process. */
export type Mode = 'memory' | 'disk'

/** Does one operation with the words of a draw, which is a number below DRAWS. */
export type Operation = (draw: number) => unknown

export interface Session {
  readonly operations: Partial<Record<OperationName, Operation>>
  /** Whether operations answer promises. */
  readonly isAsync: boolean
  /** How many promises are waited for together. */
  readonly concurrency: number
  /** Waits until what was done is as safe as it is going to be. */
  settle?(): Promise<unknown>
  close(): unknown
}

/** What a session is about; it can be passed to a thread. */
export interface Work {
  readonly mode: Mode
  /** Where a contender may keep files; shared by its threads. */
  readonly folder: string
  readonly keyCount: number
  readonly valueBytes: number
  /** What keys are drawn by. */
  readonly seed: number
}

/** A power of two of keys drawn beforehand, which are gone through over and over. */
export const DRAWS = 2 ** 16

/**
 * The words that all contenders work on. Those of the draws lie one behind the other in memory, and
 * are other strings than those that a contender was filled with: a program too has just made the
 * key that it asks for, and does not hold every key a second time beside the store.
 */
export interface Words {
  /** All keys, to fill a contender with. */
  readonly keys: readonly string[]
  readonly fields: readonly string[]
  readonly value: string
  /** Of each draw the number of the key, and its words. */
  readonly numbers: Uint32Array
  readonly drawnKeys: readonly string[]
  readonly drawnCounters: readonly string[]
  readonly drawnHashes: readonly string[]
  readonly drawnFields: readonly string[]
}

/** The elements of the list that `lrange` reads. */
export const LIST_KEY = 'list:read'
export const LIST_LENGTH = 1000
export const RANGE_LENGTH = 10
/** Lists that `lpush` fills, so that none becomes endless. */
export const LISTS = 1000
/** Hashes have so many fields. */
const HASH_FIELDS = 16

export function wordsOf({ keyCount, valueBytes, seed }: Work): Words {
  const random = new Random(seed)
  const numbers = Uint32Array.from({ length: DRAWS }, () => random.below(keyCount))
  const fields = Array.from({ length: HASH_FIELDS }, (_, i) => `field${i}`)
  const drawn = (word: (number: number) => string) => Array.from(numbers, word)
  return {
    keys: Array.from({ length: keyCount }, (_, i) => keyOf(i)),
    fields,
    value: 'x'.repeat(valueBytes),
    numbers,
    drawnKeys: drawn(keyOf),
    drawnCounters: drawn((number) => flat(`counter:${keyOf(number)}`)),
    drawnHashes: drawn(hashOf),
    drawnFields: drawn((number) => fields[fieldOf(number)]!),
  }
}

/** The fields of the keys are divided among hashes. */
export function hashOf(number: number): string {
  return flat(`hash:${keyOf(Math.floor(number / HASH_FIELDS))}`)
}

export function fieldOf(number: number): number {
  return number % HASH_FIELDS
}

function keyOf(number: number): string {
  return flat(`key:${String(number).padStart(12, '0')}`)
}

/** The same text in one piece: V8 keeps what was put together as pieces until it is read. */
function flat(text: string): string {
  return Buffer.from(text, 'latin1').toString('latin1')
}
