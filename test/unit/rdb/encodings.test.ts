/** Each encoding that any version of Redis has written, built by hand, and faults of each. */
import { describe, expect, test } from 'vitest'
import { RdbError } from '../../../src/rdb/rdb-error.ts'
import { checkServer, InProcessClient, testServer } from '../../support/in-process-client.ts'
import {
  type Element,
  intset,
  listpack,
  rdbLength,
  rdbString,
  ziplist,
  zipmap,
} from '../../support/old-encodings.ts'
import { bytesOf, loadInto, type Piece, testKeyspace, withChecksum } from '../../support/rdb.ts'

const NO_BYTES = new Uint8Array(0)

/** A file of one key, `key`, with the value given. */
function fileOf(type: number, value: Uint8Array, version = 11): Uint8Array {
  const head = `REDIS00${String(version).padStart(2, '0')}`
  const body = bytesOf(head, type, [...rdbString('key')], [...value], 255)
  return version >= 5 ? withChecksum(body) : body
}

/** What the key has after loading. */
function load(type: number, value: Uint8Array, version = 11): unknown {
  const server = testServer()
  const client = new InProcessClient(server)
  try {
    loadInto(server.keyspace, fileOf(type, value, version), {}, 50)
    switch (client.value('TYPE', 'key')) {
      case 'string':
        return client.value('GET', 'key')
      case 'list':
        return client.value('LRANGE', 'key', '0', '-1')
      case 'set':
        return (client.value('SMEMBERS', 'key') as string[]).sort()
      case 'hash':
        return client.value('HGETALL', 'key')
      case 'zset':
        return client.value('ZRANGE', 'key', '0', '-1', 'WITHSCORES')
      default:
        return 'none'
    }
  } finally {
    checkServer(server)
  }
}

const refused = (type: number, value: Uint8Array, version = 11): void => {
  expect(() => load(type, value, version)).toThrow(RdbError)
}

const ELEMENTS: readonly Element[] = [
  '',
  'a',
  0,
  12,
  13,
  -1,
  127,
  -128,
  4095,
  -4096,
  32767,
  -32768,
  8388607,
  -8388608,
  2147483647,
  -2147483648,
  9223372036854775807n,
  -9223372036854775808n,
  'm'.repeat(63),
  'n'.repeat(64),
  'o'.repeat(300),
  'p'.repeat(4096),
  'q'.repeat(16_384),
  'r',
]
const TEXTS = ELEMENTS.map(String)

describe('lists', () => {
  test('element by element', () => {
    const value = [...rdbLength(3), ...rdbString('a'), 0xc0, 5, ...rdbString('')]
    expect(load(1, Uint8Array.from(value))).toEqual(['a', '5', ''])
  })

  test('as a ziplist, a quicklist of ziplists, and one of listpacks and plain nodes', () => {
    expect(load(10, rdbString(ziplist(ELEMENTS)), 9)).toEqual(TEXTS)
    const nodes = bytesOf(2, [...rdbString(ziplist(ELEMENTS))], [...rdbString(ziplist(['end']))])
    expect(load(14, nodes, 9)).toEqual([...TEXTS, 'end'])
    const mixed = bytesOf(
      [3, 2, ...rdbString(listpack(ELEMENTS))],
      [1, ...rdbString('plain')],
      [2, ...rdbString(listpack(['end']))],
    )
    expect(load(18, mixed)).toEqual([...TEXTS, 'plain', 'end'])
  })

  test('nodes that are empty are passed over, and a list without elements is no key', () => {
    expect(
      load(14, bytesOf(2, [...rdbString(ziplist([]))], [...rdbString(ziplist(['x']))])),
    ).toEqual(['x'])
    expect(load(14, bytesOf(1, [...rdbString(ziplist([]))]))).toBe('none')
    expect(load(10, rdbString(ziplist([])))).toBe('none')
    expect(load(1, Uint8Array.of(0))).toBe('none')
    refused(18, bytesOf(1, [1, ...rdbString('')]))
    refused(18, bytesOf(1, [3, ...rdbString('x')]))
    refused(18, bytesOf(1, [2, ...rdbString('')]))
  })
})

