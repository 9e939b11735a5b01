/** What has to wait for the snapshot under way: changes of large values, EXEC, and room for more. */
import { describe, expect, test } from 'vitest'
import { DurableServer } from '../../support/durable-server.ts'
import { checkServer, InProcessClient } from '../../support/in-process-client.ts'

const MEMBERS = Array.from({ length: 3000 }, (_, i) => `member ${i}`)
const BEGUN = '+Background saving started\r\n'

describe('EXEC', () => {
  test('waits as a whole for a large value that it changes', async () => {
    const durable = await DurableServer.start()
    const { client, server } = durable
    client.call('SADD', 'set', ...MEMBERS)
    client.call('SET', 'first', '1')
    const other = new InProcessClient(server)
    other.call('MULTI')
    for (const request of ['SET first 2', 'SREM set member', 'SCARD set', 'SET last 1']) {
      expect(other.call(...request.split(' '))).toBe('+QUEUED\r\n')
    }
    expect(client.call('BGSAVE')).toBe(BEGUN)
    other.send('*1\r\n$4\r\nEXEC\r\n')
    expect(other.take()).toBe('')
    expect(other.session.isHeld).toBe(true)
    // Not even what stands before the large value has been done.
    expect(client.value('GET', 'first')).toBe('1')
    expect(client.value('EXISTS', 'last')).toBe(0)
    await durable.idle()
    expect(other.takeValues()).toEqual([['OK', 0, 3000, 'OK']])
    expect(client.value('GET', 'first')).toBe('2')
    const next = await durable.restart()
    expect(next.client.value('GET', 'first')).toBe('1')
    expect(next.client.value('SCARD', 'set')).toBe(3000)
    checkServer(next.server)
  })

  test('waits in the database that it selects on its way', async () => {
    const durable = await DurableServer.start()
    const { client, server } = durable
    client.call('SELECT', 2)
    client.call('SADD', 'set', ...MEMBERS)
    const other = new InProcessClient(server)
    for (const request of ['MULTI', 'SELECT 2', 'SADD set more', 'SELECT 0', 'DBSIZE']) {
      other.call(...request.split(' '))
    }
    client.call('BGSAVE')
    other.send('*1\r\n$4\r\nEXEC\r\n')
    expect(other.take()).toBe('')
    await durable.idle()
    expect(other.takeValues()).toEqual([['OK', 1, 'OK', 0]])
  })

  test('that only reads does not wait, nor one that is over because of a watched key', async () => {
    const durable = await DurableServer.start()
    const { client, server } = durable
    client.call('SADD', 'set', ...MEMBERS)
    client.call('BGSAVE')
    const reader = new InProcessClient(server)
    reader.call('MULTI')
    reader.call('SCARD', 'set')
    expect(reader.value('EXEC')).toEqual([3000])
    await durable.idle()
    checkServer(server)
  })

  test('is refused as a whole when the log cannot be written, and goes on afterwards', async () => {
    const durable = await DurableServer.start({ appendonly: 'yes' })
    const { client, disk } = durable
    client.call('SET', 'k', 'v')
    client.call('MULTI')
    client.call('SET', 'k', 'x')
    client.call('SET', 'l', 'x')
    const other = new InProcessClient(durable.server)
    disk.capacityBytes = disk.usedBytes() + 10
    other.call('SET', 'm', 'y')
    expect(client.call('EXEC')).toMatch(
      /^-EXECABORT Transaction discarded because of: MISCONF Errors writing to the AOF file: /,
    )
    expect(client.value('GET', 'k')).toBe('v')
    expect(client.value('EXISTS', 'l')).toBe(0)
    // What is queued now is refused already, and EXEC says no more than that.
    client.call('MULTI')
    expect(client.call('SET', 'k', 'x')).toMatch(/^-MISCONF Errors writing to the AOF file: /)
    expect(client.call('EXEC')).toBe(
      '-EXECABORT Transaction discarded because of previous errors.\r\n',
    )
    client.call('MULTI')
    client.call('GET', 'k')
    expect(client.value('EXEC')).toEqual(['v'])
    disk.capacityBytes = Number.POSITIVE_INFINITY
    durable.beat()
    await durable.until(() => !durable.server.appendOnly.log.isSyncing)
    durable.beat()
    client.call('MULTI')
    client.call('SET', 'k', 'x')
    expect(client.value('EXEC')).toEqual(['OK'])
  })
})

