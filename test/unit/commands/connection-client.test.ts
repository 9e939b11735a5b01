/** CLIENT and its subcommands, without sockets. */
import { describe, expect, test } from 'vitest'
import { ManualClock } from '../../../src/platform/clock.ts'
import { InProcessClient, ReplyError, testServer } from '../../support/in-process-client.ts'

const SYNTAX_ERROR = '-ERR syntax error\r\n'

function newClient(): InProcessClient {
  return new InProcessClient(testServer())
}

describe('CLIENT INFO and LIST', () => {
  test('print the fields of Redis 7.2.6, in their order', () => {
    const clock = new ManualClock()
    const client = new InProcessClient(testServer({ clock }))
    client.call('SELECT', 5)
    client.call('CLIENT', 'SETNAME', 'me')
    clock.advance(65_000)
    const expected =
      `id=${client.session.id} addr=127.0.0.1:50000 laddr=127.0.0.1:6379 fd=8 name=me age=65 ` +
      'idle=0 flags=N db=5 sub=0 psub=0 ssub=0 multi=-1 qbuf=26 qbuf-free=0 argv-mem=10 ' +
      'multi-mem=0 rbs=0 rbp=0 obl=0 oll=0 omem=0 tot-mem=6156 events=r cmd=client|info ' +
      'user=default redir=-1 resp=2 lib-name= lib-ver=\n'
    expect(client.value('CLIENT', 'INFO')).toBe(expected)
    client.call('HELLO', 3)
    expect(client.call('CLIENT', 'INFO')).toMatch(/^=\d+\r\ntxt:id=/)
  })

  test('list everybody, by number, and by kind', () => {
    const server = testServer()
    const clients = [1, 2, 3].map(() => new InProcessClient(server))
    const list = (...args: (string | number)[]) => {
      const text = clients[0]!.value('CLIENT', 'LIST', ...args)
      return [...String(text).matchAll(/^id=(\d+) /gm)].map((match) => Number(match[1]))
    }
    const ids = clients.map((client) => client.session.id)
    expect(list()).toEqual(ids)
    expect(list('TYPE', 'normal')).toEqual(ids)
    for (const type of ['replica', 'SLAVE', 'pubsub', 'master'])
      expect(list('TYPE', type)).toEqual([])
    expect(list('ID', ids[2]!, 99, ids[0]!)).toEqual([ids[2], ids[0]])
    clients[1]!.close()
    expect(list()).toEqual([ids[0], ids[2]])
  })

  test('show what is under way', () => {
    const server = testServer()
    const [client, other] = [new InProcessClient(server), new InProcessClient(server)]
    other.call('CLIENT', 'NO-EVICT', 'on')
    other.call('CLIENT', 'NO-TOUCH', 'on')
    other.transport.queuedBytes = 1000
    other.transport.isUnixSocket = true
    other.send('*2\r\n$4\r\nECHO\r\n$100\r\nabc')
    const line = String(client.value('CLIENT', 'LIST', 'ID', other.session.id))
    expect(line).toContain(' flags=UeT ')
    expect(line).toContain(' qbuf=23 qbuf-free=4073 argv-mem=4 ')
    expect(line).toContain(' oll=1 omem=1000 ')
    expect(line).toContain(' events=rw cmd=client|no-touch ')
  })

  test.each([
    [['LIST', 'TYPE', 'nobody'], "ERR Unknown client type 'nobody'"],
    [['LIST', 'TYPE'], 'ERR syntax error'],
    [['LIST', 'ID'], 'ERR syntax error'],
    [['LIST', 'ID', '1', 'x'], 'ERR Invalid client ID'],
    [['LIST', 'NOSUCH', '1'], 'ERR syntax error'],
    [['INFO', 'x'], "ERR wrong number of arguments for 'client|info' command"],
    [['NOSUCH'], "ERR unknown subcommand 'NOSUCH'. Try CLIENT HELP."],
  ])('%j', (args, error) => {
    expect(newClient().value('CLIENT', ...args)).toEqual(new ReplyError(error))
  })
})

