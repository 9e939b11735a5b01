/**
 * ACL's commands where 7.2 differs from the reference of the differential tests, or where the answer
 * hangs on the clock. Expectations are from Redis's documentation of 7.2.
 */
import { describe, expect, test } from 'vitest'
import { ManualClock } from '../../../src/platform/clock.ts'
import {
  InProcessClient,
  ReplyError,
  testServer,
  type Value,
  type ValueMap,
} from '../../support/in-process-client.ts'

const HASH = '2bd806c97f0e00af1a1fc3328fa763a9269723c8db8fac4f93af71db186d6e90'

/** A client that is the default user, and one that is `alice` with these rules. */
function clients(...rules: string[]): { admin: InProcessClient; alice: InProcessClient } {
  const admin = new InProcessClient(testServer())
  expect(admin.value('ACL', 'SETUSER', 'alice', 'on', 'nopass', ...rules)).toBe('OK')
  const alice = new InProcessClient(admin.server)
  expect(alice.value('AUTH', 'alice', 'any')).toBe('OK')
  return { admin, alice }
}

function errorOf(value: Value): string {
  return value instanceof ReplyError ? value.text : `no error: ${String(value)}`
}

/** The fields of a reply that is a map, under RESP2. */
function fields(value: Value): Map<Value, Value> {
  const list = value as Value[]
  return new Map(list.flatMap((name, i) => (i % 2 === 0 ? [[name, list[i + 1]!] as const] : [])))
}

describe('users as text', () => {
  const admin = new InProcessClient(testServer())
  const describeUser = (...rules: string[]): string => {
    admin.value('ACL', 'DELUSER', 'u')
    const reply = admin.value('ACL', 'SETUSER', 'u', ...rules)
    if (reply instanceof ReplyError) return reply.text
    const lines = admin.value('ACL', 'LIST') as string[]
    return lines[1]!.replace(/^user u /, '')
  }

  test.each([
    ['', 'off sanitize-payload resetchannels -@all'],
    ['on nopass ~* &* +@all', 'on nopass sanitize-payload ~* &* +@all'],
    ['on >a >a', `on sanitize-payload #${sha('a')} resetchannels -@all`],
    ['>a nopass', 'off nopass sanitize-payload resetchannels -@all'],
    ['nopass >a', `off sanitize-payload #${sha('a')} resetchannels -@all`],
    ['skip-sanitize-payload', 'off skip-sanitize-payload resetchannels -@all'],
    ['%R~a %W~a %rw~b %W~c', 'off sanitize-payload ~a ~b %W~c resetchannels -@all'],
    ['&a &b &a', 'off sanitize-payload resetchannels &a &b -@all'],
    ['+@HASH -hget +HGET', 'off sanitize-payload resetchannels -@all +@hash +hget'],
    [
      '+@all -@hash -@slow +hget -@hash',
      'off sanitize-payload resetchannels +@all -@slow +hget -@hash',
    ],
    [
      '+client|list +config|get +config',
      'off sanitize-payload resetchannels -@all +client|list +config',
    ],
    ['+select|0 +SELECT|A', 'off sanitize-payload resetchannels -@all +select|0 +select|a'],
    ['+select|0 -select', 'off sanitize-payload resetchannels -@all -select'],
    [
      '+get (~a +@read) ( &b -@all )',
      'off sanitize-payload resetchannels -@all +get (~a resetchannels -@all +@read) ' +
        '(resetchannels &b -@all)',
    ],
    ['() clearselectors', 'off sanitize-payload resetchannels -@all'],
    ['on nopass ~* &* +@all (+get) reset', 'off sanitize-payload resetchannels -@all'],
    ['allkeys allchannels allcommands nocommands', 'off sanitize-payload ~* &* -@all'],
    ['~* resetkeys ~a &* resetchannels &b', 'off sanitize-payload ~a resetchannels &b -@all'],
    [
      '(~a "+get" ~"b")',
      'off sanitize-payload resetchannels -@all (~a ~b resetchannels -@all +get)',
    ],
  ])('%s', (rules, text) => {
    expect(describeUser(...rules.split(' ').filter((rule) => rule !== ''))).toBe(text)
  })

  test.each([
    ['on nonsense', "'nonsense': Syntax error"],
    ['+nosuch', "'+nosuch': Unknown command or category name in ACL"],
    ['-config|nosuch', "'-config|nosuch': Unknown command or category name in ACL"],
    ['-select|0', "'-select|0': Unknown command or category name in ACL"],
    ['+@nosuch', "'+@nosuch': Unknown command or category name in ACL"],
    ['+config|get|x', "'+config|get|x': Allowing first-arg of a subcommand is not supported"],
    ['+select|', "'+select|': Syntax error"],
    ['%~a', "'%~a': Syntax error"],
    ['%RR~a', "'%RR~a': Syntax error"],
    ['%', "'%': Syntax error"],
    [
      '~* ~a',
      "'~a': Adding a pattern after the * pattern (or the 'allkeys' flag) is not valid and does " +
        "not have any effect. Try 'resetkeys' to start with an empty list of patterns",
    ],
    [
      '&* &a',
      "'&a': Adding a pattern after the * pattern (or the 'allchannels' flag) is not valid and " +
        "does not have any effect. Try 'resetchannels' to start with an empty list of channels",
    ],
    [
      '#abc',
      "'#abc': The password hash must be exactly 64 characters and contain only lowercase " +
        'hexadecimal characters',
    ],
    ['<a', "'<a': The password you are trying to remove from the user does not exist"],
    ['(+get on)', "'(+get on)': Syntax error"],
  ])('%s is refused as a whole', (rules, text) => {
    const reply = describeUser('nopass', ...rules.split(/ (?![^(]*\))/))
    expect(reply).toBe(`ERR Error in ACL SETUSER modifier ${text}`)
    expect(admin.value('ACL', 'GETUSER', 'u')).toBeNull()
  })

  test('an open parenthesis is told', () => {
    expect(describeUser('on', '(+get', '+set')).toBe(
      "ERR Unmatched parenthesis in acl selector starting at '(+get'.",
    )
  })
})

