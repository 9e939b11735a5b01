/** Directives about memory, eviction, the encodings of values and persistence. */
import {
  choice,
  integer,
  memory,
  type ParseContext,
  path,
  Refused,
  unsignedMemory,
  yesNo,
} from './directive.ts'
import { INT_MAX, INT_MIN, LONG_MAX, ULONG_MAX } from './number-syntax.ts'
import { SaveDirective } from './special.ts'

const MB = 1024 * 1024

/** There is nothing to defragment; a file may ask for it, since a client does not rely on that. */
function validateActiveDefrag(enabled: boolean, context: ParseContext): Refused | null {
  if (!enabled || context.fromFile) return null
  return new Refused(
    'Active defragmentation cannot be enabled: it requires a Redis server compiled with a ' +
      'modified Jemalloc like the one shipped by default with the Redis source distribution',
  )
}

function isBaseName(name: string): boolean {
  return !name.includes('/') && !name.includes('\\')
}

function validateDumpName(name: string): Refused | null {
  return isBaseName(name) ? null : new Refused("dbfilename can't be a path, just a filename")
}

function validateLogName(name: string): Refused | null {
  if (name === '') return new Refused("appendfilename can't be empty")
  return isBaseName(name) ? null : new Refused("appendfilename can't be a path, just a filename")
}

function validateLogDirectory(name: string): Refused | null {
  if (name === '') return new Refused("appenddirname can't be empty")
  return isBaseName(name) ? null : new Refused("appenddirname can't be a path, just a dirname")
}

export const dataDirectives = {
  maxmemory: unsignedMemory(0, 0, ULONG_MAX, { active: true }),
  'maxmemory-policy': choice(
    [
      'volatile-lru',
      'volatile-lfu',
      'volatile-random',
      'volatile-ttl',
      'allkeys-lru',
      'allkeys-lfu',
      'allkeys-random',
      'noeviction',
    ],
    'noeviction',
    { active: true },
  ),
  'maxmemory-samples': integer(5, 1, INT_MAX, { active: true }),
  'maxmemory-eviction-tenacity': integer(10, 0, 100, { active: true }),
  'lfu-log-factor': integer(10, 0, INT_MAX, { active: true }),
  'lfu-decay-time': integer(1, 0, INT_MAX, { active: true }),
  'lazyfree-lazy-eviction': yesNo('no', { debug: true, active: true }),
  'lazyfree-lazy-expire': yesNo('no', { debug: true, active: true }),
  'lazyfree-lazy-server-del': yesNo('no', { debug: true, active: true }),
  'lazyfree-lazy-user-del': yesNo('no', { debug: true }),
  'lazyfree-lazy-user-flush': yesNo('no', { debug: true }),
  'jemalloc-bg-thread': yesNo('yes'),
  activedefrag: yesNo('no', { debug: true }, validateActiveDefrag),
  'active-defrag-cycle-min': integer(1, 1, 99),
  'active-defrag-cycle-max': integer(25, 1, 99),
  'active-defrag-threshold-lower': integer(10, 0, 1000),
  'active-defrag-threshold-upper': integer(100, 0, 1000),
  'active-defrag-max-scan-fields': integer(1000, 1, LONG_MAX),
  'active-defrag-ignore-bytes': unsignedMemory(100 * MB, 1, LONG_MAX),

  'hash-max-listpack-entries': integer(512, 0, LONG_MAX, {
    unsigned: true,
    alias: 'hash-max-ziplist-entries',
    active: true,
  }),
  'hash-max-listpack-value': unsignedMemory(64, 0, LONG_MAX, {
    alias: 'hash-max-ziplist-value',
    active: true,
  }),
  'list-max-listpack-size': integer(-2, INT_MIN, INT_MAX, {
    active: true,
    alias: 'list-max-ziplist-size',
  }),
  'list-compress-depth': integer(0, 0, INT_MAX, { debug: true }),
  'set-max-intset-entries': integer(512, 0, LONG_MAX, { unsigned: true, active: true }),
  'set-max-listpack-entries': integer(128, 0, LONG_MAX, { unsigned: true, active: true }),
  'set-max-listpack-value': integer(64, 0, LONG_MAX, { unsigned: true, active: true }),
  'zset-max-listpack-entries': integer(128, 0, LONG_MAX, {
    unsigned: true,
    alias: 'zset-max-ziplist-entries',
    active: true,
  }),
  'zset-max-listpack-value': unsignedMemory(64, 0, LONG_MAX, {
    alias: 'zset-max-ziplist-value',
    active: true,
  }),
  'stream-node-max-bytes': unsignedMemory(4096, 0, LONG_MAX),
  'stream-node-max-entries': integer(100, 0, LONG_MAX),
  'hll-sparse-max-bytes': unsignedMemory(3000, 0, LONG_MAX, { active: true }),

  save: new SaveDirective({ active: true }),
  dbfilename: path('dump.rdb', { protected: true, active: true }, validateDumpName),
  'rdb-version': integer(11, 10, 11, { active: true }),
  rdbcompression: yesNo('yes', { active: true }),
  rdbchecksum: yesNo('yes', { immutable: true, active: true }),
  'rdb-del-sync-files': yesNo('no'),
  'rdb-save-incremental-fsync': yesNo('yes'),
  'rdb-key-save-delay': integer(0, INT_MIN, INT_MAX, { hidden: true }),
  'loading-process-events-interval-bytes': integer(2 * MB, 1024, INT_MAX, { hidden: true }),
  'sanitize-dump-payload': choice(['no', 'yes', 'clients'], 'no', { debug: true }),
  'stop-writes-on-bgsave-error': yesNo('yes', { active: true }),
  appendonly: yesNo('no', { active: true, deniedWhileLoading: true }),
  appendfilename: path('appendonly.aof', { immutable: true, active: true }, validateLogName),
  appenddirname: path('appendonlydir', { immutable: true, active: true }, validateLogDirectory),
  appendfsync: choice(['everysec', 'always', 'no'], 'everysec', { active: true }),
  'no-appendfsync-on-rewrite': yesNo('no', { active: true }),
  'auto-aof-rewrite-percentage': integer(100, 0, INT_MAX, { active: true }),
  'auto-aof-rewrite-min-size': memory(64 * MB, 0, LONG_MAX, { active: true }),
  'aof-load-truncated': yesNo('yes', { active: true }),
  'aof-use-rdb-preamble': yesNo('yes', { active: true }),
  'aof-timestamp-enabled': yesNo('no', { active: true }),
  'aof-checksums': yesNo('yes', { active: true }),
  'aof-rewrite-incremental-fsync': yesNo('yes'),
  'aof-disable-auto-gc': yesNo('no', { hidden: true }),
} as const
