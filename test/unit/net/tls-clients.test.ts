/** ioredis and node-redis over TLS: with an authority, a certificate of their own, and without. */
import { Redis } from 'ioredis'
import { createClient } from 'redis'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { bigValue } from './client-scenario.ts'
import { eventually } from './raw-client.ts'
import {
  authority,
  clientPair,
  serveTls,
  strangerAuthority,
  strangerPair,
  type TlsSetting,
} from './tls-setting.ts'

let setting: TlsSetting

beforeAll(async () => {
  setting = await serveTls()
})

afterAll(() => setting.close())

const TRUSTED = { ca: authority.cert, ...clientPair }
const REFUSED = [
  ['no certificate of its own', { ca: authority.cert }],
  ['a certificate of a stranger', { ca: authority.cert, ...strangerPair }],
  ['the wrong authority', { ca: strangerAuthority.cert, ...clientPair }],
] as const

describe('ioredis', () => {
  const connect = (tls: object) =>
    new Redis(setting.port, 'localhost', {
      family: 4,
      tls,
      retryStrategy: () => null,
      maxRetriesPerRequest: 0,
      lazyConnect: true,
    })

  test('stores, reads, transacts and subscribes', async () => {
    const client = connect(TRUSTED)
    const value = bigValue()
    expect(await client.set('big', value)).toBe('OK')
    expect(value.equals((await client.getBuffer('big'))!)).toBe(true)
    expect(await client.multi().incr('n').incr('n').exec()).toEqual([
      [null, 1],
      [null, 2],
    ])
    const subscriber = connect(TRUSTED)
    await subscriber.subscribe('news')
    const message = new Promise((resolve) => subscriber.once('message', (_, text) => resolve(text)))
    expect(await client.publish('news', 'here')).toBe(1)
    expect(await message).toBe('here')
    subscriber.disconnect()
    client.disconnect()
  })

  test('connects again when it has been cut off', async () => {
    const client = new Redis(setting.port, 'localhost', {
      family: 4,
      tls: TRUSTED,
      retryStrategy: () => 1,
    })
    await client.set('kept', 'v')
    for (const session of setting.server.sessions.values()) session.destroy()
    expect(await client.get('kept')).toBe('v')
    client.disconnect()
    await eventually(() => setting.server.sessions.size === 0)
  })

  test.each(REFUSED)('is refused with %s', async (_, tls) => {
    const client = connect(tls)
    client.on('error', () => {})
    await expect(client.connect().then(() => client.ping())).rejects.toThrow()
    client.disconnect()
  })
})

describe('node-redis', () => {
  const connect = (options: object) => {
    const socket = { port: setting.port, host: 'localhost', family: 4, tls: true, ...options }
    const client = createClient({ socket: { ...socket, reconnectStrategy: false } as object })
    client.on('error', () => {})
    return client
  }

  test.each([2, 3] as const)(
    'stores, reads, transacts and subscribes under RESP%i',
    async (RESP) => {
      const client = createClient({
        RESP,
        socket: { port: setting.port, host: '127.0.0.1', tls: true, ...TRUSTED },
      })
      client.on('error', () => {})
      await client.connect()
      expect(await client.set('k', 'v')).toBe('OK')
      expect(await client.get('k')).toBe('v')
      expect(await client.multi().set('a', '1').get('a').exec()).toEqual(['OK', '1'])
      const subscriber = client.duplicate()
      subscriber.on('error', () => {})
      await subscriber.connect()
      const message = new Promise((resolve) => void subscriber.subscribe('news', resolve))
      await eventually(() => setting.server.sessions.size === 2)
      while ((await client.publish('news', 'here')) === 0);
      expect(await message).toBe('here')
      subscriber.destroy()
      client.destroy()
      await eventually(() => setting.server.sessions.size === 0)
    },
  )

  test.each(REFUSED)('is refused with %s', async (_, tls) => {
    const client = connect(tls)
    await expect(client.connect().then(() => client.ping())).rejects.toThrow()
    if (client.isOpen) client.destroy()
  })
})
