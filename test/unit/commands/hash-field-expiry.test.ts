/**
 * Expiring fields of hashes. The real server of the differential tests is too old for them, so what
 * is expected follows from the documentation and tests of Redis 7.4 (8.0 for HGETEX, HSETEX and
 * HGETDEL). Everything is done with both forms of a hash.
 */
import { beforeEach, describe, expect, test } from 'vitest'
import { ManualClock } from '../../../src/platform/clock.ts'
import type { Server } from '../../../src/server/server.ts'
import {
  type CallArgument,
  checkServer,
  InProcessClient,
  ReplyError,
  testServer,
  type Value,
} from '../../support/in-process-client.ts'

const LIMIT_MS = 2 ** 46

let clock: ManualClock
let server: Server
let client: InProcessClient

function start(entries: number): void {
  clock = new ManualClock()
  const config = {
    'hash-max-listpack-entries': `${entries}`,
    'enable-debug-command': 'yes',
  }
  server = testServer({ clock, config })
  client = new InProcessClient(server)
}

/** A reply, an error as its text; what is checked must be sound at any time. */
function call(...words: readonly CallArgument[]): Value {
  const value = client.value(...words)
  server.keyspace.check()
  return value instanceof ReplyError ? value.text : value
}

/** A request as one line. */
const line = (text: string): Value => call(...text.split(' '))

const sorted = (value: Value): Value[] => [...(value as Value[])].sort()

function changes(text: string): number {
  const { dirty } = server
  line(text)
  return server.dirty - dirty
}

/** What the append only file gets of a request. */
function passedOn(text: string): string[][] {
  const { propagation } = server
  const { clear } = propagation
  const parts: Buffer[] = []
  // Whoever takes what is passed on clears the buffer.
  propagation.clear = () => {
    parts.push(Buffer.from(propagation.bytes.subarray(0, propagation.length)))
    clear.call(propagation)
  }
  propagation.start()
  line(text)
  propagation.stop()
  Reflect.deleteProperty(propagation, 'clear')
  const written = Buffer.concat(parts)
  const requests: string[][] = []
  let at = 0
  const next = (): string => {
    const end = written.indexOf('\r\n', at)
    const head = written.toString('latin1', at, end)
    at = end + 2
    return head
  }
  while (at < written.length) {
    const words: string[] = []
    for (let count = Number(next().slice(1)); count > 0; count--) {
      const length = Number(next().slice(1))
      words.push(written.toString('latin1', at, at + length))
      at += length + 2
    }
    if (words[0]!.toLowerCase() !== 'select') requests.push(words)
  }
  return requests
}

