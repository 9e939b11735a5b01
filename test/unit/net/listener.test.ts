/** Connections over real sockets: pipelines, limits, and how connections end. */
import fs from 'node:fs'
import net from 'node:net'
import os from 'node:os'
import path from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { ListenError } from '../../../src/net/listen-error.ts'
import { Listener } from '../../../src/net/listener.ts'
import { StreamConnection } from '../../../src/net/stream-connection.ts'
import { ManualClock } from '../../../src/platform/clock.ts'
import { Cron } from '../../../src/server/cron.ts'
import type { Server } from '../../../src/server/server.ts'
import { checkServer, type TestServerOptions, testServer } from '../../support/in-process-client.ts'
import { eventually, RawClient } from './raw-client.ts'

const open: { server: Server; listener: Listener }[] = []
const directories: string[] = []

afterEach(async () => {
  for (const { server, listener } of open.splice(0)) {
    listener.close()
    for (const session of server.sessions.values()) session.destroy()
    await eventually(() => server.sessions.size === 0)
    checkServer(server)
  }
  for (const directory of directories.splice(0)) fs.rmSync(directory, { recursive: true })
})

function serve(options: TestServerOptions = {}): { server: Server; port: number } {
  const server = testServer(options)
  const listener = Listener.open(server, { host: '127.0.0.1', port: 0, backlog: 511 })
  open.push({ server, listener })
  return { server, port: listener.port }
}

function temporaryDirectory(): string {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'redstart-net-'))
  directories.push(directory)
  return directory
}

describe('requests', () => {
  test('a pipeline is answered in order', async () => {
    const { port } = serve()
    const client = await RawClient.connect(port)
    const count = 5000
    expect(await client.ask('PING\r\n'.repeat(count), '+PONG\r\n'.repeat(count))).toBe(
      '+PONG\r\n'.repeat(count),
    )
    client.destroy()
  })

  test('a value of many reads comes back whole', async () => {
    const { port } = serve()
    const client = await RawClient.connect(port)
    const value = 'abcdefgh'.repeat(128 * 1024)
    const set = `*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$${value.length}\r\n${value}\r\n`
    expect(await client.ask(set, '+OK\r\n')).toBe('+OK\r\n')
    const reply = `$${value.length}\r\n${value}\r\n`
    expect((await client.ask('GET k\r\n', reply)) === reply).toBe(true)
    client.destroy()
  })

  test('connections know their addresses and descriptors', async () => {
    const { server, port } = serve()
    const client = await RawClient.connect(port)
    await client.ask('PING\r\n', '+PONG\r\n')
    const [{ transport }] = [...server.sessions.values()]
    expect(transport.remoteAddress).toMatch(/^127\.0\.0\.1:\d+$/)
    expect(transport.localAddress).toBe(`127.0.0.1:${port}`)
    expect(transport.isUnixSocket).toBe(false)
    if (process.platform !== 'win32') expect(transport.fd).toBeGreaterThan(2)
    client.destroy()
  })
})

