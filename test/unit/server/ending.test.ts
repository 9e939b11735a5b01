/** The last save, in slices: nobody is served meanwhile, and all go on if it fails. */
import { expect, test } from 'vitest'
import { prepareEnd } from '../../../src/server/ending.ts'
import { DurableServer } from '../../support/durable-server.ts'
import { checkServer } from '../../support/in-process-client.ts'

const SAVE = { save: true, now: false, force: false }

/** Ends a server while its disk holds everything up. @returns what `prepareEnd` has told */
async function ending(durable: DurableServer): Promise<boolean[]> {
  const told: boolean[] = []
  durable.disk.later = 'held'
  prepareEnd(durable.server, SAVE, true, (canEnd) => told.push(canEnd))
  await durable.round()
  return told
}

/** The disk goes on until the end is decided. */
async function decided(durable: DurableServer, told: readonly boolean[]): Promise<void> {
  durable.disk.later = 'soon'
  durable.disk.settle()
  await durable.until(() => told.length > 0)
}

test('holds back all commands until the dump is there', async () => {
  const durable = await DurableServer.start()
  durable.client.call('SET', 'k', 'saved')
  durable.client.call('CLIENT', 'PAUSE', 50, 'WRITE')
  const told = await ending(durable)
  expect(durable.client.call('GET', 'k')).toBe('')
  expect(durable.client.call('SET', 'k', 'late')).toBe('')
  // The end of another pause changes nothing.
  durable.beat()
  durable.server.pause.look()
  expect(durable.client.take()).toBe('')
  expect(told).toEqual([])
  await decided(durable, told)
  expect(told).toEqual([true])
  expect([...durable.disk.contents().keys()]).toEqual(['/data/dump.rdb'])
  const next = await durable.restart()
  expect(next.client.value('GET', 'k')).toBe('saved')
})

test('holds back monitors, too', async () => {
  const durable = await DurableServer.start()
  expect(durable.client.call('MONITOR')).toBe('+OK\r\n')
  const told = await ending(durable)
  expect(durable.client.call('CLIENT', 'UNPAUSE')).toBe('')
  expect(durable.server.pause.active).toBe(true)
  await decided(durable, told)
  expect(told).toEqual([true])
})

test('one that begins where another has just failed holds back all the same', async () => {
  const durable = await DurableServer.start()
  const { pause } = durable.server
  pause.freeze()
  pause.thaw()
  pause.freeze()
  await durable.round()
  expect(durable.client.call('GET', 'k')).toBe('')
  pause.thaw()
  await durable.until(() => !pause.active)
  expect(durable.client.take()).toBe('$-1\r\n')
})

test.each([
  ['write', 'ENOSPC'],
  ['sync', 'EIO'],
  ['rename', 'EACCES'],
] as const)('lets all go on when the %s fails', async (kind, code) => {
  const durable = await DurableServer.start()
  durable.client.call('SET', 'k', 'v')
  durable.disk.failNext(kind, code)
  const told = await ending(durable)
  expect(durable.client.call('GET', 'k')).toBe('')
  await decided(durable, told)
  expect(told).toEqual([false])
  await durable.until(() => !durable.server.pause.active)
  expect(durable.client.take()).toBe('$1\r\nv\r\n')
  expect(durable.hasLogged("Error trying to save the DB, can't exit.")).toBe(true)
  expect([...durable.disk.contents().keys()]).toEqual([])
  expect(durable.client.call('SAVE')).toBe('+OK\r\n')
  checkServer(durable.server)
})

test('a pause of clients is there again when it has failed', async () => {
  const durable = await DurableServer.start()
  durable.client.call('SET', 'k', 'v')
  durable.client.call('CLIENT', 'PAUSE', 1000, 'WRITE')
  durable.disk.failNext('rename', 'EACCES')
  const told = await ending(durable)
  durable.client.send('GET k\r\nSET k w\r\n')
  expect(durable.client.take()).toBe('')
  await decided(durable, told)
  await durable.until(() => durable.client.session.isHeld && durable.server.pause.heldCount === 1)
  expect(durable.client.take()).toBe('$1\r\nv\r\n')
  durable.clock.advance(1000)
  durable.server.pause.look()
  expect(durable.client.take()).toBe('+OK\r\n')
})

test('what is given up leaves no file', async () => {
  const durable = await DurableServer.start()
  durable.client.call('SET', 'k', 'v')
  const told = await ending(durable)
  expect(durable.disk.contents().size).toBe(1)
  durable.server.saves.abandon()
  expect(durable.disk.contents().size).toBe(0)
  expect(told).toEqual([])
})
