import { describe, expect, test } from 'vitest'
import { type BenchmarkOptions, parseOptions } from '../../../../src/cli/benchmark/options.ts'

function parse(line: string): BenchmarkOptions {
  const parsed = parseOptions(line === '' ? [] : line.split(' '))
  if (parsed.kind !== 'run') throw new Error(`${line}: ${parsed.kind}`)
  return parsed.options
}

describe('the options', () => {
  test('have the defaults of redis-benchmark', () => {
    expect(parse('')).toMatchObject({
      clients: 50,
      requests: 100_000,
      pipeline: 1,
      keyCount: null,
      keepAlive: true,
      digits: 3,
      target: { host: '127.0.0.1', port: 6379, database: 0, isResp3: false, tls: null },
    })
  })

  test('are read up to the command', () => {
    const options = parse(
      '-p 7000 -c 5 -n 9 -P 3 -r 100 -3 -a secret --user me lpush -x __rand_int__',
    )
    expect(options).toMatchObject({ clients: 5, requests: 9, pipeline: 3, keyCount: 100 })
    expect(options.target).toMatchObject({ port: 7000, isResp3: true, user: 'me' })
    expect(options.command).toEqual(['lpush', '-x', '__rand_int__'])
  })

  test('take numbers as atoi does, and keep limits', () => {
    expect(parse('-d x').sizes.text).toBe('1')
    expect(parse('-d 12k').sizes.text).toBe('12')
    expect(parse('-P 0 -k 0 --precision 9')).toMatchObject({ pipeline: 1, digits: 4 })
    expect(parse('-r -5').keyCount).toBe(0)
    expect(parse('--threads 1000').threads).toBe(500)
  })

  test('take a URI', () => {
    const { target } = parse('-u rediss://me:a%20b@example.test:7000/3')
    expect(target).toMatchObject({ host: 'example.test', port: 7000, user: 'me', database: 3 })
    expect(target).toMatchObject({ password: 'a b', tls: { rejectUnauthorized: true } })
    expect(parse('-u redis://\u00e9%e9@[::1]').target).toMatchObject({
      host: '::1',
      password: '\xc3\xa9\xe9',
      tls: null,
    })
    const { user, password } = parse('-u redis://:secret@h').target
    expect({ user, password }).toEqual({ user: undefined, password: 'secret' })
  })

  test('take mixtures with and without names', () => {
    expect(parse('--ratio 1:10').mixture).toEqual({ names: ['set', 'get'], weights: [1, 10] })
    expect(parse('--ratio SET:INCR 2:3 -q').mixture?.weights).toEqual([2, 3])
    expect(parse('--ratio SET:INCR 2:3 -q').isQuiet).toBe(true)
  })

  test.each([
    '-c',
    '--bogus',
    '-p 70000',
    '-r -x',
    '--ratio 1',
    '--ratio SET:GET',
    '--ratio 0:0',
    '--rate 0',
    '--distribution bell',
    '--data-size-range 5-1',
    '-u nowhere',
    '-u redis://a%zz@b',
    '--tls --cacert /nonexistent/ca.crt',
  ])('are refused: %s', (line) => {
    expect(parseOptions(line.split(' ')).kind).toBe('invalid')
  })

  test('that only ask', () => {
    expect(parseOptions(['-c', '1', '--help']).kind).toBe('help')
    expect(parseOptions(['-v']).kind).toBe('version')
  })
})
