/** What is written is read back: each type and encoding, in steps of any size, by DUMP and file. */
import { describe, expect, test } from 'vitest'
import { RdbError } from '../../../src/rdb/rdb-error.ts'
import { RdbOutput } from '../../../src/rdb/rdb-output.ts'
import { ValueWriter } from '../../../src/rdb/value-writer.ts'
import type { Server } from '../../../src/server/server.ts'
import {
  checkServer,
  InProcessClient,
  ReplyError,
  testServer,
  type Value,
} from '../../support/in-process-client.ts'
import { loadInto, writeKeyspace } from '../../support/rdb.ts'
import { many, SAMPLE_COMMANDS } from '../../support/sample-keys.ts'

function filled(): { server: Server; client: InProcessClient } {
  const server = testServer()
  const client = new InProcessClient(server)
  for (const words of SAMPLE_COMMANDS) {
    expect(client.value(...words)).not.toBeInstanceOf(ReplyError)
  }
  client.value('SELECT', '0')
  return { server, client }
}

const READERS: Record<string, readonly [string, ...string[]]> = {
  string: ['GET'],
  list: ['LRANGE', '0', '-1'],
  set: ['SMEMBERS'],
  hash: ['HGETALL'],
  zset: ['ZRANGE', '0', '-1', 'WITHSCORES'],
}

/** Type, encoding, expiry time and content of each key. */
function contents(client: InProcessClient): Map<string, unknown> {
  const all = new Map<string, unknown>()
  for (const database of ['0', '9']) {
    client.value('SELECT', database)
    for (const key of client.value('KEYS', '*') as string[]) {
      const type = client.value('TYPE', key) as string
      const [name, ...more] = READERS[type]
      let value = client.value(name, key, ...more) as Value[]
      if (type === 'set') value = value.sort()
      if (type === 'hash') {
        const pairs: string[] = []
        for (let i = 0; i < value.length; i += 2) pairs.push(`${value[i]}=${value[i + 1]}`)
        value = pairs.sort()
      }
      const encoding = client.value('OBJECT', 'ENCODING', key)
      all.set(`${database}:${key}`, [type, encoding, client.value('PEXPIRETIME', key), value])
    }
  }
  return new Map([...all].sort())
}

