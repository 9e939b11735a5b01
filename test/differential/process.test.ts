/**
 * The server as a process beside redis-server: exit codes, files, signals and what is printed.
 * Log lines are compared where scripts and supervisors look for them; their wording is our own
 * elsewhere. Where the two differ on purpose a comment says so.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import fs from 'node:fs'
import net from 'node:net'
import os from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { RawClient } from '../unit/net/raw-client.ts'
import { redstartCommand } from './support/redstart.ts'
import { referenceVersion } from './support/reference.ts'
import { freePort } from './support/server-process.ts'

const redis = [process.env.REDIS_SERVER ?? 'redis-server']
const redstart = redstartCommand()
const servers = [...(referenceVersion ? [['redis-server', redis] as const] : [])]
const both = [...servers, ['redstart', redstart] as const]

let directory: string
const children = new Set<ChildProcess>()

beforeEach(() => {
  directory = fs.mkdtempSync(path.join(os.tmpdir(), 'redstart-process-'))
})

afterEach(async () => {
  for (const child of children) child.kill('SIGKILL')
  children.clear()
  fs.rmSync(directory, { recursive: true, force: true })
})

interface Ended {
  status: number | null
  stdout: string
  stderr: string
}

function run(command: readonly string[], args: readonly string[], input = ''): Ended {
  const [program, ...first] = command
  return spawnSync(program, [...first, ...args], {
    cwd: directory,
    encoding: 'utf8',
    input,
    timeout: 20_000,
  })
}

interface Running {
  child: ChildProcess
  output: () => string
  /** Waits until the output holds `text`. */
  saw(text: string): Promise<void>
  /** Exit status, or the name of the signal. */
  ended: Promise<number | string | null>
}

function start(command: readonly string[], args: readonly string[], input?: string): Running {
  const [program, ...first] = command
  const child = spawn(program, [...first, '--save', '', ...args], { cwd: directory })
  children.add(child)
  let output = ''
  let wake = () => {}
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text
      wake()
    })
  }
  const ended = new Promise<number | string | null>((resolve) => {
    child.once('close', (status, signal) => {
      children.delete(child)
      wake()
      resolve(signal ?? status)
    })
  })
  child.stdin.on('error', () => {}).end(input ?? '')
  const saw = async (text: string): Promise<void> => {
    while (!output.includes(text)) {
      if (!children.has(child)) throw new Error(`ended without '${text}':\n${output}`)
      await new Promise<void>((resolve) => {
        wake = resolve
      })
    }
  }
  return { child, output: () => output, saw, ended }
}

async function pings(target: number | string): Promise<string> {
  const client = await RawClient.connect(target)
  const reply = await client.ask('PING\r\n', '+PONG\r\n')
  client.destroy()
  return reply
}

// 7.0 says of a unix socket: `The server is now ready to accept connections at`.
const READY = 'eady to accept connections'

/** An error text without its version, its time and the name of the server's directory. */
function plain(text: string): string {
  return text.replace(/\(Redis [\d.]+\)/, '(Redis)').replace(/^\d+:C .{24} /gm, '')
}

describe.skipIf(referenceVersion === undefined)('ends at once as redis-server does', () => {
  const compare = (args: readonly string[], input = ''): Ended => {
    const expected = run(redis, args, input)
    const actual = run(redstart, args, input)
    expect(actual.status).toBe(expected.status)
    expect(plain(actual.stderr)).toBe(plain(expected.stderr))
    return actual
  }

  test('with configuration that is wrong', () => {
    fs.writeFileSync(path.join(directory, 'bad.conf'), 'port 7000\n\nbogus 1\n')
    for (const args of [
      ['bad.conf'],
      ['--port', 'abc'],
      ['--port'],
      ['--bogus', '1'],
      ['--maxmemory-policy', 'sometimes'],
      ['--rename-command', 'nosuch', 'x'],
      ['--rename-command', 'get', 'set'],
      ['--dir', '/no/such/directory'],
      ['--logfile', '/no/such/directory/log'],
      ['--include', 'bad.conf'],
    ]) {
      expect(compare(args).status, args.join(' ')).toBe(1)
    }
    expect(compare(['-'], 'port 1\nport "x\n').status).toBe(1)
  })

  test('with a file that is missing, which the log tells', () => {
    const expected = run(redis, ['missing.conf'])
    const actual = run(redstart, ['missing.conf'])
    expect(actual.status).toBe(expected.status)
    expect(actual.stdout).toContain('# Fatal error, can')
    // 7.2 has the path from the root here, and so have we.
    expect(actual.stdout).toContain(`/missing.conf': No such file or directory`)
  })

  test('when it is only asked about itself', () => {
    for (const flag of ['-v', '--version']) {
      const form = /^Redis server v=[\d.]+ sha=[0-9a-f]{8}:\d malloc=\S+ bits=64 build=[0-9a-f]+/
      expect(run(redis, [flag]).stdout).toMatch(form)
      const actual = run(redstart, [flag])
      expect(actual.status).toBe(0)
      expect(actual.stdout).toMatch(form)
    }
    for (const flag of ['-h', '--help']) {
      const actual = run(redstart, [flag])
      expect([actual.status, actual.stdout]).toEqual([run(redis, [flag]).status, ''])
      expect(actual.stderr).toContain('Usage: redstart')
    }
    expect(run(redstart, ['--test-memory']).status).toBe(run(redis, ['--test-memory']).status)
  })
})

