/**
 * DUMP, RESTORE and whole RDB files, between Redstart and a real Redis of version 7.0, both ways.
 * Payloads differ in their bytes, for the order of hashes and the encodings of small collections;
 * what comes of them must not. Scores are such that 7.0 and 7.2 print them alike in digests.
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { InProcessClient, testServer } from '../support/in-process-client.ts'
import { loadInto, writeKeyspace } from '../support/rdb.ts'
import { latin1Words, SAMPLE_COMMANDS } from '../support/sample-keys.ts'
import { differential } from './support/compare.ts'
import { referenceVersion, startReference } from './support/reference.ts'
import { latin1, parseReply } from './support/reply.ts'
import { WireClient } from './support/wire.ts'

const KEYS = SAMPLE_COMMANDS.map(([, key]) => String(key)).filter(
  (key) => !['0', '9', 'elsewhere'].includes(key),
)
const bytes = (text: string): Uint8Array => Buffer.from(text, 'latin1')

async function fill(client: WireClient): Promise<void> {
  await client.call('FLUSHALL')
  for (const words of SAMPLE_COMMANDS) await client.call(...latin1Words(words))
  await client.call('SELECT', '0')
}

const flags = ['--enable-debug-command', 'yes']

differential('DUMP and RESTORE', { flags }, ({ compare, pair }) => {
  test('errors', () =>
    compare([
      'DUMP',
      'DUMP none',
      'DUMP a b',
      'RESTORE',
      'RESTORE a 0',
      'SET a 1',
      'RESTORE a 0 x',
      'RESTORE b x x',
      'RESTORE b -1 x',
      'RESTORE b 0 x',
      'RESTORE b 0 xxxxxxxxxx',
      'RESTORE b 0 x nonsense',
      'RESTORE b 0 x IDLETIME',
      'RESTORE b 0 x FREQ',
      'RESTORE b 0 x IDLETIME x',
      'RESTORE b 0 x IDLETIME -1',
      'RESTORE b 0 x FREQ 256',
      'RESTORE b 0 x FREQ -1',
      'RESTORE b 0 x FREQ x',
      'RESTORE b 0 x FREQ 1 IDLETIME 1',
      'RESTORE b 0 x IDLETIME 1 FREQ 1',
      'RESTORE b 0 x REPLACE ABSTTL IDLETIME 1 IDLETIME 2',
      'RESTORE a 0 x REPLACE',
      'GET a',
    ]))

  test('payloads of strings are the same, but for the version', async () => {
    const { reference, redstart } = pair()
    const clients = [
      await WireClient.connect(reference.port),
      await WireClient.connect(redstart.port),
    ]
    await clients[1].call('CONFIG', 'SET', 'rdb-version', '10')
    for (const value of ['', '1', '-129', '32768', '2147483648', '12345678901', 'text', '-0']) {
      const payloads = []
      for (const client of clients) {
        await client.call('SET', 'key', value)
        payloads.push(latin1(await client.call('DUMP', 'key')))
      }
      expect(payloads[1]).toBe(payloads[0])
    }
    for (const client of clients) client.close()
  })

  test('a payload of either makes the same value in the other', async () => {
    const { reference, redstart } = pair()
    const theirs = await WireClient.connect(reference.port)
    const ours = await WireClient.connect(redstart.port)
    await ours.call('CONFIG', 'SET', 'rdb-version', '10')
    await fill(theirs)
    await fill(ours)
    for (const [from, to] of [
      [ours, theirs],
      [theirs, ours],
    ]) {
      for (const key of KEYS) {
        const payload = parseReply(await from.call('DUMP', bytes(key))).body
        const digest = latin1(await from.call('DEBUG', 'DIGEST-VALUE', bytes(key)))
        expect(digest).toMatch(/^\*1\r\n/)
        const at = parseReply(await from.call('PEXPIRETIME', bytes(key))).head
        const expiry = Math.max(0, Number(at))
        const options = ['REPLACE', 'ABSTTL']
        const reply = await to.call('RESTORE', 'restored', expiry, payload!, ...options)
        expect(latin1(reply)).toBe('+OK\r\n')
        const restored = latin1(await to.call('DEBUG', 'DIGEST-VALUE', 'restored'))
        expect([key, restored]).toEqual([key, digest])
      }
    }
    theirs.close()
    ours.close()
  })
})

describe.skipIf(referenceVersion === undefined)('a whole file', () => {
  const config = { 'enable-debug-command': 'yes' }
  const directory = mkdtempSync(join(tmpdir(), 'rdb-file-'))
  const path = join(directory, 'ours.rdb')

  test.each([true, false])('of ours is loaded by Redis (compressed: %s)', async (compress) => {
    const server = testServer({ config })
    const client = new InProcessClient(server)
    for (const words of SAMPLE_COMMANDS) client.call(...latin1Words(words))
    writeFileSync(path, writeKeyspace(server.keyspace, 10, compress))
    const check = spawnSync('redis-check-rdb', [path], { encoding: 'utf8' })
    if (check.error === undefined) {
      expect(check.stdout).toContain('RDB looks OK!')
      expect(check.status).toBe(0)
    }
    const flags = ['--dir', directory, '--dbfilename', 'ours.rdb', '--enable-debug-command', 'yes']
    const reference = await startReference({ flags })
    try {
      const theirs = await WireClient.connect(reference.port)
      const digest = latin1(await theirs.call('DEBUG', 'DIGEST'))
      expect(digest).toBe(`+${client.value('DEBUG', 'DIGEST')}\r\n`)
      theirs.close()
    } finally {
      await reference.close()
    }
  })

  test('of Redis is loaded here', async () => {
    const reference = await startReference({ flags: ['--enable-debug-command', 'yes'] })
    try {
      const theirs = await WireClient.connect(reference.port)
      await fill(theirs)
      await theirs.call('SAVE')
      const server = testServer({ config })
      loadInto(server.keyspace, readFileSync(join(reference.directory, 'dump.rdb')))
      const digest = new InProcessClient(server).value('DEBUG', 'DIGEST')
      expect(latin1(await theirs.call('DEBUG', 'DIGEST'))).toBe(`+${digest}\r\n`)
      theirs.close()
    } finally {
      await reference.close()
      rmSync(directory, { recursive: true })
    }
  })
})
