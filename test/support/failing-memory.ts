/**
 * Commands on strings while memory fails: whichever allocation it is that cannot be had, the
 * command says so, and nothing has changed.
 */
import { expect } from 'vitest'
import { type CallArgument, checkServer, type InProcessClient } from './in-process-client.ts'

const OOM = "-OOM command not allowed when used memory > 'maxmemory'.\r\n"
/** No command that is tested asks for memory so often. */
const MAX_ALLOCATIONS = 10

/**
 * Has each allocation of a request fail in turn, until the request goes through.
 *
 * @param filled makes a new server with the strings that the request meets
 */
export function expectAllOrNothing(
  filled: () => InProcessClient,
  request: readonly CallArgument[],
): void {
  for (let n = 1; ; n++) {
    const client = filled()
    const { arena } = client.server.keyspace
    const before = contents(client)
    arena.failAfter(n)
    const reply = client.call(...request)
    arena.failAfter(0)
    const isThrough = reply !== OOM
    if (isThrough) expect(reply).not.toMatch(/^-/)
    else expect(contents(client)).toBe(before)
    checkServer(client.server)
    if (isThrough) return
    expect(n).toBeLessThan(MAX_ALLOCATIONS)
  }
}

/** All that can be told of the strings. */
function contents(client: InProcessClient): string {
  return (client.value('KEYS', '*') as string[])
    .sort()
    .map((key) => {
      const asked = [['GET'], ['PEXPIRETIME'], ['OBJECT', 'ENCODING']]
      return [key, ...asked.map((words) => client.value(...words, key))].join(' ')
    })
    .join('\n')
}