describe('sets', () => {
  test('as an intset of each width', () => {
    expect(load(11, rdbString(intset([-32768, 0, 32767], 2)))).toEqual(['-32768', '0', '32767'])
    expect(load(11, rdbString(intset([-2147483648, 7], 4)))).toEqual(['-2147483648', '7'])
    const wide = intset([-9223372036854775808n, 9223372036854775807n], 8)
    expect(load(11, rdbString(wide))).toEqual(['-9223372036854775808', '9223372036854775807'])
  })

  test('as a listpack', () => {
    expect(load(20, rdbString(listpack(['b', 5, 'a'])))).toEqual(['5', 'a', 'b'])
  })

  test('with faults are refused', () => {
    refused(11, rdbString(intset([], 2)))
    refused(11, rdbString(intset([2, 1], 2)))
    refused(11, rdbString(intset([1, 1], 4)))
    refused(11, rdbString(intset([1, 2], 8).subarray(0, 23)))
    refused(11, rdbString(bytesOf([3, 0, 0, 0, 1, 0, 0, 0, 1, 2, 3])))
    refused(20, rdbString(listpack(['a', 'b', 'a'])))
    refused(20, rdbString(listpack([1, '1'])))
    refused(2, bytesOf(2, [...rdbString('a')], [...rdbString('a')]))
    refused(2, bytesOf(2, [0xc0, 5], [0xc0, 5]))
  })
})

describe('hashes', () => {
  const pairs = ['field', 'value', '', '1', 'long', 'v'.repeat(64)]

  test('as a zipmap, with and without free bytes', () => {
    expect(load(9, rdbString(zipmap(pairs)), 3)).toEqual(pairs)
    expect(load(9, rdbString(zipmap(pairs, 3)), 3)).toEqual(pairs)
    const many = Array.from({ length: 600 }, (_, i) => `x${i}`)
    const loaded = load(9, rdbString(zipmap(many)), 3) as string[]
    expect([...loaded].sort()).toEqual([...many].sort())
  })

  test('as a ziplist and a listpack', () => {
    expect(load(13, rdbString(ziplist(pairs)), 6)).toEqual(pairs)
    expect(load(16, rdbString(listpack(pairs)))).toEqual(pairs)
  })

  test('with faults are refused', () => {
    refused(9, rdbString(zipmap([])))
    refused(9, rdbString(zipmap(['a', '1', 'a', '2'])))
    refused(9, rdbString(bytesOf([1, 1], 'a', [255])))
    refused(9, rdbString(bytesOf([2, 1], 'a', [1, 0], 'b', [255])))
    refused(9, rdbString(bytesOf([1, 1], 'a', [9, 0], 'b', [255])))
    refused(13, rdbString(ziplist(['a', '1', 'b'])))
    refused(13, rdbString(ziplist(['a', '1', 'a', '2'])))
    refused(16, rdbString(listpack(['a'])))
    refused(16, rdbString(listpack(['a', 1, 'a', 2])))
    refused(4, bytesOf(2, [...rdbString('a')], [0xc0, 1], [...rdbString('a')], [0xc0, 2]))
  })
})

describe('hashes with fields that expire', () => {
  /** 2033-05-18T03:33:20Z. */
  const at = 2_000_000_000_000
  const base = [...new Uint8Array(new BigInt64Array([BigInt(at)]).buffer)]

  test('element by element, and as a listpack', () => {
    for (const [type, rest] of [
      [
        24,
        bytesOf(
          2,
          6,
          [...rdbString('f')],
          [...rdbString('v')],
          0,
          'xg'.replace('x', '\x01'),
          '\x01w',
        ),
      ],
      [25, rdbString(listpack(['f', 'v', at + 5, 'g', 'w', 0]))],
    ] as const) {
      const server = testServer()
      const client = new InProcessClient(server)
      loadInto(server.keyspace, fileOf(type, bytesOf(base, [...rest]), 12))
      expect(client.value('HGETALL', 'key')).toEqual(['f', 'v', 'g', 'w'])
      expect(client.value('HPEXPIRETIME', 'key', 'FIELDS', '2', 'f', 'g')).toEqual([at + 5, -1])
      checkServer(server)
    }
  })

  test('with faults are refused', () => {
    refused(25, bytesOf(base, [...rdbString(listpack(['f', 'v']))]), 12)
    refused(25, bytesOf(base, [...rdbString(listpack(['f', 'v', -1]))]), 12)
    refused(25, bytesOf(base, [...rdbString(listpack(['f', 'v', 'soon']))]), 12)
    refused(24, bytesOf([0, 0, 0, 0, 0, 0, 0, 0x80], 1, 1, '\x01f\x01v'), 12)
    refused(24, bytesOf([0, 0, 0, 0, 0, 0x80, 0, 0], 1, 1, '\x01f\x01v'), 12)
  })
})