describe('a command that needs memory', () => {
  test('waits until the only value that could be evicted has been written', async () => {
    const durable = await DurableServer.start({ 'maxmemory-policy': 'allkeys-lru' })
    const { client, server } = durable
    client.call('SADD', 'set', ...MEMBERS)
    client.call('BGSAVE')
    client.call('CONFIG', 'SET', 'maxmemory', server.usedMemoryBytes - 1)
    const other = new InProcessClient(server)
    other.send('*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$1\r\nv\r\n*2\r\n$3\r\nGET\r\n$1\r\nk\r\n')
    const queuing = new InProcessClient(server)
    queuing.call('MULTI')
    queuing.send('*3\r\n$3\r\nSET\r\n$1\r\nq\r\n$1\r\nv\r\n')
    expect(other.take() + queuing.take()).toBe('')
    // Nobody has to wait who needs none.
    expect(client.value('SCARD', 'set')).toBe(3000)
    await durable.idle()
    expect(other.takeValues()).toEqual(['OK', 'v'])
    expect(queuing.takeValues()).toEqual(['QUEUED'])
    expect(client.value('EXISTS', 'set')).toBe(0)
    client.call('CONFIG', 'SET', 'maxmemory', 0)
    const next = await durable.restart()
    expect(next.client.value('SCARD', 'set')).toBe(3000)
    checkServer(next.server)
  })

  test('is refused at once when nothing could be evicted in any case', async () => {
    const durable = await DurableServer.start({ 'maxmemory-policy': 'volatile-lru' })
    const { client, server } = durable
    client.call('SADD', 'set', ...MEMBERS)
    client.call('BGSAVE')
    client.call('CONFIG', 'SET', 'maxmemory', 1)
    expect(client.call('SET', 'k', 'v')).toMatch(/^-OOM /)
    await durable.idle()
    client.call('CONFIG', 'SET', 'maxmemory', 0)
    checkServer(server)
  })

  test('may be given up while it waits', async () => {
    const durable = await DurableServer.start({ 'maxmemory-policy': 'allkeys-lru' })
    const { client, server } = durable
    client.call('SADD', 'set', ...MEMBERS)
    client.call('BGSAVE')
    client.call('CONFIG', 'SET', 'maxmemory', server.usedMemoryBytes - 1)
    const other = new InProcessClient(server)
    other.send('*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$1\r\nv\r\n')
    other.close()
    await durable.idle()
    expect(client.value('EXISTS', 'k')).toBe(0)
    client.call('CONFIG', 'SET', 'maxmemory', 0)
    checkServer(server)
  })
})

describe('a snapshot that is given up', () => {
  test('lets those go on that waited, after the turn in which it was', async () => {
    const durable = await DurableServer.start()
    const { client, server } = durable
    client.call('SADD', 'set', ...MEMBERS)
    const adding = new InProcessClient(server)
    const queuing = new InProcessClient(server)
    for (const request of ['MULTI', 'SREM set member', 'SCARD set', 'PING']) {
      queuing.call(...request.split(' '))
    }
    client.call('BGSAVE')
    adding.send('*3\r\n$4\r\nSADD\r\n$3\r\nset\r\n$1\r\na\r\n*1\r\n$4\r\nPING\r\n')
    queuing.send('*1\r\n$4\r\nEXEC\r\n')
    for (const request of ['MULTI', 'SET k v', 'FLUSHALL', 'DBSIZE', 'SET l v', 'DBSIZE']) {
      client.call(...request.split(' '))
    }
    expect(client.value('EXEC')).toEqual(['OK', 'OK', 0, 'OK', 1])
    expect(adding.take() + queuing.take()).toBe('')
    await durable.round()
    expect(adding.takeValues()).toEqual([1, 'PONG'])
    expect(queuing.takeValues()).toEqual([[0, 1, 'PONG']])
    expect(client.value('DBSIZE')).toBe(2)
    await durable.idle()
    checkServer(server)
  })

  test('because the disk is full lets go on who waited for room', async () => {
    const durable = await DurableServer.start({ 'maxmemory-policy': 'allkeys-lru' })
    const { client, disk, server } = durable
    client.call('CONFIG', 'SET', 'stop-writes-on-bgsave-error', 'no')
    client.call('SADD', 'set', ...MEMBERS)
    disk.capacityBytes = disk.usedBytes() + 10
    client.call('BGSAVE')
    client.call('CONFIG', 'SET', 'maxmemory', server.usedMemoryBytes - 1)
    const other = new InProcessClient(server)
    other.send('*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$1\r\nv\r\n')
    expect(other.take()).toBe('')
    await durable.idle()
    expect(other.takeValues()).toEqual(['OK'])
    expect(durable.info('rdb_last_bgsave_status')).toBe('err')
    client.call('CONFIG', 'SET', 'maxmemory', 0)
    checkServer(server)
  })
})
