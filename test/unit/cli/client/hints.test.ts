import { beforeAll, describe, expect, test } from 'vitest'
import { builtInDocs, type CommandDoc, findDoc } from '../../../../src/cli/client/command-docs.ts'
import { completeLine } from '../../../../src/cli/client/completion.ts'
import { expectsKey, hintFor, nextTokens, syntaxOf } from '../../../../src/cli/client/hints.ts'

let docs: readonly CommandDoc[]
beforeAll(async () => {
  docs = await builtInDocs()
})

const words = (line: string) => line.split(' ').filter((word) => word !== '')

describe('hints', () => {
  // Each as redis-cli 7.2 hints it, apart from what Redstart's SET has beyond.
  test.each([
    [
      'SET',
      'key value [NX|XX|IFEQ comparison-value] [GET] [EX seconds|PX milliseconds|EXAT unix-time-seconds|PXAT unix-time-milliseconds|KEEPTTL]',
    ],
    [
      'set k',
      'value [NX|XX|IFEQ comparison-value] [GET] [EX seconds|PX milliseconds|EXAT unix-time-seconds|PXAT unix-time-milliseconds|KEEPTTL]',
    ],
    ['SET k v EX', 'seconds [NX|XX|IFEQ comparison-value] [GET]'],
    ['SET k v EX 10', '[NX|XX|IFEQ comparison-value] [GET]'],
    [
      'SET k v GET NX',
      '[EX seconds|PX milliseconds|EXAT unix-time-seconds|PXAT unix-time-milliseconds|KEEPTTL]',
    ],
    ['CONFIG SET', 'parameter value [parameter value ...]'],
    ['CONFIG SET a', 'value [parameter value ...]'],
    ['GET k', ''],
    ['GET k more', ''],
    ['DEL', 'key [key ...]'],
    ['DEL a', '[key ...]'],
    ['DEL a b', '[key ...]'],
    ['EXPIRE k', 'seconds [NX|XX|GT|LT]'],
    ['EXPIRE k ten', ''],
    ['ZADD z', '[NX|XX] [GT|LT] [CH] [INCR] score member [score member ...]'],
    ['ZADD z NX 1', 'member [score member ...]'],
    ['LPOP l', '[count]'],
  ])('%s: %s', (line, hint) => {
    expect(hintFor(docs, words(line))).toBe(hint)
  })

  test('there is none for what is no command', () => {
    expect(hintFor(docs, ['NOSUCH'])).toBe(null)
    expect(hintFor(docs, [])).toBe(null)
  })

  test('every command has a syntax, and the words of it match', () => {
    for (const doc of docs) {
      expect(typeof syntaxOf(doc)).toBe('string')
      expect(findDoc(docs, [...doc.words])?.name).toBe(doc.name)
    }
  })

  test('options that may come next', () => {
    expect(nextTokens(docs, words('SET k v'))).toEqual([
      'NX',
      'XX',
      'IFEQ',
      'GET',
      'EX',
      'PX',
      'EXAT',
      'PXAT',
      'KEEPTTL',
    ])
    expect(nextTokens(docs, words('SET k v EX 10'))).toEqual(['NX', 'XX', 'IFEQ', 'GET'])
    expect(nextTokens(docs, words('SET k'))).toEqual([])
  })

  test.each([
    ['GET', true],
    ['GET k', false],
    ['SET k', false],
    ['DEL a b', true],
    ['MSET a 1', true],
    ['MSET a', false],
    ['PING', false],
  ])('after %s a key is expected: %s', (line, expected) => {
    expect(expectsKey(docs, words(line))).toBe(expected)
  })
})

describe('completion', () => {
  const keys = ['foo', 'foo bar', 'fo*', 'zoo', 'föhn']
  const bytes = (text: string) => Buffer.from(text, 'utf8').toString('latin1')
  const asked: string[] = []
  const scan = async (_cursor: string, pattern: string) => {
    asked.push(pattern)
    const start = pattern.slice(0, -1).replace(/\\(.)/g, '$1')
    return { cursor: '0', keys: keys.map(bytes).filter((key) => key.startsWith(start)) }
  }
  const complete = async (line: string) => (await completeLine(line, docs, scan)).candidates

  test('of commands, in the case that was typed', async () => {
    expect(await complete('HGETA')).toEqual(['HGETALL'])
    expect(await complete('hgeta')).toEqual(['hgetall'])
    expect(await complete('config res')).toEqual(['resetstat'])
    expect(await complete('3 pin')).toEqual(['ping'])
    expect(await complete('recon')).toEqual(['reconnect'])
    expect(await complete('config ')).toContain('resetstat')
    expect(await complete('CONFIG ')).toContain('RESETSTAT')
  })

  test('of topics behind help', async () => {
    expect(await complete('help @sor')).toEqual(['@sorted-set'])
    expect(await complete('help hgetal')).toEqual(['hgetall'])
  })

  test('of options', async () => {
    expect(await complete('SET k v KE')).toEqual(['KEEPTTL'])
    expect(await complete('set k v e')).toEqual(['ex', 'exat'])
  })

  test('of keys, quoted where they must be', async () => {
    expect(await complete('GET fo')).toEqual(['"foo bar"', 'fo*', 'foo'])
    expect(await complete('GET fö')).toEqual(['föhn'])
    expect(await complete('peek z')).toEqual(['zoo'])
    expect(await complete('GET "foo b')).toEqual(['"foo bar"'])
    expect(await complete("GET 'fö")).toEqual(['"föhn"'])
    expect(await complete('SET "a b" "c" ')).toContain('KEEPTTL')
    expect(await complete('GET "a"b')).toEqual([])
    expect(await complete('GET "foo b\\x')).toEqual([])
    asked.length = 0
    expect(await complete('GET fo*')).toEqual(['fo*'])
    expect(asked).toEqual(['fo\\**'])
  })

  test('asks a bounded number of times', async () => {
    let requests = 0
    const endless = async (cursor: string) => {
      requests++
      return { cursor: String(Number(cursor) + 1), keys: [`k${cursor}`] }
    }
    const { candidates } = await completeLine('GET k', docs, endless)
    expect(requests).toBe(20)
    expect(candidates).toHaveLength(20)
  })
})
