/** Users in files: the ACL file with ACL LOAD and SAVE, and the `user` lines of redis.conf. */
import { describe, expect, test } from 'vitest'
import { splitArguments } from '../../../src/bytes/quote.ts'
import {
  InProcessClient,
  ReplyError,
  testServer,
  type Value,
} from '../../support/in-process-client.ts'
import { SimulatedDisk } from '../../support/simulated-disk.ts'

function errorOf(value: Value): string {
  return value instanceof ReplyError ? value.text : `no error: ${String(value)}`
}

describe('the ACL file', () => {
  const START = 'user default on nopass ~* &* +@all\nuser alice on >a ~* +@all\n'
  const withFile = (content: string, print?: (line: string) => void) => {
    const disk = new SimulatedDisk({ directories: ['/data'] })
    disk.writeFile('/data/users.acl', Buffer.from(content, 'latin1'))
    const config = { dir: '/data', aclfile: 'users.acl' }
    const server = testServer({ files: disk, config, ...(print && { print }) })
    const text = () => Buffer.from(disk.readFile('/data/users.acl')).toString('latin1')
    return { disk, server, text, isStarted: server.access.loadAtStart() === null }
  }

  test('ACL SAVE writes what ACL LOAD reads back, and LOAD cuts off all but the default user', () => {
    const { server, text } = withFile(START)
    const admin = new InProcessClient(server)
    const alice = new InProcessClient(server)
    expect(alice.value('AUTH', 'alice', 'a')).toBe('OK')
    admin.value('ACL', 'SETUSER', 'bob', 'on', '(+get ~b)')
    expect(admin.value('ACL', 'SAVE')).toBe('OK')
    const lines = admin.value('ACL', 'LIST') as string[]
    expect(text()).toBe(lines.map((line) => `${line}\n`).join(''))
    admin.value('ACL', 'SETUSER', 'carol')
    expect(alice.call('ACL', 'LOAD')).toBe('+OK\r\n')
    expect([alice.closed, admin.closed]).toEqual([true, false])
    expect(admin.value('ACL', 'LIST')).toEqual(lines)
  })

  test('every error of a file is told, and nothing has changed', () => {
    const { disk, server } = withFile(START)
    const admin = new InProcessClient(server)
    const before = admin.value('ACL', 'LIST')
    const load = (content: string): string => {
      disk.writeFile('/data/users.acl', Buffer.from(content, 'latin1'))
      return errorOf(admin.value('ACL', 'LOAD'))
    }
    const end =
      'WARNING: ACL errors detected, no change to the previously active ACL rules was performed'
    expect(load('usr x\nuser\n')).toBe(
      'ERR users.acl:1 should start with user keyword followed by the username. ' +
        `users.acl:2 should start with user keyword followed by the username. ${end}`,
    )
    expect(load('\nuser a on\nuser a off\n')).toBe(
      `ERR WARNING: Duplicate user 'a' found on line 3. ${end}`,
    )
    expect(load('user a +nosuch -x bad worse\n')).toBe(
      "ERR users.acl:1: Error in applying operation '+nosuch': Unknown command or category name " +
        "in ACL. users.acl:1: Error in applying operation '-x': Unknown command or category name " +
        `in ACL. users.acl:1: Syntax error. ${end}`,
    )
    expect(load('user a\tb on\n')).toContain("username 'a\tb' contains invalid characters")
    expect(load('user a (+get\n')).toContain('Unmatched parenthesis in selector definition.')
    disk.remove('/data/users.acl')
    expect(errorOf(admin.value('ACL', 'LOAD'))).toBe(
      "ERR Error loading ACLs, opening file 'users.acl': No such file or directory",
    )
    expect(admin.value('ACL', 'LIST')).toEqual(before)
  })

  test('without a default user in it, that one may do everything', () => {
    const { server } = withFile('user alice  on  nopass\r\n')
    const admin = new InProcessClient(server)
    expect((admin.value('ACL', 'LIST') as string[])[1]).toBe(
      'user default on nopass sanitize-payload ~* &* +@all',
    )
  })

  test('with an error in it the server does not start, nor beside user lines', () => {
    const lines: string[] = []
    expect(withFile('user a bad\n', (line) => lines.push(line)).isStarted).toBe(false)
    expect(lines.join('')).toContain('Aborting Redis startup because of ACL errors: users.acl:1: ')
    const { server } = withFile(START, (line) => lines.push(line))
    const line = { lineNumber: 1, line: 'user bob', args: ['user', 'bob'] }
    server.config.fileOnly.users.push(line)
    expect(server.access.loadAtStart()).not.toBeNull()
    expect(lines.join('')).toContain('either an ACL file or declare users directly')
  })

  test('is needed for LOAD and SAVE', () => {
    const admin = new InProcessClient(testServer())
    for (const sub of ['LOAD', 'SAVE']) {
      expect(errorOf(admin.value('ACL', sub))).toContain('not configured to use an ACL file')
    }
  })

  test('that cannot be written is an error, and stays as it was', () => {
    const { server, text, disk } = withFile(START)
    const admin = new InProcessClient(server)
    admin.value('ACL', 'SETUSER', 'bob')
    disk.replaceFile = () => {
      throw Object.assign(new Error('no space'), { code: 'ENOSPC' })
    }
    expect(errorOf(admin.value('ACL', 'SAVE'))).toContain('There was an error trying to save')
    expect(text()).toBe(START)
  })
})

