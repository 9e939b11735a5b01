/**
 * Who may connect and what they may do, beside a real redis-server: protected mode, `maxclients`,
 * `rename-command`, guarded commands and directives, and the limit of open files.
 */
import { spawn, spawnSync } from 'node:child_process'
import fs from 'node:fs'
import net from 'node:net'
import os from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { eventually } from '../unit/net/raw-client.ts'
import { differential } from './support/compare.ts'
import { redstartCommand, startRedstart } from './support/redstart.ts'
import { referenceVersion, startReference } from './support/reference.ts'
import { freePort, type RunningServer } from './support/server-process.ts'

/** An address of this machine that is not that of the loopback interface. */
const FOREIGN = Object.values(os.networkInterfaces())
  .flatMap((addresses) => addresses ?? [])
  .find(({ family, internal }) => family === 'IPv4' && !internal)?.address

/** What a new connection is told when it sends `request`, until it ends or `isEnough`. */
function told(
  { port }: RunningServer,
  host: string,
  request: string,
  isEnough = (text: string) => text.endsWith('\r\n'),
): Promise<{ text: string; socket: net.Socket }> {
  return new Promise((resolve) => {
    let text = ''
    const socket = net.connect(port, host, () => socket.write(request))
    const finish = () => resolve({ text, socket })
    socket.setEncoding('latin1').on('data', (more: string) => {
      text += more
      if (isEnough(text)) finish()
    })
    socket.on('error', finish)
    socket.on('close', finish)
  })
}

function fieldsOf(info: string, names: readonly string[]): string[] {
  return info.split('\r\n').filter((line) => names.includes(line.split(':')[0]!))
}

describe.skipIf(referenceVersion === undefined)('connections', () => {
  let servers: RunningServer[]

  beforeAll(async () => {
    const flags = ['--maxclients', '3']
    servers = [await startReference({ flags }), await startRedstart({ flags })]
  })

  afterAll(async () => {
    for (const server of servers) await server.close()
  })

  test.skipIf(FOREIGN === undefined)('of others are told of protected mode', async () => {
    const texts: string[] = []
    for (const server of servers) {
      const { text, socket } = await told(server, FOREIGN!, '')
      // The words of 7.2, where 7.0 has a slip.
      texts.push(text.replace('Setup a an', 'Set up an'))
      socket.destroy()
    }
    expect(texts[0]).toMatch(/^-DENIED/)
    expect(texts[1]).toBe(texts[0])
  })

  test.skipIf(FOREIGN === undefined)(
    'are let in with a password, or without the mode',
    async () => {
      for (const server of servers) {
        const { socket: admin } = await told(server, '127.0.0.1', 'CONFIG SET requirepass x\r\n')
        const first = await told(server, FOREIGN!, 'PING\r\n')
        expect(first.text).toBe('-NOAUTH Authentication required.\r\n')
        first.socket.destroy()
        admin.write('AUTH x\r\nCONFIG SET requirepass "" protected-mode no\r\n')
        await new Promise((resolve) => admin.once('data', resolve))
        const second = await told(server, FOREIGN!, 'PING\r\n')
        expect(second.text).toBe('+PONG\r\n')
        second.socket.destroy()
        admin.destroy()
      }
    },
  )

  test('beyond maxclients are refused and counted', async () => {
    const outcomes: unknown[] = []
    for (const server of servers) {
      const first = await told(server, '127.0.0.1', 'CONFIG RESETSTAT\r\n')
      // Those of the tests before may be about to end.
      const clients = () => told(server, '127.0.0.1', 'INFO clients\r\n')
      for (let waiting = true; waiting; ) {
        const { text, socket } = await clients()
        socket.destroy()
        waiting = !text.includes('connected_clients:2\r\n')
      }
      const second = await told(server, '127.0.0.1', 'CONFIG RESETSTAT\r\n')
      const third = await told(server, '127.0.0.1', 'PING\r\n')
      const fourth = await told(server, '127.0.0.1', '')
      let info = ''
      third.socket.on('data', (text: string) => {
        info += text
      })
      third.socket.write('INFO clients\r\nINFO stats\r\n')
      await eventually(() => info.includes('total_error_replies'))
      const names = ['connected_clients', 'maxclients', 'rejected_connections']
      outcomes.push([fourth.text, fieldsOf(info, names)])
      for (const { socket } of [first, second, third, fourth]) socket.destroy()
    }
    expect(outcomes[1]).toEqual(outcomes[0])
  })
})

