/** The parts of DEBUG that look at keys, or make them. */
import { type Address, NULL } from '../../arena/arena.ts'
import { type DictStatistics, dictStatistics } from '../../arena/dict-statistics.ts'
import { isInteger64 } from '../../bytes/integers.ts'
import { fromLatin1, latin1 } from '../../bytes/text.ts'
import { idleMs } from '../../keyspace/access.ts'
import type { Database } from '../../keyspace/database.ts'
import { encodingName } from '../../keyspace/encoding-name.ts'
import { accessOf, NO_EXPIRY, TYPE_STRING, typeOf } from '../../keyspace/entry.ts'
import type { Keyspace } from '../../keyspace/keyspace.ts'
import { LABEL_AUTO, LABEL_RAW, StringValue } from '../../keyspace/string-value.ts'
import { Args } from '../../resp/args.ts'
import { integerWithin } from '../arguments.ts'
import type { Context } from '../context.ts'
import { CommandError, NO_SUCH_KEY, OUT_OF_MEMORY, outOfRange } from '../errors.ts'
import { hexDigits, keyspaceDigest, mixEntry, newDigest } from './digest.ts'

const NO_SUCH_DATABASE = new CommandError('ERR Out of range database')
const NO_HASH_TABLE = new CommandError(
  'ERR The value stored at the specified key is not represented using an hash table',
)
const NOT_POSITIVE = outOfRange('must be positive')

export function digestAll({ server, reply }: Context): void {
  reply.simple(hexDigits(keyspaceDigest(server.keyspace)))
}

export function digestValues({ server, db, args, reply }: Context): void {
  reply.array(args.count - 2)
  for (let i = 2; i < args.count; i++) {
    const digest = newDigest()
    const entry = db.find(args, i)
    if (entry !== NULL) mixEntry(digest, server.keyspace, entry)
    reply.simple(hexDigits(digest))
  }
}

const value = new StringValue()

/** DEBUG OBJECT, in the form of Redis 7.2. */
export function describeObject({ server, db, args, reply }: Context): void {
  const entry = db.find(args, 2)
  if (entry === NULL) throw NO_SUCH_KEY
  const { keyspace } = server
  const { arena } = keyspace
  const access = accessOf(arena, entry)
  const idleSeconds = idleMs(access, server.clock.nowMs) / 1000
  reply.simple(
    `Value at:0x${(entry >>> 0).toString(16)} refcount:1 ` +
      `encoding:${encodingName(keyspace, entry)} ` +
      `serializedlength:${savedBytes(keyspace, entry)} ` +
      `lru:${access & 0xffffff} lru_seconds_idle:${idleSeconds}`,
  )
}

/** Strings up to this many bytes are saved as an integer where they are one. */
const INTEGER_TEXT_MAX_BYTES = 11

/** Bytes of a string as an RDB file has it, uncompressed; of a collection, those that it takes. */
function savedBytes({ arena, collections }: Keyspace, entry: Address): number {
  if (typeOf(arena, entry) !== TYPE_STRING) return collections.at(entry).usedBytes
  value.locate(arena, entry)
  const { bytes, start, end, length } = value
  if (length <= INTEGER_TEXT_MAX_BYTES && isInteger64(bytes, start, end)) {
    const number = Number(latin1(bytes, start, end))
    if (number >= -128 && number <= 127) return 2
    if (number >= -32768 && number <= 32767) return 3
    if (number >= -2147483648 && number <= 2147483647) return 5
  }
  if (length < 64) return length + 1
  return length < 16384 ? length + 2 : length + 5
}

/** The request whose argument 0 is `prefix:index`, in memory used again; the prefix is there. */
function keyArguments(prefix: Uint8Array, index: number, buffer: Args): Args {
  const digits = String(index)
  let end = prefix.length
  const { bytes } = buffer
  bytes[end++] = 0x3a
  for (let i = 0; i < digits.length; i++) bytes[end++] = digits.charCodeAt(i)
  buffer.count = 0
  buffer.push(0, end)
  return buffer
}

