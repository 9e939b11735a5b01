import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Keyspace } from '../../../src/keyspace/keyspace.ts'
import { ManualClock } from '../../../src/platform/clock.ts'
import { Random } from '../../../src/platform/random.ts'
import { ACCESS_NONE, writeChecksum } from '../../../src/rdb/entry-writer.ts'
import { RdbLoader } from '../../../src/rdb/rdb-loader.ts'
import { Snapshot } from '../../../src/rdb/snapshot.ts'
import type { Server } from '../../../src/server/server.ts'
import { checkServer, InProcessClient, testServer } from '../../support/in-process-client.ts'

const OPTIONS = { version: 11, compress: true, access: ACCESS_NONE, aux: [] }

/** Everything that a keyspace holds, as Redis's digest of it, through a server of its own. */
function contentOf(client: InProcessClient): string {
  return client.call('DEBUG', 'DIGEST')
}

/** The digest of what an RDB stream holds. */
function contentOfStream(bytes: Uint8Array, clock: ManualClock): string {
  const server = testServer({ clock })
  const input = {
    size: () => bytes.length,
    read(target: Uint8Array, start: number, length: number, position: number): number {
      const part = bytes.subarray(position, position + length)
      target.set(part, start)
      return part.length
    },
  }
  const loader = new RdbLoader(server.keyspace, input, { keepExpired: true })
  while (!loader.step(1024 * 1024)) {
    // More is left.
  }
  const client = new InProcessClient(server)
  client.call('DEBUG', 'SET-ACTIVE-EXPIRE', '0')
  const digest = contentOf(client)
  checkServer(server)
  return digest
}

/** One piece of the work of a snapshot. */
function piece(snapshot: Snapshot): boolean {
  return snapshot.step(0, Number.MAX_SAFE_INTEGER)
}

function endOf(snapshot: Snapshot): Uint8Array {
  while (!piece(snapshot)) {
    // More is left.
  }
  writeChecksum(snapshot.output, null)
  return snapshot.output.bytes.slice(0, snapshot.output.length)
}

function fill(client: InProcessClient): void {
  for (let i = 0; i < 300; i++) client.call('SET', `s${i}`, `value ${i}`)
  for (let i = 0; i < 20; i++) client.call('HSET', `h${i}`, 'f', `${i}`, 'g', 'x')
  const members = Array.from({ length: 3000 }, (_, i) => `m${i}`)
  client.call('SADD', 'big-set', ...members)
  client.call('RPUSH', 'big-list', ...members)
  client.call('ZADD', 'big-zset', ...members.flatMap((member, i) => [String(i), member]))
  client.call('HSET', 'big-hash', ...members.flatMap((member) => [member, 'v']))
  client.call('SELECT', '3')
  for (let i = 0; i < 100; i++) client.call('RPUSH', `l${i}`, 'a', 'b', `${i}`)
  client.call('SELECT', '0')
}

/** As the dispatcher's guard does it, for commands that do not wait. */
function allowChanges(server: Server): void {
  if (server.keyspace.preserver !== null) server.keyspace.preserver.isChanging = true
}

test('a snapshot is of the moment at which it began', () => {
  const clock = new ManualClock()
  const server = testServer({ clock })
  const client = new InProcessClient(server)
  fill(client)
  const before = contentOf(client)
  const snapshot = new Snapshot(server.keyspace, OPTIONS)
  const changes = [
    ['SET', 's1', 'other'],
    ['APPEND', 's2', 'more'],
    ['DEL', 's3', 'big-set'],
    ['EXPIRE', 's4', '100'],
    ['INCR', 'new'],
    ['MSET', 's5', 'a', 's6', 'b'],
    ['RENAME', 's7', 's8'],
    ['COPY', 's9', 's10', 'REPLACE'],
    ['SWAPDB', '0', '3'],
    ['RPUSH', 'l1', 'more'],
    ['MOVE', 'l2', '3'],
    ['SWAPDB', '3', '0'],
    ['HSET', 'h1', 'f', 'other'],
    ['LPOP', 'big-list', '5'],
    ['ZADD', 'big-zset', '5', 'm1'],
  ]
  for (const change of changes) {
    piece(snapshot)
    allowChanges(server)
    client.call(...change)
  }
  const bytes = endOf(snapshot)
  expect(contentOfStream(bytes, clock)).toBe(before)
  expect(snapshot.savedKeys).toBe(snapshot.totalKeys)
  checkServer(server)
})

