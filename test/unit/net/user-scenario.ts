/**
 * What both client libraries do with users: every subcommand of ACL, as each of them decodes the
 * replies. The server needs an `aclfile`.
 */
import type { Redis } from 'ioredis'
import type { createClient } from 'redis'
import { expect } from 'vitest'

type NodeRedis = Pick<
  ReturnType<typeof createClient>,
  | 'aclCat'
  | 'aclDelUser'
  | 'aclDryRun'
  | 'aclGenPass'
  | 'aclGetUser'
  | 'aclList'
  | 'aclLoad'
  | 'aclLog'
  | 'aclLogReset'
  | 'aclSave'
  | 'aclSetUser'
  | 'aclUsers'
  | 'aclWhoAmI'
  | 'auth'
  | 'sendCommand'
>

const DEFAULT_LINE = 'user default on nopass sanitize-payload ~* &* +@all'
const ALICE_LINE = 'user alice on nopass sanitize-payload ~a:* resetchannels -@all +@read'

/** With ioredis, whose replies are those of RESP2 under both protocols. */
export async function ioredisUsers(client: Redis): Promise<void> {
  const acl = (...args: string[]) => client.call('ACL', ...args)
  expect(await acl('WHOAMI')).toBe('default')
  expect(await acl('SETUSER', 'alice', 'on', 'nopass', '~a:*', '+@read')).toBe('OK')
  await expect(acl('SETUSER', 'alice', 'nonsense')).rejects.toThrow('Syntax error')
  expect(await acl('USERS')).toEqual(['alice', 'default'])
  expect(await acl('LIST')).toEqual([ALICE_LINE, DEFAULT_LINE])
  const fields = (await acl('GETUSER', 'alice')) as unknown[]
  expect(fields.slice(0, 2)).toEqual(['flags', ['on', 'nopass', 'sanitize-payload']])
  expect(fields.slice(-2)).toEqual(['selectors', []])
  expect(await acl('GETUSER', 'nobody')).toBeNull()
  expect(await acl('CAT')).toContain('hyperloglog')
  expect(await acl('CAT', 'hyperloglog')).toContain('pfadd')
  expect(await acl('GENPASS', '5')).toMatch(/^[0-9a-f]{2}$/)
  expect(await acl('DRYRUN', 'alice', 'GET', 'a:1')).toBe('OK')
  expect(await acl('DRYRUN', 'alice', 'GET', 'b')).toContain("access the 'b' key")
  expect(await acl('SAVE')).toBe('OK')
  expect(await acl('DELUSER', 'alice', 'nobody')).toBe(1)
  expect(await acl('LOAD')).toBe('OK')
  expect(await acl('USERS')).toEqual(['alice', 'default'])
  await expect(client.auth('nobody', 'x')).rejects.toThrow('WRONGPASS')
  const [entry] = (await acl('LOG', '1')) as unknown[][]
  expect(entry?.slice(0, 4)).toEqual(['count', 1, 'reason', 'auth'])
  expect(await acl('LOG', 'RESET')).toBe('OK')
  expect(await acl('LOG')).toEqual([])
  expect(((await acl('HELP')) as string[])[0]).toContain('ACL <subcommand>')
  expect(await acl('DELUSER', 'alice')).toBe(1)
}

/** With node-redis, whose functions know the replies of both protocols. */
export async function nodeRedisUsers(client: NodeRedis): Promise<void> {
  expect(await client.aclWhoAmI()).toBe('default')
  expect(await client.aclSetUser('alice', ['on', 'nopass', '~a:*', '+@read'])).toBe('OK')
  await expect(client.aclSetUser('alice', 'nonsense')).rejects.toThrow('Syntax error')
  expect(await client.aclUsers()).toEqual(['alice', 'default'])
  expect(await client.aclList()).toEqual([ALICE_LINE, DEFAULT_LINE])
  expect(await client.aclGetUser('alice')).toMatchObject({
    commands: '-@all +@read',
    keys: '~a:*',
    channels: '',
    selectors: [],
  })
  expect(await client.aclCat()).toContain('hyperloglog')
  expect(await client.aclCat('hyperloglog')).toContain('pfadd')
  expect(await client.aclGenPass(5)).toMatch(/^[0-9a-f]{2}$/)
  expect(await client.aclDryRun('alice', ['GET', 'a:1'])).toBe('OK')
  expect(await client.aclDryRun('alice', ['GET', 'b'])).toContain("access the 'b' key")
  expect(await client.aclSave()).toBe('OK')
  expect(await client.aclDelUser(['alice', 'nobody'])).toBe(1)
  expect(await client.aclLoad()).toBe('OK')
  expect(await client.aclUsers()).toEqual(['alice', 'default'])
  const wrong = client.auth({ username: 'nobody', password: 'x' })
  await expect(wrong).rejects.toThrow('WRONGPASS')
  expect(await client.aclLog(1)).toMatchObject([{ count: 1, reason: 'auth', username: 'nobody' }])
  expect(await client.aclLogReset()).toBe('OK')
  expect(await client.aclLog()).toEqual([])
  expect(String(await client.sendCommand(['ACL', 'HELP']))).toContain('ACL <subcommand>')
  expect(await client.aclDelUser('alice')).toBe(1)
}
