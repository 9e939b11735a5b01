/** Where string values lie, and that nobody holds on to their memory. */
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, test } from 'vitest'
import { checkServer, InProcessClient, testServer } from '../../support/in-process-client.ts'

const HUGE_BYTES = 100 * 1024 * 1024

/** What ArrayBuffers take once those that nobody holds are gone. */
function arrayBufferBytes(): number {
  setFlagsFromString('--expose-gc')
  // What one collection finds is freed by a thread beside it, for which the next one waits.
  for (let i = 0; i < 2; i++) runInNewContext('gc')()
  return process.memoryUsage().arrayBuffers
}

test('commands let go of a huge value when its key is gone', () => {
  const server = testServer({ debugArena: false })
  const client = new InProcessClient(server)
  client.call('SET', 'other', 'value')
  const before = arrayBufferBytes()
  for (const request of [
    ['STRLEN', 'huge'],
    ['GETRANGE', 'huge', 0, 9],
    ['APPEND', 'huge', 'x'],
    ['SETRANGE', 'huge', 0, 'x'],
    ['INCR', 'huge'],
    ['INCRBYFLOAT', 'huge', 1],
    ['SETNX', 'huge', 'x'],
    ['SET', 'huge', 'x', 'IFEQ', 'y'],
    ['OBJECT', 'ENCODING', 'huge'],
    ['COPY', 'huge', 'copy'],
  ]) {
    client.call('SETRANGE', 'huge', HUGE_BYTES, 'x')
    client.call(...request)
    client.call('DEL', 'huge', 'copy')
  }
  expect(arrayBufferBytes() - before).toBeLessThan(HUGE_BYTES / 2)
  checkServer(server)
})
