/** MONITOR against the real server: which calls it shows, in which order, and how. */
import { test } from 'vitest'
import { differential, type Script, type Step } from './support/compare.ts'

/** Without time and port. */
function masked(line: string): string {
  return line.replace(/\+\d+\.\d{6} \[(\d+) 127\.0\.0\.1:\d+\]/, '+time [$1 address]')
}

/** What the monitor gets next, so many lines. */
function lines(count: number): Step[] {
  return Array.from({ length: count }, () => ({ client: 1, receive: true, mask: masked }))
}

/** With the other connections made, so that what they begin with is not shown. */
const BEGIN: Script = ['PING', { client: 2, command: 'PING' }, { client: 1, command: 'MONITOR' }]

differential('monitor', ({ compare }) => {
  test('shows what is run, with the database that it is in then', () =>
    compare([
      ...BEGIN,
      'SET k v',
      ...lines(1),
      'SELECT 3',
      ...lines(1),
      'get nokey',
      ...lines(1),
      ['ECHO', Uint8Array.of(0, 7, 8, 9, 10, 13, 27, 34, 92, 127, 128, 255)],
      ...lines(1),
      ['ECHO', ''],
      ...lines(1),
      'LPUSH k x',
      ...lines(1),
    ]))

  test('shows errors of commands, but not what is refused or for administrators', () =>
    compare([
      ...BEGIN,
      'SET k v',
      'GET',
      'nosuch',
      'CONFIG GET hz',
      'CLIENT LIST x',
      'DEBUG SLEEP 0',
      'LPUSH k x',
      'INCR k',
      'CLIENT GETNAME',
      'EXEC',
      'OBJECT ENCODING k',
      ...lines(6),
    ]))

  test('shows MULTI, what EXEC runs, and then EXEC', () =>
    compare([
      ...BEGIN,
      'MULTI',
      'SET k v',
      'INCR k',
      'EXEC',
      'MULTI',
      'SET k v',
      'DISCARD',
      'MULTI',
      'nosuch',
      'EXEC',
      'WATCH k',
      { client: 2, command: 'SET k other' },
      'MULTI',
      'SET k v',
      'EXEC',
      'PING',
      ...lines(13),
    ]))

  test('shows a call that waits once', () =>
    compare([
      ...BEGIN,
      { client: 2, command: 'BLPOP list 0', sendOnly: true },
      ...lines(1),
      'RPUSH list a',
      { client: 2, receive: true },
      'PING',
      ...lines(2),
    ]))

  test('hides secrets', () =>
    compare([
      ...BEGIN,
      'AUTH secret',
      'AUTH name secret',
      { command: 'HELLO 3 AUTH name secret', protocol: 3 },
      { command: 'HELLO 2 AUTH name secret', protocol: 2 },
      'PING',
      ...lines(4),
    ]))

  test('goes on for the client itself, until it resets', () =>
    compare([
      ...BEGIN,
      { client: 1, command: 'PING' },
      ...lines(1),
      { client: 1, command: 'MONITOR', sendOnly: true },
      { client: 1, command: 'ECHO x' },
      ...lines(1),
      { command: 'CLIENT LIST ID 3', mask: (reply) => /flags=\w+/.exec(reply)?.[0] ?? '' },
      { client: 1, command: 'RESET' },
      'PING',
      { client: 1, command: 'PING' },
    ]))

  test('keeps a client from the data, and from being paused', () =>
    compare([
      ...BEGIN,
      ...['GET k', 'SET k v', 'PUBLISH a b', 'DBSIZE', 'KEYS *', 'NOSUCH', 'GET', 'DISCARD'].map(
        (command) => ({ client: 1, command, mask: masked }),
      ),
      ...lines(1),
      { client: 1, command: 'CLIENT GETNAME' },
      ...lines(1),
      { client: 1, command: 'MULTI' },
      ...lines(1),
      { client: 1, command: 'GET k' },
      { client: 1, command: 'EXEC' },
      ...lines(1),
      { client: 1, command: 'RESET' },
      { client: 1, command: 'MULTI' },
      { client: 1, command: 'GET k' },
      { client: 1, command: 'EXEC' },
    ]))

  test('shows an EXEC that is refused', () =>
    compare([
      'PING',
      { client: 1, command: 'MONITOR' },
      'EXEC x',
      'PSUBSCRIBE a',
      { command: 'EXEC', protocol: 2 },
      'PING',
      ...lines(2),
      { client: 1, receive: true, mask: masked, protocol: 2 },
    ]))

  test('is not for transactions', () => compare(['MULTI', 'MONITOR', 'EXEC', 'MONITOR x']))
})
