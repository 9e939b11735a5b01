/** MIGRATE between stores in a process: waited for, since a call itself cannot wait. */
import { expect, test } from 'vitest'
import { open } from '../../../src/embedded/open.ts'

test('keys move to another store, and a call cannot wait for that', async () => {
  const here = await open()
  const there = await open()
  const { port } = there.listen({ port: 0 })
  here.rpush('list', 'a', 'b')
  here.set('key', 'value')
  expect(() => here.migrate('127.0.0.1', port, 'list', 3, 20_000)).toThrow(
    'ERR MIGRATE waits for another server, which cannot be done here',
  )
  const moved = here.wait.migrate('127.0.0.1', port, '', 3, 20_000, 'KEYS', 'list', 'key', 'none')
  // The call cannot be kept from changing what is on its way.
  here.append('key', '!')
  await expect(moved).rejects.toThrow('ERR A key has been changed while it was sent, and is kept')
  expect(here.keys('*')).toEqual(['key'])
  expect(await here.wait.migrate('127.0.0.1', port, 'key', 3, 20_000, 'REPLACE')).toBe('OK')
  there.select(3)
  expect(there.lrange('list', 0, -1)).toEqual(['a', 'b'])
  expect(there.get('key')).toBe('value!')
  await here.close()
  await there.close()
})

test('closing a store ends what waits', async () => {
  const here = await open()
  const there = await open()
  const { port } = there.listen({ port: 0 })
  here.set('key', 'value')
  here.set('other', 'value')
  await here.wait.migrate('127.0.0.1', port, 'other', 0, 20_000)
  const moved = here.wait.migrate('127.0.0.1', port, 'key', 0, 20_000)
  const settled = moved.then(
    () => 'moved',
    (error: Error) => error.message,
  )
  await here.close()
  expect(await settled).toMatch(/IOERR|CLOSED/)
  await there.close()
})
