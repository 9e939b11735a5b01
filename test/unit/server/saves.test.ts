/** SAVE, BGSAVE, LASTSAVE and save points, on a simulated disk. */
import { describe, expect, test } from 'vitest'
import { DurableServer } from '../../support/durable-server.ts'
import { checkServer, InProcessClient } from '../../support/in-process-client.ts'

const SAVING = '-ERR Background save already in progress\r\n'
const REWRITING = '-ERR Background append only file rewriting already in progress\r\n'
const OTHER =
  "-ERR Another child process is active (AOF?): can't BGSAVE right now. Use BGSAVE SCHEDULE in " +
  'order to schedule a BGSAVE whenever possible.\r\n'
const STARTED = '+Background saving started\r\n'

/** A server with a BGSAVE under way that the disk holds up. */
async function saving(): Promise<DurableServer> {
  const durable = await DurableServer.start()
  durable.client.call('SET', 'k', 'v')
  durable.disk.later = 'held'
  expect(durable.client.call('BGSAVE')).toBe(STARTED)
  await durable.round()
  return durable
}

/** The disk goes on, and all that is under way ends. */
async function release(durable: DurableServer): Promise<void> {
  durable.disk.later = 'soon'
  durable.disk.settle()
  await durable.idle()
}

describe('SAVE', () => {
  test('writes a file that another server loads', async () => {
    const durable = await DurableServer.start()
    durable.client.call('SET', 'k', 'v')
    durable.client.call('RPUSH', 'l', 'a', 'b')
    durable.clock.advance(5000)
    expect(durable.info('rdb_changes_since_last_save')).toBe('3')
    expect(durable.client.call('SAVE')).toBe('+OK\r\n')
    expect(durable.info('rdb_changes_since_last_save')).toBe('0')
    const nowSeconds = durable.clock.nowMs / 1000
    expect(durable.client.value('LASTSAVE')).toBe(nowSeconds)
    expect([...durable.disk.contents().keys()]).toEqual(['/data/dump.rdb'])

    const next = await durable.restart()
    expect(next.client.value('GET', 'k')).toBe('v')
    expect(next.client.value('LRANGE', 'l', 0, -1)).toEqual(['a', 'b'])
    expect(next.info('rdb_last_load_keys_loaded')).toBe('2')
    checkServer(next.server)
  })

  test('a dump is safe when SAVE has answered', async () => {
    const durable = await DurableServer.start()
    durable.client.call('SET', 'k', 'v')
    durable.client.call('SAVE')
    const safe = durable.disk.safeBytes('/data/dump.rdb')
    expect(safe).toEqual(durable.disk.contents().get('/data/dump.rdb'))
  })

  test.each([
    ['open', 'EACCES'],
    ['write', 'ENOSPC'],
    ['sync', 'EIO'],
    ['rename', 'EACCES'],
  ] as const)('when the %s fails: an error, and the old dump stays', async (kind, code) => {
    const durable = await DurableServer.start()
    durable.client.call('SET', 'k', 'old')
    durable.client.call('SAVE')
    durable.client.call('SET', 'k', 'new')
    durable.disk.failNext(kind, code)
    expect(durable.client.call('SAVE')).toBe('-ERR\r\n')
    expect([...durable.disk.contents().keys()]).toEqual(['/data/dump.rdb'])
    expect(durable.info('rdb_changes_since_last_save')).toBe('1')
    const next = await durable.restart()
    expect(next.client.value('GET', 'k')).toBe('old')
  })

  test('is refused while a BGSAVE is under way', async () => {
    const durable = await saving()
    expect(durable.client.call('SAVE')).toBe(SAVING)
    expect(durable.client.call('BGSAVE')).toBe(SAVING)
    expect(durable.client.call('BGSAVE', 'SCHEDULE')).toBe(SAVING)
    await release(durable)
    expect(durable.client.call('SAVE')).toBe('+OK\r\n')
  })

  test('follows dbfilename and dir at once', async () => {
    const durable = await DurableServer.start({ 'enable-protected-configs': 'yes' })
    durable.disk.makeDirectory('/other')
    durable.client.call('SET', 'k', 'v')
    const set = durable.client.call('CONFIG', 'SET', 'dbfilename', 'x.rdb', 'dir', '/other')
    expect(set).toBe('+OK\r\n')
    expect(durable.client.call('SAVE')).toBe('+OK\r\n')
    expect([...durable.disk.contents().keys()]).toEqual(['/other/x.rdb'])
  })

  test('rdbcompression has its effect at once', async () => {
    const durable = await DurableServer.start()
    durable.client.call('SET', 'k', 'x'.repeat(10_000))
    durable.client.call('SAVE')
    const compressed = durable.disk.contents().get('/data/dump.rdb')!.length
    durable.client.call('CONFIG', 'SET', 'rdbcompression', 'no')
    durable.client.call('SAVE')
    expect(compressed).toBeLessThan(1000)
    expect(durable.disk.contents().get('/data/dump.rdb')!.length).toBeGreaterThan(10_000)
  })
})

