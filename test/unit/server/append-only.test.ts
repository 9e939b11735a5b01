/** The append only file as the server keeps it, on a simulated disk. */
import { describe, expect, test } from 'vitest'
import { DurableServer } from '../../support/durable-server.ts'
import { checkServer, InProcessClient, testServer } from '../../support/in-process-client.ts'

const ON = { appendonly: 'yes' } as const
const NO_SPACE = '-MISCONF Errors writing to the AOF file: No space left on device\r\n'

function fileNames({ disk }: DurableServer): string[] {
  return [...disk.contents().keys()].map((path) => path.replace('/data/', ''))
}

/** All text of the incremental files, in order. */
function logged({ disk }: DurableServer): string {
  return [...disk.contents().keys()]
    .filter((path) => path.endsWith('.incr.aof'))
    .map((path) => disk.text(path))
    .join('')
}

describe('a log', () => {
  test('begins with a base of what there is, and is loaded again', async () => {
    const durable = await DurableServer.start(ON)
    expect(fileNames(durable)).toEqual([
      'appendonlydir/appendonly.aof.1.base.rdb',
      'appendonlydir/appendonly.aof.1.incr.aof',
      'appendonlydir/appendonly.aof.manifest',
    ])
    durable.client.call('SET', 'k', 'v')
    durable.client.call('SELECT', 3)
    durable.client.call('RPUSH', 'l', 'a', 'b')
    const next = await durable.restart()
    expect(next.client.value('GET', 'k')).toBe('v')
    next.client.call('SELECT', 3)
    expect(next.client.value('LRANGE', 'l', 0, -1)).toEqual(['a', 'b'])
    expect(next.hasLogged('DB loaded from append only file')).toBe(true)
    checkServer(next.server)
  })

  test('what was there of a dump becomes its base when there was no log', async () => {
    const durable = await DurableServer.start()
    durable.client.call('SET', 'k', 'v')
    durable.client.call('SAVE')
    const second = await durable.restart(ON)
    expect(second.client.value('GET', 'k')).toBe('v')
    second.disk.remove('/data/dump.rdb')
    const third = await second.restart(ON)
    expect(third.client.value('GET', 'k')).toBe('v')
  })

  test('with a log, a dump does not count', async () => {
    const durable = await DurableServer.start(ON)
    durable.client.call('SET', 'k', 'old')
    durable.client.call('SAVE')
    durable.client.call('SET', 'k', 'new')
    const next = await durable.restart()
    expect(next.client.value('GET', 'k')).toBe('new')
  })

  test('FLUSHALL is logged, with save points too', async () => {
    const durable = await DurableServer.start({ ...ON, save: ['900', '1'] })
    durable.client.call('SET', 'k', 'v')
    durable.client.call('FLUSHALL')
    const next = await durable.restart()
    expect(next.client.value('DBSIZE')).toBe(0)
  })

  test('appendfsync always: what is answered is safe', async () => {
    const durable = await DurableServer.start({ ...ON, appendfsync: 'always' })
    durable.client.call('SET', 'k', 'safe and sound')
    const safe = durable.disk.safeBytes('/data/appendonlydir/appendonly.aof.1.incr.aof')!
    expect(Buffer.from(safe).toString('latin1')).toContain('safe and sound')
  })

  test('CONFIG SET appendfsync has its effect at once', async () => {
    const durable = await DurableServer.start({ ...ON, appendfsync: 'no' })
    durable.client.call('SET', 'k', 'one')
    const path = '/data/appendonlydir/appendonly.aof.1.incr.aof'
    const safe = () => Buffer.from(durable.disk.safeBytes(path)!).toString('latin1')
    expect(safe()).not.toContain('one')
    durable.client.call('CONFIG', 'SET', 'appendfsync', 'always')
    durable.client.call('SET', 'k', 'two')
    expect(safe()).toContain('one')
    expect(safe()).toContain('two')
  })

  test('aof-timestamp-enabled has its effect at once', async () => {
    const durable = await DurableServer.start(ON)
    durable.client.call('SET', 'k', 'one')
    expect(logged(durable)).not.toContain('#TS:')
    durable.client.call('CONFIG', 'SET', 'aof-timestamp-enabled', 'yes')
    durable.client.call('SET', 'k', 'two')
    expect(logged(durable)).toContain(`#TS:${durable.clock.nowMs / 1000}`)
  })
})

