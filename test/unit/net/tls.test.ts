/** TLS: who is let in, what is spoken, what CONFIG SET changes, and how connections end. */
import tls from 'node:tls'
import { afterEach, describe, expect, test } from 'vitest'
import { targetConnector } from '../../../src/net/target-connector.ts'
import { ManualClock } from '../../../src/platform/clock.ts'
import { Cron } from '../../../src/server/cron.ts'
import { freePort } from '../../differential/support/server-process.ts'
import { dhParameters, encryptedKey } from '../../support/certificates.ts'
import { InProcessClient } from '../../support/in-process-client.ts'
import { eventually, RawClient } from './raw-client.ts'
import {
  answersTls,
  authority,
  clientPair,
  connectTls,
  FOREIGN_ADDRESS,
  serverPair,
  serveTls,
  strangerAuthority,
  strangerPair,
  type TlsSetting,
} from './tls-setting.ts'

const settings: TlsSetting[] = []

afterEach(async () => {
  for (const setting of settings.splice(0)) await setting.close()
})

async function serve(...args: Parameters<typeof serveTls>) {
  const setting = await serveTls(...args)
  settings.push(setting)
  return setting
}

const TLS_FAILURE = 'Unable to update TLS configuration. Check server logs.'

describe('clients', () => {
  test('with a certificate of the authority are served', async () => {
    const { server, port } = await serve()
    const client = await connectTls(port)
    const count = 5000
    expect(await client.ask('PING\r\n'.repeat(count), '+PONG\r\n'.repeat(count))).toBe(
      '+PONG\r\n'.repeat(count),
    )
    const [{ transport }] = [...server.sessions.values()]
    expect(transport.remoteAddress).toBe(`127.0.0.1:${client.socket.localPort}`)
    expect(transport.localAddress).toBe(`127.0.0.1:${port}`)
    expect(server.connectionsReceived).toBe(1)
    client.destroy()
  })

  test('without one, with a wrong one, and without TLS are not', async () => {
    const { server, port, log } = await serve()
    expect(await answersTls(port, {})).toBe(false)
    await eventually(() => log.length === 1)
    expect(await answersTls(port, strangerPair)).toBe(false)
    await eventually(() => log.length === 2)
    const plain = await RawClient.connect(port)
    plain.socket.write('PING\r\n')
    await plain.closed()
    expect(plain.received).not.toContain('PONG')
    await eventually(() => log.length === 3)
    const withoutPorts = log.map((line) => line.replace(/addr=127.0.0.1:\d+ laddr=[\d.:]+/, 'addr'))
    const reasons = [
      '0A0000C7:SSL routines::peer did not return a certificate',
      '0A000086:SSL routines::certificate verify failed',
      '0A00010B:SSL routines::wrong version number',
    ]
    expect(withoutPorts).toEqual(
      reasons.map((reason) => `# Error accepting a client connection: error:${reason} (addr)`),
    )
    await eventually(() => server.sessions.size === 0)
    expect(server.connectionsReceived).toBe(0)
  })

  test('need none with tls-auth-clients no, nor with optional, but then no wrong one', async () => {
    const { port, set } = await serve()
    expect(set(['tls-auth-clients', 'no'])).toBeNull()
    expect(await answersTls(port, {})).toBe(true)
    expect(await answersTls(port, strangerPair)).toBe(true)
    expect(set(['tls-auth-clients', 'optional'])).toBeNull()
    expect(await answersTls(port, {})).toBe(true)
    expect(await answersTls(port, clientPair)).toBe(true)
    expect(await answersTls(port, strangerPair)).toBe(false)
    expect(set(['tls-auth-clients', 'yes'])).toBeNull()
    expect(await answersTls(port, {})).toBe(false)
    expect(await answersTls(port, clientPair)).toBe(true)
  })

  test('find the authority in a directory as well', async () => {
    const { port, set, write } = await serve()
    const directory = write('5d30f3c5.0', authority.cert).replace(/\/[^/]*$/, '')
    expect(set(['tls-ca-cert-dir', directory], ['tls-ca-cert-file', ''])).toBeNull()
    expect(await answersTls(port, clientPair)).toBe(true)
    expect(await answersTls(port, strangerPair)).toBe(false)
  })

  test('do not trust a server of another authority', async () => {
    const { port } = await serve({ 'tls-auth-clients': 'no' })
    await expect(connectTls(port, { ca: [] })).rejects.toThrow('certificate')
    await expect(connectTls(port, { ca: strangerAuthority.cert })).rejects.toThrow('certificate')
  })
})

