/** What clients call themselves, and the names that they use: in lines, in logs and in memory. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { InProcessClient, testServer } from '../../support/in-process-client.ts'

function setUp() {
  const client = new InProcessClient(testServer())
  const used = () => client.server.clientMemory.bytesOf(client.session)
  return { client, server: client.server, used }
}

test('what stands behind a NUL is in no line of CLIENT LIST', () => {
  const { client } = setUp()
  const forged = 'me\0 addr=1.2.3.4:5\nid=99 name=you'
  expect(client.call('CLIENT', 'SETNAME', forged)).toBe('+OK\r\n')
  expect(client.call('CLIENT', 'SETINFO', 'lib-name', forged)).toBe('+OK\r\n')
  expect(client.call('CLIENT', 'SETINFO', 'lib-ver', forged)).toBe('+OK\r\n')
  const list = client.value('CLIENT', 'LIST') as string
  expect(list.split('\n')).toHaveLength(2)
  expect(list).toContain(' name=me age=')
  expect(list).toContain(' lib-name=me lib-ver=me\n')
  expect(client.value('CLIENT', 'GETNAME')).toBe(forged)
  client.call('CONFIG', 'SET', 'slowlog-log-slower-than', 0)
  expect(client.call('SLOWLOG', 'GET', 1)).not.toContain('1.2.3.4')
})

test('logs keep the beginning of a name, a key or a channel', () => {
  const { client, server } = setUp()
  const long = 'n'.repeat(100_000)
  client.call('CLIENT', 'SETNAME', long)
  client.call('CONFIG', 'SET', 'slowlog-log-slower-than', 0)
  client.call('ACL', 'SETUSER', 'u', 'on', 'nopass', '+@all', '~k')
  client.call('AUTH', long, 'x')
  client.call('AUTH', 'u', 'x')
  client.call('GET', long)
  client.call('SUBSCRIBE', long)
  const { entries } = server.access.log
  expect(entries.map(({ reason }) => reason)).toEqual(['channel', 'key', 'auth'])
  for (const { clientInfo, object, userName } of entries) {
    expect(clientInfo.length).toBeLessThan(1000)
    expect(object.length).toBeLessThanOrEqual(1024)
    expect(userName.length).toBeLessThanOrEqual(1024)
  }
  const [{ clientName }] = [...server.callWatch.slow.newest(1)]
  expect(clientName).toBe('n'.repeat(256))
})

test('names take the memory of the client that gave them', () => {
  const { client, used } = setUp()
  const long = 'n'.repeat(100_000)
  const before = used()
  const grown = (...request: string[]) => {
    const bytes = used()
    client.call(...request)
    return Math.round((used() - bytes) / 100_000)
  }
  expect(grown('CLIENT', 'SETNAME', long)).toBe(1)
  expect(grown('CLIENT', 'SETNAME', '')).toBe(-1)
  expect(grown('CLIENT', 'SETINFO', 'lib-name', long)).toBe(1)
  expect(grown('CLIENT', 'SETINFO', 'lib-name', '')).toBe(-1)
  expect(grown('WATCH', `${long}1`, `${long}2`, `${long}1`)).toBe(2)
  expect(grown('UNWATCH')).toBe(-2)
  expect(grown('HELLO', '3')).toBe(0)
  for (const [kind, other] of [
    ['SUBSCRIBE', 'UNSUBSCRIBE'],
    ['PSUBSCRIBE', 'PUNSUBSCRIBE'],
    ['SSUBSCRIBE', 'SUNSUBSCRIBE'],
  ] as const) {
    expect(grown(kind, `${long}1`, `${long}2`, `${long}1`)).toBe(2)
    expect(grown(other, `${long}1`, 'other')).toBe(-1)
    expect(grown(other)).toBe(-1)
  }
  expect(grown('CLIENT', 'TRACKING', 'ON', 'BCAST', 'PREFIX', `${long}1`)).toBe(1)
  expect(grown('CLIENT', 'TRACKING', 'ON', 'BCAST', 'PREFIX', `${long}1`)).toBe(0)
  expect(grown('CLIENT', 'TRACKING', 'OFF')).toBe(-1)
  expect(used()).toBe(before)
})

test('keys that are waited for take the memory of the client that waits', () => {
  const { client, server, used } = setUp()
  const before = used()
  const keys = Array.from({ length: 1000 }, (_, i) => `key:${i}`)
  expect(client.call('BLPOP', ...keys, 0)).toBe('')
  expect(used() - before).toBeGreaterThan(300_000)
  const other = new InProcessClient(server)
  other.call('RPUSH', 'key:500', 'x')
  expect(client.take()).toContain('key:500')
  expect(used()).toBe(before)
})

test('prefixes that overlap are found among many, the first one given first', () => {
  const word = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), minLength: 1, maxLength: 6 })
  fc.assert(
    fc.property(
      fc.array(word, { maxLength: 6 }),
      fc.array(word, { maxLength: 12 }),
      (own, more) => {
        const client = new InProcessClient(testServer())
        client.call('HELLO', 3)
        const track = (prefixes: string[]) =>
          client.call(
            'CLIENT',
            'TRACKING',
            'ON',
            'BCAST',
            ...prefixes.flatMap((p) => ['PREFIX', p]),
          )
        const present: string[] = []
        const isBad = (one: string, other: string) => one.startsWith(other) || other.startsWith(one)
        for (const prefix of own) {
          if (present.some((other) => isBad(prefix, other))) continue
          present.push(prefix)
          track([prefix])
        }
        if (present.length === 0 || more.length === 0) return
        const first = more.find(
          (prefix, i) =>
            present.some((other) => isBad(prefix, other)) ||
            more.slice(i + 1).some((other) => isBad(prefix, other)),
        )
        const reply = track(more)
        if (first === undefined) expect(reply).toBe('+OK\r\n')
        else expect(reply).toMatch(new RegExp(`^-ERR Prefix '${first}' overlaps with `))
        const told = (client.value('CLIENT', 'TRACKINGINFO') as Map<string, string[]>).get(
          'prefixes',
        )
        const expected = first === undefined ? [...present, ...more] : present
        expect(told).toEqual(expected.sort())
      },
    ),
    { numRuns: 300, seed: 1 },
  )
})

test('errors of so many kinds are counted, and no more', () => {
  const server = testServer()
  server.countError(`${'LONG'.repeat(10)} text`)
  expect([...server.errorCounts]).toEqual([['ERR', 1]])
  for (let i = 0; i < 300; i++) server.countError(`CODE${i} text`)
  server.countError('CODE0')
  expect(server.errorCounts.size).toBe(128)
  expect(server.errorCounts.get('CODE0')).toBe(2)
  expect(server.errorReplies).toBe(302)
})

test('what is logged is one line', () => {
  const lines: string[] = []
  const server = testServer({ print: (line) => lines.push(line) })
  const client = new InProcessClient(server)
  // Told of as a use of ACL that Redis gives up.
  client.call('ACL', 'SETUSER', 'u', '+select|0\n1:M 01 Jan 2030 00:00:00.000 * Forged\x07')
  server.log('warning', 'x'.repeat(5000))
  expect(lines).toHaveLength(2)
  expect(lines[0]).toMatch(/\+select\|0\\n1:M 01 Jan .* Forged\\x07\)\n$/)
  expect(lines[0]!.indexOf('\n')).toBe(lines[0]!.length - 1)
  expect(lines[1]!.length).toBeLessThan(1100)
})
