/**
 * Clients that mean harm, as far as the server itself answers for them: what each makes it keep is
 * bounded, by the server's own counts, and another client is answered between any two of its reads.
 * docs/security.md names the limits; what needs real sockets is in net/hostile-sockets.test.ts.
 */
import { describe, expect, test } from 'vitest'
import {
  checkServer,
  encodeRequest,
  FakeTransport,
  InProcessClient,
  StuckTransport,
  type TestServerOptions,
  testServer,
} from '../../support/in-process-client.ts'

const KB = 1024
const MB = 1024 * KB
/** What one read brings at most. */
const READ_BYTES = 64 * KB

interface Scene {
  hostile: InProcessClient
  other: InProcessClient
  /** The most that was kept for the hostile client at any moment. */
  most(): number
  /** Sends bytes as reads bring them; between any two the other client is served. */
  send(bytes: Buffer | string): void
}

function scene(config: TestServerOptions['config'] = {}, transport = new FakeTransport()): Scene {
  const server = testServer({ config })
  const [hostile, other] = [new InProcessClient(server, transport), new InProcessClient(server)]
  const pong = other.call('PING')
  expect(pong).toMatch(/^(\+PONG|-NOAUTH)/)
  let mostBytes = 0
  return {
    hostile,
    other,
    most: () => mostBytes,
    send(bytes) {
      const all = Buffer.from(bytes as string, 'latin1')
      for (let i = 0; i < all.length && !hostile.session.closed; i += READ_BYTES) {
        hostile.send(all.subarray(i, i + READ_BYTES))
        mostBytes = Math.max(mostBytes, server.clientMemory.bytesOf(hostile.session))
        expect(other.call('PING')).toBe(pong)
      }
    },
  }
}

describe('before it has said who it is, a client', () => {
  const locked = { requirepass: 'secret' }

  test('sends no more than ten arguments of 16 KB', () => {
    const { hostile, send, most } = scene(locked)
    send(`*10\r\n$5\r\nHELLO\r\n${`$16384\r\n${'x'.repeat(16384)}\r\n`.repeat(9)}`)
    expect(hostile.take()).toMatch(/^-/)
    expect(most()).toBeLessThan(512 * KB)
    send('*11\r\n')
    expect(hostile.take()).toBe('-ERR Protocol error: unauthenticated multibulk length\r\n')
    expect(hostile.closed).toBe(true)
  })

  test('is cut off when a kilobyte waits for it, one who is known is not', () => {
    const { hostile, other } = scene(locked, new StuckTransport())
    const known = new InProcessClient(hostile.server, new StuckTransport())
    for (const client of [hostile, known]) {
      client.send('PING\r\n'.repeat(20))
      hostile.server.output.flush()
    }
    expect([hostile.session.closed, known.session.closed]).toEqual([false, false])
    known.send('AUTH secret\r\n')
    hostile.server.output.flush()
    for (const client of [hostile, known]) {
      client.send('PING\r\n'.repeat(20))
      hostile.server.output.flush()
    }
    expect([hostile.session.closed, known.session.closed]).toEqual([true, false])
    expect(hostile.server.outputBufferLimitDisconnections).toBe(1)
    expect(other.call('PING')).toMatch(/^-NOAUTH/)
  })

  test('runs nothing but what is for strangers', () => {
    const { hostile } = scene({ ...locked, 'enable-debug-command': 'yes' })
    for (const line of ['GET a', 'CONFIG GET *', 'MULTI', 'SUBSCRIBE a', 'DEBUG JMAP', 'MONITOR']) {
      expect(hostile.call(...line.split(' '))).toMatch(/^-(NOAUTH|ERR unknown)/)
    }
  })
})

