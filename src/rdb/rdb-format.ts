/**
 * The numbers of the RDB format, as rdb.h of Redis 7.2 and 7.4 has them.
 *
 * A file is "REDIS", the version in four digits, aux fields, then for each database its number, its
 * sizes and its keys, and at last the byte EOF and a CRC-64 of all before it, 8 bytes little
 * endian, which is 0 where checksums are off. docs/decisions/0006-rdb.md has the layouts.
 *
 * A length:
 *
 * | first byte | more bytes | meaning                                          |
 * |------------|------------|--------------------------------------------------|
 * | 00nnnnnn   | 0          | 0 to 63                                          |
 * | 01nnnnnn   | 1          | 14 bits, the upper 6 of them in the first byte   |
 * | 10000000   | 4          | 32 bits, big endian                              |
 * | 10000001   | 8          | 64 bits, big endian                              |
 * | 11eeeeee   |            | no length but a string in encoding e             |
 */

/** What is written, unless the directive rdb-version says 10: that of Redis 7.2. */
export const RDB_VERSION = 11
/** The version that has hashes with fields that expire: that of Redis 7.4. */
export const RDB_VERSION_FIELD_EXPIRY = 12
/** The newest version that is read. */
export const RDB_VERSION_MAX = 12

export const ENCODED_INT8 = 0
export const ENCODED_INT16 = 1
export const ENCODED_INT32 = 2
export const ENCODED_LZF = 3

export const RDB_STRING = 0
export const RDB_LIST = 1
export const RDB_SET = 2
/** Sorted set with its scores as text. */
export const RDB_ZSET = 3
export const RDB_HASH = 4
/** Sorted set with its scores as doubles. */
export const RDB_ZSET_2 = 5
export const RDB_MODULE_PRE_GA = 6
export const RDB_MODULE_2 = 7
export const RDB_HASH_ZIPMAP = 9
export const RDB_LIST_ZIPLIST = 10
export const RDB_SET_INTSET = 11
export const RDB_ZSET_ZIPLIST = 12
export const RDB_HASH_ZIPLIST = 13
export const RDB_LIST_QUICKLIST = 14
export const RDB_STREAM_LISTPACKS = 15
export const RDB_HASH_LISTPACK = 16
export const RDB_ZSET_LISTPACK = 17
export const RDB_LIST_QUICKLIST_2 = 18
export const RDB_STREAM_LISTPACKS_2 = 19
export const RDB_SET_LISTPACK = 20
export const RDB_STREAM_LISTPACKS_3 = 21
export const RDB_HASH_METADATA = 24
export const RDB_HASH_LISTPACK_EX = 25

/** Nodes of a list in RDB_LIST_QUICKLIST_2. */
export const QUICKLIST_PLAIN = 1
export const QUICKLIST_PACKED = 2

export const OPCODE_SLOT_INFO = 244
export const OPCODE_FUNCTION2 = 245
export const OPCODE_FUNCTION_PRE_GA = 246
export const OPCODE_MODULE_AUX = 247
export const OPCODE_IDLE = 248
export const OPCODE_FREQ = 249
export const OPCODE_AUX = 250
export const OPCODE_RESIZEDB = 251
export const OPCODE_EXPIRETIME_MS = 252
export const OPCODE_EXPIRETIME = 253
export const OPCODE_SELECTDB = 254
export const OPCODE_EOF = 255
