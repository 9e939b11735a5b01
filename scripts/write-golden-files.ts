/**
 * Writes the golden files of test/golden: small RDB and append-only files made by a real Redis of
 * every type and encoding that it has. Run with `node scripts/run-ts.mjs
 * scripts/write-golden-files.ts`, where redis-server is 7.0; test/unit/rdb/golden.test.ts reads
 * them.
 */
import { cpSync, mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { referenceVersion, startReference } from '../test/differential/support/reference.ts'
import { latin1 } from '../test/differential/support/reply.ts'
import { WireClient } from '../test/differential/support/wire.ts'
import {
  latin1Words,
  SAMPLE_COMMANDS,
  type SampleCommand,
  SHORT_SAMPLE_COMMANDS,
} from '../test/support/sample-keys.ts'

const GOLDEN = 'test/golden'

interface Golden {
  name: string
  flags: readonly string[]
  commands: readonly SampleCommand[]
  /** Commands after those that the test makes, too, and before the file is written. */
  more?: readonly SampleCommand[]
}

const SMALL = ['hash-max-listpack-entries', 'set-max-intset-entries', 'zset-max-listpack-entries']
const LENGTHS = ['hash-max-listpack-value', 'zset-max-listpack-value']
const all = (names: readonly string[], value: string): string[] =>
  names.flatMap((name) => [`--${name}`, value])

const DUMPS: readonly Golden[] = [
  { name: 'types', flags: [], commands: SAMPLE_COMMANDS },
  {
    name: 'plain',
    flags: ['--rdbcompression', 'no', '--rdbchecksum', 'no'],
    commands: SHORT_SAMPLE_COMMANDS,
  },
  {
    name: 'small-encodings',
    flags: [...all([...SMALL, ...LENGTHS], '100000'), '--list-max-listpack-size', '-5'],
    commands: SHORT_SAMPLE_COMMANDS,
  },
  {
    name: 'large-encodings',
    flags: [...all([...SMALL, ...LENGTHS], '0'), '--list-max-listpack-size', '3'],
    commands: SHORT_SAMPLE_COMMANDS,
  },
  {
    name: 'lru',
    flags: ['--maxmemory-policy', 'allkeys-lru'],
    commands: [['SET', 'key', 'value']],
  },
  {
    name: 'lfu',
    flags: ['--maxmemory-policy', 'allkeys-lfu'],
    commands: [['SET', 'key', 'value']],
  },
  {
    name: 'functions',
    flags: [],
    commands: [['SET', 'key', 'value']],
    more: [
      ['FUNCTION', 'LOAD', "#!lua name=lib\nredis.register_function('f', function() return 1 end)"],
    ],
  },
  { name: 'stream', flags: [], commands: [], more: [['XADD', 'stream', '1-1', 'field', 'value']] },
]

const LOGS: readonly Golden[] = ['yes', 'no'].map((preamble) => ({
  name: preamble === 'yes' ? 'log-on-rdb' : 'log-on-log',
  flags: ['--appendonly', 'yes', '--aof-use-rdb-preamble', preamble],
  commands: SHORT_SAMPLE_COMMANDS,
  more: [
    ['BGREWRITEAOF'],
    ['SELECT', '0'],
    ['SET', 'after', 'the rewrite'],
    ['RPUSH', 'list', 'after'],
    ['DEL', 'raw'],
  ],
}))

async function withServer(
  golden: Golden,
  use: (call: (words: SampleCommand) => Promise<string>, directory: string) => Promise<void>,
): Promise<void> {
  const server = await startReference({ flags: golden.flags })
  const client = await WireClient.connect(server.port)
  const call = async (words: SampleCommand): Promise<string> => {
    const reply = latin1(await client.call(...latin1Words(words)))
    if (reply.startsWith('-')) throw new Error(`${words[0]}: ${reply}`)
    return reply
  }
  try {
    for (const words of golden.commands) await call(words)
    await use(call, server.directory)
  } finally {
    client.close()
    await server.close()
  }
}

async function writeAll(): Promise<void> {
  if (!referenceVersion?.startsWith('7.0.')) throw new Error('redis-server 7.0 is needed')
  rmSync(GOLDEN, { recursive: true, force: true })
  mkdirSync(GOLDEN)
  for (const golden of DUMPS) {
    await withServer(golden, async (call, directory) => {
      for (const words of golden.more ?? []) await call(words)
      await call(['SAVE'])
      cpSync(join(directory, 'dump.rdb'), join(GOLDEN, `${golden.name}.rdb`))
    })
  }
  for (const golden of LOGS) {
    await withServer(golden, async (call, directory) => {
      for (const words of golden.more ?? []) {
        await call(words)
        while ((await call(['INFO', 'persistence'])).includes('aof_rewrite_in_progress:1')) {
          // The rewrite is under way.
        }
      }
      await call(['CONFIG', 'SET', 'appendfsync', 'always'])
      await call(['SET', 'last', 'value'])
      cpSync(join(directory, 'appendonlydir'), join(GOLDEN, golden.name), { recursive: true })
    })
  }
}

await writeAll()
