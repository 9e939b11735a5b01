/**
 * Users and their rights against the reference, with several connections in step: logging in, what
 * is refused, selectors, transactions, who is cut off.
 *
 * 7.0 words refusals otherwise (and names the key or the channel), lists commands in another form,
 * and has fewer fields in ACL LOG: those are compared in test/unit/commands/acl.test.ts, and here
 * only after what they have in common.
 */
import { describe, test } from 'vitest'
import { type Command, differential, type Script, type Step } from './support/compare.ts'

/** Of a refusal only what 7.0 and 7.2 have in common. */
function refusal(reply: string): string {
  return reply
    .replace(/^-NOPERM .*(command|key|channel).*\r\n/, '-NOPERM $1\r\n')
    .replace(/(-EXECABORT [^:]*): NOPERM .*\r\n/, '$1\r\n')
    .replace(/This user/g, 'User')
}

/** A command that may be refused. */
const tried = (client: number, command: Command): Step => ({
  client,
  command,
  mask: refusal,
})

/** Makes alice anew with these rules, and has connection 1 be her. */
function alice(rules: string): Script {
  return [
    'ACL DELUSER alice',
    `ACL SETUSER alice on nopass ${rules}`,
    { client: 1, command: 'AUTH alice x' },
  ]
}

differential('logging in', ({ compare }) => {
  test('by name and password', () =>
    compare([
      'ACL SETUSER alice reset >one >two',
      { client: 1, command: 'AUTH alice one' },
      'ACL SETUSER alice on',
      { client: 1, command: 'AUTH alice one' },
      { client: 1, command: 'AUTH alice two' },
      { client: 1, command: 'AUTH alice three' },
      { client: 1, command: 'AUTH nobody one' },
      { client: 1, command: ['AUTH', 'alice', ''] },
      'ACL SETUSER alice <one',
      { client: 1, command: 'AUTH alice one' },
      'ACL SETUSER alice <one',
      'ACL SETUSER alice nopass',
      { client: 1, command: 'AUTH alice anything' },
      'ACL SETUSER alice resetpass',
      { client: 1, command: 'AUTH alice anything' },
      'ACL SETUSER alice >a\0b',
      ['ACL', 'SETUSER', 'alice', Uint8Array.of(0x3e, 0, 1, 0xff)],
      { client: 1, command: ['AUTH', 'alice', Uint8Array.of(0, 1, 0xff)] },
      { client: 1, command: 'AUTH a b c' },
      { client: 1, command: 'AUTH alice' },
    ]))

  test('HELLO with AUTH', () =>
    compare([
      'ACL SETUSER alice reset on >one +@all',
      'ACL SETUSER bob reset on >one +@all',
      { client: 1, command: 'HELLO 2 AUTH alice two' },
      { client: 1, command: 'HELLO 2 AUTH alice two SETNAME x' },
      { client: 1, command: 'CLIENT GETNAME' },
      { client: 1, command: 'HELLO 2 AUTH alice' },
      { client: 1, command: 'RESET' },
      { client: 1, command: 'ACL WHOAMI' },
    ]))

  test('the default user with a password, off, and without rights', () =>
    compare([
      'ACL SETUSER default >secret',
      { client: 1, command: 'GET a' },
      { client: 1, command: 'AUTH secret' },
      { client: 1, command: 'GET a' },
      { client: 2, command: 'AUTH wrong' },
      'ACL SETUSER default nopass off',
      { client: 3, command: 'GET a' },
      { client: 3, command: 'AUTH default x' },
      'ACL SETUSER default on',
      { client: 3, command: 'GET a' },
      tried(3, 'ACL SETUSER default -get'),
      tried(3, 'GET a'),
      'ACL SETUSER default reset on nopass ~* &* +@all',
      { client: 3, command: 'GET a' },
    ]))

  test('requirepass is a password of the default user', () =>
    compare([
      'CONFIG SET requirepass one',
      'ACL GETUSER default',
      { client: 1, command: 'PING' },
      { client: 1, command: 'AUTH one' },
      'ACL SETUSER default >two',
      { client: 1, command: 'AUTH two' },
      'CONFIG SET requirepass three',
      { client: 1, command: 'AUTH two' },
      'CONFIG GET requirepass',
      ['CONFIG', 'SET', 'requirepass', ''],
      'AUTH one',
    ]))
})

