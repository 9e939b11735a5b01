/** MIGRATE: what is sent, what others may do meanwhile, and what is left of the keys. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { ManualClock } from '../../../src/platform/clock.ts'
import type { Server } from '../../../src/server/server.ts'
import { checkServer, InProcessClient, testServer } from '../../support/in-process-client.ts'
import { connectTo, connectToServer, FakeTarget, rounds } from '../../support/migration-target.ts'

const NOW_MS = 1_700_000_000_000
const TIMEOUT_READING = '-IOERR error or timeout reading to target instance\r\n'
const TIMEOUT_WRITING = '-IOERR error or timeout writing to target instance\r\n'
const NOT_CONNECTED = '-IOERR error or timeout connecting to the client\r\n'

let clock: ManualClock
let server: Server
let client: InProcessClient
let other: InProcessClient

beforeEach(() => {
  clock = new ManualClock(NOW_MS)
  server = testServer({ clock })
  client = new InProcessClient(server)
  other = new InProcessClient(server)
})

afterEach(() => {
  vi.useRealTimers()
  expect(server.migrations.isActive).toBe(false)
  expect(server.guard.isActive).toBe(false)
  expect(server.watches.isActive).toBe(false)
  checkServer(server)
})

/** Begins to move keys to a target that the test speaks for. */
async function moving(...words: (string | number)[]): Promise<FakeTarget> {
  const target = new FakeTarget()
  server.migrations.connector = connectTo(target)
  expect(client.call('MIGRATE', 'host', 7000, ...words)).toBe('')
  await rounds()
  return target
}

describe('to a server', () => {
  let target: Server
  let there: InProcessClient

  beforeEach(() => {
    target = testServer({ clock })
    there = new InProcessClient(target)
    server.migrations.connector = connectToServer(target)
  })

  afterEach(() => checkServer(target))

  async function migrate(...words: (string | number)[]): Promise<string> {
    const early = client.call('MIGRATE', 'host', 7000, ...words)
    await rounds()
    return early + client.take()
  }

  test('keys of all types arrive as they are, and are gone here', async () => {
    client.call('SET', 's', 'text')
    client.call('SET', 'e', 'text', 'PX', 5000)
    client.call('RPUSH', 'l', 'a', 'b')
    client.call('SADD', 'set', 1, 2)
    client.call('ZADD', 'z', 1.5, 'm')
    client.call('HSET', 'h', 'f', 'v')
    const keys = ['s', 'e', 'l', 'set', 'z', 'h']
    const digests = client.value('DEBUG', 'DIGEST-VALUE', ...keys)
    expect(await migrate('', 3, 60_000, 'KEYS', ...keys, 'missing')).toBe('+OK\r\n')
    expect(client.value('DBSIZE')).toBe(0)
    there.call('SELECT', 3)
    expect(there.value('DEBUG', 'DIGEST-VALUE', ...keys)).toEqual(digests)
    expect(there.value('PTTL', 'e')).toBe(5000)
    expect(there.value('PTTL', 's')).toBe(-1)
  })

  test('nothing is sent where there is nothing', async () => {
    expect(await migrate('k', 0, 60_000)).toBe('+NOKEY\r\n')
    expect(await migrate('', 0, 60_000, 'KEYS')).toBe('+NOKEY\r\n')
  })

  test('COPY leaves the key, REPLACE takes the place of another', async () => {
    client.call('SET', 'k', 'new')
    there.call('SET', 'k', 'old')
    const busy = 'Target instance replied with error: BUSYKEY Target key name already exists.'
    expect(await migrate('k', 0, 60_000)).toBe(`-ERR ${busy}\r\n`)
    expect(await migrate('k', 0, 60_000, 'COPY', 'REPLACE')).toBe('+OK\r\n')
    expect([client.value('GET', 'k'), there.value('GET', 'k')]).toEqual(['new', 'new'])
    expect(await migrate('k', 0, 60_000, 'REPLACE')).toBe('+OK\r\n')
    expect(client.value('GET', 'k')).toBe(null)
  })

  test('keys go only when the target has agreed to the password and the database', async () => {
    client.call('SET', 'k', 'v')
    const told = '-ERR Target instance replied with error: '
    expect(await migrate('k', 99, 60_000)).toBe(`${told}ERR DB index is out of range\r\n`)
    expect(there.value('DBSIZE')).toBe(0)
    there.call('CONFIG', 'SET', 'requirepass', 'secret')
    expect(await migrate('k', 0, 60_000, 'AUTH', 'wrong')).toBe(
      `${told}WRONGPASS invalid username-password pair or user is disabled.\r\n`,
    )
    expect(await migrate('k', 0, 60_000)).toBe('+OK\r\n')
    client.call('SET', 'k2', 'v')
    expect(await migrate('k2', 0, 60_000, 'AUTH2', 'default', 'secret')).toBe('+OK\r\n')
  })

  test('a key larger than what is written at a time arrives whole', async () => {
    client.call('SET', 'k', 'x'.repeat(1_000_000))
    expect(await migrate('k', 0, 60_000)).toBe('+OK\r\n')
    expect(there.value('STRLEN', 'k')).toBe(1_000_000)
  })
})

