/** What a client may make the server hold for it: long replies, long arguments, old buffers. */
import { describe, expect, test } from 'vitest'
import { ManualClock } from '../../../src/platform/clock.ts'
import { Args } from '../../../src/resp/args.ts'
import { ReplyTooLong, RespReply } from '../../../src/resp/resp-reply.ts'
import { Cron } from '../../../src/server/cron.ts'
import {
  checkServer,
  encodeRequest,
  FakeTransport,
  InProcessClient,
  testServer,
} from '../../support/in-process-client.ts'

const MB = 2 ** 20

/** Takes nothing: all that is sent stays queued. */
class StuckTransport extends FakeTransport {
  override send(bytes: Buffer, start: number, end: number): boolean {
    this.queuedBytes += end - start
    return super.send(bytes, start, end)
  }
}

describe('long replies', () => {
  test('of a pipeline leave before its end', () => {
    const server = testServer()
    const client = new InProcessClient(server)
    client.call('SET', 'a', 'x'.repeat(MB))
    const sends = client.transport.sends
    client.send(Buffer.concat(Array(50).fill(encodeRequest(['GET', 'a']))))
    expect(client.transport.sends).toBe(sends + 50)
    expect(server.reply.bytes.length).toBeLessThan(4 * MB)
    const reply = `$${MB}\r\n${'x'.repeat(MB)}\r\n`
    expect(client.take() === reply.repeat(50)).toBe(true)
    expect(server.netOutputBytes).toBe(5 + 50 * reply.length)
    checkServer(server)
  })

  test('of others in the same round stay apart', () => {
    const server = testServer()
    const clients = [1, 2, 3].map(() => new InProcessClient(server))
    clients[0]!.call('SET', 'a', 'x'.repeat(MB))
    clients[0]!.send('PING\r\n')
    clients[1]!.send('PING 1\r\nGET a\r\nPING 2\r\n')
    clients[2]!.send('PING\r\n')
    expect(clients[0]!.take()).toBe('+PONG\r\n')
    expect(clients[1]!.takeValues()).toEqual(['1', 'x'.repeat(MB), '2'])
    expect(clients[2]!.take()).toBe('+PONG\r\n')
  })

  test('end the connection at the hard limit, and the rest is not run', () => {
    const config = { 'client-output-buffer-limit': ['normal', '5mb', '0', '0'] }
    const server = testServer({ config })
    const client = new InProcessClient(server, new StuckTransport())
    client.call('SET', 'a', 'x'.repeat(MB))
    client.send(Buffer.concat(Array(50).fill(encodeRequest(['GET', 'a']))))
    expect(client.transport.destroyed).toBe(true)
    expect(server.keyspace.hits).toBe(5)
    expect(server.outputBufferLimitDisconnections).toBe(1)
    const other = new InProcessClient(server)
    other.call('SET', 'a', 'x'.repeat(6 * MB))
    other.send('GET a\r\n')
    expect(other.transport.destroyed).toBe(true)
    expect(other.take()).toBe('')
    expect(server.sessions.size).toBe(0)
    checkServer(server)
  })

  test('that cannot be gathered end the connection, not the server', () => {
    const reply = new RespReply()
    reply.length = 2 ** 31 - 20
    expect(() => reply.ok()).toThrow(ReplyTooLong)
    const server = testServer()
    const [client, other] = [new InProcessClient(server), new InProcessClient(server)]
    other.send('PING\r\n')
    server.reply.verbatim = () => {
      throw new ReplyTooLong()
    }
    client.send('INFO\r\n')
    Reflect.deleteProperty(server.reply, 'verbatim')
    expect(client.transport.destroyed).toBe(true)
    expect(other.take()).toBe('+PONG\r\n')
    expect(other.call('PING')).toBe('+PONG\r\n')
  })
})

test('an argument longer than JavaScript strings is an error like others', () => {
  const server = testServer()
  const client = new InProcessClient(server)
  const args = new Args(new Uint8Array(2 ** 29))
  for (const [words, error] of [
    [['CONFIG'], "ERR unknown subcommand '"],
    [['INFO'], 'ERR string exceeds maximum allowed size'],
    [['CONFIG', 'GET'], 'ERR string exceeds maximum allowed size'],
  ] as const) {
    args.count = 0
    let end = 0
    for (const word of words) {
      args.bytes.set(Buffer.from(word), end)
      args.push(end, end + word.length)
      end += word.length
    }
    args.push(0, 2 ** 29)
    server.beginTurn(client.session)
    server.dispatcher.execute(client.session, args)
    server.endTurn(client.session)
    expect(client.take().slice(1)).toMatch(error)
  }
  args.clear()
  expect(args.bytes.length).toBe(0)
})

describe('memory for requests', () => {
  test('is let go behind a long one, though another has begun', () => {
    const server = testServer()
    const client = new InProcessClient(server)
    const request = Buffer.concat([encodeRequest(['SET', 'a', 'x'.repeat(4 * MB)]), Buffer.of(42)])
    client.send(request.subarray(0, MB))
    client.send(request.subarray(MB))
    expect(client.take()).toBe('+OK\r\n')
    expect(client.session.queryBytes).toBe(1)
    expect(client.session.queryCapacity).toBeLessThanOrEqual(4096)
    client.send('1\r\n$4\r\nPING\r\n')
    expect(client.take()).toBe('+PONG\r\n')
    checkServer(server)
  })

  test('has places of 31 bits, whatever is configured', () => {
    const server = testServer({ config: { 'client-query-buffer-limit': '8gb' } })
    expect(server.clientQueryBufferLimit).toBe(2 ** 31 - 1)
    expect(server.config.get('client-query-buffer-limit')).toBe(8 * 2 ** 30)
  })
})

test('the peak of memory is noticed though nobody asks', () => {
  const server = testServer({ clock: new ManualClock() })
  const client = new InProcessClient(server)
  client.call('SET', 'a', 'x'.repeat(MB))
  new Cron(server).run()
  client.call('FLUSHALL')
  expect(Number(/used_memory_peak:(\d+)/.exec(server.info(['memory']))![1])).toBeGreaterThan(MB)
})