function sha(text: string): string {
  const known = new Map([['a', 'ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb']])
  return known.get(text)!
}

test('ACL GETUSER tells flags, passwords and selectors, as a map under RESP3', () => {
  const admin = new InProcessClient(testServer())
  admin.value('ACL', 'SETUSER', 'u', 'on', `#${HASH}`, '%R~a', '~b', '&c', '+get', '(+set ~d)')
  const user = fields(admin.value('ACL', 'GETUSER', 'u'))
  expect([...user.keys()]).toEqual([
    'flags',
    'passwords',
    'commands',
    'keys',
    'channels',
    'selectors',
  ])
  expect(user.get('flags')).toEqual(['on', 'sanitize-payload'])
  expect(user.get('passwords')).toEqual([HASH])
  expect(user.get('commands')).toBe('-@all +get')
  expect(user.get('keys')).toBe('%R~a ~b')
  expect(user.get('channels')).toBe('&c')
  expect(user.get('selectors')).toEqual([['commands', '-@all +set', 'keys', '~d', 'channels', '']])
  admin.call('HELLO', '3')
  expect(admin.call('ACL', 'GETUSER', 'u')).toMatch(/^%6\r\n\$5\r\nflags\r\n~2\r\n\$2\r\non\r\n/)
  expect(admin.call('ACL', 'GETUSER', 'u')).toContain('selectors\r\n*1\r\n%3\r\n')
  expect(admin.call('ACL', 'GETUSER', 'nobody')).toBe('_\r\n')
})

test('ACL SETUSER refuses names that rules could not be told from', () => {
  const admin = new InProcessClient(testServer())
  for (const name of ['a b', 'a\0b', 'a\tb', 'a\x0bb']) {
    expect(errorOf(admin.value('ACL', 'SETUSER', name))).toBe(
      "ERR Usernames can't contain spaces or null characters",
    )
  }
  expect(admin.value('ACL', 'SETUSER', 'caf\xe9\xa0')).toBe('OK')
  expect(admin.value('ACL', 'USERS')).toEqual(['caf\xe9\xa0', 'default'])
})