describe.each([
  ['listpackex', 128],
  ['hashtable', 0],
])('with %s', (encoding, entries) => {
  beforeEach(() => {
    start(entries)
    return () => checkServer(server)
  })

  describe('HEXPIRE, HPEXPIRE, HEXPIREAT, HPEXPIREAT', () => {
    test('give fields a time, of which HTTL and its kin tell', () => {
      line('HSET h a 1 b 2 c 3 d 4 e 5')
      expect(line('HEXPIRE h 10 FIELDS 2 a x')).toEqual([1, -2])
      expect(line('OBJECT ENCODING h')).toBe(encoding)
      expect(line('hpexpire h 1500 fields 1 b')).toEqual([1])
      const seconds = Math.floor(clock.nowMs / 1000)
      expect(line(`HEXPIREAT h ${seconds + 100} FIELDS 1 c`)).toEqual([1])
      expect(line(`HPEXPIREAT h ${clock.nowMs + 1} FIELDS 1 d`)).toEqual([1])
      expect(line('HPTTL h FIELDS 6 a b c d e x')).toEqual([10_000, 1500, 100_000, 1, -1, -2])
      expect(line('HTTL h FIELDS 6 a b c d e x')).toEqual([10, 2, 100, 1, -1, -2])
      const now = clock.nowMs
      expect(line('HPEXPIRETIME h FIELDS 5 a b c d e')).toEqual([
        now + 10_000,
        now + 1500,
        now + 100_000,
        now + 1,
        -1,
      ])
      expect(line('HEXPIRETIME h FIELDS 6 a b c d e x')).toEqual([
        seconds + 10,
        seconds + 2,
        seconds + 100,
        seconds + 1,
        -1,
        -2,
      ])
      clock.advance(1499)
      expect(line('HPTTL h FIELDS 1 b')).toEqual([1])
      expect(line('TTL h')).toBe(-1)
    })

    test('answer -2 for each field of a missing key', () => {
      for (const name of ['HEXPIRE', 'HPEXPIRE', 'HEXPIREAT', 'HPEXPIREAT']) {
        expect(line(`${name} none 1000 FIELDS 2 a b`)).toEqual([-2, -2])
      }
      for (const name of ['HTTL', 'HPTTL', 'HEXPIRETIME', 'HPEXPIRETIME', 'HPERSIST']) {
        expect(line(`${name} none FIELDS 2 a b`)).toEqual([-2, -2])
      }
    })

    test('NX, XX, GT and LT', () => {
      line('HSET h a 1 b 2 c 3')
      expect(line('HPEXPIRE h 1000 NX FIELDS 1 a')).toEqual([1])
      expect(line('HPEXPIRE h 2000 NX FIELDS 2 a b')).toEqual([0, 1])
      expect(line('HPEXPIRE h 1500 GT FIELDS 3 a b c')).toEqual([1, 0, 0])
      expect(line('HPEXPIRE h 1500 gt FIELDS 1 a')).toEqual([0])
      expect(line('HPEXPIRE h 1500 LT FIELDS 3 a b c')).toEqual([0, 1, 1])
      line('HPERSIST h FIELDS 1 c')
      expect(line('HPEXPIRE h 9000 XX FIELDS 3 a c x')).toEqual([1, 0, -2])
      expect(line('HPTTL h FIELDS 3 a b c')).toEqual([9000, 1500, -1])
    })

    test('a field that comes twice sees what the first has made', () => {
      line('HSET h a 1 b 2')
      expect(line('HEXPIRE h 10 NX FIELDS 3 a a b')).toEqual([1, 0, 1])
      expect(line('HEXPIREAT h 1 FIELDS 2 a a')).toEqual([2, -2])
    })

    test('a time that is not after now removes the field, and the key with the last', () => {
      line('HSET h a 1 b 2 c 3 d 4')
      line('HEXPIRE h 1000 FIELDS 1 d')
      expect(line('HPEXPIREAT h 1 NX FIELDS 4 a b x d')).toEqual([2, 2, -2, 0])
      expect(sorted(line('HKEYS h'))).toEqual(['c', 'd'])
      expect(line('HEXPIRE h 0 FIELDS 1 c')).toEqual([2])
      expect(line(`HPEXPIREAT h ${clock.nowMs} FIELDS 1 d`)).toEqual([2])
      expect(line('EXISTS h')).toBe(0)
    })

    test('errors, in the order of Redis', () => {
      line('HSET h a 1')
      line('SET s x')
      const wrongType = 'WRONGTYPE Operation against a key holding the wrong kind of value'
      expect(line('HEXPIRE s no FIELDS 1 a')).toBe(wrongType)
      const notInteger = 'ERR value is not an integer or out of range'
      expect(line('HEXPIRE h no FIELDS 0 a')).toBe(notInteger)
      expect(line('HEXPIRE h 9223372036854775808 FIELDS 1 a')).toBe(notInteger)
      const negative = 'ERR invalid expire time, must be >= 0'
      expect(line('HEXPIRE h -1 FIELDS 1 a')).toBe(negative)
      expect(line('HPEXPIREAT h -9223372036854775808 FIELDS 1 a')).toBe(negative)
      for (const [name, time] of [
        ['hexpire', LIMIT_MS / 1000],
        ['hexpireat', Math.ceil(LIMIT_MS / 1000)],
        ['hpexpire', LIMIT_MS - clock.nowMs],
        ['hpexpireat', LIMIT_MS],
        ['hexpire', '9223372036854775807'],
      ] as const) {
        const whole = typeof time === 'number' ? Math.ceil(time) : time
        const late = `ERR invalid expire time in '${name}' command`
        expect(line(`${name} h ${whole} FIELDS 1 a`)).toBe(late)
      }
      expect(line(`HPEXPIRE h ${LIMIT_MS - 1 - clock.nowMs} FIELDS 1 a`)).toEqual([1])
      expect(line(`HPEXPIRETIME h FIELDS 1 a`)).toEqual([LIMIT_MS - 1])
      expect(line('HEXPIRE none -1 FIELDS 1 a')).toBe(negative)
      const missing = 'ERR Mandatory argument FIELDS is missing or not at the right position'
      expect(line('HEXPIRE h 1 FIELD 1 a')).toBe(missing)
      expect(line('HEXPIRE h 1 NX XX FIELDS 1 a')).toBe(missing)
      const bad = 'ERR Parameter `numFields` should be greater than 0'
      for (const count of ['0', '-1', 'no', '9223372036854775808']) {
        expect(line(`HEXPIRE h 1 FIELDS ${count} a b`)).toBe(bad)
      }
      const mismatch = 'ERR The `numfields` parameter must match the number of arguments'
      for (const count of ['1', '3', '9223372036854775807']) {
        expect(line(`HPEXPIRE h 1 NX FIELDS ${count} a b`)).toBe(mismatch)
      }
      const arity = "ERR wrong number of arguments for 'hexpire' command"
      expect(line('HEXPIRE h 1 FIELDS 1')).toBe(arity)
    })

    test('changes and what is passed on', () => {
      const now = clock.nowMs
      line('HSET h a 1 b 2 c 3')
      expect(changes('HEXPIRE h 10 FIELDS 3 a b x')).toBe(2)
      expect(changes('HEXPIRE h 10 NX FIELDS 2 a x')).toBe(0)
      expect(changes('HEXPIRE h 0 FIELDS 2 b x')).toBe(1)
      expect(passedOn('HEXPIRE h 20 GT FIELDS 3 a c x')).toEqual([
        ['HPEXPIREAT', 'h', `${now + 20_000}`, 'FIELDS', '1', 'a'],
      ])
      expect(passedOn('HEXPIRE h 20 GT FIELDS 1 a')).toEqual([])
      expect(passedOn('HPEXPIRE h 0 FIELDS 3 a x c')).toEqual([['HDEL', 'h', 'a', 'c']])
    })
  })

  describe('HTTL and its kin', () => {
    test.each(['HTTL', 'HPTTL', 'HEXPIRETIME', 'HPEXPIRETIME', 'HPERSIST', 'HGETDEL'])(
      'errors of %s',
      (name) => {
        line('HSET h a 1')
        line('SET s x')
        expect(line(`${name} s FIELD 1 a`)).toMatch(/^WRONGTYPE/)
        const missing = 'ERR Mandatory argument FIELDS is missing or not at the right position'
        expect(line(`${name} h FIELD 1 a`)).toBe(missing)
        const bad = 'ERR Number of fields must be a positive integer'
        for (const count of ['0', '-5', 'no']) {
          expect(line(`${name} h FIELDS ${count} a`)).toBe(bad)
        }
        const mismatch = 'ERR The `numfields` parameter must match the number of arguments'
        expect(line(`${name} h FIELDS 2 a`)).toBe(mismatch)
        expect(line(`${name} none FIELDS 1 a b`)).toBe(mismatch)
        const arity = `ERR wrong number of arguments for '${name.toLowerCase()}' command`
        expect(line(`${name} h FIELDS 1`)).toBe(arity)
      },
    )

    test('count an expired field as absent, and leave it', () => {
      line('HSET h a 1 b 2')
      line('HPEXPIRE h 5 FIELDS 1 a')
      clock.advance(5)
      expect(line('HPTTL h FIELDS 1 a')).toEqual([0])
      clock.advance(1)
      expect(line('HPTTL h FIELDS 1 a')).toEqual([-2])
      expect(line('HPERSIST h FIELDS 2 a b')).toEqual([-2, -1])
    })
  })

  test('HPERSIST takes times away', () => {
    line('HSET h a 1 b 2 c 3')
    line('HEXPIRE h 10 FIELDS 2 a b')
    expect(server.keyspace.hashesWithFieldExpiry).toBe(1)
    expect(passedOn('HPERSIST h FIELDS 5 a b c x a')).toEqual([
      ['HPERSIST', 'h', 'FIELDS', '2', 'a', 'b'],
    ])
    line('HEXPIRE h 10 FIELDS 1 a')
    expect(line('HPERSIST h FIELDS 4 a a c x')).toEqual([1, -1, -1, -2])
    expect(line('HTTL h FIELDS 3 a b c')).toEqual([-1, -1, -1])
    expect(server.keyspace.hashesWithFieldExpiry).toBe(0)
    expect(line('OBJECT ENCODING h')).toBe(encoding)
    expect(changes('HPERSIST h FIELDS 1 a')).toBe(0)
    line('HEXPIRE h 10 FIELDS 2 a b')
    expect(changes('HPERSIST h FIELDS 2 a b')).toBe(1)
  })

  describe('fields that have expired', () => {
    beforeEach(() => {
      line('DEBUG SET-ACTIVE-EXPIRE 0')
      line('HSET h a 1 b 2 c 3')
      line('HPEXPIRE h 10 FIELDS 2 a b')
      line('HSET all a 1 b 2')
      line('HPEXPIRE all 10 FIELDS 2 a b')
      clock.advance(11)
    })

    test('are counted by HLEN until they are removed by a look at them', () => {
      expect(line('HLEN h')).toBe(3)
      expect(line('HEXISTS h a')).toBe(0)
      expect(line('HLEN h')).toBe(2)
      expect(line('HGET h b')).toBe(null)
      expect(line('HLEN h')).toBe(1)
      expect(server.keyspace.expiredFields).toBe(2)
      expect(line('HSTRLEN all a')).toBe(0)
      expect(line('EXISTS all')).toBe(1)
      expect(line('HMGET all b b a')).toEqual([null, null, null])
      expect(line('EXISTS all')).toBe(0)
    })

    test('are not shown, and not removed, by what lists a hash', () => {
      expect(line('HGETALL h')).toEqual(['c', '3'])
      expect(line('HKEYS h')).toEqual(['c'])
      expect(line('HVALS h')).toEqual(['3'])
      expect(line('HSCAN h 0 COUNT 100')).toEqual(['0', ['c', '3']])
      expect(line('HGETALL all')).toEqual([])
      expect(line('HLEN h')).toBe(3)
      line('RPUSH l h all')
      expect(line('SORT l BY nosort GET *->a GET *->c')).toEqual([null, '3', null, null])
      expect(line('HLEN h')).toBe(3)
    })

    test('are removed by HRANDFIELD', () => {
      expect(line('HRANDFIELD h 5')).toEqual(['c'])
      expect(line('HLEN h')).toBe(1)
      expect(line('HRANDFIELD h')).toBe('c')
      expect(line('HRANDFIELD h -2 WITHVALUES')).toEqual(['c', '3', 'c', '3'])
      expect(line('HRANDFIELD all')).toBe(null)
      expect(line('EXISTS all')).toBe(0)
    })

    test('stay while expiry is suspended, and count as absent', () => {
      server.keyspace.expirySuspended = true
      expect(line('HGET h a')).toBe(null)
      expect(line('HRANDFIELD h 5')).toEqual(['c'])
      expect(line('HRANDFIELD h')).toBe('c')
      expect(line('HRANDFIELD h -2')).toEqual(['c', 'c'])
      expect(line('HRANDFIELD all 3')).toEqual([])
      expect(line('HLEN h')).toBe(3)
      server.keyspace.expirySuspended = false
    })

    test('are set anew without their time', () => {
      expect(line('HSET h a 9')).toBe(0)
      expect(line('HSETNX h b 8')).toBe(1)
      expect(line('HINCRBY all a 5')).toBe(5)
      expect(line('HINCRBYFLOAT all b 2.5')).toBe('2.5')
      expect(line('HTTL h FIELDS 2 a b')).toEqual([-1, -1])
      expect(line('HTTL all FIELDS 2 a b')).toEqual([-1, -1])
    })

    test('make a new hash where the last of them is set anew', () => {
      line('HGET all a')
      expect(line('HINCRBY all b 5')).toBe(5)
      expect(line('HGETALL all')).toEqual(['b', '5'])
      expect(line('HTTL all FIELDS 1 b')).toEqual([-1])
    })

    test('are removed by HDEL as any other, and absent for HEXPIRE and HPERSIST', () => {
      expect(line('HDEL h a')).toBe(1)
      expect(line('HEXPIRE h 10 FIELDS 2 b c')).toEqual([-2, 1])
      expect(line('HPERSIST all FIELDS 1 a')).toEqual([-2])
      expect(line('HEXPIRE all 10 FIELDS 2 a b')).toEqual([-2, -2])
      expect(line('EXISTS all')).toBe(0)
    })

    test('are passed on as removed', () => {
      expect(passedOn('HGET h a')).toEqual([['HDEL', 'h', 'a']])
      expect(passedOn('HINCRBY h b 1')).toEqual([
        ['MULTI'],
        ['HDEL', 'h', 'b'],
        ['HINCRBY', 'h', 'b', '1'],
        ['EXEC'],
      ])
    })

    test('are removed by active expiry', () => {
      const told: [string, string[], boolean][] = []
      const { listener } = server.keyspace
      server.keyspace.listener = {
        expired: () => {},
        fieldsExpired: (_, __, fields, isGone) => {
          const names = fields.map((field) => Buffer.from(field).toString()).sort()
          told.push([listener === null ? '' : 'h', names, isGone])
        },
      }
      line('DEBUG SET-ACTIVE-EXPIRE 1')
      server.activeExpiry.run()
      expect(told.sort((a, b) => Number(a[2]) - Number(b[2]))).toEqual([
        ['h', ['a', 'b'], false],
        ['h', ['a', 'b'], true],
      ])
      expect(line('HLEN h')).toBe(1)
      expect(line('EXISTS all')).toBe(0)
      expect(server.keyspace.hashesWithFieldExpiry).toBe(0)
    })
  })

  describe('a time of a field', () => {
    beforeEach(() => {
      line('HSET h a 1 b 2')
      line('HPEXPIRE h 100 FIELDS 1 a')
    })

    test('ends with HSET and HMSET, and stays with HINCRBY and HINCRBYFLOAT', () => {
      line('HINCRBY h a 100000')
      line('HINCRBYFLOAT h a 0.25')
      expect(line('HGET h a')).toBe('100001.25')
      expect(line('HPTTL h FIELDS 1 a')).toEqual([100])
      expect(passedOn('HINCRBYFLOAT h a 1')).toEqual([
        ['HSETEX', 'h', 'KEEPTTL', 'FIELDS', '1', 'a', '100002.25'],
      ])
      expect(line('HSET h a 5')).toBe(0)
      expect(line('HTTL h FIELDS 1 a')).toEqual([-1])
      line('HPEXPIRE h 100 FIELDS 2 a b')
      line('HMSET h a 5 b 6 c 7')
      expect(line('HTTL h FIELDS 3 a b c')).toEqual([-1, -1, -1])
      expect(server.keyspace.hashesWithFieldExpiry).toBe(0)
    })

    test('goes along with RENAME, MOVE, COPY and SWAPDB', () => {
      line('RENAME h i')
      expect(line('HPTTL i FIELDS 2 a b')).toEqual([100, -1])
      line('MOVE i 3')
      line('SELECT 3')
      line('COPY i j')
      line('SET k string')
      line('COPY i k REPLACE')
      line('RENAME i j')
      expect(server.keyspace.hashesWithFieldExpiry).toBe(2)
      line('EXPIRE j 1000')
      line('PERSIST j')
      line('SWAPDB 3 5')
      line('SELECT 5')
      expect(line('HPTTL j FIELDS 2 a b')).toEqual([100, -1])
      expect(server.keyspace.databases[5]!.fields.count).toBe(2)
      clock.advance(101)
      server.activeExpiry.run()
      expect(line('HLEN j')).toBe(1)
      expect(line('HLEN k')).toBe(1)
      expect(server.keyspace.hashesWithFieldExpiry).toBe(0)
    })

    test('goes with the key', () => {
      line('COPY h i')
      line('COPY h j')
      line('COPY h k')
      line('DEL h')
      line('SET i string')
      line('EXPIRE j 0')
      expect(server.keyspace.hashesWithFieldExpiry).toBe(1)
      line('HDEL k a')
      expect(server.keyspace.hashesWithFieldExpiry).toBe(0)
      line('HEXPIRE k 10 FIELDS 1 b')
      line('FLUSHDB')
      expect(server.keyspace.hashesWithFieldExpiry).toBe(0)
      line('HSET h a 1')
      line('HEXPIRE h 10 FIELDS 1 a')
      line('FLUSHALL')
      expect(server.keyspace.hashesWithFieldExpiry).toBe(0)
    })

    test('does not expire while a log is made again', () => {
      server.keyspace.isLoading = true
      expect(line('HPEXPIREAT h 1 FIELDS 1 b')).toEqual([1])
      expect(line('HGET h b')).toBe('2')
      server.keyspace.isLoading = false
      expect(line('HGET h b')).toBe(null)
    })
  })

  describe('HGETEX', () => {
    test('answers values and sets times', () => {
      line('HSET h a 1 b 2 c 3')
      expect(line('HGETEX h FIELDS 2 a x')).toEqual(['1', null])
      expect(line('HGETEX h EX 10 FIELDS 2 a x')).toEqual(['1', null])
      expect(line('hgetex h px 1500 fields 1 b')).toEqual(['2'])
      expect(line('HPTTL h FIELDS 3 a b c')).toEqual([10_000, 1500, -1])
      const seconds = clock.nowMs / 1000 + 5
      expect(line(`HGETEX h EXAT ${seconds} FIELDS 1 a`)).toEqual(['1'])
      expect(line(`HGETEX h PXAT ${clock.nowMs + 7} FIELDS 1 b`)).toEqual(['2'])
      expect(line('HPTTL h FIELDS 2 a b')).toEqual([5000, 7])
      expect(line('HGETEX h FIELDS 1 a')).toEqual(['1'])
      expect(line('HGETEX h PERSIST FIELDS 3 a c x')).toEqual(['1', '3', null])
      expect(line('HPTTL h FIELDS 2 a b')).toEqual([-1, 7])
      clock.advance(8)
      expect(line('HGETEX h EX 10 FIELDS 1 b')).toEqual([null])
      expect(line('HLEN h')).toBe(2)
      expect(line('HGETEX h EX 0 FIELDS 2 a a')).toEqual(['1', null])
      expect(line('HGETEX h PXAT 1 FIELDS 1 c')).toEqual(['3'])
      expect(line('EXISTS h')).toBe(0)
      expect(line('HGETEX none EX 1 FIELDS 2 a b')).toEqual([null, null])
    })

    test('changes and what is passed on', () => {
      line('HSET h a 1 b 2')
      const at = `${clock.nowMs + 9000}`
      expect(passedOn('HGETEX h FIELDS 1 a')).toEqual([])
      expect(passedOn('HGETEX h EX 9 FIELDS 3 a x b')).toEqual([
        ['HPEXPIREAT', 'h', at, 'FIELDS', '2', 'a', 'b'],
      ])
      expect(passedOn('HGETEX h PERSIST FIELDS 2 b x')).toEqual([
        ['HPERSIST', 'h', 'FIELDS', '1', 'b'],
      ])
      expect(passedOn('HGETEX h PERSIST FIELDS 2 b x')).toEqual([])
      expect(passedOn('HGETEX h EX 0 FIELDS 2 x a')).toEqual([['HDEL', 'h', 'a']])
      expect(changes('HGETEX h FIELDS 1 b')).toBe(0)
      expect(changes('HGETEX h EX 1 FIELDS 2 b b')).toBe(2)
      expect(changes('HGETEX h PX 0 FIELDS 1 b')).toBe(1)
    })

    test('errors', () => {
      line('HSET h a 1')
      line('SET s x')
      expect(line('HGETEX s EX no FIELDS 1 a')).toMatch(/^WRONGTYPE/)
      expect(line('HGETEX h EX no FIELDS 1 a')).toBe('ERR value is not an integer or out of range')
      expect(line('HGETEX h PX -1 FIELDS 1 a')).toBe('ERR invalid expire time, must be >= 0')
      const late = "ERR invalid expire time in 'hgetex' command"
      expect(line(`HGETEX h PXAT ${LIMIT_MS} FIELDS 1 a`)).toBe(late)
      const missing = 'ERR Mandatory argument FIELDS is missing or not at the right position'
      expect(line('HGETEX h EX 1 PX 1 FIELDS 1 a')).toBe(missing)
      expect(line('HGETEX h KEEPTTL FIELDS 1 a')).toBe(missing)
      expect(line('HGETEX h EX 1 FIELDS 0 a')).toBe(
        'ERR Number of fields must be a positive integer',
      )
      const mismatch = 'ERR The `numfields` parameter must match the number of arguments'
      expect(line('HGETEX h PERSIST FIELDS 2 a')).toBe(mismatch)
      expect(line('HGETEX h FIELDS 1 a b')).toBe(mismatch)
      const arity = "ERR wrong number of arguments for 'hgetex' command"
      expect(line('HGETEX h FIELDS 1')).toBe(arity)
      expect(line('HGETEX h EX 1 FIELDS')).toBe(arity)
    })
  })

  describe('HSETEX', () => {
    test('sets fields with a time', () => {
      expect(line('HSETEX h EX 10 FIELDS 2 a 1 b 2')).toBe(1)
      expect(line('OBJECT ENCODING h')).toBe(encoding)
      expect(line('HGETALL h')).toHaveLength(4)
      expect(line('HPTTL h FIELDS 2 a b')).toEqual([10_000, 10_000])
      expect(line('HSETEX h PX 50 FIELDS 1 b 3')).toBe(1)
      expect(line(`HSETEX h PXAT ${clock.nowMs + 9} FIELDS 1 c 4`)).toBe(1)
      expect(line(`hsetex h exat ${clock.nowMs / 1000 + 1} fields 1 d 5`)).toBe(1)
      expect(line('HPTTL h FIELDS 4 a b c d')).toEqual([10_000, 50, 9, 1000])
      expect(line('HSETEX h KEEPTTL FIELDS 3 a 7 x 8 b 9')).toBe(1)
      expect(line('HPTTL h FIELDS 3 a x b')).toEqual([10_000, -1, 50])
      expect(line('HMGET h a x b')).toEqual(['7', '8', '9'])
      expect(line('HSETEX h FIELDS 2 a 0 a 1')).toBe(1)
      expect(line('HPTTL h FIELDS 1 a')).toEqual([-1])
      expect(line('HSETEX plain FIELDS 1 a 0')).toBe(1)
      expect(line('OBJECT ENCODING plain')).toBe(entries === 0 ? 'hashtable' : 'listpack')
    })

    test('FNX and FXX', () => {
      expect(line('HSETEX h FXX EX 10 FIELDS 1 a 1')).toBe(0)
      expect(line('EXISTS h')).toBe(0)
      expect(line('HSETEX h EX 10 FNX FIELDS 1 a 1')).toBe(1)
      expect(line('HSETEX h FNX FIELDS 2 b 2 a 2')).toBe(0)
      expect(line('HSETEX h FXX FIELDS 2 a 2 b 2')).toBe(0)
      expect(line('HGETALL h')).toEqual(['a', '1'])
      expect(line('HSETEX h FXX KEEPTTL FIELDS 1 a 5')).toBe(1)
      expect(line('HTTL h FIELDS 1 a')).toEqual([10])
      clock.advance(10_001)
      expect(line('HSETEX h FXX FIELDS 1 a 6')).toBe(0)
      expect(line('EXISTS h')).toBe(0)
      line('HSETEX h PX 1 FIELDS 1 a 6')
      clock.advance(2)
      expect(line('HSETEX h FNX FIELDS 1 a 7')).toBe(1)
      line('HSETEX h PX 1 FIELDS 1 a 6')
      clock.advance(2)
      expect(line('HSETEX h KEEPTTL FIELDS 1 a 8')).toBe(1)
      expect(line('HTTL h FIELDS 1 a')).toEqual([-1])
    })

    test('a time that is not after now removes what is there', () => {
      line('HSET h a 1 b 2')
      expect(line('HSETEX h PXAT 1 FIELDS 2 a 5 x 6')).toBe(1)
      expect(line('HGETALL h')).toEqual(['b', '2'])
      expect(line('HSETEX h EX 0 FIELDS 1 b 5')).toBe(1)
      expect(line('EXISTS h')).toBe(0)
      expect(line('HSETEX h EX 0 FIELDS 1 b 5')).toBe(1)
      expect(line('EXISTS h')).toBe(0)
    })

    test('changes and what is passed on', () => {
      const at = `${clock.nowMs + 9000}`
      expect(passedOn('HSETEX h FNX EX 9 FIELDS 2 a 1 b 2')).toEqual([
        ['HSETEX', 'h', 'PXAT', at, 'FIELDS', '2', 'a', '1', 'b', '2'],
      ])
      expect(passedOn('HSETEX h FXX FIELDS 1 a 1')).toEqual([['HSET', 'h', 'a', '1']])
      expect(passedOn('HSETEX h FXX FIELDS 1 x 1')).toEqual([])
      expect(passedOn('HSETEX h KEEPTTL FIELDS 1 b 3')).toEqual([
        ['HSETEX', 'h', 'KEEPTTL', 'FIELDS', '1', 'b', '3'],
      ])
      expect(passedOn('HSETEX h PX 0 FIELDS 2 a 3 x 4')).toEqual([['HDEL', 'h', 'a']])
      expect(changes('HSETEX h EX 9 FIELDS 2 a 1 b 2')).toBe(2)
      expect(changes('HSETEX h FNX EX 9 FIELDS 1 a 1')).toBe(0)
      expect(changes('HSETEX h FIELDS 3 a 1 b 2 c 3')).toBe(3)
      expect(changes('HSETEX h EX 0 FIELDS 1 a 1')).toBe(1)
    })

    test('errors', () => {
      line('SET s x')
      line('HSET h a 1')
      expect(line('HSETEX s FIELDS 1 a 1')).toMatch(/^WRONGTYPE/)
      expect(line('HSETEX s FIELDS 0 a 1')).toBe('ERR invalid number of fields')
      for (const count of ['-1', 'no', '2147483648']) {
        expect(line(`HSETEX h FIELDS ${count} a 1`)).toBe('ERR invalid number of fields')
      }
      const arity = "ERR wrong number of arguments for 'hsetex' command"
      expect(line('HSETEX h FIELDS 1 a')).toBe(arity)
      expect(line('HSETEX h EX 1 FIELDS 1 a')).toBe(arity)
      expect(line('HSETEX h FIELDS 1 a 1 b')).toBe(arity)
      expect(line('HSETEX h FIELDS 2 a 1')).toBe(arity)
      expect(line('HSETEX h FIELDS 1 a 1 b 2')).toBe(arity)
      const times = 'ERR Only one of EX, PX, EXAT, PXAT or KEEPTTL arguments can be specified'
      expect(line('HSETEX h EX 1 PX 1 FIELDS 1 a 1')).toBe(times)
      expect(line('HSETEX h KEEPTTL EXAT 1 FIELDS 1 a 1')).toBe(times)
      expect(line('HSETEX h KEEPTTL KEEPTTL FIELDS 1 a 1')).toBe(times)
      const conditions = 'ERR Only one of FXX or FNX arguments can be specified'
      expect(line('HSETEX h FNX FXX FIELDS 1 a 1')).toBe(conditions)
      expect(line('HSETEX h FNX FNX FIELDS 1 a 1')).toBe(conditions)
      expect(line('HSETEX h NX FIELDS 1 a 1')).toBe('ERR unknown argument: NX')
      expect(line('HSETEX h EX no FIELDS 1 a 1')).toBe(
        'ERR value is not an integer or out of range',
      )
      expect(line('HSETEX h EX -1 FIELDS 1 a 1')).toBe('ERR invalid expire time, must be >= 0')
      expect(line(`HSETEX h PXAT ${LIMIT_MS} FIELDS 1 a 1`)).toBe(
        "ERR invalid expire time in 'hsetex' command",
      )
      expect(line('HSETEX h FNX KEEPTTL FXX EX PX')).toBe(conditions)
      expect(line('HSETEX h FNX KEEPTTL x x x')).toBe('ERR unknown argument: x')
    })
  })

  test('HGETDEL answers values and removes the fields', () => {
    line('HSET h a 1 b 2 c 3 d 4')
    line('HPEXPIRE h 5 FIELDS 2 b d')
    expect(passedOn('HGETDEL h FIELDS 3 a x a')).toEqual([['HDEL', 'h', 'a']])
    clock.advance(6)
    expect(line('HGETDEL h FIELDS 2 b c')).toEqual([null, '3'])
    expect(line('HGETDEL h FIELDS 2 d d')).toEqual([null, null])
    expect(line('EXISTS h')).toBe(0)
    line('HSET h a 1 b 2 c 3')
    expect(line('HGETDEL h FIELDS 2 a a')).toEqual(['1', null])
    expect(changes('HGETDEL h FIELDS 2 b c')).toBe(2)
    expect(line('EXISTS h')).toBe(0)
    expect(line('HGETDEL h FIELDS 1 b')).toEqual([null])
  })

  test('replies in RESP3 are those of RESP2 but for null', () => {
    client.call('HELLO', 3)
    client.call('HSET', 'h', 'a', 1)
    expect(client.call('HEXPIRE', 'h', 1, 'FIELDS', 2, 'a', 'b')).toBe('*2\r\n:1\r\n:-2\r\n')
    expect(client.call('HTTL', 'h', 'FIELDS', 1, 'a')).toBe('*1\r\n:1\r\n')
    expect(client.call('HGETEX', 'h', 'FIELDS', 1, 'b')).toBe('*1\r\n_\r\n')
    expect(client.call('HGETDEL', 'h', 'FIELDS', 2, 'b', 'a')).toBe('*2\r\n_\r\n$1\r\n1\r\n')
    expect(client.call('HSETEX', 'h', 'FIELDS', 1, 'a', 'b')).toBe(':1\r\n')
    expect(client.call('HPERSIST', 'h', 'FIELDS', 1, 'a')).toBe('*1\r\n:-1\r\n')
    expect(client.call('HGETALL', 'h')).toBe('%1\r\n$1\r\na\r\n$1\r\nb\r\n')
  })
})

