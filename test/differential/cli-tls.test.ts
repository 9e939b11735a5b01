/** `redstart cli` beside redis-cli where the server speaks TLS: what is let in, and what is said. */

import { execFile, spawnSync } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Authority } from '../support/certificates.ts'
import { runClient } from './support/command-line.ts'
import { redstartCommand, startRedstart } from './support/redstart.ts'
import { freePort, type RunningServer } from './support/server-process.ts'

const hasTls = (spawnSync('redis-cli', ['--help'], { encoding: 'utf8' }).stdout ?? '').includes(
  '--cacert',
)

describe.skipIf(!hasTls)('the client over TLS', () => {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'redstart-cli-tls-'))
  const file = (name: string) => path.join(directory, name)
  let server: RunningServer
  let port: string

  beforeAll(async () => {
    const authority = new Authority('Redstart tests')
    const pairs = {
      server: authority.issue('another.example'),
      client: authority.issue('client'),
      stranger: new Authority('Others').issue('client'),
    }
    fs.mkdirSync(file('authorities'))
    fs.writeFileSync(file('ca.crt'), authority.cert)
    fs.writeFileSync(file('authorities/ca.crt'), authority.cert)
    for (const [name, { cert, key }] of Object.entries(pairs)) {
      fs.writeFileSync(file(`${name}.crt`), cert)
      fs.writeFileSync(file(`${name}.key`), key)
    }
    port = String(await freePort())
    const certificate = [
      '--tls-cert-file',
      file('server.crt'),
      '--tls-key-file',
      file('server.key'),
    ]
    const flags = ['--tls-port', port, ...certificate, '--tls-ca-cert-file', file('ca.crt')]
    server = await startRedstart({ flags })
  })

  afterAll(async () => {
    await server?.close()
    fs.rmSync(directory, { recursive: true, force: true })
  })

  const run = (which: 'redis-cli' | 'redstart', argv: string[]) => {
    const named = argv.map((word) => word.replaceAll('DIR', directory).replaceAll('PORT', port))
    return runClient(which, ['--tls', '-p', port, ...named])
  }

  const PAIR = ['--cert', 'DIR/client.crt', '--key', 'DIR/client.key']
  test.each([
    [['--cacert', 'DIR/ca.crt', ...PAIR, 'PING']],
    [['--insecure', ...PAIR, 'PING']],
    [['--cacert', 'DIR/ca.crt', '--sni', 'redis.example', ...PAIR, 'ECHO', 'x']],
    [['--cacert', 'DIR/ca.crt', '--tls-ciphers', 'ECDHE-RSA-AES256-GCM-SHA384', ...PAIR, 'PING']],
    [['--cacert', 'DIR/ca.crt', '--tls-ciphersuites', 'TLS_AES_256_GCM_SHA384', ...PAIR, 'PING']],
    [['--cacert', 'DIR/ca.crt', ...PAIR, '-u', 'rediss://127.0.0.1:PORT/2', 'SET', 'a', 'b']],
  ])('answers %j as redis-cli', async (argv) => {
    const theirs = await run('redis-cli', argv)
    expect(theirs.status).toBe(0)
    expect(await run('redstart', argv)).toEqual(theirs)
  })

  test('looks for authorities in a directory', async () => {
    // redis-cli wants them named by their hashes there.
    const { output } = await run('redstart', ['--cacertdir', 'DIR/authorities', ...PAIR, 'PING'])
    expect(output).toBe('PONG\n')
  })

  test.each([
    [['--cacert', 'DIR/stranger.crt', ...PAIR, 'PING'], /certificate|issuer/],
    [[...PAIR, 'PING'], /certificate|issuer/],
    [['--cacert', 'DIR/ca.crt', 'PING'], /./],
    [['--cacert', 'DIR/none', ...PAIR, 'PING'], /./],
    [['--insecure', '--cert', 'DIR/client.crt', '--key', 'DIR/stranger.key', 'PING'], /./],
    [['--insecure', '--tls-ciphers', 'nonsense', ...PAIR, 'PING'], /./],
  ])('is refused with %j', async (argv, reason) => {
    for (const which of ['redis-cli', 'redstart'] as const) {
      const { output, error, status } = await run(which, argv)
      expect({ output, status }, which).toEqual({ output: '', status: 1 })
      expect(error).toMatch(reason)
    }
  })

  test('has the flags of the benchmark, whose threads use TLS as well', async () => {
    const load = ['-t', 'get', '-n', '100', '-c', '4', '--threads', '2', '--csv']
    const named = [...PAIR, '--cacertdir', 'DIR/authorities', '-p', 'PORT', '--tls'].map((word) =>
      word.replace('DIR', directory).replace('PORT', port),
    )
    const [program, ...first] = [...redstartCommand(), 'benchmark']
    const { stdout } = await promisify(execFile)(program, [...first, ...load, ...named])
    expect(stdout).toMatch(/^"GET",/m)
  })
})
