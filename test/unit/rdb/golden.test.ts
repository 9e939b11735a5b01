/**
 * Files that Redis 7.0.15 has written (scripts/write-golden-files.ts) hold the same as what comes
 * of the same commands here.
 */
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import type { Server } from '../../../src/server/server.ts'
import { checkServer, InProcessClient, testServer } from '../../support/in-process-client.ts'
import { loadInto } from '../../support/rdb.ts'
import {
  latin1Words,
  SAMPLE_COMMANDS,
  type SampleCommand,
  SHORT_SAMPLE_COMMANDS,
} from '../../support/sample-keys.ts'

const GOLDEN = fileURLToPath(new URL('../../golden', import.meta.url))
const config = { 'enable-debug-command': 'yes' }

/** What sums up all keys with their types, contents and expiry times. */
function digestOf(server: Server): unknown {
  return new InProcessClient(server).value('DEBUG', 'DIGEST')
}

function digestAfter(commands: readonly SampleCommand[]): unknown {
  const server = testServer({ config })
  const client = new InProcessClient(server)
  for (const words of commands) client.call(...latin1Words(words))
  return digestOf(server)
}

const read = (name: string): Uint8Array => readFileSync(join(GOLDEN, `${name}.rdb`))

describe('a dump of Redis 7.0', () => {
  for (const [name, commands] of [
    ['types', SAMPLE_COMMANDS],
    ['plain', SHORT_SAMPLE_COMMANDS],
    ['small-encodings', SHORT_SAMPLE_COMMANDS],
    ['large-encodings', SHORT_SAMPLE_COMMANDS],
  ] as const) {
    test(`with ${name} is loaded`, () => {
      const server = testServer({ config })
      const loader = loadInto(server.keyspace, read(name))
      expect(loader.version).toBe(10)
      expect(loader.hasChecksum).toBe(name !== 'plain')
      expect(loader.aux.get('redis-ver')).toBe('7.0.15')
      expect(digestOf(server)).toBe(digestAfter(commands))
      checkServer(server)
    })
  }

  test('tells how much keys are used', () => {
    const server = testServer({ config: { 'maxmemory-policy': 'allkeys-lfu' } })
    loadInto(server.keyspace, read('lfu'))
    expect(new InProcessClient(server).value('OBJECT', 'FREQ', 'key')).toBe(5)
    const other = testServer()
    expect(loadInto(other.keyspace, read('lru')).keysLoaded).toBe(1)
    checkServer(server)
    checkServer(other)
  })

  test('with functions is loaded without them, with a warning', () => {
    const server = testServer()
    const warnings: string[] = []
    const warn = (text: string): void => {
      warnings.push(text)
    }
    const loader = loadInto(server.keyspace, read('functions'), { warn })
    expect([loader.keysLoaded, loader.functionsSkipped, warnings.length]).toEqual([1, 1, 1])
    checkServer(server)
  })

  test('with a stream is refused', () => {
    const server = testServer()
    expect(() => loadInto(server.keyspace, read('stream'))).toThrow('there is a stream')
    checkServer(server)
  })
})

describe('a log of Redis 7.0', () => {
  for (const name of ['log-on-rdb', 'log-on-log']) {
    test(`as ${name} is loaded`, async () => {
      const dir = mkdtempSync(join(tmpdir(), 'golden-'))
      cpSync(join(GOLDEN, name), join(dir, 'appendonlydir'), { recursive: true })
      const server = testServer({ config: { ...config, dir, appendonly: 'yes' } })
      try {
        await server.loading.start()
        const after = [
          ['SELECT', '0'],
          ['SET', 'after', 'the rewrite'],
          ['RPUSH', 'list', 'after'],
          ['DEL', 'raw'],
          ['SET', 'last', 'value'],
        ]
        expect(digestOf(server)).toBe(digestAfter([...SHORT_SAMPLE_COMMANDS, ...after]))
      } finally {
        server.appendOnly.log.close()
        rmSync(dir, { recursive: true })
      }
    })
  }
})