describe('sorted sets', () => {
  test('with scores as text, as doubles, in a ziplist and in a listpack', () => {
    const text = bytesOf(4, '\x01a\x03', '1.5', '\x01b', [254], '\x01c', [255], '\x01d\x02', '-3')
    expect(load(3, text)).toEqual(['c', '-inf', 'd', '-3', 'a', '1.5', 'b', 'inf'])
    const doubles = [...new Uint8Array(new Float64Array([-0.25]).buffer)]
    expect(load(5, bytesOf(1, '\x01a', doubles))).toEqual(['a', '-0.25'])
    const elements = ['b', '2.5', 'a', 2, 'c', '3e5']
    expect(load(12, rdbString(ziplist(elements)))).toEqual(['a', '2', 'b', '2.5', 'c', '300000'])
    expect(load(17, rdbString(listpack(elements)))).toEqual(['a', '2', 'b', '2.5', 'c', '300000'])
  })

  test('with faults are refused', () => {
    const nan = [...new Uint8Array(new Float64Array([Number.NaN]).buffer)]
    const one = [...new Uint8Array(new Float64Array([1]).buffer)]
    refused(5, bytesOf(1, '\x01a', nan))
    refused(5, bytesOf(2, '\x01a', one, '\x01a', one))
    refused(3, bytesOf(1, '\x01a', [253]))
    refused(3, bytesOf(1, '\x01a\x03', 'abc'))
    refused(12, rdbString(ziplist(['a', 'b'])))
    refused(12, rdbString(ziplist(['a', 1, 'a', 2])))
    refused(17, rdbString(listpack(['a', 1, 'b'])))
  })
})

describe('strings', () => {
  test('as integers, compressed, and with lengths of each size', () => {
    expect(load(0, Uint8Array.of(0xc0, 0x80))).toBe('-128')
    expect(load(0, Uint8Array.of(0xc1, 0xff, 0x7f))).toBe('32767')
    expect(load(0, Uint8Array.of(0xc2, 0, 0, 0, 0x80))).toBe('-2147483648')
    expect(load(0, Uint8Array.of(0xc3, 5, 20, 0, 0x61, 0xe0, 10, 0))).toBe('a'.repeat(20))
    expect(load(0, bytesOf([0x40, 3], 'abc'))).toBe('abc')
    expect(load(0, bytesOf([0x80, 0, 0, 0, 3], 'abc'))).toBe('abc')
    expect(load(0, bytesOf([0x81, 0, 0, 0, 0, 0, 0, 0, 3], 'abc'))).toBe('abc')
    const long = 'z'.repeat(700_000)
    expect(load(0, rdbString(long))).toBe(long)
  })

  test('with faults are refused', () => {
    refused(0, bytesOf([0xc4, 1]))
    refused(0, bytesOf([0x82, 0]))
    refused(0, bytesOf([10], 'abc'))
    refused(0, bytesOf([0x81, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]))
    refused(0, bytesOf([0x80, 0xff, 0xff, 0xff, 0xff]))
    // A compressed string that says it becomes 4 GB, or longer than it is, or shorter.
    refused(0, bytesOf([0xc3, 3, 0x80, 0xff, 0xff, 0xff, 0xff], 'abc'))
    refused(0, Uint8Array.of(0xc3, 5, 21, 0, 0x61, 0xe0, 10, 0))
    refused(0, Uint8Array.of(0xc3, 5, 19, 0, 0x61, 0xe0, 10, 0))
    refused(0, Uint8Array.of(0xc3, 0x80, 0x7f, 0xff, 0xff, 0xff, 20, 0, 0x61))
  })
})

describe('what cannot be loaded', () => {
  test('is refused by name', () => {
    expect(() => load(15, NO_BYTES)).toThrow('a stream')
    expect(() => load(21, NO_BYTES)).toThrow('a stream')
    expect(() => load(7, NO_BYTES)).toThrow('a module')
    expect(() => load(8, NO_BYTES)).toThrow('unknown type 8')
    expect(() => load(99, NO_BYTES)).toThrow('unknown type 99')
  })

  test('counts that the bytes cannot hold make no memory', () => {
    for (const type of [1, 2, 3, 4, 5, 14, 18]) {
      refused(type, bytesOf([0x80, 0x7f, 0xff, 0xff, 0xff], '\x01a\x01b'))
      refused(type, bytesOf([0x81, 0, 0, 0x10, 0, 0, 0, 0, 0], '\x01a\x01b'))
    }
  })
})