describe('CONFIG SET appendonly', () => {
  test('yes begins a log, with a base of all there is and all that follows', async () => {
    const durable = await DurableServer.start()
    durable.client.call('SET', 'before', '1')
    expect(durable.client.call('CONFIG', 'SET', 'appendonly', 'yes')).toBe('+OK\r\n')
    durable.client.call('SET', 'meanwhile', '2')
    expect(durable.info('aof_rewrite_in_progress')).toBe('1')
    await durable.idle()
    durable.client.call('SET', 'after', '3')
    const next = await durable.restart(ON)
    expect(next.client.value('MGET', 'before', 'meanwhile', 'after')).toEqual(['1', '2', '3'])
  })

  test('no ends it, and leaves its files as they are', async () => {
    const durable = await DurableServer.start(ON)
    durable.client.call('SET', 'logged', '1')
    expect(durable.client.call('CONFIG', 'SET', 'appendonly', 'no')).toBe('+OK\r\n')
    durable.client.call('SET', 'not logged', '2')
    expect(durable.info('aof_enabled')).toBe('0')
    expect(logged(durable)).toContain('logged')
    expect(logged(durable)).not.toContain('not logged')
    const next = await durable.restart(ON)
    expect(next.client.value('MGET', 'logged', 'not logged')).toEqual(['1', null])
  })

  test('no gives up a rewrite, and yes begins another one', async () => {
    const durable = await DurableServer.start(ON)
    durable.client.call('SET', 'a', '1')
    durable.disk.later = 'held'
    durable.client.call('BGREWRITEAOF')
    await durable.round()
    durable.client.call('CONFIG', 'SET', 'appendonly', 'no')
    expect(durable.hasLogged('Killing')).toBe(true)
    expect(durable.info('aof_rewrite_in_progress')).toBe('0')
    durable.client.call('SET', 'b', '2')
    durable.client.call('CONFIG', 'SET', 'appendonly', 'yes')
    durable.client.call('SET', 'c', '3')
    durable.disk.later = 'soon'
    durable.disk.settle()
    durable.beat()
    await durable.idle()
    durable.beat()
    await durable.idle()
    const next = await durable.restart(ON)
    expect(next.client.value('MGET', 'a', 'b', 'c')).toEqual(['1', '2', '3'])
  })

  test('yes while a save is under way waits for its end', async () => {
    const durable = await DurableServer.start()
    durable.client.call('SET', 'a', '1')
    durable.disk.later = 'held'
    durable.client.call('BGSAVE')
    await durable.round()
    expect(durable.client.call('CONFIG', 'SET', 'appendonly', 'yes')).toBe('+OK\r\n')
    expect(durable.info('aof_rewrite_scheduled')).toBe('1')
    durable.client.call('SET', 'b', '2')
    durable.disk.later = 'soon'
    durable.disk.settle()
    await durable.idle()
    durable.beat()
    await durable.idle()
    expect(durable.info('aof_rewrite_scheduled')).toBe('0')
    const next = await durable.restart(ON)
    expect(next.client.value('MGET', 'a', 'b')).toEqual(['1', '2'])
  })

  test('yes that cannot be done is an error, and nothing is logged', async () => {
    const durable = await DurableServer.start()
    durable.disk.failNext('makeDirectory', 'EACCES')
    const reply = durable.client.call('CONFIG', 'SET', 'appendonly', 'yes')
    expect(reply).toBe(
      "-ERR CONFIG SET failed (possibly related to argument 'appendonly') - Unable to turn on " +
        'AOF. Check server logs.\r\n',
    )
    expect(durable.client.value('CONFIG', 'GET', 'appendonly')).toEqual(['appendonly', 'no'])
    expect(durable.client.call('SET', 'k', 'v')).toBe('+OK\r\n')
    expect(durable.client.call('CONFIG', 'SET', 'appendonly', 'yes')).toBe('+OK\r\n')
    await durable.idle()
    const next = await durable.restart(ON)
    expect(next.client.value('GET', 'k')).toBe('v')
  })

  test('dir that has changed counts for the next log', async () => {
    const durable = await DurableServer.start({ ...ON, 'enable-protected-configs': 'yes' })
    durable.disk.makeDirectory('/other')
    durable.client.call('CONFIG', 'SET', 'dir', '/other')
    durable.client.call('SET', 'k', 'v')
    expect(logged(durable)).toContain('$1\r\nk\r\n$1\r\nv\r\n')
    durable.client.call('CONFIG', 'SET', 'appendonly', 'no')
    durable.client.call('CONFIG', 'SET', 'appendonly', 'yes')
    await durable.idle()
    expect(durable.disk.exists('/other/appendonlydir/appendonly.aof.manifest')).toBe(true)
  })
})

