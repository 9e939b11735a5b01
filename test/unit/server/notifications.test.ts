/** Keyspace notifications, where Redis 7.0 is no reference: hash fields, EXEC, order, expiry. */
import { expect, test } from 'vitest'
import type { DirectiveName } from '../../../src/config/directives.ts'
import { ManualClock } from '../../../src/platform/clock.ts'
import { checkServer, InProcessClient, testServer } from '../../support/in-process-client.ts'

function withEvents(events: string, config: Partial<Record<DirectiveName, string>> = {}) {
  const clock = new ManualClock(1_700_000_000_000)
  const server = testServer({ clock, config: { ...config, 'notify-keyspace-events': events } })
  const listener = new InProcessClient(server)
  listener.call('PSUBSCRIBE', '__key*')
  const heard = (): string[] => {
    const words = listener.take().split('\r\n')
    const messages: string[] = []
    for (let i = 0; i + 8 < words.length; i += 9) {
      messages.push(`${words[i + 6]!.replace(/__key|__$/g, '')} ${words[i + 8]}`)
    }
    return messages
  }
  return { clock, server, client: new InProcessClient(server), heard }
}

test('fields of hashes', () => {
  const { clock, client, heard, server } = withEvents('Eh')
  client.call('HSET', 'h', 'a', '1', 'b', '2', 'c', '3')
  client.call('HEXPIRE', 'h', '10', 'FIELDS', '2', 'a', 'b')
  client.call('HPERSIST', 'h', 'FIELDS', '1', 'b')
  expect(heard()).toEqual(['event@0__:hset h', 'event@0__:hexpire h', 'event@0__:hpersist h'])
  clock.advance(11_000)
  expect(client.call('HGET', 'h', 'a')).toBe('$-1\r\n')
  server.activeExpiry.run()
  expect(heard()).toEqual(['event@0__:hexpired h'])
  client.call('HSETEX', 'h', 'EX', '5', 'FIELDS', '1', 'x', '1')
  client.call('HGETEX', 'h', 'PERSIST', 'FIELDS', '1', 'x')
  client.call('HGETDEL', 'h', 'FIELDS', '1', 'x')
  expect(heard()).toEqual([
    'event@0__:hset h',
    'event@0__:hexpire h',
    'event@0__:hpersist h',
    'event@0__:hdel h',
  ])
  checkServer(server)
})

test('a hash that goes with its last field', () => {
  const { clock, client, heard, server } = withEvents('Egh')
  client.call('HSETEX', 'h', 'EX', '5', 'FIELDS', '1', 'x', '1')
  heard()
  clock.advance(6000)
  server.keyspace.tick()
  server.activeExpiry.run()
  expect(heard()).toEqual(['event@0__:hexpired h', 'event@0__:del h'])
  expect(client.call('EXISTS', 'h')).toBe(':0\r\n')
})

test('active expiry tells without anybody asking', () => {
  const { clock, client, heard, server } = withEvents('KEx')
  client.call('SELECT', '2')
  client.call('SET', 'k', 'v', 'PX', '5')
  clock.advance(10)
  server.keyspace.tick()
  server.activeExpiry.run()
  expect(heard()).toEqual(['space@2__:k expired', 'event@2__:expired k'])
})

test('a transaction tells command by command, before its reply is written', () => {
  const { client, heard } = withEvents('EA')
  client.call('MULTI')
  client.call('SET', 'a', '1')
  client.call('DEL', 'a')
  expect(heard()).toEqual([])
  client.call('EXEC')
  expect(heard()).toEqual(['event@0__:set a', 'event@0__:del a'])
})

test('a client hears of its own changes behind the reply', () => {
  const { client } = withEvents('E$')
  client.call('HELLO', '3')
  client.call('SUBSCRIBE', '__keyevent@0__:set')
  const event = '>3\r\n$7\r\nmessage\r\n$18\r\n__keyevent@0__:set\r\n$1\r\na\r\n'
  expect(client.call('SET', 'a', '1')).toBe(`+OK\r\n${event}`)
  expect(client.call('MSET', 'a', '1', 'a', '2')).toBe(`+OK\r\n${event}${event}`)
})

test('a client that was waiting is served behind the event of the push', () => {
  const { client, heard, server } = withEvents('El')
  const waiting = new InProcessClient(server)
  waiting.call('BLPOP', 'l', '0')
  client.call('RPUSH', 'l', 'x')
  expect(heard()).toEqual(['event@0__:rpush l', 'event@0__:lpop l'])
})

test('IFEQ and DELIFEQ', () => {
  const { client, heard } = withEvents('EA')
  client.call('SET', 'a', '1')
  client.call('SET', 'a', '2', 'IFEQ', '1')
  client.call('SET', 'a', '3', 'IFEQ', '1')
  client.call('DELIFEQ', 'a', '2')
  expect(heard()).toEqual(['event@0__:set a', 'event@0__:set a', 'event@0__:del a'])
})

test('nothing is asked for', () => {
  const { client, heard, server } = withEvents('')
  client.call('SET', 'a', '1')
  expect(server.notifications.isActive).toBe(false)
  expect(server.keyspace.keyEvents).toBe(null)
  client.call('CONFIG', 'SET', 'notify-keyspace-events', 'Kn')
  client.call('SET', 'b', '1')
  client.call('CONFIG', 'SET', 'notify-keyspace-events', 'A')
  client.call('SET', 'c', '1')
  expect(heard()).toEqual(['space@0__:b new'])
  expect(server.keyspace.keyEvents).toBe(null)
})

test('keys that MSET could not add for want of memory are not told of as new', () => {
  const { client, heard, server } = withEvents('En')
  server.keyspace.arena.failAfter(4)
  client.call('MSET', 'a', '1', 'b', '2', 'c', '3', 'd', '4', 'e', '5', 'f', '6')
  server.keyspace.arena.failAfter(0)
  const there = client.value('DBSIZE')
  expect(heard()).toHaveLength(Number(there))
})
