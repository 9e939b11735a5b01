/**
 * Inputs for the protocol fuzz: what a client sends that is broken, hostile or merely odd.
 *
 * Pure noise hardly ever gets past the first byte, so most inputs begin as sound pipelines and are
 * then damaged in a few places: bytes flipped, cut out, doubled or put in, lengths changed, line
 * ends lost. The rest is inline text, claims of huge sizes, long lines and noise. The sequence
 * follows from the seed alone.
 *
 * Left out on purpose are commands that end or halt the server or touch its files (SHUTDOWN,
 * DEBUG, CONFIG, CLIENT PAUSE and the like).
 */
import { Random } from '../../src/platform/random.ts'

const COMMANDS: readonly string[] = [
  ...['SET', 'GET', 'GETSET', 'GETDEL', 'GETEX', 'SETNX', 'SETEX', 'PSETEX', 'APPEND', 'STRLEN'],
  ...['SETRANGE', 'GETRANGE', 'SUBSTR', 'INCR', 'DECR', 'INCRBY', 'DECRBY', 'INCRBYFLOAT', 'MGET'],
  ...['MSET', 'MSETNX', 'LCS', 'DELIFEQ', 'COPY', 'DEL', 'UNLINK', 'EXISTS', 'EXPIRE', 'PEXPIRE'],
  ...['EXPIREAT', 'PEXPIREAT', 'EXPIRETIME', 'PEXPIRETIME', 'PERSIST', 'TTL', 'PTTL', 'KEYS'],
  ...['MOVE', 'OBJECT', 'RANDOMKEY', 'RENAME', 'RENAMENX', 'SCAN', 'TOUCH', 'TYPE', 'SELECT'],
  ...['AUTH', 'CLIENT', 'ECHO', 'HELLO', 'PING', 'QUIT', 'RESET', 'COMMAND', 'DBSIZE', 'FLUSHDB'],
  ...['FLUSHALL', 'INFO', 'LOLWUT', 'SWAPDB', 'TIME', 'MULTI', 'EXEC', 'DISCARD', 'WATCH'],
  ...['SETBIT', 'GETBIT', 'BITCOUNT', 'BITPOS', 'BITOP', 'BITFIELD', 'PFADD', 'PFCOUNT'],
  ...['LPUSH', 'LRANGE', 'HSET', 'HGETALL', 'SADD', 'SPOP', 'ZADD', 'ZRANGE', 'XADD', 'SORT'],
  ...['SUBSCRIBE', 'UNSUBSCRIBE', 'PUBLISH', 'DUMP', 'RESTORE', 'NOSUCH', '', 'G\0T'],
]

const WORDS: readonly string[] = [
  ...['key', 'k', 'key2', '{k}1', '', ' ', '*', '?', '[a-', '[^x]*', '\\', 'k*****y', '"', "'"],
  ...['EX', 'PX', 'EXAT', 'PXAT', 'KEEPTTL', 'NX', 'XX', 'GT', 'LT', 'GET', 'IFEQ', 'PERSIST'],
  ...['REPLACE', 'DB', 'MATCH', 'COUNT', 'TYPE', 'string', 'IDX', 'LEN', 'MINMATCHLEN', 'ID'],
  ...['ENCODING', 'FREQ', 'IDLETIME', 'REFCOUNT', 'SETNAME', 'GETNAME', 'LIST', 'INFO', 'ON'],
  ...['OFF', 'SKIP', 'REPLY', 'DOCS', 'GETKEYS', 'ASYNC', 'SYNC', 'BYTE', 'BIT', 'AND', 'NOT'],
  ...['\r\n', '\0', '\xff\xfe', '__proto__', 'constructor', 'u8', 'i64', '#1', '2', '3', '16'],
]

const NUMBERS: readonly string[] = [
  ...['0', '1', '-1', '-0', '+1', '01', '1e3', '10', '11', '16384', '16385', '65536', '1048576'],
  ...['1048577', '536870911', '536870912', '536870913', '2147483647', '2147483648', '-2147483649'],
  ...['4294967295', '4294967296', '9007199254740991', '9007199254740992', '9223372036854775807'],
  ...['9223372036854775808', '-9223372036854775808', '18446744073709551616', '1.5', 'inf', 'nan'],
  ...['', ' 1', '1 ', '99999999999999999999999999', '0x10', '3.0e-320', '1e400'],
]

const INLINE_PIECES: readonly string[] = [
  ...[' ', '\t', '"', "'", '\\', '\\x41', '\\x', '\\n', '\r', '\n', '\r\n', '\0', '\xff', 'a'],
  ...['PING', 'SET', 'GET', 'key', '"a b"', "'it\\'s'", '*1', '$3', '-1', 'POST', 'Host:'],
]

const LONG_BYTES = 70_000

export class FuzzInputs {
  readonly #random: Random

  constructor(seed: number) {
    this.#random = new Random(seed)
  }

