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
    reply.replace(/id\r\n:\d+/, 'id').replace(/\$\d\r\n7\.\d+\.\d+/, 'V')

  test('HELLO', () =>
    compare([
      { command: 'HELLO', mask: withoutIds },
      { command: 'HELLO 2', mask: withoutIds, protocol: 2 },
      'HELLO 1',
      'HELLO 4',
      'HELLO x',
      'HELLO 3 AUTH',
      { command: 'HELLO 3 AUTH default wrong', mask: withoutIds },
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

  test('HELLO changes the protocol, back and forth', () =>
    compare([
      { command: 'HELLO 3', mask: withoutIds },
      'GET none',
      { command: 'HELLO', mask: withoutIds },
      { command: 'HELLO 2', mask: withoutIds },
      'GET none',
      { command: 'HELLO 3 AUTH default any SETNAME me', mask: withoutIds },
      'CLIENT GETNAME',
      { command: 'HELLO 2 setname you auth default any', mask: withoutIds },
      'CLIENT GETNAME',
      'HELLO 2 AUTH nobody x',
      'HELLO 9223372036854775808',
      'HELLO 3 SETNAME',
      'RESET',
      'GET none',
    ]))

  test('CLIENT REPLY', () =>
    compare([
      { command: 'CLIENT REPLY OFF', sendOnly: true },
      { command: 'PING silent', sendOnly: true },
      { command: 'NOSUCH', sendOnly: true },
      { command: 'CLIENT REPLY SKIP', sendOnly: true },
      'CLIENT REPLY ON',
      { command: 'CLIENT REPLY SKIP', sendOnly: true },
      { command: 'CLIENT REPLY SKIP', sendOnly: true },
      { command: 'PING silent', sendOnly: true },
      'PING loud',
      { command: 'CLIENT REPLY OFF', sendOnly: true },
      'RESET',
      'PING loud',
      'CLIENT REPLY',
      'CLIENT REPLY ON ON',
    ]))

  /** The names of a line's fields, without those that only 7.2 has. */
  const fieldNames = (reply: string): string =>
    reply
      .replace(/^[$=]\d+/, '')
      .replace(/=[^ \n]*/g, '')
      .replace(' lib-name lib-ver', '')
  const field = (name: string) => (reply: string) =>
    [...reply.matchAll(new RegExp(`(?:^| )${name}=([^ \\r\\n]*)`, 'gm'))].join('|')

  test('CLIENT LIST and INFO', () =>
    compare([
      { command: 'CLIENT INFO', mask: fieldNames },
      { command: 'CLIENT LIST ID 999999', mask: fieldNames },
      'CLIENT LIST TYPE pubsub',
      'CLIENT LIST TYPE replica',
      'CLIENT LIST TYPE slave',
      'CLIENT LIST TYPE master',
      'CLIENT LIST TYPE nobody',
      'CLIENT LIST TYPE',
      'CLIENT LIST ID',
      'CLIENT LIST ID x',
      'CLIENT LIST ID 1 x',
      'CLIENT LIST NOSUCH',
      'CLIENT LIST NOSUCH 1',
      'CLIENT INFO x',
      'SELECT 7',
      'CLIENT SETNAME me',
      'CLIENT NO-EVICT on',
      ...['name', 'flags', 'db', 'sub', 'psub', 'multi', 'cmd', 'user', 'redir', 'resp'].map(
        (name) => ({ command: 'CLIENT INFO', mask: field(name) }),
      ),
      ...['oll', 'omem', 'events', 'obl', 'argv-mem', 'multi-mem'].map((name) => ({
        command: 'CLIENT INFO',
        mask: field(name),
      })),
      // Each server has its own moment at which the second turns.
      ...['age', 'idle'].map((name) => ({
        command: 'CLIENT INFO',
        mask: (reply: string) => field(name)(reply).replace(/\d/g, 'N'),
      })),
    ]))

  test('CLIENT KILL', () =>
    compare([
      { client: 1, command: 'CLIENT SETNAME other' },
      'CLIENT KILL 127.0.0.1:1',
      'CLIENT KILL ADDR 127.0.0.1:1',
      'CLIENT KILL LADDR 127.0.0.1:1',
      'CLIENT KILL ID 999999',
      'CLIENT KILL ID 0',
      'CLIENT KILL ID -1',
      'CLIENT KILL ID x',
      'CLIENT KILL TYPE pubsub',
      'CLIENT KILL TYPE x',
      'CLIENT KILL USER nobody',
      'CLIENT KILL SKIPME maybe',
      'CLIENT KILL ID',
      'CLIENT KILL ID 1 ADDR',
      'CLIENT KILL NOSUCH x',
      'CLIENT KILL',
      'CLIENT KILL TYPE pubsub USER default SKIPME no',
      { client: 1, command: 'CLIENT GETNAME' },
      'CLIENT KILL TYPE normal USER default SKIPME yes',
      'PING',
    ]))

  test('CLIENT UNBLOCK and GETREDIR', () =>
    compare([
      'CLIENT UNBLOCK 999999',
      'CLIENT UNBLOCK 999999 TIMEOUT',
      'CLIENT UNBLOCK 999999 error',
      'CLIENT UNBLOCK 1 maybe',
      'CLIENT UNBLOCK x maybe',
      'CLIENT UNBLOCK x',
      'CLIENT UNBLOCK 1 ERROR x',
      'CLIENT UNBLOCK',
      'CLIENT GETREDIR',
      'CLIENT GETREDIR x',
    ]))

  test('CLIENT PAUSE and UNPAUSE', () =>
    compare([
      'CLIENT PAUSE',
      'CLIENT PAUSE x',
      'CLIENT PAUSE -1',
      'CLIENT PAUSE 9223372036854775808',
      'CLIENT PAUSE 1 maybe',
      'CLIENT PAUSE x maybe',
      'CLIENT PAUSE 1 ALL x',
      'CLIENT PAUSE 0',
      'CLIENT UNPAUSE',
      'CLIENT UNPAUSE x',
      'SET key 1',
      'CLIENT PAUSE 100000 WRITE',
      'GET key',
      { client: 1, command: 'SET key 2', sendOnly: true },
      { client: 1, command: 'GET key', sendOnly: true },
      'GET key',
      'CLIENT UNPAUSE',
      { client: 1, receive: true },
      { client: 1, receive: true },
      'CLIENT PAUSE 60 ALL',
      { client: 1, command: 'NOSUCH' },
      { client: 1, command: 'SET key 3' },
      'GET key',
    ]))

  test('QUIT', () =>
    compare(['PING', { client: 1, command: 'QUIT' }, { client: 2, command: 'QUIT now' }, 'PING']))

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
        // The text of HELLO's error is another in 7.2: the unit tests have it.
        { command: 'HELLO 3', mask: (reply: string) => reply.slice(0, 60) },
        'HELLO 3 AUTH default wrong',
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
