/**
 * Expiring fields of hashes. The real server of the differential tests is too old for them, so what
 * is expected follows from the documentation and tests of Redis 7.4 (8.0 for HGETEX, HSETEX and
 * HGETDEL). Everything is done with both forms of a hash.
 */
import { beforeEach, describe, expect, test } from 'vitest'
import {
  changes,
  clock,
  LIMIT_MS,
  line,
  passedOn,
  server,
  sorted,
  start,
} from '../../support/field-expiry-client.ts'
import { checkServer } from '../../support/in-process-client.ts'

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

    test('are removed by HDEL like others, and absent for HEXPIRE and HPERSIST', () => {
      expect(line('HDEL h a')).toBe(1)
      expect(line('HEXPIRE h 10 FIELDS 2 b c')).toEqual([-2, 1])
      expect(line('HPERSIST all FIELDS 1 a')).toEqual([-2])
      expect(line('HEXPIRE all 10 FIELDS 2 a b')).toEqual([-2, -2])
      expect(line('EXISTS all')).toBe(0)
    })

    test('are in INFO', () => {
      expect(line('INFO keyspace')).toMatch(/db0:keys=2,expires=0,avg_ttl=0,subexpiry=2\r/)
      line('HGET h a')
      expect(line('INFO stats')).toMatch(/\r\nexpired_subkeys:1\r\n/)
      line('CONFIG RESETSTAT')
      expect(line('INFO stats')).toMatch(/\r\nexpired_subkeys:0\r\n/)
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
        evicted: () => {},
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
})