describe('meanwhile', () => {
  beforeEach(() => {
    client.call('MSET', 'k', 'v', 'other', 'x')
  })

  test('the key is read, and others are written', async () => {
    const target = await moving('k', 0, 60_000)
    expect(other.value('GET', 'k')).toBe('v')
    expect(other.value('SET', 'other', 'y')).toBe('OK')
    expect(client.call('PING')).toBe('')
    target.reply('+OK\r\n+OK\r\n')
    await rounds()
    expect(client.take()).toBe('+OK\r\n+PONG\r\n')
    expect(other.value('GET', 'k')).toBe(null)
  })

  test.each([
    ['SET k new', '+OK\r\n'],
    ['APPEND k !', ':1\r\n'],
    ['DEL k', ':0\r\n'],
    ['EXPIRE k 10', ':0\r\n'],
    ['RENAME other k', '+OK\r\n'],
    ['COPY other k', ':1\r\n'],
    ['FLUSHALL', '+OK\r\n'],
    ['SWAPDB 0 1', '+OK\r\n'],
    ['MIGRATE host 7000 k 0 100', '+NOKEY\r\n'],
  ])('%s waits for the end', async (request, reply) => {
    const target = await moving('k', 0, 60_000)
    expect(other.call(...request.split(' '))).toBe('')
    target.reply('+OK\r\n+OK\r\n')
    await rounds()
    expect(client.take()).toBe('+OK\r\n')
    expect(other.take()).toBe(reply)
  })

  test('an EXEC waits as a whole, and one that changes nothing of it does not', async () => {
    const target = await moving('k', 0, 60_000)
    other.call('MULTI')
    other.call('SET', 'other', 'z')
    expect(other.value('EXEC')).toEqual(['OK'])
    other.call('MULTI')
    other.call('SET', 'other', 'no')
    other.call('SET', 'k', 'new')
    expect(other.call('EXEC')).toBe('')
    expect(new InProcessClient(server).value('GET', 'other')).toBe('z')
    target.reply('+OK\r\n+OK\r\n')
    await rounds()
    expect(other.take()).toBe('*2\r\n+OK\r\n+OK\r\n')
    expect(other.value('GET', 'k')).toBe('new')
  })

  test('whoever has waited and is gone does not come back', async () => {
    const target = await moving('k', 0, 60_000)
    other.call('SET', 'k', 'new')
    other.close()
    target.reply('+OK\r\n+OK\r\n')
    await rounds()
    expect(client.take()).toBe('+OK\r\n')
    expect(client.value('EXISTS', 'k')).toBe(0)
  })

  test('a move goes on when its client is gone', async () => {
    const target = await moving('k', 0, 60_000)
    client.close()
    target.reply('+OK\r\n+OK\r\n')
    await rounds()
    expect(other.value('EXISTS', 'k')).toBe(0)
  })

  test('a key that cannot be kept from a change stays', async () => {
    const target = await moving('', 0, 60_000, 'KEYS', 'k', 'other')
    // As a call of an embedded store does it.
    other.session.mayBlock = false
    other.call('SET', 'k', 'changed')
    target.reply('+OK\r\n+OK\r\n+OK\r\n')
    await rounds()
    expect(client.take()).toBe('-ERR A key has been changed while it was sent, and is kept\r\n')
    expect(other.value('GET', 'k')).toBe('changed')
    expect(other.value('EXISTS', 'other')).toBe(0)
  })

  test('keys and fields may expire', async () => {
    client.call('PEXPIRE', 'k', 100)
    client.call('HSET', 'h', 'f', 1, 'g', 2)
    client.call('HPEXPIRE', 'h', 100, 'FIELDS', 1, 'f')
    const target = await moving('', 0, 60_000, 'KEYS', 'k', 'h')
    clock.advance(200)
    expect(other.value('HGETALL', 'h')).toEqual(['g', '2'])
    while (server.activeExpiry.run()) {
      // There may be more.
    }
    target.reply('+OK\r\n+OK\r\n+OK\r\n')
    await rounds()
    expect(client.take()).toBe('+OK\r\n')
    expect(other.value('EXISTS', 'h', 'k')).toBe(0)
  })

  test('CLIENT PAUSE puts off the removal', async () => {
    const target = await moving('k', 0, 60_000)
    other.call('CLIENT', 'PAUSE', 100_000, 'WRITE')
    target.reply('+OK\r\n+OK\r\n')
    await rounds()
    expect(client.take()).toBe('')
    expect(other.value('EXISTS', 'k')).toBe(1)
    other.call('CLIENT', 'UNPAUSE')
    await vi.waitFor(() => expect(client.take()).toBe('+OK\r\n'))
    expect(other.value('EXISTS', 'k')).toBe(0)
  })
})

