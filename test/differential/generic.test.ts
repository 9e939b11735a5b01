/** The commands over keys, against a real Redis. What only 7.2 has is in the unit tests. */
import { expect, test } from 'vitest'
import { type Command, differential, type Step } from './support/compare.ts'
import { latin1, parseReply } from './support/reply.ts'
import { WireClient } from './support/wire.ts'

const LARGE = 'v'.repeat(20_000)

/** Times differ by what passes between the two servers. */
const near = (command: string): Step => ({
  command,
  mask: (reply) => reply.replace(/^:(\d{3,})\r/, (_, digits) => `:${digits.length} digits\r`),
})
const unordered = (command: Command): Step => ({ command, unordered: 'elements' })
const deep = (command: Command): Step => ({ command, unordered: 'deep' })

differential('DEL, UNLINK, EXISTS, TOUCH and TYPE', ({ compare }) => {
  test.each(['DEL', 'UNLINK'])('%s', (name) =>
    compare([
      name,
      `${name} none`,
      'SET a 1',
      ['SET', 'b', LARGE],
      'SET c 3',
      `${name} a a none b`,
      `${name} a`,
      `${name} c`,
      'EXISTS a b c',
    ]),
  )

  test('EXISTS and TOUCH', () =>
    compare([
      'EXISTS',
      'TOUCH',
      'SET a 1',
      'SET b 1',
      'EXISTS a',
      'EXISTS a a b none',
      'TOUCH a a b none',
      'TOUCH none',
      ['EXISTS', ''],
      ['SET', '', 'empty'],
      ['EXISTS', ''],
    ]))

  test('TYPE', () => compare(['TYPE', 'TYPE a b', 'TYPE none', 'SET a 1', 'TYPE a']))
})

