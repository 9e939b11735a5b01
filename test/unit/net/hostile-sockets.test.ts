/**
 * Clients that mean harm, over real sockets: what they leave behind is nothing, and while they are
 * at it another client is answered, which is told by the order of events and never by time.
 */
import fs from 'node:fs'
import { afterEach, describe, expect, test } from 'vitest'
import { Listener } from '../../../src/net/listener.ts'
import { ManualClock } from '../../../src/platform/clock.ts'
import { Cron } from '../../../src/server/cron.ts'
import type { Server } from '../../../src/server/server.ts'
import { checkServer, type TestServerOptions, testServer } from '../../support/in-process-client.ts'
import { eventually, RawClient } from './raw-client.ts'

const open: { server: Server; listener: Listener }[] = []

afterEach(async () => {
  for (const { server, listener } of open.splice(0)) {
    listener.close()
    for (const session of server.sessions.values()) session.destroy()
    await eventually(() => server.sessions.size === 0)
    checkServer(server)
  }
})

function serve(options: TestServerOptions = {}): { server: Server; port: number } {
  const server = testServer(options)
  const listener = Listener.open(server, { host: '127.0.0.1', port: 0, backlog: 511 })
  open.push({ server, listener })
  return { server, port: listener.port }
}

const ping = async (client: RawClient) =>
  expect(await client.ask('PING\r\n', '+PONG\r\n')).toBe('+PONG\r\n')

describe('connections', () => {
  test('two thousand that come and go leave nothing, and others are served meanwhile', async () => {
    const { server, port } = serve()
    const other = await RawClient.connect(port)
    for (let burst = 0; burst < 10; burst++) {
      const clients = await Promise.all(Array.from({ length: 200 }, () => RawClient.connect(port)))
      const answered = ping(other)
      clients.forEach((client, i) => {
        if (i % 4 === 1) client.socket.write('*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$100\r\nx')
        if (i % 4 === 2) client.socket.write('MULTI\r\nSET k v\r\n')
        if (i % 2 === 0) client.socket.resetAndDestroy()
        else client.destroy()
      })
      await answered
    }
    // One that is reset before it is looked at has no address any more, and is refused.
    const seen = () => server.connectionsReceived + server.connectionsRejected
    await eventually(() => seen() === 2001 && server.sessions.size === 1)
    other.destroy()
  })

  test('that are reset in the midst of anything leave nothing', async () => {
    const { server, port } = serve()
    const value = 'x'.repeat(100_000)
    const other = await RawClient.connect(port)
    await other.ask(`SET big ${'y'.repeat(60_000)}\r\n`, '+OK\r\n')
    for (const bytes of [
      `*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$${value.length * 2}\r\n${value}`,
      'MULTI\r\nSET a 1\r\nSET b 2\r\n',
      'WATCH a b c\r\nMULTI\r\n',
      'SUBSCRIBE a b c\r\nPSUBSCRIBE d*\r\n',
      'BLPOP nothing 0\r\nPING\r\n',
      'GET big\r\n'.repeat(2000),
      'CLIENT REPLY OFF\r\nPING\r\n',
    ]) {
      const client = await RawClient.connect(port)
      client.socket.pause()
      client.socket.write(bytes)
      await eventually(() => server.netInputBytes > 0 && server.sessions.size === 2)
      await ping(other)
      client.socket.resetAndDestroy()
      await eventually(() => server.sessions.size === 1)
      expect([server.pubsub.patternCount, server.blocking.count]).toEqual([0, 0])
      await ping(other)
    }
    await other.ask('FLUSHALL\r\n', '+OK\r\n')
    other.destroy()
  })

  test('that are half open end behind their replies', async () => {
    const { server, port } = serve()
    for (const bytes of ['', 'PING\r\n', '*2\r\n$4\r\nECHO\r\n$10\r\nabc', 'BLPOP nothing 0\r\n']) {
      const client = await RawClient.connect(port, { allowHalfOpen: true })
      client.socket.end(bytes)
      await client.closed()
      expect(client.received).toBe(bytes === 'PING\r\n' ? '+PONG\r\n' : '')
    }
    await eventually(() => server.sessions.size === 0)
  })

  test('that say nothing are closed by `timeout`, and count for `maxclients` till then', async () => {
    const clock = new ManualClock()
    const { server, port } = serve({ clock, config: { timeout: '1', maxclients: '3' } })
    const silent = await Promise.all([1, 2, 3].map(() => RawClient.connect(port)))
    await eventually(() => server.sessions.size === 3)
    const refused = await RawClient.connect(port)
    await refused.closed()
    expect(refused.received).toBe('-ERR max number of clients reached\r\n')
    clock.advance(2000)
    new Cron(server).run()
    await Promise.all(silent.map((client) => client.closed()))
    const next = await RawClient.connect(port)
    await ping(next)
    next.destroy()
  })
})

