/**
 * ioredis and node-redis across a restart of the server, over TCP and over a unix socket: what was
 * asked meanwhile is answered, what was listened to is heard again, what was cached or watched is
 * known to be lost, and the data are those of the log.
 */
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { Redis } from 'ioredis'
import { BasicClientSideCache, createClient, WatchError } from 'redis'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { Listener } from '../../../src/net/listener.ts'
import { DurableServer } from '../../support/durable-server.ts'
import { checkServer } from '../../support/in-process-client.ts'
import { eventually } from './raw-client.ts'

const RETRY_MS = 2

/** A server with a log, that can be killed and come again at the same place. */
class Restartable {
  durable: DurableServer
  readonly port: number
  readonly path: string
  private listeners: readonly Listener[]
  private readonly directory: string

  private constructor(durable: DurableServer) {
    this.durable = durable
    this.directory = fs.mkdtempSync(path.join(os.tmpdir(), 'redstart-restart-'))
    this.path = path.join(this.directory, 'socket')
    this.listeners = this.listen(0)
    this.port = this.listeners[0].port
  }

  static async start(): Promise<Restartable> {
    return new Restartable(await DurableServer.start({ appendonly: 'yes' }))
  }

  private listen(port: number): Listener[] {
    const { server } = this.durable
    return [
      Listener.open(server, { host: '127.0.0.1', port, backlog: 511 }),
      Listener.open(server, { path: this.path, mode: 0, backlog: 511 }),
    ]
  }

  get server() {
    return this.durable.server
  }

  async stop(): Promise<void> {
    for (const listener of this.listeners) listener.close()
    for (const session of this.server.sessions.values()) session.destroy()
    await eventually(() => this.server.sessions.size === 0)
    checkServer(this.server)
  }

  async startAgain(): Promise<void> {
    this.durable = await this.durable.restart()
    this.listeners = this.listen(this.port)
  }

  async close(): Promise<void> {
    await this.stop()
    fs.rmSync(this.directory, { recursive: true })
  }
}

let place: Restartable
let ends: (() => void)[] = []

beforeEach(async () => {
  place = await Restartable.start()
})

afterEach(async () => {
  for (const end of ends) end()
  ends = []
  await place.close()
})

describe.each(['TCP', 'a unix socket'])('over %s', (way) => {
  function ioredis(): Redis {
    const where = way === 'TCP' ? { host: '127.0.0.1', port: place.port } : { path: place.path }
    const client = new Redis({
      ...where,
      retryStrategy: () => RETRY_MS,
      maxRetriesPerRequest: null,
    })
    client.on('error', () => {})
    ends.push(() => client.disconnect())
    return client
  }

  test('ioredis asks again, and listens again', async () => {
    const client = ioredis()
    const listener = ioredis()
    const heard: string[] = []
    listener.on('message', (channel, text) => heard.push(`${channel} ${text}`))
    listener.on('pmessage', (pattern, channel, text) => heard.push(`${pattern} ${channel} ${text}`))
    await listener.subscribe('news')
    await listener.psubscribe('n*')
    expect(await client.multi().set('kept', 'v').incr('n').exec()).toHaveLength(2)
    await place.stop()
    await eventually(() => client.status !== 'ready' && listener.status !== 'ready')
    const asked = Promise.all([client.get('kept'), client.multi().incr('n').exec()])
    await place.startAgain()
    expect(await asked).toEqual(['v', [[null, 2]]])
    const { pubsub } = place.server
    await eventually(() => pubsub.channels.size === 1 && pubsub.patternCount === 1)
    expect(await client.publish('news', 'here')).toBe(2)
    await eventually(() => heard.length === 2)
    expect(heard).toEqual(['news here', 'n* news here'])
    await listener.unsubscribe('news')
    await listener.punsubscribe('n*')
    expect(await listener.get('kept')).toBe('v')
  })

  test('ioredis is told nothing of a transaction whose key has changed', async () => {
    const [client, other] = [ioredis(), ioredis()]
    await client.watch('k')
    await other.set('k', '1')
    expect(await client.multi().set('k', '2').exec()).toBeNull()
    expect(await client.multi().set('k', '2').get('k').exec()).toEqual([
      [null, 'OK'],
      [null, '2'],
    ])
  })

  async function nodeRedis(RESP: 2 | 3, clientSideCache?: BasicClientSideCache) {
    const where = way === 'TCP' ? { host: '127.0.0.1', port: place.port } : { path: place.path }
    const client = createClient({
      RESP,
      socket: { ...where, reconnectStrategy: () => RETRY_MS } as object,
      ...(clientSideCache && { clientSideCache }),
    })
    client.on('error', () => {})
    await client.connect()
    ends.push(() => client.destroy())
    return client
  }

  test.each([2, 3] as const)('node-redis with RESP%i asks and listens again', async (RESP) => {
    const client = await nodeRedis(RESP)
    // With RESP3 one connection does both.
    const listener = RESP === 3 ? client : await nodeRedis(RESP)
    const heard: string[] = []
    const hear = (text: string, channel: string) => heard.push(`${channel} ${text}`)
    await listener.subscribe('news', hear)
    await listener.pSubscribe('n*', hear)
    await listener.sSubscribe('shard', hear)
    expect(await client.multi().set('kept', 'v').incr('n').exec()).toEqual(['OK', 1])
    await place.stop()
    await eventually(() => !client.isReady && !listener.isReady)
    const asked = Promise.all([client.get('kept'), client.incr('n')])
    await place.startAgain()
    expect(await asked).toEqual(['v', 2])
    const { pubsub } = place.server
    await eventually(() => pubsub.channels.size === 1 && pubsub.shardChannels.size === 1)
    expect(await client.publish('news', 'here')).toBe(2)
    expect(await client.sPublish('shard', 'there')).toBe(1)
    await eventually(() => heard.length === 3)
    expect(heard).toEqual(['news here', 'news here', 'shard there'])
    await listener.unsubscribe()
    await listener.pUnsubscribe()
    await listener.sUnsubscribe()
    expect(place.server.pubsub.hasListeners).toBe(false)
    expect(await client.get('kept')).toBe('v')
  })

  test('node-redis gives up a transaction whose key has changed, or whose watch is lost', async () => {
    const [client, other] = [await nodeRedis(3), await nodeRedis(3)]
    await client.watch('k')
    await other.set('k', '1')
    await expect(client.multi().set('k', '2').exec()).rejects.toThrow(WatchError)
    expect(await client.multi().set('k', '3').get('k').exec()).toEqual(['OK', '3'])
    await client.watch('k')
    await place.stop()
    await eventually(() => !client.isReady)
    await place.startAgain()
    await eventually(() => client.isReady)
    expect(await client.get('k')).toBe('3')
    await expect(client.multi().set('k', '4').exec()).rejects.toThrow(WatchError)
    expect(await client.get('k')).toBe('3')
  })

  test('node-redis forgets what it has cached', async () => {
    const cache = new BasicClientSideCache()
    const client = await nodeRedis(3, cache)
    const other = await nodeRedis(3)
    await other.set('k', '1')
    expect(await client.get('k')).toBe('1')
    expect(cache.size()).toBe(1)
    await place.stop()
    await eventually(() => !client.isReady && !other.isReady)
    await place.startAgain()
    await other.set('k', '2')
    await eventually(() => place.server.tracking.clientCount === 1)
    expect(await client.get('k')).toBe('2')
    await other.set('k', '3')
    await eventually(() => cache.size() === 0)
    expect(await client.get('k')).toBe('3')
    expect(await client.get('k')).toBe('3')
    expect(cache.stats()).toMatchObject({ hitCount: 1 })
  })
})
