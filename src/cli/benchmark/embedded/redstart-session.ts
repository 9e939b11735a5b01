/** Redstart's own store as a contender: synchronous in its thread, by a port in others. */
import type { MessagePort } from 'node:worker_threads'
import { attach } from '../../../embedded/attach.ts'
import { open } from '../../../embedded/open.ts'
import type { Store } from '../../../embedded/store.ts'
import {
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
  for (let i = 0; i < keys.length; i++) {
    store.set(keys[i]!, value)
    store.hset(`hash:${keys[i >> 4]!}`, fields[i & 15]!, value)
  }
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
  const { keys, fields, value } = wordsOf(work)
  const hashes = keys.slice(0, (keys.length >> 4) + 1).map((key) => `hash:${key}`)
  const counters = keys.map((key) => `counter:${key}`)
  const lists = Array.from({ length: LISTS }, (_, i) => `list:${i}`)
  return {
    get: (key) => store.get(keys[key]!),
    set: (key) => store.set(keys[key]!, value),
    incr: (key) => store.incr(counters[key]!),
    hset: (key) => store.hset(hashes[key >> 4]!, fields[key & 15]!, value),
    hget: (key) => store.hget(hashes[key >> 4]!, fields[key & 15]!),
    lpush: (key) => store.lpush(lists[key % LISTS]!, value),
    lrange: (key) => {
      const start = key % (LIST_LENGTH - RANGE_LENGTH)
      return store.lrange(LIST_KEY, start, start + RANGE_LENGTH - 1)
    },
    zadd: (key) => store.zadd('zset', key, keys[key]!),
  }
}