describe('while one client', () => {
  test('sends a pipeline of 16 MB, another is answered', async () => {
    const { server, port } = serve()
    const hostile = await RawClient.connect(port)
    const other = await RawClient.connect(port)
    await ping(other)
    const pipeline = 'PING 12345678\r\n'.repeat(2 ** 20)
    hostile.socket.write(pipeline)
    await eventually(() => server.netInputBytes > 64 * 1024)
    await ping(other)
    expect(server.netInputBytes).toBeLessThan(pipeline.length)
    hostile.destroy()
    other.destroy()
  })

  test('sends a value of 64 MB, another is answered', async () => {
    const { server, port } = serve()
    const hostile = await RawClient.connect(port)
    const other = await RawClient.connect(port)
    const size = 64 * 2 ** 20
    hostile.socket.write(`*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$${size}\r\n`)
    hostile.socket.write(Buffer.alloc(size, 'x'))
    hostile.socket.write('\r\n')
    let before = 0
    while (server.netInputBytes < size / 2) {
      await ping(other)
      expect(server.netInputBytes).toBeGreaterThanOrEqual(before)
      before = server.netInputBytes
    }
    expect(hostile.received).toBe('')
    expect(await hostile.take(5)).toBe('+OK\r\n')
    hostile.destroy()
    other.destroy()
  })

  test('never reads, another is answered, and it is cut off', async () => {
    const limits = ['normal', '4mb', '0', '0']
    const { server, port } = serve({ config: { 'client-output-buffer-limit': limits } })
    const other = await RawClient.connect(port)
    await other.ask(`SET k ${'x'.repeat(60_000)}\r\n`, '+OK\r\n')
    const hostile = await RawClient.connect(port)
    hostile.socket.pause()
    hostile.socket.write('GET k\r\n'.repeat(10_000))
    let most = 0
    while (server.outputBufferLimitDisconnections === 0) {
      await ping(other)
      for (const { transport } of server.sessions.values()) {
        most = Math.max(most, transport.queuedBytes)
      }
    }
    // A turn hands over what it has gathered before it is looked at.
    expect(most).toBeLessThan(5 * 2 ** 20)
    await eventually(() => server.sessions.size === 1)
    hostile.destroy()
    other.destroy()
  })
})

describe('tcp-keepalive', () => {
  /** What the kernel says of the timer of the server's side of a connection: 2 is keep-alive. */
  function timerOf(port: number, clientPort: number): string | undefined {
    const hexadecimal = (number: number) => number.toString(16).toUpperCase().padStart(4, '0')
    const pattern = `:${hexadecimal(port)} \\w+:${hexadecimal(clientPort)} 01 \\w+:\\w+ (\\w+):`
    return new RegExp(pattern).exec(fs.readFileSync('/proc/net/tcp', 'utf8'))?.[1]
  }

  test.skipIf(process.platform !== 'linux')('is on, unless it is 0', async () => {
    const { server, port } = serve()
    const first = await RawClient.connect(port)
    await ping(first)
    expect(timerOf(port, first.socket.localPort!)).toBe('02')
    expect(server.config.setMany([['tcp-keepalive', '0']])).toBeNull()
    const second = await RawClient.connect(port)
    await ping(second)
    expect(timerOf(port, second.socket.localPort!)).toBe('00')
    first.destroy()
    second.destroy()
  })
})
