import fc from 'fast-check'
import { expect, test } from 'vitest'
import { BaseSeal } from '../../../src/aof/base-seal.ts'
import { LogWalk } from '../../../src/aof/log-walk.ts'
import { RequestScan } from '../../../src/aof/request-scan.ts'
import { Keyspace } from '../../../src/keyspace/keyspace.ts'
import { ManualClock } from '../../../src/platform/clock.ts'
import type { OpenFile } from '../../../src/platform/files.ts'
import { Random } from '../../../src/platform/random.ts'
import { CommandStream } from '../../../src/rdb/command-stream.ts'
import { ACCESS_NONE } from '../../../src/rdb/entry-writer.ts'
import { RdbLoader } from '../../../src/rdb/rdb-loader.ts'
import { RdbSeal, RdbStream } from '../../../src/rdb/rdb-stream.ts'
import { Snapshot } from '../../../src/rdb/snapshot.ts'
import type { StreamSeal } from '../../../src/rdb/snapshot-format.ts'
import { Args } from '../../../src/resp/args.ts'
import type { Server } from '../../../src/server/server.ts'
import { checkServer, InProcessClient, testServer } from '../../support/in-process-client.ts'

const RDB = { version: 11, access: ACCESS_NONE, aux: [] }
const OPTIONS = { compress: true }
const CONFIG = { 'enable-debug-command': 'yes' }
const FORMATS = ['rdb', 'aof'] as const
type Format = (typeof FORMATS)[number]

/** Everything that a keyspace holds, as Redis's digest of it, through a server of its own. */
function contentOf(client: InProcessClient): string {
  const digest = client.call('DEBUG', 'DIGEST')
  expect(digest).toMatch(/^\+[0-9a-f]{40}\r\n$/)
  return digest
}

/** A stream as a file to read. */
function inputOf(bytes: Uint8Array) {
  return {
    size: () => bytes.length,
    read(target: Uint8Array, start: number, length: number, position: number): number {
      const part = bytes.subarray(position, position + length)
      target.set(part, start)
      return part.length
    },
  }
}

function loadDump(server: Server, bytes: Uint8Array): void {
  const loader = new RdbLoader(server.keyspace, inputOf(bytes), { keepExpired: true })
  while (!loader.step(1024 * 1024)) {
    // More is left.
  }
}

/** Does again what a log says, which has to be whole, with checksums to its end. */
function loadLog(server: Server, bytes: Uint8Array): void {
  const session = new InProcessClient(server).session
  const walk = new LogWalk(inputOf(bytes) as unknown as OpenFile)
  const args = new Args()
  const scan = new RequestScan()
  server.keyspace.isLoading = true
  let result = walk.next()
  for (; result === 'unit'; result = walk.next()) {
    args.bytes = walk.bytes
    args.view = walk.view
    for (let at = walk.unitStart; at < walk.unitEnd; ) {
      const isComment = walk.bytes[at] === 0x23
      at = scan.next(walk.bytes, at, walk.unitEnd, args)
      if (!isComment) expect(server.dispatcher.replay(session, args)).toBe(true)
    }
  }
  expect(result).toBe('end')
  expect(walk.isChecked).toBe(true)
  server.keyspace.isLoading = false
}

/** The digest of what a stream holds. */
function contentOfStream(bytes: Uint8Array, clock: ManualClock, format: Format): string {
  const server = testServer({ clock, config: CONFIG })
  if (format === 'rdb') loadDump(server, bytes)
  else loadLog(server, bytes)
  const client = new InProcessClient(server)
  client.call('DEBUG', 'SET-ACTIVE-EXPIRE', '0')
  const digest = contentOf(client)
  checkServer(server)
  return digest
}

/** Begins a snapshot. What it writes is gone on with, in parts as a file would get them, by `endOf`. */
function begin(keyspace: Keyspace, format: Format): Snapshot {
  if (format === 'rdb') {
    const options = { ...OPTIONS, seal: new RdbSeal(false) }
    return taken(new Snapshot(keyspace, new RdbStream(keyspace, RDB), options), options.seal)
  }
  const options = { ...OPTIONS, seal: new BaseSeal() }
  return taken(new Snapshot(keyspace, new CommandStream(keyspace, 1), options), options.seal)
}

const parts = new WeakMap<Snapshot, { seal: StreamSeal; written: Uint8Array[] }>()

function taken(snapshot: Snapshot, seal: StreamSeal): Snapshot {
  parts.set(snapshot, { seal, written: [] })
  return snapshot
}

/** Takes away what is in the output. */
function take(snapshot: Snapshot, isEnd: boolean): void {
  const { output } = snapshot
  const { seal, written } = parts.get(snapshot)!
  if (isEnd) seal.end(output)
  else seal.taken(output)
  written.push(output.bytes.slice(0, output.length))
  output.clear()
}

