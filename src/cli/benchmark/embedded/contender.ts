/**
 * What is measured beside the embedded store, each behind the same few operations: a contender
 * opens a session in some thread, and a session has those operations that the thing can do.
 */

/** The commands that are compared, by Redis's names; `lrange` is of ten elements. */
export const OPERATIONS = ['get', 'set', 'incr', 'hset', 'hget', 'lpush', 'lrange', 'zadd'] as const
export type OperationName = (typeof OPERATIONS)[number]

/** `memory` keeps nothing, `disk` survives the process. */
export type Mode = 'memory' | 'disk'

/** Does one operation with the key of this number. */
export type Operation = (key: number) => unknown

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
}

/** The words that all contenders work on, made beforehand. */
export interface Words {
  readonly keys: readonly string[]
  readonly fields: readonly string[]
  readonly value: string
}

/** The elements of the list that `lrange` reads. */
export const LIST_KEY = 'list:read'
export const LIST_LENGTH = 1000
export const RANGE_LENGTH = 10
/** Lists that `lpush` fills, so that none becomes endless. */
export const LISTS = 1000
/** Hashes have so many fields. */
export const HASH_FIELDS = 16

export function wordsOf({ keyCount, valueBytes }: Work): Words {
  const twelve = (number: number) => String(number).padStart(12, '0')
  return {
    keys: Array.from({ length: keyCount }, (_, i) => `key:${twelve(i)}`),
    fields: Array.from({ length: HASH_FIELDS }, (_, i) => `field${i}`),
    value: 'x'.repeat(valueBytes),
  }
}
