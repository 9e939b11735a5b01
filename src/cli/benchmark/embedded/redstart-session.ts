/** Redstart's own store as a contender: synchronous in its thread, by a port in others. */
import type { MessagePort } from 'node:worker_threads'
import { attach } from '../../../embedded/attach.ts'
import { open } from '../../../embedded/open.ts'
import type { Store } from '../../../embedded/store.ts'
import {
  fieldOf,
  hashOf,
  LIST_KEY,
  LIST_LENGTH,
  LISTS,
  type Operation,
  type OperationName,
  RANGE_LENGTH,
  type Session,
  type Work,
  wordsOf,
} from './contender.ts'

/** Calls that a thread has under way at a time; what is called in one turn travels together. */
const CALLS_UNDER_WAY = 64

/** The methods that are measured, of a store or of what is attached to one. */
interface Face {
  get(key: string): unknown
  set(key: string, value: string): unknown
  incr(key: string): unknown
  hset(key: string, field: string, value: string): unknown
  hget(key: string, field: string): unknown
  lpush(key: string, value: string): unknown
  lrange(key: string, start: number, stop: number): unknown
  zadd(key: string, score: number, member: string): unknown
}

export function openStore({ mode, folder }: Work): Promise<Store> {
  return open(mode === 'disk' ? { dir: folder } : {})
}

/** Fills a store with what the operations are to find. */
export function fill(store: Store, work: Work): void {
  const { keys, fields, value } = wordsOf(work)
  keys.forEach((key, number) => {
    store.set(key, value)
    store.hset(hashOf(number), fields[fieldOf(number)]!, value)
  })
  store.del(LIST_KEY)
  for (let i = 0; i < LIST_LENGTH; i++) store.lpush(LIST_KEY, value)
}

export function storeSession(store: Store, work: Work): Session {
  return {
    operations: operationsOf(store as unknown as Face, work),
    isAsync: false,
    concurrency: 1,
    close: () => store.close(),
  }
}

export function portSession(port: MessagePort, work: Work): Session {
  const store = attach(port)
  return {
    operations: operationsOf(store as unknown as Face, work),
    isAsync: true,
    concurrency: CALLS_UNDER_WAY,
    close: () => store.close(),
  }
}

function operationsOf(store: Face, work: Work): Record<OperationName, Operation> {
  const { drawnCounters, drawnFields, drawnHashes, drawnKeys, numbers, value } = wordsOf(work)
  const lists = Array.from({ length: LISTS }, (_, i) => `list:${i}`)
  return {
    get: (draw) => store.get(drawnKeys[draw]!),
    set: (draw) => store.set(drawnKeys[draw]!, value),
    incr: (draw) => store.incr(drawnCounters[draw]!),
    hset: (draw) => store.hset(drawnHashes[draw]!, drawnFields[draw]!, value),
    hget: (draw) => store.hget(drawnHashes[draw]!, drawnFields[draw]!),
    lpush: (draw) => store.lpush(lists[numbers[draw]! % LISTS]!, value),
    lrange: (draw) => {
      const start = numbers[draw]! % (LIST_LENGTH - RANGE_LENGTH)
      return store.lrange(LIST_KEY, start, start + RANGE_LENGTH - 1)
    },
    zadd: (draw) => store.zadd('zset', numbers[draw]!, drawnKeys[draw]!),
  }
}
