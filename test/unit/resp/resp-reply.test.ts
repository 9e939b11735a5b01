/** Replies as bytes, in RESP2 and RESP3. */
import { describe, expect, test } from 'vitest'
import type { Reply } from '../../../src/resp/reply.ts'
import { RespReply } from '../../../src/resp/resp-reply.ts'

function written(protocol: 2 | 3, write: (reply: RespReply) => void): string {
  const reply = new RespReply()
  reply.protocol = protocol
  write(reply)
  return textOf(reply)
}

/** What is written behind the first `from` bytes. */
function textOf(reply: RespReply, from = 0): string {
  return reply.bytes.toString('latin1', from, reply.length)
}

const bytes = Uint8Array.of(1, 97, 13, 10, 0, 255, 2)
const view = new DataView(bytes.buffer)

const CASES: readonly [
  name: string,
  write: (reply: Reply) => void,
  resp2: string,
  resp3?: string,
][] = [
  ['ok', (r) => r.ok(), '+OK\r\n'],
  ['simple', (r) => r.simple('PONG'), '+PONG\r\n'],
  ['error', (r) => r.error('ERR no'), '-ERR no\r\n'],
  ['error with line breaks', (r) => r.error('ERR a\r\nb'), '-ERR a  b\r\n'],
  ['integer 0', (r) => r.integer(0), ':0\r\n'],
  ['integer 9', (r) => r.integer(9), ':9\r\n'],
  ['integer 10', (r) => r.integer(10), ':10\r\n'],
  ['integer -1', (r) => r.integer(-1), ':-1\r\n'],
  ['integer 2^53 - 1', (r) => r.integer(2 ** 53 - 1), ':9007199254740991\r\n'],
  ['integer 1 - 2^53', (r) => r.integer(1 - 2 ** 53), ':-9007199254740991\r\n'],
  ['big integer', (r) => r.bigInteger(-(2n ** 63n)), ':-9223372036854775808\r\n'],
  ['bulk', (r) => r.bulk(bytes, view, 1, 6), '$5\r\na\r\n\0\xff\r\n'],
  ['bulk of nothing', (r) => r.bulk(bytes, view, 3, 3), '$0\r\n\r\n'],
  ['bulkBytes', (r) => r.bulkBytes(bytes.subarray(5, 6)), '$1\r\n\xff\r\n'],
  ['bulkText', (r) => r.bulkText('a\xff'), '$2\r\na\xff\r\n'],
  ['bulkText of nothing', (r) => r.bulkText(''), '$0\r\n\r\n'],
  ['bulkInteger 0', (r) => r.bulkInteger(0), '$1\r\n0\r\n'],
  ['bulkInteger -10', (r) => r.bulkInteger(-10), '$3\r\n-10\r\n'],
  ['bulkInteger 12345', (r) => r.bulkInteger(12345), '$5\r\n12345\r\n'],
  ['nil', (r) => r.nil(), '$-1\r\n', '_\r\n'],
  ['nilArray', (r) => r.nilArray(), '*-1\r\n', '_\r\n'],
  ['double', (r) => r.double(1.5), '$3\r\n1.5\r\n', ',1.5\r\n'],
  ['infinite double', (r) => r.double(-Infinity), '$4\r\n-inf\r\n', ',-inf\r\n'],
  ['boolean true', (r) => r.boolean(true), ':1\r\n', '#t\r\n'],
  ['boolean false', (r) => r.boolean(false), ':0\r\n', '#f\r\n'],
  ['bigNumber', (r) => r.bigNumber('123'), '$3\r\n123\r\n', '(123\r\n'],
  ['verbatim', (r) => r.verbatim('txt', 'a b'), '$3\r\na b\r\n', '=7\r\ntxt:a b\r\n'],
  ['array', (r) => r.array(2), '*2\r\n'],
  ['array of 1000', (r) => r.array(1000), '*1000\r\n'],
  ['map', (r) => r.map(2), '*4\r\n', '%2\r\n'],
  ['set', (r) => r.set(2), '*2\r\n', '~2\r\n'],
  ['push', (r) => r.push(2), '*2\r\n', '>2\r\n'],
]

