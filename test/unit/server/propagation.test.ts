import { afterEach, beforeEach, expect, test } from 'vitest'
import { ManualClock } from '../../../src/platform/clock.ts'
import { checkServer, InProcessClient, testServer } from '../../support/in-process-client.ts'

const NOW_MS = 1_700_000_000_000

let clock: ManualClock
let client: InProcessClient

beforeEach(() => {
  clock = new ManualClock(NOW_MS)
  client = new InProcessClient(testServer({ clock }))
  client.server.propagation.start()
  // What is for the log stays in the buffer: there is no log.
  client.server.output.beforeSend = null
})

afterEach(() => checkServer(client.server))

/** What has been passed on since the last call, one string a request. */
function passedOn(): string[] {
  const { propagation } = client.server
  const text = Buffer.from(propagation.bytes.subarray(0, propagation.length)).toString('latin1')
  propagation.clear()
  const requests = text.split(/\*\d+\r\n/).slice(1)
  return requests.map((request) =>
    request
      .split('\r\n')
      .filter((_, i) => i % 2 === 1)
      .join(' '),
  )
}

/** What a request passes on, without the SELECT before the first. */
function of(...words: string[]): string[] {
  client.call(...words)
  return passedOn().filter((request) => !request.startsWith('select'))
}

test('a write is passed on as it came, behind its database', () => {
  client.call('set', 'k', 'v')
  expect(passedOn()).toEqual(['select 0', 'set k v'])
  client.call('SELECT', '3')
  client.call('LPUSH', 'l', 'a'.repeat(120), 'b')
  expect(passedOn()).toEqual(['select 3', `LPUSH l ${'a'.repeat(120)} b`])
})

test('lengths are written anew, however the request was written', () => {
  client.send('SET "a b" c\r\n')
  const { propagation } = client.server
  const text = Buffer.from(propagation.bytes.subarray(0, propagation.length)).toString()
  expect(text.endsWith('*3\r\n$3\r\nSET\r\n$3\r\na b\r\n$1\r\nc\r\n')).toBe(true)
})

test('reads, errors and writes that change nothing are not passed on', () => {
  expect(of('GET', 'k')).toEqual([])
  expect(of('DEL', 'k')).toEqual([])
  expect(of('LPUSH', 'l')).toEqual([])
  of('SET', 's', 'x')
  expect(of('INCR', 's')).toEqual([])
})

test.each([
  [['SET', 'k', 'v', 'EX', '10'], `SET k v PXAT ${NOW_MS + 10_000}`],
  [['SET', 'k', 'v', 'PX', '10', 'NX', 'GET'], `SET k v PXAT ${NOW_MS + 10}`],
  [['SET', 'k', 'v', 'NX'], 'SET k v NX'],
  [['SET', 'k', 'v', 'GET'], 'SET k v'],
  [['SET', 'k', 'v', 'GET', 'KEEPTTL'], 'SET k v KEEPTTL'],
  [['SETEX', 'k', '10', 'v'], `SET k v PXAT ${NOW_MS + 10_000}`],
  [['PSETEX', 'k', '10', 'v'], `SET k v PXAT ${NOW_MS + 10}`],
  [['GETSET', 'k', 'v'], 'SET k v'],
  [['INCRBYFLOAT', 'k', '1.5'], 'SET k 1.5 KEEPTTL'],
  [['HINCRBYFLOAT', 'h', 'f', '1.5'], 'HSET h f 1.5'],
])('%j is passed on with its effect', (request, expected) => {
  expect(of(...request)).toEqual([expected])
})

test('times are passed on as points of time', () => {
  of('SET', 'k', 'v')
  expect(of('EXPIRE', 'k', '10')).toEqual([`PEXPIREAT k ${NOW_MS + 10_000}`])
  expect(of('GETEX', 'k', 'PX', '5')).toEqual([`PEXPIREAT k ${NOW_MS + 5}`])
  expect(of('GETEX', 'k', 'PERSIST')).toEqual(['PERSIST k'])
  expect(of('EXPIRE', 'k', '-1')).toEqual(['DEL k'])
  of('SET', 'k', 'v')
  expect(of('GETDEL', 'k')).toEqual(['DEL k'])
})

test('what chance has taken is passed on by name', () => {
  of('SADD', 's', 'a')
  expect(of('SPOP', 's')).toEqual(['SREM s a'])
  of('SADD', 's', 'a', 'b')
  expect(of('SPOP', 's', '5')).toEqual(['DEL s'])
  of('SADD', 's', ...Array.from({ length: 3000 }, (_, i) => `m${i}`))
  const few = of('SPOP', 's', '2')
  expect(few).toHaveLength(1)
  expect(few[0]).toMatch(/^SREM s m\d+ m\d+$/)
  const many = of('SPOP', 's', '2990')
  expect(many[0]).toBe('MULTI')
  expect(many.at(-1)).toBe('EXEC')
  expect(many.slice(1, -1).join(' ').match(/ m\d+/g)).toHaveLength(2990)
})

test('what was chosen or waited for is passed on without the choice', () => {
  of('RPUSH', 'l', 'a', 'b', 'c', 'd')
  expect(of('BLPOP', 'x', 'l', '0')).toEqual(['LPOP l'])
  expect(of('LMPOP', '2', 'x', 'l', 'RIGHT', 'COUNT', '2')).toEqual(['RPOP l 2'])
  expect(of('BRPOPLPUSH', 'l', 'm', '0')).toEqual(['LMOVE l m RIGHT LEFT'])
  of('ZADD', 'z', '1', 'a', '2', 'b', '3', 'c')
  expect(of('BZPOPMAX', 'z', '0')).toEqual(['ZPOPMAX z'])
  expect(of('ZMPOP', '2', 'y', 'z', 'MIN', 'COUNT', '9')).toEqual(['ZPOPMIN z 2'])
})

test('a key that expires is passed on as deleted, together with what came upon it', () => {
  of('SET', 'k', 'v', 'PX', '10')
  clock.advance(20)
  expect(of('GET', 'k')).toEqual(['DEL k'])
  of('SET', 'k', 'v', 'PX', '10')
  clock.advance(20)
  expect(of('APPEND', 'k', 'x')).toEqual(['MULTI', 'DEL k', 'APPEND k x', 'EXEC'])
  client.call('CONFIG', 'SET', 'lazyfree-lazy-expire', 'yes')
  of('SET', 'k', 'v', 'PX', '10')
  clock.advance(20)
  expect(of('EXISTS', 'k')).toEqual(['UNLINK k'])
})
