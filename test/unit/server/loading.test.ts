/** Loading at the start and while the server runs, and what clients are answered meanwhile. */
import { describe, expect, test } from 'vitest'
import { LoadError } from '../../../src/server/loading.ts'
import { DurableServer } from '../../support/durable-server.ts'
import { checkServer, InProcessClient } from '../../support/in-process-client.ts'
import { SimulatedDisk } from '../../support/simulated-disk.ts'

const LOADING = '-LOADING Redis is loading the dataset in memory\r\n'

/** A disk with a dump of so many keys. */
async function diskWithDump(keys: number): Promise<SimulatedDisk> {
  const { client, disk } = await DurableServer.start()
  for (let i = 0; i < keys; i++) client.call('SET', `key:${i}`, `value ${i}`)
  client.call('SAVE')
  return disk
}

/** A server that has begun to load, key by key, and goes on only as rounds pass. */
async function loading(directives = {}): Promise<{ durable: DurableServer; done: Promise<void> }> {
  const disk = await diskWithDump(1000)
  const durable = DurableServer.unloaded(
    {
      'key-load-delay': '1',
      'loading-process-events-interval-bytes': '1024',
      ...directives,
    },
    disk,
  )
  return { durable, done: durable.server.loading.start() }
}

describe('while data is being loaded', () => {
  test('commands that need it are refused, others are not', async () => {
    const { durable, done } = await loading({ 'enable-debug-command': 'yes' })
    const client = new InProcessClient(durable.server)
    for (const words of [
      ['GET', 'key:1'],
      ['SET', 'k', 'v'],
      ['DBSIZE'],
      ['SAVE'],
      ['BGSAVE'],
      ['BGREWRITEAOF'],
    ]) {
      expect(client.call(...words), words.join(' ')).toBe(LOADING)
    }
    expect(client.value('CONFIG', 'GET', 'appendonly')).toEqual(['appendonly', 'no'])
    expect(client.call('LASTSAVE')).toMatch(/^:\d+\r\n$/)
    expect(client.call('MULTI')).toBe('+OK\r\n')
    expect(client.call('SET', 'k', 'v')).toBe(LOADING)
    expect(client.call('EXEC')).toMatch(/^-EXECABORT/)
    await done
    expect(client.value('DBSIZE')).toBe(1000)
    expect(client.call('SET', 'k', 'v')).toBe('+OK\r\n')
    checkServer(durable.server)
  })

  test('INFO says how far it is', async () => {
    const { durable, done } = await loading()
    await durable.round()
    expect(durable.info('loading')).toBe('1')
    expect(Number(durable.info('loading_total_bytes'))).toBeGreaterThan(10_000)
    const loaded = Number(durable.info('loading_loaded_bytes'))
    expect(loaded).toBeGreaterThan(0)
    expect(loaded).toBeLessThan(Number(durable.info('loading_total_bytes')))
    await done
    expect(durable.info('loading')).toBe('0')
    expect(durable.info('loading_total_bytes')).toBeUndefined()
    expect(durable.info('rdb_last_load_keys_loaded')).toBe('1000')
  })

  test('neither save points nor rewrites begin', async () => {
    const { durable, done } = await loading({ save: ['1', '1'] })
    durable.server.dirty = 5
    durable.beat(5000)
    expect(durable.server.snapshots.isActive).toBe(false)
    await done
  })

  test('CONFIG SET appendonly is refused', async () => {
    const { durable, done } = await loading()
    const reply = durable.client.call('CONFIG', 'SET', 'appendonly', 'yes')
    expect(reply).toBe(LOADING)
    await done
  })
})

describe('what is loaded', () => {
  test('nothing where nothing is', async () => {
    const durable = await DurableServer.start()
    expect(durable.client.value('DBSIZE')).toBe(0)
    expect([...durable.disk.contents().keys()]).toEqual([])
  })

  test('keys that have expired are left out, and counted', async () => {
    const durable = await DurableServer.start()
    durable.client.call('SET', 'stays', 'v')
    durable.client.call('SET', 'goes', 'v', 'PX', 1000)
    durable.client.call('SAVE')
    durable.clock.advance(2000)
    const next = await durable.restart()
    expect(next.client.value('KEYS', '*')).toEqual(['stays'])
    expect(next.info('rdb_last_load_keys_expired')).toBe('1')
    expect(next.info('rdb_last_load_keys_loaded')).toBe('1')
  })

  test('keys that expire in the log are gone after it', async () => {
    const durable = await DurableServer.start({ appendonly: 'yes' })
    durable.client.call('SET', 'goes', 'v', 'PX', 1000)
    durable.client.call('SET', 'stays', 'v', 'PX', 100_000)
    durable.clock.advance(2000)
    const next = await durable.restart()
    expect(next.client.value('GET', 'goes')).toBeNull()
    expect(next.client.value('PTTL', 'stays')).toBe(98_000)
  })
})

