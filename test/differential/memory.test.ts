/**
 * MEMORY, and what INFO says of memory and clients: the fields and the errors. The figures are each
 * server's own.
 */
import { expect, test } from 'vitest'
import { differential } from './support/compare.ts'
import { WireClient } from './support/wire.ts'

/** Of Redis 7.2, which the reference does not know. */
const NEW_IN_72 = ['total_blocking_keys', 'total_blocking_keys_on_nokey']

/** The names of the fields of a map, as the reply has them. */
function fieldNames(reply: string): string {
  return [...reply.matchAll(/\$\d+\r\n([a-z][\w.-]*)\r\n/g)].map(([, name]) => name).join('\n')
}

differential('MEMORY', ({ compare, pair }) => {
  test('STATS has the fields of Redis', () =>
    compare([
      { command: 'MEMORY STATS', mask: fieldNames },
      'SET key value',
      'SELECT 4',
      'SET key value EX 100',
      { command: 'MEMORY STATS', mask: fieldNames },
      'MEMORY STATS x',
    ]))

  test('USAGE of what is not there, and wrong', () =>
    compare([
      'MEMORY USAGE none',
      'MEMORY USAGE none SAMPLES 0',
      'MEMORY USAGE none SAMPLES 5 SAMPLES 6',
      'MEMORY USAGE none SAMPLES -1',
      'MEMORY USAGE none SAMPLES x',
      'MEMORY USAGE none SAMPLES',
      'MEMORY USAGE none x 1',
      'MEMORY USAGE',
      'SET key value',
      'MEMORY USAGE none',
      { command: 'MEMORY USAGE key', mask: (reply) => reply.replace(/\d+/, 'N') },
      {
        command: 'INFO stats',
        mask: (reply) => reply.match(/keyspace_(hits|misses):\d+/g)!.join(),
      },
    ]))

  test('PURGE, DOCTOR and MALLOC-STATS', () =>
    compare([
      'MEMORY PURGE',
      'MEMORY PURGE x',
      { command: 'MEMORY DOCTOR', mask: (reply) => reply[0]! },
      'MEMORY DOCTOR x',
      { command: 'MEMORY MALLOC-STATS', mask: (reply) => reply[0]! },
      'MEMORY MALLOC-STATS x',
      'MEMORY NOSUCH',
      'MEMORY',
      'MEMORY HELP x',
    ]))

  test('INFO memory and clients have the fields of Redis, in its order', async () => {
    const names = async (port: number, section: string): Promise<string[]> => {
      const client = await WireClient.connect(port)
      const report = Buffer.from(await client.call('INFO', section)).toString('latin1')
      client.close()
      return [...report.matchAll(/^([a-z]\w*):/gm)].map(([, name]) => name!)
    }
    const { redstart, reference } = pair()
    for (const section of ['memory', 'clients']) {
      const theirs = await names(reference.port, section)
      const ours = await names(redstart.port, section)
      expect(ours.filter((name) => !NEW_IN_72.includes(name))).toEqual(theirs)
    }
  })
})

// Otherwise a minute that turns between two steps takes one from what counts.
const NO_DECAY = { flags: ['--lfu-decay-time', '0'] }
/** A second may turn between two steps. */
const ofLate = { command: 'OBJECT IDLETIME key', mask: (reply: string) => reply.replace(/\d/, 'N') }

differential('OBJECT FREQ and IDLETIME', NO_DECAY, ({ compare }) => {
  test('under a policy that counts how often', () =>
    compare([
      'CONFIG SET maxmemory-policy allkeys-lfu',
      'SET key value',
      'OBJECT FREQ key',
      'OBJECT FREQ none',
      'OBJECT IDLETIME key',
      'OBJECT IDLETIME none',
      'CONFIG SET maxmemory-policy allkeys-lru',
      'SET key value',
      'OBJECT FREQ key',
      ofLate,
      'RESTORE old 0 none IDLETIME 100',
      'CONFIG SET maxmemory-policy noeviction',
      'OBJECT FREQ key',
      ofLate,
    ]))
})
