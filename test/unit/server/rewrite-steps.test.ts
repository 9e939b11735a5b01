/** What comes in between while the files of a rewrite or a save are put in place off the thread. */
import { describe, expect, test } from 'vitest'
import { DurableServer } from '../../support/durable-server.ts'
import { InProcessClient } from '../../support/in-process-client.ts'

const ON = { appendonly: 'yes', 'enable-debug-command': 'yes' } as const
const REWRITING = '-ERR Background append only file rewriting already in progress\r\n'
const OTHER_CHILD =
  "-ERR Another child process is active (AOF?): can't BGSAVE right now. Use BGSAVE SCHEDULE in " +
  'order to schedule a BGSAVE whenever possible.\r\n'
const STARTED = '+Background append only file rewriting started\r\n'

/** A server whose disk holds up the first wait of a rewrite. */
async function preparing(): Promise<DurableServer> {
  const durable = await DurableServer.start(ON)
  durable.client.call('SET', 'k', '1')
  await durable.round()
  durable.disk.settle()
  durable.disk.later = 'held'
  expect(durable.client.call('BGREWRITEAOF')).toBe(STARTED)
  return durable
}

/** Lets the disk do one thing after the other until a condition holds. */
async function settleUntil(durable: DurableServer, isSo: () => boolean): Promise<void> {
  for (let i = 0; i < 1000 && !isSo(); i++) {
    durable.disk.settle(1)
    await durable.round()
  }
  expect(isSo()).toBe(true)
}

const isOver = ({ server }: DurableServer) => !server.appendOnly.isRewriting

describe('while a rewrite is prepared', () => {
  test('it is under way, and neither another one nor a BGSAVE begins', async () => {
    const durable = await preparing()
    expect(durable.info('aof_rewrite_in_progress')).toBe('1')
    expect(durable.server.snapshots.isActive).toBe(false)
    expect(durable.client.call('BGREWRITEAOF')).toBe(REWRITING)
    expect(durable.client.call('BGSAVE')).toBe(OTHER_CHILD)
    expect(durable.client.call('SAVE')).toBe('+OK\r\n')
    durable.client.call('SET', 'k', '2')
    await settleUntil(durable, () => isOver(durable))
    expect(durable.info('aof_last_bgrewrite_status')).toBe('ok')
    durable.disk.later = 'soon'
    const next = await durable.restart()
    expect(next.client.value('GET', 'k')).toBe('2')
  })

  test('DEBUG LOADAOF is refused, and keeps the data', async () => {
    const durable = await preparing()
    expect(durable.client.call('DEBUG', 'LOADAOF')).toMatch(/^-ERR The files of a rewrite/)
    expect(durable.client.value('GET', 'k')).toBe('1')
    await settleUntil(durable, () => isOver(durable))
    durable.disk.later = 'soon'
    expect(durable.client.call('DEBUG', 'LOADAOF')).toBe('+OK\r\n')
    expect(durable.client.value('GET', 'k')).toBe('1')
  })

  test('a log that is turned off and on again begins anew', async () => {
    const durable = await preparing()
    durable.client.call('CONFIG', 'SET', 'appendonly', 'no')
    expect(durable.info('aof_rewrite_in_progress')).toBe('0')
    expect(durable.client.call('CONFIG', 'SET', 'appendonly', 'yes')).toBe('+OK\r\n')
    expect(durable.info('aof_rewrite_scheduled')).toBe('1')
    await settleUntil(durable, () => !durable.server.appendOnly.isChangingFiles)
    durable.beat()
    durable.client.call('SET', 'k', '3')
    await settleUntil(durable, () => isOver(durable))
    durable.client.call('SET', 'l', '4')
    durable.disk.later = 'soon'
    const next = await durable.restart()
    expect(next.client.value('MGET', 'k', 'l')).toEqual(['3', '4'])
  })

  test('writers wait for the last sync before it begins, and nobody else', async () => {
    const durable = await preparing()
    const { appendOnly } = durable.server
    await settleUntil(durable, () => {
      if (!appendOnly.holdsWriters) durable.client.call('SET', 'k', '2')
      return appendOnly.holdsWriters
    })
    expect(durable.client.call('SET', 'k', '3')).toBe('')
    const reader = new InProcessClient(durable.server)
    expect(reader.value('GET', 'k')).toBe('2')
    const { journal } = durable.disk
    const before = journal.length
    durable.disk.settle(1)
    const file = 'appendonly.aof.1.incr.aof'
    const uses = journal.slice(before).filter(({ path }) => path.endsWith(file))
    expect(uses.map(({ kind }) => kind)).toEqual(['sync', 'close'])
    expect(durable.client.take()).toBe('+OK\r\n')
    await settleUntil(durable, () => isOver(durable))
    durable.disk.later = 'soon'
    const next = await durable.restart()
    expect(next.client.value('GET', 'k')).toBe('3')
  })

  test('who waits is served when the rewrite is given up', async () => {
    const durable = await preparing()
    const { appendOnly } = durable.server
    await settleUntil(durable, () => {
      if (!appendOnly.holdsWriters) durable.client.call('SET', 'k', '2')
      return appendOnly.holdsWriters
    })
    expect(durable.client.call('SET', 'k', '3')).toBe('')
    new InProcessClient(durable.server).call('CONFIG', 'SET', 'appendonly', 'no')
    await durable.round()
    expect(durable.client.take()).toBe('+OK\r\n')
    await settleUntil(durable, () => durable.disk.pendingCount === 0)
    expect(durable.server.appendOnly.holdsWriters).toBe(false)
  })

  test('what fails is a failed rewrite, and the log goes on', async () => {
    const durable = await preparing()
    durable.disk.failNext('rename', 'EIO')
    await settleUntil(durable, () => isOver(durable))
    expect(durable.info('aof_last_bgrewrite_status')).toBe('err')
    expect(durable.hasLogged("Can't write the AOF manifest")).toBe(true)
    expect(durable.client.call('SET', 'k', '2')).toBe('+OK\r\n')
    durable.client.call('BGREWRITEAOF')
    await settleUntil(durable, () => isOver(durable))
    expect(durable.info('aof_last_bgrewrite_status')).toBe('ok')
    durable.disk.later = 'soon'
    const next = await durable.restart()
    expect(next.client.value('GET', 'k')).toBe('2')
  })
})

