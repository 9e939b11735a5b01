/** The slow log against the real server: what it takes in, how it shows it, and its errors. */
import { test } from 'vitest'
import { differential } from './support/compare.ts'

/** Without what is by chance: times, ports, and ids. */
function masked(reply: string): string {
  return reply
    .replace(/\*6\r\n:\d+\r\n:\d+\r\n:\d+/g, '*6 id time us')
    .replace(/\$\d+\r\n127\.0\.0\.1:\d+/g, 'address')
}

const begin = ['CONFIG SET slowlog-log-slower-than 0', 'SLOWLOG RESET']
const show = [
  'CONFIG SET slowlog-log-slower-than -1',
  { command: 'SLOWLOG GET -1', mask: masked },
  'SLOWLOG LEN',
  'SLOWLOG RESET',
  'SLOWLOG LEN',
]

differential('slowlog', ({ compare }) => {
  test('takes in calls of every kind, and none that was refused', () =>
    compare([
      ...begin,
      'SET k v',
      'GET k',
      'GET',
      'nosuch x',
      'LPUSH k x',
      'HELLO 9',
      'CONFIG GET',
      'CONFIG GET hz',
      'SELECT 1',
      ['ECHO', Uint8Array.of(0, 10, 255)],
      ...show,
    ]))

  test('cuts long arguments and many', () =>
    compare([
      ...begin,
      ['ECHO', 'x'.repeat(128)],
      ['ECHO', 'x'.repeat(129)],
      ['ECHO', 'x'.repeat(100_000)],
      ['DEL', ...Array.from({ length: 31 }, (_, i) => i)],
      ['DEL', ...Array.from({ length: 32 }, (_, i) => i)],
      ['DEL', ...Array.from({ length: 100 }, (_, i) => 'x'.repeat(200 - i))],
      ...show,
    ]))

  test('hides secrets', () =>
    compare([
      ...begin,
      'AUTH secret',
      'AUTH name secret',
      'CONFIG SET masterauth secret',
      'CONFIG SET hz 10 masterauth secret',
      'CONFIG SET masterauth ""',
      { command: 'HELLO 3 AUTH name secret', protocol: 3 },
      ...show,
    ]))

  test('has what EXEC runs, but not EXEC', () =>
    compare([...begin, 'MULTI', 'SET k v', 'INCR k', 'ECHO x', 'EXEC', 'EXEC', ...show]))

  test('names the client', () =>
    compare([...begin, 'CLIENT SETNAME me', 'PING', { client: 1, command: 'PING' }, ...show]))

  test('has a blocked request when it is done', () =>
    compare([
      ...begin,
      { client: 1, command: 'BLPOP list 0', sendOnly: true },
      { client: 2, command: 'PING' },
      'RPUSH list a',
      { client: 1, receive: true },
      ...show,
    ]))

  test('has as many entries as are asked for, and as it may keep', () =>
    compare([
      ...begin,
      'CONFIG SET slowlog-max-len 3',
      'SLOWLOG LEN',
      'PING 1',
      'PING 2',
      'PING 3',
      'PING 4',
      'CONFIG SET slowlog-log-slower-than -1',
      { command: 'SLOWLOG GET', mask: masked },
      { command: 'SLOWLOG GET 1', mask: masked },
      { command: 'SLOWLOG GET 100', mask: masked },
      'SLOWLOG GET 0',
      'CONFIG SET slowlog-max-len 1',
      'SLOWLOG LEN',
      'CONFIG SET slowlog-log-slower-than 1000000',
      'PING',
      'SLOWLOG LEN',
      'CONFIG SET slowlog-max-len 128 slowlog-log-slower-than 10000',
      'SLOWLOG RESET',
    ]))

  test('errors', () =>
    compare([
      'SLOWLOG',
      'SLOWLOG GET -2',
      'SLOWLOG GET x',
      'SLOWLOG GET 9223372036854775808',
      'SLOWLOG GET 1 2',
      'slowlog get 1 2',
      'SLOWLOG LEN x',
      'SLOWLOG RESET x',
      'SLOWLOG nosuch',
      'CONFIG SET slowlog-log-slower-than -2',
      'CONFIG SET slowlog-max-len -1',
      { command: 'SLOWLOG HELP', mask: (reply) => reply.split('\r\n')[1]! },
    ]))
})
