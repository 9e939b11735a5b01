/**
 * String commands where a real Redis 7.0 is no help: SET with IFEQ and DELIFEQ (the expectations are
 * from Valkey 9's documentation), and what depends on the clock.
 */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { ManualClock } from '../../../src/platform/clock.ts'
import type { Server } from '../../../src/server/server.ts'
import { checkServer, InProcessClient, testServer } from '../../support/in-process-client.ts'

const SYNTAX_ERROR = '-ERR syntax error\r\n'

let clock: ManualClock
let server: Server
let client: InProcessClient

beforeEach(() => {
  clock = new ManualClock()
  server = testServer({ clock })
  client = new InProcessClient(server)
})

afterEach(() => checkServer(server))

describe('SET IFEQ', () => {
  test('sets only a key that has the value', () => {
    expect(client.call('SET', 'key', 'new', 'IFEQ', 'old')).toBe('$-1\r\n')
    expect(client.value('EXISTS', 'key')).toBe(0)
    client.call('SET', 'key', 'old')
    expect(client.call('SET', 'key', 'new', 'IFEQ', 'oldest')).toBe('$-1\r\n')
    expect(client.call('SET', 'key', 'new', 'IFEQ', 'OLD')).toBe('$-1\r\n')
    expect(client.call('SET', 'key', 'new', 'ifeq', 'old')).toBe('+OK\r\n')
    expect(client.value('GET', 'key')).toBe('new')
  })

  test('compares numbers, empty and long values by their bytes', () => {
    for (const value of ['12', '', 'x'.repeat(150), 'x'.repeat(5000)]) {
      client.call('SET', 'key', value)
      expect(client.call('SET', 'key', '1', 'IFEQ', `${value}0`)).toBe('$-1\r\n')
      expect(client.call('SET', 'key', '1', 'IFEQ', value)).toBe('+OK\r\n')
    }
    client.call('SET', 'key', '12')
    expect(client.call('SET', 'key', '1', 'IFEQ', '012')).toBe('$-1\r\n')
  })

  test('with GET answers the old value, set or not', () => {
    expect(client.call('SET', 'key', 'new', 'IFEQ', 'old', 'GET')).toBe('$-1\r\n')
    expect(client.value('EXISTS', 'key')).toBe(0)
    client.call('SET', 'key', 'old')
    expect(client.value('SET', 'key', 'new', 'GET', 'IFEQ', 'other')).toBe('old')
    expect(client.value('GET', 'key')).toBe('old')
    expect(client.value('SET', 'key', 'new', 'GET', 'IFEQ', 'old')).toBe('old')
    expect(client.value('GET', 'key')).toBe('new')
  })

  test('goes with expiry times', () => {
    client.call('SET', 'key', 'old')
    expect(client.call('SET', 'key', 'new', 'IFEQ', 'old', 'PX', 5000)).toBe('+OK\r\n')
    expect(client.value('PTTL', 'key')).toBe(5000)
    expect(client.call('SET', 'key', 'newer', 'KEEPTTL', 'IFEQ', 'new')).toBe('+OK\r\n')
    expect(client.value('PTTL', 'key')).toBe(5000)
  })

  test('does not go with NX, XX, itself, or without a value', () => {
    expect(client.call('SET', 'key', '1', 'IFEQ', '1', 'NX')).toBe(SYNTAX_ERROR)
    expect(client.call('SET', 'key', '1', 'NX', 'IFEQ', '1')).toBe(SYNTAX_ERROR)
    expect(client.call('SET', 'key', '1', 'XX', 'IFEQ', '1')).toBe(SYNTAX_ERROR)
    expect(client.call('SET', 'key', '1', 'IFEQ', '1', 'XX')).toBe(SYNTAX_ERROR)
    expect(client.call('SET', 'key', '1', 'IFEQ', '1', 'IFEQ', '1')).toBe(SYNTAX_ERROR)
    expect(client.call('SET', 'key', '1', 'IFEQ')).toBe(SYNTAX_ERROR)
    expect(client.call('GETEX', 'key', 'IFEQ', '1')).toBe(SYNTAX_ERROR)
  })
})

test('DELIFEQ removes only a key that has the value', () => {
  expect(client.value('DELIFEQ', 'key', 'value')).toBe(0)
  for (const value of ['value', '', '12', 'x'.repeat(5000)]) {
    client.call('SET', 'key', value)
    expect(client.value('DELIFEQ', 'key', `${value}0`)).toBe(0)
    expect(client.value('GET', 'key')).toBe(value)
    expect(client.value('DELIFEQ', 'key', value)).toBe(1)
    expect(client.value('EXISTS', 'key')).toBe(0)
  }
})

describe('expiry times', () => {
  test('are exact to the end of 64 bits', () => {
    const now = BigInt(clock.nowMs)
    const max = 2n ** 63n - 1n
    client.call('SET', 'key', '1')
    for (const ms of [1n, 2n ** 31n, 2n ** 40n, 2n ** 53n - now, 2n ** 53n, max - now]) {
      expect(client.call('SET', 'key', '1', 'PX', ms)).toBe('+OK\r\n')
      expect(client.call('PEXPIRETIME', 'key')).toBe(`:${now + ms}\r\n`)
      expect(client.call('INCR', 'key')).toBe(':2\r\n')
      expect(client.call('PEXPIRETIME', 'key')).toBe(`:${now + ms}\r\n`)
    }
    const error = "-ERR invalid expire time in 'set' command\r\n"
    expect(client.call('SET', 'key', '1', 'PX', max - now + 1n)).toBe(error)
    expect(client.call('SET', 'key', '1', 'EX', (max - now) / 1000n + 1n)).toBe(error)
    expect(client.call('SET', 'key', '1', 'EX', (max - now) / 1000n)).toBe('+OK\r\n')
    expect(client.call('SET', 'key', '1', 'EXAT', max / 1000n + 1n)).toBe(error)
    expect(client.call('SET', 'key', '1', 'EXAT', max / 1000n)).toBe('+OK\r\n')
    expect(client.call('PEXPIRETIME', 'key')).toBe(`:${(max / 1000n) * 1000n}\r\n`)
  })

  test('end a string when they come, and a new one begins', () => {
    client.call('SET', 'key', '41', 'PX', 100)
    clock.advance(101)
    expect(client.value('INCR', 'key')).toBe(1)
    expect(client.value('PTTL', 'key')).toBe(-1)
    client.call('SETEX', 'key', 1, 'old')
    clock.advance(1001)
    expect(client.value('APPEND', 'key', 'x')).toBe(1)
    client.call('PSETEX', 'key', 5, 'old')
    clock.advance(6)
    expect(client.value('MSETNX', 'key', 'a', 'other', 'b')).toBe(1)
    expect(client.value('GETEX', 'key', 'PXAT', clock.nowMs + 5)).toBe('a')
    clock.advance(6)
    expect(client.value('MGET', 'key', 'other')).toEqual([null, 'b'])
  })
})