differential('expiry', ({ compare, pair }) => {
  const names = ['EXPIRE', 'PEXPIRE', 'EXPIREAT', 'PEXPIREAT']
  const far: Record<string, string> = {
    EXPIRE: '5000',
    PEXPIRE: '5000000',
    EXPIREAT: '9999999999',
    PEXPIREAT: '9999999999999',
  }

  test.each(names)('%s sets a time, and one in the past removes the key', (name) =>
    compare([
      name,
      `${name} key`,
      `${name} none ${far[name]}`,
      'SET key value',
      `${name} key ${far[name]}`,
      near('PTTL key'),
      'GET key',
      `${name} key 0`,
      'EXISTS key',
      'SET key value',
      `${name} key -1`,
      'EXISTS key',
      'SET key value',
      `${name} key -9223372036854775`,
      'EXISTS key',
    ]),
  )

  test.each(names)('%s repeats an option that it does not know, without line ends', (name) =>
    compare([
      [name, 'key', 1, 'a\r\nb'],
      [name, 'key', 1, 'a\r\n\n'],
      [name, 'key', 1, '\r\n'],
      [name, 'key', 1, '\r\na '],
    ]),
  )

  test.each(names)('%s with conditions', (name) =>
    compare([
      'SET key value',
      ...[
        'XX',
        'GT',
        'xx gt',
        'LT GT',
        'NX XX',
        'NX GT',
        'nx lt',
        'NX XX GT LT',
        'FOO',
        'NX foo',
      ].map((words) => `${name} key ${far[name]} ${words}`),
      'TTL key',
      `${name} key ${far[name]} NX`,
      `${name} key ${far[name]} NX`,
      `${name} key ${far[name]}9 LT`,
      `${name} key ${far[name]}9 GT`,
      `${name} key ${far[name]}99 GT GT XX XX`,
      `${name} key ${far[name]} GT`,
      `${name} key ${far[name]} LT XX`,
      'PERSIST key',
      `${name} key ${far[name]} LT XX`,
      `${name} key ${far[name]} LT`,
      `${name} key -1 GT`,
      `${name} key -1 LT`,
      'EXISTS key',
      ['SET', 'key', 'value'],
      [name, 'key', 'x', 'FOO'],
      [name, 'none', 'x'],
      [name, 'none', '1', 'FOO'],
      [name, 'key', '1', 'F\0OO'],
      [name, 'key', '1', 'F\r\nOO'],
      [name, 'key', '1', ''],
    ]),
  )

  test.each(names)('%s at the limits of numbers', (name) =>
    compare([
      'SET key value',
      ...[
        ...['', 'x', '1.5', '1e3', ' 1', '1 ', '+1', '01', '-0', '0x10', '1a'],
        ...['9223372036854775', '9223372036854776', '-9223372036854776', '-9223372036854775809'],
        ...['9223372036854775807', '9223372036854775808', '-9223372036854775808'],
        ...['18446744073709551616', '99999999999999999999999'],
      ].flatMap(
        (value) =>
          [
            [name, 'none', value],
            [name, 'key', value, 'XX'],
          ] as const,
      ),
    ]),
  )

  test('times come back to the last digit', () =>
    compare([
      'SET key value',
      ...[
        ...['9999999999999', '2147483648000', '4294967295999', '9007199254740991'],
        ...['9007199254740992', '9007199254740993', '1152921504606846977'],
        ...['9223372036854775306', '9223372036854775807'],
      ].flatMap((at) => [`PEXPIREAT key ${at}`, 'PEXPIRETIME key', 'EXPIRETIME key']),
      'EXPIREAT key 9007199254740',
      'PEXPIRETIME key',
      'EXPIREAT key 9007199254741',
      'PEXPIRETIME key',
      'EXPIREAT key 9223372036854775',
      'PEXPIRETIME key',
      'PEXPIREAT key 9007199254740993',
      'PEXPIREAT key 9007199254740993 GT',
      'PEXPIREAT key 9007199254740992 GT',
      'PEXPIREAT key 9007199254740992 LT',
      'PEXPIRETIME key',
    ]))

  test.each(['TTL', 'PTTL', 'EXPIRETIME', 'PEXPIRETIME'])('%s', (name) =>
    compare([
      name,
      `${name} a b`,
      `${name} none`,
      'SET key value',
      `${name} key`,
      'EXPIRE key 500000',
      near(`${name} key`),
      'PERSIST key',
      `${name} key`,
    ]),
  )

  test('TTL rounds', () =>
    compare([
      'SET key value',
      'PEXPIREAT key 9999999999499',
      'EXPIRETIME key',
      'PEXPIREAT key 9999999999500',
      'EXPIRETIME key',
      'EXPIRE key 100',
      'TTL key',
    ]))

  test('PERSIST', () =>
    compare([
      'PERSIST',
      'PERSIST none',
      'SET key value',
      'PERSIST key',
      'EXPIRE key 100',
      'PERSIST key',
      'PERSIST key',
      'TTL key',
      ['SET', 'large', LARGE],
      'EXPIRE large 100',
      'PERSIST large',
      'GET large',
    ]))

  test('a key whose time has come is gone', async () => {
    const { reference, redstart } = pair()
    const [theirs, ours] = await Promise.all(
      [reference, redstart].map(async ({ port }) => {
        const client = await WireClient.connect(port)
        const replies: Uint8Array[] = []
        for (const key of ['a', 'b', 'c', 'd']) {
          await client.call('SET', key, 'value')
          await client.call('PEXPIRE', key, key === 'd' ? '100000' : '1')
        }
        await new Promise((resolve) => setTimeout(resolve, 30))
        for (const command of [
          ['GET', 'a'],
          ['TTL', 'a'],
          ['PERSIST', 'b'],
          ['RENAME', 'c', 'e'],
          ['COPY', 'd', 'c'],
          ['EXISTS', 'a', 'b', 'c', 'd'],
        ]) {
          replies.push(await client.call(...command))
        }
        client.close()
        return replies.map(latin1)
      }),
    )
    expect(ours).toEqual(theirs)
  })

  test('SET takes an expiry time away', () =>
    compare(['SET key a', 'EXPIRE key 100', 'SET key b', 'TTL key', 'GET key']))
})

