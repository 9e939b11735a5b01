/** The connection commands apart from CLIENT, without sockets. */
import { describe, expect, test } from 'vitest'
import { InProcessClient, ReplyError, testServer } from '../../support/in-process-client.ts'

const WRONGPASS = '-WRONGPASS invalid username-password pair or user is disabled.\r\n'
const NOAUTH = '-NOAUTH Authentication required.\r\n'

function newClient(config = {}): InProcessClient {
  return new InProcessClient(testServer({ config }))
}

describe('PING and ECHO', () => {
  test('answer', () => {
    const client = newClient()
    expect(client.call('PING')).toBe('+PONG\r\n')
    expect(client.call('PING', '')).toBe('$0\r\n\r\n')
    expect(client.call('ECHO', Uint8Array.of(0, 13, 10, 255))).toBe('$4\r\n\0\r\n\xff\r\n')
    const error = "-ERR wrong number of arguments for 'ping' command\r\n"
    expect(client.call('PING', 'a', 'b')).toBe(error)
  })
})

describe('SELECT', () => {
  test('chooses a database', () => {
    const client = newClient({ databases: '3' })
    client.call('SELECT', 2)
    client.call('SET', 'key', 'two')
    expect(client.value('GET', 'key')).toBe('two')
    client.call('SELECT', 0)
    expect(client.value('GET', 'key')).toBe(null)
    expect(client.call('SELECT', 3)).toBe('-ERR DB index is out of range\r\n')
    expect(client.call('SELECT', -1)).toBe('-ERR DB index is out of range\r\n')
  })

  test.each([
    ['one', 'ERR value is not an integer or out of range'],
    ['', 'ERR value is not an integer or out of range'],
    ['9223372036854775808', 'ERR value is not an integer or out of range'],
    ['2147483648', 'ERR value is out of range, value must between -2147483648 and 2147483647'],
    [
      '-9223372036854775808',
      'ERR value is out of range, value must between -2147483648 and 2147483647',
    ],
    ['2147483647', 'ERR DB index is out of range'],
    ['-2147483648', 'ERR DB index is out of range'],
  ])('refuses %j', (index, error) => {
    expect(newClient().call('SELECT', index)).toBe(`-${error}\r\n`)
  })
})

describe('AUTH', () => {
  test('needs a password to be set, if it has one argument', () => {
    const client = newClient()
    expect(client.call('AUTH', 'x')).toBe(
      '-ERR AUTH <password> called without any password configured for the default user. ' +
        'Are you sure your configuration is correct?\r\n',
    )
    expect(client.call('AUTH', 'default', 'anything')).toBe('+OK\r\n')
    expect(client.call('AUTH', 'nobody', 'anything')).toBe(WRONGPASS)
    expect(client.call('AUTH', 'a', 'b', 'c')).toBe('-ERR syntax error\r\n')
  })

  test('is asked for before anything else', () => {
    const client = newClient({ requirepass: 'secret' })
    expect(client.call('PING')).toBe(NOAUTH)
    expect(client.call('AUTH', 'secre')).toBe(WRONGPASS)
    expect(client.call('AUTH', 'secret2')).toBe(WRONGPASS)
    expect(client.call('AUTH', 'Default', 'secret')).toBe(WRONGPASS)
    expect(client.call('PING')).toBe(NOAUTH)
    expect(client.call('AUTH', 'default', 'secret')).toBe('+OK\r\n')
    expect(client.call('PING')).toBe('+PONG\r\n')
    expect(client.call('AUTH', 'wrong')).toBe(WRONGPASS)
    expect(client.call('PING')).toBe('+PONG\r\n')
  })

  test('takes passwords of any bytes', () => {
    const password = 'p\xe4\0 \xff'
    const client = newClient({ requirepass: password })
    expect(client.call('AUTH', 'p\xe4')).toBe(WRONGPASS)
    expect(client.call('AUTH', password)).toBe('+OK\r\n')
  })

  test('a password that is set later is asked of new connections only', () => {
    const server = testServer()
    const old = new InProcessClient(server)
    expect(server.config.setMany([['requirepass', 'secret']])).toBe(null)
    const stranger = new InProcessClient(server)
    expect(old.call('PING')).toBe('+PONG\r\n')
    expect(stranger.call('PING')).toBe(NOAUTH)
    expect(server.config.setMany([['requirepass', '']])).toBe(null)
    expect(stranger.call('PING')).toBe('+PONG\r\n')
    expect(server.config.setMany([['requirepass', 'other']])).toBe(null)
    expect(stranger.call('PING')).toBe(NOAUTH)
    expect(old.call('PING')).toBe('+PONG\r\n')
  })
})

