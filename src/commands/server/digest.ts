/**
 * DEBUG DIGEST: 20 bytes that tell data sets apart, the same as Redis gives for the same data.
 *
 * Redis's algorithm: the SHA-1 of a part is exclusive or-ed to the digest so far. Where order
 * counts, the outcome is hashed anew ("mixed"): a key, its type and its value. Keys have no order,
 * so their digests are only added; in front of each database with keys its number is mixed in.
 */
import { createHash } from 'node:crypto'
import type { Address } from '../../arena/arena.ts'
import { formatDoubleFpconv } from '../../bytes/doubles.ts'
import { fromLatin1 } from '../../bytes/text.ts'
import {
  hasExpiry,
  keySliceOf,
  TYPE_HASH,
  TYPE_LIST,
  TYPE_SET,
  TYPE_SORTED_SET,
  TYPE_STRING,
  typeOf,
} from '../../keyspace/entry.ts'
import type { Keyspace } from '../../keyspace/keyspace.ts'
import { StringValue } from '../../keyspace/string-value.ts'
import type { HashValue } from '../../types/hash.ts'
import type { ListValue } from '../../types/list.ts'
import type { SetValue } from '../../types/set.ts'
import { SetWalk } from '../../types/set-walk.ts'
import type { SortedSet } from '../../types/sorted-set.ts'

/** Digests are changed where they are. */
export type Digest = Uint8Array

const DIGEST_BYTES = 20
const EXPIRES = Buffer.from('!!expire!!')

export function newDigest(): Digest {
  return new Uint8Array(DIGEST_BYTES)
}

function sha1(bytes: Uint8Array): Uint8Array {
  return createHash('sha1').update(bytes).digest()
}

/** Adds one part of several that have no order. */
function addToDigest(digest: Digest, bytes: Uint8Array): void {
  const hash = sha1(bytes)
  for (let i = 0; i < DIGEST_BYTES; i++) digest[i]! ^= hash[i]!
}

/** Adds one part of several whose order counts. */
function mixIntoDigest(digest: Digest, bytes: Uint8Array): void {
  addToDigest(digest, bytes)
  digest.set(sha1(digest))
}

/** A number as Redis mixes it in: 4 bytes, big endian. */
function numberBytes(value: number): Uint8Array {
  const bytes = Buffer.alloc(4)
  bytes.writeInt32BE(value)
  return bytes
}

const value = new StringValue()

/** Adds the fields of a hash, which have no order, each with its value. */
function addHash(digest: Digest, { collections }: Keyspace, entry: Address): void {
  const hash = collections.at(entry) as HashValue
  const { pair } = hash
  hash.forEach((position) => {
    hash.read(position)
    const element = newDigest()
    mixIntoDigest(element, pair.bytes.subarray(pair.fieldStart, pair.fieldEnd))
    mixIntoDigest(element, pair.bytes.subarray(pair.valueStart, pair.valueEnd))
    addToDigest(digest, element)
  })
}

/** Adds the elements of a list in their order. */
function addList(digest: Digest, { collections }: Keyspace, entry: Address): void {
  const list = collections.at(entry) as ListValue
  const { elements } = list
  for (let more = list.seek(0); more; more = list.next()) {
    list.read()
    mixIntoDigest(digest, elements.bytes.subarray(elements.start, elements.end))
  }
}

/** Adds the members of a set, which have no order. */
function addSet(digest: Digest, { arena, collections }: Keyspace, entry: Address): void {
  const walk = new SetWalk(arena).begin(collections.at(entry) as SetValue)
  while (walk.next()) addToDigest(digest, walk.bytes.subarray(walk.start, walk.end))
}

/** Adds the members of a sorted set, each with its score; their order follows from that. */
function addSortedSet(digest: Digest, { collections }: Keyspace, entry: Address): void {
  const set = collections.at(entry) as SortedSet
  for (let at = set.first(); at !== 0; at = set.next(at)) {
    set.read(at)
    const element = newDigest()
    mixIntoDigest(element, set.bytes.subarray(set.start, set.end))
    mixIntoDigest(element, fromLatin1(formatDoubleFpconv(set.score)))
    addToDigest(digest, element)
  }
}

/** How the value of each type is added; a type that is missing here has no digest yet. */
const ADD_VALUE = new Map<number, (digest: Digest, keyspace: Keyspace, entry: Address) => void>([
  [
    TYPE_STRING,
    (digest, { arena }, entry) => {
      value.locate(arena, entry)
      mixIntoDigest(digest, value.slice())
    },
  ],
  [TYPE_LIST, addList],
  [TYPE_SET, addSet],
  [TYPE_SORTED_SET, addSortedSet],
  [TYPE_HASH, addHash],
])

/** Adds an entry's value with its type, and whether it expires. */
export function mixEntry(digest: Digest, keyspace: Keyspace, entry: Address): void {
  const { arena } = keyspace
  const type = typeOf(arena, entry)
  const addValue = ADD_VALUE.get(type)
  if (addValue === undefined) throw new Error(`no digest of values of type ${type}`)
  mixIntoDigest(digest, numberBytes(type))
  addValue(digest, keyspace, entry)
  if (hasExpiry(arena, entry)) addToDigest(digest, EXPIRES)
}

/** The digest of all databases. */
export function keyspaceDigest(keyspace: Keyspace): Digest {
  const { arena, databases } = keyspace
  const total = newDigest()
  for (const database of databases) {
    if (database.count === 0) continue
    mixIntoDigest(total, numberBytes(database.index))
    database.forEach((entry) => {
      const digest = newDigest()
      mixIntoDigest(digest, keySliceOf(arena, entry))
      mixEntry(digest, keyspace, entry)
      addToDigest(total, digest)
    })
  }
  return total
}

export function hexDigits(digest: Digest): string {
  return Buffer.from(digest).toString('hex')
}
