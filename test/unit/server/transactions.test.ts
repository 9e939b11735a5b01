/** Transactions as clients have them; what the reference can be asked is in test/differential. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { DirectiveName } from '../../../src/config/directives.ts'
import { ManualClock } from '../../../src/platform/clock.ts'
import { checkServer, InProcessClient, testServer } from '../../support/in-process-client.ts'

const NOW_MS = 1_700_000_000_000

function setUp(config: Partial<Record<DirectiveName, string>> = {}) {
  const clock = new ManualClock(NOW_MS)
  const server = testServer({ clock, config })
  const client = new InProcessClient(server)
  const other = new InProcessClient(server)
  return { clock, server, client, other }
}

/** Has a server keep what is for the log, in place of writing it at the end of each round. */
function record(server: ReturnType<typeof testServer>): void {
  server.propagation.start()
  server.output.beforeSend = null
}

/** What is in a server's buffer for the log. */
function logged(server: ReturnType<typeof testServer>): string {
  const { propagation } = server
  const text = Buffer.from(propagation.bytes.subarray(0, propagation.length)).toString('latin1')
  propagation.clear()
  return text.replace(/[*$]\d+\r\n/g, '').replaceAll('\r\n', ' ')
}

describe('what stands in the way', () => {
  test('no memory: nothing is queued, and EXEC says why if it needs some', () => {
    const { server, client, other } = setUp()
    other.call('SET', 'k', 'x'.repeat(1000))
    client.call('MULTI')
    expect(client.call('SET', 'a', '1')).toBe('+QUEUED\r\n')
    other.call('CONFIG', 'SET', 'maxmemory', '1')
    const refused = "OOM command not allowed when used memory > 'maxmemory'."
    expect(client.call('EXEC')).toBe(`-EXECABORT Transaction discarded because of: ${refused}\r\n`)
    expect(client.call('EXEC')).toBe('-ERR EXEC without MULTI\r\n')
    client.call('MULTI')
    expect(client.call('GET', 'k')).toBe(`-${refused}\r\n`)
    expect(client.call('WATCH', 'k')).toBe(`-${refused}\r\n`)
    expect(client.call('EXEC')).toBe(
      '-EXECABORT Transaction discarded because of previous errors.\r\n',
    )
    client.call('MULTI')
    expect(client.call('DISCARD')).toBe('+OK\r\n')
    client.call('MULTI')
    expect(client.call('EXEC')).toBe('*0\r\n')
    client.call('MULTI')
    expect(client.call('RESET')).toBe('+RESET\r\n')
    expect(client.call('GET', 'a')).toBe('$-1\r\n')
    checkServer(server)
  })

  test('the data is being loaded', () => {
    const { server, client } = setUp()
    client.call('MULTI')
    client.call('GET', 'k')
    server.isLoading = true
    server.guard.update()
    const loading = 'LOADING Redis is loading the dataset in memory'
    expect(client.call('EXEC')).toBe(`-EXECABORT Transaction discarded because of: ${loading}\r\n`)
    expect(client.call('MULTI')).toBe('+OK\r\n')
    expect(client.call('GET', 'k')).toBe(`-${loading}\r\n`)
    expect(client.call('DISCARD')).toBe('+OK\r\n')
    expect(client.call('MULTI')).toBe('+OK\r\n')
    expect(client.call('INFO', 'nosuch')).toBe('+QUEUED\r\n')
    expect(client.call('EXEC')).toBe('*1\r\n$0\r\n\r\n')
    server.isLoading = false
  })

  test('a password that was set in between', () => {
    const { client, other } = setUp()
    expect(client.call('EXEC', 'x')).toBe(
      '-EXECABORT Transaction discarded because of: ' +
        "wrong number of arguments for 'exec' command\r\n",
    )
    client.call('WATCH', 'k')
    client.call('EXEC', 'x')
    expect(client.session.watches).toEqual([])
    other.call('PING')
  })

  test('a pause holds back EXEC if it writes', () => {
    const { clock, server, client, other } = setUp()
    client.call('MULTI')
    client.call('SET', 'a', '1')
    other.call('MULTI')
    other.call('GET', 'a')
    new InProcessClient(server).call('CLIENT', 'PAUSE', '100', 'WRITE')
    expect(client.call('EXEC')).toBe('')
    expect(other.call('EXEC')).toBe('*1\r\n$-1\r\n')
    clock.advance(100)
    server.pause.look()
    expect(client.take()).toBe('*1\r\n+OK\r\n')
    expect(client.session.transaction).toBeNull()
  })
})