describe('BGSAVE', () => {
  test('saves what was there when it began', async () => {
    const durable = await DurableServer.start()
    durable.client.call('SET', 'k', 'old')
    durable.client.call('SET', 'gone', 'still here')
    expect(durable.client.call('BGSAVE')).toBe(STARTED)
    durable.client.call('SET', 'k', 'new')
    durable.client.call('SET', 'later', 'v')
    durable.client.call('DEL', 'gone')
    expect(durable.info('rdb_bgsave_in_progress')).toBe('1')
    await durable.idle()
    expect(durable.info('rdb_bgsave_in_progress')).toBe('0')
    expect(durable.info('rdb_last_bgsave_status')).toBe('ok')
    expect(durable.info('rdb_changes_since_last_save')).toBe('3')
    expect(durable.hasLogged('Background saving terminated with success')).toBe(true)

    const next = await durable.restart()
    expect(next.client.value('MGET', 'k', 'gone', 'later')).toEqual(['old', 'still here', null])
  })

  test('while a rewrite is under way it is refused, or put off', async () => {
    const durable = await DurableServer.start()
    durable.client.call('SET', 'k', 'v')
    durable.disk.later = 'held'
    const rewriting = '+Background append only file rewriting started\r\n'
    expect(durable.client.call('BGREWRITEAOF')).toBe(rewriting)
    for (let i = 0; i < 20 && !durable.server.snapshots.isActive; i++) {
      durable.disk.settle()
      await durable.round()
    }
    expect(durable.client.call('BGREWRITEAOF')).toBe(REWRITING)
    expect(durable.client.call('BGSAVE')).toBe(OTHER)
    expect(durable.client.call('BGSAVE', 'SCHEDULE')).toBe('+Background saving scheduled\r\n')
    expect(durable.info('rdb_bgsave_in_progress')).toBe('0')
    await release(durable)
    durable.beat()
    expect(durable.info('rdb_bgsave_in_progress')).toBe('1')
    await durable.idle()
    expect(durable.info('rdb_saves')).toBe('1')
    expect(durable.info('aof_rewrites')).toBe('1')
  })

  test('a rewrite that is asked for meanwhile follows', async () => {
    const durable = await saving()
    const scheduled = '+Background append only file rewriting scheduled\r\n'
    expect(durable.client.call('BGREWRITEAOF')).toBe(scheduled)
    expect(durable.info('aof_rewrite_scheduled')).toBe('1')
    expect(durable.info('aof_rewrite_in_progress')).toBe('0')
    await release(durable)
    durable.beat()
    await durable.idle()
    expect(durable.info('aof_rewrite_scheduled')).toBe('0')
    expect(durable.info('aof_rewrites')).toBe('1')
  })

  test('arguments', async () => {
    const { client } = await DurableServer.start()
    expect(client.call('BGSAVE', 'NOW')).toBe('-ERR syntax error\r\n')
    expect(client.call('BGSAVE', 'SCHEDULE', 'x')).toBe('-ERR syntax error\r\n')
    expect(client.call('SAVE', 'x')).toBe("-ERR wrong number of arguments for 'save' command\r\n")
    expect(client.call('BGREWRITEAOF', 'x')).toBe(
      "-ERR wrong number of arguments for 'bgrewriteaof' command\r\n",
    )
    expect(client.call('LASTSAVE', 'x')).toBe(
      "-ERR wrong number of arguments for 'lastsave' command\r\n",
    )
  })

  test('in a transaction both are put off until it is over', async () => {
    const durable = await DurableServer.start()
    const { client } = durable
    client.call('MULTI')
    client.call('BGSAVE')
    client.call('BGREWRITEAOF')
    expect(client.value('EXEC')).toEqual([
      'Background saving scheduled',
      'Background append only file rewriting scheduled',
    ])
    durable.beat()
    await durable.idle()
    durable.beat()
    await durable.idle()
    expect([durable.info('rdb_saves'), durable.info('aof_rewrites')]).toEqual(['1', '1'])
  })

  test('one that cannot even begin', async () => {
    const durable = await DurableServer.start()
    durable.disk.failNext('open', 'EACCES')
    expect(durable.client.call('BGSAVE')).toBe('-ERR\r\n')
    expect(durable.info('rdb_last_bgsave_status')).toBe('err')
  })

  test('FLUSHALL ends it, and its file is gone', async () => {
    const durable = await saving()
    durable.client.call('FLUSHALL')
    expect(durable.info('rdb_bgsave_in_progress')).toBe('0')
    await release(durable)
    expect([...durable.disk.contents().keys()]).toEqual([])
    expect(durable.info('rdb_last_bgsave_status')).toBe('ok')
    expect(durable.info('rdb_changes_since_last_save')).toBe('2')
    checkServer(durable.server)
  })

  test('with save points FLUSHALL saves the empty data set in its place', async () => {
    const durable = await saving()
    durable.client.call('CONFIG', 'SET', 'save', '900 1')
    durable.client.call('FLUSHALL')
    expect(durable.info('rdb_changes_since_last_save')).toBe('0')
    await release(durable)
    expect([...durable.disk.contents().keys()]).toEqual(['/data/dump.rdb'])
    const next = await durable.restart()
    expect(next.client.value('DBSIZE')).toBe(0)
  })

  test('large values that change meanwhile are as they were', async () => {
    const durable = await DurableServer.start()
    const members = Array.from({ length: 3000 }, (_, i) => `member ${i}`)
    durable.client.call('SADD', 'set', ...members)
    durable.client.call('BGSAVE')
    const other = new InProcessClient(durable.server)
    other.send('*3\r\n$4\r\nSREM\r\n$3\r\nset\r\n$8\r\nmember 7\r\n')
    await durable.idle()
    expect(other.take()).toBe(':1\r\n')
    const next = await durable.restart()
    expect(next.client.value('SCARD', 'set')).toBe(3000)
    checkServer(next.server)
  })
})