describe('what is spoken', () => {
  const TLS12 = { ...clientPair, maxVersion: 'TLSv1.2' } as const
  const TLS13 = { ...clientPair, minVersion: 'TLSv1.3' } as const

  test('is TLS 1.2 and 1.3, or what tls-protocols says', async () => {
    const { port, set } = await serve()
    expect([await answersTls(port, TLS12), await answersTls(port, TLS13)]).toEqual([true, true])
    expect(set(['tls-protocols', 'TLSv1.2'])).toBeNull()
    expect([await answersTls(port, TLS12), await answersTls(port, TLS13)]).toEqual([true, false])
    expect(set(['tls-protocols', 'TLSv1.3'])).toBeNull()
    expect([await answersTls(port, TLS12), await answersTls(port, TLS13)]).toEqual([false, true])
    expect(set(['tls-protocols', ''])).toBeNull()
    expect([await answersTls(port, TLS12), await answersTls(port, TLS13)]).toEqual([true, true])
  })

  async function cipher(port: number, options: tls.ConnectionOptions): Promise<string> {
    const client = await connectTls(port, options)
    const { name } = client.socket.getCipher()
    client.destroy()
    return name
  }

  test('uses the ciphers and suites that are configured, in the order of who may choose', async () => {
    const { port, set } = await serve()
    const [first, second] = ['ECDHE-ECDSA-AES128-GCM-SHA256', 'ECDHE-ECDSA-AES256-GCM-SHA384']
    const asked = { ...TLS12, ciphers: `${second}:${first}` }
    expect(set(['tls-ciphers', `${first}:${second}`])).toBeNull()
    expect(await cipher(port, asked)).toBe(second)
    expect(set(['tls-prefer-server-ciphers', 'yes'])).toBeNull()
    expect(await cipher(port, asked)).toBe(first)
    expect(set(['tls-ciphers', first])).toBeNull()
    expect(await answersTls(port, { ...TLS12, ciphers: second })).toBe(false)
    expect(set(['tls-ciphersuites', 'TLS_CHACHA20_POLY1305_SHA256'])).toBeNull()
    expect(await cipher(port, TLS13)).toBe('TLS_CHACHA20_POLY1305_SHA256')
  })

  test('is not negotiated anew', async () => {
    const { port } = await serve()
    const client = await connectTls(port, TLS12)
    const outcome = await new Promise<Error | null>((resolve) => {
      client.socket.once('error', resolve)
      client.socket.once('close', () => resolve(new Error('closed')))
      client.socket.renegotiate({}, resolve)
    })
    expect(outcome).toBeInstanceOf(Error)
    client.destroy()
    expect(await answersTls(port)).toBe(true)
  })

  test('knows Diffie-Hellman, with parameters of its own or given ones', async () => {
    const { port, set, write } = await serve()
    const given = write('dh.pem', dhParameters())
    expect(set(['tls-dh-params-file', given])).toBeNull()
    expect(await answersTls(port, clientPair)).toBe(true)
    expect(set(['tls-dh-params-file', ''])).toBeNull()
    expect(await answersTls(port, clientPair)).toBe(true)
  })

  /** Whether a session that was begun with the first options may be resumed by a second client. */
  async function isResumed(port: number, options: tls.ConnectionOptions): Promise<boolean> {
    const first = tls.connect({ port, host: '127.0.0.1', ca: authority.cert, ...options })
    const session = await new Promise<Buffer>((resolve) => {
      first.once('session', resolve)
      first.once('secureConnect', () => first.write('PING\r\n'))
      first.once('data', () => resolve(first.getSession()!))
    })
    first.destroy()
    const second = await connectTls(port, { ...options, session })
    const resumed = second.socket.isSessionReused()
    second.destroy()
    return resumed
  }

  test('sessions may be resumed, unless tls-session-caching forbids it', async () => {
    const { SSL_OP_NO_TICKET } = (await import('node:crypto')).constants
    const withoutTicket = { ...TLS12, secureOptions: SSL_OP_NO_TICKET }
    const { port, set } = await serve()
    for (const options of [TLS13, TLS12, withoutTicket]) {
      expect(await isResumed(port, options)).toBe(true)
    }
    expect(set(['tls-session-caching', 'no'])).toBeNull()
    for (const options of [TLS13, TLS12, withoutTicket]) {
      expect(await isResumed(port, options)).toBe(false)
    }
  })

  test('sessions last for their time, and as many as there may be', async () => {
    const { SSL_OP_NO_TICKET } = (await import('node:crypto')).constants
    const options = { ...TLS12, secureOptions: SSL_OP_NO_TICKET }
    const clock = new ManualClock()
    const { port } = await serve({ 'tls-session-cache-size': '1' }, { clock })
    const sessionOf = async (): Promise<Buffer> => {
      const client = await connectTls(port, options)
      const session = client.socket.getSession()!
      await client.ask('PING\r\n', '+PONG\r\n')
      client.destroy()
      return session
    }
    const resumes = async (session: Buffer): Promise<boolean> => {
      const client = await connectTls(port, { ...options, session })
      const resumed = client.socket.isSessionReused()
      client.destroy()
      return resumed
    }
    const first = await sessionOf()
    expect(await resumes(first)).toBe(true)
    const second = await sessionOf()
    expect(await resumes(second)).toBe(true)
    clock.advance(300_000)
    expect(await resumes(second)).toBe(false)
  })

  test('nothing can be resumed behind a change of who may come in', async () => {
    const { port, set } = await serve({ 'tls-auth-clients': 'no' })
    const stranger = await connectTls(port, { minVersion: 'TLSv1.3' })
    const session = new Promise<Buffer>((resolve) => stranger.socket.once('session', resolve))
    await stranger.ask('PING\r\n', '+PONG\r\n')
    const kept = await session
    expect(await answersTls(port, { minVersion: 'TLSv1.3', session: kept })).toBe(true)
    expect(set(['tls-auth-clients', 'yes'])).toBeNull()
    expect(await answersTls(port, { minVersion: 'TLSv1.3', session: kept })).toBe(false)
    // Who is in stays in.
    expect(await stranger.ask('PING\r\n', '+PONG\r\n')).toBe('+PONG\r\n')
    stranger.destroy()
  })
})

