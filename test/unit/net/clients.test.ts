/** The two clients that most users have, over real sockets, each in a scenario of its own. */
import { Redis } from 'ioredis'
import { createClient } from 'redis'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Listener } from '../../../src/net/listener.ts'
import type { Server } from '../../../src/server/server.ts'
import { checkServer, testServer } from '../../support/in-process-client.ts'
import { eventually } from './raw-client.ts'

let server: Server
let listener: Listener

beforeAll(() => {
  server = testServer()
  listener = Listener.open(server, { host: '127.0.0.1', port: 0, backlog: 511 })
})

afterAll(async () => {
  listener.close()
  await eventually(() => server.sessions.size === 0)
  checkServer(server)
})

describe('ioredis', () => {
  test('connects, pipelines and reads binary values', async () => {
    const client = new Redis(listener.port, '127.0.0.1')
    expect(await client.ping()).toBe('PONG')
    expect(await client.set('ioredis', 'value', 'EX', 100)).toBe('OK')
    expect(await client.get('ioredis')).toBe('value')
    const bytes = Buffer.from([0, 255, 13, 10, 0])
    await client.set('bytes', bytes)
    expect(await client.getBuffer('bytes')).toEqual(bytes)
    const pipeline = client.pipeline()
    for (let i = 0; i < 500; i++) pipeline.set(`p${i}`, i).get(`p${i}`)
    const replies = (await pipeline.exec()) ?? []
    expect(replies.length).toBe(1000)
    expect(replies.at(-1)).toEqual([null, '499'])
    await expect(client.call('NOSUCHCOMMAND')).rejects.toThrow('ERR unknown command')
    await client.quit()
  })
})

describe('redis', () => {
  for (const RESP of [2, 3] as const) {
    test(`connects under RESP${RESP}, pipelines and misses keys`, async () => {
      const client = createClient({ RESP, socket: { host: '127.0.0.1', port: listener.port } })
      await client.connect()
      expect(await client.ping()).toBe('PONG')
      expect(await client.set('redis', 'value')).toBe('OK')
      expect(await client.get('redis')).toBe('value')
      expect(await client.get('missing')).toBeNull()
      const keys = Array.from({ length: 500 }, (_, i) => `q${i}`)
      await Promise.all(keys.map((key) => client.set(key, key)))
      expect(await Promise.all(keys.map((key) => client.get(key)))).toEqual(keys)
      await expect(client.sendCommand(['NOSUCHCOMMAND'])).rejects.toThrow('ERR unknown command')
      await client.close()
    })
  }
})