describe('lengths that are claimed', () => {
  test.each([
    '*2147483648\r\n',
    '*99999999999999999999\r\n',
    '*-\r\n',
    '*1\r\n$536870913\r\n',
    '*1\r\n$-1\r\n',
    '*1\r\n$9223372036854775808\r\n',
  ])('%j ends the connection', (claim) => {
    const { hostile, send, most } = scene()
    send(claim)
    expect(hostile.take()).toMatch(/^-ERR Protocol error: invalid (multibulk|bulk) length\r\n$/)
    expect(hostile.closed).toBe(true)
    expect(most()).toBeLessThan(16 * KB)
  })

  test.each(['*2147483647\r\n$4\r\nPING\r\n', '*2\r\n$4\r\nECHO\r\n$536870912\r\nx'])(
    '%j costs what has arrived',
    (claim) => {
      const { hostile, send, most } = scene()
      send(claim)
      expect(hostile.closed).toBe(false)
      expect(most()).toBeLessThan(16 * KB)
    },
  )

  test('many small arguments cost a multiple of their bytes, up to the limit', () => {
    const limit = 2 * MB
    const { hostile, send, most } = scene({ 'client-query-buffer-limit': String(limit) })
    send(`*1000000\r\n${'$0\r\n\r\n'.repeat(500_000)}`)
    expect(hostile.transport.destroyed).toBe(true)
    expect(hostile.server.queryBufferLimitDisconnections).toBe(1)
    expect(most()).toBeLessThan(8 * limit)
  })
})

describe('requests that never end', () => {
  test('a line without an end is cut off at 64 KB', () => {
    const { hostile, send, most } = scene()
    send('x'.repeat(MB))
    expect(hostile.take()).toBe('-ERR Protocol error: too big inline request\r\n')
    expect(hostile.closed).toBe(true)
    expect(most()).toBeLessThan(512 * KB)
  })

  test.each([
    ['*', 'too big mbulk count string'],
    ['*1\r\n$', 'too big bulk count string'],
  ])('a header %j without an end as well', (start, text) => {
    const { hostile, send, most } = scene()
    send(start + '1'.repeat(MB))
    expect(hostile.take()).toBe(`-ERR Protocol error: ${text}\r\n`)
    expect(most()).toBeLessThan(512 * KB)
  })

  test('a byte at a time costs one small buffer, and is served all the same', () => {
    const { hostile, other } = scene()
    const request = encodeRequest(['SET', 'key', 'v'.repeat(1000)])
    for (const byte of request) {
      hostile.send(Buffer.of(byte))
      expect(hostile.session.queryCapacity).toBeLessThanOrEqual(4 * KB)
      expect(other.call('PING')).toBe('+PONG\r\n')
    }
    expect(hostile.take()).toBe('+OK\r\n')
  })
})

describe('what a client has the server remember', () => {
  /** A limit for all clients together, of which one takes more than all others. */
  const limited = { 'maxmemory-clients': '4mb' }

  /** One request after the other, of a thousand arguments each. */
  function flood(word: string, count: number): Buffer {
    const requests: Buffer[] = []
    for (let i = 0; i < count; i += 1000) {
      const names = Array.from({ length: 1000 }, (_, j) => `name:${i + j}`)
      requests.push(encodeRequest([word, ...names]))
    }
    return Buffer.concat(requests)
  }

  test.each(['SUBSCRIBE', 'PSUBSCRIBE', 'SSUBSCRIBE', 'WATCH'])(
    'a hundred thousand names for %s: the largest client goes',
    (word) => {
      const { hostile, other, send, most } = scene(limited)
      send(flood(word, 100_000))
      expect(hostile.session.closed).toBe(true)
      expect(hostile.server.clientMemory.evicted).toBe(1)
      expect(most()).toBeLessThan(8 * MB)
      expect(other.call('PUBSUB', 'CHANNELS')).toBe('*0\r\n')
      expect(other.call('PUBSUB', 'NUMPAT')).toBe(':0\r\n')
      expect(other.call('SET', 'name:1', 'v')).toBe('+OK\r\n')
    },
  )

  test('a flood of queued commands count for the query buffer', () => {
    const limit = 2 * MB
    const { hostile, send, most } = scene({ 'client-query-buffer-limit': String(limit) })
    send('MULTI\r\n')
    expect(hostile.take()).toBe('+OK\r\n')
    send(Buffer.concat(Array(200_000).fill(encodeRequest(['INCR', 'n']))))
    expect(hostile.session.closed).toBe(true)
    expect(hostile.server.queryBufferLimitDisconnections).toBe(1)
    expect(most()).toBeLessThan(8 * limit)
    expect(new InProcessClient(hostile.server).call('DBSIZE')).toBe(':0\r\n')
  })

  test('MULTI in MULTI is an error, and keeps nothing', () => {
    const { hostile, send } = scene()
    send('MULTI\r\n')
    const before = hostile.session.transactionBytes
    send('MULTI\r\n'.repeat(100_000))
    expect(hostile.session.transactionBytes).toBe(before)
    expect(hostile.take()).toBe(
      `+OK\r\n${'-ERR MULTI calls can not be nested\r\n'.repeat(100_000)}`,
    )
    expect(hostile.call('EXEC')).toBe('*0\r\n')
  })

  test('a long name, and errors that repeat what was sent, are cut short', () => {
    const { hostile } = scene()
    expect(hostile.call('x'.repeat(MB), 'y'.repeat(MB)).length).toBeLessThan(512)
    expect(hostile.call('CONFIG', 'x'.repeat(MB)).length).toBeLessThan(512)
    expect(hostile.server.errorCounts.size).toBe(1)
  })
})