describe('the removal', () => {
  test('is a DEL in the log, of the keys that were taken', async () => {
    server.propagation.start()
    server.output.beforeSend = null
    client.call('MSET', 'a', 1, 'b', 2, 'c', 3)
    server.propagation.clear()
    const target = await moving('', 0, 60_000, 'KEYS', 'a', 'b', 'c')
    expect(target.requests).toEqual(['SELECT 0'])
    target.reply('+OK\r\n')
    await rounds()
    expect(target.requests).toEqual(['SELECT 0', 'RESTORE a', 'RESTORE b', 'RESTORE c'])
    target.reply('+OK\r\n-BUSYKEY x\r\n+OK\r\n')
    await rounds()
    expect(client.take()).toBe('-ERR Target instance replied with error: BUSYKEY x\r\n')
    const { propagation } = server
    const log = Buffer.from(propagation.bytes.subarray(0, propagation.length)).toString()
    expect(log).toBe('*3\r\n$3\r\nDEL\r\n$1\r\na\r\n$1\r\nc\r\n')
    expect(client.value('KEYS', '*')).toEqual(['b'])
  })

  test('is told to those who watch, track and listen', async () => {
    client.call('CONFIG', 'SET', 'notify-keyspace-events', 'KEA')
    client.call('SET', 'k', 'v')
    const target = await moving('k', 0, 60_000)
    other.call('WATCH', 'k')
    other.call('MULTI')
    const listener = new InProcessClient(server)
    listener.call('SUBSCRIBE', '__keyevent@0__:del')
    target.reply('+OK\r\n+OK\r\n')
    await rounds()
    expect(listener.take()).toContain('__keyevent@0__:del\r\n$1\r\nk\r\n')
    expect(other.call('EXEC')).toBe('*-1\r\n')
  })
})

