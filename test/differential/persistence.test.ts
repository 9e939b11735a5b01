/** SAVE, BGSAVE, LASTSAVE and BGREWRITEAOF, against the real server. */
import { expect, test } from 'vitest'
import { differential } from './support/compare.ts'
import { latin1 } from './support/reply.ts'
import { WireClient } from './support/wire.ts'

const flags = ['--enable-debug-command', 'yes', '--enable-protected-configs', 'yes']

/** Waits until nothing is being saved or rewritten. */
async function idle(client: WireClient): Promise<void> {
  for (;;) {
    const info = latin1(await client.call('INFO', 'persistence'))
    if (!/(bgsave|rewrite)_in_progress:1|rewrite_scheduled:1/.test(info)) return
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}

differential('persistence', { flags }, ({ compare, pair }) => {
  test('arguments', () =>
    compare([
      'SAVE x',
      'LASTSAVE x',
      'BGREWRITEAOF x',
      'BGSAVE x',
      'BGSAVE SCHEDULE x',
      'BGSAVE x SCHEDULE',
      'DEBUG RELOAD x',
      'CONFIG SET appendfsync sometimes',
      'CONFIG SET save x',
      'CONFIG SET save "1 2 3"',
      'CONFIG SET appendfilename x',
      'CONFIG SET dbfilename a/b',
    ]))

  test('saving, and what was saved', () =>
    compare([
      'SET a 1',
      'RPUSH l a b c',
      'SAVE',
      'SET a 2',
      'DEBUG RELOAD NOSAVE',
      'GET a',
      'LRANGE l 0 -1',
      'SET a 3',
      'DEBUG RELOAD',
      'GET a',
      'DEBUG RELOAD NOSAVE NOFLUSH MERGE',
      { command: 'LASTSAVE', mask: (reply) => reply.replace(/\d+/, 'N') },
    ]))

  test('LASTSAVE is a time of late', () =>
    onBoth(async (client) => {
      await client.call('SAVE')
      const seconds = Number(latin1(await client.call('LASTSAVE')).slice(1))
      expect(Math.abs(seconds - Date.now() / 1000)).toBeLessThan(60)
    }))

  test('in the background', () =>
    onBoth(async (client) => {
      const replies: string[] = []
      await client.call('SET', 'a', '1')
      for (const words of [['BGSAVE'], ['BGSAVE', 'SCHEDULE'], ['BGREWRITEAOF']]) {
        replies.push(latin1(await client.call(...words)))
        await idle(client)
      }
      expect(replies).toEqual([
        '+Background saving started\r\n',
        '+Background saving started\r\n',
        '+Background append only file rewriting started\r\n',
      ])
    }))

  test('the log, turned on and off', () =>
    onBoth(async (client) => {
      await client.call('FLUSHALL')
      await client.call('SET', 'a', '1')
      expect(latin1(await client.call('CONFIG', 'SET', 'appendonly', 'yes'))).toBe('+OK\r\n')
      await idle(client)
      await client.call('SET', 'b', '2')
      await client.call('DEL', 'a')
      await client.call('DEBUG', 'LOADAOF')
      expect(latin1(await client.call('MGET', 'a', 'b'))).toBe('*2\r\n$-1\r\n$1\r\n2\r\n')
      expect(latin1(await client.call('CONFIG', 'SET', 'appendonly', 'no'))).toBe('+OK\r\n')
      await client.call('SET', 'b', 'not logged')
      await client.call('DEBUG', 'LOADAOF')
      expect(latin1(await client.call('GET', 'b'))).toBe('$1\r\n2\r\n')
    }))

  /** The same with the real server and with Redstart. */
  async function onBoth(use: (client: WireClient) => Promise<void>): Promise<void> {
    const { reference, redstart } = pair()
    for (const { port } of [reference, redstart]) {
      const client = await WireClient.connect(port)
      await use(client)
      client.close()
    }
  }
})
