/**
 * Client-side caching against the reference, with several connections in step. Pushes are read where
 * both servers are sure to have sent them: with RESP2 the messages go to a connection that listens.
 */
import { test } from 'vitest'
import { differential, type Script } from './support/compare.ts'

/** Client 2 gets the messages of client 0, whose mode the options say. */
function redirected(options: string): Script {
  return [
    { client: 2, command: 'CLIENT ID', mask: ID },
    { client: 2, command: 'SUBSCRIBE __redis__:invalidate' },
    { command: `CLIENT TRACKING ON REDIRECT $2 ${options}`.trim(), ids: true },
  ]
}

/** Numbers of connections are not the same on both sides. */
const ID = (reply: string): string => reply.replace(/:\d+/g, ':N')

const DEBUG = ['--enable-debug-command', 'yes']
const FLAGS = (reply: string): string => /flags=\S+|redir=(-1|0)/g.exec(reply)?.join() ?? ''
const INFO = (reply: string): string => (reply.match(/tracking_\w+:\d+/g) ?? []).join()

differential('CLIENT TRACKING', ({ compare }) => {
  test('its options', () =>
    compare([
      'CLIENT TRACKINGINFO',
      'CLIENT GETREDIR',
      'CLIENT TRACKING ON',
      'CLIENT TRACKINGINFO',
      'CLIENT GETREDIR',
      { command: 'CLIENT INFO', mask: FLAGS },
      'CLIENT TRACKING on optin',
      'CLIENT TRACKINGINFO',
      'CLIENT TRACKING on optout',
      'CLIENT TRACKING on BCAST',
      'CLIENT TRACKING OFF',
      'CLIENT TRACKING ON OPTOUT NOLOOP',
      'CLIENT TRACKINGINFO',
      'CLIENT TRACKING ON OPTIN',
      'CLIENT TRACKING ON NOLOOP',
      'CLIENT TRACKINGINFO',
      'CLIENT TRACKING OFF BCAST PREFIX a',
      'CLIENT TRACKINGINFO',
      'CLIENT TRACKING ON BCAST NOLOOP PREFIX b: PREFIX a:',
      'CLIENT TRACKINGINFO',
      { command: 'CLIENT INFO', mask: FLAGS },
      'CLIENT TRACKING ON BCAST PREFIX c',
      'CLIENT TRACKINGINFO',
      'CLIENT TRACKING ON BCAST',
      'CLIENT TRACKINGINFO',
      'CLIENT TRACKING ON',
      { command: 'INFO', mask: INFO },
      'RESET',
      'CLIENT TRACKINGINFO',
      { command: 'INFO', mask: INFO },
    ]))

  test('wrong options', () =>
    compare([
      'CLIENT TRACKING',
      'CLIENT TRACKING maybe',
      'CLIENT TRACKING ON nosuch',
      'CLIENT TRACKING maybe nosuch',
      'CLIENT TRACKING maybe REDIRECT 99999999',
      'CLIENT TRACKING ON REDIRECT',
      'CLIENT TRACKING ON REDIRECT x',
      'CLIENT TRACKING ON REDIRECT 0',
      'CLIENT TRACKING ON REDIRECT -1',
      'CLIENT TRACKING ON REDIRECT 9223372036854775807',
      'CLIENT TRACKING ON REDIRECT 9223372036854775808',
      'CLIENT TRACKING ON PREFIX',
      'CLIENT TRACKING ON PREFIX a',
      'CLIENT TRACKING ON BCAST OPTIN',
      'CLIENT TRACKING ON BCAST OPTOUT',
      'CLIENT TRACKING ON OPTIN OPTOUT',
      'CLIENT TRACKING ON OPTIN OPTOUT BCAST',
      'CLIENT TRACKING ON BCAST PREFIX a PREFIX ab',
      ['CLIENT', 'TRACKING', 'ON', 'BCAST', 'PREFIX', '', 'PREFIX', 'x'],
      'CLIENT TRACKING ON BCAST PREFIX abc PREFIX b',
      'CLIENT TRACKING ON BCAST PREFIX ab',
      'CLIENT TRACKING ON BCAST PREFIX b',
      ['CLIENT', 'TRACKING', 'ON', 'BCAST', 'PREFIX', 'x\r\ny', 'PREFIX', 'a'],
      'CLIENT TRACKINGINFO',
      'CLIENT TRACKINGINFO x',
      'CLIENT GETREDIR x',
      'CLIENT CACHING',
      'CLIENT CACHING YES x',
    ]))

  test('CLIENT CACHING and its mode', () =>
    compare([
      'CLIENT CACHING YES',
      'CLIENT TRACKING ON',
      'CLIENT CACHING YES',
      'CLIENT CACHING NO',
      'CLIENT CACHING maybe',
      'CLIENT TRACKING OFF',
      'CLIENT TRACKING ON OPTIN',
      'CLIENT CACHING NO',
      'CLIENT CACHING YES',
      'CLIENT TRACKINGINFO',
      'CLIENT TRACKINGINFO',
      'PING',
      'CLIENT TRACKINGINFO',
      'CLIENT CACHING YES',
      'NOSUCH',
      'CLIENT TRACKINGINFO',
      'CLIENT CACHING YES',
      'CLIENT NOSUCH',
      'CLIENT TRACKINGINFO',
      'CLIENT CACHING YES',
      'CLIENT CACHING',
      'CLIENT TRACKINGINFO',
      'CLIENT CACHING YES',
      'MULTI',
      'CLIENT TRACKINGINFO',
      'GET x',
      'CLIENT TRACKINGINFO',
      'EXEC',
      'CLIENT TRACKINGINFO',
      { command: 'INFO', mask: INFO },
      'CLIENT TRACKING OFF',
      'CLIENT TRACKING ON OPTOUT',
      'CLIENT CACHING YES',
      'CLIENT CACHING NO',
      'CLIENT TRACKINGINFO',
    ]))
})

