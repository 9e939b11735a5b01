/** The set commands against the real server. Encodings with listpacks are not 7.0's: left out. */
import { test } from 'vitest'
import { type Command, differential, type Script } from './support/compare.ts'

const unordered = (command: Command) => ({ command, unordered: 'elements' as const })
const sample = (command: Command) => ({
  command,
  mask: (reply: string) => reply.slice(0, reply.indexOf('\r\n')),
})
const words = (count: number, word = 'member'): string[] =>
  Array.from({ length: count }, (_, i) => `${word}:${i}`)
const integers = (count: number, factor = 1): string[] =>
  Array.from({ length: count }, (_, i) => `${i * factor}`)

/** A set of each kind, some that share members, and a key of another type. */
const FILL: Script = [
  ['SADD', 'ints', ...integers(30)],
  ['SADD', 'even', ...integers(30, 2)],
  ['SADD', 'words', ...words(30)],
  ['SADD', 'mixed', ...integers(15, 3), ...words(15)],
  ['SADD', 'large', ...integers(600, 2), ...words(20)],
  ['SADD', 'large words', ...words(700)],
  'SADD single 4',
  'SET string value',
]
const KEYS = ['ints', 'even', 'words', 'mixed', 'large', 'large words', 'single', 'none']

differential('sets', { flags: ['--enable-debug-command', 'yes'] }, ({ compare }) => {
  test('SADD, SREM, SCARD, SISMEMBER and SMISMEMBER', () =>
    compare([
      'SADD key',
      'SADD key a',
      'SADD key a b a c',
      'SADD key',
      'SCARD key',
      'SISMEMBER key a',
      'SISMEMBER key x',
      'SISMEMBER none x',
      'SISMEMBER key',
      'SMISMEMBER key a x b',
      'SMISMEMBER none a x b',
      'SMISMEMBER key',
      'SREM key x',
      'SREM key a a x',
      'SREM key',
      unordered('SMEMBERS key'),
      'SREM key b c d',
      'EXISTS key',
      'SREM key b',
      'SCARD key',
      'SMEMBERS key',
      ['SADD', 'ints', '1', '-1', '0', '00', '-0', '9223372036854775807', '9223372036854775808'],
      ['SISMEMBER', 'ints', '-0'],
      ['SISMEMBER', 'ints', '9223372036854775807'],
      ['SREM', 'ints', '00', '9223372036854775807', '1 '],
      unordered('SMEMBERS ints'),
      ['SADD', 'bytes', Uint8Array.of(0, 255, 13, 10), '', Uint8Array.of(0)],
      ['SISMEMBER', 'bytes', ''],
      unordered('SMEMBERS bytes'),
      'SCARD',
      'SCARD a b',
      'SMEMBERS',
    ]))

  test('the order and the encoding of integer sets', () =>
    compare([
      'SADD a 5 3 1 -70000 40000 9223372036854775807 -9223372036854775808 4294967296 2147483648',
      'SMEMBERS a',
      'OBJECT ENCODING a',
      'SREM a 9223372036854775807 -9223372036854775808',
      'SMEMBERS a',
      ['SADD', 'b', ...integers(512)],
      'OBJECT ENCODING b',
      'SADD b 512',
      'OBJECT ENCODING b',
      ['SADD', 'c', ...integers(300, -7)],
      'SMEMBERS c',
      ['SADD', 'd', ...words(300)],
      'OBJECT ENCODING d',
      'CONFIG SET set-max-intset-entries 10',
      ['SADD', 'e', ...integers(10)],
      'OBJECT ENCODING e',
      'SADD e 11',
      'OBJECT ENCODING e',
      'CONFIG SET set-max-intset-entries 512',
    ]))

  test('wrong types', () =>
    compare([
      'SET string value',
      'SADD set a',
      'SADD string a',
      'SCARD string',
      'SDIFF string',
      'SDIFF set string',
      'SDIFF none string',
      'SDIFFSTORE set set string',
      'SINTER none string',
      'SINTER string set',
      'SINTERCARD 2 none string',
      'SINTERSTORE set string set',
      'SISMEMBER string a',
      'SMEMBERS string',
      'SMISMEMBER string a',
      'SMOVE none string a',
      'SMOVE set string x',
      'SMOVE string set a',
      'SPOP string',
      'SPOP string 0',
      'SPOP string 1',
      'SRANDMEMBER string',
      'SRANDMEMBER string 0',
      'SREM string a',
      'SSCAN string 0',
      'SSCAN string x',
      'SUNION set string',
      'SUNIONSTORE string string set',
      'GET set',
      'APPEND set a',
      'TYPE set',
      'SMEMBERS set',
    ]))

  test('SMOVE', () =>
    compare([
      'SADD a 1 2 x',
      'SADD b 2 3',
      'SMOVE a b 1',
      'SMOVE a b 2',
      'SMOVE a b none',
      'SMOVE a a x',
      'SMOVE a a none',
      'SMOVE none b 1',
      unordered('SMEMBERS a'),
      unordered('SMEMBERS b'),
      'SMOVE a c x',
      'EXISTS a',
      'SMEMBERS c',
      'EXPIRE c 100',
      'SMOVE b c 3',
      'TTL c',
      'SMOVE a b',
    ]))

  const OPERATIONS = ['SUNION', 'SINTER', 'SDIFF']
  for (const name of OPERATIONS) {
    test(`${name} and ${name}STORE of two and three sets`, () => {
      const script: (Script[number] | Command)[] = [...FILL, name, `${name}STORE a`]
      for (const first of KEYS) {
        script.push(unordered([name, first]))
        for (const second of KEYS) {
          script.push(
            unordered([name, first, second]),
            unordered([name, first, second, 'mixed']),
            [`${name}STORE`, 'result', first, second],
            unordered('SMEMBERS result'),
          )
        }
      }
      return compare(script)
    })
  }

  test('of many sets', () => {
    const many = Array.from({ length: 12 }, (_, i) => `s${i}`)
    return compare([
      ...many.map((key, i) => ['SADD', key, ...integers(20, i + 1)]),
      unordered(['SUNION', ...many]),
      unordered(['SDIFF', ...many]),
      unordered(['SINTER', ...many]),
      ['SADD', 'big', ...integers(300)],
      unordered(['SDIFF', 'big', ...many]),
      ['SDIFFSTORE', 'out', 'big', ...many, 'none'],
      unordered('SMEMBERS out'),
      ['SUNIONSTORE', 'out', ...many, ...many],
      unordered('SMEMBERS out'),
      ['SDIFF', 's0', ...many],
    ])
  })

  test('a destination that is a source, of another type, or to be emptied', () =>
    compare([
      ...FILL,
      'SUNIONSTORE ints ints words',
      unordered('SMEMBERS ints'),
      'SINTERSTORE large large mixed',
      unordered('SMEMBERS large'),
      'SDIFFSTORE words words mixed',
      unordered('SMEMBERS words'),
      'SDIFFSTORE mixed mixed mixed',
      'EXISTS mixed',
      'EXPIRE string 100',
      'SUNIONSTORE string single',
      'TYPE string',
      'TTL string',
      'SINTERSTORE string none single',
      'EXISTS string',
      'SET string again',
      'SUNIONSTORE string none',
      'EXISTS string',
      'SET string again',
      'SDIFFSTORE string none single',
      'EXISTS string',
      'SINTERSTORE none none',
    ]))

  test('SINTERCARD', () =>
    compare([
      ...FILL,
      'SINTERCARD 1 ints',
      'SINTERCARD 2 ints large',
      'SINTERCARD 2 ints none',
      'SINTERCARD 2 ints large LIMIT 3',
      'SINTERCARD 2 ints large limit 0',
      'SINTERCARD 2 ints large LIMIT 100',
      'SINTERCARD 2 ints large LIMIT 9223372036854775807',
      'SINTERCARD 2 ints large LIMIT 9223372036854775808',
      'SINTERCARD 2 ints large LIMIT -1',
      'SINTERCARD 2 ints large LIMIT x',
      'SINTERCARD 2 ints large LIMIT',
      'SINTERCARD 2 ints large LIMIT 1 LIMIT 2',
      'SINTERCARD 2 ints large other',
      'SINTERCARD 3 ints large',
      'SINTERCARD 0 ints',
      'SINTERCARD -1 ints',
      'SINTERCARD x ints',
      'SINTERCARD 9223372036854775807 ints',
      'SINTERCARD 9223372036854775808 ints',
      'SINTERCARD 1',
      'SINTERCARD 1 ints LIMIT -5 x',
    ]))

  test('SPOP', () =>
    compare([
      'SPOP none',
      'SPOP none 3',
      'SPOP none 0',
      'SPOP none -1',
      'SPOP none x',
      'SPOP none 9223372036854775807',
      'SPOP none 9223372036854775808',
      'SPOP none 1 2',
      'SADD one a',
      'SPOP one',
      'EXISTS one',
      'SADD one 7',
      'SPOP one 1',
      'EXISTS one',
      ...FILL,
      'SPOP ints 0',
      unordered('SPOP single 10'),
      unordered('SPOP large 100000'),
      'EXISTS single large',
      sample('SPOP ints 5'),
      'SCARD ints',
      sample('SPOP even 29'),
      'SCARD even',
      sample(['SPOP', 'large words', '3']),
      ['SCARD', 'large words'],
      sample(['SPOP', 'large words', '690']),
      ['SCARD', 'large words'],
    ]))

  test('SRANDMEMBER', () =>
    compare([
      'SRANDMEMBER none',
      'SRANDMEMBER none 3',
      'SRANDMEMBER none -3',
      'SRANDMEMBER none x',
      'SRANDMEMBER none 9223372036854775807',
      'SRANDMEMBER none 9223372036854775808',
      'SRANDMEMBER none -9223372036854775807',
      'SRANDMEMBER none -9223372036854775808',
      'SRANDMEMBER none 1 2',
      ...FILL,
      'SRANDMEMBER single',
      'SRANDMEMBER single -3',
      'SRANDMEMBER single 3',
      'SRANDMEMBER ints 0',
      unordered('SRANDMEMBER ints 30'),
      unordered('SRANDMEMBER words 31'),
      unordered('SRANDMEMBER large 9223372036854775807'),
      sample('SRANDMEMBER ints 10'),
      sample('SRANDMEMBER words -100'),
      sample('SRANDMEMBER large 5'),
      sample('SRANDMEMBER large 500'),
      sample('SRANDMEMBER large -50'),
    ]))

  test('SSCAN', () => {
    const script = (command: string) => ({ command, unordered: 'deep' as const })
    return compare([
      ...FILL,
      'SSCAN none 0',
      'SSCAN none x',
      'SSCAN none 0 MATCH',
      'SSCAN none 0 COUNT 0',
      'SSCAN ints 0 MATCH',
      'SSCAN ints 0 COUNT 0',
      'SSCAN ints 0 COUNT x',
      'SSCAN ints 0 TYPE set',
      'SSCAN ints x',
      'SSCAN ints',
      script('SSCAN ints 0'),
      script('SSCAN ints 0 MATCH 1*'),
      script('SSCAN ints 5 COUNT 1 MATCH *'),
      script('SSCAN large 0 COUNT 100000'),
      script('SSCAN large 0 COUNT 100000 MATCH member:*'),
      script('SSCAN large 0 COUNT 100000 MATCH [12]?'),
    ])
  })

  test('generic commands on sets', () =>
    compare(
      [
        ...FILL,
        'DEBUG DIGEST',
        'DEBUG DIGEST-VALUE ints words large none',
        'COPY large copy',
        'SCARD copy',
        unordered('SDIFF large copy'),
        'SREM large 0 2 4',
        'SCARD copy',
        'COPY words ints REPLACE',
        unordered('SMEMBERS ints'),
        'RENAME words even',
        unordered('SMEMBERS even'),
        'MOVE even 1',
        'SELECT 1',
        'SCARD even',
        'EXPIRE even 100',
        'SADD even more',
        'TTL even',
        'PERSIST even',
        'DEBUG DIGEST',
        'SET even string',
        'GET even',
        'DEL even',
        'SELECT 0',
        'UNLINK large copy',
        'DBSIZE',
        'EXPIRE mixed -1',
        'EXISTS mixed',
        'TYPE ints',
      ],
      [2, 3],
    ))
})
