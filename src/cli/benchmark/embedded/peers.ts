/**
 * What the store is compared with: JavaScript's own Map, two caches, and two databases that are
 * embedded as native addons. None of them is Redstart's dependency: they are found in the user's
 * project, in a folder that was named, or in bench/embedded, and left out where they are not.
 */
import { createRequire } from 'node:module'
import nodePath from 'node:path'
import { pathToFileURL } from 'node:url'
import { fieldOf, hashOf, type Mode, type Session, type Work, wordsOf } from './contender.ts'

export interface Peer {
  readonly name: string
  /** The package; null for what JavaScript has itself. */
  readonly packageName: string | null
  readonly modes: readonly Mode[]
  /** Whether threads see the same data in this mode, or each its own copy. */
  sharesData(mode: Mode): boolean
  open(module: unknown, work: Work): Promise<Session>
}

const inMemory = { modes: ['memory'] as const, sharesData: () => false }

const map: Peer = {
  name: 'Map',
  packageName: null,
  ...inMemory,
  async open(_module, work) {
    const strings = new Map<string, string>()
    const counters = new Map<string, number>()
    const { drawnCounters, drawnKeys, keys, value } = wordsOf(work)
    for (const key of keys) strings.set(key, value)
    return {
      operations: {
        get: (draw) => strings.get(drawnKeys[draw]!),
        set: (draw) => strings.set(drawnKeys[draw]!, value),
        incr: (draw) => {
          const counter = drawnCounters[draw]!
          return counters.set(counter, (counters.get(counter) ?? 0) + 1)
        },
      },
      isAsync: false,
      concurrency: 1,
      close: () => strings.clear(),
    }
  },
}

interface LruCacheModule {
  LRUCache: new (options: { max: number }) => Map<string, string | number>
}

const lruCache: Peer = {
  name: 'lru-cache',
  packageName: 'lru-cache',
  ...inMemory,
  async open(module, work) {
    const { LRUCache } = module as LruCacheModule
    const { drawnCounters, drawnKeys, keys, value } = wordsOf(work)
    const cache = new LRUCache({ max: 2 * keys.length })
    const counters = new LRUCache({ max: 2 * keys.length })
    for (const key of keys) cache.set(key, value)
    return {
      operations: {
        get: (draw) => cache.get(drawnKeys[draw]!),
        set: (draw) => cache.set(drawnKeys[draw]!, value),
        incr: (draw) => {
          const counter = drawnCounters[draw]!
          return counters.set(counter, Number(counters.get(counter) ?? 0) + 1)
        },
      },
      isAsync: false,
      concurrency: 1,
      close: () => cache.clear(),
    }
  },
}

interface KeyvModule {
  Keyv: new () => {
    get(key: string): Promise<unknown>
    set(key: string, value: string): Promise<unknown>
  }
}

const keyv: Peer = {
  name: 'keyv',
  packageName: 'keyv',
  ...inMemory,
  async open(module, work) {
    const { Keyv } = module as KeyvModule
    const cache = new Keyv()
    const { drawnKeys, keys, value } = wordsOf(work)
    for (const key of keys) await cache.set(key, value)
    return {
      operations: {
        get: (draw) => cache.get(drawnKeys[draw]!),
        set: (draw) => cache.set(drawnKeys[draw]!, value),
      },
      isAsync: true,
      concurrency: 1,
      close: () => {},
    }
  },
}

type LmdbKey = string | string[]

interface LmdbModule {
  open(options: { path: string; noSync?: boolean; mapSize?: number }): {
    get(key: LmdbKey): unknown
    put(key: LmdbKey, value: unknown): Promise<boolean>
    putSync(key: LmdbKey, value: unknown): boolean
    transactionSync(run: () => void): void
    flushed: Promise<unknown>
    close(): Promise<void>
  }
}

/**
 * In memory mode commits are not synced, so that the page cache holds the data. In disk mode `put`
 * gathers writes into commits that a thread of its own syncs; INCR needs the value at once, so
 * each is a commit.
 */
const lmdb: Peer = {
  name: 'lmdb',
  packageName: 'lmdb',
  modes: ['memory', 'disk'],
  sharesData: () => true,
  async open(module, work) {
    const { drawnCounters, drawnFields, drawnHashes, drawnKeys, ...words } = wordsOf(work)
    const { fields, keys, value } = words
    const noSync = work.mode === 'memory'
    const path = nodePath.join(work.folder, 'lmdb')
    const db = (module as LmdbModule).open({ path, noSync, mapSize: 2 ** 32 })
    const drawnPairs = drawnHashes.map((hash, i) => [hash, drawnFields[i]!])
    const put = noSync
      ? (key: LmdbKey, what: unknown) => db.putSync(key, what)
      : (key: LmdbKey, what: unknown) => void db.put(key, what)
    if (db.get(keys.at(-1)!) === undefined) {
      db.transactionSync(() => {
        keys.forEach((key, i) => {
          db.putSync(key, value)
          db.putSync([hashOf(i), fields[fieldOf(i)]!], value)
        })
      })
    }
    return {
      operations: {
        get: (draw) => db.get(drawnKeys[draw]!),
        set: (draw) => put(drawnKeys[draw]!, value),
        incr: (draw) => {
          const counter = drawnCounters[draw]!
          db.transactionSync(() => {
            db.putSync(counter, Number(db.get(counter) ?? 0) + 1)
          })
        },
        hset: (draw) => put(drawnPairs[draw]!, value),
        hget: (draw) => db.get(drawnPairs[draw]!),
      },
      isAsync: false,
      concurrency: 1,
      settle: () => (noSync ? Promise.resolve() : db.flushed),
      close: () => db.close(),
    }
  },
}