describe('ACL LOG', () => {
  const client = (): { admin: InProcessClient; alice: InProcessClient; clock: ManualClock } => {
    const clock = new ManualClock()
    const server = testServer({ clock })
    const admin = new InProcessClient(server)
    admin.value('ACL', 'SETUSER', 'alice', 'on', '>secret', '+get', '+set', '~a*', '+@transaction')
    const alice = new InProcessClient(server)
    alice.value('AUTH', 'alice', 'secret')
    return { admin, alice, clock }
  }
  const entries = (admin: InProcessClient, ...args: string[]) =>
    (admin.value('ACL', 'LOG', ...args) as Value[]).map(fields)

  test('tells everything about what was refused', () => {
    const { admin, alice, clock } = client()
    alice.value('GET', 'b')
    clock.advance(1500)
    const [entry] = entries(admin)
    const info = entry!.get('client-info') as string
    expect(info).toContain(`id=${alice.session.id} `)
    expect(info).toContain(' cmd=get user=alice ')
    entry!.delete('client-info')
    const { nowMs } = clock
    expect([...entry!]).toEqual([
      ['count', 1],
      ['reason', 'key'],
      ['context', 'toplevel'],
      ['object', 'b'],
      ['username', 'alice'],
      ['age-seconds', '1.5'],
      ['entry-id', 0],
      ['timestamp-created', nowMs - 1500],
      ['timestamp-last-updated', nowMs - 1500],
    ])
  })

  test('counts what happens again within a minute', () => {
    const { admin, alice, clock } = client()
    alice.value('GET', 'b')
    clock.advance(60_000)
    alice.value('GET', 'b')
    alice.value('DEL', 'a')
    clock.advance(60_001)
    alice.value('GET', 'b')
    const told = entries(admin).map((entry) => [
      entry.get('entry-id'),
      entry.get('object'),
      entry.get('count'),
    ])
    expect(told).toEqual([
      [2, 'b', 1],
      [1, 'del', 1],
      [0, 'b', 2],
    ])
  })

  test('knows who failed to log in, and what was in a transaction', () => {
    const { admin, alice } = client()
    expect(errorOf(alice.value('AUTH', 'mallory', 'x'))).toContain('WRONGPASS')
    expect(errorOf(alice.value('hello', '3', 'AUTH', 'alice', 'x'))).toContain('WRONGPASS')
    alice.value('MULTI')
    alice.value('DEL', 'a')
    const told = entries(admin).map((entry) =>
      ['reason', 'context', 'object', 'username'].map((name) => entry.get(name)),
    )
    expect(told).toEqual([
      ['command', 'multi', 'del', 'alice'],
      ['auth', 'toplevel', 'hello', 'alice'],
      ['auth', 'toplevel', 'AUTH', 'mallory'],
    ])
  })

  test('keeps as many entries as it may, and tells as many as it is asked for', () => {
    const { admin, alice } = client()
    for (let i = 0; i < 20; i++) alice.value('GET', `b${i}`)
    expect(entries(admin)).toHaveLength(10)
    expect(entries(admin, '15')).toHaveLength(15)
    expect(entries(admin, '-1')).toEqual([])
    expect(entries(admin, '9223372036854775807')).toHaveLength(20)
    admin.value('CONFIG', 'SET', 'acllog-max-len', '3')
    expect(entries(admin, '99')).toHaveLength(20)
    alice.value('GET', 'c')
    expect(entries(admin, '99')).toHaveLength(3)
    expect(admin.value('ACL', 'LOG', 'reset')).toBe('OK')
    expect(entries(admin)).toEqual([])
    expect(errorOf(admin.value('ACL', 'LOG', '1', '2'))).toContain('wrong number of arguments for')
  })

  test('INFO counts every kind, and CONFIG RESETSTAT forgets', () => {
    const { admin, alice } = client()
    alice.value('GET', 'b')
    alice.value('DEL', 'a')
    alice.value('DEL', 'a')
    alice.value('AUTH', 'alice', 'x')
    admin.value('ACL', 'SETUSER', 'alice', '+publish')
    alice.value('PUBLISH', 'c', 'm')
    const counts = () =>
      ((admin.value('INFO', 'stats') as string).match(/acl_access_denied_\w+:\d+/g) ?? []).map(
        (line) => line.replace('acl_access_denied_', ''),
      )
    expect(counts()).toEqual(['auth:1', 'cmd:2', 'key:1', 'channel:1'])
    admin.value('CONFIG', 'RESETSTAT')
    expect(counts()).toEqual(['auth:0', 'cmd:0', 'key:0', 'channel:0'])
  })
})