describe('CONFIG SET', () => {
  test('takes up a renewed certificate under the same name', async () => {
    const { port, set, write } = await serve()
    const renewed = authority.issue('renewed')
    const cert = write('server.crt', renewed.cert)
    const key = write('server.key', renewed.key)
    expect(set(['tls-cert-file', cert], ['tls-key-file', key])).toBeNull()
    const client = await connectTls(port)
    expect(client.socket.getPeerCertificate().subject.CN).toBe('renewed')
    client.destroy()
  })

  test('refuses what cannot be used, all of it, and goes on as before', async () => {
    const { port, server, set, write, log } = await serve()
    const other = authority.issue('other')
    const junk = write('junk', 'junk\n')
    const refused: [pairs: [string, string][], line: string][] = [
      [
        [['tls-cert-file', '/no/such/file']],
        'Failed to load certificate: /no/such/file: ' +
          'error:80000002:system library::No such file or directory',
      ],
      [
        [['tls-cert-file', junk]],
        `Failed to load certificate: ${junk}: error:0480006C:PEM routines::no start line`,
      ],
      [
        [
          ['timeout', '7'],
          ['tls-key-file', write('other.key', other.key)],
        ],
        `Failed to load private key: ${write('other.key', other.key)}: ` +
          'error:05800074:x509 certificate routines::key values mismatch',
      ],
      [
        [['tls-ca-cert-file', junk]],
        'Failed to configure CA certificate(s) file/directory: ' +
          'error:05800088:x509 certificate routines::no certificate or crl found',
      ],
      [[['tls-ciphers', 'nonsense']], 'Failed to configure ciphers: nonsense'],
      [[['tls-ciphersuites', 'nonsense']], 'Failed to configure ciphersuites: nonsense'],
      [
        [['tls-protocols', 'SSLv3']],
        'Invalid tls-protocols specified. ' +
          "Use a combination of 'TLSv1', 'TLSv1.1', 'TLSv1.2' and 'TLSv1.3'.",
      ],
      [[['tls-dh-params-file', junk]], `${junk}: failed to read DH params.`],
      [
        [['tls-dh-params-file', '/no/such/file']],
        'Failed to load /no/such/file: No such file or directory',
      ],
      [[['tls-cert-file', '']], 'No tls-cert-file configured!'],
      [[['tls-key-file', '']], 'No tls-key-file configured!'],
      [
        [['tls-ca-cert-file', '']],
        'Either tls-ca-cert-file or tls-ca-cert-dir must be specified when tls-cluster, ' +
          'tls-replication or tls-auth-clients are enabled!',
      ],
      [
        [
          ['tls-client-cert-file', junk],
          ['tls-client-key-file', junk],
        ],
        `Failed to load certificate: ${junk}: error:0480006C:PEM routines::no start line`,
      ],
    ]
    for (const [pairs, line] of refused) {
      const before = pairs.map(([name]) => server.config.print(name))
      log.length = 0
      const directive = pairs.find(([name]) => name.startsWith('tls'))![0]
      expect(set(...pairs)).toBe(
        `ERR CONFIG SET failed (possibly related to argument '${directive}') - ${TLS_FAILURE}`,
      )
      expect(log).toEqual([`# ${line}`])
      expect(pairs.map(([name]) => server.config.print(name))).toEqual(before)
      expect(await answersTls(port)).toBe(true)
    }
  })

  test('reads a key that is behind a password', async () => {
    const { port, set, write } = await serve()
    const key = write('encrypted.key', encryptedKey(serverPair.key, 'secret'))
    expect(set(['tls-key-file', key])).toContain(TLS_FAILURE)
    expect(set(['tls-key-file', key], ['tls-key-file-pass', 'wrong'])).toContain(TLS_FAILURE)
    expect(set(['tls-key-file', key], ['tls-key-file-pass', 'secret'])).toBeNull()
    expect(await answersTls(port)).toBe(true)
  })

  test('moves a port from TLS to plain and back', async () => {
    const { port, set, listeners } = await serve()
    const plain = async () => {
      const client = await RawClient.connect(port)
      return client.ask('PING\r\n', '+PONG\r\n').finally(() => client.destroy())
    }
    expect(listeners.kinds).toEqual(['tls'])
    expect(set(['tls-port', '0'])).toBeNull()
    await expect(plain()).rejects.toThrow()
    expect(set(['port', String(port)])).toBeNull()
    expect(await plain()).toBe('+PONG\r\n')
    expect(set(['tls-port', String(port)])).toContain('Unable to listen on this port.')
    expect(await plain()).toBe('+PONG\r\n')
    expect(set(['port', '0'])).toBeNull()
    expect(set(['tls-port', String(port)])).toBeNull()
    expect(await answersTls(port)).toBe(true)
  })

  test('of a port needs a certificate', async () => {
    const { port, set, log } = await serve({ 'tls-port': '0', 'tls-cert-file': '' })
    log.length = 0
    expect(set(['tls-port', String(port)])).toContain(TLS_FAILURE)
    expect(log).toEqual(['# No tls-cert-file configured!'])
    expect(await answersTls(port)).toBe(false)
  })
})