describe('a file', () => {
  for (const [version, compress] of [
    [11, true],
    [10, false],
  ] as const) {
    test(`of version ${version} gives back every key`, () => {
      const { server, client } = filled()
      const before = contents(client)
      const file = writeKeyspace(server.keyspace, version, compress)
      client.value('FLUSHALL', 'SYNC')
      const loader = loadInto(server.keyspace, file)
      expect(loader.keysLoaded).toBe(before.size)
      expect(loader.version).toBe(version)
      expect(loader.offset).toBe(file.length)
      expect(loader.aux.get('redis-ver')).toBe('7.2.0')
      expect(contents(client)).toEqual(before)
      checkServer(server)
    })
  }

  test('with hashes whose fields expire is of version 12', () => {
    const server = testServer()
    const client = new InProcessClient(server)
    for (const key of ['small', 'large']) {
      const count = key === 'small' ? 3 : 300
      client.value('HSET', key, ...many(2 * count, (i) => `f${i}`))
      client.value('HPEXPIREAT', key, '1999999999999', 'FIELDS', '2', 'f0', 'f2')
      client.value('HPEXPIREAT', key, '1999999990000', 'FIELDS', '1', 'f4')
    }
    const fields = ['FIELDS', '4', 'f0', 'f2', 'f4', 'none']
    const before = [
      client.value('HPEXPIRETIME', 'small', ...fields),
      client.value('HPEXPIRETIME', 'large', ...fields),
      client.value('HGETALL', 'small'),
    ]
    const file = writeKeyspace(server.keyspace)
    expect(Buffer.from(file.subarray(0, 9)).toString()).toBe('REDIS0012')
    client.value('FLUSHALL', 'SYNC')
    expect(loadInto(server.keyspace, file).keysLoaded).toBe(2)
    expect([
      client.value('HPEXPIRETIME', 'small', ...fields),
      client.value('HPEXPIRETIME', 'large', ...fields),
      client.value('HGETALL', 'small'),
    ]).toEqual(before)
    expect(client.value('HLEN', 'large')).toBe(300)
    expect(server.keyspace.databases[0].fields.count).toBe(2)
    checkServer(server)
  })

  test('leaves out keys that have expired, unless it is the base of a log', () => {
    const server = testServer()
    const client = new InProcessClient(server)
    client.value('SET', 'gone', 'v', 'PX', '5000')
    client.value('SADD', 'set', ...many(300, String))
    client.value('PEXPIRE', 'set', '5000')
    client.value('SET', 'stays', 'v')
    const file = writeKeyspace(server.keyspace)
    const other = testServer()
    other.keyspace.clock.nowMs += 6000
    const loader = loadInto(other.keyspace, file)
    expect([loader.keysLoaded, loader.keysExpired]).toEqual([1, 2])
    checkServer(other)
    const base = testServer()
    base.keyspace.clock.nowMs += 6000
    expect(loadInto(base.keyspace, file, { keepExpired: true }).keysLoaded).toBe(3)
    expect(base.keyspace.databases[0].count).toBe(3)
    checkServer(base)
  })

  test('with a key that is there already is refused, or takes its place', () => {
    const { server, client } = filled()
    const before = contents(client)
    const file = writeKeyspace(server.keyspace)
    expect(() => loadInto(server.keyspace, file)).toThrow(RdbError)
    expect(contents(client)).toEqual(before)
    loadInto(server.keyspace, file, { replace: true })
    expect(contents(client)).toEqual(before)
    checkServer(server)
  })

  test('is loaded wholly or with an error when memory fails, and nothing leaks', () => {
    const { server } = filled()
    const file = writeKeyspace(server.keyspace)
    let failed = 0
    for (let n = 1; n < 4000; n = Math.ceil(n * 1.3)) {
      const other = testServer()
      other.keyspace.arena.failAfter(n)
      try {
        loadInto(other.keyspace, file)
      } catch (error) {
        expect(error).toBeInstanceOf(RdbError)
        failed++
      }
      other.keyspace.arena.failAfter(0)
      checkServer(other)
    }
    expect(failed).toBeGreaterThan(10)
  })
})

test('a value is written the same in steps of any number of elements', () => {
  const { server } = filled()
  const { keyspace } = server
  const writer = new ValueWriter(keyspace)
  keyspace.databases[0].forEach((entry) => {
    const whole = new RdbOutput()
    writer.write(whole, entry)
    for (const elements of [1, 7, 64]) {
      const output = new RdbOutput()
      let isDone = writer.begin(output, entry)
      while (!isDone) isDone = writer.step(elements)
      expect(output.length).toBe(whole.length)
      const same = Buffer.compare(
        output.bytes.subarray(0, output.length),
        whole.bytes.subarray(0, whole.length),
      )
      expect(same).toBe(0)
    }
  })
  checkServer(server)
})

