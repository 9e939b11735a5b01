/**
 * `redstart cli` beside redis-cli, on the same server and on the same data: what both print, on
 * both outputs, and their exit statuses are equal to the byte. No expected values are written
 * down, except where redis-cli gives up.
 */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { hasRedisCli, type Ran, runClient } from './support/command-line.ts'
import { referenceVersion, startReference } from './support/reference.ts'
import type { RunningServer } from './support/server-process.ts'
import { WireClient } from './support/wire.ts'

const isPossible = hasRedisCli && referenceVersion !== undefined

describe.skipIf(!isPossible)('the client', () => {
  let server: RunningServer
  let client: WireClient
  beforeAll(async () => {
    server = await startReference({ flags: ['--enable-debug-command', 'yes'] })
    client = await WireClient.connect(server.port)
  })
  afterAll(async () => {
    client?.close()
    await server?.close()
  })

  async function reset(): Promise<void> {
    await client.pipeline([
      ['FLUSHALL'],
      ['SELECT', '0'],
      ['RPUSH', 'list', 'a', 'b c', 'é', Uint8Array.of(0xff, 10, 34, 92, 7)],
      ['HSET', 'hash', 'f', 'v'],
      ['SADD', 'set', '1', '2', '3'],
      ['ZADD', 'zset', '1.5', 'm'],
      ['XADD', 'stream', '1-1', 'f', 'v'],
      ['SET', 'string', 'value'],
      // The table has grown. Each look-up moves some of it, which otherwise the cron does in its own
      // time: between two scans, which then see the keys in two orders.
      ...Array.from({ length: 10 }, () => ['EXISTS', 'nokey']),
    ])
  }
  beforeEach(reset)

  async function both(argv: string[], input = '', env = {}): Promise<[Ran, Ran]> {
    const at = ['-p', String(server.port), ...argv]
    const theirs = await runClient('redis-cli', at, input, env)
    await reset()
    return [theirs, await runClient('redstart', at, input, env)]
  }

  async function compare(argv: string[], input = '', env = {}): Promise<void> {
    const [theirs, ours] = await both(argv, input, env)
    expect(ours, JSON.stringify(argv)).toEqual(theirs)
  }

  const FORMATS = ['--raw', '--no-raw', '--csv', '--json', '--quoted-json']

  // Types of replies, as DEBUG PROTOCOL makes them.
  const TYPES = [
    'string',
    'integer',
    'double',
    'null',
    'array',
    'set',
    'map',
    'push',
    'verbatim',
    'true',
    'false',
  ]
  test.each(TYPES)('shows a reply of type %s in every format and protocol', async (type) => {
    const runs: Promise<void>[] = []
    for (const format of FORMATS) {
      for (const protocol of ['-2', '-3']) {
        runs.push(compareOnly([protocol, format, 'DEBUG', 'PROTOCOL', type]))
      }
    }
    await Promise.all(runs)
  })

  /** Without resetting the data: for what reads only, many at a time. */
  async function compareOnly(argv: string[], input = '', env = {}): Promise<void> {
    const at = ['-p', String(server.port), ...argv]
    const [theirs, ours] = await Promise.all([
      runClient('redis-cli', at, input, env),
      runClient('redstart', at, input, env),
    ])
    expect(ours, JSON.stringify(argv)).toEqual(theirs)
  }

  const NESTED =
    'return {1,{2,{3,"x\\"\\n\\1"},{}},{},{err="E x"},{ok="fine"},false,1,2,3,4,5,{{{}}}}'
  const NESTED_REPLIES = [
    `EVAL '${NESTED}' 0`,
    'LRANGE list 0 -1',
    'HGETALL hash',
    'ZRANGE zset 0 -1 WITHSCORES',
    'XRANGE stream - +',
    'COMMAND DOCS SET',
    'COMMAND INFO get nosuch',
    'CONFIG GET maxmemory*',
  ]
  test.each(FORMATS)('shows nested replies with %s', async (format) => {
    const input = `${NESTED_REPLIES.join('\n')}\n`
    await Promise.all(['-2', '-3'].map((protocol) => compareOnly([protocol, format], input)))
  })

  test.each([
    [['NOSUCH']],
    [['-e', 'NOSUCH']],
    [['-d', ',', 'LRANGE', 'list', '0', '-1']],
    [['-D', ';', '-r', '2', 'PING']],
    [['-r', '3', 'INCR', 'n']],
    [['-r', '2', '-i', '0.01', 'PING']],
    [['-n', '3', 'SET', 'a', 'b']],
    [['-n', '77', 'PING']],
    [['-a', 'wrong', 'PING']],
    [['-a', 'wrong', '--no-auth-warning', '--user', 'me', 'PING']],
    [['--quoted-input', 'SET', '"\\x00\\xff"', 'v']],
    [['--quoted-input', 'SET', '"open', 'v']],
    [['-X', 'tag', 'SET', 'a', 'b']],
    [['-2', '-3', 'PING']],
    [['-x', '-X', 'tag', 'PING']],
    [['-s', 'x', '-c', 'PING']],
    [['--nothing']],
    [['-u', 'http://x', 'PING']],
    [['-u', 'redis://:%zz@x', 'PING']],
    [['--show-pushes', 'z', 'PING']],
    [['-s', '/tmp/there-is-no-such-socket', 'PING']],
    [['MEMORY', 'DOCTOR']],
    [['--scan', '--pattern', 's*']],
    [['--no-raw', '--scan']],
    [['--scan', '--quoted-pattern', '"s\\x74ring"']],
    [['--bigkeys']],
    [['--memkeys']],
    [['--memkeys-samples', '2']],
    [['--eval', '/there/is/no/such/file']],
    [['-3', '--no-raw', 'CLIENT', 'GETNAME']],
    [['RESET']],
    [['CLIENT', 'NO-EVICT', 'ON']],
  ])('answers %j', async (argv) => compare(argv))

  test.each([
    [['-x', 'SET', 'a'], 'all\nof it\n'],
    [['-X', 'TAG', 'SET', 'a', 'TAG', 'GET'], 'value'],
    [[], 'SET a b\nGET a\n3 INCR n\nbogus "\n0 PING\n-1 PING\n\n   \nPING\n'],
    [[], 'MULTI\nSET q 1\nSELECT 5\nEXEC\nGET q\nQUIT\nPING\n'],
    [[], 'SELECT 4\nSET a "x\\x00y"\nKEYS *\nSELECT 0\nINFO replication\n'],
    [[], ':set foo\n:foo\nrestart\nAUTH x\nexit\nPING\n'],
    [['--no-raw'], 'PING\nGET nokey\nLRANGE list 0 -1\nHELLO 9\n'],
    [['--csv'], 'PING\nGET nokey\nLRANGE list 0 -1\n'],
    [
      ['-3', '--no-raw', '--show-pushes', 'y'],
      'CLIENT TRACKING ON\nGET string\nSET string 1\nPING\nPING\n',
    ],
    [['-3'], 'CLIENT TRACKING ON\nGET string\nSET string 1\nPING\nPING\n'],
    [['-3', '--show-pushes', 'y'], 'CLIENT TRACKING ON\nGET string\nSET string 1\nPING\nPING\n'],
    [['-e'], 'NOSUCH\nPING\n'],
  ])('reads standard input, %j: %j', async (argv, input) => compare(argv, input))

  test('shows replies as to a person where the environment says so', async () => {
    await compare(['LRANGE', 'list', '0', '-1'], '', { FAKETTY: '1' })
    await compare([], 'LRANGE list 0 -1\nGET nokey\n', { FAKETTY: '1' })
  })

  test('says where it cannot connect, and exits as redis-cli', async () => {
    for (const [argv, input] of [
      [['PING'], ''],
      [[], 'PING\nPING\n'],
      [['--stat'], ''],
    ] as const) {
      const at = ['-p', '1', ...argv]
      const theirs = await runClient('redis-cli', at, input)
      expect(await runClient('redstart', at, input)).toEqual(theirs)
    }
  })

  test('takes the password from the environment', () =>
    compare(['PING'], '', { REDISCLI_AUTH: 'wrong' }))

  test('transfers protocol', async () => {
    const input = '*1\r\n$4\r\nPING\r\nSET a b\r\nNOSUCH x\r\n*2\r\n$3\r\nGET\r\n$1\r\na\r\n'
    await compare(['--pipe'], input)
    expect(await client.call('GET', 'a')).toEqual(Buffer.from('$1\r\nb\r\n'))
  })

  test('gives up a transfer that is not answered', async () => {
    // What is missing of the last request swallows the sign of the end.
    const [theirs, ours] = await both(['--pipe', '--pipe-timeout', '1'], '*1\r\n$1000\r\nx')
    expect(ours).toEqual(theirs)
    expect(ours.status).toBe(1)
  })

  test('writes a dump from a server that sends one', async () => {
    await client.call('CONFIG', 'SET', 'repl-diskless-sync-delay', '0')
    const [theirs, ours] = await both(['--rdb', '-'])
    const withoutSize = (text: string) => text.replace(/\d+ bytes\n/, 'N bytes\n')
    expect(withoutSize(ours.error)).toBe(withoutSize(theirs.error))
    expect(ours.output.slice(0, 9)).toBe('REDIS0010')
    // At the end stands the mark by which the dump is known to be whole, which redis-cli prints.
    expect(ours.error).toContain(`after ${ours.output.length} bytes`)
    expect(theirs.error).toContain(`after ${theirs.output.length - 40} bytes`)
  })

  test('measures latencies for scripts', async () => {
    for (const [format, pattern] of [
      ['--raw', /^\d+ \d+ \d+\.\d\d \d+\n$/],
      ['--csv', /^\d+,\d+,\d+\.\d\d,\d+\n$/],
    ] as const) {
      for (const ran of await both(['--latency', format, '-i', '0.05'])) {
        expect(ran.output).toMatch(pattern)
        expect(ran.status).toBe(0)
      }
    }
  })

  test('looks for hot keys', async () => {
    const [theirs, ours] = await both(['--hotkeys'])
    expect(ours).toEqual(theirs)
    await client.call('CONFIG', 'SET', 'maxmemory-policy', 'allkeys-lfu')
    await reset()
    const hot = await runClient('redstart', ['-p', String(server.port), '--hotkeys'])
    await client.call('CONFIG', 'SET', 'maxmemory-policy', 'noeviction')
    expect(hot.output).toContain('Sampled 6 keys in the keyspace!')
    expect(hot.output).toMatch(/hot key found with counter: \d+\tkeyname: "string"/)
  })

  test('shows what redis-cli cannot: big numbers and what has attributes', async () => {
    const at = ['-p', String(server.port), '-3', '--no-raw', 'DEBUG', 'PROTOCOL']
    const big = await runClient('redstart', [...at, 'BIGNUM'])
    expect(big.output).toBe('(big number) 1234567999999999999999999999999999999\n')
    const attributed = await runClient('redstart', [...at, 'ATTRIB'])
    expect(attributed.output).toBe('"Some real reply following the attribute"\n')
  })
})