describe('the start', () => {
  test('fails with what is wrong in the log', async () => {
    const { failure, log } = await serve({ 'tls-key-file': '/no/such/file' })
    expect(failure).toBe('Failed to configure TLS. Check logs for more info.')
    expect(log[0]).toContain('# Failed to load private key: /no/such/file: error:80000002:')
  })

  test('serves plain clients beside TLS', async () => {
    const plainPort = await freePort()
    const { server, listeners, port } = await serve({ port: String(plainPort) })
    expect(listeners.kinds).toEqual(['tcp', 'tls'])
    const plain = await RawClient.connect(plainPort)
    await plain.ask('SET k v\r\n', '+OK\r\n')
    const client = await connectTls(port)
    expect(await client.ask('GET k\r\n', '$1\r\nv\r\n')).toBe('$1\r\nv\r\n')
    expect(server.info(['server']).split('\r\n')).toEqual(
      expect.arrayContaining([
        `tcp_port:${plainPort}`,
        expect.stringMatching(`^listener0:name=tcp,bind=127.0.0.1.*,port=${plainPort}$`),
        expect.stringMatching(`^listener2:name=tls,bind=127.0.0.1.*,port=${port}$`),
      ]),
    )
    plain.destroy()
    client.destroy()
  })

  test('serves TLS alone', async () => {
    const { server, listeners, port } = await serve()
    expect(listeners.kinds).toEqual(['tls'])
    expect(server.info(['server'])).toContain(`tcp_port:${port}\r\n`)
  })
})