describe('what is refused', () => {
  test('a dump with a bit flipped, unless checksums do not count', async () => {
    const disk = await diskWithDump(10)
    const bytes = disk.contents().get('/data/dump.rdb')!.slice()
    bytes[bytes.length - 1] ^= 1
    disk.put('/data/dump.rdb', bytes)
    await expect(DurableServer.start({}, disk)).rejects.toThrow(/CRC error/)
    const durable = await DurableServer.start({ rdbchecksum: 'no' }, disk)
    expect(durable.client.value('DBSIZE')).toBe(10)
  })

  test('a dump that cannot be opened', async () => {
    const disk = await diskWithDump(10)
    disk.failNext('open', 'EACCES', '/data/dump.rdb')
    await expect(DurableServer.start({}, disk)).rejects.toThrow(LoadError)
  })

  test('a log that ends in the middle, where aof-load-truncated is no', async () => {
    const durable = await DurableServer.start({ appendonly: 'yes' })
    durable.client.call('SET', 'a', '1')
    durable.client.call('SET', 'b', '2')
    const path = '/data/appendonlydir/appendonly.aof.1.incr.aof'
    const bytes = durable.disk.contents().get(path)!
    durable.disk.put(path, bytes.slice(0, -5))
    await expect(durable.restart({ 'aof-load-truncated': 'no' })).rejects.toThrow(
      /Unexpected end of file reading the append only file/,
    )
    const next = await durable.restart()
    expect(next.client.value('MGET', 'a', 'b')).toEqual(['1', null])
    expect(next.hasLogged('aof-load-truncated')).toBe(true)
  })

  test('a log with an unknown command', async () => {
    const disk = new SimulatedDisk({ directories: ['/data'] })
    disk.put('/data/appendonlydir/a.1.incr.aof', '*1\r\n$4\r\nNONE\r\n')
    disk.put('/data/appendonlydir/a.manifest', 'file a.1.incr.aof seq 1 type i\n')
    const directives = { appendonly: 'yes', appendfilename: 'a' }
    await expect(DurableServer.start(directives, disk)).rejects.toThrow(/Unknown command 'NONE'/)
  })
})

describe('a log that Redis wrote', () => {
  const manifest = 'file a.1.incr.aof seq 1 type i\n'

  function disk(): SimulatedDisk {
    const simulated = new SimulatedDisk({ directories: ['/data'] })
    simulated.put('/data/appendonlydir/a.1.incr.aof', '*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$1\r\nv\r\n')
    simulated.put('/data/appendonlydir/a.manifest', manifest)
    return simulated
  }

  test('is rewritten with checksums', async () => {
    const durable = await DurableServer.start({ appendonly: 'yes', appendfilename: 'a' }, disk())
    expect(durable.client.value('GET', 'k')).toBe('v')
    expect(durable.hasLogged('parts without checksums')).toBe(true)
    durable.beat()
    await durable.idle()
    expect(durable.info('aof_rewrites')).toBe('1')
    expect(durable.disk.text('/data/appendonlydir/a.manifest')).toMatch(/^#CRC:/)
  })

  test('is left as it is where aof-checksums is no', async () => {
    const directives = { appendonly: 'yes', appendfilename: 'a', 'aof-checksums': 'no' } as const
    const durable = await DurableServer.start(directives, disk())
    expect(durable.client.value('GET', 'k')).toBe('v')
    durable.beat()
    expect(durable.info('aof_rewrite_in_progress')).toBe('0')
    expect(durable.disk.text('/data/appendonlydir/a.manifest')).toBe(manifest)
  })
})

describe('DEBUG RELOAD', () => {
  const directives = { 'enable-debug-command': 'yes' } as const

  test('NOSAVE goes back to the last dump, NOFLUSH and MERGE keep what is there', async () => {
    const durable = await DurableServer.start(directives)
    const { client } = durable
    client.call('SET', 'k', 'saved')
    client.call('SAVE')
    client.call('SET', 'k', 'new')
    client.call('SET', 'other', 'v')
    expect(client.call('DEBUG', 'RELOAD', 'NOSAVE', 'NOFLUSH', 'MERGE')).toBe('+OK\r\n')
    expect(client.value('MGET', 'k', 'other')).toEqual(['saved', 'v'])
    expect(client.call('DEBUG', 'RELOAD', 'NOSAVE')).toBe('+OK\r\n')
    expect(client.value('MGET', 'k', 'other')).toEqual(['saved', null])
    checkServer(durable.server)
  })

  test('a dump that is damaged is an error, and the server goes on', async () => {
    const durable = await DurableServer.start(directives)
    const { client, disk } = durable
    client.call('SET', 'k', 'v')
    client.call('SAVE')
    disk.put('/data/dump.rdb', disk.contents().get('/data/dump.rdb')!.slice(0, -3))
    expect(client.call('DEBUG', 'RELOAD', 'NOSAVE')).toBe(
      '-ERR Error trying to load the RDB dump, check server logs.\r\n',
    )
    expect(client.call('SET', 'k', 'w')).toBe('+OK\r\n')
    checkServer(durable.server)
  })

  test('checksums do not count after SET-SKIP-CHECKSUM-VALIDATION', async () => {
    const durable = await DurableServer.start(directives)
    const { client, disk } = durable
    client.call('SET', 'k', 'v')
    client.call('SAVE')
    const bytes = disk.contents().get('/data/dump.rdb')!.slice()
    bytes[bytes.length - 1] ^= 1
    disk.put('/data/dump.rdb', bytes)
    expect(client.call('DEBUG', 'RELOAD', 'NOSAVE')).toMatch(/^-ERR/)
    expect(client.call('DEBUG', 'SET-SKIP-CHECKSUM-VALIDATION', '1')).toBe('+OK\r\n')
    expect(client.call('DEBUG', 'RELOAD', 'NOSAVE')).toBe('+OK\r\n')
    expect(client.value('GET', 'k')).toBe('v')
  })
})