test('ten thousand connections that come and go leave nothing', () => {
  const { hostile, other } = scene()
  const { server } = hostile
  for (let burst = 0; burst < 10; burst++) {
    const clients = Array.from({ length: 1000 }, () => new InProcessClient(server))
    clients.forEach((client, i) => {
      client.send(['', 'PI', '*2\r\n$4\r\nECHO\r\n$9', 'MULTI\r\n', 'SUBSCRIBE c\r\n'][i % 5]!)
    })
    expect(other.call('PING')).toBe('+PONG\r\n')
    for (const client of clients) client.close()
  }
  expect([server.sessions.size, server.connectionsReceived]).toEqual([2, 10_002])
  for (const client of [hostile, other]) client.close()
  expect(server.clientMemory.totalBytes).toBe(0)
  checkServer(server)
})

describe('a client that never reads', () => {
  test('is cut off at the hard limit of its class, with one long pipeline', () => {
    const config = { 'client-output-buffer-limit': ['normal', '4mb', '0', '0'] }
    const { hostile, other, send, most } = scene(config, new StuckTransport())
    other.call('SET', 'k', 'x'.repeat(MB))
    send('GET k\r\n'.repeat(10_000))
    hostile.server.output.flush()
    expect(hostile.session.closed).toBe(true)
    expect(hostile.server.outputBufferLimitDisconnections).toBe(1)
    expect(most()).toBeLessThan(8 * MB)
    expect(hostile.server.keyspace.hits).toBeLessThan(10)
  })

  test('is cut off as a subscriber while others publish', () => {
    const config = { 'client-output-buffer-limit': ['pubsub', '4mb', '0', '0'] }
    const { hostile, other } = scene(config, new StuckTransport())
    hostile.send('SUBSCRIBE c\r\n')
    let receivers = ':1\r\n'
    let published = 0
    while (receivers === ':1\r\n') {
      receivers = other.call('PUBLISH', 'c', 'x'.repeat(256 * KB))
      published++
    }
    expect(receivers).toBe(':0\r\n')
    expect(published).toBeLessThan(20)
    expect(hostile.session.closed).toBe(true)
  })
})

describe('names of users', () => {
  test('are bytes, never properties of objects', () => {
    const { hostile } = scene({ 'enable-debug-command': 'yes' })
    for (const name of ['__proto__', 'constructor', 'toString', 'hasOwnProperty']) {
      expect(hostile.call(name)).toMatch(/^-ERR unknown command/)
      expect(hostile.call('CONFIG', 'GET', name)).toBe('*0\r\n')
      expect(hostile.call('CONFIG', 'SET', name, '1')).toMatch(/^-ERR Unknown option/)
      expect(hostile.call('COMMAND', 'INFO', name)).toBe('*1\r\n$-1\r\n')
      expect(hostile.call('CLIENT', name)).toMatch(/^-ERR unknown subcommand/)
      expect(hostile.call('HSET', name, name, name)).toBe(':1\r\n')
      expect(hostile.call('HGET', name, name)).toBe(`$${name.length}\r\n${name}\r\n`)
      expect(hostile.call('PUBSUB', 'NUMSUB', name)).toBe(
        `*2\r\n$${name.length}\r\n${name}\r\n:0\r\n`,
      )
    }
    hostile.close()
    checkServer(hostile.server)
  })
})