describe('refusals', () => {
  test('are worded as in 7.2', () => {
    const { alice } = clients('+get', '+publish', '~a', '+exec')
    expect(errorOf(alice.value('SET', 'a', '1'))).toBe(
      "NOPERM User alice has no permissions to run the 'set' command",
    )
    expect(errorOf(alice.value('CONFIG', 'GET', 'x'))).toBe(
      "NOPERM User alice has no permissions to run the 'config|get' command",
    )
    expect(errorOf(alice.value('GET', 'b'))).toBe('NOPERM No permissions to access a key')
    expect(errorOf(alice.value('PUBLISH', 'c', 'm'))).toBe(
      'NOPERM No permissions to access a channel',
    )
  })

  test('come behind what is wrong with the request, and before what depends on the data', () => {
    const { alice } = clients('+get', '~a')
    expect(errorOf(alice.value('NOSUCH'))).toContain('unknown command')
    expect(errorOf(alice.value('SET', 'a'))).toContain('wrong number of arguments')
    expect(errorOf(alice.value('DEBUG', 'OBJECT', 'a'))).toContain('DEBUG command not allowed')
  })

  test('a first argument may be allowed by itself', () => {
    const { alice } = clients('+select|0', '+config|get')
    expect(alice.value('SELECT', '0')).toBe('OK')
    expect(errorOf(alice.value('SELECT', '1'))).toContain("the 'select' command")
    expect(alice.value('CONFIG', 'GET', 'port')).toEqual(['port', '6379'])
    expect(errorOf(alice.value('CONFIG', 'RESETSTAT'))).toContain("'config|resetstat' command")
  })

  test('in a transaction, a right that is lost before EXEC', () => {
    const { admin, alice } = clients('+@all', '~a*', '&c*')
    for (const request of [
      ['INCR', 'a1'],
      ['INCR', 'a2'],
      ['PUBLISH', 'c1', 'm'],
      ['GET', 'a1'],
    ]) {
      if (request[0] === 'INCR' && request[1] === 'a1') alice.value('MULTI')
      expect(alice.value(...request)).toBe('QUEUED')
    }
    admin.value('ACL', 'SETUSER', 'alice', 'resetkeys', '~a1', 'resetchannels', '-get')
    const changed =
      'NOPERM ACLs rules changed between the moment the transaction was accumulated and the EXEC ' +
      'call. This command is no longer allowed for the following reason: no permission '
    const replies = alice.value('EXEC') as Value[]
    expect(replies[0]).toBe(1)
    expect(replies.slice(1).map(errorOf)).toEqual([
      `${changed}to touch the specified keys`,
      `${changed}to access one of the channels used as arguments`,
      `${changed}to execute the command or subcommand`,
    ])
    admin.value('ACL', 'SETUSER', 'alice', '-exec')
    alice.value('MULTI')
    expect(errorOf(alice.value('EXEC'))).toBe(
      'EXECABORT Transaction discarded because of: NOPERM User alice has no permissions to run ' +
        "the 'exec' command",
    )
  })

  test('a client that waits loses the right with the key', () => {
    const { admin, alice } = clients('+@all', '~*')
    alice.call('BLPOP', 'list', '0')
    admin.value('ACL', 'SETUSER', 'alice', 'resetkeys')
    admin.value('LPUSH', 'list', 'x')
    expect(alice.take()).toBe('-NOPERM No permissions to access a key\r\n')
    expect(admin.value('LLEN', 'list')).toBe(1)
  })

  test('SORT reads what BY and GET name only with the right to read all keys', () => {
    const { admin, alice } = clients('+sort', '~list', '~v*')
    admin.value('RPUSH', 'list', '2', '1')
    expect(alice.value('SORT', 'list')).toEqual(['1', '2'])
    expect(alice.value('SORT', 'list', 'BY', 'nosort')).toEqual(['2', '1'])
    const refused = (what: string) =>
      `ERR ${what} option of SORT denied due to insufficient ACL permissions.`
    expect(errorOf(alice.value('SORT', 'list', 'BY', 'v*'))).toBe(refused('BY'))
    expect(errorOf(alice.value('SORT', 'list', 'GET', '#'))).toBe(refused('GET'))
    admin.value('ACL', 'SETUSER', 'alice', '(+sort %W~* ~list)')
    expect(errorOf(alice.value('SORT', 'list', 'GET', '#'))).toBe(refused('GET'))
    admin.value('ACL', 'SETUSER', 'alice', '(+sort %R~*)')
    expect(alice.value('SORT', 'list', 'BY', 'v*', 'GET', '#')).toEqual(['1', '2'])
  })
})

