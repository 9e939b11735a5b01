/**
 * TLS beside a real redis-server: what CONFIG SET answers to settings that cannot be used, what the
 * log says of them and of clients that are refused, exit codes at the start, and redis-cli.
 */
import { spawnSync } from 'node:child_process'
import fs from 'node:fs'
import net from 'node:net'
import os from 'node:os'
import path from 'node:path'
import tls from 'node:tls'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Authority, dhParameters, encryptedKey } from '../support/certificates.ts'
import { eventually } from '../unit/net/raw-client.ts'
import { redstartCommand, startRedstart } from './support/redstart.ts'
import { referenceVersion, startReference } from './support/reference.ts'
import { freePort, type RunningServer } from './support/server-process.ts'

const authority = new Authority('Redstart tests')
const server = authority.issue('localhost')
const client = authority.issue('client')
const stranger = new Authority('Others').issue('client')

let directory: string
const file = (name: string): string => path.join(directory, name)

function hasTls(): boolean {
  if (referenceVersion === undefined) return false
  const { stdout } = spawnSync('redis-cli', ['--help'], { encoding: 'utf8' })
  return (stdout ?? '').includes('--cacert')
}

interface Side {
  running: RunningServer
  port: number
  plain: Plain
}

/** A connection without TLS, for commands. */
class Plain {
  private readonly socket: net.Socket
  private received = ''
  constructor(port: number) {
    this.socket = net.connect(port, '127.0.0.1')
    this.socket.setEncoding('latin1').on('data', (text: string) => {
      this.received += text
    })
  }

  async ask(line: string): Promise<string> {
    this.received = ''
    this.socket.write(`${line}\r\n`)
    await eventually(() => this.received.endsWith('\r\n'))
    return this.received
  }

  close(): void {
    this.socket.destroy()
  }
}

