/** Writers that wait for a log that is behind, and those that are refused, on a simulated disk. */
import { describe, expect, test } from 'vitest'
import { DurableServer } from '../../support/durable-server.ts'
import { InProcessClient } from '../../support/in-process-client.ts'

/** A server under everysec whose disk has held up a sync for more than two seconds. */
async function behind(): Promise<DurableServer> {
  const durable = await DurableServer.start({ appendonly: 'yes' })
  durable.disk.later = 'held'
  durable.client.call('SET', 'k', 'v')
  for (let i = 0; i < 21; i++) durable.beat()
  return durable
}

describe('a log that is two seconds behind', () => {
  test('writers wait until the disk has caught up, readers do not', async () => {
    const durable = await behind()
    const reader = new InProcessClient(durable.server)
    const writer = new InProcessClient(durable.server)
    expect(Number(durable.info('aof_oldest_unsynced_ms'))).toBeGreaterThanOrEqual(2000)
    expect(writer.call('SET', 'k', 'new')).toBe('')
    expect(reader.value('GET', 'k')).toBe('v')
    expect(reader.call('PING')).toBe('+PONG\r\n')
    durable.disk.later = 'soon'
    durable.disk.settle()
    durable.beat()
    expect(writer.take()).toBe('+OK\r\n')
    expect(reader.value('GET', 'k')).toBe('new')
    expect(durable.info('aof_delayed_fsync')).toBe('1')
  })

  test('what a writer sends behind waits too, in order', async () => {
    const durable = await behind()
    const writer = new InProcessClient(durable.server)
    writer.send('*2\r\n$4\r\nINCR\r\n$1\r\nn\r\n*2\r\n$3\r\nGET\r\n$1\r\nn\r\n')
    expect(writer.take()).toBe('')
    durable.disk.later = 'soon'
    durable.disk.settle()
    durable.beat()
    expect(writer.take()).toBe(':1\r\n$1\r\n1\r\n')
  })

  test('a writer may leave meanwhile', async () => {
    const durable = await behind()
    const writer = new InProcessClient(durable.server)
    writer.send('*2\r\n$4\r\nINCR\r\n$1\r\nn\r\n')
    writer.close()
    durable.disk.later = 'soon'
    durable.disk.settle()
    durable.beat()
    expect(durable.client.value('EXISTS', 'n')).toBe(0)
  })

  test('CONFIG SET appendfsync no lets writers go on', async () => {
    const durable = await behind()
    const writer = new InProcessClient(durable.server)
    expect(writer.call('SET', 'k', 'new')).toBe('')
    expect(durable.client.call('CONFIG', 'SET', 'appendfsync', 'no')).toBe('+OK\r\n')
    durable.beat()
    expect(writer.take()).toBe('+OK\r\n')
  })

  test('no-appendfsync-on-rewrite syncs nothing during a rewrite, and nobody waits', async () => {
    const durable = await DurableServer.start({ appendonly: 'yes' })
    durable.client.call('CONFIG', 'SET', 'no-appendfsync-on-rewrite', 'yes')
    durable.client.call('SET', 'k', 'v')
    await durable.until(() => !durable.server.appendOnly.log.isSyncing)
    durable.client.call('BGREWRITEAOF')
    await durable.until(() => durable.server.snapshots.isActive || rewritten(durable))
    if (rewritten(durable)) return
    durable.disk.later = 'held'
    durable.client.call('SET', 'k', 'w')
    durable.beat(5000)
    expect(durable.client.call('SET', 'k', 'x')).toBe('+OK\r\n')
  })
})

function rewritten({ server }: DurableServer): boolean {
  return server.appendOnly.rewrites > 0
}

describe('refusals of both kinds at once', () => {
  test('the failed save is told first, and each ends by itself', async () => {
    const durable = await DurableServer.start({ appendonly: 'yes', save: ['3600', '1'] })
    durable.client.call('SET', 'k', 'v')
    durable.disk.failNext('sync', 'EIO', `/data/temp-${process.pid}.rdb`)
    durable.client.call('BGSAVE')
    await durable.idle()
    expect(durable.client.call('SET', 'k', 'x')).toMatch(/^-MISCONF Redis is configured to save/)
    durable.client.call('CONFIG', 'SET', 'stop-writes-on-bgsave-error', 'no')
    durable.disk.capacityBytes = durable.disk.usedBytes() + 10
    durable.client.call('SET', 'k', 'kept')
    expect(durable.client.call('SET', 'k', 'y')).toMatch(/^-MISCONF Errors writing to the AOF/)
    durable.client.call('CONFIG', 'SET', 'stop-writes-on-bgsave-error', 'yes')
    expect(durable.client.call('SET', 'k', 'y')).toMatch(/^-MISCONF Redis is configured to save/)
    durable.disk.capacityBytes = Number.POSITIVE_INFINITY
    await durable.until(() => !durable.server.appendOnly.log.isSyncing)
    durable.beat()
    expect(durable.client.call('SAVE')).toBe('+OK\r\n')
    expect(durable.client.call('SET', 'k', 'z')).toBe('+OK\r\n')
  })

  test('a transaction that writes is refused as a whole', async () => {
    const durable = await DurableServer.start({ save: ['3600', '1'] })
    const { client } = durable
    client.call('SET', 'k', 'v')
    client.call('MULTI')
    expect(client.call('SET', 'k', 'x')).toBe('+QUEUED\r\n')
    const other = new InProcessClient(durable.server)
    durable.disk.failNext('sync', 'EIO')
    other.call('BGSAVE')
    await durable.idle()
    expect(client.call('EXEC')).toMatch(/^-EXECABORT Transaction discarded because of: MISCONF/)
    expect(client.value('GET', 'k')).toBe('v')
  })
})
