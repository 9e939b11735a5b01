/** The cron by hand, beat by beat; sockets have their part in test/unit/net. */
import { describe, expect, test } from 'vitest'
import { ManualClock } from '../../../src/platform/clock.ts'
import { beatsPerSecond, Cron } from '../../../src/server/cron.ts'
import { checkServer, InProcessClient, testServer } from '../../support/in-process-client.ts'

describe('cron', () => {
  test('expires keys that nobody asks for, unless it is paused', () => {
    const clock = new ManualClock()
    const server = testServer({ clock })
    const client = new InProcessClient(server)
    const cron = new Cron(server)
    for (let i = 0; i < 100; i++) client.call('SET', `key ${i}`, 'value', 'PX', 10)
    client.call('SET', 'stays', 'value')
    clock.advance(11)
    server.cronPaused = true
    cron.run()
    expect(server.keyspace.databases[0].count).toBe(101)
    server.cronPaused = false
    cron.run()
    expect(server.keyspace.databases[0].count).toBe(1)
    checkServer(server)
  })

  test('samples ten times a second whatever hz is', () => {
    const server = testServer({ config: { hz: '100' } })
    let samples = 0
    server.everyHundredMs = () => {
      samples++
    }
    const cron = new Cron(server)
    for (let beat = 0; beat < 100; beat++) cron.run()
    expect(samples).toBe(10)
  })

  test('looks at every session in turn', () => {
    const clock = new ManualClock()
    const server = testServer({ clock, config: { timeout: '1' } })
    const cron = new Cron(server)
    const clients = Array.from({ length: 1000 }, () => new InProcessClient(server))
    clock.advance(2000)
    for (let beat = 0; beat < 100; beat++) cron.run()
    expect(clients.every((client) => client.closed)).toBe(true)
    expect(server.sessions.size).toBe(0)
  })

  test('leaves those alone who listen, wait or monitor', () => {
    const clock = new ManualClock()
    const server = testServer({ clock, config: { timeout: '1' } })
    const cron = new Cron(server)
    const clients = ['SUBSCRIBE a', 'BLPOP a 0', 'MONITOR', 'PING'].map((command) => {
      const client = new InProcessClient(server)
      client.call(...command.split(' '))
      return client
    })
    clock.advance(3000)
    for (let beat = 0; beat < 10; beat++) cron.run()
    expect(clients.map((client) => client.closed)).toEqual([false, false, false, true])
  })

  test('beats faster with many sessions, if it may', () => {
    const server = testServer({ config: { hz: '10' } })
    expect(beatsPerSecond(server)).toBe(10)
    for (let i = 0; i < 2001; i++) new InProcessClient(server)
    expect(beatsPerSecond(server)).toBe(20)
    server.config.assign('dynamic-hz', ['no'])
    expect(beatsPerSecond(server)).toBe(10)
  })
})