differential('RENAME, RENAMENX, MOVE and COPY', ({ compare }) => {
  test.each(['RENAME', 'RENAMENX'])('%s', (name) =>
    compare([
      name,
      `${name} a`,
      `${name} a b`,
      `${name} a a`,
      'SET a 1',
      `${name} a a`,
      `${name} a b`,
      'EXISTS a b',
      'GET b',
      'EXPIRE b 1000',
      `${name} b c`,
      'TTL c',
      ['SET', 'd', LARGE],
      `${name} d c`,
      'GET c',
      'TTL c',
      'GET d',
      'SET e 1',
      'EXPIRE e 1000',
      'SET f 2',
      `${name} f e`,
      'TTL e',
      ['SET', '', 'empty'],
      [name, '', 'named'],
      [name, 'named', ''],
      ['GET', ''],
      unordered('KEYS *'),
    ]),
  )

  test('MOVE', () =>
    compare([
      'MOVE',
      'MOVE a',
      'MOVE a 0',
      'MOVE a 1',
      'SET a 1',
      'MOVE a 0',
      ...['16', '-1', 'x', '1.0', '', '2147483647', '2147483648', '-2147483649'].map((db) => [
        'MOVE',
        'a',
        db,
      ]),
      'MOVE a 99999999999999999999',
      'MOVE a 9007199254740993',
      'MOVE a 1',
      'GET a',
      'MOVE a 1',
      'SET a 2',
      'MOVE a 1',
      'GET a',
      ['SET', 'b', LARGE],
      'EXPIRE b 1000',
      'MOVE b 15',
      'EXISTS b',
      'SELECT 15',
      'GET b',
      'TTL b',
      'MOVE b 0',
      'SELECT 1',
      'GET a',
      unordered('KEYS *'),
    ]))

  test('COPY', () =>
    compare([
      'COPY',
      'COPY a',
      'COPY a b',
      'COPY a a',
      'COPY a a DB 0',
      'COPY a a DB 1',
      'SET a 1',
      'COPY a a',
      'COPY a a REPLACE',
      'COPY a b',
      'GET b',
      'SET a 2',
      'GET b',
      'COPY a b',
      'COPY a b REPLACE',
      'GET b',
      'EXPIRE a 1000',
      'COPY a b replace',
      'TTL b',
      'PERSIST a',
      'COPY a b REPLACE REPLACE',
      'TTL b',
      'COPY a a db 3',
      'COPY a a DB 3',
      'COPY a a DB 3 REPLACE',
      'COPY a a DB 3 DB 4',
      'COPY a b DB',
      'COPY a b DB x',
      'COPY a b DB 16',
      'COPY a b DB -1',
      'COPY a b DB 99999999999',
      'COPY a b DB 1 FOO',
      'COPY a b FOO',
      'COPY a a DB 99',
      'COPY a b DB 99 FOO',
      ['SET', 'large', LARGE],
      'COPY large c',
      'DEL large',
      'GET c',
      'OBJECT ENCODING c',
      'SELECT 4',
      unordered('KEYS *'),
    ]))
})

differential('KEYS, SCAN and RANDOMKEY', ({ compare, pair }) => {
  const names = [
    ...['one', 'two', 'three', 'four', 'a[b', 'a\\b', 'a*b', '*', '?', 'UPPER', 'foo:1', 'foo:2'],
    ...['', '\xff\x80', 'line\r\nend', 'hello', 'hallo', 'hxllo', 'heeeello'],
  ]
  const patterns = [
    ...['*', '**', '', '?', '*o*', 'h?llo', 'h*llo', 'h[ae]llo', 'h[^e]llo', 'h[a-e]llo', 'foo:*'],
    ...[
      'a\\[b',
      'a\\\\b',
      'a\\*b',
      '\\*',
      '\\?',
      'upper',
      '[A-Z]*',
      '[^a-z]*',
      '\xff*',
      'a[b',
      '[',
    ],
    ...['*\x80', 'line*', 'nothing*', '[', '[a', '\\', 'none'],
  ]
  const filled = names.map((name) => ['SET', name, 'value'])

  test('KEYS', () =>
    compare([
      'KEYS',
      'KEYS a b',
      'KEYS *',
      ...filled,
      ...patterns.map((pattern) => unordered(['KEYS', pattern])),
    ]))

  test('SCAN of few keys', () =>
    compare([
      'SCAN 0',
      ...filled,
      deep('SCAN 0 COUNT 1000'),
      ...patterns.map((pattern) => deep(['SCAN', '0', 'COUNT', '1000', 'MATCH', pattern])),
      deep('SCAN 0 TYPE string COUNT 100'),
      deep('scan 0 type STRING count 100 match *o*'),
      deep('SCAN 0 MATCH x MATCH *o* COUNT 1 COUNT 100'),
      'SCAN 0 TYPE list COUNT 100',
      'SCAN 0 TYPE nosuch COUNT 100',
      'SCAN 0 TYPE string TYPE hash COUNT 100',
    ]))

  test('errors of SCAN', () =>
    compare([
      'SCAN',
      ...['x', '-', '+', '1x', '0x1', ' 0', '0 ', '1.0', '18446744073709551616', '--1'].map(
        (cursor) => ['SCAN', cursor],
      ),
      ['SCAN', '-18446744073709551616'],
      ['SCAN', '\0'],
      ...[
        '0',
        '1',
        '',
        '-1',
        '+1',
        '007',
        '18446744073709551615',
        '-18446744073709551615',
        '0\0x',
      ].map((cursor) => ['SCAN', cursor]),
      'SCAN 0 COUNT',
      'SCAN 0 MATCH',
      'SCAN 0 TYPE',
      'SCAN 0 FOO',
      'SCAN 0 FOO bar',
      ...['0', '-1', 'x', '', '1.5', '9223372036854775808', '-9223372036854775809'].map((count) => [
        'SCAN',
        '0',
        'COUNT',
        count,
      ]),
      'SCAN 0 COUNT 9223372036854775807',
      'SCAN 0 COUNT 1 x',
      'SCAN x COUNT 0',
      'SCAN 0 COUNT x FOO',
      'SCAN 0 FOO COUNT x',
    ]))

  test('a scan from start to end answers the same keys', async () => {
    for (const options of [
      [],
      ['COUNT', '1'],
      ['COUNT', '100'],
      ['MATCH', '*7*'],
      ['TYPE', 'string'],
    ]) {
      const { reference, redstart } = pair()
      const found = await Promise.all(
        [reference, redstart].map(async ({ port }) => {
          const client = await WireClient.connect(port)
          await client.call('FLUSHALL')
          await client.pipeline(Array.from({ length: 700 }, (_, i) => ['SET', `key:${i}`, 'value']))
          const keys = new Set<string>()
          let cursor = '0'
          do {
            const reply = parseReply(await client.call('SCAN', cursor, ...options))
            cursor = latin1(reply.elements[0]!.body!)
            for (const key of reply.elements[1]!.elements) keys.add(latin1(key.body!))
          } while (cursor !== '0')
          client.close()
          return [...keys].sort()
        }),
      )
      expect(found[0]!.length).toBeGreaterThan(0)
      expect(found[1]).toEqual(found[0])
    }
  })

  test('RANDOMKEY', () =>
    compare(['RANDOMKEY x', 'RANDOMKEY', 'SET key value', 'RANDOMKEY', 'DEL key', 'RANDOMKEY']))
})

