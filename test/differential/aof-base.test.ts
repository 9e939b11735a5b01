/**
 * A base of commands, as a rewrite writes it with `aof-use-rdb-preamble no`: Redis loads it with all
 * that the snapshot was of, and redis-check-aof finds nothing wrong.
 */
import { spawnSync } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { SystemFiles } from '../../src/platform/files.ts'
import { InProcessClient, testServer } from '../support/in-process-client.ts'
import { referenceVersion, startReference } from './support/reference.ts'
import { WireClient } from './support/wire.ts'

const checkProgram = process.env.REDIS_CHECK_AOF ?? 'redis-check-aof'
const FAR_MS = '9000000000000'

let directory: string

beforeEach(() => {
  directory = fs.mkdtempSync(path.join(os.tmpdir(), 'redstart-aof-base-'))
})

afterEach(() => {
  fs.rmSync(directory, { recursive: true, force: true })
})

/** Keys of each type, small and large, with strange bytes, and in two databases. */
function fill(client: InProcessClient): void {
  const members = Array.from({ length: 5000 }, (_, i) => `member ${i}\r\n`)
  for (let i = 0; i < 3000; i++) client.call('SET', `string ${i}`, `\r\n#CRC:${i}`)
  client.call('SET', 'empty', '')
  client.call('SET', 'integer', '-9223372036854775808', 'PXAT', FAR_MS)
  client.call('SET', 'long', 'x'.repeat(2_500_000), 'PXAT', FAR_MS)
  client.call('RPUSH', 'list', ...members)
  client.call('RPUSH', 'small list', '', '1', 'x'.repeat(10_000))
  client.call('SADD', 'set', ...members)
  client.call('SADD', 'integers', '1', '2', '-3')
  client.call('HSET', 'hash', ...members.flatMap((member, i) => [member, String(i)]))
  client.call('HSET', 'small hash', 'a', '', '', 'b')
  client.call('PEXPIREAT', 'small hash', FAR_MS)
  // Scores that the digests of Redis 7.0 and 7.2 write alike.
  client.call('ZADD', 'sorted', ...members.flatMap((member, i) => [String(i / 8), member]))
  client.call('ZADD', 'scores', '-inf', 'a', 'inf', 'b', '-0.5', 'c', '1e20', 'd')
  client.call('SELECT', '7')
  client.call('SET', 'there', 'too')
  client.call('SELECT', '0')
}

describe.skipIf(referenceVersion === undefined)('a base of commands', () => {
  test.each([
    ['with checksums', 'yes'],
    ['without checksums', 'no'],
  ])('%s is what redis-server loads, and valid to redis-check-aof', async (_, checksums) => {
    const server = testServer({
      files: new SystemFiles(),
      debugArena: false,
      config: {
        dir: directory,
        'enable-debug-command': 'yes',
        'aof-use-rdb-preamble': 'no',
        'aof-timestamp-enabled': 'yes',
        'aof-checksums': checksums,
      },
    })
    const client = new InProcessClient(server)
    fill(client)
    server.appendOnly.startNew()
    const digest = client.call('DEBUG', 'DIGEST')
    expect(digest).toMatch(/^\+[0-9a-f]{40}\r\n$/)
    server.appendOnly.log.close()
    const folder = path.join(directory, 'appendonlydir')
    const base = fs.readFileSync(path.join(folder, 'appendonly.aof.1.base.aof'), 'latin1')
    expect(base.startsWith('#CRC:0 0 ')).toBe(checksums === 'yes')
    expect(base).toContain('#TS:')
    // A line for about 64 KB.
    const lines = base.match(/#CRC:\d+ \d+ [0-9a-f]{16}\r\n/g) ?? []
    expect(lines.length > 8).toBe(checksums === 'yes')

    const manifest = path.join(folder, 'appendonly.aof.manifest')
    const checked = spawnSync(checkProgram, [manifest], { encoding: 'utf8' })
    expect(checked.stdout).toMatch(/All AOF files and manifest are valid\n$/)

    const flags = ['--dir', directory, '--appendonly', 'yes', '--enable-debug-command', 'yes']
    const reference = await startReference({ flags })
    try {
      const wire = await WireClient.connect(reference.port)
      expect(Buffer.from(await wire.call('DEBUG', 'DIGEST')).toString('latin1')).toBe(digest)
      wire.close()
    } finally {
      await reference.close()
    }

    const again = testServer({
      files: new SystemFiles(),
      debugArena: false,
      config: {
        dir: directory,
        appendonly: 'yes',
        'aof-checksums': checksums,
        'enable-debug-command': 'yes',
      },
    })
    await again.loading.start()
    expect(new InProcessClient(again).call('DEBUG', 'DIGEST')).toBe(digest)
    again.appendOnly.log.close()
  })
})