describe('names', () => {
  test('CLIENT SETNAME and GETNAME', () => {
    const client = newClient()
    expect(client.call('CLIENT', 'GETNAME')).toBe('$-1\r\n')
    expect(client.call('CLIENT', 'SETNAME', 'a~!')).toBe('+OK\r\n')
    expect(client.value('CLIENT', 'GETNAME')).toBe('a~!')
    const error = '-ERR Client names cannot contain spaces, newlines or special characters.\r\n'
    for (const name of ['a b', 'a\n', '\x7f', '\xe4', ' ']) {
      expect(client.call('CLIENT', 'SETNAME', name)).toBe(error)
    }
    expect(client.value('CLIENT', 'GETNAME')).toBe('a~!')
    expect(client.call('CLIENT', 'SETNAME', '')).toBe('+OK\r\n')
    expect(client.value('CLIENT', 'GETNAME')).toBe(null)
  })

  test('CLIENT SETINFO, of 7.2', () => {
    const client = newClient()
    expect(client.call('CLIENT', 'SETINFO', 'LIB-NAME', 'redis.py')).toBe('+OK\r\n')
    expect(client.call('CLIENT', 'SETINFO', 'lib-ver', '1.2.3')).toBe('+OK\r\n')
    expect(client.value('CLIENT', 'INFO')).toContain(' lib-name=redis.py lib-ver=1.2.3\n')
    expect(client.call('CLIENT', 'SETINFO', 'lib-name', 'a b')).toBe(
      '-ERR lib-name cannot contain spaces, newlines or special characters.\r\n',
    )
    expect(client.call('CLIENT', 'SETINFO', 'Lib-Ver', 'a\n')).toBe(
      '-ERR Lib-Ver cannot contain spaces, newlines or special characters.\r\n',
    )
    expect(client.call('CLIENT', 'SETINFO', 'nosuch', 'a b')).toBe(
      "-ERR Unrecognized option 'nosuch'\r\n",
    )
    expect(client.call('CLIENT', 'SETINFO', 'lib-name', '')).toBe('+OK\r\n')
    expect(client.value('CLIENT', 'INFO')).toContain(' lib-name= lib-ver=1.2.3\n')
  })

  test('CLIENT ID and GETREDIR', () => {
    const client = newClient()
    expect(client.value('CLIENT', 'ID')).toBe(client.session.id)
    expect(client.value('CLIENT', 'GETREDIR')).toBe(-1)
  })
})

describe('CLIENT KILL', () => {
  function three(): InProcessClient[] {
    const server = testServer()
    const clients = [1, 2, 3].map(() => new InProcessClient(server))
    for (const [i, { transport }] of clients.entries()) {
      transport.remoteAddress = `127.0.0.1:5000${i}`
      transport.localAddress = i === 2 ? '[::1]:6379' : '127.0.0.1:6379'
    }
    return clients
  }

  const alive = (clients: InProcessClient[]) => clients.map((client) => !client.closed)

  test.each([
    [['127.0.0.1:50001'], '+OK\r\n', [true, false, true]],
    [['127.0.0.1:50000'], '+OK\r\n', [false, true, true]],
    [['127.0.0.1:50009'], '-ERR No such client\r\n', [true, true, true]],
    [['ADDR', '127.0.0.1:50001'], ':1\r\n', [true, false, true]],
    [['LADDR', '[::1]:6379'], ':1\r\n', [true, true, false]],
    [['ID', '2'], ':1\r\n', [true, false, true]],
    [['ID', '99'], ':0\r\n', [true, true, true]],
    [['TYPE', 'normal'], ':2\r\n', [true, false, false]],
    [['TYPE', 'pubsub'], ':0\r\n', [true, true, true]],
    [['USER', 'default'], ':2\r\n', [true, false, false]],
    [['USER', 'default', 'SKIPME', 'no'], ':3\r\n', [false, false, false]],
    [['TYPE', 'normal', 'ID', '1'], ':0\r\n', [true, true, true]],
    [['ID', '1', 'SKIPME', 'NO'], ':1\r\n', [false, true, true]],
    [['ADDR', '127.0.0.1:50002', 'ID', '2'], ':0\r\n', [true, true, true]],
    [['SKIPME', 'yes'], ':2\r\n', [true, false, false]],
    [['ID', '0'], '-ERR client-id should be greater than 0\r\n', [true, true, true]],
    [['ID', 'x'], '-ERR client-id should be greater than 0\r\n', [true, true, true]],
    [['USER', 'nobody'], "-ERR No such user 'nobody'\r\n", [true, true, true]],
    [['TYPE', 'x'], "-ERR Unknown client type 'x'\r\n", [true, true, true]],
    [['ID', '1', 'ADDR'], SYNTAX_ERROR, [true, true, true]],
    [['NOSUCH', '1'], SYNTAX_ERROR, [true, true, true]],
    [['MAXAGE', '1'], ':0\r\n', [true, true, true]],
    [['MAXAGE', '0'], '-ERR maxage should be greater than 0\r\n', [true, true, true]],
    [['MAXAGE', 'x'], '-ERR maxage is not an integer or out of range\r\n', [true, true, true]],
    [['SKIPME', 'maybe'], SYNTAX_ERROR, [true, true, true]],
  ])('%j', (args, reply, left) => {
    const clients = three()
    expect(clients[0]!.call('CLIENT', 'KILL', ...args)).toBe(reply)
    expect(alive(clients)).toEqual(left)
    expect(clients[0]!.server.sessions.size).toBe(left.filter(Boolean).length)
  })

  test('MAXAGE, of 7.4, ends those who have been there for so long', () => {
    const clock = new ManualClock(1_700_000_000_900)
    const server = testServer({ clock })
    const old = new InProcessClient(server)
    clock.advance(5000)
    const young = new InProcessClient(server)
    const killer = new InProcessClient(server)
    clock.advance(4000)
    expect(killer.value('CLIENT', 'KILL', 'MAXAGE', 10)).toBe(0)
    expect(killer.value('CLIENT', 'KILL', 'MAXAGE', 9, 'TYPE', 'normal')).toBe(1)
    expect([old.closed, young.closed]).toEqual([true, false])
    expect(killer.value('CLIENT', 'KILL', 'MAXAGE', 4, 'SKIPME', 'no')).toBe(2)
    expect([young.closed, killer.closed]).toEqual([true, true])
  })

  test('reads no more of the killed, and answers the killer last', () => {
    const [killer, victim] = three()
    victim!.send('*2\r\n$4\r\nECHO\r\n$3\r\n')
    killer!.send('CLIENT KILL SKIPME no\r\nPING\r\n')
    expect(killer!.take()).toBe(':3\r\n')
    victim!.send('abc\r\nPING\r\n')
    expect(victim!.take()).toBe('')
  })
})

