/**
 * Arguments that are too long for a string of JavaScript, which has 2^29 - 24 characters at most
 * where `proto-max-bulk-len` takes 2^29 bytes: no such request may end the server. What is said of
 * a string that is too long is said here of one with more than 1,000 characters.
 */
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { quoted } from '../../../src/bytes/quote.ts'
import { COMMANDS } from '../../../src/commands/all.ts'
import type { CommandSpec } from '../../../src/commands/command.ts'
import { Args } from '../../../src/resp/args.ts'
import { checkServer, InProcessClient, testServer } from '../../support/in-process-client.ts'
import { connectTo, FakeTarget, rounds } from '../../support/migration-target.ts'

const LONGEST = 1000
const LONG = 'x'.repeat(LONGEST + 1)
const text = Args.prototype.text

beforeEach(() => {
  vi.spyOn(Args.prototype, 'text').mockImplementation(function (this: Args, index) {
    if (this.length(index) <= LONGEST) return text.call(this, index)
    throw Object.assign(new Error('too long'), { code: 'ERR_STRING_TOO_LONG' })
  })
})

afterEach(() => vi.restoreAllMocks())

/** Each command with as many arguments as it needs and some more, and one of them long. */
function* requests(): Generator<string[]> {
  const all = COMMANDS.flatMap((spec): [string[], CommandSpec][] =>
    spec.subcommands === undefined
      ? [[[spec.name], spec]]
      : spec.subcommands.map((sub) => [[spec.name, sub.name], sub]),
  )
  for (const [names, { arity, name }] of all) {
    if (['SHUTDOWN', 'DEBUG', 'PFSELFTEST', 'QUIT', 'MONITOR', 'KILL'].includes(name)) continue
    if (names[0] === 'DEBUG' || /SUBSCRIBE|^REPLY$|^PAUSE$|^B.*POP|^BLMOVE/.test(name)) continue
    for (const more of arity < 0 ? [0, 1, 2, 3] : [0]) {
      const count = Math.abs(arity) + more
      for (let i = names.length; i < count; i++) {
        const words = Array.from({ length: count }, (_, at) => (at === i ? LONG : '1'))
        yield [...names, ...words.slice(names.length)]
      }
    }
  }
}

function setUp() {
  const admin = new InProcessClient(
    testServer({
      config: {
        'commandlog-request-larger-than': '0',
        'slowlog-log-slower-than': '0',
        'notify-keyspace-events': 'KEA',
      },
    }),
  )
  const { server } = admin
  for (const name of ['monitor', 'watcher'] as const) {
    const client = new InProcessClient(server)
    client.call(...(name === 'monitor' ? ['MONITOR'] : ['WATCH', 'k']))
  }
  return { admin, server }
}

test.each(['all', 'few'])('nothing is thrown at a client with %s rights', async (rights) => {
  const { admin, server } = setUp()
  admin.call('SET', 'moved', 'x')
  admin.call('ACL', 'SETUSER', 'u', 'on', 'nopass', '+@all', '~1', '&1')
  const target = new FakeTarget()
  server.migrations.connector = connectTo(target)
  const mover = new InProcessClient(server)
  mover.call('MIGRATE', 'host', 1, 'moved', 0, 100_000)
  let user = new InProcessClient(server)
  let count = 0
  for (const request of requests()) {
    if (user.closed || user.session.isHeld) user = new InProcessClient(server)
    if (rights === 'few') user.call('AUTH', 'u', 'x')
    user.call('RESET')
    if (rights === 'few') user.call('AUTH', 'u', 'x')
    user.call('CLIENT', 'TRACKING', 'ON')
    user.call(...request)
    count++
  }
  expect(count).toBeGreaterThan(500)
  expect(admin.call('PING')).toBe('+PONG\r\n')
  target.push(null)
  await rounds()
  await server.migrations.close()
})

test('a text that is put together may not get longer than can be either', () => {
  vi.restoreAllMocks()
  const client = new InProcessClient(testServer())
  const name = vi.spyOn(client.session, 'name', 'get').mockImplementation(() => {
    return 'x'.repeat(2 ** 29 - 25).concat('y'.repeat(100))
  })
  const error = '-ERR string exceeds maximum allowed size (proto-max-bulk-len)\r\n'
  expect(client.call('CLIENT', 'GETNAME')).toBe(error)
  name.mockRestore()
  expect(client.call('PING')).toBe('+PONG\r\n')
})

test('MONITOR shows an argument of any length', () => {
  const { admin, server } = setUp()
  const monitor = new InProcessClient(server)
  monitor.call('MONITOR')
  const bytes = Buffer.alloc(3_000_000, Buffer.from(Array.from({ length: 256 }, (_, i) => i)))
  admin.call('SET', 'k', bytes)
  expect(monitor.take().endsWith(` "SET" "k" ${quoted(bytes)}\r\n`)).toBe(true)
  checkServer(server)
})