describe('blobs', () => {
  const builders = [
    ['listpack', 16, listpack],
    ['ziplist', 13, ziplist],
  ] as const
  for (const [name, type, build] of builders) {
    test(`a ${name} with any byte changed, cut or lengthened is refused or sound`, () => {
      const whole = build([
        'a',
        1,
        'bb',
        -70000,
        'c'.repeat(70),
        'd',
        'e'.repeat(300),
        12345678901n,
      ])
      for (let i = 0; i < whole.length; i++) {
        for (const value of [0, 1, 0x7f, 0x80, 0xc0, 0xf0, 0xfe, 0xff, whole[i] ^ 1]) {
          const changed = whole.slice()
          changed[i] = value
          tolerant(type, rdbString(changed))
        }
      }
      refused(type, rdbString(whole.subarray(0, whole.length - 1)))
      refused(type, rdbString(bytesOf([...whole], 0)))
      refused(type, rdbString(''))
    })
  }

  test('a zipmap with any byte changed is refused or sound', () => {
    const whole = zipmap(['a', '1', 'bb', '-70000', 'c'.repeat(254), 'd'], 2)
    for (let i = 0; i < whole.length; i++) {
      for (const value of [0, 1, 0x7f, 0xfd, 0xfe, 0xff, whole[i] ^ 1]) {
        const changed = whole.slice()
        changed[i] = value
        tolerant(9, rdbString(changed))
      }
    }
  })

  const keyspace = testKeyspace()

  /** Loads what may be refused; what is loaded has to be sound. */
  function tolerant(type: number, value: Uint8Array): void {
    try {
      loadInto(keyspace, fileOf(type, value))
    } catch (error) {
      if (!(error instanceof RdbError)) throw error
      if (keyspace.arena.liveBytes === 0) return
    }
    keyspace.check()
    keyspace.databases[0].flush()
    keyspace.check()
    if (keyspace.arena.liveBytes !== 0) throw new Error('something is left')
  }
})

describe('the frame of a file', () => {
  const server = testServer()
  const tried = (...pieces: readonly Piece[]): string => {
    const warnings: string[] = []
    try {
      server.keyspace.flushAll()
      const file = withChecksum(bytesOf(...pieces))
      loadInto(server.keyspace, file, { warn: (text) => warnings.push(text) })
      return warnings.join('; ')
    } catch (error) {
      expect(error).toBeInstanceOf(RdbError)
      return (error as RdbError).message
    }
  }

  test('versions and signatures', () => {
    expect(tried('REDIS0012', 255)).toBe('')
    expect(tried('REDIS0013', 255)).toContain('version 0013')
    expect(tried('REDIS0000', 255)).toContain('version 0000')
    expect(tried('REDIS00x1', 255)).toContain('version')
    expect(tried('RODIS0011', 255)).toContain('no RDB file')
    expect(tried('REDI')).toContain('no RDB file')
    expect(() => loadInto(server.keyspace, bytesOf('REDIS'))).toThrow('ends in the middle')
  })

  test('expiry times in seconds, database numbers, aux fields, hints and marks', () => {
    const file = bytesOf(
      ...['REDIS0003', [254, 3], [253, 0, 0, 0, 0x7f], '\0\x01k\x01v'],
      ...[
        [251, 1, 1],
        [248, 9],
        [244, 1, 1, 1],
        [250],
        '\x03abc\x01d',
        [249, 7],
        '\0\x01m\x01w',
        255,
      ],
    )
    const loader = loadInto(server.keyspace, file)
    expect(loader.keysLoaded).toBe(2)
    expect(server.keyspace.databases[3].count).toBe(2)
    expect(server.keyspace.databases[3].expiring).toBe(1)
    expect(loader.aux.get('abc')).toBe('d')
    expect(loader.hasChecksum).toBe(false)
    expect(tried('REDIS0011', [254, 16], '\0\x01k\x01v', 255)).toContain('database 16')
    expect(tried('REDIS0011', '\0\x01k\x01v\0\x01k\x01v', 255)).toContain('twice')
  })

  test('functions and data of modules are passed over with a warning', () => {
    expect(tried('REDIS0011', [245], '\x03lib', 255)).toContain('functions')
    const aux = [247, 0x81, 1, 2, 3, 4, 5, 6, 7, 8, 2, 1, 5]
    expect(tried('REDIS0011', aux, '\x02hi', [2, 9, 3, 0, 0, 0, 0, 0], 255)).toContain('module')
    expect(tried('REDIS0011', aux, '\x02hi', [9], 255)).toContain('malformed')
    expect(tried('REDIS0011', [246], 255)).toContain('functions')
  })

  test('a checksum of zero is none, and a wrong one is refused unless checksums are off', () => {
    const body = bytesOf('REDIS0011', '\0\x01k\x01v', 255)
    server.keyspace.flushAll()
    const none = loadInto(server.keyspace, bytesOf([...body], [0, 0, 0, 0, 0, 0, 0, 0]))
    expect([none.keysLoaded, none.hasChecksum]).toEqual([1, false])
    server.keyspace.flushAll()
    const wrong = bytesOf([...body], [1, 0, 0, 0, 0, 0, 0, 0])
    expect(() => loadInto(server.keyspace, wrong)).toThrow('checksum')
    server.keyspace.flushAll()
    expect(loadInto(server.keyspace, wrong, { checksum: false }).keysLoaded).toBe(1)
    checkServer(server)
  })
})