describe('DUMP and RESTORE', () => {
  test('give back every value', () => {
    const { server, client } = filled()
    const before = contents(client)
    client.value('SELECT', '0')
    for (const key of client.value('KEYS', '*') as string[]) {
      const payload = client.value('DUMP', key) as string
      const at = client.value('PEXPIRETIME', key) as number
      const words = ['RESTORE', key, String(Math.max(at, 0)), payload] as const
      expect(client.value(...words)).toEqual(
        new ReplyError('BUSYKEY Target key name already exists.'),
      )
      expect(client.value(...words, 'REPLACE', 'ABSTTL')).toBe('OK')
    }
    expect(contents(client)).toEqual(before)
    checkServer(server)
  })

  test('keep the expiry times of fields', () => {
    const server = testServer()
    const client = new InProcessClient(server)
    client.value('HSET', 'hash', 'a', '1', 'b', '2')
    client.value('HPEXPIREAT', 'hash', '1999999999999', 'FIELDS', '1', 'a')
    const payload = client.value('DUMP', 'hash') as string
    expect(client.value('RESTORE', 'copy', '0', payload)).toBe('OK')
    const times = client.value('HPEXPIRETIME', 'copy', 'FIELDS', '2', 'a', 'b')
    expect(times).toEqual([1999999999999, -1])
    checkServer(server)
  })

  test('answer null for no key, and errors in the order of Redis 7.2', () => {
    const server = testServer()
    const client = new InProcessClient(server)
    client.value('SET', 'key', 'value')
    const payload = client.value('DUMP', 'key') as string
    const errors: [readonly string[], string][] = [
      [['key', 'x', 'y', 'nonsense'], 'ERR syntax error'],
      [['key', 'x', 'y', 'IDLETIME'], 'ERR syntax error'],
      [['key', 'x', 'y', 'IDLETIME', '1', 'FREQ', '1'], 'ERR syntax error'],
      [['key', 'x', 'y', 'IDLETIME', 'z'], 'ERR value is not an integer or out of range'],
      [['key', 'x', 'y', 'IDLETIME', '-1'], 'ERR Invalid IDLETIME value, must be >= 0'],
      [['key', 'x', 'y', 'FREQ', '256'], 'ERR Invalid FREQ value, must be >= 0 and <= 255'],
      [['key', 'x', 'y', 'FREQ', '-1'], 'ERR Invalid FREQ value, must be >= 0 and <= 255'],
      [['key', 'x', 'y'], 'BUSYKEY Target key name already exists.'],
      [['other', 'x', 'y'], 'ERR value is not an integer or out of range'],
      [['other', '-1', 'y'], 'ERR Invalid TTL value, must be >= 0'],
      [['other', '0', ''], 'ERR DUMP payload version or checksum are wrong'],
      [['other', '0', `${payload}x`], 'ERR DUMP payload version or checksum are wrong'],
    ]
    for (const [words, error] of errors) {
      expect(client.value('RESTORE', ...words)).toEqual(new ReplyError(error))
    }
    expect(client.value('DUMP', 'missing')).toBeNull()
    expect(client.value('RESTORE', 'key', '1', payload, 'REPLACE', 'ABSTTL')).toBe('OK')
    expect(client.value('EXISTS', 'key')).toBe(0)
    expect(client.value('RESTORE', 'key', '5000', payload, 'IDLETIME', '77')).toBe('OK')
    expect(client.value('PTTL', 'key')).toBe(5000)
    expect(client.value('OBJECT', 'IDLETIME', 'key')).toBe(77)
    expect(client.value('RESTORE', 'far', '9223372036854775807', payload, 'ABSTTL')).toBe('OK')
    expect(client.call('PEXPIRETIME', 'far')).toBe(':9223372036854775807\r\n')
    checkServer(server)
  })

  test('a restored key has the access counter that was asked for', () => {
    const server = testServer({ config: { 'maxmemory-policy': 'allkeys-lfu' } })
    const client = new InProcessClient(server)
    client.value('SET', 'key', 'value')
    const payload = client.value('DUMP', 'key') as string
    client.value('RESTORE', 'key', '0', payload, 'REPLACE', 'FREQ', '200')
    expect(client.value('OBJECT', 'FREQ', 'key')).toBe(200)
    checkServer(server)
  })

  test('the version follows rdb-version', () => {
    for (const version of ['10', '11']) {
      const server = testServer({ config: { 'rdb-version': version } })
      const client = new InProcessClient(server)
      client.value('SET', 'key', 'value')
      const payload = Buffer.from(client.value('DUMP', 'key') as string, 'latin1')
      expect(payload.readUInt16LE(payload.length - 10)).toBe(Number(version))
      checkServer(server)
    }
  })
})
