import { describe, expect, test } from 'vitest'
import { ReplyCounter } from '../../../../src/cli/benchmark/reply-counter.ts'

/** A stream, and how many replies it holds. */
const CASES: [name: string, stream: string, replies: number][] = [
  ['lines', '+OK\r\n:1\r\n:-12\r\n', 3],
  ['bulks', '$3\r\na\r\n\r\n$0\r\n\r\n$-1\r\n', 3],
  ['arrays', '*2\r\n$1\r\na\r\n:1\r\n*0\r\n*-1\r\n', 3],
  ['nested arrays', '*2\r\n*2\r\n:1\r\n:2\r\n*1\r\n*1\r\n+a\r\n+OK\r\n', 2],
  ['maps and sets', '%2\r\n+a\r\n:1\r\n+b\r\n*1\r\n:2\r\n~1\r\n:1\r\n', 2],
  ['RESP3 scalars', '_\r\n#t\r\n,1.5\r\n(123\r\n=5\r\ntxt:a\r\n', 5],
  ['attributes', '|1\r\n+a\r\n:1\r\n+OK\r\n', 1],
  ['pushes between replies', '+OK\r\n>2\r\n+invalidate\r\n*1\r\n$1\r\nk\r\n:1\r\n', 2],
]

describe('the reply counter', () => {
  test.each(CASES)('counts %s, whole', (_name, stream, replies) => {
    const bytes = Buffer.from(stream)
    expect(new ReplyCounter().count(bytes, bytes.length)).toBe(replies)
  })

  test.each(CASES)('counts %s, byte by byte and split anywhere', (_name, stream, replies) => {
    const bytes = Buffer.from(stream)
    const counter = new ReplyCounter()
    let total = 0
    for (const byte of bytes) total += counter.count(Buffer.from([byte]), 1)
    expect(total).toBe(replies)
    for (let cut = 1; cut < bytes.length; cut++) {
      const halves = new ReplyCounter()
      const first = halves.count(bytes, cut)
      const rest = bytes.subarray(cut)
      expect(first + halves.count(rest, rest.length)).toBe(replies)
    }
  })

  test.each([
    '-ERR no such thing\r\n',
    '!17\r\nERR no such thing\r\n',
    '*2\r\n:1\r\n-ERR no such thing\r\n',
  ])('keeps the text of an error: %j', (stream) => {
    const bytes = Buffer.from(stream)
    const counter = new ReplyCounter()
    for (const byte of bytes) counter.count(Buffer.from([byte]), 1)
    expect(counter.error).toBe('ERR no such thing')
  })
})