describe('CLIENT REPLY', () => {
  test('OFF silences everything, errors too, until ON', () => {
    const client = newClient()
    client.send('CLIENT REPLY OFF\r\nPING\r\nNOSUCH\r\nCLIENT REPLY SKIP\r\nSET a 1\r\n')
    expect(client.take()).toBe('')
    expect(client.call('CLIENT', 'REPLY', 'ON')).toBe('+OK\r\n')
    expect(client.value('GET', 'a')).toBe('1')
  })

  test('SKIP silences the next command only', () => {
    const client = newClient()
    client.send('CLIENT REPLY SKIP\r\nPING 1\r\nPING 2\r\n')
    expect(client.takeValues()).toEqual(['2'])
    client.send('CLIENT REPLY SKIP\r\nCLIENT REPLY SKIP\r\nPING 3\r\nPING 4\r\n')
    expect(client.takeValues()).toEqual(['4'])
    client.send('CLIENT REPLY SKIP\r\nNOSUCH\r\nCLIENT REPLY maybe\r\n')
    expect(client.take()).toBe(SYNTAX_ERROR)
  })

  test('OFF silences protocol errors', () => {
    const client = newClient()
    client.send('CLIENT REPLY OFF\r\n*x\r\n')
    expect(client.take()).toBe('')
    expect(client.closed).toBe(true)
  })
})

describe('CLIENT NO-EVICT and NO-TOUCH', () => {
  test('are shown as flags', () => {
    const client = newClient()
    for (const [mode, flag] of [
      ['NO-EVICT', 'e'],
      ['NO-TOUCH', 'T'],
    ] as const) {
      expect(client.call('CLIENT', mode, 'ON')).toBe('+OK\r\n')
      expect(client.value('CLIENT', 'INFO')).toContain(` flags=${flag} `)
      expect(client.call('CLIENT', mode, 'off')).toBe('+OK\r\n')
      expect(client.value('CLIENT', 'INFO')).toContain(' flags=N ')
      expect(client.call('CLIENT', mode, 'maybe')).toBe(SYNTAX_ERROR)
    }
  })

  test('NO-TOUCH is the business of its own connection', () => {
    const server = testServer()
    const [quiet, other] = [new InProcessClient(server), new InProcessClient(server)]
    quiet.call('CLIENT', 'NO-TOUCH', 'ON')
    expect(server.keyspace.touching).toBe(false)
    other.call('PING')
    expect(server.keyspace.touching).toBe(true)
    quiet.call('PING')
    expect(server.keyspace.touching).toBe(false)
  })
})

describe('CLIENT UNBLOCK', () => {
  test('finds nobody who waits', () => {
    const client = newClient()
    expect(client.value('CLIENT', 'UNBLOCK', client.session.id)).toBe(0)
    expect(client.value('CLIENT', 'UNBLOCK', 99, 'ERROR')).toBe(0)
    expect(client.call('CLIENT', 'UNBLOCK', 'x')).toBe(
      '-ERR value is not an integer or out of range\r\n',
    )
    expect(client.call('CLIENT', 'UNBLOCK', 'x', 'maybe')).toBe(
      '-ERR CLIENT UNBLOCK reason should be TIMEOUT or ERROR\r\n',
    )
    expect(client.call('CLIENT', 'UNBLOCK', '1', 'ERROR', 'x')).toBe(
      "-ERR unknown subcommand or wrong number of arguments for 'UNBLOCK'. Try CLIENT HELP.\r\n",
    )
  })
})

test('CLIENT HELP has lines of syntax, each with an indented explanation', () => {
  const lines = newClient().value('CLIENT', 'HELP') as string[]
  expect(lines[0]).toBe('CLIENT <subcommand> [<arg> [value] [opt] ...]. Subcommands are:')
  expect(lines.at(-2)).toBe('HELP')
  const subcommands = [...testServer().commands.get('client')!.subcommands!.keys()]
  for (const name of subcommands) {
    const at = lines.findIndex((line) => line.split(' ')[0] === name.toUpperCase())
    expect(at, name).toBeGreaterThan(0)
    expect(lines[at + 1]).toMatch(/^ {4}\S/)
  }
})
