/** DEBUG, against the real server. */
import { test } from 'vitest'
import { differential } from './support/compare.ts'

const ALLOWED = { flags: ['--enable-debug-command', 'yes'] }

differential('DEBUG', ALLOWED, ({ compare }) => {
  test('PROTOCOL', () =>
    compare([
      'DEBUG PROTOCOL string',
      'DEBUG PROTOCOL integer',
      'DEBUG PROTOCOL double',
      'DEBUG PROTOCOL bignum',
      'DEBUG PROTOCOL null',
      'DEBUG PROTOCOL array',
      'DEBUG PROTOCOL set',
      'DEBUG PROTOCOL map',
      'DEBUG PROTOCOL verbatim',
      'DEBUG PROTOCOL true',
      'DEBUG PROTOCOL false',
      'DEBUG PROTOCOL nosuch',
      'DEBUG PROTOCOL',
      { command: 'DEBUG PROTOCOL attrib', protocol: 2 },
      { command: 'DEBUG PROTOCOL push', protocol: 2 },
      { command: 'DEBUG PROTOCOL push', protocol: 3 },
      { receive: true, protocol: 3 },
    ]))

  test('DIGEST and DIGEST-VALUE', () =>
    compare([
      'DEBUG DIGEST',
      'SET a 1',
      'DEBUG DIGEST',
      ['SET', 'b', 'x'.repeat(10_000)],
      ['SET', '', Uint8Array.of(0, 255)],
      'DEBUG DIGEST',
      'SET c 1 EX 1000',
      'SELECT 3',
      'SET a other',
      'DEBUG DIGEST',
      'SELECT 0',
      'DEBUG DIGEST-VALUE a b c none',
      'DEBUG DIGEST-VALUE',
      'PERSIST c',
      'DEBUG DIGEST',
      'DEBUG DIGEST x',
    ]))

  test('POPULATE', () =>
    compare([
      'SET key:1 mine',
      'DEBUG POPULATE 12',
      'DBSIZE',
      'MGET key:0 key:1 key:11 key:12',
      'DEBUG POPULATE 3 other',
      'GET other:2',
      'DEBUG POPULATE 2 sized 3',
      'MGET sized:0 sized:1',
      'DEBUG POPULATE 2 large 20',
      'MGET large:0 large:1',
      'DEBUG POPULATE 1 zero 0',
      'GET zero:0',
      'DEBUG DIGEST',
      'DEBUG POPULATE 0',
      'DEBUG POPULATE -1',
      'DEBUG POPULATE x',
      'DEBUG POPULATE 1 p -1',
      'DEBUG POPULATE',
    ]))

  const withoutPlace = (reply: string): string =>
    reply.replace(/0x[\da-f]+/, 'P').replace(/lru:\d+ lru_seconds_idle:\d+/, 'lru')

  test('OBJECT', () =>
    compare([
      'SET a 100000',
      'SET b short',
      'SET c -5',
      'SET d 70000000000',
      { command: 'DEBUG OBJECT a', mask: withoutPlace },
      { command: 'DEBUG OBJECT b', mask: withoutPlace },
      { command: 'DEBUG OBJECT c', mask: withoutPlace },
      { command: 'DEBUG OBJECT d', mask: withoutPlace },
      'DEBUG OBJECT none',
      'DEBUG OBJECT',
    ]))

  test('ERROR', () =>
    compare([
      ['DEBUG', 'ERROR', 'ERR of my own'],
      ['DEBUG', 'ERROR', 'CODE with\r\nlines'],
      ['DEBUG', 'ERROR', ''],
      'DEBUG ERROR',
    ]))

  test('switches', () =>
    compare([
      'DEBUG SET-ACTIVE-EXPIRE 0',
      'DEBUG set-active-expire 1',
      'DEBUG SET-ACTIVE-EXPIRE x',
      'DEBUG SET-ACTIVE-EXPIRE 1',
      'DEBUG SET-ACTIVE-EXPIRE',
      'DEBUG SET-DISABLE-DENY-SCRIPTS 0',
      'DEBUG QUICKLIST-PACKED-THRESHOLD 200B',
      'DEBUG QUICKLIST-PACKED-THRESHOLD 0',
      'DEBUG QUICKLIST-PACKED-THRESHOLD x',
      'DEBUG PAUSE-CRON 1',
      'DEBUG PAUSE-CRON 0',
      'DEBUG REPLYBUFFER RESIZING 1',
      'DEBUG REPLYBUFFER PEAK-RESET-TIME reset',
      'DEBUG REPLYBUFFER PEAK-RESET-TIME never',
      'DEBUG REPLYBUFFER PEAK-RESET-TIME 5',
      'DEBUG REPLYBUFFER PEAK-RESET-TIME x',
      'DEBUG REPLYBUFFER NOSUCH 1',
      'DEBUG REPLYBUFFER',
      'DEBUG CHANGE-REPL-ID',
      'DEBUG LOG message',
      'DEBUG LOG',
      'DEBUG SLEEP 0.01',
      'DEBUG SLEEP 0',
      'DEBUG SLEEP',
    ]))

  test('HTSTATS', () =>
    compare([
      'DEBUG HTSTATS 99',
      'DEBUG HTSTATS -1',
      'DEBUG HTSTATS x',
      'DEBUG HTSTATS',
      'SET a 1',
      'DEBUG HTSTATS-KEY a',
      'DEBUG HTSTATS-KEY none',
      'DEBUG HTSTATS 5',
    ]))

  test('what is no subcommand', () =>
    compare([
      'DEBUG NOSUCH',
      'debug nosuch',
      ['DEBUG', 'x'.repeat(200)],
      'DEBUG',
      'DEBUG HELP x',
      { command: 'DEBUG HELP', mask: (reply) => reply.split('\r\n')[1]! },
    ]))
})

differential('DEBUG without the right', ({ compare }) => {
  test('is refused', () =>
    compare(['DEBUG SLEEP 0', 'DEBUG NOSUCH', 'DEBUG', 'CONFIG SET enable-debug-command yes']))
})

differential('DEBUG for this machine', { flags: ['--enable-debug-command', 'local'] }, (it) => {
  test('is allowed', () => it.compare(['DEBUG SLEEP 0', 'DEBUG NOSUCH']))
})