describe('memory', () => {
  test('what is queued counts for client-query-buffer-limit', () => {
    const { server, client } = setUp({ 'client-query-buffer-limit': '1mb' })
    client.call('MULTI')
    let sent = 0
    while (!client.transport.destroyed && sent < 30) {
      client.call('SET', 'k', 'x'.repeat(100_000))
      sent++
    }
    expect(sent).toBe(11)
    expect(server.queryBufferLimitDisconnections).toBe(1)
    expect(client.session.transaction).toBeNull()
  })

  test('CLIENT LIST tells it', () => {
    const { client, other } = setUp()
    client.call('MULTI')
    client.call('SET', 'key', 'value')
    const line = String(other.value('CLIENT', 'LIST', 'ID', client.session.id))
    expect(line).toContain(' flags=x ')
    expect(line).toContain(' multi=1 ')
    expect(line).toContain(' multi-mem=35 ')
    client.call('NOSUCH')
    client.call('SET', 'key', 'value')
    expect(client.session.transaction!.count).toBe(1)
  })

  test('a client that is gone leaves nothing behind', () => {
    const { server, client, other } = setUp()
    client.call('WATCH', 'a', 'b')
    other.call('WATCH', 'b', 'c')
    expect(server.watches.keyCount).toBe(3)
    client.call('MULTI')
    client.call('SET', 'a', '1')
    client.session.destroy()
    expect(server.watches.keyCount).toBe(2)
    other.call('UNWATCH')
    expect(server.watches.keyCount).toBe(0)
    expect(server.watches.isActive).toBe(false)
    expect(server.keyspace.watches).toBeNull()
  })

  test('a client that ends itself in EXEC', () => {
    const { server, client, other } = setUp()
    client.call('MULTI')
    client.call('SET', 'a', '1')
    client.call('CLIENT', 'KILL', 'ID', client.session.id, 'SKIPME', 'no')
    client.call('SET', 'b', '2')
    client.call('EXEC')
    expect(client.session.closed).toBe(true)
    expect(other.call('MGET', 'a', 'b')).toBe('*2\r\n$1\r\n1\r\n$1\r\n2\r\n')
    other.call('MULTI')
    expect(other.call('EXEC')).toBe('*0\r\n')
    expect(server.sessions.size).toBe(1)
  })
})

describe('CLIENT REPLY', () => {
  test('OFF in EXEC ends what is answered, and ON begins it, in the middle, as in Redis', () => {
    const { client } = setUp()
    client.call('MULTI')
    client.call('SET', 'a', '1')
    client.call('CLIENT', 'REPLY', 'OFF')
    client.call('SET', 'b', '1')
    expect(client.call('EXEC')).toBe('*3\r\n+OK\r\n')
    expect(client.call('PING')).toBe('')
    client.call('MULTI')
    client.call('CLIENT', 'REPLY', 'ON')
    client.call('GET', 'b')
    expect(client.call('EXEC')).toBe('+OK\r\n$1\r\n1\r\n')
    expect(client.call('PING')).toBe('+PONG\r\n')
  })

  test('SKIP in EXEC is about what comes after it', () => {
    const { client } = setUp()
    client.call('MULTI')
    client.call('CLIENT', 'REPLY', 'SKIP')
    client.call('SET', 'b', '1')
    expect(client.call('EXEC')).toBe('*2\r\n+OK\r\n')
    expect(client.call('PING')).toBe('')
    expect(client.call('PING')).toBe('+PONG\r\n')
  })
})

describe('what is logged', () => {
  test('several writes as one whole, one alone, and none', () => {
    const { server, client } = setUp()
    record(server)
    for (const request of ['MULTI', 'SET a 1', 'GET a', 'INCR a', 'SELECT 2', 'SET b 2', 'EXEC']) {
      client.call(...request.split(' '))
    }
    expect(logged(server)).toBe('MULTI select 0 SET a 1 INCR a select 2 SET b 2 EXEC ')
    for (const request of ['MULTI', 'GET b', 'SET b 3', 'LPUSH b 1', 'EXEC']) {
      client.call(...request.split(' '))
    }
    expect(logged(server)).toBe('SET b 3 ')
    for (const request of ['MULTI', 'GET b', 'DEL nosuch', 'EXEC']) {
      client.call(...request.split(' '))
    }
    expect(logged(server)).toBe('')
    for (const request of ['MULTI', 'SET b 3', 'DISCARD']) client.call(...request.split(' '))
    expect(logged(server)).toBe('')
  })

  test('a key that expires on the way is a part of it', () => {
    const { clock, server, client } = setUp()
    client.call('SET', 'a', '1', 'PX', '10')
    record(server)
    client.call('MULTI')
    client.call('GET', 'a')
    client.call('SET', 'b', '1')
    clock.advance(11)
    client.call('EXEC')
    expect(logged(server)).toBe('MULTI select 0 DEL a SET b 1 EXEC ')
  })
})