describe('BGREWRITEAOF', () => {
  test('takes the place of what was before', async () => {
    const durable = await DurableServer.start(ON)
    for (let i = 0; i < 100; i++) durable.client.call('SET', 'k', i)
    durable.client.call('BGREWRITEAOF')
    durable.client.call('SET', 'meanwhile', 'v')
    await durable.idle()
    await durable.until(() => fileNames(durable).length === 3)
    expect(fileNames(durable)).toEqual([
      'appendonlydir/appendonly.aof.2.base.rdb',
      'appendonlydir/appendonly.aof.2.incr.aof',
      'appendonlydir/appendonly.aof.manifest',
    ])
    const next = await durable.restart()
    expect(next.client.value('MGET', 'k', 'meanwhile')).toEqual(['99', 'v'])
  })

  test('without a log it writes a base alone', async () => {
    const durable = await DurableServer.start()
    durable.client.call('SET', 'k', 'v')
    durable.client.call('BGREWRITEAOF')
    await durable.idle()
    expect(fileNames(durable)).toEqual([
      'appendonlydir/appendonly.aof.1.base.rdb',
      'appendonlydir/appendonly.aof.manifest',
    ])
    const next = await durable.restart(ON)
    expect(next.client.value('GET', 'k')).toBe('v')
  })

  test.each(['write', 'sync', 'rename'] as const)('a %s that fails does no harm', async (kind) => {
    const durable = await DurableServer.start(ON)
    durable.client.call('SET', 'k', 'v')
    durable.disk.failNext(kind, 'EIO', kind === 'rename' ? '' : basePath(durable))
    durable.client.call('BGREWRITEAOF')
    await durable.idle()
    expect(durable.info('aof_last_bgrewrite_status')).toBe('err')
    expect(durable.client.call('SET', 'k', 'new')).toBe('+OK\r\n')
    durable.client.call('BGREWRITEAOF')
    await durable.idle()
    expect(durable.info('aof_last_bgrewrite_status')).toBe('ok')
    const next = await durable.restart()
    expect(next.client.value('GET', 'k')).toBe('new')
  })

  test('growth begins one, by what CONFIG SET says now', async () => {
    const durable = await DurableServer.start({ ...ON, 'auto-aof-rewrite-percentage': '0' })
    durable.client.call('SET', 'k', 'x'.repeat(3000))
    durable.beat()
    expect(durable.info('aof_rewrite_in_progress')).toBe('0')
    durable.client.call('CONFIG', 'SET', 'auto-aof-rewrite-percentage', '100')
    durable.beat()
    expect(durable.info('aof_rewrite_in_progress')).toBe('0')
    durable.client.call('CONFIG', 'SET', 'auto-aof-rewrite-min-size', '1kb')
    durable.beat()
    expect(durable.info('aof_rewrite_in_progress')).toBe('1')
    await durable.idle()
    durable.beat()
    expect(durable.info('aof_rewrites')).toBe('1')
    expect(durable.info('aof_rewrite_in_progress')).toBe('0')
  })

  test('aof-disable-auto-gc keeps history, and ends keeping it at once', async () => {
    const durable = await DurableServer.start({ ...ON, 'aof-disable-auto-gc': 'yes' })
    durable.client.call('BGREWRITEAOF')
    await durable.idle()
    expect(fileNames(durable).length).toBe(5)
    durable.client.call('CONFIG', 'SET', 'aof-disable-auto-gc', 'no')
    await durable.until(() => fileNames(durable).length === 3)
    expect(durable.disk.text('/data/appendonlydir/appendonly.aof.manifest')).not.toContain('type h')
  })

  test('DEBUG LOADAOF and DEBUG RELOAD keep the data, and the log goes on', async () => {
    const durable = await DurableServer.start({ ...ON, 'enable-debug-command': 'yes' })
    durable.client.call('SET', 'k', 'v')
    durable.client.call('HSET', 'h', 'f', 'v')
    const digest = durable.client.value('DEBUG', 'DIGEST')
    expect(durable.client.call('DEBUG', 'LOADAOF')).toBe('+OK\r\n')
    expect(durable.client.value('DEBUG', 'DIGEST')).toBe(digest)
    expect(durable.client.call('DEBUG', 'RELOAD')).toBe('+OK\r\n')
    expect(durable.client.value('DEBUG', 'DIGEST')).toBe(digest)
    durable.client.call('SET', 'after', 'v')
    const next = await durable.restart()
    expect(next.client.value('MGET', 'k', 'after')).toEqual(['v', 'v'])
    checkServer(durable.server)
  })
})

