/**
 * A disk that is full, for real: a tmpfs of a few megabytes. Writes answer MISCONF while reads go
 * on; when there is room again they are taken again, without a restart; and what was acknowledged
 * is there after a kill, on the full disk and later.
 */
import fs from 'node:fs'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { WireClient } from '../differential/support/wire.ts'
import { CrashServer, type SyncPolicy, sleep, testsRedis, waitFor } from './support/crash-server.ts'
import { Tmpfs, tmpfsRefusal } from './support/mounts.ts'

const DISK_BYTES = 4 << 20
const BALLAST_BYTES = 3 << 20
const VALUE = 'v'.repeat(1000)
/** How long the server may take to see that the disk is full, or that it is not. */
const NOTICE_MS = 10_000

if (tmpfsRefusal !== '') process.stderr.write(`no full disk: ${tmpfsRefusal}\n`)

let disk: Tmpfs
let server: CrashServer | undefined

const text = (reply: Uint8Array) => Buffer.from(reply).toString('latin1')

/** Under `always` a client is dropped whose write was done and could not be made safe. */
const ENDED = Buffer.from('ended')

/**
 * Writes key after key until the server no longer takes them: it answers an error, holds the
 * reply back, or hangs up. @returns the number of keys that were acknowledged
 */
async function writeUntilFull(wire: WireClient, policy: SyncPolicy): Promise<number> {
  for (let key = 0; key < (DISK_BYTES / VALUE.length) * 2; key++) {
    const answer = wire.call('SET', `key:${key}`, VALUE).catch(() => ENDED)
    const reply = await Promise.race([answer, sleep(1500)])
    if (reply === undefined || (reply === ENDED && policy === 'always')) return key
    if (text(reply) === '+OK\r\n') continue
    expect(text(reply)).toMatch(/^-MISCONF /)
    return key
  }
  throw new Error('the disk does not fill')
}

async function isTaken(wire: WireClient): Promise<boolean> {
  const reply = text(await wire.call('SET', 'probe', 'x'))
  if (reply !== '+OK\r\n') expect(reply).toMatch(/^-MISCONF /)
  return reply === '+OK\r\n'
}

async function expectKeys(wire: WireClient, count: number): Promise<void> {
  for (let key = 0; key < count; key++) {
    expect(text(await wire.call('STRLEN', `key:${key}`)), `key:${key}`).toBe(`:${VALUE.length}\r\n`)
  }
}

function start(policy: SyncPolicy): Promise<CrashServer> {
  return CrashServer.start(disk.directory, policy)
}

beforeEach(() => {
  disk = new Tmpfs(DISK_BYTES)
  disk.mount()
  fs.writeFileSync(path.join(disk.directory, 'ballast'), new Uint8Array(BALLAST_BYTES))
})

afterEach(async () => {
  await server?.kill()
  server = undefined
  disk.close()
})

// Mounting needs root. Redis itself exits under `always` when the disk is full.
const policies = (['always', 'everysec', 'no'] as const).filter(
  (policy) => !testsRedis || policy !== 'always',
)
describe.skipIf(tmpfsRefusal !== '').each(policies)('appendfsync %s', (policy) => {
  test('refuses writes while the disk is full, reads on, and takes them again', async () => {
    server = await start(policy)
    const writer = await server.connect()
    const control = await server.connect()
    const before = await writeUntilFull(writer, policy)
    expect(before).toBeGreaterThan(100)
    expect(await waitFor(async () => !(await isTaken(control)), NOTICE_MS)).toBe(true)
    expect(text(await control.call('STRLEN', 'key:0'))).toBe(`:${VALUE.length}\r\n`)
    expect(await isTaken(control)).toBe(false)
    expect(text(await control.call('INFO', 'persistence'))).toContain('aof_last_write_status:err')

    fs.rmSync(path.join(disk.directory, 'ballast'))
    expect(await waitFor(() => isTaken(control), NOTICE_MS)).toBe(true)
    expect(text(await control.call('INFO', 'persistence'))).toContain('aof_last_write_status:ok')
    await control.call('SET', `key:${before}`, VALUE)
    await control.call('SET', 'last', 'write')
    if (policy !== 'always') await sleep(2000)
    await server.kill()

    server = await start(policy)
    const wire = await server.connect()
    await expectKeys(wire, before + 1)
    expect(text(await wire.call('GET', 'last'))).toBe('$5\r\nwrite\r\n')
  })

  test('starts on a disk that is full, with what it had acknowledged before', async () => {
    server = await start(policy)
    const control = await server.connect()
    const count = await writeUntilFull(await server.connect(), policy)
    await waitFor(async () => !(await isTaken(control)), NOTICE_MS)
    await server.kill()

    server = await start(policy)
    const wire = await server.connect()
    // Without `always` the last one may have been acknowledged before its write was tried.
    await expectKeys(wire, policy === 'always' ? count : count - 10)
    fs.rmSync(path.join(disk.directory, 'ballast'))
    expect(await waitFor(() => isTaken(wire), NOTICE_MS)).toBe(true)
  })
})
