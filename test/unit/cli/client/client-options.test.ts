import { describe, expect, test } from 'vitest'
import { parseClientOptions } from '../../../../src/cli/client/client-options.ts'

const parse = (...argv: string[]) =>
  parseClientOptions(
    argv,
    true,
    (path) => path === 'here',
    (text) => (text.startsWith('"') ? text.slice(1, -1) : null),
  )
const options = (...argv: string[]) => parse(...argv).options

describe('the command line of the client', () => {
  test('ends its options at the first word that is none', () => {
    expect(options('-p', '7000', 'SET', '-x', 'é')).toMatchObject({
      port: 7000,
      stdinIsLast: false,
      words: ['SET', '-x', 'Ã©'],
    })
  })

  test('takes a URI apart', () => {
    expect(options('-u', 'rediss://me:p%40ss@[::1]:7001/3')).toMatchObject({
      host: '::1',
      port: 7001,
      user: 'me',
      password: 'p@ss',
      database: 3,
      tls: { enabled: true },
    })
    expect(options('-u', 'redis://host')).toMatchObject({ host: 'host', port: 6379, user: null })
    expect(options('-u', 'redis://secret@/2')).toMatchObject({
      host: '127.0.0.1',
      password: 'secret',
      database: 2,
    })
  })

  test('prefers RESP3 for JSON, unless the protocol is given', () => {
    expect(options('--json').resp3).toBe('preferred')
    expect(options('-3', '--json').resp3).toBe('required')
    expect(options('--json', '-2')).toMatchObject({ resp2: true })
  })

  test('warns of passwords on the command line', () => {
    expect(parse('-a', 'x').warnings).toHaveLength(1)
    expect(parse('-a', 'x', '--no-auth-warning').warnings).toEqual([])
  })

  test('reads intervals and counts as C does', () => {
    expect(options('-i', '0.25', '-r', '-1', '-n', '2x', '--count', 'no')).toMatchObject({
      intervalMs: 250,
      repeat: -1,
      database: 2,
      scanCount: 0,
    })
  })

  test('takes the directory of standalone where the word is one', () => {
    expect(options('--standalone').standalone).toBe('')
    expect(options('--standalone', 'PING')).toMatchObject({ standalone: '', words: ['PING'] })
    expect(options('--standalone', './data').standalone).toBe('./data')
    expect(options('--standalone', 'here', 'PING')).toMatchObject({
      standalone: 'here',
      words: ['PING'],
    })
    expect(options('--standalone=data').standalone).toBe('data')
  })

  test.each([
    [['--nothing'], "Unrecognized option or bad number of args for: '--nothing'"],
    [['-p'], "Unrecognized option or bad number of args for: '-p'"],
    [['-p', '65536'], 'Invalid server port.'],
    [['-2', '-3'], 'Options -2 and -3 are mutually exclusive.'],
    [['-x', '-X', 'tag'], 'Options -x and -X are mutually exclusive.'],
    [['-s', 'path', '-c'], 'Options -c and -s are mutually exclusive.'],
    [['-u', 'http://x'], 'Invalid URI scheme'],
    [['-u', 'redis://%4@x'], 'Incomplete URI encoding'],
    [['-u', 'redis://%zz@x'], 'Illegal character in URI encoding'],
    [['--quoted-pattern', 'x'], 'Invalid quoted string specified for --quoted-pattern.'],
    [['--ldb'], 'Redstart has no Lua debugger.'],
    [['--cluster', 'info'], 'Redstart has no cluster commands: redis-cli --cluster has them.'],
  ])('refuses %j', (argv, message) => {
    expect(() => parse(...argv)).toThrow(message)
  })
})
