/** DUMP and RESTORE: a value as bytes that any Redis of the same version understands. */
import { type Address, NULL } from '../../arena/arena.ts'
import type { Database } from '../../keyspace/database.ts'
import { NO_EXPIRY } from '../../keyspace/entry.ts'
import type { Keyspace } from '../../keyspace/keyspace.ts'
import { DumpPayload } from '../../rdb/dump-payload.ts'
import { setLoadedAccess } from '../../rdb/loaded-entry.ts'
import { RdbError, RdbMemoryError } from '../../rdb/rdb-error.ts'
import * as format from '../../rdb/rdb-format.ts'
import type { RdbOutput } from '../../rdb/rdb-output.ts'
import type { Args } from '../../resp/args.ts'
import { integer64 } from '../arguments.ts'
import { command, integer, key, string, token } from '../command.ts'
import type { Context, Server } from '../context.ts'
import { CommandError, OUT_OF_MEMORY, SYNTAX_ERROR } from '../errors.ts'

const BUSY_KEY = new CommandError('BUSYKEY Target key name already exists.')
const INVALID_TTL = new CommandError('ERR Invalid TTL value, must be >= 0')
const INVALID_IDLE_TIME = new CommandError('ERR Invalid IDLETIME value, must be >= 0')
const INVALID_FREQUENCY = new CommandError('ERR Invalid FREQ value, must be >= 0 and <= 255')
const WRONG_PAYLOAD = new CommandError('ERR DUMP payload version or checksum are wrong')
const BAD_FORMAT = new CommandError('ERR Bad data format')

const NOT_GIVEN = -1

/** What RDB types that hold a whole collection in one string are called in the log. */
const ENCODINGS: ReadonlyMap<number, string> = new Map([
  [format.RDB_HASH_ZIPMAP, 'Zipmap'],
  [format.RDB_HASH_ZIPLIST, 'Hash ziplist'],
  [format.RDB_HASH_LISTPACK, 'Hash listpack'],
  [format.RDB_LIST_ZIPLIST, 'List ziplist'],
  [format.RDB_LIST_QUICKLIST, 'List ziplist'],
  [format.RDB_LIST_QUICKLIST_2, 'List listpack'],
  [format.RDB_SET_INTSET, 'Intset'],
  [format.RDB_SET_LISTPACK, 'Set listpack'],
  [format.RDB_ZSET_ZIPLIST, 'Zset ziplist'],
  [format.RDB_ZSET_LISTPACK, 'Zset listpack'],
])

const payloads = new WeakMap<Keyspace, DumpPayload>()

function payloadOf(keyspace: Keyspace): DumpPayload {
  let payload = payloads.get(keyspace)
  if (payload === undefined) {
    payload = new DumpPayload(keyspace)
    payloads.set(keyspace, payload)
  }
  return payload
}

/** The value of an entry as DUMP answers it. @returns where it is, valid until the next call */
export function dumped({ config }: Server, { keyspace }: Database, entry: Address): RdbOutput {
  const compress = config.get('rdbcompression')
  return payloadOf(keyspace).write(entry, config.get('rdb-version'), compress)
}

export const dump = command({
  name: 'DUMP',
  group: 'generic',
  since: '2.6.0',
  complexity: 'O(N) in the size of the value.',
  summary: 'Returns the value of a key as bytes that RESTORE takes.',
  arity: 2,
  flags: ['readonly'],
  categories: ['keyspace'],
  keys: [{ begin: 1, access: 'RO', intent: 'access' }],
  tips: ['nondeterministic_output'],
  args: [key('key')],
  run({ db, args, reply, server }) {
    const entry = db.findForRead(args, 1)
    if (entry === NULL) return reply.nil()
    const output = dumped(server, db, entry)
    reply.bulk(output.bytes, output.view, 0, output.length)
  },
})

interface Options {
  replace: boolean
  absolute: boolean
  idleSeconds: number
  frequency: number
}

function parseOptions(args: Args): Options {
  const options = {
    replace: false,
    absolute: false,
    idleSeconds: NOT_GIVEN,
    frequency: NOT_GIVEN,
  }
  for (let i = 4; i < args.count; i++) {
    const hasMore = i + 1 < args.count
    if (args.is(i, 'replace')) {
      options.replace = true
    } else if (args.is(i, 'absttl')) {
      options.absolute = true
    } else if (args.is(i, 'idletime') && hasMore && options.frequency === NOT_GIVEN) {
      options.idleSeconds = Number(integer64(args, ++i))
      if (options.idleSeconds < 0) throw INVALID_IDLE_TIME
    } else if (args.is(i, 'freq') && hasMore && options.idleSeconds === NOT_GIVEN) {
      options.frequency = Number(integer64(args, ++i))
      if (options.frequency < 0 || options.frequency > 255) throw INVALID_FREQUENCY
    } else {
      throw SYNTAX_ERROR
    }
  }
  return options
}