describe('who loses a right is cut off', () => {
  test.each([
    ['SUBSCRIBE', 'c1'],
    ['SSUBSCRIBE', 'c1'],
    ['PSUBSCRIBE', 'c*'],
  ])('%s: the channel', (command, name) => {
    const { admin, alice } = clients('+@all', '~*', '&c1', '&c*', '&other')
    alice.call(command, name)
    admin.value('ACL', 'SETUSER', 'alice', 'resetchannels', '&c1', '&c*')
    expect(alice.closed).toBe(false)
    admin.value('ACL', 'SETUSER', 'alice', 'resetchannels', '&c2', '&c?')
    expect(alice.closed).toBe(command !== 'SUBSCRIBE' && command !== 'SSUBSCRIBE')
    admin.value('ACL', 'SETUSER', 'alice', 'resetchannels')
    expect(alice.closed).toBe(true)
  })

  test('others go on, and so do those who do not listen', () => {
    const { admin, alice } = clients('+@all', '&*')
    const silent = new InProcessClient(admin.server)
    silent.value('AUTH', 'alice', '')
    alice.call('SUBSCRIBE', 'c')
    admin.call('SUBSCRIBE', 'c')
    admin.call('HELLO', '3')
    const other = new InProcessClient(admin.server)
    other.value('ACL', 'SETUSER', 'alice', 'resetchannels')
    expect([alice.closed, silent.closed, admin.closed]).toEqual([true, false, false])
  })

  test('a user that is removed; who removes itself still gets the reply', () => {
    const { admin, alice } = clients('+@all')
    const second = new InProcessClient(admin.server)
    second.value('AUTH', 'alice', '')
    expect(alice.call('ACL', 'DELUSER', 'alice')).toBe(':1\r\n')
    expect([alice.closed, second.closed, admin.closed]).toEqual([true, true, false])
    expect(errorOf(admin.value('ACL', 'DELUSER', 'x', 'default'))).toBe(
      "ERR The 'default' user cannot be removed",
    )
  })

  test('not one that is turned off, who is only kept from logging in again', () => {
    const { admin, alice } = clients('+@all')
    admin.value('ACL', 'SETUSER', 'alice', 'off')
    expect(alice.value('PING')).toBe('PONG')
    expect(errorOf(alice.value('AUTH', 'alice', ''))).toContain('WRONGPASS')
    expect(alice.value('ACL', 'WHOAMI')).toBe('alice')
  })
})

describe('the default user', () => {
  test('off or with a password, new clients have to log in', () => {
    const admin = new InProcessClient(testServer())
    for (const rule of ['off', 'resetpass']) {
      admin.value('ACL', 'SETUSER', 'default', rule)
      const client = new InProcessClient(admin.server)
      expect(errorOf(client.value('PING'))).toBe('NOAUTH Authentication required.')
      expect(errorOf(client.value('HELLO'))).toContain('NOAUTH HELLO must be called')
      expect(client.call('RESET')).toBe('+RESET\r\n')
      client.send('*11\r\n')
      expect(client.take()).toContain('unauthenticated multibulk length')
      expect(admin.value('PING')).toBe('PONG')
      admin.value('ACL', 'SETUSER', 'default', 'on', 'nopass')
    }
    expect(new InProcessClient(admin.server).value('PING')).toBe('PONG')
  })

  test('has the password of requirepass, until that changes', () => {
    const admin = new InProcessClient(testServer({ config: { requirepass: 'one' } }))
    expect(admin.value('AUTH', 'one')).toBe('OK')
    admin.value('ACL', 'SETUSER', 'default', '>two')
    expect(admin.value('AUTH', 'two')).toBe('OK')
    expect(admin.value('AUTH', 'default', 'one')).toBe('OK')
    admin.value('CONFIG', 'SET', 'requirepass', 'three')
    expect(errorOf(admin.value('AUTH', 'two'))).toContain('WRONGPASS')
    admin.value('CONFIG', 'SET', 'requirepass', '')
    expect(errorOf(admin.value('AUTH', 'three'))).toContain('without any password configured')
    expect(admin.value('AUTH', 'default', 'whatever')).toBe('OK')
  })

  test('acl-pubsub-default says what new users and reset may do', () => {
    const admin = new InProcessClient(
      testServer({ config: { 'acl-pubsub-default': 'allchannels' } }),
    )
    admin.value('ACL', 'SETUSER', 'u', 'on')
    const channels = () => fields(admin.value('ACL', 'GETUSER', 'u')).get('channels')
    expect(channels()).toBe('&*')
    admin.value('CONFIG', 'SET', 'acl-pubsub-default', 'resetchannels')
    expect(channels()).toBe('&*')
    admin.value('ACL', 'SETUSER', 'u', 'reset')
    expect(channels()).toBe('')
  })
})