describe('a handshake', () => {
  test('that is never finished is dropped in the end', async () => {
    const clock = new ManualClock()
    const { server, port, log } = await serve({}, { clock })
    const cron = new Cron(server)
    const silent = await RawClient.connect(port)
    const slow = await RawClient.connect(port)
    // The beginning of a record of 512 bytes that never come.
    slow.socket.write(Buffer.from('1603010200', 'hex'))
    await eventually(() => server.sessions.size === 2)
    clock.advance(60_000)
    cron.run()
    expect(server.sessions.size).toBe(2)
    clock.advance(1)
    cron.run()
    await Promise.all([silent.closed(), slow.closed()])
    expect(server.sessions.size).toBe(0)
    expect(log).toEqual([])
  })

  test('counts for maxclients before it is over', async () => {
    const { server, port } = await serve({ maxclients: '2' })
    const waiting = [await RawClient.connect(port), await RawClient.connect(port)]
    await eventually(() => server.sessions.size === 2)
    expect(await answersTls(port)).toBe(false)
    expect(server.connectionsRejected).toBe(1)
    for (const client of waiting) client.destroy()
    await eventually(() => server.sessions.size === 0)
    expect(await answersTls(port)).toBe(true)
  })

  test('that breaks off leaves nothing', async () => {
    const { server, port } = await serve()
    for (let i = 0; i < 20; i++) {
      const client = await RawClient.connect(port)
      if (i % 2 === 0) client.socket.write(Buffer.from('1603010200010001fc0303', 'hex'))
      await eventually(() => server.sessions.size === 1)
      if (i % 3 === 0) client.socket.resetAndDestroy()
      else client.destroy()
      await eventually(() => server.sessions.size === 0)
    }
    expect(await answersTls(port)).toBe(true)
  })

  test.skipIf(FOREIGN_ADDRESS.length === 0)('comes before protected mode', async () => {
    const { server, port } = await serve()
    const options = {
      ...clientPair,
      host: FOREIGN_ADDRESS[0],
      checkServerIdentity: () => undefined,
    }
    const client = await connectTls(port, options)
    await client.closed()
    expect(client.received).toMatch(/^-DENIED Redis is running in protected mode/)
    expect([server.connectionsRejected, server.connectionsReceived]).toEqual([1, 0])
  })
})

