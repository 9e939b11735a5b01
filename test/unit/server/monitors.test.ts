/** MONITOR where the reference cannot be asked, or only with more ado. */
import { expect, test } from 'vitest'
import { ManualClock } from '../../../src/platform/clock.ts'
import { Cron } from '../../../src/server/cron.ts'
import {
  FakeTransport,
  InProcessClient,
  type TestServerOptions,
  testServer,
} from '../../support/in-process-client.ts'

function setUp(config: TestServerOptions['config'] = {}) {
  const clock = new ManualClock(1_700_000_000_012)
  const server = testServer({ clock, config })
  const client = new InProcessClient(server)
  const monitor = new InProcessClient(server)
  expect(monitor.call('MONITOR')).toBe('+OK\r\n')
  return { clock, server, client, monitor }
}

test('a line has time, database, address and arguments', () => {
  const { client, monitor } = setUp()
  client.call('SET', 'k', 'a "b"\n')
  expect(monitor.take()).toBe('+1700000000.012000 [0 127.0.0.1:50000] "SET" "k" "a \\"b\\"\\n"\r\n')
})

test('a client of a unix socket is shown by its path', () => {
  const { monitor, server } = setUp()
  const transport = new FakeTransport()
  transport.isUnixSocket = true
  transport.remoteAddress = '/tmp/socket:0'
  new InProcessClient(server, transport).call('PING')
  expect(monitor.take()).toContain(' [0 unix:/tmp/socket] "PING"')
})

test('all monitors get the same bytes, until they leave', () => {
  const { client, monitor, server } = setUp()
  const second = new InProcessClient(server)
  second.call('MONITOR')
  client.call('PING')
  const line = monitor.take()
  expect(line).toContain('"PING"')
  expect(second.take()).toBe(line)
  monitor.close()
  client.call('PING')
  expect(second.take()).toBe(line)
  expect(second.call('QUIT')).toBe('+OK\r\n')
  expect(server.monitors.isActive).toBe(false)
})

test('a monitor that wants no replies gets no lines', () => {
  const { client, monitor } = setUp()
  monitor.call('CLIENT', 'REPLY', 'OFF')
  client.call('PING')
  expect(monitor.take()).toBe('')
})

test('a monitor may be idle, and is a normal client to the limits of output', () => {
  const { client, clock, monitor, server } = setUp({
    timeout: '5',
    'client-output-buffer-limit': ['normal', '1000', '0', '0'],
  })
  const cron = new Cron(server)
  clock.advance(10_000)
  client.call('PING')
  cron.run()
  expect(monitor.closed).toBe(false)
  for (let i = 0; i < 40; i++) client.call('ECHO', 'x'.repeat(20))
  expect(monitor.closed).toBe(false)
  client.send('*2\r\n$4\r\nECHO\r\n$2\r\nxx\r\n'.repeat(20))
  expect(monitor.closed).toBe(true)
})

test('nothing is shown while the data is being loaded', () => {
  const { client, monitor, server } = setUp()
  server.isLoading = true
  client.call('INFO', 'server')
  server.isLoading = false
  expect(monitor.take()).toBe('')
})

test('an EXEC that is refused ends the transaction in sight', () => {
  const { client, monitor, server } = setUp()
  client.call('MULTI')
  client.call('SET', 'k', 'v')
  new InProcessClient(server).call('SET', 'other', 'x'.repeat(1000))
  server.config.assign('maxmemory', ['1'])
  client.call('EXEC')
  expect(monitor.take().replace(/.*\] /g, '')).toBe(
    '"MULTI"\r\n"SET" "other" '.concat(`"${'x'.repeat(1000)}"\r\n"EXEC"\r\n`),
  )
})

test('rules of users are not logged', () => {
  const { client } = setUp({ 'slowlog-log-slower-than': '0' })
  client.call('ACL', 'SETUSER', 'alice', '>secret')
  expect(client.call('SLOWLOG', 'GET', '1')).toContain('$10\r\n(redacted)\r\n$10\r\n(redacted)')
})
