/** Sessions: requests that come in pieces, pipelines, limits, and what they cost. */
import { describe, expect, test } from 'vitest'
import {
  checkServer,
  encodeRequest,
  InProcessClient,
  testServer,
} from '../../support/in-process-client.ts'

const MB = 2 ** 20

function newClient(config: Parameters<typeof testServer>[0] = {}): InProcessClient {
  return new InProcessClient(testServer(config))
}

describe('a pipeline', () => {
  const requests = [
    encodeRequest(['SET', 'k', 'va\r\nl']),
    encodeRequest(['GET', 'k']),
    Buffer.from('ECHO "in line"\r\n'),
    encodeRequest(['ECHO', '']),
    encodeRequest(['NOSUCH', 'x']),
    Buffer.from('\r\n'),
    encodeRequest(['PING']),
  ]
  const bytes = Buffer.concat(requests)
  const replies =
    '+OK\r\n$5\r\nva\r\nl\r\n$7\r\nin line\r\n$0\r\n\r\n' +
    "-ERR unknown command 'NOSUCH', with args beginning with: 'x' \r\n+PONG\r\n"

  test('in one piece leaves in one write', () => {
    const client = newClient()
    client.send(bytes)
    expect(client.take()).toBe(replies)
    expect(client.transport.sends).toBe(1)
    expect(client.session.queryCapacity).toBe(0)
    checkServer(client.server)
  })

  test('byte by byte', () => {
    const client = newClient()
    for (const byte of bytes) client.send(Buffer.of(byte))
    expect(client.take()).toBe(replies)
    expect(client.session.queryCapacity).toBe(0)
  })

  test('split at every point, and at every two', () => {
    const server = testServer()
    for (let first = 0; first <= bytes.length; first++) {
      for (let second = first; second <= bytes.length; second += 7) {
        const client = new InProcessClient(server)
        client.send(bytes.subarray(0, first))
        client.send(bytes.subarray(first, second))
        client.send(bytes.subarray(second))
        expect(client.take(), `split at ${first} and ${second}`).toBe(replies)
        expect(client.session.queryBytes).toBe(0)
        client.close()
      }
    }
    expect(server.sessions.size).toBe(0)
  })

  test.each([1, 2, 1000, 100_000])('of %i commands', (count) => {
    const client = newClient()
    client.send(Buffer.concat(Array(count).fill(encodeRequest(['PING']))))
    expect(client.take() === '+PONG\r\n'.repeat(count)).toBe(true)
  })

  test('in pieces of a socket read, between two clients', () => {
    const server = testServer()
    const clients = [new InProcessClient(server), new InProcessClient(server)]
    const streams = clients.map((_, which) =>
      Buffer.concat(
        Array.from({ length: 5000 }, (_, i) => encodeRequest(['ECHO', `${which}:${i}`])),
      ),
    )
    for (let from = 0; from < streams[0]!.length; from += 1001) {
      for (const [i, client] of clients.entries()) {
        client.send(streams[i]!.subarray(from, from + 1001))
      }
    }
    for (const [which, client] of clients.entries()) {
      const values = client.takeValues()
      expect(values).toHaveLength(5000)
      expect(values.every((value, i) => value === `${which}:${i}`)).toBe(true)
    }
  })
})

describe('large requests', () => {
  /** Counts the bytes that are copied from one buffer to another while `run` runs. */
  function copiedBytes(run: () => void): number {
    let copied = 0
    const { set, copyWithin } = Uint8Array.prototype
    Buffer.prototype.set = function (source: ArrayLike<number>, offset?: number) {
      copied += source.length
      return set.call(this, source, offset)
    }
    Buffer.prototype.copyWithin = function (target: number, start: number, end?: number) {
      copied += (end ?? this.length) - start
      return copyWithin.call(this, target, start, end)
    }
    try {
      run()
    } finally {
      Reflect.deleteProperty(Buffer.prototype, 'set')
      Reflect.deleteProperty(Buffer.prototype, 'copyWithin')
    }
    return copied
  }

  test.each([1, 100])('a value of %i MB is copied a fixed number of times', (size) => {
    const client = newClient({ debugArena: false })
    const request = encodeRequest(['ECHO', Buffer.alloc(size * MB, 'x')])
    const copied = copiedBytes(() => {
      for (let from = 0; from < request.length; from += 64 * 1024) {
        client.send(request.subarray(from, from + 64 * 1024))
      }
    })
    // Once into the buffer, at most twice in all as it doubles, and once into the reply.
    expect(copied).toBeGreaterThan(size * MB)
    expect(copied).toBeLessThan(4 * size * MB)
    const reply = client.take()
    expect(reply.length).toBe(`$${size * MB}\r\n\r\n`.length + size * MB)
    expect(client.session.queryCapacity).toBe(0)
  })

  test('a buffer is no larger than the request needs', () => {
    const client = newClient()
    const request = encodeRequest(['ECHO', Buffer.alloc(10 * MB)])
    for (let from = 0; from < request.length - 1; from += 64 * 1024) {
      client.send(request.subarray(from, Math.min(from + 64 * 1024, request.length - 1)))
      expect(client.session.queryCapacity).toBeLessThanOrEqual(request.length)
      expect(client.session.queryCapacity).toBeLessThan(2 * client.session.queryBytes + 5000)
    }
  })

  test('a million arguments', () => {
    const client = newClient()
    const count = 1_000_000
    const request = Buffer.from(`*${count}\r\n${'$1\r\nx\r\n'.repeat(count)}`)
    for (let from = 0; from < request.length; from += 64 * 1024) {
      client.send(request.subarray(from, from + 64 * 1024))
    }
    expect(client.take()).toMatch(/^-ERR unknown command 'x'/)
    expect(client.call('PING')).toBe('+PONG\r\n')
    expect(client.session.queryCapacity).toBe(0)
    expect(client.session.partialArgsBytes).toBe(0)
  })

  test.each(['*1000000000\r\n', '*2\r\n$4\r\nECHO\r\n$536870912\r\n', '*2147483647\r\n$1'])(
    'the claim %j takes no memory',
    (claim) => {
      const server = testServer()
      const clients = Array.from({ length: 100 }, () => new InProcessClient(server))
      for (const client of clients) {
        client.send(claim)
        expect(client.session.queryCapacity).toBeLessThanOrEqual(4096)
        expect(client.session.partialArgsBytes).toBeLessThanOrEqual(4096)
        expect(client.take()).toBe('')
        client.close()
      }
      expect(server.sessions.size).toBe(0)
    },
  )
})

