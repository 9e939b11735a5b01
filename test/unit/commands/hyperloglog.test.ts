/**
 * The HyperLogLog commands in this process: what Redis would answer, corrupted values, the random
 * model beside plain sets of registers, and memory that fails.
 */
import { describe, expect, test } from 'vitest'
import { elementPattern, REGISTERS } from '../../../src/types/hyperloglog-hash.ts'
import { expectAllOrNothing } from '../../support/failing-memory.ts'
import {
  checkServer,
  InProcessClient,
  type ReplyError,
  testServer,
} from '../../support/in-process-client.ts'

const CORRUPTED = '-INVALIDOBJ Corrupted HLL object detected\r\n'
const NO_HYPERLOGLOG = '-WRONGTYPE Key is not a valid HyperLogLog string value.\r\n'
const elements = (from: number, to: number): string[] =>
  Array.from({ length: to - from }, (_, i) => `element:${from + i}`)

function open(config: Parameters<typeof testServer>[0] = {}): InProcessClient {
  return new InProcessClient(testServer(config))
}

test('the bytes of a small one', () => {
  const client = open()
  expect(client.value('PFADD', 'k')).toBe(1)
  expect(client.value('GET', 'k')).toBe('HYLL\x01\0\0\0\0\0\0\0\0\0\0\x80\x7f\xff')
  expect(client.value('PFADD', 'k', 'a', 'b', 'c')).toBe(1)
  // As Redis 7.0.15 has it.
  expect(client.value('GET', 'k')).toBe(
    'HYLL\x01\0\0\0\0\0\0\0\0\0\0\x80\x60\xf3\x80\x50\xb1\x84\x4b\xfb\x80\x42\x5a',
  )
  expect(client.value('PFCOUNT', 'k')).toBe(3)
  expect(client.value('GETRANGE', 'k', 8, 15)).toBe('\x03\0\0\0\0\0\0\0')
  expect(client.value('OBJECT', 'ENCODING', 'k')).toBe('raw')
  checkServer(client.server)
})

test('the count is kept until a register changes', () => {
  const client = open()
  client.call('PFADD', 'k', 'a', 'b', 'c')
  client.call('PFCOUNT', 'k')
  client.call('SETRANGE', 'k', 8, '\x2a')
  expect(client.value('PFCOUNT', 'k')).toBe(42)
  expect(client.value('PFADD', 'k', 'a')).toBe(0)
  expect(client.value('PFCOUNT', 'k')).toBe(42)
  expect(client.value('PFCOUNT', 'k', 'k')).toBe(3)
  expect(client.value('PFADD', 'k', 'd')).toBe(1)
  expect(client.value('PFCOUNT', 'k')).toBe(4)
  client.call('SET', 'k', 'HYLL\x01\0\0\0\0\0\0\0\0\0\x20\0\x7f\xff')
  expect(client.value('PFCOUNT', 'k')).toBe(2n ** 53n)
})

test('an expiry time stays, in both forms', () => {
  const client = open()
  client.call('PFADD', 'k', ...elements(0, 10))
  client.call('PEXPIREAT', 'k', '99999999999999')
  for (const step of [
    ['PFADD', 'k', ...elements(10, 500)],
    ['PFCOUNT', 'k'],
    ['PFDEBUG', 'TODENSE', 'k'],
    ['PFADD', 'k', ...elements(500, 900)],
    ['PFMERGE', 'k', 'none'],
  ]) {
    client.call(...step)
    expect(client.value('PEXPIRETIME', 'k')).toBe(99999999999999)
  }
  checkServer(client.server)
})

test('PFCOUNT and PFADD are counted as they change something', () => {
  const client = open()
  const changes = (...request: string[]): number => {
    const before = client.server.dirty
    client.call(...request)
    return client.server.dirty - before
  }
  expect(changes('PFADD', 'k', 'a')).toBe(1)
  expect(changes('PFADD', 'k', 'a')).toBe(0)
  expect(changes('PFCOUNT', 'k')).toBe(1)
  expect(changes('PFCOUNT', 'k')).toBe(0)
  expect(changes('PFDEBUG', 'ENCODING', 'k')).toBe(0)
  expect(changes('PFDEBUG', 'GETREG', 'k')).toBe(1)
  expect(changes('PFDEBUG', 'TODENSE', 'k')).toBe(0)
  expect(changes('PFMERGE', 'k')).toBe(1)
})

test('PFSELFTEST passes', () => {
  expect(open().call('PFSELFTEST')).toBe('+OK\r\n')
})

