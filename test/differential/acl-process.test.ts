/**
 * Users that a server starts with, beside redis-server: what is wrong with `user` lines and ACL
 * files ends it with the same status and texts, and what ACL SAVE has written is there again after a
 * restart. The written lines themselves differ between 7.0 and 7.2.
 */
import { spawnSync } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { redstartCommand, startRedstart } from './support/redstart.ts'
import { referenceVersion, startReference } from './support/reference.ts'
import type { RunningServer } from './support/server-process.ts'
import { WireClient } from './support/wire.ts'

const redis = [process.env.REDIS_SERVER ?? 'redis-server']
let directory: string

beforeEach(() => {
  directory = fs.mkdtempSync(path.join(os.tmpdir(), 'redstart-acl-'))
})

afterEach(() => fs.rmSync(directory, { recursive: true, force: true }))

function run([program, ...first]: readonly string[], args: readonly string[]) {
  const options = { cwd: directory, encoding: 'utf8', timeout: 20_000 } as const
  return spawnSync(program!, [...first, ...args], options)
}

/** What a server has said, without versions, times and what only one of them says. */
function problems({ stderr, stdout }: { stderr: string; stdout: string }): string[] {
  const told = `${stderr}\n${stdout}`
    .split('\n')
    .map((line) => line.replace(/^\d+:[CM] .{24} /, ''))
  return told
    .map((line) => line.replace(/\(Redis [\d.]+\)/, '(Redis)'))
    .filter((line) => /acl|user|CONFIG FILE|^Reading|^>>>/i.test(line))
    .filter((line) => !line.includes('is disabled') && !line.includes('Redstart'))
}

describe.skipIf(referenceVersion === undefined)('a start that fails', () => {
  test.each([
    ['user alice on bad'],
    ['user alice &* &a'],
    ['user alice ~* ~a'],
    ['user alice <nosuch'],
    ['user alice #abc'],
    ['user alice on\nuser bob on\nuser alice off'],
    ['user default on\nuser default off'],
    ['user alice +nosuch'],
    ['user alice +config|get|x'],
    ['user alice +@nosuch'],
    ['user alice (+get on)'],
    ['user "a b" on'],
    ['user alice\naclfile some.acl'],
    ['aclfile missing.acl'],
  ])('%s', (lines) => {
    fs.writeFileSync(path.join(directory, 'redis.conf'), `port 0\nunixsocket s\n${lines}\n`)
    const [expected, actual] = [redis, redstartCommand()].map((each) => run(each, ['redis.conf']))
    expect(actual!.status).toBe(expected!.status)
    expect(problems(actual!)).toEqual(problems(expected!))
    expect(problems(actual!)).not.toEqual([])
  })

  test.each([
    'usr alice',
    'user',
    'user alice +nosuch -bad wrong worse',
    'user alice on\nuser bob\nuser alice',
    'user al\tice on',
    '# a comment',
    'user alice on\n\nuser bob ~* ~a\n',
  ])('ACL file: %s', (content) => {
    fs.writeFileSync(path.join(directory, 'users.acl'), `${content}\n`)
    const flags = ['--port', '0', '--unixsocket', 's', '--dir', '.', '--aclfile', 'users.acl']
    const [expected, actual] = [redis, redstartCommand()].map((each) => run(each, flags))
    expect(actual!.status).toBe(1)
    expect(expected!.status).toBe(1)
    expect(problems(actual!)).toEqual(problems(expected!))
  })
})

const starts = [
  ...(referenceVersion === undefined ? [] : [['redis-server', startReference] as const]),
  ['redstart', startRedstart] as const,
]

describe.each(starts)('%s', (_, start) => {
  /** Has a client of a server that is started with these flags do something. */
  async function using(
    flags: readonly string[],
    work: (call: (...words: string[]) => Promise<string>) => Promise<void>,
  ): Promise<void> {
    const server: RunningServer = await start({ flags })
    const client = await WireClient.connect(server.port)
    try {
      await work(async (...words) => Buffer.from(await client.call(...words)).toString('latin1'))
    } finally {
      client.close()
      await server.close()
    }
  }

  test('knows the users of its configuration', async () => {
    const file = path.join(directory, 'redis.conf')
    fs.writeFileSync(file, 'user alice on >a ~* +@all\n')
    const flags = ['--include', file]
    await using(flags, async (call) => {
      expect(await call('AUTH', 'alice', 'a')).toBe('+OK\r\n')
      expect(await call('AUTH', 'alice', 'b')).toContain('-WRONGPASS')
      expect(await call('ACL', 'USERS')).toContain('alice')
    })
  })

  test('knows after ACL SAVE and a restart the users that there were', async () => {
    const file = path.join(directory, 'users.acl')
    fs.writeFileSync(file, 'user alice on >a ~* +@all\n')
    const flags = ['--aclfile', file]
    await using(flags, async (call) => {
      expect(await call('ACL', 'SETUSER', 'bob', 'on', '>b', '%R~b*', '+@read', '(+set ~c)')).toBe(
        '+OK\r\n',
      )
      expect(await call('ACL', 'SAVE')).toBe('+OK\r\n')
    })
    await using(flags, async (call) => {
      expect(await call('AUTH', 'alice', 'a')).toBe('+OK\r\n')
      expect(await call('AUTH', 'bob', 'b')).toBe('+OK\r\n')
      expect(await call('GET', 'b1')).toBe('$-1\r\n')
      expect(await call('SET', 'c', '1')).toBe('+OK\r\n')
      expect(await call('SET', 'b1', '1')).toContain('-NOPERM')
      expect(await call('GET', 'c')).toContain('-NOPERM')
    })
  })

  test('has a default user by the file, whatever requirepass says', async () => {
    const file = path.join(directory, 'users.acl')
    fs.writeFileSync(file, 'user default on nopass ~* &* +@all -flushall\n')
    await using(['--aclfile', file, '--requirepass', 'secret'], async (call) => {
      expect(await call('PING')).toBe('+PONG\r\n')
      expect(await call('FLUSHALL')).toContain('-NOPERM')
    })
  })
})