differential('invalidation', { flags: DEBUG }, ({ compare }) => {
  const basics = (mode: string): Script => [`CLIENT TRACKING ON ${mode}`.trim(), 'MSET a 1 b 2 c 3']

  test('a key that was read is told of once', () =>
    compare(
      [
        ...basics(''),
        'GET a',
        'GET a',
        { client: 1, command: 'SET a 2' },
        { receive: true },
        { client: 1, command: 'SET a 3' },
        { client: 1, command: 'SET b 3' },
        'GET a',
        { client: 1, command: 'DEL a b' },
        { receive: true },
        'EXISTS a nothing',
        { client: 1, command: 'SET nothing 1' },
        { receive: true },
        'PING',
      ],
      [3],
    ))

  test('what its own command changed, it is told of behind the reply', () =>
    compare(
      [
        ...basics(''),
        'GET a',
        'SET a 2',
        { receive: true },
        'MGET a b c',
        'MSET a 1 b 1 d 1',
        { receive: true },
        { receive: true },
        'GET a',
        'MULTI',
        'SET a 2',
        'GET a',
        'SET a 3',
        'GET c',
        'EXEC',
        { receive: true },
        { receive: true },
        'RENAME c d',
        { receive: true },
        'GET a',
        'FLUSHALL',
        { receive: true },
        'GET a',
        'FLUSHDB',
        { receive: true },
        'PING',
      ],
      [3],
    ))

  test('what an EXEC has changed before it ended the tracking', () =>
    compare(
      [
        ...basics(''),
        ...['GET a', 'MULTI', 'SET a 2', 'CLIENT TRACKING OFF', 'SET a 3', 'EXEC'],
        { receive: true },
        'PING',
      ],
      [3],
    ))

  test('what an EXEC has changed before it chose RESP3', () =>
    compare(
      [
        ...basics(''),
        ...['GET a', 'MULTI', 'SET a 2', 'HELLO 3'],
        { command: 'EXEC', mask: (reply) => reply.replace(/version.*?proto|:\d+/gs, '') },
        { receive: true },
        'PING',
      ],
      [2],
    ))

  test('NOLOOP', () =>
    compare(
      [
        ...basics('NOLOOP'),
        'MGET a b',
        'SET a 2',
        { client: 1, command: 'SET a 2' },
        { client: 1, command: 'SET b 2' },
        { receive: true },
        'FLUSHALL',
        { receive: true },
        'PING',
      ],
      [3],
    ))

  test('which commands count as reading', () =>
    compare([
      'CLIENT TRACKING ON',
      'SET s 1',
      'INCR s',
      'GETSET s 2',
      'GETEX s',
      'GETDEL s',
      'RPUSH l 1 2 3',
      'LPOP l',
      'SADD set a',
      'ZADD z 1 a',
      'HSET h f v',
      { command: 'INFO', mask: INFO },
      'TTL s',
      'LRANGE l 0 -1',
      'LLEN l',
      'SMEMBERS set',
      'HGETALL h',
      'GET h',
      { command: 'INFO', mask: INFO },
      'EXISTS e1 e2 e3',
      'TYPE t1',
      'OBJECT ENCODING s2',
      'STRLEN s3',
      'SINTER i1 i2',
      'SINTERCARD 2 i3 i4',
      'ZUNION 2 u1 u2',
      'ZCARD z2',
      'LCS lcs1 lcs2',
      'SORT_RO sort BY w_* GET g_*',
      'SORT sort2',
      'PFCOUNT p1 p2',
      'MEMORY USAGE m',
      'DUMP d1',
      'TOUCH t2 t3',
      { command: 'SCAN 0', unordered: 'deep' },
      { command: 'KEYS *', unordered: 'elements' },
      'DBSIZE',
      'GET',
      'GET too many',
      { command: 'INFO', mask: INFO },
    ]))

  test('which commands count as changing', () =>
    compare(
      [
        'CLIENT TRACKING ON',
        { client: 1, command: 'RPUSH l 1 2 3' },
        'EXISTS l',
        { client: 1, command: 'LPOP l' },
        { receive: true },
        'EXISTS l',
        { client: 1, command: 'EXPIRE l 100' },
        { receive: true },
        'EXISTS l',
        { client: 1, command: 'PERSIST l' },
        { receive: true },
        'EXISTS l',
        { client: 1, command: 'PERSIST l' },
        { client: 1, command: 'TOUCH l' },
        { client: 1, command: 'LREM l 1 none' },
        { client: 1, command: 'RENAME l m' },
        { receive: true },
        'EXISTS m n',
        { client: 1, command: 'COPY m n' },
        { receive: true },
        { client: 1, command: 'LMOVE m n LEFT RIGHT' },
        { receive: true },
        'EXISTS m n',
        { client: 1, command: 'MOVE m 3' },
        { receive: true },
        { client: 1, command: 'SELECT 3' },
        { client: 1, command: 'DEL n' },
        { client: 1, command: 'SET n 1' },
        { receive: true },
        'EXISTS n p',
        { client: 1, command: 'PFADD p a b' },
        { receive: true },
        'EXISTS p',
        { client: 1, command: 'PFCOUNT p' },
        { receive: true },
        'EXISTS p',
        { client: 1, command: 'PFCOUNT p' },
        { client: 1, command: 'SET gone 1 PX 1' },
        'PING',
      ],
      [3],
    ))

  test('OPTIN and OPTOUT', () =>
    compare(
      [
        ...basics('OPTIN'),
        'GET a',
        { client: 1, command: 'SET a 2' },
        'CLIENT CACHING YES',
        'GET a',
        'GET b',
        { client: 1, command: 'MSET a 2 b 2' },
        { receive: true },
        'CLIENT CACHING YES',
        'MULTI',
        'GET a',
        'GET b',
        'EXEC',
        { client: 1, command: 'MSET a 2 b 2' },
        { receive: true },
        { receive: true },
        'MULTI',
        'GET a',
        'CLIENT CACHING YES',
        'GET b',
        'EXEC',
        { client: 1, command: 'MSET a 2 b 2' },
        { receive: true },
        'CLIENT TRACKING OFF',
        'CLIENT TRACKING ON OPTOUT',
        'CLIENT CACHING NO',
        'GET a',
        'GET b',
        { client: 1, command: 'MSET a 2 b 2' },
        { receive: true },
        'PING',
      ],
      [3],
    ))

  test('a blocked client gets its reply first', () =>
    compare(
      [
        ...basics(''),
        'RPUSH other x',
        'LRANGE other 0 -1',
        'LRANGE list 0 -1',
        { command: 'BLMOVE list other LEFT LEFT 0', sendOnly: true },
        { client: 1, command: 'RPUSH list foo' },
        { receive: true },
        { receive: true },
        { receive: true },
        'PING',
      ],
      [3],
    ))

  test('with CLIENT REPLY OFF', () =>
    compare(
      [
        ...basics(''),
        'MGET a b',
        { command: 'CLIENT REPLY OFF', sendOnly: true },
        { client: 1, command: 'SET a 2' },
        { receive: true },
        { command: 'SET b 3', sendOnly: true },
        { receive: true },
        'CLIENT REPLY ON',
      ],
      [3],
    ))

  test('what expires', () =>
    compare(
      [
        ...basics(''),
        'DEBUG SET-ACTIVE-EXPIRE 0',
        'SET a 1 PX 1',
        'GET b',
        'DEBUG SLEEP 0.01',
        'EXISTS a',
        'SET c 1 PX 500',
        'EXISTS c',
        'DEBUG SLEEP 0.6',
        'EXISTS c',
        { receive: true },
        'EXPIRE b -1',
        { receive: true },
        'DEBUG SET-ACTIVE-EXPIRE 1',
      ],
      [3],
    ))

  test('with RESP2 nothing is sent', () =>
    compare(
      [
        'CLIENT TRACKING ON',
        'GET a',
        { client: 1, command: 'SET a 1' },
        'SET a 2',
        'GET a',
        'FLUSHALL',
        'GET a',
        { command: 'HELLO 3', errorsOnly: true },
        { client: 1, command: 'SET a 1' },
        { receive: true },
        'GET a',
        { command: 'HELLO 2', errorsOnly: true },
        { client: 1, command: 'SET a 1' },
        'PING',
      ],
      [2],
    ))
})

