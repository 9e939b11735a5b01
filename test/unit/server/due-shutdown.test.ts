/** A shutdown by signal: begun soon, held up by DEBUG PAUSE-CRON, taken back by SHUTDOWN ABORT. */
import { expect, test } from 'vitest'
import { Cron } from '../../../src/server/cron.ts'
import { InProcessClient, testServer } from '../../support/in-process-client.ts'

const round = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

function setUp() {
  const lines: string[] = []
  const server = testServer({ print: (line) => lines.push(line) })
  let begun = 0
  const due = (): void => {
    server.dueShutdown.set(() => begun++)
  }
  return { server, client: new InProcessClient(server), lines, due, begun: () => begun }
}

test('begins in the next round', async () => {
  const { begun, client, due, server } = setUp()
  due()
  expect([server.dueShutdown.isSet, begun()]).toEqual([true, 0])
  await round()
  expect([server.dueShutdown.isSet, begun()]).toEqual([false, 1])
  expect(client.call('SHUTDOWN', 'ABORT')).toBe('-ERR No shutdown in progress.\r\n')
})

test('waits while the cron is paused', async () => {
  const { begun, due, server } = setUp()
  const cron = new Cron(server)
  server.cronPaused = true
  due()
  await round()
  cron.run()
  expect(begun()).toBe(0)
  server.cronPaused = false
  cron.run()
  cron.run()
  expect(begun()).toBe(1)
})

test('is taken back by SHUTDOWN ABORT', async () => {
  const { begun, client, due, lines } = setUp()
  due()
  expect(client.call('SHUTDOWN', 'ABORT')).toBe('+OK\r\n')
  await round()
  expect(begun()).toBe(0)
  expect(lines.join('')).toContain('Shutdown manually aborted.')
  due()
  await round()
  expect(begun()).toBe(1)
})