/** When the key is to expire: NO_EXPIRY for a TTL of 0. Beyond 64 bits it wraps, as in Redis. */
function expiryOf(ttl: number | bigint, absolute: boolean, nowMs: number): number | bigint {
  if (Number(ttl) === 0) return NO_EXPIRY
  if (absolute) return ttl
  const at = BigInt.asIntN(64, BigInt(ttl) + BigInt(nowMs))
  const asNumber = Number(at)
  return Number.isSafeInteger(asNumber) ? asNumber : at
}

export const restore = command({
  name: 'RESTORE',
  group: 'generic',
  since: '2.6.0',
  complexity: 'O(N) in the size of the value; O(N*log(N)) for a sorted set.',
  summary: 'Makes a key of the bytes that DUMP has given.',
  history: [
    ['3.0.0', 'Added the `REPLACE` option.'],
    ['5.0.0', 'Added the `ABSTTL` option.'],
    ['5.0.0', 'Added the `IDLETIME` and `FREQ` options.'],
  ],
  arity: -4,
  flags: ['write', 'denyoom'],
  categories: ['keyspace', 'dangerous'],
  keys: [{ begin: 1, access: 'OW', intent: 'update' }],
  args: [
    key('key'),
    integer('ttl'),
    string('serialized-value'),
    token('REPLACE', { optional: true, since: '3.0.0' }),
    token('ABSTTL', { optional: true, since: '5.0.0' }),
    integer('seconds', { token: 'IDLETIME', optional: true, since: '5.0.0' }),
    integer('frequency', { token: 'FREQ', optional: true, since: '5.0.0' }),
  ],
  run(context) {
    const { db, args, reply, server } = context
    const options = parseOptions(args)
    if (!options.replace && db.findForWrite(args, 1) !== NULL) throw BUSY_KEY
    const ttl = integer64(args, 2)
    if (ttl < 0) throw INVALID_TTL
    const payload = load(context)

    const expireAtMs = expiryOf(ttl, options.absolute, server.clock.nowMs)
    if (expireAtMs !== NO_EXPIRY && db.keyspace.isPast(expireAtMs)) {
      payload.drop()
      if (options.replace && db.findForWrite(args, 1) !== NULL) removeFound(context)
      return reply.ok()
    }

    const entry = payload.newEntry(db, args, 1, expireAtMs)
    if (entry === NULL) throw OUT_OF_MEMORY
    setLoadedAccess(db.keyspace, entry, options.idleSeconds, options.frequency)
    db.findForWrite(args, 1)
    const isReplaced = db.found !== NULL
    if (!db.placeEntry(entry)) throw OUT_OF_MEMORY
    if (isReplaced) context.notify(1, 'new')
    context.touched(1, 'restore')
    if (expireAtMs !== NO_EXPIRY && !options.absolute) propagateAbsolute(context, expireAtMs)
    reply.ok()
  },
})

/** Checks the payload and builds its value. */
function load({ args, db, server }: Context): DumpPayload {
  const payload = payloadOf(db.keyspace)
  const start = args.starts[3]!
  const end = args.ends[3]!
  if (!payload.isWhole(args.bytes, start, end, server.skipsChecksums)) throw WRONG_PAYLOAD
  try {
    if (payload.load(args.bytes, args.view, start, end)) return payload
  } catch (error) {
    if (error instanceof RdbMemoryError) throw OUT_OF_MEMORY
    if (!(error instanceof RdbError)) throw error
    const what = `${ENCODINGS.get(args.bytes[start]) ?? 'Payload'} integrity check failed`
    server.log('warning', `RESTORE: ${what}: ${error.message}, at offset ${error.offset}`)
    throw BAD_FORMAT
  }
  server.log('warning', 'RESTORE: integrity check failed: the value is an empty collection')
  throw BAD_FORMAT
}

/** The key was to be replaced by one whose time has passed. */
function removeFound(context: Context): void {
  const { args, db, server } = context
  db.removeFound()
  context.touched(1, 'del')
  const byUnlink = server.config.get('lazyfree-lazy-server-del')
  context.propagate(byUnlink ? 'UNLINK' : 'DEL', args.slice(1))
}

/** In the log the time is told as such: it must not begin anew when the log is replayed. */
function propagateAbsolute(context: Context, expireAtMs: number | bigint): void {
  if (!context.propagates) return
  const { args } = context
  const words: (Uint8Array | string | number | bigint)[] = ['RESTORE', args.slice(1), expireAtMs]
  for (let i = 3; i < args.count; i++) words.push(args.slice(i))
  context.propagate(...words, 'ABSTTL')
}