differential('ACL SETUSER', ({ compare }) => {
  test('errors change nothing', () =>
    compare([
      'ACL DELUSER u',
      ...[
        'nonsense',
        '+nosuch',
        '-nosuch',
        '+@nosuch',
        '-@nosuch',
        '-config|nosuch',
        '+config|nosuch',
        '+config|get|port',
        '+select|',
        '+',
        '-',
        '+@',
        '%R',
        '%~a',
        '%RR~a',
        '%RWR~a',
        '%x~a',
        '~* ~a',
        'allkeys %R~a',
        '&* &a',
        'allchannels &a',
        '<nosuch',
        '#abc',
        '!abc',
        `#${'A'.repeat(64)}`,
        `!${'a'.repeat(64)}`,
        '(',
        ')',
        '(+get',
        '(on)',
        '(+get on)',
        '(~* ~a)',
        '((+get))',
        '(+get (+set) )',
      ].map((rules) => `ACL SETUSER u on ${rules}`),
      ['ACL', 'SETUSER', 'u', ' () '],
      ['ACL', 'SETUSER', 'u', '~a b'],
      ['ACL', 'SETUSER', 'u', '&a b'],
      ['ACL', 'SETUSER', 'u', '~a\tb'],
      ['ACL', 'SETUSER', 'u v'],
      ['ACL', 'SETUSER', 'u\0v'],
      ['ACL', 'SETUSER', 'u\nv', 'on'],
      ['ACL', 'SETUSER', 'u', 'x\r\ny'],
      'ACL SETUSER',
      { command: 'ACL GETUSER u', mask: withoutFlags },
      'ACL USERS',
    ]))

  test('passwords, keys, channels and flags as GETUSER tells them', () =>
    compare([
      ...[
        'on >a >b >a',
        'nopass',
        '>c',
        `#${'0123456789abcdef'.repeat(4)}`,
        '<c',
        'resetpass off',
        '~a %R~b %W~c %RW~d %WR~e',
        '%W~b %r~c',
        '&a &b &a',
        'allkeys allchannels',
        'resetkeys resetchannels',
        'skip-sanitize-payload',
        'SANITIZE-PAYLOAD',
        '(~a) (%R~b &c)',
        'clearselectors',
        '(~a "+get" )',
        '( ~b )',
        '( ~b +@all',
        'reset',
        '+@all',
        '-@all',
      ].flatMap((rules) => [
        `ACL SETUSER u ${rules}`,
        { command: 'ACL GETUSER u', mask: withoutFlags } as Step,
      ]),
      ['ACL', 'SETUSER', 'u', ''],
      ['ACL', 'SETUSER', 'u', '(~x', '%R~y', ')'],
      { command: 'ACL GETUSER u', mask: withoutFlags },
      'ACL DELUSER u u v',
    ]))
})

/** 7.2 tells of `sanitize-payload`, which 7.0 does not for users that are made anew. */
function withoutFlags(reply: string): string {
  return reply.replace(/([*~])\d+\r\n((\$\d+\r\n[\w-]+\r\n)*?)(\$9\r\npasswords)/, '$4')
}

const EVERY_RIGHT = '~* &* +@all'

