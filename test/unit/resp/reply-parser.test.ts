import { describe, expect, test } from 'vitest'
import { type Reply, ReplyParser, ReplyProtocolError } from '../../../src/resp/reply-parser.ts'

/** A reply as plain values: aggregates as [type, ...elements], all else as [type, text]. */
function plain(reply: Reply): unknown {
  const { type, text, elements } = reply
  const isAggregate = ['array', 'map', 'set', 'push'].includes(type)
  return isAggregate ? [type, ...elements.map(plain)] : [type, text]
}

function all(parser: ReplyParser): unknown[] {
  const replies: unknown[] = []
  for (let reply = parser.next(); reply !== null; reply = parser.next()) replies.push(plain(reply))
  return replies
}

const CASES: readonly [string, unknown][] = [
  ['+OK\r\n', ['status', 'OK']],
  ['-ERR no\r\n', ['error', 'ERR no']],
  [':-9223372036854775808\r\n', ['integer', '-9223372036854775808']],
  ['$5\r\na\r\nb\n\r\n', ['string', 'a\r\nb\n']],
  ['$0\r\n\r\n', ['string', '']],
  ['$-1\r\n', ['null', '']],
  ['*-1\r\n', ['null', '']],
  ['_\r\n', ['null', '']],
  [',3.14\r\n', ['double', '3.14']],
  [',-inf\r\n', ['double', '-inf']],
  ['#t\r\n', ['boolean', 't']],
  [
    '(1234567999999999999999999999999999999\r\n',
    ['big number', '1234567999999999999999999999999999999'],
  ],
  ['=7\r\ntxt:a\nb\r\n', ['verbatim', 'a\nb']],
  ['!5\r\nERR x\r\n', ['error', 'ERR x']],
  ['*0\r\n', ['array']],
  ['*2\r\n*1\r\n:1\r\n*0\r\n', ['array', ['array', ['integer', '1']], ['array']]],
  [
    '%1\r\n+a\r\n%1\r\n:1\r\n_\r\n',
    ['map', ['status', 'a'], ['map', ['integer', '1'], ['null', '']]],
  ],
  ['~2\r\n+a\r\n+b\r\n', ['set', ['status', 'a'], ['status', 'b']]],
  ['>2\r\n+a\r\n:1\r\n', ['push', ['status', 'a'], ['integer', '1']]],
  ['|1\r\n+ttl\r\n:3\r\n*1\r\n|1\r\n+a\r\n+b\r\n$1\r\nx\r\n', ['array', ['string', 'x']]],
  ['|0\r\n:7\r\n', ['integer', '7']],
]

describe('the parser of replies', () => {
  test.each(CASES)('reads %j whole', (bytes, expected) => {
    const parser = new ReplyParser()
    parser.push(Buffer.from(bytes, 'latin1'))
    expect(all(parser)).toEqual([expected])
    expect(parser.underWay).toBe(false)
  })

  test('reads all of them byte by byte, one behind the other', () => {
    const parser = new ReplyParser()
    const replies: unknown[] = []
    for (const byte of Buffer.from(CASES.map(([bytes]) => bytes).join(''), 'latin1')) {
      parser.push(Uint8Array.of(byte))
      replies.push(...all(parser))
    }
    expect(replies).toEqual(CASES.map(([, expected]) => expected))
  })

  test('reads all of them cut in two at every byte', () => {
    const bytes = Buffer.from(CASES.map(([text]) => text).join(''), 'latin1')
    const expected = CASES.map(([, value]) => value)
    for (let cut = 0; cut <= bytes.length; cut++) {
      const parser = new ReplyParser()
      parser.push(bytes.subarray(0, cut))
      const first = all(parser)
      parser.push(bytes.subarray(cut))
      expect([...first, ...all(parser)]).toEqual(expected)
    }
  })

  test('keeps every byte of a string, which may come in many chunks', () => {
    const content = Buffer.alloc(300_000, 0).map((_, i) => i % 256)
    const parser = new ReplyParser()
    const bytes = Buffer.concat([
      Buffer.from('*2\r\n$300000\r\n'),
      content,
      Buffer.from('\r\n:1\r\n'),
    ])
    for (let at = 0; at < bytes.length; at += 1000) {
      expect(parser.underWay).toBe(at > 0)
      expect(parser.next()).toBe(null)
      parser.push(bytes.subarray(at, at + 1000))
    }
    const reply = parser.next()!
    expect(Buffer.from(reply.elements[0].text, 'latin1').equals(content)).toBe(true)
    expect(reply.elements[1].text).toBe('1')
  })

  test('nests deeply without recursion', () => {
    const parser = new ReplyParser()
    parser.push(Buffer.from(`${'*1\r\n'.repeat(100_000)}:1\r\n`))
    let reply = parser.next()!
    let depth = 0
    for (; reply.type === 'array'; reply = reply.elements[0]) depth++
    expect(depth).toBe(100_000)
  })

  test.each(['?\r\n', '$x\r\n', '*-2\r\n', '$99999999999\r\n'])('refuses %j', (bytes) => {
    const parser = new ReplyParser()
    parser.push(Buffer.from(bytes))
    expect(() => parser.next()).toThrow(ReplyProtocolError)
  })

  test('names the byte that is no type', () => {
    const parser = new ReplyParser()
    parser.push(Buffer.from('HTTP/1.1 400\r\n'))
    expect(() => parser.next()).toThrow('Protocol error, got "H" as reply type byte')
  })
})