test('whatever is done meanwhile, a snapshot has what there was, and the next one too', () => {
  const key = fc.constantFrom(...Array.from({ length: 8 }, (_, i) => `k${i}`))
  const command = fc.oneof(
    fc.tuple(fc.constant('SET'), key, fc.string()),
    fc.tuple(fc.constant('DEL'), key),
    fc.tuple(fc.constant('GET'), key),
    fc.tuple(fc.constant('SET'), key, fc.constant('x'), fc.constant('PX'), fc.constant('50')),
    fc.tuple(fc.constant('APPEND'), key, fc.constant('y'.repeat(700))),
    fc.tuple(fc.constant('RPUSH'), key, ...Array.from({ length: 400 }, () => fc.constant('e'))),
    fc.tuple(fc.constant('RENAME'), key, key),
    fc.tuple(fc.constant('PEXPIRE'), key, fc.constant('20')),
    fc.tuple(fc.constant('PERSIST'), key),
    fc.tuple(fc.constant('SWAPDB'), fc.constant('0'), fc.constant('1')),
    fc.tuple(fc.constant('SELECT'), fc.constantFrom('0', '1')),
    fc.constant(['piece']),
    fc.constant(['piece']),
    fc.constant(['wait']),
  )
  const commands = fc.array(command, { minLength: 5, maxLength: 50, size: 'max' })
  fc.assert(
    fc.property(commands, commands, (first, then) => {
      const clock = new ManualClock()
      const server = testServer({ clock })
      const client = new InProcessClient(server)
      client.call('DEBUG', 'SET-ACTIVE-EXPIRE', '0')
      let snapshot: Snapshot | null = null
      const run = (words: readonly string[]) => {
        if (words[0] === 'wait') clock.advance(7)
        else if (words[0] === 'piece') snapshot?.step(0, Number.MAX_SAFE_INTEGER)
        else {
          allowChanges(server)
          client.call(...words)
        }
      }
      for (const words of first) run(words)
      for (const commands of [then, first]) {
        const before = contentOf(client)
        const beganAtMs = clock.nowMs
        snapshot = new Snapshot(server.keyspace, OPTIONS)
        for (const words of commands) run(words)
        const bytes = endOf(snapshot)
        snapshot = null
        expect(contentOfStream(bytes, new ManualClock(beganAtMs))).toBe(before)
      }
      checkServer(server)
    }),
    { numRuns: 25 },
  )
})

test('a snapshot that loses its data writes nothing more, and leaves one epoch behind', () => {
  const server = testServer()
  const client = new InProcessClient(server)
  fill(client)
  for (const flush of ['FLUSHDB', 'FLUSHALL']) {
    client.call('SET', 'here', '1')
    const snapshot = new Snapshot(server.keyspace, OPTIONS)
    piece(snapshot)
    client.call(flush)
    expect(snapshot.isBroken).toBe(true)
    while (!piece(snapshot)) {
      // More is left.
    }
    expect(snapshot.output.length).toBe(0)
    expect(server.keyspace.preserver).toBeNull()
    const before = contentOf(client)
    expect(contentOfStream(endOf(new Snapshot(server.keyspace, OPTIONS)), new ManualClock())).toBe(
      before,
    )
  }
  checkServer(server)
})

test('a keyspace without keys gives a stream without keys', () => {
  const clock = new ManualClock()
  const keyspace = new Keyspace({ databases: 2, clock, random: new Random(1) })
  const snapshot = new Snapshot(keyspace, OPTIONS)
  const bytes = endOf(snapshot)
  expect(Buffer.from(bytes.subarray(0, 9)).toString()).toBe('REDIS0011')
  expect(bytes[9]).toBe(255)
})