describe.skipIf(!hasTls())('TLS', () => {
  let sides: Side[]

  beforeAll(async () => {
    directory = fs.mkdtempSync(path.join(os.tmpdir(), 'redstart-tls-'))
    const files = {
      'ca.crt': authority.cert,
      'server.crt': server.cert,
      'server.key': server.key,
      'client.crt': client.cert,
      'client.key': client.key,
      'other.key': stranger.key,
      'other.crt': stranger.cert,
      'encrypted.key': encryptedKey(server.key, 'secret'),
      'dh.pem': dhParameters(),
      junk: 'junk\n',
    }
    for (const [name, text] of Object.entries(files)) fs.writeFileSync(file(name), text)
    sides = []
    for (const start of [startReference, startRedstart]) {
      const port = await freePort()
      const running = await start({ flags: ['--tls-port', String(port), ...tlsFlags()] })
      sides.push({ running, port, plain: new Plain(running.port) })
    }
  })

  afterAll(async () => {
    for (const { plain, running } of sides) {
      plain.close()
      await running.close()
    }
    fs.rmSync(directory, { recursive: true })
  })

  function tlsFlags(): string[] {
    return [
      ...['--tls-cert-file', file('server.crt'), '--tls-key-file', file('server.key')],
      ...['--tls-ca-cert-file', file('ca.crt')],
    ]
  }

  /** The lines of a log from a place on, that are of TLS. */
  function linesOf({ running }: Side, from: number): string[] {
    return (
      running
        .log()
        .slice(from)
        .split('\n')
        .map((line) => line.replace(/^\S+ \S+ \S+ \S+ \S+ # /, ''))
        .filter((line) => /tls|SSL|Failed to (load|configure)|failed to read|accepting/i.test(line))
        .filter((line) => !line.startsWith('Failed applying new configuration'))
        // Redis 7.0 names a descriptor where 7.2 has addresses.
        .map((line) => line.replace(/ \((?:conn: fd|addr)=.*\)$/, ''))
    )
  }

  test.each([
    'tls-cert-file /no/such/file',
    'tls-cert-file DIR/junk',
    'tls-cert-file ""',
    'tls-key-file DIR/junk',
    'tls-key-file DIR/other.key',
    'tls-key-file ""',
    'tls-key-file DIR/encrypted.key tls-key-file-pass secret',
    'tls-key-file DIR/encrypted.key tls-key-file-pass wrong',
    'tls-key-file DIR/server.key',
    'tls-ca-cert-file DIR/junk',
    'tls-ca-cert-file /no/such/file',
    'tls-ca-cert-file "" tls-auth-clients yes',
    'tls-ciphers nonsense',
    'tls-ciphers DEFAULT',
    'tls-ciphersuites nonsense',
    'tls-protocols SSLv3',
    'tls-protocols "TLSv1.2 tlsv1.3"',
    'tls-dh-params-file DIR/junk',
    'tls-dh-params-file /no/such/file',
    'tls-dh-params-file DIR/dh.pem',
    'tls-client-cert-file DIR/client.crt tls-client-key-file DIR/other.key',
    'tls-client-cert-file DIR/client.crt tls-client-key-file DIR/client.key',
    'tls-auth-clients perhaps',
    'tls-session-cache-size -1',
    'tls-session-caching perhaps',
    'timeout 10 tls-protocols nonsense maxclients 100',
  ])('CONFIG SET %s', async (line) => {
    const outcomes: unknown[] = []
    for (const side of sides) {
      const from = side.running.log().length
      const reply = await side.plain.ask(`CONFIG SET ${line.replaceAll('DIR', directory)}`)
      // A read-only round trip behind it: the log has reached this process.
      await side.plain.ask('PING')
      if (reply.includes('Check server logs')) {
        await eventually(() => linesOf(side, from).length > 0)
      }
      const values: string[] = []
      for (const name of line.match(/tls-[a-z-]+(?= )|timeout|maxclients/g) ?? []) {
        values.push(await side.plain.ask(`CONFIG GET ${name}`))
      }
      outcomes.push({ reply, values, log: linesOf(side, from) })
    }
    const [reference, ours] = outcomes.map((outcome) =>
      // The very port differs; and which step of decrypting a key failed.
      JSON.stringify(outcome).replace(
        /error:\w+:[\w ]+::(bad decrypt|interrupted or cancelled)/,
        '',
      ),
    )
    expect(ours).toBe(reference)
  })

  test.each([
    ['a client without a certificate', {}],
    ['a certificate of a stranger', { cert: stranger.cert, key: stranger.key }],
    ['a client that does not trust the server', { ca: stranger.cert, ...client }],
  ])('the log says of %s', async (_, options) => {
    const logs: string[][] = []
    for (const side of sides) {
      const from = side.running.log().length
      const socket = tls.connect({ port: side.port, ca: authority.cert, ...options })
      socket.on('error', () => {})
      socket.resume()
      await eventually(() => linesOf(side, from).length > 0)
      socket.destroy()
      logs.push(linesOf(side, from))
    }
    expect(logs[1]).toEqual(logs[0])
  })

  test.each([
    ['plain text', 'PING\r\n', false],
    ['an early end', '', true],
  ])('the log says of %s', async (_, text, ends) => {
    const logs: string[][] = []
    for (const side of sides) {
      const from = side.running.log().length
      const socket = net.connect(side.port, '127.0.0.1')
      socket.on('error', () => {})
      socket.resume()
      if (ends) socket.end(text)
      else socket.write(text)
      await eventually(() => linesOf(side, from).length > 0)
      socket.destroy()
      logs.push(linesOf(side, from))
    }
    expect(logs[1]).toEqual(logs[0])
  })

  test('redis-cli', async () => {
    const { CLI = 'redis-cli' } = process.env
    const cli = (side: Side, ...args: string[]) =>
      spawnSync(CLI, ['--tls', '-p', String(side.port), '--cacert', file('ca.crt'), ...args], {
        encoding: 'utf8',
      })
    const pair = ['--cert', file('client.crt'), '--key', file('client.key')]
    for (const side of sides) {
      expect(cli(side, ...pair, 'set', 'k', 'v').stdout).toBe('OK\n')
      expect(cli(side, ...pair, 'get', 'k').stdout).toBe('v\n')
      expect(cli(side, 'ping').stdout).not.toContain('PONG')
      const wrong = ['--cacert', file('other.crt')]
      expect(cli(side, ...wrong, ...pair, 'ping').stderr).toContain('certificate verify failed')
    }
  })

  test('a start that cannot be ends with 1', async () => {
    const port = String(await freePort())
    const commands = [[process.env.REDIS_SERVER ?? 'redis-server'], redstartCommand()]
    const bad = [
      ['--tls-cert-file', file('junk')],
      ['--tls-key-file', file('other.key')],
    ]
    for (const flags of bad) {
      const [reference, ours] = commands.map(([program, ...first]) => {
        const all = ['--port', '0', '--tls-port', port, ...tlsFlags(), ...flags]
        const { status, stdout } = spawnSync(program, [...first, ...all, '--save', ''], {
          cwd: directory,
          encoding: 'utf8',
        })
        const lines = stdout.split('\n').map((line) => line.replace(/^\S+ \S+ \S+ \S+ \S+ # /, ''))
        return { status, lines: lines.filter((line) => line.startsWith('Failed to')) }
      })
      expect(reference.status).toBe(1)
      expect(ours).toEqual(reference)
    }
  })
})