describe('HELLO', () => {
  test('tells about the server and the connection', () => {
    const client = newClient()
    const id = client.session.id
    expect(client.value('HELLO', 3)).toEqual(
      new Map<string, unknown>([
        ['server', 'redis'],
        ['version', '7.2.6'],
        ['proto', 3],
        ['id', id],
        ['mode', 'standalone'],
        ['role', 'master'],
        ['modules', []],
      ]),
    )
    expect(client.call('HELLO')).toMatch(/^%7\r\n/)
    expect(client.call('HELLO', 2)).toMatch(/^\*14\r\n/)
    expect(client.call('HELLO')).toMatch(/^\*14\r\n/)
  })

  test('authenticates and names', () => {
    const client = newClient({ requirepass: 'secret' })
    expect(client.call('HELLO', 3)).toMatch(/^-NOAUTH HELLO must be called with the client already/)
    expect(client.call('HELLO', 3, 'SETNAME', 'a')).toMatch(/^-NOAUTH/)
    expect(client.call('HELLO', 3, 'AUTH', 'default', 'wrong', 'SETNAME', 'a')).toBe(WRONGPASS)
    expect(client.session.protocol).toBe(2)
    expect(client.session.name).toBe('')
    const hello = client.call('HELLO', 3, 'setname', 'a', 'auth', 'default', 'secret')
    expect(hello).toMatch(/^%7\r\n/)
    expect(client.value('CLIENT', 'GETNAME')).toBe('a')
  })

  test.each([
    [['1'], 'NOPROTO unsupported protocol version'],
    [['4'], 'NOPROTO unsupported protocol version'],
    [['9223372036854775807'], 'NOPROTO unsupported protocol version'],
    [['x'], 'ERR Protocol version is not an integer or out of range'],
    [['3', 'AUTH'], "ERR Syntax error in HELLO option 'AUTH'"],
    [['3', 'AUTH', 'default'], "ERR Syntax error in HELLO option 'AUTH'"],
    [['3', 'SETNAME'], "ERR Syntax error in HELLO option 'SETNAME'"],
    [['3', 'no\0such'], "ERR Syntax error in HELLO option 'no'"],
    [
      ['3', 'SETNAME', 'a b'],
      'ERR Client names cannot contain spaces, newlines or special characters.',
    ],
  ])('%j', (args, error) => {
    const client = newClient()
    expect(client.value('HELLO', ...args)).toEqual(new ReplyError(error))
    expect(client.session.protocol).toBe(2)
  })
})

describe('RESET', () => {
  test('puts everything back', () => {
    const client = newClient({ requirepass: 'secret' })
    client.call('HELLO', 3, 'AUTH', 'default', 'secret', 'SETNAME', 'a')
    client.call('SELECT', 3)
    client.call('CLIENT', 'NO-TOUCH', 'ON')
    client.call('CLIENT', 'NO-EVICT', 'ON')
    client.call('CLIENT', 'SETINFO', 'lib-name', 'lib')
    expect(client.call('RESET')).toBe('+RESET\r\n')
    expect(client.call('GET', 'key')).toBe(NOAUTH)
    client.call('AUTH', 'secret')
    expect(client.call('GET', 'key')).toBe('$-1\r\n')
    const info = client.value('CLIENT', 'INFO')
    expect(info).toMatch(/ name= .* flags=N db=0 .* resp=2 lib-name=lib /)
    expect(client.server.keyspace.touching).toBe(true)
  })

  test('ends CLIENT REPLY OFF', () => {
    const client = newClient()
    expect(client.call('CLIENT', 'REPLY', 'OFF')).toBe('')
    expect(client.call('PING')).toBe('')
    expect(client.call('RESET')).toBe('+RESET\r\n')
    expect(client.call('PING')).toBe('+PONG\r\n')
  })
})

test('QUIT answers and ends, and what is behind it is not read', () => {
  const client = newClient({ requirepass: 'secret' })
  client.send('QUIT now\r\nPING\r\n')
  expect(client.take()).toBe('+OK\r\n')
  expect(client.transport.ended).toBe(true)
  expect(client.server.sessions.size).toBe(0)
})