describe('the end of a connection', () => {
  test('a pipeline is answered although the client has closed its writing side', async () => {
    const { server, port } = serve()
    const client = await RawClient.connect(port, { allowHalfOpen: true })
    client.socket.end('PING\r\n'.repeat(100))
    await eventually(() => server.sessions.size === 0)
    expect(await client.take(700)).toBe('+PONG\r\n'.repeat(100))
    client.destroy()
  })

  test('a client that stops sending at once gets all its replies, every time', async () => {
    const { server, port } = serve()
    const pipeline = `SET a 1\r\n${'PING\r\n'.repeat(50)}GET a\r\n`
    const replies = `+OK\r\n${'+PONG\r\n'.repeat(50)}$1\r\n1\r\n`
    for (let round = 0; round < 20; round++) {
      const sending = Array.from({ length: 25 }, async () => {
        const client = await RawClient.connect(port, { allowHalfOpen: true })
        client.socket.end(pipeline)
        await client.closed()
        return client.received
      })
      expect(new Set(await Promise.all(sending))).toEqual(new Set([replies]))
    }
    await eventually(() => server.sessions.size === 0)
  })

  test('replies that wait for a slow reader outlast the end of its requests', async () => {
    const { server, port } = serve()
    const client = await RawClient.connect(port, { allowHalfOpen: true })
    client.socket.pause()
    client.socket.end(`SET k ${'x'.repeat(60_000)}\r\n${'GET k\r\n'.repeat(500)}`)
    await eventually(() => [...server.sessions.values()].some((session) => session.closing))
    client.socket.resume()
    await client.closed()
    expect(client.received.length).toBe(5 + 500 * ('$60000\r\n'.length + 60_000 + 2))
    await eventually(() => server.sessions.size === 0)
  })

  test('requests and the end of them may come in one round of the event loop', async () => {
    const server = testServer()
    const listener = net.createServer({ allowHalfOpen: true }, (socket) => {
      const connection = new StreamConnection(server, socket, '', false)
      connection.open(socket)
      socket.on('data', () => socket.push(null))
    })
    await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve))
    const { port } = listener.address() as net.AddressInfo
    for (let i = 0; i < 20; i++) {
      const client = await RawClient.connect(port, { allowHalfOpen: true })
      client.socket.end('PING\r\nSET a 1\r\n')
      await client.closed()
      expect(client.received).toBe('+PONG\r\n+OK\r\n')
    }
    await eventually(() => server.sessions.size === 0)
    listener.close()
    checkServer(server)
  })

  test('a request that is held back ends with its connection', async () => {
    const { port } = serve()
    const other = await RawClient.connect(port)
    await other.ask('CLIENT PAUSE 100000 WRITE\r\n', '+OK\r\n')
    const client = await RawClient.connect(port, { allowHalfOpen: true })
    client.socket.end('PING\r\nSET a 1\r\nPING\r\n')
    await client.closed()
    expect(client.received).toBe('+PONG\r\n')
    await other.ask('CLIENT UNPAUSE\r\n', '+OK\r\n')
    expect(await other.ask('GET a\r\n', '$-1\r\n')).toBe('$-1\r\n')
    other.destroy()
  })

  test('a reset connection is forgotten', async () => {
    const { server, port } = serve()
    const client = await RawClient.connect(port)
    await client.ask('PING\r\n', '+PONG\r\n')
    client.socket.resetAndDestroy()
    await eventually(() => server.sessions.size === 0)
  })

  test('an unfinished request does not outlive its connection', async () => {
    const { server, port } = serve()
    const client = await RawClient.connect(port)
    client.socket.write('*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$1000000\r\nabc')
    await eventually(() => [...server.sessions.values()].some((session) => session.queryBytes > 0))
    client.destroy()
    await eventually(() => server.sessions.size === 0)
  })

  test('many connections that come and go leave nothing', async () => {
    const { server, port } = serve()
    const bursts = 10
    const clientsPerBurst = 100
    for (let burst = 0; burst < bursts; burst++) {
      const connecting = Array.from({ length: clientsPerBurst }, () => RawClient.connect(port))
      const clients = await Promise.all(connecting)
      clients.forEach((client, i) => {
        if (i % 3 === 0) client.socket.resetAndDestroy()
        else client.destroy()
      })
    }
    // One that is reset before it is looked at has no address any more, and is refused.
    const seen = () => server.connectionsReceived + server.connectionsRejected
    await eventually(() => seen() === bursts * clientsPerBurst)
    await eventually(() => server.sessions.size === 0)
  })
})

