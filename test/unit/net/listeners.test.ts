/** Listeners as the configuration wants them, at the start and under CONFIG SET. */
import { describe, expect, test } from 'vitest'
import { Listeners } from '../../../src/net/listeners.ts'
import type { Server } from '../../../src/server/server.ts'
import { freePort } from '../../differential/support/server-process.ts'
import { testServer } from '../../support/in-process-client.ts'
import { RawClient } from './raw-client.ts'

interface Setting {
  server: Server
  listeners: Listeners
  log: string[]
}

function listenersFor(config: Record<string, string | string[]>): Setting {
  const log: string[] = []
  const server = testServer({ config, print: (line) => log.push(line.replace(/^\S+ .{25} /, '')) })
  return { server, listeners: new Listeners(server), log }
}

async function answers(port: number): Promise<boolean> {
  try {
    const client = await RawClient.connect(port)
    const reply = await client.ask('PING\r\n', '+PONG\r\n')
    client.destroy()
    return reply === '+PONG\r\n'
  } catch {
    return false
  }
}

describe('opening', () => {
  test('an optional address may be missing, another may not', async () => {
    const port = String(await freePort())
    const optional = listenersFor({ port, bind: ['127.0.0.1', '-192.0.2.1'] })
    expect(optional.listeners.open()).toBeNull()
    expect(optional.log.join('')).toContain(
      `Could not create server TCP listening socket 192.0.2.1:${port}: bind: `,
    )
    expect(optional.listeners.kinds).toEqual(['tcp'])
    optional.listeners.close()
    const needed = listenersFor({ port, bind: ['127.0.0.1', '192.0.2.1'] })
    expect(needed.listeners.open()).toBe(`Failed listening on port ${port} (tcp), aborting.`)
    expect(await answers(Number(port))).toBe(false)
  })

  test('nowhere to listen is an error', () => {
    expect(listenersFor({ port: '0' }).listeners.open()).toBe(
      'Configured to not listen anywhere, exiting.',
    )
  })

  test('a host name is looked up', async () => {
    const port = String(await freePort())
    const { listeners } = listenersFor({ port, bind: ['localhost'] })
    await listeners.resolveNames()
    expect(listeners.open()).toBeNull()
    expect(await answers(Number(port))).toBe(true)
    listeners.close()
  })
})

describe('CONFIG SET', () => {
  test('port moves the listeners, and a port in use leaves them where they were', async () => {
    const [first, second, used] = [await freePort(), await freePort(), await freePort()]
    const { server, listeners } = listenersFor({ port: String(first), bind: ['127.0.0.1'] })
    expect(listeners.open()).toBeNull()
    expect(server.config.setMany([['port', String(second)]])).toBeNull()
    expect([await answers(first), await answers(second)]).toEqual([false, true])

    const other = listenersFor({ port: String(used), bind: ['127.0.0.1'] })
    expect(other.listeners.open()).toBeNull()
    expect(server.config.setMany([['port', String(used)]])).toBe(
      "ERR CONFIG SET failed (possibly related to argument 'port') - " +
        'Unable to listen on this port. Check server logs.',
    )
    expect(server.config.get('port')).toBe(second)
    expect(await answers(second)).toBe(true)
    other.listeners.close()

    expect(server.config.setMany([['port', '0']])).toBeNull()
    expect(await answers(second)).toBe(false)
    listeners.close()
  })

  test('bind may keep addresses that it had', async () => {
    const port = await freePort()
    const { server, listeners } = listenersFor({ port: String(port), bind: ['127.0.0.1'] })
    expect(listeners.open()).toBeNull()
    expect(server.config.setMany([['bind', '127.0.0.1 -192.0.2.1']])).toBeNull()
    expect(await answers(port)).toBe(true)
    expect(server.config.setMany([['bind', '192.0.2.1']])).toContain(
      'Failed to bind to specified addresses.',
    )
    expect(await answers(port)).toBe(true)
    listeners.close()
  })
})