/** Room for a colon and an index. */
const SUFFIX_BYTES = 24

/** DEBUG POPULATE: existing keys stay as they are. */
export function populate(context: Context): void {
  const { db, args, reply } = context
  const positive = (index: number): number =>
    integerWithin(args, index, 0, Number.MAX_SAFE_INTEGER, NOT_POSITIVE)
  const count = positive(2)
  const size = args.count === 5 ? positive(4) : 0
  const prefix = args.count === 3 ? fromLatin1('key') : args.copy(3)
  const request = new Args(new Uint8Array(prefix.length + SUFFIX_BYTES))
  request.bytes.set(prefix)
  for (let i = 0; i < count; i++) {
    keyArguments(prefix, i, request)
    if (db.find(request, 0) !== NULL) continue
    if (!addString(db, request, `value:${i}`, size)) throw OUT_OF_MEMORY
  }
  reply.ok()
}

/** Stores the text, cut or filled up with zero bytes to `size` bytes unless that is 0. */
function addString(db: Database, request: Args, text: string, size: number): boolean {
  const bytes = Buffer.alloc(size === 0 ? text.length : size)
  bytes.write(text, 'latin1')
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const label = size === 0 ? LABEL_AUTO : LABEL_RAW
  return db.setString(request, 0, bytes, view, 0, bytes.length, NO_EXPIRY, label)
}

const SLOT_BYTES = 5

function tableReport(title: string, bytes: number, count: number): string {
  const lines = [`[${title} HT]`, 'Hash table 0 stats (main hash table):']
  if (count === 0) return `${lines.join('\n')}\nNo stats available for empty dictionaries\n`
  lines.push(` table size: ${Math.floor(bytes / SLOT_BYTES)}`)
  lines.push(` number of elements: ${count}`)
  return `${lines.join('\n')}\n`
}

/** DEBUG HTSTATS: keys that expire are in the same tables as all others. */
export function hashTables({ server, args, reply }: Context): void {
  const index = integerWithin(args, 2, Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER)
  const database = server.keyspace.databases[index]
  if (database === undefined) throw NO_SUCH_DATABASE
  const { indexBytes, count, expiring } = database
  reply.verbatim(
    'txt',
    tableReport('Dictionary', indexBytes, count) + tableReport('Expires', indexBytes, expiring),
  )
}

/** DEBUG HTSTATS-KEY: the tables of a large hash or set, or of the index of a large sorted set. */
export function hashTableOfKey({ db, server, args, reply }: Context): void {
  const entry: Address = db.find(args, 2)
  if (entry === NULL) throw NO_SUCH_KEY
  const { arena, collections } = server.keyspace
  const isCollection = typeOf(arena, entry) !== TYPE_STRING
  const root = isCollection ? collections.at(entry).dictRoot : NULL
  if (root === NULL) throw NO_HASH_TABLE
  const statistics = dictStatistics(arena, root)
  const lines = ['Hash table 0 stats (main hash table):']
  if (statistics.entries === 0) {
    lines.push('No stats available for empty dictionaries')
  } else {
    lines.push(` table size: ${statistics.slots}`, ` number of elements: ${statistics.entries}`)
    if (args.count > 3 && args.is(3, 'full')) lines.push(...groupReport(statistics))
  }
  reply.verbatim('txt', `${lines.join('\n')}\n`)
}

/** What Redis tells of chains, told of groups. */
function groupReport({ entries, groups }: DictStatistics): string[] {
  const total = groups.reduce((sum, count) => sum + count, 0)
  const used = total - groups[0]!
  const longest = groups.findLastIndex((count) => count > 0)
  const average = (entries / used).toFixed(2)
  const distribution = groups.flatMap((count, length) =>
    count === 0 ? [] : [`   ${length}: ${count} (${((count / total) * 100).toFixed(2)}%)`],
  )
  return [
    ` different slots: ${used}`,
    ` max chain length: ${longest}`,
    ` avg chain length (counted): ${average}`,
    ` avg chain length (computed): ${average}`,
    ' Chain length distribution:',
    ...distribution,
  ]
}
