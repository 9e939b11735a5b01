/**
 * HGETEX, HSETEX and HGETDEL as Redis 8.0 documents them, hashes that grow while their fields expire,
 * and active expiry of fields; see hash-field-expiry.test.ts.
 */
import { beforeEach, describe, expect, test } from 'vitest'
import {
  call,
  changes,
  client,
  clock,
  LIMIT_MS,
  line,
  passedOn,
  server,
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
