/** Figures of INFO that no script can compare with the real server's, since they are times. */
import { expect, test } from 'vitest'
import { ManualClock } from '../../../src/platform/clock.ts'
import { Cron } from '../../../src/server/cron.ts'
import { mainThreadTime } from '../../../src/server/main-thread-time.ts'
import { InProcessClient, testServer } from '../../support/in-process-client.ts'

function field(client: InProcessClient, section: string, name: string): string | undefined {
  const report = client.value('INFO', section) as string
  return new RegExp(`^${name}:(.*)\r$`, 'm').exec(report)?.[1]
}

test('the time of active expiry is counted, until RESETSTAT', () => {
  let us = 0
  class SlowClock extends ManualClock {
    override monotonicMicroseconds(): number {
      us += 1000
      return us
    }
  }
  const server = testServer({ clock: new SlowClock() })
  const client = new InProcessClient(server)
  expect(field(client, 'stats', 'expire_cycle_cpu_milliseconds')).toBe('0')
  new Cron(server).run()
  expect(Number(field(client, 'stats', 'expire_cycle_cpu_milliseconds'))).toBeGreaterThan(0)
  client.call('CONFIG', 'RESETSTAT')
  expect(field(client, 'stats', 'expire_cycle_cpu_milliseconds')).toBe('0')
})

test('hz is what it is with many clients, configured_hz what was asked for', () => {
  const server = testServer({ config: { hz: '10' } })
  const client = new InProcessClient(server)
  for (let i = 0; i < 2001; i++) new InProcessClient(server)
  expect(field(client, 'server', 'hz')).toBe('20')
  expect(field(client, 'server', 'configured_hz')).toBe('10')
})

test.skipIf(process.platform !== 'linux')('the thread of commands has a time of its own', () => {
  const { userCPUTime } = process.resourceUsage()
  const time = mainThreadTime()!
  expect(Number.isFinite(time.systemUs)).toBe(true)
  // Ticks may be rounded up, and this thread is not all of the process.
  expect(time.userUs).toBeLessThanOrEqual(userCPUTime + 1_000_000)
  const client = new InProcessClient(testServer())
  expect(field(client, 'cpu', 'used_cpu_user_main_thread')).toMatch(/^\d+\.\d{6}$/)
})