describe('the end of a connection', () => {
  test('a client that stops sending gets all its replies', async () => {
    const { server, port } = await serve()
    for (let i = 0; i < 20; i++) {
      const client = await connectTls(port, { ...clientPair, allowHalfOpen: true } as object)
      client.socket.end('PING\r\n'.repeat(100))
      await client.closed()
      expect(client.received).toBe('+PONG\r\n'.repeat(100))
    }
    await eventually(() => server.sessions.size === 0)
  })

  test('a slow reader is closed beyond the limit, and no one else', async () => {
    const config = { 'client-output-buffer-limit': 'normal 4mb 0 0' }
    const { server, port, set } = await serve()
    expect(set(['client-output-buffer-limit', config['client-output-buffer-limit']])).toBeNull()
    const client = await connectTls(port)
    client.socket.pause()
    const value = 'x'.repeat(1024 * 1024)
    client.socket.write(`*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$${value.length}\r\n${value}\r\n`)
    client.socket.write('GET k\r\n'.repeat(64))
    await eventually(() => server.outputBufferLimitDisconnections === 1)
    await eventually(() => server.sessions.size === 0)
    expect(await answersTls(port)).toBe(true)
    client.destroy()
  })

  test('idle clients are closed after `timeout`', async () => {
    const clock = new ManualClock()
    const { server, port } = await serve({ timeout: '10' }, { clock })
    const cron = new Cron(server)
    const client = await connectTls(port)
    await client.ask('PING\r\n', '+PONG\r\n')
    clock.advance(11_000)
    cron.run()
    await client.closed()
    await eventually(() => server.sessions.size === 0)
  })

  test('CLIENT KILL and QUIT end it', async () => {
    const { server, port } = await serve()
    const [one, two] = [await connectTls(port), await connectTls(port)]
    await one.ask('CLIENT KILL TYPE normal\r\n', ':1\r\n')
    await two.closed()
    await one.ask('QUIT\r\n', '+OK\r\n')
    await one.closed()
    await eventually(() => server.sessions.size === 0)
  })
})

describe('MIGRATE', () => {
  /** What a server with a key answers that is to go to `port`. */
  async function migrate({ server }: TlsSetting, port: number): Promise<string> {
    server.migrations.connector = targetConnector(server.config)
    const client = new InProcessClient(server)
    client.call('SET', 'k', 'v')
    let reply = client.call('MIGRATE', '127.0.0.1', port, 'k', 0, 3000)
    await eventually(() => {
      reply += client.take()
      return reply !== ''
    })
    await server.migrations.close()
    client.close()
    return reply
  }

  const NOT_CONNECTED = '-IOERR error or timeout connecting to the client\r\n'

  test('speaks TLS with tls-cluster, to a target of the same authority', async () => {
    const source = await serve()
    const target = await serve()
    const there = new InProcessClient(target.server)
    expect(await migrate(source, target.port)).toMatch(/^-IOERR error or timeout/)
    expect(source.set(['tls-cluster', 'yes'])).toBeNull()
    expect(await migrate(source, target.port)).toBe('+OK\r\n')
    expect(there.value('GET', 'k')).toBe('v')
    there.call('FLUSHALL')
    // As whom it comes, another certificate may say.
    const cert = source.write('client.crt', strangerPair.cert)
    const key = source.write('client.key', strangerPair.key)
    const pair = [
      ['tls-client-cert-file', cert],
      ['tls-client-key-file', key],
    ] as [string, string][]
    expect(source.set(...pair)).toBeNull()
    expect(await migrate(source, target.port)).toMatch(/^-IOERR error or timeout/)
    expect(there.value('EXISTS', 'k')).toBe(0)
    there.close()
  })

  test('refuses a target of another authority, and one that is not there', async () => {
    const source = await serve({ 'tls-cluster': 'yes' })
    const target = await serve({ 'tls-auth-clients': 'no' })
    const cert = target.write('stranger.crt', strangerPair.cert)
    const key = target.write('stranger.key', strangerPair.key)
    expect(target.set(['tls-cert-file', cert], ['tls-key-file', key])).toBeNull()
    expect(await migrate(source, target.port)).toBe(NOT_CONNECTED)
    expect(await migrate(source, await freePort())).toBe(NOT_CONNECTED)
    expect(target.server.keyspace.databases[0]!.count).toBe(0)
  })

  test('needs a configuration of TLS for that, also without tls-port', async () => {
    const without = await serve({ 'tls-port': '0', 'tls-cert-file': '' })
    expect(without.set(['tls-cluster', 'yes'])).toContain('Unable to update TLS configuration')
    const failing = await serve({ 'tls-port': '0', 'tls-cert-file': '', 'tls-cluster': 'yes' })
    expect(failing.failure).toBe('Failed to configure TLS. Check logs for more info.')
  })
})
