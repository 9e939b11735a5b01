/** Client libraries over a connection within the process. */
import { once } from 'node:events'
import { Redis } from 'ioredis'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { open } from '../../../src/embedded/open.ts'
import type { Store } from '../../../src/embedded/store.ts'

let store: Store

beforeEach(async () => {
  store = await open()
})

afterEach(() => store.close())

describe('a connection', () => {
  test('speaks RESP', async () => {
    const connection = store.connect()
    connection.write('PING\r\n')
    expect(String((await once(connection, 'data'))[0])).toBe('+PONG\r\n')
    connection.end()
    await once(connection, 'close')
    expect(store.call('CLIENT', 'LIST')).toBe('')
  })

  test('is answered what it asked before its end', async () => {
    const connection = store.connect()
    let text = ''
    connection.on('data', (data) => {
      text += data
    })
    connection.end('PING\r\nSET key value\r\n')
    await once(connection, 'close')
    expect(text).toBe('+PONG\r\n+OK\r\n')
    expect(store.get('key')).toBe('value')
  })

  test('ends with the store', async () => {
    const connection = store.connect()
    connection.resume()
    await store.close()
    expect(connection.destroyed).toBe(true)
  })

  test('carries ioredis', async () => {
    class Connector {
      connect() {
        return Promise.resolve(store.connect())
      }
      disconnect() {}
      check() {
        return true
      }
    }
    const client = new Redis({ Connector: Connector as never })
    await client.set('key', 'value')
    expect(store.get('key')).toBe('value')
    expect(await client.get('key')).toBe('value')
    const results = await client.pipeline().incr('n').incr('n').exec()
    expect(results).toEqual([
      [null, 1],
      [null, 2],
    ])
    await client.quit()
  })
})