test('ACL DRYRUN explains in full', () => {
  const { admin } = clients('+get', '+mget', '+publish', '~a*', '&c', '+config|get')
  const dryRun = (...args: string[]) => admin.value('ACL', 'DRYRUN', 'alice', ...args)
  expect(dryRun('get', 'a')).toBe('OK')
  expect(dryRun('config', 'get', 'x')).toBe('OK')
  expect(dryRun('set', 'a', 'b')).toBe("User alice has no permissions to run the 'set' command")
  expect(dryRun('mget', 'a', 'b')).toBe("User alice has no permissions to access the 'b' key")
  expect(dryRun('publish', 'd', 'm')).toBe(
    "User alice has no permissions to access the 'd' channel",
  )
  expect(errorOf(dryRun('get'))).toBe("ERR wrong number of arguments for 'get' command")
  expect(errorOf(dryRun('nosuch', 'x'))).toBe("ERR Command 'nosuch' not found")
  expect(errorOf(admin.value('ACL', 'DRYRUN', 'x', 'get', 'a'))).toBe("ERR User 'x' not found")
})

test('ACL CAT lists categories, and commands with their subcommands', () => {
  const admin = new InProcessClient(testServer())
  expect(admin.value('ACL', 'CAT')).toHaveLength(21)
  expect(admin.value('ACL', 'CAT', 'TRANSACTION')).toEqual([
    'multi',
    'exec',
    'discard',
    'watch',
    'unwatch',
  ])
  expect(admin.value('ACL', 'CAT', 'dangerous')).toContain('config|get')
  expect(errorOf(admin.value('ACL', 'CAT', 'x'))).toBe("ERR Unknown category 'x'")
  expect(errorOf(admin.value('ACL', 'CAT', 'x', 'y'))).toBe(
    "ERR unknown subcommand or wrong number of arguments for 'CAT'. Try ACL HELP.",
  )
})

test('ACL GENPASS makes as many digits as bits ask for', () => {
  const admin = new InProcessClient(testServer())
  expect(admin.value('ACL', 'GENPASS')).toMatch(/^[0-9a-f]{64}$/)
  expect(admin.value('ACL', 'GENPASS', '1')).toMatch(/^[0-9a-f]$/)
  expect(admin.value('ACL', 'GENPASS', '4096')).toMatch(/^[0-9a-f]{1024}$/)
  for (const bits of ['0', '-1', '4097', '9223372036854775807']) {
    expect(errorOf(admin.value('ACL', 'GENPASS', bits))).toContain('up to 4096')
  }
  expect(errorOf(admin.value('ACL', 'GENPASS', 'x'))).toContain('not an integer')
})

test('ACL HELP explains the subcommands', () => {
  const lines = new InProcessClient(testServer()).value('ACL', 'HELP') as string[]
  expect(lines).toContain('SETUSER username [rule [rule ...]]')
})

test('CLIENT LIST and CLIENT KILL know users by name', () => {
  const { admin, alice } = clients('+@all')
  expect(admin.value('CLIENT', 'LIST')).toContain(' user=alice ')
  expect(errorOf(admin.value('CLIENT', 'KILL', 'USER', 'nobody'))).toBe("ERR No such user 'nobody'")
  expect(admin.value('CLIENT', 'KILL', 'USER', 'alice')).toBe(1)
  expect([alice.closed, admin.closed]).toEqual([true, false])
  const again = new InProcessClient(admin.server)
  again.value('AUTH', 'alice', '')
  again.call('RESET')
  expect(again.value('ACL', 'WHOAMI')).toBe('default')
})

test('renamed commands keep the rights of their own names', () => {
  const { admin, alice } = clients('+get', '~*')
  admin.server.commands.rename('get', 'fetch')
  expect(alice.value('FETCH', 'a')).toBeNull()
  expect(admin.value('ACL', 'SETUSER', 'alice', '-get')).toBe('OK')
  expect(errorOf(alice.value('FETCH', 'a'))).toContain("the 'get' command")
  const map = admin.value('HELLO', '3') as unknown as ValueMap
  expect(map.get('proto')).toBe(3)
})