describe('limits', () => {
  test('client-query-buffer-limit ends the connection', () => {
    const logged: string[] = []
    const config = { 'client-query-buffer-limit': '1mb' }
    const client = newClient({ config, print: (line) => logged.push(line) })
    client.send(`*2\r\n$4\r\nECHO\r\n$${2 * MB}\r\n`)
    for (let i = 0; i < 15; i++) client.send(Buffer.alloc(64 * 1024))
    expect(client.closed).toBe(false)
    client.send(Buffer.alloc(64 * 1024))
    expect(client.transport.destroyed).toBe(true)
    expect(client.take()).toBe('')
    expect(client.server.sessions.size).toBe(0)
    expect(client.server.queryBufferLimitDisconnections).toBe(1)
    expect(logged.join('')).toContain('max query buffer length')
  })

  test('proto-max-bulk-len may change at any time', () => {
    const client = newClient({ config: { 'proto-max-bulk-len': '1mb' } })
    expect(client.server.config.setMany([['proto-max-bulk-len', '2mb']])).toBe(null)
    client.send(`*2\r\n$4\r\nECHO\r\n$${2 * MB}\r\n`)
    expect(client.closed).toBe(false)
    const other = new InProcessClient(client.server)
    other.send(`*2\r\n$4\r\nECHO\r\n$${2 * MB + 1}\r\n`)
    expect(other.take()).toBe('-ERR Protocol error: invalid bulk length\r\n')
    expect(other.closed).toBe(true)
  })

  test('after a protocol error nothing more is read', () => {
    const client = newClient()
    client.send('PING\r\n*1\r\nx\r\n*1\r\n$4\r\nPING\r\n')
    expect(client.take()).toBe("+PONG\r\n-ERR Protocol error: expected '$', got 'x'\r\n")
    expect(client.transport.ended).toBe(true)
    client.send('PING\r\n')
    expect(client.take()).toBe('')
  })

  test('strangers may send ten arguments of 16 KB', () => {
    const server = testServer({ config: { requirepass: 'secret' } })
    const fresh = () => new InProcessClient(server)
    const many = fresh()
    many.send('*11\r\n')
    expect(many.take()).toBe('-ERR Protocol error: unauthenticated multibulk length\r\n')
    expect(many.closed).toBe(true)
    const long = fresh()
    long.send('*2\r\n$4\r\nECHO\r\n$16385\r\n')
    expect(long.take()).toBe('-ERR Protocol error: unauthenticated bulk length\r\n')
    const known = fresh()
    known.send(`AUTH secret\r\n*12\r\n${'$1\r\nx\r\n'.repeat(12)}`)
    expect(known.take()).toMatch(/^\+OK\r\n-ERR unknown command/)
    const least = fresh()
    least.send(`*2\r\n$4\r\nECHO\r\n$16384\r\n${'x'.repeat(16384)}\r\n`)
    expect(least.take()).toBe('-NOAUTH Authentication required.\r\n')
  })

  test('somebody who speaks HTTP is hung up on', () => {
    for (const text of ['POST / HTTP/1.1\r\n', 'host: x\r\n']) {
      const client = newClient()
      client.send(`${text}PING\r\n`)
      expect(client.transport.destroyed).toBe(true)
      expect(client.take()).toBe('')
    }
  })
})

test('a connection that is gone takes its session with it, whatever was under way', () => {
  const server = testServer()
  for (const text of ['', 'PI', '*2\r\n$4\r\nECHO\r\n$3\r\na', 'QUIT\r\n', '*x\r\n']) {
    const client = new InProcessClient(server)
    client.send(text)
    client.close()
    client.send('PING\r\n')
    expect(client.take().includes('PONG')).toBe(false)
  }
  expect(server.sessions.size).toBe(0)
})