differential('OBJECT', ({ compare }) => {
  test('ENCODING', () =>
    compare([
      'OBJECT ENCODING none',
      ...[
        '',
        '1',
        '-1',
        '01',
        '1.5',
        '9223372036854775807',
        '9223372036854775808',
        'a',
        ' 1',
      ].flatMap((value) => [['SET', 'key', value], 'OBJECT ENCODING key']),
      ...[20, 44, 45, 4096, 4097, 100_000].flatMap((length) => [
        ['SET', 'key', 'x'.repeat(length)],
        'OBJECT ENCODING key',
        'COPY key copy REPLACE',
        'OBJECT ENCODING copy',
        'RENAME copy renamed',
        'EXPIRE renamed 1000',
        'OBJECT ENCODING renamed',
      ]),
    ]))

  test('REFCOUNT', () =>
    compare([
      'OBJECT REFCOUNT none',
      ...['0', '9999', '10000', '-1', 'text', '00'].flatMap((value) => [
        ['SET', 'key', value],
        'OBJECT REFCOUNT key',
      ]),
    ]))

  test('IDLETIME and FREQ', () =>
    compare([
      'SET key value',
      // A second may turn between the two, and further down a minute.
      { command: 'OBJECT IDLETIME key', mask: (reply) => reply.replace(/\d/, 'N') },
      'OBJECT IDLETIME none',
      'OBJECT FREQ none',
      'OBJECT FREQ key',
      'CONFIG SET maxmemory-policy allkeys-lfu lfu-decay-time 0',
      'SET new value',
      'OBJECT FREQ new',
      'OBJECT IDLETIME new',
      'OBJECT IDLETIME none',
      'OBJECT FREQ none',
      'CONFIG SET maxmemory-policy noeviction lfu-decay-time 1',
    ]))

  test('errors', () =>
    compare([
      'OBJECT',
      'OBJECT NOSUCH',
      'OBJECT NOSUCH key',
      'OBJECT ENCODING',
      'OBJECT ENCODING a b',
      'OBJECT FREQ',
      'object idletime',
      'OBJECT REFCOUNT a b',
      'OBJECT HELP x',
    ]))

  test('HELP begins and ends alike', () =>
    compare([
      {
        command: 'OBJECT HELP',
        // The lines are our own; the heading and the names are not.
        mask: (reply) => reply.match(/\+OBJECT.*|\+[A-Z]+( <key>)?\r/g)!.join('\n'),
      },
    ]))
})

differential('statistics', ({ compare }) => {
  test('hits and misses', () =>
    compare([
      'SET a 1',
      'EXISTS a none',
      'TOUCH a none',
      'TTL a',
      'PTTL none',
      'TYPE a',
      'TYPE none',
      'OBJECT ENCODING a',
      'OBJECT REFCOUNT none',
      'COPY a b',
      'COPY none b',
      deep('SCAN 0 TYPE string'),
      'DEL none',
      'EXPIRE none 1',
      'RENAME a c',
      {
        command: 'INFO stats',
        mask: (reply) => reply.match(/keyspace_(hits|misses):\d+/g)!.join(),
      },
    ]))
})