describe('user lines of the configuration', () => {
  const withUsers = (...users: string[]) => {
    const lines: string[] = []
    const server = testServer({ print: (line) => lines.push(line) })
    users.forEach((line, i) => {
      const args = line.split(' ')
      server.config.fileOnly.users.push({ lineNumber: i + 1, line, args })
    })
    return { server, lines, isStarted: server.access.loadAtStart() === null }
  }

  test('make users; the default one begins with nothing', () => {
    const { server, lines } = withUsers('user default on nopass +ping', 'user bob (+get ~a )')
    const admin = new InProcessClient(server)
    expect(admin.value('PING')).toBe('PONG')
    expect(errorOf(admin.value('GET', 'a'))).toContain('NOPERM User default')
    expect(lines.join('')).toContain("The user 'bob' is disabled (there is no 'on' modifier")
    expect(server.access.configLines).toEqual([
      'bob off sanitize-payload resetchannels -@all (~a resetchannels -@all +get)',
      'default on nopass sanitize-payload resetchannels -@all +ping',
    ])
  })

  test('are written by CONFIG REWRITE, unless an ACL file holds the users', () => {
    const disk = new SimulatedDisk({ directories: ['/data'] })
    const rewritten = (config: Record<string, string>): string => {
      disk.writeFile('/data/redis.conf', Buffer.from('user old on\nport 7000\n'))
      const server = testServer({ files: disk, config: { dir: '/data', ...config } })
      server.config.file = '/data/redis.conf'
      const admin = new InProcessClient(server)
      admin.value('ACL', 'SETUSER', 'alice', 'on', '~a', '+get')
      expect(admin.value('CONFIG', 'REWRITE')).toBe('OK')
      return Buffer.from(disk.readFile('/data/redis.conf')).toString('latin1')
    }
    const lines = rewritten({})
    expect(lines).toContain('user alice on sanitize-payload ~a resetchannels -@all +get\n')
    expect(lines).toContain('user default on nopass sanitize-payload ~* &* +@all\n')
    expect(lines).not.toContain('old')
    expect(rewritten({ aclfile: 'users.acl' })).not.toContain('user ')
  })

  test('are read back by a configuration file, whatever is in their names', () => {
    const disk = new SimulatedDisk({ directories: ['/data'] })
    disk.writeFile('/data/redis.conf', Buffer.from('port 7000\n'))
    const server = testServer({ files: disk, config: { dir: '/data' } })
    server.config.file = '/data/redis.conf'
    const admin = new InProcessClient(server)
    admin.value('ACL', 'SETUSER', `o'n"e`, 'on', `~a"b'c\\\xff\x01`, `&"x"`, `(~d'e +get)`, '+get')
    expect(admin.value('CONFIG', 'REWRITE')).toBe('OK')
    const text = Buffer.from(disk.readFile('/data/redis.conf')).toString('latin1')
    const line = text.split('\n').find((each) => each.startsWith('user "o'))!
    const [, name, ...words] = splitArguments(Buffer.from(line, 'latin1'))!.map((word) =>
      Buffer.from(word).toString('latin1'),
    )
    const next = testServer({ config: {} })
    next.config.fileOnly.users.push({ lineNumber: 1, line, args: ['user', name!, ...words] })
    expect(next.access.loadAtStart()).toBeNull()
    expect(next.access.acl.lines()).toContain(server.access.acl.lines()[1])
  })

  test('with a command that is not there end the start', () => {
    const { isStarted, lines } = withUsers('user bob +nosuch')
    expect(isStarted).toBe(false)
    expect(lines.join('')).toContain(
      "Error loading ACL rule '+nosuch' for the user named 'bob': Unknown command or category",
    )
  })
})
