import { describe, expect, test } from 'vitest'
import { encodeRequest } from '../../../src/resp/request-encoder.ts'

function encoded(...request: Parameters<typeof encodeRequest>): string {
  return encodeRequest(...request).toString('latin1')
}

describe('a request', () => {
  test('is an array of bulk strings, empty ones and line ends among them', () => {
    expect(encoded(['SET', '', 'a\r\nb'])).toBe('*3\r\n$3\r\nSET\r\n$0\r\n\r\n$4\r\na\r\nb\r\n')
    expect(encoded([])).toBe('*0\r\n')
  })

  test('takes a character for a byte unless it is told to write UTF-8', () => {
    expect(encoded(['\xe9'])).toBe('*1\r\n$1\r\n\xe9\r\n')
    expect(encoded(['\xe9'], 'utf8')).toBe('*1\r\n$2\r\n\xc3\xa9\r\n')
  })

  test('has bytes as they are', () => {
    expect(encoded([Uint8Array.of(0, 255), 'x'], 'utf8')).toBe('*2\r\n$2\r\n\0\xff\r\n$1\r\nx\r\n')
  })
})