interface Statement {
  run(...values: unknown[]): unknown
  get(...values: unknown[]): unknown
}

interface SqliteModule {
  default: new (
    path: string,
  ) => {
    pragma(text: string): unknown
    exec(text: string): unknown
    prepare(text: string): Statement
    transaction(run: () => void): () => void
    close(): void
  }
}

const SCHEMA = `
create table if not exists strings (key text primary key, value) without rowid;
create table if not exists hashes (key text, field text, value, primary key (key, field))
  without rowid;
create table if not exists zset (member text primary key, score real) without rowid;
create index if not exists by_score on zset (score);
`

/** Each operation is a transaction. On disk: a write-ahead log, synced at its checkpoints. */
const betterSqlite3: Peer = {
  name: 'better-sqlite3',
  packageName: 'better-sqlite3',
  modes: ['memory', 'disk'],
  sharesData: (mode) => mode === 'disk',
  async open(module, work) {
    const { drawnCounters, drawnFields, drawnHashes, drawnKeys, ...words } = wordsOf(work)
    const { fields, keys, numbers, value } = words
    const isMemory = work.mode === 'memory'
    const path = isMemory ? ':memory:' : nodePath.join(work.folder, 'sqlite.db')
    const db = new (module as SqliteModule).default(path)
    db.pragma('busy_timeout = 10000')
    db.pragma(isMemory ? 'journal_mode = MEMORY' : 'journal_mode = WAL')
    db.pragma('synchronous = NORMAL')
    db.exec(SCHEMA)
    const set = db.prepare('insert or replace into strings values (?, ?)')
    const get = db.prepare('select value from strings where key = ?')
    const incr = db.prepare(
      'insert into strings values (?, 1) on conflict (key) do update set value = value + 1 ' +
        'returning value',
    )
    const hset = db.prepare('insert or replace into hashes values (?, ?, ?)')
    const hget = db.prepare('select value from hashes where key = ? and field = ?')
    const zadd = db.prepare(
      'insert into zset values (?, ?) on conflict (member) do update set score = excluded.score',
    )
    if (get.get(keys.at(-1)) === undefined) {
      db.transaction(() => {
        keys.forEach((key, i) => {
          set.run(key, value)
          hset.run(hashOf(i), fields[fieldOf(i)], value)
        })
      })()
    }
    return {
      operations: {
        get: (draw) => get.get(drawnKeys[draw]),
        set: (draw) => set.run(drawnKeys[draw], value),
        incr: (draw) => incr.get(drawnCounters[draw]),
        hset: (draw) => hset.run(drawnHashes[draw], drawnFields[draw], value),
        hget: (draw) => hget.get(drawnHashes[draw], drawnFields[draw]),
        zadd: (draw) => zadd.run(drawnKeys[draw], numbers[draw]),
      },
      isAsync: false,
      concurrency: 1,
      close: () => db.close(),
    }
  },
}

export const PEERS: readonly Peer[] = [map, lruCache, keyv, lmdb, betterSqlite3]

/** A peer's package, and where it was found. */
export interface FoundPeer {
  readonly name: string
  /** The file of the package, or null for what needs none. */
  readonly file: string | null
  readonly version: string
}

/** Looks for a peer in folders with a `node_modules`. Undefined if it is in none. */
export function findPeer(peer: Peer, folders: readonly string[]): FoundPeer | undefined {
  const { name, packageName } = peer
  if (packageName === null) return { name, file: null, version: process.version }
  for (const folder of folders) {
    const require = createRequire(nodePath.join(nodePath.resolve(folder), 'package.json'))
    try {
      const file = require.resolve(packageName)
      return { name, file, version: versionOf(require, packageName) }
    } catch {
      // Not in this folder; there may be another.
    }
  }
  return undefined
}

function versionOf(require: NodeJS.Require, packageName: string): string {
  try {
    return (require(`${packageName}/package.json`) as { version: string }).version
  } catch {
    // Some packages do not let others read their manifest.
    return ''
  }
}

/** Opens a session with a peer that was found. */
export async function openPeer(found: FoundPeer, work: Work): Promise<Session> {
  const peer = PEERS.find(({ name }) => name === found.name)!
  const module = found.file === null ? null : await import(pathToFileURL(found.file).href)
  return peer.open(module, work)
}
