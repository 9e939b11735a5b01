/**
 * MIGRATE between real processes: the same script with a real redis-server and with Redstart as the
 * source, and with each of the two as the target. All four have to tell the same.
 */
import fs from 'node:fs'
import net from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { differential } from './support/compare.ts'
import { startRedstart } from './support/redstart.ts'
import { referenceVersion, startReference } from './support/reference.ts'
import { latin1 } from './support/reply.ts'
import type { RunningServer } from './support/server-process.ts'
import { type Argument, WireClient } from './support/wire.ts'

// What 7.0 is to read has to be written for it; that target does not know it by its own version.
const THEIRS = [
  ...['--appendonly', 'yes', '--appendfsync', 'always', '--save', ''],
  ...['--enable-debug-command', 'yes'],
]
const OURS = ['--rdb-version', '10', ...THEIRS]

/** `>` is done by the target, all else by the source; TARGET stands for its host and port. */
type Line = string | readonly Argument[]

interface Route {
  readonly name: string
  readonly source: RunningServer
  readonly target: RunningServer
}

async function tell({ source, target }: Route, script: readonly Line[]): Promise<string[]> {
  const from = await WireClient.connect(source.port)
  const to = await WireClient.connect(target.port)
  await to.pipeline([
    ['AUTH', 'secret'],
    ['CONFIG', 'SET', 'requirepass', ''],
  ])
  await from.pipeline([['FLUSHALL'], ['CONFIG', 'RESETSTAT']])
  await to.pipeline([['FLUSHALL']])
  const told: string[] = []
  for (const line of script) {
    const all = typeof line === 'string' ? line.split(' ') : line
    const isTarget = all[0] === '>'
    const words = (isTarget ? all.slice(1) : all).flatMap((word) =>
      word === 'TARGET' ? [target.host, String(target.port)] : [word],
    )
    const reply = latin1(await (isTarget ? to : from).call(...words))
    told.push(`${all.join(' ').slice(0, 80)} => ${reply.replaceAll(String(target.port), 'PORT')}`)
  }
  from.close()
  to.close()
  return told
}

