/** The connection commands, without sockets. */
import { expect, test } from 'vitest'
import { checkServer, InProcessClient, testServer } from '../../support/in-process-client.ts'

test('PING', () => {
  const server = testServer()
  const client = new InProcessClient(server)
  expect(client.call('PING')).toBe('+PONG\r\n')
  expect(client.value('PING', 'a')).toBe('a')
  client.call('SET', 'a', 'b')
  expect(client.value('GET', 'a')).toBe('b')
  checkServer(server)
})
