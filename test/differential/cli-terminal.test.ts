/**
 * `redstart cli` in a terminal, as a person meets it: the prompt, editing, hints, completion,
 * modes, and the life without a server. The tests that need a terminal are skipped where
 * util-linux's `script` is not there.
 */
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { clientCommand } from './support/command-line.ts'
import { redstartCommand, startRedstart } from './support/redstart.ts'
import { freePort, type RunningServer, startServer } from './support/server-process.ts'
import { hasTerminal, Terminal } from './support/terminal.ts'
import { WireClient } from './support/wire.ts'

describe.skipIf(!hasTerminal)('the client in a terminal', () => {
  let server: RunningServer
  let wire: WireClient
  let terminals: Terminal[] = []
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'redstart-cli-'))
  beforeAll(async () => {
    server = await startRedstart()
    wire = await WireClient.connect(server.port)
  })
  afterEach(async () => {
    for (const terminal of terminals) terminal.close()
    terminals = []
    await wire.call('FLUSHALL')
  })
  afterAll(async () => {
    wire?.close()
    await server?.close()
    fs.rmSync(directory, { recursive: true, force: true })
  })

  function open(argv: string[] = [], env: NodeJS.ProcessEnv = {}): Terminal {
    const at = argv.includes('-p') ? argv : ['-p', String(server.port), ...argv]
    const terminal = new Terminal([...clientCommand('redstart'), ...at], env)
    terminals.push(terminal)
    return terminal
  }

  const prompt = () => `127.0.0.1:${server.port}`

  test('shows where it is: address, database, transaction, subscriptions', async () => {
    const terminal = open()
    await terminal.see(`${prompt()}> `)
    await terminal.run('SET foo bar', 'OK')
    await terminal.see(`${prompt()}> `)
    await terminal.run('GET foo', '"bar"')
    await terminal.run('SELECT 3', `${prompt()}[3]> `)
    await terminal.run('MULTI', `${prompt()}[3](TX)> `)
    await terminal.run('DISCARD', `${prompt()}[3]> `)
    await terminal.run('SUBSCRIBE news', 'Reading messages... (press Ctrl-C to quit')
    await wire.call('PUBLISH', 'news', 'hello')
    await terminal.see('3) "hello"')
    terminal.type(' ')
    await terminal.see(`${prompt()}[3](subscribed mode)> `)
    await terminal.run('UNSUBSCRIBE', '3) (integer) 0')
    terminal.type('\x03')
    await terminal.see(`${prompt()}[3]> `)
    terminal.type('\x04')
    expect(await terminal.ended()).toBe(0)
  })

  test('does not call it unreachable where it only refuses the password', async () => {
    const terminal = open(['--user', 'nobody', '-a', 'wrong'])
    expect(await terminal.see(`${prompt()}> `)).not.toContain('standalone')
  })

  test('hints at what a command lacks', async () => {
    const terminal = open()
    await terminal.see('> ')
    terminal.type('EXPIRE ')
    await terminal.see('key seconds [NX|XX|GT|LT]')
    terminal.type('k ')
    await terminal.see('k seconds [NX|XX|GT|LT]')
    terminal.type('\x15:set nohints\r')
    await terminal.see('> ')
    terminal.type('EXPIRE k 10\r')
    expect(await terminal.see('(integer) 0')).not.toContain('seconds')
  })

  test('completes commands, options and keys by Tab', async () => {
    await wire.pipeline([
      ['SET', 'alpha', '1'],
      ['SET', 'alphabet', '2'],
      ['SET', 'odd key', '3'],
    ])
    const terminal = open()
    await terminal.see('> ')
    terminal.type('hgetal\t')
    await terminal.see('hgetall ')
    terminal.type('\x15get al\t')
    await terminal.see('get alpha')
    terminal.type('\t')
    expect(await terminal.see('alphabet')).toContain('alpha')
    terminal.type('b\t\r')
    await terminal.see('"2"')
    terminal.type('get od\t\r')
    await terminal.see('"3"')
    terminal.type('get "od\t\r')
    await terminal.see('"3"')
    terminal.type('set k v keep\t')
    await terminal.see('keepttl ')
  })

  test('edits the line, and finds lines again', async () => {
    const history = path.join(directory, 'history')
    const terminal = open([], { REDISCLI_HISTFILE: history })
    await terminal.see('> ')
    await terminal.run('ECHO one', '"one"')
    await terminal.run('ECHO two', '"two"')
    terminal.type('AUTH secret\r')
    await terminal.see('(error)')
    terminal.type('\x1b[A\x1b[A\r')
    await terminal.see('"one"')
    terminal.type('\x12')
    await terminal.see('(reverse-i-search)')
    terminal.type('tw\r')
    await terminal.see('"two"')
    terminal.type('threee\x01ECHO \x05\x7f\r')
    await terminal.see('"three"')
    terminal.type('ECHO lost\x03')
    await terminal.see('^C')
    terminal.type('PING\r')
    await terminal.see('PONG')
    terminal.type('\x03')
    expect(await terminal.ended()).toBe(0)
    const kept = fs.readFileSync(history, 'utf8').split('\n')
    expect(kept).toEqual(['ECHO one', 'ECHO two', 'ECHO one', 'ECHO two', 'ECHO three', 'PING', ''])
    const again = open([], { REDISCLI_HISTFILE: history })
    await again.see('> ')
    again.type('\x1b[A\x1b[A\r')
    await again.see('"three"')
  })

  test('keeps keys that come while a command runs', async () => {
    const terminal = open()
    await terminal.see('> ')
    terminal.type('BLPOP queue 0\rECHO after\r')
    await terminal.see('BLPOP queue 0')
    await wire.call('RPUSH', 'queue', 'job')
    await terminal.see('2) "job"')
    await terminal.see('"after"')
  })

  test('shows MONITOR until Ctrl-C', async () => {
    const terminal = open()
    await terminal.see('> ')
    await terminal.run('MONITOR', 'OK')
    await wire.call('SET', 'seen', 'x')
    await terminal.see('"SET" "seen" "x"')
    terminal.type('\x03')
    await terminal.see(`${prompt()}> `)
    await terminal.run('PING', 'PONG')
  })

  test('shows any key by peek, and helps', async () => {
    await wire.pipeline([
      ['SET', 'json', '{"a":[1,2]}'],
      ['RPUSH', 'list', ...Array.from({ length: 100 }, (_, i) => `e${i}`)],
      ['ZADD', 'zset', '1.5', 'm'],
      ['HSET', 'hash', 'field', 'v\x00'],
      ['PFADD', 'visitors', 'a', 'b', 'c'],
    ])
    const terminal = open()
    await terminal.see('> ')
    expect(await terminal.run('peek json', 'no expiry')).toMatch(/string, \w+, 11 bytes,/)
    await terminal.see('"a": [')
    await terminal.run('peek list', '100 elements')
    await terminal.see('0: e0')
    await terminal.see('... 80 more')
    await terminal.run('peek zset', '1.5  m')
    expect(await terminal.run('peek hash', 'field: "v\\x00"')).toContain('1 field,')
    await terminal.run('peek visitors', 'HyperLogLog of about 3 elements')
    await terminal.run('peek nothing', '(no such key)')
    await terminal.run('help get', 'GET key')
    await terminal.see('since:')
    await terminal.run('help @hyperloglog', 'PFADD key [element [element ...]]')
  })

  test('has a pager for long replies', async () => {
    await wire.call('RPUSH', 'long', ...Array.from({ length: 100 }, (_, i) => `e${i}`))
    const terminal = open([], { PAGER: 'sed s/^/paged:/' })
    await terminal.see('> ')
    await terminal.run('LRANGE long 0 -1', 'paged:100) "e99"')
    await terminal.run('LRANGE long 0 2', '3) "e2"')
    await terminal.run(':set nopager', '> ')
    expect(await terminal.run('LRANGE long 0 -1', '100) "e99"')).not.toContain('paged:')
    const without = open(['--no-pager'], { PAGER: 'sed s/^/paged:/' })
    await without.see('> ')
    expect(await without.run('LRANGE long 0 -1', '100) "e99"')).not.toContain('paged:')
  })

  test('has colours, unless NO_COLOR says otherwise', async () => {
    const terminal = open([], { NO_COLOR: '' })
    await terminal.see('> ')
    await terminal.run('GET nokey', '\x1b[90m(nil)\x1b[0m')
    const plain = open()
    await plain.see('> ')
    expect(await plain.run('GET nokey', '(nil)')).not.toContain('\x1b[90m')
  })

  test('loads little before the prompt', async () => {
    // What was loaded is in the coverage that Node writes when it ends.
    const coverage = path.join(directory, 'coverage')
    const terminal = open([], { NODE_V8_COVERAGE: coverage })
    await terminal.see('> ')
    terminal.type('\x04')
    expect(await terminal.ended()).toBe(0)
    const [report] = fs.readdirSync(coverage)
    const { result } = JSON.parse(fs.readFileSync(path.join(coverage, report), 'utf8'))
    const files = (result as { url: string }[])
      .filter(({ url }) => url.includes('/dist/cli/'))
      .map(({ url }) => fileURLToPath(url))
    const bytes = files.reduce((sum, file) => sum + fs.statSync(file).size, 0)
    expect(files.length).toBeGreaterThan(2)
    expect(files.length).toBeLessThan(24)
    expect(bytes).toBeLessThan(150_000)
  })

  test('asks for lines plainly where the terminal can do nothing', async () => {
    const terminal = open([], { TERM: 'dumb' })
    await terminal.see(`${prompt()}> `)
    expect(await terminal.run('ECHO hi', '"hi"')).not.toContain('\x1b')
    await terminal.see(`${prompt()}> `)
    terminal.type('\x04')
    expect(await terminal.ended()).toBe(0)
  })

  describe('without a server', () => {
    /** A server that can be ended and started again on its port. */
    async function restart(port: number): Promise<RunningServer> {
      const [program, ...first] = redstartCommand()
      // The port that is asked for comes last, and counts.
      return startServer('redstart', [program, ...first], { flags: ['--port', String(port)] })
    }

    test('goes on standalone, and back when the user says so', async () => {
      const port = await freePort()
      const data = path.join(directory, 'data')
      let other = await restart(port)
      const terminal = open(['-p', String(port)])
      await terminal.see(`127.0.0.1:${port}> `)
      await terminal.run('SET a server', 'OK')
      await terminal.see('> ')
      await other.close()
      await terminal.see('Server closed the connection')
      await terminal.see('`standalone` goes on without a server')
      await terminal.see('not connected> ')
      await terminal.run('GET a', `Could not connect to Redis at 127.0.0.1:${port}`)
      await terminal.see('not connected> ')
      await terminal.run(`standalone ${data}`, 'both states may diverge')
      await terminal.see(`standalone ${data}> `)
      await terminal.run('GET a', '(nil)')
      await terminal.run('SET a local', 'OK')
      await terminal.run('SELECT 2', `standalone ${data}[2]> `)
      await terminal.run('MULTI', '(TX)> ')
      await terminal.run('INCR n', 'QUEUED')
      await terminal.run('reconnect', 'EXEC or DISCARD comes first')
      await terminal.see('(TX)> ')
      await terminal.run('EXEC', '1) (integer) 1')
      await terminal.run('reconnect', 'Still standalone.')
      await terminal.see(`standalone ${data}[2]> `)

      other = await restart(port)
      try {
        // It is there again, and nothing goes to it unasked.
        await terminal.run('INCR n', '(integer) 2')
        const client = await WireClient.connect(port)
        expect(Buffer.from(await client.call('DBSIZE')).toString()).toBe(':0\r\n')
        await terminal.run('reconnect', '3 changes')
        await terminal.see('SET a local')
        await terminal.see('[2] INCR n')
        await terminal.see('[replay/discard/keep]')
        terminal.type('\x03')
        await terminal.see('Still standalone.')
        await terminal.see('> ')
        await terminal.run('reconnect', '[replay/discard/keep]')
        await terminal.run('keep', '3 changes kept for later')
        await terminal.see(`127.0.0.1:${port}[2]> `)
        expect(Buffer.from(await client.call('DBSIZE')).toString()).toBe(':0\r\n')
        await terminal.run(`standalone ${data}`, '3 changes')
        await terminal.see('> ')
        await terminal.run('reconnect', '[replay/discard/keep]')
        await terminal.run('replay', 'Replayed 3.')
        await terminal.run('GET n', '"2"')
        expect(Buffer.from(await client.call('GET', 'a')).toString()).toBe('$5\r\nlocal\r\n')
        await terminal.run(`standalone ${data}`, 'diverge')
        await terminal.see('> ')
        await terminal.run('DEL n', '(integer) 1')
        await terminal.run('reconnect discard', 'The list of changes is discarded')
        await terminal.run('EXISTS n', '(integer) 1')
        expect(fs.existsSync(path.join(data, 'standalone.journal'))).toBe(false)
        client.close()
      } finally {
        await other.close()
      }
    })

    test('begins standalone, and keeps what was written', async () => {
      const data = path.join(directory, 'begun')
      const first = open(['--standalone', data])
      await first.see(`standalone ${data}> `)
      await first.run('SET a 1', 'OK')
      await first.see('> ')
      first.type('\x04')
      expect(await first.ended()).toBe(0)
      const second = open(['--standalone', data])
      await second.see('1 change')
      await second.see('> ')
      await second.run('GET a', '"1"')
      const third = open(['--standalone', data])
      await third.see("Can't go standalone")
      expect(await third.ended()).toBe(1)
    })

    test('says that a transaction is gone, and survives in MONITOR', async () => {
      const port = await freePort()
      let other = await restart(port)
      const terminal = open(['-p', String(port)])
      await terminal.see('> ')
      await terminal.run('MULTI', '(TX)> ')
      await terminal.run('SET a 1', 'QUEUED')
      await terminal.see('(TX)> ')
      await other.close()
      await terminal.see('The transaction is gone with the connection: none of its commands ran.')
      await terminal.see('not connected> ')
      await terminal.run('reconnect', `Could not connect to Redis at 127.0.0.1:${port}`)
      await terminal.see('not connected> ')
      other = await restart(port)
      await terminal.run('MONITOR', 'OK')
      await other.close()
      await terminal.see('`standalone` goes on without a server')
      await terminal.see('not connected> ')
    })

    test('says what became of the command that was under way', async () => {
      const port = await freePort()
      const other = await restart(port)
      const terminal = open(['-p', String(port)])
      await terminal.see('> ')
      const watcher = await WireClient.connect(port)
      await watcher.call('MONITOR')
      await terminal.run('BLPOP queue 0', 'BLPOP')
      // The editor asks for the docs of commands too, on another connection.
      while (!Buffer.from(await watcher.reply()).includes('"BLPOP"'));
      process.kill(other.pid, 'SIGKILL')
      await terminal.see('BLPOP was sent, and may have run or not: no reply came.')
      await terminal.see('not connected> ')
      terminal.type('\x1b[A')
      await terminal.see('BLPOP queue 0')
      watcher.close()
      await other.close()
    })
  })
})