differential('BCAST', ({ compare }) => {
  test('all keys', () =>
    compare(
      [
        'CLIENT TRACKING ON BCAST',
        { client: 1, command: 'MSET b 1 a 1 c 1 a 2' },
        { receive: true },
        'SET x 1',
        { receive: true },
        { client: 1, command: 'DEL a nothing' },
        { receive: true },
        { client: 1, command: 'FLUSHALL' },
        { receive: true },
        'PING',
      ],
      [3],
    ))

  test('by prefixes', () =>
    compare(
      [
        'CLIENT TRACKING ON BCAST PREFIX b: PREFIX a:',
        { client: 1, command: 'MSET a:2 1 b:1 1 c:1 1 a:1 1 a 1' },
        { receive: true },
        { receive: true },
        'CLIENT TRACKING ON BCAST PREFIX c:',
        { client: 1, command: 'SET c:1 x' },
        { receive: true },
        'MULTI',
        'INCR a:5',
        'INCR b:5',
        'EXEC',
        { receive: true },
        { receive: true },
        'CLIENT TRACKING OFF',
        { client: 1, command: 'SET c:1 x' },
        'PING',
      ],
      [3],
    ))

  test('NOLOOP', () =>
    compare(
      [
        'CLIENT TRACKING ON BCAST NOLOOP PREFIX a PREFIX b',
        'SET a 1',
        { client: 1, command: 'MSET a 1 b 1' },
        { receive: true },
        { receive: true },
        'SET a 1',
        { client: 1, command: 'SET b 1' },
        { receive: true },
        'PING',
      ],
      [3],
    ))
})