describe('failures', () => {
  beforeEach(() => {
    client.call('MSET', 'a', 1, 'b', 2)
  })

  test('no connection', async () => {
    server.migrations.connector = connectTo(null)
    client.call('MIGRATE', 'host', 7000, 'a', 0, 60_000)
    await rounds()
    expect(client.take()).toBe(NOT_CONNECTED)
    server.migrations.connector = null
    client.call('MIGRATE', 'host', 7000, 'a', 0, 60_000)
    await rounds()
    expect(client.take()).toBe(NOT_CONNECTED)
    expect(client.value('INFO', 'errorstats')).toContain('errorstat_IOERR:count=2')
    expect(client.value('EXISTS', 'a', 'b')).toBe(2)
  })

  test('a target that hangs up is tried once more', async () => {
    const targets = [new FakeTarget(), new FakeTarget()]
    const connect = connectTo(...targets)
    server.migrations.connector = connect
    client.call('MIGRATE', 'host', 7000, 'a', 0, 60_000)
    await rounds()
    targets[0]!.push(null)
    await rounds()
    expect(client.take()).toBe('')
    expect(connect.calls).toEqual(['host:7000', 'host:7000'])
    targets[1]!.push(null)
    await rounds()
    expect(client.take()).toBe(TIMEOUT_READING)
    expect(client.value('EXISTS', 'a')).toBe(1)
  })

  test('a target that hangs up between two replies keeps what it has taken', async () => {
    const target = await moving('', 0, 60_000, 'KEYS', 'a', 'b')
    target.reply('+OK\r\n+OK\r\n')
    await rounds()
    target.destroy(new Error('reset'))
    await rounds()
    expect(client.take()).toBe(TIMEOUT_READING)
    expect(client.value('KEYS', '*')).toEqual(['b'])
  })

  test('a target that does not read, or does not answer', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const slow = new FakeTarget()
    slow.takes = false
    server.migrations.connector = connectTo(slow)
    client.call('MIGRATE', 'host', 7000, 'a', 0, 50)
    await rounds()
    vi.advanceTimersByTime(49)
    await rounds()
    expect(client.take()).toBe('')
    vi.advanceTimersByTime(1)
    await rounds()
    expect(client.take()).toBe(TIMEOUT_WRITING)
    expect(slow.destroyed).toBe(true)

    await moving('a', 0, 0)
    vi.advanceTimersByTime(999)
    await rounds()
    expect(client.take()).toBe('')
    vi.advanceTimersByTime(1)
    await rounds()
    expect(client.take()).toBe(TIMEOUT_READING)
  })

  test('a target that never stops talking is cut off', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const target = new FakeTarget()
    target.takes = false
    server.migrations.connector = connectTo(target, null)
    client.call('MIGRATE', 'host', 7000, 'a', 0, 50)
    await rounds()
    for (let i = 0; i < 20 && !target.destroyed; i++) {
      target.reply('x'.repeat(1_000_000))
      await rounds()
    }
    expect(target.destroyed).toBe(true)
    expect(client.take()).toBe(NOT_CONNECTED)
  })

  test('lines come in pieces, and are repeated as one line', async () => {
    const target = await moving('a', 0, 60_000)
    for (const piece of ['+O', 'K\r', '\n-ERR a\rb', ' c\r\n']) {
      target.reply(piece)
      await rounds()
    }
    const reply = client.take()
    expect(reply).toBe('-ERR Target instance replied with error: ERR a b c\r\n')
  })
})

describe('requests', () => {
  test.each([
    [['k', 0, 'x'], 'ERR value is not an integer or out of range'],
    [['k', 'x', 1], 'ERR value is not an integer or out of range'],
    [['k', 0, 1, 'NOPE'], 'ERR syntax error'],
    [['k', 0, 1, 'AUTH'], 'ERR syntax error'],
    [['k', 0, 1, 'AUTH2', 'user'], 'ERR syntax error'],
    [
      ['k', 0, 1, 'KEYS', 'a'],
      'ERR When using MIGRATE KEYS option, the key argument must be set to the empty string',
    ],
  ])('%j are refused', (words, error) => {
    client.call('SET', 'k', 'v')
    expect(client.call('MIGRATE', 'host', 7000, ...words)).toBe(`-${error}\r\n`)
  })

  test('none is queued in a transaction', () => {
    client.call('MULTI')
    expect(client.call('MIGRATE', 'host', 7000, 'k', 0, 1)).toBe(
      '-ERR Command not allowed inside a transaction\r\n',
    )
    expect(client.call('EXEC')).toMatch(/^-EXECABORT/)
  })

  test('passwords are in no log', async () => {
    client.call('CONFIG', 'SET', 'slowlog-log-slower-than', 0)
    other.call('MONITOR')
    for (const words of [
      ['AUTH', 'hidden-1'],
      ['COPY', 'AUTH2', 'hidden-2', 'hidden-3', 'KEYS', 'AUTH', 'shown'],
      ['AUTH', 'hidden-4', 'WRONG', 'AUTH', 'shown'],
    ]) {
      client.call('MIGRATE', 'host', 7000, '', 0, 1, ...words)
    }
    const seen = other.take() + client.call('SLOWLOG', 'GET')
    expect(seen).toContain('"AUTH" "(redacted)" "WRONG" "AUTH" "shown"')
    expect(seen).toContain('"AUTH2" "(redacted)" "(redacted)" "KEYS" "AUTH" "shown"')
    expect(seen).not.toContain('hidden')
  })

  test('a user needs the right to read and to write each of the keys', () => {
    client.call('ACL', 'SETUSER', 'u', 'on', 'nopass', '+migrate', '~a', '%R~r', '%W~w')
    const may = (...words: (string | number)[]) =>
      client.value('ACL', 'DRYRUN', 'u', 'MIGRATE', 'host', 7000, ...words) === 'OK'
    expect(may('a', 0, 1)).toBe(true)
    expect(may('b', 0, 1)).toBe(false)
    expect(may('r', 0, 1)).toBe(false)
    expect(may('w', 0, 1)).toBe(false)
    expect(may('', 0, 1, 'AUTH', 'KEYS', 'KEYS', 'a', 'a')).toBe(true)
    expect(may('', 0, 1, 'KEYS', 'a', 'b')).toBe(false)
  })
})