/** One piece of the work of a snapshot, and now and then one of its file's. */
function piece(snapshot: Snapshot): boolean {
  const isDone = snapshot.step(0, Number.MAX_SAFE_INTEGER)
  if (snapshot.output.length > 3000 && !isDone && !snapshot.isBroken) take(snapshot, false)
  return isDone
}

function endOf(snapshot: Snapshot): Uint8Array {
  while (!piece(snapshot)) {
    // More is left.
  }
  take(snapshot, true)
  return Buffer.concat(parts.get(snapshot)!.written)
}

function fill(client: InProcessClient): void {
  for (let i = 0; i < 300; i++) client.call('SET', `s${i}`, `value ${i}`)
  for (let i = 0; i < 20; i++) client.call('HSET', `h${i}`, 'f', `${i}`, 'g', 'x')
  const members = Array.from({ length: 3000 }, (_, i) => `m${i}`)
  client.call('SADD', 'big-set', ...members)
  client.call('RPUSH', 'big-list', ...members)
  client.call('ZADD', 'big-zset', ...members.flatMap((member, i) => [String(i), member]))
  client.call('HSET', 'big-hash', ...members.flatMap((member) => [member, 'v']))
  client.call('HPEXPIREAT', 'big-hash', '9000000000000', 'FIELDS', '2', 'm1', 'm2999')
  client.call('HPEXPIREAT', 'h1', '9000000000000', 'FIELDS', '1', 'g')
  client.call('PEXPIREAT', 'big-list', '9000000000000')
  client.call('SET', 'big-string', 'x'.repeat(3_000_000), 'PXAT', '9000000000000')
  client.call('ZADD', 'scores', '-inf', 'a', 'inf', 'b', '0.1', 'c', '1e300', 'd', '-0', 'e')
  client.call('SELECT', '3')
  for (let i = 0; i < 100; i++) client.call('RPUSH', `l${i}`, 'a', 'b', `${i}`)
  client.call('SELECT', '0')
}

/** As the dispatcher's guard does it, for commands that do not wait. */
function allowChanges(server: Server): void {
  if (server.keyspace.preserver !== null) server.keyspace.preserver.isChanging = true
}

test.each(FORMATS)('%s: a snapshot is of the moment at which it began', (format) => {
  const clock = new ManualClock()
  const server = testServer({ clock, config: CONFIG })
  const client = new InProcessClient(server)
  fill(client)
  const before = contentOf(client)
  const snapshot = begin(server.keyspace, format)
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
  expect(contentOfStream(bytes, clock, format)).toBe(before)
  expect(snapshot.savedKeys).toBe(snapshot.totalKeys)
  checkServer(server)
})

test.each(FORMATS)(
  '%s: whatever is done meanwhile, a snapshot has what there was, and the next one too',
  (format) => {
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
        const server = testServer({ clock, config: CONFIG })
        const client = new InProcessClient(server)
        client.call('DEBUG', 'SET-ACTIVE-EXPIRE', '0')
        let snapshot: Snapshot | null = null
        const run = (words: readonly string[]) => {
          if (words[0] === 'wait') clock.advance(7)
          else if (words[0] === 'piece' && snapshot !== null) piece(snapshot)
          else {
            allowChanges(server)
            client.call(...words)
          }
        }
        for (const words of first) run(words)
        for (const commands of [then, first]) {
          const before = contentOf(client)
          const beganAtMs = clock.nowMs
          snapshot = begin(server.keyspace, format)
          for (const words of commands) run(words)
          const bytes = endOf(snapshot)
          snapshot = null
          expect(contentOfStream(bytes, new ManualClock(beganAtMs), format)).toBe(before)
        }
        checkServer(server)
      }),
      { numRuns: 25, seed: 1 },
    )
  },
)

test.each(FORMATS)(
  '%s: a snapshot that loses its data writes nothing more, and leaves one epoch behind',
  (format) => {
    const server = testServer({ config: CONFIG })
    const client = new InProcessClient(server)
    fill(client)
    for (const flush of ['FLUSHDB', 'FLUSHALL']) {
      client.call('SET', 'here', '1')
      const snapshot = begin(server.keyspace, format)
      piece(snapshot)
      client.call(flush)
      expect(snapshot.isBroken).toBe(true)
      while (!piece(snapshot)) {
        // More is left.
      }
      expect(snapshot.output.length).toBe(0)
      expect(server.keyspace.preserver).toBeNull()
      const before = contentOf(client)
      const stream = endOf(begin(server.keyspace, format))
      expect(contentOfStream(stream, new ManualClock(), format)).toBe(before)
    }
    checkServer(server)
  },
)

test('a keyspace without keys gives a stream without keys', () => {
  const clock = new ManualClock()
  const keyspace = new Keyspace({ databases: 2, clock, random: new Random(1) })
  const snapshot = begin(keyspace, 'rdb')
  const bytes = endOf(snapshot)
  expect(Buffer.from(bytes.subarray(0, 9)).toString()).toBe('REDIS0011')
  expect(bytes[9]).toBe(255)
})