  /** From 0 to `limit` - 1. */
  below(limit: number): number {
    return this.#random.below(limit)
  }

  /** The next input. */
  next(): Uint8Array {
    const kind = this.below(1000)
    if (kind < 550) return this.#mutated(this.#pipeline())
    if (kind < 700) return this.#pipeline()
    if (kind < 850) return this.#inline()
    if (kind < 940) return this.#claim()
    if (kind < 995) return this.#noise(this.below(200))
    return this.#long()
  }

  #pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)] as T
  }

  #noise(count: number): Buffer {
    return Buffer.from(Array.from({ length: count }, () => this.below(256)))
  }

  #argument(): Buffer {
    const kind = this.below(20)
    if (kind < 10) return Buffer.from(this.#pick(WORDS), 'latin1')
    if (kind < 16) return Buffer.from(this.#pick(NUMBERS), 'latin1')
    if (kind < 19) return this.#noise(this.below(24))
    return Buffer.alloc(this.below(3000), this.below(256))
  }

  #command(): Buffer {
    const name = this.#pick(COMMANDS)
    const parts: Buffer[] = [
      Buffer.from(this.below(4) === 0 ? name.toLowerCase() : name, 'latin1'),
      ...Array.from({ length: this.below(6) }, () => this.#argument()),
    ]
    const framed = parts.flatMap((part) => [
      Buffer.from(`$${part.length}\r\n`),
      part,
      Buffer.from('\r\n'),
    ])
    return Buffer.concat([Buffer.from(`*${parts.length}\r\n`), ...framed])
  }

  #pipeline(): Buffer {
    return Buffer.concat(Array.from({ length: 1 + this.below(4) }, () => this.#command()))
  }

  #inline(): Buffer {
    const text = Array.from({ length: this.below(12) }, () => this.#pick(INLINE_PIECES))
    const end = this.#pick(['\r\n', '\n', ''])
    const name = this.below(2) === 0 ? this.#pick(COMMANDS) : ''
    return Buffer.from(`${name}${text.join('')}${end}`, 'latin1')
  }

  /** A header that promises much, and little behind it. */
  #claim(): Buffer {
    const sound = this.below(2) === 0 ? '' : `*${1 + this.below(4)}\r\n`
    const claim = `${this.#pick(['*', '$'])}${this.#pick(NUMBERS)}\r\n`
    return Buffer.concat([Buffer.from(sound + claim, 'latin1'), this.#noise(this.below(40))])
  }

  /** A line or an argument beyond the 64 KB that lines may have. */
  #long(): Buffer {
    const fill = Buffer.alloc(LONG_BYTES - this.below(9000), 97 + this.below(4))
    const head = this.#pick(['', '*', '$', '*1\r\n$', `*2\r\n$4\r\nECHO\r\n$${fill.length}\r\n`])
    return Buffer.concat([Buffer.from(head), fill, Buffer.from(this.#pick(['', '\r\n']))])
  }

  #mutated(sound: Buffer): Buffer {
    let bytes = sound
    for (let changes = 1 + this.below(3); changes > 0; changes--) bytes = this.#mutateOnce(bytes)
    return bytes
  }

  #mutateOnce(bytes: Buffer): Buffer {
    const at = this.below(bytes.length + 1)
    const length = Math.min(bytes.length - at, 1 + this.below(16))
    const before = bytes.subarray(0, at)
    const range = bytes.subarray(at, at + length)
    const after = bytes.subarray(at + length)
    switch (this.below(8)) {
      case 0: // some bits of one byte flipped
        if (at === bytes.length) return bytes
        return Buffer.concat([
          before,
          Buffer.of((bytes[at] as number) ^ (1 + this.below(255))),
          bytes.subarray(at + 1),
        ])
      case 1:
        return Buffer.from(before) // cut off
      case 2:
        return Buffer.concat([before, after]) // cut out
      case 3:
        return Buffer.concat([before, range, range, after]) // doubled
      case 4:
        return Buffer.concat([before, this.#noise(length), range, after]) // put in
      case 5:
        return Buffer.concat([
          before,
          Buffer.from(this.#pick(['\r', '\n', '\r\n', '$', '*'])),
          after,
        ])
      default:
        return this.#changeLength(bytes, at)
    }
  }

  /** Gives the first header after `from` another number. */
  #changeLength(bytes: Buffer, from: number): Buffer {
    for (let i = from; i < bytes.length; i++) {
      if (bytes[i] !== 0x24 && bytes[i] !== 0x2a) continue
      let end = i + 1
      while (end < bytes.length && bytes[end] !== 0x0d) end++
      const number = this.below(2) === 0 ? this.#pick(NUMBERS) : String(this.below(40))
      return Buffer.concat([
        bytes.subarray(0, i + 1),
        Buffer.from(number, 'latin1'),
        bytes.subarray(end),
      ])
    }
    return bytes
  }
}