for (const [name, command] of both) {
  describe(name, () => {
    test('a port in use is told, with status 1', async () => {
      const holder = net.createServer()
      await new Promise<void>((resolve) => holder.listen(0, '127.0.0.1', resolve))
      const { port } = holder.address() as net.AddressInfo
      const ended = run(command, ['--port', String(port), '--bind', '127.0.0.1'])
      holder.close()
      expect(ended.status).toBe(1)
      expect(ended.stdout).toContain(
        `Could not create server TCP listening socket 127.0.0.1:${port}: ` +
          'bind: Address already in use',
      )
      // 7.0 has `Failed listening on port N (TCP)`.
      expect(ended.stdout).toMatch(new RegExp(`Failed listening on port ${port} \\(tcp\\)`, 'i'))
    })

    test('nowhere to listen ends with status 1', () => {
      const ended = run(command, ['--port', '0', '--save', ''])
      expect(ended.status).toBe(1)
      expect(ended.stdout).toContain('Configured to not listen anywhere, exiting.')
    })

    test('SIGTERM and SIGINT end it in order', async () => {
      for (const signal of ['SIGTERM', 'SIGINT'] as const) {
        const port = await freePort()
        const pidFile = path.join(directory, 'server.pid')
        const socket = path.join(directory, 'server.sock')
        const flags = ['--port', String(port), '--pidfile', pidFile, '--unixsocket', socket]
        const server = start(command, flags)
        await server.saw(READY)
        expect(await pings(port)).toBe('+PONG\r\n')
        expect(await pings(socket)).toBe('+PONG\r\n')
        expect(fs.readFileSync(pidFile, 'utf8')).toBe(`${server.child.pid}\n`)
        server.child.kill(signal)
        expect(await server.ended).toBe(0)
        const output = server.output()
        expect(output).toContain(`Received ${signal} scheduling shutdown...`)
        expect(output).toContain('User requested shutdown...')
        expect(output).toContain('ready to exit, bye bye...')
        expect([fs.existsSync(pidFile), fs.existsSync(socket)]).toEqual([false, false])
      }
    })

    /** Twenty keys that are written to a dump one by one, each after a wait. */
    const startSlowToSave = async (delayUs: number): Promise<{ port: number; server: Running }> => {
      const port = await freePort()
      const flags = ['--port', String(port), '--save', '3600 1', '--appendonly', 'no']
      const server = start(command, [...flags, '--rdb-key-save-delay', String(delayUs)])
      await server.saw(READY)
      const client = await RawClient.connect(port)
      const requests = Array.from({ length: 20 }, (_, i) => `SET key:${i} x\r\n`).join('')
      await client.ask(requests, '+OK\r\n'.repeat(20))
      client.destroy()
      return { port, server }
    }

    test('a SIGINT during the last save ends it at once, with nothing left of that', async () => {
      const { server } = await startSlowToSave(5_000_000)
      server.child.kill('SIGTERM')
      await server.saw('Saving the final RDB snapshot')
      server.child.kill('SIGINT')
      expect(await server.ended).toBe(1)
      expect(server.output()).toContain('You insist... exiting now.')
      expect(fs.readdirSync(directory).filter((name) => name.endsWith('.rdb'))).toEqual([])
    })

    test('whatever was replied to before the last save is in it', async () => {
      const { port, server } = await startSlowToSave(10_000)
      const client = await RawClient.connect(port)
      let count = 0
      const counting = (async () => {
        while (!client.isClosed) {
          const reply = await client.ask('INCR n\r\n', `:${count + 1}\r\n`)
          if (reply !== '') expect(reply).toBe(`:${++count}\r\n`)
          if (count === 10) server.child.kill('SIGTERM')
        }
      })()
      expect(await server.ended).toBe(0)
      await counting
      const again = start(command, ['--port', String(port)])
      await again.saw(READY)
      const reader = await RawClient.connect(port)
      // The reply to the last one may have been lost.
      const length = String(count).length
      const reply = await reader.ask('GET n\r\n', `$${length}\r\n${count}\r\n`)
      const kept = Number(reply.split('\r\n')[1])
      expect([count, count + 1]).toContain(kept)
      reader.destroy()
      again.child.kill('SIGTERM')
      expect(await again.ended).toBe(0)
    })

    test('all requests around a SHUTDOWN that fails are answered, in order', async () => {
      const port = await freePort()
      const data = path.join(directory, 'gone')
      fs.mkdirSync(data)
      const server = start(command, ['--port', String(port), '--appendonly', 'no', '--dir', data])
      await server.saw(READY)
      fs.rmSync(data, { recursive: true })
      const client = await RawClient.connect(port)
      const requests = 'PING 1\r\nPING 2\r\nSHUTDOWN SAVE\r\nPING 3\r\n'
      const failed = '-ERR Errors trying to SHUTDOWN. Check logs.\r\n'
      const expected = `$1\r\n1\r\n$1\r\n2\r\n${failed}$1\r\n3\r\n`
      expect(await client.ask(requests, expected)).toBe(expected)
      client.socket.write('SHUTDOWN NOSAVE\r\n')
      expect(await server.ended).toBe(0)
      client.destroy()
    })

    test.each([
      ['SEGFAULT', 'SIGSEGV'],
      ['PANIC', 'SIGABRT'],
    ])('DEBUG %s ends it by a signal, with a report in the log', async (word, signal) => {
      const port = await freePort()
      const server = start(command, ['--port', String(port), '--enable-debug-command', 'yes'])
      await server.saw(READY)
      const client = await RawClient.connect(port)
      client.socket.write(`DEBUG ${word}\r\n`)
      expect(await server.ended).toBe(signal)
      client.destroy()
      if (command === redstart) {
        expect(server.output()).toContain(`has crashed by signal: ${signal}`)
        expect(server.output()).toContain('BUG REPORT: end')
      } else {
        expect(server.output()).toMatch(/crashed by signal|PANIC/i)
      }
    })

    test('serves a unix socket alone, where a stale one lies', async () => {
      const socket = path.join(directory, 's.sock')
      fs.writeFileSync(socket, '')
      const flags = ['--port', '0', '--unixsocket', socket, '--unixsocketperm', '700']
      const server = start(command, flags)
      await server.saw(READY)
      expect(await pings(socket)).toBe('+PONG\r\n')
      expect(fs.statSync(socket).mode & 0o777).toBe(0o700)
      server.child.kill('SIGTERM')
      expect(await server.ended).toBe(0)
    })

    test('takes its configuration from standard input', async () => {
      const port = await freePort()
      const server = start(command, ['-'], `port ${port}\nbind 127.0.0.1\n`)
      await server.saw(READY)
      expect(await pings(port)).toBe('+PONG\r\n')
      server.child.kill('SIGTERM')
      expect(await server.ended).toBe(0)
    })

    test('writes its log to a file in its directory, and ignores SIGHUP', async () => {
      const port = await freePort()
      const data = path.join(directory, 'data')
      fs.mkdirSync(data)
      const flags = ['--port', String(port), '--dir', data, '--logfile', 'server.log']
      const server = start(command, flags)
      const log = path.join(data, 'server.log')
      while (!fs.existsSync(log) || !fs.readFileSync(log, 'utf8').includes(READY)) {
        await new Promise((resolve) => setTimeout(resolve, 5))
      }
      server.child.kill('SIGHUP')
      expect(await pings(port)).toBe('+PONG\r\n')
      server.child.kill('SIGTERM')
      expect(await server.ended).toBe(0)
      expect(server.output()).toBe('')
      const line = /^\d+:[CM] \d\d [A-Z][a-z][a-z] \d{4} \d\d:\d\d:\d\d\.\d{3} [.*#-] /
      const lines = fs.readFileSync(log, 'utf8').trimEnd().split('\n')
      // Redis writes another form of line from within its signal handler.
      const others = lines.filter((text) => !line.test(text) && !text.includes(':signal-handler '))
      expect(others).toEqual([])
    })

    test('shows its process id in a logo, then that it is initialized', async () => {
      const port = await freePort()
      const server = start(command, ['--port', String(port), '--always-show-logo', 'yes'])
      await server.saw(READY)
      const output = server.output()
      const pid = output.indexOf(` PID: ${server.child.pid}\n`)
      const initialized = output.indexOf('erver initialized')
      expect(pid).toBeGreaterThan(0)
      expect(initialized).toBeGreaterThan(pid)
      expect(output.indexOf(READY)).toBeGreaterThan(initialized)
      server.child.kill('SIGTERM')
      expect(await server.ended).toBe(0)
    })

    test('goes to the background and leaves its pid', async () => {
      const port = await freePort()
      const pidFile = path.join(directory, 'daemon.pid')
      const ended = run(command, [
        '--port',
        String(port),
        '--daemonize',
        'yes',
        '--save',
        '',
        '--pidfile',
        pidFile,
      ])
      expect(ended.status).toBe(0)
      while (!fs.existsSync(pidFile) || fs.readFileSync(pidFile, 'utf8') === '') {
        await new Promise((resolve) => setTimeout(resolve, 5))
      }
      const pid = Number(fs.readFileSync(pidFile, 'utf8'))
      let reply = ''
      while (reply === '') reply = await pings(port).catch(() => '')
      expect(reply).toBe('+PONG\r\n')
      process.kill(pid, 'SIGTERM')
      while (fs.existsSync(pidFile)) await new Promise((resolve) => setTimeout(resolve, 5))
    })
  })
}

// Redis forks first and always exits with 0; see docs/differences.md.
test('a daemon that does not come up fails its start', () => {
  expect(run(redstart, ['--port', '0', '--daemonize', 'yes']).status).toBe(1)
})