describe.each([2, 3] as const)('RESP%i', (protocol) => {
  test.each(CASES)('%s', (_name, write, resp2, resp3 = resp2) => {
    expect(written(protocol, write)).toBe(protocol === 2 ? resp2 : resp3)
  })

  test.each([0, 1, 9, 10, 99, 100, 12345])('an array counted at its end: %i', (count) => {
    const text = written(protocol, (reply) => {
      reply.integer(7)
      const mark = reply.beginArray()
      for (let i = 0; i < count; i++) reply.integer(i % 10)
      reply.endArray(mark, count)
      reply.ok()
    })
    const elements = Array.from({ length: count }, (_, i) => `:${i % 10}\r\n`).join('')
    expect(text).toBe(`:7\r\n*${count}\r\n${elements}+OK\r\n`)
  })

  test('a map counted at its end, within another', () => {
    const text = written(protocol, (reply) => {
      const outer = reply.beginMap()
      reply.bulkText('a')
      const inner = reply.beginMap()
      reply.integer(1)
      reply.nil()
      reply.endMap(inner, 1)
      reply.endMap(outer, 1)
    })
    const [map, nil] = protocol === 2 ? ['*2', '$-1'] : ['%1', '_']
    expect(text).toBe(`${map}\r\n$1\r\na\r\n${map}\r\n:1\r\n${nil}\r\n`)
  })
})

describe('the buffer', () => {
  test('grows, at every method, wherever it is full', () => {
    const size = new RespReply().bytes.length
    for (const [name, write, resp2] of CASES) {
      for (let room = 0; room <= resp2.length + 24; room++) {
        const reply = new RespReply()
        reply.raw(new Uint8Array(size - room))
        write(reply)
        const text = textOf(reply, size - room)
        expect(text, `${name} with room for ${room}`).toBe(resp2)
      }
    }
  })

  test('grows for one large string', () => {
    const large = Buffer.alloc(3_000_000, 'x')
    const largeView = new DataView(large.buffer, large.byteOffset, large.byteLength)
    const reply = new RespReply()
    reply.integer(1)
    reply.bulk(large, largeView, 0, large.length)
    const text = textOf(reply)
    expect(text).toBe(`:1\r\n$3000000\r\n${'x'.repeat(3_000_000)}\r\n`)
  })

  test('grows where the count of an array is put in', () => {
    const size = new RespReply().bytes.length
    for (let room = 0; room < 30; room++) {
      const reply = new RespReply()
      reply.raw(new Uint8Array(size - room - 4))
      const mark = reply.beginArray()
      reply.integer(1)
      reply.endArray(mark, 1)
      const text = textOf(reply, size - room - 4)
      expect(text).toBe('*1\r\n:1\r\n')
    }
  })

  test('is let go when it was large', () => {
    const reply = new RespReply()
    const size = reply.bytes.length
    reply.raw(new Uint8Array(5_000_000))
    reply.clear()
    expect(reply.length).toBe(0)
    expect(reply.bytes.length).toBe(size)
    reply.ok()
    expect(textOf(reply)).toBe('+OK\r\n')
  })

  test('stays when it was not', () => {
    const reply = new RespReply()
    const buffer = reply.bytes
    reply.raw(new Uint8Array(1000))
    reply.clear()
    expect(reply.bytes).toBe(buffer)
  })

  test('what was abandoned is not written to again', () => {
    const reply = new RespReply()
    reply.simple('one')
    const first = reply.bytes
    reply.abandon()
    expect(reply.length).toBe(0)
    reply.simple('two')
    expect(first.toString('latin1', 0, 6)).toBe('+one\r\n')
    expect(textOf(reply)).toBe('+two\r\n')
  })

  test('forgets what is truncated', () => {
    const reply = new RespReply()
    reply.ok()
    const mark = reply.length
    reply.array(3)
    reply.truncate(mark)
    reply.error('ERR no')
    expect(textOf(reply)).toBe('+OK\r\n-ERR no\r\n')
  })
})