differential('refusals', ({ compare }) => {
  describe('of commands', () => {
    test.each([
      '-@all',
      '+@all',
      '+get +set',
      '+@read',
      '+@write -set',
      '+@all -@string',
      '+@all -@dangerous +config|get',
      '+@hash -hget +@connection',
      '+config -config|set',
      '+client|id +client|getname',
      '+select|1 +select|2',
      '+@all -select +select|1',
      '+@keyspace +@fast -@slow',
      'nocommands +@list allcommands -lpush',
    ])('%s', (rules) =>
      compare([
        ...alice(`~* &* ${rules}`),
        ...[
          'GET a',
          'SET a 1',
          'LPUSH l x',
          'HGET h f',
          'HSET h f v',
          'CONFIG GET maxmemory-samples',
          'CONFIG SET maxmemory-samples 5',
          'CLIENT ID',
          'CLIENT GETNAME',
          'CLIENT NOSUCH',
          'SELECT 1',
          'SELECT 2',
          'SELECT 0',
          'PING',
          'ECHO x',
          'KEYS a',
          'EXPIRE a 10',
          'DEL a',
          'NOSUCH',
          'GET',
          'CONFIG',
          'ACL WHOAMI',
          'MULTI',
          'DISCARD',
          'AUTH alice y',
          'RESET',
        ].map(
          (command): Step => ({
            client: 1,
            command,
            mask: (reply) => refusal(reply).replace(/:\d+\r\n/g, ':N\r\n'),
          }),
        ),
      ]),
    )
  })

  describe('of keys', () => {
    test.each([
      '~a*',
      '~a ~b',
      '%R~*',
      '%W~*',
      '%R~a* %W~b*',
      '%RW~a* %R~b*',
      '~[a-b]? ~\\*',
      'resetkeys (~a* +@read) (~b* +@write)',
      '-@all (+get ~a*) (+set +del %W~b*)',
    ])('%s', (rules) =>
      compare([
        'MSET a1 1 a2 2 b1 1 b2 2 c 1',
        ...alice(`+@all ${rules}`),
        ...[
          'GET a1',
          'GET b1',
          'GET c',
          'SET a1 x',
          'SET b1 x',
          'SET b1 x GET',
          'SET a1 x GET',
          'SET a1 x EX get',
          'MGET a1 a2',
          'MGET a1 b1',
          'MSET a1 1 b1 2',
          'MSET b1 1 b2 2',
          'DEL a1 b1',
          'EXISTS a1 c',
          'TYPE c',
          'TYPE a1',
          'COPY a1 b1',
          'COPY b1 a1',
          'RENAME a1 b1',
          'LMOVE a1 b1 LEFT LEFT',
          'SINTERSTORE b9 a9 a8',
          'SINTERCARD 2 a9 a8',
          'SINTERCARD 2 a9 b9',
          'SINTERCARD x a9 b9',
          'SINTERCARD 5 a9 b9',
          'LMPOP 2 a9 b9 LEFT',
          'ZUNIONSTORE b9 2 a8 a9',
          'ZUNIONSTORE a9 1 c',
          'STRLEN b1',
          'STRLEN c',
          'APPEND a1 x',
          'GETDEL a1',
          'PFCOUNT a9',
          'PFMERGE b8 a8',
          'OBJECT ENCODING c',
          'OBJECT ENCODING a2',
          'SORT a9 STORE b9',
          'SORT b9 STORE a9',
          'KEYS a1',
          'RANDOMKEY x',
          'EXPIRE b1 100',
          'PERSIST a1',
          'WATCH a1',
          'WATCH c',
        ].map((command) => tried(1, command)),
      ]),
    )
  })

  test('of channels; patterns only to the letter', () =>
    compare([
      ...alice('+@all ~* resetchannels &a* &b:? &c'),
      ...['PUBLISH', 'SPUBLISH'].flatMap((command) => [
        tried(1, `${command} a1 m`),
        tried(1, `${command} b:1 m`),
        tried(1, `${command} b m`),
        tried(1, `${command} c m`),
        tried(1, `${command} d m`),
      ]),
      tried(1, 'SUBSCRIBE d'),
      tried(1, 'SUBSCRIBE a1 d'),
      tried(1, 'SSUBSCRIBE d'),
      tried(1, 'PSUBSCRIBE a1'),
      tried(1, 'PSUBSCRIBE *'),
      tried(1, 'PSUBSCRIBE a* b*'),
      tried(1, 'PSUBSCRIBE a*'),
      tried(1, 'PUNSUBSCRIBE d'),
      tried(1, 'UNSUBSCRIBE d'),
      tried(1, 'PSUBSCRIBE b:?'),
      tried(1, 'SUBSCRIBE a1'),
      'PUBLISH a1 m',
      { client: 1, receive: true },
      { client: 1, receive: true },
    ]))

  test('in a transaction, when it is queued and at EXEC', () =>
    compare([
      ...alice(`${EVERY_RIGHT} -incr`),
      ...['MULTI', 'SET a 1', 'INCR a', 'GET a', 'EXEC', 'GET a'].map((each) => tried(1, each)),
      ...['MULTI', 'SET a 1', 'GET a', 'PUBLISH c m', 'DEL a'].map((each) => tried(1, each)),
      'ACL SETUSER alice resetkeys ~b resetchannels -del',
      tried(1, 'EXEC'),
      'ACL SETUSER alice -exec',
      tried(1, 'MULTI'),
      tried(1, 'EXEC'),
      tried(1, 'DISCARD'),
      'INFO errorstats',
    ]))

  test('of keys that SORT names by patterns', () =>
    compare([
      'RPUSH list 2 1',
      ...alice('+@all ~list ~v*'),
      tried(1, 'SORT list'),
      tried(1, 'SORT list BY nosort'),
      tried(1, 'SORT list BY v*'),
      tried(1, 'SORT list GET #'),
      tried(1, 'SORT_RO list GET v*'),
    ]))

  test('ACL DRYRUN', () =>
    compare([
      ...alice('+get +mget +publish +subscribe +config|get %R~a* resetchannels &c'),
      ...[
        'get a',
        'GET a b',
        'nosuch a',
        'config',
        'config get x',
        'config set x y',
        'config nosuch',
        'mget a1 a2',
      ].map(
        (request): Step => ({
          command: `ACL DRYRUN alice ${request}`,
          mask: (reply) => reply.replace(/\$\d+\r\n(This user|User alice) has/, 'has'),
        }),
      ),
      'ACL DRYRUN nobody get a',
      'ACL DRYRUN alice',
    ]))
})