describe('save points', () => {
  test('a save begins when enough has changed for long enough', async () => {
    const durable = await DurableServer.start({ save: ['60', '3', '300', '1'] })
    durable.client.call('MSET', 'a', '1', 'b', '2', 'c', '3')
    durable.beat(60_000)
    expect(durable.info('rdb_bgsave_in_progress')).toBe('0')
    durable.beat(1000)
    expect(durable.info('rdb_bgsave_in_progress')).toBe('1')
    expect(durable.hasLogged('3 changes in 60 seconds. Saving...')).toBe(true)
    await durable.idle()
    durable.client.call('SET', 'd', '4')
    durable.beat(61_000)
    expect(durable.info('rdb_bgsave_in_progress')).toBe('0')
    durable.beat(240_000)
    await durable.idle()
    expect(durable.info('rdb_saves')).toBe('2')
  })

  test('CONFIG SET save has its effect at once', async () => {
    const durable = await DurableServer.start()
    durable.client.call('SET', 'k', 'v')
    durable.beat(1_000_000)
    expect(durable.info('rdb_bgsave_in_progress')).toBe('0')
    durable.client.call('CONFIG', 'SET', 'save', '10 1')
    durable.beat()
    expect(durable.info('rdb_bgsave_in_progress')).toBe('1')
    await durable.idle()
  })

  test('after a failure the next try is five seconds later', async () => {
    const durable = await DurableServer.start({ save: ['1', '1'] })
    durable.client.call('SET', 'k', 'v')
    durable.disk.failNext('sync', 'EIO')
    durable.beat(2000)
    await durable.idle()
    expect(durable.info('rdb_last_bgsave_status')).toBe('err')
    durable.beat(4900)
    expect(durable.info('rdb_bgsave_in_progress')).toBe('0')
    durable.beat(200)
    expect(durable.info('rdb_bgsave_in_progress')).toBe('1')
    await durable.idle()
    expect(durable.info('rdb_last_bgsave_status')).toBe('ok')
  })
})

describe('MISCONF after a failed save', () => {
  const MISCONF =
    "-MISCONF Redis is configured to save RDB snapshots, but it's currently unable to persist to " +
    'disk. Commands that may modify the data set are disabled, because this instance is ' +
    'configured to report errors during writes if RDB snapshotting fails ' +
    '(stop-writes-on-bgsave-error option). Please check the Redis logs for details about the RDB ' +
    'error.\r\n'

  async function failed(): Promise<DurableServer> {
    const durable = await DurableServer.start({ save: ['3600', '1'] })
    durable.client.call('SET', 'k', 'v')
    durable.disk.failNext('sync', 'EIO')
    durable.client.call('BGSAVE')
    await durable.idle()
    return durable
  }

  test('writes and PING are refused, reads are not', async () => {
    const { client } = await failed()
    expect(client.call('SET', 'k', 'x')).toBe(MISCONF)
    expect(client.call('PING')).toBe(MISCONF)
    expect(client.value('GET', 'k')).toBe('v')
    expect(client.call('CONFIG', 'GET', 'save')).toContain('3600 1')
  })

  test('a save that succeeds ends it', async () => {
    const durable = await failed()
    durable.client.call('BGSAVE')
    await durable.idle()
    expect(durable.client.call('SET', 'k', 'x')).toBe('+OK\r\n')
  })

  test('so does SAVE', async () => {
    const { client } = await failed()
    expect(client.call('SAVE')).toBe('+OK\r\n')
    expect(client.call('SET', 'k', 'x')).toBe('+OK\r\n')
  })

  test.each([
    ['stop-writes-on-bgsave-error', 'no'],
    ['save', ''],
  ])('CONFIG SET %s ends it at once', async (name, value) => {
    const { client } = await failed()
    expect(client.call('CONFIG', 'SET', name, value)).toBe('+OK\r\n')
    expect(client.call('SET', 'k', 'x')).toBe('+OK\r\n')
  })

  test('CONFIG SET stop-writes-on-bgsave-error yes brings it back at once', async () => {
    const durable = await failed()
    durable.client.call('CONFIG', 'SET', 'stop-writes-on-bgsave-error', 'no')
    durable.beat()
    durable.client.call('CONFIG', 'SET', 'stop-writes-on-bgsave-error', 'yes')
    expect(durable.client.call('SET', 'k', 'x')).toBe(MISCONF)
  })
})