describe.skipIf(referenceVersion === undefined)('MIGRATE', () => {
  let servers: RunningServer[]
  let routes: Route[]

  beforeAll(async () => {
    servers = [
      await startReference({ flags: THEIRS }),
      await startReference({ flags: THEIRS }),
      await startRedstart({ flags: OURS }),
      await startRedstart({ flags: OURS }),
    ]
    const [theirSource, theirTarget, ourSource, ourTarget] = servers as [
      RunningServer,
      RunningServer,
      RunningServer,
      RunningServer,
    ]
    routes = [
      { name: 'Redis to Redis', source: theirSource, target: theirTarget },
      { name: 'Redis to Redstart', source: theirSource, target: ourTarget },
      { name: 'Redstart to Redis', source: ourSource, target: theirTarget },
      { name: 'Redstart to Redstart', source: ourSource, target: ourTarget },
    ]
  })

  afterAll(async () => {
    await Promise.all((servers ?? []).map((server) => server.close()))
  })

  async function compare(script: readonly Line[]): Promise<void> {
    const expected = await tell(routes[0]!, script)
    for (const route of routes.slice(1)) {
      expect(await tell(route, script), route.name).toEqual(expected)
    }
  }

  test('one key, with and without a time', () =>
    compare([
      ['SET', 'k', Uint8Array.of(0, 255, 13, 10)],
      'MIGRATE TARGET k 0 5000',
      'EXISTS k',
      '> GET k',
      '> PTTL k',
      'SET k x PX 500000',
      'MIGRATE TARGET k 9 5000',
      '> SELECT 9',
      '> GET k',
      '> TTL k',
      'MIGRATE TARGET k 9 5000',
      'MIGRATE TARGET k 9 0',
      'SET k y',
      'MIGRATE TARGET k 9 0',
      'MIGRATE TARGET k 9 -1 REPLACE',
      'EXISTS k',
      '> GET k',
    ]))

  test('many keys, of all types', () =>
    compare([
      'RPUSH l a b c',
      'SADD s 1 2 3',
      ['SADD', 's2', ...Array.from({ length: 600 }, (_, i) => `member:${i}`)],
      'ZADD z 1 a 2.5 b',
      ['ZADD', 'z2', ...Array.from({ length: 600 }, (_, i) => [i, `member:${i}`]).flat()],
      'HSET h f v g w',
      ['HSET', 'h2', ...Array.from({ length: 600 }, (_, i) => [`f${i}`, 'x'.repeat(i)]).flat()],
      ['SET', 'big', 'x'.repeat(300_000)],
      'DEBUG DIGEST-VALUE l s s2 z z2 h h2 big',
      ['MIGRATE', 'TARGET', '', 2, 5000, 'KEYS', ...'none l s s2 z z2 h h2 big none'.split(' ')],
      'DBSIZE',
      '> SELECT 2',
      '> DBSIZE',
      '> DEBUG DIGEST-VALUE l s s2 z z2 h h2 big',
      ['MIGRATE', 'TARGET', '', 2, 5000, 'KEYS', 'l', 's'],
    ]))

  test('only keys that the target has taken are removed', () =>
    compare([
      'MSET a 1 b 2 c 3 d 4',
      '> MSET b x d x',
      ['MIGRATE', 'TARGET', '', 0, 5000, 'KEYS', 'a', 'b', 'c', 'd'],
      'MGET a b c d',
      '> MGET a b c d',
      ['MIGRATE', 'TARGET', '', 0, 5000, 'COPY', 'KEYS', 'b', 'd'],
      ['MIGRATE', 'TARGET', '', 0, 5000, 'copy', 'replace', 'keys', 'b', 'd'],
      'MGET a b c d',
      '> MGET a b c d',
    ]))

  test('a target that wants to be told who it is', () =>
    compare([
      'MSET a 1 b 2 c 3 d 4 e 5',
      // Redis sends the keys along with a password that is refused, and the target takes them.
      'MIGRATE TARGET d 0 5000 AUTH secret',
      '> CONFIG SET requirepass secret',
      'MIGRATE TARGET e 1 5000 AUTH wrong',
      'MIGRATE TARGET a 0 5000 AUTH secret',
      'MIGRATE TARGET b 0 5000 AUTH2 default secret',
      'MIGRATE TARGET c 0 5000 AUTH2 nobody secret',
      'MGET a b c d e',
      '> MGET a b',
    ]))

  test('errors', () =>
    compare([
      'MIGRATE TARGET k 0',
      'MIGRATE TARGET k 0 x',
      'MIGRATE TARGET k x 1',
      'MIGRATE TARGET k 0 1 NOPE',
      'MIGRATE TARGET k 0 1 AUTH',
      'MIGRATE TARGET k 0 1 AUTH2 a',
      'MIGRATE TARGET k 0 1 KEYS a',
      ['MIGRATE', 'TARGET', '', 0, 1, 'KEYS'],
      'MIGRATE TARGET k 0 1',
      'SET k v',
      'MIGRATE TARGET k 77 5000',
      'MIGRATE 127.0.0.1 1 k 0 5000',
      'MIGRATE 127.0.0.1 x k 0 5000',
      ['MIGRATE', '', 1, 'k', 0, 5000],
      'MIGRATE 127.0.0.1 -5 k 0 5000',
      'INFO errorstats',
      'COMMAND GETKEYS MIGRATE h 1 k 0 1 COPY',
      ['COMMAND', 'GETKEYS', 'MIGRATE', 'h', 1, '', 0, 1, 'AUTH', 'KEYS', 'KEYS', 'a', 'b'],
      ['COMMAND', 'GETKEYSANDFLAGS', 'MIGRATE', 'h', 1, '', 0, 1, 'KEYS', 'a', 'b'],
      'COMMAND GETKEYS MIGRATE h 1 k 0 1 KEYS a',
    ]))

  test('passwords in SLOWLOG', () =>
    compare([
      'CONFIG SET slowlog-log-slower-than 0 slowlog-max-len 2',
      'MIGRATE host 1 k 0 5000 AUTH secret',
      ['MIGRATE', 'host', 1, '', 0, 5000, 'AUTH2', 'secret', 'secret', 'KEYS', 'AUTH', 'a'],
      'CONFIG SET slowlog-log-slower-than -1',
    ]).then(async () => {
      const shown: unknown[] = []
      for (const { source } of [routes[0]!, routes[2]!]) {
        const client = await WireClient.connect(source.port)
        const entries = latin1(await client.call('SLOWLOG', 'GET', '2'))
        shown.push(entries.split('\r\n').filter((word) => /^[A-Za-z(]/.test(word)))
        client.close()
      }
      expect(shown[1]).toEqual(shown[0])
      expect(String(shown[1])).toContain('(redacted)')
    }))

  test('a target that does not answer', async () => {
    const sockets: net.Socket[] = []
    const mute = net.createServer((socket) => sockets.push(socket)).listen(0, '127.0.0.1')
    await new Promise((resolve) => mute.once('listening', resolve))
    const { port } = mute.address() as net.AddressInfo
    const replies: string[] = []
    for (const { source } of [routes[0]!, routes[2]!]) {
      const client = await WireClient.connect(source.port)
      await client.call('SET', 'k', 'v')
      replies.push(latin1(await client.call('MIGRATE', '127.0.0.1', String(port), 'k', '0', '500')))
      client.close()
    }
    for (const socket of sockets) socket.destroy()
    mute.close()
    expect(replies[0]).toMatch(/^-IOERR/)
    expect(replies[1]).toBe(replies[0])
  })

  test('the log has a DEL of what was moved', async () => {
    // Under `appendfsync always` it is in the file when the reply comes; under `everysec` Redis does
    // not write while a sync is under way.
    const logs: string[] = []
    for (const route of [routes[0]!, routes[3]!]) {
      await tell(route, [
        'MSET a 1 b 2 c 3',
        ['MIGRATE', 'TARGET', '', 0, 5000, 'KEYS', 'a', 'none', 'c'],
      ])
      const { directory } = route.source
      const files = fs.readdirSync(`${directory}/appendonlydir`).filter((f) => f.endsWith('.aof'))
      const last = files.sort().at(-1)!
      const log = fs.readFileSync(`${directory}/appendonlydir/${last}`, 'latin1')
      logs.push(log.slice(log.lastIndexOf('MSET')).replace(/#CRC.*\r?\n/g, ''))
    }
    expect(logs[1]).toContain('DEL\r\n$1\r\na\r\n$1\r\nc\r\n')
    expect(logs[1]!.replaceAll('\r\n', '\n')).toBe(logs[0]!.replaceAll('\r\n', '\n'))
  })
})

differential('MIGRATE as COMMAND tells it', ({ compare }) => {
  test('declaration', () =>
    compare([
      { command: 'COMMAND INFO migrate', unordered: 'deep' },
      'ACL SETUSER u on nopass +migrate ~a %R~r',
      ...[
        'ACL DRYRUN u MIGRATE h 1 a 0 1',
        'ACL DRYRUN u MIGRATE h 1 r 0 1',
        ['ACL', 'DRYRUN', 'u', 'MIGRATE', 'h', 1, '', 0, 1, 'KEYS', 'a', 'b'],
        'ACL DRYRUN u MIGRATE h 1 a 0 1 KEYS b',
      ].map((command) => ({
        command,
        // 7.2 names the user.
        mask: (reply: string) => reply.replace(/^\$\d+\r\n(This user|User u)/, ''),
      })),
      'ACL DELUSER u',
    ]))
})