differential('who loses a right', ({ compare }) => {
  test('is cut off while listening', () =>
    compare([
      ...alice(`${EVERY_RIGHT} resetchannels &a &b*`),
      { client: 1, command: 'CLIENT SETNAME listener' },
      { client: 1, command: 'SUBSCRIBE a' },
      'ACL SETUSER alice resetchannels &a',
      'PUBLISH a m',
      { client: 1, receive: true },
      'ACL SETUSER alice resetchannels &b*',
      'PUBLISH a m',
      { command: 'CLIENT LIST', mask: (reply) => String(reply.includes('listener')) },
    ]))

  test('is cut off with the user', () =>
    compare([
      ...alice(EVERY_RIGHT),
      { client: 1, command: 'CLIENT SETNAME goner' },
      { client: 2, command: 'AUTH alice x' },
      { client: 2, command: 'ACL DELUSER alice nobody' },
      { command: 'CLIENT LIST', mask: (reply) => String(reply.includes('goner')) },
      'ACL DELUSER nobody default',
      'ACL USERS',
    ]))

  test('goes on when the user is turned off', () =>
    compare([
      ...alice(EVERY_RIGHT),
      'ACL SETUSER alice off',
      { client: 1, command: 'PING' },
      { client: 1, command: 'AUTH alice x' },
      { client: 1, command: 'ACL WHOAMI' },
    ]))
})

differential('the rest of ACL', ({ compare }) => {
  test('ACL LOG: what 7.0 tells too', () => {
    const masked = (reply: string) =>
      reply
        .replace(/[*%](10|20|7|14)\r\n(?=\$5\r\ncount)/g, '(map)')
        .replace(/\$\d+\r\n\d+\.\d*\r\n|,[\d.e-]+\r\n|\$1\r\n0\r\n/g, 'N')
        .replace(/\$\d+\r\nid=[^\r]*\r\n/g, 'I')
        .replace(/\$8\r\nentry-id\r\n:\d+\r\n/g, '')
        .replace(/\$(17|22)\r\ntimestamp-[\w-]+\r\n:\d+\r\n/g, '')
    const log = (command: string): Step => ({ command, mask: masked })
    return compare([
      'ACL LOG RESET',
      ...alice('+get +publish +multi +exec ~a resetchannels'),
      tried(1, 'GET b'),
      tried(1, 'GET b'),
      tried(1, 'SET a b'),
      tried(1, 'PUBLISH c m'),
      tried(1, 'CONFIG GET x'),
      tried(1, 'MULTI'),
      tried(1, 'GET b'),
      tried(1, 'EXEC'),
      { client: 1, command: 'auth bob x' },
      { client: 1, command: 'HELLO 2 AUTH bob x' },
      log('ACL LOG'),
      log('ACL LOG 2'),
      log('ACL LOG 0'),
      log('ACL LOG -1'),
      log('ACL LOG 100'),
      'ACL LOG x',
      'ACL LOG 1 2',
      'ACL LOG RESET',
      'ACL LOG',
    ])
  })

  test('arguments and errors', () =>
    compare([
      'ACL',
      'ACL NOSUCH',
      'ACL CAT',
      'ACL CAT nosuch',
      'ACL CAT x y',
      { command: 'ACL CAT transaction', unordered: 'elements' },
      { command: 'ACL CAT PUBSUB', unordered: 'elements' },
      'ACL USERS x',
      'ACL LIST x',
      'ACL WHOAMI',
      'ACL WHOAMI x',
      'ACL GETUSER',
      'ACL GETUSER nobody',
      'ACL DELUSER',
      'ACL DELUSER nobody',
      'ACL LOAD',
      'ACL SAVE',
      'ACL LOAD x',
      'ACL GENPASS 0',
      'ACL GENPASS -5',
      'ACL GENPASS 4097',
      'ACL GENPASS x',
      'ACL GENPASS 9223372036854775808',
      'ACL GENPASS 1 2',
      ...['', '1', '5', '8', '4096'].map(
        (bits): Step => ({
          command: `ACL GENPASS ${bits}`,
          mask: (reply) => reply.replace(/[0-9a-f](?=[0-9a-f]*\r\n$)/g, 'x'),
        }),
      ),
      'ACL HELP x',
      'CLIENT KILL USER nobody',
      'ACL SETUSER alice on nopass',
      { client: 1, command: 'AUTH alice x' },
      'CLIENT KILL USER alice',
      'ACL DELUSER alice',
    ]))
})
