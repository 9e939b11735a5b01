/** The connection commands, against the real server. */
import { test } from 'vitest'
import { differential } from './support/compare.ts'

differential('connection', ({ compare }) => {
  test('PING', () => compare(['PING', ['PING', 'a b'], ['PING', ''], 'PING a b', 'ping']))

  test('ECHO', () => compare([['ECHO', Uint8Array.of(0, 13, 10, 255)], ['ECHO', ''], 'ECHO']))

  test('SELECT', () =>
    compare([
      'SELECT 0',
      'SET key zero',
      'SELECT 15',
      'GET key',
      'SELECT 16',
      'SELECT -1',
      'SELECT one',
      ['SELECT', ''],
      'SELECT 2147483648',
      'SELECT 9223372036854775808',
      'SELECT',
      'SELECT 0 1',
      'SELECT 00',
      'GET key',
    ]))

  test('unknown commands and subcommands', () =>
    compare([
      'NOSUCH',
      ['NOSUCH', 'a b', '', 'c\r\nd'],
      ['NO\r\nSUCH', 'x'],
      ['NOSUCH', 'x'.repeat(200), 'y'],
      ['X'.repeat(300)],
      'CLIENT NOSUCH',
      'CLIENT',
      'CONFIG NOSUCH x',
      'OBJECT',
    ]))

  test('every connection has its own state', () =>
    compare([
      'SELECT 3',
      'SET key three',
      { client: 1, command: 'GET key' },
      { client: 1, command: 'SELECT 3' },
      { client: 1, command: 'GET key' },
      { client: 1, command: 'CLIENT SETNAME one' },
      { client: 1, command: 'CLIENT GETNAME' },
      'CLIENT GETNAME',
    ]))

  const withoutIds = (reply: string): string =>
    reply.replace(/:\d+/, ':N').replace(/\$\d\r\n7\.\d+\.\d+/, 'V')

  test('HELLO', () =>
    compare([
      { command: 'HELLO', mask: withoutIds },
      { command: 'HELLO 2', mask: withoutIds, protocol: 2 },
      'HELLO 1',
      'HELLO 4',
      'HELLO x',
      'HELLO 3 AUTH',
      'HELLO 3 AUTH default wrong',
      'HELLO 3 NOSUCH',
      ['HELLO', '3', 'SETNAME', 'a b'],
      'CLIENT GETNAME',
    ]))

  test('AUTH without a password set', () =>
    compare(['AUTH x', 'AUTH default x', 'AUTH nobody x', 'AUTH', 'AUTH a b c']))

  test('CLIENT SETNAME, NO-EVICT, REPLY and ID', () =>
    compare([
      ['CLIENT', 'SETNAME', 'with space'],
      ['CLIENT', 'SETNAME', ''],
      'CLIENT GETNAME',
      'CLIENT NO-EVICT on',
      'CLIENT NO-EVICT maybe',
      { command: 'CLIENT ID', mask: (reply) => reply.replace(/\d+/, 'N') },
      'CLIENT REPLY maybe',
      'CLIENT REPLY on',
      { command: 'CLIENT REPLY skip', sendOnly: true },
      { command: 'PING skipped', sendOnly: true },
      'PING',
    ]))

  test('RESET goes back to RESP2 and database 0', () =>
    compare(['SELECT 2', 'CLIENT SETNAME x', 'RESET', 'CLIENT GETNAME', 'SET key 1', 'GET none']))
})

differential('a password', { flags: ['--requirepass', 'secret'] }, ({ compare }) => {
  test('is asked for', () =>
    compare(
      [
        'PING',
        'GET key',
        'NOSUCH',
        'GET',
        'HELLO 3',
        'AUTH wrong',
        'AUTH default wrong',
        'AUTH secret',
        'GET key',
        'AUTH default secret',
        'RESET',
        'GET key',
      ],
      [2],
    ))
})