differential('REDIRECT', ({ compare }) => {
  test('to a connection that listens', () =>
    compare([
      ...redirected(''),
      { command: 'CLIENT GETREDIR', mask: ID },
      { command: 'CLIENT TRACKINGINFO', mask: ID },
      { command: 'CLIENT INFO', mask: FLAGS },
      'MGET a b',
      { client: 1, command: 'SET a 1' },
      { client: 2, receive: true },
      'SET b 1',
      { client: 2, receive: true },
      'GET a',
      { client: 1, command: 'FLUSHALL' },
      { client: 2, receive: true },
      'GET a',
      'FLUSHDB',
      { client: 2, receive: true },
      'GET a',
      { client: 2, command: 'UNSUBSCRIBE' },
      { client: 1, command: 'SET a 1' },
      { client: 2, command: 'PING', protocol: 2 },
    ]))

  test('by prefixes', () =>
    compare([
      ...redirected('BCAST PREFIX a PREFIX b'),
      { client: 1, command: 'MSET a2 1 b 1 a1 1 c 1' },
      { client: 2, receive: true },
      { client: 2, receive: true },
      'SET b 1',
      { client: 2, receive: true },
      { client: 1, command: 'FLUSHDB' },
      { client: 2, receive: true },
    ]))

  test('two connections to one, one of them to itself', () =>
    compare(
      [
        { client: 2, command: 'CLIENT ID', mask: ID },
        { command: 'CLIENT TRACKING ON REDIRECT $2', ids: true },
        { client: 1, command: 'CLIENT TRACKING ON REDIRECT $2', ids: true },
        { client: 2, command: 'CLIENT TRACKING ON REDIRECT $2', ids: true },
        'GET a',
        { client: 1, command: 'GET a' },
        { client: 2, command: 'GET a' },
        { client: 3, command: 'SET a 1' },
        { client: 2, receive: true },
        { client: 2, receive: true },
        { client: 2, receive: true },
        { command: 'CLIENT TRACKING ON REDIRECT $2 REDIRECT $2', ids: true },
      ],
      [3],
    ))

  test('to one that is gone', () =>
    compare([
      { client: 2, command: 'CLIENT ID', mask: ID },
      { command: 'CLIENT TRACKING ON REDIRECT $2', ids: true },
      'GET a',
      { client: 2, command: 'QUIT' },
      { client: 1, command: 'SET a 1' },
      { receive: true, mask: ID, protocol: 3 },
      { command: 'CLIENT TRACKINGINFO', mask: ID },
      { command: 'CLIENT INFO', mask: FLAGS },
      'GET a',
      'SET a 2',
      { receive: true, mask: ID, protocol: 3 },
      'FLUSHALL',
      { receive: true, mask: ID, protocol: 3 },
      'CLIENT TRACKING ON',
      'CLIENT TRACKINGINFO',
    ]))
})