describe('from small to large', () => {
  test('times go along', () => {
    start(4)
    line('HSETEX h PX 100 FIELDS 2 a 1 b 2')
    line('HSET h c 3')
    expect(line('OBJECT ENCODING h')).toBe('listpackex')
    line('HSET h d 4 e 5')
    expect(line('OBJECT ENCODING h')).toBe('hashtable')
    expect(line('HPTTL h FIELDS 3 a b c')).toEqual([100, 100, -1])
    line('HSETEX i PX 100 FIELDS 1 a 1')
    line(`HSETEX i PX 200 FIELDS 1 b ${'v'.repeat(100)}`)
    expect(line('OBJECT ENCODING i')).toBe('hashtable')
    expect(line('HPTTL i FIELDS 2 a b')).toEqual([100, 200])
    checkServer(server)
  })

  test('a long field and a long value have times', () => {
    start(4)
    const field = 'f'.repeat(40_000)
    const value = 'v'.repeat(70_000)
    call('HSET', 'h', field, value)
    expect(call('HEXPIRE', 'h', 10, 'FIELDS', 1, field)).toEqual([1])
    expect(call('HGET', 'h', field)).toBe(value)
    expect(call('HGETEX', 'h', 'PX', 7, 'FIELDS', 1, field)).toEqual([value])
    call('HINCRBY', 'h', 'n', 1)
    expect(call('HPTTL', 'h', 'FIELDS', 2, field, 'n')).toEqual([7, -1])
    clock.advance(8)
    server.activeExpiry.run()
    expect(call('HGETALL', 'h')).toEqual(['n', '1'])
    checkServer(server)
  })
})