describe('strings that are none', () => {
  test('other strings and other forms', () => {
    const client = open()
    const dense = `HYLL${'\0'.repeat(12 + 12288)}`
    for (const text of ['', 'HYLL', '123', `x${dense}`, `${dense}x`, dense.slice(1)]) {
      client.call('SET', 'k', text)
      for (const request of [
        ['PFADD', 'k'],
        ['PFCOUNT', 'k'],
        ['PFMERGE', 'k'],
        ['PFMERGE', 'n', 'k'],
      ]) {
        expect(client.call(...request)).toBe(NO_HYPERLOGLOG)
      }
      expect(client.call('PFDEBUG', 'GETREG', 'k')).toBe(NO_HYPERLOGLOG)
      expect(client.value('GET', 'k')).toBe(text)
    }
    expect(client.value('EXISTS', 'n')).toBe(0)
  })

  test('an opcode that is cut off, and more opcodes than there can be', () => {
    const client = open()
    const header = 'HYLL\x01\0\0\0\0\0\0\0\0\0\0\x80'
    for (const opcodes of ['', '\x7f', '\x7f\xff\x7f', '\xff\x7f', '\0'.repeat(40_000)]) {
      client.call('SET', 'k', header + opcodes)
      for (const request of [
        ['PFCOUNT', 'k'],
        ['PFCOUNT', 'k', 'n'],
        ['PFMERGE', 'k'],
        ['PFMERGE', 'n', 'k'],
        ['PFDEBUG', 'TODENSE', 'k'],
        ['PFDEBUG', 'GETREG', 'k'],
      ]) {
        expect(client.call(...request)).toBe(CORRUPTED)
      }
      expect(client.value('GET', 'k')).toBe(header + opcodes)
    }
    expect(client.call('PFADD', 'k', 'a')).toBe(CORRUPTED)
    expect(client.call('PFDEBUG', 'DECODE', 'k')).toBe(CORRUPTED)
    // Some of these are before the opcode that is cut off, and some are not: nothing is added.
    client.call('SET', 'k', `${header}\x5f\xff\x7f`)
    expect(client.call('PFADD', 'k', ...elements(0, 100))).toBe(CORRUPTED)
    expect(client.value('GET', 'k')).toBe(`${header}\x5f\xff\x7f`)
    expect(client.value('EXISTS', 'n')).toBe(0)
    checkServer(client.server)
  })
})

test('random additions and merges agree with sets of registers', () => {
  let state = 17
  const next = (below: number): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return Math.floor((state / 4294967296) * below)
  }
  const client = open({ config: { 'hll-sparse-max-bytes': '600' } })
  const model = new Map<string, Uint8Array>()
  const registersOf = (key: string): Uint8Array => {
    const known = model.get(key) ?? new Uint8Array(REGISTERS)
    model.set(key, known)
    return known
  }
  for (let round = 0; round < 300; round++) {
    const key = `k${next(5)}`
    if (next(15) === 0) {
      client.call('DEL', key)
      model.delete(key)
    } else if (next(3) === 0) {
      const sources = Array.from({ length: next(3) }, () => `k${next(5)}`)
      expect(client.call('PFMERGE', key, ...sources)).toBe('+OK\r\n')
      const target = registersOf(key)
      for (const source of sources) {
        const from = model.get(source)
        from?.forEach((value, i) => {
          target[i] = Math.max(target[i]!, value)
        })
      }
    } else {
      const from = next(400)
      const added = elements(from, from + next(40))
      const target = registersOf(key)
      for (const element of added) {
        const bytes = new Uint8Array(Buffer.from(element))
        const packed = elementPattern(new DataView(bytes.buffer), 0, bytes.length)
        const index = packed & (REGISTERS - 1)
        target[index] = Math.max(target[index]!, packed >>> 14)
      }
      client.call('PFADD', key, ...added)
    }
    if (round % 20 !== 19) continue
    for (const [name, registers] of model) {
      client.call('COPY', name, 'copy', 'REPLACE')
      expect(client.value('PFDEBUG', 'GETREG', 'copy')).toEqual([...registers])
    }
  }
  const encodings = [...model.keys()].map((key) => client.value('PFDEBUG', 'ENCODING', key))
  expect(new Set(encodings)).toEqual(new Set(['sparse', 'dense']))
  checkServer(client.server)
})

describe('no memory', () => {
  const REQUESTS: readonly (readonly string[])[] = [
    ['PFADD', 'new'],
    ['PFADD', 'new', ...elements(0, 20_000)],
    ['PFADD', 'small', ...elements(0, 50)],
    ['PFADD', 'small', ...elements(0, 20_000)],
    ['PFADD', 'middle', ...elements(0, 20_000)],
    ['PFADD', 'dense', ...elements(0, 20_000)],
    ['PFMERGE', 'new'],
    ['PFMERGE', 'new', 'small', 'middle'],
    ['PFMERGE', 'new', 'dense'],
    ['PFMERGE', 'small', 'dense'],
    ['PFMERGE', 'small', 'middle'],
    ['PFMERGE', 'dense', 'small'],
    ['PFDEBUG', 'TODENSE', 'small'],
    ['PFDEBUG', 'GETREG', 'plain'],
    ['PFCOUNT', 'middle'],
    ['PFCOUNT', 'small', 'dense'],
  ]

  function filled(): InProcessClient {
    const client = open()
    client.call('PFADD', 'small', 'a', 'b')
    client.call('PEXPIREAT', 'small', '99999999999999')
    client.call('PFADD', 'middle', ...elements(0, 800))
    client.call('PFADD', 'dense', ...elements(0, 5000))
    client.call('SET', 'plain', 'HYLL\x01\0\0\0\0\0\0\0\0\0\0\0\x7f\xff')
    return client
  }

  test.each(REQUESTS.map((request) => [request.slice(0, 3).join(' '), request] as const))(
    '%s',
    (_, request) => expectAllOrNothing(filled, request),
  )
})

test('errors of PFDEBUG', () => {
  const client = open()
  const error = (...request: string[]): string => (client.value(...request) as ReplyError).text
  expect(error('PFDEBUG', 'GETREG', 'none')).toBe('ERR The specified key does not exist')
  client.call('PFADD', 'k', 'a')
  expect(error('PFDEBUG', 'x', 'k')).toBe("ERR Unknown PFDEBUG subcommand 'x'")
  client.call('PFDEBUG', 'TODENSE', 'k')
  expect(error('PFDEBUG', 'DECODE', 'k')).toBe('ERR HLL encoding is not sparse')
})
