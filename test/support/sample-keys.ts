/**
 * Commands that make keys of every type and encoding, for the tests of persistence and for the
 * golden files. Strings are of Latin-1.
 */

export type SampleCommand = readonly (string | number)[]

export function many(count: number, of: (i: number) => string): string[] {
  return Array.from({ length: count }, (_, i) => of(i))
}

export const SAMPLE_COMMANDS: readonly SampleCommand[] = [
  ['SET', 'int8', '-128'],
  ['SET', 'int16', '32767'],
  ['SET', 'int32', '-2147483648'],
  ['SET', 'int33', '2147483648'],
  ['SET', 'int64', '-9223372036854775808'],
  ['SET', 'notint', '007'],
  ['SET', 'minus', '-'],
  ['SET', 'empty', ''],
  ['SET', 'embstr', 'some short text'],
  ['SET', 'raw', 'x'.repeat(100)],
  ['SET', 'text', 'repeat this text, '.repeat(200)],
  ['SET', 'inline-limit', 'ab'.repeat(2048)],
  ['SET', 'separate', 'abc'.repeat(3000)],
  ['SET', 'huge', 'huge'.repeat(400_000)],
  ['SET', '', 'the empty key'],
  ['SET', 'expiring', 'value', 'PXAT', '1999999999999'],
  ['SET', '\0\r\n\xff', '\xff\0'],
  ['RPUSH', 'list', 'a', '1', '', '-5', 'b'.repeat(70)],
  ['RPUSH', 'long list', ...many(3000, (i) => `element ${i}`)],
  ['RPUSH', 'large elements', 'l'.repeat(20_000), 's', 'm'.repeat(9000)],
  ['SADD', 'intset', '3', '-1', '70000', '9223372036854775807'],
  ['SADD', 'listpack set', 'x', 'y', '12'],
  ['SADD', 'set', ...many(700, (i) => `member ${i}`)],
  ['SADD', 'integers', ...many(600, (i) => `${i * 37}`)],
  ['HSET', 'hash', 'f', 'v', 'n', '17', '', ''],
  ['HSET', 'large hash', ...many(400, (i) => `x${i}`)],
  ['HSET', 'long value', 'field', 'v'.repeat(65)],
  ['ZADD', 'zset', '1', 'a', '-0.5', 'b', '3000000000.5', 'c', 'inf', 'd', '-inf', 'e'],
  ['ZADD', 'large zset', ...many(600, (i) => (i % 2 === 0 ? `${i * 0.375}` : `m${i}`))],
  ['ZADD', 'long member', '2', 'm'.repeat(65)],
  ['PEXPIREAT', 'large hash', '1888888888888'],
  ['SELECT', '9'],
  ['SET', 'elsewhere', '1'],
]

/** The same without what is too long for a file that is not compressed. */
export const SHORT_SAMPLE_COMMANDS = SAMPLE_COMMANDS.filter(([, key]) => key !== 'huge')

/** A command as bytes, each character one. */
export function latin1Words(words: SampleCommand): Uint8Array[] {
  return words.map((word) => Buffer.from(String(word), 'latin1'))
}
