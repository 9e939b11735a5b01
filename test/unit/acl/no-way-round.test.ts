/**
 * No way round the rights to keys: a user who may run every command, and use no key that is there,
 * sends random requests to a server with data and to one without. Both have to answer the same,
 * and the data has to stay as it is. So it does not matter whether the declaration of a command
 * tells all its keys, which `every-right.test.ts` goes by.
 */
import { expect, test } from 'vitest'
import { InProcessClient, testServer } from '../../support/in-process-client.ts'
import { RandomCommands } from '../../support/random-commands.ts'

const REQUESTS = 20_000
const SEED = 20

/** What is not about single keys, and so asks for no right to any. */
const EXCLUDED = new Set([
  ...['KEYS', 'SCAN', 'RANDOMKEY', 'DBSIZE', 'FLUSHALL', 'FLUSHDB', 'SWAPDB'],
  // These tell about the server, or change it for all.
  ...['ACL', 'CLIENT', 'CONFIG', 'DEBUG', 'INFO', 'LATENCY', 'MONITOR', 'SHUTDOWN'],
  ...['SLOWLOG', 'COMMANDLOG', 'MEMORY STATS', 'MEMORY MALLOC-STATS', 'MEMORY DOCTOR'],
  ...['BGREWRITEAOF', 'BGSAVE', 'LASTSAVE', 'SAVE', 'MEMORY PURGE'],
  // These end the session, make it another user's, or take long.
  ...['AUTH', 'HELLO', 'QUIT', 'RESET', 'PFSELFTEST', 'LOLWUT'],
])

test('what a user may not use is neither read nor changed, whatever is asked', () => {
  const [full, empty] = [0, 1].map(() => {
    const admin = new InProcessClient(testServer({ config: { 'enable-debug-command': 'yes' } }))
    admin.call('ACL', 'SETUSER', 'u', 'on', 'nopass', '+@all', '&*', '~allowed:*')
    const user = new InProcessClient(admin.server)
    user.call('AUTH', 'u', 'x')
    return { admin, user }
  }) as [Pair, Pair]
  type Pair = { admin: InProcessClient; user: InProcessClient }
  // Small keys, so that comparing all of them is quick.
  const data = new RandomCommands({ seed: SEED, version: '9.9.9', excluded: EXCLUDED })
  for (let i = 0; i < 1500; i++) {
    const { args, name } = data.next()
    if (/^B[LRZ]|^MIGRATE|SUB|MULTI|SETRANGE|SETBIT|BITFIELD/.test(name)) continue
    if (args.every(({ length }) => length < 300)) full.admin.call(...args)
  }
  const digest = full.admin.value('DEBUG', 'DIGEST')
  expect(digest).not.toBe(empty.admin.value('DEBUG', 'DIGEST'))
  const requests = new RandomCommands({ seed: SEED + 1, version: '9.9.9', excluded: EXCLUDED })
  const wrong: string[] = []
  for (let i = 1; i <= REQUESTS; i++) {
    const { args } = requests.next()
    const [one, other] = [full, empty].map(({ user }) => user.call(...args))
    if (one !== other) wrong.push(`${args.join(' ').slice(0, 100)}: ${one} / ${other}`)
    if (wrong.length > 10) break
    if (i % 500 === 0) expect(full.admin.value('DEBUG', 'DIGEST')).toBe(digest)
  }
  expect(wrong).toEqual([])
  expect([full.user.closed, empty.user.closed]).toEqual([false, false])
  expect(full.admin.value('DBSIZE')).toBeGreaterThan(5)
  expect(empty.admin.value('DBSIZE')).toBe(0)
})