function basePath({ server }: DurableServer): string {
  return server.appendOnly.directory!.temporaryBasePath
}

describe('a disk that is full', () => {
  test.each(['everysec', 'no'])(
    'under %s writes are refused until there is room',
    async (policy) => {
      const durable = await DurableServer.start({ ...ON, appendfsync: policy })
      durable.client.call('SET', 'k', 'v')
      durable.disk.capacityBytes = durable.disk.usedBytes() + 20
      // What has been done already is kept, and logged as soon as that can be.
      durable.client.call('SET', 'kept', 'v')
      expect(durable.client.call('SET', 'k', 'x')).toBe(NO_SPACE)
      expect(durable.client.call('PING')).toBe(NO_SPACE)
      expect(durable.client.value('GET', 'k')).toBe('v')
      expect(durable.info('aof_last_write_status')).toBe('err')
      durable.disk.capacityBytes = Number.POSITIVE_INFINITY
      await durable.until(() => !durable.server.appendOnly.log.isSyncing)
      durable.beat()
      expect(durable.client.call('SET', 'k', 'new')).toBe('+OK\r\n')
      expect(durable.info('aof_last_write_status')).toBe('ok')
      const next = await durable.restart()
      expect(next.client.value('MGET', 'k', 'kept')).toEqual(['new', 'v'])
    },
  )

  test('under always nobody is told that a write is done which is not', async () => {
    const durable = await DurableServer.start({ ...ON, appendfsync: 'always' })
    durable.client.call('SET', 'k', 'v')
    durable.disk.capacityBytes = durable.disk.usedBytes() + 20
    expect(durable.client.call('SET', 'k', 'x')).toBe('')
    expect(durable.client.closed).toBe(true)
  })
})

describe('a sync that fails', () => {
  const path = '/data/appendonlydir/appendonly.aof.1.incr.aof'

  test('under always: nobody is answered, and the process ends', async () => {
    const durable = await DurableServer.start({ ...ON, appendfsync: 'always' })
    durable.disk.failNext('sync', 'EIO', path)
    expect(durable.client.call('SET', 'k', 'v')).toBe('')
    expect(durable.exits).toEqual([1])
    expect(durable.hasLogged("when the AOF fsync policy is 'always'")).toBe(true)
  })

  test('under everysec: writes are refused until a new base has been written', async () => {
    const durable = await DurableServer.start(ON)
    durable.client.call('SET', 'k', 'v')
    durable.disk.failNext('sync', 'EIO', path)
    durable.beat(1000)
    await durable.until(() => durable.server.appendOnly.log.state === 'untrusted')
    durable.server.guard.update()
    expect(durable.client.call('SET', 'k', 'x')).toBe(
      '-MISCONF Errors writing to the AOF file: Input/output error\r\n',
    )
    expect(durable.client.value('GET', 'k')).toBe('v')
    durable.beat()
    await durable.idle()
    expect(durable.exits).toEqual([])
    expect(durable.client.call('SET', 'k', 'new')).toBe('+OK\r\n')
    const next = await durable.restart()
    expect(next.client.value('GET', 'k')).toBe('new')
  })

  test('under no nothing is synced, so nothing fails', async () => {
    const durable = await DurableServer.start({ ...ON, appendfsync: 'no' })
    durable.disk.failNext('sync', 'EIO', path)
    durable.client.call('SET', 'k', 'v')
    durable.beat(5000)
    await durable.round()
    expect(durable.client.call('SET', 'k', 'w')).toBe('+OK\r\n')
  })
})

test('CONFIG SET aof-checksums takes what is set already, and nothing else', () => {
  const client = new InProcessClient(testServer())
  expect(client.value('CONFIG', 'SET', 'aof-checksums', 'yes')).toBe('OK')
  expect(client.call('CONFIG', 'SET', 'aof-checksums', 'no')).toBe(
    "-ERR CONFIG SET failed (possibly related to argument 'aof-checksums') - can be set at the " +
      'start only\r\n',
  )
  expect(client.value('CONFIG', 'GET', 'aof-checksums')).toEqual(['aof-checksums', 'yes'])
})