describe('connections', () => {
  beforeEach(() => {
    client.call('MSET', 'a', 1, 'b', 2, 'c', 3)
  })

  const cached = () => /migrate_cached_sockets:(\d+)/.exec(other.call('INFO', 'stats'))![1]

  test('are used again for ten seconds, without another SELECT', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const target = await moving('a', 5, 60_000)
    target.reply('+OK\r\n+OK\r\n')
    await rounds()
    expect(client.take()).toBe('+OK\r\n')
    expect(cached()).toBe('1')
    target.written = ''
    client.call('MIGRATE', 'host', 7000, 'b', 5, 60_000)
    await rounds()
    expect(target.requests).toEqual(['RESTORE b'])
    expect(cached()).toBe('0')
    target.reply('+OK\r\n')
    await rounds()
    expect(cached()).toBe('1')
    vi.advanceTimersByTime(10_000)
    await rounds()
    expect(cached()).toBe('0')
    expect(target.destroyed).toBe(true)
    client.take()
  })

  test('are not used again once the target has hung up, or has said what nobody asked', async () => {
    const targets = [new FakeTarget(), new FakeTarget(), new FakeTarget()]
    server.migrations.connector = connectTo(...targets)
    const move = async (key: string, target: FakeTarget) => {
      client.call('MIGRATE', 'host', 7000, key, 0, 60_000)
      await rounds()
      target.reply('+OK\r\n+OK\r\n')
      await rounds()
      expect(client.take()).toBe('+OK\r\n')
    }
    await move('a', targets[0]!)
    targets[0]!.push(null)
    await rounds()
    expect(cached()).toBe('0')
    await move('b', targets[1]!)
    targets[1]!.reply('+OK\r\n')
    await rounds()
    await move('c', targets[2]!)
    expect(targets[1]!.destroyed).toBe(true)
    await server.migrations.close()
  })

  test('that have logged in are not for those who have not', async () => {
    const targets = [new FakeTarget(), new FakeTarget()]
    server.migrations.connector = connectTo(...targets)
    client.call('MIGRATE', 'host', 7000, 'a', 0, 60_000, 'AUTH', 'secret')
    await rounds()
    targets[0]!.reply('+OK\r\n+OK\r\n+OK\r\n')
    await rounds()
    client.call('MIGRATE', 'host', 7000, 'b', 0, 60_000)
    await rounds()
    expect(targets[1]!.requests).toEqual(['SELECT 0'])
    targets[1]!.reply('-NOAUTH x\r\n')
    await rounds()
    expect(client.take()).toMatch(/^-ERR Target.*NOAUTH/)
    await server.migrations.close()
  })

  test('closing brings what is under way to its end', async () => {
    const target = await moving('', 0, 60_000, 'KEYS', 'a', 'b')
    target.reply('+OK\r\n+OK\r\n')
    await rounds()
    await server.migrations.close()
    expect(client.take()).toBe(TIMEOUT_READING)
    expect(client.value('EXISTS', 'a', 'b')).toBe(1)
  })
})