describe('while the files of a rewrite are put in place', () => {
  test('a log that is turned off is whole, and on again begins anew', async () => {
    const durable = await preparing()
    await settleUntil(durable, () => durable.server.snapshots.isActive)
    await settleUntil(durable, () => !durable.server.snapshots.isActive)
    expect(isOver(durable)).toBe(false)
    durable.client.call('CONFIG', 'SET', 'appendonly', 'no')
    durable.client.call('SET', 'k', 'not logged')
    expect(durable.client.call('CONFIG', 'SET', 'appendonly', 'yes')).toBe('+OK\r\n')
    await settleUntil(durable, () => isOver(durable))
    expect(durable.info('aof_rewrites')).toBe('1')
    durable.beat()
    await settleUntil(durable, () => isOver(durable))
    expect(durable.info('aof_rewrites')).toBe('2')
    durable.disk.later = 'soon'
    const next = await durable.restart()
    expect(next.client.value('GET', 'k')).toBe('not logged')
  })
})

describe('while a dump gets its name', () => {
  test.each([0, 1])('SAVE overtakes it, after %s of its waits', async (waits) => {
    const durable = await DurableServer.start({ 'enable-debug-command': 'yes' })
    durable.client.call('SET', 'k', 'old')
    durable.disk.later = 'held'
    durable.client.call('BGSAVE')
    await settleUntil(durable, () => !durable.server.snapshots.isActive)
    expect(durable.client.call('SAVE')).toBe('-ERR Background save already in progress\r\n')
    durable.disk.settle(waits)
    durable.client.call('SET', 'k', 'new')
    expect(durable.client.call('DEBUG', 'RELOAD')).toBe('+OK\r\n')
    expect(durable.client.value('GET', 'k')).toBe('new')
    expect(durable.info('rdb_changes_since_last_save')).toBe('0')
    await settleUntil(durable, () => durable.disk.pendingCount === 0)
    expect(durable.info('rdb_changes_since_last_save')).toBe('0')
    expect([...durable.disk.contents().keys()]).toEqual(['/data/dump.rdb'])
    durable.disk.later = 'soon'
    const next = await durable.restart()
    expect(next.client.value('GET', 'k')).toBe('new')
  })

  test('success is told when the directory is synced', async () => {
    const durable = await DurableServer.start()
    durable.client.call('SET', 'k', 'v')
    durable.disk.later = 'held'
    durable.client.call('BGSAVE')
    await settleUntil(durable, () => durable.disk.exists('/data/dump.rdb'))
    expect(durable.info('rdb_bgsave_in_progress')).toBe('1')
    expect(durable.hasLogged('DB saved on disk')).toBe(false)
    durable.disk.settle(1)
    expect(durable.info('rdb_bgsave_in_progress')).toBe('0')
    expect(durable.hasLogged('DB saved on disk')).toBe(true)
    expect(durable.disk.safeBytes('/data/dump.rdb')).toBeDefined()
  })
})