const RENAMED = [
  ...['--rename-command', 'get', 'fetch', '--rename-command', 'SET', ''],
  ...['--rename-command', 'config', 'cfg', '--rename-command', 'debug', ''],
]

differential('renamed commands', { flags: RENAMED }, ({ compare }) => {
  test('are known by their new names alone', () =>
    compare([
      ...['GET a', 'FETCH a', 'fetch', 'SET a 1', 'DEBUG JMAP', 'CONFIG GET maxclients'],
      ...['CFG GET maxclients', 'CFG NOSUCH', 'CFG', 'COMMAND GETKEYS GET a', 'LASTSAVE x'],
      ...['COMMAND GETKEYS FETCH a', 'COMMAND INFO get set', 'COMMAND INFO fetch'],
      ...['COMMAND LIST FILTERBY PATTERN fetch', 'COMMAND LIST FILTERBY PATTERN cfg*'],
    ]))

  test('are the old ones to users and in transactions', () =>
    compare([
      ...['ACL SETUSER bob on nopass ~* +get', 'ACL SETUSER bob +fetch'],
      ...['ACL DRYRUN bob fetch a', 'ACL DRYRUN bob GET a'],
      ...['MULTI', 'FETCH a', 'EXEC', 'MULTI', 'GET a', 'EXEC', 'ACL DELUSER bob'],
    ]))
})

differential('guarded commands and directives', {}, ({ compare }) => {
  test('are refused', () =>
    compare([
      ...['DEBUG JMAP', 'DEBUG OBJECT a', 'CONFIG SET dir /', 'CONFIG SET dbfilename x'],
      ...[
        'CONFIG SET timeout 1 dir /',
        'CONFIG GET timeout',
        'CONFIG SET enable-debug-command yes',
      ],
      ...['CONFIG SET enable-protected-configs yes', 'CONFIG SET enable-module-command yes'],
      ...['CONFIG SET unixsocket /tmp/x', 'CONFIG SET aclfile x', 'CONFIG SET daemonize yes'],
    ]))
})

const LOCAL = ['--enable-protected-configs', 'local', '--enable-debug-command', 'local']

differential('guarded ones for this machine', { flags: LOCAL }, ({ compare }) => {
  test('are allowed', () =>
    compare([
      ...['DEBUG SLEEP 0', 'CONFIG SET dbfilename x.rdb', 'CONFIG GET dbfilename'],
      ...['CONFIG SET dbfilename a/b', 'CONFIG SET dir /no/such/directory'],
    ]))
})

describe.skipIf(process.platform !== 'linux')('the limit of open files', () => {
  test('lowers maxclients, and the log says so', async () => {
    const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'redstart-limit-'))
    const seen: string[][] = []
    const commands = [[process.env.REDIS_SERVER ?? 'redis-server'], redstartCommand()]
    for (const command of referenceVersion === undefined ? commands.slice(1) : commands) {
      const all = [...command, '--port', String(await freePort()), '--save', '']
      const child = spawn('sh', ['-c', 'ulimit -n 200 && exec "$@"', 'sh', ...all], {
        cwd: directory,
      })
      let log = ''
      child.stdout.setEncoding('utf8').on('data', (text: string) => {
        log += text
      })
      await eventually(() => log.includes('Ready to accept connections'))
      const ended = new Promise((resolve) => child.once('close', resolve))
      child.kill()
      await ended
      const lines = log.split('\n').map((line) => line.replace(/^\S+ \S+ \S+ \S+ \S+ # /, ''))
      seen.push(lines.filter((line) => /maxclients/.test(line)))
    }
    fs.rmSync(directory, { recursive: true })
    expect(seen.at(-1)).toHaveLength(2)
    // A process with the right to do so raises its limit: Redis does, and Node cannot.
    if (seen[0]!.length > 0) expect(seen.at(-1)).toEqual(seen[0])
  })

  test('that leaves nothing for clients ends the start', () => {
    const all = [...redstartCommand(), '--port', '0', '--unixsocket', '/tmp/none']
    const { status, stdout } = spawnSync('sh', ['-c', 'ulimit -n 30 && exec "$@"', 'sh', ...all], {
      encoding: 'utf8',
    })
    if (!stdout.includes('Redstart is starting')) return
    expect([status, stdout]).toEqual([1, expect.stringContaining("Your current 'ulimit -n' of 30")])
  })
})
