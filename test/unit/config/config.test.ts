import { describe, expect, test } from 'vitest'
import { Config } from '../../../src/config/config.ts'
import { documentedDirectives } from '../../../src/config/directives.ts'
import { NOTIFY } from '../../../src/config/special.ts'
import { MemoryFiles } from './memory-files.ts'

function newConfig(): Config {
  return new Config(new MemoryFiles(), { directory: '/data' })
}

function failed(name: string, reason: string): string {
  return `ERR CONFIG SET failed (possibly related to argument '${name}') - ${reason}`
}

describe('values', () => {
  test('are typed by the table', () => {
    const config = newConfig()
    const port: number = config.get('port')
    const isProtected: boolean = config.get('protected-mode')
    const level: 'debug' | 'verbose' | 'notice' | 'warning' | 'nothing' = config.get('loglevel')
    const addresses: readonly string[] = config.get('bind')
    expect([port, isProtected, level, addresses]).toEqual([6379, true, 'notice', ['*', '-::*']])
    expect(config.get('dir')).toBe('/data')
    expect(config.get('replicaof')).toBeNull()
    expect(config.get('save')[0]).toEqual({ seconds: 3600, changes: 1 })
    const { replica } = config.get('client-output-buffer-limit')
    expect(replica).toEqual({ hardBytes: 268435456, softBytes: 67108864, softSeconds: 60 })
  })

  test('print as Redis prints them', () => {
    const config = newConfig()
    expect(config.print('save')).toBe('3600 1 300 100 60 10000')
    expect(config.print('bind')).toBe('* -::*')
    expect(config.print('client-output-buffer-limit')).toBe(
      'normal 0 0 0 slave 268435456 67108864 60 pubsub 33554432 8388608 60',
    )
    expect(config.print('latency-tracking-info-percentiles')).toBe('50 99 99.9')
    expect(config.print('SLAVE-PRIORITY')).toBe('100')
    expect(config.print('nosuch')).toBeNull()
  })

  test.each([
    ['maxmemory', '1GB', '1073741824'],
    ['maxmemory', '18446744073709551615', '18446744073709551615'],
    ['maxmemory', '', '0'],
    ['maxmemory-clients', '5%', '5%'],
    ['maxmemory-clients', '0%', '0'],
    ['save', '1 2 3 4', '1 2 3 4'],
    ['save', '', ''],
    ['bind', '', ''],
    ['hz', '1000', '500'],
    ['hz', '0', '1'],
    ['oom-score-adj', 'relative', 'yes'],
    ['shutdown-on-sigint', 'now NOSAVE force', 'nosave now force'],
    ['shutdown-on-sigint', 'default', 'default'],
    ['notify-keyspace-events', 'KEg$lshzxetd', 'AKE'],
    ['notify-keyspace-events', 'mnE', 'nEm'],
    [
      'client-output-buffer-limit',
      'replica 1kb 2 3',
      'normal 0 0 0 slave 1024 2 3 pubsub 33554432 8388608 60',
    ],
    ['latency-tracking-info-percentiles', '1e1 0.1234567', '10 0.123457'],
  ])('%s set to %j prints %j', (name, text, printed) => {
    const config = newConfig()
    expect(config.setMany([[name, text]])).toBeNull()
    expect(config.print(name)).toBe(printed)
  })

  test('notification classes are bits', () => {
    const config = newConfig()
    config.setMany([['notify-keyspace-events', 'Kx']])
    expect(config.get('notify-keyspace-events')).toBe(NOTIFY.keyspace | NOTIFY.expired)
  })

  test('every parameter takes its own value', () => {
    const config = newConfig()
    for (const [name, value] of config.match(['*'])) {
      const error = config.setMany([[name, value]], { local: true })
      if (error !== null) expect(error).toMatch(/can't set (immutable|protected) config$/)
      expect(config.print(name)).toBe(value)
    }
  })

  test('dir is absolute, and must be a directory', () => {
    const config = newConfig()
    config.files.writeFile('/data/file', new Uint8Array(0))
    expect(config.assign('dir', ['../etc'])).toBeNull()
    expect(config.get('dir')).toBe('/etc')
    expect(config.assign('dir', ['nowhere'])?.reason).toBe('No such file or directory')
    expect(config.assign('dir', ['/data/file'])?.reason).toBe('Not a directory')
    expect(config.get('dir')).toBe('/etc')
  })

  test('paths are UTF-8 to the engine and bytes to clients', () => {
    const config = newConfig()
    config.assign('logfile', [Buffer.from('lög').toString('latin1')])
    expect(config.get('logfile')).toBe('lög')
    expect(config.print('logfile')).toBe('l\xc3\xb6g')
  })
})

describe('CONFIG SET', () => {
  test.each([
    [[['nosuch', '1']], "ERR Unknown option or number of arguments for CONFIG SET - 'nosuch'"],
    [[['a\rb', '1']], "ERR Unknown option or number of arguments for CONFIG SET - 'a b'"],
    [
      [
        ['Daemonize', 'yes'],
        ['nosuch', '1'],
      ],
      failed('Daemonize', "can't set immutable config"),
    ],
    [[['dir', '/']], failed('dir', "can't set protected config")],
    [
      [
        ['timeout', '1'],
        ['TIMEOUT', '2'],
      ],
      failed('TIMEOUT', 'duplicate parameter'),
    ],
    [[['protected-mode', 'x']], failed('protected-mode', "argument must be 'yes' or 'no'")],
    [[['Timeout', 'x']], failed('timeout', "argument couldn't be parsed into an integer")],
    [
      [['SLAVE-PRIORITY', '-1']],
      failed('slave-priority', 'argument must be between 0 and 2147483647 inclusive'),
    ],
    [
      [['maxclients', '-1']],
      failed('maxclients', 'argument must be between 1 and 4294967295 inclusive'),
    ],
    [[['maxmemory', '-1']], failed('maxmemory', 'argument must be a memory value')],
    [
      [['maxmemory-clients', 'x']],
      failed('maxmemory-clients', 'argument must be a memory or percent value'),
    ],
    [
      [['maxmemory-clients', '200%']],
      failed('maxmemory-clients', 'percentage argument must be less or equal to 100'),
    ],
    [
      [['appendfsync', 'x']],
      failed('appendfsync', 'argument(s) must be one of the following: everysec, always, no'),
    ],
    [[['save', '1 2 3']], failed('save', 'Invalid save parameters')],
    [
      [['notify-keyspace-events', 'q']],
      failed('notify-keyspace-events', "Invalid event class character. Use 'Ag$lshzxeKEtmdn'."),
    ],
    [
      [['shutdown-on-sigterm', 'save nosave']],
      failed(
        'shutdown-on-sigterm',
        "shutdown options SAVE and NOSAVE can't be used simultaneously",
      ),
    ],
  ] as [[string, string][], string][])('%j is refused', (pairs, error) => {
    const config = newConfig()
    const before = config.match(['*'])
    expect(config.setMany(pairs)).toBe(error)
    expect(config.match(['*'])).toEqual(before)
  })

  test('changes nothing when a later value is refused', () => {
    const config = newConfig()
    const heard: number[] = []
    config.onChange('maxmemory', (bytes) => heard.push(bytes))
    const error = config.setMany([
      ['maxmemory', '10000001'],
      ['maxmemory-clients', '200%'],
      ['client-query-buffer-limit', 'invalid'],
    ])
    expect(error).toContain("'maxmemory-clients'")
    expect(config.get('maxmemory')).toBe(0)
    expect(heard).toEqual([10000001, 0])
  })

  test('rolls back and applies again when a hook refuses', () => {
    const config = newConfig()
    const applied: string[] = []
    config.onApply(['hz'], () => {
      applied.push(`hz ${config.get('hz')}`)
      return null
    })
    config.onApply(['port', 'bind'], () => {
      applied.push(`port ${config.get('port')}`)
      return config.get('port') === 80 ? 'Unable to listen on this port. Check server logs.' : null
    })
    const error = config.setMany([
      ['hz', '20'],
      ['port', '80'],
      ['bind', '127.0.0.1'],
    ])
    expect(error).toBe(failed('port', 'Unable to listen on this port. Check server logs.'))
    expect(applied).toEqual(['hz 20', 'port 80', 'hz 10', 'port 6379'])
    expect([config.get('hz'), config.get('port'), config.print('bind')]).toEqual([
      10,
      6379,
      '* -::*',
    ])
  })

  test('does not apply what has not changed, but listens again at the same addresses', () => {
    const config = newConfig()
    let applied = 0
    config.onApply(['port', 'bind'], () => {
      applied++
      return null
    })
    config.setMany([['port', '6379']])
    expect(applied).toBe(0)
    config.setMany([['bind', '* -::*']])
    expect(applied).toBe(1)
  })

  test('waits for a hook that takes its time', async () => {
    const config = newConfig()
    config.onApply(['port'], async () => (config.get('port') === 80 ? 'no' : null))
    expect(await config.setManyAsync([['port', '80']])).toBe(failed('port', 'no'))
    expect(config.get('port')).toBe(6379)
    expect(await config.setManyAsync([['port', '81']])).toBeNull()
    expect(config.get('port')).toBe(81)
    expect(() => config.setMany([['port', '82']])).toThrow(TypeError)
    expect(config.get('port')).toBe(81)
  })

  test('guards protected directives by where the client is', () => {
    const config = newConfig()
    config.assign('enable-protected-configs', ['local'])
    expect(config.setMany([['dbfilename', 'x']])).toContain('protected')
    expect(config.setMany([['dbfilename', 'x']], { local: true })).toBeNull()
    expect(config.setMany([['dbfilename', 'a/b']], { local: true })).toBe(
      failed('dbfilename', "dbfilename can't be a path, just a filename"),
    )
    expect(config.allows('enable-debug-command', true)).toBe(false)
  })

  test('refuses some directives while loading', () => {
    const config = newConfig()
    expect(config.setMany([['loglevel', 'debug']], { loading: true })).toBeNull()
    expect(config.setMany([['appendonly', 'yes']], { loading: true })).toBe(
      'LOADING Redis is loading the dataset in memory',
    )
  })

  test('knows what to keep out of logs', () => {
    const config = newConfig()
    expect(config.isSensitive('RequirePass')).toBe(true)
    expect(config.isSensitive('port')).toBe(false)
    expect(config.isSensitive('nosuch')).toBe(false)
  })
})

describe('CONFIG GET', () => {
  test('gives each parameter once, and a plain name as it was written', () => {
    const config = newConfig()
    expect(config.match(['PORT', 'port', 'por*'])).toEqual([['PORT', '6379']])
    const names = config.match(['maxmemory', 'maxmemory*', 'bind', '*of']).map(([name]) => name)
    expect(new Set(names).size).toBe(names.length)
    for (const name of ['maxmemory', 'maxmemory-samples', 'bind', 'slaveof', 'replicaof']) {
      expect(names).toContain(name)
    }
  })

  test('matches patterns in any case, and hidden directives only by name', () => {
    const config = newConfig()
    expect(config.match(['MAXMEM*TENACITY'])).toEqual([['maxmemory-eviction-tenacity', '10']])
    expect(config.match(['key-load-*'])).toEqual([])
    expect(config.match(['key-load-delay'])).toEqual([['key-load-delay', '0']])
    expect(config.match(['nosuch', 'nosuch*'])).toEqual([])
  })
})

test('the documentation has every directive but the hidden ones', () => {
  const documented = documentedDirectives()
  const names = documented.map(({ name }) => name)
  expect(names).toEqual([...names].sort())
  const shown = newConfig().match(['*']).length
  expect(names.length + documented.filter(({ alias }) => alias !== null).length).toBe(shown)
  expect(documented.find(({ name }) => name === 'port')).toEqual({
    name: 'port',
    alias: null,
    kind: 'integer',
    defaultValue: '6379',
    settable: true,
    meaning: 'active',
  })
})