describe('limits', () => {
  test('maxclients refuses with an error, and lets in again when one has gone', async () => {
    const { server, port } = serve({ config: { maxclients: '1' } })
    const first = await RawClient.connect(port)
    await first.ask('PING\r\n', '+PONG\r\n')
    const second = await RawClient.connect(port)
    await second.closed()
    expect(second.received).toBe('-ERR max number of clients reached\r\n')
    expect(server.connectionsRejected).toBe(1)
    first.destroy()
    await eventually(() => server.sessions.size === 0)
    const third = await RawClient.connect(port)
    expect(await third.ask('PING\r\n', '+PONG\r\n')).toBe('+PONG\r\n')
    third.destroy()
  })

  /** A client that asks for much and reads nothing. */
  async function slowReader(port: number): Promise<RawClient> {
    const client = await RawClient.connect(port)
    client.socket.pause()
    const value = 'x'.repeat(1024 * 1024)
    client.socket.write(`*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$${value.length}\r\n${value}\r\n`)
    client.socket.write('GET k\r\n'.repeat(32))
    return client
  }

  test('a slow reader is closed beyond the hard limit', async () => {
    const limits = ['normal', '4mb', '0', '0']
    const { server, port } = serve({ config: { 'client-output-buffer-limit': limits } })
    const client = await slowReader(port)
    await eventually(() => server.outputBufferLimitDisconnections === 1)
    await eventually(() => server.sessions.size === 0)
    client.destroy()
  })

  test('a slow reader is closed when it stays beyond the soft limit', async () => {
    const clock = new ManualClock()
    const limits = ['normal', '0', '1mb', '2']
    const { server, port } = serve({ clock, config: { 'client-output-buffer-limit': limits } })
    const cron = new Cron(server)
    const client = await slowReader(port)
    await eventually(() => [...server.sessions.values()].some((one) => one.softLimitSinceMs > 0))
    cron.run()
    clock.advance(2000)
    cron.run()
    expect(server.outputBufferLimitDisconnections).toBe(0)
    clock.advance(1)
    cron.run()
    expect(server.outputBufferLimitDisconnections).toBe(1)
    await eventually(() => server.sessions.size === 0)
    client.destroy()
  })

  test('what a slow reader has not taken reaches it when it reads on', async () => {
    const { server, port } = serve()
    const client = await slowReader(port)
    await eventually(() =>
      [...server.sessions.values()].some((one) => one.transport.queuedBytes > 0),
    )
    client.socket.resume()
    const expected = 5 + 32 * ('$1048576\r\n'.length + 1024 * 1024 + 2)
    expect((await client.take(expected)).length).toBe(expected)
    await eventually(() => [...server.sessions.values()][0].transport.queuedBytes === 0)
    client.destroy()
  })

  test('idle clients are closed after `timeout`, busy ones are not', async () => {
    const clock = new ManualClock()
    const { server, port } = serve({ clock, config: { timeout: '10' } })
    const cron = new Cron(server)
    const idle = await RawClient.connect(port)
    const busy = await RawClient.connect(port)
    await idle.ask('PING\r\n', '+PONG\r\n')
    clock.advance(10_999)
    await busy.ask('PING\r\n', '+PONG\r\n')
    cron.run()
    expect(server.sessions.size).toBe(2)
    clock.advance(1)
    cron.run()
    await idle.closed()
    expect(await busy.ask('PING\r\n', '+PONG\r\n')).toBe('+PONG\r\n')
    busy.destroy()
  })
})

describe('unix sockets', () => {
  // Windows has named pipes in their place, which are no files.
  test.skipIf(process.platform === 'win32')('have their mode and serve', async () => {
    const socketPath = path.join(temporaryDirectory(), 'redstart.sock')
    const server = testServer()
    const listener = Listener.open(server, { path: socketPath, mode: 0o700, backlog: 511 })
    open.push({ server, listener })
    expect(fs.statSync(socketPath).mode & 0o777).toBe(0o700)
    const client = await RawClient.connect(socketPath)
    expect(await client.ask('PING\r\n', '+PONG\r\n')).toBe('+PONG\r\n')
    const [{ transport }] = [...server.sessions.values()]
    expect(transport.isUnixSocket).toBe(true)
    expect(transport.remoteAddress).toBe(`${socketPath}:0`)
    client.destroy()
    listener.close()
    expect(fs.existsSync(socketPath)).toBe(false)
  })
})

describe('errors', () => {
  const failure = (endpoint: Parameters<typeof Listener.open>[1]): ListenError => {
    try {
      Listener.open(testServer(), endpoint).close()
    } catch (error) {
      if (error instanceof ListenError) return error
      throw error
    }
    throw new Error('listening should have failed')
  }

  test('a port in use, a foreign address and a long path are told at once', () => {
    const { port } = serve()
    const inUse = failure({ host: '127.0.0.1', port, backlog: 511 })
    expect([inUse.code, inUse.message]).toEqual(['EADDRINUSE', 'bind: Address already in use'])
    // An address that the documentation range reserves, which no machine has.
    const foreign = failure({ host: '192.0.2.1', port: 0, backlog: 511 })
    expect(foreign.code).toBe('EADDRNOTAVAIL')
    expect(failure({ host: 'no-address', port: 0, backlog: 511 }).message).toBe(
      'Name or service not known',
    )
    expect(failure({ path: `/tmp/${'x'.repeat(200)}`, mode: 0, backlog: 1 }).message).toBe(
      'unix socket path too long (205), must be under 108',
    )
    expect(failure({ path: '/no/such/place/socket', mode: 0, backlog: 1 }).message).toBe(
      'bind: No such file or directory',
    )
  })
})
