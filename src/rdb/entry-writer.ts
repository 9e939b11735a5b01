/**
 * What stands around the values of an RDB file: its head and tail, the databases, and before each
 * value its expiry time, how much its key is used, its type and the key.
 *
 * | part       | layout                                                                           |
 * |------------|----------------------------------------------------------------------------------|
 * | head       | "REDIS", four digits of the version; aux fields: 250, name, value                |
 * | database   | 254, number; 251, count of keys, count of those that expire                      |
 * | key        | 252, Unix time in ms (8 bytes, only if it expires); 248, idle seconds (only under|
 * |            | an LRU policy) or 249, LFU counter (1 byte, only under an LFU policy);           |
 * |            | type (1 byte), key, value                                                        |
 * | tail       | 255, CRC-64 of everything before it (8 bytes, little endian; 0: none)            |
 */
import type { Address } from '../arena/arena.ts'
import type { Crc64 } from '../bytes/crc64.ts'
import { decayedLfu, idleMs } from '../keyspace/access.ts'
import {
  accessOf,
  bytesOf,
  exactExpireAtMsOf,
  expireAtMsOf,
  hasExpiry,
  keyLengthOf,
  keyOffsetOf,
  viewOf,
} from '../keyspace/entry.ts'
import type { Keyspace } from '../keyspace/keyspace.ts'
import {
  OPCODE_AUX,
  OPCODE_EOF,
  OPCODE_EXPIRETIME_MS,
  OPCODE_FREQ,
  OPCODE_IDLE,
  OPCODE_RESIZEDB,
  OPCODE_SELECTDB,
  RDB_VERSION_FIELD_EXPIRY,
} from './rdb-format.ts'
import type { RdbOutput } from './rdb-output.ts'
import { rdbTypeOf } from './value-writer.ts'

/** What is written of how much keys are used: as the maxmemory-policy is none, LRU or LFU. */
export const ACCESS_NONE = 0
export const ACCESS_LRU = 1
export const ACCESS_LFU = 2

/** The version that a file with all of a keyspace needs, the one asked for or a later one. */
export function rdbVersionFor(keyspace: Keyspace, version: number): number {
  // Only that of Redis 7.4 knows expiry times of fields.
  return keyspace.hashesWithFieldExpiry > 0 ? Math.max(version, RDB_VERSION_FIELD_EXPIRY) : version
}

/** The head of a file. @param aux names and values of aux fields, ASCII */
export function writeHeader(
  output: RdbOutput,
  version: number,
  aux: Iterable<readonly [name: string, value: string]>,
): void {
  for (const letter of `REDIS${String(version).padStart(4, '0')}`) {
    output.writeByte(letter.charCodeAt(0))
  }
  for (const [name, value] of aux) {
    output.writeByte(OPCODE_AUX)
    output.writeText(name)
    output.writeText(value)
  }
}

/** What goes before the keys of a database; the counts are hints for whoever loads it. */
export function writeSelectDatabase(
  output: RdbOutput,
  index: number,
  keys: number,
  expiring: number,
): void {
  output.writeByte(OPCODE_SELECTDB)
  output.writeLength(index)
  output.writeByte(OPCODE_RESIZEDB)
  output.writeLength(keys)
  output.writeLength(expiring)
}

/** The byte that ends the keys. The checksum covers it, too: see `writeChecksum`. */
export function writeEnd(output: RdbOutput): void {
  output.writeByte(OPCODE_EOF)
}

/** The checksum of all that was written; null if there is to be none. */
export function writeChecksum(output: RdbOutput, crc: Crc64 | null): void {
  output.reserve(8)
  if (crc === null) output.bytes.fill(0, output.length, output.length + 8)
  else crc.writeTo(output.bytes, output.length)
  output.length += 8
}

/** All that goes before an entry's value. @param access one of ACCESS_… */
export function writeEntryHead(
  output: RdbOutput,
  keyspace: Keyspace,
  entry: Address,
  access: number,
): void {
  const { arena } = keyspace
  if (hasExpiry(arena, entry)) {
    const atMs = expireAtMsOf(arena, entry)
    output.writeByte(OPCODE_EXPIRETIME_MS)
    const isSafe = Math.abs(atMs) <= Number.MAX_SAFE_INTEGER
    output.writeTime(isSafe ? atMs : exactExpireAtMsOf(arena, entry))
  }
  if (access !== ACCESS_NONE) writeAccess(output, keyspace, entry, access)
  output.writeByte(rdbTypeOf(keyspace, entry))
  const start = keyOffsetOf(arena, entry)
  output.writeString(bytesOf(arena, entry), viewOf(arena, entry), start, keyLengthOf(arena, entry))
}

function writeAccess(output: RdbOutput, keyspace: Keyspace, entry: Address, access: number): void {
  const bits = accessOf(keyspace.arena, entry)
  const { nowMs } = keyspace.clock
  if (access === ACCESS_LRU) {
    output.writeByte(OPCODE_IDLE)
    output.writeLength(Math.floor(idleMs(bits, nowMs) / 1000))
  } else {
    output.writeByte(OPCODE_FREQ)
    output.writeByte(decayedLfu(bits, nowMs, keyspace.lfuDecayMinutes))
  }
}
