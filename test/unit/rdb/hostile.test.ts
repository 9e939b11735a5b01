/** Files and payloads with bits flipped: refused, or the same values; made whole again: sound. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { crc64 } from '../../../src/bytes/crc64.ts'
import { DumpPayload } from '../../../src/rdb/dump-payload.ts'
import { RdbError } from '../../../src/rdb/rdb-error.ts'
import { Args } from '../../../src/resp/args.ts'
import {
  checkServer,
  InProcessClient,
  ReplyError,
  testServer,
} from '../../support/in-process-client.ts'
import { loadInto, testKeyspace, withChecksum, writeKeyspace } from '../../support/rdb.ts'

const server = testServer()
const client = new InProcessClient(server)
for (const words of [
  ['SET', 'string', 'a string that is so long that it may be compressed, compressed, compressed'],
  ['SET', 'number', '-12345', 'PXAT', '1999999999999'],
  ['RPUSH', 'list', 'a', 'b', '', '77', 'c'.repeat(200)],
  ['SADD', 'set', 'x', 'y', '-1'],
  ['SADD', 'intset', '1', '2', '30000'],
  ['HSET', 'hash', 'f', 'v', 'g', '5'],
  ['ZADD', 'zset', '1', 'a', '2.5', 'b', '-inf', 'c'],
  ['SADD', 'large', ...Array.from({ length: 200 }, (_, i) => `member ${i}`)],
]) {
  expect(client.value(...words)).not.toBeInstanceOf(ReplyError)
}

/** Frees all keys one by one, which for a few is quicker than `flushAll`. */
function empty(keyspace: ReturnType<typeof testKeyspace>): void {
  for (const database of keyspace.databases) if (database.count > 0) database.flush()
  keyspace.reclaim(Number.POSITIVE_INFINITY)
}

/** What a keyspace holds, as an RDB file of it without order. */
function digest(keyspace: ReturnType<typeof testKeyspace>): number {
  return writeKeyspace(keyspace).length
}

test('no bit of a file of 3 KB can be flipped unnoticed', () => {
  const file = writeKeyspace(server.keyspace)
  expect(file.length).toBeGreaterThan(2000)
  const keyspace = testKeyspace(false)
  loadInto(keyspace, file)
  const before = digest(keyspace)
  let loaded = 0
  for (let bit = 0; bit < file.length * 8; bit++) {
    const changed = file.slice()
    changed[bit >> 3] ^= 1 << (bit & 7)
    empty(keyspace)
    try {
      loadInto(keyspace, changed, {}, 1e9)
    } catch (error) {
      if (error instanceof RdbError) continue
      throw error
    }
    // A version without checksums, as which the same content may be read.
    expect(bit >> 3).toBeLessThan(9)
    expect(digest(keyspace)).toBe(before)
    loaded++
  }
  expect(loaded).toBeLessThan(8)
})

test('a file that ends early is refused, wherever that is', () => {
  const file = writeKeyspace(server.keyspace)
  const keyspace = testKeyspace(false)
  for (let length = 0; length < file.length; length++) {
    empty(keyspace)
    expect(() => loadInto(keyspace, file.subarray(0, length), {}, 1e9)).toThrow(RdbError)
  }
})

test('a file with bytes changed and a checksum made for them is refused or sound', () => {
  const body = writeKeyspace(server.keyspace).slice(0, -8)
  const keyspace = testKeyspace()
  const place = fc.nat(body.length - 1)
  const change = fc.tuple(place, fc.nat(255))
  fc.assert(
    fc.property(fc.array(change, { minLength: 1, maxLength: 4 }), (changes) => {
      const changed = body.slice()
      for (const [at, value] of changes) changed[at] = value
      try {
        loadInto(keyspace, withChecksum(changed), {}, 1e9)
      } catch (error) {
        if (!(error instanceof RdbError)) throw error
      }
      keyspace.check()
      for (const database of keyspace.databases) database.flush()
      keyspace.check()
      expect(keyspace.arena.liveBytes).toBe(0)
    }),
    { seed: 11, numRuns: 600 },
  )
})

test('no bit of a payload can be flipped unnoticed', () => {
  for (const key of ['string', 'list', 'set', 'hash', 'zset']) {
    const payload = Buffer.from(client.value('DUMP', key) as string, 'latin1')
    for (let bit = 0; bit < payload.length * 8; bit++) {
      const changed = Buffer.from(payload)
      changed[bit >> 3] ^= 1 << (bit & 7)
      expect(client.value('RESTORE', 'other', '0', changed)).toBeInstanceOf(ReplyError)
    }
  }
})

test('a payload of any bytes, or near a sound one, with its checksum is refused or sound', () => {
  const keyspace = testKeyspace()
  const dumps = new DumpPayload(keyspace)
  const args = Args.from(['key'])
  const sound = ['string', 'list', 'set', 'intset', 'hash', 'zset'].map((key) =>
    Buffer.from(client.value('DUMP', key) as string, 'latin1').subarray(0, -10),
  )
  const near = fc
    .tuple(
      fc.constantFrom(...sound),
      fc.array(fc.tuple(fc.nat(400), fc.nat(255)), { maxLength: 5 }),
      fc.nat(30),
    )
    .map(([bytes, changes, cut]) => {
      const changed = Uint8Array.from(bytes.subarray(0, Math.max(1, bytes.length - cut)))
      for (const [at, value] of changes) changed[at % changed.length] = value
      return changed
    })
  const any = fc
    .tuple(fc.nat(26), fc.uint8Array({ maxLength: 60 }))
    .map(([type, bytes]) => Uint8Array.from([type, ...bytes]))
  fc.assert(
    fc.property(fc.oneof(near, any), (value) => {
      const payload = new Uint8Array(value.length + 10)
      payload.set(value)
      payload[value.length] = 11
      const view = new DataView(payload.buffer)
      view.setBigUint64(value.length + 2, crc64(0n, payload, 0, value.length + 2), true)
      expect(dumps.isWhole(payload, 0, payload.length)).toBe(true)
      try {
        if (dumps.load(payload, view, 0, payload.length)) {
          const database = keyspace.databases[0]
          database.find(args, 0)
          expect(database.placeEntry(dumps.newEntry(database, args, 0, -1))).toBe(true)
        } else {
          dumps.drop()
        }
      } catch (error) {
        if (!(error instanceof RdbError)) throw error
      }
      keyspace.check()
      keyspace.databases[0].flush()
      keyspace.check()
      expect(keyspace.arena.liveBytes).toBe(0)
    }),
    { seed: 12, numRuns: 4000 },
  )
})

test('the server is sound afterwards', () => {
  checkServer(server)
})