describe('active expiry', () => {
  /** Runs slices until none is due at once. */
  const runAll = (): void => {
    while (server.activeExpiry.run()) server.keyspace.check()
  }

  test('removes what is due, of many hashes, in every database', () => {
    start(16)
    for (const db of [0, 3, 15]) {
      line(`SELECT ${db}`)
      for (let i = 0; i < 60; i++) {
        const fields = Array.from({ length: 1 + (i % 30) }, (_, n) => [`f${n}`, 'v']).flat()
        client.call('HSET', `h${i}`, ...fields, 'stays', 1)
        client.call('HSET', `gone${i}`, ...fields)
        for (let n = 0; n <= i % 30; n++) {
          client.call('HPEXPIRE', `h${i}`, 10 + n, 'FIELDS', 1, `f${n}`)
          client.call('HPEXPIRE', `gone${i}`, 50 - n, 'FIELDS', 1, `f${n}`)
        }
      }
    }
    expect(server.keyspace.hashesWithFieldExpiry).toBe(360)
    for (const left of [10, 1, 5, 20, 15]) {
      clock.advance(left)
      runAll()
    }
    server.keyspace.check()
    expect(server.keyspace.hashesWithFieldExpiry).toBe(0)
    for (const db of [0, 3, 15]) {
      line(`SELECT ${db}`)
      expect(line('DBSIZE')).toBe(60)
      for (let i = 0; i < 60; i++) expect(client.value('HLEN', `h${i}`)).toBe(1)
    }
    checkServer(server)
  })

  test('takes a large hash table by table, with changes in between', () => {
    start(16)
    const fields = Array.from({ length: 20_000 }, (_, i) => `field${i}`)
    client.call('HSETEX', 'h', 'PX', 10, 'FIELDS', 20_000, ...fields.flatMap((f) => [f, 'v']))
    client.call('HPEXPIRE', 'h', 1000, 'FIELDS', 100, ...fields.slice(0, 100))
    client.call('HSETEX', 'small', 'PX', 10, 'FIELDS', 1, 'a', 1)
    clock.advance(11)
    let slices = 0
    do {
      client.call('HSETEX', 'h', 'PX', 500, 'FIELDS', 1, `late${slices}`, 'v')
      client.call('HDEL', 'h', `field${19_999 - slices}`)
      clock.advance(1)
      server.keyspace.check()
      slices++
    } while (server.activeExpiry.run())
    server.keyspace.check()
    expect(line('HLEN h')).toBe(100 + slices)
    expect(line('EXISTS small')).toBe(0)
    clock.advance(500)
    runAll()
    expect(line('HLEN h')).toBe(100)
    clock.advance(1000)
    runAll()
    expect(line('EXISTS h')).toBe(0)
    expect(server.keyspace.expiredFields).toBeGreaterThan(19_000)
    checkServer(server)
  })

  test('does nothing when nothing is due', () => {
    start(16)
    line('HSETEX h PX 10 FIELDS 1 a 1')
    expect(server.activeExpiry.run()).toBe(false)
    clock.advance(10)
    // In the very millisecond of its time a field still lives.
    expect(server.activeExpiry.run()).toBe(false)
    expect(line('HGET h a')).toBe('1')
    clock.advance(1)
    server.activeExpiry.run()
    expect(line('EXISTS h')).toBe(0)
    checkServer(server)
  })
})
