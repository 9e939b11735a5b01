/**
 * What a client is told of keys that it may hold in a cache of its own, as bytes. A message is
 * encoded once for each kind of receiver, and all receivers of a kind get the same bytes:
 *
 *   with RESP3   >2 invalidate  <keys>
 *   with RESP2   *3 message  __redis__:invalidate  <keys>, to one that listens to channels
 *
 * where <keys> is an array of names, or null for all keys. Source: Redis 7.2.6 (tracking.c).
 */
import { writeString } from './pubsub.ts'

const PUSH = Buffer.from('>2\r\n$10\r\ninvalidate\r\n')
const MESSAGE = Buffer.from('*3\r\n$7\r\nmessage\r\n$20\r\n__redis__:invalidate\r\n')
const ONE_KEY = Buffer.from('*1\r\n')
const NULL_BULK_2 = Buffer.from('$-1\r\n')
const NULL_3 = Buffer.from('_\r\n')
/** `$`, the digits of a length and twice CRLF; the digits are written with room to spare. */
const STRING_EXTRA_BYTES = 24

export class Invalidation {
  private readonly body: Buffer
  private push: Buffer | null = null
  private message: Buffer | null = null

  private constructor(body: Buffer) {
    this.body = body
  }

  /** Of the one key from `start` to `end` in `bytes`. */
  static ofKey(bytes: Uint8Array, start: number, end: number): Invalidation {
    const body = Buffer.allocUnsafe(ONE_KEY.length + end - start + STRING_EXTRA_BYTES)
    ONE_KEY.copy(body)
    return new Invalidation(body.subarray(0, writeString(body, ONE_KEY.length, bytes, start, end)))
  }

  /** Of several keys, given as Latin-1 text. */
  static ofKeys(keys: readonly string[]): Invalidation {
    const parts = keys.map((key) => `$${key.length}\r\n${key}\r\n`)
    return new Invalidation(Buffer.from(`*${keys.length}\r\n${parts.join('')}`, 'latin1'))
  }

  /** Of all keys; the null is that of the protocol of whoever has read them. */
  static ofAll(protocol: 2 | 3): Invalidation {
    return new Invalidation(protocol === 3 ? NULL_3 : NULL_BULK_2)
  }

  /** As it is sent to a client with RESP3. */
  get asPush(): Buffer {
    this.push ??= Buffer.concat([PUSH, this.body])
    return this.push
  }

  /** As it is sent to a client with RESP2 that listens to channels. */
  get asMessage(): Buffer {
    this.message ??= Buffer.concat([MESSAGE, this.body])
    return this.message
  }
}

/** Told to a client with RESP3 whose messages go to a client that is gone. */
export function brokenRedirection(clientId: number): Buffer {
  return Buffer.from(`>2\r\n$21\r\ntracking-redir-broken\r\n:${clientId}\r\n`)
}