test('EXEC takes the time of its commands to its account, and the queued none', () => {
  const { clock, server, client } = setUp({ 'enable-debug-command': 'yes' })
  client.call('MULTI')
  clock.advance(7)
  client.call('SET', 'a', '1')
  clock.advance(7)
  client.call('EXEC')
  const usOf = (name: string) => server.commands.get(name)!.microseconds
  expect(usOf('exec')).toBeGreaterThanOrEqual(usOf('set'))
  expect(usOf('multi') + usOf('exec')).toBeLessThan(7000)
  expect(server.commands.get('exec')!.calls).toBe(1)
  expect(server.commands.get('set')!.calls).toBe(1)
  expect(server.commandsProcessed).toBe(3)
})

test('BGSAVE and BGREWRITEAOF wait until EXEC is over', () => {
  const { server, client } = setUp()
  for (const request of [['MULTI'], ['BGSAVE'], ['BGREWRITEAOF']]) client.call(...request)
  expect(client.value('EXEC')).toEqual([
    'Background saving scheduled',
    'Background append only file rewriting scheduled',
  ])
  expect(server.snapshots.isActive).toBe(false)
})

// The model: every key is absent, or has a version and perhaps an expiry time. EXEC may only do
// something if no watched key has got another version, gone, come or run out.
describe('WATCH against a model', () => {
  type Model = Map<string, { version: number; expireAtMs: number }>

  const keys = ['a', 'b', 'c']
  const key = fc.constantFrom(...keys)
  const step = fc.oneof(
    fc.tuple(fc.constant('set'), key),
    fc.tuple(fc.constant('setpx'), key),
    fc.tuple(fc.constant('del'), key),
    fc.tuple(fc.constant('get'), key),
    fc.tuple(fc.constant('persist'), key),
    fc.tuple(fc.constant('rename'), key),
    fc.tuple(fc.constant('advance'), key),
    fc.tuple(fc.constant('flushall'), key),
    fc.tuple(fc.constant('flushdb'), key),
    fc.tuple(fc.constant('swapdb'), key),
    fc.tuple(fc.constant('watch'), key),
    fc.tuple(fc.constant('exec'), key),
  )

  test('EXEC does nothing just if a watched key has changed', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const { clock, server, client, other } = setUp()
        let databases: Model[] = [new Map(), new Map()]
        const watched = new Map<string, number>()
        let isDirty = false
        let versions = 0
        let nowMs = NOW_MS

        /** Version of a key as anybody sees it; 0 if it is absent. */
        const seen = (name: string) => {
          const found = databases[0]!.get(name)
          return found === undefined || found.expireAtMs < nowMs ? 0 : found.version
        }
        const look = () => {
          for (const [name, version] of watched) if (seen(name) !== version) isDirty = true
        }
        const put = (name: string, expireAtMs = Number.POSITIVE_INFINITY) =>
          databases[0]!.set(name, { version: ++versions, expireAtMs })

        for (const [what, name] of steps) {
          if (what === 'set') {
            other.call('SET', name, '1')
            put(name)
          } else if (what === 'setpx') {
            other.call('SET', name, '1', 'PX', '10')
            put(name, nowMs + 10)
          } else if (what === 'del') {
            other.call('DEL', name)
            databases[0]!.delete(name)
          } else if (what === 'get') {
            other.call('GET', name)
          } else if (what === 'persist') {
            other.call('PERSIST', name)
            const found = databases[0]!.get(name)
            if (seen(name) !== 0 && found!.expireAtMs !== Number.POSITIVE_INFINITY) put(name)
          } else if (what === 'rename') {
            other.call('RENAME', name, 'a')
            const found = databases[0]!.get(name)
            if (seen(name) !== 0 && name !== 'a') {
              databases[0]!.delete(name)
              put('a', found!.expireAtMs)
            }
          } else if (what === 'advance') {
            clock.advance(6)
            nowMs += 6
          } else if (what === 'flushall') {
            other.call('FLUSHALL')
            databases = [new Map(), new Map()]
          } else if (what === 'flushdb') {
            other.call('FLUSHDB')
            databases[0]!.clear()
          } else if (what === 'swapdb') {
            other.call('SWAPDB', '0', '1')
            databases.reverse()
          } else if (what === 'watch') {
            client.call('WATCH', name)
            if (!isDirty && !watched.has(name)) watched.set(name, seen(name))
          } else {
            client.call('MULTI')
            client.call('PING')
            expect(client.call('EXEC')).toBe(isDirty ? '*-1\r\n' : '*1\r\n+PONG\r\n')
            isDirty = false
            watched.clear()
            expect(server.watches.keyCount).toBe(0)
          }
          look()
        }
        checkServer(server)
      }),
      { numRuns: 300, seed: 1 },
    )
  })
})
